//! `shouhu journal …`: verify, retry, follow, export and check.

use std::time::Duration;

use serde_json::json;
use store::journal::stuck::{self, Stuck, Which};
use store::journal::{self, Recorded, Verification, reason};

use crate::cli::{JournalRetry, JournalTail, JournalTask, JournalVerify};
use crate::evidence;
use crate::output::tell;
use crate::seat::Seat;
use crate::speech::{Exit, Fail, Failure, Lang, Outcome, fail_because, texts};

/// How long `tail` waits for an entry before it looks again.
const WAIT: Duration = Duration::from_millis(250);

/// Does what is asked of the journal.
///
/// # Errors
/// The journal or the bundle does not verify, or cannot be read.
pub async fn run(task: JournalTask) -> Outcome {
    match task {
        JournalTask::Verify(options) => verify(&options).await,
        JournalTask::Retry(options) => retry(&options).await,
        JournalTask::Export(options) => {
            let seat = Seat::existing(&options.at).await?;
            evidence::export(&seat, &options).await
        }
        JournalTask::Check(options) => evidence::check(&options),
        JournalTask::Tail(options) => tail(&Seat::existing(&options.at).await?, &options).await,
    }
}

async fn verify(options: &JournalVerify) -> Outcome {
    let mut seat = Seat::existing(&options.at).await?;
    seat.trust_authority()?;
    let anchor = options.anchor.clone().or_else(|| seat.config.anchor.clone());
    let db = seat.db.clone().anchored(anchor);
    let sealer: Box<dyn journal::Sealer> = match wire::Directory::open(&db).await {
        Ok(directory) => Box::new(crate::serve::sealer(&seat, &directory, &crate::serve::me(&seat.config)?)),
        Err(error) => {
            // What is damaged is told below; receipts then count as nothing.
            tracing::warn!(%error, "the keys of partners cannot be read");
            Box::new(seat.keys.clone())
        }
    };
    let found = journal::verify(&db, Some(sealer.as_ref())).await?;
    for doubt in &found.doubts {
        match Lang::now() {
            Lang::Zh => tell!("库外锚点中有一行不作数：{}", doubt.zh),
            Lang::En => tell!("a line of the anchor outside counts as nothing: {}", doubt.en),
        }
    }
    if !found.ok {
        return Err(broken(&found, db.anchor()));
    }
    let (entries, sealed, head) = (found.entries, found.sealed_seq, &found.head_hash);
    match Lang::now() {
        Lang::Zh => tell!("日志链完整：共 {entries} 条，签章至第 {sealed} 条，链首 {head}"),
        Lang::En => tell!("the journal is whole: {entries} entries, sealed up to {sealed}, head {head}"),
    }
    if let Some(file) = db.anchor() {
        let (anchored, file) = (found.anchored_seq, file.display());
        match Lang::now() {
            Lang::Zh => tell!("与库外锚点文件一致：至第 {anchored} 条（{file}）"),
            Lang::En => tell!("it agrees with the anchor outside up to entry {anchored} ({file})"),
        }
    }
    if let Some(partner) = &found.witness {
        let witnessed = found.witnessed_seq;
        match Lang::now() {
            Lang::Zh => tell!("{partner} 已签收至第 {witnessed} 条"),
            Lang::En => tell!("{partner} has signed for it up to entry {witnessed}"),
        }
    }
    if let Some(at) = found.stamped_at {
        let (stamped, at) = (found.stamped_seq, at.to_rfc3339());
        match Lang::now() {
            Lang::Zh => tell!("时间戳机构证明：第 {stamped} 条在 {at} 已存在"),
            Lang::En => tell!("the time-stamping authority has signed that entry {stamped} was there at {at}"),
        }
    }
    Ok(())
}

/// Why a journal does not verify, with what is to be done.
fn broken(found: &Verification, anchor: Option<&std::path::Path>) -> Failure {
    let (zh, en) = found.reason.as_ref().map_or(("", ""), |why| (why.zh.as_str(), why.en.as_str()));
    let is = |text: &kernel::Text| found.reason.as_ref().is_some_and(|why| why.code == text.code);
    if let Some(seq) = found.first_bad {
        return fail_because(&texts::JOURNAL_BAD, Exit::No, &[("seq", &seq.to_string())], zh, en);
    }
    if is(&reason::NOTHING) {
        return texts::JOURNAL_EMPTY.fail(Exit::No, &[]);
    }
    if is(&reason::NO_ANCHOR) {
        let file = anchor.map(|file| file.display().to_string()).unwrap_or_default();
        return texts::JOURNAL_NO_ANCHOR.fail(Exit::No, &[("file", &file)]);
    }
    fail_because(&texts::DATABASE_DAMAGED, Exit::No, &[], zh, en)
}

/// How often the outcome of a retry is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(200);

async fn retry(options: &JournalRetry) -> Outcome {
    let seat = Seat::existing(&options.at).await?;
    let (db, who) = (&seat.db, crate::seat::operator());
    let before = stuck::list(db, &who).await?;
    if options.list || before.is_empty() {
        for piece in &before {
            tell!("{}", described(piece));
        }
        if before.is_empty() {
            tell!("{}", Lang::now().pick("没有积压事项", "nothing is stuck"));
        }
        return Ok(());
    }
    let which = match (&options.desk, options.seq, &options.timer) {
        (Some(desk), Some(seq), _) => Which::Entry { desk: desk.clone(), seq },
        (_, _, Some(timer)) => Which::Timer(timer.clone()),
        _ => Which::All,
    };
    let mut tx = db.begin().await?;
    let asked = stuck::ask_retry(&mut tx, &who, &which).await?;
    tx.commit().await?;
    if options.desk.as_deref().is_some_and(|desk| desk.starts_with("partner:")) {
        tell!("{}", Lang::now().pick("已消除该提示", "dismissed: the same head of this partner is not told again"));
        return Ok(());
    }
    match Lang::now() {
        Lang::Zh => tell!("已要求重办 {asked} 项"),
        Lang::En => tell!("{asked} are to be tried again"),
    }
    let is_meant = |piece: &Stuck| match &which {
        Which::All => true,
        Which::Entry { desk, seq } => piece.desk == *desk && piece.seq == Some(*seq),
        Which::Timer(timer) => piece.timer.as_ref() == Some(timer),
    };
    let began = std::time::Instant::now();
    let left = loop {
        let left: Vec<Stuck> = stuck::list(db, &who).await?.into_iter().filter(is_meant).collect();
        let waits = left.iter().any(|piece| piece.retrying);
        if !waits || began.elapsed() >= Duration::from_secs(options.wait) {
            break left;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    };
    for piece in &left {
        tell!("{}", described(piece));
    }
    let waiting = left.iter().filter(|piece| piece.retrying).count();
    let failed = left.len() - waiting;
    if waiting > 0 {
        match Lang::now() {
            Lang::Zh => tell!("{waiting} 项尚未重办：席位运行后立即办理"),
            Lang::En => tell!("{waiting} wait: the seat takes them up as soon as it runs"),
        }
    }
    if failed > 0 {
        return Err(texts::STILL_STUCK.fail(Exit::No, &[("count", &failed.to_string())]));
    }
    Ok(())
}

fn described(piece: &Stuck) -> String {
    let since = piece.since.to_rfc3339();
    let (desk, kind, attempts, reason) = (&piece.desk, &piece.kind, piece.attempts, &piece.reason);
    match (&piece.timer, piece.seq, Lang::now()) {
        (Some(timer), _, Lang::Zh) => {
            format!("定时任务 {timer}（{kind}），自 {since} 起失败，已试 {attempts} 次：{reason}")
        }
        (Some(timer), _, Lang::En) => {
            format!("timer {timer} ({kind}), failing since {since}, tried {attempts} times: {reason}")
        }
        (None, Some(seq), Lang::Zh) if kind == journal::witness::CONTRADICTED => {
            format!("{desk}：所签收的第 {seq} 条与本席日志不符，{since} 发现：数据库被截断或换成了旧副本，或者对方有误")
        }
        (None, Some(_), Lang::En) if kind == journal::witness::CONTRADICTED => {
            format!("{desk}, since {since}: {reason}")
        }
        (None, seq, Lang::Zh) => {
            let seq = seq.unwrap_or(0);
            format!("{desk}：日志第 {seq} 条（{kind}），{since} 搁置，已试 {attempts} 次：{reason}")
        }
        (None, seq, Lang::En) => {
            let seq = seq.unwrap_or(0);
            format!("{desk}: entry {seq} ({kind}), put aside at {since} after {attempts} attempts: {reason}")
        }
    }
}

async fn tail(seat: &Seat, options: &JournalTail) -> Outcome {
    let mut after = match options.after {
        Some(after) => after,
        None if options.no_follow => 0,
        None => journal::last_seq(&seat.db).await?,
    };
    loop {
        let entries = if options.no_follow {
            journal::read_after(&seat.db, after, evidence::PAGE).await?
        } else {
            tokio::select! {
                entries = journal::tail(&seat.db, after, WAIT) => entries?,
                _stopped = tokio::signal::ctrl_c() => return Ok(()),
            }
        };
        if entries.is_empty() && options.no_follow {
            return Ok(());
        }
        for entry in entries {
            after = entry.seq;
            tell!("{}", line(&entry));
        }
    }
}

fn line(entry: &Recorded) -> String {
    json!({
        "seq": entry.seq,
        "at": entry.at,
        "actor": entry.actor,
        "kind": entry.kind,
        "subject": entry.subject,
        "case": entry.case_id,
        "region": entry.region,
        "body": entry.json(),
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_journal_is_told_in_the_language_of_the_reader() {
        let found = |first_bad, why: &kernel::Text| {
            let json = serde_json::json!({
                "ok": false, "entries": 9, "first_bad": first_bad, "reason": why.say(&[]), "head_hash": "",
                "sealed_seq": 0, "anchored_seq": 0, "witnessed_seq": 0, "stamped_seq": 0, "doubts": [],
            });
            serde_json::from_value::<Verification>(json).unwrap()
        };
        let said = broken(&found(Some(9), &reason::COUNTED), None).said.remove(0);
        assert_eq!(said.zh, "日志链在第 9 条断裂：该条缺失，而日志末条记录计有该条");
        assert_eq!(said.en, "the journal breaks at entry 9: the entry is missing, though the head counts it");
        for text in reason::CATALOGUE {
            for first_bad in [Some(9), None] {
                let said = broken(&found(first_bad, text), None).said.remove(0);
                assert!(!said.zh.contains(text.en) && !said.en.contains(text.zh), "{}", text.code);
            }
        }
    }
}
