//! What the parts of the bank seat share: the database, the way out to partners, and the rules in force. Here holds
//! change and time passes, since both must be journaled and told to the centre wherever they are caused.

use std::sync::Arc;

use kernel::{Duration, Timestamp};
use serde_json::json;
use store::journal::Entry;
use store::{Db, Tx, Who};
use wire::outbox::{Draft, Outbox};
use wire::{Body, Directory, Lapse, LapseReason, PartnerId};

use crate::account::{self, Account, AccountKind, mask_account};
use crate::error::{Error, Result};
use crate::hold::{self, Hold, HoldEffect, HoldEvent, HoldKind, HoldState, Line, LineRules, rows};
use crate::order::{Offer, decide};
use crate::parameters::Parameters;

/// How long answers, lapses and movements are tried when the centre is away.
const DELIVERY: Duration = Duration::hours(7 * 24);
/// Timer kind of the end of holds.
pub(crate) const HOLD_END: &str = "bank.hold.end";
/// Prefix of the keys of those timers, before the account.
const HOLD_END_KEY: &str = "bank.hold.end:";

/// What kind of institution a seat is; it tells the kind of accounts that name none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Institution {
    /// A bank: settlement accounts.
    #[default]
    Bank,
    /// A payment institution: wallets.
    Payment,
}

impl Institution {
    /// The kind of an account of which nothing is said.
    pub const fn usual_account(self) -> AccountKind {
        match self {
            Self::Bank => AccountKind::Settlement,
            Self::Payment => AccountKind::Wallet,
        }
    }
}

/// What a seat decides about itself.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The centre to which cases are reported.
    pub centre: PartnerId,
    /// Rules by parameter.
    pub parameters: Parameters,
    /// What a stop does that meets another case's stop.
    pub stop_behind_stop: hold::StopBehindStop,
    /// What kind of institution this is.
    pub institution: Institution,
    /// The functions offered.
    pub offer: Offer,
    /// Name of the branch in notices.
    pub branch: String,
}

impl Settings {
    /// Everything offered, every parameter at its default.
    pub fn new(centre: PartnerId) -> Self {
        Self {
            centre,
            parameters: Parameters::default(),
            stop_behind_stop: hold::StopBehindStop::default(),
            institution: Institution::default(),
            offer: Offer::all(),
            branch: "总行营业部".to_owned(),
        }
    }
}

/// The bank seat; cheap to clone.
#[derive(Clone)]
pub struct Bank(Arc<Inner>);

struct Inner {
    db: Db,
    outbox: Outbox,
    directory: Directory,
    settings: Settings,
    rules: LineRules,
}

impl std::fmt::Debug for Bank {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bank({})", self.me())
    }
}

impl Bank {
    /// A bank over a migrated database, with its keys and its directory.
    pub fn new(db: Db, outbox: Outbox, directory: Directory, settings: Settings) -> Self {
        let rules = LineRules { stops_max: settings.parameters.stops_max, stop_behind_stop: settings.stop_behind_stop };
        Self(Arc::new(Inner { db, outbox, directory, settings, rules }))
    }

    /// The database.
    pub fn db(&self) -> &Db {
        &self.0.db
    }

    /// The name of this seat.
    pub fn me(&self) -> &PartnerId {
        self.0.outbox.me()
    }

    /// The way out.
    pub fn outbox(&self) -> &Outbox {
        &self.0.outbox
    }

    /// The partners.
    pub fn directory(&self) -> &Directory {
        &self.0.directory
    }

    /// What the seat decided.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub(crate) fn parameters(&self) -> &Parameters {
        &self.0.settings.parameters
    }

    pub(crate) fn rules(&self) -> &LineRules {
        &self.0.rules
    }

    /// Seals a body and queues it in the caller's transaction.
    pub(crate) async fn send(
        &self,
        tx: &mut Tx,
        to: &PartnerId,
        body: impl Into<Body>,
        subject: String,
        in_reply_to: Option<kernel::MessageId>,
    ) -> Result<kernel::MessageId> {
        let mut draft = Draft::new(to, body, subject).deadline(tx.now() + DELIVERY);
        draft = match in_reply_to {
            Some(message) => draft.replying_to(message),
            None => draft,
        };
        let sent = self.0.outbox.enqueue(tx, draft).await.map_err(|error| match error {
            wire::Error::Store(error) => Error::Store(error),
            other => Error::Wire(other.to_string()),
        })?;
        Ok(sent.id)
    }

    /// Lets what is due on a locked account end, before anything is decided about it: a hold never outlives its end.
    pub(crate) async fn pass_time(&self, tx: &mut Tx, account: &mut Account) -> Result<()> {
        let now = tx.now();
        if account.hold_next_end.is_none_or(|end| end > now) {
            return Ok(());
        }
        let before = rows::line(tx, account.id, "").await?;
        let (after, effects) = hold::apply(&before, &HoldEvent::Tick, now, self.rules())?;
        self.settle(tx, &Who::system("bank"), account, &before, &after, &effects).await
    }

    /// Writes a changed line of holds: rows, what is withheld, the timer, the journal, and messages to those whose holds
    /// ended by themselves or came into force after waiting.
    pub(crate) async fn settle(
        &self,
        tx: &mut Tx,
        who: &Who,
        account: &mut Account,
        before: &Line,
        after: &Line,
        effects: &[HoldEffect],
    ) -> Result<()> {
        let now = tx.now();
        rows::save(tx, account.id, before, after).await?;
        let (held, next_end) = (after.held(now), after.next_end());
        if held != account.ledger.held || next_end != account.hold_next_end {
            account::save_held(tx, account.id, held, next_end).await?;
        }
        if next_end != account.hold_next_end {
            let key = format!("{HOLD_END_KEY}{}", account.id);
            match next_end {
                Some(due) => store::timers::set(tx, &key, HOLD_END, &format!("account:{}", account.id), due).await?,
                None => store::timers::cancel(tx, &key).await?,
            }
        }
        account.ledger.held = held;
        account.hold_next_end = next_end;
        for effect in effects {
            self.note(tx, who, account, before, after, effect, effects).await?;
        }
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "one effect with all that its entry and its message speak of")]
    async fn note(
        &self,
        tx: &mut Tx,
        who: &Who,
        account: &Account,
        before: &Line,
        after: &Line,
        effect: &HoldEffect,
        effects: &[HoldEffect],
    ) -> Result<()> {
        let (id, kind) = match effect {
            HoldEffect::TookEffect(id) => (*id, "hold.took_effect"),
            HoldEffect::Waits(id, _) => (*id, "hold.waits"),
            HoldEffect::Extended(id) => (*id, "hold.extended"),
            HoldEffect::Lapsed(id) => (*id, "hold.lapsed"),
            HoldEffect::Lifted(id) => (*id, "hold.lifted"),
            HoldEffect::Replaced { hold, .. } => (*hold, "hold.replaced"),
        };
        let Some(hold) = after.get(id) else { return Ok(()) };
        let replaced_by = match effect {
            HoldEffect::Replaced { by, .. } => Some(*by),
            _ => None,
        };
        let body = json!({
            "account": mask_account(&account.no),
            "currency": account.ledger.currency.code(),
            "kind": hold.kind,
            "authority": hold.authority,
            "case_number": hold.case_number,
            "order_id": hold.order_id,
            "limit_minor": hold.scope.limit_minor(),
            "state": hold.state,
            "from": hold.from,
            "until": hold.until,
            "ended_at": hold.ended_at,
            "replaced_by": replaced_by,
        });
        tx.append(Entry::new(kind, format!("hold:{id}")).case(&hold.case_number).body(&body), who).await?;
        let was_waiting = before.get(id).is_some_and(|old| old.state == HoldState::Waiting);
        match effect {
            HoldEffect::Lapsed(_) => {
                self.tell_lapse(tx, account, before, hold, next_in_line(after, effects, hold)).await
            }
            HoldEffect::TookEffect(_) if was_waiting => self.tell_effect(tx, account, after, hold).await,
            _ => Ok(()),
        }
    }

    async fn tell_lapse(
        &self,
        tx: &mut Tx,
        account: &Account,
        before: &Line,
        hold: &Hold,
        next: Option<kernel::OrderId>,
    ) -> Result<()> {
        let Some(order_id) = hold.order_id else { return Ok(()) };
        let to = match hold.kind {
            HoldKind::OwnStop => self.0.settings.centre.clone(),
            HoldKind::Stop | HoldKind::Freeze => partner(&hold.authority)?,
        };
        let lapsed_at = hold.ended_at.unwrap_or_else(|| tx.now());
        let at_the_end = Timestamp(lapsed_at.0 - 1);
        let lapse = Lapse {
            order_id,
            account: account.no.clone(),
            hold: if hold.kind == HoldKind::Freeze { wire::HoldKind::Freeze } else { wire::HoldKind::Stop },
            reason: match hold.kind {
                HoldKind::Stop => LapseReason::Ended,
                HoldKind::Freeze => LapseReason::NotRenewed,
                HoldKind::OwnStop => LapseReason::NoOrderFollowed,
            },
            lapsed_at,
            held_minor: Some(before.held_by_minor(hold.id, account.ledger.balance_minor(), at_the_end)),
            currency: Some(account.ledger.currency.code().to_owned()),
            next_order_id: next,
        };
        self.send(tx, &to, lapse, format!("order:{order_id}"), None).await?;
        Ok(())
    }

    /// A waiting hold has taken effect: its order is answered a second time.
    async fn tell_effect(&self, tx: &mut Tx, account: &Account, line: &Line, hold: &Hold) -> Result<()> {
        let (Some(order_id), true) = (hold.order_id, hold.state == HoldState::Active) else { return Ok(()) };
        let answer = decide::took_effect(order_id, line, account, hold, tx.now());
        let to = partner(&hold.authority)?;
        let message = crate::order::rows::message_of(tx, order_id).await?;
        self.send(tx, &to, answer, format!("order:{order_id}"), message).await?;
        Ok(())
    }
}

fn partner(id: &str) -> Result<PartnerId> {
    PartnerId::parse(id).map_err(|_| Error::Corrupt(format!("partner {id:?}")))
}

/// The order whose waiting hold came into force at the moment at which this one ended.
fn next_in_line(after: &Line, effects: &[HoldEffect], ended: &Hold) -> Option<kernel::OrderId> {
    effects.iter().find_map(|effect| match effect {
        HoldEffect::TookEffect(id) => {
            let next = after.get(*id)?;
            (next.from == ended.ended_at).then_some(next.order_id)?
        }
        _ => None,
    })
}
