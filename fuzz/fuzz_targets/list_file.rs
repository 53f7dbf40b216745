#![no_main]
//! Snapshots of number lists: any bytes are refused or give a list that writes and reads itself again. Rows of list files
//! are read by the crate `sheet`, which has properties of its own.

use libfuzzer_sys::fuzz_target;
use screen::NumberList;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(list) = NumberList::from_snapshot(bytes) {
        let again = NumberList::from_snapshot(&list.snapshot().bytes).expect("our own snapshot");
        assert_eq!(again.facts().entries(), list.facts().entries());
    }
});
