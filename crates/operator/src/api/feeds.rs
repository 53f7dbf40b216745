//! What other machines of the operator tell: how calls ended, and who is abroad. They show a key instead of a session.

use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use kernel::{Duration, Text};
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Json, Problem};

use crate::desk::Operator;
use crate::feed::rows::{self, BYTES_MAX, Format};
use crate::feed::{calls, roaming};
use crate::list::file::{FileReport, Refused};

/// Bytes of a key at most.
const KEY_BYTES_MAX: usize = 256;

const MEDIA_TYPE: Text = Text::new(
    "operator.feed.media_type",
    ("不支持该内容类型", "this media type is not taken"),
    (
        "可用：application/x-ndjson、application/json（数组）、text/csv",
        "Send application/x-ndjson, application/json (an array) or text/csv",
    ),
);
const TOO_LARGE: Text = Text::new(
    "operator.feed.too_large",
    ("内容超过 {max} 字节", "there are more than {max} bytes"),
    ("请分批发送", "Send them in parts"),
);

/// Texts of this module.
pub(super) const TEXTS: &[Text] = &[MEDIA_TYPE, TOO_LARGE];

pub(super) fn router() -> OpenApiRouter<Operator> {
    OpenApiRouter::new().routes(routes!(feed_ended_calls)).routes(routes!(feed_roaming))
}

/// What became of results of calls.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct EndedCallsTaken {
    /// Rows read.
    rows: u64,
    /// Counted in their callers' windows, and recorded.
    counted: u64,
    /// Recorded only, since they ended over an hour ago.
    recorded_only: u64,
    /// Known already by their Call-ID.
    repeated: u64,
    /// Refused; the others count.
    refused: u64,
    /// The first 1,000 refused rows with all their faults.
    refused_rows: Vec<Refused>,
}

/// What became of rows of the home register.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct RoamingTaken {
    /// Rows read.
    rows: u64,
    /// Subscribers that count as abroad.
    abroad: u64,
    /// Subscribers that count as at home.
    home: u64,
    /// Refused; the others hold.
    refused: u64,
    /// The first 1,000 refused rows with all their faults.
    refused_rows: Vec<Refused>,
}

/// A call that ended, as a row of the feed.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it documents the rows, which are read one by one")]
struct EndedCallRow {
    /// Names the call; each counts once.
    call_id: String,
    /// Who called; empty or `anonymous` where the number is withheld.
    caller: String,
    /// Who was called.
    callee: String,
    /// RFC 3339, civil time in China, or seconds since 1970.
    started: String,
    /// The same; empty where nobody answered.
    answered: Option<String>,
    /// The same.
    ended: String,
    /// Code of the cause of release, such as 16 or 486.
    cause: Option<String>,
    /// Number of the trunk group.
    trunk: Option<u32>,
}

/// Where a subscriber is, as a row of the feed.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it documents the rows, which are read one by one")]
struct RoamingRow {
    /// A mobile number of the mainland.
    number: String,
    /// `abroad` or `home`; `abroad` where left out.
    state: Option<String>,
    /// RFC 3339, civil time in China, or seconds since 1970; now where left out.
    since: Option<String>,
    /// The same; where left out the parameters `roaming_abroad_hours` and `roaming_home_hours` say how long it holds.
    until: Option<String>,
    /// The visited network, a PLMN code or a name.
    network: Option<String>,
}

/// Takes results of calls from a switch or from billing: `Authorization: Bearer KEY` with a key of `[feeds]`; at most 16
/// MiB and 50,000 rows. Good rows count, bad rows are told.
#[utoipa::path(post, path = "/calls/ended", tag = "feeds", security(()),
    request_body(content(
        (EndedCallRow = "application/x-ndjson"), (Vec<EndedCallRow> = "application/json"), (String = "text/csv"))),
    responses((status = 200, body = EndedCallsTaken)))]
async fn feed_ended_calls(
    State(operator): State<Operator>,
    request: Request,
) -> Result<Json<EndedCallsTaken>, Problem> {
    let (_, format, bytes) = admitted(&operator, request).await?;
    let (now, retention) = (operator.db().clock().now(), operator.parameters().retention());
    let (results, report) = rows::read(format, &bytes, calls::COLUMNS, |row| calls::check(row, now, retention))?;
    let taken = operator.take_call_results(&results).await;
    let FileReport { rows, refused, kept } = report;
    Ok(Json(EndedCallsTaken {
        rows,
        counted: taken.counted,
        recorded_only: taken.recorded_only,
        repeated: taken.repeated,
        refused,
        refused_rows: kept,
    }))
}

/// Takes the whereabouts of subscribers from the home register: `Authorization: Bearer KEY` with a key of `[feeds]`; at
/// most 16 MiB and 50,000 rows. Good rows hold for the next call, bad rows are told.
#[utoipa::path(post, path = "/roaming", tag = "feeds", security(()),
    request_body(content(
        (RoamingRow = "application/x-ndjson"), (Vec<RoamingRow> = "application/json"), (String = "text/csv"))),
    responses((status = 200, body = RoamingTaken)))]
async fn feed_roaming(State(operator): State<Operator>, request: Request) -> Result<Json<RoamingTaken>, Problem> {
    let (feeder, format, bytes) = admitted(&operator, request).await?;
    let now = operator.db().clock().now();
    let spans = roaming::Spans {
        abroad: Duration::hours(operator.parameters().roaming_abroad_hours),
        home: Duration::hours(operator.parameters().roaming_home_hours),
    };
    let (stays, report) = rows::read(format, &bytes, roaming::COLUMNS, |row| roaming::check(row, now, spans))?;
    let abroad = operator.take_roaming(&feeder, &stays).await?;
    let FileReport { rows, refused, kept } = report;
    Ok(Json(RoamingTaken { rows, abroad, home: rows - refused - abroad, refused, refused_rows: kept }))
}

/// Who feeds, in which format, and what; the key is looked at before anything of the body is read.
async fn admitted(operator: &Operator, request: Request) -> Result<(String, Format, Vec<u8>), Problem> {
    let (parts, body) = request.into_parts();
    let header = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let shown = header(AUTHORIZATION).and_then(|text| text.strip_prefix("Bearer "));
    let shown = shown.filter(|key| !key.is_empty() && key.len() <= KEY_BYTES_MAX);
    let refused = || Problem::new(StatusCode::UNAUTHORIZED, crate::feed::no_key());
    let feeder = match shown {
        Some(key) => operator.settings().feeds.name_of(key).await.map(str::to_owned),
        None => None,
    };
    let feeder = feeder.ok_or_else(refused)?;
    let format = header(CONTENT_TYPE)
        .and_then(Format::of_media_type)
        .ok_or_else(|| Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, MEDIA_TYPE.say(&[])))?;
    let too_large = || TOO_LARGE.say(&[("max", &BYTES_MAX.to_string())]);
    let bytes = to_bytes(body, BYTES_MAX)
        .await
        .map_err(|error| Problem::new(StatusCode::PAYLOAD_TOO_LARGE, too_large()).because(error))?;
    Ok((feeder, format, bytes.to_vec()))
}
