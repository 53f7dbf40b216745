//! A request whose form is broken, made well-formed, for the one case in which it must go on all the same: a call for help.
//!
//! What can be read is kept; what cannot be read is left out, and what no request can do without is filled in.

use memchr::memmem;

use crate::address::NameAddr;
use crate::limits::{HEAD_BYTES_MAX, HEADERS_MAX, MESSAGE_BYTES_MAX};
use crate::loose::Loose;
use crate::message::{check, parse};
use crate::name::Name;
use crate::peek::Lines;
use crate::tag::TagKey;
use crate::via::{CSeq, decimal};

/// Room that is left for what an element that passes a request on adds to it.
const HEADERS_ADDED_MAX: usize = 16;
const BYTES_ADDED_MAX: usize = 4_096;

/// A well-formed request with all that can be read of this one. `None` where there is no address to call, no Via to answer
/// to, and within a call, which is no call for help any more.
pub fn mend(bytes: &[u8], tags: &TagKey) -> Option<Vec<u8>> {
    let bytes = bytes.get(..bytes.len().min(MESSAGE_BYTES_MAX))?;
    let loose = Loose::read(bytes).filter(|loose| !loose.is_within_dialog())?;
    let uri = loose.uri?.split('?').next()?;
    let (head, body) = parts(bytes);
    let even = even(head);
    let lines: Vec<(Name<'_>, &str)> = Lines::of(&even).filter_map(Result::ok).collect();
    let all = |name: Name<'static>| {
        lines.iter().filter(move |(n, _)| *n == name).map(|(_, value)| (*value).to_owned()).chain(
            // Where the line is none by the strict reading.
            loose.texts(name).map(|value| value.trim().to_owned()),
        )
    };
    let mut vias: Vec<String> = lines.iter().filter(|(n, _)| *n == Name::Via).map(|(_, v)| (*v).to_owned()).collect();
    if vias.is_empty() {
        vias.extend(loose.text(Name::Via).map(|value| value.trim().to_owned()));
    }
    // Answers go back by the first.
    check(Name::Via, vias.first()?).ok()?;
    vias.retain(|value| check(Name::Via, value).is_ok());
    let address = |name, instead: &str| {
        all(name).find(|value| NameAddr::parse(value).is_some()).unwrap_or_else(|| {
            let tag = all(name)
                .find_map(|value| tag_in(&value).map(str::to_owned))
                .map_or_else(String::new, |tag| format!(";tag={tag}"));
            format!("<{instead}>{tag}")
        })
    };
    let from = address(Name::From, "sip:anonymous@anonymous.invalid");
    let to = address(Name::To, uri);
    let call_id = all(Name::CallId)
        .map(|value| value.split_whitespace().collect::<String>())
        .find(|value| !value.is_empty())
        .unwrap_or_else(|| format!("{:016x}", loose.tag(tags)));
    let cseq = all(Name::CSeq)
        .find(|value| CSeq::parse(value).is_some_and(|cseq| cseq.method == loose.method))
        .unwrap_or_else(|| {
            let digits = all(Name::CSeq).next().unwrap_or_default();
            let digits: String = digits.chars().filter(char::is_ascii_digit).take(9).collect();
            format!("{} {}", digits.parse::<u32>().unwrap_or(1), loose.method)
        });
    let mut out = format!("{} {uri} SIP/2.0\r\n", loose.method);
    let mut count = 0;
    let mut push = |out: &mut String, name: &str, value: &str| {
        let line = format!("{name}: {value}\r\n");
        if count < HEADERS_MAX - HEADERS_ADDED_MAX && out.len() + line.len() < HEAD_BYTES_MAX - BYTES_ADDED_MAX {
            count += 1;
            out.push_str(&line);
        }
    };
    for via in &vias {
        push(&mut out, "Via", via);
    }
    for (name, value) in [("From", &from), ("To", &to), ("Call-ID", &call_id), ("CSeq", &cseq)] {
        push(&mut out, name, value);
    }
    // What leads the call, and says what its body is, before what is kept if there is room.
    let leads = |name: &Name<'_>| {
        matches!(name, Name::Route | Name::RecordRoute | Name::Contact | Name::MaxForwards)
            || name.as_str().eq_ignore_ascii_case("Content-Type")
    };
    let (first, second): (Vec<_>, Vec<_>) = lines.iter().copied().partition(|(name, _)| leads(name));
    let mut seen: Vec<Name<'_>> = Vec::new();
    for (name, value) in first.into_iter().chain(second) {
        let written =
            matches!(name, Name::Via | Name::From | Name::To | Name::CallId | Name::CSeq | Name::ContentLength);
        let readable = match name {
            Name::MaxForwards => decimal(value).is_some_and(|n| u8::try_from(n).is_ok()),
            Name::Date => value.ends_with("GMT"),
            _ => check(name, value).is_ok(),
        };
        if written || !readable || (name.is_single() && seen.contains(&name)) {
            continue;
        }
        seen.push(name);
        push(&mut out, name.as_str(), value);
    }
    let length = Loose::stated_length(head).unwrap_or(body.len()).min(body.len());
    let body = body.get(..length)?;
    let mut out = [out, format!("Content-Length: {length}\r\n\r\n")].concat().into_bytes();
    out.extend_from_slice(body);
    parse(&out).is_ok().then_some(out)
}

/// The head behind the request line, and the body.
fn parts(bytes: &[u8]) -> (&[u8], &[u8]) {
    let start = bytes.iter().position(u8::is_ascii_alphabetic).unwrap_or(0);
    let bytes = bytes.get(start..).unwrap_or_default();
    let line = bytes.iter().position(|b| matches!(b, b'\r' | b'\n')).unwrap_or(bytes.len());
    let bytes = bytes.get(line..).unwrap_or_default();
    let end = memmem::find(bytes, b"\r\n\r\n")
        .map(|at| (at + 2, at + 4))
        .or_else(|| memmem::find(bytes, b"\n\n").map(|at| (at + 1, at + 2)));
    let (head, body) = end.unwrap_or((bytes.len(), bytes.len()));
    (bytes.get(..head).unwrap_or_default(), bytes.get(body..).unwrap_or_default())
}

/// The lines of a head, each ended by CRLF, other control characters as spaces, bytes that are no text replaced.
fn even(head: &[u8]) -> String {
    let text = String::from_utf8_lossy(head);
    let mut even = String::with_capacity(text.len() + 2);
    let lines = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
    for line in lines.filter(|line| !line.trim().is_empty()) {
        even.extend(line.chars().map(|c| if c.is_ascii_control() { ' ' } else { c }));
        even.push_str("\r\n");
    }
    even
}

/// The tag of an address that cannot be read.
fn tag_in(value: &str) -> Option<&str> {
    let at = memmem::rfind(value.as_bytes(), b";tag=")?;
    let tag = value.get(at + 5..)?.split(|c: char| !c.is_ascii_alphanumeric() && !"-.!%*_+`'~".contains(c)).next()?;
    (!tag.is_empty()).then_some(tag)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peek::Peek;

    const HELP: &str = "INVITE sip:110@callee.example SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n\
        From: <sip:13800138000@caller.example>;tag=t1\r\nTo: <sip:110@callee.example>\r\nCall-ID: c\r\nCSeq: 7 INVITE\r\n\
        Contact: <sip:a@192.0.2.1>\r\nContent-Type: application/sdp\r\nContent-Length: 4\r\n\r\nv=0\n";

    #[test]
    fn what_can_be_read_of_a_broken_call_goes_on() {
        let many = format!("\r\n{}Max-Forwards", "X-More: y\r\n".repeat(300));
        for (broken, kept) in [
            (HELP.replace("Contact: <", "Contact: <<"), "CSeq: 7 INVITE\r\n"),
            (HELP.replace("To: <sip:110", "To: <sip\0:110"), "Contact: <sip:a@192.0.2.1>\r\n"),
            (HELP.replace("CSeq: 7", "CSeq: x7"), "CSeq: 7 INVITE\r\n"),
            (HELP.replace("From: <sip:", "From: \"open <sip:"), "From: <sip:anonymous@anonymous.invalid>;tag=t1\r\n"),
            (HELP.replace("From:", "From"), "From: <sip:anonymous@anonymous.invalid>\r\n"),
            (HELP.replace("Call-ID: c", "Call-ID: c d"), "Call-ID: cd\r\n"),
            (HELP.replace("Content-Length: 4", "Content-Length: -1"), "\r\n\r\nv=0\n"),
            (HELP.replace("\r\n", "\n"), "Content-Length: 4\r\n\r\nv=0\n"),
            (HELP.replace("\r\nContact", "\r\nMax-Forwards: many\r\nContact"), "Contact: <sip:a@192.0.2.1>\r\n"),
            (HELP.replace("\r\nContact", &format!("{many}: 70\r\nContact")), "Contact: <sip:a@192.0.2.1>\r\n"),
            (
                HELP.replace("CSeq", &format!("X-Long: {}\r\nCSeq", "x".repeat(40_000))),
                "Contact: <sip:a@192.0.2.1>\r\n",
            ),
        ] {
            assert!(parse(broken.as_bytes()).is_err() || broken.contains("<sip:a@192.0.2.1>"), "{broken}");
            let mended = mend(broken.as_bytes(), &TagKey::new([1; 16])).unwrap_or_else(|| panic!("{broken:?}"));
            let text = String::from_utf8(mended.clone()).unwrap();
            assert!(text.contains(kept), "{text}");
            assert_eq!(Peek::scan(&mended).unwrap().request().unwrap().uri.as_str(), "sip:110@callee.example");
        }
        let raw: Vec<u8> = HELP
            .replace("Contact", "Subject: ?\r\nContact")
            .bytes()
            .map(|b| if b == b'?' { 0xff } else { b })
            .collect();
        assert!(mend(&raw, &TagKey::new([1; 16])).is_some());
        assert!(mend(HELP.replace("Via", "Viz").as_bytes(), &TagKey::new([1; 16])).is_none());
    }

    proptest::proptest! {
        #[test]
        fn what_is_mended_is_well_formed(at in 0_usize..380, bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..40)) {
            let mut broken = HELP.as_bytes().to_vec();
            let at = at.min(broken.len());
            broken.splice(at..at, bytes);
            if let Some(mended) = mend(&broken, &TagKey::new([1; 16])) {
                proptest::prop_assert!(parse(&mended).is_ok());
            }
        }
    }
}
