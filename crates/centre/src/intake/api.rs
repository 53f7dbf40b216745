//! Routes of the intake desk.

use std::sync::Arc;
use std::time::Duration as StdDuration;

use axum::Extension;
use axum::extract::{DefaultBodyLimit, Multipart, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use kernel::{Duration, Fault, Faults, ImportId, Region, ReportId, Said, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Db, Who, document};
use tokio::sync::Semaphore;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::query::{ROWS, rows_within};
use web::{Buckets, Idem, Json, Limit, List, Path, Problem, Query, RequestContext, Session, read_cursor};

use super::check::{check, check_public, payments_that_read};
use super::duplicate::{Asked, Duplicate, duplicates};
use super::error::Error;
use super::import::{self, ImportReport, KeptMapping, Mapping};
use super::mask::{Masks, mask_draft, restore};
use super::model::*;
use super::narratives::{Narratives, reading};
use super::pairs::{self, Pair, Verdict, WaitingPair};
use super::partners::{BankNames, Partners};
use super::reader::{self, Found};
use super::store::{
    self as reports, Filter, Listed, PAGE_MAX, Report, Rules, about_to, change_draft, create_draft, keep_public, load,
    submit, submit_new,
};
use super::{payments, texts};

/// How long an upload is waited for before the answer says that it goes on.
const IMPORT_WAIT: StdDuration = StdDuration::from_secs(2);
/// How often it is looked whether a file that takes longer has been read.
const IMPORT_LOOK: StdDuration = StdDuration::from_millis(500);
/// A file must have been read after so many looks.
const IMPORT_LOOKS_MAX: usize = 46;
/// How often imports are looked for that a stopped seat left behind.
const RESUME_EVERY: StdDuration = StdDuration::from_secs(10);

/// Payments in one report of the public page at most: what a person needs, and little work for a stranger to ask for.
const PUBLIC_PAYMENTS_MAX: usize = 20;
/// Reports of the public page that are worked on at once, whatever address they come from: the one writer is the victims'
/// and the officers' first.
const STRANGERS_AT_ONCE_MAX: usize = 2;
/// After how long a stranger who found no place may come again.
const STRANGERS_WAIT: Duration = Duration::seconds(4);

/// What the desk goes by; every one may be set.
#[derive(Debug, Clone)]
pub struct Parameters {
    /// Like payments into the same account no further apart than this are one.
    pub same_payment_within: Duration,
    /// Reports that one address may send from the public page at once.
    pub public_burst: i64,
    /// After how long it may send one more.
    pub public_interval: Duration,
    /// Region of reports that name none, such as a bank's notice without one.
    pub home_region: Option<Region>,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            same_payment_within: Duration::minutes(10),
            public_burst: 5,
            public_interval: Duration::minutes(2),
            home_region: None,
        }
    }
}

/// What the routes share; cheap to clone.
#[derive(Clone)]
pub struct Intake(Arc<Inner>);

struct Inner {
    db: Db,
    parameters: Parameters,
    partners: Partners,
    public: Buckets,
    /// Places of all strangers together.
    strangers: Semaphore,
    narratives: Narratives,
    /// Where files lie while they are imported.
    folder: std::path::PathBuf,
}

impl Intake {
    /// The desk over a migrated database.
    pub fn new(db: Db, parameters: Parameters, partners: Partners) -> Self {
        let public = Buckets::new(Limit { burst: parameters.public_burst, interval: parameters.public_interval });
        let strangers = Semaphore::new(STRANGERS_AT_ONCE_MAX);
        let folder = std::env::temp_dir().join("shouhu-imports");
        Self(Arc::new(Inner { db, parameters, partners, public, strangers, narratives: Narratives::default(), folder }))
    }

    /// Keeps files that are being imported in this folder, which no other user may read.
    pub fn in_folder(self, folder: std::path::PathBuf) -> Self {
        let of = &self.0;
        let public = Buckets::new(Limit { burst: of.parameters.public_burst, interval: of.parameters.public_interval });
        let strangers = Semaphore::new(STRANGERS_AT_ONCE_MAX);
        let (db, parameters, partners) = (of.db.clone(), of.parameters.clone(), of.partners.clone());
        Self(Arc::new(Inner { db, parameters, partners, public, strangers, narratives: Narratives::default(), folder }))
    }

    /// Goes on with imports that were cut off when a seat was stopped. Does not end.
    pub async fn resume_imports(self) {
        loop {
            if let Err(error) = self.resume_cut_off().await {
                tracing::warn!(%error, "imports that were cut off could not be looked for; it is tried again");
            }
            tokio::time::sleep(RESUME_EVERY).await;
        }
    }

    async fn resume_cut_off(&self) -> store::Result<()> {
        for cut_off in import::forsaken(self.db()).await? {
            let id = cut_off.id;
            // One that cannot go on holds up no other.
            match self.resume_import(&cut_off).await {
                Ok(()) => tracing::info!(import = %id, "went on with an import of reports"),
                Err(error) if import::give_up(self.db(), &cut_off, &error).await? => {
                    tracing::error!(import = %id, ?error, "an import that was cut off cannot go on; it has failed");
                }
                Err(error) => {
                    tracing::warn!(import = %id, ?error, "an import that was cut off could not go on; it is tried again");
                }
            }
        }
        Ok(())
    }

    async fn resume_import(&self, cut_off: &import::CutOff) -> Result<(), super::error::Error> {
        let file = import::file_again(self.db(), cut_off, &self.0.folder).await?;
        let path = file.path.clone();
        let banks = self.banks();
        let done = import::import(self.db(), &cut_off.who, file, self.rules(&banks)).await;
        if let Err(error) = tokio::fs::remove_file(&path).await {
            tracing::warn!(%error, "the file of an import could not be removed");
        }
        done.map(|_| ())
    }

    /// The masks of a narrative, read outside of any transaction.
    async fn masks(&self, narrative: &str) -> Result<Arc<Masks>, Problem> {
        self.0.narratives.masks(narrative).await
    }

    fn db(&self) -> &Db {
        &self.0.db
    }

    fn banks(&self) -> Arc<BankNames> {
        self.0.partners.names()
    }

    fn rules<'a>(&self, banks: &'a BankNames) -> Rules<'a> {
        self.0.parameters.rules(banks)
    }
}

impl Parameters {
    /// By what reports are checked and joined, with the banks known now.
    pub fn rules<'a>(&self, banks: &'a BankNames) -> Rules<'a> {
        Rules { banks, same_payment_within: self.same_payment_within, home_region: self.home_region }
    }
}

/// The routes.
pub fn router(desk: Intake) -> OpenApiRouter {
    let uploads = OpenApiRouter::new()
        .routes(routes!(create_import, list_imports))
        .layer(DefaultBodyLimit::max(document::SIZE_MAX + 64 * 1024));
    OpenApiRouter::new()
        .routes(routes!(list_reports, create_report))
        .routes(routes!(get_report, change_report))
        .routes(routes!(submit_report))
        .routes(routes!(close_report))
        .routes(routes!(read_narrative))
        .routes(routes!(find_duplicates))
        .routes(routes!(list_pairs))
        .routes(routes!(decide_pair))
        .routes(routes!(get_import))
        .routes(routes!(get_mapping, put_mapping))
        .routes(routes!(create_public_report))
        .merge(uploads)
        .with_state(desk)
}

/// A report as sent: the fields of a draft, and what to do with it.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ReportInput {
    /// `draft` (default) keeps it; `submitted` checks and submits it.
    #[serde(default)]
    state: Option<InputState>,
    /// The version that a change saw.
    #[serde(default)]
    version: Option<i64>,
    #[serde(default)]
    channel: Option<String>,
    #[serde(default)]
    victim: Option<DraftVictim>,
    #[serde(default)]
    narrative: Option<String>,
    #[serde(default)]
    payments: Option<Vec<DraftPayment>>,
    #[serde(default)]
    contacts: Option<Vec<DraftContact>>,
    #[serde(default)]
    scam_type: Option<String>,
    #[serde(default)]
    region: Option<String>,
    #[serde(default)]
    occurred_at: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
enum InputState {
    Draft,
    Submitted,
}

impl ReportInput {
    fn into_draft(self) -> Draft {
        Draft {
            channel: self.channel.unwrap_or_default(),
            victim: self.victim.unwrap_or_default(),
            narrative: self.narrative.unwrap_or_default(),
            payments: self.payments.unwrap_or_default(),
            contacts: self.contacts.unwrap_or_default(),
            scam_type: self.scam_type.unwrap_or_default(),
            region: self.region.unwrap_or_default(),
            occurred_at: self.occurred_at.unwrap_or_default(),
        }
    }
}

/// A report as shown. Personal data is masked, but in a draft that the reader began himself.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct ReportOutput {
    /// Identity.
    id: ReportId,
    /// Short number.
    number: String,
    /// Where it stands.
    state: ReportState,
    /// Counts changes; send it back with a change.
    version: i64,
    /// Whether personal data is masked; masked fields that come back unchanged keep their values.
    masked: bool,
    /// What it says.
    #[serde(flatten)]
    report: Draft,
    /// When it was begun.
    created_at: Timestamp,
    /// Who began it.
    created_by: String,
    /// When it was last changed.
    changed_at: Timestamp,
    /// When it was submitted.
    submitted_at: Option<Timestamp>,
    /// The report of the same payment that it was joined to.
    joined_to: Option<JoinedOutput>,
    /// Payments that the other report did not have and has now; after a submit.
    #[serde(skip_serializing_if = "Option::is_none")]
    payments_added: Option<i64>,
    /// Payments that came after the case was closed and wait for a person, see `/payments-waiting`; when one report is
    /// asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    payments_waiting: Option<i64>,
    /// What a submit would refuse now; of a draft.
    faults: Vec<Fault>,
    /// Worth a second look; never a reason to refuse.
    warnings: Vec<Fault>,
    /// Other reports that may speak of the same payment, and what a person decided about each.
    duplicates: Vec<Pair>,
    /// What may be done now.
    allowed: Vec<&'static str>,
}

/// The report that another was joined to.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct JoinedOutput {
    /// Identity.
    id: ReportId,
    /// Short number.
    number: String,
}

impl ReportOutput {
    /// # Errors
    /// The masks are not those of the report: it was changed since they were read.
    fn of(report: Report, who: &Who, banks: &BankNames, now: Timestamp, masks: &Masks) -> Result<Self, Error> {
        let (mut faults, mut warnings) = (Vec::new(), Vec::new());
        if report.state == ReportState::Draft {
            let checked = check(&report.draft, now, banks);
            faults = checked.report.err().map(|faults| faults.0).unwrap_or_default();
            warnings = checked.cautions;
        }
        let own_draft = is_own_draft(&report, who);
        let shown = if own_draft { Some(report.draft) } else { mask_draft(&report.draft, masks) };
        let shown = shown.ok_or(store::Error::Moved { table: "intake_report" })?;
        let mut allowed = Vec::new();
        if who.may(reports::WRITE) {
            let acts =
                [(ReportEvent::Change, "change"), (ReportEvent::Submit, "submit"), (ReportEvent::Close, "close")];
            allowed =
                acts.iter().filter(|(event, _)| report.state.after(*event).is_some()).map(|(_, act)| *act).collect();
        }
        Ok(Self {
            id: report.id,
            number: report.number,
            state: report.state,
            version: report.version,
            masked: !own_draft,
            report: shown,
            created_at: report.created_at,
            created_by: report.created_by,
            changed_at: report.changed_at,
            submitted_at: report.submitted_at,
            joined_to: report.joined_to.map(|(id, number)| JoinedOutput { id, number }),
            payments_added: None,
            payments_waiting: None,
            faults,
            warnings,
            duplicates: Vec::new(),
            allowed,
        })
    }
}

/// One's own draft is shown as typed.
fn is_own_draft(report: &Report, who: &Who) -> bool {
    report.state == ReportState::Draft && report.created_by == who.user
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// In this state.
    state: Option<ReportState>,
    /// That came in this way.
    channel: Option<Channel>,
    /// Number, beginning of the name of the victim or a payee, telephone of the victim, account paid into, or contact.
    q: Option<String>,
    /// Reports in a page; 50 unless given, 200 at most.
    limit: Option<i64>,
    /// Where the page begins, from the page before.
    cursor: Option<String>,
}

/// Lists reports, the newest first, within the reader's region; personal data masked.
#[utoipa::path(get, path = "/reports", tag = "intake", security(("session" = ["intake.read"])), params(ListQuery),
    responses((status = 200, body = List<Listed>)))]
async fn list_reports(
    State(desk): State<Intake>,
    session: Session,
    Query(query): Query<ListQuery>,
) -> Result<Json<List<Listed>>, Problem> {
    let (shown, limit) = rows_within(query.limit, ROWS, PAGE_MAX);
    let before = query.cursor.as_deref().map(read_cursor).transpose()?;
    let before = before.and_then(|key| {
        let (at, id) = key.split_once(':')?;
        Some((Timestamp(at.parse().ok()?), id.to_owned()))
    });
    let filter = Filter { state: query.state, channel: query.channel, text: query.q, before, limit };
    let items = reports::list(desk.db(), &session.who, &filter).await?;
    Ok(Json(List::page(items, shown, |row| format!("{}:{}", row.created_at.0, row.id))))
}

/// Keeps a draft, or checks and submits a report at once; a report of a payment that is known is joined to the first.
#[utoipa::path(post, path = "/reports", tag = "intake", security(("session" = ["intake.write"])),
    request_body = ReportInput, responses((status = 201, body = ReportOutput)))]
async fn create_report(
    State(desk): State<Intake>,
    session: Session,
    idem: Idem,
    Json(input): Json<ReportInput>,
) -> Result<Response, Problem> {
    let (who, banks) = (&session.who, desk.banks());
    let wanted = input.state.unwrap_or(InputState::Draft);
    let draft = input.into_draft();
    who.require(reports::WRITE)?;
    let masks = match wanted {
        InputState::Draft => Arc::default(),
        InputState::Submitted => desk.masks(&draft.narrative).await?,
    };
    let mut tx = desk.db().begin().await?;
    let now = tx.now();
    let output = match wanted {
        InputState::Draft => {
            let report = create_draft(&mut tx, who, &draft).await?;
            ReportOutput::of(report, who, &banks, now, &masks)?
        }
        InputState::Submitted => {
            let outcome = submit_new(&mut tx, who, &draft, desk.rules(&banks)).await?;
            after_submit(&mut tx, who, outcome, &banks, &masks).await?
        }
    };
    let answer = idem.finish(&mut tx, StatusCode::CREATED, &output).await?;
    tx.commit().await?;
    Ok(answer)
}

async fn after_submit(
    tx: &mut store::Tx,
    who: &Who,
    outcome: reports::Outcome,
    banks: &BankNames,
    masks: &Masks,
) -> Result<ReportOutput, Problem> {
    let report = reports::fetch(tx, outcome.id).await?;
    let mut output = ReportOutput::of(report, who, banks, tx.now(), masks)?;
    output.payments_added = Some(outcome.payments_added);
    output.warnings = outcome.cautions;
    Ok(output)
}

/// Shows a report; personal data masked, but in one's own draft.
#[utoipa::path(get, path = "/reports/{id}", tag = "intake", security(("session" = ["intake.read"])),
    params(("id" = ReportId, Path)), responses((status = 200, body = ReportOutput)))]
async fn get_report(
    State(desk): State<Intake>,
    session: Session,
    Path(id): Path<ReportId>,
) -> Result<Json<ReportOutput>, Problem> {
    let report = load(desk.db(), &session.who, id).await?;
    let now = desk.db().clock().now();
    let as_typed = is_own_draft(&report, &session.who);
    let masks = if as_typed { Arc::default() } else { desk.masks(&report.draft.narrative).await? };
    let mut output = ReportOutput::of(report, &session.who, &desk.banks(), now, &masks)?;
    output.payments_waiting = Some(payments::waiting(desk.db(), id).await?);
    output.duplicates = pairs::of_report(desk.db(), &session.who, id).await?;
    Ok(Json(output))
}

/// Changes a draft; with `state` `submitted` submits it too. The version seen must be the present one.
#[utoipa::path(put, path = "/reports/{id}", tag = "intake", security(("session" = ["intake.write"])),
    params(("id" = ReportId, Path)), request_body = ReportInput, responses((status = 200, body = ReportOutput)))]
async fn change_report(
    State(desk): State<Intake>,
    session: Session,
    Path(id): Path<ReportId>,
    Json(input): Json<ReportInput>,
) -> Result<Json<ReportOutput>, Problem> {
    let (who, banks) = (&session.who, desk.banks());
    let wanted = input.state.unwrap_or(InputState::Draft);
    let Some(version) = input.version else { return Err(texts::MISSING.at("version", &[]).into()) };
    let mut draft = input.into_draft();
    // The version holds the stored draft still: one that is changed meanwhile is told by the change itself.
    let stored = about_to(desk.db(), who, id, ReportEvent::Change, Some(version)).await?;
    let hidden =
        if draft.narrative.contains('*') { desk.masks(&stored.draft.narrative).await? } else { Arc::default() };
    restore(&mut draft, &stored.draft, &hidden);
    let as_typed = wanted == InputState::Draft && is_own_draft(&stored, who);
    let masks = if as_typed { Arc::default() } else { desk.masks(&draft.narrative).await? };
    let mut tx = desk.db().begin().await?;
    let changed = change_draft(&mut tx, who, id, version, &draft).await?;
    let output = match wanted {
        InputState::Draft => ReportOutput::of(changed, who, &banks, tx.now(), &masks)?,
        InputState::Submitted => {
            let outcome = submit(&mut tx, who, id, Some(changed.version), desk.rules(&banks)).await?;
            after_submit(&mut tx, who, outcome, &banks, &masks).await?
        }
    };
    tx.commit().await?;
    Ok(Json(output))
}

#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct SubmitInput {
    /// The version seen; without it the present one is submitted.
    #[serde(default)]
    version: Option<i64>,
}

/// Submits a draft: tells every fault at once, or hands it to the stop desk.
#[utoipa::path(post, path = "/reports/{id}/submit", tag = "intake", security(("session" = ["intake.write"])),
    params(("id" = ReportId, Path)), request_body = Option<SubmitInput>, responses((status = 200, body = ReportOutput)))]
async fn submit_report(
    State(desk): State<Intake>,
    session: Session,
    idem: Idem,
    Path(id): Path<ReportId>,
    input: Option<Json<SubmitInput>>,
) -> Result<Response, Problem> {
    let (who, banks) = (&session.who, desk.banks());
    let input = input.map(|Json(input)| input).unwrap_or_default();
    let stored = about_to(desk.db(), who, id, ReportEvent::Submit, input.version).await?;
    let masks = desk.masks(&stored.draft.narrative).await?;
    let mut tx = desk.db().begin().await?;
    let outcome = submit(&mut tx, who, id, input.version, desk.rules(&banks)).await?;
    let output = after_submit(&mut tx, who, outcome, &banks, &masks).await?;
    let answer = idem.finish(&mut tx, StatusCode::OK, &output).await?;
    tx.commit().await?;
    Ok(answer)
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct CloseInput {
    /// Why its work is done; stands in the journal, so it names nobody.
    reason: String,
}

/// Closes a submitted report.
#[utoipa::path(post, path = "/reports/{id}/close", tag = "intake", security(("session" = ["intake.write"])),
    params(("id" = ReportId, Path)), request_body = CloseInput, responses((status = 200, body = ReportOutput)))]
async fn close_report(
    State(desk): State<Intake>,
    session: Session,
    Path(id): Path<ReportId>,
    Json(input): Json<CloseInput>,
) -> Result<Json<ReportOutput>, Problem> {
    let reason = input.reason.trim();
    if reason.is_empty() {
        return Err(texts::MISSING.at("reason", &[]).into());
    }
    let stored = about_to(desk.db(), &session.who, id, ReportEvent::Close, None).await?;
    let masks = desk.masks(&stored.draft.narrative).await?;
    let mut tx = desk.db().begin().await?;
    reports::close(&mut tx, &session.who, id, reason).await?;
    let report = reports::fetch(&mut tx, id).await?;
    let output = ReportOutput::of(report, &session.who, &desk.banks(), tx.now(), &masks)?;
    tx.commit().await?;
    Ok(Json(output))
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct NarrativeInput {
    /// The narrative, or a pasted bank table.
    text: String,
    /// The moment from which 昨天 and 半小时前 count; now unless given.
    #[serde(default)]
    reference_time: Option<String>,
}

/// Reads a narrative: numbers, accounts, amounts, times, addresses, and the payments they make up. Keeps nothing.
#[utoipa::path(post, path = "/reports/read-narrative", tag = "intake", security(("session" = ["intake.write"])),
    request_body = NarrativeInput, responses((status = 200, body = Found)))]
async fn read_narrative(
    State(desk): State<Intake>,
    _session: Session,
    Json(input): Json<NarrativeInput>,
) -> Result<Json<Found>, Problem> {
    let mut faults = Faults::none();
    let length = input.text.chars().count();
    if length > reader::CHARS_MAX {
        let (length, most) = (length.to_string(), reader::CHARS_MAX.to_string());
        faults.push(texts::TOO_LONG.at("text", &[("length", &length), ("most", &most)]));
    }
    let reference = match input.reference_time.as_deref().map(str::trim).filter(|t| !t.is_empty()) {
        None => desk.db().clock().now(),
        Some(text) => super::parse_moment(text).unwrap_or_else(|| {
            faults.push(texts::REFERENCE_TIME.at("reference_time", &[]));
            Timestamp::default()
        }),
    };
    faults.into_result()?;
    let banks = desk.banks();
    Ok(Json(reading(move || reader::read_narrative(&input.text, reference, &banks)).await?))
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct DuplicatesInput {
    /// Payments of the report being typed; those that do not read yet are passed over.
    payments: Vec<DraftPayment>,
    /// Its victim, as far as known.
    #[serde(default)]
    victim: DraftVictim,
    /// The report itself, where it is a draft already.
    #[serde(default)]
    except: Option<ReportId>,
}

/// Finds reports of the same payments, before a second report is submitted.
#[utoipa::path(post, path = "/reports/duplicates", tag = "intake", security(("session" = ["intake.write"])),
    request_body = DuplicatesInput, responses((status = 200, body = List<Duplicate>)))]
async fn find_duplicates(
    State(desk): State<Intake>,
    _session: Session,
    Json(input): Json<DuplicatesInput>,
) -> Result<Json<List<Duplicate>>, Problem> {
    let banks = desk.banks();
    let payments = payments_that_read(&input.payments, desk.db().clock().now(), &banks);
    let asked = Asked::new(payments.iter().map(|(index, payment)| (*index, payment)).collect(), &input.victim);
    let mut db = desk.db();
    let found = duplicates(&mut db, &asked, input.except, desk.0.parameters.same_payment_within).await?;
    Ok(Json(List::whole(found)))
}

/// Lists pairs of reports that may speak of one payment and wait for a person, the oldest first.
#[utoipa::path(get, path = "/report-pairs", tag = "intake", security(("session" = ["intake.read"])),
    responses((status = 200, body = List<WaitingPair>)))]
async fn list_pairs(State(desk): State<Intake>, session: Session) -> Result<Json<List<WaitingPair>>, Problem> {
    Ok(Json(List::whole(pairs::waiting(desk.db(), &session.who, PAGE_MAX).await?)))
}

/// What a person decides about two reports.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct PairInput {
    /// One payment, or two.
    verdict: Verdict,
    /// Why; stands in the journal, so it names nobody.
    #[serde(default)]
    #[schema(required = true)]
    reason: String,
}

/// Decides whether two reports speak of one payment; the decision stays. Two submitted reports that do become one case.
#[utoipa::path(post, path = "/reports/{id}/pairs/{other}", tag = "intake", security(("session" = ["intake.write"])),
    params(("id" = ReportId, Path), ("other" = ReportId, Path)), request_body = PairInput,
    responses((status = 204)))]
async fn decide_pair(
    State(desk): State<Intake>,
    session: Session,
    Path((id, other)): Path<(ReportId, ReportId)>,
    Json(input): Json<PairInput>,
) -> Result<StatusCode, Problem> {
    let banks = desk.banks();
    let mut tx = desk.db().begin().await?;
    pairs::decide(&mut tx, &session.who, (id, other), input.verdict, &input.reason, desk.rules(&banks)).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Form of an upload.
#[derive(Debug, utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the multipart form")]
struct ImportForm {
    /// Where the file comes from; its mapping is kept under this name.
    source: String,
    /// CSV (UTF-8, UTF-16 or GB18030) or XLSX.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Imports a file. 200 with the result; 202 when a large file goes on after the answer: ask for it by its id until `state`
/// is no longer `running`. A file that is sent again is read again, and makes nothing twice.
#[utoipa::path(post, path = "/report-imports", tag = "intake", security(("session" = ["intake.write"])),
    request_body(content = ImportForm, content_type = "multipart/form-data"),
    responses((status = 200, body = ImportReport), (status = 202, body = ImportReport)))]
async fn create_import(State(desk): State<Intake>, session: Session, mut form: Multipart) -> Result<Response, Problem> {
    let (mut source, mut file) = (String::new(), None);
    let broken =
        |e: axum::extract::multipart::MultipartError| Problem::fault(texts::NO_FILE.at("file", &[])).because(e);
    while let Some(field) = form.next_field().await.map_err(broken)? {
        match field.name() {
            Some("source") => source = field.text().await.map_err(broken)?.trim().to_owned(),
            Some("file") => {
                session.who.require(reports::WRITE)?;
                file = Some(web::Upload::take(field, &desk.0.folder, document::SIZE_MAX as u64).await?);
            }
            _ => {}
        }
    }
    let upload = file.ok_or_else(|| Problem::fault(texts::NO_FILE.at("file", &[])))?;
    let (sha256, db) = (upload.sha256.clone(), desk.db());
    let file = import::File { source: source.clone(), name: upload.name.clone(), path: upload.path().to_owned() };
    let (banks, who, task_desk) = (desk.banks(), session.who.clone(), desk.clone());
    let mut work = tokio::spawn(async move {
        let done = import::import(task_desk.db(), &who, file, task_desk.rules(&banks)).await;
        // It lay there until now.
        drop(upload);
        if let Err(error) = &done {
            tracing::warn!(?error, "a file was not imported");
        }
        done
    });
    let mut wait = IMPORT_WAIT;
    for _ in 0..IMPORT_LOOKS_MAX {
        match tokio::time::timeout(wait, &mut work).await {
            Ok(done) => return Ok(Json(done.map_err(Problem::server)??).into_response()),
            Err(_elapsed) => {
                if let Some(report) = import::of_content(db, &session.who, &source, &sha256).await? {
                    return Ok((StatusCode::ACCEPTED, Json(report)).into_response());
                }
            }
        }
        wait = IMPORT_LOOK;
    }
    // Not even its rows are known: it is given up, and the sender is told.
    work.abort();
    Err(Problem::fault(sheet::texts::TIME.at("file", &[])))
}

/// Lists the latest imports.
#[utoipa::path(get, path = "/report-imports", tag = "intake", security(("session" = ["intake.read"])),
    responses((status = 200, body = List<ImportReport>)))]
async fn list_imports(State(desk): State<Intake>, session: Session) -> Result<Json<List<ImportReport>>, Problem> {
    Ok(Json(List::whole(import::list(desk.db(), &session.who).await?)))
}

/// Shows an import with its refused rows.
#[utoipa::path(get, path = "/report-imports/{id}", tag = "intake", security(("session" = ["intake.read"])),
    params(("id" = ImportId, Path)), responses((status = 200, body = ImportReport)))]
async fn get_import(
    State(desk): State<Intake>,
    session: Session,
    Path(id): Path<ImportId>,
) -> Result<Json<ImportReport>, Problem> {
    Ok(Json(import::load(desk.db(), &session.who, id).await?))
}

/// Shows the mapping of a source.
#[utoipa::path(get, path = "/report-import-mappings/{source}", tag = "intake", security(("session" = ["intake.read"])),
    params(("source" = String, Path)), responses((status = 200, body = KeptMapping)))]
async fn get_mapping(
    State(desk): State<Intake>,
    session: Session,
    Path(source): Path<String>,
) -> Result<Json<KeptMapping>, Problem> {
    let kept = import::mapping(desk.db(), &session.who, &source).await?;
    kept.map(Json).ok_or_else(|| Problem::not_found("mapping"))
}

/// Keeps the mapping of a source.
#[utoipa::path(put, path = "/report-import-mappings/{source}", tag = "intake",
    security(("session" = ["intake.write"])), params(("source" = String, Path)), request_body = Mapping,
    responses((status = 200, body = KeptMapping)))]
async fn put_mapping(
    State(desk): State<Intake>,
    session: Session,
    Path(source): Path<String>,
    Json(mapping): Json<Mapping>,
) -> Result<Json<KeptMapping>, Problem> {
    import::keep_mapping(desk.db(), &session.who, &source, &mapping).await?;
    let kept = import::mapping(desk.db(), &session.who, &source).await?;
    kept.map(Json).ok_or_else(|| Problem::not_found("mapping"))
}

/// What a member of the public is told.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct PublicOutput {
    /// Number to ask by.
    number: String,
    /// Receipt and advice in both languages.
    #[serde(flatten)]
    said: Said,
}

/// Takes a report of the public page, without a session. It waits for an officer, who submits it: nothing is ordered,
/// joined or listed by what a stranger tells. Limited by address, and for all strangers together.
#[utoipa::path(post, path = "/public/reports", tag = "intake", security(()), request_body = ReportInput,
    responses((status = 201, body = PublicOutput), (status = 429)))]
async fn create_public_report(
    State(desk): State<Intake>,
    Extension(context): Extension<RequestContext>,
    idem: Idem,
    Json(input): Json<ReportInput>,
) -> Result<Response, Problem> {
    // Who finds no place loses none of his tries by it.
    let _place = desk.0.strangers.try_acquire().map_err(|_none| Problem::rate_limited(STRANGERS_WAIT))?;
    desk.0.public.admit(&context.trier(), desk.db().clock().steady())?;
    let address = context.remote.unwrap_or_default();
    let mut who = Who::user("public", &[reports::WRITE]);
    who.remote = Some(address);
    let banks = desk.banks();
    let mut draft = input.into_draft();
    draft.channel = Channel::Public.code().into();
    if draft.payments.len() > PUBLIC_PAYMENTS_MAX {
        let (count, most) = (draft.payments.len().to_string(), PUBLIC_PAYMENTS_MAX.to_string());
        return Err(texts::PUBLIC_PAYMENTS.at("payments", &[("count", &count), ("most", &most)]).into());
    }
    let mut db = desk.db();
    let now = db.clock().now();
    check_public(&draft, now, &banks)?;
    let payments = payments_that_read(&draft.payments, now, &banks);
    let asked = Asked::new(payments.iter().map(|(index, payment)| (*index, payment)).collect(), &draft.victim);
    let found = duplicates(&mut db, &asked, None, desk.0.parameters.same_payment_within).await?;
    let mut tx = db.begin().await?;
    let number = keep_public(&mut tx, &who, &draft, found).await?.number;
    let said = texts::RECEIVED.say(&[("number", &number)]);
    let answer = idem.finish(&mut tx, StatusCode::CREATED, &PublicOutput { number, said }).await?;
    tx.commit().await?;
    Ok(answer)
}
