//! A small centre and a small bank on real databases: the centre counts answers, the bank counts orders and answers.

use std::sync::Arc;

use kernel::{Clock, Duration, ManualClock, OrderId, Timestamp};
use serde_json::json;
use store::{Db, Durability, Migrations, Settings, Tx, Vault, Who, args};
use wire::{
    Account, Answer, AnswerCode, Authority, Body, Check, Directory, Draft, HandleError, Handler, Inbox, KeyPair, Keys,
    Message, Order, OrderKind, Outbox, PartnerId,
};

pub const START: Timestamp = Timestamp(1_795_392_000_000_000);

pub const TEST_TABLES: Migrations = Migrations {
    name: "test",
    steps: &[(1, "applied", "CREATE TABLE applied (message TEXT NOT NULL, subject TEXT NOT NULL)")],
};

pub struct Seat {
    pub id: PartnerId,
    pub db: Db,
    pub hand: ManualClock,
    pub keys: Keys,
    pub directory: Directory,
    pub outbox: Outbox,
    pub inbox: Arc<Inbox>,
    _dir: Option<tempfile::TempDir>,
}

pub fn pid(text: &str) -> PartnerId {
    PartnerId::parse(text).unwrap()
}

pub fn key(seed: u8) -> KeyPair {
    KeyPair::from_secret([seed; 32], START - Duration::hours(24), START + Duration::hours(24 * 365))
}

impl Seat {
    /// A seat on one fresh SQLite file; its partners are entered later.
    pub async fn new(id: &str, seed: u8) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", dir.path().join("seat.db").display());
        Self::on(id, seed, &url, Durability::Process, dir).await
    }

    pub async fn on(id: &str, seed: u8, url: &str, durability: Durability, dir: tempfile::TempDir) -> Self {
        let (clock, hand) = Clock::manual(START);
        let settings = Settings { seat: id.into(), clock, vault: Vault::new([7; 32]), durability };
        let db = Db::open(url, settings).await.unwrap();
        db.migrate(&[store::MIGRATIONS, wire::MIGRATIONS, TEST_TABLES]).await.unwrap();
        Self::over(id, seed, db, hand, Some(dir)).await
    }

    /// A seat over a migrated database.
    pub async fn over(id: &str, seed: u8, db: Db, hand: ManualClock, dir: Option<tempfile::TempDir>) -> Self {
        let keys = Keys::in_memory([key(seed)]);
        let directory = Directory::open(&db).await.unwrap();
        let outbox = Outbox::new(pid(id), keys.clone(), "first");
        let inbox = Arc::new(Inbox::new(&db, &directory, &keys, &pid(id), Counting { outbox: outbox.clone() }));
        Self { id: pid(id), db, hand, keys, directory, outbox, inbox, _dir: dir }
    }

    /// The seat after its process died and came back: only the database has stayed.
    pub fn restart(&mut self) {
        let handler = Counting { outbox: self.outbox.clone() };
        self.inbox = Arc::new(Inbox::new(&self.db, &self.directory, &self.keys, &self.id, handler));
    }

    pub async fn knows(&self, other: &Seat, base_url: &str) {
        let input = json!({
            "id": other.id, "name": "示范席位", "name_en": "Demo seat",
            "role": if other.id.as_str().starts_with("centre") { "centre" } else { "bank" },
            "base_url": base_url, "keys": other.keys.public(),
            "contacts": [
                { "name": "值班甲", "phone": "0731-8888 0001", "duty": "primary" },
                { "name": "值班乙", "phone": "0731-8888 0002", "duty": "deputy" },
            ],
            "bank_codes": [], "answer_minutes": 30,
        });
        self.directory.create(&Who::system("test"), &input).await.unwrap();
    }

    pub async fn count(&self, table: &str) -> i64 {
        let sql = store::AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
        let (count,): (i64,) = self.db.fetch_one(sql, args![]).await.unwrap();
        count
    }

    pub async fn applied(&self) -> Vec<String> {
        let rows: Vec<(String,)> =
            self.db.fetch_all("SELECT subject FROM applied ORDER BY subject", args![]).await.unwrap();
        rows.into_iter().map(|(subject,)| subject).collect()
    }

    pub async fn journaled(&self, kind: &str) -> Vec<serde_json::Value> {
        let all = store::journal::read_after(&self.db, 0, 1_000).await.unwrap();
        all.iter().filter(|entry| entry.kind == kind).map(|entry| entry.json()).collect()
    }

    /// Puts an order on its way and gives its id.
    pub async fn order(&self, to: &PartnerId) -> OrderId {
        let order = stop_order(OrderId::new(self.db.clock().now()));
        let (id, mut tx) = (order.order_id, self.db.begin().await.unwrap());
        self.outbox.enqueue(&mut tx, Draft::new(to, order, format!("order:{id}"))).await.unwrap();
        tx.commit().await.unwrap();
        id
    }
}

pub fn stop_order(order_id: OrderId) -> Order {
    Order {
        order_id,
        number: "湘公止字〔2026〕00001号".into(),
        case_number: "A4301000000002026110001".into(),
        kind: OrderKind::Stop,
        account: Account { number: "6217000000000000018".into(), name: Some("张示范".into()) },
        check: Some(Check {
            amount_minor: 3_000_000,
            currency: "CNY".into(),
            at: START - Duration::minutes(20),
            reference: Some("T20261123-0001".into()),
        }),
        amount_minor: None,
        currency: "CNY".into(),
        period: None,
        until: None,
        refers_to: None,
        level: 1,
        authority: Authority {
            unit: "长沙市反诈中心".into(),
            approver: "审核员甲".into(),
            legal_basis: "银发〔2016〕86号".into(),
            approval_level: None,
        },
        papers: Vec::new(),
        include_interest: false,
        reason: "冒充客服诈骗".into(),
    }
}

/// Applies each message by adding a row; a bank answers orders.
struct Counting {
    outbox: Outbox,
}

impl Handler for Counting {
    async fn handle(&self, tx: &mut Tx, message: &Message) -> Result<(), HandleError> {
        let subject = match message.read()? {
            Body::Order(order) => {
                let answer = Answer::new(order.order_id, AnswerCode::Done);
                let subject = format!("order:{}", order.order_id);
                let draft = Draft::new(&message.from, answer, subject.clone()).replying_to(message.id);
                self.outbox.enqueue(tx, draft).await?;
                subject
            }
            Body::Answer(answer) => format!("order:{}", answer.order_id),
            Body::Ping => return Ok(()),
            other => return Err(HandleError::not_offered(other.kind())),
        };
        tx.execute("INSERT INTO applied (message, subject) VALUES ($1, $2)", args![message.id, subject]).await?;
        Ok(())
    }
}
