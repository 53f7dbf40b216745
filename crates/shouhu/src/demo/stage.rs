//! What a running demonstration is: written into its folder, so that scenes, tests and benches find it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use kernel::Timestamp;
use serde::{Deserialize, Serialize};

use super::cast;
use crate::client::Client;
use crate::speech::{Exit, Fail, Outcome, texts};

/// File in the folder of the demonstration.
pub const FILE_NAME: &str = "demo.json";

/// File in a seat's folder with the number of its process.
pub const PID_FILE: &str = "seat.pid";

/// A demonstration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// Password of every login.
    pub password: String,
    /// Address of each seat, by its name.
    pub urls: BTreeMap<String, String>,
    /// SIP front of the carrier.
    #[serde(default)]
    pub sip: String,
    /// The message centre to which the carrier passes messages on.
    #[serde(default)]
    pub smsc: String,
    /// How many scenes were played; numbers of new accounts follow from it.
    pub scenes: usize,
    /// A payment that was moved at the banks and is not yet reported: what to type when filing a report by hand.
    pub practice: Option<Practice>,
}

/// A payment to be reported by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Practice {
    /// Who was scammed.
    pub victim: String,
    /// His telephone.
    pub phone: String,
    /// Account paid from.
    pub payer_account: String,
    /// Its bank.
    pub payer_bank: String,
    /// Account paid into.
    pub payee_account: String,
    /// Its holder.
    pub payee_name: String,
    /// Its bank.
    pub payee_bank: String,
    /// In fen.
    pub amount_minor: i64,
    /// As a person writes it.
    pub amount: String,
    /// China Standard Time, `2026-11-23 08:00:00`.
    pub paid_at: String,
    /// Reference at the banks.
    pub reference: String,
}

impl Stage {
    /// The demonstration in a folder, if there is one.
    ///
    /// # Errors
    /// The file is there and cannot be read.
    pub fn find(folder: &Path) -> Outcome<Option<Self>> {
        let path = folder.join(FILE_NAME);
        if path.exists() { crate::input::json(&path).map(Some) } else { Ok(None) }
    }

    /// The demonstration in a folder.
    ///
    /// # Errors
    /// There is none.
    pub fn open(folder: &Path) -> Outcome<Self> {
        Self::find(folder)?
            .ok_or_else(|| texts::NO_DEMO.fail(Exit::Surroundings, &[("data", &folder.display().to_string())]))
    }

    /// Writes it into its folder.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn save(&self, folder: &Path) -> Outcome {
        let path = folder.join(FILE_NAME);
        let text = serde_json::to_vec_pretty(self).map_err(crate::seat::fault)?;
        // Beside it and then in its place: a scene that reads meanwhile finds the one or the other, whole.
        let fresh = folder.join(format!("{FILE_NAME}.{}", std::process::id()));
        std::fs::write(&fresh, text)
            .and_then(|()| std::fs::rename(&fresh, &path))
            .map_err(|error| crate::input::unreadable(&path, &error))
    }

    /// The address of a seat.
    pub fn url(&self, seat: &str) -> &str {
        self.urls.get(seat).map_or("", String::as_str)
    }

    /// A session at the centre.
    ///
    /// # Errors
    /// The centre does not run.
    pub async fn at_centre(&self, login: &str) -> Outcome<Client> {
        Client::log_in(self.url(cast::CENTRE), login, &self.password).await
    }
}

/// The folder of a seat in that of the demonstration.
pub fn seat_folder(folder: &Path, seat: &str) -> PathBuf {
    folder.join(seat)
}

/// `2026-11-23 08:00:00` in China Standard Time.
pub fn civil(at: Timestamp) -> String {
    at.civil_cst().strftime("%Y-%m-%d %H:%M:%S").to_string()
}
