//! Whom a request calls, and whether it is a call for help that nothing can lead elsewhere.
//!
//! A call for help is never stopped, so a stopped caller has every reason to write one that the next element takes to
//! somebody else: by a routing number (RFC 4694), by `maddr`, by an `@` that is escaped, by a Route. Such a call is judged by
//! its caller, like any other; who is not stopped gets through with it.

use screen::{BareDigits, Number};
use sip::{Loose, Name, NameAddr, Peek, Request, Scheme, Uri};

use super::config::Config;

/// Parameters of an address by which an element sends a call elsewhere than to its number: a routing number, a carrier
/// (RFC 4694), a trunk group (RFC 4904), a host (RFC 3261 §19.1.1).
const ROUTING: [&str; 8] = ["rn", "rn-context", "cic", "cic-context", "tgrp", "trunk-context", "maddr", "route"];

/// Whom a request calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Called {
    /// The number that is written there.
    pub(crate) written: Option<Number>,
    /// The number that the call is judged by: none where a number for help is written and the call may be led elsewhere.
    pub(crate) number: Option<Number>,
}

impl Called {
    fn new(written: Option<Number>, may_go_elsewhere: impl FnOnce() -> bool) -> Self {
        let led_astray = written.is_some_and(Number::calls_for_help) && may_go_elsewhere();
        Self { written, number: written.filter(|_| !led_astray) }
    }

    /// Of a well-formed request.
    pub(crate) fn of(peek: &Peek<'_>, request: &Request<'_>, config: &Config) -> Self {
        Self::new(written(&request.uri, Some(&request.to.uri)), || {
            leads_elsewhere(&request.uri) || peek.values(Name::Route).any(|route| !config.is_own_route(route))
        })
    }

    /// Of one whose form is broken.
    pub(crate) fn loosely(loose: &Loose<'_>, config: &Config) -> Self {
        let Some(uri) = loose.uri.and_then(Uri::parse) else { return Self { written: None, number: None } };
        let to = loose.text(Name::To);
        let to = to.as_deref().and_then(NameAddr::parse);
        Self::new(written(&uri, to.as_ref().map(|to| &to.uri)), || {
            leads_elsewhere(&uri) || loose.texts(Name::Route).any(|route| !config.is_own_route(route.trim()))
        })
    }

    /// Whether help is called by the number that is written: such a call is refused for no form and no limit, and where it may be
    /// led elsewhere ([`Called::helps`]) it is judged by its caller.
    pub(crate) fn asks_for_help(self) -> bool {
        self.written.is_some_and(Number::calls_for_help)
    }

    /// Whether it is a call for help that goes nowhere else.
    pub(crate) fn helps(self) -> bool {
        self.number.is_some_and(Number::calls_for_help)
    }
}

/// Whether something in an address lets an element send the call elsewhere than to its number.
fn leads_elsewhere(uri: &Uri<'_>) -> bool {
    let user = uri.user.map(sip::unescape).unwrap_or_default();
    if !uri.headers.is_empty() || user.contains('@') {
        return true;
    }
    let text = sip::unescape(uri.as_str());
    let mut names =
        text.split([';', '?', '&', '@', ',']).skip(1).map(|one| one.split('=').next().unwrap_or(one).trim());
    names.any(|name| ROUTING.iter().any(|routing| name.eq_ignore_ascii_case(routing)))
}

/// The number that an address stands for, its parameters (`phone-context`) taken into account; that of the service which a
/// `urn:service:` names.
pub(crate) fn number(uri: &Uri<'_>, bare: BareDigits) -> Option<Number> {
    if uri.scheme == Scheme::Service {
        return Number::of_service(uri.service()?);
    }
    let user = uri.user?;
    let text = if uri.scheme == Scheme::Tel { uri.as_str() } else { user };
    // The parameters stand in the user part; what was escaped there is no parameter.
    if text.contains('%') { Number::read_as(&sip::unescape(text), bare) } else { Number::read_as(text, bare) }
}

/// The number that a request calls. The request address decides, since the call is routed by it; To counts where that
/// names no user. Help is believed to be called only where the call will go there: a number for help in To alone would let a
/// stopped caller reach whomever the request address names.
fn written(uri: &Uri<'_>, to: Option<&Uri<'_>>) -> Option<Number> {
    // Some handsets write the service that they call as a user (`sip:sos@…`).
    let read = |uri: &Uri<'_>| number(uri, BareDigits::National).or_else(|| Number::of_service(uri.user?));
    read(uri).or_else(|| {
        let routed_elsewhere = uri.user.is_some() || uri.scheme == Scheme::Service;
        read(to?).filter(|number| !(routed_elsewhere && number.calls_for_help()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(address: &str, expect: &str) {
        let uri = Uri::parse(address).unwrap();
        let written = written(&uri, None).filter(|number| number.calls_for_help());
        let got = match written {
            Some(_) if leads_elsewhere(&uri) => "elsewhere",
            Some(_) => "help",
            None => "other",
        };
        assert_eq!(got, expect, "{address}");
    }

    #[test]
    fn help_is_called_where_nothing_leads_elsewhere() {
        for help in [
            "sip:110@a",
            "sip:110;user=phone@a",
            "sip:110@a;user=phone;transport=tcp",
            "tel:110;phone-context=+86731",
            "sip:110:pw@a",
            "sip:911@a",
            "sip:+112@a",
            "tel:+112",
            "sip:sos@a",
            "SIP:SOS.police@a",
            "urn:service:sos;x=1",
        ] {
            check(help, "help");
        }
        for elsewhere in [
            "tel:110;rn=+8613900139000;npdi",
            "sip:110;rn=+8613900139000@a",
            "sip:110;npdi;RN=+8613900139000@a",
            "sip:110%3Brn=+8613900139000@a",
            "sip:110;%72n=+8613900139000@a",
            "sip:110;cic=+1-6789@a",
            "sip:110;tgrp=x;trunk-context=y@a",
            "sip:110@a;maddr=192.0.2.9",
            "sip:110@a;transport=udp;MADDR=192.0.2.9",
            "sip:110%40x@a",
            "sip:110@a?Route=%3Csip:192.0.2.9%3E",
            "sip:sos;rn=+8613900139000@a",
            "urn:service:sos;rn=+8613900139000",
        ] {
            check(elsewhere, "elsewhere");
        }
        for other in ["sip:+1120@a", "sip:sossy@a", "urn:service:counseling", "sip:9110@a"] {
            check(other, "other");
        }
    }
}
