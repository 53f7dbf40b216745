//! Carrying out orders: what a sealed message asks is decided, done, recorded and answered in one transaction.

use kernel::{HoldId, MessageId, OrderId};
use serde_json::json;
use store::journal::Entry;
use store::{Tx, Who};
use wire::{
    Answer, AnswerCode, Body, HandleError, Handler, HeldAccount, Holder, Message, Order, OrderKind, PartnerId,
    PartnerRole, Period,
};

use super::decide::{Act, Facts, Standing, Verdict, decide};
use super::rows::{self, NewRow};
use crate::account::{self, Account, mask_account};
use crate::desk::Bank;
use crate::error::{Error, Result};
use crate::hold::{self, Line};
use crate::ledger::statement::{self, Comparison, Span};
use crate::watch;

/// Shown where the books hold no identity number.
const NO_ID_NUMBER: &str = "-";

impl Handler for Bank {
    async fn handle(&self, tx: &mut Tx, message: &Message) -> std::result::Result<(), HandleError> {
        match message.read() {
            Ok(Body::Order(order)) => self.take_order(tx, message, &order).await.map_err(HandleError::failed),
            Ok(Body::NoticeTaken(taken)) => {
                crate::notice::taken(tx, &message.from, &taken).await.map_err(HandleError::failed)
            }
            Ok(Body::Ping) => Ok(()),
            Ok(other) => Err(HandleError::not_offered(other.kind())),
            Err(unread) => match (message.kind == wire::kind::ORDER, unread.answer()) {
                (true, Some(answer)) => self.take_unread(tx, message, answer).await.map_err(HandleError::failed),
                _ => Err(unread.into()),
            },
        }
    }
}

impl Bank {
    async fn take_order(&self, tx: &mut Tx, message: &Message, order: &Order) -> Result<()> {
        let answer = self.order(tx, &message.from, message.id, order).await?;
        self.send(tx, &message.from, answer, format!("order:{}", order.order_id), Some(message.id)).await?;
        Ok(())
    }

    /// Decides and carries out an order, records it, and gives the answer. Wrong data in the books is answered as an
    /// internal failure, so that the centre hears of it; a database that is away is an error, and the order comes again.
    pub(crate) async fn order(
        &self,
        tx: &mut Tx,
        from: &PartnerId,
        message: MessageId,
        order: &Order,
    ) -> Result<Answer> {
        let who = Who::partner(from.as_str());
        // An order that comes in two messages at once is carried out by one of them; the other tells the same answer.
        store::lock_name(tx, &format!("bank.order:{}", order.order_id)).await?;
        let mut examined = match self.examine(tx, from, order).await {
            Ok(examined) => examined,
            Err(Error::Corrupt(what)) => {
                tracing::error!(order = %order.order_id, what, "an order met stored data that does not read");
                let answer = Answer::new(order.order_id, AnswerCode::InternalFailure);
                Examined { account: None, line: Line::default(), verdict: Verdict { answer, act: Act::Nothing } }
            }
            Err(other) => return Err(other),
        };
        let hold_id = self.act(tx, &who, from, order, &mut examined).await?;
        let answer = examined.verdict.answer;
        let order_json = serde_json::to_string(order).map_err(|e| Error::Corrupt(e.to_string()))?;
        let new = NewRow {
            id: order.order_id,
            number: &order.number,
            case_number: &order.case_number,
            kind: order.kind.code(),
            authority: from.as_str(),
            account_no: &order.account.number,
            account_id: examined.account.as_ref().map(|a| a.id),
            hold_id,
            message_id: message,
            order_json,
            answer: &answer,
        };
        if answer.code != AnswerCode::OrderAlreadyHandled {
            rows::insert(tx, new).await?;
        }
        let body = json!({
            "number": order.number,
            "kind": order.kind,
            "authority": from,
            "case_number": order.case_number,
            "account": mask_account(&order.account.number),
            "code": answer.code,
            "amount_minor": order.amount_minor,
            "held_minor": answer.held_minor,
            "currency": answer.currency,
            "until": answer.until,
            "mismatches": answer.mismatches,
            "hold_id": hold_id,
        });
        let entry =
            Entry::new("order.answered", format!("order:{}", order.order_id)).case(&order.case_number).body(&body);
        tx.append(entry, &who).await?;
        Ok(answer)
    }

    async fn examine(&self, tx: &mut Tx, from: &PartnerId, order: &Order) -> Result<Examined> {
        let handled = rows::first_answer(tx, order.order_id, from).await?;
        let mut account = if handled.is_none() {
            let of_number = account::lock_by_number(tx, &order.account.number).await?;
            of_number.into_iter().find(|a| a.ledger.currency.code() == order.currency)
        } else {
            None
        };
        let mut line = Line::default();
        let mut comparison = None;
        let mut watch_runs = false;
        if let Some(account) = &mut account {
            self.pass_time(tx, account).await?;
            line = hold::rows::line(tx, account.id, &order.case_number).await?;
            comparison = self.compare(tx, account, order).await?;
            watch_runs = match (order.kind, order.refers_to) {
                (OrderKind::EndWatch, Some(watch)) => watch::runs(tx, account.id, watch, from).await?,
                _ => false,
            };
        }
        let standing = match self.directory().book().partner(from) {
            Some(partner) if partner.role == PartnerRole::Centre => Standing::Centre,
            _ => Standing::NotACentre,
        };
        let verdict = decide(
            order,
            &Facts {
                now: tx.now(),
                authority: from.as_str(),
                standing,
                handled: handled.as_ref(),
                offer: &self.settings().offer,
                account: account.as_ref(),
                line: &line,
                comparison,
                watch_runs,
                parameters: self.parameters(),
                rules: self.rules(),
                new_hold: HoldId::new(tx.now()),
            },
        );
        Ok(Examined { account, line, verdict })
    }

    async fn compare(&self, tx: &mut Tx, account: &Account, order: &Order) -> Result<Option<Comparison>> {
        let (OrderKind::Stop, Some(check)) = (order.kind, &order.check) else { return Ok(None) };
        let parameters = self.parameters();
        let compared = statement::compare(
            tx,
            account.id,
            check.amount_minor,
            check.at,
            parameters.check_tolerance,
            parameters.diagnosis_span,
        );
        compared.await.map(Some)
    }

    /// Does what the verdict says, and completes the answer of a query.
    async fn act(
        &self,
        tx: &mut Tx,
        who: &Who,
        from: &PartnerId,
        order: &Order,
        examined: &mut Examined,
    ) -> Result<Option<HoldId>> {
        let Examined { account, line, verdict } = examined;
        let Some(account) = account else { return Ok(None) };
        match &verdict.act {
            Act::Nothing => {}
            Act::Hold { hold, after, effects } => {
                self.settle(tx, who, account, line, after, effects).await?;
                return Ok(Some(*hold));
            }
            Act::Statement(period) => self.answer_statement(tx, account, *period, &mut verdict.answer).await?,
            Act::Holder => verdict.answer.holder = Some(holder_of(tx, account).await?),
            Act::Accounts => {
                let limit = self.parameters().holder_accounts_max;
                verdict.answer.accounts = Some(accounts_of_holder(tx, account, limit).await?);
            }
            Act::Watch => watch::begin(tx, who, account, order, from).await?,
            Act::EndWatch => {
                if let Some(watch) = order.refers_to {
                    watch::end(tx, who, account.id, watch, &order.case_number).await?;
                }
            }
        }
        Ok(None)
    }

    async fn answer_statement(
        &self,
        tx: &mut Tx,
        account: &Account,
        period: Period,
        answer: &mut Answer,
    ) -> Result<()> {
        let span = Span { from: period.from, to: period.to, limit: self.parameters().statement_rows_max };
        let statement = statement::of_period(tx, account.id, span).await?;
        answer.more = statement.more;
        answer.transactions = Some(statement.lines.into_iter().map(|line| line.movement).collect());
        Ok(())
    }

    /// An order that could not be read is answered with all its faults.
    async fn take_unread(&self, tx: &mut Tx, message: &Message, answer: Answer) -> Result<()> {
        let text = |name: &str| message.body.get(name).and_then(|v| v.as_str()).unwrap_or("?");
        let account_no = message.body.pointer("/account/number").and_then(|v| v.as_str()).unwrap_or("?");
        let id: OrderId = answer.order_id;
        let who = Who::partner(message.from.as_str());
        let answer = match rows::first_answer(tx, id, &message.from).await? {
            Some(first) => {
                let told = Answer::new(id, AnswerCode::OrderAlreadyHandled);
                Answer { code: told.code, words: told.words, ..first }
            }
            None => {
                let new = NewRow {
                    id,
                    number: text("number"),
                    case_number: text("case_number"),
                    kind: text("kind"),
                    authority: message.from.as_str(),
                    account_no,
                    account_id: None,
                    hold_id: None,
                    message_id: message.id,
                    order_json: message.body.to_string(),
                    answer: &answer,
                };
                rows::insert(tx, new).await?;
                answer
            }
        };
        let fields: Vec<&str> = answer.faults.iter().map(|f| f.field.as_str()).collect();
        let body = json!({ "authority": message.from, "code": answer.code, "fields": fields });
        tx.append(Entry::new("order.answered", format!("order:{id}")).body(&body), &who).await?;
        self.send(tx, &message.from, answer, format!("order:{id}"), Some(message.id)).await?;
        Ok(())
    }
}

struct Examined {
    account: Option<Account>,
    line: Line,
    verdict: Verdict,
}

async fn holder_of(tx: &mut Tx, account: &Account) -> Result<Holder> {
    let Some(customer) = account.customer_id else {
        return Ok(Holder {
            name: account.holder_name.clone(),
            id_number: NO_ID_NUMBER.to_owned(),
            phones: Vec::new(),
            opened_at: account.opened_at,
            branch: None,
        });
    };
    let customer = account::customer_of(tx, customer).await?;
    Ok(Holder {
        name: customer.name,
        id_number: customer.id_number.unwrap_or_else(|| NO_ID_NUMBER.to_owned()),
        phones: customer.phones,
        opened_at: account.opened_at,
        branch: None,
    })
}

async fn accounts_of_holder(tx: &mut Tx, account: &Account, limit: i64) -> Result<Vec<HeldAccount>> {
    let accounts = match account.customer_id {
        None => vec![account.clone()],
        Some(customer) => {
            let holder = account::customer_of(tx, customer).await?;
            account::accounts_of_holder(tx, &holder, limit).await?
        }
    };
    let shown = |a: Account| HeldAccount {
        balance_minor: a.ledger.balance_minor(),
        available_minor: a.ledger.available_minor(),
        currency: a.ledger.currency.code().to_owned(),
        opened_at: a.opened_at,
        number: a.no,
        name: a.holder_name,
    };
    Ok(accounts.into_iter().map(shown).collect())
}
