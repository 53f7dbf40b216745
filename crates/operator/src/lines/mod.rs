//! Lines: what the centre orders about them, what is in force on them, and who was in touch with whom.

pub mod contacts;
pub mod measure;
pub mod order;
mod work;

use std::pin::Pin;

use kernel::Clock;
use screen::Number;

use crate::sip;

/// A task behind a trait object.
pub type Doing<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What came of cutting.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cut {
    /// The calls that were ended.
    pub calls: Vec<wire::CutCall>,
    /// A call with an emergency number was found and left alone.
    pub emergency_left: bool,
}

/// Calls in progress, which the proxy knows.
pub trait Calls: Send + Sync {
    /// Ends the calls of a line, or only those with the counterpart, on both sides; never one with an emergency number.
    fn cut<'a>(&'a self, line: Number, counterpart: Option<Number>) -> Doing<'a, Cut>;
}

/// Calls that go through the SIP proxy.
pub struct SipCalls {
    calls: sip::Calls,
    clock: Clock,
}

impl SipCalls {
    /// Over the proxy's calls.
    pub const fn new(calls: sip::Calls, clock: Clock) -> Self {
        Self { calls, clock }
    }
}

impl Calls for SipCalls {
    fn cut<'a>(&'a self, line: Number, counterpart: Option<Number>) -> Doing<'a, Cut> {
        Box::pin(async move {
            let before = self.calls.of_line(line).await;
            let ended = self.calls.cut(line, counterpart).await;
            let cut_at = self.clock.now();
            let name = |number: Option<Number>| number.map_or_else(|| "anonymous".to_owned(), |n| n.to_string());
            let helps = |number: Option<Number>| number.is_some_and(|n| n.is_emergency() || n.is_warning_line());
            let is_cut = |key| ended.iter().any(|cut| cut.key == key);
            let emergency_left = before.iter().any(|c| !is_cut(c.key) && (helps(c.callee) || helps(c.caller)));
            let calls = ended
                .iter()
                .map(|cut| wire::CutCall {
                    caller: name(cut.caller),
                    callee: name(cut.callee),
                    started_at: before.iter().find(|c| c.key == cut.key).map_or(cut_at, |c| c.began),
                    cut_at,
                })
                .collect();
            Cut { calls, emergency_left }
        })
    }
}

/// The way for warning messages.
pub trait Warnings: Send + Sync {
    /// Sends a text to each number; tells for each, in order, whether it was taken.
    fn warn<'a>(&'a self, to: &'a [Number], text: &'a str) -> Doing<'a, Vec<bool>>;
}

/// Texts of these modules.
pub(crate) fn texts() -> Vec<kernel::Text> {
    [order::TEXTS, work::TEXTS].concat()
}
