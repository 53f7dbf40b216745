//! Typed identifiers: UUID version 7 inside, never mixed up with each other.

use serde::{Deserialize, Serialize};

/// The text is not an identifier of the kind asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a {kind} (expected a UUID)")]
pub struct IdError {
    /// The kind asked for.
    pub kind: &'static str,
    /// What was given.
    pub text: String,
}

macro_rules! typed_id {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(uuid::Uuid);

        impl $name {
            /// A new identifier whose leading bits are the given moment, so that they sort by time.
            pub fn new(now: crate::Timestamp) -> Self {
                let micros = u64::try_from(now.0).unwrap_or(0);
                let moment = uuid::Timestamp::from_unix(
                    uuid::NoContext,
                    micros / 1_000_000,
                    u32::try_from((micros % 1_000_000) * 1_000).unwrap_or(0),
                );
                Self(uuid::Uuid::new_v7(moment))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                uuid::Uuid::try_parse(text)
                    .map(Self)
                    .map_err(|_| IdError { kind: stringify!($name), text: text.to_owned() })
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::Type::String)
                    .format(Some(utoipa::openapi::SchemaFormat::KnownFormat(utoipa::openapi::KnownFormat::Uuid)))
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {}
    )*};
}

typed_id! {
    /// A report of a victim (报案).
    ReportId,
    /// An order that the stop desk issues to a bank (止付、冻结、查询指令).
    OrderId,
    /// A sealed message between seats.
    MessageId,
    /// A user of one seat.
    UserId,
    /// A session of a user.
    SessionId,
    /// A standing rule that approves orders within bounds.
    RuleId,
    /// A timer row.
    TimerId,
    /// A customer of a bank.
    CustomerId,
    /// An account in a bank's books.
    AccountId,
    /// A transfer in a bank's ledger.
    TransferId,
    /// A hold on an account (止付、冻结).
    HoldId,
    /// A paper attached to an order or a report.
    PaperId,
    /// An import run.
    ImportId,
    /// A case that a bank reports of its own accord.
    NoticeId,
    /// An entry of an operator's number list.
    ListEntryId,
    /// An appeal of a caller who was stopped (申诉).
    AppealId,
    /// A measure on a line (线路措施).
    MeasureId,
    /// What an operator saw in a period, as sent to the centre.
    SignalsId,
}
