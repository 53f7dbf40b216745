//! What takes time: cutting calls, looking through records, sending warnings. It is done behind the transaction of the
//! order, and the answer follows.

use kernel::{Faults, Maskable, Text};
use screen::{Number, NumberKind};
use store::{Who, args};
use wire::{LineAnswer, LineAnswerCode, LineOrder, LineOrderKind, WarningsSent};

use super::contacts;
use super::order::{self, OrderRow};
use crate::desk::Operator;
use crate::error::{Error, Result};
use crate::message::check_warning_text;

/// Calls named in one answer at most, as docs/protocol.md has it.
const CUTS_MAX: usize = 100;
/// The warning message where the order brings no text of its own (12381): the last digits of the number, no link, no
/// number to call, no request to reply.
const WARNING: Text = Text::new(
    "operator.warning",
    (
        "【反诈预警】近期与您联系过的尾号{tail}的号码涉嫌电信网络诈骗。请勿转账，勿透露验证码；如已转账，请立即报警。",
        "Anti-scam warning: the number ending in {tail} that was in touch with you is suspected of a scam. Do not transfer money or give codes away; if you have paid, go to the police at once.",
    ),
    ("", ""),
);

impl Operator {
    /// Does the orders that wait, and answers them.
    pub(crate) async fn answer_waiting_orders(&self) -> Result<()> {
        let waiting = order::waiting(self.db()).await?;
        self.carried_out(|answers| answers.retain(|id, _| waiting.iter().any(|row| row.id == *id)));
        self.forget_warned(|id| !waiting.iter().any(|row| row.id == id));
        let mut outcome = Ok(());
        // One order that cannot be answered now delays no other.
        for row in &waiting {
            outcome = outcome.and(self.answer_waiting_order(row).await);
        }
        outcome
    }

    /// A call is cut and a warning is sent once: what was done is remembered until the answer is written down.
    async fn answer_waiting_order(&self, row: &OrderRow) -> Result<()> {
        let known = self.carried_out(|answers| answers.get(&row.id).cloned());
        let answer = match (known, &row.order) {
            (Some(answer), _) => answer,
            (None, Some(order)) => match self.carry_out(order).await {
                Ok(answer) => answer,
                Err(Error::Store(error)) if error.is_transient() => return Err(error.into()),
                Err(error) => {
                    tracing::error!(order = %row.id, %error, "an order about a line could not be carried out");
                    LineAnswer::new(row.id, LineAnswerCode::InternalFailure)
                }
            },
            (None, None) => LineAnswer::new(row.id, LineAnswerCode::InternalFailure),
        };
        self.carried_out(|answers| answers.insert(row.id, answer.clone()));
        self.finish_order(row, answer).await?;
        self.carried_out(|answers| answers.remove(&row.id));
        Ok(())
    }

    async fn finish_order(&self, row: &OrderRow, answer: LineAnswer) -> Result<()> {
        let mut tx = self.db().begin().await?;
        self.answer_line_order(&mut tx, row.id, answer).await?;
        Ok(tx.commit().await?)
    }

    async fn carry_out(&self, order: &LineOrder) -> Result<LineAnswer> {
        let Some(line) = Number::parse(&order.line) else {
            return Ok(LineAnswer::new(order.order_id, LineAnswerCode::NoSuchLine));
        };
        match order.kind {
            LineOrderKind::CutCall => self.cut(order, line).await,
            LineOrderKind::QueryContacts => self.query(order, line).await,
            LineOrderKind::WarnContacts => self.warn(order, line).await,
            _ => Ok(LineAnswer::new(order.order_id, LineAnswerCode::InternalFailure)),
        }
    }

    async fn cut(&self, order: &LineOrder, line: Number) -> Result<LineAnswer> {
        let Some(calls) = self.calls() else {
            return Ok(LineAnswer::new(order.order_id, LineAnswerCode::FunctionNotOffered));
        };
        let mut cut = calls.cut(line, order.counterpart.as_deref().and_then(Number::parse)).await;
        let code = match (cut.calls.is_empty(), cut.emergency_left) {
            (false, _) => LineAnswerCode::Done,
            (true, true) => LineAnswerCode::EmergencyCallNotCut,
            (true, false) => LineAnswerCode::NoCallInProgress,
        };
        let mut answer = LineAnswer::new(order.order_id, code);
        answer.at = cut.calls.iter().map(|call| call.cut_at).max();
        cut.calls.truncate(CUTS_MAX);
        answer.cuts = cut.calls;
        Ok(answer)
    }

    async fn contacts(&self, order: &LineOrder, line: Number, limit: usize) -> Result<contacts::Contacts> {
        let Some(period) = &order.period else { return Ok(contacts::Contacts::default()) };
        let (records, from, until) = (self.records().clone(), period.from, period.to);
        let found = tokio::task::spawn_blocking(move || contacts::of(&records, line, from, until, limit)).await;
        found.map_err(|error| Error::Corrupt(error.to_string()))?
    }

    async fn query(&self, order: &LineOrder, line: Number) -> Result<LineAnswer> {
        let limit = usize::try_from(self.parameters().answer_contacts_max).unwrap_or(wire::CONTACTS_MAX);
        let found = self.contacts(order, line, limit.min(wire::CONTACTS_MAX)).await?;
        let mut answer = LineAnswer::new(order.order_id, self.reach(order, &found));
        (answer.at, answer.more) = (Some(self.db().clock().now()), found.more);
        (answer.contacts, answer.records_from) = (Some(found.contacts), found.records_from);
        Ok(answer)
    }

    /// Whether the records reach back as far as was asked.
    fn reach(&self, order: &LineOrder, found: &contacts::Contacts) -> LineAnswerCode {
        let oldest_kept = self.db().clock().now() - self.parameters().retention();
        let asked_from = order.period.as_ref().map(|period| period.from);
        match (asked_from, found.records_from) {
            (Some(asked), Some(kept)) if asked >= kept => LineAnswerCode::Done,
            // A young seat that has kept everything since its first call has nothing to hide before it.
            (Some(asked), None) if asked >= oldest_kept => LineAnswerCode::Done,
            _ => LineAnswerCode::DoneInPart,
        }
    }

    async fn warn(&self, order: &LineOrder, line: Number) -> Result<LineAnswer> {
        let Some(warnings) = self.warnings() else {
            return Ok(LineAnswer::new(order.order_id, LineAnswerCode::FunctionNotOffered));
        };
        let found = self.contacts(order, line, wire::CONTACTS_MAX).await?;
        let mut sent = WarningsSent::default();
        let (mut home, mut abroad) = (Vec::new(), Vec::new());
        let most = usize::try_from(self.parameters().warnings_max).unwrap_or(usize::MAX);
        let mut seen = std::collections::HashSet::new();
        for contact in &found.contacts {
            let number = Number::parse(&contact.number);
            let reached = |n: &Number| matches!(n.kind(), NumberKind::Mobile | NumberKind::Foreign);
            let Some(number) = number.filter(reached) else {
                sent.not_ours += 1;
                continue;
            };
            if !seen.insert(number) {
                continue;
            }
            if home.len() + abroad.len() < most && self.is_to_be_warned(order, number, line).await? {
                if number.kind() == NumberKind::Mobile { home.push(number) } else { abroad.push(number) }
            } else {
                sent.warned_before += 1;
            }
        }
        let words = WarningWords::of(order, line);
        for (to, text) in
            [(home, words.zh.clone()), (abroad, words.both())].into_iter().filter(|(to, _)| !to.is_empty())
        {
            let known = self.warned(order.order_id, |people| people.clone());
            let not_sent: Vec<Number> =
                to.iter().copied().filter(|person| known.get(person).copied().flatten().is_none()).collect();
            if !not_sent.is_empty() {
                let outcomes = warnings.warn(&not_sent, &text).await;
                self.warned(order.order_id, |people| {
                    people.extend(not_sent.iter().copied().zip(outcomes.into_iter().map(Some)));
                });
            }
            let known = self.warned(order.order_id, |people| people.clone());
            for person in to {
                let taken = known.get(&person).copied().flatten().unwrap_or(false);
                *(if taken { &mut sent.sent } else { &mut sent.failed }) += 1;
                self.note_warning(order, person, if taken { "sent" } else { "failed" }).await?;
            }
        }
        let whole = sent.failed == 0 && !found.more && self.reach(order, &found) == LineAnswerCode::Done;
        let code = if whole { LineAnswerCode::Done } else { LineAnswerCode::DoneInPart };
        let mut answer = LineAnswer::new(order.order_id, code);
        (answer.at, answer.messages) = (Some(self.db().clock().now()), Some(sent));
        (answer.more, answer.records_from) = (found.more, found.records_from);
        Ok(answer)
    }

    /// Notes, before anything is sent, that this person is warned in this case; `false` when another order did so. What
    /// was noted for the same order goes on where it stood, when the database failed or the process ended in between: a
    /// message that may have gone out just before the end is sent once more rather than not at all.
    async fn is_to_be_warned(&self, order: &LineOrder, person: Number, about: Number) -> Result<bool> {
        let begun = self.warned(order.order_id, |people| {
            let begun = people.contains_key(&person);
            people.entry(person).or_default();
            begun
        });
        let mut tx = self.db().begin().await?;
        let now = tx.now();
        let added = tx
            .execute(
                "INSERT INTO operator_warning (case_number, line, number, order_id, at, state)
                 VALUES ($1,$2,$3,$4,$5,'under_way') ON CONFLICT (case_number, line) DO NOTHING",
                args![&order.case_number, person.to_string(), about.to_string(), order.order_id, now],
            )
            .await?;
        let (by, state): (String, String) = tx
            .fetch_one(
                "SELECT order_id, state FROM operator_warning WHERE case_number = $1 AND line = $2",
                args![&order.case_number, person.to_string()],
            )
            .await?;
        tx.commit().await?;
        let ours = added > 0 || by == order.order_id.to_string();
        self.warned(order.order_id, |people| match state.as_str() {
            _ if !ours => {
                people.remove(&person);
            }
            // By a process that has ended since.
            "sent" | "failed" if !begun => {
                people.insert(person, Some(state == "sent"));
            }
            _ => {}
        });
        Ok(ours)
    }

    async fn note_warning(&self, order: &LineOrder, person: Number, state: &str) -> Result<()> {
        let mut tx = self.db().begin().await?;
        let noted = store::transition("operator_warning", person.to_string())
            .key("line")
            .expect("case_number", &order.case_number)
            .from("under_way")
            .to(state)
            .try_apply(&mut tx)
            .await?;
        if !noted {
            // It was noted before the database failed.
            return Ok(());
        }
        let body = serde_json::json!({ "to": person.mask(), "order_id": order.order_id, "state": state });
        let entry = store::journal::Entry::new("warning.sent", format!("line_order:{}", order.order_id));
        tx.append(entry.case(&order.case_number).body(&body), &Who::system("lines")).await?;
        Ok(tx.commit().await?)
    }
}

/// The text of a warning in both languages, with the last digits of the number in it.
struct WarningWords {
    zh: String,
    en: String,
}

impl WarningWords {
    fn of(order: &LineOrder, line: Number) -> Self {
        let digits = line.digits().to_string();
        let tail: String = digits.chars().skip(digits.chars().count().saturating_sub(4)).collect();
        let own = WARNING.say(&[("tail", &tail)]);
        let filled = |text: &Option<String>| text.as_ref().map(|text| text.replace("{tail}", &tail));
        Self { zh: filled(&order.warning_text).unwrap_or(own.zh), en: filled(&order.warning_text_en).unwrap_or(own.en) }
    }

    /// For people with a number of another country, who may read neither or only one.
    fn both(&self) -> String {
        format!("{}\n{}", self.zh, self.en)
    }
}

/// What an order's texts of a warning must not hold, by field.
pub(super) fn warning_faults(order: &LineOrder, line: Number) -> Faults {
    let words = WarningWords::of(order, line);
    let mut faults = Faults::none();
    for (field, given, text) in
        [("warning_text", &order.warning_text, &words.zh), ("warning_text_en", &order.warning_text_en, &words.en)]
    {
        if given.is_some()
            && let Err(found) = check_warning_text(field, text)
        {
            faults.0.extend(found.0);
        }
    }
    faults
}

/// Texts of this module.
pub(crate) const TEXTS: &[Text] = &[WARNING];
