//! The partners of this seat: who they are, where they are reached, under which keys they seal.
//!
//! The table is small and read on every document, so the whole of it is kept in memory as a [`Book`] and replaced when
//! it changes.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use ed25519_dalek::VerifyingKey;
use kernel::{Faults, Text, Timestamp};
use serde_json::{Value, json};
use store::journal::Entry;
use store::{Db, Tx, Who, args};

use crate::keys::PublicKey;
use crate::message::PartnerId;
use crate::partner::{Contact, Partner};

/// How soon a change by another process on the same database is seen.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

const EXISTS: Text = Text::new(
    "partner.exists",
    ("席位“{id}”已登记", "the seat {id} is in the directory already"),
    ("请修改原有席位，或换一个编号", "change that one, or choose another name"),
);
const ID_FIXED: Text = Text::new(
    "partner.id_fixed",
    ("席位编号不可更改", "the name of a seat cannot be changed"),
    ("如需改名，请停用后新登记", "switch it off and enter a new one"),
);

/// Every text of this module.
pub(crate) const TEXTS: &[Text] = &[EXISTS, ID_FIXED];

/// A partner with its keys ready to verify.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) partner: Partner,
    pub(crate) keys: HashMap<String, (PublicKey, VerifyingKey)>,
}

/// The whole directory at one moment.
#[derive(Debug, Default)]
pub struct Book(BTreeMap<PartnerId, Known>);

impl Book {
    /// A book of these partners; keys that cannot be read are left out.
    pub fn new(partners: impl IntoIterator<Item = Partner>) -> Self {
        let known = |partner: Partner| {
            let keys = partner.keys.iter();
            let keys = keys.filter_map(|key| Some((key.kid.clone(), (key.clone(), key.verifying()?)))).collect();
            (partner.id.clone(), Known { partner, keys })
        };
        Self(partners.into_iter().map(known).collect())
    }

    pub(crate) fn known(&self, id: &PartnerId) -> Option<&Known> {
        self.0.get(id)
    }

    /// A partner by name.
    pub fn partner(&self, id: &PartnerId) -> Option<&Partner> {
        self.0.get(id).map(|known| &known.partner)
    }

    /// Every partner, by name.
    pub fn partners(&self) -> impl Iterator<Item = &Partner> {
        self.0.values().map(|known| &known.partner)
    }

    /// The partner that owns a bank code.
    pub fn by_bank_code(&self, code: &str) -> Option<&Partner> {
        self.partners().find(|partner| partner.bank_codes.iter().any(|c| c == code))
    }
}

/// What can go wrong with a change of the directory.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// Fields are missing or wrong: all of them.
    #[error("{} fields of the partner are wrong", .0.0.len())]
    Faulty(Faults),
    /// The database.
    #[error("{0}")]
    Store(#[from] store::Error),
}

/// The directory; cheap to clone, all clones see a change.
#[derive(Clone)]
pub struct Directory {
    db: Db,
    book: Arc<RwLock<Arc<Book>>>,
}

impl Directory {
    /// Reads the directory of a migrated database.
    ///
    /// # Errors
    /// The database, or a row that does not read.
    pub async fn open(db: &Db) -> store::Result<Self> {
        let directory = Self { db: db.clone(), book: Arc::default() };
        directory.reload().await?;
        Ok(directory)
    }

    /// The database that it lies in.
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// The directory as it is now.
    pub fn book(&self) -> Arc<Book> {
        self.book.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the table again.
    ///
    /// # Errors
    /// The database, or a row that does not read; the book stays as it was.
    pub async fn reload(&self) -> store::Result<()> {
        let rows: Vec<Row> = self.db.fetch_all(SELECT_ALL, args![]).await?;
        let partners = rows.into_iter().map(Row::read).collect::<store::Result<Vec<_>>>()?;
        *self.book.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Book::new(partners));
        Ok(())
    }

    /// Keeps the book up with changes by other processes, for ever; cancel it by dropping the future.
    pub async fn keep_up(self) {
        let worker = self.db.worker("directory", store::health::SILENT_MAX);
        let mut revision = None;
        loop {
            let outcome = match self.revision().await {
                Ok(now) if revision == Some(now) => Ok(()),
                Ok(now) => self.reload().await.map(|()| revision = Some(now)),
                Err(error) => Err(error),
            };
            match outcome {
                Ok(()) => worker.round(),
                Err(error) => {
                    tracing::error!(%error, "the partner directory cannot be read again; it is tried again");
                    worker.failed(&error);
                }
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    async fn revision(&self) -> store::Result<i64> {
        let row: (i64,) =
            self.db.fetch_one("SELECT CAST(COALESCE(SUM(revision), 0) AS BIGINT) FROM wire_partner", args![]).await?;
        Ok(row.0)
    }

    /// Every partner, by name. Any user may see them: an officer picks the payee's bank and calls its contact.
    pub fn list(&self) -> Vec<Partner> {
        self.book().partners().cloned().collect()
    }

    /// One partner.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn get(&self, id: &PartnerId) -> store::Result<Partner> {
        self.book().partner(id).cloned().ok_or(store::Error::NotFound { what: "partner" })
    }

    /// Enters a partner from JSON in the form of [`Partner`]; needs `partners.write`.
    ///
    /// # Errors
    /// Every faulty field, or the database.
    pub async fn create(&self, who: &Who, input: &Value) -> Result<Partner, DirectoryError> {
        let mut tx = self.db.begin().await?;
        let partner = self.enter(&mut tx, who, input).await?;
        tx.commit().await?;
        self.reload().await?;
        Ok(partner)
    }

    /// As [`Directory::create`], in the caller's transaction; [`Directory::reload`] after its commit shows it at once.
    ///
    /// # Errors
    /// Every faulty field, or the database.
    pub async fn enter(&self, tx: &mut Tx, who: &Who, input: &Value) -> Result<Partner, DirectoryError> {
        who.require("partners.write")?;
        who.require_everywhere()?;
        let partner = Partner::read(input, tx.now()).map_err(DirectoryError::Faulty)?;
        if insert(tx, &partner).await? == 0 {
            let fault = EXISTS.at("id", &[("id", partner.id.as_str())]);
            return Err(DirectoryError::Faulty(Faults(vec![fault])));
        }
        journal(tx, who, "partner.created", &partner).await?;
        Ok(partner)
    }

    /// Changes the given fields of a partner; needs `partners.write`. A new key is added by giving the whole list.
    ///
    /// # Errors
    /// Every faulty field, `NotFound`, or the database.
    pub async fn patch(&self, who: &Who, id: &PartnerId, changes: &Value) -> Result<Partner, DirectoryError> {
        who.require("partners.write")?;
        who.require_everywhere()?;
        let mut tx = self.db.begin().await?;
        // Only the given fields change: what another change has written meanwhile is merged with, not undone.
        store::lock_row(&mut tx, "wire_partner", "id", id).await?;
        let row: Option<Row> = tx.fetch_optional(SELECT_ONE, args![id]).await?;
        let before = row.ok_or(store::Error::NotFound { what: "partner" })?.read()?;
        let mut merged = serde_json::to_value(&before).map_err(|e| store::Error::Corrupt(e.to_string()))?;
        if let (Some(merged), Some(changes)) = (merged.as_object_mut(), changes.as_object()) {
            merged.extend(changes.iter().map(|(name, value)| (name.clone(), value.clone())));
        }
        let mut after = Partner::read(&merged, tx.now()).map_err(DirectoryError::Faulty)?;
        if after.id != before.id {
            return Err(DirectoryError::Faulty(Faults(vec![ID_FIXED.at("id", &[])])));
        }
        after.created_at = before.created_at;
        update(&mut tx, &after).await?;
        journal(&mut tx, who, "partner.changed", &after).await?;
        tx.commit().await?;
        self.reload().await?;
        Ok(after)
    }
}

const SELECT_ALL: &str = "SELECT id, document, created_at, changed_at FROM wire_partner ORDER BY id";
const SELECT_ONE: &str = "SELECT id, document, created_at, changed_at FROM wire_partner WHERE id = $1";

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    document: String,
    created_at: i64,
    changed_at: i64,
}

impl Row {
    fn read(self) -> store::Result<Partner> {
        let corrupt = |e: serde_json::Error| store::Error::Corrupt(format!("partner {}: {e}", self.id));
        let mut partner: Partner = serde_json::from_str(&self.document).map_err(corrupt)?;
        partner.created_at = Timestamp(self.created_at);
        partner.changed_at = Timestamp(self.changed_at);
        Ok(partner)
    }
}

fn document(partner: &Partner) -> store::Result<String> {
    serde_json::to_string(partner).map_err(|e| store::Error::Corrupt(e.to_string()))
}

async fn insert(tx: &mut Tx, partner: &Partner) -> store::Result<u64> {
    tx.execute(
        "INSERT INTO wire_partner (id, document, created_at, changed_at, revision)
         VALUES ($1,$2,$3,$4,1) ON CONFLICT (id) DO NOTHING",
        args![&partner.id, document(partner)?, partner.created_at, partner.changed_at],
    )
    .await
}

async fn update(tx: &mut Tx, partner: &Partner) -> store::Result<u64> {
    tx.execute(
        "UPDATE wire_partner SET document = $2, changed_at = $3, revision = revision + 1 WHERE id = $1",
        args![&partner.id, document(partner)?, partner.changed_at],
    )
    .await
}

async fn journal(tx: &mut Tx, who: &Who, kind: &str, partner: &Partner) -> store::Result<()> {
    let kids: Vec<&str> = partner.keys.iter().map(|key| key.kid.as_str()).collect();
    let body = json!({
        "id": partner.id, "name": partner.name, "role": partner.role, "base_url": partner.base_url,
        "enabled": partner.enabled, "answer_minutes": partner.answer_minutes, "kids": kids,
        "bank_codes": partner.bank_codes,
    });
    let contacts: &[Contact] = &partner.contacts;
    let entry = Entry::new(kind, format!("partner:{}", partner.id)).body(&body).private(&contacts);
    tx.append(entry, who).await
}
