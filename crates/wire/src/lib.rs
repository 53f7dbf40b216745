//! Messages between seats: what they say, how they are sealed, how they arrive once.
//!
//! Seats share nothing but these documents; `docs/protocol.md` specifies them so that others can write a seat.
//!
//! - [`Message`]; [`Order`], [`Answer`], [`Notice`], [`MovementPush`], [`Lapse`] with banks; [`LineOrder`],
//!   [`LineAnswer`], [`ListChange`], [`Signals`] with operators: what is said.
//! - [`seal()`], [`open`], [`Keys`], [`Directory`]: who says it.
//! - [`Outbox`], [`Courier`]: how it goes out; [`Inbox`], [`router`]: how it comes in.

mod answer;
mod code;
pub mod courier;
mod directory;
mod error;
mod fields;
mod head;
pub mod inbox;
mod keys;
mod line;
mod line_answer;
mod list;
mod machine_reason;
mod message;
mod movement;
mod notice;
mod order;
pub mod outbox;
mod partner;
mod receipt;
mod seal;
pub mod server;
mod signals;
mod tables;

pub use answer::{Answer, AnswerCode, ExistingHold, HeldAccount, Holder};
pub use code::UnknownCode;
pub use courier::Courier;
pub use directory::{Book, Directory, DirectoryError};
pub use error::Error;
pub use fields::is_plain;
pub use head::{JournalHead, JournalSealer, Named};
pub use inbox::{HandleError, Handler, Inbox};
pub use keys::{Jwk, JwkSet, KeyError, KeyPair, Keys, PublicKey, VALID_FOR, check_journal_seal, thumbprint};
pub use line::{LABEL_MAX, LineOrder, LineOrderKind, WARNING_TEXT_MAX};
pub use line_answer::{CONTACTS_MAX, ContactChannel, CutCall, LineAnswer, LineAnswerCode, LineContact, WarningsSent};
pub use list::{
    ENTRIES_MAX, LIST_FILE_HEADER, ListAction, ListAsk, ListChange, ListEntry, ListLift, ListOffer, NumberPattern,
};
pub use machine_reason::{MACHINE_REASONS, machine_reason_en};
pub use message::{Body, Message, PartnerId, Unread, VERSION, kind};
pub use movement::{
    Channel, Counterparty, Direction, HoldKind, Lapse, LapseReason, MOVEMENTS_MAX, Movement, MovementPush,
};
pub use notice::{
    Contact, ContactKind, Notice, NoticeKind, NoticeTaken, Payment, Sign, StoppedFirst, Victim, VictimCase,
};
pub use order::{Account, ApprovalLevel, Authority, Check, Order, OrderKind, Paper, Period};
pub use outbox::{Draft, Outbox, OutboxState, Outgoing, Sent};
pub use partner::{ANSWER_MINUTES, Contact as PartnerContact, Duty, Partner, PartnerRole, check_base_url, is_loopback};
pub use receipt::{Receipt, SentDocument, Verdict};
pub use seal::{
    DOCUMENT_BYTES_MAX, EXPIRY_SKEW_MAX, FUTURE_SKEW_MAX, LIFETIME_MAX, MESSAGE_TYPE, Opened, RECEIPT_TYPE, Refusal,
    SealError, Sealed, decode_part, open, seal, seal_with,
};
pub use server::router;
pub use signals::{
    COUNTERS_MAX, HITS_MAX, SIGNAL_RULES_MAX, SignalAction, SignalCounter, SignalHit, SignalReason, SignalRule,
    SignalRuleStage, Signals,
};
pub use tables::MIGRATIONS;

/// Every [`kernel::Text`] of this crate.
pub fn catalogue() -> Vec<kernel::Text> {
    [
        answer::TEXTS,
        directory::TEXTS,
        fields::TEXTS,
        head::TEXTS,
        inbox::TEXTS,
        keys::TEXTS,
        line_answer::TEXTS,
        list::TEXTS,
        message::TEXTS,
        partner::TEXTS,
        seal::TEXTS,
        server::TEXTS,
    ]
    .concat()
}
