//! Via and CSeq.

use crate::lex::{Params, cut, is_space, is_token, split_once, trim};
use crate::uri::host_and_port;

/// What RFC 3261 branches begin with; one without it comes from an element of RFC 2543.
pub const BRANCH_COOKIE: &str = "z9hG4bK";

/// One hop that a message came through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Via<'a> {
    /// `UDP`, `TCP`, `TLS`, or whatever an element wrote.
    pub transport: &'a str,
    /// Host of sent-by; an IPv6 address with brackets.
    pub host: &'a str,
    /// Port of sent-by.
    pub port: Option<u16>,
    /// Parameters: `branch`, `received`, `rport` …
    pub params: Params<'a>,
}

impl<'a> Via<'a> {
    /// Reads one value (not a list). `None` where it is none.
    pub fn parse(value: &'a str) -> Option<Self> {
        let (head, rest) = cut(value, b';').ok()?;
        let params = match rest {
            Some(_) => Params::parse(value.get(head.len()..)?)?,
            None => Params::default(),
        };
        let (protocol, rest) = split_once(head, b'/')?;
        let (version, rest) = split_once(rest, b'/')?;
        let rest = rest.get(rest.bytes().position(|b| !is_space(b))?..)?;
        let (transport, sent_by) = rest.split_at_checked(rest.bytes().position(is_space)?)?;
        let (host, port) = host_and_port(trim(sent_by))?;
        let valid = trim(protocol).eq_ignore_ascii_case("SIP") && trim(version) == "2.0" && is_token(transport);
        valid.then_some(Self { transport, host, port, params })
    }

    /// The branch, which names the transaction; `None` also where only the cookie stands (RFC 4475 §3.2.1).
    pub fn branch(&self) -> Option<&'a str> {
        self.params.get("branch").filter(|branch| !branch.is_empty() && *branch != BRANCH_COOKIE)
    }
}

/// Number and method of a request within its dialog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CSeq<'a> {
    /// Below 2³¹.
    pub number: u32,
    /// The method.
    pub method: &'a str,
}

impl<'a> CSeq<'a> {
    /// Reads `314159 INVITE`; `None` where the number is 2³¹ or more (RFC 3261 §8.1.1.5) or the method no token.
    pub fn parse(value: &'a str) -> Option<Self> {
        let value = trim(value);
        let (number, method) = value.split_at_checked(value.bytes().position(|b| !b.is_ascii_digit())?)?;
        let spaced = method.starts_with([' ', '\t', '\r', '\n']);
        let method = trim(method);
        let number = decimal(number)?;
        (spaced && is_token(method) && number < 1 << 31).then_some(Self { number, method })
    }
}

/// Digits only, leading zeros allowed, within 32 bits.
pub(crate) fn decimal(text: &str) -> Option<u32> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn via_with_spaces_and_folds() {
        let via = Via::parse("SIP  / 2.0\r\n /UDP\r\n    192.0.2.2  : 5070 ;branch=390skdjuw; rport").unwrap();
        assert_eq!(
            (via.transport, via.host, via.port, via.branch()),
            ("UDP", "192.0.2.2", Some(5070), Some("390skdjuw"))
        );
        assert_eq!(via.params.get("rport"), Some(""));
        assert_eq!(
            Via::parse("SIP/2.0/UDP [2001:db8::9]:5060;branch=z9hG4bK").map(|v| (v.host, v.branch())),
            Some(("[2001:db8::9]", None))
        );
        for bad in
            ["SIP/2.0/UDP", "SIP/2.0/UDP host;;", "SIP/7.0/UDP host", "SIP/2.0 UDP host", "SIP/2.0/UDP ho st", ""]
        {
            assert_eq!(Via::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn cseq_stays_below_its_bound() {
        assert_eq!(CSeq::parse(" 0009\r\n  INVITE"), Some(CSeq { number: 9, method: "INVITE" }));
        assert_eq!(CSeq::parse("2147483647 ACK").map(|c| c.number), Some(2_147_483_647));
        for bad in ["2147483648 ACK", "36893488147419103232 REGISTER", "-1 ACK", "1ACK", "1", "ACK", "1 A CK", ""] {
            assert_eq!(CSeq::parse(bad), None, "{bad}");
        }
    }
}
