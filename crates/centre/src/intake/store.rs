//! Reports in the database. Each change and its journal entry are one transaction.

use std::collections::{BTreeSet, HashMap};

use kernel::{AccountNo, Currency, Duration, Fault, Money, Msisdn, PersonName, Region, ReportId, ScamType, Timestamp};
use serde_json::json;
use store::journal::Entry;
use store::{Arg, Args, AssertSqlSafe, Db, Tx, Who, args, serial};

use super::check::{check, mask_as};
use super::duplicate::{Asked, Certainty, Duplicate, duplicates, known_payments};
use super::error::Error;
use super::mask::reveal_field;
use super::model::*;
use super::pairs::{self, Verdict};
use super::partners::BankNames;
use super::payments::{self, CasePayment};
use super::texts;
use crate::named::begins;

/// Right to see reports.
pub(crate) const READ: &str = "intake.read";
/// Right to take reports.
pub(crate) const WRITE: &str = "intake.write";
/// Other reports that are shown beside one of the public page at most.
const PUBLIC_PAIRS_MAX: usize = 50;
/// Reports in one page at most.
pub const PAGE_MAX: i64 = 200;

/// By what a report is checked when it is submitted.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// The banks that may be named.
    pub banks: &'a BankNames,
    /// Like payments into the same account no further apart than this are one.
    pub same_payment_within: Duration,
    /// Region of a report that names none.
    pub home_region: Option<Region>,
}

/// A report as it stands.
#[derive(Debug, Clone)]
pub struct Report {
    /// Identity.
    pub id: ReportId,
    /// Short number, for instance `R261123-0042`.
    pub number: String,
    /// Where it stands.
    pub state: ReportState,
    /// Counts changes; a change names the version that it saw.
    pub version: i64,
    /// What it says, in full; mask it before it is shown.
    pub draft: Draft,
    /// When it was begun.
    pub created_at: Timestamp,
    /// Who began it.
    pub created_by: String,
    /// When it was last changed.
    pub changed_at: Timestamp,
    /// When it was submitted.
    pub submitted_at: Option<Timestamp>,
    /// The report of the same payment that it was joined to, and its number.
    pub joined_to: Option<(ReportId, String)>,
}

/// A row of the list of reports; masked.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Listed {
    /// Identity.
    pub id: ReportId,
    /// Short number.
    pub number: String,
    /// Where it stands.
    pub state: ReportState,
    /// How it came in; empty where not said yet.
    pub channel: String,
    /// Region code; empty where not said yet.
    pub region: String,
    /// Scam type code; empty where not said yet.
    pub scam_type: String,
    /// Name of the victim, masked.
    pub victim_name: String,
    /// Telephone of the victim, masked.
    pub victim_phone: String,
    /// Sum of the payments.
    pub amount: Money,
    /// How many payments.
    pub payments: i64,
    /// When it was begun.
    pub created_at: Timestamp,
    /// Who began it.
    pub created_by: String,
    /// When it was submitted.
    pub submitted_at: Option<Timestamp>,
    /// The report that it was joined to.
    pub joined_to: Option<ReportId>,
}

/// Which reports are asked for.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// In this state.
    pub state: Option<ReportState>,
    /// That came in this way.
    pub channel: Option<Channel>,
    /// Number, name or telephone of the victim, account paid into, or contact.
    pub text: Option<String>,
    /// Only reports before this one (moment of beginning, identity); for the next page.
    pub before: Option<(Timestamp, String)>,
    /// At most so many; 1 to [`PAGE_MAX`].
    pub limit: i64,
}

/// What submitting led to.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Identity.
    pub id: ReportId,
    /// Short number.
    pub number: String,
    /// Submitted or joined.
    pub state: ReportState,
    /// The version now.
    pub version: i64,
    /// The report that it was joined to, and its number.
    pub joined_to: Option<(ReportId, String)>,
    /// Payments that the other report did not have and has now.
    pub payments_added: i64,
    /// Worth a second look.
    pub cautions: Vec<Fault>,
}

/// A submitted report as other desks work on it: with the payments of the reports joined to it. Account numbers and
/// names are in full: they go into sealed orders.
#[derive(Debug, Clone)]
pub struct SubmittedReport {
    /// Identity of the case: the report itself, or the one that it was joined to.
    pub case_id: ReportId,
    /// Short number of the case.
    pub case_number: String,
    /// Region that handles it, six digits.
    pub region: String,
    /// When it was submitted.
    pub submitted_at: Timestamp,
    /// What was paid, as far as the bank of the payee is known and the payment does not wait for a person.
    pub payments: Vec<CasePayment>,
}

/// Keeps every other transaction that forms cases waiting until this one ends: one that enters a report, keeps a pair,
/// or carries out a decision about a pair. What such a transaction reads (other reports of the payment, what people
/// decided, which report leads a case) then stays true until it commits:
///
/// ```text
/// join 2 to 1:  lock ── reads 1, it leads its case ── joins ── commits
/// join 1 to 0:     waits for the lock ──────────────────────── reads that 2 leads to 1 ── takes 2 along
/// ```
///
/// It is taken before the serial of the numbers and before any report is written, so that no two wait for each other.
pub(super) async fn lock_cases(tx: &mut Tx) -> store::Result<()> {
    store::lock_name(tx, "intake.cases").await
}

/// Keeps a draft, whatever its faults. Needs `intake.write`, and the region in scope where one is given.
pub async fn create_draft(tx: &mut Tx, who: &Who, draft: &Draft) -> Result<Report, Error> {
    who.require(WRITE)?;
    let columns = Columns::of(draft);
    columns.require_scope(who)?;
    let now = tx.now();
    let id = ReportId::new(now);
    let number = serial::next(tx, "R").await?;
    tx.write(
        "INSERT INTO intake_report (id, number, state, version, channel, region, scam_type, victim_name, victim_phone,
            amount_minor, currency, payments, draft, created_at, created_by, changed_at)
         VALUES ($1,$2,$3,1,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$13)",
        args![
            id,
            &number,
            ReportState::Draft.code(),
            &columns.channel,
            &columns.region,
            &columns.scam_type,
            &columns.victim_name,
            &columns.victim_phone,
            columns.amount.minor,
            columns.amount.currency.code(),
            columns.payments,
            written(draft)?,
            now,
            &who.user
        ],
    )
    .await?;
    let body = json!({ "report_id": id, "number": number, "version": 1, "channel": columns.channel });
    tx.append(entry("report.drafted", id, &columns.region).body(&body).private(draft), who).await?;
    Ok(Report {
        id,
        number,
        state: ReportState::Draft,
        version: 1,
        draft: draft.clone(),
        created_at: now,
        created_by: who.user.clone(),
        changed_at: now,
        submitted_at: None,
        joined_to: None,
    })
}

/// Keeps a report of the public page for an officer. What a stranger tells moves no machine: it becomes a case, joins
/// one, or names numbers only when an officer submits it, and is compared again then. Reports that may speak of the same
/// payment are shown to him; they were looked for before the transaction, which a stranger must not make long.
pub async fn keep_public(tx: &mut Tx, who: &Who, draft: &Draft, mut found: Vec<Duplicate>) -> Result<Report, Error> {
    if found.is_empty() {
        return create_draft(tx, who, draft).await;
    }
    lock_cases(tx).await?;
    let report = create_draft(tx, who, draft).await?;
    found.truncate(PUBLIC_PAIRS_MAX);
    for other in &mut found {
        // It may have joined another case since it was found.
        let (head,): (String,) = tx
            .fetch_one("SELECT COALESCE(joined_to, id) FROM intake_report WHERE id = $1", args![other.report_id])
            .await?;
        other.report_id = read_id(&head)?;
    }
    pairs::keep(tx, report.id, &found).await?;
    Ok(report)
}

/// A report that is about to undergo an event, as it stands outside of any transaction; the event looks again. Needs
/// `intake.write` and the report in scope.
pub(super) async fn about_to(
    db: &Db,
    who: &Who,
    id: ReportId,
    event: ReportEvent,
    version: Option<i64>,
) -> Result<Report, Error> {
    who.require(WRITE)?;
    let row: Option<ReportRow> = db.fetch_optional(REPORT, args![id]).await?;
    let report = row.ok_or(store::Error::NotFound { what: "report" })?.read()?;
    require_seen(who, &report)?;
    require(&report, event, version)?;
    Ok(report)
}

/// Changes a draft that is at the version named. Needs `intake.write` and the report in scope.
pub async fn change_draft(tx: &mut Tx, who: &Who, id: ReportId, version: i64, draft: &Draft) -> Result<Report, Error> {
    who.require(WRITE)?;
    let mut report = fetch(tx, id).await?;
    require_seen(who, &report)?;
    require(&report, ReportEvent::Change, Some(version))?;
    let columns = Columns::of(draft);
    columns.require_scope(who)?;
    let now = tx.now();
    let changes = columns.set(leave(&report, ReportState::Draft)).set("draft", written(draft)?).set("changed_at", now);
    let amount = &columns.amount;
    let changes = changes.set("amount_minor", amount.minor).set("currency", amount.currency.code());
    if !changes.try_apply(tx).await? {
        return Err(changed_meanwhile(version + 1));
    }
    report.version = version + 1;
    report.changed_at = now;
    report.draft = draft.clone();
    let body = json!({ "report_id": id, "number": report.number, "version": report.version });
    tx.append(entry("report.changed", id, &columns.region).body(&body).private(&report.draft), who).await?;
    Ok(report)
}

/// Checks a new report and submits it; where it has faults nothing is kept. Needs `intake.write`.
pub async fn submit_new(tx: &mut Tx, who: &Who, draft: &Draft, rules: Rules<'_>) -> Result<Outcome, Error> {
    who.require(WRITE)?;
    lock_cases(tx).await?;
    let checked = check(draft, tx.now(), rules.banks);
    let submitted = checked.report?;
    who.require_region(&submitted.region.to_string())?;
    let report = create_draft(tx, who, &submitted.to_draft()).await?;
    enter(tx, who, &report, &submitted, rules, checked.cautions).await
}

/// Checks a draft and submits it; where it has faults it stays a draft. Needs `intake.write` and the report in scope.
pub async fn submit(
    tx: &mut Tx,
    who: &Who,
    id: ReportId,
    version: Option<i64>,
    rules: Rules<'_>,
) -> Result<Outcome, Error> {
    who.require(WRITE)?;
    lock_cases(tx).await?;
    let report = fetch(tx, id).await?;
    require_seen(who, &report)?;
    require(&report, ReportEvent::Submit, version)?;
    let checked = check(&report.draft, tx.now(), rules.banks);
    let submitted = checked.report?;
    who.require_region(&submitted.region.to_string())?;
    enter(tx, who, &report, &submitted, rules, checked.cautions).await
}

/// Ends the work on a submitted report. Needs `intake.write` and the report in scope.
pub async fn close(tx: &mut Tx, who: &Who, id: ReportId, reason: &str) -> Result<(), Error> {
    who.require(WRITE)?;
    let report = fetch(tx, id).await?;
    require_seen(who, &report)?;
    require(&report, ReportEvent::Close, None)?;
    let now = tx.now();
    let closes =
        leave(&report, ReportState::Closed).set("closed_at", now).set("close_reason", reason).set("changed_at", now);
    if !closes.try_apply(tx).await? {
        return Err(changed_meanwhile(report.version + 1));
    }
    let body = json!({ "report_id": id, "number": report.number, "reason": reason });
    tx.append(entry("report.closed", id, &report.draft.region).body(&body), who).await?;
    Ok(())
}

/// The change of a report from the state and the version in which it was read, to the next version.
fn leave(report: &Report, next: ReportState) -> store::Transition {
    store::transition("intake_report", report.id)
        .from(report.state.code())
        .to(next.code())
        .expect("version", report.version)
        .set("version", report.version + 1)
}

/// Turns a checked draft into a submitted report, or joins it to the first report of the same payment. The caller holds
/// [`lock_cases`].
async fn enter(
    tx: &mut Tx,
    who: &Who,
    report: &Report,
    submitted: &Submitted,
    rules: Rules<'_>,
    cautions: Vec<Fault>,
) -> Result<Outcome, Error> {
    let decided = pairs::decided(tx, report.id).await?;
    let mut same = Vec::new();
    let mut possible = Vec::new();
    for found in duplicates(tx, &Asked::of(submitted), Some(report.id), rules.same_payment_within).await? {
        // What a person decided about the two stands, whatever the machine thinks.
        match (decided.get(&found.report_id).map(|case| case.verdict), found.certainty) {
            (Some(Verdict::Separate), _) => {}
            (Some(Verdict::Same), _) | (None, Certainty::Same) => same.push(found),
            (None, Certainty::Possible) => possible.push(found),
        }
    }
    // It stands, too, where the payments are no longer alike: an amount was corrected since.
    let by_hand = decided.into_iter().filter(|(_, case)| case.verdict == Verdict::Same);
    let by_hand = by_hand.map(|(id, case)| (case.submitted_at, id, case.number));
    let head = same.iter().map(|d| (d.submitted_at, d.report_id, d.number.clone())).chain(by_hand).min();
    let head = head.map(|(_, id, number)| (id, number));
    possible.retain(|found| head.as_ref().is_none_or(|(id, _)| *id != found.report_id));
    let event = if head.is_some() { ReportEvent::Join } else { ReportEvent::Submit };
    let state = report.state.after(event).ok_or_else(|| not_now(report))?;
    let now = tx.now();
    let (total, draft) = (submitted.total(), submitted.to_draft());
    let columns = Columns::of(&draft);
    let enters = columns
        .set(leave(report, state))
        .set("amount_minor", total.minor)
        .set("currency", total.currency.code())
        .set("occurred_at", submitted.occurred_at)
        .set("draft", written(&draft)?)
        .set("changed_at", now)
        .set("submitted_at", now)
        .set(
            "victim_citizen_id",
            submitted.victim.citizen_id.as_ref().map_or_else(String::new, |id| id.reveal().to_string()),
        )
        .set("joined_to", head.as_ref().map(|(id, _)| id.to_string()));
    if !enters.try_apply(tx).await? {
        return Err(changed_meanwhile(report.version + 1));
    }
    pairs::keep(tx, report.id, &possible).await?;
    for (position, payment) in (0..).zip(&submitted.payments) {
        payments::insert(tx, report.id, position, None, payment).await?;
    }
    for (position, contact) in (0_i64..).zip(&submitted.contacts) {
        tx.write(
            "INSERT INTO intake_contact (report_id, position, kind, value) VALUES ($1,$2,$3,$4)",
            args![report.id, position, contact.kind.code(), &contact.value],
        )
        .await?;
    }
    let version = report.version + 1;
    let mut outcome = Outcome {
        id: report.id,
        number: report.number.clone(),
        state,
        version,
        joined_to: head.clone(),
        payments_added: 0,
        cautions,
    };
    let facts = json!({
        "report_id": report.id, "number": report.number, "version": version, "payments": columns.payments,
        "amount": total, "region": submitted.region, "scam_type": submitted.scam_type, "channel": submitted.channel,
        "joined_to": head.as_ref().map(|(id, _)| id), "joined_number": head.as_ref().map(|(_, number)| number),
    });
    let kind = if head.is_some() { "report.joined" } else { "report.submitted" };
    let case = head.as_ref().map_or(report.id, |(id, _)| *id);
    tx.append(entry(kind, report.id, &columns.region).case(case).body(&facts).private(&draft), who).await?;
    if let Some((head_id, _)) = head {
        let known = known_payments(&same);
        let (there, new): (Vec<_>, Vec<_>) =
            submitted.payments.iter().enumerate().partition(|(index, _)| known.contains(index));
        let new: Vec<(ReportId, &Payment)> = new.into_iter().map(|(_, payment)| (report.id, payment)).collect();
        outcome.payments_added = payments::add(tx, who, head_id, report, &new).await?;
        payments::name_banks(tx, who, head_id, report, there.into_iter().map(|(_, payment)| payment)).await?;
        pairs::carry(tx, report.id, head_id).await?;
    }
    Ok(outcome)
}

/// A report by identity. Needs `intake.read` and the report in scope.
pub async fn load(db: &Db, who: &Who, id: ReportId) -> Result<Report, Error> {
    who.require(READ)?;
    let row: Option<ReportRow> = db.fetch_optional(REPORT, args![id]).await?;
    let report = row.ok_or(store::Error::NotFound { what: "report" })?.read()?;
    require_seen(who, &report)?;
    Ok(report)
}

/// A report by identity, whoever asks.
pub(crate) async fn fetch(tx: &mut Tx, id: ReportId) -> store::Result<Report> {
    let row: Option<ReportRow> = tx.fetch_optional(REPORT, args![id]).await?;
    row.ok_or(store::Error::NotFound { what: "report" })?.read()
}

/// The case to which a submitted report belongs, for desks that react to `report.submitted` and `report.joined`: its
/// own, or that of the report it was joined to. None while it is a draft, and where it does not exist.
pub async fn submitted(tx: &mut Tx, id: ReportId) -> store::Result<Option<SubmittedReport>> {
    Ok(all_submitted(tx, &[id]).await?.remove(&id))
}

/// The same of several reports, with two statements for all; by report. Those that are drafts or do not exist are left out.
pub async fn all_submitted(tx: &mut Tx, ids: &[ReportId]) -> store::Result<HashMap<ReportId, SubmittedReport>> {
    let mut found = HashMap::new();
    for some in ids.chunks(REPORTS_AT_ONCE) {
        let places = store::places(some.len(), 1, 1);
        let bound = some.iter().map(|id| Arg::from(id.to_string())).collect();
        let rows: Vec<(String, String, String, String, i64)> =
            tx.fetch_all(AssertSqlSafe(format!("{CASE} AND r.id IN {places}")), bound).await?;
        let cases: BTreeSet<&str> = rows.iter().map(|(_, case_id, ..)| case_id.as_str()).collect();
        let payments = payments::of_cases(tx, &cases).await?;
        for (id, case_id, case_number, region, submitted_at) in rows {
            let report = SubmittedReport {
                payments: payments.get(&case_id).cloned().unwrap_or_default(),
                case_id: read_id(&case_id)?,
                case_number,
                region,
                submitted_at: Timestamp(submitted_at),
            };
            found.insert(read_id(&id)?, report);
        }
    }
    Ok(found)
}

/// A personal field of `report:<id>` in full: `victim.phone`, `payments[0].payee_account`, `narrative` and so on.
/// Needs `intake.read` and the report in scope; the caller asks for the purpose and records the act.
pub async fn reveal(db: &Db, who: &Who, subject: &str, field: &str) -> Result<Option<web::Revealed>, web::Problem> {
    let Some(id) = subject.strip_prefix("report:").and_then(|id| id.parse().ok()) else { return Ok(None) };
    let report = match load(db, who, id).await {
        Ok(report) => report,
        Err(Error::Store(store::Error::NotFound { .. })) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let region = Columns::of(&report.draft).region;
    Ok(reveal_field(&report.draft, field).map(|value| web::Revealed {
        value,
        region: (region.len() == 6).then_some(region),
        case_id: Some(report.joined_to.map_or(report.id, |(id, _)| id).to_string()),
    }))
}

/// A page of reports, the newest first, within the scope of who asks. Needs `intake.read`.
pub async fn list(db: &Db, who: &Who, filter: &Filter) -> Result<Vec<Listed>, Error> {
    who.require(READ)?;
    let mut bound: Args = args![who.region_pattern(), &who.user];
    let mut sql = format!("{LISTED} WHERE (region LIKE $1 AND region <> '' OR region = '' AND created_by = $2");
    sql.push_str(if who.region.is_none() { " OR region = '')" } else { ")" });
    let mut and = |condition: &str, values: Args| {
        let mut condition = condition.to_owned();
        for value in values {
            bound.push(value);
            condition = condition.replacen('?', &format!("${}", bound.len()), 1);
        }
        sql.push_str(" AND ");
        sql.push_str(&condition);
    };
    if let Some(state) = filter.state {
        and("state = ?", args![state.code()]);
    }
    if let Some(channel) = filter.channel {
        and("channel = ?", args![channel.code()]);
    }
    if let Some(text) = filter.text.as_deref().map(str::trim).filter(|t| !t.is_empty()) {
        let (condition, values) = search(text);
        and(&condition, values);
    }
    if let Some((at, id)) = &filter.before {
        and("(created_at, id) < (?, ?)", args![*at, id]);
    }
    and("created_at >= ? ORDER BY created_at DESC, id DESC LIMIT ?", args![0_i64, filter.limit.clamp(1, PAGE_MAX + 1)]);
    let rows: Vec<ListedRow> = db.fetch_all(AssertSqlSafe(sql), bound).await?;
    rows.into_iter().map(|row| row.read().map_err(Error::from)).collect()
}

/// What a search text may be: a number, the beginning of the victim's or a payee's name, a telephone, an account paid into, a contact.
fn search(text: &str) -> (String, Args) {
    let mut parts = vec!["number LIKE ?".to_owned()];
    let prefix = format!("{}%", text.to_uppercase().replace(['%', '_'], ""));
    let mut values: Vec<Arg> = args![prefix];
    for (table, id, column) in [("intake_report", "id", "victim_name"), ("intake_payment", "report_id", "payee_name")] {
        if let Some((sql, [first, whole])) = begins(table, id, column, text) {
            parts.push(format!("id IN (SELECT * FROM ({sql}) AS named)"));
            values.extend(args![first, whole]);
        }
    }
    if let Ok(phone) = Msisdn::parse(text) {
        parts.push("victim_phone = ?".to_owned());
        values.push(phone.to_string().into());
        parts.push("id IN (SELECT report_id FROM intake_contact WHERE value = ?)".to_owned());
        values.push(phone.to_string().into());
    }
    if let Ok(account) = AccountNo::parse(text) {
        parts.push("id IN (SELECT report_id FROM intake_payment WHERE payee_account = ?)".to_owned());
        values.push(account.to_string().into());
    }
    parts.push("id IN (SELECT report_id FROM intake_contact WHERE value = ?)".to_owned());
    values.push(text.into());
    (format!("({})", parts.join(" OR ")), values)
}

pub(super) fn entry(kind: &str, id: ReportId, region: &str) -> Entry {
    let entry = Entry::new(kind, format!("report:{id}")).case(id);
    if region.len() == 6 { entry.region(region) } else { entry }
}

fn written(draft: &Draft) -> store::Result<String> {
    serde_json::to_string(draft).map_err(|e| store::Error::Corrupt(e.to_string()))
}

/// A draft without region belongs to who began it until it has one.
pub(super) fn require_seen(who: &Who, report: &Report) -> store::Result<()> {
    match Columns::of(&report.draft).region.as_str() {
        "" if who.region.is_none() || who.user == report.created_by => Ok(()),
        "" => Err(store::Error::OutOfScope),
        region => who.require_region(region),
    }
}

fn require(report: &Report, event: ReportEvent, version: Option<i64>) -> Result<(), Error> {
    if report.state.after(event).is_none() {
        return Err(not_now(report));
    }
    match version {
        Some(version) if version != report.version => Err(changed_meanwhile(report.version)),
        _ => Ok(()),
    }
}

pub(super) fn not_now(report: &Report) -> Error {
    let state = format!("{} / {}", report.state.zh(), report.state.en());
    Error::Conflict(texts::STATE.say(&[("number", &report.number), ("state", &state)]))
}

pub(super) fn changed_meanwhile(version: i64) -> Error {
    Error::Conflict(texts::VERSION.say(&[("version", &version.to_string())]))
}

/// What of a draft can be listed and searched, as far as it reads.
struct Columns {
    channel: String,
    region: String,
    scam_type: String,
    victim_name: String,
    victim_phone: String,
    amount: Money,
    payments: i64,
}

impl Columns {
    /// With the columns that every change of a report writes.
    fn set(&self, change: store::Transition) -> store::Transition {
        change
            .set("channel", &self.channel)
            .set("region", &self.region)
            .set("scam_type", &self.scam_type)
            .set("victim_name", &self.victim_name)
            .set("victim_phone", &self.victim_phone)
            .set("payments", self.payments)
    }

    fn of(draft: &Draft) -> Self {
        let region = [&draft.region, &draft.victim.region].into_iter().find_map(|text| Region::parse(text).ok());
        let amounts = draft.payments.iter().filter_map(|p| match &p.amount {
            DraftAmount::Money(money) => Some(*money),
            DraftAmount::Text(text) => {
                let currency = Currency::parse(&p.currency).unwrap_or(Currency::CNY);
                Money::parse(text, currency).ok()
            }
        });
        let amount = amounts.reduce(|sum, m| sum.checked_add(m).unwrap_or(sum));
        Self {
            channel: Channel::read(&draft.channel).map(|c| c.code().to_owned()).unwrap_or_default(),
            region: region.map(|r| r.current().to_string()).unwrap_or_default(),
            scam_type: ScamType::parse(&draft.scam_type).map(|t| t.to_string()).unwrap_or_default(),
            victim_name: PersonName::parse(&draft.victim.name).map(|n| n.to_string()).unwrap_or_default(),
            victim_phone: Msisdn::parse(&draft.victim.phone).map(|p| p.to_string()).unwrap_or_default(),
            amount: amount.unwrap_or(Money::zero(Currency::CNY)),
            payments: i64::try_from(draft.payments.len()).unwrap_or(i64::MAX),
        }
    }

    fn require_scope(&self, who: &Who) -> store::Result<()> {
        if self.region.is_empty() { Ok(()) } else { who.require_region(&self.region) }
    }
}

const REPORT: &str = "SELECT r.id, r.number, r.state, r.version, r.draft, r.created_at, r.created_by, r.changed_at,
    r.submitted_at, r.joined_to, head.number AS joined_number
    FROM intake_report r LEFT JOIN intake_report head ON head.id = r.joined_to WHERE r.id = $1";
const LISTED: &str = "SELECT id, number, state, channel, region, scam_type, victim_name, victim_phone, amount_minor,
    currency, payments, created_at, created_by, submitted_at, joined_to FROM intake_report";
const CASE: &str = "SELECT r.id, head.id, head.number, head.region, head.submitted_at
    FROM intake_report r JOIN intake_report head ON head.id = COALESCE(r.joined_to, r.id)
    WHERE head.submitted_at IS NOT NULL";
/// Reports that are read with one statement.
const REPORTS_AT_ONCE: usize = 500;
pub(super) fn corrupt(what: impl std::fmt::Display) -> store::Error {
    store::Error::Corrupt(what.to_string())
}

pub(super) fn read_id(text: &str) -> store::Result<ReportId> {
    text.parse().map_err(corrupt)
}

fn read_state(text: &str) -> store::Result<ReportState> {
    ReportState::read(text).ok_or_else(|| corrupt(format!("state {text}")))
}

#[derive(sqlx::FromRow)]
struct ReportRow {
    id: String,
    number: String,
    state: String,
    version: i64,
    draft: String,
    created_at: i64,
    created_by: String,
    changed_at: i64,
    submitted_at: Option<i64>,
    joined_to: Option<String>,
    joined_number: Option<String>,
}

impl ReportRow {
    fn read(self) -> store::Result<Report> {
        let joined_to = match (&self.joined_to, self.joined_number) {
            (Some(id), Some(number)) => Some((read_id(id)?, number)),
            _ => None,
        };
        Ok(Report {
            id: read_id(&self.id)?,
            number: self.number,
            state: read_state(&self.state)?,
            version: self.version,
            draft: serde_json::from_str(&self.draft).map_err(corrupt)?,
            created_at: Timestamp(self.created_at),
            created_by: self.created_by,
            changed_at: Timestamp(self.changed_at),
            submitted_at: self.submitted_at.map(Timestamp),
            joined_to,
        })
    }
}

#[derive(sqlx::FromRow)]
struct ListedRow {
    id: String,
    number: String,
    state: String,
    channel: String,
    region: String,
    scam_type: String,
    victim_name: String,
    victim_phone: String,
    amount_minor: i64,
    currency: String,
    payments: i64,
    created_at: i64,
    created_by: String,
    submitted_at: Option<i64>,
    joined_to: Option<String>,
}

impl ListedRow {
    fn read(self) -> store::Result<Listed> {
        let currency = Currency::parse(&self.currency).map_err(|f| corrupt(f.said.en))?;
        Ok(Listed {
            id: read_id(&self.id)?,
            number: self.number,
            state: read_state(&self.state)?,
            channel: self.channel,
            region: self.region,
            scam_type: self.scam_type,
            victim_name: mask_as(&self.victim_name, PersonName::parse),
            victim_phone: mask_as(&self.victim_phone, Msisdn::parse),
            amount: Money::new(self.amount_minor, currency),
            payments: self.payments,
            created_at: Timestamp(self.created_at),
            created_by: self.created_by,
            submitted_at: self.submitted_at.map(Timestamp),
            joined_to: self.joined_to.as_deref().map(read_id).transpose()?,
        })
    }
}
