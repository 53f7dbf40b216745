//! What the pages see: money with its currency, personal data masked.

use kernel::{AccountId, Currency, Fault, HoldId, Money, OrderId, Said, Timestamp};
use serde::Serialize;
use wire::{Answer, AnswerCode, Channel, Direction, ExistingHold, Movement};

use crate::account::{Account, AccountKind, AccountState, mask_account, mask_name};
use crate::hold::{Hold, HoldKind, HoldState, Line};
use crate::ledger::statement::StatementLine;

/// An amount in the currency of a code; a code that is none reads as yuan, which only a corrupt row has.
pub(super) fn money(minor: i64, currency: &str) -> Money {
    Money::new(minor, Currency::parse(currency).unwrap_or(Currency::CNY))
}

/// The last two characters.
fn tail(text: &str) -> String {
    let count = text.chars().count();
    let shown: String = text.chars().skip(count.saturating_sub(2)).collect();
    format!("****{shown}")
}

/// A movement with its sequence.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct MovementView {
    id: String,
    /// Sequence in the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    sequence: Option<i64>,
    at: Timestamp,
    /// The day from which it counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    value_date: Option<String>,
    direction: Direction,
    amount: Money,
    balance_after: Money,
    channel: Channel,
    counterparty_bank: Option<String>,
    counterparty_account: Option<String>,
    counterparty_name: Option<String>,
    reference: String,
    memo: String,
}

impl From<&Movement> for MovementView {
    fn from(m: &Movement) -> Self {
        let other = m.counterparty.as_ref();
        Self {
            id: m.id.clone(),
            sequence: None,
            at: m.at,
            value_date: None,
            direction: m.direction,
            amount: money(m.amount_minor, &m.currency),
            balance_after: money(m.balance_after_minor, &m.currency),
            channel: m.channel,
            counterparty_bank: other.map(|c| c.bank.clone()),
            counterparty_account: other.map(|c| mask_account(&c.account)),
            counterparty_name: other.map(|c| mask_name(&c.name)),
            reference: m.reference.clone(),
            memo: m.memo.clone(),
        }
    }
}

impl From<&StatementLine> for MovementView {
    fn from(line: &StatementLine) -> Self {
        Self { sequence: Some(line.sequence), value_date: Some(line.value_date.clone()), ..Self::from(&line.movement) }
    }
}

/// An answer with personal data masked.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct AnswerView {
    code: AnswerCode,
    words: Said,
    held: Option<Money>,
    available: Option<Money>,
    balance: Option<Money>,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    stops_used: Option<u32>,
    position: Option<u32>,
    mismatches: Vec<String>,
    faults: Vec<Fault>,
    existing: Vec<ExistingHold>,
    holder: Option<HolderView>,
    accounts: Option<Vec<HeldAccountView>>,
    transactions: Option<Vec<MovementView>>,
    more: bool,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
struct HolderView {
    name: String,
    id_number: String,
    phones: Vec<String>,
    opened_at: Timestamp,
    branch: Option<String>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
struct HeldAccountView {
    account: String,
    name: String,
    balance: Money,
    available: Money,
    opened_at: Timestamp,
}

/// Movements of an answer that a page shows at most; all of them are in the sealed answer.
const MOVEMENTS_SHOWN_MAX: usize = 500;

impl AnswerView {
    pub(super) fn of(answer: &Answer, currency: &str) -> Self {
        let currency = answer.currency.as_deref().unwrap_or(currency);
        let cash = |minor: Option<i64>| minor.map(|minor| money(minor, currency));
        let shown = |lines: &Vec<Movement>| lines.iter().take(MOVEMENTS_SHOWN_MAX).map(MovementView::from).collect();
        Self {
            code: answer.code,
            words: answer.words.clone(),
            held: cash(answer.held_minor),
            available: cash(answer.available_minor),
            balance: cash(answer.balance_minor),
            from: answer.from,
            until: answer.until,
            stops_used: answer.stops_used,
            position: answer.position,
            mismatches: answer.mismatches.clone(),
            faults: answer.faults.clone(),
            existing: answer.existing.clone(),
            holder: answer.holder.as_ref().map(|h| HolderView {
                name: mask_name(&h.name),
                id_number: tail(&h.id_number),
                phones: h.phones.iter().map(|phone| tail(phone)).collect(),
                opened_at: h.opened_at,
                branch: h.branch.clone(),
            }),
            accounts: answer.accounts.as_ref().map(|all| {
                let view = |a: &wire::HeldAccount| HeldAccountView {
                    account: mask_account(&a.number),
                    name: mask_name(&a.name),
                    balance: money(a.balance_minor, &a.currency),
                    available: money(a.available_minor, &a.currency),
                    opened_at: a.opened_at,
                };
                all.iter().map(view).collect()
            }),
            transactions: answer.transactions.as_ref().map(shown),
            more: answer.more || answer.transactions.as_ref().is_some_and(|lines| lines.len() > MOVEMENTS_SHOWN_MAX),
        }
    }
}

/// A hold.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct HoldView {
    pub(super) id: HoldId,
    kind: HoldKind,
    state: HoldState,
    account: String,
    account_name: String,
    authority: String,
    case_number: String,
    /// The limit; absent means the whole account.
    limit: Option<Money>,
    /// What it withholds now.
    held: Money,
    /// Place in line; 0 is in force.
    position: i64,
    /// Stops that it counts for.
    stops: i64,
    order_id: Option<OrderId>,
    placed_at: Timestamp,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    ended_at: Option<Timestamp>,
}

impl HoldView {
    /// `line` holds every open hold of the account, by which the share of this one is told.
    pub(super) fn of(hold: &Hold, account: &Account, line: &Line, now: Timestamp) -> Self {
        let held = line.held_by_minor(hold.id, account.ledger.balance_minor(), now);
        Self {
            id: hold.id,
            kind: hold.kind,
            state: hold.state,
            account: mask_account(&account.no),
            account_name: mask_name(&account.holder_name),
            authority: hold.authority.clone(),
            case_number: hold.case_number.clone(),
            limit: hold.scope.limit_minor().map(|limit| account.money(limit)),
            held: account.money(held),
            position: line.place_in_line(hold.id),
            stops: hold.stops,
            order_id: hold.order_id,
            placed_at: hold.placed_at,
            from: hold.from,
            until: hold.until,
            ended_at: hold.ended_at,
        }
    }
}

/// An account with its holds.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct AccountDetail {
    id: AccountId,
    account: String,
    name: String,
    kind: AccountKind,
    state: AccountState,
    balance: Money,
    available: Money,
    held: Money,
    opened_at: Timestamp,
    protected_reason: Option<String>,
    /// Whether its movements are pushed to a centre.
    watched: bool,
    /// The latest first.
    holds: Vec<HoldView>,
}

impl AccountDetail {
    pub(super) fn of(account: &Account, holds: &[Hold], now: Timestamp) -> Self {
        let line = Line { holds: holds.to_vec() };
        // Due holds that nobody has ended yet withhold nothing any more.
        let mut ledger = account.ledger;
        ledger.held = line.held(now);
        Self {
            id: account.id,
            account: mask_account(&account.no),
            name: mask_name(&account.holder_name),
            kind: account.kind,
            state: account.state,
            balance: account.money(ledger.balance_minor()),
            available: account.money(ledger.available_minor()),
            held: account.money(ledger.held_minor()),
            opened_at: account.opened_at,
            protected_reason: account.protected_reason.clone(),
            watched: account.watches > 0,
            holds: holds.iter().map(|hold| HoldView::of(hold, account, &line, now)).collect(),
        }
    }
}
