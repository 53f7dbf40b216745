//! The teller's routes: transfers, deposits from clearing, reserved transfers and reversals.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use kernel::{AccountNo, Fault, Faults, Money, Text, TransferId};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Idem, Json, Path, Problem, Session};
use wire::Channel;

use crate::desk::Bank;
use crate::ledger::{Booked, LedgerFault, Mode, Party, TransferState};
use crate::teller::{NewTransfer, Side};

const BANK: Text = Text::new(
    "teller.bank",
    ("请填写对方银行", "give the other bank"),
    ("填写席位编号,例如 bank-b", "Use the name of its seat, such as bank-b"),
);
const OWN_BANK: Text = Text::new(
    "teller.own_bank",
    ("此处须为他行", "this must be another bank"),
    ("行内转账请使用 POST /transfers", "Use POST /transfers within the bank"),
);
const LONG: Text =
    Text::new("teller.long", ("最多 {most} 个字符", "{most} characters at most"), ("请缩短", "Shorten it"));
const DAY: Text =
    Text::new("teller.day", ("不是日期", "this is not a date"), ("请写成 2026-11-23", "Write it as 2026-11-23"));
/// Longest reference or memo, in characters.
const TEXT_CHARS_MAX: usize = 200;

/// Texts of this module.
pub(super) const TEXTS: &[Text] = &[BANK, OWN_BANK, LONG, DAY];

pub(super) fn router() -> OpenApiRouter<Bank> {
    OpenApiRouter::new()
        .routes(routes!(make_transfer))
        .routes(routes!(deposit_from_clearing))
        .routes(routes!(post_transfer))
        .routes(routes!(void_transfer))
        .routes(routes!(reverse_transfer))
}

/// One side of a transfer.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct SideInput {
    /// Account number; absent for cash and the like, where the channel tells the other side.
    #[serde(default)]
    account: Option<String>,
    /// Name of the seat that holds the account; this bank unless given.
    #[serde(default)]
    bank: Option<String>,
    /// Name of the holder, for accounts at other banks.
    #[serde(default)]
    name: String,
}

/// Whether money moves at once.
#[derive(Debug, Clone, Copy, Default, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum ModeInput {
    /// Booked at once.
    #[default]
    Posted,
    /// Reserved, to be posted or voided later.
    Pending,
}

/// A transfer to be made.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct TransferInput {
    /// Number in the system that it comes from; the same number is booked once.
    #[serde(default)]
    external_id: Option<String>,
    /// Who pays.
    payer: SideInput,
    /// Who receives.
    payee: SideInput,
    /// Amount.
    amount: Money,
    /// How.
    channel: Channel,
    /// Reference that both sides share.
    #[serde(default)]
    reference: String,
    /// The payer's words.
    #[serde(default)]
    memo: String,
    /// The day from which it counts; today unless given.
    #[serde(default)]
    value_date: Option<String>,
    /// At once or reserved.
    #[serde(default)]
    mode: ModeInput,
}

/// A deposit that comes in from another bank.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct DepositInput {
    /// Number in the system that it comes from; the same number is booked once.
    #[serde(default)]
    external_id: Option<String>,
    /// The payer at the other bank.
    payer: SideInput,
    /// The account here.
    account: String,
    /// Amount.
    amount: Money,
    /// How.
    channel: Channel,
    /// Reference that both sides share.
    #[serde(default)]
    reference: String,
    /// The payer's words.
    #[serde(default)]
    memo: String,
}

/// A transfer that was booked, reserved, voided or reversed.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct TransferOutput {
    id: TransferId,
    /// `posted`, `pending` or `voided`.
    state: &'static str,
    /// Available to the payer after it; absent for the bank's own accounts.
    payer_available: Option<Money>,
}

fn output(booked: &Booked) -> TransferOutput {
    let payer = &booked.debit;
    TransferOutput {
        id: booked.id,
        state: match booked.state {
            TransferState::Posted => "posted",
            TransferState::Pending => "pending",
            TransferState::Voided => "voided",
        },
        payer_available: payer.customer_id.map(|_| payer.money(payer.ledger.available_minor())),
    }
}

fn side(input: &SideInput, me: &str, field: &str, faults: &mut Faults) -> Option<Side> {
    let Some(account) = input.account.as_deref().filter(|no| !no.trim().is_empty()) else { return Some(Side::Channel) };
    let account = faults.keep(AccountNo::parse_at(&format!("{field}.account"), account))?.to_string();
    let bank = input.bank.as_deref().map(str::trim).filter(|bank| !bank.is_empty() && *bank != me);
    Some(match bank {
        None => Side::Ours(account),
        Some(bank) => Side::Elsewhere(Party { bank: bank.to_owned(), account, name: input.name.trim().to_owned() }),
    })
}

fn new_transfer(input: &TransferInput, me: &str) -> Result<NewTransfer, Faults> {
    let mut faults = Faults::none();
    let payer = side(&input.payer, me, "payer", &mut faults);
    let payee = side(&input.payee, me, "payee", &mut faults);
    if input.amount.minor <= 0 {
        faults.push(LedgerFault::AmountNotPositive.text().at("amount", &[]));
    }
    if !kernel::bounds::amount_fits(input.amount.minor) {
        let max = Money::new(kernel::bounds::AMOUNT_MINOR_MAX, input.amount.currency).format();
        faults.push(kernel::bounds::AMOUNT_TOO_LARGE.at("amount", &[("max", &max)]));
    }
    let external_id = input.external_id.clone().filter(|id| !id.is_empty());
    let texts =
        [("reference", Some(&input.reference)), ("memo", Some(&input.memo)), ("external_id", external_id.as_ref())];
    for (field, text) in texts {
        if text.is_some_and(|t| t.chars().count() > TEXT_CHARS_MAX) {
            faults.push(LONG.at(field, &[("most", &TEXT_CHARS_MAX.to_string())]));
        }
    }
    if input.value_date.as_deref().is_some_and(|day| day.parse::<jiff::civil::Date>().is_err()) {
        faults.push(DAY.at("value_date", &[]));
    }
    match (payer, payee, faults.into_result()) {
        (_, _, Err(faults)) => Err(faults),
        (Some(payer), Some(payee), Ok(())) => Ok(NewTransfer {
            external_id,
            payer,
            payee,
            amount_minor: input.amount.minor,
            currency: input.amount.currency,
            channel: input.channel,
            reference: input.reference.clone(),
            memo: input.memo.clone(),
            value_date: input.value_date.clone(),
            mode: match input.mode {
                ModeInput::Posted => Mode::Posted,
                ModeInput::Pending => Mode::Pending,
            },
        }),
        _ => Err(Faults::none()),
    }
}

/// Books a transfer within the bank, to another bank by clearing, or against cash and the like. Holds are respected.
#[utoipa::path(post, path = "/transfers", tag = "bank", security(("session" = ["bank.admin"])),
    request_body = TransferInput, responses((status = 201, body = TransferOutput)))]
async fn make_transfer(
    State(bank): State<Bank>,
    session: Session,
    idem: Idem,
    Json(input): Json<TransferInput>,
) -> Result<Response, Problem> {
    let new = new_transfer(&input, bank.me().as_str())?;
    made(&bank, &session, &idem, &new).await
}

/// Books a deposit that another bank has cleared to an account here.
#[utoipa::path(post, path = "/deposits-from-clearing", tag = "bank", security(("session" = ["bank.admin"])),
    request_body = DepositInput, responses((status = 201, body = TransferOutput)))]
async fn deposit_from_clearing(
    State(bank): State<Bank>,
    session: Session,
    idem: Idem,
    Json(input): Json<DepositInput>,
) -> Result<Response, Problem> {
    let me = bank.me().as_str();
    let mut faults: Vec<Fault> = Vec::new();
    match input.payer.bank.as_deref().map(str::trim) {
        None | Some("") => faults.push(BANK.at("payer.bank", &[])),
        Some(other) if other == me => faults.push(OWN_BANK.at("payer.bank", &[])),
        Some(_) => {}
    }
    let named = |no: &str| !no.trim().is_empty();
    let absent = |field: &str| AccountNo::parse_at(field, "").err();
    faults.extend(absent("payer.account").filter(|_| !input.payer.account.as_deref().is_some_and(named)));
    faults.extend(absent("account").filter(|_| !named(&input.account)));
    let transfer = TransferInput {
        external_id: input.external_id,
        payer: input.payer,
        payee: SideInput { account: Some(input.account), bank: None, name: String::new() },
        amount: input.amount,
        channel: input.channel,
        reference: input.reference,
        memo: input.memo,
        value_date: None,
        mode: ModeInput::Posted,
    };
    match new_transfer(&transfer, me) {
        Ok(new) if faults.is_empty() => made(&bank, &session, &idem, &new).await,
        Ok(_) => Err(Faults(faults).into()),
        Err(more) => {
            let renamed = |fault: Fault| match fault.field.as_str() {
                "payee.account" => Fault { field: "account".to_owned(), ..fault },
                _ => fault,
            };
            faults.extend(more.0.into_iter().map(renamed));
            Err(Faults(faults).into())
        }
    }
}

async fn made(bank: &Bank, session: &Session, idem: &Idem, new: &NewTransfer) -> Result<Response, Problem> {
    let mut tx = bank.db().begin().await?;
    let booked = bank.transfer(&mut tx, &session.who, new).await?;
    let answer = idem.finish(&mut tx, StatusCode::CREATED, &output(&booked)).await?;
    tx.commit().await?;
    Ok(answer)
}

/// Books a reserved transfer.
#[utoipa::path(post, path = "/transfers/{id}/post", tag = "bank", security(("session" = ["bank.admin"])),
    params(("id" = TransferId, Path)), responses((status = 200, body = TransferOutput)))]
async fn post_transfer(
    State(bank): State<Bank>,
    session: Session,
    idem: Idem,
    Path(id): Path<TransferId>,
) -> Result<Response, Problem> {
    finished(&bank, &session, &idem, id, TransferState::Posted).await
}

/// Gives up a reserved transfer.
#[utoipa::path(post, path = "/transfers/{id}/void", tag = "bank", security(("session" = ["bank.admin"])),
    params(("id" = TransferId, Path)), responses((status = 200, body = TransferOutput)))]
async fn void_transfer(
    State(bank): State<Bank>,
    session: Session,
    idem: Idem,
    Path(id): Path<TransferId>,
) -> Result<Response, Problem> {
    finished(&bank, &session, &idem, id, TransferState::Voided).await
}

async fn finished(
    bank: &Bank,
    session: &Session,
    idem: &Idem,
    id: TransferId,
    to: TransferState,
) -> Result<Response, Problem> {
    let mut tx = bank.db().begin().await?;
    let booked = bank.finish_transfer(&mut tx, &session.who, id, to).await?;
    let answer = idem.finish(&mut tx, StatusCode::OK, &output(&booked)).await?;
    tx.commit().await?;
    Ok(answer)
}

/// Why a transfer is reversed.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ReverseInput {
    /// In words; stands as the memo of the reversal.
    #[serde(default)]
    reason: String,
}

/// Puts a booked transfer right by its opposite (冲正); the first entry stays.
#[utoipa::path(post, path = "/transfers/{id}/reverse", tag = "bank", security(("session" = ["bank.admin"])),
    params(("id" = TransferId, Path)), request_body = ReverseInput, responses((status = 201, body = TransferOutput)))]
async fn reverse_transfer(
    State(bank): State<Bank>,
    session: Session,
    idem: Idem,
    Path(id): Path<TransferId>,
    Json(input): Json<ReverseInput>,
) -> Result<Response, Problem> {
    let memo = input.reason.trim();
    if memo.chars().count() > TEXT_CHARS_MAX {
        return Err(LONG.at("reason", &[("most", &TEXT_CHARS_MAX.to_string())]).into());
    }
    let mut tx = bank.db().begin().await?;
    let booked = bank.reverse_transfer(&mut tx, &session.who, id, memo).await?;
    let answer = idem.finish(&mut tx, StatusCode::CREATED, &output(&booked)).await?;
    tx.commit().await?;
    Ok(answer)
}
