//! What is believed of a bank's answer: as much as the terms of the order allow.
//!
//! A seal proves who speaks, not that it is true. Amounts, times and movements that cannot be are cut to what the order
//! allows or left out, and each is told to a person as a doubt; the document itself stays as evidence. So no number of a
//! partner, wrong by mistake or by intent, becomes money that is counted or a hold that nobody watches.

use std::collections::HashSet;

use kernel::bounds::{AMOUNT_MINOR_MAX, TOLD_MINOR_MAX};
use kernel::{Currency, Duration, Faults, Money, Text, Timestamp};
use wire::{Answer, AnswerCode, Movement, OrderKind};

use super::model::places_hold;
use super::order::StopOrder;
use super::parameters::Parameters;

/// Clocks of two seats may differ by so much.
const CLOCKS_DIFFER_MAX: Duration = Duration::minutes(5);
/// A bank may count the hours of a hold to the end of an hour.
const END_TOLERANCE: Duration = Duration::hours(1);
/// Banks give whole days.
const PERIOD_TOLERANCE: Duration = Duration::hours(24);
/// Movements that are named one by one among the doubts; more are only counted.
const MOVEMENTS_TOLD_MAX: usize = 5;

const CURRENCY: Text = Text::new(
    "answer.doubt.currency",
    (
        "答复的币种是 {found}，指令的币种是 {ordered}，金额未采信",
        "The answer is in {found}, the order in {ordered}; its amounts are not counted",
    ),
    ("请致电银行核实控制的币种和金额", "Call the bank and ask which currency and amount it holds"),
);
const HELD: Text = Text::new(
    "answer.doubt.held",
    (
        "银行称控制金额（{found}）超过指令金额（{most}），按指令金额计",
        "The bank says it holds {found}, more than the {most} ordered; the ordered amount is counted",
    ),
    ("请致电银行核实；多控制的部分应当解除", "Call the bank; whatever it holds beyond the order must be released"),
);
const AMOUNT: Text = Text::new(
    "answer.doubt.amount",
    ("金额 {found} 超出可信范围，未采信", "The amount {found} is beyond belief and is not counted"),
    ("请查看答复原文并致电银行核实", "See the sealed answer and call the bank"),
);
const UNTIL_LATE: Text = Text::new(
    "answer.doubt.until_late",
    (
        "银行称控制至北京时间 {found}，超过指令允许的期限，按 {most} 到期提醒",
        "The bank says it holds until {found} (China Standard Time), longer than the order allows; warnings go by {most}",
    ),
    ("请致电银行更正到期时间", "Call the bank and have the end corrected"),
);
const UNTIL_WRONG: Text = Text::new(
    "answer.doubt.until",
    (
        "银行未给出可信的到期时间，按北京时间 {most} 到期提醒",
        "The bank gave no end of the hold that can be; warnings go by {most} (China Standard Time)",
    ),
    ("请致电银行核实控制是否有效、何时到期", "Call the bank and ask whether the hold is in force, and until when"),
);
const FROM: Text = Text::new(
    "answer.doubt.from",
    (
        "银行称控制始于北京时间 {found}，不在下达指令之后、收到答复之前",
        "The bank says the hold began at {found} (China Standard Time), which is not between order and answer",
    ),
    ("按收到答复的时间计；请致电银行核实", "The time of the answer is used; call the bank"),
);
const MOVEMENT: Text = Text::new(
    "answer.doubt.movement",
    ("第 {place} 笔交易不可信（{why}），未用于追踪", "Transaction {place} cannot be ({why}) and is not followed"),
    ("请查看答复原文，必要时重新查询", "See the sealed answer; ask again if needed"),
);
const MOVEMENTS: Text = Text::new(
    "answer.doubt.movements",
    ("共有 {count} 笔交易不可信，未用于追踪", "{count} transactions cannot be and are not followed"),
    ("请致电银行核实后重新查询", "Call the bank, then ask again"),
);
const NOT_ASKED: Text = Text::new(
    "answer.doubt.not_asked",
    ("答复附有未查询的交易明细，未采信", "The answer has transactions that were not asked for; they are not used"),
    ("请查看答复原文", "See the sealed answer"),
);
const LAPSED_EARLY: Text = Text::new(
    "answer.doubt.lapsed_early",
    (
        "银行称控制已到期，但答复的到期时间是北京时间 {until}",
        "The bank says that the hold has ended, but by its answer it lasts until {until} (China Standard Time)",
    ),
    ("请立即致电银行；资金可能已可动用", "Call the bank at once: the money may be free to leave"),
);

const PUSHED_TOO_MANY: Text = Text::new(
    "answer.doubt.pushed_too_many",
    (
        "监控推送的交易已超过 {max} 笔，其余 {count} 笔未采信",
        "The watch has told more than {max} transactions; {count} more are not followed",
    ),
    ("请向银行查询该账户的交易明细", "Ask the bank for the account's transactions"),
);
const PUSHED_CHANGED: Text = Text::new(
    "answer.doubt.pushed_changed",
    (
        "监控推送中有 {count} 笔交易的流水号此前已用于另一笔交易，未采信",
        "{count} transactions of the watch come under an id that another one had; they are not followed",
    ),
    (
        "请致电银行更正流水号，并查询该账户的交易明细",
        "Have the bank correct the ids, and ask for the account's transactions",
    ),
);
const NOT_WATCHED: Text = Text::new(
    "answer.doubt.not_watched",
    (
        "银行推送了交易，但本指令不是正在生效的监控，未采信",
        "The bank has told movements, but this order is no watch in effect; they are not followed",
    ),
    ("请致电银行核实其监控的账户", "Call the bank and ask which account it watches"),
);

/// Every text of this module.
pub const TEXTS: &[Text] = &[
    CURRENCY,
    HELD,
    AMOUNT,
    UNTIL_LATE,
    UNTIL_WRONG,
    FROM,
    MOVEMENT,
    MOVEMENTS,
    NOT_ASKED,
    PUSHED_TOO_MANY,
    PUSHED_CHANGED,
    NOT_WATCHED,
    LAPSED_EARLY,
];

/// What is doubtful about movements of an account that is not watched.
pub(super) fn not_watched() -> kernel::Fault {
    NOT_WATCHED.at("order_id", &[])
}

/// What is doubtful about a watch that tells more than is kept.
pub(super) fn pushed_too_many(max: i64, count: usize) -> kernel::Fault {
    PUSHED_TOO_MANY.at("movements", &[("max", &max.to_string()), ("count", &count.to_string())])
}

/// As much of a bank's word as is believed.
pub(super) struct Believed<T> {
    /// The word.
    pub(super) word: T,
    /// What a person has to look at.
    pub(super) doubts: Faults,
    /// How many movements of it were refused: what they say of the money is missing, so nobody takes the rest for all.
    pub(super) refused: usize,
}

/// What is doubtful about a watch that tells other movements under ids that it has used.
pub(super) fn pushed_changed(count: usize) -> kernel::Fault {
    PUSHED_CHANGED.at("movements", &[("count", &count.to_string())])
}

/// As much of an answer as is believed. `earlier` is the order that this one refers to.
pub(super) fn believe(
    order: &StopOrder,
    earlier: Option<&StopOrder>,
    answer: &Answer,
    now: Timestamp,
    parameters: &Parameters,
) -> Believed<Answer> {
    let mut believed = answer.clone();
    let mut doubts = Faults::none();
    amounts(order, &mut believed, &mut doubts);
    let longer = matches!(order.asked.kind, OrderKind::ExtendStop | OrderKind::RenewFreeze);
    if (places_hold(order.asked.kind) || longer)
        && matches!(answer.code, AnswerCode::Done | AnswerCode::DoneInPart | AnswerCode::WaitingInLine)
    {
        began(order, &mut believed, now, &mut doubts);
        if longer {
            extended(order, earlier, &mut believed, now, parameters, &mut doubts);
        } else {
            ends(order, &mut believed, now, parameters, &mut doubts);
        }
    }
    let refused = movements(order, &mut believed, now, &mut doubts);
    Believed { word: believed, doubts, refused }
}

fn amounts(order: &StopOrder, answer: &mut Answer, doubts: &mut Faults) {
    let ordered = &order.asked.currency;
    if let Some(found) = answer.currency.as_ref().filter(|found| *found != ordered) {
        doubts.push(CURRENCY.at("currency", &[("found", found), ("ordered", ordered)]));
        (answer.held_minor, answer.available_minor, answer.balance_minor) = (None, None, None);
        return;
    }
    let currency = Currency::parse(ordered).unwrap_or(Currency::CNY);
    let cash = |minor| Money::new(minor, currency).written();
    let most = order.asked.amount_minor.unwrap_or(AMOUNT_MINOR_MAX);
    if let Some(held) = answer.held_minor.filter(|held| *held > most) {
        doubts.push(HELD.at("held_minor", &[("found", &cash(held)), ("most", &cash(most))]));
        answer.held_minor = Some(most);
    }
    for (field, amount) in
        [("available_minor", &mut answer.available_minor), ("balance_minor", &mut answer.balance_minor)]
    {
        if let Some(found) = amount.filter(|found| found.unsigned_abs() > TOLD_MINOR_MAX.unsigned_abs()) {
            doubts.push(AMOUNT.at(field, &[("found", &cash(found))]));
            *amount = None;
        }
    }
}

/// The earliest moment at which a bank can have done what an order asks.
fn earliest(order: &StopOrder) -> Timestamp {
    order.sent_at.unwrap_or(order.made_at) - CLOCKS_DIFFER_MAX
}

fn began(order: &StopOrder, answer: &mut Answer, now: Timestamp, doubts: &mut Faults) {
    if let Some(from) = answer.from.filter(|from| *from < earliest(order) || *from > now + CLOCKS_DIFFER_MAX)
        // An extension counts from the hold that it extends, and a freeze in line from the end of the one before.
        && matches!(order.asked.kind, OrderKind::Stop)
    {
        doubts.push(FROM.at("from", &[("found", &from.written())]));
        answer.from = Some(now);
    }
}

/// When a hold ends that the order places.
fn ends(order: &StopOrder, answer: &mut Answer, now: Timestamp, parameters: &Parameters, doubts: &mut Faults) {
    let stop = Duration::hours(parameters.stop_hours);
    let freeze = Duration::hours(24 * parameters.freeze_days);
    let ordered = match order.asked.kind {
        OrderKind::Stop => answer.from.unwrap_or(now).min(now) + stop,
        _ => order.asked.until.unwrap_or(now + freeze),
    };
    if answer.code == AnswerCode::WaitingInLine {
        // It begins when the one before it ends, which is a freeze's term away at most.
        let most = ordered.max(now) + freeze;
        if let Some(until) = answer.until.filter(|until| *until > most + END_TOLERANCE || *until <= earliest(order)) {
            doubts.push(UNTIL_LATE.at("until", &[("found", &until.written()), ("most", &most.written())]));
            answer.until = None;
        }
        return;
    }
    match answer.until {
        Some(until) if until > ordered + END_TOLERANCE => {
            doubts.push(UNTIL_LATE.at("until", &[("found", &until.written()), ("most", &ordered.written())]));
            answer.until = Some(ordered);
        }
        Some(until) if until > earliest(order) => {}
        _ => {
            doubts.push(UNTIL_WRONG.at("until", &[("most", &ordered.written())]));
            answer.until = Some(ordered);
        }
    }
}

/// When a hold ends that the order makes longer: by one term at most. An end that cannot be leaves the end that was known
/// before, for a warning that comes too early costs a call, and one that comes too late costs the money.
fn extended(
    order: &StopOrder,
    earlier: Option<&StopOrder>,
    answer: &mut Answer,
    now: Timestamp,
    parameters: &Parameters,
    doubts: &mut Faults,
) {
    let known = earlier.and_then(|earlier| earlier.hold_until);
    let term = match order.asked.kind {
        OrderKind::ExtendStop => Duration::hours(parameters.stop_hours),
        _ => Duration::hours(24 * parameters.freeze_days),
    };
    let most = known.unwrap_or(now).max(order.asked.until.unwrap_or(Timestamp(i64::MIN))) + term;
    match answer.until {
        Some(until) if until > earliest(order) && until <= most + END_TOLERANCE => {}
        Some(until) if until > most => {
            let remains = known.unwrap_or(most);
            doubts.push(UNTIL_LATE.at("until", &[("found", &until.written()), ("most", &remains.written())]));
            answer.until = known;
        }
        _ => {
            doubts.push(UNTIL_WRONG.at("until", &[("most", &known.unwrap_or(now).written())]));
            answer.until = known;
        }
    }
}

/// As much of a push about a watched account as is believed: what the account did while the watch was in effect.
pub(super) fn pushed(
    order: &StopOrder,
    ended_at: Option<Timestamp>,
    movements: &[Movement],
    now: Timestamp,
) -> Believed<Vec<Movement>> {
    let mut doubts = Faults::none();
    let from = order.sent_at.unwrap_or(order.made_at);
    let to = [order.asked.until, ended_at].into_iter().flatten().fold(now, Timestamp::min);
    let (word, refused) = checked("movements", movements.to_vec(), wire::Period { from, to }, now, &mut doubts);
    Believed { word, doubts, refused }
}

fn movements(order: &StopOrder, answer: &mut Answer, now: Timestamp, doubts: &mut Faults) -> usize {
    let Some(found) = answer.transactions.take() else { return 0 };
    let Some(period) = order.asked.period.filter(|_| order.asked.kind == OrderKind::QueryTransactions) else {
        if !found.is_empty() {
            doubts.push(NOT_ASKED.at("transactions", &[]));
        }
        return 0;
    };
    let (kept, refused) = checked("transactions", found, period, now, doubts);
    answer.transactions = Some(kept);
    refused
}

/// The lines that can be, of those that a bank tells about a period, and how many cannot.
fn checked(
    field: &str,
    found: Vec<Movement>,
    period: wire::Period,
    now: Timestamp,
    doubts: &mut Faults,
) -> (Vec<Movement>, usize) {
    let latest = period.to.min(now) + CLOCKS_DIFFER_MAX;
    let mut seen: HashSet<String> = HashSet::with_capacity(found.len());
    let mut refused = 0usize;
    let mut kept = Vec::with_capacity(found.len());
    for (place, mut movement) in found.into_iter().enumerate() {
        let why = if movement.at < period.from - PERIOD_TOLERANCE {
            Some(("早于查询期间", "before the period asked for"))
        } else if movement.at > latest {
            Some(("晚于查询期间或在将来", "after the period asked for, or in the future"))
        } else if !seen.insert(movement.id.clone()) {
            Some(("流水号重复", "its id is used twice"))
        } else if !is_believable(&movement) {
            Some(("金额或余额超出可信范围", "an amount or balance beyond belief"))
        } else {
            None
        };
        match why {
            None => {
                plain(&mut movement);
                kept.push(movement);
            }
            Some((why, why_en)) => {
                refused += 1;
                if refused <= MOVEMENTS_TOLD_MAX {
                    let number = (place + 1).to_string();
                    let said = |why| MOVEMENT.at(format!("{field}[{place}]"), &[("place", &number), ("why", why)]);
                    let mut doubt = said(why);
                    doubt.said.en = said(why_en).said.en;
                    doubts.push(doubt);
                }
            }
        }
    }
    if refused > MOVEMENTS_TOLD_MAX {
        doubts.push(MOVEMENTS.at(field, &[("count", &refused.to_string())]));
    }
    (kept, refused)
}

/// Whether two movements of one id are one movement, told twice.
pub(super) fn is_same(one: &Movement, other: &Movement) -> bool {
    one.amount_minor == other.amount_minor
        && one.direction == other.direction
        && one.currency == other.currency
        && (one.at - other.at).0.abs() <= CLOCKS_DIFFER_MAX.0
}

fn is_believable(movement: &Movement) -> bool {
    (1..=AMOUNT_MINOR_MAX).contains(&movement.amount_minor)
        && movement.balance_after_minor.unsigned_abs() <= TOLD_MINOR_MAX.unsigned_abs()
}

/// Names and references are shown and sent on: control characters have no place in them.
fn plain(movement: &mut Movement) {
    let clean = |text: &mut String| {
        if text.chars().any(char::is_control) {
            *text = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().trim().to_owned();
        }
    };
    clean(&mut movement.reference);
    clean(&mut movement.memo);
    if let Some(other) = &mut movement.counterparty {
        clean(&mut other.bank);
        clean(&mut other.account);
        clean(&mut other.name);
    }
}

/// What is doubtful about a hold that a bank says has ended.
pub(super) fn lapsed(order: &StopOrder, now: Timestamp) -> Option<kernel::Fault> {
    let until = order.hold_until.filter(|until| *until > now + END_TOLERANCE)?;
    Some(LAPSED_EARLY.at("until", &[("until", &until.written())]))
}
