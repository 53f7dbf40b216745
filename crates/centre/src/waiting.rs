//! Payments that no chase follows by itself, so that nobody takes silence for work being done: the payee's bank was not
//! named or is not connected, the payment is in another currency than the one in which its case is followed, or it came
//! after its case was closed. A person places each in one step.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use kernel::{Faults, Money, OrderId, PersonName, ReportId, Timestamp};
use serde::{Deserialize, Serialize};
use store::{AssertSqlSafe, Db, Who, args};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Idem, Json, List, Path, Problem, Query, Session};
use wire::{OrderKind, PartnerId};

use crate::chase;
use crate::intake;
use crate::stop::api::{masked_account, masked_name, money};
use crate::stop::{self, CaseRef, NewOrder};

/// Payments in one answer at most.
const LIST_MAX: i64 = 500;

/// What the routes share.
#[derive(Clone)]
pub(crate) struct Api {
    pub(crate) db: Db,
    pub(crate) stop: stop::Desk,
}

pub(crate) fn router(api: Api) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(list_waiting_payments)).routes(routes!(place_payment)).with_state(api)
}

/// What a payment waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum WaitsFor {
    /// Nobody has named the bank that holds the account.
    Bank,
    /// The bank was named but is not connected: it is asked by letter.
    Letter,
    /// It is in another currency than its case is followed in: an order has to be made.
    Order,
    /// It came after its case was closed: a person says whether it is followed.
    Decision,
}

/// A payment that waits for a person. Personal data is masked.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct WaitingPayment {
    case_id: ReportId,
    case_number: String,
    region: String,
    reported_at: Timestamp,
    /// Place of the payment in its case; names it in the call that places it.
    position: i64,
    waits_for: WaitsFor,
    partner: Option<PartnerId>,
    /// The bank that is not connected, as the report names it.
    bank_named: Option<String>,
    /// Masked.
    account: String,
    /// Masked.
    account_name: Option<String>,
    amount: Money,
    paid_at: Timestamp,
    /// Whether who asks may place it now.
    may_place: bool,
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct WaitingQuery {
    /// One case.
    case: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Row {
    case_id: String,
    case_number: String,
    region: String,
    reported_at: i64,
    position: i64,
    payee_bank: Option<String>,
    payee_bank_said: Option<String>,
    payee_account: String,
    payee_name: Option<String>,
    amount_minor: i64,
    currency: String,
    paid_at: i64,
    reference: Option<String>,
    waits_since: Option<i64>,
    followed_in: Option<String>,
}

impl Row {
    fn waits_for(&self) -> WaitsFor {
        match (&self.payee_bank, &self.payee_bank_said, &self.followed_in) {
            (None, Some(_), _) => WaitsFor::Letter,
            (None, None, _) => WaitsFor::Bank,
            (Some(_), _, Some(currency)) if *currency != self.currency => WaitsFor::Order,
            (Some(_), _, _) => WaitsFor::Decision,
        }
    }

    fn case(&self) -> store::Result<CaseRef> {
        Ok(CaseRef {
            id: self.case_id.parse().map_err(|_| store::Error::Corrupt("intake_report: id".into()))?,
            number: self.case_number.clone(),
            region: self.region.clone(),
            reported_at: Timestamp(self.reported_at),
        })
    }
}

/// The reports are found by the small indexes of those that may have such a payment; most cases are in yuan and have
/// none. Who closes a case has dealt with what waited then; what comes later waits. An order is for one payment: the one
/// that a person placed by it, or the one that it is checked against; a stop of the whole account is for all of them.
const WAITING: &str = "
    FROM intake_payment p JOIN intake_report r ON r.id = p.report_id LEFT JOIN chase c ON c.case_id = p.report_id
    WHERE p.report_id IN (
            SELECT report_id FROM intake_payment WHERE payee_bank IS NULL
            UNION SELECT report_id FROM intake_payment WHERE waits_since IS NOT NULL
            UNION SELECT report_id FROM intake_payment WHERE currency <> 'CNY'
            UNION SELECT case_id FROM chase WHERE currency <> 'CNY')
        AND (r.state = 'submitted' OR r.state = 'closed' AND p.waits_since IS NOT NULL)
        AND (p.payee_bank IS NULL
            OR p.waits_since IS NOT NULL AND (c.currency IS NULL OR c.currency = p.currency)
            OR c.currency <> p.currency AND NOT EXISTS (
            SELECT 1 FROM stop_order o WHERE o.case_id = p.report_id AND o.partner = p.payee_bank
                AND o.account_no = p.payee_account AND o.currency = p.currency AND o.kind IN ('stop','freeze')
                AND o.state NOT IN ('refused','cancelled')
                AND (o.amount_minor IS NULL OR o.id = p.order_id
                    OR o.check_amount_minor = p.amount_minor AND o.check_at = p.paid_at
                        AND NOT EXISTS (SELECT 1 FROM intake_payment placed WHERE placed.order_id = o.id))))";
const COLUMNS: &str =
    "p.report_id AS case_id, r.number AS case_number, r.region AS region, r.submitted_at AS reported_at,
    p.position AS position, p.payee_bank AS payee_bank, p.payee_bank_said AS payee_bank_said,
    p.payee_account AS payee_account, p.payee_name AS payee_name,
    p.amount_minor AS amount_minor, p.currency AS currency, p.paid_at AS paid_at, p.reference AS reference,
    p.waits_since AS waits_since, c.currency AS followed_in";

/// How many payments wait in the regions of who asks; needs `stop.read`.
pub(crate) async fn count(db: &Db, who: &Who) -> store::Result<i64> {
    who.require("stop.read")?;
    let sql = format!("SELECT COUNT(*) {WAITING} AND r.region LIKE $1");
    let (count,): (i64,) = db.fetch_one(AssertSqlSafe(sql), args![who.region_pattern()]).await?;
    Ok(count)
}

/// Lists the payments that no chase follows by itself and that wait for a person, the oldest report first.
#[utoipa::path(get, path = "/payments-waiting", tag = "stop", security(("session" = ["stop.read"])),
    params(WaitingQuery), responses((status = 200, body = List<WaitingPayment>)))]
async fn list_waiting_payments(
    State(api): State<Api>,
    session: Session,
    Query(query): Query<WaitingQuery>,
) -> Result<Json<List<WaitingPayment>>, Problem> {
    let who = &session.who;
    who.require("stop.read")?;
    let sql = format!(
        "SELECT {COLUMNS} {WAITING} AND r.region LIKE $1 AND ($2 = '' OR p.report_id = $2)
         ORDER BY r.submitted_at, p.report_id, p.position LIMIT {LIST_MAX}"
    );
    let case = query.case.unwrap_or_default();
    let rows: Vec<Row> = api.db.fetch_all(AssertSqlSafe(sql), args![who.region_pattern(), case]).await?;
    let may_place = who.may("stop.make");
    let shown = rows.into_iter().map(|row| {
        let case = row.case()?;
        Ok(WaitingPayment {
            waits_for: row.waits_for(),
            case_id: case.id,
            case_number: case.number,
            region: case.region,
            reported_at: case.reported_at,
            position: row.position,
            partner: row.payee_bank.as_deref().and_then(|bank| PartnerId::parse(bank).ok()),
            bank_named: row.payee_bank_said.filter(|_| row.payee_bank.is_none()),
            account: masked_account(&row.payee_account),
            account_name: row.payee_name.as_deref().map(masked_name),
            amount: money(row.amount_minor, &row.currency),
            paid_at: Timestamp(row.paid_at),
            may_place,
        })
    });
    Ok(Json(List::whole(shown.collect::<store::Result<_>>()?)))
}

/// Where the payment belongs.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
struct PlaceInput {
    /// The institution that holds the account; needed where nobody has named it.
    partner: Option<PartnerId>,
    /// The holder, where the report names none.
    account_name: Option<String>,
    /// Why; goes onto an order.
    reason: String,
}

/// What became of the payment.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct PlacedOutput {
    /// The chase of the case follows it from here.
    followed: bool,
    /// The order that was made, where the chase does not follow it.
    order: Option<OrderId>,
}

/// Places a payment that waits: names its bank or lets it be followed though its case is closed, so that the chase orders
/// and follows by itself, or makes the stop order where the chase follows another currency.
#[utoipa::path(post, path = "/payments-waiting/{case_id}/{position}/place", tag = "stop",
    security(("session" = ["stop.make"])), params(("case_id" = ReportId, Path), ("position" = i64, Path)),
    request_body = PlaceInput, responses((status = 201, body = PlacedOutput)))]
async fn place_payment(
    State(api): State<Api>,
    session: Session,
    idem: Idem,
    Path((case_id, position)): Path<(ReportId, i64)>,
    Json(input): Json<PlaceInput>,
) -> Result<Response, Problem> {
    let who = &session.who;
    who.require("stop.make")?;
    let mut tx = api.db.begin().await?;
    // A payment is placed once: who comes at the same moment finds that it no longer waits.
    store::lock_row(&mut tx, "intake_report", "id", case_id).await?;
    let sql = format!("SELECT {COLUMNS} {WAITING} AND p.report_id = $1 AND p.position = $2");
    let row: Option<Row> = tx.fetch_optional(AssertSqlSafe(sql), args![case_id, position]).await?;
    let row = match row {
        Some(row) => row,
        None if intake::has_payment(&mut tx, case_id, position).await? => {
            return Err(store::Error::Moved { table: "intake_payment" }.into());
        }
        None => return Err(Problem::not_found("payment")),
    };
    let case = row.case()?;
    who.require_region(&case.region)?;

    let mut faults = Faults::none();
    let given = input.account_name.as_deref().map(str::trim).filter(|name| !name.is_empty());
    let given = given.and_then(|name| faults.keep(PersonName::parse_at("account_name", name)));
    let name = given.map(|name| name.to_string()).or_else(|| row.payee_name.clone());
    let known = row.payee_bank.as_deref().and_then(|bank| PartnerId::parse(bank).ok());
    let followed_in = chase::currency(&mut tx, case_id).await?;
    let by_chase = followed_in.is_none_or(|currency| currency == row.currency);
    let partner = known.clone().or(input.partner);
    match &partner {
        None => faults.push(stop::texts::PARTNER_MISSING.at("partner", &[])),
        Some(partner) if !api.stop.post.knows(partner) => {
            faults.push(stop::texts::PARTNER_UNKNOWN.at("partner", &[("partner", partner.as_str())]));
        }
        Some(_) => {}
    }
    if !by_chase && name.is_none() {
        faults.push(stop::texts::CHECK_MISSING.at("account_name", &[]));
    }
    faults.into_result()?;
    let Some(partner) = partner else { return Err(Problem::not_found("partner")) };
    if known.is_none() {
        intake::name_bank(&mut tx, who, &case, position, &partner, name.as_deref()).await?;
    }
    let order = if by_chase {
        if let Some(since) = row.waits_since {
            intake::release(&mut tx, who, &case, position, Timestamp(since)).await?;
        }
        None
    } else {
        let asked = by_hand(&row, case.clone(), partner, name, input.reason);
        let order = api.stop.make(&mut tx, who, asked).await?;
        intake::note_order(&mut tx, &case, position, order).await?;
        Some(order)
    };
    let placed = PlacedOutput { followed: by_chase, order };
    let answer = idem.finish(&mut tx, StatusCode::CREATED, &placed).await?;
    tx.commit().await?;
    Ok(answer)
}

/// A stop for what the victim paid, checked against the payment itself.
fn by_hand(row: &Row, case: CaseRef, partner: PartnerId, name: Option<String>, reason: String) -> NewOrder {
    let reason = match reason.trim() {
        "" => format!("案件{}被害人以{}直接转入的账户", case.number, row.currency),
        given => given.to_owned(),
    };
    NewOrder {
        case,
        partner,
        kind: OrderKind::Stop,
        account_no: row.payee_account.clone(),
        account_name: name,
        currency: row.currency.clone(),
        check: Some(wire::Check {
            amount_minor: row.amount_minor,
            currency: row.currency.clone(),
            at: Timestamp(row.paid_at),
            reference: row.reference.clone().filter(|reference| !reference.is_empty()),
        }),
        amount_minor: Some(row.amount_minor),
        period: None,
        until: None,
        refers_to: None,
        level: 1,
        include_interest: false,
        approval_level: None,
        reason,
        dedup: None,
    }
}

/// How many payments of a case wait, for the page of its chase.
pub(crate) async fn of_case(db: &Db, case_id: ReportId) -> store::Result<i64> {
    let sql = format!("SELECT COUNT(*) {WAITING} AND p.report_id = $1");
    let (count,): (i64,) = db.fetch_one(AssertSqlSafe(sql), args![case_id]).await?;
    Ok(count)
}
