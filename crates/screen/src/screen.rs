//! The screen: what every front asks.
//!
//! # How a call is decided
//! 1. To an emergency number or the warning line 96110: through, whatever else is known. From the warning line itself on
//!    a home trunk: through.
//! 2. A suspended line calls nobody.
//! 3. A protecting entry of the list: through, unless the call is forged. An allowing entry: through.
//! 4. A blocking entry: stopped.
//! 5. The checks that are built in.
//! 6. The rules; the first live one that holds decides.
//! 7. Last, the measures on the callee's line may stop what came through, or put the centre's warning on it.
//!
//! Every attempt with a number counts in its caller's windows, what was stopped too.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use kernel::Timestamp;
use rules::{CutOut, Kind, RuleBook};
use serde::{Deserialize, Serialize};

use crate::alike::{Common, note};
use crate::call::{Attestation, CallAttempt, CallOutcome, TrunkKind};
use crate::checks::{CallChecks, MessageChecks, is_forgery};
use crate::counters::{CounterSnapshot, Counters};
use crate::decision::{Action, Decision, LabelId, LineMeasure, MessageAction, MessageDecision, Reason};
use crate::features::{CALL, MESSAGE, call_schema, message_schema};
use crate::fill::{NumberText, call_record, message_record};
use crate::lines::{LineState, Lines, NextLabel};
use crate::list::{Delta, EntryKind, Gap, ListFacts, ListHit, NumberList, Specificity};
use crate::message::{MessageAttempt, Registration};
use crate::number::{Number, NumberKind};
use crate::window::{Behaviour, Windows};

/// Cut-outs that wait to be taken; beyond that the oldest are dropped.
const CUT_OUTS_MAX: usize = 1_000;

/// How a screen is set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Callers whose behaviour is kept, 272 bytes each.
    pub callers_max: usize,
    /// Senders whose behaviour is kept, and as many marks and contacts of texts.
    pub senders_max: usize,
    /// What is done with a call from a blocked number.
    pub block: Action,
    /// What is done with a message from a blocked number.
    pub block_message: MessageAction,
    /// What is done with a call that a measure on the callee's line holds off.
    pub hold: Action,
    /// What the checks do with calls.
    pub checks: CallChecks,
    /// What the checks do with messages.
    pub message_checks: MessageChecks,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            callers_max: 1 << 20,
            senders_max: 1 << 17,
            block: Action::Reject608,
            block_message: MessageAction::Reject,
            hold: Action::Announce,
            checks: CallChecks::default(),
            message_checks: MessageChecks::default(),
        }
    }
}

/// Decides about calls and messages. Shared by reference between threads; readers never wait for a change of list or rules.
pub struct Screen {
    settings: Settings,
    world: ArcSwap<World>,
    /// Held by whoever changes the world; never by a reader.
    changing: Mutex<()>,
    callers: Windows,
    senders: Windows,
    /// What messages have in common: marks of texts and places they lead to.
    texts: Windows,
    counters: Counters,
    cut_outs: Mutex<Vec<CutOut>>,
    has_cut_outs: AtomicBool,
}

/// All that is looked up for one decision, under one pointer.
#[derive(Clone)]
struct World {
    list: Arc<NumberList>,
    call_rules: Arc<RuleBook<Action>>,
    message_rules: Arc<RuleBook<MessageAction>>,
    lines: Arc<Lines>,
    call_callees: [bool; 4],
    message_receivers: [bool; 4],
    /// Whether a rule asks what messages have in common.
    message_alike: bool,
}

impl Default for Screen {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Screen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Screen(list {:?})", self.list().facts())
    }
}

impl Screen {
    /// A screen with an empty list and no rules.
    pub fn new() -> Self {
        Self::with_settings(Settings::default())
    }

    /// A screen with an empty list and no rules, set up.
    pub fn with_settings(settings: Settings) -> Self {
        let world = World {
            list: Arc::default(),
            call_rules: Arc::new(RuleBook::empty(call_schema())),
            message_rules: Arc::new(RuleBook::empty(message_schema())),
            lines: Arc::default(),
            call_callees: [false; 4],
            message_receivers: [false; 4],
            message_alike: false,
        };
        Self {
            callers: Windows::new(settings.callers_max),
            senders: Windows::new(settings.senders_max),
            texts: Windows::new(settings.senders_max),
            settings,
            world: ArcSwap::from_pointee(world),
            changing: Mutex::new(()),
            counters: Counters::new(),
            cut_outs: Mutex::new(Vec::new()),
            has_cut_outs: AtomicBool::new(false),
        }
    }

    /// How it was set up.
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What to do with a call. Counts it.
    pub fn decide_call(&self, call: &CallAttempt<'_>) -> Decision {
        let decision = self.weigh_call(call);
        self.counters.call(&decision);
        decision
    }

    fn weigh_call(&self, call: &CallAttempt<'_>) -> Decision {
        let decide = |action, reason| Decision { action, reason, shadow_hits: 0 };
        let world = self.world.load();
        if call.callee.is_some_and(Number::calls_for_help) {
            return decide(Action::Pass, Reason::Emergency);
        }
        let Some(caller) = call.caller.number else {
            return self.guard(call, &world, None, self.check_and_rules(call, &world, None, &Behaviour::default()));
        };
        let look_up = || world.list.lookup(caller, call.at);
        let (behaviour, hit) =
            self.callers.attempt_while(caller.packed(), call.callee, call.at, world.call_callees, look_up);
        if caller.is_warning_line() && call.trunk.kind == TrunkKind::Home {
            return decide(Action::Pass, Reason::Emergency);
        }
        if world.lines.has(caller, LineMeasure::Suspend, call.at) {
            return decide(Action::Reject603, Reason::Line(LineMeasure::Suspend));
        }
        match hit {
            Some(hit) if hit.kind == EntryKind::Protect => {
                match self
                    .settings
                    .checks
                    .of(call)
                    .filter(|(check, action)| is_forgery(*check) && *action != Action::Pass)
                {
                    Some((check, action)) => self.guard(call, &world, None, decide(action, Reason::Check(check))),
                    None => decide(Action::Pass, Reason::List(hit)),
                }
            }
            Some(hit) if hit.kind == EntryKind::Allow => decide(Action::Pass, Reason::List(hit)),
            Some(hit) if hit.kind == EntryKind::Block => decide(self.settings.block, Reason::List(hit)),
            hit => self.guard(call, &world, hit, self.check_and_rules(call, &world, hit, &behaviour)),
        }
    }

    /// Checks and rules; a watched caller about whom they say nothing is at least reported.
    fn check_and_rules(
        &self,
        call: &CallAttempt<'_>,
        world: &World,
        hit: Option<ListHit>,
        behaviour: &Behaviour,
    ) -> Decision {
        let check = self.settings.checks.of(call).filter(|(_, action)| *action != Action::Pass);
        if let Some((check, action)) = check
            && action.stops()
        {
            return Decision { action, reason: Reason::Check(check), shadow_hits: 0 };
        }
        let text = NumberText::of(call.caller.number, world.call_rules.reads(Kind::Text, CALL.number));
        let guarded = call.callee.is_some_and(|callee| world.lines.guards(callee, call.at));
        let record =
            call_record(call, |kind, slot| world.call_rules.reads(kind, slot), hit, guarded, behaviour, text.as_str());
        let outcome = world.call_rules.evaluate(&record, call.at);
        self.note(outcome.cut_out);
        // A rule that stops goes before a check that only marks; of two marks the check's, which is surer, stays.
        let (action, reason) = match (outcome.decided, check) {
            (Some((rule, action)), _) if action.stops() => (action, Reason::Rule(rule)),
            (_, Some((check, action))) if action != Action::Monitor => (action, Reason::Check(check)),
            (Some((rule, action)), _) => (action, Reason::Rule(rule)),
            (None, Some((check, action))) => (action, Reason::Check(check)),
            (None, None) => match hit {
                Some(hit) => (Action::Monitor, Reason::List(hit)),
                None => (Action::Pass, Reason::Clean),
            },
        };
        Decision { action, reason, shadow_hits: outcome.shadow_hits }
    }

    /// The measures on the callee's line, over what was decided so far.
    fn guard(&self, call: &CallAttempt<'_>, world: &World, hit: Option<ListHit>, so_far: Decision) -> Decision {
        let Some(callee) = call.callee.filter(|_| !so_far.action.stops()) else { return so_far };
        if !world.lines.guards(callee, call.at) {
            return so_far;
        }
        let foreign = call.trunk.kind == TrunkKind::Foreign
            || call.caller.number.is_some_and(|caller| caller.kind() == NumberKind::Foreign);
        // That a call comes from abroad or is looked at is no suspicion in itself.
        let marked = !matches!(so_far.action, Action::Pass | Action::Monitor | Action::Label(LabelId::FOREIGN));
        let flagged = hit.is_some() || marked || call.caller.anonymous;
        for (applies, measure) in [(flagged, LineMeasure::HoldFlagged), (foreign, LineMeasure::HoldForeign)] {
            if applies && world.lines.has(callee, measure, call.at) {
                return Decision { action: self.settings.hold, reason: Reason::Line(measure), ..so_far };
            }
        }
        if let Some(label) = world.lines.take_label(callee, call.caller.number, call.at) {
            let action = Action::Label(label);
            return Decision { action, reason: Reason::Line(LineMeasure::LabelNext), ..so_far };
        }
        let plainly_good = !foreign && !flagged && call.attestation == Attestation::A;
        if !plainly_good && !marked && world.lines.has(callee, LineMeasure::Protect, call.at) {
            let action = Action::Label(LabelId::CENTRE);
            return Decision { action, reason: Reason::Line(LineMeasure::Protect), ..so_far };
        }
        so_far
    }

    /// What a call from a number gets whatever else it is like: the number stands on the list as blocked, or its line is
    /// suspended. For the numbers that a call shows beside its caller's, and where there is no time to weigh a call.
    pub fn stop_of(&self, number: Number, at: Timestamp) -> Option<Action> {
        let world = self.world.load();
        if world.lines.has(number, LineMeasure::Suspend, at) {
            return Some(Action::Reject603);
        }
        let hit = world.list.lookup(number, at)?;
        (hit.kind == EntryKind::Block).then_some(self.settings.block)
    }

    /// Whether there is a [`Screen::stop_of`] a number.
    pub fn stops(&self, number: Number, at: Timestamp) -> bool {
        self.stop_of(number, at).is_some()
    }

    /// Whether a number is stopped and not merely one of a block: for digits that only some read as this number.
    pub fn stops_by_itself(&self, number: Number, at: Timestamp) -> bool {
        let world = self.world.load();
        let is_own = |hit: ListHit| hit.kind == EntryKind::Block && hit.specificity == Specificity::Full;
        world.lines.has(number, LineMeasure::Suspend, at) || world.list.lookup(number, at).is_some_and(is_own)
    }

    /// Whether a measure guards a line.
    pub fn is_guarded(&self, line: Number, at: Timestamp) -> bool {
        self.world.load().lines.guards(line, at)
    }

    /// Tells how a call ended, so that answer rate and length are known of its caller.
    pub fn call_ended(&self, outcome: &CallOutcome) {
        self.callers.ended(outcome.caller.packed(), outcome.answered, outcome.talk_ms, outcome.at);
    }

    /// What to do with a message. Counts it.
    pub fn decide_message(&self, message: &MessageAttempt<'_>) -> MessageDecision {
        let decision = self.weigh_message(message);
        self.counters.message(&decision);
        decision
    }

    fn weigh_message(&self, message: &MessageAttempt<'_>) -> MessageDecision {
        let decide = |action, reason| MessageDecision { action, reason, shadow_hits: 0, common: Common::default() };
        let world = self.world.load();
        if message.receiver.is_some_and(Number::calls_for_help) {
            return decide(MessageAction::Pass, Reason::Emergency);
        }
        let key = message.sender.number.map_or_else(|| name_key(message.sender.raw), Number::packed);
        let behaviour = self.senders.attempt(key, message.receiver, message.at, world.message_receivers);
        let at = message.at;
        let behaviour = match message.sender.number {
            Some(number) if number.kind() == NumberKind::Mobile => self.callers.vouch(key, behaviour, at),
            _ => behaviour,
        };
        if let Some(sender) = message.sender.number {
            let trusted = message.trunk.kind == TrunkKind::Home || message.sender.registration == Registration::Matches;
            if sender.is_warning_line() && trusted {
                return decide(MessageAction::Pass, Reason::Emergency);
            }
            if world.lines.has(sender, LineMeasure::Suspend, at) {
                return decide(MessageAction::Reject, Reason::Line(LineMeasure::Suspend));
            }
        }
        let hit = message.sender.number.and_then(|sender| world.list.lookup(sender, at));
        let check = self.settings.message_checks.of(message).filter(|(_, action)| *action != MessageAction::Pass);
        match (hit, check) {
            (Some(hit), Some((check, action))) if hit.kind == EntryKind::Protect && is_forgery(check) => {
                return decide(action, Reason::Check(check));
            }
            (Some(hit), _) if matches!(hit.kind, EntryKind::Protect | EntryKind::Allow) => {
                return decide(MessageAction::Pass, Reason::List(hit));
            }
            (Some(hit), _) if hit.kind == EntryKind::Block => {
                return decide(self.settings.block_message, Reason::List(hit));
            }
            (_, Some((check, action))) if action.stops() => return decide(action, Reason::Check(check)),
            _ => {}
        }
        let text = NumberText::of(message.sender.number, world.message_rules.reads(Kind::Text, MESSAGE.number));
        let guarded = message.receiver.is_some_and(|receiver| world.lines.guards(receiver, at));
        let common = match message.text.common {
            Some(known) => known,
            None if world.message_alike => note(&self.texts, &message.text, key, at),
            None => Common::default(),
        };
        let record = message_record(message, hit, guarded, &behaviour, common, text.as_str());
        let outcome = world.message_rules.evaluate(&record, at);
        self.note(outcome.cut_out);
        let (action, reason) = match (outcome.decided, check) {
            (Some((rule, action)), _) if action.stops() => (action, Reason::Rule(rule)),
            (_, Some((check, action))) if action != MessageAction::Monitor => (action, Reason::Check(check)),
            (Some((rule, action)), _) => (action, Reason::Rule(rule)),
            (None, Some((check, action))) => (action, Reason::Check(check)),
            (None, None) => match hit {
                Some(hit) => (MessageAction::Monitor, Reason::List(hit)),
                None => (MessageAction::Pass, Reason::Clean),
            },
        };
        let decision = MessageDecision { action, reason, shadow_hits: outcome.shadow_hits, common };
        let foreign = message.trunk.kind == TrunkKind::Foreign;
        let Some(receiver) = message.receiver.filter(|_| !action.stops()) else { return decision };
        let flagged =
            !matches!(action, MessageAction::Pass | MessageAction::Monitor | MessageAction::Mark(LabelId::FOREIGN));
        for (applies, measure) in [(flagged, LineMeasure::HoldFlagged), (foreign, LineMeasure::HoldForeign)] {
            if applies && world.lines.has(receiver, measure, at) {
                let reason = Reason::Line(measure);
                return MessageDecision { action: MessageAction::Reject, reason, ..decision };
            }
        }
        decision
    }

    fn note(&self, cut_out: Option<CutOut>) {
        let Some(cut_out) = cut_out else { return };
        let mut waiting = self.cut_outs.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= CUT_OUTS_MAX {
            waiting.remove(0);
        }
        waiting.push(cut_out);
        self.has_cut_outs.store(true, Ordering::Release);
    }

    /// The rules that were cut out since this was last asked. Costs one load when there are none, so that it may be
    /// asked after every decision.
    pub fn take_cut_outs(&self) -> Vec<CutOut> {
        if !self.has_cut_outs.load(Ordering::Acquire) {
            return Vec::new();
        }
        let mut waiting = self.cut_outs.lock().unwrap_or_else(PoisonError::into_inner);
        self.has_cut_outs.store(false, Ordering::Release);
        std::mem::take(&mut waiting)
    }

    fn change<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut world = World::clone(&self.world.load());
        let told = change(&mut world);
        self.world.store(Arc::new(world));
        told
    }

    /// The list in force.
    pub fn list(&self) -> Arc<NumberList> {
        self.world.load().list.clone()
    }

    /// Puts another list in force at once.
    pub fn swap_list(&self, list: Arc<NumberList>) {
        self.change(|world| world.list = list);
    }

    /// Applies a delta to the list in force; tells the list's facts afterwards.
    pub fn apply(&self, delta: &Delta) -> Result<ListFacts, Gap> {
        self.change(|world| {
            let list = world.list.with(delta)?;
            let facts = list.facts();
            world.list = Arc::new(list);
            Ok(facts)
        })
    }

    /// Works waiting changes into the packed list when there are enough of them; tells whether it did. Takes
    /// seconds for tens of millions of numbers and holds nobody up: deltas that arrive meanwhile are in force at once.
    /// Call it now and then from a thread of its own.
    pub fn merge_list(&self) -> bool {
        let list = self.list();
        if !list.wants_merge() {
            return false;
        }
        let merged = list.merged();
        self.change(|world| {
            let still = merged.is_earlier_state_of(&world.list);
            if still {
                world.list = Arc::new(merged.carrying(&world.list));
            }
            still
        })
    }

    /// Puts other rules for calls in force.
    pub fn swap_call_rules(&self, book: RuleBook<Action>) {
        let reads = |slot| book.reads(Kind::Int, slot);
        let callees = [CALL.callees_1m, CALL.callees_10m, CALL.callees_1h, CALL.callees_24h].map(reads);
        self.change(|world| {
            world.call_callees = callees;
            world.call_rules = Arc::new(book);
        });
    }

    /// Puts other rules for messages in force.
    pub fn swap_message_rules(&self, book: RuleBook<MessageAction>) {
        let reads = |slot| book.reads(Kind::Int, slot);
        let receivers = [MESSAGE.receivers_1m, MESSAGE.receivers_10m, MESSAGE.receivers_1h, MESSAGE.receivers_24h];
        let receivers = receivers.map(reads);
        let alike = [MESSAGE.alike_24h, MESSAGE.alike_senders_24h, MESSAGE.contact_24h, MESSAGE.contact_senders_24h];
        let alike = alike.into_iter().any(reads);
        self.change(|world| {
            world.message_receivers = receivers;
            world.message_alike = alike;
            world.message_rules = Arc::new(book);
        });
    }

    /// The rules for calls in force, with their counts; also the book to build the next one after.
    pub fn call_rules(&self) -> Arc<RuleBook<Action>> {
        self.world.load().call_rules.clone()
    }

    /// The rules for messages in force, with their counts.
    pub fn message_rules(&self) -> Arc<RuleBook<MessageAction>> {
        self.world.load().message_rules.clone()
    }

    /// Puts a measure on a line until a moment, or moves its end.
    pub fn protect(&self, line: Number, measure: LineMeasure, until: Timestamp) {
        self.change(|world| world.lines = Arc::new(world.lines.with(LineState { line, measure, until })));
    }

    /// Puts exactly these labels up for the next calls to a line.
    pub fn label_next(&self, line: Number, labels: &[NextLabel]) {
        self.change(|world| world.lines = Arc::new(world.lines.with_labels(line, labels)));
    }

    /// The labels that wait for the next calls to a line.
    pub fn next_labels(&self, line: Number, now: Timestamp) -> Vec<NextLabel> {
        self.world.load().lines.labels(line, now)
    }

    /// Takes a measure off a line; tells whether it was there.
    pub fn unprotect(&self, line: Number, measure: LineMeasure) -> bool {
        self.change(|world| {
            let (lines, removed) = world.lines.without(line, measure);
            world.lines = Arc::new(lines);
            removed
        })
    }

    /// Every measure in force.
    pub fn lines(&self, now: Timestamp) -> Vec<LineState> {
        self.world.load().lines.states(now)
    }

    /// Forgets measures that have ended.
    pub fn sweep_lines(&self, now: Timestamp) {
        if !self.world.load().lines.any_ended(now) {
            return;
        }
        self.change(|world| world.lines = Arc::new(world.lines.current(now)));
    }

    /// What was done so far, by action and reason.
    pub fn counters(&self) -> CounterSnapshot {
        self.counters.snapshot()
    }

    /// What a caller did lately; nothing for one that is not known.
    pub fn behaviour(&self, caller: Number, at: Timestamp) -> Option<Behaviour> {
        self.callers.behaviour(caller.packed(), at)
    }

    /// The callers with the most attempts in a window of [`crate::WINDOWS_S`], most first.
    pub fn top_callers(&self, window: usize, count: usize, at: Timestamp) -> Vec<(Number, Behaviour)> {
        let known = |(key, told)| Number::from_packed(key).map(|number| (number, told));
        self.callers.top(window, count, at).into_iter().filter_map(known).collect()
    }

    /// Callers whose behaviour is kept, and the bytes that takes.
    pub fn callers_kept(&self) -> (usize, usize) {
        (self.callers.len(), self.callers.bytes())
    }
}

/// The windows' key of a sender whose address is a name: beyond every number.
fn name_key(name: &str) -> u64 {
    use std::hash::{Hash, Hasher};
    let mut hasher = rustc_hash::FxHasher::default();
    name.hash(&mut hasher);
    hasher.finish() | 3 << 62
}
