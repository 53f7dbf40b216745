//! Routes of the number list.

use axum::extract::multipart::MultipartError;
use axum::extract::{DefaultBodyLimit, Multipart, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use kernel::{AppealId, ImportId, ListEntryId, ReportId, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Db, Who, args};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Idem, Json, List, Path, Problem, Query, Session};
use wire::{ListAction, NumberPattern, PartnerId};

use super::model::State as EntryState;
use super::{Desk, Filter, Imported, NewEntry, NumberEntry, NumberImport, PAGE_MAX, PatternKind, PublishedList, texts};
use crate::telephone::{masked, masked_pattern};

/// Largest file that is imported, bytes.
const FILE_BYTES_MAX: usize = 256 << 20;
/// A small file is done when the answer goes out.
const IMPORT_WAIT: std::time::Duration = std::time::Duration::from_millis(1_000);

/// What the routes share.
#[derive(Clone)]
pub struct Api {
    /// Database.
    pub db: Db,
    /// The desk.
    pub desk: Desk,
}

/// The routes.
pub fn router(api: Api) -> OpenApiRouter {
    let import = OpenApiRouter::new()
        .routes(routes!(import_number_entries))
        .layer(DefaultBodyLimit::max(FILE_BYTES_MAX + 64 * 1024));
    OpenApiRouter::new()
        .routes(routes!(list_number_entries, create_number_entry))
        .routes(routes!(get_number_entry))
        .routes(routes!(confirm_number_entry))
        .routes(routes!(approve_number_entry))
        .routes(routes!(refuse_number_entry))
        .routes(routes!(remove_number_entry))
        .routes(routes!(get_number_list))
        .routes(routes!(list_number_appeals))
        .routes(routes!(get_number_parameters))
        .routes(routes!(list_number_imports))
        .routes(routes!(get_number_import))
        .routes(routes!(cancel_number_import))
        .merge(import)
        .with_state(api)
}

/// What may be done with an entry now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = NumberAct)]
#[serde(rename_all = "snake_case")]
enum Act {
    Confirm,
    Approve,
    Refuse,
    Remove,
}

fn acts(entry: &NumberEntry, who: &Who) -> Vec<Act> {
    let (write, check) = (who.may("numbers.write"), who.may("numbers.check"));
    match entry.state {
        EntryState::Proposed if write => vec![Act::Confirm, Act::Refuse],
        EntryState::Review if check && entry.maker != who.user => vec![Act::Approve, Act::Refuse],
        EntryState::Active if write || check => vec![Act::Remove],
        _ => vec![],
    }
}

/// An entry of the number list. One number is masked; prefixes and ranges are not.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = NumberEntryRow)]
pub struct EntryRow {
    id: ListEntryId,
    /// Masked where it is one number; reveal it as `pattern` of `number:<id>`.
    pattern: String,
    kind: PatternKind,
    action: ListAction,
    reason: String,
    /// The same in English, where the seat wrote it and no person.
    reason_en: Option<String>,
    source: String,
    /// The same in English, where the seat wrote it and no person.
    source_en: Option<String>,
    case_id: Option<ReportId>,
    case_number: Option<String>,
    label: Option<String>,
    expires_at: Option<Timestamp>,
    state: EntryState,
    maker: String,
    made_at: Timestamp,
    /// Who confirmed, approved or refused it.
    checker: Option<String>,
    decided_at: Option<Timestamp>,
    decision_reason: Option<String>,
    ended_at: Option<Timestamp>,
    ended_by: Option<String>,
    end_reason: Option<String>,
    /// Region of the case, or of the office that made it, six digits; empty where that office sees every region.
    region: String,
    /// What may be done now by who asks.
    acts: Vec<Act>,
}

impl EntryRow {
    /// The entry as who asks sees it.
    pub fn of(entry: &NumberEntry, who: &Who) -> Self {
        Self {
            id: entry.id,
            pattern: masked_pattern(&entry.pattern),
            kind: PatternKind::of(&entry.pattern),
            action: entry.action,
            reason_en: wire::machine_reason_en(&entry.reason),
            reason: entry.reason.clone(),
            source_en: wire::machine_reason_en(&entry.source),
            source: entry.source.clone(),
            case_id: entry.case_id,
            case_number: entry.case_number.clone(),
            label: entry.label.clone(),
            expires_at: entry.expires_at,
            state: entry.state,
            maker: entry.maker.clone(),
            made_at: entry.made_at,
            checker: entry.checker.clone(),
            decided_at: entry.decided_at,
            decision_reason: entry.decision_reason.clone(),
            ended_at: entry.ended_at,
            ended_by: entry.ended_by.clone(),
            end_reason: entry.end_reason.clone(),
            region: entry.region.clone(),
            acts: acts(entry, who),
        }
    }
}

/// One entry, and every entry that there was for the same numbers.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct NumberEntryDetail {
    #[serde(flatten)]
    row: EntryRow,
    /// The one in force first, then the newest.
    history: Vec<EntryRow>,
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct EntryQuery {
    /// In one state.
    state: Option<EntryState>,
    /// With one action.
    action: Option<ListAction>,
    /// Single numbers, prefixes or ranges.
    kind: Option<PatternKind>,
    /// Of one case.
    case: Option<String>,
    /// A prefix such as `1700012*`, or the last digits of a number. For a whole number ask `/number-story`.
    q: Option<String>,
    /// Where the page begins: `next` of the page before.
    cursor: Option<String>,
    /// At most so many.
    limit: Option<i64>,
}

/// Lists entries of the number list, the newest first.
#[utoipa::path(get, path = "/number-entries", tag = "numbers", security(("session" = ["numbers.read"])),
    params(EntryQuery), responses((status = 200, body = List<EntryRow>)))]
async fn list_number_entries(
    State(api): State<Api>,
    session: Session,
    Query(query): Query<EntryQuery>,
) -> Result<Json<List<EntryRow>>, Problem> {
    let (shown, limit) = web::query::rows_within(query.limit, PAGE_MAX, PAGE_MAX);
    let filter = Filter {
        state: query.state,
        action: query.action,
        kind: query.kind,
        case_id: query.case,
        text: query.q,
        before: query.cursor.as_deref().map(web::read_cursor).transpose()?,
        limit,
    };
    let entries = super::list(&api.db, &session.who, &filter).await?;
    let rows = entries.iter().map(|entry| EntryRow::of(entry, &session.who)).collect();
    Ok(Json(List::page(rows, shown, |row: &EntryRow| row.id.to_string())))
}

/// An entry to be put on the list.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct NumberEntryInput {
    /// A number, a prefix with `*` at its end, or two numbers of one length with a dash.
    pattern: String,
    action: ListAction,
    /// A blocked caller is told it.
    reason: String,
    #[serde(default)]
    source: Option<String>,
    /// The case: identity of the report.
    #[serde(default)]
    case_id: Option<ReportId>,
    #[serde(default)]
    expires_at: Option<Timestamp>,
    /// Instead of `expires_at`: how long from now, days.
    #[serde(default)]
    days: Option<i64>,
    /// What the called person sees, with `watch`.
    #[serde(default)]
    label: Option<String>,
}

async fn answer_with(
    session: &Session,
    idem: &Idem,
    mut tx: store::Tx,
    status: StatusCode,
    id: ListEntryId,
) -> Result<Response, Problem> {
    let entry = super::store::load(&mut tx, id).await?;
    let answer = idem.finish(&mut tx, status, &EntryRow::of(&entry, &session.who)).await?;
    tx.commit().await?;
    Ok(answer)
}

/// Puts an entry on the list: one number at once, a prefix or range after a second person's approval.
#[utoipa::path(post, path = "/number-entries", tag = "numbers", security(("session" = ["numbers.write"])),
    request_body = NumberEntryInput, responses((status = 201, body = EntryRow)))]
async fn create_number_entry(
    State(api): State<Api>,
    session: Session,
    idem: Idem,
    Json(input): Json<NumberEntryInput>,
) -> Result<Response, Problem> {
    let mut tx = api.db.begin().await?;
    let case = match input.case_id {
        Some(id) => {
            let case = crate::stop::api::case_ref(&mut tx, id).await?;
            session.who.require_region(&case.region)?;
            Some(case)
        }
        None => None,
    };
    let now = tx.now();
    let from_case = case.as_ref().map(|case| format!("报案 {}", case.number));
    let new = NewEntry {
        pattern: input.pattern,
        action: input.action,
        reason: input.reason,
        source: input.source.or(from_case).unwrap_or_else(|| "本中心".to_owned()),
        case,
        expires_at: input.expires_at.or_else(|| Some(now + kernel::Duration::hours(input.days?.saturating_mul(24)))),
        label: input.label,
    };
    let outcome = api.desk.add(&mut tx, &session.who, vec![new]).await?.pop();
    let added = outcome.ok_or_else(|| Problem::not_found("entry"))??;
    if let super::desk::Added::Known(_) = added {
        return Err(Problem::conflict(texts::KNOWN.say(&[])));
    }
    answer_with(&session, &idem, tx, StatusCode::CREATED, added.id()).await
}

/// Shows one entry with its history.
#[utoipa::path(get, path = "/number-entries/{id}", tag = "numbers", security(("session" = ["numbers.read"])),
    params(("id" = ListEntryId, Path)), responses((status = 200, body = NumberEntryDetail)))]
async fn get_number_entry(
    State(api): State<Api>,
    session: Session,
    Path(id): Path<ListEntryId>,
) -> Result<Json<NumberEntryDetail>, Problem> {
    let entry = super::get(&api.db, &session.who, id).await?;
    let history = super::of_pattern(&api.db, &session.who, &entry.pattern).await?;
    Ok(Json(NumberEntryDetail {
        row: EntryRow::of(&entry, &session.who),
        history: history.iter().map(|entry| EntryRow::of(entry, &session.who)).collect(),
    }))
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = NumberReasonInput)]
#[serde(deny_unknown_fields)]
struct ReasonInput {
    #[serde(default)]
    reason: String,
}

/// Confirms an entry that a report led to; it stands on the list at once.
#[utoipa::path(post, path = "/number-entries/{id}/confirm", tag = "numbers",
    security(("session" = ["numbers.write"])), params(("id" = ListEntryId, Path)),
    responses((status = 200, body = EntryRow)))]
async fn confirm_number_entry(
    State(api): State<Api>,
    session: Session,
    idem: Idem,
    Path(id): Path<ListEntryId>,
) -> Result<Response, Problem> {
    let mut tx = api.db.begin().await?;
    api.desk.confirm(&mut tx, &session.who, id).await?;
    answer_with(&session, &idem, tx, StatusCode::OK, id).await
}

/// Approves a prefix or a range, as another person than its maker.
#[utoipa::path(post, path = "/number-entries/{id}/approve", tag = "numbers",
    security(("session" = ["numbers.check"])), params(("id" = ListEntryId, Path)),
    responses((status = 200, body = EntryRow)))]
async fn approve_number_entry(
    State(api): State<Api>,
    session: Session,
    idem: Idem,
    Path(id): Path<ListEntryId>,
) -> Result<Response, Problem> {
    let mut tx = api.db.begin().await?;
    api.desk.approve(&mut tx, &session.who, id).await?;
    answer_with(&session, &idem, tx, StatusCode::OK, id).await
}

/// Says no to an entry that waits, with a reason.
#[utoipa::path(post, path = "/number-entries/{id}/refuse", tag = "numbers",
    security(("session" = ["numbers.write"]), ("session" = ["numbers.check"])), params(("id" = ListEntryId, Path)),
    request_body = ReasonInput, responses((status = 200, body = EntryRow)))]
async fn refuse_number_entry(
    State(api): State<Api>,
    session: Session,
    idem: Idem,
    Path(id): Path<ListEntryId>,
    Json(input): Json<ReasonInput>,
) -> Result<Response, Problem> {
    let mut tx = api.db.begin().await?;
    api.desk.refuse(&mut tx, &session.who, id, &input.reason).await?;
    answer_with(&session, &idem, tx, StatusCode::OK, id).await
}

/// Takes an entry from the list at every operator, with a reason.
#[utoipa::path(post, path = "/number-entries/{id}/remove", tag = "numbers",
    security(("session" = ["numbers.write"]), ("session" = ["numbers.check"])), params(("id" = ListEntryId, Path)),
    request_body = ReasonInput, responses((status = 200, body = EntryRow)))]
async fn remove_number_entry(
    State(api): State<Api>,
    session: Session,
    idem: Idem,
    Path(id): Path<ListEntryId>,
    Json(input): Json<ReasonInput>,
) -> Result<Response, Problem> {
    let mut tx = api.db.begin().await?;
    api.desk.remove(&mut tx, &session.who, id, &input.reason).await?;
    answer_with(&session, &idem, tx, StatusCode::OK, id).await
}

/// A file that is sent.
#[derive(Debug, utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the multipart form")]
struct NumberImportForm {
    /// CSV (UTF-8, UTF-16 or GB18030) or XLSX.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Begins to import entries from a file; the rows that are not taken are told with their faults. It goes on in the
/// background: ask for it by its id until `state` is no longer `running`. A file that is being imported already is the
/// same import.
#[utoipa::path(post, path = "/number-entries/import", tag = "numbers", security(("session" = ["numbers.write"])),
    request_body(content = NumberImportForm, content_type = "multipart/form-data"),
    responses((status = 202, body = Imported)))]
async fn import_number_entries(
    State(api): State<Api>,
    session: Session,
    mut form: Multipart,
) -> Result<Response, Problem> {
    while let Some(field) = form.next_field().await.map_err(bad_form)? {
        if field.file_name().is_none() {
            continue;
        }
        session.who.require("numbers.write")?;
        let upload = web::Upload::take(field, &api.desk.folder.join("sent"), FILE_BYTES_MAX as u64).await?;
        let sent = sheet::job::File {
            path: upload.path().to_owned(),
            name: upload.name.chars().take(120).collect(),
            sha256: upload.sha256.clone(),
            bytes: upload.bytes,
        };
        let begun = sheet::job::begin::<NumberImport>(&api.db, &session.who, &sent).await.map_err(job_problem)?;
        if begun.is_of(&sent) {
            let _the_job_removes_it = upload.keep();
        }
        let import = NumberImport { desk: api.desk.clone() };
        let job = sheet::job::spawned(&api.db, &import, begun.id, IMPORT_WAIT).await?;
        let shown = match job.state {
            sheet::job::State::Running => Imported::from(job),
            _ => super::import_of_id(&api.db, &Who::system("numbers"), job.id).await?,
        };
        return Ok((StatusCode::ACCEPTED, axum::Json(shown)).into_response());
    }
    Err(texts::FILE_MISSING.at("file", &[]).into())
}

/// Lists the latest imports, without their refused rows.
#[utoipa::path(get, path = "/number-imports", tag = "numbers", security(("session" = ["numbers.read"])),
    responses((status = 200, body = List<Imported>)))]
async fn list_number_imports(State(api): State<Api>, session: Session) -> Result<Json<List<Imported>>, Problem> {
    Ok(Json(List::whole(super::imports(&api.db, &session.who).await?)))
}

/// Shows an import, how far it is, and its refused rows.
#[utoipa::path(get, path = "/number-imports/{id}", tag = "numbers", security(("session" = ["numbers.read"])),
    params(("id" = ImportId, Path)), responses((status = 200, body = Imported)))]
async fn get_number_import(
    State(api): State<Api>,
    session: Session,
    Path(id): Path<ImportId>,
) -> Result<Json<Imported>, Problem> {
    Ok(Json(super::import_of_id(&api.db, &session.who, id).await?))
}

/// Stops an import; the entries that were made until then stay.
#[utoipa::path(post, path = "/number-imports/{id}/cancel", tag = "numbers", security(("session" = ["numbers.write"])),
    params(("id" = ImportId, Path)), responses((status = 200, body = Imported)))]
async fn cancel_number_import(
    State(api): State<Api>,
    session: Session,
    Path(id): Path<ImportId>,
) -> Result<Json<Imported>, Problem> {
    let import = NumberImport { desk: api.desk.clone() };
    let job = sheet::job::cancel(&api.db, &import, &session.who, id).await.map_err(job_problem)?;
    Ok(Json(job.into()))
}

fn job_problem(error: sheet::job::Error) -> Problem {
    match error {
        sheet::job::Error::Store(error) => error.into(),
        sheet::job::Error::Faults(faults) => faults.into(),
        sheet::job::Error::Conflict(said) => Problem::conflict(said),
    }
}

fn bad_form(error: MultipartError) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, texts::FILE_MISSING.say(&[])).because(error)
}

/// Shows how far the list is published, and what each operator has of it.
#[utoipa::path(get, path = "/number-list", tag = "numbers", security(("session" = ["numbers.read"])),
    responses((status = 200, body = PublishedList)))]
async fn get_number_list(State(api): State<Api>, session: Session) -> Result<Json<PublishedList>, Problem> {
    Ok(Json(super::published(&api.db, &session.who, &api.desk).await?))
}

/// An appeal that an operator granted. The number is masked.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct NumberAppeal {
    id: AppealId,
    partner: PartnerId,
    partner_name: String,
    /// Masked.
    number: String,
    /// Masked where it is one number.
    pattern: String,
    /// The entry that it was against; none where the list had none.
    entry_id: Option<ListEntryId>,
    reason: String,
    granted_by: String,
    granted_at: Timestamp,
    received_at: Timestamp,
}

type AppealRow = (String, String, String, String, Option<String>, String, String, i64, i64);

/// Lists the appeals that operators granted against entries in the region of who asks, the newest first.
#[utoipa::path(get, path = "/number-appeals", tag = "numbers", security(("session" = ["numbers.read"])),
    responses((status = 200, body = List<NumberAppeal>)))]
async fn list_number_appeals(State(api): State<Api>, session: Session) -> Result<Json<List<NumberAppeal>>, Problem> {
    session.who.require("numbers.read")?;
    let rows: Vec<AppealRow> = api
        .db
        .fetch_all(
            "SELECT a.id, a.partner, a.number, a.pattern, a.entry_id, a.reason, a.granted_by, a.granted_at, a.received_at
             FROM number_appeal a LEFT JOIN number_entry e ON e.id = a.entry_id
             WHERE COALESCE(e.region, '') LIKE $1 ORDER BY a.received_at DESC, a.id DESC LIMIT $2",
            args![session.who.region_pattern(), PAGE_MAX],
        )
        .await?;
    let corrupt = || store::Error::Corrupt("appeal".into());
    let mut appeals = Vec::with_capacity(rows.len());
    for (id, partner, number, pattern, entry_id, reason, granted_by, granted_at, received_at) in rows {
        let partner = PartnerId::parse(&partner).map_err(|_| corrupt())?;
        appeals.push(NumberAppeal {
            id: id.parse().map_err(|_| corrupt())?,
            partner_name: api.desk.post.name(&partner),
            partner,
            number: masked(&number),
            pattern: NumberPattern::parse(&pattern).map_or_else(|_| masked(&pattern), |p| masked_pattern(&p)),
            entry_id: entry_id.map(|id| id.parse()).transpose().map_err(|_| corrupt())?,
            reason,
            granted_by,
            granted_at: Timestamp(granted_at),
            received_at: Timestamp(received_at),
        });
    }
    Ok(Json(List::whole(appeals)))
}

/// The parameters of the number list.
#[utoipa::path(get, path = "/number-parameters", tag = "numbers", security(("session" = ["numbers.read"])),
    responses((status = 200, body = super::Parameters)))]
async fn get_number_parameters(State(api): State<Api>, session: Session) -> Result<Json<super::Parameters>, Problem> {
    session.who.require("numbers.read")?;
    Ok(Json((*api.desk.parameters).clone()))
}

/// Personal data of an entry in full, for a reveal: `pattern`.
pub(crate) async fn reveal(db: &Db, who: &Who, id: ListEntryId, field: &str) -> Result<Option<web::Revealed>, Problem> {
    let entry = super::get(db, who, id).await?;
    let case_id = entry.case_id.map(|id| id.to_string());
    let value = (field == "pattern").then(|| entry.pattern.to_string());
    Ok(value.map(|value| web::Revealed {
        value,
        region: Some(entry.region.clone()).filter(|region| !region.is_empty()),
        case_id,
    }))
}
