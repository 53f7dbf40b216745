//! Rows in their three forms, and what is made of them.

use kernel::{Duration, Timestamp};
use proptest::prelude::*;
use screen::{Number, Roaming, Trunk, TrunkKind};

use super::calls::{self, CallResult};
use super::home::{HomeRegister, Stay, Whereabouts};
use super::roaming::{self, Spans};
use super::rows::{self, Format};
use crate::list::file::FileReport;

const NOW: Timestamp = Timestamp(1_795_521_600_000_000);
const RETENTION: Duration = Duration::hours(720);

fn read(format: Format, text: &str) -> (Vec<CallResult>, FileReport) {
    rows::read(format, text.as_bytes(), calls::COLUMNS, |row| calls::check(row, NOW, RETENTION)).unwrap()
}

fn fields(report: &FileReport, row: usize) -> Vec<(u64, String)> {
    report.kept[row].faults.iter().map(|fault| (report.kept[row].line, fault.field.clone())).collect()
}

/// The same three calls in each form; the middle one has four faults.
const NDJSON: &str = r#"{"call_id":"a","caller":"+8613800138000","callee":"13900139000","started":"2026-11-24T19:58:00+08:00","answered":"2026-11-24 19:58:05","ended":1795521490.5,"cause":16,"trunk":2}

{"call_id":"b","caller":"nobody","callee":"13900139000","started":"yesterday","ended":"2026-11-24T19:59:00+08:00","cause":"16; DROP","hangup":"x"}
{"call_id":"c","caller":"anonymous","callee":"13900139000","started":"2026-11-24T19:58:00+08:00","answered":null,"ended":"2026-11-24T19:58:40+08:00","cause":"486"}"#;

#[test]
fn a_call_is_read_alike_from_every_form() {
    let (good, report) = read(Format::Ndjson, NDJSON);
    assert_eq!((good.len(), report.rows, report.refused), (2, 3, 1));
    assert_eq!(good[0].caller, Number::parse("+8613800138000"));
    assert_eq!(good[0].answered.map(|at| good[0].ended - at), Some(Duration::millis(5_500)));
    assert_eq!((good[0].cause.as_str(), good[0].trunk), ("16", Some(2)));
    assert_eq!((good[1].caller, good[1].answered), (None, None));
    assert_eq!(fields(&report, 0), [(3, "hangup".to_owned())], "a field that nobody knows may be one that is misspelt");

    let array = format!("[{}]", NDJSON.lines().filter(|line| !line.is_empty()).collect::<Vec<_>>().join(","));
    let (again, report) = read(Format::Json, &array);
    assert_eq!((again, report.kept[0].line), (good.clone(), 2));

    let csv = "\u{feff}Call-ID,主叫,被叫,开始时间,应答时间,结束时间,释放原因,中继群,费用\n\
        a,+8613800138000,13900139000,2026-11-24T19:58:00+08:00,2026-11-24 19:58:05,1795521490.5,16,2,0.1\n\
        b,nobody,13900139000,yesterday,,2026-11-24T19:59:00+08:00,16; DROP,,\n\
        c,,13900139000,2026-11-24 19:58:00,,2026-11-24 19:58:40,486,,\n";
    let (third, report) = read(Format::Csv, csv);
    assert_eq!(third, good);
    let told: Vec<String> = fields(&report, 0).into_iter().map(|(_, field)| field).collect();
    assert_eq!((report.kept[0].line, told.join(" ").as_str()), (3, "caller started cause"));
    let gb18030 = encoding_rs::GB18030.encode(csv.trim_start_matches('\u{feff}')).0.into_owned();
    let (fourth, _) =
        rows::read(Format::Csv, &gb18030, calls::COLUMNS, |row| calls::check(row, NOW, RETENTION)).unwrap();
    assert_eq!(fourth, good);
}

#[test]
fn moments_must_stand_in_order_and_in_the_time_of_records() {
    let faults = |started: &str, answered: &str, ended: &str| {
        let csv = format!(
            "call_id,caller,callee,started,answered,ended\na,13800138000,13900139000,{started},{answered},{ended}\n"
        );
        let (_, report) = read(Format::Csv, &csv);
        report.kept.first().map(|row| row.faults[0].said.code.clone()).unwrap_or_default()
    };
    assert_eq!(faults("2026-11-24 19:00:00", "", "2026-11-24 19:00:10"), "");
    assert_eq!(faults("2026-11-24 19:00:10", "", "2026-11-24 19:00:00"), "operator.calls.order");
    assert_eq!(faults("2026-11-24 19:00:00", "2026-11-24 18:59:00", "2026-11-24 19:01:00"), "operator.calls.order");
    assert_eq!(faults("2026-11-24 20:00:00", "", "2026-11-24 20:06:00"), "operator.calls.future");
    assert_eq!(faults("2026-10-24 19:00:00", "", "2026-10-24 19:00:10"), "operator.calls.old");
    assert_eq!(faults("2026-11-10 19:00:00", "", "2026-11-24 19:00:10"), "operator.calls.long");
    assert_eq!(faults("19:00", "", "2026-11-24 19:00:10"), "operator.feed.time");
}

#[test]
fn what_is_no_feed_at_all_is_refused_whole() {
    let codes = |format, text: &str| {
        let read = rows::read(format, text.as_bytes(), calls::COLUMNS, |row| calls::check(row, NOW, RETENTION));
        read.unwrap_err().0.into_iter().map(|fault| (fault.field, fault.said.code)).collect::<Vec<_>>()
    };
    assert_eq!(codes(Format::Json, r#"{"call_id":"a"}"#), [(String::new(), "operator.feed.json".to_owned())]);
    assert_eq!(codes(Format::Json, "[{}] x"), [(String::new(), "operator.feed.json".to_owned())]);
    let missing = codes(Format::Csv, "caller,callee,started,ended\n");
    assert_eq!(
        missing,
        [("call_id", "operator.feed.column"), ("answered", "operator.feed.column")]
            .map(|(field, code)| (field.to_owned(), code.to_owned()))
    );
    assert_eq!(codes(Format::Csv, "").len(), 6);
    let many = "{}\n".repeat(usize::try_from(rows::ROWS_MAX).unwrap() + 1);
    assert_eq!(codes(Format::Ndjson, &many), [(String::new(), "operator.feed.rows".to_owned())]);
}

const FOREIGN: Trunk = Trunk { id: 3, kind: TrunkKind::Foreign };

#[test]
fn whereabouts_hold_for_their_time_and_only_for_calls_from_abroad() {
    let spans = Spans { abroad: Duration::hours(720), home: Duration::hours(24) };
    let read = |csv: &str| {
        rows::read(Format::Csv, csv.as_bytes(), roaming::COLUMNS, |row| roaming::check(row, NOW, spans)).unwrap()
    };
    let (good, report) = read(
        "number,state,since,until,network\n13800138001,,,,52005\n13800138002,home,,,\n\
         13800138003,abroad,2026-11-25 00:00:00,2026-11-26 00:00:00,\n073188888888,abroad,,,\n\
         13800138004,moon,,2026-11-01 00:00:00,\n",
    );
    assert_eq!((good.len(), report.refused), (3, 2));
    assert_eq!(fields(&report, 1), [(6, "state".to_owned()), (6, "until".to_owned())]);
    let register = HomeRegister::default();
    for row in &good {
        let stay = Stay { is: row.is, since: row.since, until: row.until, heard: NOW };
        assert!(register.put(row.number, stay, NOW));
    }
    let said =
        |number: &str, trunk, hours: i64| register.roaming(Number::parse(number), trunk, NOW + Duration::hours(hours));
    assert_eq!(said("+8613800138001", FOREIGN, 0), Roaming::Confirmed);
    assert_eq!(said("+8613800138001", FOREIGN, 719), Roaming::Confirmed);
    assert_eq!(said("+8613800138001", FOREIGN, 720), Roaming::Unknown);
    assert_eq!(said("+8613800138001", Trunk { id: 2, kind: TrunkKind::National }, 0), Roaming::Unknown);
    assert_eq!(
        [said("+8613800138002", FOREIGN, 23), said("+8613800138002", FOREIGN, 24)],
        [Roaming::Refuted, Roaming::Unknown]
    );
    assert_eq!(
        [said("+8613800138003", FOREIGN, 0), said("+8613800138003", FOREIGN, 5)],
        [Roaming::Unknown, Roaming::Confirmed]
    );
    assert_eq!(said("+8613800138009", FOREIGN, 0), Roaming::Unknown);
}

#[test]
fn who_is_said_to_be_at_home_is_asked_for_again_with_the_next_call() {
    let register = HomeRegister::default();
    let (wanted, mut waiting) = tokio::sync::mpsc::channel(1);
    register.ask_by(wanted);
    let number = Number::parse("+8613800138001").unwrap();
    let later = |seconds| NOW + Duration::seconds(seconds);
    assert_eq!(register.roaming(Some(number), FOREIGN, NOW), Roaming::Unknown);
    assert_eq!(waiting.try_recv(), Ok(number));
    let home = Stay { is: Whereabouts::Home, since: NOW, until: later(600), heard: NOW };
    register.put(number, home, NOW);
    assert_eq!(register.roaming(Some(number), FOREIGN, later(30)), Roaming::Refuted);
    assert!(waiting.try_recv().is_err(), "heard a moment ago");
    assert_eq!(register.roaming(Some(number), FOREIGN, later(90)), Roaming::Refuted);
    assert_eq!(waiting.try_recv(), Ok(number), "she may have landed");
    let abroad = Stay { is: Whereabouts::Abroad, since: NOW, until: later(6_000), heard: later(91) };
    register.put(number, abroad, later(91));
    register.put(number, home, later(92));
    assert_eq!(register.roaming(Some(number), FOREIGN, later(100)), Roaming::Confirmed, "what was heard last holds");
}

proptest! {
    #[test]
    fn no_bytes_make_a_feed_panic_and_every_row_is_taken_or_told(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        for format in [Format::Ndjson, Format::Json, Format::Csv] {
            for columns in [calls::COLUMNS, roaming::COLUMNS] {
                let read = rows::read(format, &bytes, columns, |row| calls::check(row, NOW, RETENTION));
                if let Ok((good, report)) = read {
                    prop_assert_eq!(good.len() as u64 + report.refused, report.rows);
                }
            }
        }
    }

    #[test]
    fn any_values_of_the_right_names_are_taken_or_told(
        values in prop::collection::vec("[+0-9a-z:,\" .-]{0,30}", 6),
        seconds in 1_795_400_000_i64..1_795_600_000,
    ) {
        let mut row = serde_json::Map::new();
        for (column, value) in calls::COLUMNS.iter().zip(&values) {
            row.insert(column.name.to_owned(), value.clone().into());
        }
        row.insert("ended".into(), seconds.into());
        let text = serde_json::to_vec(&[row]).unwrap();
        let (good, report) =
            rows::read(Format::Json, &text, calls::COLUMNS, |row| calls::check(row, NOW, RETENTION)).unwrap();
        prop_assert_eq!((good.len() as u64 + report.refused, report.rows), (1, 1));
        for call in good {
            prop_assert!(call.started <= call.ended && call.answered.is_none_or(|at| at <= call.ended));
        }
    }
}
