//! Cases that the bank reports to the centre of its own accord: a victim at the counter, a strange opening, a suspect
//! account or event. Where payer and payee bank are the same legal person the bank may stop first (先行止付); the police
//! order must follow within 24 hours, else the stop lifts by itself.

use kernel::{
    AccountNo, CitizenId, Faults, HoldId, Maskable, Money, Msisdn, NoticeId, OrderId, PersonName, Region, ScamType,
    Text, Timestamp, TransferId,
};
use serde::Deserialize;
use serde_json::json;
use store::journal::Entry;
use store::{Db, Tx, Who, args};
use wire::{
    Contact, ContactKind, Movement, Notice, NoticeKind, NoticeTaken, PartnerId, Payment, Sign, StoppedFirst, Victim,
    VictimCase,
};

use crate::account::{self, Account, AccountKind, AccountState, mask_account};
use crate::desk::Bank;
use crate::error::{Error, Result, stored_id};
use crate::hold::{self, HoldEvent, HoldKind, HoldScope, NewHold, Term, rows};
use crate::ledger::statement::{self, Comparison};
use crate::order::decide::same_name;

/// Payments, contacts and movements in one notice at most.
const LIST_MAX: usize = 100;
/// Longest account of what happened, in characters.
const WORDS_CHARS_MAX: usize = 10_000;

const NEEDED: Text = Text::new("notice.needed", ("请填写该栏", "this must be given"), ("请补齐", "Fill it in"));
const TOO_MANY: Text =
    Text::new("notice.too_many", ("最多 {most} 条", "{most} at most"), ("请分几次报告", "Report in several parts"));
const TOO_LONG: Text =
    Text::new("notice.too_long", ("最多 {most} 个字", "{most} characters at most"), ("请缩短", "Shorten it"));
const NOT_OURS: Text = Text::new(
    "notice.not_ours",
    ("该账户不在本行", "the account is not at this bank"),
    ("先行止付只适用于收付款双方均为本行的情形", "The bank may stop first only where payer and payee are both here"),
);
const NOT_IN_BOOKS: Text = Text::new(
    "notice.not_in_books",
    ("账内没有与户名、金额、时间相符的交易", "the books have no movement of that name, amount and time"),
    ("请与客户核对转账凭证", "Check the receipt with the customer"),
);
const NOT_ITS: Text = Text::new(
    "notice.not_its",
    ("该账户没有这笔交易", "the account has no such movement"),
    ("请从该账户的流水中选取", "Choose it from the movements of that account"),
);
const PROTECTED: Text = Text::new(
    "notice.protected",
    ("该账户在保护名单内", "the account is on the protected list"),
    ("请不选先行止付,直接报告", "Report it without stopping first"),
);
const CLOCK: Text =
    Text::new("notice.future", ("时间晚于现在", "the time is later than now"), ("请核对时间", "Check the time"));

/// Texts of this module.
pub const TEXTS: &[Text] = &[NEEDED, TOO_MANY, TOO_LONG, NOT_OURS, NOT_IN_BOOKS, NOT_ITS, PROTECTED, CLOCK];

/// Whether the bank stops the payee's account before the order arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StopFirst {
    /// Only report.
    #[default]
    No,
    /// Stop the payee's account of the first payment at once, up to its amount.
    Yes,
}

/// A notice as the clerk fills it in; checked as a whole.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoticeInput {
    /// What is reported.
    pub kind: NoticeKind,
    /// What happened, in words.
    #[serde(default)]
    #[schema(required = true)]
    pub words: String,
    /// Six-digit region code of the branch.
    #[serde(default)]
    pub region: Option<String>,
    /// The branch; the seat's own name for itself unless given.
    #[serde(default)]
    pub branch: Option<String>,
    /// The victim's case, with `victim_case`.
    #[serde(default)]
    pub case: Option<CaseInput>,
    /// Number of the account concerned, with the other kinds.
    #[serde(default)]
    #[schema(extensions(("x-needed-when" = json!({
        "kind": ["account_opening", "suspect_account", "suspect_event"] }))))]
    pub account: Option<String>,
    /// Why it is strange or suspect.
    #[serde(default)]
    pub signs: Vec<Sign>,
    /// Movements of that account that are concerned.
    #[serde(default)]
    pub transfers: Vec<TransferId>,
    /// Whether to stop first.
    #[serde(default)]
    pub stop_first: StopFirst,
}

/// The case of a victim at the counter.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseInput {
    /// Name of the victim.
    #[serde(default)]
    #[schema(required = true)]
    pub victim_name: String,
    /// Telephone of the victim.
    #[serde(default)]
    #[schema(required = true)]
    pub victim_phone: String,
    /// Citizen ID of the victim.
    #[serde(default)]
    pub victim_citizen_id: Option<String>,
    /// When it happened.
    #[serde(default)]
    pub occurred_at: Option<Timestamp>,
    /// Code of the scam type.
    #[serde(default)]
    pub scam_type: Option<String>,
    /// What the victim paid.
    #[serde(default)]
    pub payments: Vec<PaymentInput>,
    /// How the scammer was in touch.
    #[serde(default)]
    pub contacts: Vec<ContactInput>,
}

/// A payment of the victim.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaymentInput {
    /// Account paid from.
    #[serde(default)]
    #[schema(required = true)]
    pub payer_account: String,
    /// Account paid to.
    #[serde(default)]
    #[schema(required = true)]
    pub payee_account: String,
    /// Name of the payee.
    #[serde(default)]
    #[schema(required = true)]
    pub payee_name: String,
    /// Bank of the payee; this seat's id for the own bank.
    #[serde(default)]
    #[schema(required = true)]
    pub payee_bank: String,
    /// Amount.
    pub amount: Money,
    /// When.
    pub paid_at: Timestamp,
    /// Reference.
    #[serde(default)]
    pub reference: Option<String>,
}

/// A way in which the scammer was in touch.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactInput {
    /// What it is.
    pub kind: ContactKind,
    /// Number, address or name.
    pub value: String,
}

/// A notice that was sent.
#[derive(Debug, Clone, PartialEq)]
pub struct SentNotice {
    /// Identity.
    pub id: NoticeId,
    /// Short number.
    pub number: String,
    /// The stop made first, where there is one.
    pub stopped_first: Option<StoppedFirst>,
}

impl Bank {
    /// Reports a case to the centre; needs `bank.report.write`.
    ///
    /// # Errors
    /// [`Error::Input`] with every fault by field.
    pub async fn report(&self, tx: &mut Tx, who: &Who, input: &NoticeInput) -> Result<SentNotice> {
        who.require("bank.report.write")?;
        let now = tx.now();
        let mut notice = self.check(input, now)?;
        let id = notice.notice_id;
        let number = store::serial::next(tx, "N").await?;
        if input.kind != NoticeKind::VictimCase {
            notice.account = Some(self.suspect(tx, input).await?);
            notice.movements = self.concerned(tx, input).await?;
        }
        let mut hold_id = None;
        if let (StopFirst::Yes, Some(case)) = (input.stop_first, notice.case.as_mut()) {
            let (hold, stopped) = self.stop_first(tx, who, case, &number).await?;
            hold_id = Some(hold);
            case.stopped_first = Some(stopped);
        }
        let stopped_first = notice.case.as_ref().and_then(|case| case.stopped_first.clone());
        let account_no = stopped_first.as_ref().map(|s| s.account.number.clone()).or(input.account.clone());
        let body_json = serde_json::to_string(&notice).map_err(|e| Error::Corrupt(e.to_string()))?;
        let subject = format!("notice:{id}");
        let private = notice.case.as_ref().map(|case| json!({ "victim": case.victim, "payments": case.payments }));
        let centre = self.settings().centre.clone();
        let signs = notice.signs.clone();
        let message = self.send(tx, &centre, notice, subject.clone(), None).await?;
        tx.write(
            "INSERT INTO bank_notice (id, number, kind, centre, account_no, hold_id, message_id, made_at, made_by, body_json)
             VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)",
            args![id, &number, input.kind.code(), &centre, account_no.clone(), hold_id, message, now, &who.user, body_json],
        )
        .await?;
        let body = json!({
            "number": number, "kind": input.kind, "signs": signs, "hold_id": hold_id,
            "account": account_no.as_deref().map(mask_account),
        });
        let mut entry = Entry::new("notice.sent", subject).body(&body);
        if let Some(private) = private {
            entry = entry.private(&private);
        }
        tx.append(entry, who).await?;
        Ok(SentNotice { id, number, stopped_first })
    }

    /// The notice as it will travel, but for what the books add.
    fn check(&self, input: &NoticeInput, now: Timestamp) -> Result<Notice> {
        let mut faults = Faults::none();
        if input.words.trim().is_empty() {
            faults.push(NEEDED.at("words", &[]));
        } else if input.words.chars().count() > WORDS_CHARS_MAX {
            faults.push(TOO_LONG.at("words", &[("most", &WORDS_CHARS_MAX.to_string())]));
        }
        let region = input.region.as_deref().and_then(|code| {
            faults
                .keep(Region::parse(code).map_err(|fault| fault.under("region")))
                .map(|region| region.code().to_string())
        });
        if input.transfers.len() > LIST_MAX {
            faults.push(TOO_MANY.at("transfers", &[("most", &LIST_MAX.to_string())]));
        }
        let case = match (input.kind, &input.case) {
            (NoticeKind::VictimCase, Some(case)) => check_case(case, now, &mut faults),
            (NoticeKind::VictimCase, None) => {
                faults.push(NEEDED.at("case", &[]));
                None
            }
            _ => None,
        };
        if input.kind != NoticeKind::VictimCase && input.account.as_deref().is_none_or(|no| no.trim().is_empty()) {
            faults.push(NEEDED.at("account", &[]));
        }
        faults.into_result().map_err(Error::Input)?;
        let named = input.branch.as_deref().map(str::trim).filter(|branch| !branch.is_empty());
        Ok(Notice {
            notice_id: NoticeId::new(now),
            kind: input.kind,
            at: now,
            branch: named.unwrap_or(&self.settings().branch).to_owned(),
            region,
            words: input.words.trim().to_owned(),
            case,
            account: None,
            signs: input.signs.clone(),
            movements: Vec::new(),
        })
    }

    async fn suspect(&self, tx: &mut Tx, input: &NoticeInput) -> Result<wire::Account> {
        let no = input.account.as_deref().unwrap_or("");
        let account = ours(account::lock_by_number(tx, no.trim()).await?)
            .ok_or_else(|| Error::Input(Faults(vec![NOT_OURS.at("account", &[])])))?;
        Ok(wire::Account { number: account.no, name: Some(account.holder_name) })
    }

    async fn concerned(&self, tx: &mut Tx, input: &NoticeInput) -> Result<Vec<Movement>> {
        let no = input.account.as_deref().unwrap_or("");
        let mut movements = Vec::new();
        let accounts = account::lock_by_number(tx, no.trim()).await?;
        let mut faults = Faults::default();
        for (index, id) in input.transfers.iter().enumerate() {
            let before = movements.len();
            for account in &accounts {
                movements.extend(self.movements_of(tx, account.id, &[*id]).await?);
            }
            // Left out in silence, the centre would follow less than the clerk thinks that it was told.
            if movements.len() == before {
                faults.push(NOT_ITS.at(format!("transfers[{index}]"), &[]));
            }
        }
        faults.into_result().map_err(Error::Input)?;
        Ok(movements)
    }

    async fn stop_first(
        &self,
        tx: &mut Tx,
        who: &Who,
        case: &VictimCase,
        number: &str,
    ) -> Result<(HoldId, StoppedFirst)> {
        let now = tx.now();
        let refuse =
            |text: &Text, field: &str| Error::Input(Faults(vec![text.at(format!("case.payments[0].{field}"), &[])]));
        let payment = case.payments.first().ok_or_else(|| refuse(&NEEDED, "payee_account"))?;
        // Both at once, in the order in which every transfer takes them.
        account::lock_numbers(tx, &[&payment.payer_account, &payment.payee_account]).await?;
        let of_number = account::lock_by_number(tx, &payment.payer_account).await?;
        ours(of_number).ok_or_else(|| refuse(&NOT_OURS, "payer_account"))?;
        let of_number = account::lock_by_number(tx, &payment.payee_account).await?;
        let in_currency = of_number.into_iter().filter(|a| a.ledger.currency.code() == payment.currency).collect();
        let mut payee = ours(in_currency).ok_or_else(|| refuse(&NOT_OURS, "payee_account"))?;
        if payee.protected_reason.is_some() {
            return Err(refuse(&PROTECTED, "payee_account"));
        }
        self.pass_time(tx, &mut payee).await?;
        let p = self.parameters();
        let compared = statement::compare(
            tx,
            payee.id,
            payment.amount_minor,
            payment.paid_at,
            p.check_tolerance,
            p.diagnosis_span,
        );
        if !same_name(&payment.payee_name, &payee.holder_name) || compared.await? != Comparison::Agrees {
            return Err(refuse(&NOT_IN_BOOKS, "amount"));
        }
        let new = NewHold {
            id: HoldId::new(now),
            kind: HoldKind::OwnStop,
            authority: self.me().to_string(),
            case_number: number.to_owned(),
            scope: HoldScope::UpTo(payment.amount_minor),
            term: Term::Span(p.own_stop_span),
            order_id: Some(OrderId::new(now)),
        };
        let before = rows::line(tx, payee.id, number).await?;
        let (after, effects) = hold::apply(&before, &HoldEvent::Place(new.clone()), now, self.rules())?;
        self.settle(tx, who, &mut payee, &before, &after, &effects).await?;
        let stopped = StoppedFirst {
            order_id: new.order_id.unwrap_or_else(|| OrderId::new(now)),
            account: wire::Account { number: payee.no.clone(), name: Some(payee.holder_name.clone()) },
            held_minor: after.held_by_minor(new.id, payee.ledger.balance_minor(), now),
            currency: payment.currency.clone(),
            from: now,
            until: now + p.own_stop_span,
        };
        Ok((new.id, stopped))
    }
}

fn ours(accounts: Vec<Account>) -> Option<Account> {
    accounts.into_iter().find(|a| a.kind != AccountKind::Internal && a.state == AccountState::Open)
}

fn check_case(input: &CaseInput, now: Timestamp, faults: &mut Faults) -> Option<VictimCase> {
    let name = faults.keep(PersonName::parse_at("case.victim_name", &input.victim_name));
    let phone = faults.keep(Msisdn::parse_at("case.victim_phone", &input.victim_phone));
    let written = input.victim_citizen_id.as_deref().filter(|id| !id.trim().is_empty());
    let citizen_id = written.and_then(|id| faults.keep(CitizenId::parse_at("case.victim_citizen_id", id)));
    let written = input.scam_type.as_deref().filter(|code| !code.trim().is_empty());
    let scam_type =
        written.and_then(|code| faults.keep(ScamType::parse(code).map_err(|fault| fault.under("case.scam_type"))));
    if input.payments.is_empty() {
        faults.push(NEEDED.at("case.payments", &[]));
    }
    for (field, count) in [("case.payments", input.payments.len()), ("case.contacts", input.contacts.len())] {
        if count > LIST_MAX {
            faults.push(TOO_MANY.at(field, &[("most", &LIST_MAX.to_string())]));
        }
    }
    let payments = input.payments.iter().take(LIST_MAX).enumerate();
    let payments: Vec<Payment> = payments.filter_map(|(n, p)| check_payment(n, p, now, faults)).collect();
    let contacts =
        input.contacts.iter().take(LIST_MAX).map(|c| Contact { kind: c.kind, value: c.value.trim().to_owned() });
    let contacts = contacts.filter(|c| !c.value.is_empty()).collect();
    Some(VictimCase {
        victim: Victim {
            name: name?.to_string(),
            phone: phone?.to_string(),
            citizen_id: citizen_id.map(|id| id.to_string()),
        },
        occurred_at: input.occurred_at,
        scam_type: scam_type.map(|t| t.code().to_owned()),
        payments,
        contacts,
        stopped_first: None,
    })
}

fn check_payment(n: usize, input: &PaymentInput, now: Timestamp, faults: &mut Faults) -> Option<Payment> {
    let at = |field: &str| format!("case.payments[{n}].{field}");
    let payer = faults.keep(AccountNo::parse_at(&at("payer_account"), &input.payer_account));
    let payee = faults.keep(AccountNo::parse_at(&at("payee_account"), &input.payee_account));
    let name = faults.keep(PersonName::parse_at(&at("payee_name"), &input.payee_name));
    let bank = input.payee_bank.trim();
    if bank.is_empty() {
        faults.push(NEEDED.at(at("payee_bank"), &[]));
    }
    if input.amount.minor <= 0 {
        faults.push(crate::ledger::LedgerFault::AmountNotPositive.text().at(at("amount"), &[]));
    }
    if input.paid_at > now {
        faults.push(CLOCK.at(at("paid_at"), &[]));
    }
    Some(Payment {
        payer_account: payer?.to_string(),
        payee_account: payee?.to_string(),
        payee_name: name?.to_string(),
        payee_bank: bank.to_owned(),
        amount_minor: input.amount.minor,
        currency: input.amount.currency.code().to_owned(),
        paid_at: input.paid_at,
        reference: input.reference.as_deref().map(str::trim).filter(|r| !r.is_empty()).map(str::to_owned),
    })
}

/// The centre has taken a notice and told the case that it became.
pub(crate) async fn taken(tx: &mut Tx, from: &PartnerId, taken: &NoticeTaken) -> Result<()> {
    let now = tx.now();
    let takes =
        store::transition("bank_notice", taken.notice_id).expect("centre", from).expect("taken_at", None::<i64>);
    if !takes.set("taken_at", now).set("case_number", taken.case_number.clone()).try_apply(tx).await? {
        return Ok(());
    }
    let body = json!({ "case_number": taken.case_number, "centre": from });
    let entry = Entry::new("notice.taken", format!("notice:{}", taken.notice_id)).body(&body);
    Ok(tx.append(entry, &Who::partner(from.as_str())).await?)
}

/// A notice as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct NoticeRow {
    /// Identity.
    pub id: NoticeId,
    /// Short number.
    pub number: String,
    /// Word of its kind.
    pub kind: String,
    /// Number of the account concerned or stopped.
    pub account_no: Option<String>,
    /// The stop made first.
    pub hold_id: Option<HoldId>,
    /// When it was sent.
    pub made_at: Timestamp,
    /// By whom.
    pub made_by: String,
    /// When the centre took it.
    pub taken_at: Option<Timestamp>,
    /// The case that it became.
    pub case_number: Option<String>,
    /// As it travelled.
    pub notice: Notice,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    number: String,
    kind: String,
    account_no: Option<String>,
    hold_id: Option<String>,
    made_at: i64,
    made_by: String,
    taken_at: Option<i64>,
    case_number: Option<String>,
    body_json: String,
}

impl Row {
    fn read(self) -> Result<NoticeRow> {
        Ok(NoticeRow {
            id: stored_id(&self.id)?,
            hold_id: self.hold_id.as_deref().map(stored_id).transpose()?,
            made_at: Timestamp(self.made_at),
            taken_at: self.taken_at.map(Timestamp),
            notice: serde_json::from_str(&self.body_json)
                .map_err(|e| Error::Corrupt(format!("notice {}: {e}", self.number)))?,
            number: self.number,
            kind: self.kind,
            account_no: self.account_no,
            made_by: self.made_by,
            case_number: self.case_number,
        })
    }
}

/// Notices, the latest first, before an identifier.
pub async fn latest(db: &Db, before: Option<NoticeId>, limit: i64) -> Result<Vec<NoticeRow>> {
    let before = before.map_or_else(|| "g".to_owned(), |id| id.to_string());
    let rows: Vec<Row> = db
        .fetch_all(
            "SELECT id, number, kind, account_no, hold_id, made_at, made_by, taken_at, case_number, body_json FROM bank_notice
             WHERE id < $1 ORDER BY id DESC LIMIT $2",
            args![before, limit],
        )
        .await?;
    rows.into_iter().map(Row::read).collect()
}

/// One notice.
pub async fn of_id(db: &Db, id: NoticeId) -> Result<NoticeRow> {
    let row: Option<Row> = db
        .fetch_optional(
            "SELECT id, number, kind, account_no, hold_id, made_at, made_by, taken_at, case_number, body_json FROM bank_notice
             WHERE id = $1",
            args![id],
        )
        .await?;
    row.ok_or(Error::NotFound("notice"))?.read()
}

impl NoticeRow {
    /// The victim's name as anyone may see it.
    pub fn victim_masked(&self) -> Option<String> {
        let name = &self.notice.case.as_ref()?.victim.name;
        Some(PersonName::parse(name).map_or_else(|_| "*".to_owned(), |name| name.mask()))
    }
}
