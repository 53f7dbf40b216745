//! A database that fails at each call in turn, on every reaction, every timer and the turns of the chase: nothing is lost,
//! nothing happens twice, and it comes right by itself.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};

use centre::chase::{self, Payment, Round};
use centre::numbers::NewEntry;
use centre::stop::{CaseRef, Decision, NewOrder, StandingRule};
use centre::{Centre, Config, Reacting, Timed, intake, lines, numbers, signals, stop};
use kernel::{Duration, ManualClock, OrderId, ReportId, RuleId, SignalsId, Timestamp};
use serde_json::json;
use store::journal::stuck;
use store::journal::{Follower, Reaction, Recorded, Step};
use store::timers::{self, Clockwork, Timer};
use store::{BoxError, Db, Tx, Who, args};
use trace::AccountKey;
use web::testing::{Client, user};
use wire::{
    Answer, AnswerCode, ContactChannel, Directory, KeyPair, Keys, LineAnswer, LineAnswerCode, LineOrderKind,
    ListAction, OrderKind, PartnerId, Period, SignalAction, SignalCounter, SignalReason, Signals,
};

const SCAMMER: &str = "17000000000";

async fn centre(db: &Db, folder: &Path) -> Centre {
    centre_with(db, folder, lines::Parameters::default()).await
}

async fn centre_with(db: &Db, folder: &Path, lines: lines::Parameters) -> Centre {
    let seat =
        web::Seat { kind: "centre", id: "centre-43".into(), zh: "示范中心".into(), en: "Demo centre".into() };
    let roots = folder.join("roots.pem");
    std::fs::write(&roots, "").unwrap();
    let config = Config {
        db: db.clone(),
        me: PartnerId::parse("centre-43").unwrap(),
        keys: Keys::load_or_create(&folder.join("keys"), db.clock().now()).unwrap(),
        owner: "test".into(),
        roots_file: Some(roots),
        stop: stop::Parameters::default(),
        intake: intake::Parameters::default(),
        lines,
        numbers: numbers::Parameters::default(),
        signals: signals::Parameters::default(),
        lists_folder: folder.join("lists"),
        web: web::Settings::new(seat, web::Transport::Plain),
    };
    Centre::open(config).await.unwrap()
}

/// A centre with something to do for every desk that reacts, and a timer of every kind.
async fn seed(db: &Db, folder: &Path) {
    let now = db.clock().now();
    let directory = Directory::open(db).await.unwrap();
    let admin = Who::user("admin", &["partners.write"]);
    for (id, role) in [("bank-a", "bank"), ("op-a", "operator")] {
        let pair = KeyPair::generate(now - Duration::hours(1), now + Duration::hours(24 * 300));
        let partner = json!({ "id": id, "name": id, "role": role, "base_url": "http://127.0.0.1:1",
            "keys": [serde_json::to_value(pair.public()).unwrap()], "answer_minutes": 30,
            "contacts": [{ "name": "值班一", "phone": "073180000001", "duty": "primary" },
                { "name": "值班二", "phone": "073180000002", "duty": "deputy" }] });
        directory.create(&admin, &partner).await.unwrap();
    }
    let centre = centre(db, folder).await;
    let (mut stop, mut lines, mut numbers, mut signals) = (None, None, None, None);
    for desk in centre.timed() {
        match desk {
            Timed::Stop(desk) => stop = Some(desk),
            Timed::Lines(desk) => lines = Some(desk),
            Timed::Numbers(desk) => numbers = Some(desk),
            Timed::Signals(desk) => signals = Some(desk),
        }
    }
    let (stop, lines, numbers, signals) = (stop.unwrap(), lines.unwrap(), numbers.unwrap(), signals.unwrap());
    user(db, "centre", "intake", &["intake_officer"]).await;
    let client = Client::logged_in(&centre.app().unwrap(), "intake").await;
    let scam_type = client.get("/api/scam-types").await.json()["items"][0]["code"].clone();
    let report = json!({
        "state": "submitted", "channel": "110",
        "victim": { "name": "唐小雨", "citizen_id": "", "phone": "19000000001", "region": "430102" },
        "narrative": "有人冒充客服，让我转账三万元。",
        "payments": [{ "payee_account": "6222020000000000026", "payee_name": "李四", "payee_bank": "bank-a",
            "amount": "3万", "paid_at": (now - Duration::minutes(30)).to_rfc3339() }],
        "contacts": [{ "kind": "phone", "value": SCAMMER }], "scam_type": scam_type, "region": "430102",
        "occurred_at": (now - Duration::minutes(40)).to_rfc3339(),
    });
    let made = client.post("/api/reports", &report).await;
    assert!(made.status.is_success(), "{}", made.text);
    let made = made.json();
    let case = CaseRef {
        id: made["id"].as_str().unwrap().parse().unwrap(),
        number: made["number"].as_str().unwrap_or("R261123-0001").into(),
        region: "430102".into(),
        reported_at: now,
    };

    let mut tx = db.begin().await.unwrap();
    let (maker, checker) = (Who::user("officer", &["stop.make"]), Who::user("reviewer", &["stop.check"]));
    for account in ["6222020000000000034", "6222020000000000042"] {
        let asked = NewOrder {
            case: case.clone(),
            partner: PartnerId::parse("bank-a").unwrap(),
            kind: OrderKind::Stop,
            account_no: account.into(),
            account_name: Some("李四".into()),
            currency: "CNY".into(),
            check: Some(wire::Check {
                amount_minor: 100_000,
                currency: "CNY".into(),
                at: now - Duration::minutes(30),
                reference: None,
            }),
            amount_minor: Some(100_000),
            period: None,
            until: None,
            refers_to: None,
            level: 1,
            include_interest: false,
            approval_level: None,
            reason: "被害人直接转入".into(),
            dedup: None,
        };
        let id = stop.make(&mut tx, &maker, asked).await.unwrap();
        stop.decide(&mut tx, &checker, id, Decision::Approve).await.unwrap();
        if account.ends_with("42") {
            let mut answer = Answer::new(id, AnswerCode::Done);
            (answer.held_minor, answer.balance_minor) = (Some(100_000), Some(100_000));
            answer.until = Some(now + Duration::hours(48));
            stop.answer(&mut tx, &PartnerId::parse("bank-a").unwrap(), &answer).await.unwrap();
        }
    }
    let (maker, checker) = (Who::user("officer", &["lines.make"]), Who::user("reviewer", &["lines.check"]));
    for kind in [LineOrderKind::CutCall, LineOrderKind::ProtectLine] {
        let mut asked = lines::NewRequest::about(case.clone(), kind, "13800138000".into(), "涉诈".into());
        if kind == LineOrderKind::ProtectLine {
            asked.until = Some(now + Duration::hours(24));
        }
        let id = lines.make(&mut tx, &maker, asked).await.unwrap();
        lines.decide(&mut tx, &checker, id, Decision::Approve).await.unwrap();
        if kind == LineOrderKind::ProtectLine {
            let mut answer = LineAnswer::new(id, LineAnswerCode::Done);
            (answer.at, answer.until) = (Some(now), Some(now + Duration::hours(24)));
            lines.answer(&mut tx, &PartnerId::parse("op-a").unwrap(), &answer).await.unwrap();
        }
    }
    let chief = |login: &str| Who::user(login, &["rules.write"]);
    let rule = StandingRule {
        id: RuleId::new(now),
        name: "夜间".into(),
        kinds: vec![OrderKind::Stop, OrderKind::QueryHolder, OrderKind::QueryTransactions],
        level_max: 5,
        amount_minor_max: 1_000_000_000,
        line_kinds: vec![LineOrderKind::WarnContacts],
        line_hours_max: 0,
        report_age_max: Duration::hours(72),
        region_prefix: "43".into(),
        author: "chief".into(),
        approved_by: None,
        valid_from: now,
        expires_at: now + Duration::hours(7 * 24),
        ended_at: None,
    };
    stop.propose_rule(&mut tx, &chief("chief"), rule.clone()).await.unwrap();
    stop.approve_rule(&mut tx, &chief("deputy"), rule.id).await.unwrap();
    let entry = NewEntry {
        pattern: "17000000001".into(),
        action: ListAction::Block,
        reason: "冒充客服诈骗".into(),
        source: "省反诈中心".into(),
        case: Some(case),
        expires_at: Some(now + Duration::hours(24)),
        label: None,
    };
    let added = numbers.add(&mut tx, &Who::user("officer", &["numbers.write"]), vec![entry]).await.unwrap();
    assert!(added.iter().all(Result::is_ok), "{added:?}");
    let operator = PartnerId::parse("op-a").unwrap();
    numbers.asked(&mut tx, &operator, 99).await.unwrap();
    let batch = Signals {
        signals_id: SignalsId::new(now),
        period: Period { from: now - Duration::minutes(1), to: now },
        counters: vec![SignalCounter {
            channel: ContactChannel::Call,
            action: SignalAction::Pass,
            reason: SignalReason::None,
            detail: None,
            count: 9,
        }],
        hits: Vec::new(),
        hits_lost: 0,
        rules: Vec::new(),
        list_number: None,
    };
    signals.take(&mut tx, &operator, &batch).await.unwrap();
    tx.commit().await.unwrap();
}

/// What was handled: names of reactions, kinds of timers.
type Seen = Arc<Mutex<BTreeSet<String>>>;

struct Watched<T>(T, Seen);

impl Reaction for Watched<Reacting> {
    fn name(&self) -> &'static str {
        self.0.name()
    }
    fn wants(&self, kind: &str) -> bool {
        self.0.wants(kind)
    }
    async fn handle(&self, tx: &mut Tx, entry: &Recorded) -> Result<(), BoxError> {
        self.1.lock().unwrap().insert(self.name().to_owned());
        self.0.handle(tx, entry).await
    }
    async fn finish(&self, tx: &mut Tx) -> Result<(), BoxError> {
        self.0.finish(tx).await
    }
    fn abandoned(&self) {
        self.0.abandoned();
    }
}

impl Clockwork for Watched<Timed> {
    fn prefix(&self) -> &'static str {
        self.0.prefix()
    }
    fn kinds(&self) -> &'static [&'static str] {
        self.0.kinds()
    }
    async fn handle(&self, db: &Db, timer: &Timer) -> Result<(), BoxError> {
        self.1.lock().unwrap().insert(timer.kind.clone());
        self.0.handle(db, timer).await
    }
}

/// Reactions and timers until nothing is left to do, whatever fails; then again at moments that let no two deadlines of
/// one order fall due together: which of them comes first is not what is tried here.
async fn work(db: &Db, hand: &ManualClock, folder: &Path, seen: &Seen) {
    let centre = centre(db, folder).await;
    db.faults().release();
    let mut following: Vec<_> =
        centre.reactions().into_iter().map(|desk| Follower::new(db.clone(), Watched(desk, seen.clone()))).collect();
    let timed: Vec<_> = centre.timed().into_iter().map(|desk| Watched(desk, seen.clone())).collect();
    let began = db.clock().now();
    for minutes in [0, 4, 8, 20, 40, 80, 30 * 60, 44 * 60, 72 * 60] {
        hand.set(began + Duration::minutes(minutes));
        let mut moved = true;
        while moved {
            moved = false;
            for follower in &mut following {
                moved |= !matches!(follower.step().await, Step::Nothing);
            }
            for desk in &timed {
                match timers::round(db, desk, || ()).await {
                    Ok(round) => {
                        moved |= round.taken > 0;
                        if round.failed.is_some() {
                            hand.advance(timers::LEASE);
                        }
                    }
                    Err(_) => {
                        moved = true;
                        hand.advance(timers::LEASE);
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn every_reaction_and_every_timer_survives_a_fault_at_each_call_to_the_database() {
    let (db, _hand, folder) = store::testing::sqlite(&centre::migrations()[1..]).await;
    seed(&db, folder.path()).await;
    let centre = centre(&db, folder.path()).await;
    let mut expected: BTreeSet<String> = centre.reactions().iter().map(|desk| desk.name().to_owned()).collect();
    expected.extend(centre.timed().iter().flat_map(|desk| desk.kinds()).map(|kind| (*kind).to_owned()));
    let at = db.clock().now();
    db.close().await;
    let seen = Seen::default();
    let file = folder.path().join("test.db");
    store::testing::disturb_each_call(&file, at, |db, hand| {
        let (seen, folder) = (seen.clone(), folder.path());
        async move { work(&db, &hand, folder, &seen).await }
    })
    .await;
    let seen = seen.lock().unwrap();
    let left_out: Vec<_> = expected.difference(&seen).collect();
    assert!(left_out.is_empty(), "the centre of this test gives nothing to do to {left_out:?}: add it to `seed`");
}

/// The stop desk and the chase of a centre.
fn desks(centre: &Centre) -> (stop::Desk, chase::Desk) {
    let stop = centre.timed().into_iter().find_map(|desk| match desk {
        Timed::Stop(desk) => Some(desk),
        _ => None,
    });
    let chase = centre.reactions().into_iter().find_map(|desk| match desk {
        Reacting::Chase(following) => Some(following.chase),
        _ => None,
    });
    (stop.unwrap(), chase.unwrap())
}

/// Two small cases, which have their turn together, and one about which a bank has told much.
async fn seed_chases(db: &Db, folder: &Path) {
    let now = db.clock().now();
    let directory = Directory::open(db).await.unwrap();
    let pair = KeyPair::generate(now - Duration::hours(1), now + Duration::hours(24 * 300));
    let partner = json!({ "id": "bank-a", "name": "bank-a", "role": "bank", "base_url": "http://127.0.0.1:1",
        "keys": [serde_json::to_value(pair.public()).unwrap()], "answer_minutes": 30,
        "contacts": [{ "name": "值班一", "phone": "073180000001", "duty": "primary" },
            { "name": "值班二", "phone": "073180000002", "duty": "deputy" }] });
    directory.create(&Who::user("admin", &["partners.write"]), &partner).await.unwrap();
    let (stop, chase) = desks(&centre(db, folder).await);
    let bank = PartnerId::parse("bank-a").unwrap();
    let paid = now - Duration::minutes(30);
    let mut tx = db.begin().await.unwrap();
    let chief = |login: &str| Who::user(login, &["rules.write"]);
    let rule = StandingRule {
        id: RuleId::new(now),
        name: "夜间".into(),
        kinds: vec![OrderKind::Stop, OrderKind::QueryHolder, OrderKind::QueryTransactions],
        level_max: 5,
        amount_minor_max: 1_000_000_000,
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
    stop.propose_rule(&mut tx, &chief("chief"), rule.clone()).await.unwrap();
    stop.approve_rule(&mut tx, &chief("deputy"), rule.id).await.unwrap();
    for n in 0..3_i64 {
        let case = CaseRef {
            id: ReportId::new(now),
            number: format!("R261123-{n:04}"),
            region: "430102".into(),
            reported_at: now,
        };
        let account = format!("622202000000000{n:04}");
        let payment = Payment {
            id: format!("p{n}"),
            payee: AccountKey::new("bank-a", &account),
            payee_name: Some("李四".into()),
            amount_minor: 3_000_000,
            at: paid,
            reference: None,
            payer: None,
        };
        chase.start(&mut tx, &case, "CNY", &[payment]).await.unwrap();
        if n < 2 {
            continue;
        }
        // A statement from which more orders follow than one transaction makes, asked for by hand. Thousands of lines
        // make a case heavy; here it is enough to say so.
        let asked = NewOrder {
            case,
            partner: bank.clone(),
            kind: OrderKind::QueryTransactions,
            account_no: account,
            account_name: None,
            currency: "CNY".into(),
            check: None,
            amount_minor: None,
            period: Some(Period { from: paid - Duration::hours(1), to: now }),
            until: None,
            refers_to: None,
            level: 1,
            include_interest: false,
            approval_level: None,
            reason: "追踪资金去向".into(),
            dedup: None,
        };
        let id = stop.make(&mut tx, &Who::user("officer", &["stop.make"]), asked).await.unwrap();
        let reviewer = Who::user("reviewer", &["stop.check"]);
        stop.decide(&mut tx, &reviewer, id, Decision::Approve).await.unwrap();
        let mut answer = Answer::new(id, AnswerCode::Done);
        answer.transactions = Some((0..9).map(|line| spread(line, paid)).collect());
        stop.answer(&mut tx, &bank, &answer).await.unwrap();
        tx.execute("UPDATE stop_order SET movements = 2000 WHERE id = $1", args![id]).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// A line of an account that passes a payment on in eight parts, to an account each.
fn spread(line: i64, paid: Timestamp) -> wire::Movement {
    let other = (line > 0).then(|| wire::Counterparty {
        bank: "bank-a".into(),
        account: format!("622203000000000{line:04}"),
        name: "王五".into(),
    });
    wire::Movement {
        id: format!("line-{line}"),
        at: paid + Duration::minutes(line),
        direction: if line == 0 { wire::Direction::In } else { wire::Direction::Out },
        amount_minor: if line == 0 { 3_000_000 } else { 300_000 },
        currency: "CNY".into(),
        balance_after_minor: 3_000_000 - 300_000 * line,
        channel: wire::Channel::Mobile,
        counterparty: other,
        reference: format!("r{line}"),
        memo: String::new(),
    }
}

/// The reaction and the turns of the chase until nothing is left to do; then banks answer about the small cases, and again.
async fn work_turns(db: &Db, folder: &Path, seen: &Seen) {
    let centre = centre(db, folder).await;
    let (stop, chase) = desks(&centre);
    db.faults().release();
    let mut turns = chase.turns(db);
    let following = centre.reactions().into_iter().find(|desk| matches!(desk, Reacting::Chase(_)));
    let mut follower = Follower::new(db.clone(), following.unwrap());
    for answering in [OrderKind::Stop, OrderKind::QueryTransactions, OrderKind::Watch] {
        let mut waits = true;
        while waits {
            // To the end of the journal, so that a turn finds the same whatever has failed before.
            while !matches!(follower.step().await, Step::Nothing) {}
            for lane in &mut turns {
                while !matches!(lane.round().await, Ok(Round::Nothing)) {
                    seen.lock().unwrap().insert(lane.name().to_owned());
                }
            }
            db.faults().hold();
            let (notes,): (i64,) = db.fetch_one("SELECT COUNT(*) FROM chase_moved", args![]).await.unwrap();
            db.faults().release();
            // A case that failed is left alone for a moment.
            waits = notes > 0;
            tokio::time::sleep(std::time::Duration::from_millis(if waits { 2 } else { 0 })).await;
        }
        db.faults().hold();
        let sql = "SELECT id FROM stop_order WHERE state = 'sent' AND kind = $1 AND case_number < 'R261123-0002'";
        let sent: Vec<(String,)> = db.fetch_all(sql, args![answering.code()]).await.unwrap();
        let mut tx = db.begin().await.unwrap();
        for (id,) in sent {
            let mut answer = Answer::new(id.parse::<OrderId>().unwrap(), AnswerCode::Done);
            if answering == OrderKind::Stop {
                (answer.held_minor, answer.balance_minor) = (Some(3_000_000), Some(3_000_000));
                answer.until = Some(tx.now() + Duration::hours(48));
            } else {
                answer.transactions = Some(vec![spread(0, tx.now() - Duration::minutes(30))]);
            }
            stop.answer(&mut tx, &PartnerId::parse("bank-a").unwrap(), &answer).await.unwrap();
        }
        tx.commit().await.unwrap();
        db.faults().release();
    }
}

#[tokio::test]
async fn every_turn_of_the_chase_survives_a_fault_at_each_call_to_the_database() {
    let (db, _hand, folder) = store::testing::sqlite(&centre::migrations()[1..]).await;
    seed_chases(&db, folder.path()).await;
    let at = db.clock().now();
    db.close().await;
    let seen = Seen::default();
    let file = folder.path().join("test.db");
    store::testing::disturb_each_call(&file, at, |db, _hand| {
        let (seen, folder) = (seen.clone(), folder.path());
        async move {
            work_turns(&db, folder, &seen).await;
            // The test's own look does not fail.
            db.faults().hold();
            let sql = "SELECT COUNT(*) FILTER (WHERE state = 'dry'),
                (SELECT COUNT(*) FROM stop_order WHERE state = 'sent' AND kind = 'stop') FROM chase";
            let came_to: (i64, i64) = db.fetch_one(sql, args![]).await.unwrap();
            assert_eq!(
                came_to,
                (2, 9),
                "two cases are at their end, and more orders are out than one transaction makes"
            );
        }
    })
    .await;
    let expected = BTreeSet::from(["chase.turns".to_owned(), "chase.turns.heavy".to_owned()]);
    assert_eq!(*seen.lock().unwrap(), expected, "both lanes had something to do");
}

async fn follow(centre: &Centre, db: &Db) {
    for desk in centre.reactions() {
        let mut follower = Follower::new(db.clone(), desk);
        while !matches!(follower.step().await, Step::Nothing) {}
    }
}

#[tokio::test]
async fn a_wrong_parameter_shows_the_warning_that_it_stops_and_the_retry_sends_it() {
    let (db, _hand, folder) = store::testing::sqlite(&centre::migrations()[1..]).await;
    seed(&db, folder.path()).await;
    let wrong = lines::Parameters { period_days: 400, period_days_max: 180, ..lines::Parameters::default() };
    follow(&centre_with(&db, folder.path(), wrong).await, &db).await;
    let admin = Who::user("admin", &[stuck::RIGHT, "users.write"]);
    let seen = stuck::list(&db, &admin).await.unwrap();
    assert_eq!(seen.len(), 1, "{seen:?}");
    assert_eq!((seen[0].desk.as_str(), seen[0].kind.as_str()), ("lines.warning", "number.put"));
    assert_eq!(seen[0].region.as_deref(), Some("430102"));
    assert!(seen[0].reason.contains("period"), "{}", seen[0].reason);
    let warnings = async || {
        let sql = "SELECT COUNT(*) FROM line_order WHERE kind = 'warn_contacts'";
        db.fetch_one::<(i64,)>(sql, store::args![]).await.unwrap().0
    };
    assert_eq!(warnings().await, 0);

    let right = centre(&db, folder.path()).await;
    let mut tx = db.begin().await.unwrap();
    stuck::ask_retry(&mut tx, &admin, &stuck::Which::All).await.unwrap();
    tx.commit().await.unwrap();
    follow(&right, &db).await;
    assert_eq!((warnings().await, stuck::count(&db).await.unwrap()), (1, (0, 0)));
    follow(&right, &db).await;
    assert_eq!(warnings().await, 1, "once");
}
