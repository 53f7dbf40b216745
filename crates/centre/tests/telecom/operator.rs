//! An operator that plays its part: a wire seat whose lines and records the test knows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use kernel::{Duration, ManualClock, Timestamp};
use store::{Db, Tx};
use wire::{
    Body, ContactChannel, CutCall, Direction, Draft, HandleError, Handler, Inbox, KeyPair, Keys, LineAnswer,
    LineAnswerCode, LineContact, LineOrder, LineOrderKind, ListAsk, ListChange, ListEntry, ListOffer, Message, Outbox,
    PartnerId, WarningsSent,
};

/// What the operator holds.
#[derive(Default)]
pub struct Books {
    /// Lines that it serves.
    pub lines: BTreeSet<String>,
    /// Numbers in touch with the lines, for queries.
    pub contacts: Vec<String>,
    /// Orders received.
    pub orders: Vec<LineOrder>,
    /// The list, by pattern.
    pub list: BTreeMap<String, ListEntry>,
    /// Its number.
    pub have: u64,
    /// Changes taken.
    pub changes: usize,
    /// Offers of whole lists.
    pub offers: Vec<ListOffer>,
    /// While set, changes are lost on their way.
    pub deaf: bool,
}

impl Books {
    /// As docs/protocol.md says in 9.9; `true` when something is missing.
    fn take(&mut self, change: &ListChange) -> bool {
        if change.number <= self.have {
            return false;
        }
        if change.previous > self.have {
            return true;
        }
        for entry in &change.put {
            self.list.insert(entry.pattern.to_string(), entry.clone());
        }
        for pattern in &change.remove {
            self.list.remove(&pattern.to_string());
        }
        self.have = change.number;
        self.changes += 1;
        false
    }

    fn answer(&mut self, order: &LineOrder, now: Timestamp) -> LineAnswer {
        self.orders.push(order.clone());
        let asks_about_any_number = matches!(order.kind, LineOrderKind::QueryContacts | LineOrderKind::WarnContacts);
        if !asks_about_any_number && !self.lines.contains(&order.line) {
            return LineAnswer::new(order.order_id, LineAnswerCode::NotOurLine);
        }
        let mut answer = LineAnswer::new(order.order_id, LineAnswerCode::Done);
        answer.at = Some(now);
        match order.kind {
            LineOrderKind::CutCall => {
                answer.cuts = vec![CutCall {
                    caller: order.counterpart.clone().unwrap_or_else(|| "+8617000000000".into()),
                    callee: order.line.clone(),
                    started_at: now - Duration::minutes(9),
                    cut_at: now,
                }];
            }
            LineOrderKind::QueryContacts => {
                answer.contacts = Some(self.contacts.iter().map(|number| contact(number, now)).collect());
                answer.records_from = Some(now - Duration::hours(24 * 30));
            }
            LineOrderKind::WarnContacts => {
                let sent = u32::try_from(self.contacts.len()).unwrap();
                answer.messages = Some(WarningsSent { sent, ..WarningsSent::default() });
            }
            _ => answer.until = order.until,
        }
        answer
    }
}

fn contact(number: &str, now: Timestamp) -> LineContact {
    LineContact {
        number: number.into(),
        direction: Direction::Out,
        channel: ContactChannel::Call,
        first: now - Duration::hours(30),
        last: now - Duration::hours(2),
        count: 3,
        answered: Some(1),
        duration_seconds: Some(421),
    }
}

/// The seat.
pub struct Operator {
    pub id: PartnerId,
    pub db: Db,
    pub hand: ManualClock,
    pub keys: Keys,
    pub outbox: Outbox,
    pub books: Arc<Mutex<Books>>,
    _dir: tempfile::TempDir,
}

impl Operator {
    pub async fn new(id: &str) -> Self {
        let (db, hand, dir) = store::testing::sqlite(&[wire::MIGRATIONS]).await;
        let now = db.clock().now();
        let pair = KeyPair::generate(now - Duration::hours(1), now + Duration::hours(24 * 300));
        let id = PartnerId::parse(id).unwrap();
        let keys = Keys::in_memory([pair]);
        let outbox = Outbox::new(id.clone(), keys.clone(), "test");
        Self { id, db, hand, keys, outbox, books: Arc::default(), _dir: dir }
    }

    pub fn inbox(&self, directory: &wire::Directory) -> Arc<Inbox> {
        let playing = Playing { outbox: self.outbox.clone(), books: self.books.clone() };
        Arc::new(Inbox::new(&self.db, directory, &self.keys, &self.id, playing))
    }

    /// Sends something to the centre of its own accord.
    pub async fn tell(&self, centre: &PartnerId, body: impl Into<Body>) {
        let mut tx = self.db.begin().await.unwrap();
        self.outbox.enqueue(&mut tx, Draft::new(centre, body, "test")).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// The list as text, to be compared: pattern and action.
    pub fn list(&self) -> Vec<String> {
        let books = self.books.lock().unwrap();
        books.list.values().map(|entry| format!("{} {}", entry.pattern, entry.action)).collect()
    }
}

struct Playing {
    outbox: Outbox,
    books: Arc<Mutex<Books>>,
}

impl Handler for Playing {
    async fn handle(&self, tx: &mut Tx, message: &Message) -> Result<(), HandleError> {
        let now = tx.now();
        let reply: Option<Body> = match message.read()? {
            Body::LineOrder(order) => Some(self.books.lock().unwrap().answer(&order, now).into()),
            Body::ListChange(change) => {
                let mut books = self.books.lock().unwrap();
                let missing = !books.deaf && books.take(&change);
                missing.then(|| ListAsk { have: books.have }.into())
            }
            Body::ListOffer(offer) => {
                self.books.lock().unwrap().offers.push(offer);
                None
            }
            other => return Err(HandleError::not_offered(other.kind())),
        };
        if let Some(reply) = reply {
            self.outbox.enqueue(tx, Draft::new(&message.from, reply, "test").replying_to(message.id)).await?;
        }
        Ok(())
    }
}
