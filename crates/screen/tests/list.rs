//! The number list against a plain map: the same answers from a fresh build, from deltas, after merges and through a file.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

use std::cmp::Reverse;
use std::collections::BTreeMap;

use kernel::{Duration, Timestamp};
use proptest::prelude::*;
use screen::{
    Change, Delta, EntryKey, EntryKind, Gap, ListEntry, Number, NumberList, Pattern, Prefix, SnapshotFault, Specificity,
};
use sha2::{Digest, Sha256};

const NOW: Timestamp = Timestamp(1_800_000_000_000_000);

fn number(text: &str) -> Number {
    Number::read(text).unwrap()
}

fn entry(pattern: &str, kind: EntryKind) -> ListEntry {
    ListEntry {
        pattern: Pattern::parse(pattern).unwrap(),
        kind,
        reason: "冒充公检法".into(),
        source: "centre".into(),
        expires_at: None,
        case: Some("湘公反诈2026-118".into()),
    }
}

fn list(entries: &[ListEntry]) -> NumberList {
    NumberList::build(entries.to_vec(), 7, NOW)
}

/// What decides about a number, as kind and closeness.
fn decides(list: &NumberList, text: &str) -> Option<(EntryKind, Specificity)> {
    list.lookup(number(text), NOW).map(|hit| (hit.kind, hit.specificity))
}

#[test]
fn the_closest_entry_decides_and_protection_before_all() {
    use EntryKind::{Allow, Block, Protect, Watch};
    let list = list(&[
        entry("+861700731*", Block),
        entry("+8617007310086", Allow),
        entry("+861700731000*", Watch),
        entry("+8617007315000..+8617007315999", Allow),
        entry("+8617007315500", Block),
        entry("0731-8822*", Protect),
        entry("0731-88221234", Block),
        entry("400*", Watch),
        entry("+852*", Watch),
    ]);
    assert_eq!(decides(&list, "17007319999"), Some((Block, Specificity::Prefix(9))));
    assert_eq!(decides(&list, "17007310086"), Some((Allow, Specificity::Full)));
    assert_eq!(decides(&list, "17007310001"), Some((Watch, Specificity::Prefix(12))));
    assert_eq!(decides(&list, "17007315001"), Some((Allow, Specificity::Range)));
    assert_eq!(decides(&list, "17007315500"), Some((Block, Specificity::Full)));
    assert_eq!(decides(&list, "0731-88221234"), Some((Protect, Specificity::Prefix(9))));
    assert_eq!(decides(&list, "4008001234"), Some((Watch, Specificity::Prefix(3))));
    assert_eq!(decides(&list, "+852 9123 4567"), Some((Watch, Specificity::Prefix(3))));
    assert_eq!(decides(&list, "13807310001"), None);
    let facts = list.facts();
    assert_eq!((facts.entries(), facts.prefixes, facts.ranges), (9, 5, 1));
    assert_eq!(facts.by_kind, [3, 3, 2, 1]);
}

#[test]
fn an_expired_entry_no_longer_holds_and_what_stood_behind_it_does() {
    let ends = NOW + Duration::hours(1);
    let list = list(&[
        ListEntry { expires_at: Some(ends), ..entry("13800138000", EntryKind::Block) },
        ListEntry { source: "operator".into(), ..entry("13800138000", EntryKind::Watch) },
    ]);
    let kind = |at| list.lookup(number("13800138000"), at).unwrap().kind;
    assert_eq!(kind(NOW), EntryKind::Block);
    assert_eq!(kind(ends), EntryKind::Watch);
    assert_eq!(list.entries_of(number("13800138000")).len(), 2);
}

#[test]
fn a_hit_tells_reason_source_and_case_also_after_deltas_and_merges() {
    let list = list(&[entry("13800138000", EntryKind::Block)]);
    let hit = list.lookup(number("13800138000"), NOW).unwrap();
    let delta = Delta { first: 8, made_at: NOW, changes: vec![Change::Add(entry("13900139000", EntryKind::Watch))] };
    let later = list.with(&delta).unwrap().merged();
    for list in [&list, &later] {
        let said = list.attributes(&hit).unwrap();
        assert_eq!((said.reason, said.source, said.case), ("冒充公检法", "centre", Some("湘公反诈2026-118")));
    }
    let other = NumberList::build([entry("13800138000", EntryKind::Block)], 7, NOW);
    assert_eq!(other.attributes(&hit), None);
}

#[test]
fn a_gap_names_what_is_missing_and_what_is_known_is_passed_over() {
    let list = list(&[]);
    let add = |text: &str| Change::Add(entry(text, EntryKind::Block));
    let far = Delta { first: 11, made_at: NOW, changes: vec![add("13800138000")] };
    assert_eq!(list.with(&far).unwrap_err(), Gap { from: 8, to: 10 });
    let overlapping = Delta {
        first: 6,
        made_at: NOW,
        changes: vec![add("13800138001"), add("13800138002"), add("13800138003"), add("13800138004")],
    };
    let list = list.with(&overlapping).unwrap();
    assert_eq!(list.facts().sequence, 9);
    assert_eq!(decides(&list, "13800138002"), None, "change 7 is in the list already");
    assert!(decides(&list, "13800138003").is_some());
    assert_eq!(list.with(&overlapping).unwrap().facts(), list.facts());
    let nothing_new = Delta { first: 10, made_at: NOW + Duration::minutes(5), changes: vec![] };
    let younger = list.with(&nothing_new).unwrap().facts();
    assert_eq!((younger.sequence, younger.age(NOW + Duration::minutes(6))), (9, Duration::minutes(1)));
}

#[test]
fn a_damaged_file_is_refused_wherever_it_is_damaged() {
    let list = list(&[entry("13800138000", EntryKind::Block), entry("+852*", EntryKind::Watch)]);
    let snapshot = list.snapshot();
    assert_eq!((snapshot.sequence, snapshot.made_at), (7, NOW));
    assert_eq!(snapshot.bytes[snapshot.bytes.len() - 32..], snapshot.digest);
    for place in 0..snapshot.bytes.len() {
        let mut damaged = snapshot.bytes.clone();
        damaged[place] ^= 0x10;
        let fault = NumberList::from_snapshot(&damaged).unwrap_err();
        assert!(
            matches!(fault, SnapshotFault::NotOne | SnapshotFault::Version(_) | SnapshotFault::Digest),
            "{place}: {fault}"
        );
        assert!(NumberList::from_snapshot(&snapshot.bytes[..place]).is_err());
    }
}

/// Numbers close together, so that patterns meet.
fn any_number() -> impl Strategy<Value = Number> {
    prop_oneof![
        8 => (8_613_800_000_000..8_613_800_000_200_u64).prop_map(|n| Number::from_e164(n).unwrap()),
        1 => (85_290_000_000..85_290_000_050_u64).prop_map(|n| Number::from_e164(n).unwrap()),
        1 => (95_580..95_600_u64).prop_map(|n| Number::from_plain(n).unwrap()),
        1 => (1..10_u64.pow(15)).prop_map(|n| Number::from_e164(n).unwrap()),
        1 => (1..10_u64.pow(18)).prop_map(|n| Number::from_plain(n).unwrap()),
    ]
}

fn any_pattern() -> impl Strategy<Value = Pattern> {
    prop_oneof![
        6 => any_number().prop_map(Pattern::Full),
        1 => (any_number(), 0..6_u32).prop_map(|(number, cut)| {
            let digits = (number.digits() / 10_u64.pow(cut)).max(1);
            let head = if number.is_plain() { Number::from_plain(digits) } else { Number::from_e164(digits) };
            Pattern::Prefix(Prefix::new(head.unwrap()))
        }),
        1 => (any_number(), 0..120_u64).prop_map(|(from, width)| {
            let to = from.digits() + width;
            let to = if from.is_plain() { Number::from_plain(to) } else { Number::from_e164(to) };
            to.and_then(|to| Pattern::range(from, to)).unwrap_or(Pattern::Full(from))
        }),
    ]
}

fn any_entry() -> impl Strategy<Value = ListEntry> {
    let kind =
        prop_oneof![Just(EntryKind::Watch), Just(EntryKind::Block), Just(EntryKind::Allow), Just(EntryKind::Protect)];
    let expiry = prop_oneof![2 => Just(None), 1 => (-3..4_i64).prop_map(|hours| Some(NOW + Duration::hours(hours)))];
    (any_pattern(), kind, 0..3_u8, expiry, prop::option::of(0..3_u8)).prop_map(
        |(pattern, kind, by, expires_at, case)| ListEntry {
            pattern,
            kind,
            reason: format!("原因{by}"),
            source: ["centre", "operator", "appeal"][usize::from(by)].into(),
            expires_at,
            case: case.map(|case| format!("案{case}")),
        },
    )
}

#[derive(Debug, Clone)]
enum Act {
    Deltas(Vec<Change>),
    Merge,
    MergeWhileChanging(Vec<Change>),
    File,
}

fn any_change() -> impl Strategy<Value = Change> {
    prop_oneof![2 => any_entry().prop_map(Change::Add), 1 => any_entry().prop_map(|entry| Change::Remove(entry.key()))]
}

fn any_act() -> impl Strategy<Value = Act> {
    let changes = || prop::collection::vec(any_change(), 0..30);
    prop_oneof![
        4 => changes().prop_map(Act::Deltas),
        1 => Just(Act::Merge),
        1 => changes().prop_map(Act::MergeWhileChanging),
        1 => Just(Act::File),
    ]
}

#[derive(Default)]
struct Model(BTreeMap<EntryKey, ListEntry>);

impl Model {
    fn change(&mut self, change: &Change) {
        match change {
            Change::Add(entry) => {
                self.0.insert(entry.key(), entry.clone());
            }
            Change::Remove(key) => {
                self.0.remove(key);
            }
        }
    }

    /// Kind of the entry that decides, and how many numbers its pattern has.
    fn decides(&self, number: Number, now: Timestamp) -> Option<(EntryKind, u64)> {
        self.0
            .values()
            .filter(|entry| entry.pattern.matches(number) && entry.expires_at.is_none_or(|end| end > now))
            .map(|entry| {
                let span = match entry.pattern {
                    Pattern::Full(_) => 1,
                    Pattern::Prefix(prefix) => 10_u64.pow(number.digit_count() - prefix.number().digit_count()),
                    Pattern::Range(from, to) => to.digits() - from.digits() + 1,
                };
                (entry.kind == EntryKind::Protect, Reverse(span), entry.kind)
            })
            .max()
            .map(|(_, Reverse(span), kind)| (kind, span))
    }

    fn sorted(&self) -> Vec<ListEntry> {
        self.0.values().cloned().collect()
    }
}

fn agree(list: &NumberList, model: &Model, asked: &[Number]) -> Result<(), TestCaseError> {
    let known: Vec<Number> = model
        .0
        .keys()
        .filter_map(|key| match key.pattern {
            Pattern::Full(number) | Pattern::Range(number, _) => Some(number),
            Pattern::Prefix(_) => None,
        })
        .collect();
    for number in asked.iter().chain(&known) {
        for hours in [-2, 0, 2] {
            let now = NOW + Duration::hours(hours);
            let hit = list.lookup(*number, now);
            let expected = model.decides(*number, now);
            prop_assert_eq!(hit.map(|hit| hit.kind), expected.map(|(kind, _)| kind), "{} at {}", number, hours);
            if let Some(hit) = hit {
                prop_assert_eq!(list.attributes(&hit).unwrap().kind, hit.kind);
            }
        }
        let mut found = list.entries_of(*number);
        found.sort_by_key(ListEntry::key);
        let expected: Vec<ListEntry> =
            model.sorted().into_iter().filter(|entry| entry.pattern.matches(*number)).collect();
        prop_assert_eq!(found, expected);
    }
    let mut by_kind = [0; 4];
    model.0.values().for_each(|entry| by_kind[entry.kind as usize] += 1);
    prop_assert_eq!(list.facts().by_kind, by_kind);
    let mut all: Vec<ListEntry> = list.entries().collect();
    all.sort_by_key(ListEntry::key);
    prop_assert_eq!(all, model.sorted());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 160, ..ProptestConfig::default() })]

    #[test]
    fn a_list_answers_as_a_plain_map_however_it_came_about(
        first in prop::collection::vec(any_entry(), 0..120),
        acts in prop::collection::vec(any_act(), 0..8),
        asked in prop::collection::vec(any_number(), 0..20),
    ) {
        let mut model = Model::default();
        first.iter().for_each(|entry| model.change(&Change::Add(entry.clone())));
        let mut list = NumberList::build(first, 0, NOW);
        let follow = |list: &NumberList, changes: &[Change]| {
            let delta = Delta { first: list.facts().sequence + 1, made_at: NOW, changes: changes.to_vec() };
            list.with(&delta).unwrap()
        };
        agree(&list, &model, &asked)?;
        for act in acts {
            match act {
                Act::Deltas(changes) => {
                    list = follow(&list, &changes);
                    changes.iter().for_each(|change| model.change(change));
                }
                Act::Merge => list = list.merged(),
                Act::MergeWhileChanging(changes) => {
                    let later = follow(&list, &changes);
                    changes.iter().for_each(|change| model.change(change));
                    list = list.merged().carrying(&later);
                    prop_assert!(list.facts().overlay <= changes.len() as u64);
                }
                Act::File => {
                    let facts = list.facts();
                    list = NumberList::from_snapshot(&list.snapshot().bytes).unwrap();
                    prop_assert_eq!(list.facts().sequence, facts.sequence);
                    prop_assert_eq!(list.facts().overlay, 0);
                }
            }
            agree(&list, &model, &asked)?;
        }
        let fresh = NumberList::build(model.sorted(), list.facts().sequence, NOW);
        agree(&fresh, &model, &asked)?;
    }

    #[test]
    fn a_file_with_a_right_digest_and_wrong_content_is_answered(
        entries in prop::collection::vec(any_entry(), 1..80),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        asked in any_number(),
    ) {
        let mut bytes = NumberList::build(entries, 3, NOW).snapshot().bytes;
        let body = bytes.len() - 32;
        for (place, value) in damage {
            bytes[12 + place.index(body - 12)] = value;
        }
        let digest = Sha256::digest(&bytes[..body]);
        bytes[body..].copy_from_slice(&digest);
        if let Ok(list) = NumberList::from_snapshot(&bytes) {
            list.lookup(asked, NOW);
            prop_assert_eq!(list.entries().count() as u64, list.facts().entries());
        }
    }

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(NumberList::from_snapshot(&bytes).is_err());
    }
}
