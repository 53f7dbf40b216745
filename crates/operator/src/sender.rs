//! The register of official senders (短信端口、官方号码), as the operator keeps it; the message front asks it for every
//! message.

use std::sync::Arc;

use kernel::{Faults, Text, Timestamp};
use serde_json::json;
use store::journal::Entry;
use store::{Db, Tx, Who, args};

use crate::desk::Operator;
use crate::error::{Error, Result, stored_json, to_json};
use crate::list::file::{WORDS_CHARS_MAX, too_long};
use crate::message::{Register, RegisteredSender};

/// Right to keep the register.
pub const WRITE: &str = "operator.senders.write";
/// Right to see it.
pub const READ: &str = "operator.lists.read";
/// Accounts of one sender at most.
const ACCOUNTS_MAX: usize = 200;
/// Longest sender address or name, in characters.
const SENDER_CHARS_MAX: usize = 32;

const EMPTY: Text = Text::new(
    "operator.sender.empty",
    ("没有填写", "this is empty"),
    ("请填写；号段以 * 结尾，例如 10690*", "Fill it in; a range of addresses ends in *, such as 10690*"),
);
const KNOWN: Text = Text::new(
    "operator.sender.known",
    ("该发送方已登记", "the sender is in the register already"),
    ("如需更改，请先注销再登记", "To change it, take it out and enter it again"),
);

/// Texts of this module.
pub(crate) const TEXTS: &[Text] = &[EMPTY, KNOWN];

/// An official sender.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct OfficialSender {
    /// Address or name; with `*` behind, every address that begins so.
    pub sender: String,
    /// Whose it is.
    pub holder: String,
    /// Accounts that may use it.
    pub accounts: Vec<String>,
    /// Words for colleagues.
    pub note: String,
    /// Since when.
    pub created_at: Timestamp,
    /// Entered by.
    pub created_by: String,
}

/// What is entered.
#[derive(Debug, Clone, serde::Deserialize, utoipa::ToSchema)]
pub struct SenderInput {
    /// Address or name; with `*` behind, every address that begins so.
    pub sender: String,
    /// Whose it is.
    pub holder: String,
    /// Accounts (SMPP `system_id`) that may use it.
    pub accounts: Vec<String>,
    /// Words for colleagues.
    #[serde(default)]
    pub note: String,
}

type Row = (String, String, String, String, i64, String);

fn read((sender, holder, accounts, note, at, by): Row) -> Result<OfficialSender> {
    Ok(OfficialSender {
        accounts: stored_json(&accounts, "accounts")?,
        sender,
        holder,
        note,
        created_at: Timestamp(at),
        created_by: by,
    })
}

const SELECT: &str = "SELECT sender, holder, peers, note, created_at, created_by FROM operator_sender WHERE state = 'active' ORDER BY sender";

/// The whole register; needs `operator.lists.read`.
pub async fn list(db: &Db, who: &Who) -> Result<Vec<OfficialSender>> {
    who.require(READ)?;
    let rows: Vec<Row> = db.fetch_all(SELECT, args![]).await?;
    rows.into_iter().map(read).collect()
}

/// Enters a sender; needs `operator.senders.write`.
///
/// # Errors
/// Every fault of the input; it is in the register already.
pub async fn add(tx: &mut Tx, who: &Who, input: &SenderInput) -> Result<()> {
    who.require(WRITE)?;
    let mut faults = Faults::none();
    let (sender, holder) = (input.sender.trim(), input.holder.trim());
    for (field, text, most) in [("sender", sender, SENDER_CHARS_MAX), ("holder", holder, WORDS_CHARS_MAX)] {
        if text.trim_end_matches('*').is_empty() {
            faults.push(EMPTY.at(field, &[]));
        }
        if text.chars().count() > most {
            faults.push(too_long(field, most));
        }
    }
    if input.accounts.is_empty() || input.accounts.iter().any(|account| account.trim().is_empty()) {
        faults.push(EMPTY.at("accounts", &[]));
    }
    if input.accounts.len() > ACCOUNTS_MAX {
        faults.push(too_long("accounts", ACCOUNTS_MAX));
    }
    if input.note.chars().count() > WORDS_CHARS_MAX {
        faults.push(too_long("note", WORDS_CHARS_MAX));
    }
    faults.into_result().map_err(Error::Input)?;
    let now = tx.now();
    let added = tx
        .execute(
            "INSERT INTO operator_sender (sender, holder, peers, note, state, created_at, created_by)
             VALUES ($1,$2,$3,$4,'active',$5,$6)
             ON CONFLICT (sender) DO UPDATE SET holder = excluded.holder, peers = excluded.peers, note = excluded.note,
                state = 'active', created_at = excluded.created_at, created_by = excluded.created_by, ended_at = NULL,
                ended_by = NULL
             WHERE operator_sender.state <> 'active'",
            args![sender, holder, to_json(&input.accounts, "accounts")?, input.note.trim(), now, &who.user],
        )
        .await?;
    if added == 0 {
        return Err(Error::conflict(KNOWN, &[]));
    }
    let body = json!({ "sender": sender, "holder": holder, "accounts": input.accounts });
    Ok(tx.append(Entry::new("sender.entered", format!("sender:{sender}")).body(&body), who).await?)
}

/// Takes a sender out of the register; needs `operator.senders.write`.
///
/// # Errors
/// It is not in the register.
pub async fn remove(tx: &mut Tx, who: &Who, sender: &str) -> Result<()> {
    who.require(WRITE)?;
    let now = tx.now();
    let known: Option<(String,)> =
        tx.fetch_optional("SELECT state FROM operator_sender WHERE sender = $1", args![sender]).await?;
    if known.is_none_or(|(state,)| state != "active") {
        return Err(Error::NotFound("sender"));
    }
    let ends = store::transition("operator_sender", sender).key("sender").from("active").to("ended");
    ends.set("ended_at", now).set("ended_by", &who.user).apply(tx).await?;
    Ok(tx
        .append(Entry::new("sender.removed", format!("sender:{sender}")).body(&json!({ "sender": sender })), who)
        .await?)
}

impl Operator {
    /// Brings the register into memory.
    pub(crate) async fn load_senders(&self) -> Result<()> {
        let rows: Vec<Row> = self.db().fetch_all(SELECT, args![]).await?;
        let senders = rows.into_iter().map(read).collect::<Result<Vec<_>>>()?;
        let register =
            Register::build(senders.into_iter().map(|s| RegisteredSender { sender: s.sender, accounts: s.accounts }));
        self.screening().swap_register(Arc::new(register));
        Ok(())
    }
}
