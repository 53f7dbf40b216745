//! Status codes and their phrases.

/// The phrase that goes with a status (RFC 3261 §21, RFC 8197, RFC 8688); a general one for a status without its own.
pub const fn phrase(status: u16) -> &'static str {
    match status {
        100 => "Trying",
        180 => "Ringing",
        183 => "Session Progress",
        200 => "OK",
        302 => "Moved Temporarily",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        413 => "Request Entity Too Large",
        416 => "Unsupported URI Scheme",
        420 => "Bad Extension",
        481 => "Call/Transaction Does Not Exist",
        482 => "Loop Detected",
        483 => "Too Many Hops",
        487 => "Request Terminated",
        500 => "Server Internal Error",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        505 => "Version Not Supported",
        513 => "Message Too Large",
        603 => "Decline",
        607 => "Unwanted",
        608 => "Rejected",
        _ => match status / 100 {
            1 => "Progress",
            2 => "OK",
            3 => "Redirect",
            4 => "Request Failure",
            5 => "Server Failure",
            _ => "Global Failure",
        },
    }
}

/// A called person says that the call was unwanted (RFC 8197); one of the best signals there are.
pub const UNWANTED: u16 = 607;
/// An element between caller and called person refused the call (RFC 8688).
pub const REJECTED: u16 = 608;

/// A Reason header (RFC 3326) for a status: `SIP;cause=608;text="Rejected"`.
pub fn reason(cause: u16, text: &str) -> String {
    format!("SIP;cause={cause};text={}", crate::lex::quote(text))
}

/// The protocol and cause of one Reason value: `Q.850;cause=16` gives `("Q.850", 16)`.
pub fn read_reason(value: &str) -> Option<(&str, u16)> {
    let (protocol, rest) = value.split_at_checked(value.find(';')?)?;
    let params = crate::lex::Params::parse(rest)?;
    let protocol = crate::lex::trim(protocol);
    (crate::lex::is_token(protocol)).then_some((protocol, params.get("cause")?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    #[test]
    fn reasons_are_written_and_read() {
        let text = super::reason(608, "a \"listed\" number");
        assert_eq!(text, r#"SIP;cause=608;text="a \"listed\" number""#);
        assert_eq!(super::read_reason(&text), Some(("SIP", 608)));
        assert_eq!(super::read_reason("Q.850 ;cause=16"), Some(("Q.850", 16)));
        assert_eq!(super::read_reason("Q.850"), None);
    }
}
