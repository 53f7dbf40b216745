//! The carrier seat with programs of other projects on the other side of each wire, and with a centre.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, reason = "a test")]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use e2e::carrier::{BLOCKED, CALLEE, CLEAN, CarrierRoom, operator};
use e2e::client::Client;
use e2e::kamailio::{FEED_KEY, Switch};
use e2e::patience::until;
use e2e::peers::{Peer, program, python, sipp, went_as_written};
use e2e::room::PASSWORD;
use e2e::seat::{free_port, run};
use serde_json::{Value, json};

/// Calls of one SIPp run.
const CALLS: &str = "2000";
/// Calls a second of one SIPp run; a debug build on a busy machine keeps up with it.
const RATE: &str = "200";

fn list_file(folder: &Path) -> String {
    let file = folder.join("list.csv");
    let rows = format!(
        "number,action,reason\n{BLOCKED},block,多人举报冒充公检法\n+8619101239*,watch,号段异常\nnonsense,block,坏行\n"
    );
    std::fs::write(&file, rows).unwrap();
    file.display().to_string()
}

/// Runs a SIPp scenario against a front to its end.
fn play(program: &Path, folder: &Path, scenario: &str, caller: &str, port: u16, transport: &str) {
    let keys = [("caller", caller), ("callee", CALLEE)];
    let mut command = sipp(program, scenario, folder, &keys);
    command.args(["-m", CALLS, "-r", RATE, "-timeout", "90", "-t", transport]).arg(format!("127.0.0.1:{port}"));
    went_as_written(scenario, &command.stdin(Stdio::null()).output().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn sipp_is_answered_by_the_list_alone_without_a_centre() {
    let Some(program) = program("sipp") else { return };
    let folder = tempfile::tempdir().unwrap();
    let list = list_file(folder.path());
    let (mut seat, port) = operator(folder.path(), "operator-a", &[]);
    seat.serve_with(&["--list", &list]);
    seat.start();
    seat.ready().await;
    play(&program, folder.path(), "clean.xml", CLEAN, port, "u1");
    play(&program, folder.path(), "redressed.xml", BLOCKED, port, "u1");
    play(&program, folder.path(), "redressed.xml", BLOCKED, port, "t1");
    // An emergency number is reached whoever calls.
    let keys = [("caller", BLOCKED), ("callee", "110")];
    let mut emergency = sipp(&program, "clean.xml", folder.path(), &keys);
    let output = emergency.args(["-m", "5", "-timeout", "30"]).arg(format!("127.0.0.1:{port}")).output().unwrap();
    went_as_written("a call to 110", &output);
    // What was decided stands in the figures, and survives a restart of the seat as the list does.
    let clerk = Client::log_in(&seat.url(), "clerk", PASSWORD).await.unwrap();
    let live = clerk.get("/live").await;
    println!("{live:#}");
    seat.kill();
    seat.start();
    seat.ready().await;
    play(&program, folder.path(), "redressed.xml", BLOCKED, port, "u1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_in_progress_is_cut_on_both_legs_by_order_of_the_centre() {
    cut_by_order(Meanwhile::Nothing).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_began_before_a_restart_is_cut_on_both_legs_by_order_of_the_centre() {
    cut_by_order(Meanwhile::Killed).await;
}

/// What happens to the seat while the call goes on.
#[derive(PartialEq)]
enum Meanwhile {
    Nothing,
    Killed,
}

async fn cut_by_order(meanwhile: Meanwhile) {
    let Some(program) = program("sipp") else { return };
    let (proxy, callee) = (free_port(), free_port());
    let mut room = CarrierRoom::open(|seat| {
        if seat.id == "operator-a" {
            // The table of the SIP front is the last that was written.
            seat.configure(&format!("proxy = \"127.0.0.1:{proxy}\"\nnext_hop = \"127.0.0.1:{callee}\""));
        }
    })
    .await;
    let folder = room.folder.path();
    let caller = "+8619101230077";
    let mut answering = sipp(&program, "callee.xml", folder, &[]);
    answering.args(["-p", &callee.to_string(), "-m", "1", "-timeout", "120"]);
    let answering = answering.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut calling = sipp(&program, "caller_cut.xml", folder, &[("caller", caller), ("callee", CALLEE)]);
    calling.args(["-m", "1", "-timeout", "120"]).arg(format!("127.0.0.1:{proxy}"));
    let calling = calling.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();

    if meanwhile == Meanwhile::Killed {
        let file = room.operators[0].data.join("calls.ndjson");
        until("the call is answered and written down", Duration::from_secs(60), || async {
            let text = std::fs::read_to_string(&file).unwrap_or_default();
            if text.contains("\"goes\"") { Ok(()) } else { Err(text) }
        })
        .await;
        room.operators[0].kill();
        room.operators[0].start();
        room.operators[0].ready().await;
    }
    let case = room.report().await;
    let (lines, chief) = (room.at_centre("lines").await, room.at_centre("chief").await);
    // The order is made again until the call is there to be cut.
    let cut = until("the call is cut", Duration::from_secs(90), || async {
        let order = json!({
            "case_id": case, "partners": ["operator-a"], "kind": "cut_call", "line": CALLEE,
            "reason": "事主正与骗子通话",
        });
        let made = lines.post("/line-orders", &order).await;
        let id = made["id"].as_str().unwrap().to_owned();
        chief.post(&format!("/line-orders/{id}/approve"), &json!({})).await;
        let answered = answered(&lines, &id).await;
        if answered["answer"]["code"] == "done" { Ok(answered) } else { Err(answered) }
    })
    .await;
    println!("{cut:#}");
    went_as_written("the caller", &calling.wait_with_output().unwrap());
    went_as_written("the callee", &answering.wait_with_output().unwrap());
    if meanwhile == Meanwhile::Killed {
        // Records of the last minute were in the memory of the seat that was killed.
        return room.centre.verify_journal();
    }
    // The number is asked about afterwards: the record of the call is there.
    let order = json!({
        "case_id": case, "partners": ["operator-a"], "kind": "query_contacts", "line": CALLEE,
        "reason": "查明与事主通话的号码",
    });
    until("the caller is among the contacts", Duration::from_secs(60), || async {
        let made = lines.post("/line-orders", &order).await;
        let id = made["id"].as_str().unwrap().to_owned();
        chief.post(&format!("/line-orders/{id}/approve"), &json!({})).await;
        answered(&lines, &id).await;
        let contacts = lines.get(&format!("/line-orders/{id}/contacts")).await;
        if contacts["items"].as_array().is_some_and(|items| !items.is_empty()) { Ok(()) } else { Err(contacts) }
    })
    .await;
    for seat in &room.operators {
        seat.verify_journal();
    }
    room.centre.verify_journal();
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_go_through_the_proxy_to_a_name_over_tcp() {
    let Some(program) = program("sipp") else { return };
    let folder = tempfile::tempdir().unwrap();
    let (mut seat, _) = operator(folder.path(), "operator-a", &[]);
    let (proxy, callee) = (free_port(), free_port());
    seat.configure(&format!("proxy = \"127.0.0.1:{proxy}\"\nnext_hop = \"localhost:{callee};transport=tcp\""));
    let mut answering = sipp(&program, "callee.xml", folder.path(), &[]);
    answering.args(["-p", &callee.to_string(), "-t", "t1", "-m", "50", "-timeout", "90"]);
    let answering = answering.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    seat.start();
    seat.ready().await;
    play_some(&program, folder.path(), "caller_hangs_up.xml", CLEAN, proxy, "50");
    went_as_written("the callee over TCP", &answering.wait_with_output().unwrap());
    let clerk = Client::log_in(&seat.url(), "clerk", PASSWORD).await.unwrap();
    until("the calls have ended, all of them answered", Duration::from_secs(30), || async {
        let story = clerk.post("/numbers", &json!({ "number": CLEAN })).await;
        let hour = &story["behaviour"][2];
        if hour["ended"] == 50 && hour["answered_percent"] == 100 { Ok(()) } else { Err(story["behaviour"].clone()) }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn kamailio_in_front_asks_first_and_goes_on_when_nobody_answers() {
    let (Some(program), Some(switch)) = (program("sipp"), program("kamailio")) else { return };
    let folder = tempfile::tempdir().unwrap();
    let (mut seat, screening) = operator(folder.path(), "operator-a", &[]);
    let list = list_file(folder.path());
    seat.serve_with(&["--list", &list]);
    seat.configure("[[sip.trunks]]\nid = 1\nkind = \"national\"\nrelay = true\nfrom = [\"127.0.0.1\"]");
    seat.start();
    seat.ready().await;
    let (front, callee) = (free_port(), free_port());
    let _switch = Switch::start(&switch, folder.path(), front, screening, callee, &seat.url());

    // A stopped caller gets the answer of the screening, with the way to appeal.
    until("Kamailio passes the refusal on", Duration::from_secs(30), || async {
        let keys = [("caller", BLOCKED), ("callee", CALLEE)];
        let mut call = sipp(&program, "redressed.xml", folder.path(), &keys);
        let output = call.args(["-m", "1", "-timeout", "5"]).arg(format!("127.0.0.1:{front}")).output().unwrap();
        if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
    })
    .await;
    play_some(&program, folder.path(), "redressed.xml", BLOCKED, front, "200");
    // Clean calls reach the next hop, and so they do when the screening is gone.
    for (when, calls) in [("while it is asked", "100"), ("while nobody answers", "5")] {
        if when.ends_with("answers") {
            seat.kill();
        }
        let mut answering = sipp(&program, "callee.xml", folder.path(), &[]);
        answering.args(["-p", &callee.to_string(), "-m", calls, "-timeout", "60"]);
        let answering = answering.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        play_some(&program, folder.path(), "caller_hangs_up.xml", CLEAN, front, calls);
        went_as_written(when, &answering.wait_with_output().unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn kamailio_tells_how_calls_ended_and_carries_warnings_and_diversions() {
    let (Some(program), Some(switch)) = (program("sipp"), program("kamailio")) else { return };
    let folder = tempfile::tempdir().unwrap();
    let (mut seat, screening) = operator(folder.path(), "operator-a", &[]);
    let (front, callee, announcement) = (free_port(), free_port(), free_port());
    seat.configure(&format!(
        "announcement = \"sip:stopped@127.0.0.1:{announcement}\"\n\
         [[sip.trunks]]\nid = 1\nkind = \"foreign\"\nrelay = true\nfrom = [\"127.0.0.1\"]\n\
         [[feeds.keys]]\nname = \"kamailio\"\nhash = \"{}\"",
        hash_of(FEED_KEY)
    ));
    seat.start();
    seat.ready().await;
    let _switch = Switch::start(&switch, folder.path(), front, screening, callee, &seat.url());
    let answering = |scenario: &str, port: u16, calls: &str| {
        let mut command = sipp(&program, scenario, folder.path(), &[]);
        command.args(["-p", &port.to_string(), "-m", calls, "-timeout", "60"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let calling = |caller: &str, talks_ms: &str| {
        let mut call = sipp(&program, "caller_hangs_up.xml", folder.path(), &[("caller", caller), ("callee", CALLEE)]);
        call.args(["-m", "1", "-d", talks_ms, "-timeout", "60"]).arg(format!("127.0.0.1:{front}"));
        call.stdin(Stdio::null()).output().unwrap()
    };
    until("Kamailio answers", Duration::from_secs(30), || async {
        let mut call = sipp(&program, "ping.xml", folder.path(), &[]);
        let output = call.args(["-m", "1", "-timeout", "3"]).arg(format!("127.0.0.1:{front}")).output().unwrap();
        if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
    })
    .await;

    // A home mobile from abroad of which nobody knows whether it roams: it rings, with a warning on the display.
    let warned = answering("callee_warned.xml", callee, "1");
    went_as_written("the caller who is marked", &calling(CLEAN, "2000"));
    went_as_written("the callee who is warned", &warned.wait_with_output().unwrap());
    let clerk = Client::log_in(&seat.url(), "clerk", PASSWORD).await.unwrap();
    let story = until("the result of the call is told", Duration::from_secs(30), || async {
        let story = clerk.post("/numbers", &json!({ "number": CLEAN })).await;
        let ended = |record: &Value| record["kind"] == "call_end" && record["answered"] == true;
        if story["records"].as_array().is_some_and(|records| records.iter().any(ended)) {
            Ok(story)
        } else {
            Err(story)
        }
    })
    .await;
    let end = story["records"].as_array().unwrap().iter().find(|record| record["kind"] == "call_end").unwrap();
    assert_eq!(
        (&end["talked_seconds"], &end["trunk"], &end["by"]),
        (&json!(2), &json!(1), &json!("cause:16")),
        "{end:#}"
    );
    let hour = &story["behaviour"][2];
    assert_eq!(
        [&hour["ended"], &hour["answered_percent"], &hour["short_percent"]],
        [&json!(1), &json!(100), &json!(100)],
        "{hour:#}"
    );

    // A new offer in a call that is there goes the way of the call.
    let asked_again = answering("callee_asked_again.xml", callee, "1");
    let mut again = sipp(&program, "caller_asks_again.xml", folder.path(), &[("caller", CLEAN), ("callee", CALLEE)]);
    again.args(["-m", "1", "-timeout", "60"]).arg(format!("127.0.0.1:{front}"));
    went_as_written("the caller who asks again", &again.stdin(Stdio::null()).output().unwrap());
    went_as_written("the callee who is asked again", &asked_again.wait_with_output().unwrap());

    // Nobody answers at the next hop: that is told, too, with the answer that the caller got.
    let mut busy = sipp(&program, "busy.xml", folder.path(), &[]);
    busy.args(["-p", &callee.to_string(), "-m", "1", "-timeout", "60"]);
    let busy = busy.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let refused = calling("+8619101230005", "0");
    assert!(!refused.status.success(), "the caller hears that it is busy");
    went_as_written("the callee who is busy", &busy.wait_with_output().unwrap());
    until("the refused call is told", Duration::from_secs(30), || async {
        let story = clerk.post("/numbers", &json!({ "number": "+8619101230005" })).await;
        let ended = |record: &Value| record["kind"] == "call_end" && record["by"] == "cause:486";
        if story["records"].as_array().is_some_and(|records| records.iter().any(ended)) { Ok(()) } else { Err(story) }
    })
    .await;

    // A rule sends a caller to the announcement: Kamailio follows the 302 to the host that it may.
    let reviewer = Client::log_in(&seat.url(), "reviewer", PASSWORD).await.unwrap();
    let rule = json!({
        "name_zh": "转播音", "name_en": "To the announcement", "channel": "call", "priority": 1,
        "expression": "caller.number == '+8619101230009'", "action": "announce",
    });
    let made = clerk.post("/rules", &rule).await;
    let path = format!("/rules/{}/step", made["id"]);
    for (who, step) in [(&clerk, "try"), (&clerk, "propose"), (&reviewer, "publish")] {
        who.post(&path, &json!({ "step": step })).await;
    }
    let announcing = answering("callee.xml", announcement, "1");
    went_as_written("the caller who is diverted", &calling("+8619101230009", "0"));
    went_as_written("the announcement", &announcing.wait_with_output().unwrap());
    let story = clerk.post("/numbers", &json!({ "number": "+8619101230009" })).await;
    assert_eq!(story["sums"]["calls_out_stopped"], 1, "{story:#}");

    // The home register says who is abroad: that one gets through however often, and one who is at home is forged at once.
    let register = folder.path().join("roaming.csv");
    std::fs::write(&register, "号码,状态,拜访网络\n+8619101230007,abroad,52005\n+8619101230008,home,\n").unwrap();
    let fed = e2e::seat::shouhu()
        .args(["operator", "roaming", "import", &register.display().to_string(), "--data"])
        .arg(&seat.data)
        .env("SHOUHU_FEED_KEY", FEED_KEY)
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&fed.stdout).contains("1 rows abroad, 1 at home, 0 refused"), "{fed:?}");
    let abroad = answering("callee.xml", callee, "4");
    for _ in 0..4 {
        went_as_written("a subscriber who roams", &calling("+8619101230007", "0"));
    }
    went_as_written("whom she calls", &abroad.wait_with_output().unwrap());
    assert!(!calling("+8619101230008", "0").status.success(), "a forged number does not ring");
    let story = clerk.post("/numbers", &json!({ "number": "+8619101230008" })).await;
    let first = &story["records"][0];
    assert_eq!(
        (&first["action"], &first["by"]),
        (&json!("reject_603"), &json!("check:home_mobile_refuted")),
        "{story:#}"
    );

    // The same results from a file: what came from Kamailio is there, what is new counts, what is bad is told.
    let file = folder.path().join("cdr.csv");
    let now = kernel::Clock::system().now();
    let at = |seconds: i64| (now - kernel::Duration::seconds(seconds)).to_rfc3339();
    let rows = format!(
        "Call-ID,主叫,被叫,开始时间,应答时间,结束时间\nf1,+8619101230006,{CALLEE},{},{},{}\nf2,abc,{CALLEE},{},,{}\n",
        at(90),
        at(80),
        at(20),
        at(90),
        at(20)
    );
    std::fs::write(&file, rows).unwrap();
    let import = || {
        let mut command = e2e::seat::shouhu();
        command.args(["operator", "calls", "import", &file.display().to_string(), "--data"]).arg(&seat.data);
        command.env("SHOUHU_FEED_KEY", FEED_KEY).output().unwrap()
    };
    let first = import();
    let said = (String::from_utf8_lossy(&first.stdout), String::from_utf8_lossy(&first.stderr));
    assert!(said.0.contains("1 rows counted, 0 recorded only, 0 repeated, 1 refused"), "{said:?}");
    assert!(said.1.contains("line 3 caller"), "{said:?}");
    let again = import();
    assert!(String::from_utf8_lossy(&again.stdout).contains("0 rows counted, 0 recorded only, 1 repeated"));
    let story = clerk.post("/numbers", &json!({ "number": "+8619101230006" })).await;
    assert_eq!(
        (&story["records"][0]["talked_seconds"], &story["records"][0]["kind"]),
        (&json!(60), &json!("call_end"))
    );
    seat.verify_journal();
}

/// A telephone, or a switch behind Kamailio, that sends and takes bytes as a test wants them.
struct Wire(std::net::UdpSocket);

impl Wire {
    fn on(port: u16) -> Self {
        let socket = std::net::UdpSocket::bind(("127.0.0.1", port)).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        Self(socket)
    }

    /// The final status that the INVITE of this Call-ID gets; nothing where there is none in time. Answers to earlier ones,
    /// which nobody acknowledges, come again and are passed over.
    fn status(&self, front: u16, id: &str, bytes: &[u8]) -> Option<u16> {
        self.0.send_to(bytes, ("127.0.0.1", front)).unwrap();
        let mut buffer = [0; 65_536];
        loop {
            let (length, _) = self.0.recv_from(&mut buffer).ok()?;
            let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
            let status: Option<u16> = text.get(8..11).and_then(|status| status.parse().ok());
            if text.starts_with("SIP/2.0 ") && text.contains(&format!("{id}@")) && status >= Some(200) {
                return status;
            }
        }
    }

    /// Answers each INVITE 486 until the socket is dropped, and tells what arrived.
    fn busy(port: u16) -> std::sync::mpsc::Receiver<String> {
        let wire = Self::on(port);
        wire.0.set_read_timeout(None).unwrap();
        let (tell, told) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 65_536];
            while let Ok((length, from)) = wire.0.recv_from(&mut buffer) {
                let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
                if text.starts_with("MESSAGE ") || text.starts_with("REFER ") {
                    let _told = tell.send(text);
                    continue;
                }
                if !text.starts_with("INVITE ") {
                    continue;
                }
                let copied = ["Via", "From", "To", "Call-ID", "CSeq"];
                let mut answer = b"SIP/2.0 486 Busy Here\r\n".to_vec();
                for line in buffer[..length].split(|b| *b == b'\n') {
                    let name =
                        String::from_utf8_lossy(line.split(|b| *b == b':').next().unwrap_or_default()).into_owned();
                    if copied.contains(&name.as_str()) {
                        answer.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
                        answer.extend_from_slice(if name == "To" { b";tag=busy\r\n" } else { b"\r\n" });
                    }
                }
                answer.extend_from_slice(b"Content-Length: 0\r\n\r\n");
                // Told before it is answered: whoever has the answer finds it told.
                if tell.send(text).is_err() {
                    return;
                }
                wire.0.send_to(&answer, from).unwrap();
            }
        });
        told
    }
}

/// An INVITE with one thing about it that is wrong.
fn invite(port: u16, caller: &str, address: &str, id: &str, spoil: impl Fn(String) -> Vec<u8>) -> Vec<u8> {
    spoil(format!(
        "INVITE {address} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK{id};rport\r\nMax-Forwards: 70\r\n\
         From: <sip:{caller}@caller.example>;tag=t{id}\r\nTo: <{address}>\r\nCall-ID: {id}@caller.example\r\nCSeq: 1 INVITE\r\n\
         Contact: <sip:a@127.0.0.1:{port}>\r\nContent-Length: 0\r\n\r\n"
    ))
}

/// A form, what it does to an INVITE, and what a clean caller is answered who comes in it.
type Form = (&'static str, fn(String) -> Vec<u8>, &'static [u16]);

#[tokio::test(flavor = "multi_thread")]
async fn kamailio_lets_no_stopped_caller_through_whatever_the_form_of_his_call() {
    let Some(switch) = program("kamailio") else { return };
    let folder = tempfile::tempdir().unwrap();
    let (mut seat, screening) = operator(folder.path(), "operator-a", &[]);
    let list = list_file(folder.path());
    seat.serve_with(&["--list", &list]);
    seat.configure("[[sip.trunks]]\nid = 1\nkind = \"national\"\nrelay = true\nfrom = [\"127.0.0.1\"]");
    seat.start();
    seat.ready().await;
    let (front, callee, port) = (free_port(), free_port(), free_port());
    let _switch = Switch::start(&switch, folder.path(), front, screening, callee, &seat.url());
    let arrived = Wire::busy(callee);
    let phone = Wire::on(port);
    let usual = format!("sip:{CALLEE}@callee.example");
    let count = std::cell::Cell::new(0);
    let call = |caller: &str, address: &str, spoil: fn(String) -> Vec<u8>| {
        count.set(count.get() + 1);
        let id = format!("call-{}-", count.get());
        let status = phone.status(front, &id, &invite(port, caller, address, &id, spoil));
        (status, arrived.try_iter().collect::<Vec<String>>())
    };
    until("Kamailio answers", Duration::from_secs(30), || {
        let (status, _) = call(CLEAN, &usual, String::into_bytes);
        async move { if status == Some(486) { Ok(()) } else { Err(format!("{status:?}")) } }
    })
    .await;
    let forms: [Form; 9] = [
        ("as it should be", String::into_bytes, &[486]),
        ("a byte that is no text", |text| spoiled(&text, "From: ", b"From: \"\xd5\xc5\" "), &[400]),
        (
            "a long header",
            |text| spoiled(&text, "Contact:", format!("X-Long: {}\r\nContact:", "a".repeat(9_000)).as_bytes()),
            &[400],
        ),
        (
            "many headers",
            |text| spoiled(&text, "Contact:", format!("{}Contact:", "X-A: b\r\n".repeat(257)).as_bytes()),
            &[400],
        ),
        (
            "a large datagram",
            |text| {
                let body = "x".repeat(20_000);
                format!(
                    "{}{body}",
                    text.replace("Content-Length: 0", "Content-Type: text/plain\r\nContent-Length: 20000")
                )
                .into_bytes()
            },
            &[486],
        ),
        ("a bare CR", |text| spoiled(&text, "Max-Forwards: 70", b"X-Odd: a\rb\r\nMax-Forwards: 70"), &[400]),
        ("a date that cannot be read", |text| spoiled(&text, "Contact:", b"Date: yesterday\r\nContact:"), &[486]),
        ("an unknown extension", |text| spoiled(&text, "Contact:", b"Require: foo\r\nContact:"), &[486]),
        // Kamailio itself may refuse it.
        ("a broken Contact", |text| spoiled(&text, "Contact: <sip:a@", b"Contact: <sip:a b@"), &[400]),
    ];
    for (name, spoil, clean) in forms {
        let (status, passed) = call(BLOCKED, &usual, spoil);
        assert!(passed.is_empty(), "{name}: a stopped caller came through: {passed:?}");
        assert!(matches!(status, Some(608 | 400)), "{name}: {status:?}");
        let (status, passed) = call(CLEAN, &usual, spoil);
        assert!(status.is_some_and(|status| clean.contains(&status)), "{name}: {status:?}");
        assert_eq!(passed.len(), usize::from(status == Some(486)), "{name}: {passed:?}");
        assert!(passed.iter().all(|text| !text.contains("X-Shouhu")), "{passed:?}");
    }
    // Help is reached by everybody, however it is written, and in whatever form.
    for address in [
        "sip:0731110@callee.example",
        "tel:110;phone-context=+86731",
        "urn:service:sos.police",
        "sip:1-1-0@callee.example",
    ] {
        let spoils: [fn(String) -> Vec<u8>; 9] = [
            String::into_bytes,
            |text| spoiled(&text, "Contact:", b"X-Odd: a\rb\r\nContact:"),
            |text| spoiled(&text, "Contact:", b"Expires: soon\r\nContact:"),
            |text| spoiled(&text, "Contact:", b"Proxy-Require: foo\r\nContact:"),
            |text| spoiled(&text, "From: <sip:", b"From: <<sip:"),
            |text| spoiled(&text, "Max-Forwards: 70", b"Max-Forwards: many"),
            |text| spoiled(&text, "Content-Length: 0", b"Content-Length: 7"),
            |text| spoiled(&text, ">\r\nCall-ID", b">;tag=old\r\nCall-ID"),
            |text| spoiled(&text, ">\r\nCall-ID", b">;tag=old\r\nRoute: <sip:127.0.0.1:9;lr>\r\nCall-ID"),
        ];
        for (which, spoil) in spoils.into_iter().enumerate() {
            let (status, passed) = call(BLOCKED, address, spoil);
            assert_eq!((status, passed.len()), (Some(486), 1), "{address} {which}");
        }
    }
    for address in
        ["sip:sos@callee.example", "sip:911@callee.example", "sip:+112@callee.example", "urn:service:sos;x=1"]
    {
        let (status, passed) = call(BLOCKED, address, String::into_bytes);
        assert_eq!((status, passed.len()), (Some(486), 1), "{address}");
    }
    // What would lead a call for help to somebody else is taken away, and help is reached.
    for (address, onward) in [
        ("tel:110;rn=+8613900139000;npdi", "tel:110"),
        ("sip:110;npdi;RN=+8613900139000@callee.example", "sip:110@callee.example"),
        ("sip:110@callee.example;maddr=127.0.0.9;user=phone", "sip:110@callee.example;user=phone"),
    ] {
        let (status, passed) = call(BLOCKED, address, String::into_bytes);
        let asked = passed.first().and_then(|text| text.split(' ').nth(1));
        assert_eq!((status, asked), (Some(486), Some(onward)), "{address}");
    }
    let routed = |text: String| spoiled(&text, "Contact:", b"Route: <sip:+8613900139000@127.0.0.9;lr>\r\nContact:");
    let (status, passed) = call(BLOCKED, "sip:110@callee.example", routed);
    assert_eq!((status, passed.len()), (Some(486), 1));
    assert!(!passed[0].contains("Route: <sip:+86"), "{passed:?}");
    // Where that cannot be seen by Kamailio, it is seen by the screening.
    for address in ["sip:110%40x@callee.example", "sip:110%3Brn=+8613900139000@callee.example"] {
        assert_eq!(call(BLOCKED, address, String::into_bytes), (Some(608), vec![]), "{address}");
        assert_eq!(call(CLEAN, address, String::into_bytes).0, Some(486), "{address}");
    }
    // A tag and a route that anybody can write are no leave to go on: nothing begins anew within a call that is none.
    for (number, method) in ["INVITE", "MESSAGE", "REFER", "SUBSCRIBE"].into_iter().enumerate() {
        for caller in [BLOCKED, CLEAN] {
            let id = format!("within-{number}-{caller}-");
            let text = invite(port, caller, &format!("sip:{CALLEE}@127.0.0.1:{callee}"), &id, String::into_bytes);
            let text = String::from_utf8(text).unwrap().replace("INVITE", method);
            let route = format!(">;tag=x\r\nRoute: <sip:127.0.0.1:{front};lr>\r\nCall-ID");
            let status = phone.status(front, &id, &spoiled(&text, ">\r\nCall-ID", route.as_bytes()));
            let passed: Vec<String> = arrived.try_iter().collect();
            assert_eq!((status, passed), (Some(481), vec![]), "{method} of {caller}");
        }
    }
    // While nobody screens, calls go on, marked; a mark that a caller brings along is none.
    let (_, passed) = call(CLEAN, &usual, |text| spoiled(&text, "Contact:", b"X-Shouhu: judged\r\nContact:"));
    assert!(passed.iter().all(|text| !text.contains("X-Shouhu")), "{passed:?}");
    seat.kill();
    let (status, passed) = call(CLEAN, &usual, String::into_bytes);
    assert_eq!(status, Some(486));
    assert!(passed.len() == 1 && passed[0].contains("X-Shouhu: unjudged"), "{passed:?}");
}

fn spoiled(text: &str, old: &str, new: &[u8]) -> Vec<u8> {
    let (before, behind) = text.split_once(old).unwrap();
    [before.as_bytes(), new, behind.as_bytes()].concat()
}

fn hash_of(key: &str) -> String {
    use sha2::Digest;
    format!("sha256:{}", hex::encode(sha2::Sha256::digest(key.as_bytes())))
}

fn play_some(program: &Path, folder: &Path, scenario: &str, caller: &str, port: u16, calls: &str) {
    let mut command = sipp(program, scenario, folder, &[("caller", caller), ("callee", CALLEE)]);
    command.args(["-m", calls, "-r", "20", "-d", "100", "-timeout", "60"]).arg(format!("127.0.0.1:{port}"));
    went_as_written(scenario, &command.stdin(Stdio::null()).output().unwrap());
}

async fn answered(lines: &Client, id: &str) -> Value {
    until("the operator answers", Duration::from_secs(60), || async {
        let order = lines.get(&format!("/line-orders/{id}")).await;
        if order["answer"].is_object() { Ok(order) } else { Err(order) }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_of_the_centre_is_stopped_everywhere_and_an_appeal_lifts_it_everywhere() {
    let room = CarrierRoom::open(|_| {}).await;
    let case = room.report().await;
    let entry = json!({
        "pattern": BLOCKED, "action": "block", "reason": "冒充公检法", "case_id": case, "days": 30,
    });
    room.at_centre("lines").await.post("/number-entries", &entry).await;
    room.until_would(0, BLOCKED, true).await;
    room.until_would(1, BLOCKED, true).await;
    room.until_would(0, CLEAN, false).await;

    let appeal = json!({ "caller": BLOCKED, "words": "我是快递员，被误拦" });
    let clerk = room.at_operator(0, "clerk").await;
    clerk.post("/public/appeals", &appeal).await;
    let waiting = clerk.get("/appeals").await;
    let id = waiting["items"][0]["id"].as_str().unwrap().to_owned();
    clerk.post(&format!("/appeals/{id}/grant"), &json!({ "reason": "核实为快递员" })).await;
    room.until_would(0, BLOCKED, false).await;
    room.until_would(1, BLOCKED, false).await;
    room.centre.verify_journal();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_carrier_that_comes_late_fetches_the_whole_list_and_keeps_it_without_the_centre() {
    let mut room = CarrierRoom::make(|_| {});
    // Few enough changes to send one by one, so that the whole list is offered as a file.
    room.centre.configure("[numbers]\nchanges_max = 20");
    room.centre.start();
    room.centre.ready().await;
    let lines = room.at_centre("lines").await;
    let number = |index: usize| format!("+86191012340{index:02}");
    for index in 0..40 {
        let entry = json!({ "pattern": number(index), "action": "block", "reason": "冒充客服", "days": 30 });
        lines.post("/number-entries", &entry).await;
    }
    room.operators[0].start();
    room.operators[0].ready().await;
    for index in [0, 39] {
        room.until_would(0, &number(index), true).await;
    }
    // What changes later arrives as a change.
    let entry = json!({ "pattern": BLOCKED, "action": "block", "reason": "冒充公检法", "days": 30 });
    lines.post("/number-entries", &entry).await;
    room.until_would(0, BLOCKED, true).await;
    room.centre.kill();
    room.operators[0].kill();
    room.operators[0].start();
    room.operators[0].ready().await;
    for number in [number(0), number(39), BLOCKED.to_owned()] {
        room.until_would(0, &number, true).await;
    }
    room.until_would(0, CLEAN, false).await;
    room.operators[0].verify_journal();
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_of_another_projects_client_reach_another_projects_server_unless_they_are_scams() {
    let Some(python) = python() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (smpp, smsc_port) = (free_port(), free_port());
    let (mut seat, _) = operator(folder.path(), "operator-a", &[]);
    // SHA-256 of the word "secret".
    let hash = "sha256:2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";
    seat.configure(&format!(
        "[messages]\nlisten = \"127.0.0.1:{smpp}\"\nsystem_id = \"front\"\n\
         [[messages.accounts]]\nsystem_id = \"shop\"\npassword_hash = \"{hash}\"\n\
         [messages.accounts.upstream]\naddress = \"127.0.0.1:{smsc_port}\"\nsystem_id = \"front\"\npassword = \"upstream\"\nwindow_max = 1\n\
         [[messages.accounts]]\nsystem_id = \"lonely\"\npassword_hash = \"{hash}\"\n\
         [messages.accounts.upstream]\naddress = \"127.0.0.1:{}\"\nsystem_id = \"front\"\npassword = \"upstream\"",
        free_port()
    ));
    let smsc = Peer::start(&python, "smsc.py", &[&smsc_port.to_string(), "upstream"]);
    assert_eq!(smsc.line()["listening"], true);
    seat.start();
    seat.ready().await;

    // An SMSC that was never reached stands among the metrics as one that is away.
    let metrics =
        e2e::client::http().get(format!("{}/metrics", seat.url())).send().await.unwrap().text().await.unwrap();
    assert!(metrics.contains("operator_message_link_up{account=\"lonely\"} 0"), "{metrics}");

    let port = smpp.to_string();
    let wrong = Peer::start(&python, "esme.py", &["127.0.0.1", &port, "shop", "guess"]);
    assert_ne!(wrong.line()["bind"], 0, "a wrong password is refused");

    let mut esme = Peer::start(&python, "esme.py", &["127.0.0.1", &port, "shop", "secret"]);
    assert_eq!(esme.line()["bind"], 0);
    let scam = "【安全提醒】您的银行账户涉嫌洗钱，请立即将资金转入安全账户接受核查，请加警官QQ 583920174 办理，否则将冻结并逮捕。";
    let honest = ["您的快递已放在门口，取件码 4521。", "Meeting at nine, room 4."];
    for text in honest {
        esme.tell(&json!({ "from": "106900001", "to": "8619001230003", "text": text }));
        assert_eq!(esme.line()["statuses"], json!([0]), "{text}");
    }
    let long = honest[0].repeat(8);
    esme.tell(&json!({ "from": "106900001", "to": "8619001230003", "text": long }));
    let told = esme.line();
    assert!(
        told["parts"].as_i64().unwrap() > 1 && told["statuses"].as_array().unwrap().iter().all(|s| *s == 0),
        "{told}"
    );
    esme.tell(&json!({ "from": "106900001", "to": "8619001230003", "text": scam }));
    let told = esme.line();
    assert_ne!(told["statuses"], json!([0]), "a scam is refused: {told}");
    esme.end_input();

    let mut arrived = String::new();
    until("every honest message has arrived", Duration::from_secs(30), || {
        arrived.extend(smsc.lines().iter().filter_map(|line| line["text"].as_str()));
        let whole = honest.iter().all(|text| arrived.contains(text)) && arrived.matches("4521").count() == 9;
        let seen = arrived.clone();
        async move { if whole { Ok(()) } else { Err(seen) } }
    })
    .await;
    assert!(!arrived.contains("安全账户"), "{arrived}");

    // A day of the synthetic province through the same front: scams are refused, and no honest message is.
    let file = folder.path().join("day.ndjson").display().to_string();
    let generated = e2e::seat::shouhu()
        .args([
            "world",
            "generate",
            "--people",
            "150",
            "--gangs",
            "2",
            "--start",
            "2026-11-23T00:00:00+08:00",
            "--out",
            &file,
        ])
        .status()
        .unwrap();
    assert!(generated.success());
    let played = e2e::seat::shouhu()
        .args(["world", "play", &file, "--smpp", &format!("127.0.0.1:{smpp}"), "--system-id", "shop"])
        .env("SHOUHU_SMPP_PASSWORD", "secret")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&played.stdout);
    assert!(played.status.success(), "{said}{}", String::from_utf8_lossy(&played.stderr));
    let told = said.lines().find(|line| line.starts_with("scams stopped: ")).unwrap_or_else(|| panic!("{said}"));
    assert!(told.contains("honest ones stopped: 0 of"), "{said}");
    assert!(!told.starts_with("scams stopped: 0 of"), "{said}");
}

#[test]
fn a_day_of_the_province_is_screened_with_few_honest_calls_harmed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("day.ndjson").display().to_string();
    let generate = ["world", "generate", "--people", "4000", "--gangs", "10", "--seed", "11"];
    let command =
        |args: &[&str]| Command::new(e2e::seat::binary()).args(args).env("SHOUHU_LANG", "en").output().unwrap();
    let start = ["--start", "2026-11-23T00:00:00+08:00", "--out", &file];
    let made = command(&[&generate[..], &start[..]].concat());
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let replayed = command(&["operator", "replay", &file, "--json"]);
    assert!(replayed.status.success(), "{}", String::from_utf8_lossy(&replayed.stderr));
    let figures: Value = serde_json::from_slice(&replayed.stdout).unwrap();
    println!("{figures:#}");
    let figure = |name: &str| figures["calls"][name].as_f64().unwrap_or_else(|| panic!("{name} in {figures:#}"));
    assert!(figure("precision") > 0.95, "{figures:#}");
    assert!(figure("recall") > 0.5, "{figures:#}");
    assert!(figure("false_block_rate") < 0.002, "{figures:#}");
}

#[test]
fn a_number_is_checked_from_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let (seat, _) = operator(folder.path(), "operator-a", &[]);
    let list = folder.path().join("list.csv");
    std::fs::write(&list, format!("number,action,reason\n{BLOCKED},block,多人举报冒充公检法\n")).unwrap();
    run(&["operator", "list", "import", &list.display().to_string()], &seat.data, "");
    let output = e2e::seat::shouhu().args(["operator", "check", BLOCKED, "--data"]).arg(&seat.data).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "a stopped number ends with 1");
}
