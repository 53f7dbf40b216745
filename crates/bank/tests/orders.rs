//! Orders against the books, on both databases: one case for each answer, and what follows from holds over time.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout
)]

mod seat;

use bank::ledger::{LedgerFault, Mode};
use bank::order::Offer;
use bank::teller::{NewTransfer, Side};
use kernel::{Currency, Duration, OrderId};
use seat::{MIGRATIONS, PAID, PROTECTED, SECOND, SUSPECT, Seat, with};
use serde_json::json;
use store::testing::each_db;
use store::{Tx, Who, args};
use wire::{AnswerCode, Channel, OrderKind, PartnerId};

fn withdrawal(amount_minor: i64) -> NewTransfer {
    NewTransfer {
        external_id: None,
        payer: Side::Ours(SUSPECT.into()),
        payee: Side::Channel,
        amount_minor,
        currency: Currency::CNY,
        channel: Channel::Cash,
        reference: String::new(),
        memo: String::new(),
        value_date: None,
        mode: Mode::Posted,
    }
}

async fn withdraw(seat: &Seat, amount_minor: i64) -> Result<(), bank::Error> {
    seat.hand.advance(Duration::millis(1));
    let mut tx: Tx = seat.bank.db().begin().await.unwrap();
    seat.bank.transfer(&mut tx, &Who::user("teller", &["bank.admin"]), &withdrawal(amount_minor)).await?;
    tx.commit().await.unwrap();
    Ok(())
}

/// The suspect has 10,100.00 left of the 30,000.00: the rest has gone on.
const LEFT: i64 = 1_010_000;

#[tokio::test]
async fn every_answer_code_has_its_case() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let seat = Seat::open(db, hand).await;
        seat.load().await;
        let code = |answer: wire::Answer| answer.code;

        // Nothing is stopped while any of the four points differs.
        let other_name = with(seat.stop(), json!({ "account": { "name": "测试乙" } }));
        let answer = seat.order(other_name).await;
        assert_eq!((answer.code, answer.mismatches.as_slice()), (AnswerCode::NameMismatch, &["account_name".to_owned()][..]));
        let no_such = with(seat.stop(), json!({ "account": { "number": "6222020000000009999" } }));
        assert_eq!(code(seat.order(no_such).await), AnswerCode::NoSuchAccount);
        let other_currency = with(seat.stop(), json!({ "currency": "USD", "check": { "currency": "USD" } }));
        assert_eq!(code(seat.order(other_currency).await), AnswerCode::NoSuchAccount);
        for (check, differs) in [
            (json!({ "amount_minor": 1 }), vec!["amount"]),
            (json!({ "at": PAID - Duration::hours(2) }), vec!["time"]),
            (json!({ "amount_minor": 1, "at": PAID - Duration::hours(2) }), vec!["amount", "time"]),
        ] {
            let answer = seat.order(with(seat.stop(), json!({ "check": check }))).await;
            assert_eq!((answer.code, answer.mismatches), (AnswerCode::AmountOrTimeMismatch, differs.iter().map(|d| d.to_string()).collect()));
        }
        let protected = json!({ "account": { "number": PROTECTED, "name": "长沙供水示范公司" },
            "check": { "amount_minor": 90_000_000, "at": "2020-01-02T00:00:00+08:00" } });
        assert_eq!(code(seat.order(with(seat.stop(), protected)).await), AnswerCode::ProtectedAccount);
        let bank_b = PartnerId::parse("bank-b").unwrap();
        assert_eq!(code(seat.order_as(&bank_b, seat.stop()).await), AnswerCode::SealNotValid);
        let answer = seat.order(with(seat.stop(), json!({ "check": null, "reason": null }))).await;
        assert_eq!(answer.code, AnswerCode::OrderIncomplete);
        assert_eq!(answer.faults.iter().map(|f| f.field.as_str()).collect::<Vec<_>>(), ["reason", "check"]);
        let too_long = json!({ "until": bank::hold::add_months(seat.now(), 7) });
        let answer = seat.order(with(seat.freeze(), too_long.clone())).await;
        assert_eq!((answer.code, answer.faults[0].field.as_str()), (AnswerCode::OrderIncomplete, "until"));
        assert_eq!(code(seat.order(with(seat.freeze(), json!({ "papers": [] }))).await), AnswerCode::PapersMissing);
        assert_eq!(seat.books(SUSPECT).await, (LEFT, 0, LEFT), "nothing is held so far");
        let unknown = with(seat.stop(), json!({ "kind": "seize_house" }));
        assert_eq!(code(seat.order(unknown).await), AnswerCode::FunctionNotOffered);
        let lift = |of: &serde_json::Value| json!({ "kind": "lift_stop", "refers_to": of["order_id"], "check": null });
        let stop = seat.stop();
        let nothing = with(seat.stop(), lift(&stop));
        assert_eq!(code(seat.order(nothing).await), AnswerCode::NothingToLift);

        // Part of the money has gone: what is there is held, and later inflows up to the limit.
        let answer = seat.order(stop.clone()).await;
        assert_eq!(answer.code, AnswerCode::DoneInPart);
        assert_eq!((answer.held_minor, answer.available_minor, answer.balance_minor), (Some(LEFT), Some(0), Some(LEFT)));
        assert_eq!((answer.from, answer.until), (Some(seat.now()), Some(seat.now() + Duration::hours(48))));
        assert_eq!(answer.stops_used, Some(1));
        let answer_of_first = answer.clone();
        let again = seat.order(stop.clone()).await;
        assert_eq!((again.code, again.held_minor, again.until), (AnswerCode::OrderAlreadyHandled, answer.held_minor, answer.until));
        let answer = seat.order(seat.stop()).await;
        assert_eq!(answer.code, AnswerCode::AlreadyStopped);
        assert_eq!((answer.existing[0].case_number.as_str(), answer.existing[0].amount_minor), ("R261123-0001", Some(3_000_000)));
        let refused = withdraw(&seat, 1).await.unwrap_err();
        assert!(matches!(refused, bank::Error::Ledger(LedgerFault::Held { available_minor: 0 })), "{refused}");

        // A smaller stop of another case finds nothing left, but the account is in line for what comes.
        let small = json!({ "case_number": "R261123-0002", "amount_minor": 100 });
        assert!(answer_of_first.words.en.contains("balance is below"), "{:?}", answer_of_first.words);
        let behind = seat.order(with(seat.stop(), small)).await;
        assert_eq!((behind.code, behind.held_minor), (AnswerCode::DoneInPart, Some(0)));
        assert!(behind.words.zh.contains("在先措施") && behind.words.en.contains("stands before"), "{:?}", behind.words);
        assert_eq!((behind.existing.len(), behind.existing[0].position), (1, 0));
        assert_eq!(code(seat.order(with(seat.stop(), lift(&stop))).await), AnswerCode::Done);
        assert_eq!(seat.books(SUSPECT).await, (LEFT, 100, LEFT - 100));
        assert_eq!(code(seat.order(with(seat.stop(), lift(&stop))).await), AnswerCode::NothingToLift);

        // The second and last stop of the case.
        let second = seat.stop();
        assert_eq!(seat.order(second.clone()).await.stops_used, Some(2));
        seat.order(with(seat.stop(), lift(&second))).await;
        assert_eq!(code(seat.order(seat.stop()).await), AnswerCode::StopsUsedUp);

        // Frozen as a whole: stops are pointless, a freeze of another case waits.
        let freeze = seat.freeze();
        let answer = seat.order(freeze.clone()).await;
        assert_eq!((answer.code, answer.held_minor), (AnswerCode::Done, Some(LEFT - 100)), "after the stop before it");
        let stop_b = with(seat.stop(), json!({ "case_number": "R261123-0003" }));
        assert_eq!(code(seat.order(stop_b).await), AnswerCode::AlreadyFrozen);
        assert_eq!(code(seat.order(seat.freeze()).await), AnswerCode::AlreadyFrozen);
        let waits = with(seat.freeze(), json!({ "case_number": "R261123-0004" }));
        let answer = seat.order(waits.clone()).await;
        assert_eq!((answer.code, answer.position), (AnswerCode::WaitingInLine, Some(1)));

        // Renewal, then lift: the one in line takes effect at once and its order is answered again.
        let until = bank::hold::add_months(seat.now(), 11);
        let renewed = json!({ "kind": "renew_freeze", "refers_to": freeze["order_id"], "until": until });
        let answer = seat.order(with(seat.freeze(), renewed)).await;
        assert_eq!((answer.code, answer.until), (AnswerCode::Done, Some(until)));
        let too_far = json!({ "kind": "renew_freeze", "refers_to": freeze["order_id"], "until": bank::hold::add_months(seat.now(), 18) });
        assert_eq!(code(seat.order(with(seat.freeze(), too_far)).await), AnswerCode::OrderIncomplete);
        let lift_freeze = json!({ "kind": "lift_freeze", "refers_to": freeze["order_id"], "until": null });
        assert_eq!(code(seat.order(with(seat.freeze(), lift_freeze)).await), AnswerCode::Done);
        let answers = seat.sent("answer").await;
        let told = answers.iter().rfind(|a| a["order_id"] == waits["order_id"]).unwrap();
        assert_eq!(told["code"], "done");

        // Books that cannot be read are the bank's fault, and the centre hears of it.
        let mut tx = seat.bank.db().begin().await.unwrap();
        tx.execute("UPDATE bank_account SET kind = 'nonsense' WHERE no = $1", args![SECOND]).await.unwrap();
        tx.commit().await.unwrap();
        let broken = json!({ "account": { "number": SECOND }, "case_number": "R261123-0009" });
        assert_eq!(code(seat.order(with(seat.stop(), broken)).await), AnswerCode::InternalFailure);
    })
    .await;
}

#[tokio::test]
async fn another_centre_neither_lifts_nor_learns_nor_shares_a_case() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let seat = Seat::open(db, hand).await;
        seat.load().await;
        let other = PartnerId::parse("centre-44").unwrap();
        let stop = seat.stop();
        seat.order(stop.clone()).await;
        let repeated = seat.order_as(&other, stop.clone()).await;
        assert_eq!((repeated.code, repeated.held_minor), (AnswerCode::OrderAlreadyHandled, None));
        let lift = json!({ "kind": "lift_stop", "refers_to": stop["order_id"], "check": null });
        assert_eq!(seat.order_as(&other, with(seat.stop(), lift)).await.code, AnswerCode::NothingToLift);
        let same_number = seat.order_as(&other, seat.stop()).await;
        assert_eq!((same_number.code, same_number.stops_used), (AnswerCode::DoneInPart, Some(1)));
        assert_eq!(same_number.existing[0].authority, "centre-43");
    })
    .await;
}

#[tokio::test]
async fn a_seat_without_a_function_says_so() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let kinds = [OrderKind::Stop, OrderKind::LiftStop, OrderKind::QueryTransactions];
        let seat = Seat::open_with(db, hand, |s| bank::Settings { offer: Offer::of(&kinds), ..s }).await;
        seat.load().await;
        assert_eq!(seat.order(seat.freeze()).await.code, AnswerCode::FunctionNotOffered);
        assert_eq!(seat.order(seat.stop()).await.code, AnswerCode::DoneInPart);
    })
    .await;
}

#[tokio::test]
async fn a_stop_lapses_by_itself_and_the_centre_is_told() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let seat = Seat::open(db, hand).await;
        seat.load().await;
        let stop = seat.stop();
        let until = seat.order(stop.clone()).await.until.unwrap();
        let behind = with(seat.stop(), json!({ "case_number": "R261123-0002", "amount_minor": null }));
        assert_eq!(seat.order(behind.clone()).await.code, AnswerCode::Done);
        let waits = with(seat.stop(), json!({ "case_number": "R261123-0003" }));
        assert_eq!(seat.order(waits.clone()).await.code, AnswerCode::WaitingInLine);

        seat.hand.advance(Duration::hours(47));
        assert_eq!(seat.bank.end_due_holds().await.unwrap(), 0);
        seat.hand.advance(Duration::hours(2));
        assert_eq!(seat.bank.end_due_holds().await.unwrap(), 1);
        assert_eq!(seat.bank.end_due_holds().await.unwrap(), 0, "once");
        let lapses = seat.sent("lapse").await;
        assert_eq!(lapses.len(), 2);
        let of = |order: &serde_json::Value| lapses.iter().find(|l| l["order_id"] == order["order_id"]).unwrap();
        assert_eq!(of(&stop)["reason"], "ended");
        assert_eq!(of(&stop)["held_minor"], LEFT);
        assert_eq!(of(&stop)["lapsed_at"], serde_json::to_value(until).unwrap(), "at its end, not when it was noted");
        assert_eq!(of(&behind)["next_order_id"], waits["order_id"], "the one in line is named");
        assert_eq!(seat.books(SUSPECT).await.1, LEFT, "which now holds the money");
        seat.hand.advance(Duration::hours(48));
        // Without the timer: whoever touches the account finds that the time is over.
        withdraw(&seat, LEFT).await.unwrap();
        assert_eq!(seat.sent("lapse").await.len(), 3);
        let kinds: Vec<(String,)> = seat
            .bank
            .db()
            .fetch_all("SELECT kind FROM journal WHERE kind LIKE 'hold.%' ORDER BY seq", args![])
            .await
            .unwrap();
        let kinds: Vec<&str> = kinds.iter().map(|(k,)| k.as_str()).collect();
        assert_eq!(
            kinds,
            [
                "hold.took_effect",
                "hold.took_effect",
                "hold.waits",
                "hold.lapsed",
                "hold.lapsed",
                "hold.took_effect",
                "hold.lapsed"
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn queries_and_watches_give_the_money_trail() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let seat = Seat::open_with(db, hand, |mut s| {
            s.parameters.statement_rows_max = 2;
            s
        })
        .await;
        seat.load().await;
        let query = |kind: &str, rest| {
            with(with(seat.stop(), json!({ "kind": kind, "check": null, "amount_minor": null })), rest)
        };
        let period = |from, to| json!({ "period": { "from": from, "to": to } });

        let answer = seat.order(query("query_transactions", period(PAID - Duration::hours(24), seat.now()))).await;
        let movements = answer.transactions.unwrap();
        assert_eq!(movements.len(), 2);
        assert!(!answer.more);
        let (first, second) = (&movements[0], &movements[1]);
        assert_eq!((first.amount_minor, first.balance_after_minor), (3_000_000, 3_010_000));
        assert_eq!(first.counterparty.as_ref().unwrap().bank, "bank-b");
        assert_eq!(
            (second.amount_minor, second.balance_after_minor, second.channel),
            (2_000_000, LEFT, Channel::Online)
        );
        assert_eq!(second.counterparty.as_ref().unwrap().name, "测试乙");
        let all = seat.order(query("query_transactions", period(PAID - Duration::hours(24 * 3650), seat.now()))).await;
        assert!(all.more, "the opening balance and two transfers are more than two rows");
        assert_eq!(all.transactions.unwrap().len(), 2);

        let holder = seat.order(query("query_holder", json!({}))).await.holder.unwrap();
        assert_eq!((holder.name.as_str(), holder.id_number.as_str()), ("测试甲", "430102199001010011"));
        let accounts = seat.order(query("query_accounts", json!({}))).await.accounts.unwrap();
        assert_eq!(accounts.iter().map(|a| a.number.as_str()).collect::<Vec<_>>(), [SUSPECT, SECOND]);

        for until in [json!(bank::hold::add_months(seat.now(), 7)), json!("9999-12-31T23:59:59Z")] {
            let answer = seat.order(query("watch", json!({ "until": until }))).await;
            let fields: Vec<_> = answer.faults.iter().map(|f| f.field.as_str()).collect();
            assert_eq!((answer.code, fields), (AnswerCode::OrderIncomplete, vec!["until"]), "{until}");
        }
        let watch = query("watch", json!({}));
        assert_eq!(seat.order(watch.clone()).await.code, AnswerCode::Done);
        withdraw(&seat, 700).await.unwrap();
        let later = "transfer_id,time,payer_bank,payer_account,payer_name,payee_account,amount\n\
             t9,2026-11-23T07:59:00+08:00,bank-b,6228480000000000011,测试丙,6222020000000000026,1.00\n";
        assert_eq!(seat.load_texts([seat::customers(), seat::accounts(), later.to_owned()]).await.transfers.added, 1);
        let pushed = seat.sent("movement").await;
        assert_eq!(pushed.len(), 2);
        assert_eq!(pushed[0]["movements"][0]["channel"], "cash");
        assert_eq!(pushed[1]["movements"][0]["amount_minor"], 100);
        let end = query("end_watch", json!({ "refers_to": watch["order_id"] }));
        assert_eq!(seat.order(end).await.code, AnswerCode::Done);
        withdraw(&seat, 700).await.unwrap();
        assert_eq!(seat.sent("movement").await.len(), 2);
        let ended = query("end_watch", json!({ "refers_to": watch["order_id"] }));
        assert_eq!(seat.order(ended).await.code, AnswerCode::NothingToLift);
        let unknown = query("end_watch", json!({ "refers_to": OrderId::new(seat.now()) }));
        assert_eq!(seat.order(unknown).await.code, AnswerCode::NothingToLift);
    })
    .await;
}

#[tokio::test]
async fn a_sealed_order_takes_effect_once_however_often_and_in_whatever_company_it_arrives() {
    each_db(&MIGRATIONS, |db, hand| async move {
        use std::sync::Arc;
        use wire::{Body, Inbox, Message, inbox::Reply};

        let seat = Seat::open(db.clone(), hand).await;
        seat.load().await;
        let bank = &seat.bank;
        let inbox = Arc::new(Inbox::new(&db, bank.directory(), bank.outbox().keys(), bank.me(), bank.clone()));
        let sealed = |order: serde_json::Value| {
            let body = Body::from(seat::order_of(&order));
            let message = Message::new(&seat.centre, bank.me(), &body, seat.now(), Duration::hours(1)).unwrap();
            wire::seal(&seat.centre_keys, &message).unwrap().text
        };
        let stop = sealed(seat.stop());
        let small = |n: i64| {
            sealed(with(
                seat.stop(),
                json!({ "case_number": format!("C{n}"), "amount_minor": n, "account": { "name": " 测 试甲" } }),
            ))
        };
        let mut documents = vec![stop.clone(), stop.clone(), small(3), stop, small(5)];
        documents.extend(
            (0..20).map(|n| {
                sealed(with(seat.stop(), json!({ "account": { "number": format!("622202000000000{n:04}") } })))
            }),
        );
        let mut tasks = tokio::task::JoinSet::new();
        for document in documents {
            let inbox = inbox.clone();
            tasks.spawn(async move { inbox.receive(document.as_bytes(), None).await });
        }
        while let Some(reply) = tasks.join_next().await {
            assert!(matches!(reply.unwrap(), Reply::Receipt(..)));
        }
        let (holds, limits): (i64, i64) =
            db.fetch_one("SELECT COUNT(*), CAST(SUM(limit_minor) AS BIGINT) FROM bank_hold", args![]).await.unwrap();
        assert_eq!((holds, limits), (3, 3_000_008));
        assert_eq!(seat.sent("answer").await.len(), 23, "one answer for each order");
    })
    .await;
}
