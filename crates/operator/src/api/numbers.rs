//! One number's story: what the list says, what would happen now, what it did, who appealed, what is in force on it.

use axum::extract::State;
use kernel::{Duration, Maskable, Text, Timestamp};
use screen::{Attestation, CallAttempt, Caller, Number, NumberKind, Trunk, TrunkKind};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Json, Problem, Session};

use super::lines::{MeasureView, OrderView};
use super::lists::{EntryView, shape};
use super::live::READ;
use crate::appeal;
use crate::desk::Operator;
use crate::feed::roaming::{self, RoamingView};
use crate::lines::{measure, order};
use crate::list::entry;
use crate::recorder;
use crate::records::{Asked, Record, RecordKind};

/// Records shown of a number.
const RECORDS_SHOWN: usize = 200;
/// Days looked back unless asked otherwise.
const DAYS: i64 = 7;
/// Days looked back at most.
const DAYS_MAX: i64 = 365;

const NUMBER: Text = Text::new(
    "operator.number",
    ("这不是电话号码", "this is not a telephone number"),
    ("请填写完整号码，或所列号码的 key", "Give the whole number, or the key of one that was listed"),
);
pub(super) const PURPOSE: Text = Text::new(
    "operator.purpose",
    ("没有写明用途", "there is no purpose"),
    ("请写明用途，将写入日志", "Say what for; it goes into the journal"),
);
const TRUNK: Text = Text::new(
    "operator.trunk",
    ("“{found}”不是来路", "“{found}” is not a kind of trunk"),
    ("可用：home（本网）、national（网间）、foreign（国际）", "Use home, national or foreign"),
);

/// Texts of this module.
pub(super) const TEXTS: &[Text] = &[NUMBER, PURPOSE, TRUNK];

pub(super) fn router() -> OpenApiRouter<Operator> {
    OpenApiRouter::new().routes(routes!(get_number)).routes(routes!(check_number))
}

/// Which number.
#[derive(Deserialize, utoipa::ToSchema)]
struct NumberInput {
    /// The number as typed; or leave it out and give `key`.
    #[serde(default)]
    number: Option<String>,
    /// The key of a number that was listed masked.
    #[serde(default)]
    key: Option<String>,
    /// Days looked back, 1 to 365; 7 where left out.
    #[serde(default)]
    days: Option<i64>,
}

fn number_of(operator: &Operator, number: Option<&str>, key: Option<&str>) -> Result<Number, Problem> {
    let typed = number.map(str::trim).filter(|text| !text.is_empty()).and_then(Number::read);
    let found = typed.or_else(|| key.and_then(|key| operator.veil().number(key)));
    found.ok_or_else(|| NUMBER.at("number", &[]).into())
}

/// What the list in memory says, whoever says it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
// Named apart in the document, where the words of a fault are `Said`.
#[schema(as = ListSaid)]
struct Said {
    /// The number masked; a prefix or range as it is.
    number: String,
    /// `full`, `prefix` or `range`.
    shape: &'static str,
    /// `block`, `watch`, `allow` or `protect`.
    action: &'static str,
    reason: String,
    /// `centre:…`, `operator`, `file:…`, `appeal`, or another.
    source: String,
    expires_at: Option<Timestamp>,
    case_number: Option<String>,
    /// It has expired.
    over: bool,
}

/// What would happen to a call or did.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct DecisionView {
    /// `pass`, `monitor`, `label`, `challenge`, `announce`, `reject_603` or `reject_608`.
    action: &'static str,
    /// `clean`, `emergency`, `line`, `list`, `check` or `rule`.
    reason: &'static str,
    /// Its detail, such as `rule:12` or `list:centre`.
    by: String,
    /// How many rules in shadow would have done something.
    shadow_hits: u16,
}

/// A record of a number.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct RecordView {
    at: Timestamp,
    kind: RecordKind,
    /// `out`: the number called or wrote; `in`: it was called or written to.
    direction: &'static str,
    /// The other number, masked.
    other: String,
    /// Its key for `POST /numbers`.
    other_key: Option<String>,
    action: String,
    reason: String,
    by: String,
    /// Number of the trunk group.
    trunk: u32,
    trunk_kind: String,
    attestation: String,
    class: Option<String>,
    answered: bool,
    talked_seconds: i64,
    cut: bool,
}

/// Counts of a number in the period.
#[derive(Debug, Default, Serialize, utoipa::ToSchema)]
struct Sums {
    calls_out: u64,
    calls_out_stopped: u64,
    calls_in: u64,
    messages_out: u64,
    messages_out_stopped: u64,
    messages_in: u64,
    /// Different numbers called or written to.
    reached: u64,
}

/// An appeal about the number.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct AppealHint {
    id: kernel::AppealId,
    number: String,
    state: appeal::AppealState,
    made_at: Timestamp,
}

/// What a caller did lately, in one window up to now.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct BehaviourView {
    /// Length of the window, in seconds.
    window_seconds: i64,
    /// Attempts.
    attempts: u32,
    /// Calls that ended.
    ended: u32,
    /// Of these, answered, in percent; absent where none ended.
    answered_percent: Option<u32>,
    /// Of the answered, ended within six seconds, in percent; absent where none was answered.
    short_percent: Option<u32>,
}

/// One number's story.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct NumberStory {
    /// Masked.
    number: String,
    /// Stands for it in further questions, while this process runs.
    key: String,
    /// `mobile`, `fixed`, `service`, `foreign` or `unassigned`.
    kind: &'static str,
    /// It is an emergency number, which is never stopped.
    emergency: bool,
    /// What the list in memory says, closest first.
    said: Vec<Said>,
    /// What this operator keeps and kept of it.
    entries: Vec<EntryView>,
    /// What would happen to a call from it by an operator of the country now.
    now: DecisionView,
    /// What it did lately as a caller; empty for one that the windows do not know.
    behaviour: Vec<BehaviourView>,
    /// Where the home register says that it is; absent where it said nothing.
    roaming: Option<RoamingView>,
    /// Begin of the period.
    from: Timestamp,
    /// Counts of the period, over the records looked at.
    sums: Sums,
    /// The latest records of the period.
    records: Vec<RecordView>,
    /// There are more.
    more: bool,
    /// Absent for who may not see them.
    appeals: Option<Vec<AppealHint>>,
    /// Absent for who may not see them.
    orders: Option<Vec<OrderView>>,
    /// Absent for who may not see them.
    measures: Option<Vec<MeasureView>>,
}

pub(super) const fn kind_word(kind: NumberKind) -> &'static str {
    match kind {
        NumberKind::Mobile => "mobile",
        NumberKind::Fixed => "fixed",
        NumberKind::Service => "service",
        NumberKind::Foreign => "foreign",
        NumberKind::Unassigned => "unassigned",
    }
}

fn said_of(operator: &Operator, number: Number, now: Timestamp) -> Vec<Said> {
    let list = operator.screening().screen().list();
    list.entries_of(number)
        .into_iter()
        .map(|e| Said {
            number: entry::masked(&e.pattern),
            shape: shape(&e.pattern),
            action: e.kind.word(),
            reason: e.reason,
            source: e.source,
            over: e.expires_at.is_some_and(|end| end <= now),
            expires_at: e.expires_at,
            case_number: e.case,
        })
        .collect()
}

/// Tells one number's story. The number stands in the body, not in the address.
#[utoipa::path(post, path = "/numbers", tag = "operator", security(("session" = ["operator.live.read"])),
    request_body = NumberInput, responses((status = 200, body = NumberStory)))]
async fn get_number(
    State(operator): State<Operator>,
    session: Session,
    Json(input): Json<NumberInput>,
) -> Result<Json<NumberStory>, Problem> {
    session.require(READ)?;
    let number = number_of(&operator, input.number.as_deref(), input.key.as_deref())?;
    let now = operator.db().clock().now();
    let from = now - Duration::hours(24 * input.days.unwrap_or(DAYS).clamp(1, DAYS_MAX));
    let asked = Asked { from, until: now + Duration::seconds(1), numbers: vec![number.packed()], limit: 20_000 };
    let records = operator.records().clone();
    let found = tokio::task::spawn_blocking(move || records.find(&asked)).await.map_err(Problem::server)?;
    let (found, cut_short) = found.map_err(crate::error::Error::from)?;
    let who = &session.who;
    let appeals = if who.may(appeal::DECIDE) {
        let filter = appeal::Filter { caller: Some(number), limit: 50, ..appeal::Filter::default() };
        let rows = appeal::list(operator.db(), who, &filter).await?;
        let hint = |a: appeal::Appeal| AppealHint { id: a.id, number: a.number, state: a.state, made_at: a.made_at };
        Some(rows.into_iter().map(hint).collect())
    } else {
        None
    };
    let (orders, measures) = if who.may(measure::READ) {
        let of_line = order::Filter { line: Some(number.to_string()), limit: 50, ..order::Filter::default() };
        let orders = order::list(operator.db(), who, &of_line).await?;
        let of_line = measure::Filter { line: Some(number), limit: 50, ..measure::Filter::default() };
        let measures = measure::list(operator.db(), who, &of_line).await?;
        (
            Some(orders.into_iter().map(OrderView::from).collect()),
            Some(measures.into_iter().map(MeasureView::from).collect()),
        )
    } else {
        (None, None)
    };
    let entries = if who.may(entry::READ) {
        entry::of_number(operator.db(), number).await?.into_iter().map(EntryView::from).collect()
    } else {
        Vec::new()
    };
    let trunk = Trunk { id: 0, kind: TrunkKind::National };
    Ok(Json(NumberStory {
        number: number.mask(),
        key: operator.veil().key(number),
        kind: kind_word(number.kind()),
        emergency: number.is_emergency(),
        said: said_of(&operator, number, now),
        entries,
        now: would(&operator, Caller::of(number), None, trunk, now),
        behaviour: behaviour(&operator, number, now),
        roaming: roaming::of_number(operator.db(), number, now).await?,
        from,
        sums: sums(&found, number.packed()),
        more: cut_short || found.len() > RECORDS_SHOWN,
        records: found.iter().take(RECORDS_SHOWN).map(|r| record_view(&operator, r, number.packed())).collect(),
        appeals,
        orders,
        measures,
    }))
}

fn behaviour(operator: &Operator, number: Number, now: Timestamp) -> Vec<BehaviourView> {
    let Some(told) = operator.screening().screen().behaviour(number, now) else { return Vec::new() };
    let windows = screen::WINDOWS_S.iter().zip(told.attempts).zip(told.ended).enumerate();
    windows
        .map(|(window, ((seconds, attempts), ended))| BehaviourView {
            window_seconds: i64::from(*seconds),
            attempts,
            ended,
            answered_percent: told.answered_percent(window),
            short_percent: told.short_percent(window),
        })
        .collect()
}

/// What the list and the rules that look at no window would do; nothing is counted.
fn would(
    operator: &Operator,
    caller: Caller<'_>,
    callee: Option<Number>,
    trunk: Trunk,
    now: Timestamp,
) -> DecisionView {
    let roaming = operator.screening().home_register().known(caller.number, trunk, now);
    let attempt = CallAttempt { caller, callee, trunk, attestation: Attestation::None, roaming, at: now };
    let decision = crate::check::decide(operator.screening().screen(), &attempt);
    let list = operator.screening().screen().list();
    DecisionView {
        action: recorder::call_action(decision.action),
        reason: recorder::reason(decision.reason),
        by: recorder::decided_by(decision.reason, &list).into_owned(),
        shadow_hits: decision.shadow_hits,
    }
}

fn sums(records: &[Record], packed: u64) -> Sums {
    let mut sums = Sums::default();
    let mut reached = std::collections::HashSet::new();
    for record in records {
        let stopped = u64::from(recorder::stopped(&record.action));
        match (record.kind, record.from == packed) {
            (RecordKind::Call, true) => {
                sums.calls_out += 1;
                sums.calls_out_stopped += stopped;
                reached.insert(record.to);
            }
            (RecordKind::Call, false) => sums.calls_in += 1,
            (RecordKind::Message, true) => {
                sums.messages_out += 1;
                sums.messages_out_stopped += stopped;
                reached.insert(record.to);
            }
            (RecordKind::Message, false) => sums.messages_in += 1,
            (RecordKind::CallEnd, _) => {}
        }
    }
    sums.reached = u64::try_from(reached.len()).unwrap_or(0);
    sums
}

fn record_view(operator: &Operator, record: &Record, packed: u64) -> RecordView {
    let out = record.from == packed;
    let other = Number::from_packed(if out { record.to } else { record.from });
    let raw = |text: &str| if text.is_empty() { "—".to_owned() } else { crate::lines::order::masked(text) };
    RecordView {
        at: record.at,
        kind: record.kind,
        direction: if out { "out" } else { "in" },
        other: other.map_or_else(|| raw(&record.from_raw), |number| number.mask()),
        other_key: other.map(|number| operator.veil().key(number)),
        action: record.action.to_string(),
        reason: record.reason.to_string(),
        by: record.by.to_string(),
        trunk: record.trunk,
        trunk_kind: record.trunk_kind.to_string(),
        attestation: record.attestation.to_string(),
        class: (!record.class.is_empty()).then(|| record.class.to_string()),
        answered: record.answered,
        talked_seconds: record.talked.as_seconds(),
        cut: record.cut,
    }
}

/// A call that is thought of.
#[derive(Deserialize, utoipa::ToSchema)]
struct CheckInput {
    /// The caller as presented.
    caller: String,
    /// The number called.
    #[serde(default)]
    callee: Option<String>,
    /// `home`, `national` or `foreign`.
    #[serde(default)]
    trunk_kind: Option<String>,
}

/// What would happen.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct CheckOutput {
    /// The caller as read, masked; absent where it is no number.
    caller: Option<String>,
    /// `mobile`, `fixed`, `service`, `foreign`, `unassigned`, or absent.
    kind: Option<&'static str>,
    /// What would be done, and why.
    decision: DecisionView,
    /// Entries that speak of the caller.
    entries: Vec<String>,
}

/// Says what would happen to a call now; nothing is counted.
#[utoipa::path(post, path = "/numbers/check", tag = "operator", security(("session" = ["operator.live.read"])),
    request_body = CheckInput, responses((status = 200, body = CheckOutput)))]
async fn check_number(
    State(operator): State<Operator>,
    session: Session,
    Json(input): Json<CheckInput>,
) -> Result<Json<CheckOutput>, Problem> {
    session.require(READ)?;
    let kind = match input.trunk_kind.as_deref().unwrap_or("national") {
        "home" => TrunkKind::Home,
        "national" => TrunkKind::National,
        "foreign" => TrunkKind::Foreign,
        other => return Err(TRUNK.at("trunk_kind", &[("found", other)]).into()),
    };
    let caller = Caller::read_as(&input.caller, kind.bare_digits());
    let callee = input.callee.as_deref().and_then(Number::read);
    let now = operator.db().clock().now();
    let list = operator.screening().screen().list();
    let entries = caller.number.map(|number| list.entries_of(number)).unwrap_or_default();
    let words =
        |e: screen::ListEntry| format!("{} {} {} ({})", entry::masked(&e.pattern), e.kind.word(), e.reason, e.source);
    Ok(Json(CheckOutput {
        caller: caller.number.map(|number| number.mask()),
        kind: caller.number.map(|number| kind_word(number.kind())),
        decision: would(&operator, caller, callee, Trunk { id: 0, kind }, now),
        entries: entries.into_iter().map(words).collect(),
    }))
}
