//! Three seats in one room: a centre and the banks, with their keys exchanged, their users, and a standing rule.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use kernel::Clock;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::books::{BANKS, Books};
use crate::client::Client;
use crate::patience::until;
use crate::seat::{Kind, Seat, run};

/// Password of every login.
pub const PASSWORD: &str = "correct-horse-battery-43";
/// The centre.
pub const CENTRE: &str = "centre-43";

/// How orders are approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Approval {
    /// By a reviewer, one by one.
    ByHand,
    /// By a standing rule without narrow bounds.
    StandingRule,
}

/// How the seats commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Commit {
    /// As in service: survives the loss of power.
    Full,
    /// Quick: survives the end of the process.
    Process,
}

/// The centre and its banks; everything is gone when dropped.
#[derive(Debug)]
pub struct Room {
    /// The centre.
    pub centre: Seat,
    /// The banks, in the order of [`BANKS`].
    pub banks: Vec<Seat>,
    /// Where it all lies.
    pub folder: TempDir,
}

impl Room {
    /// Makes the seats, tells them about each other, loads the books, starts them and waits until they answer.
    pub async fn open(books: &Books, commit: Commit) -> Self {
        let mut room = Self::make(commit, &BANKS);
        room.load(books);
        room.start().await;
        room
    }

    /// Makes a centre and the named banks; nothing runs yet.
    pub fn make(commit: Commit, banks: &[&str]) -> Self {
        Self::make_on(commit, banks, |_| None)
    }

    /// As [`Room::make`], with the databases of some seats by name.
    pub fn make_on<'a>(commit: Commit, banks: &[&str], database: impl Fn(&str) -> Option<&'a str>) -> Self {
        let folder = tempfile::Builder::new().prefix("shouhu-e2e-").tempdir().expect("a folder");
        let durability = match commit {
            Commit::Full => "full",
            Commit::Process => "process",
        };
        let flags = ["--durability", durability];
        let centre = Seat::make(Kind::Centre, CENTRE, folder.path(), &flags, database(CENTRE));
        let kind = |id: &str| if id.starts_with("pay") { Kind::Payment } else { Kind::Bank };
        let make = |id: &&str| Seat::make(kind(id), id, folder.path(), &flags, database(id));
        let banks: Vec<Seat> = banks.iter().map(make).collect();
        for (login, role) in [
            ("intake", "intake_officer"),
            ("officer", "stop_officer"),
            ("reviewer", "stop_reviewer"),
            ("chief", "chief"),
            ("deputy", "chief"),
            ("auditor", "auditor"),
        ] {
            add_user(&centre, login, role);
        }
        for bank in &banks {
            add_user(bank, "clerk", "bank_clerk");
            add_user(bank, "bank-admin", "bank_admin");
            introduce(&centre, bank);
            introduce(bank, &centre);
            for other in banks.iter().filter(|other| other.id != bank.id) {
                introduce(bank, other);
            }
        }
        Self { centre, banks, folder }
    }

    /// Loads the books into every bank.
    pub fn load(&self, books: &Books) {
        let files = self.folder.path().join("books");
        books.write(&files);
        let path = |name: &str| files.join(name).display().to_string();
        let (customers, accounts, transfers) = (path("customers.csv"), path("accounts.csv"), path("transfers.csv"));
        let mut args = vec!["bank", "import", "--customers", &customers, "--accounts", &accounts];
        if !books.transfers.is_empty() {
            args.extend(["--transfers", &transfers]);
        }
        for bank in &self.banks {
            run(&args, &bank.data, "");
        }
    }

    /// Starts every seat.
    pub async fn start(&mut self) {
        self.centre.start();
        for bank in &mut self.banks {
            bank.start();
        }
        self.centre.ready().await;
        for bank in &mut self.banks {
            bank.ready().await;
        }
    }

    /// A session at the centre.
    pub async fn at_centre(&self, login: &str) -> Client {
        Client::log_in(&self.centre.url(), login, PASSWORD).await.expect("a session at the centre")
    }

    /// The seat of a bank.
    pub fn bank(&self, id: &str) -> &Seat {
        self.banks.iter().find(|bank| bank.id == id).expect("a bank of the room")
    }

    /// A session at a bank.
    pub async fn at_bank(&self, id: &str, login: &str) -> Client {
        Client::log_in(&self.bank(id).url(), login, PASSWORD).await.expect("a session at the bank")
    }

    /// Has orders approved in advance: one chief writes the rule, the other approves it.
    pub async fn approve_in_advance(&self) {
        let rule = json!({
            "name": "夜间快速止付",
            "kinds": ["stop", "query_transactions", "lift_stop"],
            "level_max": 20,
            "amount_max": { "minor": 10_000_000_000_i64, "currency": "CNY" },
            "report_age_hours_max": 72,
            "expires_at": (Clock::system().now() + kernel::Duration::hours(24)).to_rfc3339(),
        });
        let made = self.at_centre("chief").await.post("/standing-rules", &rule).await;
        let id = made["id"].as_str().expect("the id of the rule");
        self.at_centre("deputy").await.post(&format!("/standing-rules/{id}/approve"), &json!({})).await;
    }

    /// Submits a report and gives its id.
    pub async fn submit(&self, report: &Value) -> String {
        let answer = self.at_centre("intake").await.post("/reports", report).await;
        assert_eq!(answer["state"], "submitted", "{answer:#}");
        answer["id"].as_str().expect("the id of the report").to_owned()
    }

    /// Waits until the chase of a case is dry, and gives it. By hand, everything in review is approved on the way.
    pub async fn chase_until_dry(&self, case: &str, approval: Approval, limit: Duration) -> Value {
        let officer = self.at_centre("officer").await;
        let reviewer = self.at_centre("reviewer").await;
        until(&format!("the chase of {case} is dry"), limit, || async {
            if approval == Approval::ByHand {
                for order in reviewer.list("/orders?queue=review").await {
                    let path = format!("/orders/{}/approve", order["id"].as_str().expect("an id"));
                    let approved = reviewer.send(reqwest::Method::POST, &path, Some(&json!({})), None).await;
                    // Another look may have found the same order.
                    let status = approved.expect("an answer").status;
                    assert!(status.is_success() || status == StatusCode::CONFLICT, "{path}: {status}");
                }
            }
            let chase = officer.try_get(&format!("/chases/{case}")).await?;
            if chase["state"] == "dry" { Ok(chase) } else { Err(brief(&chase)) }
        })
        .await
    }

    /// The holds in force at a bank: by the order that placed each, what it withholds.
    ///
    /// # Panics
    /// Two holds name one order.
    pub async fn holds(&self, bank: &str) -> BTreeMap<String, i64> {
        let clerk = self.at_bank(bank, "clerk").await;
        let mut holds = BTreeMap::new();
        let mut cursor = String::new();
        loop {
            let page = clerk.get(&format!("/holds?state=active&limit=200{cursor}")).await;
            for hold in page["items"].as_array().expect("a list has items") {
                let order = hold["order_id"].as_str().expect("a hold names its order").to_owned();
                let other = holds.insert(order, minor(&hold["held"]));
                assert!(other.is_none(), "an order placed two holds: {hold:#}");
            }
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return holds,
            }
        }
    }

    /// Ends every seat in good order and verifies its journal.
    pub fn close(&mut self) {
        for seat in std::iter::once(&mut self.centre).chain(&mut self.banks) {
            seat.stop();
            seat.verify_journal();
        }
    }
}

/// The name under which the chase shows an account.
pub fn chase_key(bank: &str, account: &str) -> String {
    use sha2::Digest;
    hex::encode(sha2::Sha256::digest(format!("{bank}/{account}"))).chars().take(16).collect()
}

/// The row of an account in a chase.
pub fn account_row<'a>(chase: &'a Value, bank: &str, account: &str) -> Option<&'a Value> {
    let key = chase_key(bank, account);
    chase["accounts_found"].as_array()?.iter().find(|row| row["key"] == key.as_str())
}

/// Minor units of an amount in an answer.
pub fn minor(amount: &Value) -> i64 {
    amount["minor"].as_i64().unwrap_or_else(|| panic!("{amount} is no amount"))
}

fn brief(chase: &Value) -> String {
    let accounts = chase["accounts_found"].as_array().map_or(0, Vec::len);
    format!("{} with {} accounts, {} open orders", chase["state"], accounts, chase["orders_open"])
}

/// Adds a user with a role and the password of every login.
pub fn add_user(seat: &Seat, login: &str, role: &str) {
    run(&["users", "add", login, "--role", role, "--password-stdin"], &seat.data, &format!("{PASSWORD}\n"));
}

/// Tells `seat` the address and keys of `other`.
pub fn introduce(seat: &Seat, other: &Seat) {
    let keys = run(&["keys", "public"], &other.data, "");
    introduce_as(seat, &other.id, other.kind, &other.url(), &keys);
}

/// Tells `seat` about a partner by its name, address and keys.
pub fn introduce_as(seat: &Seat, id: &str, kind: Kind, url: &str, keys: &str) {
    let file = seat.data.join(format!("{id}.keys.json"));
    std::fs::write(&file, keys).expect("a file of keys");
    let file = file.display().to_string();
    let role = match kind {
        Kind::Bank | Kind::Payment => "bank",
        Kind::Centre | Kind::Operator => kind.word(),
    };
    let mut args = vec!["partners", "add", id, "--name", id, "--role", role, "--url", url, "--keys", &file];
    args.extend(["--contact", "primary:值班室:0731-0000001", "--contact", "deputy:副班:0731-0000002"]);
    run(&args, &seat.data, "");
    let _removed = std::fs::remove_file(Path::new(&file));
}
