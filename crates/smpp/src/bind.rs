//! Binds and their responses.

use crate::read::Cursor;
use crate::write::Writer;
use crate::{
    ADDRESS_RANGE_LEN_MAX, CommandId, PASSWORD_LEN_MAX, Pdu, ReadFault, SYSTEM_ID_LEN_MAX, SYSTEM_TYPE_LEN_MAX, Status,
    tag,
};

/// In which direction messages go over a bind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BindMode {
    /// The ESME only receives.
    Receiver,
    /// The ESME only submits.
    Transmitter,
    /// Both.
    Transceiver,
}

impl BindMode {
    /// The command that asks for it.
    pub const fn command(self) -> CommandId {
        match self {
            Self::Receiver => CommandId::BIND_RECEIVER,
            Self::Transmitter => CommandId::BIND_TRANSMITTER,
            Self::Transceiver => CommandId::BIND_TRANSCEIVER,
        }
    }

    /// Whether the ESME may submit.
    pub const fn submits(self) -> bool {
        !matches!(self, Self::Receiver)
    }

    /// Whether the ESME receives.
    pub const fn receives(self) -> bool {
        !matches!(self, Self::Transmitter)
    }
}

/// What a bind says. The password shows nothing in `Debug`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Bind<'a> {
    /// Direction.
    pub mode: BindMode,
    /// Who binds.
    pub system_id: &'a [u8],
    /// Its password.
    pub password: &'a [u8],
    /// What sort of system it is.
    pub system_type: &'a [u8],
    /// Version: 0x34 or 0x50; below 0x34 no optional parameters are understood.
    pub interface_version: u8,
    /// Type of number of the range.
    pub addr_ton: u8,
    /// Plan of the range.
    pub addr_npi: u8,
    /// Which addresses it serves.
    pub address_range: &'a [u8],
}

impl std::fmt::Debug for Bind<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bind")
            .field("mode", &self.mode)
            .field("system_id", &String::from_utf8_lossy(self.system_id))
            .field("interface_version", &self.interface_version)
            .finish_non_exhaustive()
    }
}

impl<'a> Bind<'a> {
    /// Reads a bind.
    ///
    /// # Errors
    /// A field that does not read.
    pub fn read(pdu: &Pdu<'a>) -> Result<Self, ReadFault> {
        let mode = match pdu.header.command {
            CommandId::BIND_RECEIVER => BindMode::Receiver,
            CommandId::BIND_TRANSMITTER => BindMode::Transmitter,
            CommandId::BIND_TRANSCEIVER => BindMode::Transceiver,
            _ => return Err(ReadFault::Command),
        };
        let mut cursor = Cursor::new(pdu.body());
        Ok(Self {
            mode,
            system_id: cursor.text("system_id", SYSTEM_ID_LEN_MAX)?,
            password: cursor.text("password", PASSWORD_LEN_MAX)?,
            system_type: cursor.text("system_type", SYSTEM_TYPE_LEN_MAX)?,
            interface_version: cursor.octet("interface_version")?,
            addr_ton: cursor.octet("addr_ton")?,
            addr_npi: cursor.octet("addr_npi")?,
            address_range: cursor.text("address_range", ADDRESS_RANGE_LEN_MAX)?,
        })
    }
}

/// Writes a bind.
pub fn write_bind(bind: &Bind<'_>, sequence: u32, out: &mut Vec<u8>) {
    let mut writer = Writer::begin(out, bind.mode.command(), Status::OK, sequence);
    writer.text(bind.system_id, SYSTEM_ID_LEN_MAX);
    writer.text(bind.password, PASSWORD_LEN_MAX);
    writer.text(bind.system_type, SYSTEM_TYPE_LEN_MAX);
    writer.octets(&[bind.interface_version, bind.addr_ton, bind.addr_npi]);
    writer.text(bind.address_range, ADDRESS_RANGE_LEN_MAX);
    writer.end();
}

/// Writes the response to a bind. A refused one carries no body; an accepted one names the SMSC, and the version
/// when the ESME speaks 3.4 or later.
pub fn write_bind_response(
    mode: BindMode,
    status: Status,
    sequence: u32,
    system_id: &[u8],
    versions: (u8, u8),
    out: &mut Vec<u8>,
) {
    let (theirs, ours) = versions;
    let mut writer = Writer::begin(out, mode.command().response(), status, sequence);
    if status == Status::OK {
        writer.text(system_id, SYSTEM_ID_LEN_MAX);
        if theirs >= crate::VERSION_3_4 {
            writer.tlv(tag::SC_INTERFACE_VERSION, &[ours]);
        }
    }
    writer.end();
}
