//! The counter and the import, on both databases.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout
)]

mod seat;

use bank::ledger::{LedgerFault, Mode, Party, TransferState};
use bank::notice::NoticeInput;
use bank::teller::{NewTransfer, Side};
use kernel::{Currency, Duration};
use seat::{MIGRATIONS, PAID, SUSPECT, Seat, with};
use serde_json::json;
use store::testing::each_db;
use store::{Who, args};
use wire::{AnswerCode, Channel};

const PAYER: &str = "6222020000000000059";

fn clerk() -> Who {
    Who::user("clerk", &["bank.report.write", "bank.admin"])
}

#[tokio::test]
async fn an_import_loads_good_rows_names_bad_ones_and_may_be_repeated() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let seat = Seat::open(db, hand).await;
        let report = seat.load().await;
        assert_eq!((report.customers.added, report.accounts.added), (3, 4));
        let t = report.transfers;
        assert_eq!((t.added, t.known, t.elsewhere, t.refused), (3, 0, 1, 1));
        let bad = &report.refused[0];
        assert_eq!((bad.line, bad.faults.len(), bad.faults[0].field.as_str()), (5, 2, "payer_account"));
        assert!(!bad.faults[0].said.zh.is_empty() && !bad.faults[0].said.en_remedy.is_empty());
        assert_eq!(seat.books(SUSPECT).await.0, 1_010_000);
        assert_eq!(seat.books("#clearing.bank-b").await.0, -3_000_000, "bank-b owes it");
        assert_eq!(seat.books("#cash").await.0, 500_000);
        assert_eq!(seat.books("#opening").await.0, -95_010_000);

        let again = seat.load().await;
        assert_eq!((again.customers.known, again.accounts.known, again.transfers.known), (3, 4, 3));
        assert_eq!(seat.books(SUSPECT).await.0, 1_010_000);

        let mixed = [
            "customer_id,name,phones\n,无号,\nc9,\u{3000},12\n".to_owned(),
            "account,customer_id,currency,kind,opening_balance\n12,cx,XXX,castle,-5\n6222020000000000075,cx,CNY,wallet,1\n".to_owned(),
            format!(
                "transfer_id,time,amount,payer_account,payee_account,channel\n\
                 x1,yesterday,ten,{SUSPECT},{PAYER},pigeon\n\
                 x2,2026-11-20T00:00:00+08:00,99999999.00,{SUSPECT},{PAYER},online\n\
                 x3,2026-11-20T00:00:00+08:00,1.00,{SUSPECT},6222020000000099999,online\n\
                 x4,2026-11-20T00:00:00+08:00,1.00,{SUSPECT},,online\n\
                 x5,2026-11-20T00:00:00+08:00,1.00,{SUSPECT},,atm\n\
                 x5,2026-11-20T00:00:00+08:00,1.00,{SUSPECT},,atm\n\
                 x6,2027-11-20T00:00:00+08:00,1.00,{SUSPECT},,atm\n"
            ),
        ];
        let report = seat.load_texts(mixed).await;
        let told: Vec<(u64, Vec<&str>)> =
            report.refused.iter().map(|r| (r.line, r.faults.iter().map(|f| f.said.code.as_str()).collect())).collect();
        assert_eq!(
            told,
            [
                (2, vec!["import.missing"]),
                (3, vec!["import.missing", "msisdn.length"]),
                (2, vec!["account_no.length", "currency.unknown", "import.unknown_word", "import.negative"]),
                (3, vec!["import.no_customer"]),
                (2, vec!["import.time", "money.characters", "import.unknown_word"]),
                (8, vec!["import.future"]),
                (5, vec!["import.no_side"]),
                (7, vec!["import.twice"]),
                (3, vec!["ledger.not_enough"]),
                (4, vec!["import.no_account"]),
            ]
        );
        assert_eq!(report.transfers.added, 1);
    })
    .await;
}

#[tokio::test]
async fn numbers_are_read_in_the_forms_that_spreadsheets_keep() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let seat = Seat::open(db, hand).await;
        seat.load().await;
        let wide: String = PAYER.chars().map(|c| char::from_u32(u32::from(c) + 0xfee0).unwrap()).collect();
        let spaced = format!("{}\u{a0}{}", &PAYER[..4], &PAYER[4..]);
        let forms = [
            "customer_id,name\nk1,周全\n".to_owned(),
            // A bank numbers its accounts as it likes: zeros at the end and no check digit are no sign of rounding.
            "account,customer_id,currency,kind,opening_balance\n6228480000000200000,k1,CNY,savings,100.00\n\
             6.22848E+18,k1,CNY,savings,1.00\n"
                .to_owned(),
            format!(
                "某行流水\ntransfer_id,time,amount,payer_account,payee_account,channel\n\
                 f1,2026-11-20T09:12:34+08:00,1.00,'{PAYER},{SUSPECT},mobile\n\
                 f2,2026-11-20 09:12:36,\"￥1,000.00元\",=\"{PAYER}\",{SUSPECT},mobile\n\
                 f3,46346.3788425926,1.00,{wide},{SUSPECT},mobile\n\
                 f4,20261120091236,1.00,{spaced},{SUSPECT},mobile\n\
                 f5,2026-11-20 09:12:36,1.00,6.22202E+18,{SUSPECT},mobile\n\
                 f6,2026-11-20 09:12:36,1.00,6228480000000200000,{SUSPECT},mobile\n\
                 f7,2026-11-20 09:12:36,USD 1.00,{PAYER},{SUSPECT},mobile\n"
            ),
        ];
        let report = seat.load_texts(forms).await;
        let told: Vec<(u64, Vec<&str>)> =
            report.refused.iter().map(|r| (r.line, r.faults.iter().map(|f| f.said.code.as_str()).collect())).collect();
        assert_eq!((report.accounts.added, report.transfers.added), (1, 5), "{told:?}");
        assert_eq!(
            told,
            [
                (3, vec!["import.rounded", "account_no.characters"]),
                (7, vec!["import.rounded", "account_no.characters"]),
                (9, vec!["import.bank_currency"]),
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn a_teller_books_reserves_and_reverses() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let seat = Seat::open(db, hand).await;
        seat.load().await;
        let who = clerk();
        let party = Party { bank: "bank-b".into(), account: "6228480000000000011".into(), name: "测试丙".into() };
        let new = |payer: Side, payee: Side, amount_minor, mode| NewTransfer {
            external_id: None,
            payer,
            payee,
            amount_minor,
            currency: Currency::CNY,
            channel: Channel::Mobile,
            reference: "R7".into(),
            memo: "房租".into(),
            value_date: None,
            mode,
        };
        let ours = |no: &str| Side::Ours(no.to_owned());
        let book = async |new: &NewTransfer| {
            let mut tx = seat.bank.db().begin().await.unwrap();
            let booked = seat.bank.transfer(&mut tx, &who, new).await?;
            tx.commit().await.unwrap();
            Ok::<_, bank::Error>(booked)
        };
        let out = book(&new(ours(SUSPECT), Side::Elsewhere(party.clone()), 10_000, Mode::Posted)).await.unwrap();
        assert_eq!(out.debit.ledger.balance_minor(), 1_000_000);
        book(&new(Side::Elsewhere(party), ours(SUSPECT), 5_000, Mode::Posted)).await.unwrap();
        assert_eq!(seat.books("#clearing.bank-b").await.0, -2_995_000);
        let too_much = book(&new(ours(SUSPECT), ours(PAYER), 9_000_000, Mode::Posted)).await.unwrap_err();
        assert!(matches!(too_much, bank::Error::Ledger(LedgerFault::NotEnough { available_minor: 1_005_000 })));
        let same = book(&new(ours(SUSPECT), ours(SUSPECT), 1, Mode::Posted)).await.unwrap_err();
        assert!(matches!(same, bank::Error::Ledger(LedgerFault::SameAccount)));
        let nobody = book(&new(ours(SUSPECT), Side::Channel, 1, Mode::Posted)).await.unwrap_err();
        assert!(matches!(nobody, bank::Error::Input(_)));

        let reserved = book(&new(ours(SUSPECT), ours(PAYER), 600, Mode::Pending)).await.unwrap();
        assert_eq!(seat.books(SUSPECT).await, (1_005_000, 0, 1_004_400));
        let mut tx = seat.bank.db().begin().await.unwrap();
        seat.bank.finish_transfer(&mut tx, &who, reserved.id, TransferState::Posted).await.unwrap();
        let again = seat.bank.finish_transfer(&mut tx, &who, reserved.id, TransferState::Voided).await.unwrap_err();
        assert!(matches!(again, bank::Error::Ledger(LedgerFault::NotPending)));
        let reversal = seat.bank.reverse_transfer(&mut tx, &who, reserved.id, "误转").await.unwrap();
        let twice = seat.bank.reverse_transfer(&mut tx, &who, reserved.id, "误转").await.unwrap_err();
        assert!(matches!(twice, bank::Error::Ledger(LedgerFault::AlreadyReversed)));
        let of_it = seat.bank.reverse_transfer(&mut tx, &who, reversal.id, "误转").await.unwrap_err();
        assert!(matches!(of_it, bank::Error::Ledger(LedgerFault::AlreadyReversed)));
        tx.commit().await.unwrap();
        assert_eq!(seat.books(SUSPECT).await, (1_005_000, 0, 1_005_000));

        let lacking = seat.bank.db().begin().await.unwrap();
        let mut lacking = lacking;
        let outsider = Who::user("guest", &["bank.orders.read"]);
        let refused = seat.bank.transfer(&mut lacking, &outsider, &new(ours(SUSPECT), ours(PAYER), 1, Mode::Posted)).await;
        assert!(matches!(refused, Err(bank::Error::Store(store::Error::Forbidden { .. }))));
        lacking.rollback().await.unwrap();
        let sums: (i64, i64) = seat
            .bank
            .db()
            .fetch_one(
                "SELECT CAST(SUM(debits_posted_minor) AS BIGINT), CAST(SUM(credits_posted_minor) AS BIGINT) FROM bank_account",
                args![],
            )
            .await
            .unwrap();
        assert_eq!(sums.0, sums.1, "the books balance");
    })
    .await;
}

#[tokio::test]
async fn a_victim_at_the_counter_is_reported_and_the_bank_may_stop_first() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let seat = Seat::open(db, hand).await;
        seat.load().await;
        let empty: NoticeInput = serde_json::from_value(json!({ "kind": "victim_case" })).unwrap();
        let faulty: NoticeInput = serde_json::from_value(json!({
            "kind": "victim_case", "words": "被骗", "region": "999999", "stop_first": "yes",
            "case": { "victim_name": "", "victim_phone": "12", "payments": [{
                "payer_account": "1", "payee_account": "", "payee_name": "", "payee_bank": "",
                "amount": { "minor": 0, "currency": "CNY" }, "paid_at": "2030-01-01T00:00:00+08:00" }] }
        }))
        .unwrap();
        let fields = async |input: &NoticeInput| {
            let mut tx = seat.bank.db().begin().await.unwrap();
            let error = seat.bank.report(&mut tx, &clerk(), input).await.unwrap_err();
            tx.rollback().await.unwrap();
            let bank::Error::Input(faults) = error else { panic!("{error}") };
            faults.0.into_iter().map(|f| f.field).collect::<Vec<_>>()
        };
        assert_eq!(fields(&empty).await, ["words", "case"]);
        let p = |field: &str| format!("case.payments[0].{field}");
        let mut want = vec!["region".to_owned(), "case.victim_name".into(), "case.victim_phone".into()];
        want.extend(["payer_account", "payee_account", "payee_name", "payee_bank", "amount", "paid_at"].map(p));
        assert_eq!(fields(&faulty).await, want);

        let paid_at = PAID + Duration::minutes(1);
        let good: NoticeInput = serde_json::from_value(json!({
            "kind": "victim_case", "words": "客户在柜面称被骗", "region": "430100", "stop_first": "yes",
            "case": { "victim_name": "测试甲", "victim_phone": "13800000001", "payments": [{
                "payer_account": SUSPECT, "payee_account": PAYER, "payee_name": "测试乙", "payee_bank": "bank-a",
                "amount": { "minor": 2_000_000, "currency": "CNY" }, "paid_at": paid_at }] }
        }))
        .unwrap();
        let mut tx = seat.bank.db().begin().await.unwrap();
        let sent = seat.bank.report(&mut tx, &clerk(), &good).await.unwrap();
        tx.commit().await.unwrap();
        let first = sent.stopped_first.unwrap();
        assert_eq!((first.held_minor, first.until), (2_000_000, seat.now() + Duration::hours(24)));
        assert_eq!(seat.books(PAYER).await.1, 2_000_000);
        let notice = seat.sent("notice").await.remove(0);
        assert_eq!(notice["case"]["stopped_first"]["held_minor"], 2_000_000);

        // The order that follows takes the place of the bank's own stop and lasts 48 hours.
        let order = with(
            seat.stop(),
            json!({ "order_id": first.order_id, "account": { "number": PAYER, "name": "测试乙" },
                "amount_minor": 2_000_000, "check": { "amount_minor": 2_000_000, "at": paid_at } }),
        );
        let answer = seat.order(order).await;
        assert_eq!((answer.code, answer.held_minor), (AnswerCode::Done, Some(2_000_000)));
        seat.hand.advance(Duration::hours(25));
        seat.bank.end_due_holds().await.unwrap();
        assert_eq!(seat.books(PAYER).await.1, 2_000_000);

        let taken = json!({ "notice_id": sent.id, "case_number": "R261123-0007" });
        seat.send_as(&seat.centre, wire::kind::NOTICE_TAKEN, taken).await;
        let row = bank::notice::of_id(seat.bank.db(), sent.id).await.unwrap();
        assert_eq!((row.case_number.as_deref(), row.victim_masked().as_deref()), (Some("R261123-0007"), Some("测*")));

        let suspect: NoticeInput = serde_json::from_value(json!({
            "kind": "suspect_account", "words": "快进快出", "account": SUSPECT, "signs": ["quick_in_out"] }))
        .unwrap();
        let mut tx = seat.bank.db().begin().await.unwrap();
        seat.bank.report(&mut tx, &clerk(), &suspect).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(seat.sent("notice").await[1]["account"]["name"], "测试甲");
    })
    .await;
}

#[tokio::test]
async fn the_banks_own_stop_lifts_when_no_order_follows() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let seat = Seat::open(db, hand).await;
        seat.load().await;
        let input: NoticeInput = serde_json::from_value(json!({
            "kind": "victim_case", "words": "客户在柜面称被骗", "stop_first": "yes",
            "case": { "victim_name": "测试甲", "victim_phone": "13800000001", "payments": [{
                "payer_account": SUSPECT, "payee_account": PAYER, "payee_name": "测试乙", "payee_bank": "bank-a",
                "amount": { "minor": 2_000_000, "currency": "CNY" }, "paid_at": PAID + Duration::minutes(1) }] }
        }))
        .unwrap();
        let mut tx = seat.bank.db().begin().await.unwrap();
        let sent = seat.bank.report(&mut tx, &clerk(), &input).await.unwrap();
        tx.commit().await.unwrap();
        seat.hand.advance(Duration::hours(24));
        seat.bank.end_due_holds().await.unwrap();
        assert_eq!(seat.books(PAYER).await.1, 0);
        let lapse = seat.sent("lapse").await.remove(0);
        assert_eq!(lapse["reason"], "no_order_followed");
        assert_eq!(lapse["order_id"], serde_json::to_value(sent.stopped_first.unwrap().order_id).unwrap());
    })
    .await;
}
