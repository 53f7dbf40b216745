//! What would happen to a call: the same screen, list and rules, in a copy whose windows are empty, so that a question is
//! never counted as a call.

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

/// A screen with the same list and the same rules, and nothing in its windows.
pub fn copy_of(screen: &Screen) -> Screen {
    let copy = Screen::new();
    copy.swap_list(screen.list());
    let book = screen.call_rules();
    let rules = book.rules().cloned();
    let built = rules::RuleBook::build(rules, screen::call_schema(), rules::CutOutSettings::default(), None);
    // What is in force compiled before.
    if let Ok(built) = built {
        copy.swap_call_rules(built);
    }
    copy
}
