//! The message front: an SMPP proxy between senders and the SMSC, an HTTP route, and warning messages.
//!
//! ```text
//!  ESME ──bind──► esme ──► judge ──► account ──► upstream ──bind──► SMSC
//!                  ▲         │          │ ▲          │
//!                  └─refused─┘          ▼ │          └─ deliver_sm ──► judge ──► esme
//!                                      spool
//! ```
//!
//! Every ESME account has one bind at the SMSC under its own name, so that the SMSC's accounting, limits and receipts
//! stay as they were without this front.
//!
//! **What an answer means.** While the SMSC is bound, a message that passes is handed on at once and the SMSC's own
//! answer, with its own message id, is the answer. While it is away, messages are written to the account's spool, and
//! answered only when they are on disk; what was under way when it went is written there too. A full spool, or a disk
//! that fails, is answered `ESME_RMSGQFUL` or `ESME_RSYSERR`: the sender keeps the message. The spool is sent in order
//! when the SMSC is back, also after a restart of this process, each message at least once: those whose answer was
//! lost with the connection arrive twice, at most a window of them for each loss.
//!
//! **Long messages.** Parts are held until the last one is there, or for `parts_wait_ms`; then the text that is known
//! is judged. A part that arrives later is judged together with the text of the others. A sender that waits for an
//! answer before it sends the next part gets one after `part_answer_ms`, when the held part is on disk.

mod account;
mod config;
mod esme;
mod front;
mod http;
mod judge;
mod mark;
mod outbox;
mod register;
pub(crate) mod secret;
mod session;
mod spool;
mod stream;
mod submit;
mod texts;
mod upstream;
mod warning;

pub use config::{
    AccountConfig, DropReceipt, MessageConfig, MessageLimits, MessagePolicy, Storing, TlsFiles, UpstreamConfig,
    UpstreamTls, WarningConfig,
};
pub use front::{FrontError, MessageFront};
pub use http::{RecipientOutcome, SendInput, SendOutput, router};
pub use judge::{Heard, Judge, Party, ScreeningJudge};
pub use register::{Register, RegisteredSender};
pub use secret::{hash_key, hash_password};
pub use texts::TEXTS;
pub use warning::check_warning_text;
