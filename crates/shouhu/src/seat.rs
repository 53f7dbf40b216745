//! Opening a seat: its database with every table, its keys, its vault.

use kernel::Clock;
use store::{Db, Migrations, Vault};
use wire::Keys;

use crate::cli::{Durability, SeatAt, SeatKind};
use crate::config::{self, Config};
use crate::speech::{Exit, Fail, Failure, Outcome, texts};

/// File of the master key of personal data in the journal.
const VAULT_FILE: &str = "vault.key";

/// An open seat.
pub struct Seat {
    /// What it is.
    pub config: Config,
    /// Its database, with every table.
    pub db: Db,
    /// Its signing keys.
    pub keys: Keys,
}

impl Seat {
    /// Opens the seat of a configuration, and makes its folder, tables and first key where they are missing.
    ///
    /// # Errors
    /// The folder, the keys or the database cannot be used.
    pub async fn open(config: Config) -> Outcome<Self> {
        config.settle()?;
        let clock = Clock::system();
        let vault_file = config.data.join(VAULT_FILE);
        let vault = Vault::from_file(&vault_file).map_err(|error| crate::input::unreadable(&vault_file, &error))?;
        let durability = match config.durability {
            Durability::Full => store::Durability::Full,
            Durability::Process => store::Durability::Process,
        };
        let settings = store::Settings { seat: config.id.clone(), clock: clock.clone(), vault, durability };
        let db = Db::open(&config.database, settings).await?.anchored(config.anchor.clone());
        for step in db.migrate(&migrations(config.kind)).await? {
            tracing::info!(of = step.name, version = step.version, title = step.title, "made tables");
        }
        let keys = Keys::load_or_create(&config.keys(), clock.now()).map_err(key_failure)?;
        Ok(Self { config, db, keys })
    }

    /// Opens a seat that exists, for a command about it.
    ///
    /// # Errors
    /// There is no seat at that place, or it cannot be opened.
    pub async fn existing(at: &SeatAt) -> Outcome<Self> {
        Self::open(config::of_seat(at)?).await
    }
}

/// The tables of a seat.
pub fn migrations(kind: SeatKind) -> Vec<Migrations> {
    match kind {
        SeatKind::Centre => centre::migrations(),
        SeatKind::Bank => vec![store::MIGRATIONS, web::MIGRATIONS, wire::MIGRATIONS, bank::MIGRATIONS],
        SeatKind::Operator => vec![store::MIGRATIONS, web::MIGRATIONS, wire::MIGRATIONS, operator::MIGRATIONS],
    }
}

/// The words of a fault of the keys.
pub fn key_failure(error: wire::KeyError) -> Failure {
    Failure::new(Exit::Surroundings, error.said())
}

/// Who acts when somebody works on the command line.
pub fn operator() -> store::Who {
    let name = std::env::var("SUDO_USER").or_else(|_| std::env::var("USER")).unwrap_or_else(|_| "console".to_owned());
    let mut who = store::Who::system("command-line");
    who.user = format!("system:command-line:{name}");
    who
}

/// A fault of this program.
pub fn fault(error: impl std::fmt::Display) -> Failure {
    texts::FAULT.fail(Exit::Fault, &[("why", &error.to_string())])
}
