//! The telephone numbers that a report names as contacts of the scammer, for the desks that deal with operators.

use kernel::{Msisdn, ReportId};
use store::{Db, Result, Tx, args};

/// Of a report: each telephone number that it names as a contact, with its place among the contacts.
const PHONES: &str =
    "SELECT position, value FROM intake_contact WHERE report_id = $1 AND kind = 'phone' ORDER BY position";

fn read(rows: Vec<(i64, String)>) -> Vec<(i64, Msisdn)> {
    let mut seen = std::collections::BTreeSet::new();
    rows.into_iter()
        .filter_map(|(position, value)| Some((position, Msisdn::parse(&value).ok()?)))
        .filter(|(_, number)| seen.insert(*number))
        .collect()
}

/// The telephone numbers of a report, each once; what does not read as a number is left out.
pub(crate) async fn phones(tx: &mut Tx, id: ReportId) -> Result<Vec<(i64, Msisdn)>> {
    Ok(read(tx.fetch_all(PHONES, args![id]).await?))
}

/// The same outside of a transaction.
pub(crate) async fn phones_shown(db: &Db, id: ReportId) -> Result<Vec<(i64, Msisdn)>> {
    Ok(read(db.fetch_all(PHONES, args![id]).await?))
}

/// The reports that name a number as a contact, the newest first: identity, number, region, moment of submission.
pub(crate) async fn naming(db: &Db, number: &str, region_pattern: &str, limit: i64) -> Result<Vec<NamedBy>> {
    db.fetch_all(
        "SELECT r.id, r.number, r.region, r.scam_type, r.submitted_at FROM intake_report r
         WHERE r.state <> 'draft' AND r.region LIKE $2
            AND r.id IN (SELECT report_id FROM intake_contact WHERE value = $1 AND kind = 'phone')
         ORDER BY r.created_at DESC LIMIT $3",
        args![number, region_pattern, limit],
    )
    .await
}

/// A report that names a number.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct NamedBy {
    pub(crate) id: String,
    pub(crate) number: String,
    pub(crate) region: String,
    pub(crate) scam_type: String,
    pub(crate) submitted_at: Option<i64>,
}

/// The telephone of the victim of a report, where it reads as one.
pub(crate) async fn victim_phone(tx: &mut Tx, id: ReportId) -> Result<Option<Msisdn>> {
    let row: Option<(String,)> =
        tx.fetch_optional("SELECT victim_phone FROM intake_report WHERE id = $1", args![id]).await?;
    Ok(row.and_then(|(phone,)| Msisdn::parse(&phone).ok()))
}
