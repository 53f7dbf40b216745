//! No broken form lets a stopped caller through: a byte of his INVITE is changed, taken away, or has another put before it,
//! and what a tolerant next hop would still put through as his call is stopped, whatever else is wrong with it. Merely to refuse its
//! form would not do: a proxy may be set to let calls go on whose form was refused.
//!
//! The promise holds for each way of showing a caller (From, P-Asserted-Identity, Remote-Party-ID; long, compact, folded),
//! on trunks from the own network, from other networks and from abroad, whether broken forms are refused or decided about,
//! over UDP and on connections. It is about callers that stand on the list as a whole number, on a trunk whose bare digits
//! are read as they stand on the list. What a tolerant next hop takes for his call is said by [`would_pass_on`]: the request
//! line and the headers that every call needs can be read, and one of the headers that name a caller shows his digits,
//! whatever stands between them. Where a change makes another number, or no number, of the caller, nothing is promised.
//!
//! All single changes are asked in the lines that show the caller, and anywhere in the forms of [`WHOLE`]; elsewhere those
//! at every fifth byte. Each is asked, over UDP, of two seats on one trunk (one that refuses broken forms, one that decides
//! about them) and, as it would come on a connection, of one seat; trunks and seats take turns, change by change.
//! Several changes at once are drawn at random; `PROPTEST_CASES` draws more of them.

use std::sync::Arc;
use std::time::Instant;

use kernel::Clock;
use proptest::prelude::*;
use screen::{BareDigits, EntryKind, ListEntry, Number, NumberList, Pattern, Screen, TrunkKind};
use sip::{Frame, Framer, Refusal, TagKey};

use super::config::{BadForm, Settings, TrunkSettings};
use super::decide::Decider;
use super::memory::Memory;
use super::peers::Peers;
use super::redirect::Redirect;
use crate::screening::Screening;

/// On the list, as the national digits that a display would show.
const STOPPED: &str = "17012345678";
const CALLEE: &str = "+8619000000001";

/// What a byte is changed into.
const BYTES: [u8; 17] =
    [0x00, b'\t', b'\r', b'\n', b' ', b'"', b'%', b',', b':', b';', b'<', b'>', b'@', b'\\', b'a', 0x80, 0xff];

fn redirect(bad_form: BadForm, kind: TrunkKind) -> Redirect {
    let group = TrunkSettings {
        id: 1,
        kind,
        from: vec!["192.0.2.1".into()],
        bare_digits: Some(BareDigits::National),
        asserted: true,
        relay: false,
    };
    let config = Arc::new(Settings { bad_form, trunks: vec![group], ..Settings::default() }.check().unwrap());
    let small = screen::Settings { callers_max: 1 << 8, senders_max: 1 << 8, ..screen::Settings::default() };
    let screen = Arc::new(Screen::with_settings(small));
    let entry = ListEntry {
        pattern: Pattern::Full(Number::parse(STOPPED).unwrap()),
        kind: EntryKind::Block,
        reason: "scam".into(),
        source: "centre".into(),
        expires_at: None,
        case: None,
    };
    let clock = Clock::system();
    screen.swap_list(Arc::new(NumberList::build([entry], 1, clock.now())));
    let (screening, _events) = Screening::new(screen, clock);
    let (wanted, _) = tokio::sync::mpsc::channel(1);
    Redirect::new(Decider { config, screening, certificates: None, wanted }, Peers::new(0, 0), TagKey::new([1; 16]))
}

/// The status of the answer to a datagram; nothing where none is sent.
fn datagram(redirect: &Redirect, bytes: &[u8]) -> Option<String> {
    let (mut memory, mut out) = (Memory::with_places(2), Vec::new());
    let at = redirect.decider.screening.now();
    redirect.answer(&mut memory, bytes, "192.0.2.1:5060".parse().unwrap(), at, &mut out);
    status(&out)
}

fn status(out: &[u8]) -> Option<String> {
    (!out.is_empty()).then(|| String::from_utf8_lossy(&out[8..11]).into_owned())
}

/// Whether an answer stops a call for every proxy, however it is set. Silence does not.
fn is_stop(status: Option<&str>) -> bool {
    matches!(status, Some("603" | "608" | "302"))
}

/// The statuses of all answers on a connection.
fn stream(redirect: &Redirect, mut bytes: &[u8]) -> Vec<String> {
    let (mut framer, mut answers, source) = (Framer::default(), Vec::new(), "192.0.2.1:5060".parse().unwrap());
    let at = redirect.decider.screening.now();
    loop {
        let mut out = Vec::new();
        let mut memory = Memory::with_places(2);
        let taken = match framer.next(bytes) {
            Frame::More => return answers,
            Frame::Skip(n) | Frame::Ping(n) => n,
            Frame::Message(n) => {
                redirect.answer(&mut memory, &bytes[..n], source, at, &mut out);
                n
            }
            Frame::Bad(n) => {
                framer.seek();
                let refusal = Refusal { status: 400, why: "Bad Request" };
                redirect.answer_loose(&mut memory, &bytes[..n], source, refusal, (at, Instant::now()), &mut out);
                n
            }
        };
        answers.extend(status(&out));
        bytes = &bytes[taken..];
    }
}

/// Whether a next hop that puts up with nearly anything would put this through as a call of the stopped caller. A reader of
/// its own, which has nothing in common with those that are tested.
fn would_pass_on(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    [&['\n'][..], &['\n', '\r'][..]].iter().any(|breaks| {
        let mut lines: Vec<String> = Vec::new();
        for line in text.split(|c| breaks.contains(&c)) {
            let line = line.trim_end_matches('\r');
            match lines.last_mut() {
                Some(last) if line.starts_with([' ', '\t']) && !line.trim().is_empty() => last.push_str(line),
                _ => lines.push(line.to_owned()),
            }
        }
        let Some(first) = lines.first() else { return false };
        let parts: Vec<&str> = first.split_whitespace().collect();
        let [method, uri, version] = parts.as_slice() else { return false };
        let routable = *method == "INVITE"
            && *version == "SIP/2.0"
            && (uri.starts_with("sip:") || uri.starts_with("tel:"))
            && uri.contains("19000000001");
        let headers: Vec<(String, &str)> = lines
            .iter()
            .skip(1)
            .take_while(|line| !line.is_empty())
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.trim().to_ascii_lowercase(), value))
            .collect();
        let any = |names: &[&str]| headers.iter().any(|(name, _)| names.contains(&name.as_str()));
        let shown = |names: &[&str]| {
            headers.iter().filter(|(name, _)| names.contains(&name.as_str())).any(|(_, value)| shows_stopped(value))
        };
        routable
            && any(&["via", "v"])
            && any(&["from", "f"])
            && any(&["to", "t"])
            && any(&["call-id", "i"])
            && any(&["cseq"])
            && shown(&["from", "f", "p-asserted-identity", "remote-party-id"])
    })
}

fn shows_stopped(value: &str) -> bool {
    let Some((_, behind)) = value.split_once("sip:").or_else(|| value.split_once("tel:")) else { return false };
    let user = behind.split(['@', ';', '>', ':']).next().unwrap_or("");
    let digits: String = user.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    [format!("+86{STOPPED}"), format!("86{STOPPED}"), format!("0086{STOPPED}"), STOPPED.to_owned()].contains(&digits)
}

/// INVITEs in which the stopped caller shows himself in each of the ways that there are.
fn invites() -> Vec<String> {
    let of = |lines: &str| {
        format!(
            "INVITE sip:{CALLEE}@callee.example;user=phone SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKone;rport\r\n\
             Max-Forwards: 70\r\n{lines}\r\nTo: <sip:{CALLEE}@callee.example>\r\nCall-ID: one@caller.example\r\n\
             CSeq: 1 INVITE\r\nContact: <sip:a@192.0.2.1>\r\nContent-Length: 0\r\n\r\n"
        )
    };
    let compact = |invite: String| {
        [
            ("Via:", "v:"),
            ("From:", "f:"),
            ("To:", "t:"),
            ("Call-ID:", "i:"),
            ("Contact:", "m:"),
            ("Content-Length:", "l:"),
        ]
        .iter()
        .fold(invite, |invite, (long, short)| invite.replace(&format!("\r\n{long}"), &format!("\r\n{short}")))
    };
    let other = "From: <sip:13800138000@a.example>;tag=t1";
    vec![
        of(&format!("From: \"A\" <sip:{STOPPED}@caller.example>;tag=t1")),
        compact(of(&format!("From: <sip:+86{STOPPED}@caller.example;user=phone>;tag=t1"))),
        of(&format!("From:\r\n <tel:+86{STOPPED}>;tag=t1")),
        of(&format!("{other}\r\nP-Asserted-Identity: <sip:+86{STOPPED}@ims.example>")),
        of(&format!("From: <sip:anonymous@anonymous.invalid>;tag=t1\r\nP-Asserted-Identity: \"B\" <tel:{STOPPED}>")),
        of(&format!("{other}\r\nP-Asserted-Identity:\r\n\t<sip:0086{STOPPED}@ims.example;user=phone>")),
        compact(of(&format!("{other}\r\nP-Asserted-Identity: tel:+86{STOPPED}"))),
        of(&format!("f: tel:+86{STOPPED};tag=t1")),
        of(&format!("{other}\r\nRemote-Party-ID: <sip:{STOPPED}@a.example>;party=calling")),
        of(&format!("{other}\r\nRemote-Party-ID: \"C\"\r\n  <sip:+86{STOPPED}@a.example>;party=calling;screen=yes")),
    ]
}

/// The part of an INVITE that shows its caller.
fn caller_lines(invite: &str) -> std::ops::Range<usize> {
    let to = invite.find("\r\nTo:").or_else(|| invite.find("\r\nt:")).unwrap();
    invite.find("Max-Forwards").unwrap()..to + 6
}

/// Every change of one byte within a range.
fn changes(invite: &str, range: std::ops::Range<usize>) -> impl Iterator<Item = Vec<u8>> {
    let original = invite.as_bytes().to_vec();
    range.flat_map(move |at| {
        let original = original.clone();
        let without = [&original[..at], &original[at + 1..]].concat();
        BYTES
            .into_iter()
            .flat_map(move |byte| {
                let changed = [&original[..at], &[byte], &original[at + 1..]].concat();
                [changed, [&original[..at], &[byte], &original[at..]].concat()]
            })
            .chain([without])
    })
}

/// One seat for each kind of trunk and each treatment of broken forms; those of one trunk stand together.
fn seats() -> Vec<Redirect> {
    [TrunkKind::Home, TrunkKind::National, TrunkKind::Foreign]
        .into_iter()
        .flat_map(|kind| [BadForm::Refuse, BadForm::Decide].map(|form| redirect(form, kind)))
        .collect()
}

/// The forms of which every byte is changed.
const WHOLE: [usize; 2] = [0, 6];

#[test]
fn no_change_of_one_byte_lets_a_stopped_caller_through() {
    let seats = seats();
    let (mut passed_on, mut answered, mut stopped) = (0_usize, 0_usize, 0_usize);
    let mut through = std::collections::BTreeSet::new();
    for (index, invite) in invites().into_iter().enumerate() {
        assert!(would_pass_on(invite.as_bytes()), "{invite}");
        let caller = caller_lines(&invite);
        for at in 0..invite.len() {
            let shows_caller = caller.contains(&at);
            if !shows_caller && !WHOLE.contains(&index) && at % 5 != index % 5 {
                continue;
            }
            for changed in changes(&invite, at..at + 1).filter(|changed| would_pass_on(changed)) {
                passed_on += 1;
                let pair = passed_on % 3 * 2;
                for seat in &seats[pair..pair + 2] {
                    answered += 1;
                    let told = datagram(seat, &changed);
                    stopped += usize::from(told.as_deref() == Some("608"));
                    if !is_stop(told.as_deref()) {
                        through.insert(format!("{:?}", String::from_utf8_lossy(&changed)));
                    }
                }
                let told = stream(&seats[passed_on % seats.len()], &changed);
                if told.contains(&"404".to_owned()) {
                    through.insert(format!("{:?} {told:?}", String::from_utf8_lossy(&changed)));
                }
            }
        }
    }
    let some: Vec<&str> = through.iter().map(String::as_str).take(40).collect();
    assert!(through.is_empty(), "{} of {passed_on} are let through:\n{}", through.len(), some.join("\n"));
    assert!(passed_on > 30_000, "{passed_on} changes that a tolerant next hop puts up with");
    // Nearly all are stopped as what they are, and not for their form.
    assert!(stopped * 100 > answered * 95, "{stopped} of {answered}");
}

#[test]
fn what_follows_on_a_connection_is_answered_whatever_came_before() {
    let seat = redirect(BadForm::Refuse, TrunkKind::National);
    let clean = invites().remove(0).replace(STOPPED, "13800138000");
    let stopped = invites().remove(0);
    for changed in changes(&stopped, 0..stopped.len()).step_by(4) {
        // What a changed length swallows is the only thing that may be missing.
        let told = stream(&seat, &[&changed, clean.as_bytes(), clean.as_bytes(), clean.as_bytes()].concat());
        assert!(told.ends_with(&["404".to_owned()]), "{:?} {told:?}", String::from_utf8_lossy(&changed));
    }
}

fn cases() -> ProptestConfig {
    let asked = ProptestConfig::default();
    ProptestConfig { cases: asked.cases.max(3_000), ..asked }
}

/// A byte: any, or one that means something.
fn byte() -> impl Strategy<Value = u8> {
    prop_oneof![any::<u8>(), prop::sample::select(BYTES.to_vec()), prop::sample::select(b"0179+-.()=?/&_".to_vec())]
}

proptest! {
    #![proptest_config(cases())]
    #[test]
    fn nor_do_several_changes(
        which in 0_usize..10,
        edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<bool>(), byte(), 0_u8..3), 1..6),
        seat in 0_usize..6,
    ) {
        let invite = invites().swap_remove(which);
        let caller = caller_lines(&invite);
        let mut bytes = invite.into_bytes();
        for (at, near, byte, how) in edits {
            let at = if near { caller.start + at.index(caller.len() - 10) } else { at.index(bytes.len()) };
            match how {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => drop(bytes.remove(at)),
            }
        }
        if would_pass_on(&bytes) {
            let form = [BadForm::Refuse, BadForm::Decide][seat % 2];
            let seat = redirect(form, [TrunkKind::Home, TrunkKind::National, TrunkKind::Foreign][seat / 2]);
            let told = datagram(&seat, &bytes);
            prop_assert!(is_stop(told.as_deref()), "{:?} {:?}", told, String::from_utf8_lossy(&bytes));
            prop_assert!(!stream(&seat, &bytes).contains(&"404".to_owned()), "{:?}", String::from_utf8_lossy(&bytes));
        }
    }
}
