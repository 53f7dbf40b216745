//! Books of the AMLSim sample (IBM, Apache-2.0), or generated ones of the same shape where the sample is not there.

use std::collections::HashSet;
use std::path::PathBuf;

use kernel::{Duration, Timestamp};

use crate::books::{BANKS, Books, To};
use crate::dice::Dice;
use crate::seat::workspace;

/// Folder of the sample in the data folder.
const SAMPLE: &str = "amlsim_20K_fanin200cycle200";
/// Shape of the sample: accounts, ordinary transfers, steps of time, patterns of each kind, accounts in a pattern.
const ACCOUNTS: usize = 20_000;
const TRANSFERS: usize = 118_700;
const STEPS: usize = 150;
const PATTERNS: usize = 200;
const PATTERN_ACCOUNTS: usize = 5;

/// Books, and the accounts that take part in laundering.
#[derive(Debug)]
pub struct Sample {
    /// The books.
    pub books: Books,
    /// Places of laundering accounts.
    pub launderers: HashSet<usize>,
}

/// A transfer of the sample: payer, payee, minor units, step of time.
type Row = (usize, usize, i64, usize);

/// The folder of public material: `SHOUHU_SAMPLES`, else `../shared/data` beside the workspace.
pub fn data_folder() -> PathBuf {
    std::env::var("SHOUHU_SAMPLES").map_or_else(|_| workspace().join("../shared/data"), PathBuf::from)
}

/// The sample with its last transfer an hour before `now`. Says so and generates one where the folder is absent.
pub fn load(now: Timestamp) -> Sample {
    let folder = data_folder().join(SAMPLE);
    if !folder.join("transactions.csv").exists() {
        println!("the AMLSim sample is not at {}; a generated set of its shape is used", folder.display());
        let mut dice = Dice::cast("a set of the shape of the sample");
        return books(generate(&mut dice), now);
    }
    let nodes = csv::Reader::from_path(folder.join("nodes.csv")).expect("nodes.csv").into_records();
    let launderers = nodes
        .map(|row| row.expect("a row of nodes.csv"))
        .filter(|row| &row[1] == "1")
        .map(|row| row[0].parse().expect("a node"))
        .collect();
    let rows = csv::Reader::from_path(folder.join("transactions.csv")).expect("transactions.csv").into_records();
    let rows = rows.map(|row| {
        let row = row.expect("a row of transactions.csv");
        let number = |column: usize| row[column].parse().expect("a number");
        (number(0), number(1), fen(&row[2]), number(3))
    });
    books((rows.collect(), launderers), now)
}

/// Ordinary transfers among all, and among them fan-ins and cycles whose members pass on most of what they get.
fn generate(dice: &mut Dice) -> (Vec<Row>, HashSet<usize>) {
    let mut rows: Vec<Row> = (0..TRANSFERS)
        .map(|_| {
            // A few accounts get and pay much more than the others.
            let from = dice.below(ACCOUNTS);
            let to = if dice.below(20) == 0 { dice.below(ACCOUNTS / 100) } else { dice.below(ACCOUNTS) };
            (from, to, dice.between(2_00, 600_00), 1 + dice.below(STEPS - 1))
        })
        .collect();
    let mut launderers = HashSet::new();
    for pattern in 0..PATTERNS * 2 {
        let members: Vec<usize> = (0..PATTERN_ACCOUNTS).map(|_| dice.below(ACCOUNTS)).collect();
        launderers.extend(&members);
        let start = 10 + dice.below(STEPS - 20);
        let mut minor = dice.between(100_00, 500_00);
        for (place, &from) in members.iter().enumerate() {
            let to = if pattern % 2 == 0 { members[0] } else { members[(place + 1) % PATTERN_ACCOUNTS] };
            rows.push((from, to, minor, start + place));
            minor -= minor / 20;
        }
    }
    rows.sort_by_key(|row| row.3);
    (rows, launderers)
}

/// Spreads the accounts over the three banks by number modulo 3, gives each the least opening balance that keeps it
/// from overdrawing, and each transfer a moment of its own: a step is an hour.
fn books((rows, launderers): (Vec<Row>, HashSet<usize>), now: Timestamp) -> Sample {
    let accounts = rows.iter().map(|row| row.0.max(row.1)).max().map_or(0, |last| last + 1);
    let mut balances = vec![0_i64; accounts];
    let mut least = vec![0_i64; accounts];
    let mut in_step = vec![0_i64; rows.iter().map(|row| row.3).max().unwrap_or(0) + 1];
    for &(from, to, minor, step) in &rows {
        balances[from] -= minor;
        least[from] = least[from].min(balances[from]);
        balances[to] += minor;
        in_step[step] += 1;
    }
    let mut books = Books::default();
    for (place, least) in least.into_iter().enumerate() {
        books.open(BANKS[place % BANKS.len()], -least);
    }
    let hour = Duration::hours(1).0;
    let begin = now.0 - hour * (in_step.len() as i64 + 1);
    let mut done = vec![0_i64; in_step.len()];
    for (from, to, minor, step) in rows {
        let at = begin + hour * step as i64 + hour / in_step[step] * done[step];
        done[step] += 1;
        // A bank books nothing from an account to itself.
        if from != to {
            books.pay(from, To::Account(to), minor, Timestamp(at));
        }
    }
    Sample { books, launderers }
}

/// An amount such as `163.3` in minor units.
fn fen(text: &str) -> i64 {
    let (yuan, rest) = text.split_once('.').unwrap_or((text, ""));
    let rest: String = rest.chars().chain("00".chars()).take(2).collect();
    yuan.parse::<i64>().expect("yuan") * 100 + rest.parse::<i64>().expect("fen")
}
