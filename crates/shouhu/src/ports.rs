//! Ports that a command needs: looked at before anything is made or removed, and told with who holds them.

use std::net::SocketAddr;

use crate::holder;
use crate::speech::{Exit, Failure, Outcome, fail_because, io_words, texts};

/// What goes over a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// TCP, with or without TLS.
    Tcp,
    /// UDP.
    Udp,
}

/// Goes on only where an address can be listened on. `option` is what names another one.
///
/// # Errors
/// It cannot; with the process that holds it, as far as it can be seen.
pub fn free(address: SocketAddr, transport: Transport, option: &str) -> Outcome {
    let tried = match transport {
        Transport::Tcp => holder::tcp_free(address),
        Transport::Udp => holder::udp_free(address),
    };
    tried.map_err(|error| taken(&address.to_string(), &error, option))
}

/// The words about an address that cannot be listened on.
pub fn taken(address: &str, error: &std::io::Error, option: &str) -> Failure {
    let (mut zh, mut en) = io_words(error);
    let port = address.rsplit(':').next().and_then(|port| port.parse().ok());
    let busy = error.kind() == std::io::ErrorKind::AddrInUse;
    if let Some((pid, command)) = port.filter(|_| busy).and_then(holder::of_port) {
        zh = format!("已被进程 {pid}（{command}）占用");
        en = format!("process {pid} ({command}) holds it");
    }
    fail_because(&texts::LISTEN, Exit::Surroundings, &[("listen", address), ("option", option)], &zh, &en)
}
