//! Fetches the certificates of PASSporT signers, behind the calls: a call that needs one goes on without.

use std::sync::Arc;
use std::sync::PoisonError;
use std::time::Duration;

use sip::limits::CERTIFICATE_FILE_BYTES_MAX;
use sip::passport::ChainFault;
use tokio::sync::mpsc;

use super::redirect::Shared;

/// URLs that wait to be fetched at most.
pub(crate) const WANTED_MAX: usize = 1_024;
/// Time for one fetch.
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);
/// Seconds after which a certificate is fetched anew.
const KEEP_SECONDS: i64 = 86_400;
/// Seconds after which a failed fetch is tried again.
const RETRY_SECONDS: i64 = 300;

/// Fetches what is asked for until the askers are gone. Only `https` URLs of the configured hosts are followed: the URL
/// stands in a call, and anyone may write anything there.
pub(crate) async fn fetch(shared: Shared, mut wanted: mpsc::Receiver<String>) {
    let client = reqwest::Client::builder()
        .timeout(FETCH_TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .https_only(true)
        .build();
    let client = match client {
        Ok(client) => client,
        Err(problem) => return tracing::error!(%problem, "sip: certificates of signers cannot be fetched"),
    };
    while let Some(url) = wanted.recv().await {
        let now = shared.decider.screening.now().0.div_euclid(1_000_000);
        let Some(certificates) = &shared.decider.certificates else { return };
        {
            let mut certificates = certificates.write().unwrap_or_else(PoisonError::into_inner);
            certificates.forget_before(now - KEEP_SECONDS, now - RETRY_SECONDS);
            if certificates.knows(&url) {
                continue;
            }
        }
        let allowed = Arc::clone(&shared.decider.config);
        let file = if is_allowed(&url, &allowed.settings.passport_hosts) {
            get(&client, &url).await
        } else {
            Err(ChainFault::NotFetched)
        };
        let kept = certificates.write().unwrap_or_else(PoisonError::into_inner).insert(
            &url,
            file.as_deref().map_err(|fault| *fault),
            now,
        );
        if let Err(fault) = kept {
            tracing::warn!(%fault, "sip: the certificate of a signer is not believed");
        }
    }
}

async fn get(client: &reqwest::Client, url: &str) -> Result<Vec<u8>, ChainFault> {
    let mut response = client
        .get(url)
        .send()
        .await
        .and_then(reqwest::Response::error_for_status)
        .map_err(|_| ChainFault::NotFetched)?;
    let mut file = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| ChainFault::NotFetched)? {
        file.extend_from_slice(&chunk);
        if file.len() > CERTIFICATE_FILE_BYTES_MAX {
            return Err(ChainFault::Unreadable);
        }
    }
    Ok(file)
}

fn is_allowed(url: &str, hosts: &[String]) -> bool {
    let Some(rest) = url.strip_prefix("https://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
    let host = authority.split_once(':').map_or(authority, |(host, _)| host);
    hosts.iter().any(|allowed| allowed.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    #[test]
    fn only_configured_hosts_are_asked() {
        let hosts = ["certificates.example.cn".to_owned()];
        let allowed = |url: &str| super::is_allowed(url, &hosts);
        assert!(allowed("https://certificates.example.cn/a.pem"));
        assert!(allowed("https://CERTIFICATES.example.cn:8443/a.pem"));
        assert!(!allowed("http://certificates.example.cn/a.pem"));
        assert!(!allowed("https://certificates.example.cn@10.0.0.1/a.pem"));
        assert!(!allowed("https://10.0.0.1/certificates.example.cn"));
        assert!(!allowed("https://certificates.example.cn.evil.example/a.pem"));
    }
}
