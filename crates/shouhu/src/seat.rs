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

/// What opening may bring into being.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Making {
    /// Everything that is missing: the first start of a seat, or its tables asked for by name.
    Whole,
    /// Nothing: the seat exists, so its database, its vault and its keys must be there.
    Nothing,
}

impl Seat {
    /// Opens the seat of a configuration, which a command makes or serves.
    ///
    /// # Errors
    /// The folder, the keys or the database cannot be used, or may be read by others.
    pub async fn open(config: Config, making: Making) -> Outcome<Self> {
        config.make_folder()?;
        crate::private::check(&config)?;
        let seat = Self::open_parts(config, making).await?;
        seat.config.remember()?;
        Ok(seat)
    }

    /// Opens a seat that exists, for a command about it. Nothing is made that is not there.
    ///
    /// # Errors
    /// There is no seat at that place, or it cannot be opened.
    pub async fn existing(at: &SeatAt) -> Outcome<Self> {
        Self::open_parts(config::of_seat(at)?, Making::Nothing).await
    }

    /// Reads the certificate of the time-stamping authority, for whoever checks or makes stamps.
    ///
    /// # Errors
    /// The file cannot be read, or is no such certificate.
    pub fn trust_authority(&mut self) -> Outcome {
        if let Some(settings) = &self.config.timestamp {
            self.db = self.db.clone().stamped_by(Some(settings.authority()?));
        }
        Ok(())
    }

    async fn open_parts(config: Config, making: Making) -> Outcome<Self> {
        let clock = Clock::system();
        let vault_file = config.data.join(VAULT_FILE);
        if making == Making::Nothing && !vault_file.exists() {
            return Err(lost(&config, texts::NO_VAULT));
        }
        let vault = Vault::from_file(&vault_file).map_err(|error| crate::input::unreadable(&vault_file, &error))?;
        let durability = match config.durability {
            Durability::Full => store::Durability::Full,
            Durability::Process => store::Durability::Process,
        };
        let settings = store::Settings { seat: config.id.clone(), clock: clock.clone(), vault, durability };
        let db = match making {
            Making::Whole => Db::open(&config.database, settings).await?,
            Making::Nothing => existing_database(&config, settings).await?,
        };
        let db = db.anchored(config.anchor.clone());
        for step in db.migrate(&migrations(config.kind)).await? {
            tracing::info!(of = step.name, version = step.version, title = step.title, "made tables");
        }
        let keys = Keys::load_or_create(&config.keys(), clock.now()).map_err(key_failure)?;
        Ok(Self { config, db, keys })
    }
}

/// The database of a seat that has one; none is made.
async fn existing_database(config: &Config, settings: store::Settings) -> Outcome<Db> {
    if config::sqlite_path(&config.database).is_some_and(|file| !file.exists()) {
        return Err(lost(config, texts::NO_DATABASE));
    }
    let db = Db::open(&config.database, settings).await?;
    if !db.is_made().await? {
        db.close().await;
        return Err(lost(config, texts::NO_DATABASE));
    }
    let of: Option<(String,)> =
        db.fetch_optional("SELECT seat FROM journal ORDER BY seq DESC LIMIT 1", store::args![]).await?;
    match of {
        Some((of,)) if of != config.id => {
            db.close().await;
            let shown = config::without_password(&config.database);
            let values = [("database", shown.as_str()), ("found", &of), ("asked", &config.id)];
            Err(texts::OTHER_DATABASE.fail(Exit::Usage, &values))
        }
        _ => Ok(db),
    }
}

fn lost(config: &Config, text: kernel::Text) -> Failure {
    let data = config.data.display().to_string();
    let quoted = crate::speech::quoted(&data);
    let database = config::without_password(&config.database);
    let values = [("data", data.as_str()), ("quoted", &quoted), ("database", &database), ("kind", config.kind.word())];
    text.fail(Exit::Surroundings, &values)
}

/// The tables of a seat.
pub fn migrations(kind: SeatKind) -> Vec<Migrations> {
    match kind {
        SeatKind::Centre => centre::migrations(),
        SeatKind::Bank => vec![store::MIGRATIONS, web::MIGRATIONS, wire::MIGRATIONS, bank::MIGRATIONS],
        SeatKind::Operator => {
            vec![store::MIGRATIONS, web::MIGRATIONS, wire::MIGRATIONS, sheet::MIGRATIONS, operator::MIGRATIONS]
        }
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
