//! Connections, plain or over TLS, as two halves.

use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::config::{TlsFiles, UpstreamConfig, UpstreamTls};
use super::outbox::Outbox;

pub(super) type Reading = Box<dyn AsyncRead + Send + Unpin>;
pub(super) type Writing = Box<dyn AsyncWrite + Send + Unpin>;

/// A TLS handshake or a connection takes so long at most.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(10);
/// A peer that takes nothing for so long is let go.
const WRITE_TIME_MAX: Duration = Duration::from_secs(30);

/// What accepts TLS with the given files.
pub(super) fn acceptor(files: &TlsFiles) -> Result<TlsAcceptor, String> {
    let say = |path: &std::path::Path, e: &dyn std::fmt::Display| format!("{}: {e}", path.display());
    let chain = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|e| say(&files.certificate, &e))?;
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|e| say(&files.key, &e))?;
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
        .map_err(|e| say(&files.certificate, &e))?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// What connects over TLS, trusting the given authorities only.
pub(super) fn connector(tls: &UpstreamTls) -> Result<(TlsConnector, ServerName<'static>), String> {
    let say = |e: &dyn std::fmt::Display| format!("{}: {e}", tls.authorities.display());
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(&tls.authorities).map_err(|e| say(&e))? {
        roots.add(certificate.map_err(|e| say(&e))?).map_err(|e| say(&e))?;
    }
    let config = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|e| say(&e))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(tls.server_name.clone()).map_err(|e| e.to_string())?;
    Ok((TlsConnector::from(Arc::new(config)), name))
}

/// Takes a connection of an ESME.
pub(super) async fn accept(stream: TcpStream, tls: Option<&TlsAcceptor>) -> std::io::Result<(Reading, Writing)> {
    stream.set_nodelay(true)?;
    let Some(tls) = tls else { return Ok(plain(stream)) };
    let stream = tokio::time::timeout(CONNECT_TIME_MAX, tls.accept(stream)).await??;
    let (reading, writing) = tokio::io::split(stream);
    Ok((Box::new(reading), Box::new(writing)))
}

/// Connects to the SMSC.
pub(super) async fn connect(
    config: &UpstreamConfig,
    tls: Option<&(TlsConnector, ServerName<'static>)>,
) -> std::io::Result<(Reading, Writing)> {
    let stream = tokio::time::timeout(CONNECT_TIME_MAX, TcpStream::connect(&config.address)).await??;
    stream.set_nodelay(true)?;
    let Some((connector, name)) = tls else { return Ok(plain(stream)) };
    let stream = tokio::time::timeout(CONNECT_TIME_MAX, connector.connect(name.clone(), stream)).await??;
    let (reading, writing) = tokio::io::split(stream);
    Ok((Box::new(reading), Box::new(writing)))
}

fn plain(stream: TcpStream) -> (Reading, Writing) {
    let (reading, writing) = stream.into_split();
    (Box::new(reading), Box::new(writing))
}

/// Writes what an outbox holds until it is closed or the peer takes no more; then closes both.
pub(super) async fn write_out(outbox: Arc<Outbox>, mut writing: Writing) {
    let mut octets = Vec::new();
    while outbox.next(&mut octets).await {
        match tokio::time::timeout(WRITE_TIME_MAX, writing.write_all(&octets)).await {
            Ok(Ok(())) => octets.clear(),
            Ok(Err(_)) | Err(_) => break,
        }
    }
    outbox.close();
    let _closed = tokio::time::timeout(CONNECT_TIME_MAX, writing.shutdown()).await;
}
