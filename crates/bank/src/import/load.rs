//! Rows into the books, many in a statement.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use kernel::{AccountId, Currency, CustomerId, Fault, Text, Timestamp, TransferId};
use store::{Args, AssertSqlSafe, Tx, Who, args, places};
use wire::Channel;

use super::read::{self, AccountRow, CustomerRow, Of, SideRow, TransferRow};
use super::{ImportReport, Progress, Table};
use crate::account::{self, Account, AccountState, Customer, PLACES_MAX, rows_in};
use crate::desk::Bank;
use crate::error::{Error, Result, stored_id};
use crate::ledger::booking::{NewRow, day_of, insert_rows};
use crate::ledger::{Booking, Internal, LedgerAccount, Leg, Legs, Mode, Overdraft, Party, TransferState, internal_of};

/// Rows in one transaction: few enough that a running seat writes in between.
const BATCH_ROWS: usize = 1_000;

const NO_CUSTOMER: Text = Text::new(
    "import.no_customer",
    ("没有客户号 {customer}", "there is no customer {customer}"),
    ("请先导入该客户", "Load the customer first"),
);
const NO_ACCOUNT: Text = Text::new(
    "import.no_account",
    ("本行没有该币种的账户", "this bank has no such account in that currency"),
    ("请先导入该账户,或填写对方银行", "Load the account first, or name the bank that it belongs to"),
);
const NO_SIDE: Text = Text::new(
    "import.no_side",
    ("缺少账号,且该渠道没有对应的内部账户", "the account is missing, and the channel has no account of the bank's own"),
    ("请填写账号,或改用现金、POS、充值等渠道", "Give the account, or a channel such as cash, card_terminal or top_up"),
);
const TWICE: Text = Text::new(
    "import.twice",
    ("编号在文件中重复", "the number stands twice in the file"),
    ("请删除重复的行", "Remove the second one"),
);

/// Texts of this module.
pub(super) const TEXTS: &[Text] = &[NO_CUSTOMER, NO_ACCOUNT, NO_SIDE, TWICE];

type Notify<'a> = &'a mut (dyn FnMut(Progress) + Send);

/// Takes the rows of this seat out of a read file and books the others.
fn sort_out<T>(read: read::Table<T>, table: Table, report: &mut ImportReport) -> Vec<(u64, T)> {
    for (line, faults) in read.refused {
        report.refuse(table, line, faults);
    }
    let mut ours = Vec::with_capacity(read.rows.len());
    for (line, row) in read.rows {
        match row {
            Of::Us(row) => ours.push((line, row)),
            Of::Elsewhere => report.counts(table).elsewhere += 1,
        }
    }
    ours
}

pub(super) async fn customers(bank: &Bank, path: &Path, report: &mut ImportReport, progress: Notify<'_>) -> Result<()> {
    let now = bank.db().clock().now();
    let rows = sort_out(read::table::<CustomerRow>(path, bank.me().as_str(), now).await?, Table::Customers, report);
    let total = rows.len();
    let mut done = 0;
    for batch in rows.chunks(BATCH_ROWS) {
        let customers: Vec<Customer> = batch
            .iter()
            .map(|(_, row)| Customer {
                id: CustomerId::new(now),
                external_id: row.external_id.clone(),
                kind: row.kind,
                name: row.name.clone(),
                id_number: row.id_number.clone(),
                phones: row.phones.clone(),
                since: row.since.unwrap_or(now),
            })
            .collect();
        let mut tx = bank.db().begin().await?;
        let added = usize::try_from(account::insert_customers(&mut tx, &customers).await?).unwrap_or(0);
        tx.commit().await?;
        report.customers.added += added;
        report.customers.known += batch.len() - added.min(batch.len());
        done += batch.len();
        progress(Progress { table: Table::Customers, done, total });
    }
    Ok(())
}

pub(super) async fn accounts(
    bank: &Bank,
    who: &Who,
    path: &Path,
    report: &mut ImportReport,
    progress: Notify<'_>,
) -> Result<()> {
    let now = bank.db().clock().now();
    let rows = sort_out(read::table::<AccountRow>(path, bank.me().as_str(), now).await?, Table::Accounts, report);
    let total = rows.len();
    let mut done = 0;
    for batch in rows.chunks(BATCH_ROWS) {
        let mut tx = bank.db().begin().await?;
        account_batch(bank, &mut tx, who, batch, now, report).await?;
        tx.commit().await?;
        done += batch.len();
        progress(Progress { table: Table::Accounts, done, total });
    }
    Ok(())
}

async fn account_batch(
    bank: &Bank,
    tx: &mut Tx,
    who: &Who,
    batch: &[(u64, AccountRow)],
    now: Timestamp,
    report: &mut ImportReport,
) -> Result<()> {
    let wanted: HashSet<&str> = batch.iter().map(|(_, row)| row.customer.as_str()).collect();
    let wanted: Vec<&str> = wanted.into_iter().collect();
    let rows: Vec<(String, String, String)> =
        rows_in(tx, "SELECT external_id, id, name FROM bank_customer WHERE external_id", &wanted).await?;
    let holders: HashMap<String, (String, String)> = rows.into_iter().map(|(no, id, name)| (no, (id, name))).collect();
    let numbers: Vec<&str> = batch.iter().map(|(_, row)| row.no.as_str()).collect();
    let mut there: HashSet<(String, Currency)> =
        account::of_numbers(tx, &numbers).await?.into_iter().map(|a| (a.no, a.ledger.currency)).collect();
    let mut new = Vec::new();
    let mut openings = Vec::new();
    for (line, row) in batch {
        let Some((customer, name)) = holders.get(&row.customer) else {
            let fault = NO_CUSTOMER.at("customer_id", &[("customer", &row.customer)]);
            report.refuse(Table::Accounts, *line, vec![fault]);
            continue;
        };
        if !there.insert((row.no.clone(), row.currency)) {
            report.accounts.known += 1;
            continue;
        }
        let opened_at = row.opened_at.unwrap_or(now);
        new.push(Account {
            id: AccountId::new(now),
            no: row.no.clone(),
            kind: row.kind.unwrap_or(bank.settings().institution.usual_account()),
            customer_id: Some(stored_id(customer)?),
            holder_name: name.clone(),
            state: AccountState::Open,
            opened_at,
            protected_reason: row.protected_reason.clone(),
            ledger: LedgerAccount::new(row.currency, Overdraft::UpTo(row.overdraft_minor)),
            hold_next_end: None,
            watches: 0,
        });
        if row.opening_minor > 0 {
            openings.push((*line, opening(bank, row, name, opened_at)));
        }
    }
    account::insert_many(tx, &new).await?;
    report.accounts.added += new.len();
    for (line, faults) in (post(bank, tx, who, openings).await?).refused {
        report.refuse(Table::Accounts, line, faults);
    }
    Ok(())
}

/// The balance that an account brings along, against the bank's own opening account.
fn opening(bank: &Bank, row: &AccountRow, name: &str, opened_at: Timestamp) -> Plan {
    Plan {
        external_id: format!("opening:{}:{}", row.no, row.currency),
        time: opened_at,
        amount_minor: row.opening_minor,
        currency: row.currency,
        payer: PlanSide::Internal(Internal::Opening, None),
        payee: PlanSide::Ours(
            row.no.clone(),
            Party { bank: bank.me().to_string(), account: row.no.clone(), name: name.to_owned() },
        ),
        channel: Channel::Other,
        reference: String::new(),
        memo: "期初余额 opening balance".to_owned(),
        value_date: day_of(opened_at),
    }
}

pub(super) async fn transfers(
    bank: &Bank,
    who: &Who,
    path: &Path,
    report: &mut ImportReport,
    progress: Notify<'_>,
) -> Result<()> {
    let now = bank.db().clock().now();
    let me = bank.me().as_str();
    let rows = sort_out(read::table::<TransferRow>(path, me, now).await?, Table::Transfers, report);
    let total = rows.len();
    let mut plans = Vec::with_capacity(total);
    let mut seen = HashSet::with_capacity(total);
    for (line, row) in rows {
        match plan(me, row) {
            Planned::Elsewhere => report.transfers.elsewhere += 1,
            Planned::Faulty(faults) => report.refuse(Table::Transfers, line, faults),
            Planned::Ours(plan) if seen.insert(plan.external_id.clone()) => plans.push((line, *plan)),
            Planned::Ours(_) => report.refuse(Table::Transfers, line, vec![TWICE.at("transfer_id", &[])]),
        }
    }
    // The sequence in an account follows the time of booking, whatever the order of the rows.
    plans.sort_by_key(|(line, plan)| (plan.time, *line));
    let mut done = total - plans.len();
    let mut plans = plans.into_iter().peekable();
    while plans.peek().is_some() {
        let batch: Vec<(u64, Plan)> = plans.by_ref().take(BATCH_ROWS).collect();
        let count = batch.len();
        let mut tx = bank.db().begin().await?;
        let posted = post(bank, &mut tx, who, batch).await?;
        tx.commit().await?;
        report.transfers.added += posted.added;
        report.transfers.known += posted.known;
        for (line, faults) in posted.refused {
            report.refuse(Table::Transfers, line, faults);
        }
        done += count;
        progress(Progress { table: Table::Transfers, done, total });
    }
    Ok(())
}

/// A transfer whose sides are known.
struct Plan {
    external_id: String,
    time: Timestamp,
    amount_minor: i64,
    currency: Currency,
    payer: PlanSide,
    payee: PlanSide,
    channel: Channel,
    reference: String,
    memo: String,
    value_date: String,
}

#[derive(Clone)]
enum PlanSide {
    Ours(String, Party),
    Internal(Internal, Option<Party>),
}

enum Planned {
    Ours(Box<Plan>),
    Elsewhere,
    Faulty(Vec<Fault>),
}

fn plan(me: &str, row: TransferRow) -> Planned {
    let mut faults = Vec::new();
    let mut resolve = |side: SideRow, field: &str| match (side.account, side.bank) {
        (Some(no), Some(bank)) if bank != me => {
            let party = Party { bank: bank.clone(), account: no, name: side.name };
            Some(PlanSide::Internal(Internal::Clearing(bank), Some(party)))
        }
        (Some(no), _) => {
            let party = Party { bank: me.to_owned(), account: no.clone(), name: side.name };
            Some(PlanSide::Ours(no, party))
        }
        (None, _) => match internal_of(row.channel) {
            Some(internal) => Some(PlanSide::Internal(internal, None)),
            None => {
                faults.push(NO_SIDE.at(field, &[]));
                None
            }
        },
    };
    let (payer, payee) = (resolve(row.payer, "payer_account"), resolve(row.payee, "payee_account"));
    let (Some(payer), Some(payee)) = (payer, payee) else { return Planned::Faulty(faults) };
    if !matches!(payer, PlanSide::Ours(..)) && !matches!(payee, PlanSide::Ours(..)) {
        return Planned::Elsewhere;
    }
    Planned::Ours(Box::new(Plan {
        external_id: row.external_id,
        time: row.time,
        amount_minor: row.amount_minor,
        currency: row.currency,
        payer,
        payee,
        channel: row.channel,
        reference: row.reference,
        memo: row.memo,
        value_date: row.value_date,
    }))
}

#[derive(Default)]
struct Posted {
    added: usize,
    known: usize,
    refused: Vec<(u64, Vec<Fault>)>,
}

/// The accounts of a batch, in memory.
struct Shelf {
    accounts: Vec<Account>,
    by_number: HashMap<(String, Currency), usize>,
    changed: HashSet<usize>,
}

impl Shelf {
    async fn fill(bank: &Bank, tx: &mut Tx, plans: &[(u64, Plan)]) -> Result<Self> {
        let mut numbers: HashSet<String> = HashSet::new();
        let mut internals: BTreeMap<(String, String), (Internal, Currency)> = BTreeMap::new();
        for (_, plan) in plans {
            for side in [&plan.payer, &plan.payee] {
                match side {
                    PlanSide::Ours(no, _) => {
                        numbers.insert(no.clone());
                    }
                    PlanSide::Internal(internal, _) => {
                        let key = (internal.number(), plan.currency.code().to_owned());
                        internals.entry(key).or_insert_with(|| (internal.clone(), plan.currency));
                    }
                }
            }
        }
        for (internal, currency) in internals.into_values() {
            internal.ensure(tx, currency).await?;
            numbers.insert(internal.number());
        }
        let mut numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
        numbers.sort_unstable();
        let mut accounts = account::lock_numbers(tx, &numbers).await?;
        for account in &mut accounts {
            bank.pass_time(tx, account).await?;
        }
        let by_number = accounts.iter().enumerate().map(|(n, a)| ((a.no.clone(), a.ledger.currency), n)).collect();
        Ok(Self { accounts, by_number, changed: HashSet::new() })
    }

    fn find(&self, side: &PlanSide, currency: Currency) -> Option<usize> {
        let no = match side {
            PlanSide::Ours(no, _) => no.clone(),
            PlanSide::Internal(internal, _) => internal.number(),
        };
        let at = *self.by_number.get(&(no, currency))?;
        self.accounts.get(at).filter(|a| a.state == AccountState::Open).map(|_| at)
    }

    async fn save(&self, tx: &mut Tx) -> Result<()> {
        let mut changed: Vec<&Account> = self.changed.iter().filter_map(|n| self.accounts.get(*n)).collect();
        changed.sort_by_key(|a| a.id);
        for chunk in changed.chunks(PLACES_MAX / 6) {
            let sql = format!(
                "WITH v (id, dp, dd, cp, cd, seq) AS (VALUES {})
                 UPDATE bank_account SET debits_pending_minor = v.dp, debits_posted_minor = v.dd,
                    credits_pending_minor = v.cp, credits_posted_minor = v.cd, sequence = v.seq
                 FROM v WHERE bank_account.id = v.id",
                places(6, chunk.len(), 1)
            );
            let mut bound: Args = Vec::with_capacity(chunk.len() * 6);
            for account in chunk {
                let b = account.ledger.balances;
                bound.extend(args![
                    account.id,
                    b.debits_pending_minor,
                    b.debits_posted_minor,
                    b.credits_pending_minor,
                    b.credits_posted_minor,
                    account.ledger.sequence
                ]);
            }
            tx.write(AssertSqlSafe(sql), bound).await?;
        }
        Ok(())
    }
}

/// Books a batch in its order: the same arithmetic as at the teller's, one row after another in memory, then all rows at
/// once.
async fn post(bank: &Bank, tx: &mut Tx, who: &Who, plans: Vec<(u64, Plan)>) -> Result<Posted> {
    let mut out = Posted::default();
    if plans.is_empty() {
        return Ok(out);
    }
    let known = known_numbers(tx, &plans).await?;
    let mut shelf = Shelf::fill(bank, tx, &plans).await?;
    let now = tx.now();
    let mut booked: Vec<(TransferId, Booking, Legs, Currency)> = Vec::with_capacity(plans.len());
    let mut watched: BTreeMap<usize, Vec<TransferId>> = BTreeMap::new();
    for (line, plan) in plans {
        if known.contains(&plan.external_id) {
            out.known += 1;
            continue;
        }
        match step(&mut shelf, plan) {
            Ok((at, booking, legs, currency)) => {
                let id = TransferId::new(now);
                for n in at {
                    if shelf.accounts.get(n).is_some_and(|a| a.watches > 0) {
                        watched.entry(n).or_default().push(id);
                    }
                }
                booked.push((id, booking, legs, currency));
            }
            Err(fault) => out.refused.push((line, vec![fault])),
        }
    }
    let rows: Vec<NewRow<'_>> = booked
        .iter()
        .map(|(id, booking, legs, currency)| {
            NewRow::of(*id, booking, legs, TransferState::Posted, currency.code(), None)
        })
        .collect();
    let written = insert_rows(tx, &rows, &who.user).await?;
    if usize::try_from(written).ok() != Some(rows.len()) {
        return Err(Error::Corrupt(
            "a transfer of the batch was loaded by somebody else meanwhile; load again".to_owned(),
        ));
    }
    out.added = rows.len();
    shelf.save(tx).await?;
    for (n, transfers) in watched {
        let Some(account) = shelf.accounts.get(n) else { continue };
        for part in transfers.chunks(wire::MOVEMENTS_MAX) {
            let movements = bank.movements_of(tx, account.id, part).await?;
            bank.push(tx, account.id, &account.no, movements).await?;
        }
    }
    Ok(out)
}

type Step = ([usize; 2], Booking, Legs, Currency);

fn step(shelf: &mut Shelf, plan: Plan) -> std::result::Result<Step, Fault> {
    let payer = shelf.find(&plan.payer, plan.currency).ok_or_else(|| NO_ACCOUNT.at("payer_account", &[]))?;
    let payee = shelf.find(&plan.payee, plan.currency).ok_or_else(|| NO_ACCOUNT.at("payee_account", &[]))?;
    let refuse = |fault: crate::ledger::LedgerFault| fault.text().at("amount", &[]);
    if payer == payee {
        return Err(crate::ledger::LedgerFault::SameAccount.text().at("payee_account", &[]));
    }
    let (Some(debit), Some(credit)) = (shelf.accounts.get(payer), shelf.accounts.get(payee)) else {
        return Err(NO_ACCOUNT.at("payer_account", &[]));
    };
    let legs = Legs { debit: debit.ledger, credit: credit.ledger }.post_directly(plan.amount_minor).map_err(refuse)?;
    let leg = |side: PlanSide, account: &Account| Leg {
        account: account.id,
        party: match side {
            // The books know the name of their own holders better than a file does.
            PlanSide::Ours(_, party) => Some(Party { name: account.holder_name.clone(), ..party }),
            PlanSide::Internal(_, party) => party,
        },
    };
    let booking = Booking {
        debit: leg(plan.payer, debit),
        credit: leg(plan.payee, credit),
        external_id: Some(plan.external_id),
        amount_minor: plan.amount_minor,
        channel: plan.channel,
        reference: plan.reference,
        memo: plan.memo,
        booked_at: plan.time,
        value_date: plan.value_date,
        mode: Mode::Posted,
    };
    for (at, ledger) in [(payer, legs.debit), (payee, legs.credit)] {
        if let Some(account) = shelf.accounts.get_mut(at) {
            account.ledger = ledger;
        }
        shelf.changed.insert(at);
    }
    Ok(([payer, payee], booking, legs, plan.currency))
}

async fn known_numbers(tx: &mut Tx, plans: &[(u64, Plan)]) -> Result<HashSet<String>> {
    let wanted: Vec<&str> = plans.iter().map(|(_, plan)| plan.external_id.as_str()).collect();
    let rows: Vec<(String,)> = rows_in(tx, "SELECT external_id FROM bank_transfer WHERE external_id", &wanted).await?;
    Ok(rows.into_iter().map(|(no,)| no).collect())
}
