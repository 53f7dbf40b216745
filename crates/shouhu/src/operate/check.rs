//! `shouhu operator check NUMBER`: what would happen to a call.

use std::path::Path;

use kernel::Maskable;
use operator::list::file::{self, RowRules};
use operator::recorder::{call_action, decided_by};
use screen::{Attestation, CallAttempt, Caller, ListBuilder, Number, Roaming, Screen, Trunk, TrunkKind};

use super::{failure, list, serve};
use crate::cli::{OperatorCheck, SeatAt};
use crate::output::tell;
use crate::speech::{Exit, Fail, Lang, Outcome, texts};

pub async fn run(options: &OperatorCheck) -> Outcome {
    let clock = kernel::Clock::system();
    let screen = screen_of(&options.at, options.list.as_deref(), clock.now()).await?;
    let kind = match options.trunk {
        crate::cli::TrunkKind::Home => TrunkKind::Home,
        crate::cli::TrunkKind::National => TrunkKind::National,
        crate::cli::TrunkKind::Foreign => TrunkKind::Foreign,
    };
    let caller = Caller::read_as(&options.number, kind.bare_digits());
    let attempt = CallAttempt {
        caller,
        callee: options.callee.as_deref().and_then(Number::read),
        trunk: Trunk { id: 0, kind },
        attestation: Attestation::None,
        roaming: Roaming::Unknown,
        at: clock.now(),
    };
    let decision = operator::check::decide(&screen, &attempt);
    let held = screen.list();
    let by = decided_by(decision.reason, &held);
    let lang = Lang::now();
    let shown = caller.number.map_or_else(|| options.number.clone(), |number| number.to_string());
    let why = if by.is_empty() {
        lang.pick("没有发现问题", "nothing speaks against it").to_owned()
    } else {
        by.into_owned()
    };
    tell!("{shown}\t{}\t{why}", call_action(decision.action));
    for entry in caller.number.map(|number| held.entries_of(number)).unwrap_or_default() {
        let until = entry.expires_at.map_or_else(|| "-".to_owned(), |at| at.to_string());
        tell!("  {}\t{}\t{}\t{}\t{until}", entry.pattern, entry.kind.word(), entry.reason, entry.source);
    }
    if !decision.action.stops() {
        return Ok(());
    }
    let masked = caller.number.map_or_else(|| "****".to_owned(), |number| number.mask());
    Err(texts::STOPPED.fail(Exit::No, &[("number", &masked)]))
}

/// A screen with the list and rules of a seat, or, where no seat is named, with a list file and the rules that come with
/// the program.
///
/// # Errors
/// There is no such seat, or the list file cannot be read.
pub async fn screen_of(at: &SeatAt, list_file: Option<&Path>, now: kernel::Timestamp) -> Outcome<Screen> {
    if at.data.is_some() || at.config.is_some() || list_file.is_none() && Path::new("shouhu-data/shouhu.toml").exists()
    {
        let mut seat = list::seat(at).await?;
        if let Some(path) = list_file {
            seat.config.list = Some(path.to_owned());
        }
        let (desk, _events) = serve::desk(&seat).await?;
        let screen = operator::check::copy_of(desk.screening().screen());
        seat.db.close().await;
        return Ok(screen);
    }
    let screen = Screen::new();
    operator::rule::put_built_in(&screen).map_err(failure)?;
    if let Some(path) = list_file {
        let input = std::fs::File::open(path).map_err(|error| crate::input::unreadable(path, &error))?;
        let rules = RowRules { now, bounds: operator::Parameters::default().list_bounds(), source: "file".to_owned() };
        let mut builder = ListBuilder::default();
        let mut full = None;
        let report = file::read(std::io::BufReader::new(input), &rules, |_, entry| {
            full = builder.push(&entry).err().or(full.take());
        })
        .map_err(|faults| crate::speech::faulty(&faults))?;
        if let Some(full) = full {
            return Err(crate::seat::fault(full));
        }
        if report.refused > 0 {
            tracing::warn!(rows = report.rows, refused = report.refused, "rows of the list file are refused");
        }
        screen.swap_list(std::sync::Arc::new(builder.finish(1, now)));
    }
    Ok(screen)
}
