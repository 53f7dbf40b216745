//! `shouhu operator list …`: the list that the operator keeps.

use std::io::IsTerminal;

use operator::list::import;
use operator::list::{centre, entry, file};
use sheet::job::Job;
use store::Who;
use store::journal::Entry;

use super::failure;
use crate::cli::{ListExport, ListImport, OperatorList, SeatAt};
use crate::output::tell;
use crate::seat::{Seat, operator as who_types};
use crate::speech::{Exit, Fail, Failure, Lang, Outcome, texts};

/// Refused rows told one by one.
const TOLD_MAX: usize = 50;

pub async fn run(task: OperatorList) -> Outcome {
    match task {
        OperatorList::Import(options) => import(&options).await,
        OperatorList::Export(options) => export(&options).await,
        OperatorList::Stats(at) => stats(&at).await,
    }
}

/// The carrier seat at a place.
pub async fn seat(at: &SeatAt) -> Outcome<Seat> {
    let seat = Seat::existing(at).await?;
    if seat.config.kind == crate::cli::SeatKind::Operator {
        return Ok(seat);
    }
    let (data, found) = (seat.config.data.display().to_string(), seat.config.kind.word());
    Err(texts::OTHER_SEAT.fail(Exit::Usage, &[("data", &data), ("found", found), ("asked", "operator")]))
}

async fn import(options: &ListImport) -> Outcome {
    let seat = seat(&options.at).await?;
    let content = crate::input::bytes(&options.file)?;
    let parameters =
        operator::Parameters::with(&seat.config.parameters).map_err(|faults| crate::speech::faulty(&faults))?;
    let list = import::ListImport { bounds: parameters.list_bounds(), operator: None };
    let name = options.file.file_name().map_or_else(|| "-".to_owned(), |name| name.to_string_lossy().into_owned());
    let folder = seat.config.data.join("imports");
    let done = import::whole(&seat.db, &list, &who_types(), &folder, (&name, &content), &mut show).await;
    let done = done.map_err(failure)?;
    seat.db.close().await;
    if !done.failure.is_empty() {
        return Err(crate::speech::faulty(&kernel::Faults(done.failure)));
    }
    match Lang::now() {
        Lang::Zh => tell!("载入 {} 行，已有 {} 行，拒绝 {} 行", done.loaded, done.known, done.refused),
        Lang::En => tell!("{} rows loaded, {} known already, {} refused", done.loaded, done.known, done.refused),
    }
    if done.refused == 0 {
        return Ok(());
    }
    let mut said = Vec::new();
    for row in done.refused_rows.iter().take(TOLD_MAX) {
        for fault in &row.faults {
            let mut words = fault.said.clone();
            words.zh = format!("第 {} 行 {}：{}", row.line, fault.field, words.zh);
            words.en = format!("line {} {}: {}", row.line, fault.field, words.en);
            said.push(words);
        }
    }
    let rest = usize::try_from(done.refused).unwrap_or(0).saturating_sub(TOLD_MAX);
    if rest > 0 {
        said.push(texts::MORE.say(&[("count", &rest.to_string())]));
    }
    Err(Failure { exit: Exit::Usage, said })
}

/// How far it is, on a terminal.
fn show(job: &Job) {
    if std::io::stderr().is_terminal() {
        let done = job.rows_done;
        match Lang::now() {
            Lang::Zh => eprint!("\r已处理 {done} 行    "),
            Lang::En => eprint!("\r{done} rows    "),
        }
        if job.state != sheet::job::State::Running {
            eprintln!();
        }
    }
}

async fn export(options: &ListExport) -> Outcome {
    let seat = seat(&options.at).await?;
    let mut entries = Vec::new();
    entry::each_active(&seat.db, |entry| entries.push(entry)).await.map_err(failure)?;
    let mut csv = Vec::new();
    let rows = file::write(&mut csv, &entries).map_err(crate::seat::fault)?;
    crate::input::write_new(&options.out, &csv)?;
    let who = Who { purpose: Some(options.purpose.clone()), ..who_types() };
    let mut tx = seat.db.begin().await?;
    tx.append(Entry::new("list.exported", "list:own").body(&serde_json::json!({ "rows": rows })), &who).await?;
    tx.commit().await?;
    seat.db.close().await;
    match Lang::now() {
        Lang::Zh => tell!("已写出 {rows} 行：{}", options.out.display()),
        Lang::En => tell!("{rows} rows written to {}", options.out.display()),
    }
    Ok(())
}

async fn stats(at: &SeatAt) -> Outcome {
    let seat = seat(at).await?;
    let lang = Lang::now();
    let counts = entry::counts(&seat.db).await.map_err(failure)?;
    for (kind, count) in screen::EntryKind::ALL.iter().zip(counts) {
        tell!("{}\t{count}", kind.word());
    }
    if let Ok(id) = wire::PartnerId::parse(&seat.config.centre) {
        let list = centre::of(&seat.db, &id).await.map_err(failure)?;
        let Some(list) = list.filter(|list| list.number > 0) else {
            tell!("{}\t{}", lang.pick("中心名单", "centre"), lang.pick("尚未收到", "nothing received yet"));
            return Ok(());
        };
        let age = (seat.db.clock().now() - list.made_at).as_seconds();
        match lang {
            Lang::Zh => tell!("中心名单\t第 {} 版，{} 秒前更新", list.number, age),
            Lang::En => tell!("centre\tlist {}, changed {} s ago", list.number, age),
        }
    }
    seat.db.close().await;
    Ok(())
}
