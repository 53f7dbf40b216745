//! The desk on both databases: drafts, submitting, joining, scope, imports, what other desks see.

use kernel::{Duration, ManualClock, Region, ReportId, Timestamp};
use serde_json::json;
use store::journal::{Filter as JournalFilter, open_private, query};
use store::testing::each_db;
use store::{Db, Who};

use super::import::{self, File, Mapping};
use super::{
    Asked, BankNames, Certainty, Draft, Error, Filter, MIGRATIONS, Outcome, Parameters, ReportEvent, ReportState,
    Rules, SubmittedReport, Verdict, change_draft, check, create_draft, duplicates, list, load, reveal, submit,
    submit_new, submitted, take_case,
};

pub(super) fn banks() -> BankNames {
    BankNames::new([("bank-a", vec!["湘江示范银行"]), ("bank-b", vec!["洞庭示范银行"])])
}

pub(super) fn rules(banks: &BankNames) -> Rules<'_> {
    Parameters { home_region: Region::parse("430000").ok(), ..Parameters::default() }.rules(banks)
}

pub(super) fn officer() -> Who {
    Who::user("wang", &["intake.read", "intake.write", "journal.read"])
}

fn of_region(prefix: &str) -> Who {
    Who { region: Some(prefix.into()), ..Who::user(&format!("officer-{prefix}"), &["intake.read", "intake.write"]) }
}

pub(super) const A: &str = "4111111111111111";
pub(super) const B: &str = "6217001234567890123";

pub(super) fn payment(account: &str, amount: &str, at: &str) -> serde_json::Value {
    json!({"payee_account": account, "payee_name": "李四", "payee_bank": "湘江示范银行", "amount": amount, "paid_at": at})
}

pub(super) fn draft(phone: &str, payments: Vec<serde_json::Value>) -> Draft {
    serde_json::from_value(json!({
        "channel": "110", "victim": {"name": "王小明", "phone": phone, "region": "430102"}, "narrative": "刷单被骗",
        "payments": payments, "contacts": [{"kind": "phone", "value": "13900139000"}], "scam_type": "fake_task_rebate",
    }))
    .unwrap()
}

pub(super) fn one(phone: &str, at: &str) -> Draft {
    draft(phone, vec![payment(A, "3万", at)])
}

pub(super) async fn put(db: &Db, who: &Who, draft: &Draft) -> Result<Outcome, Error> {
    let banks = banks();
    let mut tx = db.begin().await.unwrap();
    let outcome = submit_new(&mut tx, who, draft, rules(&banks)).await?;
    tx.commit().await.unwrap();
    Ok(outcome)
}

async fn kinds(db: &Db) -> Vec<String> {
    let entries = query(db, &officer(), &JournalFilter { limit: 100, ..JournalFilter::default() }).await.unwrap();
    entries.into_iter().rev().map(|e| e.kind).collect()
}

pub(super) async fn case(db: &Db, id: ReportId) -> Option<SubmittedReport> {
    let mut tx = db.begin().await.unwrap();
    let found = submitted(&mut tx, id).await.unwrap();
    tx.rollback().await.unwrap();
    found
}

#[tokio::test]
async fn a_draft_is_kept_changed_and_submitted() {
    each_db(&[MIGRATIONS], |db, _hand| async move {
        let (who, banks) = (officer(), banks());
        let mut tx = db.begin().await.unwrap();
        let half: Draft = serde_json::from_value(json!({"victim": {"name": "王小明", "phone": "138"}})).unwrap();
        let kept = create_draft(&mut tx, &who, &half).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(kept.number, "R261123-0001");

        let mut tx = db.begin().await.unwrap();
        let refused = submit(&mut tx, &who, kept.id, None, rules(&banks)).await.unwrap_err();
        let Error::Faulty(faults) = refused else { panic!("{refused}") };
        let fields: Vec<_> = faults.0.iter().map(|f| f.field.as_str()).collect();
        assert_eq!(fields, ["channel", "victim.region", "region", "victim.phone", "scam_type"]);
        tx.rollback().await.unwrap();
        assert!(case(&db, kept.id).await.is_none(), "a draft is no case");

        let mut tx = db.begin().await.unwrap();
        let full = one("13800138000", "2026-11-22 15:20:05");
        let changed = change_draft(&mut tx, &who, kept.id, 1, &full).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = db.begin().await.unwrap();
        let late = change_draft(&mut tx, &who, kept.id, 1, &full).await.unwrap_err();
        assert!(matches!(&late, Error::Conflict(said) if said.code == "report.version"), "{late}");
        tx.rollback().await.unwrap();

        let mut tx = db.begin().await.unwrap();
        let outcome = submit(&mut tx, &who, kept.id, Some(changed.version), rules(&banks)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!((outcome.state, outcome.version), (ReportState::Submitted, 3));
        let report = load(&db, &who, kept.id).await.unwrap();
        assert_eq!(report.draft.payments[0].payee_bank, "bank-a", "kept in canonical form");
        let mut tx = db.begin().await.unwrap();
        let again = submit(&mut tx, &who, kept.id, None, rules(&banks)).await.unwrap_err();
        assert!(matches!(&again, Error::Conflict(said) if said.code == "report.state"), "{again}");
        tx.rollback().await.unwrap();

        assert_eq!(kinds(&db).await, ["report.drafted", "report.changed", "report.submitted"]);
        let case = case(&db, kept.id).await.unwrap();
        assert_eq!(
            (case.case_id, case.case_number.as_str(), case.region.as_str()),
            (kept.id, "R261123-0001", "430102")
        );
        let paid = &case.payments[0];
        assert_eq!(paid.id, format!("{}:0", kept.id));
        assert_eq!(
            (paid.payee_bank.as_str(), paid.payee_account.as_str(), paid.amount_minor),
            ("bank-a", A, 3_000_000)
        );
        assert_eq!(paid.payee_name.as_deref(), Some("李四"));
    })
    .await;
}

#[tokio::test]
async fn the_journal_says_what_and_hides_whom() {
    each_db(&[MIGRATIONS], |db, _hand| async move {
        let outcome = put(&db, &officer(), &one("13800138000", "2026-11-22 15:20:05")).await.unwrap();
        let filter =
            JournalFilter { subject: Some(format!("report:{}", outcome.id)), limit: 10, ..JournalFilter::default() };
        let entries = query(&db, &officer(), &filter).await.unwrap();
        let told = &entries[0];
        assert_eq!((told.kind.as_str(), told.region.as_deref()), ("report.submitted", Some("430102")));
        let body = told.json();
        assert_eq!(body["number"], "R261123-0001");
        assert_eq!(body["payments"], 1);
        assert_eq!(body["amount"], json!({"minor": 3_000_000, "currency": "CNY"}));
        assert_eq!(body["scam_type"], "fake_task_rebate");
        for entry in &entries {
            for secret in ["王小明", "13800138000", A, "李四", "13900139000"] {
                assert!(!entry.body.contains(secret), "{secret} in {}", entry.body);
            }
        }
        let private = open_private(&db, told).await.unwrap().unwrap();
        assert!(private.contains("王小明") && private.contains(A), "the evidence is whole");
    })
    .await;
}

#[tokio::test]
async fn the_same_payment_is_joined_and_a_new_one_added() {
    each_db(&[MIGRATIONS], |db, hand| async move {
        let who = officer();
        let first = put(&db, &who, &one("13800138000", "2026-11-22 15:20:05")).await.unwrap();
        hand.advance(Duration::minutes(5));

        let mut second = one("13800138000", "2026-11-22 15:24:00");
        second.payments.push(serde_json::from_value(payment(B, "5千", "2026-11-22 16:00")).unwrap());
        let second = put(&db, &who, &second).await.unwrap();
        assert_eq!(second.state, ReportState::Joined);
        assert_eq!(second.joined_to, Some((first.id, first.number.clone())));
        assert_eq!(second.payments_added, 1);

        // A third report of the payment that only the second told of leads to the first, too.
        let third = put(&db, &who, &draft("13800138000", vec![payment(B, "5千", "2026-11-22 16:00")])).await.unwrap();
        assert_eq!(third.joined_to.as_ref().map(|(id, _)| *id), Some(first.id));
        assert_eq!(third.payments_added, 0);

        let by_second = case(&db, second.id).await.unwrap();
        assert_eq!(by_second.case_id, first.id, "a joined report leads to its case");
        let ids: Vec<_> = by_second.payments.iter().map(|p| (p.id.clone(), p.payee_account.clone())).collect();
        assert_eq!(ids, [(format!("{}:0", first.id), A.to_owned()), (format!("{}:1", first.id), B.to_owned())]);
        assert_eq!(kinds(&db).await.iter().filter(|k| *k == "report.submitted").count(), 1);
        assert_eq!(kinds(&db).await.iter().filter(|k| *k == "report.payments_added").count(), 1);
        let of_case = JournalFilter { case_id: Some(first.id.to_string()), limit: 50, ..JournalFilter::default() };
        let history = query(&db, &who, &of_case).await.unwrap();
        assert_eq!(history.iter().filter(|e| e.kind == "report.joined").count(), 2, "in the case's history");
    })
    .await;
}

#[tokio::test]
async fn what_is_the_same_payment_and_what_is_not() {
    each_db(&[MIGRATIONS], |db, _hand| async move {
        let who = officer();
        let with = |phone: &str, name: &str, at: &str, extra: serde_json::Value| {
            let mut p = payment(A, "5000", at);
            for (key, value) in extra.as_object().unwrap() {
                p[key] = value.clone();
            }
            let mut d = draft(phone, vec![p]);
            d.victim.name = name.into();
            d
        };
        let base = with(
            "13800138000",
            "王小明",
            "2026-11-22 15:00",
            json!({"payer_account": B, "reference": "TX20261122001"}),
        );
        let first = put(&db, &who, &base).await.unwrap();
        let cases = [
            (
                "another payer account",
                with("13700137000", "赵六", "2026-11-22 15:00", json!({"payer_account": "6217001234567890456"})),
                false,
            ),
            (
                "another reference",
                with("13800138000", "王小明", "2026-11-22 15:01", json!({"reference": "TX20261122002"})),
                false,
            ),
            (
                "the same reference, another victim and another day",
                with("13700137001", "钱七", "2026-11-21 09:00", json!({"reference": "TX20261122001"})),
                false,
            ),
            (
                "the same reference and payer",
                with(
                    "13700137005",
                    "冯二",
                    "2026-11-22 15:05",
                    json!({"reference": "TX20261122001", "payer_account": B}),
                ),
                true,
            ),
            (
                "the same payer, minutes apart",
                with("13700137002", "孙八", "2026-11-22 15:09", json!({"payer_account": B})),
                true,
            ),
            (
                "the same payer, hours apart",
                with("13700137003", "周九", "2026-11-22 19:00", json!({"payer_account": B})),
                false,
            ),
            ("another person, minutes apart", with("13700137004", "吴十", "2026-11-22 15:05", json!({})), false),
        ];
        for (why, draft, joined) in cases {
            let outcome = put(&db, &who, &draft).await.unwrap();
            assert_eq!(outcome.joined_to.as_ref().is_some_and(|(id, _)| *id == first.id), joined, "{why}");
        }
        let asked = with("13600136000", "郑一", "2026-11-22 14:55", json!({}));
        let checked = check(&asked, db.clock().now(), &banks()).report.unwrap();
        let found = duplicates(&mut &db, &Asked::of(&checked), None, Duration::minutes(10)).await.unwrap();
        assert!(
            found.iter().any(|d| d.report_id == first.id && d.certainty == Certainty::Possible),
            "shown to the officer: {found:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_reference_joins_no_two_payments_that_differ_and_loses_none() {
    each_db(&[MIGRATIONS], |db, hand| async move {
        let (who, banks) = (officer(), banks());
        let of = |phone: &str, amount: &str, at: &str, payer: &str, reference: &str| {
            let mut paid = payment(A, amount, at);
            paid["payer_account"] = payer.into();
            paid["reference"] = reference.into();
            draft(phone, vec![paid])
        };
        let (payer, other) = ("6200004301010000006", "6200004301010000014");
        let (at, long_ago) = ("2026-11-22 15:20", "2026-11-02 15:20");
        let large = ("19000000002", "158000", at);
        let mut expected = Vec::new();
        for (number, (why, earlier, reference, pairs)) in [
            ("a phrase, amount and payer differ", ("1.00", at, payer), "手机银行转账", false),
            ("amount and payer differ", ("1.00", at, payer), "TX20261122001", true),
            ("amount, payer and time differ", ("0.01", long_ago, payer), "TX20261122002", true),
            ("the amount differs", ("157999", at, other), "TX20261122003", true),
            ("the time differs", ("158000", long_ago, other), "TX20261122004", true),
            ("the payer differs", ("158000", at, payer), "TX20261122005", true),
        ]
        .into_iter()
        .enumerate()
        {
            let account = format!("62000043019{number:08}");
            let into = |mut draft: Draft| {
                draft.payments[0].payee_account = account.clone();
                draft
            };
            let (amount, paid_at, paid_by) = earlier;
            let first = put(&db, &who, &into(of("19000000001", amount, paid_at, paid_by, reference))).await.unwrap();
            hand.advance(Duration::seconds(1));
            let second = put(&db, &who, &into(of(large.0, large.1, large.2, other, reference))).await.unwrap();
            hand.advance(Duration::seconds(1));
            assert_eq!((second.state, &second.joined_to), (ReportState::Submitted, &None), "{why}");
            assert_eq!(case(&db, second.id).await.unwrap().payments[0].amount_minor, 15_800_000, "{why}");
            if pairs {
                expected.push((first.id, second.id));
            }
        }
        let waiting = super::pairs::waiting(&db, &who, 50).await.unwrap();
        let waiting: Vec<_> = waiting.into_iter().map(|pair| (pair.other_id, pair.report_id)).collect();
        assert_eq!(waiting, expected, "a person decides");

        // Though a person says that they are one case, what differs is followed.
        for (first, second) in expected {
            let mut tx = db.begin().await.unwrap();
            super::pairs::decide(&mut tx, &who, (second, first), Verdict::Same, "电话核实", rules(&banks))
                .await
                .unwrap();
            tx.commit().await.unwrap();
            assert_eq!(case(&db, first).await.unwrap().payments.len(), 2);
        }
    })
    .await;
}

#[tokio::test]
async fn two_payments_are_not_both_taken_for_one_that_only_a_joined_report_tells_alike() {
    each_db(&[MIGRATIONS], |db, hand| async move {
        let who = officer();
        let paid = |minute: u32| payment(A, "4999", &format!("2026-11-22 20:{minute:02}"));
        let first = put(&db, &who, &draft("19000000011", vec![paid(0)])).await.unwrap();
        hand.advance(Duration::seconds(1));
        put(&db, &who, &draft("19000000011", vec![paid(9)])).await.unwrap();
        hand.advance(Duration::seconds(1));
        let third = put(&db, &who, &draft("19000000011", vec![paid(16), paid(18)])).await.unwrap();
        assert_eq!((third.joined_to.map(|(id, _)| id), third.payments_added), (Some(first.id), 2));
    })
    .await;
}

#[tokio::test]
async fn three_people_who_pay_one_price_into_one_account_in_one_minute_are_three_payments() {
    each_db(&[MIGRATIONS], |db, hand| async move {
        let (who, banks) = (officer(), banks());
        let of = |name: &str, id: &str, phone: &str| {
            let mut d = draft(phone, vec![payment(A, "4999", "2026-11-22 20:01")]);
            d.victim.name = name.into();
            d.victim.citizen_id = id.into();
            d
        };
        let first = put(&db, &who, &of("王一", "430102199003074523", "19000000011")).await.unwrap();
        let mut second = of("王二", "110101199003071102", "19000000014");
        second.payments[0].payer_account = "6200004301010000006".into();
        let second = put(&db, &who, &second).await.unwrap();
        hand.advance(kernel::Duration::seconds(1));
        let third = put(&db, &who, &of("王三", "110101199003071129", "19000000015")).await.unwrap();
        hand.advance(kernel::Duration::seconds(1));
        // One name and one minute, nothing else in common.
        let fourth = put(&db, &who, &of("王一", "", "19000000016")).await.unwrap();
        for outcome in [&first, &second, &third, &fourth] {
            assert_eq!((outcome.state, outcome.joined_to.clone()), (ReportState::Submitted, None));
            assert_eq!(case(&db, outcome.id).await.unwrap().case_id, outcome.id);
        }
        // The same person, by identity number, from another telephone.
        let same = put(&db, &who, &of("王三", "110101199003071129", "19000000017")).await.unwrap();
        assert_eq!(same.joined_to.map(|(id, _)| id), Some(third.id));

        // Each pair waits for a person, and what he decides stays.
        let waiting = super::pairs::waiting(&db, &who, 50).await.unwrap();
        let pair = waiting.iter().find(|p| p.report_id == fourth.id && p.other_id == first.id).unwrap();
        assert_eq!(pair.certainty, Certainty::Possible);
        let decide = async |a: ReportId, b: ReportId, verdict: Verdict| {
            let mut tx = db.begin().await.unwrap();
            let done = super::pairs::decide(&mut tx, &who, (a, b), verdict, "电话核实", rules(&banks)).await;
            tx.commit().await.unwrap();
            done
        };
        let left = waiting.len();
        decide(third.id, first.id, Verdict::Separate).await.unwrap();
        assert_eq!(super::pairs::waiting(&db, &who, 50).await.unwrap().len(), left - 1);
        decide(fourth.id, first.id, Verdict::Same).await.unwrap();
        let joined = case(&db, fourth.id).await.unwrap();
        assert_eq!((joined.case_id, joined.payments.len()), (first.id, 1), "one case with one payment");
        let again = decide(fourth.id, third.id, Verdict::Same).await;
        assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
        let kinds = kinds(&db).await;
        assert!(kinds.iter().any(|k| k == "report.pair_separate") && kinds.iter().any(|k| k == "report.pair_same"));
    })
    .await;
}

#[tokio::test]
async fn what_a_person_decided_about_a_draft_holds_when_it_is_submitted() {
    each_db(&[MIGRATIONS], |db, _hand| async move {
        let (who, banks) = (officer(), banks());
        let first = put(&db, &who, &one("13800138000", "2026-11-22 15:20:05")).await.unwrap();
        for (verdict, joined) in [(Verdict::Separate, false), (Verdict::Same, true)] {
            // Apart though it looks the same, and one though it looks different.
            let phone = if joined { "13900139009" } else { "13800138000" };
            let mut tx = db.begin().await.unwrap();
            let kept = create_draft(&mut tx, &who, &one(phone, "2026-11-22 15:21:00")).await.unwrap();
            super::pairs::decide(&mut tx, &who, (kept.id, first.id), verdict, "核实", rules(&banks)).await.unwrap();
            let outcome = submit(&mut tx, &who, kept.id, None, rules(&banks)).await.unwrap();
            tx.commit().await.unwrap();
            assert_eq!(outcome.joined_to.is_some_and(|(id, _)| id == first.id), joined);
        }
    })
    .await;
}

#[tokio::test]
async fn no_report_holds_an_amount_that_another_layer_cannot_take() {
    each_db(&[MIGRATIONS], |db, _hand| async move {
        let report = draft("13800138000", vec![payment(A, "1000000000000", "2026-11-22 20:01")]);
        let Err(Error::Faulty(faults)) = put(&db, &officer(), &report).await else { panic!("refused") };
        let told: Vec<_> = faults.0.iter().map(|f| (f.field.as_str(), f.said.code.as_str())).collect();
        assert_eq!(told, [("payments[0].amount", "amount.too_large")]);
    })
    .await;
}

#[tokio::test]
async fn two_reports_at_once_become_one_case() {
    each_db(&[MIGRATIONS], |db, _hand| async move {
        let report = one("13800138000", "2026-11-22 15:20:05");
        let who = officer();
        let both = tokio::join!(put(&db, &who, &report), put(&db, &who, &report));
        let mut states = [both.0.unwrap().state, both.1.unwrap().state];
        states.sort_unstable();
        assert_eq!(states, [ReportState::Submitted, ReportState::Joined]);
    })
    .await;
}

#[tokio::test]
async fn rights_and_regions_hold() {
    each_db(&[MIGRATIONS], |db, _hand| async move {
        let report = one("13800138000", "2026-11-22 15:20:05");
        let forbidden = put(&db, &Who::user("reader", &["intake.read"]), &report).await.unwrap_err();
        assert!(matches!(forbidden, Error::Store(store::Error::Forbidden { right: "intake.write" })), "{forbidden}");
        let outside = put(&db, &of_region("4302"), &report).await.unwrap_err();
        assert!(matches!(outside, Error::Store(store::Error::OutOfScope)), "{outside}");
        let id = put(&db, &of_region("4301"), &report).await.unwrap().id;
        assert!(load(&db, &of_region("430102"), id).await.is_ok());
        assert!(matches!(load(&db, &of_region("4302"), id).await, Err(Error::Store(store::Error::OutOfScope))));

        let empty = Draft::default();
        let mut tx = db.begin().await.unwrap();
        let mine = create_draft(&mut tx, &of_region("4302"), &empty).await.unwrap();
        tx.commit().await.unwrap();
        let count = |who: Who| {
            let db = db.clone();
            async move { list(&db, &who, &Filter { limit: 50, ..Filter::default() }).await.unwrap().len() }
        };
        assert_eq!(count(of_region("4301")).await, 1);
        assert_eq!(count(of_region("4302")).await, 1, "a draft without region is its author's");
        assert_eq!(count(of_region("4303")).await, 0);
        assert_eq!(count(officer()).await, 2);
        assert!(load(&db, &of_region("4303"), mine.id).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn reports_are_found_and_paged_masked() {
    each_db(&[MIGRATIONS], |db, hand| async move {
        let who = officer();
        for index in 0..5 {
            let at = format!("2026-11-2{} 10:00", index % 3);
            put(&db, &who, &draft(&format!("1380013800{index}"), vec![payment(A, &format!("{}00", index + 1), &at)]))
                .await
                .unwrap();
            hand.advance(Duration::seconds(1));
        }
        let search = |text: &str, limit: i64, before: Option<(Timestamp, String)>| {
            let filter = Filter { text: Some(text.to_owned()), limit, before, ..Filter::default() };
            let (db, who) = (db.clone(), who.clone());
            async move { list(&db, &who, &filter).await.unwrap() }
        };
        assert_eq!(search("13800138003", 10, None).await.len(), 1);
        assert_eq!(search("4111 1111 1111 1111", 10, None).await.len(), 5);
        assert_eq!(search("139 0013 9000", 10, None).await.len(), 5, "by contact");
        assert_eq!(search("r261123-0002", 10, None).await.len(), 1);
        assert_eq!(search("王小明", 10, None).await.len(), 5);
        assert_eq!(search("无人", 10, None).await.len(), 0);
        let page = search("王小明", 2, None).await;
        assert_eq!(page[0].number, "R261123-0005");
        assert_eq!((page[0].victim_name.as_str(), page[0].victim_phone.as_str()), ("王*", "138****8004"));
        let last = page.last().unwrap();
        let next = search("王小明", 10, Some((last.created_at, last.id.to_string()))).await;
        assert_eq!(
            next.iter().map(|r| r.number.as_str()).collect::<Vec<_>>(),
            ["R261123-0003", "R261123-0002", "R261123-0001"]
        );

        let revealed =
            reveal(&db, &who, &format!("report:{}", page[0].id), "payments[0].payee_account").await.unwrap().unwrap();
        assert_eq!((revealed.value.as_str(), revealed.region.as_deref()), (A, Some("430102")));
        assert_eq!(
            reveal(&db, &who, &format!("report:{}", page[0].id), "payments[7].payee_account").await.unwrap(),
            None
        );
        assert_eq!(reveal(&db, &who, "order:x", "account").await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_bank_notice_becomes_a_report() {
    each_db(&[MIGRATIONS], |db, _hand| async move {
        let notice: wire::Notice = serde_json::from_value(json!({
            "notice_id": kernel::NoticeId::new(db.clock().now()), "kind": "victim_case", "at": "2026-11-22T15:30:00+08:00",
            "branch": "长沙分行", "words": "客户到柜面反映被骗",
            "case": {"victim": {"name": "王小明", "phone": "13800138000"}, "payments": [
                {"payer_account": B, "payee_account": A, "payee_name": "李四", "payee_bank": "bank-a", "amount_minor": 500_000,
                 "currency": "CNY", "paid_at": "2026-11-22T15:20:00+08:00"}]}
        }))
        .unwrap();
        let (banks, from) = (banks(), "bank-b".parse().unwrap());
        let mut tx = db.begin().await.unwrap();
        let taken = take_case(&mut tx, &Who::partner("bank-b"), &from, &notice, rules(&banks)).await.unwrap().unwrap();
        let case = submitted(&mut tx, taken.id).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        assert_eq!(case.region, "430000", "a notice without region is the centre's own");
        assert_eq!(case.payments[0].payer_bank.as_deref(), Some("bank-b"));
    })
    .await;
}

pub(super) fn file(name: &str, text: &str) -> File {
    sent(name, text.as_bytes())
}

/// A file on the disk, as an upload leaves it.
pub(super) fn sent(name: &str, content: &[u8]) -> File {
    let (mut file, path) = tempfile::NamedTempFile::new().unwrap().keep().unwrap();
    std::io::Write::write_all(&mut file, content).unwrap();
    File { source: "市局台账".into(), name: name.into(), path }
}

const LEDGER: &str = "\
报案编号,报案人,联系电话,地区,案件类型,收款账号,收款户名,收款银行,金额,转账时间
1,王小明,13800138000,430102,刷单,4111111111111111,李四,湘江示范银行,\"30,000.00\",2026-11-20 10:00
1,王小明,13800138000,430102,刷单,6217001234567890123,赵六,洞庭示范银行,5千,2026-11-20 10:30
2,孙八,138,430102,刷单,4111111111111111,李四,湘江示范银行,三百个,2026-11-21 10:00
3,周九,13700137000,芙蓉区,投资理财,6.22202E+18,李四,湘江示范银行,800,2026-11-21 11:00
4,吴十,13600136000,430102,其他,4111111111111111,李四,湘江示范银行,900,2026/11/21 12:00:30
";

#[tokio::test]
async fn a_file_is_imported_once_and_refused_rows_are_told() {
    each_db(&[MIGRATIONS], |db, hand: ManualClock| async move {
        let (who, banks) = (officer(), banks());
        let done = import::import(&db, &who, file("a.csv", LEDGER), rules(&banks)).await.unwrap();
        assert_eq!((done.state.as_str(), done.rows_total, done.rows_refused), ("done", 5, 2));
        assert_eq!((done.reports_new, done.reports_joined, done.reports_known), (2, 0, 0));
        let told: Vec<_> = done
            .refused
            .iter()
            .flat_map(|r| {
                r.faults
                    .iter()
                    .map(move |f| (r.row, f.column.as_str(), f.fault.field.as_str(), f.fault.said.code.as_str()))
            })
            .collect();
        assert_eq!(
            told,
            [
                (4, "联系电话", "victim.phone", "msisdn.length"),
                (4, "金额", "payment.amount", "money.characters"),
                (5, "收款账号", "payment.payee_account", "import.rounded"),
                (5, "收款账号", "payment.payee_account", "account_no.characters"),
            ]
        );

        let entries = kinds(&db).await.len();
        let again = import::import(&db, &who, file("b.csv", LEDGER), rules(&banks)).await.unwrap();
        assert_eq!(again, done, "the same file is the same import");
        assert_eq!(kinds(&db).await.len(), entries);

        hand.advance(Duration::hours(1));
        let mended =
            LEDGER.replace("孙八,138,", "孙八,13500135000,").replace("三百个", "三百").replace("6.22202E+18", B);
        let mended = import::import(&db, &who, file("c.csv", &mended), rules(&banks)).await.unwrap();
        assert_eq!(
            (mended.rows_refused, mended.reports_new, mended.reports_known),
            (0, 2, 2),
            "the same rows make nothing twice"
        );
        let all = list(&db, &who, &Filter { state: Some(ReportState::Submitted), limit: 50, ..Filter::default() })
            .await
            .unwrap();
        assert_eq!(all.len(), 4);
        assert_eq!(all.iter().map(|r| r.payments).max(), Some(2), "rows of one key are one report");
    })
    .await;
}

#[tokio::test]
async fn a_workbook_is_imported() {
    each_db(&[MIGRATIONS], |db, _hand| async move {
        let (who, banks) = (officer(), banks());
        let file = sent("ledger.xlsx", include_bytes!("import/ledger.xlsx"));
        let done = import::import(&db, &who, file, rules(&banks)).await.unwrap();
        assert_eq!((done.reports_new, done.rows_refused), (1, 1), "{:?}", done.refused);
        assert_eq!(done.refused[0].faults[0].fault.said.code, "import.rounded", "the last digits were lost");
        let all = list(&db, &who, &Filter { limit: 5, ..Filter::default() }).await.unwrap();
        let report = load(&db, &who, all[0].id).await.unwrap();
        let paid = serde_json::to_value(&report.draft.payments[0]).unwrap();
        assert_eq!(paid["amount"]["minor"], 3_000_050);
        assert_eq!(paid["paid_at"], "2026-11-20T07:20:05Z", "a date cell is China Standard Time");
        assert_eq!(report.draft.victim.phone, "+8613800138000");
    })
    .await;
}

#[tokio::test]
async fn a_mapping_is_kept_by_source() {
    each_db(&[MIGRATIONS], |db, _hand| async move {
        let (who, banks) = (officer(), banks());
        let odd = "导出 2026\n谁,电话号,打到哪,多少,何时\n王小明,13800138000,4111111111111111,3万,2026-11-20 10:00\n";
        let Err(Error::Faulty(faults)) = import::import(&db, &who, file("a.csv", odd), rules(&banks)).await else {
            panic!()
        };
        assert_eq!(faults.0[0].said.code, "import.columns_unknown");
        let mapping: Mapping = serde_json::from_value(json!({
            "header_row": 2,
            "columns": [{"field": "victim.name", "column": "谁"}, {"field": "victim.phone", "column": "电话号"},
                {"field": "payment.payee_account", "column": "#3"}, {"field": "payment.amount", "column": "多少"},
                {"field": "payment.paid_at", "column": "何时"}],
            "defaults": [{"field": "region", "value": "长沙市"}, {"field": "payment.payee_bank", "value": "bank-a"}]
        }))
        .unwrap();
        import::keep_mapping(&db, &who, "市局台账", &mapping).await.unwrap();
        let done = import::import(&db, &who, file("a.csv", odd), rules(&banks)).await.unwrap();
        assert_eq!((done.reports_new, done.rows_refused), (1, 0), "{:?}", done.refused);

        let bad = Mapping { header_row: Some(0), columns: vec![], ..mapping };
        let Err(Error::Faulty(faults)) = import::keep_mapping(&db, &who, "市局台账", &bad).await else { panic!() };
        assert_eq!(faults.0.len(), 2);
        let missing = import::import(&db, &who, file("d.csv", "x,y\n1,2\n"), rules(&banks)).await;
        let Err(Error::Faulty(faults)) = missing else { panic!() };
        assert!(faults.0.iter().all(|f| f.said.code == "import.column"));
    })
    .await;
}

#[test]
fn states_go_one_way() {
    use ReportEvent::*;
    use ReportState as S;
    let allowed = [
        (S::Draft, Change, S::Draft),
        (S::Draft, Submit, S::Submitted),
        (S::Draft, Join, S::Joined),
        // Only by a person, who decides that two reports tell of one payment.
        (S::Submitted, Join, S::Joined),
        (S::Submitted, Close, S::Closed),
    ];
    for state in S::ALL {
        for event in [Change, Submit, Join, Close] {
            let expected = allowed.iter().find(|(s, e, _)| s == state && *e == event).map(|(_, _, after)| *after);
            assert_eq!(state.after(event), expected, "{state} {event:?}");
        }
    }
}

#[tokio::test]
async fn of_two_equal_payments_in_the_later_report_one_is_new_where_the_earlier_told_one() {
    each_db(&[MIGRATIONS], |db, hand| async move {
        let who = officer();
        let paid = |at: &str| payment(A, "4999", at);
        let first = put(&db, &who, &draft("19000000011", vec![paid("2026-11-22 20:01")])).await.unwrap();
        hand.advance(kernel::Duration::seconds(1));
        let both = draft("19000000011", vec![paid("2026-11-22 20:01"), paid("2026-11-22 20:03")]);
        let second = put(&db, &who, &both).await.unwrap();
        assert_eq!(second.joined_to.map(|(id, _)| id), Some(first.id));
        assert_eq!(second.payments_added, 1, "the earlier payment stands for one of the two");
        assert_eq!(case(&db, first.id).await.unwrap().payments.len(), 2);
    })
    .await;
}
