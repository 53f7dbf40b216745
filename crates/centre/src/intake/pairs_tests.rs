//! What people decide about two reports, on both databases: it is kept, and no payment is lost by it.

use std::sync::Arc;

use kernel::{Duration, ReportId};
use store::testing::each_db;
use store::{Db, Who, args};

use super::pairs::{decide, waiting};
use super::tests::{A, B, banks, case, draft, file, officer, one, payment, put, rules};
use super::{
    BankNames, Draft, Error, MIGRATIONS, Outcome, ReportState, Verdict, change_draft, create_draft, import, load,
    name_bank, submit,
};
use crate::stop::CaseRef;

const C: &str = "6200004301010000006";

async fn says(db: &Db, a: ReportId, b: ReportId, verdict: Verdict) -> Result<(), Error> {
    let banks = banks();
    let mut tx = db.begin().await.unwrap();
    decide(&mut tx, &officer(), (a, b), verdict, "电话核实", rules(&banks)).await?;
    tx.commit().await.unwrap();
    Ok(())
}

async fn keep(db: &Db, draft: &Draft) -> ReportId {
    let mut tx = db.begin().await.unwrap();
    let kept = create_draft(&mut tx, &officer(), draft).await.unwrap();
    tx.commit().await.unwrap();
    kept.id
}

async fn enter(db: &Db, id: ReportId) -> Result<Outcome, Error> {
    let banks = banks();
    let mut tx = db.begin().await.unwrap();
    let outcome = submit(&mut tx, &officer(), id, None, rules(&banks)).await?;
    tx.commit().await.unwrap();
    Ok(outcome)
}

/// Account, bank and amount of each payment of a case.
async fn money(db: &Db, id: ReportId) -> Vec<(String, String, i64)> {
    let mut money: Vec<_> = case(db, id)
        .await
        .unwrap()
        .payments
        .into_iter()
        .map(|p| (p.payee_account, p.payee_bank, p.amount_minor))
        .collect();
    money.sort();
    money
}

#[tokio::test]
async fn joining_two_cases_by_hand_takes_all_that_the_later_case_knows() {
    each_db(&[MIGRATIONS], |db, hand| async move {
        let at = "2026-11-22 15:20:05";
        let first = put(&db, &officer(), &one("19000000011", at)).await.unwrap();
        hand.advance(Duration::seconds(1));
        let mut second = draft("19000000012", vec![payment(A, "3万", at), payment(C, "8千", at)]);
        second.channel = "import".into();
        second.payments[1].payee_bank = String::new();
        second.payments[1].payee_name = String::new();
        let second = put(&db, &officer(), &second).await.unwrap();
        assert_eq!(second.state, ReportState::Submitted, "like amount and time alone are not the same payment");
        hand.advance(Duration::seconds(1));
        // A third report of the same victim tells of one payment more.
        let third = draft("19000000012", vec![payment(A, "3万", at), payment(B, "5千", at)]);
        let third = put(&db, &officer(), &third).await.unwrap();
        assert_eq!((third.joined_to.map(|(id, _)| id), third.payments_added), (Some(second.id), 1));
        // And an officer finds the bank that was missing.
        let mut tx = db.begin().await.unwrap();
        let known = CaseRef {
            id: second.id,
            number: second.number.clone(),
            region: "430102".into(),
            reported_at: db.clock().now(),
        };
        let maker = Who::user("zhao", &["stop.make"]);
        name_bank(&mut tx, &maker, &known, 1, &"bank-b".parse().unwrap(), Some("钱七")).await.unwrap();
        tx.commit().await.unwrap();

        // A bank that is no partner any more changes nothing about what was submitted.
        let none = BankNames::new([]);
        let mut tx = db.begin().await.unwrap();
        decide(&mut tx, &officer(), (first.id, second.id), Verdict::Same, "电话核实", rules(&none)).await.unwrap();
        tx.commit().await.unwrap();

        let all = [(A, "bank-a", 3_000_000), (C, "bank-b", 800_000), (B, "bank-a", 500_000)];
        let mut all = all.map(|(account, bank, minor)| (account.to_owned(), bank.to_owned(), minor));
        all.sort();
        for report in [first.id, second.id, third.id] {
            assert_eq!(case(&db, report).await.unwrap().case_id, first.id);
            assert_eq!(money(&db, report).await, all);
        }
        let named = case(&db, first.id).await.unwrap().payments;
        assert!(named.iter().any(|p| p.payee_name.as_deref() == Some("钱七")), "with the name that was found");
    })
    .await;
}

#[tokio::test]
async fn a_joined_report_names_the_bank_of_a_payment_that_waits_for_it() {
    each_db(&[MIGRATIONS], |db, hand| async move {
        let at = "2026-11-22 15:20:05";
        for (by_hand, phone) in [(false, "19000000071"), (true, "19000000072")] {
            let mut open = one("19000000071", at);
            open.channel = "import".into();
            open.payments[0].payee_bank = String::new();
            open.payments[0].payee_account = if by_hand { B } else { C }.into();
            let mut second = one(phone, at);
            second.payments[0].payee_account = open.payments[0].payee_account.clone();
            let first = put(&db, &officer(), &open).await.unwrap();
            assert_eq!(money(&db, first.id).await, []);
            hand.advance(Duration::seconds(1));
            let second = put(&db, &officer(), &second).await.unwrap();
            if by_hand {
                says(&db, second.id, first.id, Verdict::Same).await.unwrap();
            }
            let known = (open.payments[0].payee_account.clone(), "bank-a".to_owned(), 3_000_000);
            assert_eq!(money(&db, first.id).await, [known]);
        }
        let journal = store::journal::read_after(&db, 0, 100).await.unwrap();
        assert_eq!(
            journal.iter().filter(|entry| entry.kind == "report.bank_named").count(),
            2,
            "the chase hears of it"
        );
    })
    .await;
}

#[tokio::test]
async fn a_case_to_which_another_was_joined_is_joined_with_it() {
    each_db(&[MIGRATIONS], |db, hand| async move {
        let at = "2026-11-22 15:20:05";
        let mut ids = Vec::new();
        for (phone, own) in [("19000000021", "1001"), ("19000000022", "1002"), ("19000000023", "1003")] {
            let told = draft(phone, vec![payment(A, "3万", at), payment(B, own, at)]);
            ids.push(put(&db, &officer(), &told).await.unwrap().id);
            hand.advance(Duration::seconds(1));
        }
        says(&db, ids[2], ids[1], Verdict::Same).await.unwrap();
        says(&db, ids[1], ids[0], Verdict::Same).await.unwrap();
        for id in &ids {
            assert_eq!(case(&db, *id).await.unwrap().case_id, ids[0]);
        }
        let amounts: Vec<i64> = money(&db, ids[2]).await.into_iter().map(|(_, _, minor)| minor).collect();
        assert_eq!(amounts, [3_000_000, 100_100, 100_200, 100_300]);
        // They are one case now, and are not parted again.
        says(&db, ids[2], ids[0], Verdict::Same).await.unwrap();
        let apart = says(&db, ids[2], ids[0], Verdict::Separate).await;
        assert!(matches!(&apart, Err(Error::Conflict(said)) if said.code == "report.state"), "{apart:?}");
    })
    .await;
}

#[tokio::test]
async fn what_is_the_same_by_a_persons_word_joins_though_the_amount_was_corrected() {
    each_db(&[MIGRATIONS], |db, _hand| async move {
        let at = "2026-11-22 15:20:05";
        let first = put(&db, &officer(), &one("19000000031", at)).await.unwrap();
        let kept = keep(&db, &one("19000000032", at)).await;
        says(&db, kept, first.id, Verdict::Same).await.unwrap();
        let mut tx = db.begin().await.unwrap();
        let corrected = draft("19000000032", vec![payment(A, "3万5千", at)]);
        change_draft(&mut tx, &officer(), kept, 1, &corrected).await.unwrap();
        tx.commit().await.unwrap();
        let outcome = enter(&db, kept).await.unwrap();
        assert_eq!(outcome.joined_to.map(|(id, _)| id), Some(first.id));
        assert_eq!(outcome.payments_added, 1, "what the first report does not know is followed");
    })
    .await;
}

#[tokio::test]
async fn what_a_person_holds_apart_stays_apart_when_the_other_report_joins_a_case() {
    each_db(&[MIGRATIONS], |db, hand| async move {
        let at = "2026-11-22 15:20:05";
        let first = put(&db, &officer(), &one("19000000041", at)).await.unwrap();
        hand.advance(Duration::seconds(1));
        let second = put(&db, &officer(), &one("19000000042", at)).await.unwrap();
        // By its telephone it is the same as the first.
        let kept = keep(&db, &one("19000000041", at)).await;
        says(&db, kept, second.id, Verdict::Separate).await.unwrap();
        hand.advance(Duration::seconds(1));
        says(&db, second.id, first.id, Verdict::Same).await.unwrap();
        let outcome = enter(&db, kept).await.unwrap();
        assert_eq!((outcome.state, outcome.joined_to), (ReportState::Submitted, None));

        // A later word about the whole case holds.
        let kept = keep(&db, &one("19000000043", at)).await;
        says(&db, kept, second.id, Verdict::Separate).await.unwrap();
        hand.advance(Duration::seconds(1));
        says(&db, kept, first.id, Verdict::Same).await.unwrap();
        assert_eq!(enter(&db, kept).await.unwrap().joined_to.map(|(id, _)| id), Some(first.id));
    })
    .await;
}

#[tokio::test]
async fn a_pair_that_waits_goes_on_waiting_when_one_of_the_two_joins_a_case() {
    each_db(&[MIGRATIONS], |db, hand| async move {
        let at = "2026-11-22 15:20:05";
        let first = put(&db, &officer(), &one("19000000051", at)).await.unwrap();
        hand.advance(Duration::seconds(1));
        let of_b = |phone: &str| draft(phone, vec![payment(B, "5千", at)]);
        let second = put(&db, &officer(), &of_b("19000000052")).await.unwrap();
        hand.advance(Duration::seconds(1));
        let third = put(&db, &officer(), &of_b("19000000053")).await.unwrap();
        hand.advance(Duration::seconds(1));
        let pairs = |db: Db| async move {
            let all = waiting(&db, &officer(), 50).await.unwrap();
            all.into_iter().map(|pair| [pair.other_id, pair.report_id]).collect::<Vec<_>>()
        };
        assert_eq!(pairs(db.clone()).await, [[second.id, third.id]]);
        says(&db, second.id, first.id, Verdict::Same).await.unwrap();
        assert_eq!(pairs(db.clone()).await, [[first.id, third.id]], "by hand");

        // A report that joins by itself, and tells of a payment that may be another's.
        let fourth = draft("19000000051", vec![payment(A, "3万", at), payment(C, "7千", at)]);
        let fifth = put(&db, &officer(), &draft("19000000055", vec![payment(C, "7千", at)])).await.unwrap();
        hand.advance(Duration::seconds(1));
        let fourth = put(&db, &officer(), &fourth).await.unwrap();
        assert_eq!(fourth.joined_to.map(|(id, _)| id), Some(first.id));
        assert_eq!(pairs(db.clone()).await, [[first.id, third.id], [first.id, fifth.id]], "by itself");
        // What is decided is decided for the case.
        says(&db, third.id, first.id, Verdict::Separate).await.unwrap();
        says(&db, fifth.id, first.id, Verdict::Same).await.unwrap();
        assert_eq!(pairs(db.clone()).await, Vec::<[ReportId; 2]>::new());
        assert_eq!(load(&db, &officer(), fifth.id).await.unwrap().state, ReportState::Joined);
    })
    .await;
}

#[tokio::test]
async fn a_sum_is_in_the_currency_of_the_first_payment() {
    each_db(&[MIGRATIONS], |db, _hand| async move {
        let at = "2026-11-22 15:20:05";
        let dollars = |amount: &str| {
            let mut paid = payment(A, amount, at);
            paid["currency"] = "USD".into();
            paid
        };
        let first = put(&db, &officer(), &draft("19000000061", vec![dollars("100")])).await.unwrap();
        let second = draft("19000000061", vec![dollars("100"), dollars("250"), payment(B, "5千", at)]);
        assert_eq!(put(&db, &officer(), &second).await.unwrap().payments_added, 2);
        let (minor,): (i64,) =
            db.fetch_one("SELECT amount_minor FROM intake_report WHERE id = $1", args![first.id]).await.unwrap();
        assert_eq!(minor, 35_000);
    })
    .await;
}

/// An import enters several reports in one transaction, and officers submit theirs meanwhile: nobody is sent away because
/// the database had to end one of two that waited for each other.
#[tokio::test]
async fn reports_enter_beside_an_import_that_names_the_accounts_in_another_order() {
    each_db(&[MIGRATIONS], |db, _hand| async move {
        let at = "2026-11-20 10:00";
        let mut ledger =
            String::from("报案编号,报案人,联系电话,地区,案件类型,收款账号,收款户名,收款银行,金额,转账时间\n");
        for number in 0..40 {
            let account = if number % 2 == 0 { B } else { A };
            let phone = 19_100_000_000_u64 + number;
            ledger += &format!("{number},孙八,{phone},430102,刷单,{account},李四,bank-a,{},{at}\n", 1_000 + number);
        }
        let mut drafts = Vec::new();
        for number in 0..24 {
            let amount = (5_000 + number).to_string();
            let phone = (19_200_000_000_u64 + number).to_string();
            drafts.push(keep(&db, &draft(&phone, vec![payment(A, &amount, at), payment(B, &amount, at)])).await);
        }
        let banks = Arc::new(banks());
        let importing = {
            let (db, banks) = (db.clone(), banks.clone());
            tokio::spawn(async move { import::import(&db, &officer(), file("a.csv", &ledger), rules(&banks)).await })
        };
        let mut officers = Vec::new();
        for mine in drafts.chunks(8) {
            let (db, mine) = (db.clone(), mine.to_vec());
            officers.push(tokio::spawn(async move {
                for id in mine {
                    enter(&db, id).await.unwrap();
                }
            }));
        }
        for officer in officers {
            officer.await.unwrap();
        }
        let done = importing.await.unwrap().unwrap();
        assert_eq!((done.reports_new, done.rows_refused), (40, 0), "{:?}", done.refused);
    })
    .await;
}
