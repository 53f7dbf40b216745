//! Orders of the centre about lines, on both databases.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout
)]

mod seat;

use std::sync::{Arc, Mutex};

use kernel::{Duration, Timestamp};
use operator::lines::{Calls, Cut, Doing, Warnings};
use screen::Number;
use seat::{CALLEE, CALLER, MIGRATIONS, Seat};
use serde_json::json;
use store::args;
use store::testing::each_db;
use wire::{CutCall, Direction, LineAnswerCode};

#[derive(Default)]
struct Proxy(Mutex<Vec<(Number, Option<Number>)>>);

impl Calls for Proxy {
    fn cut<'a>(&'a self, line: Number, counterpart: Option<Number>) -> Doing<'a, Cut> {
        self.0.lock().unwrap().push((line, counterpart));
        Box::pin(async move {
            if line.to_string() != CALLEE {
                return Cut::default();
            }
            let call = CutCall {
                caller: CALLER.into(),
                callee: CALLEE.into(),
                started_at: Timestamp(1),
                cut_at: Timestamp(2),
            };
            Cut { calls: vec![call], emergency_left: false }
        })
    }
}

#[derive(Default)]
struct Post(Mutex<Vec<(Vec<Number>, String)>>);

impl Warnings for Post {
    fn warn<'a>(&'a self, to: &'a [Number], text: &'a str) -> Doing<'a, Vec<bool>> {
        self.0.lock().unwrap().push((to.to_vec(), text.to_owned()));
        Box::pin(async move { vec![true; to.len()] })
    }
}

fn with(mut order: serde_json::Value, more: serde_json::Value) -> serde_json::Value {
    for (name, value) in more.as_object().unwrap() {
        order[name] = value.clone();
    }
    order
}

#[tokio::test]
async fn a_measure_holds_is_told_ends_by_itself_and_survives_a_restart() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let seat = Seat::open(db.clone(), hand.clone()).await;
        let until = seat.now() + Duration::hours(2);
        let order = with(seat.line_order("suspend_line", CALLER), json!({ "until": until }));
        let answer = seat.order(order.clone()).await;
        assert_eq!((answer.code, answer.until), (LineAnswerCode::Done, Some(until)));
        assert!(seat.stops(CALLER), "a suspended line does not call");
        assert!(!seat.call(CALLER, "110").action.stops(), "but for emergency numbers");

        let again = seat.order(with(seat.line_order("suspend_line", CALLER), json!({ "until": until }))).await;
        assert_eq!((again.code, again.until), (LineAnswerCode::AlreadyInForce, Some(until)));
        let restarted = Seat::open_in(db.clone(), hand.clone(), seat.folder.clone(), false).await;
        assert!(restarted.stops(CALLER));

        hand.advance(Duration::hours(2));
        seat.operator.step().await.unwrap();
        assert!(!seat.stops(CALLER));
        let (ended,): (i64,) =
            db.fetch_one("SELECT COUNT(*) FROM journal WHERE kind = 'measure.ended'", args![]).await.unwrap();
        assert_eq!(ended, 1);
        let late = seat.order(with(seat.line_order("protect_line", CALLEE), json!({ "until": until }))).await;
        assert_eq!((late.code, late.faults[0].field.as_str()), (LineAnswerCode::OrderIncomplete, "until"));
        let police = seat.order(seat.line_order("suspend_line", "110")).await;
        assert_eq!(police.code, LineAnswerCode::ProtectedNumber);
    })
    .await;
}

#[tokio::test]
async fn who_ordered_lifts_and_nobody_else() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let seat = Seat::open(db, hand).await;
        let order = seat.line_order("suspend_line", CALLER);
        seat.order(order.clone()).await;
        let lift = |seat: &Seat| with(seat.line_order("lift", CALLER), json!({ "refers_to": order["order_id"] }));
        let other = wire::PartnerId::parse("centre-44").unwrap();
        seat.receive(&other, wire::kind::LINE_ORDER, lift(&seat)).await;
        assert!(seat.stops(CALLER));
        assert_eq!(seat.sent("line_answer").await.last().unwrap()["code"], "nothing_to_lift");
        seat.hand.advance(Duration::millis(5));
        assert_eq!(seat.order(lift(&seat)).await.code, LineAnswerCode::Done);
        assert!(!seat.stops(CALLER));
        seat.hand.advance(Duration::millis(5));
        assert_eq!(seat.order(lift(&seat)).await.code, LineAnswerCode::NothingToLift);
    })
    .await;
}

#[tokio::test]
async fn an_order_that_arrives_twice_is_carried_out_once() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let seat = Seat::open(db.clone(), hand).await;
        let proxy = Arc::new(Proxy::default());
        seat.operator.offer_calls(proxy.clone());
        let order = with(seat.line_order("cut_call", CALLEE), json!({ "counterpart": CALLER }));
        let first = seat.order(order.clone()).await;
        assert_eq!((first.code, first.cuts.len()), (LineAnswerCode::Done, 1));
        let second = seat.order(order.clone()).await;
        assert_eq!(second, first, "the first answer stands");
        assert_eq!(proxy.0.lock().unwrap().len(), 1, "cut once");
        let other = wire::PartnerId::parse("centre-44").unwrap();
        seat.receive(&other, wire::kind::LINE_ORDER, order).await;
        assert_eq!(seat.sent("line_answer").await.last().unwrap()["code"], "order_already_handled");
        seat.hand.advance(Duration::millis(5));
        let quiet = seat.order(seat.line_order("cut_call", CALLER)).await;
        assert_eq!(quiet.code, LineAnswerCode::NoCallInProgress);
    })
    .await;
}

#[tokio::test]
async fn what_is_not_offered_or_cannot_be_read_is_answered() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let seat = Seat::open(db, hand).await;
        assert_eq!(seat.order(seat.line_order("cut_call", CALLEE)).await.code, LineAnswerCode::FunctionNotOffered);
        seat.hand.advance(Duration::millis(5));
        let mut order = seat.line_order("query_contacts", CALLER);
        order["reason"] = json!(null);
        let answer = seat.order(order).await;
        let fields: Vec<&str> = answer.faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(answer.code, LineAnswerCode::OrderIncomplete);
        assert!(fields.contains(&"reason") && fields.contains(&"period"), "{fields:?}");
    })
    .await;
}

#[tokio::test]
async fn contacts_are_told_and_warned_once_for_a_case() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let seat = Seat::open(db.clone(), hand).await;
        let post = Arc::new(Post::default());
        seat.operator.offer_warnings(post.clone());
        seat.place(CALLER, CALLEE);
        seat.hand.advance(Duration::minutes(1));
        seat.place(CALLER, CALLEE);
        seat.place(CALLER, "+8613800000003");
        seat.place("+8613800000004", CALLER);
        seat.place(CALLER, "+8673188888888");
        seat.place(CALLER, "+6591234567");
        seat.operator.write_records().await.unwrap();
        let period = json!({ "from": seat.now() - Duration::hours(1), "to": seat.now() + Duration::minutes(1) });
        let answer = seat.order(with(seat.line_order("query_contacts", CALLER), json!({ "period": period }))).await;
        let contacts = answer.contacts.unwrap();
        assert_eq!(answer.code, LineAnswerCode::DoneInPart, "the records begin after the period does");
        assert_eq!((contacts.len(), contacts[0].number.as_str(), contacts[0].count), (5, CALLEE, 2));
        assert_eq!(contacts.iter().filter(|c| c.direction == Direction::In).count(), 1);

        seat.hand.advance(Duration::millis(5));
        let warn = |seat: &Seat| with(seat.line_order("warn_contacts", CALLER), json!({ "period": period }));
        let answer = seat.order(warn(&seat)).await;
        let messages = answer.messages.unwrap();
        assert_eq!((messages.sent, messages.not_ours, messages.warned_before), (4, 1, 0));
        let (to, text) = post.0.lock().unwrap()[0].clone();
        assert_eq!(to.len(), 3);
        assert!(text.contains("0001") && !text.contains("http") && !text.contains("scam"), "{text}");
        let (abroad, text) = post.0.lock().unwrap()[1].clone();
        assert_eq!(abroad, [Number::parse("+6591234567").unwrap()]);
        assert!(text.contains("涉嫌电信网络诈骗") && text.contains("ending in 0001"), "both languages: {text}");
        seat.hand.advance(Duration::millis(5));
        let again = seat.order(warn(&seat)).await.messages.unwrap();
        assert_eq!((again.sent, again.warned_before), (0, 4));
        seat.hand.advance(Duration::millis(5));
        let other_case = with(warn(&seat), json!({ "case_number": "R261123-0002" }));
        let own = json!({ "warning_text": "尾号{tail}涉诈，请勿转账", "warning_text_en": "Do not pay {tail}" });
        assert_eq!(seat.order(with(other_case, own)).await.messages.unwrap().sent, 4);
        let last = post.0.lock().unwrap().last().unwrap().1.clone();
        assert_eq!(last, "尾号0001涉诈，请勿转账\nDo not pay 0001");
        seat.hand.advance(Duration::millis(5));
        let luring = with(warn(&seat), json!({ "warning_text_en": "Call one three eight 0013 8000 or 138 0013 8000" }));
        let refused = seat.order(luring).await;
        assert_eq!(
            (refused.code, refused.faults[0].field.as_str()),
            (LineAnswerCode::OrderIncomplete, "warning_text_en")
        );
    })
    .await;
}

#[tokio::test]
async fn a_warning_that_a_process_noted_before_its_end_is_sent_by_the_next_one() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let seat = Seat::open(db.clone(), hand).await;
        let post = Arc::new(Post::default());
        seat.operator.offer_warnings(post.clone());
        let (told, refused) = ("+8613800000003", "+8613800000005");
        for person in [CALLEE, told, refused] {
            seat.place(CALLER, person);
        }
        seat.operator.write_records().await.unwrap();
        let period = json!({ "from": seat.now() - Duration::hours(1), "to": seat.now() + Duration::minutes(1) });
        let order = with(seat.line_order("warn_contacts", CALLER), json!({ "period": period }));
        let mut tx = db.begin().await.unwrap();
        for (person, state) in [(CALLEE, "under_way"), (told, "sent"), (refused, "failed")] {
            tx.execute(
                "INSERT INTO operator_warning (case_number, line, number, order_id, at, state) VALUES ($1,$2,$3,$4,$5,$6)",
                args![
                    order["case_number"].as_str().unwrap(),
                    person,
                    CALLER,
                    order["order_id"].as_str().unwrap(),
                    seat.now(),
                    state
                ],
            )
            .await
            .unwrap();
        }
        tx.commit().await.unwrap();
        let messages = seat.order(order).await.messages.unwrap();
        assert_eq!((messages.sent, messages.failed, messages.warned_before), (2, 1, 0));
        let sent = post.0.lock().unwrap().iter().flat_map(|(to, _)| to.clone()).collect::<Vec<_>>();
        assert_eq!(sent, [Number::parse(CALLEE).unwrap()], "and to nobody twice of whom it is known");
    })
    .await;
}

#[tokio::test]
async fn a_label_for_the_next_call_is_shown_once_to_the_call_that_it_is_meant_for() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let seat = Seat::open(db.clone(), hand).await;
        let until = seat.now() + Duration::hours(2);
        let (friend, stranger) = ("+8613800000009", "+8613800000010");
        let order = |more| with(with(seat.line_order("label_next_call", CALLEE), json!({ "until": until })), more);
        let of_caller = seat.order(order(json!({ "counterpart": CALLER, "label": "涉诈来电，请勿转账" }))).await;
        assert_eq!(of_caller.code, LineAnswerCode::Done);
        let words = |decision: screen::Decision| match decision.action {
            screen::Action::Label(id) => {
                let own = seat.operator.screening().order_labels().words(id);
                own.or_else(|| id.words().map(|(zh, _)| zh.to_owned()))
            }
            _ => None,
        };
        assert_eq!(words(seat.place(friend, CALLEE)), None, "it is not this caller's");
        // A question about a call takes no label away.
        let asked = operator::check::decide(seat.operator.screening().screen(), &seat.attempt(CALLER, CALLEE));
        assert_eq!(words(asked).as_deref(), Some("涉诈来电，请勿转账"));
        seat.hand.advance(Duration::millis(5));
        seat.order(order(json!({}))).await;
        assert_eq!(words(seat.place(CALLER, CALLEE)).as_deref(), Some("涉诈来电，请勿转账"));
        assert_eq!(
            words(seat.place(CALLER, CALLEE)).as_deref(),
            Some("反诈中心提醒:谨防诈骗"),
            "the one for any caller"
        );
        assert_eq!(words(seat.place(CALLER, CALLEE)), None, "each is shown once");
        seat.operator.step().await.unwrap();
        let used: Vec<(String,)> =
            db.fetch_all("SELECT state FROM operator_measure ORDER BY id", args![]).await.unwrap();
        assert_eq!(used, [("used".to_owned(),), ("used".to_owned(),)]);
        assert_eq!(words(seat.place(stranger, CALLEE)), None);

        // What a restart finds in the database is shown too.
        seat.hand.advance(Duration::millis(5));
        seat.order(order(json!({ "label": "家人核实后再转账" }))).await;
        let again = Seat::open_in(db, seat.hand.clone(), seat.folder.clone(), false).await;
        let screen::Action::Label(id) = again.place(stranger, CALLEE).action else { panic!("no label") };
        assert_eq!(again.operator.screening().order_labels().words(id).as_deref(), Some("家人核实后再转账"));
    })
    .await;
}

#[tokio::test]
async fn signals_leave_in_one_document_a_period() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let seat = Seat::open(db.clone(), hand).await;
        let centre = seat.centre.clone();
        seat.receive(&centre, "list_change", seat::change(1, 0, &[(CALLER, "block")], &[])).await;
        seat.place(CALLER, CALLEE);
        seat.place("+8613800000009", CALLEE);
        seat.operator.step().await.unwrap();
        assert!(seat.sent("signals").await.is_empty(), "the period still runs");
        seat.hand.advance(Duration::minutes(2));
        seat.operator.step().await.unwrap();
        let sent = seat.sent("signals").await;
        assert_eq!(sent.len(), 1);
        assert_eq!((&sent[0]["hits"][0]["caller"], &sent[0]["hits"][0]["reason"]), (&json!(CALLER), &json!("list")));
        assert_eq!(sent[0]["hits"][0]["callee"], json!(null), "a call that did not come through names nobody");
        assert_eq!(sent[0]["hits"][0]["pattern"], CALLER);
        assert_eq!(sent[0]["list_number"], 1);
        let rules = sent[0]["rules"].as_array().unwrap();
        let watched = rules.iter().find(|rule| rule["rule"] == "rule:16").unwrap();
        assert_eq!((&watched["title_en"], &watched["stage"]), (&json!("Watched number"), &json!("live")));
        let counted: i64 = sent[0]["counters"].as_array().unwrap().iter().map(|c| c["count"].as_i64().unwrap()).sum();
        assert_eq!(counted, 2);
        seat.place("+8613800000009", CALLEE);
        seat.hand.advance(Duration::minutes(2));
        seat.operator.step().await.unwrap();
        assert_eq!(seat.sent("signals").await[1].get("rules"), None, "no rule has changed");
    })
    .await;
}
