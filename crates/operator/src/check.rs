//! What would happen to a call: the same screen, list and rules, in a copy whose windows are empty, so that a question is
//! never counted as a call.

use rules::{CutOutSettings, RuleBook};
use screen::{CallAttempt, Decision, LineMeasure, Screen};

/// Decides about a call that is only thought of.
pub fn decide(screen: &Screen, attempt: &CallAttempt<'_>) -> Decision {
    let copy = copy_of(screen);
    for state in screen.lines(attempt.at) {
        match state.measure {
            LineMeasure::LabelNext => copy.label_next(state.line, &screen.next_labels(state.line, attempt.at)),
            measure => copy.protect(state.line, measure, state.until),
        }
    }
    copy.decide_call(attempt)
}

/// A screen with the same settings, the same list and the same rules for calls and messages, and nothing in its windows.
pub fn copy_of(screen: &Screen) -> Screen {
    let copy = Screen::with_settings(*screen.settings());
    copy.swap_list(screen.list());
    let (calls, messages) = (screen.call_rules(), screen.message_rules());
    // What is in force compiled before.
    match RuleBook::build(calls.rules().cloned(), screen::call_schema(), CutOutSettings::default(), None) {
        Ok(built) => copy.swap_call_rules(built),
        Err(faults) => tracing::error!(?faults, "the rules of calls that are in force cannot be built again"),
    }
    match RuleBook::build(messages.rules().cloned(), screen::message_schema(), CutOutSettings::default(), None) {
        Ok(built) => copy.swap_message_rules(built),
        Err(faults) => tracing::error!(?faults, "the rules of messages that are in force cannot be built again"),
    }
    copy
}
