//! Why a PDU does not read, with the status that its sender is answered.

use crate::Status;

/// A PDU that does not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReadFault {
    /// The body ends in the middle of a field.
    #[error("the body ends within {0}")]
    Cut(&'static str),
    /// A text field has no closing zero within its greatest length.
    #[error("{0} is longer than allowed")]
    TooLong(&'static str),
    /// The optional parameters do not read.
    #[error("the optional parameters do not read")]
    Tlvs,
    /// `submit_multi` names no destination, or one of an unknown sort.
    #[error("the destinations do not read")]
    Destinations,
    /// Another command than the view is for.
    #[error("the command carries no such thing")]
    Command,
}

impl ReadFault {
    /// What the sender is answered.
    pub fn status(self) -> Status {
        match self {
            Self::Cut(_) => Status::INVALID_COMMAND_LENGTH,
            Self::TooLong("service_type") => Status::INVALID_SERVICE_TYPE,
            Self::TooLong("source_addr") => Status::INVALID_SOURCE,
            Self::TooLong("destination_addr") => Status::INVALID_DESTINATION,
            Self::TooLong("schedule_delivery_time") => Status::INVALID_SCHEDULE,
            Self::TooLong("validity_period") => Status::INVALID_EXPIRY,
            Self::TooLong("system_id") => Status::INVALID_SYSTEM_ID,
            Self::TooLong("password") => Status::INVALID_PASSWORD,
            Self::TooLong("system_type") => Status::INVALID_SYSTEM_TYPE,
            Self::TooLong("message_id") => Status::INVALID_MESSAGE_ID,
            Self::TooLong(_) => Status::INVALID_COMMAND_LENGTH,
            Self::Tlvs => Status::INVALID_TLV_STREAM,
            Self::Destinations => Status::INVALID_DESTINATION_COUNT,
            Self::Command => Status::INVALID_COMMAND_ID,
        }
    }
}
