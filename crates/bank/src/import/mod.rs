//! Loading customers, accounts and transfers from CSV.
//!
//! Columns are found by their names, in the first line or below a title; those with `*` must be there. Files are CSV in
//! UTF-8, UTF-16 or GB18030, or workbooks; they are read in a process of their own. Every row
//! that cannot be loaded is reported with its line number and all its faults; the others are loaded. A row whose number
//! was loaded before is passed over, so a file may be loaded again.
//!
//! | file | columns |
//! | --- | --- |
//! | `customers.csv` | `customer_id*`, `name*`, `kind` (person, company), `id_number`, `phones` (by `;`), `since`, `bank` |
//! | `accounts.csv` | `account*`, `customer_id*`, `currency` (CNY), `kind` (settlement, or wallet at a payment institution), `opened_at`, `opening_balance`, `overdraft`, `protected` (the reason), `bank` |
//! | `transfers.csv` | `transfer_id*`, `time*`, `amount*`, `currency` (CNY), `payer_bank`, `payer_account`, `payer_name`, `payee_bank`, `payee_account`, `payee_name`, `channel` (online), `reference`, `memo`, `value_date` |
//!
//! `bank` names the seat to which a row belongs, so several seats may load the same files: rows of others are passed
//! over. Of a transfer only this bank's side is booked; the other side goes through the clearing account of its bank.
//! A side without account is the bank's own account of the channel (cash, terminal, top-up …). Amounts are written in
//! units of the currency (`1234.56`), times in RFC 3339 or as civil time in China (`2026-11-23 08:00:00`).

mod load;
mod read;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use kernel::{Fault, Text};
use serde::Serialize;
use serde_json::json;
use store::Who;
use store::journal::Entry;

use crate::desk::Bank;
use crate::error::{Error, Result};

/// Rows of one file at most.
pub const ROWS_MAX: u64 = 3_000_000;
/// Refused rows that are listed; the rest are counted.
pub const REFUSED_LISTED_MAX: usize = 1_000;

/// Which table a file fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Table {
    /// `customers.csv`.
    Customers,
    /// `accounts.csv`.
    Accounts,
    /// `transfers.csv`.
    Transfers,
}

impl Table {
    /// In the order in which they must be loaded.
    pub const ALL: [Self; 3] = [Self::Customers, Self::Accounts, Self::Transfers];

    /// The name of the file in a folder.
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Customers => "customers.csv",
            Self::Accounts => "accounts.csv",
            Self::Transfers => "transfers.csv",
        }
    }
}

/// The files to be loaded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sources(BTreeMap<Table, PathBuf>);

impl Sources {
    /// Those of the three files that lie in the folder.
    ///
    /// # Errors
    /// None of them is there.
    pub fn in_folder(folder: &Path) -> Result<Self> {
        let files: BTreeMap<Table, PathBuf> = Table::ALL
            .into_iter()
            .map(|t| (t, folder.join(t.file_name())))
            .filter(|(_, path)| path.is_file())
            .collect();
        if files.is_empty() {
            return Err(Error::File {
                path: folder.display().to_string(),
                problem: "customers.csv, accounts.csv, transfers.csv: none is there".to_owned(),
            });
        }
        Ok(Self(files))
    }

    /// Adds or replaces one file.
    pub fn with(mut self, table: Table, path: impl Into<PathBuf>) -> Self {
        self.0.insert(table, path.into());
        self
    }
}

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Which file.
    pub table: Table,
    /// Rows dealt with.
    pub done: usize,
    /// Rows in the file.
    pub total: usize,
}

/// What became of the rows of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Counts {
    /// Loaded now.
    pub added: usize,
    /// Loaded before.
    pub known: usize,
    /// Of other banks.
    pub elsewhere: usize,
    /// Refused for their faults.
    pub refused: usize,
}

/// A row that was not loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct RefusedRow {
    /// Which file.
    pub table: Table,
    /// Line in the file, the heading being line 1.
    pub line: u64,
    /// Everything that is wrong with it.
    pub faults: Vec<Fault>,
}

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ImportReport {
    /// Customers.
    pub customers: Counts,
    /// Accounts.
    pub accounts: Counts,
    /// Transfers.
    pub transfers: Counts,
    /// Rows that were not loaded, the first [`REFUSED_LISTED_MAX`].
    pub refused: Vec<RefusedRow>,
}

impl ImportReport {
    fn counts(&mut self, table: Table) -> &mut Counts {
        match table {
            Table::Customers => &mut self.customers,
            Table::Accounts => &mut self.accounts,
            Table::Transfers => &mut self.transfers,
        }
    }

    fn refuse(&mut self, table: Table, line: u64, faults: Vec<Fault>) {
        self.counts(table).refused += 1;
        if self.refused.len() < REFUSED_LISTED_MAX {
            self.refused.push(RefusedRow { table, line, faults });
        }
    }
}

/// Texts of this module.
pub fn texts() -> Vec<Text> {
    [read::TEXTS, load::TEXTS, sheet::texts::CATALOGUE].concat()
}

/// Loads the files in order; needs `bank.admin`. Each few thousand rows are one transaction, so the seat goes on serving.
///
/// # Errors
/// A file cannot be read, lacks a column that must be there, or the database fails; what was loaded before stays.
pub async fn run(
    bank: &Bank,
    who: &Who,
    sources: &Sources,
    mut progress: impl FnMut(Progress) + Send,
) -> Result<ImportReport> {
    who.require("bank.admin")?;
    let mut report = ImportReport::default();
    let mut digests = BTreeMap::new();
    for (table, path) in &sources.0 {
        digests.insert(table.file_name(), digest_of(path).await?);
        match table {
            Table::Customers => load::customers(bank, path, &mut report, &mut progress).await?,
            Table::Accounts => load::accounts(bank, who, path, &mut report, &mut progress).await?,
            Table::Transfers => load::transfers(bank, who, path, &mut report, &mut progress).await?,
        }
    }
    let mut tx = bank.db().begin().await?;
    let body = json!({
        "sha256": digests, "customers": report.customers, "accounts": report.accounts, "transfers": report.transfers,
    });
    let id = kernel::ImportId::new(tx.now());
    tx.append(Entry::new("import.finished", format!("import:{id}")).body(&body), who).await?;
    tx.commit().await?;
    Ok(report)
}

/// SHA-256 of a file, read piece by piece.
async fn digest_of(path: &Path) -> Result<String> {
    use sha2::{Digest, Sha256};
    use tokio::io::AsyncReadExt;
    let lost = |e: std::io::Error| Error::File { path: path.display().to_string(), problem: e.to_string() };
    let mut file = tokio::fs::File::open(path).await.map_err(lost)?;
    let mut hash = Sha256::new();
    let mut chunk = vec![0; 256 * 1024];
    loop {
        let read = file.read(&mut chunk).await.map_err(lost)?;
        if read == 0 {
            return Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect());
        }
        hash.update(chunk.get(..read).unwrap_or_default());
    }
}
