//! SIP on the wire: messages read and written, PASSporT checked, redress cards signed. Pure.
//!
//! Three readers look at the same bytes. [`Peek`] finds in one pass, without allocating, what screening and answering need;
//! [`parse`] reads a message in full for an element that passes it on. What the second accepts, the first accepts too,
//! with the same values. [`Loose`] reads what can be read of a request that the first refuses, since its caller is judged all
//! the same; [`mend`] makes a well-formed one of it, for calls for help.

mod address;
mod digits;
mod lex;
pub mod limits;
mod loose;
mod mend;
mod message;
mod name;
pub mod passport;
mod peek;
pub mod redress;
mod respond;
pub mod status;
mod stream;
mod tag;
mod uri;
mod via;

pub use address::NameAddr;
pub use lex::{Params, quote, unescape};
pub use loose::{Loose, numbers};
pub use mend::mend;
pub use message::{Bad, First, Message, parse};
pub use name::Name;
pub use peek::{Peek, Refusal, Request, Response, Scrap, Start};
pub use respond::{Answer, PORT_DEFAULT, reply_address, to_tag, write_received};
pub use stream::{Frame, Framer};
pub use tag::TagKey;
pub use uri::{Scheme, Uri};
pub use via::{BRANCH_COOKIE, CSeq, Via};
