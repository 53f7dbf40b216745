//! What the seat saw, for the centre: counters and hits of a period in one sealed document. Gathered in memory within
//! bounds, kept in the outbox while the centre is away, and never in the way of a call.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use kernel::{Duration, Maskable, SignalsId, Timestamp};
use screen::{Action, Check, MessageAction, NumberList, Reason};
use store::args;
use wire::{ContactChannel, Period, SignalAction, SignalCounter, SignalHit, SignalReason, SignalRule, Signals};

use crate::desk::Operator;
use crate::error::Result;
use crate::list::file::wire_pattern;
use crate::parameters::Parameters;
use crate::recorder::stopped;
use crate::records::{Record, RecordKind};
use crate::screening::Event;

/// Kinds of counter within one period at most; what is rarer is counted without its detail.
const COUNTERS_MAX: usize = 4_000;

/// After so long the centre is told again what rules are called, though none has changed.
const RULES_AGAIN_AFTER: Duration = Duration::hours(24);

/// How much of what a rule hits goes to the centre.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Report {
    /// Counted only.
    Count,
    /// Counted, and a sample of the hits.
    Sampled,
    /// Every hit, as far as the document has room.
    #[default]
    Whole,
}

type CounterKey = (ContactChannel, SignalAction, SignalReason, Option<String>);

#[derive(Debug, Clone, Default)]
struct Gathering {
    from: Option<Timestamp>,
    counters: HashMap<CounterKey, u64>,
    hits: Vec<SignalHit>,
    lost: u64,
    serial: u64,
}

/// What is gathered for the next document.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    period: Mutex<Gathering>,
    reports: Mutex<HashMap<u32, Report>>,
    names: Mutex<RuleNames>,
}

/// What rules are called, and what of it the centre was told.
#[derive(Debug, Default)]
struct RuleNames {
    now: Vec<SignalRule>,
    told: Option<(Timestamp, Vec<SignalRule>)>,
}

impl RuleNames {
    /// Every rule, when one has changed since the centre was told, or that was long ago: what was sent may be lost.
    fn news(&self, now: Timestamp) -> Vec<SignalRule> {
        match &self.told {
            Some((at, told)) if *told == self.now && now - *at < RULES_AGAIN_AFTER => Vec::new(),
            _ => self.now.clone(),
        }
    }
}

/// An event with the record that it became.
pub(crate) struct Reported<'a> {
    pub(crate) event: &'a Event,
    pub(crate) record: &'a Record,
    pub(crate) list: &'a NumberList,
}

impl Gathered {
    /// How much of each rule goes to the centre.
    pub(crate) fn set_reports(&self, reports: HashMap<u32, Report>) {
        *self.reports.lock().unwrap_or_else(PoisonError::into_inner) = reports;
    }

    /// What every rule is called now.
    pub(crate) fn set_rule_names(&self, mut names: Vec<SignalRule>) {
        names.truncate(wire::SIGNAL_RULES_MAX);
        self.names.lock().unwrap_or_else(PoisonError::into_inner).now = names;
    }

    fn rule_news(&self, now: Timestamp) -> Vec<SignalRule> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner).news(now)
    }

    fn rules_told(&self, now: Timestamp, rules: Vec<SignalRule>) {
        if !rules.is_empty() {
            self.names.lock().unwrap_or_else(PoisonError::into_inner).told = Some((now, rules));
        }
    }

    /// Counts an event, and keeps it as a hit where it is to be reported.
    pub(crate) fn take(&self, reported: &Reported<'_>, parameters: &Parameters) {
        let Some((key, reason)) = counter_of(reported) else { return };
        let report = match reason {
            Reason::Clean | Reason::Emergency => Report::Count,
            Reason::Rule(id) => {
                let reports = self.reports.lock().unwrap_or_else(PoisonError::into_inner);
                reports.get(&id.0).copied().unwrap_or_default()
            }
            _ => Report::Whole,
        };
        let mut period = self.period.lock().unwrap_or_else(PoisonError::into_inner);
        period.from.get_or_insert(reported.record.at);
        let full = period.counters.len() >= COUNTERS_MAX && !period.counters.contains_key(&key);
        let key = if full { (key.0, key.1, key.2, None) } else { key };
        *period.counters.entry(key.clone()).or_default() += 1;
        let wanted = match report {
            Report::Count => false,
            Report::Whole => true,
            Report::Sampled => is_sampled(period.serial, parameters.sample_permille),
        };
        period.serial += 1;
        if !wanted {
            return;
        }
        let most = usize::try_from(parameters.signal_hits_max).unwrap_or(wire::HITS_MAX).min(wire::HITS_MAX);
        if period.hits.len() >= most {
            period.lost += 1;
            return;
        }
        let id = format!("{:x}-{:x}", reported.record.at.0, period.serial);
        period.hits.push(hit_of(reported, key, id));
    }

    /// What was gathered, when the period is over; the next begins.
    fn take_period(&self, now: Timestamp, span: Duration) -> Option<(Timestamp, Gathering)> {
        let mut period = self.period.lock().unwrap_or_else(PoisonError::into_inner);
        let from = period.from.filter(|from| now - *from >= span)?;
        Some((from, std::mem::take(&mut *period)))
    }

    /// Takes a period back that could not be sent, before what was gathered since.
    fn give_back(&self, before: Gathering, parameters: &Parameters) {
        let most = usize::try_from(parameters.signal_hits_max).unwrap_or(wire::HITS_MAX).min(wire::HITS_MAX);
        let mut period = self.period.lock().unwrap_or_else(PoisonError::into_inner);
        let since = std::mem::replace(&mut *period, before);
        period.serial = period.serial.max(since.serial);
        period.lost += since.lost;
        for (key, count) in since.counters {
            let full = period.counters.len() >= COUNTERS_MAX && !period.counters.contains_key(&key);
            let key = if full { (key.0, key.1, key.2, None) } else { key };
            *period.counters.entry(key).or_default() += count;
        }
        for hit in since.hits {
            if period.hits.len() < most {
                period.hits.push(hit);
            } else {
                period.lost += 1;
            }
        }
    }

    fn lose(&self, hits: u64) {
        self.period.lock().unwrap_or_else(PoisonError::into_inner).lost += hits;
    }
}

/// One in so many, evenly spread over what comes.
fn is_sampled(serial: u64, permille: i64) -> bool {
    let permille = u64::try_from(permille).unwrap_or(0);
    (serial + 1) * permille / 1_000 > serial * permille / 1_000
}

fn counter_of(reported: &Reported<'_>) -> Option<(CounterKey, Reason)> {
    let by = (!reported.record.by.is_empty()).then(|| reported.record.by.to_string());
    Some(match reported.event {
        Event::Call(call) => {
            let action = call_action(call.decision.action);
            let why = call.decision.reason;
            ((ContactChannel::Call, action, signal_reason(why), by), why)
        }
        Event::Message(message) => {
            let action = message_action(message.decision.action);
            let why = message.decision.reason;
            let detail = message.class.clone().or(by);
            ((ContactChannel::Message, action, signal_reason(why), detail), why)
        }
        Event::CallEnd(end) if end.cut => {
            let key = (ContactChannel::Call, SignalAction::Cut, SignalReason::Order, None);
            (key, Reason::Line(screen::LineMeasure::Protect))
        }
        Event::CallEnd(_) => return None,
    })
}

const fn call_action(action: Action) -> SignalAction {
    match action {
        Action::Pass => SignalAction::Pass,
        Action::Monitor => SignalAction::Monitor,
        Action::Label(_) => SignalAction::Label,
        Action::Challenge => SignalAction::Challenge,
        Action::Announce => SignalAction::Announce,
        Action::Reject603 | Action::Reject608 => SignalAction::Reject,
    }
}

const fn message_action(action: MessageAction) -> SignalAction {
    match action {
        MessageAction::Pass => SignalAction::Pass,
        MessageAction::Monitor => SignalAction::Monitor,
        MessageAction::Mark(_) => SignalAction::Label,
        MessageAction::Reject => SignalAction::Reject,
        MessageAction::Drop => SignalAction::Drop,
    }
}

const fn signal_reason(reason: Reason) -> SignalReason {
    match reason {
        Reason::Clean => SignalReason::None,
        Reason::Emergency => SignalReason::Emergency,
        Reason::Line(
            screen::LineMeasure::Protect | screen::LineMeasure::HoldFlagged | screen::LineMeasure::HoldForeign,
        ) => SignalReason::Protection,
        Reason::Line(_) => SignalReason::Order,
        Reason::List(_) => SignalReason::List,
        Reason::Check(Check::AttestationFailed) => SignalReason::Attestation,
        Reason::Check(_) => SignalReason::Malformed,
        Reason::Rule(_) => SignalReason::Rule,
    }
}

fn hit_of(reported: &Reported<'_>, key: CounterKey, id: String) -> SignalHit {
    let record = reported.record;
    let (channel, action, reason, detail) = key;
    let caller = screen::Number::from_packed(record.from);
    let callee = screen::Number::from_packed(record.to);
    // Whole only where the call or message came through, so that the centre can warn that person.
    let came_through = !stopped(&record.action) && record.kind != RecordKind::CallEnd;
    let pattern = (reason == SignalReason::List)
        .then(|| caller.and_then(|caller| reported.list.entries_of(caller).into_iter().next()))
        .flatten()
        .and_then(|entry| wire::NumberPattern::parse(&wire_pattern(&entry.pattern)).ok());
    let permille = (record.kind == RecordKind::Message).then(|| permille(record.probability));
    SignalHit {
        id,
        at: record.at,
        channel,
        caller: match caller {
            Some(caller) => caller.to_string(),
            None if record.from_raw.is_empty() => "anonymous".to_owned(),
            None => record.from_raw.clone(),
        },
        callee: callee.filter(|_| came_through).map(|callee| callee.to_string()),
        callee_masked: callee.map(|callee| callee.mask()),
        action,
        reason,
        detail,
        pattern,
        probability_permille: permille,
    }
}

/// Parts of a thousand, of a share between 0 and 1.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0 to 1,000 before")]
fn permille(share: f32) -> u32 {
    (share.clamp(0.0, 1.0) * 1_000.0).round() as u32
}

impl Operator {
    /// Sends what was gathered when its period is over, and keeps the counts of the day.
    pub(crate) async fn send_signals(&self) -> Result<()> {
        let now = self.db().clock().now();
        let span = Duration::seconds(self.parameters().signal_seconds);
        let Some((from, period)) = self.gathered().take_period(now, span) else { return Ok(()) };
        let told = match self.send_period(now, from, &period).await {
            Ok(told) => told,
            Err(error) => {
                // Counted and told in the next round, with what comes meanwhile.
                self.gathered().give_back(period, self.parameters());
                return Err(error);
            }
        };
        self.gathered().rules_told(now, told);
        Ok(())
    }

    /// Writes the figures of a period down and sends it to the centre, in one transaction; gives the rules that were told.
    async fn send_period(&self, now: Timestamp, from: Timestamp, period: &Gathering) -> Result<Vec<SignalRule>> {
        let mut lost = 0;
        let known = self.settings().centre.as_ref();
        let centre = known.filter(|id| self.directory().book().partner(id).is_some_and(|partner| partner.enabled));
        // Before the transaction: one that waits for a second connection may wait for others that do the same.
        let list_number = match centre {
            Some(centre) => crate::list::centre::of(self.db(), centre).await?.map(|list| list.number),
            None => None,
        };
        let mut tx = self.db().begin().await?;
        for (name, count) in day_counts(period) {
            tx.write(
                "INSERT INTO operator_day (day, name, count) VALUES ($1,$2,$3)
                 ON CONFLICT (day, name) DO UPDATE SET count = operator_day.count + excluded.count",
                args![now.day_cst(), name, count],
            )
            .await?;
        }
        let mut told = Vec::new();
        if let Some(centre) = centre {
            let (waiting,): (i64,) = tx
                .fetch_one(
                    "SELECT COUNT(*) FROM wire_outbox WHERE partner = $1 AND kind = 'signals' AND state = 'pending'",
                    args![centre],
                )
                .await?;
            if waiting < self.parameters().signal_documents_max {
                told = self.gathered().rule_news(now);
                let mut signals = document(period.clone(), from, now, list_number);
                signals.rules.clone_from(&told);
                let subject = format!("signals:{}", signals.signals_id);
                self.send(&mut tx, centre, signals, subject, None).await?;
            } else {
                lost = u64::try_from(period.hits.len()).unwrap_or(0) + period.lost;
                tracing::warn!(waiting, lost, "the centre is away too long; hits are counted and let go");
            }
        }
        tx.commit().await?;
        if lost > 0 {
            self.gathered().lose(lost);
        }
        Ok(told)
    }
}

fn day_counts(period: &Gathering) -> BTreeMap<&'static str, i64> {
    let mut counts = BTreeMap::new();
    for ((channel, action, ..), count) in &period.counters {
        let names = match channel {
            ContactChannel::Message => ("messages", "messages_stopped"),
            ContactChannel::Call | ContactChannel::Other => ("calls", "calls_stopped"),
        };
        let count = i64::try_from(*count).unwrap_or(i64::MAX);
        if *action != SignalAction::Cut {
            *counts.entry(names.0).or_default() += count;
        }
        if action.stops() {
            *counts.entry(names.1).or_default() += count;
        }
    }
    counts
}

fn document(period: Gathering, from: Timestamp, now: Timestamp, list_number: Option<u64>) -> Signals {
    let mut counters: Vec<SignalCounter> = period
        .counters
        .into_iter()
        .map(|((channel, action, reason, detail), count)| SignalCounter { channel, action, reason, detail, count })
        .collect();
    counters.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.detail.cmp(&b.detail)));
    Signals {
        signals_id: SignalsId::new(now),
        period: Period { from, to: now },
        counters,
        hits: period.hits,
        hits_lost: period.lost,
        rules: Vec::new(),
        list_number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stopped_means_the_same_to_the_screen_the_records_and_the_centre() {
        let label = screen::LabelId(1);
        let calls = [
            Action::Pass,
            Action::Monitor,
            Action::Label(label),
            Action::Challenge,
            Action::Announce,
            Action::Reject603,
            Action::Reject608,
        ];
        for action in calls {
            let (told, recorded) = (call_action(action).stops(), stopped(crate::recorder::call_action(action)));
            assert_eq!((told, recorded), (action.stops(), action.stops()), "{action:?}");
        }
        let messages = [
            MessageAction::Pass,
            MessageAction::Monitor,
            MessageAction::Mark(label),
            MessageAction::Reject,
            MessageAction::Drop,
        ];
        for action in messages {
            let (told, recorded) = (message_action(action).stops(), stopped(crate::recorder::message_action(action)));
            assert_eq!((told, recorded), (action.stops(), action.stops()), "{action:?}");
        }
    }

    #[test]
    fn a_sample_is_even() {
        let taken = |permille| (0..10_000).filter(|serial| is_sampled(*serial, permille)).count();
        assert_eq!((taken(10), taken(500), taken(1_000), taken(0)), (100, 5_000, 10_000, 0));
    }

    #[test]
    fn rules_are_told_once_a_change_and_once_a_day() {
        let rule =
            |stage| SignalRule {
                rule: "rule:1".into(), title: "境外来电".into(), title_en: None, owner: None, stage
            };
        let (gathered, now) = (Gathered::default(), Timestamp(0));
        let tell = |at: Timestamp| {
            let news = gathered.rule_news(at);
            gathered.rules_told(at, news.clone());
            news.len()
        };
        gathered.set_rule_names(vec![rule(wire::SignalRuleStage::Shadow)]);
        assert_eq!((tell(now), tell(now)), (1, 0));
        gathered.set_rule_names(vec![rule(wire::SignalRuleStage::Live)]);
        assert_eq!((tell(now), tell(now + Duration::hours(23)), tell(now + Duration::hours(24))), (1, 0, 1));
    }

    #[test]
    fn shares_become_parts_of_a_thousand() {
        assert_eq!([0.0, 0.5, 0.9996, 1.5].map(permille), [0, 500, 1_000, 1_000]);
    }
}
