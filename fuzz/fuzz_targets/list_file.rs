#![no_main]
//! List files: any bytes as CSV and as a snapshot. Good rows load, bad ones are told, a broken snapshot is refused.

use kernel::Timestamp;
use libfuzzer_sys::fuzz_target;
use screen::NumberList;

// The reader of list files knows neither database nor network; the seat around it would be a long build for nothing.
#[path = "../../crates/operator/src/list/file.rs"]
#[allow(dead_code)]
mod file;

fuzz_target!(|bytes: &[u8]| {
    let now = Timestamp(1_790_000_000_000_000);
    let rules = file::RowRules { now, prefix_digits_min: 5, source: "file".to_owned() };
    let mut entries = Vec::new();
    if let Ok(report) = file::read(bytes, &rules, |_, entry| entries.push(entry)) {
        assert_eq!(report.rows, report.refused + entries.len() as u64);
    }
    if !entries.is_empty() {
        let list = NumberList::build(entries, 1, now);
        let snapshot = list.snapshot();
        let again = NumberList::from_snapshot(&snapshot.bytes).expect("our own snapshot");
        assert_eq!(again.facts().entries(), list.facts().entries());
    }
    let _refused = NumberList::from_snapshot(bytes);
});
