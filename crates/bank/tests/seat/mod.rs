//! A bank seat for tests: two accounts with movements, a centre that orders, and a look into what leaves.
#![allow(dead_code)]

use bank::import::{ImportReport, Sources, Table};
use bank::{Bank, Settings};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use kernel::{Duration, ManualClock, MessageId, OrderId, Timestamp};
use serde_json::{Value, json};
use store::testing::START;
use store::{Db, Who, args};
use wire::{Answer, Body, Directory, Handler, KeyPair, Keys, Message, Order, Outbox, PartnerId};

/// Victim's transfer into the suspect account: five minutes before the tests begin.
pub const PAID: Timestamp = Timestamp(START.0 - 5 * 60 * 1_000_000);
/// What the victim paid: 30,000.00.
pub const PAID_MINOR: i64 = 3_000_000;
/// The suspect's account.
pub const SUSPECT: &str = "6222020000000000026";
/// Another account of the suspect.
pub const SECOND: &str = "6222020000000000034";
/// An account on the protected list.
pub const PROTECTED: &str = "6222020000000000042";

/// Tables that a bank seat needs.
pub const MIGRATIONS: [store::Migrations; 2] = [wire::MIGRATIONS, bank::MIGRATIONS];

pub struct Seat {
    pub bank: Bank,
    pub hand: ManualClock,
    pub centre: PartnerId,
    /// The centre's own keys.
    pub centre_keys: Keys,
}

pub fn customers() -> String {
    "customer_id,name,id_number,phones,since\n\
     c1,测试甲,430102199001010011,13800000001,2020-01-01T00:00:00+08:00\n\
     c2,测试乙,430102199001010038,,2020-01-01T00:00:00+08:00\n\
     c3,长沙供水示范公司,,,2020-01-01T00:00:00+08:00\n"
        .to_owned()
}

pub fn accounts() -> String {
    format!(
        "account,customer_id,kind,opened_at,opening_balance,protected\n\
         {SUSPECT},c1,settlement,2020-01-02T00:00:00+08:00,100.00,\n\
         {SECOND},c1,limited,2020-01-02T00:00:00+08:00,0,\n\
         6222020000000000059,c2,settlement,2020-01-02T00:00:00+08:00,50000.00,\n\
         {PROTECTED},c3,company,2020-01-02T00:00:00+08:00,900000.00,供水缴费专户\n"
    )
}

pub fn transfers() -> String {
    format!(
        "transfer_id,time,payer_bank,payer_account,payer_name,payee_bank,payee_account,payee_name,amount,channel,reference,memo\n\
         t1,{},bank-b,6228480000000000011,测试丙,bank-a,{SUSPECT},测试甲,\"30,000.00\",mobile,R1,货款\n\
         t2,{},bank-a,{SUSPECT},测试甲,bank-a,6222020000000000059,测试乙,20000.00,online,R2,\n\
         t3,{},bank-a,6222020000000000059,测试乙,,,,5000.00,cash,R3,\n\
         t4,{},bank-b,1,x,pay-c,2,y,5.00,online,R4,\n\
         t5,{},bank-b,6228480000000000011,测试丙,pay-c,6228480000000000029,y,5.00,online,R5,\n",
        PAID,
        PAID + Duration::minutes(1),
        PAID + Duration::minutes(2),
        PAID,
        PAID,
    )
}

impl Seat {
    pub async fn open(db: Db, hand: ManualClock) -> Self {
        Self::open_with(db, hand, |settings| settings).await
    }

    pub async fn open_with(db: Db, hand: ManualClock, change: impl FnOnce(Settings) -> Settings) -> Self {
        let (me, centre) = (PartnerId::parse("bank-a").unwrap(), PartnerId::parse("centre-43").unwrap());
        let far = START + Duration::hours(24 * 700);
        let keys = Keys::in_memory([KeyPair::generate(START - Duration::hours(1), far)]);
        let directory = Directory::open(&db).await.unwrap();
        let who = Who::user("admin", &["partners.write"]);
        let centre_keys = Keys::in_memory([KeyPair::generate(START - Duration::hours(1), far)]);
        for (id, role) in [("centre-43", "centre"), ("centre-44", "centre"), ("bank-b", "bank")] {
            let key = centre_keys.active(START).unwrap();
            let partner = json!({
                "id": id, "name": id, "role": role, "base_url": "http://127.0.0.1:9", "keys": [key.public()],
                "contacts": [
                    { "name": "测试丁", "phone": "0731-5550001", "duty": "primary" },
                    { "name": "测试戊", "phone": "0731-5550002", "duty": "deputy" },
                ],
                "enabled": true,
            });
            directory.create(&who, &partner).await.unwrap();
        }
        let outbox = Outbox::new(me, keys, "test");
        let bank = Bank::new(db, outbox, directory, change(Settings::new(centre.clone())));
        Self { bank, hand, centre, centre_keys }
    }

    /// Loads the three small files.
    pub async fn load(&self) -> ImportReport {
        self.load_texts([customers(), accounts(), transfers()]).await
    }

    pub async fn load_texts(&self, texts: [String; 3]) -> ImportReport {
        self.hand.advance(Duration::millis(1));
        let folder = tempfile::tempdir().unwrap();
        for (table, text) in Table::ALL.into_iter().zip(texts) {
            std::fs::write(folder.path().join(table.file_name()), text).unwrap();
        }
        let who = Who::system("import");
        bank::import::run(&self.bank, &who, &Sources::in_folder(folder.path()).unwrap(), |_| ()).await.unwrap()
    }

    pub fn now(&self) -> Timestamp {
        self.bank.db().clock().now()
    }

    /// A stop of the suspect account that the books agree with; tests change what they are about.
    pub fn stop(&self) -> Value {
        json!({
            "order_id": OrderId::new(self.now()), "number": "S261123-0001", "case_number": "R261123-0001",
            "kind": "stop", "account": { "number": SUSPECT, "name": "测试甲" },
            "check": { "amount_minor": PAID_MINOR, "currency": "CNY", "at": PAID },
            "amount_minor": PAID_MINOR, "currency": "CNY", "level": 1,
            "authority": { "unit": "测试市公安局", "approver": "警官01", "legal_basis": "银发〔2016〕86号" },
            "papers": [], "include_interest": false, "reason": "电信诈骗",
        })
    }

    /// A freeze of the whole suspect account for five months.
    pub fn freeze(&self) -> Value {
        let mut order = self.stop();
        merge(
            &mut order,
            json!({
                "kind": "freeze", "amount_minor": null, "check": null,
                "until": bank::hold::add_months(self.now(), 5),
                "authority": { "approval_level": "county" },
                "papers": [{ "name": "冻结决定书.pdf", "sha256": "a".repeat(64), "media_type": "application/pdf" }],
            }),
        );
        order
    }

    /// Sends a body as the partner and gives the message; the transaction is committed.
    pub async fn send_as(&self, from: &PartnerId, kind: &str, body: Value) -> Message {
        self.hand.advance(Duration::millis(1));
        let mut message = Message::new(from, self.bank.me(), &Body::Ping, self.now(), Duration::hours(1)).unwrap();
        message.kind = kind.to_owned();
        message.body = body;
        let mut tx = self.bank.db().begin().await.unwrap();
        self.bank.handle(&mut tx, &message).await.unwrap();
        tx.commit().await.unwrap();
        message
    }

    /// Orders and gives the answer.
    pub async fn order(&self, order: Value) -> Answer {
        self.order_as(&self.centre, order).await
    }

    pub async fn order_as(&self, from: &PartnerId, order: Value) -> Answer {
        let message = self.send_as(from, wire::kind::ORDER, order).await;
        self.answer_to(message.id).await
    }

    async fn answer_to(&self, id: MessageId) -> Answer {
        let (document,): (String,) = self
            .bank
            .db()
            .fetch_one("SELECT document FROM wire_outbox WHERE in_reply_to = $1 AND kind = 'answer'", args![id])
            .await
            .unwrap();
        serde_json::from_value(payload(&document)["body"].clone()).unwrap()
    }

    /// The bodies of a kind that were sent, in order.
    pub async fn sent(&self, kind: &str) -> Vec<Value> {
        let rows: Vec<(String,)> = self
            .bank
            .db()
            .fetch_all("SELECT document FROM wire_outbox WHERE kind = $1 ORDER BY created_at, id", args![kind])
            .await
            .unwrap();
        rows.iter().map(|(document,)| payload(document)["body"].clone()).collect()
    }

    /// Balance, held and available of an account.
    pub async fn books(&self, no: &str) -> (i64, i64, i64) {
        let account = bank::account::of_number(self.bank.db(), no).await.unwrap().remove(0);
        (account.ledger.balance_minor(), account.ledger.held_minor(), account.ledger.available_minor())
    }
}

pub fn order_of(value: &Value) -> Order {
    serde_json::from_value(value.clone()).unwrap()
}

fn payload(document: &str) -> Value {
    let part = document.split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// Puts the fields of `changes` into `target`, object by object; `null` takes a field away.
pub fn merge(target: &mut Value, changes: Value) {
    match (target, changes) {
        (Value::Object(target), Value::Object(changes)) => {
            for (name, change) in changes {
                match change {
                    Value::Null => {
                        target.remove(&name);
                    }
                    change => merge(target.entry(name).or_insert(Value::Null), change),
                }
            }
        }
        (target, change) => *target = change,
    }
}

pub fn with(mut order: Value, changes: Value) -> Value {
    merge(&mut order, changes);
    order
}
