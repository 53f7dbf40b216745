//! Command statuses of SMPP 3.4 (§5.1.3) and 5.0 (§4.7.6).

/// `command_status` of a response. Any number is held; the known ones have names; vendors own 0x400–0x4ff.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Status(pub u32);

macro_rules! statuses {
    ($($constant:ident = $value:literal, $name:literal, $meaning:literal;)*) => {
        impl Status {
            $(#[doc = $meaning] pub const $constant: Self = Self($value);)*

            /// The name in the specification.
            pub fn name(self) -> Option<&'static str> {
                match self {
                    $(Self::$constant => Some($name),)*
                    _ => None,
                }
            }

            /// The status of a name in the specification, for instance `ESME_RSUBMITFAIL`.
            pub fn of_name(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$constant),)*
                    _ => None,
                }
            }
        }
    };
}

statuses! {
    OK = 0x00, "ESME_ROK", "No error.";
    INVALID_MESSAGE_LENGTH = 0x01, "ESME_RINVMSGLEN", "The length of the message is invalid.";
    INVALID_COMMAND_LENGTH = 0x02, "ESME_RINVCMDLEN", "The length of the command is invalid.";
    INVALID_COMMAND_ID = 0x03, "ESME_RINVCMDID", "The command is unknown.";
    INVALID_BIND_STATE = 0x04, "ESME_RINVBNDSTS", "The command does not fit the state of the bind.";
    ALREADY_BOUND = 0x05, "ESME_RALYBND", "The peer is bound already.";
    INVALID_PRIORITY = 0x06, "ESME_RINVPRTFLG", "The priority is invalid.";
    INVALID_REGISTERED_DELIVERY = 0x07, "ESME_RINVREGDLVFLG", "The registered delivery flag is invalid.";
    SYSTEM_ERROR = 0x08, "ESME_RSYSERR", "The system has an error.";
    INVALID_SOURCE = 0x0a, "ESME_RINVSRCADR", "The source address is invalid.";
    INVALID_DESTINATION = 0x0b, "ESME_RINVDSTADR", "The destination address is invalid.";
    INVALID_MESSAGE_ID = 0x0c, "ESME_RINVMSGID", "The message id is invalid.";
    BIND_FAILED = 0x0d, "ESME_RBINDFAIL", "The bind failed.";
    INVALID_PASSWORD = 0x0e, "ESME_RINVPASWD", "The password is wrong.";
    INVALID_SYSTEM_ID = 0x0f, "ESME_RINVSYSID", "The system id is unknown.";
    CANCEL_FAILED = 0x11, "ESME_RCANCELFAIL", "The message could not be cancelled.";
    REPLACE_FAILED = 0x13, "ESME_RREPLACEFAIL", "The message could not be replaced.";
    QUEUE_FULL = 0x14, "ESME_RMSGQFUL", "The queue of messages is full; the sender keeps the message and tries later.";
    INVALID_SERVICE_TYPE = 0x15, "ESME_RINVSERTYP", "The service type is invalid.";
    INVALID_DESTINATION_COUNT = 0x33, "ESME_RINVNUMDESTS", "The number of destinations is invalid.";
    INVALID_LIST_NAME = 0x34, "ESME_RINVDLNAME", "The name of the distribution list is invalid.";
    INVALID_DESTINATION_FLAG = 0x40, "ESME_RINVDESTFLAG", "The destination flag is invalid.";
    INVALID_REPLACE = 0x42, "ESME_RINVSUBREP", "Submit with replace is invalid.";
    INVALID_ESM_CLASS = 0x43, "ESME_RINVESMCLASS", "The esm class is invalid.";
    CANNOT_SUBMIT_TO_LIST = 0x44, "ESME_RCNTSUBDL", "Submitting to a distribution list is impossible.";
    SUBMIT_FAILED = 0x45, "ESME_RSUBMITFAIL", "The submission failed.";
    INVALID_SOURCE_TON = 0x48, "ESME_RINVSRCTON", "The type of the source address is invalid.";
    INVALID_SOURCE_NPI = 0x49, "ESME_RINVSRCNPI", "The plan of the source address is invalid.";
    INVALID_DESTINATION_TON = 0x50, "ESME_RINVDSTTON", "The type of the destination address is invalid.";
    INVALID_DESTINATION_NPI = 0x51, "ESME_RINVDSTNPI", "The plan of the destination address is invalid.";
    INVALID_SYSTEM_TYPE = 0x53, "ESME_RINVSYSTYP", "The system type is invalid.";
    INVALID_REPLACE_FLAG = 0x54, "ESME_RINVREPFLAG", "The replace flag is invalid.";
    INVALID_MESSAGE_COUNT = 0x55, "ESME_RINVNUMMSGS", "The number of messages is invalid.";
    THROTTLED = 0x58, "ESME_RTHROTTLED", "The sender is over its limit and tries later.";
    INVALID_SCHEDULE = 0x61, "ESME_RINVSCHED", "The scheduled time is invalid.";
    INVALID_EXPIRY = 0x62, "ESME_RINVEXPIRY", "The validity is invalid.";
    INVALID_DEFAULT_MESSAGE = 0x63, "ESME_RINVDFTMSGID", "The predefined message is unknown.";
    RECEIVER_TEMPORARY = 0x64, "ESME_RX_T_APPN", "The receiver has an error that will pass; the message is kept.";
    RECEIVER_PERMANENT = 0x65, "ESME_RX_P_APPN", "The receiver has an error that will stay.";
    RECEIVER_REJECT = 0x66, "ESME_RX_R_APPN", "The receiver rejects the message.";
    QUERY_FAILED = 0x67, "ESME_RQUERYFAIL", "The query failed.";
    INVALID_TLV_STREAM = 0xc0, "ESME_RINVTLVSTREAM", "The optional parameters do not read.";
    TLV_NOT_ALLOWED = 0xc1, "ESME_RTLVNOTALLWD", "An optional parameter is not allowed.";
    INVALID_TLV_LENGTH = 0xc2, "ESME_RINVTLVLEN", "The length of an optional parameter is invalid.";
    MISSING_TLV = 0xc3, "ESME_RMISSINGTLV", "An optional parameter is missing.";
    INVALID_TLV_VALUE = 0xc4, "ESME_RINVTLVVAL", "The value of an optional parameter is invalid.";
    DELIVERY_FAILURE = 0xfe, "ESME_RDELIVERYFAILURE", "The transaction was not delivered.";
    UNKNOWN_ERROR = 0xff, "ESME_RUNKNOWNERR", "An error that has no name.";
    SERVICE_UNAUTHORISED = 0x100, "ESME_RSERTYPUNAUTH", "The peer has no right to the service type (5.0).";
    PROHIBITED = 0x101, "ESME_RPROHIBITED", "The peer is barred from the operation (5.0).";
    SERVICE_UNAVAILABLE = 0x102, "ESME_RSERTYPUNAVAIL", "The service type is unavailable (5.0).";
    SERVICE_DENIED = 0x103, "ESME_RSERTYPDENIED", "The service type is denied (5.0).";
    INVALID_DATA_CODING = 0x104, "ESME_RINVDCS", "The data coding is invalid (5.0).";
    INVALID_SOURCE_SUBUNIT = 0x105, "ESME_RINVSRCADDRSUBUNIT", "The subunit of the source is invalid (5.0).";
    INVALID_DESTINATION_SUBUNIT = 0x106, "ESME_RINVDSTADDRSUBUNIT", "The subunit of the destination is invalid (5.0).";
    INVALID_BROADCAST_INTERVAL = 0x107, "ESME_RINVBCASTFREQINT", "The interval of the broadcast is invalid (5.0).";
    INVALID_BROADCAST_ALIAS = 0x108, "ESME_RINVBCASTALIAS_NAME", "The alias of the broadcast is invalid (5.0).";
    INVALID_BROADCAST_AREA = 0x109, "ESME_RINVBCASTAREAFMT", "The area of the broadcast is invalid (5.0).";
    INVALID_BROADCAST_AREAS = 0x10a, "ESME_RINVNUMBCAST_AREAS", "The number of areas is invalid (5.0).";
    INVALID_BROADCAST_CONTENT = 0x10b, "ESME_RINVBCASTCNTTYPE", "The content type is invalid (5.0).";
    INVALID_BROADCAST_CLASS = 0x10c, "ESME_RINVBCASTMSGCLASS", "The class of the broadcast is invalid (5.0).";
    BROADCAST_FAILED = 0x10d, "ESME_RBCASTFAIL", "The broadcast failed (5.0).";
    BROADCAST_QUERY_FAILED = 0x10e, "ESME_RBCASTQUERYFAIL", "The query of a broadcast failed (5.0).";
    BROADCAST_CANCEL_FAILED = 0x10f, "ESME_RBCASTCANCELFAIL", "The broadcast could not be cancelled (5.0).";
    INVALID_BROADCAST_REPETITION = 0x110, "ESME_RINVBCAST_REP", "The number of repetitions is invalid (5.0).";
    INVALID_BROADCAST_SERVICE = 0x111, "ESME_RINVBCASTSRVGRP", "The group of the broadcast is invalid (5.0).";
    INVALID_BROADCAST_CHANNEL = 0x112, "ESME_RINVBCASTCHANIND", "The channel of the broadcast is invalid (5.0).";
}

impl Status {
    /// Whether the sender may try the same message again with hope.
    pub const fn is_temporary(self) -> bool {
        matches!(
            self,
            Self::SYSTEM_ERROR
                | Self::QUEUE_FULL
                | Self::THROTTLED
                | Self::RECEIVER_TEMPORARY
                | Self::INVALID_BIND_STATE
                | Self::SERVICE_UNAVAILABLE
        )
    }
}

impl std::fmt::Debug for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "status {:#010x}", self.0),
        }
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(self, f)
    }
}
