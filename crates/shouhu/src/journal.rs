//! `shouhu journal …`: verify, follow, export and check.

use std::time::Duration;

use serde_json::json;
use store::journal::{self, Recorded};

use crate::cli::{JournalTail, JournalTask};
use crate::evidence;
use crate::output::tell;
use crate::seat::Seat;
use crate::speech::{Exit, Fail, Lang, Outcome, texts};

/// How long `tail` waits for an entry before it looks again.
const WAIT: Duration = Duration::from_millis(250);

/// Does what is asked of the journal.
///
/// # Errors
/// The journal or the bundle does not verify, or cannot be read.
pub async fn run(task: JournalTask) -> Outcome {
    match task {
        JournalTask::Verify(at) => verify(&Seat::existing(&at).await?).await,
        JournalTask::Export(options) => {
            let seat = Seat::existing(&options.at).await?;
            evidence::export(&seat, &options).await
        }
        JournalTask::Check(options) => evidence::check(&options),
        JournalTask::Tail(options) => tail(&Seat::existing(&options.at).await?, &options).await,
    }
}

async fn verify(seat: &Seat) -> Outcome {
    let found = journal::verify(&seat.db, Some(&seat.keys)).await?;
    if let Some(seq) = found.first_bad {
        let why = found.reason.as_deref().unwrap_or("");
        return Err(texts::JOURNAL_BAD.fail(Exit::No, &[("seq", &seq.to_string()), ("why", why)]));
    }
    let (entries, sealed, head) = (found.entries, found.sealed_seq, &found.head_hash);
    match Lang::now() {
        Lang::Zh => tell!("日志链完整：共 {entries} 条，签章至第 {sealed} 条，链首 {head}"),
        Lang::En => tell!("the journal is whole: {entries} entries, sealed up to {sealed}, head {head}"),
    }
    Ok(())
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
