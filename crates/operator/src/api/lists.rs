//! The number list: what this operator keeps, files, and how old the centre's list is.

use axum::extract::{DefaultBodyLimit, Multipart, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use kernel::{ImportId, ListEntryId, Text, Timestamp};
use screen::{EntryKind, Pattern};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::Who;
use store::journal::{Entry as JournalEntry, Filter as JournalFilter};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{EntryOutput, Idem, Json, List, Path, Problem, Query, Session};

use crate::desk::Operator;
use crate::error::Error;
use crate::list::entry::{self, Entry, EntryState, Filter};
use crate::list::file::{self, RowInput, RowRules};
use crate::list::import::{self, Imported, ListImport};

/// Largest list file over HTTP, in bytes; larger ones go by the command line.
const FILE_BYTES_MAX: usize = 128 << 20;
/// A small file is done when the answer goes out.
const IMPORT_WAIT: std::time::Duration = std::time::Duration::from_millis(1_000);

const NO_FILE: Text = Text::new(
    "operator.import.file",
    ("没有收到文件", "there is no file"),
    ("请在表单字段 file 中附上 CSV 文件", "Attach a CSV file in the form field file"),
);

/// Texts of this module.
pub(super) const TEXTS: &[Text] = &[NO_FILE];

pub(super) fn router() -> OpenApiRouter<Operator> {
    let upload = OpenApiRouter::new()
        .routes(routes!(import_list, list_imports))
        .layer(DefaultBodyLimit::max(FILE_BYTES_MAX + 64 * 1024));
    OpenApiRouter::new()
        .routes(routes!(list_entries, add_entry))
        .routes(routes!(get_entry))
        .routes(routes!(end_entry))
        .routes(routes!(get_list_status))
        .routes(routes!(get_import))
        .routes(routes!(cancel_import))
        .routes(routes!(export_list))
        .merge(upload)
}

/// An entry of the list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct EntryView {
    id: ListEntryId,
    /// The number masked; a prefix (`+86170*`) or range as it is.
    number: String,
    /// `full`, `prefix` or `range`.
    shape: &'static str,
    /// `block`, `watch`, `allow` or `protect`.
    action: &'static str,
    reason: String,
    source: String,
    case_number: Option<String>,
    note: String,
    /// `active`, `ended` or `expired`.
    state: EntryState,
    expires_at: Option<Timestamp>,
    created_at: Timestamp,
    created_by: String,
    ended_at: Option<Timestamp>,
    ended_by: Option<String>,
    end_reason: Option<String>,
    import_id: Option<ImportId>,
}

pub(super) const fn shape(pattern: &Pattern) -> &'static str {
    match pattern {
        Pattern::Full(_) => "full",
        Pattern::Prefix(_) => "prefix",
        Pattern::Range(..) => "range",
    }
}

impl From<Entry> for EntryView {
    fn from(found: Entry) -> Self {
        Self {
            id: found.id,
            number: entry::masked(&found.entry.pattern),
            shape: shape(&found.entry.pattern),
            action: found.entry.kind.word(),
            reason: found.entry.reason,
            source: found.entry.source,
            case_number: found.entry.case,
            note: found.note,
            state: found.state,
            expires_at: found.entry.expires_at,
            created_at: found.created_at,
            created_by: found.created_by,
            ended_at: found.ended_at,
            ended_by: found.ended_by,
            end_reason: found.end_reason,
            import_id: found.import_id,
        }
    }
}

fn rules(operator: &Operator) -> RowRules {
    RowRules {
        now: operator.db().clock().now(),
        bounds: operator.parameters().list_bounds(),
        source: crate::list::OWN.to_owned(),
    }
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct EntryQuery {
    /// `active`, `ended` or `expired`.
    state: Option<String>,
    /// `block`, `watch`, `allow` or `protect`.
    action: Option<String>,
    /// Part of the case number, the source, the reason, or of a prefix; for a number use `POST /numbers`.
    q: Option<String>,
    /// 1 to 200.
    limit: Option<i64>,
    /// From `next` of the page before.
    cursor: Option<String>,
}

/// Lists the entries that this operator keeps, the latest first.
#[utoipa::path(get, path = "/list", tag = "operator", security(("session" = ["operator.lists.read"])), params(EntryQuery),
    responses((status = 200, body = List<EntryView>)))]
async fn list_entries(
    State(operator): State<Operator>,
    session: Session,
    Query(query): Query<EntryQuery>,
) -> Result<Json<List<EntryView>>, Problem> {
    let (shown, limit) = super::rows(query.limit);
    let kinds = EntryKind::ALL.map(EntryKind::word);
    let filter = Filter {
        state: super::word("state", query.state.as_deref(), EntryState::parse, &EntryState::ALL.map(EntryState::code))?,
        kind: super::word("action", query.action.as_deref(), EntryKind::from_word, &kinds)?,
        text: super::asked(query.q),
        before: super::before(query.cursor.as_deref())?,
        limit,
    };
    let found = entry::list(operator.db(), &session.who, &filter).await?;
    let page = List::page(found, shown, |entry| entry.id.to_string());
    Ok(Json(List { items: page.items.into_iter().map(EntryView::from).collect(), next: page.next }))
}

/// An entry to be added.
#[derive(Deserialize, utoipa::ToSchema)]
struct EntryInput {
    /// A number, a prefix (`+86170*`) or a range (`+8617012340000-+8617012349999`).
    number: String,
    /// `block`, `watch`, `allow` or `protect`.
    action: String,
    /// Why; a caller who is stopped is told.
    reason: String,
    /// A day or a moment; left out, it stands until it is ended.
    #[serde(default)]
    expires: Option<String>,
    /// Who says so; this operator where left out.
    #[serde(default)]
    source: Option<String>,
    /// The case.
    #[serde(default)]
    case_number: Option<String>,
    /// Words for colleagues.
    #[serde(default)]
    note: Option<String>,
}

/// Adds an entry; it holds for the next call.
#[utoipa::path(post, path = "/list", tag = "operator", security(("session" = ["operator.lists.write"])),
    request_body = EntryInput, responses((status = 201, body = EntryView)))]
async fn add_entry(
    State(operator): State<Operator>,
    session: Session,
    idem: Idem,
    Json(input): Json<EntryInput>,
) -> Result<Response, Problem> {
    let row = RowInput {
        number: &input.number,
        action: &input.action,
        reason: &input.reason,
        expires: input.expires.as_deref().unwrap_or(""),
        source: input.source.as_deref().unwrap_or(""),
        case: input.case_number.as_deref().unwrap_or(""),
    };
    let note = input.note.as_deref().unwrap_or("");
    let mut tx = operator.db().begin().await?;
    let made = entry::add(&mut tx, &session.who, &row, note, &rules(&operator)).await?;
    let answer = idem.finish(&mut tx, StatusCode::CREATED, &EntryView::from(made)).await?;
    tx.commit().await?;
    super::followed(&operator).await;
    Ok(answer)
}

/// An entry with its history.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct EntryWithHistory {
    #[serde(flatten)]
    entry: EntryView,
    /// What happened to it, the latest first.
    history: Vec<EntryOutput>,
}

/// Shows one entry and what happened to it.
#[utoipa::path(get, path = "/list/{id}", tag = "operator", security(("session" = ["operator.lists.read"])),
    params(("id" = ListEntryId, Path)), responses((status = 200, body = EntryWithHistory)))]
async fn get_entry(
    State(operator): State<Operator>,
    session: Session,
    Path(id): Path<ListEntryId>,
) -> Result<Json<EntryWithHistory>, Problem> {
    session.require(entry::READ)?;
    let found = entry::of_id(operator.db(), id).await?;
    let history = history(&operator, &format!("entry:{id}")).await?;
    Ok(Json(EntryWithHistory { entry: found.into(), history }))
}

/// The journal about a subject, for who may see the subject.
pub(super) async fn history(operator: &Operator, subject: &str) -> Result<Vec<EntryOutput>, Problem> {
    let filter = JournalFilter { subject: Some(subject.to_owned()), limit: 200, ..JournalFilter::default() };
    let entries = store::journal::query(operator.db(), &Who::system("pages"), &filter).await?;
    Ok(entries.iter().map(EntryOutput::from).collect())
}

/// Why something ends.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(super) struct ReasonInput {
    /// Why.
    pub(super) reason: String,
}

/// Ends an entry; it no longer holds for the next call.
#[utoipa::path(post, path = "/list/{id}/end", tag = "operator", security(("session" = ["operator.lists.write"])),
    params(("id" = ListEntryId, Path)), request_body = ReasonInput, responses((status = 200, body = EntryView)))]
async fn end_entry(
    State(operator): State<Operator>,
    session: Session,
    idem: Idem,
    Path(id): Path<ListEntryId>,
    Json(input): Json<ReasonInput>,
) -> Result<Response, Problem> {
    let mut tx = operator.db().begin().await?;
    let ended = entry::end(&mut tx, &session.who, id, &input.reason).await?;
    let answer = idem.finish(&mut tx, StatusCode::OK, &EntryView::from(ended)).await?;
    tx.commit().await?;
    super::followed(&operator).await;
    Ok(answer)
}

/// Entries by what they do.
#[derive(Debug, Default, Serialize, utoipa::ToSchema)]
struct ByAction {
    block: i64,
    watch: i64,
    allow: i64,
    protect: i64,
}

impl From<[i64; 4]> for ByAction {
    fn from([watch, block, allow, protect]: [i64; 4]) -> Self {
        Self { block, watch, allow, protect }
    }
}

/// The centre's list, as this seat has it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct CentreListView {
    centre: String,
    /// Number of the list; 0 where there is none yet.
    number: u64,
    /// When the centre made its last change.
    made_at: Option<Timestamp>,
    /// When the centre was last heard about it.
    heard_at: Option<Timestamp>,
    /// Seconds since the last change.
    age_seconds: Option<i64>,
    /// It is older than the parameter `list_stale_hours`.
    stale: bool,
    /// SHA-256 of the file of the whole list.
    file_sha256: Option<String>,
}

/// What is in memory.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct ListStatus {
    /// Everything in memory, from all sources.
    in_memory: ByAction,
    /// Of these, prefixes.
    prefixes: u64,
    /// Of these, ranges.
    ranges: u64,
    /// Bytes in memory.
    bytes: u64,
    /// What this operator keeps itself.
    own: ByAction,
    /// The centre's list; absent where the seat runs alone.
    centre: Option<CentreListView>,
    /// The list file given at start.
    file: Option<String>,
}

/// Tells what is in memory, and how old the centre's list is.
#[utoipa::path(get, path = "/list-status", tag = "operator", security(("session" = ["operator.lists.read"])),
    responses((status = 200, body = ListStatus)))]
async fn get_list_status(State(operator): State<Operator>, session: Session) -> Result<Json<ListStatus>, Problem> {
    session.require(entry::READ)?;
    let facts = operator.screening().screen().list().facts();
    let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let now = operator.db().clock().now();
    let centre = match &operator.settings().centre {
        None => None,
        Some(id) => {
            let list = crate::list::centre::of(operator.db(), id).await?;
            let moment = |at: Option<Timestamp>| at.filter(|at| at.0 > 0);
            let made_at = moment(list.as_ref().map(|list| list.made_at));
            let age_seconds = made_at.map(|at| (now - at).as_seconds());
            Some(CentreListView {
                centre: id.to_string(),
                number: list.as_ref().map_or(0, |list| list.number),
                made_at,
                heard_at: moment(list.as_ref().map(|list| list.heard_at)),
                age_seconds,
                stale: age_seconds.is_none_or(|age| age > operator.parameters().list_stale_hours * 3_600),
                file_sha256: list.and_then(|list| list.snapshot_sha256),
            })
        }
    };
    Ok(Json(ListStatus {
        in_memory: ByAction::from(facts.by_kind.map(count)),
        prefixes: facts.prefixes,
        ranges: facts.ranges,
        bytes: facts.bytes,
        own: ByAction::from(entry::counts(operator.db()).await?),
        centre,
        file: operator.settings().list_file.as_ref().map(|path| path.display().to_string()),
    }))
}

/// A file that is sent.
#[derive(Debug, utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the multipart form")]
struct ListImportForm {
    /// CSV (UTF-8, UTF-16 or GB18030) or XLSX.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Begins to load a file into the own list; the good rows hold, the others are told with their faults. It goes on in the
/// background: ask for it by its id until `state` is no longer `running`. A file that is being loaded already is the same
/// import.
#[utoipa::path(post, path = "/list-imports", tag = "operator", security(("session" = ["operator.lists.write"])),
    request_body(content = ListImportForm, content_type = "multipart/form-data"),
    responses((status = 202, body = Imported)))]
async fn import_list(
    State(operator): State<Operator>,
    session: Session,
    mut form: Multipart,
) -> Result<Response, Problem> {
    let bad = |error: axum::extract::multipart::MultipartError| Problem::fault(NO_FILE.at("file", &[])).because(error);
    while let Some(field) = form.next_field().await.map_err(bad)? {
        if field.name() != Some("file") {
            continue;
        }
        let folder = operator.settings().data.join("imports");
        let upload = web::Upload::take(field, &folder, FILE_BYTES_MAX as u64).await?;
        let sent = sheet::job::File {
            path: upload.path().to_owned(),
            name: upload.name.clone(),
            sha256: upload.sha256.clone(),
            bytes: upload.bytes,
        };
        let db = operator.db();
        let begun = sheet::job::begin::<ListImport>(db, &session.who, &sent).await.map_err(Error::from)?;
        if begun.is_of(&sent) {
            let _the_job_removes_it = upload.keep();
        }
        let job = sheet::job::spawned(db, &ListImport::of(&operator), begun.id, IMPORT_WAIT).await?;
        let shown = match job.state {
            sheet::job::State::Running => Imported::from(job),
            _ => import::import_of_id(db, &Who::system("lists"), job.id).await?,
        };
        return Ok((StatusCode::ACCEPTED, Json(shown)).into_response());
    }
    Err(Problem::fault(NO_FILE.at("file", &[])))
}

/// Stops an import; the rows that were loaded until then stay on the list.
#[utoipa::path(post, path = "/list-imports/{id}/cancel", tag = "operator",
    security(("session" = ["operator.lists.write"])), params(("id" = ImportId, Path)),
    responses((status = 200, body = Imported)))]
async fn cancel_import(
    State(operator): State<Operator>,
    session: Session,
    Path(id): Path<ImportId>,
) -> Result<Json<Imported>, Problem> {
    let import = ListImport::of(&operator);
    let job = sheet::job::cancel(operator.db(), &import, &session.who, id).await.map_err(Error::from)?;
    Ok(Json(job.into()))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct PageQuery {
    /// 1 to 200.
    limit: Option<i64>,
    /// From `next` of the page before.
    cursor: Option<String>,
}

/// Lists the files that were loaded, the latest first.
#[utoipa::path(get, path = "/list-imports", tag = "operator", security(("session" = ["operator.lists.read"])),
    params(PageQuery), responses((status = 200, body = List<Imported>)))]
async fn list_imports(
    State(operator): State<Operator>,
    session: Session,
    Query(query): Query<PageQuery>,
) -> Result<Json<List<Imported>>, Problem> {
    let (shown, limit) = super::rows(query.limit);
    let before = super::before(query.cursor.as_deref())?;
    let found = import::imports(operator.db(), &session.who, before, limit).await?;
    Ok(Json(List::page(found, shown, |import| import.id.to_string())))
}

/// Shows one file that was loaded, with its refused rows.
#[utoipa::path(get, path = "/list-imports/{id}", tag = "operator", security(("session" = ["operator.lists.read"])),
    params(("id" = ImportId, Path)), responses((status = 200, body = Imported)))]
async fn get_import(
    State(operator): State<Operator>,
    session: Session,
    Path(id): Path<ImportId>,
) -> Result<Json<Imported>, Problem> {
    Ok(Json(import::import_of_id(operator.db(), &session.who, id).await?))
}

/// Why numbers leave the seat unmasked.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
struct PurposeInput {
    /// Why; it goes into the journal.
    purpose: String,
}

/// Writes the own list as CSV with full numbers; the purpose goes into the journal.
#[utoipa::path(post, path = "/list-export", tag = "operator", security(("session" = ["operator.lists.read", "reveal"])),
    request_body = PurposeInput, responses((status = 200, content_type = "text/csv", body = String)))]
async fn export_list(
    State(operator): State<Operator>,
    session: Session,
    Json(input): Json<PurposeInput>,
) -> Result<Response, Problem> {
    session.require(entry::READ)?;
    session.require("reveal")?;
    if input.purpose.trim().chars().count() < 2 {
        return Err(Problem::fault(super::numbers::PURPOSE.at("purpose", &[])));
    }
    let mut entries = Vec::new();
    entry::each_active(operator.db(), |entry| entries.push(entry)).await?;
    let mut csv = Vec::new();
    let rows = file::write(&mut csv, &entries).map_err(Problem::server)?;
    let mut who = session.who.clone();
    who.purpose = Some(input.purpose.trim().chars().take(200).collect());
    let mut tx = operator.db().begin().await?;
    tx.append(JournalEntry::new("list.exported", "list:own").body(&json!({ "rows": rows })), &who).await?;
    tx.commit().await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"list.csv\""),
    ];
    Ok((headers, csv).into_response())
}
