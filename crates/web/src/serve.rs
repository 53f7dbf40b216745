//! The listening server: plain HTTP on loopback, TLS everywhere else, and an orderly end.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use axum::Router;
use axum_server::Handle;
use axum_server::accept::DefaultAcceptor;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use hyper_util::server::conn::auto::Builder;

use crate::connections::{ConnectionLimits, Counted};

/// How long open requests may go on after the signal to stop; event streams are cut then.
const GRACE: Duration = Duration::from_secs(5);
/// Requests that one connection of HTTP/2 carries at once.
const STREAMS_MAX: u32 = 64;

/// Certificate and key, PEM.
#[derive(Debug, Clone)]
pub struct Tls {
    /// Certificate chain, the server's own first.
    pub certificate: PathBuf,
    /// Private key.
    pub key: PathBuf,
}

/// The server cannot listen.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Plain HTTP was asked for on an address that others reach.
    #[error("{0} is not loopback: give a certificate and a key for TLS, or listen on 127.0.0.1")]
    PlainOutside(SocketAddr),
    /// The address is taken or not ours.
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, std::io::Error),
    /// Certificate or key cannot be read.
    #[error("cannot use {certificate} and {key}: {why}")]
    Tls {
        /// The certificate's file.
        certificate: String,
        /// The key's file.
        key: String,
        /// Why not.
        why: std::io::Error,
    },
    /// The server broke.
    #[error("the server stopped: {0}")]
    Broke(std::io::Error),
}

/// A socket that listens already, so that the address is known before the first request.
#[derive(Debug)]
pub struct Listening {
    listener: std::net::TcpListener,
    address: SocketAddr,
    tls: Option<RustlsConfig>,
    limits: ConnectionLimits,
}

impl Listening {
    /// Takes the address; port 0 chooses a free one.
    ///
    /// # Errors
    /// Plain HTTP outside loopback, an address that is taken, or files that do not fit.
    pub async fn on(address: SocketAddr, tls: Option<&Tls>) -> Result<Self, ServeError> {
        if tls.is_none() && !address.ip().is_loopback() {
            return Err(ServeError::PlainOutside(address));
        }
        let tls = match tls {
            None => None,
            Some(tls) => {
                // Another provider may be in place already; then that one is used.
                let _installed = rustls::crypto::ring::default_provider().install_default();
                let config = RustlsConfig::from_pem_file(&tls.certificate, &tls.key).await;
                Some(config.map_err(|why| ServeError::Tls {
                    certificate: tls.certificate.display().to_string(),
                    key: tls.key.display().to_string(),
                    why,
                })?)
            }
        };
        let refused = |e| ServeError::Listen(address, e);
        let listener = std::net::TcpListener::bind(address).map_err(refused)?;
        listener.set_nonblocking(true).map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        Ok(Self { listener, address, tls, limits: ConnectionLimits::default() })
    }

    /// With other limits on connections than the usual ones.
    pub fn limited(self, limits: ConnectionLimits) -> Self {
        Self { limits, ..self }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:8430`, for printing and for callers on the same machine.
    pub fn url(&self) -> String {
        format!("{}://{}", if self.tls.is_some() { "https" } else { "http" }, self.address)
    }

    /// Serves until `shutdown` is ready, then lets open requests end within a few seconds.
    ///
    /// # Errors
    /// The socket broke.
    pub async fn run(
        self,
        router: Router,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), ServeError> {
        let handle = Handle::new();
        let stopper = tokio::spawn({
            let handle = handle.clone();
            async move {
                shutdown.await;
                handle.graceful_shutdown(Some(GRACE));
            }
        });
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let server = axum_server::from_tcp(self.listener).map_err(ServeError::Broke)?.handle(handle);
        let limits = self.limits;
        let outcome = match self.tls {
            None => {
                let mut server = server.acceptor(Counted::new(DefaultAcceptor::new(), limits.clone()));
                hurried(server.http_builder(), &limits);
                server.serve(service).await
            }
            Some(config) => {
                let tls = RustlsAcceptor::new(config).handshake_timeout(limits.head_time_max);
                let mut server = server.acceptor(Counted::new(tls, limits.clone()));
                hurried(server.http_builder(), &limits);
                server.serve(service).await
            }
        };
        stopper.abort();
        outcome.map_err(ServeError::Broke)
    }
}

/// A head must come in time, on a kept connection too.
fn hurried(builder: &mut Builder<TokioExecutor>, limits: &ConnectionLimits) {
    builder.http1().timer(TokioTimer::new()).header_read_timeout(limits.head_time_max);
    builder.http2().timer(TokioTimer::new()).max_concurrent_streams(STREAMS_MAX);
}

/// Takes the address and serves until `shutdown` is ready.
///
/// # Errors
/// As [`Listening::on`] and [`Listening::run`].
pub async fn serve(
    router: Router,
    address: SocketAddr,
    tls: Option<&Tls>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    Listening::on(address, tls).await?.run(router, shutdown).await
}

/// Ready when the process is told to stop: Ctrl-C, or SIGTERM.
pub async fn told_to_stop() {
    let ctrl_c = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending::<()>().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = ctrl_c => {}
        () = terminate => {}
    }
}
