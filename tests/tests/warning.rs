//! The warning message (12381) on real processes: a number is blocked in a case, everybody whom it had reached is warned
//! once by a message centre of another project, and nobody a second time.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, reason = "a test")]

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::Duration;

use e2e::carrier::CarrierRoom;
use e2e::client::Client;
use e2e::patience::until;
use e2e::peers::{Peer, program, python, sipp, went_as_written};
use e2e::room::add_user;
use e2e::seat::free_port;
use kernel::Clock;
use serde_json::{Value, json};

/// Who calls them all.
const SCAMMER: &str = "+8619101230088";
/// Two people of the province, and one with a number of another country.
const PEOPLE: [&str; 3] = ["+8619001230003", "+8619001230004", "+6591234567"];
/// A fixed line, to which no message goes.
const FIXED: &str = "+8673188880001";
/// How long news may take from one seat to another, of debug builds on a busy machine.
const NEWS_WITHIN: Duration = Duration::from_secs(60);

/// What each telephone shows: the parts of each message one after the other.
fn gather(shown: &mut BTreeMap<String, Vec<String>>, smsc: &Peer) {
    for line in smsc.lines() {
        if let (Some(to), Some(text)) = (line["to"].as_str(), line["text"].as_str()) {
            shown.entry(to.trim_start_matches('+').to_owned()).or_default().push(text.to_owned());
        }
    }
}

async fn answered(lines: &Client, case: &str, expect: usize) -> Vec<Value> {
    until("every carrier answers", NEWS_WITHIN, || async {
        let orders = lines.get(&format!("/line-orders?case={case}&kind=warn_contacts")).await;
        let items = orders["items"].as_array().unwrap().clone();
        let done = items.len() == expect && items.iter().all(|order| order["answered_at"].is_string());
        if done { Ok(items) } else { Err(orders) }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_called_by_a_number_that_is_blocked_in_a_case_is_warned_once() {
    let (Some(program), Some(python)) = (program("sipp"), python()) else { return };
    let port = free_port();
    let mut room = CarrierRoom::make(|seat| {
        if seat.id == "operator-a" {
            let hash = format!("sha256:{}", "0".repeat(64));
            // The other project's server reads one request at a time.
            seat.configure(&format!(
                "[messages]\nsystem_id = \"front\"\nwarning = {{ account = \"warnings\" }}\n\
                 [[messages.accounts]]\nsystem_id = \"warnings\"\npassword_hash = \"{hash}\"\n\
                 [messages.accounts.upstream]\naddress = \"127.0.0.1:{port}\"\nsystem_id = \"front\"\npassword = \"upstream\"\nwindow_max = 1"
            ));
        }
    });
    add_user(&room.centre, "deputy", "chief");
    let smsc = Peer::start(&python, "smsc.py", &[&port.to_string(), "upstream"]);
    assert_eq!(smsc.line()["listening"], true);
    room.centre.start();
    room.operators.iter_mut().for_each(e2e::seat::Seat::start);
    room.centre.ready().await;
    for seat in &mut room.operators {
        seat.ready().await;
    }
    let rule = json!({
        "name": "涉案号码联系人预警短信", "line_kinds": ["warn_contacts"], "report_age_hours_max": 72,
        "region_prefix": "43", "expires_at": Clock::system().now() + kernel::Duration::hours(24),
    });
    let made = room.at_centre("chief").await.post("/standing-rules", &rule).await;
    let approve = format!("/standing-rules/{}/approve", made["id"].as_str().unwrap_or_else(|| panic!("{made:#}")));
    room.at_centre("deputy").await.post(&approve, &json!({})).await;

    // The number is unknown yet: its calls come through.
    for callee in PEOPLE.iter().chain([&FIXED]) {
        let keys = [("caller", SCAMMER), ("callee", *callee)];
        let mut calls = sipp(&program, "clean.xml", room.folder.path(), &keys);
        calls.args(["-m", "2", "-timeout", "60"]).arg(format!("127.0.0.1:{}", room.sip_ports[0]));
        went_as_written(callee, &calls.stdin(Stdio::null()).output().unwrap());
    }
    let case = room.report().await;
    let lines = room.at_centre("lines").await;
    let block = json!({ "pattern": SCAMMER, "action": "block", "reason": "冒充公检法", "case_id": case, "days": 30 });
    let entry = lines.post("/number-entries", &block).await;

    let orders = answered(&lines, &case, 2).await;
    let of = |partner: &str| orders.iter().find(|order| order["partner"] == partner).unwrap();
    assert_eq!(of("operator-b")["answer_code"], "function_not_offered", "it has no account for warnings");
    let id = of("operator-a")["id"].as_str().unwrap();
    let detail = lines.get(&format!("/line-orders/{id}")).await;
    assert_eq!(
        detail["answer"]["messages"],
        json!({ "sent": 3, "warned_before": 0, "not_ours": 1, "failed": 0 }),
        "{detail:#}"
    );
    assert!(detail["rule"].is_string() && detail["checker"].is_null(), "a standing rule sent it: {detail:#}");
    let mut shown = BTreeMap::new();
    until("the warnings are on the telephones", NEWS_WITHIN, || {
        gather(&mut shown, &smsc);
        let seen = format!("{shown:?}");
        let all = shown.len() == PEOPLE.len() && shown["6591234567"].concat().ends_with("at once.");
        async move { if all { Ok(()) } else { Err(seen) } }
    })
    .await;
    for person in PEOPLE {
        let text = shown[person.trim_start_matches('+')].concat();
        assert_eq!(text.matches("尾号0088").count(), 1, "once, with the last digits: {text}");
        assert!(wire::is_plain(&text), "nothing to follow or to call: {text}");
        assert_eq!(text.contains("ending in 0088"), person.starts_with("+65"), "both languages abroad: {text}");
    }

    // Taken off and blocked again in the same case: no second order. Ordered by hand: nobody a second time.
    let remove = format!("/number-entries/{}/remove", entry["id"].as_str().unwrap());
    lines.post(&remove, &json!({ "reason": "再核实" })).await;
    lines.post("/number-entries", &block).await;
    room.until_would(0, SCAMMER, true).await;
    let by_hand = json!({
        "case_id": case, "partners": ["operator-a"], "kind": "warn_contacts", "line": SCAMMER, "reason": "再次预警",
    });
    lines.post("/line-orders", &by_hand).await;
    let orders = answered(&lines, &case, 3).await;
    let last = lines.get(&format!("/line-orders/{}", orders[0]["id"].as_str().unwrap())).await;
    assert_eq!(
        (&last["answer"]["messages"]["sent"], &last["answer"]["messages"]["warned_before"]),
        (&json!(0), &json!(3))
    );
    let mut more = BTreeMap::new();
    gather(&mut more, &smsc);
    assert!(more.is_empty(), "{more:?}");
    for seat in &room.operators {
        seat.verify_journal();
    }
    room.centre.verify_journal();
}
