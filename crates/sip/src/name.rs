//! Names of headers: in any case, long or compact (RFC 3261 §7.3.3 and the compact forms registered since).

macro_rules! names {
    ($($variant:ident $long:literal $($short:literal)?),+ $(,)?) => {
        /// A header that this crate reads; every other is [`Name::Other`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Name<'a> {
            $(#[doc = concat!("`", $long, "`")] $variant,)+
            /// Any other, as it was written.
            Other(&'a str),
        }

        impl<'a> Name<'a> {
            /// The name in its long form.
            pub fn as_str(self) -> &'a str {
                match self {
                    $(Self::$variant => $long,)+
                    Self::Other(text) => text,
                }
            }

            /// Every header that has a name of its own here.
            pub const KNOWN: &'static [Name<'static>] = &[$(Name::$variant),+];

            fn long(text: &str) -> Option<Name<'static>> {
                // Length and first letter settle nearly all of them before a comparison.
                let first = text.as_bytes().first()?.to_ascii_lowercase();
                $(if text.len() == $long.len() && first == const { first_letter($long) } && text.eq_ignore_ascii_case($long) { return Some(Name::$variant); })+
                None
            }

            fn short(letter: u8) -> Option<Name<'static>> {
                $($(if letter.eq_ignore_ascii_case(&$short) { return Some(Name::$variant); })?)+
                None
            }
        }
    };
}

names! {
    Via "Via" b'v',
    From "From" b'f',
    To "To" b't',
    CallId "Call-ID" b'i',
    CSeq "CSeq",
    MaxForwards "Max-Forwards",
    Contact "Contact" b'm',
    ContentLength "Content-Length" b'l',
    ContentType "Content-Type" b'c',
    Route "Route",
    RecordRoute "Record-Route",
    PAssertedIdentity "P-Asserted-Identity",
    RemotePartyId "Remote-Party-ID",
    Identity "Identity" b'y',
    Diversion "Diversion",
    Date "Date",
    Require "Require",
    ProxyRequire "Proxy-Require",
    Unsupported "Unsupported",
    Supported "Supported" b'k',
    Allow "Allow",
    Reason "Reason",
    CallInfo "Call-Info",
    RetryAfter "Retry-After",
    UserAgent "User-Agent",
    Server "Server",
    Expires "Expires",
    SessionExpires "Session-Expires" b'x',
    Subject "Subject" b's',
    Privacy "Privacy",
}

/// The first letter of a name, for the compiler to compare by.
const fn first_letter(name: &str) -> u8 {
    match name.as_bytes() {
        [first, ..] => first.to_ascii_lowercase(),
        [] => 0,
    }
}

impl<'a> Name<'a> {
    /// Reads a name; `None` where it is no token.
    pub fn parse(text: &'a str) -> Option<Self> {
        match text.as_bytes() {
            [letter] => Self::short(*letter).or_else(|| crate::lex::is_token(text).then_some(Self::Other(text))),
            // The headers of nearly every message come first, by length and first letter, since this runs for each line.
            bytes => {
                let first = bytes.first()?.to_ascii_lowercase();
                let guess = match (bytes.len(), first) {
                    (3, b'v') => Some((Name::Via, "Via")),
                    (4, b'f') => Some((Name::From, "From")),
                    (2, b't') => Some((Name::To, "To")),
                    (7, b'c') if bytes.get(4) == Some(&b'-') => Some((Name::CallId, "Call-ID")),
                    (4, b'c') => Some((Name::CSeq, "CSeq")),
                    (12, b'm') => Some((Name::MaxForwards, "Max-Forwards")),
                    (7, b'c') => Some((Name::Contact, "Contact")),
                    (14, b'c') => Some((Name::ContentLength, "Content-Length")),
                    (12, b'c') => Some((Name::ContentType, "Content-Type")),
                    (10, b'u') => Some((Name::UserAgent, "User-Agent")),
                    (5, b'a') => Some((Name::Allow, "Allow")),
                    (9, b's') => Some((Name::Supported, "Supported")),
                    _ => None,
                };
                match guess {
                    Some((name, long)) if text.eq_ignore_ascii_case(long) => Some(name),
                    _ => Self::long(text).or_else(|| crate::lex::is_token(text).then_some(Self::Other(text))),
                }
            }
        }
    }

    /// Whether a message may have it once at most, in one value.
    pub const fn is_single(self) -> bool {
        matches!(
            self,
            Self::From
                | Self::To
                | Self::CallId
                | Self::CSeq
                | Self::MaxForwards
                | Self::ContentLength
                | Self::ContentType
        )
    }

    /// Whether it is the same header.
    pub fn is(self, other: Name<'_>) -> bool {
        self.as_str().eq_ignore_ascii_case(other.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::Name;

    #[test]
    fn long_compact_and_mixed_case_are_one_name() {
        for (text, name) in [
            ("v", Name::Via),
            ("VIA", Name::Via),
            ("i", Name::CallId),
            ("cAlL-iD", Name::CallId),
            ("m", Name::Contact),
            ("CONTACT", Name::Contact),
            ("l", Name::ContentLength),
            ("y", Name::Identity),
            ("p-asserted-identity", Name::PAssertedIdentity),
        ] {
            assert_eq!(Name::parse(text), Some(name), "{text}");
        }
        assert_eq!(Name::parse("NewFangledHeader"), Some(Name::Other("NewFangledHeader")));
        assert_eq!(Name::parse("bad header"), None);
        assert_eq!(Name::parse(""), None);
        for name in Name::KNOWN {
            assert_eq!(Name::parse(name.as_str()), Some(*name));
        }
    }
}
