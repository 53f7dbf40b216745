//! What a bank's answer and a sealed text look like to people: personal data masked.

use kernel::{AccountNo, Currency, Fault, Maskable, Money, PersonName, Timestamp};
use serde::Serialize;
use wire::{Answer, AnswerCode};

/// A bank's answer with personal data masked.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct AnswerView {
    code: AnswerCode,
    words: kernel::Said,
    held: Option<Money>,
    available: Option<Money>,
    balance: Option<Money>,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    stops_used: Option<u32>,
    position: Option<u32>,
    mismatches: Vec<String>,
    faults: Vec<Fault>,
    existing: Vec<wire::ExistingHold>,
    holder: Option<HolderView>,
    accounts: Option<Vec<AccountView>>,
    transactions: Option<Vec<MovementView>>,
    more: bool,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct HolderView {
    name: String,
    id_number: String,
    phones: Vec<String>,
    opened_at: Timestamp,
    branch: Option<String>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct AccountView {
    account: String,
    name: String,
    balance: Money,
    available: Money,
    opened_at: Timestamp,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct MovementView {
    id: String,
    at: Timestamp,
    direction: wire::Direction,
    amount: Money,
    balance_after: Money,
    channel: wire::Channel,
    counterparty_bank: Option<String>,
    counterparty_account: Option<String>,
    counterparty_name: Option<String>,
    reference: String,
    memo: String,
}

/// A transfer on which an order rests, with personal data masked.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct GroundView {
    from_bank: Option<String>,
    /// Masked.
    from_account: Option<String>,
    amount: Money,
    /// The victim's part of it.
    tainted: Money,
    at: Timestamp,
    reference: Option<String>,
}

pub(super) fn ground_view(ground: &super::super::Ground, currency: &str) -> GroundView {
    let (bank, account) = ground.from.clone().unzip();
    GroundView {
        from_bank: bank,
        from_account: account.as_deref().map(masked_account),
        amount: money(ground.amount_minor, currency),
        tainted: money(ground.tainted_minor, currency),
        at: ground.at,
        reference: ground.reference.clone(),
    }
}

/// An account number as anyone may see it.
pub(crate) fn masked_account(number: &str) -> String {
    AccountNo::parse(number).map_or_else(|_| super::super::tail(number), |account| account.mask())
}

/// A name as anyone may see it.
pub(crate) fn masked_name(name: &str) -> String {
    PersonName::parse(name).map_or_else(|_| "**".to_owned(), |name| name.mask())
}

fn masked_tail(text: &str) -> String {
    super::super::tail(text)
}

/// Money in a currency that the database has accepted.
pub(crate) fn money(minor: i64, currency: &str) -> Money {
    Money { minor, currency: Currency::parse(currency).unwrap_or(Currency::CNY) }
}

pub(super) fn answer_view(answer: &Answer, currency: &str) -> AnswerView {
    let currency = answer.currency.as_deref().unwrap_or(currency).to_owned();
    let cash = |minor: Option<i64>| minor.map(|minor| money(minor, &currency));
    AnswerView {
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
            name: masked_name(&h.name),
            id_number: masked_tail(&h.id_number),
            phones: h.phones.iter().map(|p| masked_tail(p)).collect(),
            opened_at: h.opened_at,
            branch: h.branch.clone(),
        }),
        accounts: answer.accounts.as_ref().map(|accounts| {
            accounts
                .iter()
                .map(|a| AccountView {
                    account: masked_account(&a.number),
                    name: masked_name(&a.name),
                    balance: money(a.balance_minor, &a.currency),
                    available: money(a.available_minor, &a.currency),
                    opened_at: a.opened_at,
                })
                .collect()
        }),
        transactions: answer.transactions.as_ref().map(|lines| lines.iter().map(movement_view).collect()),
        more: answer.more,
    }
}

fn movement_view(m: &wire::Movement) -> MovementView {
    let other = m.counterparty.as_ref();
    MovementView {
        id: m.id.clone(),
        at: m.at,
        direction: m.direction,
        amount: money(m.amount_minor, &m.currency),
        balance_after: money(m.balance_after_minor, &m.currency),
        channel: m.channel,
        counterparty_bank: other.map(|c| c.bank.clone()),
        counterparty_account: other.map(|c| masked_account(&c.account)),
        counterparty_name: other.filter(|c| !c.name.is_empty()).map(|c| masked_name(&c.name)),
        reference: m.reference.clone(),
        memo: m.memo.clone(),
    }
}

/// Header and payload of a sealed text, read for people: account, name and telephone numbers are masked.
pub(crate) fn sealed_view(document: &str) -> (Option<serde_json::Value>, Option<serde_json::Value>) {
    let mut parts = document.split('.').map(wire::decode_part);
    let header = parts.next().flatten();
    let payload = parts.next().flatten().map(|mut payload| {
        if let Some(account) = payload.pointer_mut("/body/account") {
            for (field, mask) in [("number", masked_account as fn(&str) -> String), ("name", masked_name)] {
                if let Some(value) = account.get_mut(field)
                    && let Some(text) = value.as_str()
                {
                    *value = mask(text).into();
                }
            }
        }
        for path in ["/body/line", "/body/counterpart"] {
            if let Some(value) = payload.pointer_mut(path)
                && let Some(text) = value.as_str()
            {
                *value = crate::telephone::masked(text).into();
            }
        }
        payload
    });
    (header, payload)
}
