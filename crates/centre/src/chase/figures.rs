//! The figures of a chase: what each account received, passed on and still holds, what is stopped, what is out of reach.

use serde_json::json;
use store::{Result, Tx, Who};
use trace::{AccountFlow, AccountKey, ExitKind, TaintedTransfer, Target, Traced};
use wire::OrderKind;

use super::desk::{Desk, Kept, entry};
use super::flow::exit_code;
use super::read::OrderBrief;
use super::store as rows;
use super::store::{AccountFigures, AccountState, Chase, ChaseState, Sum, TransferFigures};
use crate::stop::model::State;

/// A row that changes.
pub(super) enum Change {
    /// An account is found, or its figures move.
    PutAccount(AccountFigures),
    /// Nothing of the victim's money reached the account after all.
    DropAccount(AccountKey),
    /// A transfer is found, or its figures move.
    PutTransfer(TransferFigures),
    /// A transfer carries nothing after all.
    DropTransfer(String),
}

/// Works out the sum, and the rows that differ from those written.
pub(super) fn compute(desk: &Desk, kept: &Kept, traced: &Traced) -> (Sum, Vec<Change>) {
    let mut sum = Sum {
        reported_minor: traced.sources().iter().map(|s| s.amount_minor).sum(),
        orders_open: i64::try_from(kept.open()).unwrap_or(i64::MAX),
        ..Sum::default()
    };
    let mut changes = Vec::new();
    for flow in traced.accounts() {
        let orders: Vec<&OrderBrief> = kept.orders_of(&flow.account).collect();
        let figures = account(desk, kept, flow, &orders);
        sum.stopped_minor += figures.stopped_minor;
        sum.accounts += 1;
        sum.levels = sum.levels.max(figures.level);
        if kept.accounts.get(&flow.account) != Some(&figures) {
            changes.push(Change::PutAccount(figures));
        }
    }
    let gone = kept.accounts.keys().filter(|key| traced.account(key).is_none());
    changes.extend(gone.cloned().map(Change::DropAccount));
    sum.exited_minor = traced.sources().iter().map(|s| s.exited_minor).sum();
    sum.open_minor = sum.reported_minor - sum.stopped_minor - sum.exited_minor;
    transfers(kept, traced, &mut changes);
    (sum, changes)
}

/// Writes rows that changed.
pub(super) async fn write(tx: &mut Tx, case_id: kernel::ReportId, kept: &mut Kept, changes: &[Change]) -> Result<()> {
    for change in changes {
        match change {
            Change::PutAccount(figures) => {
                rows::put_account(tx, case_id, figures).await?;
                kept.accounts.insert(AccountKey::new(&figures.bank, &figures.account), figures.clone());
            }
            Change::DropAccount(key) => {
                rows::drop_account(tx, case_id, key).await?;
                kept.accounts.remove(key);
            }
            Change::PutTransfer(figures) => {
                rows::put_transfer(tx, case_id, figures).await?;
                kept.transfers.insert(figures.key.clone(), figures.clone());
            }
            Change::DropTransfer(key) => {
                rows::drop_transfer(tx, case_id, key).await?;
                kept.transfers.remove(key);
            }
        }
    }
    Ok(())
}

/// Says in the journal how the sum moved, and when the chase has run dry or goes on.
pub(super) async fn tell(tx: &mut Tx, chase: &mut Chase, sum: &Sum, dry: bool) -> Result<()> {
    let who = Who::system("chase");
    let body = json!({ "sum": sum, "currency": chase.currency });
    match chase.state {
        // The turn holds the row by now: the state is as it was seen.
        ChaseState::Running if dry => {
            rows::set_state(tx, chase.case.id, ChaseState::Running, ChaseState::Dry).await?;
            chase.state = ChaseState::Dry;
            tx.append(entry("chase.dry", &chase.case, body), &who).await?;
        }
        ChaseState::Dry if !dry => {
            rows::set_state(tx, chase.case.id, ChaseState::Dry, ChaseState::Running).await?;
            chase.state = ChaseState::Running;
            tx.append(entry("chase.resumed", &chase.case, json!({})), &who).await?;
        }
        _ if *sum != chase.sum => {
            tx.append(entry("chase.moved", &chase.case, body), &who).await?;
        }
        _ => {}
    }
    chase.sum = *sum;
    Ok(())
}

fn account(desk: &Desk, kept: &Kept, flow: &AccountFlow, orders: &[&OrderBrief]) -> AccountFigures {
    let held: i64 = orders
        .iter()
        .filter(|o| o.state == State::InEffect && matches!(o.kind, OrderKind::Stop | OrderKind::Freeze))
        .filter_map(|o| o.held_minor)
        .sum();
    let stopped = held.min(flow.remaining_minor);
    let state = state(desk, kept, flow, orders, stopped);
    let left = flow.remaining_minor - stopped;
    let lost = match state {
        AccountState::Refused
        | AccountState::Released
        | AccountState::Unreachable
        | AccountState::TooDeep
        | AccountState::Unnamed => left,
        _ => 0,
    };
    AccountFigures {
        bank: flow.account.bank.to_string(),
        account: flow.account.number.to_string(),
        name: kept.known.names.get(&flow.account).cloned(),
        level: i64::from(flow.level),
        received_minor: flow.received_minor,
        passed_on_minor: flow.passed_on_minor,
        exited_minor: flow.exited_minor(),
        unseen_minor: flow.unseen_minor,
        remaining_minor: flow.remaining_minor,
        stopped_minor: stopped,
        held_minor: held,
        out_of_reach_minor: flow.exited_minor() + flow.unseen_minor + lost,
        state: state.code().to_owned(),
    }
}

fn state(desk: &Desk, kept: &Kept, flow: &AccountFlow, orders: &[&OrderBrief], stopped: i64) -> AccountState {
    let open = |kind: OrderKind| orders.iter().any(|o| o.kind == kind && o.state == State::Sent);
    let waits = orders.iter().any(|o| o.state == State::Review);
    // What is held stays shown as held while a later order waits: a freeze takes the place of the stop, and nothing is
    // let go before it does.
    let held_in_full = stopped > 0 && stopped >= flow.remaining_minor;
    if open(OrderKind::Stop) && !held_in_full || open(OrderKind::Freeze) && stopped == 0 {
        AccountState::Stopping
    } else if open(OrderKind::QueryTransactions) || open(OrderKind::QueryHolder) {
        AccountState::Asking
    } else if waits && stopped == 0 {
        AccountState::Found
    } else if !desk.reachable(&flow.account) {
        AccountState::Unreachable
    } else if flow.level > desk.stop.parameters.chase_levels_max {
        AccountState::TooDeep
    } else if !kept.known.unfinished_of(&flow.account).is_empty() {
        AccountState::Incomplete
    } else if kept.known.flow.knows(&flow.account) && flow.remaining_minor == 0 {
        AccountState::Emptied
    } else if held_in_full {
        AccountState::Stopped
    } else if stopped > 0 {
        AccountState::StoppedInPart
    } else if kept.decided(&flow.account).is_some() {
        AccountState::Released
    } else if orders.is_empty() {
        AccountState::Found
    } else if !kept.known.names.contains_key(&flow.account) && orders.iter().all(|o| o.kind != OrderKind::Stop) {
        AccountState::Unnamed
    } else {
        AccountState::Refused
    }
}

fn transfers(kept: &Kept, traced: &Traced, changes: &mut Vec<Change>) {
    let mut seen = std::collections::HashSet::new();
    for (n, transfer) in traced.transfers().iter().enumerate() {
        let mut figures = transfer_figures(transfer);
        if !seen.insert(figures.key.clone()) {
            figures.key = format!("{}#{n}", figures.key);
            seen.insert(figures.key.clone());
        }
        if kept.transfers.get(&figures.key) != Some(&figures) {
            changes.push(Change::PutTransfer(figures));
        }
    }
    let gone = kept.transfers.keys().filter(|key| !seen.contains(*key));
    changes.extend(gone.cloned().map(Change::DropTransfer));
}

fn transfer_figures(t: &TaintedTransfer) -> TransferFigures {
    let to = match &t.to {
        Target::Account(to) => Some(to),
        _ => None,
    };
    let exit: Option<ExitKind> = t.exit;
    let key = format!("{}|{}|{}|{}", t.from, t.reference, t.at.0, t.amount_minor);
    TransferFigures {
        key,
        from_bank: t.from.bank.to_string(),
        from_account: t.from.number.to_string(),
        to_bank: to.map(|k| k.bank.to_string()),
        to_account: to.map(|k| k.number.to_string()),
        exit: exit.map(|e| exit_code(e).to_owned()),
        amount_minor: t.amount_minor,
        tainted_minor: t.tainted_minor,
        at: t.at.0,
        reference: t.reference.to_string(),
        level: i64::from(t.level),
    }
}
