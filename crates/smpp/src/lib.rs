//! SMPP 3.4 and 5.0 on the wire: PDUs read in place, GSM 7-bit and UCS-2, long messages put together. Pure.
//!
//! A front reads bytes with [`frame`], looks at a [`Pdu`] through a view that borrows ([`Message`], [`Bind`]), patches
//! what it must ([`set_sequence`], [`set_status`]) and passes the same bytes on. Only a message whose text changes is
//! written anew. No function here panics, whatever the bytes.

mod bind;
mod coding;
mod command;
mod fault;
mod frame;
mod gsm7;
mod message;
mod parts;
mod read;
mod receipt;
mod split;
mod status;
mod tlv;
mod udh;
mod write;

pub use bind::{Bind, BindMode, write_bind, write_bind_response};
pub use coding::{Alphabet, DefaultAlphabet, alphabet_of, decode, decode_into, encode, narrowest, other_reading};
pub use command::CommandId;
pub use fault::ReadFault;
pub use frame::{Frame, HEADER_LEN, Header, LengthFault, PDU_LEN_MAX, Pdu, frame, set_sequence, set_status};
pub use gsm7::{pack, unpack};
pub use message::{
    Address, Destination, Message, MessageKind, message_id_of, message_id_range, patch_registered_delivery, replacement,
};
pub use parts::{Assembler, Bounds, Offered, PartKey, Released};
pub use receipt::{Receipt, ReceiptState, receipt_id_range};
pub use split::{SplitParts, joining_octets_max, split};
pub use status::Status;
pub use tlv::{Tlv, Tlvs, tag};
pub use udh::{Concatenation, Udh, concatenation_header};
pub use write::{with_octets, write_empty, write_message_response, write_tlv};

/// Octets of `system_id` with its closing zero (SMPP 3.4 §5.2.1).
pub const SYSTEM_ID_LEN_MAX: usize = 16;
/// Octets of `password` with its closing zero. The specification says 9; longer ones are in use, and only a hash of it
/// is kept.
pub const PASSWORD_LEN_MAX: usize = 65;
/// Octets of `system_type` with its closing zero.
pub const SYSTEM_TYPE_LEN_MAX: usize = 13;
/// Octets of `address_range` with its closing zero.
pub const ADDRESS_RANGE_LEN_MAX: usize = 41;
/// Octets of `service_type` with its closing zero.
pub const SERVICE_TYPE_LEN_MAX: usize = 6;
/// Octets of an address with its closing zero.
pub const ADDRESS_LEN_MAX: usize = 21;
/// Octets of an address in `data_sm` with its closing zero.
pub const DATA_ADDRESS_LEN_MAX: usize = 65;
/// Octets of `message_id` with its closing zero.
pub const MESSAGE_ID_LEN_MAX: usize = 65;
/// Octets of a time (`schedule_delivery_time`, `validity_period`) with its closing zero.
pub const TIME_LEN_MAX: usize = 17;
/// Octets of `short_message`: 254 in 3.4, 255 in 5.0.
pub const SHORT_MESSAGE_LEN_MAX: usize = 255;
/// Destinations of one `submit_multi` (SMPP 3.4 §4.5.1: 254; 5.0 §4.2.3: 255).
pub const DESTINATIONS_MAX: usize = 255;
/// Octets that one short message carries over the air.
pub const USER_DATA_LEN_MAX: usize = 140;
/// Parts of one long message.
pub const PARTS_MAX: usize = 255;

/// `interface_version` of SMPP 3.4.
pub const VERSION_3_4: u8 = 0x34;
/// `interface_version` of SMPP 5.0.
pub const VERSION_5_0: u8 = 0x50;

/// Bit of `esm_class` that says a user data header leads the text (UDHI).
pub const ESM_UDHI: u8 = 0x40;
/// Bits of `esm_class` that say what a `deliver_sm` is.
pub const ESM_TYPE_MASK: u8 = 0x3c;
/// `esm_class` of a delivery receipt.
pub const ESM_RECEIPT: u8 = 0x04;
/// Bits of `registered_delivery` that ask for a receipt of the SMSC: 0 none, 1 always, 2 on failure, 3 on success (5.0).
pub const RECEIPT_MASK: u8 = 0x03;
