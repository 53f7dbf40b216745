//! The number list: the own entries, files, and the centre's list, on both databases.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout
)]

mod seat;

use kernel::Duration;
use operator::list::entry::{self, EntryState, Filter};
use operator::list::file::{RowInput, RowRules};
use operator::list::import::{self, ListImport};
use seat::{CALLER, MIGRATIONS, Seat, change, clerk};
use serde_json::json;
use store::args;
use store::testing::each_db;

fn rules(seat: &Seat) -> RowRules {
    RowRules { now: seat.now(), bounds: seat.operator.parameters().list_bounds(), source: "operator".into() }
}

async fn add(seat: &Seat, number: &str, action: &str, expires: &str) -> operator::Result<entry::Entry> {
    let row = RowInput { number, action, reason: "多人举报", expires, ..RowInput::default() };
    let mut tx = seat.operator.db().begin().await.unwrap();
    let made = entry::add(&mut tx, &clerk(), &row, "", &rules(seat)).await?;
    tx.commit().await.unwrap();
    seat.operator.catch_up().await.unwrap();
    Ok(made)
}

#[tokio::test]
async fn an_entry_holds_at_once_and_until_it_ends() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let seat = Seat::open(db.clone(), hand).await;
        assert!(!seat.stops(CALLER));
        let made = add(&seat, CALLER, "block", "").await.unwrap();
        assert!(seat.stops(CALLER));
        assert_eq!(add(&seat, CALLER, "block", "").await.unwrap_err().said().code, "operator.entry.known");
        assert!(add(&seat, "110", "block", "").await.is_err(), "emergency numbers are never blocked");

        let mut tx = db.begin().await.unwrap();
        entry::end(&mut tx, &clerk(), made.id, "查无问题").await.unwrap();
        tx.commit().await.unwrap();
        seat.operator.catch_up().await.unwrap();
        assert!(!seat.stops(CALLER));

        // Identifiers sort by their moment; the second entry has a later one.
        seat.hand.advance(Duration::seconds(1));
        add(&seat, "+86170*", "block", "2026-11-24T08:00:00+08:00").await.unwrap();
        assert!(seat.stops(CALLER));
        seat.hand.advance(Duration::hours(25));
        assert!(!seat.stops(CALLER), "an entry does not outlive its end");
        seat.operator.step().await.unwrap();
        let found = entry::list(&db, &clerk(), &Filter { limit: 10, ..Filter::default() }).await.unwrap();
        assert_eq!(found.iter().map(|e| e.state).collect::<Vec<_>>(), [EntryState::Expired, EntryState::Ended]);
        let kinds: Vec<(String,)> = db.fetch_all("SELECT kind FROM journal ORDER BY seq", args![]).await.unwrap();
        let of_entries: Vec<&str> = kinds.iter().map(|(k,)| k.as_str()).filter(|k| k.starts_with("entry.")).collect();
        assert_eq!(of_entries, ["entry.added", "entry.ended", "entry.added", "entry.expired"]);
        let (bodies,): (i64,) =
            db.fetch_one("SELECT COUNT(*) FROM journal WHERE body LIKE '%17000000001%'", args![]).await.unwrap();
        assert_eq!(bodies, 0, "the open part of the journal holds no number");
    })
    .await;
}

#[tokio::test]
async fn a_file_loads_its_good_rows_and_tells_the_others() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let seat = Seat::open(db.clone(), hand).await;
        let csv =
            "number,action,reason\n17000000001,block,甲\n17000000001,block,甲\n17000000003,ban,乙\n+86171*,block,丙\n";
        let list = ListImport::of(&seat.operator);
        let folder = seat.folder.path().join("imports");
        let file = ("a.csv", csv.as_bytes());
        let done = import::whole(&db, &list, &clerk(), &folder, file, &mut |_| {}).await.unwrap();
        assert_eq!((done.rows, done.loaded, done.known, done.refused), (4, 2, 1, 1));
        assert!(seat.stops(CALLER) && seat.stops("+8617100000000") && !seat.stops("+8617000000003"));
        let again = import::import_of_id(&db, &clerk(), done.id).await.unwrap();
        assert_eq!(again, done);
        assert_eq!(again.refused_rows[0].line, 4);
    })
    .await;
}

#[tokio::test]
async fn a_file_does_not_bring_back_what_a_person_ended() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let seat = Seat::open(db.clone(), hand.clone()).await;
        let list = ListImport::of(&seat.operator);
        let folder = seat.folder.path().join("imports");
        let load = async |name: &str, csv: &str| {
            import::whole(&db, &list, &clerk(), &folder, (name, csv.as_bytes()), &mut |_| {}).await.unwrap()
        };
        let made = add(&seat, CALLER, "block", "").await.unwrap();
        let mut tx = db.begin().await.unwrap();
        entry::end(&mut tx, &clerk(), made.id, "申诉成立").await.unwrap();
        tx.commit().await.unwrap();
        let done = load("a.csv", "number,action,reason\n17000000001,block,甲\n17000000009,block,乙\n").await;
        assert_eq!((done.loaded, done.refused), (1, 1));
        assert_eq!(done.refused_rows[0].line, 2);
        assert_eq!(done.refused_rows[0].faults[0].said.code, "operator.entry.ended_before");
        // A person adds it again, for a time: when that is over, nobody has taken it from the list.
        hand.advance(Duration::seconds(1));
        add(&seat, CALLER, "block", "2026-12-01T00:00:00+08:00").await.unwrap();
        hand.advance(Duration::hours(24 * 40));
        seat.operator.step().await.unwrap();
        assert!(!seat.stops(CALLER));
        let done = load("b.csv", "number,action,reason\n17000000001,block,甲\n").await;
        assert_eq!((done.loaded, done.refused), (1, 0), "{:?}", done.refused_rows);
    })
    .await;
}

#[tokio::test]
async fn changes_of_the_centre_apply_in_order_and_a_gap_is_asked_for() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let seat = Seat::open(db.clone(), hand.clone()).await;
        let centre = seat.centre.clone();
        seat.receive(&centre, "list_change", change(1, 0, &[(CALLER, "block"), ("+8617000000003", "watch")], &[]))
            .await;
        assert!(seat.stops(CALLER) && !seat.stops("+8617000000003"));
        // The same entry with another action takes the place of the old one.
        seat.receive(&centre, "list_change", change(2, 1, &[("+8617000000003", "block")], &[CALLER])).await;
        assert!(!seat.stops(CALLER) && seat.stops("+8617000000003"));
        seat.receive(&centre, "list_change", change(2, 0, &[(CALLER, "block")], &[])).await;
        assert!(!seat.stops(CALLER), "an old change changes nothing");
        seat.receive(&centre, "list_change", change(9, 5, &[(CALLER, "block")], &[])).await;
        assert!(!seat.stops(CALLER), "a change that does not follow is not applied");
        assert_eq!(seat.sent("list_ask").await, [json!({ "have": 2 })]);
        seat.receive(&centre, "list_change", change(9, 2, &[(CALLER, "block")], &[])).await;
        assert!(seat.stops(CALLER));

        // Without the centre, after a restart, everything is still there, and its age is told.
        hand.advance(Duration::hours(3));
        let again = Seat::open_in(db.clone(), hand, seat.folder.clone(), false).await;
        assert!(again.stops(CALLER) && again.stops("+8617000000003"));
        assert_eq!(again.operator.centre_list_age().await.unwrap().map(Duration::as_seconds), Some(3 * 3_600));
    })
    .await;
}

#[tokio::test]
async fn the_centre_cannot_block_a_network_or_calls_for_help() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let seat = Seat::open(db.clone(), hand).await;
        let centre = seat.centre.clone();
        let wide = ["12110*", "+86731*", "+86*", "+8613000000000-+8619999999999", "110"];
        let entries: Vec<(&str, &str)> = wide.iter().map(|pattern| (*pattern, "block")).collect();
        let good = [("+8617000000003", "block"), ("+44*", "block"), ("+861701*", "block")];
        seat.receive(&centre, "list_change", change(1, 0, &[&entries[..], &good[..]].concat(), &[])).await;
        let honest = ["+8673188888888", "+8613800138000", "+8615000000000"];
        let refused = |seat: &Seat| !honest.iter().any(|number| seat.stops(number));
        let kept = |seat: &Seat| ["+8617000000003", "+447700900123", "+8617010000000"].iter().all(|n| seat.stops(n));
        assert!(refused(&seat) && kept(&seat));
        let (told,): (String,) =
            db.fetch_one("SELECT body FROM journal WHERE kind = 'list.changed'", args![]).await.unwrap();
        assert!(told.contains("\"refused\":5"), "{told}");

        let rows: String = wide.iter().map(|pattern| format!("{pattern},block,涉诈,R1,,,\n")).collect();
        let file = format!(
            "pattern,action,reason,source,case_number,expires_at,label\n{rows}+8617000000003,block,涉诈,R1,,,\n\
             +44*,block,涉诈,R1,,,\n+861701*,block,涉诈,R1,,,\n"
        );
        let part = seat.operator.list_part().unwrap();
        std::fs::write(&part, &file).unwrap();
        let offered: wire::ListOffer = serde_json::from_value(offer(2, &file, file.len())).unwrap();
        assert!(seat.operator.take_list_file(&centre, &offered, &part).await.unwrap());
        seat.operator.step().await.unwrap();
        assert!(refused(&seat) && kept(&seat));
    })
    .await;
}

#[tokio::test]
async fn no_other_form_of_a_row_brings_back_what_a_person_ended() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let seat = Seat::open(db.clone(), hand).await;
        let end = async |id| {
            let mut tx = db.begin().await.unwrap();
            entry::end(&mut tx, &clerk(), id, "误拦").await.unwrap();
            tx.commit().await.unwrap();
            seat.operator.catch_up().await.unwrap();
            seat.hand.advance(Duration::seconds(1));
        };
        let wrong = add(&seat, "+8617088800005", "block", "").await.unwrap();
        end(wrong.id).await;
        let looked_at = add(&seat, "+8617088811115", "watch", "").await.unwrap();
        end(looked_at.id).await;
        let range = add(&seat, "+8617088822220-+8617088822229", "block", "").await.unwrap();
        end(range.id).await;
        let load = async |row: &str| {
            let text = format!("number,action,reason\n{row},批次\n");
            let import = ListImport::of(&seat.operator);
            let folder = seat.folder.path().join("imports");
            let file = ("a.csv", text.as_bytes());
            let done = import::whole(&db, &import, &clerk(), &folder, file, &mut |_| {}).await.unwrap();
            seat.operator.catch_up().await.unwrap();
            seat.hand.advance(Duration::seconds(1));
            (done.loaded, done.refused_rows.first().map(|row| row.faults[0].said.code.clone()))
        };
        let (same, covers) = (Some("operator.entry.ended_before"), Some("operator.entry.covers_ended"));
        for (row, refused) in [
            ("+8617088800005,block", same),
            ("17088800005,block", same),
            ("+8617088800005-+8617088800005,block", same),
            ("+8617088800005*,block", covers),
            ("+861708880000*,block", covers),
            ("+8617088800000-+8617088800009,block", covers),
            // What was only watched is not stopped instead.
            ("+8617088811115,block", same),
            ("+861708881111*,block", covers),
            ("+861708881111*,watch", covers),
            ("+861708882222*,block", covers),
            ("+8617088822200-+8617088822299,block", covers),
        ] {
            assert_eq!(load(row).await, (0, refused.map(str::to_owned)), "{row}");
            assert!(!seat.stops("+8617088800005") && !seat.stops("+8617088811115"), "{row}");
        }
        // What stops nobody, or speaks of others, is loaded.
        for row in ["+8617088800005,watch", "+8617088800006,block", "+8617088800010-+8617088800019,block"] {
            assert_eq!(load(row).await, (1, None), "{row}");
        }
        assert!(!seat.stops("+8617088800005") && seat.stops("+8617088800006"));
        // A person with new evidence adds it by hand, and files may speak of it again.
        add(&seat, "+8617088800005-+8617088800005", "block", "").await.unwrap();
        assert!(seat.stops("+8617088800005"));
        assert_eq!(load("+861708880000*,block").await, (1, None));
    })
    .await;
}

#[tokio::test]
async fn another_seat_cannot_publish_a_list() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let seat = Seat::open(db, hand).await;
        let other = wire::PartnerId::parse("centre-44").unwrap();
        let message = seat.message(&other, "list_change", change(1, 0, &[(CALLER, "block")], &[]));
        let mut tx = seat.operator.db().begin().await.unwrap();
        let refused = wire::Handler::handle(&seat.operator, &mut tx, &message).await;
        assert!(matches!(refused, Err(wire::HandleError::Refused(..))));
    })
    .await;
}

fn offer(number: u64, csv: &str, bytes: usize) -> serde_json::Value {
    json!({ "number": number, "at": store::testing::START, "sha256": store::document::sha256_hex(csv.as_bytes()),
        "bytes": bytes, "entries": 1, "expires_at": store::testing::START + Duration::hours(24) })
}

#[tokio::test]
async fn a_whole_list_is_taken_when_its_seal_fits_and_the_old_one_stays_when_it_does_not() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let seat = Seat::open(db.clone(), hand.clone()).await;
        let centre = seat.centre.clone();
        let header = "pattern,action,reason,source,case_number,expires_at,label\n";
        let good = format!("{header}{CALLER},block,涉诈,R1,,,\n不是号码,block,涉诈,R1,,,\n");
        seat.receive(&centre, "list_offer", offer(5, &good, good.len())).await;
        let part = seat.operator.list_part().unwrap();
        std::fs::write(&part, &good).unwrap();
        let offered: wire::ListOffer = serde_json::from_value(offer(5, &good, good.len())).unwrap();
        assert!(seat.operator.take_list_file(&centre, &offered, &part).await.unwrap());
        seat.operator.step().await.unwrap();
        assert!(seat.stops(CALLER));
        seat.receive(&centre, "list_change", change(6, 5, &[("+8617000000003", "block")], &[])).await;

        let forged = good.replace("block", "allow");
        std::fs::write(&part, &forged).unwrap();
        let offered: wire::ListOffer = serde_json::from_value(offer(7, &good.replace('1', "2"), forged.len())).unwrap();
        assert!(!seat.operator.take_list_file(&centre, &offered, &part).await.unwrap());
        seat.operator.step().await.unwrap();
        assert!(seat.stops(CALLER) && seat.stops("+8617000000003"), "the old list stays");
        let (refused,): (i64,) =
            db.fetch_one("SELECT COUNT(*) FROM journal WHERE kind = 'list.refused'", args![]).await.unwrap();
        assert_eq!(refused, 1);

        let again = Seat::open_in(db.clone(), hand.clone(), seat.folder.clone(), false).await;
        assert!(again.stops(CALLER) && again.stops("+8617000000003"), "file and changes since survive a restart");

        // Somebody changed the file on disk: it is refused at start, and the centre is asked for everything.
        let path = std::fs::read_dir(seat.folder.path().join("lists")).unwrap().next().unwrap().unwrap().path();
        std::fs::write(&path, &forged).unwrap();
        hand.advance(Duration::minutes(2));
        let damaged = Seat::open_in(db.clone(), hand, seat.folder.clone(), false).await;
        assert!(!damaged.stops(CALLER) || !damaged.call(CALLER, seat::CALLEE).action.stops());
        damaged.operator.ask_for_list().await.unwrap();
        assert_eq!(damaged.sent("list_ask").await.last(), Some(&json!({ "have": 0 })));
    })
    .await;
}

#[tokio::test]
async fn a_model_laid_into_the_folder_is_in_use_and_a_damaged_one_is_not() {
    each_db(&MIGRATIONS, |db, hand| async move {
        let seat = Seat::open(db.clone(), hand).await;
        let file = seat.folder.path().join(operator::upkeep::MODEL_FILE);
        let scam = "请立即将资金转入安全账户，加QQ 583920174";
        let shipped = seat.operator.screening().judge(scam).scam_probability;
        assert!(shipped > 0.9, "{shipped}");

        // A model of the operator's own cases, in which such texts are harmless and others are not.
        let words = ["转入安全账户", "加QQ办理", "取件码", "今晚吃饭", "积分兑换", "会议改期"];
        let row = |index: usize| text::Row {
            text: format!("{}{}，编号{index}", words[index % 6], words[index / 6 % 6]),
            label: if words[index % 6].contains("积分") { "fake_customer_service" } else { "notice" }.into(),
        };
        let rows: Vec<text::Row> = (0..240).map(row).collect();
        let model = text::train(&rows, &text::TrainOptions::default()).unwrap();
        std::fs::write(&file, &model).unwrap();
        seat.operator.step().await.unwrap();
        let own = seat.operator.screening().judge(scam).scam_probability;
        assert!(own < 0.5, "{own}");

        std::fs::write(&file, &model[..model.len() - 1]).unwrap();
        seat.operator.step().await.unwrap();
        assert_eq!(seat.operator.screening().judge(scam).scam_probability, own, "the one in use stays");
        std::fs::remove_file(&file).unwrap();
        seat.operator.step().await.unwrap();
        assert_eq!(seat.operator.screening().judge(scam).scam_probability, shipped);
        let kinds: Vec<(String,)> =
            db.fetch_all("SELECT kind FROM journal WHERE kind LIKE 'model.%' ORDER BY seq", args![]).await.unwrap();
        let kinds: Vec<&str> = kinds.iter().map(|(kind,)| kind.as_str()).collect();
        assert_eq!(kinds, ["model.taken", "model.refused", "model.taken"]);
    })
    .await;
}
