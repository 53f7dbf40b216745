//! The SIP front: redirect server and proxy.
//!
//! The redirect server answers each INVITE from memory: 603 or 608 to a caller that is stopped, 302 to an announcement, and
//! to a clean call whatever the asking switch takes for “go on” (404, 503 or 302). UDP has threads of its own; TCP and TLS
//! run on the async runtime.

mod called;
mod certificates;
mod config;
mod decide;
#[cfg(test)]
mod forms;
mod leave;
mod memory;
mod peers;
mod proxy;
mod redirect;
mod stream;
mod udp;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, RwLock};

use kernel::Text;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sip::TagKey;
use tokio::task::JoinHandle;

pub use config::{BadForm, Clean, Config, Settings, Strangers, TrunkSettings};
pub use proxy::{CallInProgress, Calls, Cut, Progress};
pub use redirect::Counters;

use crate::screening::Screening;
use decide::Decider;
use redirect::Redirect;

/// Texts of this module.
pub const TEXTS: &[Text] = config::TEXTS;

/// Why the front does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// An address could not be bound.
    #[error("{address}: {problem}")]
    Bind {
        /// Which.
        address: SocketAddr,
        /// Why.
        problem: std::io::Error,
    },
    /// A file could not be read, or does not hold what it should.
    #[error("{}: {problem}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        problem: String,
    },
    /// TLS is listened for, and there is no certificate or key.
    #[error("TLS needs tls_certificate and tls_key")]
    NoCertificate,
    /// The operating system gives no random bytes.
    #[error("no random bytes")]
    Random,
}

/// The front while it runs; dropping it stops it.
pub struct SipFront {
    shared: Arc<Redirect>,
    stop: Arc<AtomicBool>,
    threads: Vec<std::thread::JoinHandle<()>>,
    tasks: Vec<JoinHandle<()>>,
    calls: Calls,
    /// Address bound for the proxy.
    pub proxy: Option<SocketAddr>,
    /// Address bound for the proxy's TLS.
    pub proxy_tls: Option<SocketAddr>,
    /// Addresses bound for UDP.
    pub udp: Vec<SocketAddr>,
    /// Addresses bound for TCP.
    pub tcp: Vec<SocketAddr>,
    /// Addresses bound for TLS.
    pub tls: Vec<SocketAddr>,
}

impl SipFront {
    /// Binds every address and starts to answer. Runs within the async runtime.
    pub async fn start(config: Arc<Config>, screening: Arc<Screening>) -> Result<Self, StartError> {
        let settings = config.settings();
        let mut key = [0; 16];
        ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), &mut key).map_err(|_| StartError::Random)?;
        let (wanted, waiting) = tokio::sync::mpsc::channel(certificates::WANTED_MAX);
        let certificates = read_roots(&settings.passport_roots)?.map(RwLock::new);
        let fetches = certificates.is_some();
        let peers = peers::Peers::new(settings.peer_requests_per_second, settings.peer_burst);
        let decider = Decider { config: config.clone(), screening, certificates, wanted };
        let shared = Arc::new(Redirect::new(decider, peers, TagKey::new(key)));
        let mut front = Self {
            shared: shared.clone(),
            stop: Arc::default(),
            threads: Vec::new(),
            tasks: Vec::new(),
            calls: Calls::default(),
            proxy: None,
            proxy_tls: None,
            udp: Vec::new(),
            tcp: Vec::new(),
            tls: Vec::new(),
        };
        for address in &settings.udp {
            let started = udp::start(*address, (settings.udp_threads, settings.real_time), &shared, &front.stop);
            let (bound, threads) = started.map_err(|problem| StartError::Bind { address: *address, problem })?;
            front.udp.push(bound);
            front.threads.extend(threads);
        }
        let streams = stream::Streams::new(shared.clone());
        for address in &settings.tcp {
            let listener = listen(*address).await?;
            front.tcp.extend(listener.local_addr().ok());
            front.tasks.push(tokio::spawn(streams.clone().listen(listener, None)));
        }
        if !settings.tls.is_empty() {
            let acceptor = acceptor(settings)?;
            for address in &settings.tls {
                let listener = listen(*address).await?;
                front.tls.extend(listener.local_addr().ok());
                front.tasks.push(tokio::spawn(streams.clone().listen(listener, Some(acceptor.clone()))));
            }
        }
        if let (Some(address), Some(next_hop)) = (settings.proxy, config.next_hop.clone()) {
            let acceptor = if settings.proxy_tls.is_some() { Some(acceptor(settings)?) } else { None };
            let started = proxy::start(address, next_hop, acceptor, shared.clone()).await?;
            (front.proxy, front.proxy_tls, front.calls) = (Some(started.bound), started.tls, started.calls);
            front.tasks.extend(started.tasks);
        }
        if fetches {
            let roots = settings.passport_tls_roots.as_deref();
            let client =
                wire::courier::client(roots).map_err(|problem| file_error(roots.unwrap_or(Path::new("")), problem))?;
            front.tasks.push(tokio::spawn(certificates::fetch(shared, client, waiting)));
        }
        Ok(front)
    }

    /// Calls in progress, where there is a proxy.
    pub fn calls(&self) -> Calls {
        self.calls.clone()
    }

    /// Counts since the start.
    pub fn counters(&self) -> &Counters {
        &self.shared.counters
    }
}

impl Drop for SipFront {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.tasks.iter().for_each(JoinHandle::abort);
        for thread in self.threads.drain(..) {
            // A thread that panicked has said so already.
            let _ = thread.join();
        }
    }
}

async fn listen(address: SocketAddr) -> Result<tokio::net::TcpListener, StartError> {
    tokio::net::TcpListener::bind(address).await.map_err(|problem| StartError::Bind { address, problem })
}

fn file_error(path: &Path, problem: impl ToString) -> StartError {
    StartError::File { path: path.to_owned(), problem: problem.to_string() }
}

fn read_roots(paths: &[PathBuf]) -> Result<Option<sip::passport::Certificates>, StartError> {
    let mut files = Vec::new();
    for path in paths {
        files.push(std::fs::read(path).map_err(|problem| file_error(path, problem))?);
    }
    let Some(first) = paths.first() else { return Ok(None) };
    let slices: Vec<&[u8]> = files.iter().map(Vec::as_slice).collect();
    sip::passport::Certificates::new(&slices).map(Some).map_err(|fault| file_error(first, fault))
}

fn acceptor(settings: &Settings) -> Result<tokio_rustls::TlsAcceptor, StartError> {
    let (Some(certificate), Some(key)) = (&settings.tls_certificate, &settings.tls_key) else {
        return Err(StartError::NoCertificate);
    };
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|problem| file_error(certificate, problem))?;
    let private = PrivateKeyDer::from_pem_file(key).map_err(|problem| file_error(key, problem))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let server = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, private))
        .map_err(|problem| file_error(certificate, problem))?;
    Ok(tokio_rustls::TlsAcceptor::from(Arc::new(server)))
}
