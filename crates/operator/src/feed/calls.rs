//! How calls ended, as switches and billing tell it (话单): it fills the windows of the caller, so that rules on answer
//! rate and short calls hold behind a redirect front, and stands in the records.

use std::collections::HashSet;
use std::hash::RandomState;
use std::sync::{Mutex, PoisonError};

use kernel::{Duration, Fault, Faults, Text, Timestamp};
use screen::{CallOutcome, Number};
use sha2::{Digest, Sha256};

use super::rows::{Column, Row, short};
use crate::desk::Operator;
use crate::screening::{CallEnd, CallKey, Event, Front};

/// A call that ended longer ago says nothing about what its caller does now: it is recorded, and not counted in the
/// windows, which take it as of now.
pub const COUNTED_WITHIN: Duration = Duration::hours(1);
/// How far the clock of a switch may run ahead.
const AHEAD_MAX: Duration = Duration::minutes(5);
/// Longest call that is believed.
const CALL_MAX: Duration = Duration::hours(7 * 24);
/// A Call-ID is known again for between this and twice this.
const REPEAT_WITHIN: Duration = Duration::hours(3);
/// Call-IDs remembered of one such span; when they are more, the span ends early.
const REMEMBERED_MAX: usize = 1 << 20;
/// Characters of the word of a cause.
const CAUSE_CHARS_MAX: usize = 32;

const NUMBER: Text = Text::new(
    "operator.calls.number",
    ("“{found}”不是电话号码", "“{found}” is no telephone number"),
    ("写作 +8613800138000；主叫隐藏时留空", "Write it as +8613800138000; leave the caller empty where it is withheld"),
);
const ORDER: Text = Text::new(
    "operator.calls.order",
    ("时间先后不符：应为开始、应答、结束", "the moments are out of order: a call starts, is answered, ends"),
    ("请核对各时间字段及时区", "Check the moments and their time zone"),
);
const FUTURE: Text = Text::new(
    "operator.calls.future",
    ("结束时间在将来", "the call ends in the future"),
    ("请核对交换机时钟与时区", "Check the clock of the switch and the time zone"),
);
const OLD: Text = Text::new(
    "operator.calls.old",
    ("通话早于话单保存期", "the call is older than records are kept"),
    ("不再需要，请删去该行", "It is no longer needed; leave it out"),
);
const LONG: Text = Text::new(
    "operator.calls.long",
    ("通话长于七天", "the call lasts longer than seven days"),
    ("请核对时间字段", "Check the moments"),
);
const TRUNK: Text = Text::new(
    "operator.calls.trunk",
    ("“{found}”不是中继群编号", "“{found}” is no number of a trunk group"),
    ("填写 [sip] 中登记的编号，或留空", "Give a number that stands in [sip], or none"),
);
const CAUSE: Text = Text::new(
    "operator.calls.cause",
    ("“{found}”不是释放原因", "“{found}” is no cause of release"),
    (
        "填写 Q.850 或 SIP 的代码，例如 16、486，不超过 {max} 个字母、数字、点或短横",
        "Give a code of Q.850 or SIP such as 16 or 486, at most {max} letters, digits, dots or dashes",
    ),
);

/// Texts of this module.
pub(super) const TEXTS: &[Text] = &[NUMBER, ORDER, FUTURE, OLD, LONG, TRUNK, CAUSE];

/// The fields of a call result.
pub const COLUMNS: &[Column] = &[
    Column { name: "call_id", others: &["call-id", "callid", "呼叫标识"], needed: true },
    Column { name: "caller", others: &["calling", "from", "主叫", "主叫号码"], needed: true },
    Column { name: "callee", others: &["called", "to", "被叫", "被叫号码"], needed: true },
    Column { name: "started", others: &["start", "start_time", "开始时间"], needed: true },
    Column { name: "answered", others: &["answer", "answer_time", "应答时间"], needed: true },
    Column { name: "ended", others: &["end", "end_time", "结束时间"], needed: true },
    Column { name: "cause", others: &["release_cause", "hangup_cause", "释放原因"], needed: false },
    Column { name: "trunk", others: &["trunk_id", "trunk_group", "中继群"], needed: false },
];

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallResult {
    /// The Call-ID of the signalling, or whatever names the call at the switch.
    pub call_id: String,
    /// Who called; none where the number is withheld.
    pub caller: Option<Number>,
    /// Who was called.
    pub callee: Number,
    /// When it began.
    pub started: Timestamp,
    /// When somebody answered, where somebody did.
    pub answered: Option<Timestamp>,
    /// When it ended.
    pub ended: Timestamp,
    /// Code of the cause of release, may be empty.
    pub cause: String,
    /// Number of the trunk group, where it is told.
    pub trunk: Option<u32>,
}

/// What became of the good rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Taken {
    /// Counted in windows and recorded.
    pub counted: u64,
    /// Recorded only: they ended more than [`COUNTED_WITHIN`] ago.
    pub recorded_only: u64,
    /// Known already by their Call-ID; passed over.
    pub repeated: u64,
}

/// Checks a row.
///
/// # Errors
/// Every fault, by field.
pub fn check(row: &Row, now: Timestamp, retention: Duration) -> Result<CallResult, Faults> {
    let mut faults = Faults::none();
    let call_id = faults.keep(row.needed("call_id").map(str::to_owned));
    let caller = faults.keep(match row.text("caller") {
        "" => Ok(None),
        text if screen::Caller::read(text).anonymous => Ok(None),
        text => number("caller", text).map(Some),
    });
    let callee = faults.keep(row.needed("callee").and_then(|text| number("callee", text)));
    let started = faults.keep(row.needed_moment("started"));
    let answered = faults.keep(row.moment("answered"));
    let ended = faults.keep(row.needed_moment("ended"));
    let trunk = faults.keep(match row.text("trunk") {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| TRUNK.at("trunk", &[("found", &short(text))])),
    });
    let cause = row.text("cause");
    if cause.chars().count() > CAUSE_CHARS_MAX
        || !cause.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
    {
        faults.push(CAUSE.at("cause", &[("found", &short(cause)), ("max", &CAUSE_CHARS_MAX.to_string())]));
    }
    if let (Some(started), Some(ended)) = (started, ended) {
        let in_order = answered.flatten().is_none_or(|answered| started <= answered && answered <= ended);
        if started > ended || !in_order {
            faults.push(ORDER.at("ended", &[]));
        } else if ended > now + AHEAD_MAX {
            faults.push(FUTURE.at("ended", &[]));
        } else if ended < now - retention {
            faults.push(OLD.at("ended", &[]));
        } else if ended - started > CALL_MAX {
            faults.push(LONG.at("ended", &[]));
        }
    }
    let (Some(call_id), Some(caller), Some(callee), Some(started), Some(answered), Some(ended), Some(trunk), true) =
        (call_id, caller, callee, started, answered, ended, trunk, faults.is_empty())
    else {
        return Err(faults);
    };
    Ok(CallResult { call_id, caller, callee, started, answered, ended, cause: cause.to_owned(), trunk })
}

fn number(field: &str, text: &str) -> Result<Number, Fault> {
    Number::read(text).ok_or_else(|| NUMBER.at(field, &[("found", &crate::lines::order::masked(&short(text)))]))
}

/// Call-IDs that were told, in two spans of time: when the younger is over it becomes the older, and the older goes.
#[derive(Default)]
pub(crate) struct Known(Mutex<Spans>);

#[derive(Default)]
struct Spans {
    younger: HashSet<u64, RandomState>,
    older: HashSet<u64, RandomState>,
    since: Timestamp,
}

impl Known {
    /// Whether it is new; from now on it is known.
    fn is_new(&self, key: u64, now: Timestamp) -> bool {
        let mut spans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if now - spans.since > REPEAT_WITHIN || spans.younger.len() >= REMEMBERED_MAX {
            spans.older = std::mem::take(&mut spans.younger);
            spans.since = now;
        }
        !spans.older.contains(&key) && spans.younger.insert(key)
    }
}

/// The key of a call by its Call-ID: the same in records over restarts, and never that of a front's own calls, which are
/// counted from one.
fn key_of(call_id: &str) -> u64 {
    let digest = Sha256::digest(call_id.as_bytes());
    digest.iter().take(8).fold(0_u64, |key, byte| key << 8 | u64::from(*byte)) | 1 << 63
}

impl Operator {
    /// Takes results of calls in: each Call-ID counts once within some hours, in this process.
    pub async fn take_call_results(&self, results: &[CallResult]) -> Taken {
        let now = self.db().clock().now();
        let mut taken = Taken::default();
        let mut events = Vec::with_capacity(results.len());
        for result in results {
            let key = key_of(&result.call_id);
            if !self.known_calls().is_new(key, now) {
                taken.repeated += 1;
                continue;
            }
            let talked = result.answered.map_or(Duration(0), |answered| result.ended - answered);
            if now - result.ended <= COUNTED_WITHIN {
                taken.counted += 1;
                if let Some(caller) = result.caller {
                    let (answered, ended) = (result.answered.is_some(), result.ended.min(now));
                    let outcome = CallOutcome::new(caller, result.callee, answered, talked, ended);
                    self.screening().screen().call_ended(&outcome);
                }
            } else {
                taken.recorded_only += 1;
            }
            events.push(Event::CallEnd(CallEnd {
                key: CallKey(key),
                front: Front::Feed,
                at: result.ended,
                caller: result.caller,
                callee: Some(result.callee),
                trunk: result.trunk.unwrap_or(0),
                answered: result.answered.is_some(),
                talked,
                cut: false,
                cause: result.cause.clone(),
            }));
        }
        if self.take_events(&events)
            && let Err(why) = self.write_records().await
        {
            // They wait in memory; the recorder writes them in its next round and shows where it cannot.
            tracing::warn!(why, "records of a feed wait");
        }
        taken
    }
}
