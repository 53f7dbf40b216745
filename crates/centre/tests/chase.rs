//! The stop desk and the chase against banks whose books the test knows: what is ordered, what is held, what is out of
//! reach, on both databases.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout
)]

use std::collections::BTreeMap;
use std::sync::Arc;

use centre::chase::{self, ChaseState, Payment};
use centre::stop::model::State;
use centre::stop::{self, AttachedPaper, CaseRef, Decision, Filter, NewOrder, Parameters, Refusal, StandingRule};
use centre::{Centre, Config, Following, Post};
use kernel::{Duration, ManualClock, OrderId, ReportId, RuleId, Timestamp};
use serde_json::json;
use store::journal::Entry;
use store::testing::each_db;
use store::{Db, Migrations, Who, args};
use trace::AccountKey;
use web::testing::{Client, user};
use wire::{Answer, AnswerCode, Body, Directory, Keys, Movement, OrderKind, Outbox, PartnerId};

const MIGRATIONS: [Migrations; 3] = [wire::MIGRATIONS, stop::MIGRATIONS, chase::MIGRATIONS];

/// The books of all banks: movements by bank and account, and holds.
#[derive(Default)]
struct Books {
    movements: BTreeMap<(String, String), Vec<Movement>>,
    holds: BTreeMap<(String, String), i64>,
    refuse: BTreeMap<(String, String), AnswerCode>,
    /// Banks that do not say who holds an account.
    silent: Vec<String>,
    /// Lines in one statement at most; the bank says `more` beyond them.
    page: Option<usize>,
    /// A bank that says `more` for ever and tells nothing new.
    says_more: bool,
    /// How many statements were asked for.
    statements: usize,
}

impl Books {
    fn book(
        &mut self,
        bank: &str,
        account: &str,
        at: Timestamp,
        amount: i64,
        channel: &str,
        other: Option<(&str, &str)>,
    ) {
        let lines = self.movements.entry((bank.into(), account.into())).or_default();
        let before = lines.last().map_or(0, |m| m.balance_after_minor);
        let other = other.map(|(bank, account)| wire::Counterparty {
            bank: bank.into(),
            account: account.into(),
            name: format!("户{account}"),
        });
        lines.push(Movement {
            id: format!("{account}-{}", lines.len()),
            at,
            direction: if amount > 0 { wire::Direction::In } else { wire::Direction::Out },
            amount_minor: amount.abs(),
            currency: "CNY".into(),
            balance_after_minor: before + amount,
            channel: channel.parse().unwrap(),
            counterparty: other,
            reference: format!("ref-{}-{}", at.0, amount.abs()),
            memo: String::new(),
        });
    }

    /// A transfer, on both sides.
    fn pay(&mut self, from: (&str, &str), to: (&str, &str), at: Timestamp, amount: i64) {
        self.book(from.0, from.1, at, -amount, "mobile", Some(to));
        self.book(to.0, to.1, at, amount, "mobile", Some(from));
    }

    fn answer(&mut self, bank: &str, order: &wire::Order, now: Timestamp) -> Answer {
        let key = (bank.to_owned(), order.account.number.clone());
        let Some(lines) = self.movements.get(&key) else {
            return Answer::new(order.order_id, AnswerCode::NoSuchAccount);
        };
        let balance = lines.last().map_or(0, |m| m.balance_after_minor);
        match order.kind {
            OrderKind::Stop => {
                if let Some(code) = self.refuse.get(&key) {
                    return Answer::new(order.order_id, *code);
                }
                let check = order.check.as_ref().unwrap();
                assert!(
                    lines.iter().any(|m| m.amount_minor == check.amount_minor && m.at == check.at),
                    "the check of {} is a movement of the account",
                    order.account.number
                );
                let asked = order.amount_minor.unwrap_or(i64::MAX);
                assert!(self.holds.get(&key).is_none_or(|before| asked > *before), "a second stop asks for more");
                let held = asked.min(balance);
                self.holds.insert(key, held);
                let code = if held < asked { AnswerCode::DoneInPart } else { AnswerCode::Done };
                let mut answer = Answer::new(order.order_id, code);
                answer.held_minor = Some(held);
                answer.balance_minor = Some(balance);
                answer.until = Some(now + Duration::hours(48));
                answer
            }
            OrderKind::QueryHolder if self.silent.iter().any(|silent| silent == bank) => {
                Answer::new(order.order_id, AnswerCode::FunctionNotOffered)
            }
            OrderKind::QueryHolder => {
                let mut answer = Answer::new(order.order_id, AnswerCode::Done);
                answer.holder = Some(wire::Holder {
                    name: format!("户{}", order.account.number),
                    id_number: "11010519491231002X".into(),
                    phones: vec![],
                    opened_at: now,
                    branch: None,
                });
                answer
            }
            OrderKind::QueryTransactions => {
                let period = order.period.unwrap();
                let mut answer = Answer::new(order.order_id, AnswerCode::Done);
                answer.balance_minor = Some(balance);
                let within = |m: &&Movement| m.at >= period.from && m.at < period.to;
                let mut told: Vec<Movement> = lines.iter().filter(within).cloned().collect();
                self.statements += 1;
                if let Some(page) = self.page {
                    answer.more = told.len() > page;
                    told.truncate(page);
                }
                answer.more |= self.says_more;
                answer.transactions = Some(told);
                answer
            }
            _ => Answer::new(order.order_id, AnswerCode::Done),
        }
    }
}

struct Room {
    db: Db,
    hand: ManualClock,
    stop: stop::Desk,
    chase: chase::Desk,
    case: CaseRef,
}

async fn room(db: Db, hand: ManualClock) -> Room {
    let now = db.clock().now();
    let directory = Directory::open(&db).await.unwrap();
    let admin = Who::user("admin", &["partners.write"]);
    for id in ["bank-a", "bank-b"] {
        let pair = wire::KeyPair::generate(now - Duration::hours(1), now + Duration::hours(24 * 300));
        let partner = json!({ "id": id, "name": id, "role": "bank", "base_url": "http://127.0.0.1:1",
            "keys": [serde_json::to_value(pair.public()).unwrap()], "answer_minutes": 30,
            "contacts": [{ "name": "值班一", "phone": "073180000001", "duty": "primary" },
                { "name": "值班二", "phone": "073180000002", "duty": "deputy" }] });
        directory.create(&admin, &partner).await.unwrap();
    }
    let pair = wire::KeyPair::generate(now - Duration::hours(1), now + Duration::hours(24 * 300));
    let outbox = Outbox::new(PartnerId::parse("centre-43").unwrap(), Keys::in_memory([pair]), "test");
    let post = Post { outbox, directory };
    let stop = stop::Desk { post, parameters: Arc::new(Parameters::default()) };
    let case =
        CaseRef { id: ReportId::new(now), number: "R261123-0001".into(), region: "430102".into(), reported_at: now };
    Room { chase: chase::Desk::new(stop.clone()), db, hand, stop, case }
}

impl Room {
    async fn rule(&self, level_max: u32) {
        self.rule_up_to(level_max, 1_000_000_000).await;
    }

    async fn rule_up_to(&self, level_max: u32, amount_minor_max: i64) {
        let now = self.db.clock().now();
        let rule = StandingRule {
            id: RuleId::new(now),
            name: "夜间".into(),
            kinds: vec![OrderKind::Stop, OrderKind::QueryHolder, OrderKind::QueryTransactions, OrderKind::LiftStop],
            level_max,
            amount_minor_max,
            line_kinds: vec![],
            line_hours_max: 0,
            report_age_max: Duration::hours(72),
            region_prefix: "43".into(),
            author: "chief".into(),
            approved_by: None,
            valid_from: now,
            expires_at: now + Duration::hours(7 * 24),
            ended_at: None,
        };
        let mut tx = self.db.begin().await.unwrap();
        self.stop.propose_rule(&mut tx, &Who::user("chief", &["rules.write"]), rule.clone()).await.unwrap();
        let own = self.stop.approve_rule(&mut tx, &Who::user("chief", &["rules.write"]), rule.id).await;
        assert!(matches!(own, Err(Refusal::Conflict(_))), "an author cannot approve his own rule");
        self.stop.approve_rule(&mut tx, &Who::user("deputy", &["rules.write"]), rule.id).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn pay(&self, payments: &[Payment]) {
        let mut tx = self.db.begin().await.unwrap();
        self.chase.start(&mut tx, &self.case, "CNY", payments).await.unwrap();
        tx.commit().await.unwrap();
        self.chase.work_off(&self.db).await.unwrap();
    }

    /// Lets the banks answer every order that has left, in rounds, until nothing is on its way. The chase reacts to the
    /// journal as it does in a running centre.
    async fn play(&self, books: &mut Books) -> usize {
        let reacting = tokio::spawn(store::journal::react(self.db.clone(), Following::new(self.chase.clone())));
        let working = tokio::spawn(self.chase.clone().run(self.db.clone()));
        let mut answered = 0;
        let mut quiet = 0;
        while quiet < 3 {
            let now_answered = self.answer_all(books).await.len();
            answered += now_answered;
            let idle = now_answered == 0 && self.idle().await;
            quiet = if idle { quiet + 1 } else { 0 };
            tokio::time::sleep(std::time::Duration::from_millis(15)).await;
        }
        reacting.abort();
        working.abort();
        answered
    }

    /// Lets the banks answer every order that has left.
    async fn answer_all(&self, books: &mut Books) -> Vec<OrderId> {
        let sql = "SELECT partner, document FROM stop_order WHERE state = 'sent' ORDER BY made_at, id";
        let sent: Vec<(String, String)> = self.db.fetch_all(sql, args![]).await.unwrap();
        let mut answered = Vec::new();
        for (bank, document) in sent {
            let payload = wire::decode_part(document.split('.').nth(1).unwrap()).unwrap();
            let message: wire::Message = serde_json::from_value(payload).unwrap();
            let Body::Order(order) = message.read().unwrap() else { panic!("an order") };
            let answer = books.answer(&bank, &order, self.db.clock().now());
            let mut tx = self.db.begin().await.unwrap();
            self.stop.answer(&mut tx, &PartnerId::parse(&bank).unwrap(), &answer).await.unwrap();
            // A bank that answers twice changes nothing.
            self.stop.answer(&mut tx, &PartnerId::parse(&bank).unwrap(), &answer).await.unwrap();
            tx.commit().await.unwrap();
            answered.push(order.order_id);
        }
        answered
    }

    /// A desk hears that orders have moved, and works on the case.
    async fn hears(&self, desk: &chase::Desk, orders: &[OrderId]) {
        let mut tx = self.db.begin().await.unwrap();
        for id in orders {
            desk.touch(&mut tx, self.case.id, Some(*id)).await.unwrap();
        }
        tx.commit().await.unwrap();
        desk.work_off(&self.db).await.unwrap();
    }

    /// Whether the chase has nothing to read and nothing to work on.
    async fn idle(&self) -> bool {
        let last = store::journal::last_seq(&self.db).await.unwrap();
        let cursor: Option<(i64,)> =
            self.db.fetch_optional("SELECT seq FROM journal_cursor WHERE name = 'chase'", args![]).await.unwrap();
        let (moved,): (i64,) = self.db.fetch_one("SELECT COUNT(*) FROM chase_moved", args![]).await.unwrap();
        cursor.map_or(0, |(seq,)| seq) >= last && moved == 0
    }

    async fn orders(&self) -> Vec<stop::StopOrder> {
        let filter = Filter { limit: 500, ..Filter::default() };
        stop::list(&self.db, &Who::user("officer", &["stop.read"]), &filter).await.unwrap()
    }

    /// A lift of the stop on an account, asked for by one person and approved by another.
    async fn lift(&self, account: &str) {
        let orders = self.orders().await;
        let held = |o: &&stop::StopOrder| o.asked.account_no == account && o.state == State::InEffect;
        let held = orders.iter().find(held).unwrap();
        let asked = NewOrder {
            kind: OrderKind::LiftStop,
            refers_to: Some(held.id),
            check: None,
            amount_minor: None,
            reason: "与案件无关".into(),
            ..held.asked.clone()
        };
        let mut tx = self.db.begin().await.unwrap();
        let id = self.stop.make(&mut tx, &Who::user("officer", &["stop.make"]), asked).await.unwrap();
        let reviewer = Who::user("reviewer", &["stop.check"]);
        self.stop.decide(&mut tx, &reviewer, id, Decision::Approve).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn waits(&self) -> Vec<String> {
        let rows: Vec<(String,)> =
            self.db.fetch_all("SELECT kind FROM chase_waiting ORDER BY kind", args![]).await.unwrap();
        rows.into_iter().map(|(kind,)| kind).collect()
    }

    async fn figures(&self) -> (chase::Chase, BTreeMap<String, chase::AccountFigures>) {
        let who = Who::user("officer", &["chase.read"]);
        let chase = chase::get(&self.db, &who, self.case.id).await.unwrap();
        let accounts = chase::accounts(&self.db, self.case.id).await.unwrap();
        (chase, accounts.into_iter().map(|a| (a.account.clone(), a)).collect())
    }
}

fn payment(id: &str, bank: &str, account: &str, amount_minor: i64, at: Timestamp) -> Payment {
    Payment {
        id: id.into(),
        payee: AccountKey::new(bank, account),
        payee_name: Some(format!("户{account}")),
        amount_minor,
        at,
        reference: None,
        payer: Some(AccountKey::new("bank-b", "6000000000")),
    }
}

fn minute(n: i64) -> Timestamp {
    store::testing::START - Duration::hours(2) + Duration::minutes(n)
}

#[tokio::test]
async fn money_is_followed_level_by_level_until_nothing_flows() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let room = room(db, hand).await;
        room.rule(5).await;
        let mut books = Books::default();
        // The first mule's own 500 yuan go out first, then the victim's 30,000; so at each next account the clean part
        // of a transfer is spent before the victim's.
        books.book("bank-a", "1000000001", minute(0), 50_000, "counter", None);
        books.pay(("bank-b", "6000000000"), ("bank-a", "1000000001"), minute(10), 3_000_000);
        books.pay(("bank-a", "1000000001"), ("bank-b", "2000000001"), minute(11), 1_050_000);
        books.pay(("bank-a", "1000000001"), ("bank-a", "2000000002"), minute(12), 1_500_000);
        books.pay(("bank-b", "2000000001"), ("bank-a", "3000000001"), minute(13), 900_000);
        books.book("bank-a", "2000000002", minute(14), -1_400_000, "atm", None);
        books.book("bank-a", "3000000001", minute(15), -300_000, "virtual_currency", None);
        room.pay(&[payment("p1", "bank-a", "1000000001", 3_000_000, minute(10))]).await;
        room.play(&mut books).await;
        let (chase, accounts) = room.figures().await;
        assert_eq!(chase.state, ChaseState::Dry, "{chase:?}");
        let seen: Vec<(&str, i64, i64, i64, i64, i64)> = accounts
            .values()
            .map(|a| {
                (
                    a.account.as_str(),
                    a.level,
                    a.received_minor,
                    a.passed_on_minor,
                    a.stopped_minor,
                    a.out_of_reach_minor,
                )
            })
            .collect();
        assert_eq!(
            seen,
            [
                ("1000000001", 1, 3_000_000, 2_500_000, 500_000, 0),
                ("2000000001", 2, 1_000_000, 850_000, 150_000, 0),
                ("2000000002", 2, 1_500_000, 0, 100_000, 1_400_000),
                ("3000000001", 3, 850_000, 0, 600_000, 250_000),
            ]
        );
        let sum = chase.sum;
        assert_eq!(
            (sum.reported_minor, sum.stopped_minor, sum.exited_minor, sum.open_minor),
            (3_000_000, 1_350_000, 1_650_000, 0)
        );
        assert!(store::journal::verify(&room.db, None).await.unwrap().ok);
    })
    .await;
}

#[tokio::test]
async fn more_of_the_victims_money_in_one_account_is_stopped_a_second_time_and_not_a_third() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let room = room(db, hand).await;
        room.rule(5).await;
        let mut books = Books::default();
        for n in 0..3 {
            let mule = format!("100000000{n}");
            books.pay(("bank-b", "6000000000"), ("bank-a", &mule), minute(n), 100_000 + n);
        }
        room.pay(&[payment("p0", "bank-a", "1000000000", 100_000, minute(0))]).await;
        room.play(&mut books).await;
        // Two further payments of the victim into the same account become known later, one by one.
        for n in 1..3 {
            books.pay(("bank-b", "6000000000"), ("bank-a", "1000000000"), minute(30 + n), 70_000 + n);
            let more = payment(&format!("p{n}"), "bank-a", "1000000000", 70_000 + n, minute(30 + n));
            room.pay(&[more]).await;
            room.play(&mut books).await;
        }
        let who = Who::user("officer", &["stop.read"]);
        let filter = Filter { limit: 100, ..Filter::default() };
        let orders = stop::list(&room.db, &who, &filter).await.unwrap();
        let stops: Vec<_> = orders.iter().filter(|o| o.asked.kind == OrderKind::Stop).collect();
        assert_eq!(stops.len(), 2, "two stops at most (银发〔2016〕86号)");
        let mut seen: Vec<_> = stops.iter().map(|o| (o.state, o.held_minor)).collect();
        seen.sort();
        assert_eq!(seen, [(State::InEffect, Some(170_001)), (State::Replaced, Some(100_000))]);
        let (chase, _) = room.figures().await;
        assert_eq!((chase.sum.stopped_minor, chase.sum.open_minor), (170_001, 70_002));
    })
    .await;
}

#[tokio::test]
async fn what_is_held_of_an_account_that_has_nothing_of_the_victims_left_is_lifted() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let room = room(db, hand).await;
        room.rule(5).await;
        let mut books = Books::default();
        books.pay(("bank-b", "6000000000"), ("bank-a", "1000000001"), minute(1), 500_000);
        books.pay(("bank-a", "1000000001"), ("bank-b", "2000000001"), minute(2), 500_000);
        // A wage that arrived after the victim's money had gone.
        books.book("bank-a", "1000000001", minute(3), 420_000, "counter", None);
        room.pay(&[payment("p1", "bank-a", "1000000001", 500_000, minute(1))]).await;
        room.play(&mut books).await;
        let (chase, accounts) = room.figures().await;
        assert_eq!(chase.state, ChaseState::Dry);
        let seen: Vec<_> = accounts.values().map(|a| (a.state.as_str(), a.stopped_minor, a.held_minor)).collect();
        assert_eq!(seen, [("emptied", 0, 0), ("stopped", 500_000, 500_000)]);
        let filter = Filter { limit: 10, ..Filter::default() };
        let orders = stop::list(&room.db, &Who::user("officer", &["stop.read"]), &filter).await.unwrap();
        let of_wage: Vec<_> = orders.iter().filter(|o| o.asked.account_no == "1000000001").collect();
        let state = |kind| of_wage.iter().find(|o| o.asked.kind == kind).map(|o| o.state);
        assert_eq!((state(OrderKind::Stop), state(OrderKind::LiftStop)), (Some(State::Lifted), Some(State::Done)));
    })
    .await;
}

#[tokio::test]
async fn without_a_rule_an_order_waits_for_another_person() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let room = room(db, hand).await;
        let mut books = Books::default();
        books.pay(("bank-b", "6000000000"), ("bank-a", "1000000001"), minute(1), 500_000);
        room.pay(&[payment("p1", "bank-a", "1000000001", 500_000, minute(1))]).await;
        assert_eq!(room.play(&mut books).await, 0, "nothing leaves unapproved");
        let reader = Who::user("officer", &["stop.read"]);
        let filter = Filter { limit: 10, ..Filter::default() };
        let order = stop::list(&room.db, &reader, &filter).await.unwrap().remove(0);
        assert_eq!(order.state, State::Review);
        let mut tx = room.db.begin().await.unwrap();
        let nobody = room.stop.decide(&mut tx, &reader, order.id, Decision::Approve).await;
        assert!(matches!(nobody, Err(Refusal::Store(store::Error::Forbidden { .. }))));
        let mut elsewhere = Who::user("checker", &["stop.check"]);
        elsewhere.region = Some("4302".into());
        let outside = room.stop.decide(&mut tx, &elsewhere, order.id, Decision::Approve).await;
        assert!(matches!(outside, Err(Refusal::Store(store::Error::OutOfScope))));
        let maker = Who::user("system:chase", &["stop.check"]);
        let own = room.stop.decide(&mut tx, &maker, order.id, Decision::Approve).await;
        assert!(matches!(own, Err(Refusal::Conflict(_))), "maker and checker are two people");
        let checker = Who::user("checker", &["stop.check"]);
        room.stop.decide(&mut tx, &checker, order.id, Decision::Approve).await.unwrap();
        tx.commit().await.unwrap();
        // Approved: the stop leaves and is answered; the query behind it waits for a checker again.
        assert_eq!(room.play(&mut books).await, 1);
        let orders = stop::list(&room.db, &reader, &filter).await.unwrap();
        let state = |kind| orders.iter().find(|o| o.asked.kind == kind).map(|o| o.state);
        assert_eq!(state(OrderKind::Stop), Some(State::InEffect));
        assert_eq!(state(OrderKind::QueryTransactions), Some(State::Review));
        let due = store::timers::next_due(&room.db, "stop.").await.unwrap().unwrap();
        let end = orders.iter().find_map(|o| o.hold_until).unwrap();
        assert_eq!(due, end - Duration::hours(6), "the desk is warned six hours before the end");
        room.hand.set(due);
        let timer = store::timers::claim_due(&room.db, "stop.", 10).await.unwrap().remove(0);
        let mut tx = room.db.begin().await.unwrap();
        room.stop.due(&mut tx, &timer).await.unwrap();
        tx.commit().await.unwrap();
        let journal = store::journal::read_after(&room.db, 0, 1_000).await.unwrap();
        assert_eq!(journal.iter().filter(|e| e.kind == "order.ending_soon").count(), 1);
        assert!(journal.iter().all(|e| !e.body.contains("1000000001")), "no account number in the open part");
    })
    .await;
}

#[tokio::test]
async fn a_bank_that_refuses_or_an_unknown_bank_leaves_the_money_out_of_reach() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let room = room(db, hand).await;
        room.rule(5).await;
        let mut books = Books::default();
        books.pay(("bank-b", "6000000000"), ("bank-a", "1000000001"), minute(1), 500_000);
        books.pay(("bank-a", "1000000001"), ("bank-z", "9000000001"), minute(2), 200_000);
        books.refuse.insert(("bank-a".into(), "1000000001".into()), AnswerCode::NameMismatch);
        room.pay(&[payment("p1", "bank-a", "1000000001", 500_000, minute(1))]).await;
        room.play(&mut books).await;
        let (chase, accounts) = room.figures().await;
        assert_eq!(chase.state, ChaseState::Dry);
        let seen: Vec<_> =
            accounts.values().map(|a| (a.state.as_str(), a.stopped_minor, a.out_of_reach_minor)).collect();
        assert_eq!(seen, [("refused", 0, 300_000), ("unreachable", 0, 200_000)]);
    })
    .await;
}

impl Room {
    /// Time passes, and the desk handles what falls due.
    async fn until(&self, moment: Timestamp) {
        self.hand.set(moment);
        loop {
            let due = store::timers::claim_due(&self.db, "stop.", 50).await.unwrap();
            if due.is_empty() {
                return;
            }
            for timer in due {
                let mut tx = self.db.begin().await.unwrap();
                self.stop.due(&mut tx, &timer).await.unwrap();
                tx.commit().await.unwrap();
            }
        }
    }

    /// An order by hand, approved by another person.
    async fn order(&self, kind: OrderKind, account: &str, amount_minor: i64) -> OrderId {
        let (maker, checker) = (Who::user("officer", &["stop.make"]), Who::user("reviewer", &["stop.check"]));
        let asked = self.asked(kind, account, amount_minor);
        let mut tx = self.db.begin().await.unwrap();
        let id = self.stop.make(&mut tx, &maker, asked).await.unwrap();
        let paper =
            AttachedPaper {
                sha256: "0".repeat(64), name: "协助冻结.pdf".into(), media_type: "application/pdf".into()
            };
        self.stop.attach(&mut tx, &maker, id, paper).await.unwrap();
        self.stop.decide(&mut tx, &checker, id, Decision::Approve).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    fn asked(&self, kind: OrderKind, account: &str, amount_minor: i64) -> NewOrder {
        let check = wire::Check { amount_minor, currency: "CNY".into(), at: minute(1), reference: None };
        NewOrder {
            case: self.case.clone(),
            partner: PartnerId::parse("bank-a").unwrap(),
            kind,
            account_no: account.into(),
            account_name: Some(format!("户{account}")),
            currency: "CNY".into(),
            check: (kind == OrderKind::Stop).then_some(check),
            amount_minor: Some(amount_minor),
            period: None,
            until: None,
            refers_to: None,
            level: 1,
            include_interest: false,
            approval_level: None,
            reason: "被害人直接转入".into(),
            dedup: None,
        }
    }

    /// The bank's word about an order, whenever it arrives.
    async fn done(&self, id: OrderId, held_minor: i64, until: Timestamp) {
        let mut answer = Answer::new(id, AnswerCode::Done);
        (answer.held_minor, answer.until) = (Some(held_minor), Some(until));
        let mut tx = self.db.begin().await.unwrap();
        self.stop.answer(&mut tx, &PartnerId::parse("bank-a").unwrap(), &answer).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn stands(&self, id: OrderId) -> (State, Option<i64>) {
        let order = stop::get(&self.db, &Who::user("officer", &["stop.read"]), id).await.unwrap();
        (order.state, order.held_minor)
    }

    async fn count(&self, kind: &str) -> usize {
        let journal = store::journal::read_after(&self.db, 0, 1_000).await.unwrap();
        journal.iter().filter(|entry| entry.kind == kind).count()
    }
}

#[tokio::test]
async fn an_answer_after_the_deadline_counts_once_and_the_chase_goes_on() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let room = room(db, hand).await;
        room.rule(5).await;
        let mut books = Books::default();
        books.pay(("bank-b", "6000000000"), ("bank-a", "1000000001"), minute(1), 500_000);
        room.pay(&[payment("p1", "bank-a", "1000000001", 500_000, minute(1))]).await;
        let reader = Who::user("officer", &["stop.read"]);
        let filter = Filter { limit: 10, ..Filter::default() };
        let order = stop::list(&room.db, &reader, &filter).await.unwrap().remove(0);
        assert_eq!((order.asked.kind, order.state), (OrderKind::Stop, State::Sent));

        let sent = order.sent_at.unwrap();
        for hours in [1, 2, 24] {
            room.until(sent + Duration::hours(hours)).await;
        }
        assert_eq!(room.stands(order.id).await, (State::Expired, None));
        assert_eq!((room.count("order.overdue").await, room.count("order.expired").await), (2, 1));
        room.play(&mut books).await;
        let (chase, _) = room.figures().await;
        assert_eq!((chase.state, chase.sum.stopped_minor, chase.sum.open_minor), (ChaseState::Dry, 0, 500_000));

        // The bank had stopped at once; only its word was held up.
        let end = sent + Duration::hours(48);
        room.hand.set(sent + Duration::hours(25));
        let (answered, out_of_turn) = (room.count("order.answered").await, room.count("answer.out_of_turn").await);
        for (held, until) in [(500_000, end), (500_000, end), (1, end + Duration::hours(1))] {
            room.done(order.id, held, until).await;
            assert_eq!(room.stands(order.id).await, (State::InEffect, Some(500_000)));
        }
        assert_eq!(room.count("order.answered").await, answered + 1);
        assert_eq!(room.count("answer.out_of_turn").await, out_of_turn + 2);
        room.play(&mut books).await;
        let (chase, accounts) = room.figures().await;
        assert_eq!((chase.state, chase.sum.stopped_minor, chase.sum.open_minor), (ChaseState::Dry, 500_000, 0));
        assert_eq!(accounts["1000000001"].state, "stopped");
        let due = store::timers::next_due(&room.db, "stop.").await.unwrap();
        assert_eq!(due, Some(end - Duration::hours(6)), "the end is watched from the bank's moment");
        let orders = stop::list(&room.db, &reader, &filter).await.unwrap();
        assert_eq!(orders.iter().filter(|o| o.asked.kind == OrderKind::Stop).count(), 1, "no stop was made twice");
    })
    .await;
}

#[tokio::test]
async fn word_of_a_hold_that_comes_behind_its_end_does_not_bring_it_back() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let room = room(db, hand).await;
        let id = room.order(OrderKind::Stop, "1000000001", 500_000).await;
        let sent = room.db.clock().now();
        let end = sent + Duration::hours(48);
        room.until(end + Duration::hours(1)).await;
        // The lapse overtakes the answer.
        let lapse = wire::Lapse {
            order_id: id,
            account: "1000000001".into(),
            hold: wire::HoldKind::Stop,
            reason: wire::LapseReason::Ended,
            lapsed_at: end,
            held_minor: Some(500_000),
            currency: Some("CNY".into()),
            next_order_id: None,
        };
        let lapsed = async || {
            let mut tx = room.db.begin().await.unwrap();
            room.stop.lapse(&mut tx, &PartnerId::parse("bank-a").unwrap(), &lapse).await.unwrap();
            tx.commit().await.unwrap();
        };
        lapsed().await;
        assert_eq!(room.stands(id).await.0, State::Expired);
        room.done(id, 500_000, end).await;
        assert_eq!(room.stands(id).await.0, State::Lapsed);
        lapsed().await;
        assert_eq!((room.count("order.answered").await, room.count("order.lapsed").await), (1, 1));
        assert_eq!(store::timers::next_due(&room.db, "stop.").await.unwrap(), None, "nobody is warned of a past end");
    })
    .await;
}

#[tokio::test]
async fn answers_that_overtake_each_other_leave_what_the_bank_holds() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let room = room(db, hand).await;
        let now = room.db.clock().now();
        let (first, second) = (now + Duration::hours(48), now + Duration::hours(49));
        let stop = room.order(OrderKind::Stop, "1000000001", 100_000).await;
        let larger = room.order(OrderKind::Stop, "1000000001", 170_000).await;
        room.done(larger, 170_000, second).await;
        room.done(stop, 100_000, first).await;
        assert_eq!(room.stands(larger).await, (State::InEffect, Some(170_000)));
        assert_eq!(room.stands(stop).await.0, State::Replaced);

        let stop = room.order(OrderKind::Stop, "1000000002", 100_000).await;
        let freeze = room.order(OrderKind::Freeze, "1000000002", 100_000).await;
        room.done(freeze, 100_000, now + Duration::hours(24 * 182)).await;
        room.done(stop, 100_000, first).await;
        assert_eq!(room.stands(freeze).await, (State::InEffect, Some(100_000)));
        assert_eq!(room.stands(stop).await.0, State::Replaced);
        assert_eq!(room.count("order.replaced").await, 2);
        let due = store::timers::next_due(&room.db, "stop.ending").await.unwrap();
        assert_eq!(due, Some(second - Duration::hours(6)), "the first stops give no warning");
    })
    .await;
}

#[tokio::test]
async fn where_the_victim_knows_no_name_the_bank_is_asked_for_it_before_the_stop() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let room = room(db, hand).await;
        room.rule(5).await;
        let mut books = Books { silent: vec!["bank-b".into()], ..Books::default() };
        books.pay(("bank-b", "6000000000"), ("bank-a", "1000000001"), minute(1), 500_000);
        books.pay(("bank-b", "6000000000"), ("bank-b", "1000000002"), minute(2), 300_000);
        let unnamed = |id: &str, bank: &str, account: &str, minor: i64, at| Payment {
            payee_name: None,
            ..payment(id, bank, account, minor, at)
        };
        room.pay(&[
            unnamed("p1", "bank-a", "1000000001", 500_000, minute(1)),
            unnamed("p2", "bank-b", "1000000002", 300_000, minute(2)),
        ])
        .await;
        room.play(&mut books).await;
        let (chase, accounts) = room.figures().await;
        assert_eq!((chase.state, chase.sum.stopped_minor), (ChaseState::Dry, 500_000));
        let seen: Vec<_> =
            accounts.values().map(|a| (a.state.as_str(), a.stopped_minor, a.out_of_reach_minor)).collect();
        assert_eq!(seen, [("stopped", 500_000, 0), ("unnamed", 0, 300_000)]);
        let filter = Filter { limit: 10, ..Filter::default() };
        let orders = stop::list(&room.db, &Who::user("officer", &["stop.read"]), &filter).await.unwrap();
        let mut kinds: Vec<_> =
            orders.iter().map(|o| (o.asked.account_no.as_str(), o.made_at, o.asked.kind.code())).collect();
        kinds.sort();
        let kinds: Vec<_> = kinds.into_iter().map(|(account, _, kind)| (account, kind)).collect();
        let expected = [
            ("1000000001", "query_holder"),
            ("1000000001", "query_transactions"),
            ("1000000001", "stop"),
            ("1000000002", "query_holder"),
            ("1000000002", "query_transactions"),
        ];
        assert_eq!(kinds, expected);
    })
    .await;
}

/// A case whose one account was stopped by the chase and freed by two people.
async fn lifted(db: Db, hand: ManualClock) -> (Room, Books) {
    let room = room(db, hand).await;
    room.rule(5).await;
    let mut books = Books::default();
    books.pay(("bank-b", "6000000000"), ("bank-a", "1000000001"), minute(1), 500_000);
    room.pay(&[payment("p1", "bank-a", "1000000001", 500_000, minute(1))]).await;
    room.play(&mut books).await;
    room.lift("1000000001").await;
    books.holds.clear();
    room.play(&mut books).await;
    (room, books)
}

#[tokio::test]
async fn what_two_people_lifted_stays_free_until_more_comes_in_and_then_a_person_is_asked() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let (room, mut books) = lifted(db, hand).await;
        let of = |orders: &[stop::StopOrder], kind| orders.iter().filter(|o| o.asked.kind == kind).count();
        let orders = room.orders().await;
        assert_eq!(of(&orders, OrderKind::Stop), 1, "the account stays free");
        let (chase, accounts) = room.figures().await;
        assert_eq!((accounts["1000000001"].state.as_str(), chase.sum.stopped_minor), ("released", 0));
        assert_eq!(chase.state, ChaseState::Dry);

        // Another process, which has nothing in memory, does not forget it either.
        let fresh = Room { chase: chase::Desk::new(room.stop.clone()), ..room };
        let mut tx = fresh.db.begin().await.unwrap();
        fresh.chase.touch(&mut tx, fresh.case.id, None).await.unwrap();
        tx.commit().await.unwrap();
        fresh.play(&mut books).await;
        assert_eq!(of(&fresh.orders().await, OrderKind::Stop), 1);

        // More of the victim's money turns out to have gone there: a person is asked, with what is new in words.
        fresh.hand.advance(Duration::minutes(3));
        books.pay(("bank-b", "6000000000"), ("bank-a", "1000000001"), minute(122), 80_000);
        fresh.pay(&[payment("p2", "bank-a", "1000000001", 80_000, minute(122))]).await;
        fresh.play(&mut books).await;
        let orders = fresh.orders().await;
        let proposed: Vec<_> = orders.iter().filter(|o| o.state == State::Review).collect();
        assert_eq!(proposed.len(), 1, "the rule does not approve it");
        assert_eq!((proposed[0].asked.kind, proposed[0].asked.amount_minor), (OrderKind::Stop, Some(80_000)));
        let news = proposed[0].news.clone().unwrap();
        assert!(
            news.zh.contains("reviewer") && news.zh.contains("与案件无关") && news.zh.contains("800.00"),
            "{news:?}"
        );

        // Refused: it is not put up again for the same money.
        let mut tx = fresh.db.begin().await.unwrap();
        let refuse = Decision::Refuse { reason: "仍不涉案".into() };
        let reviewer = Who::user("reviewer", &["stop.check"]);
        fresh.stop.decide(&mut tx, &reviewer, proposed[0].id, refuse).await.unwrap();
        tx.commit().await.unwrap();
        fresh.play(&mut books).await;
        assert!(fresh.orders().await.iter().all(|o| o.state != State::Review));
        assert!(store::journal::verify(&fresh.db, None).await.unwrap().ok);
    })
    .await;
}

#[tokio::test]
async fn what_two_people_lifted_stays_free_however_another_bank_writes_the_account() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let (room, mut books) = lifted(db, hand).await;

        // More goes there from another bank, which prints groups of four, dashes, or full-width digits.
        room.hand.advance(Duration::minutes(10));
        books.pay(("bank-b", "6000000000"), ("bank-b", "2000000001"), minute(121), 200_000);
        for (n, account) in ["1000 0000 01", "10-0000-0001", "１００００００００１", " 1000000001"].iter().enumerate()
        {
            let at = minute(122 + i64::try_from(n).unwrap());
            books.book("bank-b", "2000000001", at, -50_000, "mobile", Some(("bank-a", account)));
            books.book("bank-a", "1000000001", at, 50_000, "mobile", Some(("bank-b", "2000000001")));
        }
        room.pay(&[payment("p2", "bank-b", "2000000001", 200_000, minute(121))]).await;
        room.play(&mut books).await;
        let orders = room.orders().await;
        assert!(orders.iter().all(|o| o.asked.account_no.bytes().all(|b| b.is_ascii_digit())));
        let stops: Vec<_> = orders
            .iter()
            .filter(|o| o.asked.kind == OrderKind::Stop && o.asked.partner.as_str() == "bank-a")
            .map(|o| (o.asked.account_no.as_str(), o.state))
            .collect();
        assert_eq!(stops, [("1000000001", State::Review), ("1000000001", State::Lifted)], "a person is asked");
        let (_, accounts) = room.figures().await;
        assert_eq!(accounts["1000000001"].received_minor, 700_000);
        assert!(accounts.keys().all(|account| account.bytes().all(|b| b.is_ascii_digit())), "{accounts:?}");
    })
    .await;
}

#[tokio::test]
async fn an_order_names_an_account_in_one_form_and_is_found_by_any() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let room = room(db, hand).await;
        for (kind, account) in [
            (OrderKind::Watch, "1000000001"),
            (OrderKind::QueryHolder, "1000 0000-01"),
            (OrderKind::Stop, "１００００００００１"),
        ] {
            room.order(kind, account, 100).await;
        }
        let orders = room.orders().await;
        assert!(orders.iter().all(|order| order.asked.account_no == "1000000001"));
        let officer = Who::user("officer", &["stop.read"]);
        for text in ["0000 0001", "10-0000-0001", "０００1"] {
            let filter = Filter { text: Some(text.into()), limit: 10, ..Filter::default() };
            assert_eq!(stop::list(&room.db, &officer, &filter).await.unwrap().len(), 3, "{text}");
        }

        // What an earlier version stored as it was told has the one form, too.
        let (version, _, step) = *stop::MIGRATIONS.steps.last().unwrap();
        assert_eq!(version, 7);
        let mut tx = room.db.begin().await.unwrap();
        let spelled = "UPDATE stop_order SET account_no = '1000 ００-０000ab' WHERE id = $1";
        tx.execute(spelled, args![orders[0].id]).await.unwrap();
        tx.execute(step, args![]).await.unwrap();
        tx.commit().await.unwrap();
        let accounts: Vec<_> = room.orders().await.into_iter().map(|order| order.asked.account_no).collect();
        assert_eq!(accounts.iter().filter(|account| *account == "1000000000AB").count(), 1, "{accounts:?}");
    })
    .await;
}

#[tokio::test]
async fn what_a_person_refused_cancelled_or_paused_the_chase_does_not_do_again() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let room = room(db, hand).await;
        let mut books = Books::default();
        for (n, account) in ["1000000001", "1000000002"].into_iter().enumerate() {
            books.pay(("bank-b", "6000000000"), ("bank-a", account), minute(n as i64), 500_000);
        }
        let to = |id: &str, account: &str, n| payment(id, "bank-a", account, 500_000, minute(n));
        room.pay(&[to("p1", "1000000001", 0), to("p2", "1000000002", 1)]).await;
        let orders = room.orders().await;
        let (officer, reviewer) = (Who::user("officer", &["stop.make"]), Who::user("reviewer", &["stop.check"]));
        let mut tx = room.db.begin().await.unwrap();
        let refuse = Decision::Refuse { reason: "不足".into() };
        room.stop.decide(&mut tx, &reviewer, orders[0].id, refuse).await.unwrap();
        let cancel = Decision::Cancel { reason: "核实中".into() };
        room.stop.decide(&mut tx, &officer, orders[1].id, cancel).await.unwrap();
        tx.commit().await.unwrap();
        // A rule that would approve everything comes into force afterwards.
        room.rule(5).await;
        room.play(&mut books).await;
        assert_eq!(room.orders().await.len(), 2, "nothing is made again");
        let (_, accounts) = room.figures().await;
        assert!(accounts.values().all(|a| a.state == "released"), "{accounts:?}");
    })
    .await;
}

#[tokio::test]
async fn what_a_person_stopped_is_lifted_by_a_person_only() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let room = room(db, hand).await;
        let mut books = Books::default();
        books.pay(("bank-b", "6000000000"), ("bank-a", "1000000001"), minute(1), 500_000);
        books.pay(("bank-a", "1000000001"), ("bank-b", "2000000001"), minute(2), 500_000);
        books.book("bank-a", "1000000001", minute(3), 420_000, "counter", None);
        room.pay(&[payment("p1", "bank-a", "1000000001", 500_000, minute(1))]).await;
        let order = room.orders().await.remove(0);
        let mut tx = room.db.begin().await.unwrap();
        let reviewer = Who::user("reviewer", &["stop.check"]);
        room.stop.decide(&mut tx, &reviewer, order.id, Decision::Approve).await.unwrap();
        tx.commit().await.unwrap();
        room.rule(5).await;
        room.play(&mut books).await;
        let orders = room.orders().await;
        let lift = orders.iter().find(|o| o.asked.kind == OrderKind::LiftStop).unwrap();
        assert_eq!(lift.state, State::Review);
        assert!(lift.news.as_ref().unwrap().en.contains("reviewer"));
        assert_eq!(room.stands(order.id).await.0, State::InEffect);
    })
    .await;
}

#[tokio::test]
async fn a_statement_in_pages_is_asked_for_to_its_end_before_the_chase_runs_dry() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let room = room(db, hand).await;
        room.rule(5).await;
        let mut books = Books { page: Some(3), ..Books::default() };
        books.pay(("bank-b", "6000000000"), ("bank-a", "1000000001"), minute(1), 700_000);
        for n in 0..7 {
            books.pay(("bank-a", "1000000001"), ("bank-b", "2000000001"), minute(2 + n / 2), 100_000);
        }
        room.pay(&[payment("p1", "bank-a", "1000000001", 700_000, minute(1))]).await;
        room.play(&mut books).await;
        let (chase, accounts) = room.figures().await;
        assert_eq!((chase.state, chase.sum.stopped_minor, chase.sum.open_minor), (ChaseState::Dry, 700_000, 0));
        assert_eq!(accounts["1000000001"].passed_on_minor, 700_000, "no line twice, none missed");
        assert!(room.waits().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn an_answer_heard_of_twice_and_a_desk_built_anew_leave_no_page_unasked() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let room = room(db, hand).await;
        room.rule(5).await;
        let mut books = Books { page: Some(3), ..Books::default() };
        books.pay(("bank-b", "6000000000"), ("bank-a", "1000000001"), minute(1), 1_400_000);
        for n in 0..14 {
            books.pay(("bank-a", "1000000001"), ("bank-b", "2000000001"), minute(2 + n / 2), 100_000);
        }
        room.pay(&[payment("p1", "bank-a", "1000000001", 1_400_000, minute(1))]).await;
        let fresh = chase::Desk::new(room.stop.clone());
        for round in 0.. {
            let answered = room.answer_all(&mut books).await;
            if answered.is_empty() {
                break;
            }
            // An answer that was there before the note of the order is heard of with both; later another process, which
            // has nothing in memory, takes over.
            let desk = if round < 3 { &room.chase } else { &fresh };
            for _ in 0..2 {
                room.hears(desk, &answered).await;
            }
        }
        let (chase, accounts) = room.figures().await;
        assert_eq!(accounts["1000000001"].passed_on_minor, 1_400_000, "{} statements", books.statements);
        assert_eq!((chase.state, chase.sum.stopped_minor, chase.sum.open_minor), (ChaseState::Dry, 1_400_000, 0));
        assert!(room.waits().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_page_that_the_bank_never_sent_is_asked_for_again() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let room = room(db, hand).await;
        room.rule(5).await;
        let mut books = Books { page: Some(3), ..Books::default() };
        books.pay(("bank-b", "6000000000"), ("bank-a", "1000000001"), minute(1), 500_000);
        for n in 0..5 {
            books.pay(("bank-a", "1000000001"), ("bank-b", "2000000001"), minute(2 + n / 2), 100_000);
        }
        room.pay(&[payment("p1", "bank-a", "1000000001", 500_000, minute(1))]).await;
        // The stop, then the first page; the bank is silent about the second.
        for _ in 0..2 {
            let answered = room.answer_all(&mut books).await;
            room.hears(&room.chase, &answered).await;
        }
        let page = |o: &&stop::StopOrder| o.state == State::Sent && o.asked.kind == OrderKind::QueryTransactions;
        let silent = room.orders().await.iter().find(page).unwrap().id;
        room.until(room.db.clock().now() + Duration::hours(24)).await;
        assert_eq!(room.stands(silent).await.0, State::Expired);
        room.hears(&room.chase, &[silent]).await;
        room.play(&mut books).await;
        let (_, accounts) = room.figures().await;
        assert_eq!(accounts["1000000001"].passed_on_minor, 500_000);
        assert!(room.waits().await.is_empty());
    })
    .await;
}

impl Room {
    /// A query by hand of what an account did, approved by another person.
    async fn query(&self, account: &str, from: Timestamp, to: Timestamp) -> OrderId {
        let (maker, checker) = (Who::user("officer", &["stop.make"]), Who::user("reviewer", &["stop.check"]));
        let asked = NewOrder {
            kind: OrderKind::QueryTransactions,
            period: Some(wire::Period { from, to }),
            check: None,
            ..self.asked(OrderKind::Stop, account, 100)
        };
        let mut tx = self.db.begin().await.unwrap();
        let id = self.stop.make(&mut tx, &maker, asked).await.unwrap();
        if self.stands_in(&mut tx, id).await == "review" {
            self.stop.decide(&mut tx, &checker, id, Decision::Approve).await.unwrap();
        }
        tx.commit().await.unwrap();
        id
    }

    async fn stands_in(&self, tx: &mut store::Tx, id: OrderId) -> String {
        let sql = "SELECT state FROM stop_order WHERE id = $1";
        tx.fetch_one::<(String,)>(sql, args![id]).await.unwrap().0
    }

    /// A push about a watched account.
    async fn push(&self, watch: OrderId, account: &str, movement: &Movement) {
        let movements = vec![movement.clone()];
        let push = wire::MovementPush { order_id: watch, account: account.into(), movements };
        let mut tx = self.db.begin().await.unwrap();
        self.stop.watched(&mut tx, &PartnerId::parse("bank-a").unwrap(), &push).await.unwrap();
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn a_statement_with_lines_that_cannot_be_followed_is_not_complete_until_the_bank_corrects_it() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let room = room(db, hand).await;
        room.rule(5).await;
        let mut books = Books::default();
        books.pay(("bank-b", "6000000000"), ("bank-a", "1000000001"), minute(1), 500_000);
        books.pay(("bank-a", "1000000001"), ("bank-b", "2000000001"), minute(2), 200_000);
        books.pay(("bank-a", "1000000001"), ("bank-b", "2000000002"), minute(3), 300_000);
        // A wage that a stop holds although nothing of the victim's is left.
        books.book("bank-a", "1000000001", minute(4), 420_000, "counter", None);
        // The bank begins to count its lines again.
        let account = ("bank-a".to_owned(), "1000000001".to_owned());
        let rename = |books: &mut Books, line: usize, id: &str| {
            books.movements.get_mut(&account).unwrap()[line].id = id.to_owned();
        };
        rename(&mut books, 2, "1000000001-1");
        room.pay(&[payment("p1", "bank-a", "1000000001", 500_000, minute(1))]).await;
        room.play(&mut books).await;
        let (chase, accounts) = room.figures().await;
        assert_eq!((chase.state, room.waits().await), (ChaseState::Running, vec!["statement_incomplete".to_owned()]));
        assert_eq!(accounts["1000000001"].state, "incomplete");
        assert_eq!(accounts["1000000001"].passed_on_minor, 200_000, "what can be followed is followed");
        let lifts =
            async |room: &Room| room.orders().await.iter().filter(|o| o.asked.kind == OrderKind::LiftStop).count();
        assert_eq!(lifts(&room).await, 0);

        // Another process does not take it for complete, nor does a query of other days make it so.
        let room = Room { chase: chase::Desk::new(room.stop.clone()), ..room };
        let query = room.query("1000000001", minute(60), minute(100)).await;
        room.play(&mut books).await;
        assert_eq!(room.stands(query).await.0, State::Done);
        assert_eq!(room.waits().await, ["statement_incomplete"]);

        rename(&mut books, 2, "1000000001-2");
        room.query("1000000001", minute(-60), room.db.clock().now()).await;
        room.play(&mut books).await;
        let (chase, accounts) = room.figures().await;
        assert_eq!((chase.state, room.waits().await), (ChaseState::Dry, vec![]));
        assert_eq!(accounts["1000000001"].passed_on_minor, 500_000);
        assert_eq!((chase.sum.stopped_minor, lifts(&room).await), (500_000, 1));
    })
    .await;
}

#[tokio::test]
async fn a_line_in_another_currency_or_under_the_id_of_an_earlier_statement_is_missed_by_a_person() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let room = room(db, hand).await;
        room.rule(5).await;
        let mut books = Books::default();
        books.pay(("bank-b", "6000000000"), ("bank-a", "1000000001"), minute(1), 500_000);
        books.pay(("bank-b", "6000000000"), ("bank-b", "1000000002"), minute(1), 300_000);
        room.pay(&[payment("p1", "bank-a", "1000000001", 500_000, minute(1))]).await;
        room.play(&mut books).await;
        assert_eq!((room.figures().await.0.state, room.waits().await), (ChaseState::Dry, vec![]));

        // The next day the bank counts its lines from the beginning.
        room.hand.advance(Duration::hours(24));
        let now = room.db.clock().now();
        books.pay(("bank-b", "6000000000"), ("bank-a", "1000000001"), now - Duration::minutes(2), 100_000);
        books.pay(("bank-a", "1000000001"), ("bank-b", "2000000001"), now - Duration::minutes(1), 600_000);
        let lines = books.movements.get_mut(&("bank-a".to_owned(), "1000000001".to_owned())).unwrap();
        for (n, line) in lines.iter_mut().skip(1).enumerate() {
            line.id = format!("1000000001-{n}");
        }
        room.pay(&[payment("p2", "bank-a", "1000000001", 100_000, now - Duration::minutes(2))]).await;
        room.play(&mut books).await;
        let (chase, accounts) = room.figures().await;
        assert_eq!((chase.state, room.waits().await), (ChaseState::Running, vec!["statement_incomplete".to_owned()]));
        assert_eq!(accounts["1000000001"].state, "incomplete");

        // What an account did in dollars is not part of a flow in yuan, and may be what became of it.
        let lines = books.movements.get_mut(&("bank-b".to_owned(), "1000000002".to_owned())).unwrap();
        let dollars = Movement { id: "usd".into(), currency: "USD".into(), ..lines[0].clone() };
        lines.push(dollars);
        room.pay(&[payment("p3", "bank-b", "1000000002", 300_000, minute(1))]).await;
        room.play(&mut books).await;
        assert_eq!(room.waits().await, ["statement_incomplete", "statement_incomplete"]);
    })
    .await;
}

#[tokio::test]
async fn a_movement_of_a_watched_account_that_is_not_kept_waits_for_a_statement() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let room = room(db, hand).await;
        room.rule(5).await;
        let mut books = Books::default();
        books.pay(("bank-b", "6000000000"), ("bank-a", "1000000001"), minute(1), 500_000);
        books.refuse.insert(("bank-a".into(), "1000000001".into()), AnswerCode::NameMismatch);
        room.pay(&[payment("p1", "bank-a", "1000000001", 500_000, minute(1))]).await;
        room.play(&mut books).await;
        let watch = room.order(OrderKind::Watch, "1000000001", 500_000).await;
        room.play(&mut books).await;
        books.pay(("bank-a", "1000000001"), ("bank-b", "2000000001"), minute(120), 100_000);
        let account = ("bank-a".to_owned(), "1000000001".to_owned());
        let real = books.movements[&account].last().unwrap().clone();
        room.push(watch, "1000000001", &real).await;
        room.play(&mut books).await;
        assert_eq!((room.figures().await.0.state, room.waits().await), (ChaseState::Dry, vec![]));

        let changed = Movement { amount_minor: 200_000, ..real.clone() };
        let ahead = Movement { id: "ahead".into(), at: minute(60 * 24 * 400), ..real.clone() };
        let dollars = Movement { id: "usd".into(), currency: "USD".into(), ..real.clone() };
        for refused in [changed, ahead, dollars] {
            room.hand.advance(Duration::minutes(1));
            room.push(watch, "1000000001", &refused).await;
            room.push(watch, "1000000001", &real).await;
            room.play(&mut books).await;
            let (chase, _) = room.figures().await;
            assert_eq!(chase.state, ChaseState::Running, "{refused:?}");
            assert_eq!(room.waits().await, ["statement_incomplete"], "{refused:?}");
            // A statement of the time tells what it was.
            room.query("1000000001", minute(0), room.db.clock().now() + Duration::seconds(1)).await;
            room.play(&mut books).await;
            let (chase, _) = room.figures().await;
            assert_eq!((chase.state, room.waits().await), (ChaseState::Dry, vec![]), "{refused:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_account_that_people_froze_or_are_about_to_freeze_is_not_stopped_by_the_machine() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let room = room(db, hand).await;
        room.rule(5).await;
        let now = room.db.clock().now();
        let mut books = Books::default();
        let accounts = ["1000000001", "1000000002", "1000000003", "1000000004"];
        for (n, account) in (1..).zip(accounts) {
            books.pay(("bank-b", "6000000000"), ("bank-a", account), minute(n), 500_000);
        }
        let stops = async |account: &str| {
            let of = |o: &&stop::StopOrder| o.asked.account_no == account && o.asked.kind == OrderKind::Stop;
            room.orders().await.iter().filter(of).count()
        };
        let pay =
            |n: i64| payment(&format!("p{n}"), "bank-a", accounts[usize::try_from(n - 1).unwrap()], 500_000, minute(n));
        // The freeze takes the place of the stop.
        room.pay(&[pay(1)]).await;
        room.play(&mut books).await;
        let freeze = room.order(OrderKind::Freeze, accounts[0], 500_000).await;
        room.done(freeze, 500_000, now + Duration::hours(24 * 182)).await;
        room.play(&mut books).await;
        let (chase, _) = room.figures().await;
        assert_eq!((stops(accounts[0]).await, chase.sum.stopped_minor), (1, 500_000));
        // Frozen before the report names it.
        let freeze = room.order(OrderKind::Freeze, accounts[1], 400_000).await;
        room.done(freeze, 400_000, now + Duration::hours(24 * 182)).await;
        // Waits for a checker.
        let mut tx = room.db.begin().await.unwrap();
        let asked = room.asked(OrderKind::Freeze, accounts[2], 500_000);
        let review = room.stop.make(&mut tx, &Who::user("officer", &["stop.make"]), asked).await.unwrap();
        tx.commit().await.unwrap();
        // The bank did not freeze it: the machine may.
        let rejected = room.order(OrderKind::Freeze, accounts[3], 500_000).await;
        let mut tx = room.db.begin().await.unwrap();
        let no = Answer::new(rejected, AnswerCode::NameMismatch);
        room.stop.answer(&mut tx, &PartnerId::parse("bank-a").unwrap(), &no).await.unwrap();
        tx.commit().await.unwrap();
        room.play(&mut books).await;
        room.pay(&[pay(2), pay(3), pay(4)]).await;
        room.play(&mut books).await;
        assert_eq!(room.stands(review).await.0, State::Review);
        let mut seen = Vec::new();
        for account in accounts {
            seen.push(stops(account).await);
        }
        assert_eq!(seen, [1, 0, 0, 1]);
        let (_, found) = room.figures().await;
        assert_eq!((found[accounts[1]].state.as_str(), found[accounts[1]].stopped_minor), ("stopped_in_part", 400_000));
        // Six months later a freeze that people let run out is not followed by a stop.
        let lapse = wire::Lapse {
            order_id: freeze,
            account: accounts[1].into(),
            hold: wire::HoldKind::Freeze,
            reason: wire::LapseReason::Ended,
            lapsed_at: now,
            held_minor: Some(400_000),
            currency: Some("CNY".into()),
            next_order_id: None,
        };
        let mut tx = room.db.begin().await.unwrap();
        room.stop.lapse(&mut tx, &PartnerId::parse("bank-a").unwrap(), &lapse).await.unwrap();
        tx.commit().await.unwrap();
        room.play(&mut books).await;
        assert_eq!(stops(accounts[1]).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_bank_that_says_more_for_ever_is_left_to_a_person_and_the_chase_is_not_dry() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let room = room(db, hand).await;
        room.rule(5).await;
        let mut books = Books { says_more: true, ..Books::default() };
        books.pay(("bank-b", "6000000000"), ("bank-a", "1000000001"), minute(1), 500_000);
        room.pay(&[payment("p1", "bank-a", "1000000001", 500_000, minute(1))]).await;
        room.play(&mut books).await;
        let (chase, _) = room.figures().await;
        assert_eq!(chase.state, ChaseState::Running);
        assert!(books.statements <= 4, "{} statements", books.statements);
        assert_eq!(room.waits().await, ["statement_incomplete"]);
    })
    .await;
}

#[tokio::test]
async fn what_a_watched_account_does_reaches_the_chase_and_is_counted_once() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let room = room(db, hand).await;
        room.rule(5).await;
        let mut books = Books::default();
        books.pay(("bank-b", "6000000000"), ("bank-a", "1000000001"), minute(1), 500_000);
        books.refuse.insert(("bank-a".into(), "1000000001".into()), AnswerCode::NameMismatch);
        room.pay(&[payment("p1", "bank-a", "1000000001", 500_000, minute(1))]).await;
        room.play(&mut books).await;
        let watch = room.order(OrderKind::Watch, "1000000001", 500_000).await;
        room.play(&mut books).await;
        // The money moves on while the account is watched.
        books.pay(("bank-a", "1000000001"), ("bank-b", "2000000001"), minute(121), 400_000);
        let lines = &books.movements[&("bank-a".to_owned(), "1000000001".to_owned())];
        let push = wire::MovementPush {
            order_id: watch,
            account: "1000000001".into(),
            movements: vec![lines.last().unwrap().clone()],
        };
        for _ in 0..2 {
            let mut tx = room.db.begin().await.unwrap();
            room.stop.watched(&mut tx, &PartnerId::parse("bank-a").unwrap(), &push).await.unwrap();
            tx.commit().await.unwrap();
        }
        room.play(&mut books).await;
        let (chase, accounts) = room.figures().await;
        let first = &accounts["1000000001"];
        assert_eq!((first.passed_on_minor, first.remaining_minor), (400_000, 100_000));
        assert_eq!(accounts["2000000001"].stopped_minor, 400_000, "the next account is stopped");
        assert_eq!(chase.sum.stopped_minor, 400_000);
    })
    .await;
}

#[tokio::test]
async fn a_long_push_takes_few_statements_and_one_that_comes_again_takes_fewer_and_no_room() {
    each_db(&MIGRATIONS, |db, hand| async move {
        const COUNT: i64 = 3_000;
        let room = room(db, hand).await;
        room.rule(5).await;
        let mut books = Books::default();
        books.pay(("bank-b", "6000000000"), ("bank-a", "1000000001"), minute(1), 500_000);
        books.refuse.insert(("bank-a".into(), "1000000001".into()), AnswerCode::NameMismatch);
        room.pay(&[payment("p1", "bank-a", "1000000001", 500_000, minute(1))]).await;
        room.play(&mut books).await;
        let watch = room.order(OrderKind::Watch, "1000000001", 500_000).await;
        books.pay(("bank-a", "1000000001"), ("bank-b", "2000000001"), minute(121), 400_000);
        let out = books.movements[&("bank-a".to_owned(), "1000000001".to_owned())].last().unwrap().clone();
        let small = |n: i64| Movement {
            id: format!("small-{n}"),
            direction: wire::Direction::In,
            amount_minor: 1 + n,
            counterparty: None,
            reference: String::new(),
            ..out.clone()
        };
        let mut movements = vec![out.clone()];
        movements.extend((1..COUNT).map(small));
        let push = async |movements: &[Movement]| {
            let push = wire::MovementPush {
                order_id: watch,
                account: "1000000001".into(),
                movements: movements.to_vec(),
            };
            room.db.faults().count();
            let mut tx = room.db.begin().await.unwrap();
            room.stop.watched(&mut tx, &PartnerId::parse("bank-a").unwrap(), &push).await.unwrap();
            tx.commit().await.unwrap();
            room.db.faults().counted().0
        };
        let stored = async || -> (i64, i64) {
            let sql = "SELECT movements, (SELECT COUNT(*) FROM stop_movement WHERE order_id = $1) FROM stop_order WHERE id = $1";
            room.db.fetch_one(sql, args![watch]).await.unwrap()
        };
        // It overtakes the answer to the watch, which does not make its case light again.
        let first = push(&movements).await;
        assert!(first <= 60, "{first} calls");
        let again = push(&movements).await;
        assert!(again <= 20, "{again} calls");
        assert_eq!((stored().await, room.count("watch.moved").await), ((COUNT, COUNT), 1));
        movements.push(small(COUNT));
        push(&movements).await;
        assert_eq!((stored().await, room.count("watch.moved").await), ((COUNT + 1, COUNT + 1), 2));
        room.play(&mut books).await;
        assert_eq!(stored().await, (COUNT + 1, COUNT + 1));
        let (_, accounts) = room.figures().await;
        assert_eq!((accounts["1000000001"].passed_on_minor, accounts["2000000001"].stopped_minor), (400_000, 400_000));
    })
    .await;
}

#[tokio::test]
async fn a_rule_approves_no_hold_that_may_be_larger_than_its_bound() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let room = room(db, hand).await;
        room.rule_up_to(5, 12_000_000).await;
        for (amount_minor, expect) in
            [(Some(12_000_000), State::Sent), (Some(12_000_001), State::Review), (None, State::Review)]
        {
            let check = wire::Check { amount_minor: 100, currency: "CNY".into(), at: minute(1), reference: None };
            let asked = NewOrder {
                case: room.case.clone(),
                partner: PartnerId::parse("bank-a").unwrap(),
                kind: OrderKind::Stop,
                account_no: format!("10000000{}", amount_minor.unwrap_or(11) % 89 + 10),
                account_name: Some("户主".into()),
                currency: "CNY".into(),
                check: Some(check),
                amount_minor,
                period: None,
                until: None,
                refers_to: None,
                level: 1,
                include_interest: false,
                approval_level: None,
                reason: "一元转入".into(),
                dedup: None,
            };
            let mut tx = room.db.begin().await.unwrap();
            let id = room.stop.make(&mut tx, &Who::user("officer", &["stop.make"]), asked).await.unwrap();
            tx.commit().await.unwrap();
            assert_eq!(room.stands(id).await.0, expect, "{amount_minor:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_order_shows_every_transfer_it_rests_on() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let room = room(db, hand).await;
        room.rule(5).await;
        let mut books = Books::default();
        books.pay(("bank-b", "6000000000"), ("bank-a", "1000000001"), minute(1), 600_000);
        for n in 0..3 {
            books.pay(("bank-a", "1000000001"), ("bank-b", "2000000001"), minute(2 + n), 200_000 - n);
        }
        room.pay(&[payment("p1", "bank-a", "1000000001", 600_000, minute(1))]).await;
        room.play(&mut books).await;
        let orders = room.orders().await;
        let of = |o: &&stop::StopOrder| o.asked.account_no == "2000000001" && o.asked.kind == OrderKind::Stop;
        let order = orders.iter().find(of).unwrap();
        let grounds = stop::grounds_of(&room.db, order.id).await.unwrap();
        let seen: Vec<i64> = grounds.iter().map(|g| g.amount_minor).collect();
        assert_eq!(seen, [200_000, 199_999, 199_998]);
        assert!(
            order.asked.reason.contains("3笔") && order.asked.reason.contains("1,999.98"),
            "{}",
            order.asked.reason
        );
        // People read it: Beijing time to the second, and yuan.
        let first = format!("北京时间{}转入¥2,000.00、", minute(2).written());
        assert!(order.asked.reason.contains(&first), "{}", order.asked.reason);
    })
    .await;
}

#[tokio::test]
async fn the_same_order_is_not_made_twice_while_the_first_waits() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let room = room(db, hand).await;
        room.rule(5).await;
        let mut books = Books::default();
        books.pay(("bank-b", "6000000000"), ("bank-a", "1000000001"), minute(1), 600_000);
        room.pay(&[payment("p1", "bank-a", "1000000001", 600_000, minute(1))]).await;
        room.play(&mut books).await;
        let stop = room.orders().await.into_iter().find(|o| o.asked.kind == OrderKind::Stop).unwrap();
        assert_eq!(stop.state, State::InEffect);
        let maker = Who::user("officer", &["stop.make"]);
        let made = async |kind: OrderKind| {
            let refers_to = kind.refers_to_another().then_some(stop.id);
            let asked = NewOrder { kind, refers_to, check: None, dedup: None, ..stop.asked.clone() };
            let mut tx = room.db.begin().await.unwrap();
            let made = room.stop.make(&mut tx, &maker, asked).await;
            tx.commit().await.unwrap();
            match made {
                Ok(id) => Ok(room.orders().await.into_iter().find(|o| o.id == id).unwrap().number),
                Err(Refusal::Conflict(said)) => Err(said),
                Err(other) => panic!("{other}"),
            }
        };
        for kind in [OrderKind::Freeze, OrderKind::LiftStop, OrderKind::ExtendStop, OrderKind::QueryHolder] {
            let first = made(kind).await.unwrap();
            let said = made(kind).await.unwrap_err();
            assert_eq!(said.code, "stop.same_waits");
            assert!(said.zh.contains(&first) && said.en.contains(&first), "{said:?}");
        }
        // People know a chase by the number of its case, which each of its entries tells.
        let journal = store::journal::read_after(&room.db, 0, 1_000).await.unwrap();
        let of_chase: Vec<_> = journal.iter().filter(|entry| entry.subject.starts_with("chase:")).collect();
        assert!(of_chase.len() > 1 && of_chase.iter().all(|e| e.body.contains(&room.case.number)), "{of_chase:?}");
        // What is held stays shown as held while they wait for a checker.
        let mut tx = room.db.begin().await.unwrap();
        room.chase.touch(&mut tx, room.case.id, None).await.unwrap();
        tx.commit().await.unwrap();
        room.play(&mut books).await;
        let (_, accounts) = room.figures().await;
        assert_eq!((accounts["1000000001"].state.as_str(), accounts["1000000001"].stopped_minor), ("stopped", 600_000));
    })
    .await;
}

#[tokio::test]
async fn one_answer_with_many_payees_makes_the_largest_orders_and_asks_a_person_beyond() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let mut room = room(db, hand).await;
        let few = Parameters { chase_orders_before_asking: 12, ..Parameters::default() };
        room.stop.parameters = Arc::new(few);
        room.chase = chase::Desk::new(room.stop.clone());
        room.rule(5).await;
        let mut books = Books::default();
        books.pay(("bank-b", "6000000000"), ("bank-a", "1000000001"), minute(1), 60 * 61 * 50);
        for n in 1..=60_i64 {
            let to = format!("20000000{n:02}");
            books.pay(("bank-a", "1000000001"), ("bank-b", &to), minute(2), n * 100);
        }
        room.pay(&[payment("p1", "bank-a", "1000000001", 60 * 61 * 50, minute(1))]).await;
        room.play(&mut books).await;
        let (chase, _) = room.figures().await;
        assert_eq!(chase.state, ChaseState::Running, "a person is asked, so it is not dry");
        assert_eq!(room.waits().await, ["orders_beyond"]);
        let stopped = async |room: &Room| {
            let orders = room.orders().await;
            let stops = orders.iter().filter(|o| o.asked.kind == OrderKind::Stop && o.asked.level == 2);
            let mut minor: Vec<i64> = stops.filter_map(|o| o.asked.amount_minor).collect();
            minor.sort_unstable();
            (orders.len(), minor)
        };
        let (orders, minor) = stopped(&room).await;
        assert_eq!(orders, 12);
        assert!(minor.first().is_some_and(|least| *least >= 5_000), "the largest first: {minor:?}");

        let mut tx = room.db.begin().await.unwrap();
        tx.execute("UPDATE chase SET orders_allowed = orders_allowed + 1000", args![]).await.unwrap();
        room.chase.touch(&mut tx, room.case.id, None).await.unwrap();
        tx.commit().await.unwrap();
        room.play(&mut books).await;
        let (_, minor) = stopped(&room).await;
        assert_eq!(minor.len(), 60);
        let (chase, _) = room.figures().await;
        assert_eq!((chase.state, chase.sum.open_minor), (ChaseState::Dry, 0));
        assert!(room.waits().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_new_report_does_not_wait_for_another_case() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let room = room(db, hand).await;
        room.rule(5).await;
        let mut books = Books::default();
        let total: i64 = (1..=300).map(|n| n * 100).sum();
        books.pay(("bank-b", "6000000000"), ("bank-a", "1000000001"), minute(1), total);
        for n in 1..=300_i64 {
            books.pay(("bank-a", "1000000001"), ("bank-b", &format!("2000000{n:03}")), minute(2), n * 100);
        }
        room.pay(&[payment("p1", "bank-a", "1000000001", total, minute(1))]).await;
        // The bank answers the stop, and the statement of 300 lines is there: turns of 8 orders each follow.
        for kind in [OrderKind::Stop, OrderKind::QueryTransactions] {
            let orders = room.orders().await;
            let order = orders.iter().find(|o| o.asked.kind == kind).unwrap();
            let document = stop::document(&room.db, order.id).await.unwrap().unwrap();
            let payload = wire::decode_part(document.split('.').nth(1).unwrap()).unwrap();
            let message: wire::Message = serde_json::from_value(payload).unwrap();
            let Body::Order(asked) = message.read().unwrap() else { panic!("an order") };
            let answer = books.answer("bank-a", &asked, room.db.clock().now());
            let mut tx = room.db.begin().await.unwrap();
            room.stop.answer(&mut tx, &PartnerId::parse("bank-a").unwrap(), &answer).await.unwrap();
            room.chase.touch(&mut tx, room.case.id, Some(order.id)).await.unwrap();
            tx.commit().await.unwrap();
            if kind == OrderKind::Stop {
                room.chase.work_off(&room.db).await.unwrap();
            }
        }
        // Another victim reports.
        let other =
            CaseRef { id: ReportId::new(room.db.clock().now()), number: "R261123-0002".into(), ..room.case.clone() };
        let mut tx = room.db.begin().await.unwrap();
        let paid = payment("q1", "bank-b", "3000000001", 50_000, minute(5));
        room.chase.start(&mut tx, &other, "CNY", &[paid]).await.unwrap();
        tx.commit().await.unwrap();
        let working = tokio::spawn(room.chase.clone().run(room.db.clone()));
        let of = async |case: ReportId| {
            let sql = "SELECT COUNT(*) FROM stop_order WHERE case_id = $1 AND state = 'sent'";
            let (n,): (i64,) = room.db.fetch_one(sql, args![case]).await.unwrap();
            n
        };
        while of(other.id).await == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        let before = of(room.case.id).await;
        assert!(before < 150, "{before} orders of the first case went before the first of the second");
        working.abort();
    })
    .await;
}

#[tokio::test]
async fn a_push_is_followed_only_where_a_watch_is_in_effect_and_the_movement_can_be() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let room = room(db, hand).await;
        room.rule(5).await;
        let mut books = Books::default();
        books.pay(("bank-b", "6000000000"), ("bank-a", "1000000001"), minute(1), 500_000);
        books.refuse.insert(("bank-a".into(), "1000000001".into()), AnswerCode::NameMismatch);
        room.pay(&[payment("p1", "bank-a", "1000000001", 500_000, minute(1))]).await;
        room.play(&mut books).await;
        let watch = room.order(OrderKind::Watch, "1000000001", 500_000).await;
        room.play(&mut books).await;
        let before = room.orders().await.len();
        let stop = room.orders().await.iter().find(|o| o.asked.kind == OrderKind::Stop).unwrap().id;
        books.pay(("bank-a", "1000000001"), ("bank-b", "2000000001"), minute(121), 400_000);
        let real = books.movements[&("bank-a".to_owned(), "1000000001".to_owned())].last().unwrap().clone();
        let ahead = wire::Movement { at: minute(60 * 24 * 400), ..real.clone() };
        let huge = wire::Movement { amount_minor: i64::MAX, ..real.clone() };
        for (order_id, account, movement) in [
            (stop, "1000000001", &real),
            (watch, "1000000002", &real),
            (watch, "1000000001", &ahead),
            (watch, "1000000001", &huge),
        ] {
            let movements = vec![movement.clone()];
            let push = wire::MovementPush { order_id, account: account.into(), movements };
            let mut tx = room.db.begin().await.unwrap();
            room.stop.watched(&mut tx, &PartnerId::parse("bank-a").unwrap(), &push).await.unwrap();
            tx.commit().await.unwrap();
        }
        room.play(&mut books).await;
        assert_eq!(room.count("watch.moved").await, 0);
        assert_eq!(room.count("answer.doubted").await, 4, "each is told to a person");
        assert_eq!(room.orders().await.len(), before, "nobody is stopped for it");
    })
    .await;
}

/// The routes of a centre on the room's database, for somebody who may do all.
async fn routes(room: &Room, stop: Parameters) -> Client {
    let seat =
        web::Seat { kind: "centre", id: "centre-43".into(), zh: "示范中心".into(), en: "Demo centre".into() };
    let now = room.db.clock().now();
    let pair = wire::KeyPair::generate(now - Duration::hours(1), now + Duration::hours(24 * 300));
    let config = Config {
        db: room.db.clone(),
        me: PartnerId::parse("centre-43").unwrap(),
        keys: Keys::in_memory([pair]),
        owner: "test".into(),
        roots_file: None,
        stop,
        intake: centre::intake::Parameters::default(),
        lines: centre::lines::Parameters::default(),
        numbers: centre::numbers::Parameters::default(),
        signals: centre::signals::Parameters::default(),
        lists_folder: std::env::temp_dir().join("shouhu-no-lists"),
        web: web::Settings::new(seat, web::Transport::Plain),
    };
    let centre = Centre::open(config).await.unwrap();
    user(&room.db, "centre", "wang", &["stop_officer", "stop_reviewer", "chief", "admin"]).await;
    Client::logged_in(&centre.app().unwrap(), "wang").await
}

#[tokio::test]
async fn more_orders_go_only_of_a_chase_that_is_not_paused_and_never_more_than_one_chase_issues() {
    each_db(&centre::migrations(), |db, hand| async move {
        let room = room(db, hand).await;
        let wang = routes(&room, Parameters { chase_orders_max: 700, ..Parameters::default() }).await;
        room.pay(&[payment("p1", "bank-a", "1000000001", 500_000, minute(1))]).await;
        let act = async |act: &str, body: serde_json::Value| {
            let answer = wang.post(&format!("/api/chases/{}/{act}", room.case.id), &body).await;
            (answer.status.as_u16(), answer.text)
        };
        let allowed =
            async || room.db.fetch_one::<(i64,)>("SELECT orders_allowed FROM chase", args![]).await.unwrap().0;
        assert_eq!(act("order-more", json!({ "count": 600, "reason": "已核实" })).await.0 / 100, 2);
        let (status, text) = act("order-more", json!({ "count": 101, "reason": "已核实" })).await;
        assert!(status == 422 && text.contains("100"), "{status} {text}");
        assert_eq!(act("pause", json!({ "reason": "等一等" })).await.0, 204);
        assert_eq!(act("order-more", json!({ "count": 1, "reason": "已核实" })).await.0, 409);
        assert_eq!(act("resume", json!({ "reason": "继续" })).await.0, 204);
        // As many as a chase issues by itself, as far as there are.
        assert_eq!(act("order-more", json!({ "reason": "已核实" })).await.0 / 100, 2);
        assert_eq!(allowed().await, 700);
        let (status, text) = act("order-more", json!({ "reason": "已核实" })).await;
        assert!(status == 409 && text.contains("700"), "{status} {text}");
        assert_eq!(allowed().await, 700);
    })
    .await;
}

#[tokio::test]
async fn what_came_while_a_chase_was_paused_waits_for_nobody_once_it_goes_on() {
    each_db(&centre::migrations(), |db, hand| async move {
        let room = room(db, hand).await;
        let wang = routes(&room, Parameters::default()).await;
        room.pay(&[payment("p1", "bank-a", "1000000001", 500_000, minute(1))]).await;
        let act = async |act: &str| {
            let answer = wang.post(&format!("/api/chases/{}/{act}", room.case.id), &json!({ "reason": "核实" })).await;
            assert_eq!(answer.status.as_u16(), 204, "{}", answer.text);
        };
        for round in 2..4 {
            act("pause").await;
            room.pay(&[payment(&format!("p{round}"), "bank-a", "1000000002", 300_000, minute(round))]).await;
            assert_eq!(room.waits().await, ["paused_with_news"]);
            act("resume").await;
            assert_eq!(room.waits().await, Vec::<String>::new());
            let mut tx = room.db.begin().await.unwrap();
            room.chase.touch(&mut tx, room.case.id, None).await.unwrap();
            tx.commit().await.unwrap();
            room.chase.work_off(&room.db).await.unwrap();
            assert_eq!(room.waits().await, Vec::<String>::new());
        }
    })
    .await;
}

#[tokio::test]
async fn a_chase_that_failed_in_another_process_is_not_shown_as_failing_once_it_works() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let room = room(db, hand).await;
        room.pay(&[payment("p1", "bank-a", "1000000001", 500_000, minute(1))]).await;
        let sql = async |statements: &[&'static str]| {
            let mut tx = room.db.begin().await.unwrap();
            for statement in statements {
                tx.execute(*statement, args![]).await.unwrap();
            }
            tx.commit().await.unwrap();
        };
        let (broken, mended): (&[&str], &[&str]) = match room.db.engine() {
            store::Engine::Sqlite => (
                &["CREATE TRIGGER broken BEFORE DELETE ON chase_moved BEGIN SELECT RAISE(ABORT, 'broken'); END"],
                &["DROP TRIGGER broken"],
            ),
            store::Engine::Postgres => (
                &[
                    "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'broken'; END $$",
                    "CREATE TRIGGER broken BEFORE DELETE ON chase_moved FOR EACH ROW EXECUTE FUNCTION broken()",
                ],
                &["DROP TRIGGER broken ON chase_moved"],
            ),
        };
        sql(broken).await;
        let mut tx = room.db.begin().await.unwrap();
        room.chase.touch(&mut tx, room.case.id, None).await.unwrap();
        tx.commit().await.unwrap();
        let other = tokio::spawn(chase::Desk::new(room.stop.clone()).run(room.db.clone()));
        while room.waits().await != ["stuck"] {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        other.abort();
        sql(mended).await;
        room.chase.work_off(&room.db).await.unwrap();
        assert_eq!(room.waits().await, Vec::<String>::new());
    })
    .await;
}

/// Every write of a note or of a row of a chase takes its time here, so that two transactions that take them in different
/// orders are sure to meet.
const SLOW: [&str; 3] = [
    "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN PERFORM pg_sleep(0.004); RETURN COALESCE(NEW, OLD); END $$",
    "CREATE TRIGGER slow BEFORE INSERT OR UPDATE OR DELETE ON chase_moved FOR EACH ROW EXECUTE FUNCTION slow()",
    "CREATE TRIGGER slow BEFORE UPDATE ON chase FOR EACH ROW EXECUTE FUNCTION slow()",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_turns_of_two_processes_and_the_reaction_to_the_journal_never_lock_each_other_out() {
    each_db(&MIGRATIONS, |db, hand| async move {
        if db.engine() == store::Engine::Sqlite {
            return;
        }
        let room = room(db, hand).await;
        room.rule(5).await;
        let mut tx = room.db.begin().await.unwrap();
        for statement in SLOW {
            tx.execute(statement, args![]).await.unwrap();
        }
        tx.commit().await.unwrap();
        let now = room.db.clock().now();
        let mut cases: Vec<CaseRef> = (0..8)
            .map(|n| CaseRef { id: ReportId::new(now), number: format!("R261123-{n:04}"), ..room.case.clone() })
            .collect();
        cases.sort_by_key(|case| case.id);
        for (n, case) in cases.iter().enumerate() {
            let mut tx = room.db.begin().await.unwrap();
            let paid = payment(&format!("p{n}"), "bank-a", &format!("10000000{n:02}"), 500_000, minute(1));
            room.chase.start(&mut tx, case, "CNY", &[paid]).await.unwrap();
            tx.commit().await.unwrap();
        }
        let mut working = vec![tokio::spawn(store::journal::react(
            room.db.clone(),
            Following::new(chase::Desk::new(room.stop.clone())),
        ))];
        for _ in 0..2 {
            working.push(tokio::spawn(chase::Desk::new(room.stop.clone()).run(room.db.clone())));
        }
        for round in 0..12 {
            // The journal tells of the cases in another order than that in which a turn takes them, and each has a new
            // payment, so that the turns make orders.
            let mut tx = room.db.begin().await.unwrap();
            for case in cases.iter().rev() {
                let moved = Entry::new("order.lapsed", format!("order:{}", OrderId::new(now)));
                tx.append(moved.case(case.id).region(&case.region), &Who::system("test")).await.unwrap();
            }
            tx.commit().await.unwrap();
            for (n, case) in cases.iter().enumerate() {
                let mut tx = room.db.begin().await.unwrap();
                let id = format!("p{n}-{round}");
                let paid = payment(&id, "bank-a", &format!("2{round:05}00{n:02}"), 500_000, minute(1));
                room.chase.start(&mut tx, case, "CNY", &[paid]).await.unwrap();
                tx.commit().await.unwrap();
            }
        }
        while !room.idle().await {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        for task in working {
            task.abort();
        }
        let sql = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
        let (deadlocks,): (i64,) = room.db.fetch_one(sql, args![]).await.unwrap();
        assert_eq!(deadlocks, 0);
    })
    .await;
}
