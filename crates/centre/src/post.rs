//! How desks send: the outbox of the seat, and the directory of those it may send to.

use kernel::Timestamp;
use store::Tx;
use wire::{Body, Directory, Draft, Duty, Outbox, PartnerId, PartnerRole, Sent};

/// Seals and sends for the desks; cheap to clone.
#[derive(Clone)]
pub struct Post {
    /// Puts messages on their way.
    pub outbox: Outbox,
    /// Who may be sent to.
    pub directory: Directory,
}

impl Post {
    /// Whether the partner is a bank of the directory and switched on.
    pub fn knows(&self, partner: &PartnerId) -> bool {
        self.directory.book().partner(partner).is_some_and(|p| p.enabled && p.role == PartnerRole::Bank)
    }

    /// The operators of the directory that are switched on, by name of seat.
    pub fn operators(&self) -> Vec<PartnerId> {
        let book = self.directory.book();
        let on = |p: &&wire::Partner| p.enabled && p.role == PartnerRole::Operator;
        let mut operators: Vec<PartnerId> = book.partners().filter(on).map(|p| p.id.clone()).collect();
        operators.sort();
        operators
    }

    /// Name of a partner for people; that of its seat where it is no longer in the directory.
    pub fn name(&self, partner: &PartnerId) -> String {
        self.directory.book().partner(partner).map_or_else(|| partner.to_string(), |p| p.name.clone())
    }

    /// Seals a message and puts it on its way in the caller's transaction.
    ///
    /// # Errors
    /// No key is active, or the database.
    pub async fn send(
        &self,
        tx: &mut Tx,
        to: &PartnerId,
        body: impl Into<Body>,
        subject: String,
        expires_at: Timestamp,
    ) -> Result<Sent, wire::Error> {
        self.outbox.enqueue(tx, Draft::new(to, body, subject).deadline(expires_at)).await
    }

    /// Minutes within which the partner answers, by agreement.
    pub fn answer_minutes(&self, partner: &PartnerId) -> i64 {
        self.directory.book().partner(partner).map_or(i64::from(wire::ANSWER_MINUTES), |p| i64::from(p.answer_minutes))
    }

    /// Whom to call about a delay: the contact on duty first, then the deputy (银发〔2019〕85号).
    pub fn contact(&self, partner: &PartnerId, escalation: i64) -> Option<String> {
        let wanted = if escalation < 2 { Duty::Primary } else { Duty::Deputy };
        let book = self.directory.book();
        let contacts = &book.partner(partner)?.contacts;
        contacts.iter().find(|c| c.duty == wanted).or(contacts.first()).map(|c| c.name.clone())
    }
}
