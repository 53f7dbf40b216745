//! What keeps the screening in good order while it runs: changes of the list are worked into its packed form, measures
//! that ended are forgotten, and a model of texts that is laid into the data folder is taken into use.

use std::time::SystemTime;

use serde_json::json;
use store::Who;
use store::journal::Entry;
use text::Model;

use crate::desk::Operator;
use crate::error::{Error, Result};

/// The operator's own model of texts in the data folder, as `shouhu text train` writes it. Laid there whole (written
/// beside and renamed), it is in use a moment later; taken away, the one that comes with the program is.
pub const MODEL_FILE: &str = "text.model";

/// A file as it was when it was looked at: when it was changed, and its bytes.
pub(crate) type Seen = (SystemTime, u64);

impl Operator {
    /// One round of it.
    ///
    /// # Errors
    /// The database.
    pub(crate) async fn keep_up(&self) -> Result<()> {
        let screen = self.screening().screen().clone();
        screen.sweep_lines(self.db().clock().now());
        if screen.list().wants_merge() && self.begin_merge() {
            let operator = self.clone();
            // Seconds of work for tens of millions of numbers: beside the seat's own rounds, and one at a time.
            tokio::task::spawn_blocking(move || {
                operator.screening().screen().merge_list();
                operator.end_merge();
            });
        }
        self.take_model().await
    }

    async fn take_model(&self) -> Result<()> {
        let path = self.settings().data.join(MODEL_FILE);
        let seen: Option<Seen> = match std::fs::metadata(&path).and_then(|m| Ok((m.modified()?, m.len()))) {
            Ok(seen) => Some(seen),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            // A file that cannot be looked at now is not one that was taken away: the model in use stays.
            Err(error) => {
                return Err(Error::File { path: path.display().to_string(), problem: error.to_string() });
            }
        };
        if !self.model_changed(seen) {
            return Ok(());
        }
        let taken = match seen {
            None => Ok(None),
            Some(_) => std::fs::read(&path)
                .map_err(|error| error.to_string())
                .and_then(|bytes| Model::load(&bytes).map_err(|error| error.to_string()))
                .map(Some),
        };
        let (kind, body) = match taken {
            Ok(model) => {
                let used = model.as_ref().map_or_else(|| Model::shipped().fingerprint(), Model::fingerprint);
                self.screening().swap_model(model.map(Into::into));
                ("model.taken", json!({ "fingerprint": used, "own": seen.is_some() }))
            }
            Err(why) => {
                tracing::error!(file = %path.display(), why, "the model of texts is refused; the one in use stays");
                ("model.refused", json!({ "why": why }))
            }
        };
        let mut tx = self.db().begin().await?;
        tx.append(Entry::new(kind, "model:text").body(&body), &Who::system("operator")).await?;
        tx.commit().await.map_err(Error::from)
    }
}
