//! Takes reports from a file of another system: one row a payment, rows of one key one report. Good rows become
//! submitted reports; refused rows are listed with the words for each fault. The same file, or the same rows in another
//! file of the source, make nothing twice, so that an import that was cut off is simply sent again.

mod mapping;
mod table;

use std::collections::BTreeMap;
use std::path::PathBuf;

use kernel::{Duration, Fault, Faults, ImportId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::journal::Entry;
use store::{Db, Tx, Who, args, document};

use super::check::check;
use super::error::Error;
use super::model::{Channel, Draft, DraftAmount, DraftContact, DraftPayment, Submitted};
use super::store::{READ, Rules, WRITE, submit_new};
use super::texts;
pub use mapping::{ColumnMapping, DefaultValue, FIELDS, Mapping};
pub use table::ROWS_MAX;

/// Reports entered in one transaction.
const BATCH: usize = 10;
/// Rows noted in one transaction.
const NOTED: usize = 200;
/// Imports that were cut off, looked at in one round at most.
const CUT_OFF_MAX: i64 = 50;
/// The place of what is said of the file as a whole, among what is said of its rows.
const OF_THE_FILE: i64 = -1;
/// How long another process waits before it takes over an import that was cut off.
const LEASE: Duration = Duration::minutes(2);
/// Refused rows that an answer lists at most.
const REFUSALS_MAX: i64 = 2_000;

/// A file to be imported.
#[derive(Debug, Clone)]
pub struct File {
    /// Where it comes from; mappings are kept by source.
    pub source: String,
    /// Its name.
    pub name: String,
    /// Where it lies; it may be removed when the import has ended.
    pub path: PathBuf,
}

/// What an import led to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ImportReport {
    /// Identity.
    pub id: ImportId,
    /// Where the file came from.
    pub source: String,
    /// Name of the file.
    pub file_name: String,
    /// SHA-256 of the file; the file is kept under it.
    pub sha256: String,
    /// `running`, `done`, or `failed` where it could not go on after a restart; row 0 of the refused rows says why.
    pub state: String,
    /// Rows with data.
    pub rows_total: i64,
    /// Rows that were refused.
    pub rows_refused: i64,
    /// Rows that are no payment of the victim, such as money that came in.
    pub rows_passed_over: i64,
    /// Reports that are new.
    pub reports_new: i64,
    /// Reports that were joined to others of the same payment.
    pub reports_joined: i64,
    /// Reports that an earlier import of the source had brought.
    pub reports_known: i64,
    /// When it began.
    pub started_at: Timestamp,
    /// When it was done.
    pub finished_at: Option<Timestamp>,
    /// The refused rows, in order.
    pub refused: Vec<RefusedRow>,
    /// Rows that were passed over, or taken with a remark, in order.
    pub remarks: Vec<RefusedRow>,
}

/// A row that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RefusedRow {
    /// As the file counts, from 1.
    pub row: i64,
    /// Why.
    pub faults: Vec<RowFault>,
}

/// A fault of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RowFault {
    /// Name of the column; empty where no column holds the field.
    pub column: String,
    /// The field and the words.
    #[serde(flatten)]
    pub fault: Fault,
}

/// A mapping as kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct KeptMapping {
    /// The source.
    pub source: String,
    /// Counts changes.
    pub version: i64,
    /// When it was last changed.
    pub changed_at: Timestamp,
    /// Who changed it.
    pub changed_by: String,
    /// The mapping.
    pub mapping: Mapping,
}

/// Rows that make one report.
struct Group {
    rows: Vec<u64>,
    draft: Draft,
    /// Faults seen before the report was checked, with the place of their row in `rows`.
    faults: Vec<(usize, Fault)>,
    /// What is said of rows that are taken.
    remarks: Vec<(usize, Fault)>,
}

/// A file read.
struct Content {
    groups: Vec<Group>,
    /// Rows that are no payments.
    passed_over: Vec<(u64, Fault)>,
    /// What is said of the file as a whole, at its row of names.
    remarks: Vec<(u64, RowFault)>,
    columns: Columns,
}

/// Imports a file. Needs `intake.write`; rows outside the region scope are refused.
///
/// # Errors
/// The file or its mapping does not read; then nothing was kept.
pub async fn import(db: &Db, who: &Who, file: File, rules: Rules<'_>) -> Result<ImportReport, Error> {
    who.require(WRITE)?;
    check_source(&file.source)?;
    let kept = mapping_of(db, &file.source).await?.map(|kept| kept.mapping);
    let content = read_groups(&file, kept).await?;
    let bytes = tokio::fs::read(&file.path).await.map_err(|e| store::Error::Corrupt(format!("reading a file: {e}")))?;
    let sha256 = document::sha256_hex(&bytes);
    let before = match known(db, &file.source, &sha256).await? {
        Some((id, state)) => Some(load(db, who, id).await?).filter(|_| state == "done"),
        None => None,
    };
    let (id, mut lease) = begin(db, who, &file, (&sha256, bytes), &content).await?;
    let mut position = 0;
    let mut tx = db.begin().await?;
    for (row, fault) in &content.remarks {
        note_row(&mut tx, id, "remark", (*row, std::slice::from_ref(fault)), &mut position).await?;
    }
    tx.commit().await?;
    for rows in content.passed_over.chunks(NOTED) {
        let mut tx = db.begin().await?;
        for (row, fault) in rows {
            let column = content.columns.get(&fault.field).cloned().unwrap_or_default();
            let faults = [RowFault { column, fault: fault.clone() }];
            note_row(&mut tx, id, "passed_over", (*row, &faults), &mut position).await?;
        }
        lease = renew(&mut tx, id, lease).await?;
        tx.commit().await?;
    }
    for batch in content.groups.chunks(BATCH) {
        let mut tx = db.begin().await?;
        // Reports of one source are compared and added one file after the other.
        store::lock_name(&mut tx, &format!("intake.import:{}", file.source)).await?;
        for group in batch {
            take(&mut tx, who, (id, &file.source), group, &content.columns, rules, &mut position).await?;
        }
        lease = renew(&mut tx, id, lease).await?;
        tx.commit().await?;
    }
    finish(db, who, (id, lease), &file, &sha256, before.as_ref()).await?;
    load(db, who, id).await
}

/// Only while the lease is ours: who takes over a file that stood still begins it anew.
async fn renew(tx: &mut Tx, id: ImportId, lease: Timestamp) -> store::Result<Timestamp> {
    let next = tx.now() + LEASE;
    let mine = store::transition("intake_import", id).from("running").expect("lease_until", lease);
    mine.set("lease_until", next).apply(tx).await?;
    Ok(next)
}

/// The import of a file that was sent before or is being imported, by its content.
///
/// # Errors
/// The database, or it lies outside the region scope.
pub async fn of_content(db: &Db, who: &Who, source: &str, sha256: &str) -> Result<Option<ImportReport>, Error> {
    match known(db, source, sha256).await? {
        Some((id, _)) => Ok(Some(load(db, &Who { region: who.region.clone(), ..Who::system("intake") }, id).await?)),
        None => Ok(None),
    }
}

/// An import that was cut off when a seat was stopped, and that nobody runs.
pub struct CutOff {
    /// Identity.
    pub id: ImportId,
    /// Who sent the file.
    pub who: Who,
    source: String,
    name: String,
    sha256: String,
}

/// Imports that were cut off, the oldest first.
///
/// # Errors
/// The database.
pub async fn forsaken(db: &Db) -> store::Result<Vec<CutOff>> {
    let rows: Vec<(String, String, String, String, String, Option<String>)> = db
        .fetch_all(
            "SELECT id, source, file_name, sha256, created_by, region FROM intake_import
             WHERE state = 'running' AND lease_until <= $1 ORDER BY started_at, id LIMIT $2",
            args![db.clock().now(), CUT_OFF_MAX],
        )
        .await?;
    rows.into_iter()
        .map(|(id, source, name, sha256, by, region)| {
            let who = Who { region, ..Who::user(&by, &[READ, WRITE]) };
            Ok(CutOff { id: read_id(&id)?, who, source, name, sha256 })
        })
        .collect()
}

/// Puts the file of an import that was cut off into a folder.
///
/// # Errors
/// The database, or the folder.
pub async fn file_again(db: &Db, cut_off: &CutOff, folder: &std::path::Path) -> store::Result<File> {
    let paper = document::get(db, &cut_off.sha256).await?;
    let path = folder.join(format!("{}.again", cut_off.sha256));
    let lost = |e: std::io::Error| store::Error::Corrupt(format!("writing a file: {e}"));
    tokio::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).await.map_err(lost)?;
    let mut options = tokio::fs::OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&path).await.map_err(lost)?;
    tokio::io::AsyncWriteExt::write_all(&mut file, &paper.content).await.map_err(lost)?;
    tokio::io::AsyncWriteExt::flush(&mut file).await.map_err(lost)?;
    Ok(File { source: cut_off.source.clone(), name: cut_off.name.clone(), path })
}

/// Ends an import that cannot go on, with the reason as what is said of its row 0, and gives whether it did so. One that
/// another process runs, or that may go on later, is left alone. The file may be sent again.
///
/// # Errors
/// The database.
pub async fn give_up(db: &Db, cut_off: &CutOff, error: &Error) -> store::Result<bool> {
    let faults = match error {
        Error::Conflict(_) => return Ok(false),
        Error::Store(error) if error.is_transient() => return Ok(false),
        Error::Store(error) => vec![Fault { field: "file".into(), said: error.said() }],
        Error::Faulty(faults) => faults.0.clone(),
    };
    let faults: Vec<RowFault> = faults.into_iter().map(|fault| RowFault { column: String::new(), fault }).collect();
    let mut tx = db.begin().await?;
    let now = tx.now();
    let ended = store::transition("intake_import", cut_off.id).from("running").to("failed").set("finished_at", now);
    if !ended.try_apply(&mut tx).await? {
        return Ok(false);
    }
    note_row(&mut tx, cut_off.id, "refused", (0, &faults), &mut { OF_THE_FILE }).await.map_err(
        |error| match error {
            Error::Store(error) => error,
            other => store::Error::Corrupt(other.to_string()),
        },
    )?;
    tx.commit().await?;
    Ok(true)
}

fn check_source(source: &str) -> Result<(), Error> {
    let length = source.trim().chars().count();
    if (1..=64).contains(&length) && !source.chars().any(char::is_control) {
        return Ok(());
    }
    Err(Faults(vec![texts::SOURCE.at("source", &[])]).into())
}

async fn known(db: &Db, source: &str, sha256: &str) -> store::Result<Option<(ImportId, String)>> {
    let row: Option<(String, String)> = db
        .fetch_optional("SELECT id, state FROM intake_import WHERE source = $1 AND sha256 = $2", args![source, sha256])
        .await?;
    row.map(|(id, state)| Ok((read_id(&id)?, state))).transpose()
}

fn read_id(text: &str) -> store::Result<ImportId> {
    text.parse().map_err(|_| store::Error::Corrupt("import id".into()))
}

type Columns = BTreeMap<String, String>;

/// The rows of a file as reports, and the column of each field.
async fn read_groups(file: &File, kept: Option<Mapping>) -> Result<Content, Faults> {
    let table = table::Table::read(&file.path, kept, &file.source).await?;
    let columns: Columns = FIELDS
        .iter()
        .filter_map(|field| table.places.get(field).map(|place| ((*field).to_owned(), place.name.clone())))
        .collect();
    let mut groups: Vec<Group> = Vec::new();
    let mut passed_over = Vec::new();
    let mut by_key: BTreeMap<String, usize> = BTreeMap::new();
    for row in table.rows() {
        let facts = table.facts(row);
        if facts.faults.is_empty()
            && let Some(why) = facts.passed_over
        {
            passed_over.push((row.number, why));
            continue;
        }
        let key = facts.text("key");
        let index = match by_key.get(&key).filter(|_| !key.is_empty()) {
            Some(index) => *index,
            None => {
                let draft = begun(&facts);
                groups.push(Group { rows: Vec::new(), draft, faults: Vec::new(), remarks: Vec::new() });
                if !key.is_empty() {
                    by_key.insert(key, groups.len() - 1);
                }
                groups.len() - 1
            }
        };
        if let Some(group) = groups.get_mut(index) {
            add_row(group, row.number, facts);
        }
    }
    Ok(Content { groups, passed_over, remarks: table.remarks, columns })
}

fn begun(facts: &table::Facts) -> Draft {
    let text = |field: &str| facts.text(field);
    let mut draft = Draft {
        channel: Some(text("channel")).filter(|c| !c.is_empty()).unwrap_or_else(|| Channel::Import.code().into()),
        narrative: text("narrative"),
        scam_type: text("scam_type"),
        region: text("region"),
        occurred_at: text("occurred_at"),
        ..Draft::default()
    };
    // A channel word that is not one of ours says how the other system got it; here it is an import.
    if Channel::read(&draft.channel).is_none() {
        draft.channel = Channel::Import.code().into();
    }
    draft.victim.name = text("victim.name");
    draft.victim.citizen_id = text("victim.citizen_id");
    draft.victim.phone = text("victim.phone");
    draft.victim.region = text("victim.region");
    draft
}

fn add_row(group: &mut Group, number: u64, facts: table::Facts) {
    let text = |field: &str| facts.text(field);
    let (payment_index, row_index) = (group.draft.payments.len(), group.rows.len());
    let placed = |fault: &Fault| {
        let field = match fault.field.strip_prefix("payment.") {
            Some(name) => format!("payments[{payment_index}].{name}"),
            None => fault.field.clone(),
        };
        (row_index, Fault { field, ..fault.clone() })
    };
    group.faults.extend(facts.faults.iter().map(placed));
    group.remarks.extend(facts.remarks.iter().map(placed));
    group.rows.push(number);
    group.draft.payments.push(DraftPayment {
        payer_account: text("payment.payer_account"),
        payer_name: text("payment.payer_name"),
        payer_bank: text("payment.payer_bank"),
        payee_account: text("payment.payee_account"),
        payee_name: text("payment.payee_name"),
        payee_bank: text("payment.payee_bank"),
        amount: DraftAmount::Text(text("payment.amount")),
        currency: text("payment.currency"),
        paid_at: text("payment.paid_at"),
        channel: text("payment.channel"),
        reference: text("payment.reference"),
    });
    for kind in ["phone", "url", "chat", "app"] {
        let value = text(&format!("contact.{kind}"));
        let contact = DraftContact { kind: kind.to_owned(), value };
        if !contact.value.is_empty() && !group.draft.contacts.contains(&contact) {
            group.draft.contacts.push(contact);
        }
    }
}

/// Opens the import, takes over one that was cut off, or reads a file once more: its mapping or the partners may have
/// been corrected since. Gives it with the end of its lease.
async fn begin(
    db: &Db,
    who: &Who,
    file: &File,
    (sha256, bytes): (&str, Vec<u8>),
    content: &Content,
) -> Result<(ImportId, Timestamp), Error> {
    let mut tx = db.begin().await?;
    let now = tx.now();
    let passed_over = i64::try_from(content.passed_over.len()).unwrap_or(i64::MAX);
    let rows: usize = content.groups.iter().map(|group| group.rows.len()).sum();
    let rows = i64::try_from(rows).unwrap_or(i64::MAX).saturating_add(passed_over);
    document::put(&mut tx, "application/octet-stream", &bytes).await?;
    let new = ImportId::new(now);
    let opened = tx
        .execute(
            "INSERT INTO intake_import (id, source, sha256, file_name, state, rows_total, rows_refused, reports_new,
                reports_joined, reports_known, started_at, lease_until, created_by, rows_passed_over, region)
             VALUES ($1,$2,$3,$4,'running',$5,0,0,0,0,$6,$7,$8,$9,$10)
             ON CONFLICT (source, sha256) DO NOTHING",
            args![
                new,
                &file.source,
                sha256,
                &file.name,
                rows,
                now,
                now + LEASE,
                &who.user,
                passed_over,
                who.region.clone()
            ],
        )
        .await?;
    if opened == 0 {
        let taken = tx
            .execute(
                "UPDATE intake_import SET state = 'running', lease_until = $3, rows_total = $4, rows_refused = 0,
                    reports_known = 0, rows_passed_over = $5, created_by = $7, region = $8
                 WHERE source = $1 AND sha256 = $2 AND (state = 'done' OR lease_until <= $6)",
                args![&file.source, sha256, now + LEASE, rows, passed_over, now, &who.user, who.region.clone()],
            )
            .await?;
        if taken == 0 {
            return Err(Error::Conflict(texts::IMPORT_RUNNING.say(&[])));
        }
    }
    let (id,): (String,) = tx
        .fetch_one("SELECT id FROM intake_import WHERE source = $1 AND sha256 = $2", args![&file.source, sha256])
        .await?;
    tx.write("DELETE FROM intake_import_refusal WHERE import_id = $1", args![&id]).await?;
    tx.commit().await?;
    Ok((read_id(&id)?, now + LEASE))
}

async fn take(
    tx: &mut Tx,
    who: &Who,
    (import, source): (ImportId, &str),
    group: &Group,
    columns: &Columns,
    rules: Rules<'_>,
    position: &mut i64,
) -> Result<(), Error> {
    let mut faults = group.faults.clone();
    let checked = check(&group.draft, tx.now(), rules.banks);
    match checked.report {
        Ok(submitted) if faults.is_empty() => {
            let draft = submitted.to_draft();
            let content = serde_json::to_string(&compared(&submitted, &draft))
                .map_err(|e| store::Error::Corrupt(e.to_string()))?;
            let fingerprint = document::sha256_hex(content.as_bytes());
            let there: Option<(String,)> = tx
                .fetch_optional(
                    "SELECT import_id FROM intake_import_report WHERE source = $1 AND fingerprint = $2",
                    args![source, &fingerprint],
                )
                .await?;
            if let Some((by,)) = there {
                // What this very file brought when it was read before counts as new with it.
                if by != import.to_string() {
                    tx.write("UPDATE intake_import SET reports_known = reports_known + 1 WHERE id = $1", args![import])
                        .await?;
                }
                return remark(tx, import, group, columns, position).await;
            }
            match submit_new(tx, who, &draft, rules).await {
                Ok(outcome) => {
                    tx.write(
                        "INSERT INTO intake_import_report (source, fingerprint, report_id, import_id) VALUES ($1,$2,$3,$4)",
                        args![source, fingerprint, outcome.id, import],
                    )
                    .await?;
                    return remark(tx, import, group, columns, position).await;
                }
                // Both are found before anything is written.
                Err(Error::Faulty(found)) => faults.extend(found.0.into_iter().map(|fault| (row_of(&fault), fault))),
                Err(Error::Store(error @ store::Error::OutOfScope)) => {
                    faults.push((0, Fault { field: "region".into(), said: error.said() }));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(_) => {}
        Err(found) => faults.extend(found.0.into_iter().map(|fault| (row_of(&fault), fault))),
    }
    refuse(tx, import, group, columns, faults, position).await
}

/// A report as it is compared with those that the source sent before: the names of banks that are no partners were not
/// kept once, and tell no reports apart.
fn compared(submitted: &Submitted, draft: &Draft) -> Draft {
    let mut same = draft.clone();
    for (payment, checked) in same.payments.iter_mut().zip(&submitted.payments) {
        payment.payee_bank = checked.payee_bank.clone().unwrap_or_default();
    }
    same
}

/// The place in the group of the row that a fault speaks of.
fn row_of(fault: &Fault) -> usize {
    let inside = fault.field.strip_prefix("payments[").and_then(|rest| rest.split_once(']'));
    inside.and_then(|(index, _)| index.parse().ok()).unwrap_or(0)
}

async fn refuse(
    tx: &mut Tx,
    import: ImportId,
    group: &Group,
    columns: &Columns,
    faults: Vec<(usize, Fault)>,
    position: &mut i64,
) -> Result<(), Error> {
    note_rows(tx, import, "refused", (group, columns), faults, position).await?;
    // Rows of one key stand or fall together.
    let refused = i64::try_from(group.rows.len()).unwrap_or(i64::MAX);
    tx.write("UPDATE intake_import SET rows_refused = rows_refused + $2 WHERE id = $1", args![import, refused]).await?;
    Ok(())
}

/// Notes what is said of rows that were taken.
async fn remark(
    tx: &mut Tx,
    import: ImportId,
    group: &Group,
    columns: &Columns,
    position: &mut i64,
) -> Result<(), Error> {
    note_rows(tx, import, "remark", (group, columns), group.remarks.clone(), position).await
}

async fn note_rows(
    tx: &mut Tx,
    import: ImportId,
    kind: &str,
    (group, columns): (&Group, &Columns),
    faults: Vec<(usize, Fault)>,
    position: &mut i64,
) -> Result<(), Error> {
    let mut by_row: BTreeMap<usize, Vec<RowFault>> = BTreeMap::new();
    for (row, mut fault) in faults {
        if let Some((_, name)) = fault.field.split_once("].").filter(|_| fault.field.starts_with("payments[")) {
            fault.field = format!("payment.{name}");
        }
        let column = column_of(columns, &fault.field);
        by_row.entry(row).or_default().push(RowFault { column, fault });
    }
    for (row, faults) in by_row {
        let row = group.rows.get(row).or(group.rows.first()).copied().unwrap_or(0);
        note_row(tx, import, kind, (row, &faults), position).await?;
    }
    Ok(())
}

/// The name of the column that holds a field, or from which it was made.
fn column_of(columns: &Columns, field: &str) -> String {
    let others: &[&str] = match field {
        "payment.amount" | "payment.currency" => &["payment.expense", "payment.amount"],
        "payment.payee_account" | "payment.payee_name" => &["payment.counterparty"],
        "payment.paid_at" => &["payment.paid_time"],
        _ => &[],
    };
    let of_other = || others.iter().find_map(|other| columns.get(*other));
    let of_contact = || {
        let contact = field.starts_with("contacts[");
        columns.iter().find(|(known, _)| contact && known.starts_with("contact.")).map(|(_, column)| column)
    };
    columns.get(field).or_else(of_other).or_else(of_contact).cloned().unwrap_or_default()
}

async fn note_row(
    tx: &mut Tx,
    import: ImportId,
    kind: &str,
    (row, faults): (u64, &[RowFault]),
    position: &mut i64,
) -> Result<(), Error> {
    tx.write(
        "INSERT INTO intake_import_refusal (import_id, position, row_number, faults, kind) VALUES ($1,$2,$3,$4,$5)",
        args![
            import,
            *position,
            i64::try_from(row).unwrap_or(i64::MAX),
            serde_json::to_string(faults).map_err(|e| store::Error::Corrupt(e.to_string()))?,
            kind
        ],
    )
    .await?;
    *position += 1;
    Ok(())
}

async fn finish(
    db: &Db,
    who: &Who,
    (id, lease): (ImportId, Timestamp),
    file: &File,
    sha256: &str,
    before: Option<&ImportReport>,
) -> Result<(), Error> {
    let mut tx = db.begin().await?;
    let now = tx.now();
    let (new, joined): (i64, i64) = tx
        .fetch_one(
            "SELECT COUNT(*) FILTER (WHERE r.joined_to IS NULL), COUNT(*) FILTER (WHERE r.joined_to IS NOT NULL)
             FROM intake_import_report i JOIN intake_report r ON r.id = i.report_id WHERE i.import_id = $1",
            args![id],
        )
        .await?;
    store::transition("intake_import", id)
        .from("running")
        .expect("lease_until", lease)
        .to("done")
        .set("finished_at", now)
        .set("reports_new", new)
        .set("reports_joined", joined)
        .apply(&mut tx)
        .await?;
    let (rows, refused, known, passed_over): (i64, i64, i64, i64) = tx
        .fetch_one(
            "SELECT rows_total, rows_refused, reports_known, rows_passed_over FROM intake_import WHERE id = $1",
            args![id],
        )
        .await?;
    let now_and_before = before
        .map(|b| (b.rows_total, b.rows_refused, b.rows_passed_over, b.reports_new, b.reports_joined, b.reports_known));
    if now_and_before == Some((rows, refused, passed_over, new, joined, known)) {
        // The same file once more, and nothing else came of it.
        return Ok(tx.commit().await?);
    }
    let body = json!({
        "import_id": id, "source": file.source, "sha256": sha256, "rows": rows, "refused": refused, "new": new,
        "joined": joined, "known": known, "passed_over": passed_over,
    });
    tx.append(Entry::new("report.imported", format!("import:{id}")).body(&body), who).await?;
    tx.commit().await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    source: String,
    file_name: String,
    sha256: String,
    state: String,
    rows_total: i64,
    rows_refused: i64,
    rows_passed_over: i64,
    reports_new: i64,
    reports_joined: i64,
    reports_known: i64,
    started_at: i64,
    finished_at: Option<i64>,
    region: Option<String>,
}

const COLUMNS: &str =
    "SELECT id, source, file_name, sha256, state, rows_total, rows_refused, rows_passed_over, reports_new, reports_joined,
    reports_known, started_at, finished_at, region FROM intake_import";

impl Row {
    fn read(self, refused: Vec<RefusedRow>, remarks: Vec<RefusedRow>) -> store::Result<ImportReport> {
        Ok(ImportReport {
            id: read_id(&self.id)?,
            source: self.source,
            file_name: self.file_name,
            sha256: self.sha256,
            state: self.state,
            rows_total: self.rows_total,
            rows_refused: self.rows_refused,
            rows_passed_over: self.rows_passed_over,
            reports_new: self.reports_new,
            reports_joined: self.reports_joined,
            reports_known: self.reports_known,
            started_at: Timestamp(self.started_at),
            finished_at: self.finished_at.map(Timestamp),
            refused,
            remarks,
        })
    }
}

/// An import with its refused rows. Needs `intake.read` and the region of the office that sent it; that of an office
/// without a limit of region is for such offices alone.
pub async fn load(db: &Db, who: &Who, id: ImportId) -> Result<ImportReport, Error> {
    who.require(READ)?;
    let sql = format!("{COLUMNS} WHERE id = $1");
    let row: Option<Row> = db.fetch_optional(store::AssertSqlSafe(sql), args![id]).await?;
    let row = row.ok_or(store::Error::NotFound { what: "import" })?;
    match &row.region {
        Some(region) => who.require_region(region)?,
        None => who.require_everywhere()?,
    }
    let noted: Vec<(i64, String, String)> = db
        .fetch_all(
            "SELECT row_number, kind, faults FROM intake_import_refusal WHERE import_id = $1 ORDER BY row_number, position
             LIMIT $2",
            args![id, REFUSALS_MAX],
        )
        .await?;
    let (mut refused, mut remarks) = (Vec::new(), Vec::new());
    for (row, kind, faults) in noted {
        let faults = serde_json::from_str(&faults).map_err(|e| store::Error::Corrupt(e.to_string()))?;
        let list = if kind == "refused" { &mut refused } else { &mut remarks };
        list.push(RefusedRow { row, faults });
    }
    Ok(row.read(refused, remarks)?)
}

/// The latest imports of the region scope, without their refused rows. Needs `intake.read`.
pub async fn list(db: &Db, who: &Who) -> Result<Vec<ImportReport>, Error> {
    who.require(READ)?;
    let sql = format!("{COLUMNS} WHERE (region LIKE $1 OR $2) ORDER BY started_at DESC, id DESC LIMIT 100");
    let scope = args![who.region_pattern(), who.region.is_none()];
    let rows: Vec<Row> = db.fetch_all(store::AssertSqlSafe(sql), scope).await?;
    rows.into_iter().map(|row| row.read(Vec::new(), Vec::new()).map_err(Error::from)).collect()
}

/// The mapping kept for a source. Needs `intake.read`.
pub async fn mapping(db: &Db, who: &Who, source: &str) -> Result<Option<KeptMapping>, Error> {
    who.require(READ)?;
    Ok(mapping_of(db, source).await?)
}

async fn mapping_of(db: &Db, source: &str) -> store::Result<Option<KeptMapping>> {
    let row: Option<(String, i64, i64, String)> = db
        .fetch_optional(
            "SELECT mapping, version, changed_at, changed_by FROM intake_mapping WHERE source = $1",
            args![source],
        )
        .await?;
    row.map(|(mapping, version, changed_at, changed_by)| {
        Ok(KeptMapping {
            source: source.to_owned(),
            version,
            changed_at: Timestamp(changed_at),
            changed_by,
            mapping: serde_json::from_str(&mapping).map_err(|e| store::Error::Corrupt(e.to_string()))?,
        })
    })
    .transpose()
}

/// Keeps the mapping of a source. Needs `intake.write`.
pub async fn keep_mapping(db: &Db, who: &Who, source: &str, mapping: &Mapping) -> Result<(), Error> {
    who.require(WRITE)?;
    check_source(source)?;
    mapping.check().into_result()?;
    let text = serde_json::to_string(mapping).map_err(|e| store::Error::Corrupt(e.to_string()))?;
    let mut tx = db.begin().await?;
    let now = tx.now();
    tx.write(
        "INSERT INTO intake_mapping (source, mapping, version, changed_at, changed_by) VALUES ($1,$2,1,$3,$4)
         ON CONFLICT (source) DO UPDATE SET mapping = excluded.mapping, version = intake_mapping.version + 1,
            changed_at = excluded.changed_at, changed_by = excluded.changed_by",
        args![source, text, now, &who.user],
    )
    .await?;
    let entry = Entry::new("report.mapping_kept", format!("import-source:{source}")).body(mapping);
    tx.append(entry, who).await?;
    tx.commit().await?;
    Ok(())
}
