//! Payments of a case in the database: those of the report that leads it, and what joined reports brought.
//!
//! Invariant: every payment that a submitted report told of lies in the case to which the report leads.

use std::collections::{BTreeSet, HashMap};

use kernel::{AccountNo, Currency, Fault, Masked, Money, PersonName, ReportId, Timestamp};
use serde_json::json;
use store::{Arg, AssertSqlSafe, Db, Tx, Who, args};

use super::error::Error;
use super::model::{Payment, PaymentChannel, ReportState};
use super::store::{Report, corrupt, entry, read_id};

/// A payment of a case.
#[derive(Clone)]
pub struct CasePayment {
    /// Identity, never given to another payment: `<case>:<position>`.
    pub id: String,
    /// Partner that holds the account.
    pub payee_bank: String,
    /// Account paid into.
    pub payee_account: String,
    /// Its holder as the victim knows it.
    pub payee_name: Option<String>,
    /// Partner that holds the account paid from.
    pub payer_bank: Option<String>,
    /// Account paid from.
    pub payer_account: Option<String>,
    /// How much, minor units.
    pub amount_minor: i64,
    /// Currency.
    pub currency: String,
    /// When.
    pub paid_at: Timestamp,
    /// The bank's reference.
    pub reference: Option<String>,
}

impl std::fmt::Debug for CasePayment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CasePayment({} {} to {})", self.id, self.amount_minor, self.payee_bank)
    }
}

/// Payments that a joined report brings go to the report that leads the case, each with the report that told of it. Where
/// that case is closed they wait for a person.
///
/// # Errors
/// [`store::Error::Moved`] where that report leads no case any more.
pub(super) async fn add(
    tx: &mut Tx,
    who: &Who,
    head: ReportId,
    from: &Report,
    payments: &[(ReportId, &Payment)],
) -> Result<i64, Error> {
    if payments.is_empty() {
        return Ok(0);
    }
    let count = i64::try_from(payments.len()).unwrap_or(i64::MAX);
    let (currency,): (String,) = tx.fetch_one("SELECT currency FROM intake_report WHERE id = $1", args![head]).await?;
    // The sum of a report is in the currency of its first payment.
    let alike = payments.iter().map(|(_, payment)| payment.amount).filter(|a| a.currency.code() == currency);
    let added = alike.fold(0_i64, |sum, amount| sum.saturating_add(amount.minor));
    // The row is written first: no other change of the report comes between, and who has read it before is told.
    let led: Option<(String, String, String)> = tx
        .fetch_optional(
            "UPDATE intake_report SET payments = payments + $2, amount_minor = amount_minor + $3, version = version + 1,
                changed_at = $4
             WHERE id = $1 AND state IN ('submitted','closed') AND joined_to IS NULL RETURNING number, region, state",
            args![head, count, added, tx.now()],
        )
        .await?;
    let (number, region, state) = led.ok_or(store::Error::Moved { table: "intake_report" })?;
    let (next,): (i64,) = tx
        .fetch_one("SELECT COALESCE(MAX(position), -1) + 1 FROM intake_payment WHERE report_id = $1", args![head])
        .await?;
    for (position, (teller, payment)) in (next..).zip(payments) {
        insert(tx, head, position, Some(*teller), payment).await?;
    }
    let waits = state == ReportState::Closed.code();
    if waits {
        tx.write(
            "UPDATE intake_payment SET waits_since = $3 WHERE report_id = $1 AND position >= $2",
            args![head, next, tx.now()],
        )
        .await?;
    }
    let positions: Vec<i64> = (next..next + count).collect();
    let body = json!({
        "report_id": head, "number": number, "from_report": from.id, "from_number": from.number, "positions": positions,
        "waits_for_a_person": waits,
    });
    tx.append(entry("report.payments_added", head, &region).body(&body), who).await?;
    Ok(count)
}

/// Banks that a joined report knows, by its own words or because a person named them since, of payments that wait for their
/// bank in the case: they are followed from now on, in a closed case once a person says so.
pub(super) async fn name_banks<'a>(
    tx: &mut Tx,
    who: &Who,
    head: ReportId,
    from: &Report,
    known: impl Iterator<Item = &'a Payment>,
) -> store::Result<()> {
    // Nobody closes the case meanwhile.
    store::lock_row(tx, "intake_report", "id", head).await?;
    for payment in known {
        let Some(bank) = &payment.payee_bank else { continue };
        let payee_name = payment.payee_name.as_ref().map(|name| name.reveal().to_string());
        let named: Vec<(i64,)> = tx
            .fetch_all(
                "UPDATE intake_payment SET payee_bank = $3, payee_name = COALESCE(payee_name, $4),
                    waits_since = CASE WHEN (SELECT state FROM intake_report WHERE id = $1) = 'closed' THEN $5
                        ELSE waits_since END
                 WHERE report_id = $1 AND payee_account = $2 AND payee_bank IS NULL RETURNING position",
                args![head, payment.payee_account.reveal().as_str(), bank, payee_name.clone(), tx.now()],
            )
            .await?;
        for (position,) in named {
            let (number, region): (String, String) =
                tx.fetch_one("SELECT number, region FROM intake_report WHERE id = $1", args![head]).await?;
            let body = json!({ "report_id": head, "number": number, "position": position, "bank": bank,
                "from_report": from.id, "from_number": from.number });
            let named = entry("report.bank_named", head, &region).body(&body);
            tx.append(named.private(&json!({ "payee_name": payee_name })), who).await?;
        }
    }
    Ok(())
}

pub(super) async fn insert(
    tx: &mut Tx,
    report: ReportId,
    position: i64,
    from: Option<ReportId>,
    p: &Payment,
) -> store::Result<()> {
    tx.write(
        "INSERT INTO intake_payment (report_id, position, from_report, payer_account, payer_name, payer_bank, payee_account,
            payee_name, payee_bank, payee_bank_said, amount_minor, currency, paid_at, channel, reference)
         VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15)",
        args![
            report,
            position,
            from,
            p.payer_account.as_ref().map(|a| a.reveal().to_string()),
            p.payer_name.as_ref().map(|n| n.reveal().to_string()),
            p.payer_bank.clone(),
            p.payee_account.reveal().as_str(),
            p.payee_name.as_ref().map(|n| n.reveal().to_string()),
            p.payee_bank.clone(),
            p.payee_bank_said.clone(),
            p.amount.minor,
            p.amount.currency.code(),
            p.paid_at,
            p.channel.map(PaymentChannel::code),
            p.reference.clone()
        ],
    )
    .await?;
    Ok(())
}

/// What was paid in each of some cases, as far as the bank of the payee is known, without what waits for a person since the
/// case was closed.
pub(super) async fn of_cases(tx: &mut Tx, cases: &BTreeSet<&str>) -> store::Result<HashMap<String, Vec<CasePayment>>> {
    let mut all: HashMap<String, Vec<CasePayment>> = HashMap::new();
    if cases.is_empty() {
        return Ok(all);
    }
    let sql = PAYMENTS.replace("IN ()", &format!("IN {}", store::places(cases.len(), 1, 1)));
    let bound = cases.iter().map(|case| Arg::from(*case)).collect();
    let rows: Vec<PaymentRow> = tx.fetch_all(AssertSqlSafe(sql), bound).await?;
    for row in rows {
        all.entry(row.report_id.clone()).or_default().push(row.of_case());
    }
    Ok(all)
}

/// How many payments came to a case after it was closed and wait for a person.
pub(super) async fn waiting(db: &Db, case: ReportId) -> store::Result<i64> {
    let (count,): (i64,) = db
        .fetch_one(
            "SELECT COUNT(*) FROM intake_payment WHERE report_id = $1 AND waits_since IS NOT NULL AND order_id IS NULL",
            args![case],
        )
        .await?;
    Ok(count)
}

/// Every payment of a case as it stands now, with those that joined reports told of and what people added since, each with
/// the report that told of it.
pub(super) async fn told(tx: &mut Tx, case: ReportId) -> store::Result<Vec<(ReportId, Payment)>> {
    let rows: Vec<ToldRow> = tx.fetch_all(TOLD, args![case]).await?;
    rows.into_iter().map(ToldRow::read).collect()
}

const PAYMENTS: &str =
    "SELECT report_id, position, payer_account, payer_bank, payee_account, payee_name, payee_bank, amount_minor,
    currency, paid_at, reference FROM intake_payment
    WHERE report_id IN () AND payee_bank IS NOT NULL AND waits_since IS NULL ORDER BY report_id, position";

const TOLD: &str = "SELECT COALESCE(from_report, report_id) AS teller, payer_account, payer_name, payer_bank,
    payee_account, payee_name, payee_bank, payee_bank_said, amount_minor, currency, paid_at, channel, reference
    FROM intake_payment WHERE report_id = $1 ORDER BY position";

#[derive(sqlx::FromRow)]
struct PaymentRow {
    report_id: String,
    position: i64,
    payer_account: Option<String>,
    payer_bank: Option<String>,
    payee_account: String,
    payee_name: Option<String>,
    payee_bank: String,
    amount_minor: i64,
    currency: String,
    paid_at: i64,
    reference: Option<String>,
}

impl PaymentRow {
    fn of_case(self) -> CasePayment {
        CasePayment {
            id: format!("{}:{}", self.report_id, self.position),
            payee_bank: self.payee_bank,
            payee_account: self.payee_account,
            payee_name: self.payee_name,
            payer_bank: self.payer_bank,
            payer_account: self.payer_account,
            amount_minor: self.amount_minor,
            currency: self.currency,
            paid_at: Timestamp(self.paid_at),
            reference: self.reference,
        }
    }
}

#[derive(sqlx::FromRow)]
struct ToldRow {
    teller: String,
    payer_account: Option<String>,
    payer_name: Option<String>,
    payer_bank: Option<String>,
    payee_account: String,
    payee_name: Option<String>,
    payee_bank: Option<String>,
    payee_bank_said: Option<String>,
    amount_minor: i64,
    currency: String,
    paid_at: i64,
    channel: Option<String>,
    reference: Option<String>,
}

impl ToldRow {
    fn read(self) -> store::Result<(ReportId, Payment)> {
        let unread = |fault: Fault| corrupt(fault.said.en);
        let account = |text: &str| AccountNo::parse(text).map(Masked::new).map_err(unread);
        let name = |text: &str| PersonName::parse(text).map(Masked::new).map_err(unread);
        let channel = |code: &str| PaymentChannel::read(code).ok_or_else(|| corrupt(format!("channel {code}")));
        let payment = Payment {
            payer_account: self.payer_account.as_deref().map(account).transpose()?,
            payer_name: self.payer_name.as_deref().map(name).transpose()?,
            payer_bank: self.payer_bank,
            payee_account: account(&self.payee_account)?,
            payee_name: self.payee_name.as_deref().map(name).transpose()?,
            payee_bank: self.payee_bank,
            payee_bank_said: self.payee_bank_said,
            amount: Money::new(self.amount_minor, Currency::parse(&self.currency).map_err(unread)?),
            paid_at: Timestamp(self.paid_at),
            channel: self.channel.as_deref().map(channel).transpose()?,
            reference: self.reference,
        };
        Ok((read_id(&self.teller)?, payment))
    }
}
