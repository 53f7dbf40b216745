//! Where the proxy forwards to: an address, or a name that the system's resolver is asked about in the background.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use sip::{Scheme, Uri};
use tokio::sync::watch;
use wire::courier::SYSTEM_ROOTS;

use super::parts::Transport;

/// How often a name is asked about.
const RESOLVE_EVERY: Duration = Duration::from_secs(60);
/// The pause after the resolver had no answer.
const RESOLVE_AGAIN: Duration = Duration::from_secs(5);
/// Time for one answer of the resolver.
const RESOLVE_TIMEOUT: Duration = Duration::from_secs(10);
/// Addresses of one name that are used.
const ADDRESSES_MAX: usize = 8;

/// A next hop as configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NextHop {
    host: String,
    port: u16,
    pub(super) transport: Transport,
}

impl NextHop {
    /// Reads `192.0.2.90:5060`, `sbc.example.cn`, `sbc.example.cn:5061;transport=tls`, `sips:sbc.example.cn`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let whole = match text.get(..5).map(str::to_ascii_lowercase) {
            Some(head) if head.starts_with("sip:") || head == "sips:" => text.to_owned(),
            _ => format!("sip:{text}"),
        };
        let uri = Uri::parse(&whole).filter(|uri| uri.user.is_none())?;
        let transport = match (uri.scheme, uri.param("transport").map(str::to_ascii_lowercase).as_deref()) {
            (Scheme::Sips, None | Some("tcp" | "tls")) | (Scheme::Sip, Some("tls")) => Transport::Tls,
            (Scheme::Sip, Some("tcp")) => Transport::Tcp,
            (Scheme::Sip, None | Some("udp")) => Transport::Udp,
            _ => return None,
        };
        let port = uri.port.unwrap_or(if transport == Transport::Tls { 5_061 } else { sip::PORT_DEFAULT });
        Some(Self { host: uri.host.trim_matches(['[', ']']).to_owned(), port, transport }).filter(|hop| hop.port > 0)
    }

    /// The address, where none needs to be asked for.
    pub(super) fn literal(&self) -> Option<SocketAddr> {
        self.host.parse::<IpAddr>().ok().map(|ip| SocketAddr::new(ip, self.port))
    }

    /// The addresses as they are known; renewed in the background for ever. The first answer is waited for, if not for
    /// long: a seat starts without its resolver, too.
    pub(super) async fn addresses(&self) -> (watch::Receiver<Vec<SocketAddr>>, Option<tokio::task::JoinHandle<()>>) {
        if let Some(address) = self.literal() {
            return (watch::channel(vec![address]).1, None);
        }
        let first = self.resolve().await;
        let (told, known) = watch::channel(first.clone().unwrap_or_default());
        let this = self.clone();
        let task = tokio::spawn(async move {
            let mut last = first;
            loop {
                let pause = if last.is_ok() { RESOLVE_EVERY } else { RESOLVE_AGAIN };
                tokio::time::sleep(pause).await;
                last = this.resolve().await;
                match &last {
                    // What was known holds on while the resolver is away.
                    Err(why) => tracing::warn!(host = this.host, why, "sip: the next hop's name has no address now"),
                    Ok(addresses) => {
                        told.send_if_modified(|known| {
                            let other = known != addresses;
                            known.clone_from(addresses);
                            other
                        });
                    }
                }
            }
        });
        (known, Some(task))
    }

    async fn resolve(&self) -> Result<Vec<SocketAddr>, String> {
        let asked = tokio::net::lookup_host((self.host.as_str(), self.port));
        match tokio::time::timeout(RESOLVE_TIMEOUT, asked).await {
            Ok(Ok(found)) => {
                let addresses: Vec<SocketAddr> = found.take(ADDRESSES_MAX).collect();
                if addresses.is_empty() { Err("no address".to_owned()) } else { Ok(addresses) }
            }
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("no answer in time".to_owned()),
        }
    }

    /// What it takes to open TLS to it: the roots that it is trusted by, and its name.
    ///
    /// # Errors
    /// The file cannot be read, or the host is no name.
    pub(super) fn tls(&self, roots_file: Option<&Path>) -> Result<Tls, String> {
        let roots = roots_file.unwrap_or(Path::new(SYSTEM_ROOTS));
        let config = wire::courier::tls_client(Some(roots)).map_err(|error| error.to_string())?;
        let name = ServerName::try_from(self.host.clone()).map_err(|error| error.to_string())?;
        Ok(Tls { connector: tokio_rustls::TlsConnector::from(Arc::new(config)), name })
    }
}

/// What it takes to open TLS to the next hop.
#[derive(Clone)]
pub(super) struct Tls {
    pub(super) connector: tokio_rustls::TlsConnector,
    pub(super) name: ServerName<'static>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_next_hop_is_an_address_or_a_name_with_its_transport() {
        let read = |text: &str| NextHop::parse(text).map(|hop| (hop.host, hop.port, hop.transport));
        let hop = |host: &str, port, transport| Some((host.to_owned(), port, transport));
        assert_eq!(read("192.0.2.90:5080"), hop("192.0.2.90", 5_080, Transport::Udp));
        assert_eq!(read("sbc.example.cn"), hop("sbc.example.cn", 5_060, Transport::Udp));
        assert_eq!(read("sbc.example.cn;transport=tcp"), hop("sbc.example.cn", 5_060, Transport::Tcp));
        assert_eq!(read("sip:sbc.example.cn;transport=TLS"), hop("sbc.example.cn", 5_061, Transport::Tls));
        assert_eq!(read("sips:sbc.example.cn:5070"), hop("sbc.example.cn", 5_070, Transport::Tls));
        assert_eq!(read("[2001:db8::1]:5060"), hop("2001:db8::1", 5_060, Transport::Udp));
        for bad in ["", "a b", "someone@sbc.example.cn", "sbc.example.cn;transport=sctp", "sbc.example.cn:0", "中"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
