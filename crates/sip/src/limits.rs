//! How much of a message is read at most. What goes beyond is refused, since no honest element sends it.

/// Bytes of one message: a UDP datagram can hold no more, and a stream is held to the same.
pub const MESSAGE_BYTES_MAX: usize = 65_535;
/// Bytes of the start line and all headers together.
pub const HEAD_BYTES_MAX: usize = 32_768;
/// Bytes of one header with its continuation lines.
pub const HEADER_BYTES_MAX: usize = 8_192;
/// Headers in a message.
pub const HEADERS_MAX: usize = 256;
/// Hops that a message has come through at most (values of Via).
pub const VIAS_MAX: usize = 100;
/// Parameters behind one value.
pub const PARAMETERS_MAX: usize = 64;
/// Values in one list header (Route, Contact, Identity …).
pub const LIST_VALUES_MAX: usize = 128;
/// Bytes of one PASSporT; a signed header and payload stay under 2 KB in practice.
pub const PASSPORT_BYTES_MAX: usize = 8_192;
/// Bytes of a certificate file as fetched.
pub const CERTIFICATE_FILE_BYTES_MAX: usize = 65_536;
/// Certificates in one file: the signer's and the way up to a root.
pub const CERTIFICATES_IN_FILE_MAX: usize = 6;
/// Certificate files held in memory at once.
pub const CERTIFICATE_FILES_MAX: usize = 10_000;
