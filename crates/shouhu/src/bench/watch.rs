//! Watching a bank from outside: the moments at which its journal says that a hold took effect.

use std::time::Instant;

use serde_json::Value;
use tokio::sync::mpsc;

use crate::cli::SeatKind;
use crate::client::Client;
use crate::demo::cast::SEATS;
use crate::demo::stage::Stage;
use crate::speech::Outcome;

/// A hold that took effect.
#[derive(Debug, Clone)]
pub struct Held {
    /// Which seat.
    pub bank: &'static str,
    /// Case of the order.
    pub case_number: String,
    /// The hold.
    pub hold: String,
    /// When we heard of it.
    pub at: Instant,
}

/// Follows the journals of the three banks until the receiver is dropped.
///
/// # Errors
/// A bank does not run.
pub async fn holds(stage: &Stage) -> Outcome<mpsc::UnboundedReceiver<Held>> {
    let (sender, receiver) = mpsc::unbounded_channel();
    for seat in SEATS.iter().filter(|seat| seat.kind == SeatKind::Bank) {
        let client = Client::log_in(stage.url(seat.id), "bank-admin", &stage.password).await?;
        let mut events = client.events().await?;
        let sender = sender.clone();
        let bank = seat.id;
        tokio::spawn(async move {
            while let Ok(Some(entry)) = events.next().await {
                let at = Instant::now();
                let text = |pointer: &str| entry.pointer(pointer).and_then(Value::as_str).unwrap_or("").to_owned();
                if text("/kind") != "hold.took_effect" {
                    continue;
                }
                let held = Held { bank, case_number: text("/body/case_number"), hold: text("/subject"), at };
                if sender.send(held).is_err() {
                    return;
                }
            }
        });
    }
    Ok(receiver)
}
