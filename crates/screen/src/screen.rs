//! The screen: what every front asks.

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use kernel::Timestamp;
use rules::RuleBook;

use crate::call::{CallAttempt, CallOutcome};
use crate::decision::{Action, Decision, LineMeasure, MessageAction, MessageDecision, Reason};
use crate::features::{call_schema, message_schema};
use crate::lines::LineState;
use crate::list::{Delta, EntryKind, Gap, ListFacts, NumberList};
use crate::message::MessageAttempt;
use crate::number::Number;

/// Decides about calls and messages. Shared by reference between threads; readers never wait for a change of list or rules.
pub struct Screen {
    list: ArcSwap<NumberList>,
    call_rules: ArcSwap<RuleBook<Action>>,
    message_rules: ArcSwap<RuleBook<MessageAction>>,
    lines: Mutex<Vec<LineState>>,
    writing: Mutex<()>,
}

impl Default for Screen {
    fn default() -> Self {
        Self::new()
    }
}

impl Screen {
    /// A screen with an empty list and no rules.
    pub fn new() -> Self {
        Self {
            list: ArcSwap::from_pointee(NumberList::default()),
            call_rules: ArcSwap::from_pointee(RuleBook::empty(call_schema())),
            message_rules: ArcSwap::from_pointee(RuleBook::empty(message_schema())),
            lines: Mutex::new(Vec::new()),
            writing: Mutex::new(()),
        }
    }

    /// What to do with a call.
    pub fn decide_call(&self, call: &CallAttempt<'_>) -> Decision {
        if call.callee.is_some_and(|callee| callee.is_emergency() || callee.is_warning_line()) {
            return Decision { action: Action::Pass, reason: Reason::Emergency, shadow_hits: 0 };
        }
        let hit = call.caller.number.and_then(|number| self.list.load().lookup(number, call.at));
        match hit {
            Some(hit) if hit.kind == EntryKind::Block => {
                Decision { action: Action::Reject608, reason: Reason::List(hit), shadow_hits: 0 }
            }
            Some(hit) => Decision { action: Action::Pass, reason: Reason::List(hit), shadow_hits: 0 },
            None => Decision { action: Action::Pass, reason: Reason::Clean, shadow_hits: 0 },
        }
    }

    /// Tells how a call ended, so that answer rate and length are known of its caller.
    pub fn call_ended(&self, _outcome: &CallOutcome) {}

    /// What to do with a message.
    pub fn decide_message(&self, message: &MessageAttempt<'_>) -> MessageDecision {
        let hit = message.sender.number.and_then(|number| self.list.load().lookup(number, message.at));
        match hit {
            Some(hit) if hit.kind == EntryKind::Block => {
                MessageDecision { action: MessageAction::Reject, reason: Reason::List(hit), shadow_hits: 0 }
            }
            Some(hit) => MessageDecision { action: MessageAction::Pass, reason: Reason::List(hit), shadow_hits: 0 },
            None => MessageDecision { action: MessageAction::Pass, reason: Reason::Clean, shadow_hits: 0 },
        }
    }

    /// The list in force.
    pub fn list(&self) -> Arc<NumberList> {
        self.list.load_full()
    }

    /// Puts another list in force at once.
    pub fn swap_list(&self, list: Arc<NumberList>) {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        self.list.store(list);
    }

    /// Applies a delta to the list in force; tells the list's facts afterwards.
    pub fn apply(&self, delta: &Delta) -> Result<ListFacts, Gap> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let list = self.list.load().with(delta)?;
        let facts = list.facts();
        self.list.store(Arc::new(list));
        Ok(facts)
    }

    /// Puts other rules for calls in force.
    pub fn swap_call_rules(&self, book: RuleBook<Action>) {
        self.call_rules.store(Arc::new(book));
    }

    /// Puts other rules for messages in force.
    pub fn swap_message_rules(&self, book: RuleBook<MessageAction>) {
        self.message_rules.store(Arc::new(book));
    }

    /// The rules for calls in force, with their counts.
    pub fn call_rules(&self) -> Arc<RuleBook<Action>> {
        self.call_rules.load_full()
    }

    /// The rules for messages in force, with their counts.
    pub fn message_rules(&self) -> Arc<RuleBook<MessageAction>> {
        self.message_rules.load_full()
    }

    /// Puts a measure on a line, or moves its end.
    pub fn protect(&self, line: Number, measure: LineMeasure, until: Timestamp) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.retain(|state| state.line != line || state.measure != measure);
        lines.push(LineState { line, measure, until });
    }

    /// Takes a measure off a line; tells whether it was in force.
    pub fn unprotect(&self, line: Number, measure: LineMeasure) -> bool {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let before = lines.len();
        lines.retain(|state| state.line != line || state.measure != measure);
        lines.len() != before
    }

    /// Every measure in force.
    pub fn lines(&self, now: Timestamp) -> Vec<LineState> {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().filter(|state| state.until > now).copied().collect()
    }
}
