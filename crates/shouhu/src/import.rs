//! `shouhu bank import`: customers, accounts and transfers from CSV.

use std::io::IsTerminal;

use bank::import::{ImportReport, Progress, Sources, Table};

use crate::cli::{BankImport, SeatKind};
use crate::demo::load::bank_failure;
use crate::output::tell;
use crate::seat::{Seat, operator};
use crate::speech::{Exit, Fail, Lang, Outcome, texts};

/// Refused rows that are told; the rest are counted.
const TOLD_MAX: usize = 50;

/// Loads the files and names every row that was refused.
///
/// # Errors
/// A file cannot be read, or rows were refused.
pub async fn run(options: &BankImport) -> Outcome {
    let seat = Seat::existing(&options.at).await?;
    if seat.config.kind != SeatKind::Bank {
        let data = seat.config.data.display().to_string();
        return Err(texts::OTHER_SEAT.fail(Exit::Usage, &[("data", &data), ("found", "centre"), ("asked", "bank")]));
    }
    let mut sources = match &options.folder {
        Some(folder) => Sources::in_folder(folder).map_err(bank_failure)?,
        None => Sources::default(),
    };
    let files = [
        (Table::Customers, &options.customers),
        (Table::Accounts, &options.accounts),
        (Table::Transfers, &options.transfers),
    ];
    for (table, file) in files {
        if let Some(file) = file {
            sources = sources.with(table, file);
        }
    }
    let desk = crate::serve::bank_desk(&seat).await?;
    let report = bank::import::run(&desk, &operator(), &sources, show).await.map_err(bank_failure)?;
    seat.db.close().await;
    tell(&report)
}

fn show(progress: Progress) {
    if std::io::stderr().is_terminal() {
        eprint!("\r{} {}/{}    ", progress.table.file_name(), progress.done, progress.total);
        if progress.done == progress.total {
            eprintln!();
        }
    }
}

fn tell(report: &ImportReport) -> Outcome {
    let lang = Lang::now();
    let tables = [
        (Table::Customers, report.customers),
        (Table::Accounts, report.accounts),
        (Table::Transfers, report.transfers),
    ];
    for (table, counts) in tables {
        let (file, added, known) = (table.file_name(), counts.added, counts.known);
        let (elsewhere, refused) = (counts.elsewhere, counts.refused);
        match lang {
            Lang::Zh => tell!("{file}：新载入 {added}，已有 {known}，属他行 {elsewhere}，拒绝 {refused}"),
            Lang::En => {
                tell!("{file}: {added} loaded, {known} known, {elsewhere} of other banks, {refused} refused")
            }
        }
    }
    refusals(report)
}

/// The refused rows as a failure, each fault with its file and line.
///
/// # Errors
/// A row was refused.
pub fn refusals(report: &ImportReport) -> Outcome {
    let mut failure: Option<crate::speech::Failure> = None;
    for row in report.refused.iter().take(TOLD_MAX) {
        let mut words = crate::speech::faulty(&kernel::Faults(row.faults.clone()));
        for said in &mut words.said {
            said.zh = format!("{} 第 {} 行 {}", row.table.file_name(), row.line, said.zh);
            said.en = format!("{} line {} {}", row.table.file_name(), row.line, said.en);
        }
        match &mut failure {
            Some(failure) => failure.said.append(&mut words.said),
            None => failure = Some(words),
        }
    }
    if let (Some(failure), Some(more)) = (&mut failure, report.refused.len().checked_sub(TOLD_MAX).filter(|n| *n > 0)) {
        failure.said.push(texts::MORE.say(&[("count", &more.to_string())]));
    }
    failure.map_or(Ok(()), Err)
}
