//! Heads of journals that seats tell each other: a sender names its last sealed head, a receiver keeps the highest that
//! it has ever seen of each partner, and its receipts repeat it. So an old copy of a database cannot take the place of
//! the right one unseen.

use kernel::{Said, Text, Timestamp};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use store::journal::{Sealer, witness};
use store::{Tx, args};

use crate::directory::Directory;
use crate::keys::Keys;
use crate::message::PartnerId;
use crate::receipt::Receipt;

const FOR_ANOTHER: Text = Text::new(
    "head.for_another",
    ("签收是给 {to} 的", "it is for {to}"),
    ("请核对锚点文件是否属于本席位", "check that the anchor file is that of this seat"),
);
const NO_HEAD: Text = Text::new(
    "head.none",
    ("签收中没有日志末条", "it names no head"),
    ("请使用记有日志末条的签收", "take a receipt that names one"),
);

/// Every text of this module.
pub(crate) const TEXTS: &[Text] = &[FOR_ANOTHER, NO_HEAD];

/// A sealed head of a journal: the number of its last entry, and the hash of that entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalHead {
    /// The entry; the first is 1.
    pub seq: i64,
    /// Its hash, lower-case hex.
    pub hash: String,
}

impl JournalHead {
    fn is_well_formed(&self) -> bool {
        let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        self.seq >= 1 && self.hash.len() == 64 && self.hash.bytes().all(is_hex)
    }
}

/// Reads a head where there is one. What is not well formed counts as absent: no message is held up by it.
pub(crate) fn read_head<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<JournalHead>, D::Error> {
    let value = Option::<Value>::deserialize(deserializer)?;
    let head = value.and_then(|value| serde_json::from_value::<JournalHead>(value).ok());
    Ok(head.filter(JournalHead::is_well_formed))
}

/// The last sealed head of this seat.
pub(crate) async fn own(tx: &mut Tx) -> store::Result<Option<JournalHead>> {
    let head = witness::sealed_head(tx).await?;
    Ok(head.map(|(seq, hash)| JournalHead { seq, hash: hash.iter().map(|byte| format!("{byte:02x}")).collect() }))
}

/// Keeps the head that a partner names where it is the highest so far, and gives the highest.
pub(crate) async fn keep(
    tx: &mut Tx,
    partner: &PartnerId,
    named: Option<&JournalHead>,
) -> store::Result<Option<JournalHead>> {
    let known = known(tx, partner).await?;
    let Some(named) = named.filter(|named| known.as_ref().is_none_or(|known| known.seq < named.seq)) else {
        return Ok(known);
    };
    let now = tx.now();
    tx.write(
        "INSERT INTO wire_partner_head (partner, seq, hash, at) VALUES ($1,$2,$3,$4)
         ON CONFLICT (partner) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, at = excluded.at
         WHERE wire_partner_head.seq < excluded.seq",
        args![partner, named.seq, &named.hash, now],
    )
    .await?;
    // Another process may have kept a higher one since.
    self::known(tx, partner).await
}

async fn known(tx: &mut Tx, partner: &PartnerId) -> store::Result<Option<JournalHead>> {
    let row: Option<(i64, String)> =
        tx.fetch_optional("SELECT seq, hash FROM wire_partner_head WHERE partner = $1", args![partner]).await?;
    Ok(row.map(|(seq, hash)| JournalHead { seq, hash }))
}

/// What a receipt says of our journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The head.
    pub head: JournalHead,
    /// When the receipt was signed.
    pub at: Timestamp,
}

/// Seals the journal with the seat's keys, and checks receipts in its anchor by the directory of partners.
#[derive(Clone)]
pub struct JournalSealer {
    keys: Keys,
    directory: Directory,
    me: PartnerId,
}

impl JournalSealer {
    /// For a seat with its keys and its partners.
    pub fn new(keys: Keys, directory: Directory, me: PartnerId) -> Self {
        Self { keys, directory, me }
    }
}

impl Sealer for JournalSealer {
    fn seal(&self, payload: &[u8], now: Timestamp) -> Result<String, String> {
        Sealer::seal(&self.keys, payload, now)
    }

    fn check(&self, document: &str) -> Result<Vec<u8>, Said> {
        self.keys.check(document)
    }

    fn check_receipt(&self, partner: &str, receipt: &str) -> Result<(i64, String), Said> {
        let partner = PartnerId::parse(partner).map_err(|fault| fault.said)?;
        let now = self.directory.db().clock().now();
        let receipt = Receipt::read_signed(&self.directory.book(), receipt.as_bytes(), now, &partner)
            .map_err(|error| error.said())?;
        if receipt.to != self.me {
            return Err(FOR_ANOTHER.say(&[("to", receipt.to.as_str())]));
        }
        let head = receipt.journal.ok_or_else(|| NO_HEAD.say(&[]))?;
        Ok((head.seq, head.hash))
    }
}
