//! Fetches the certificates of PASSporT signers, behind the calls: a call that needs one goes on without.

use std::collections::HashSet;
use std::sync::PoisonError;
use std::time::Duration;

use sip::limits::CERTIFICATE_FILE_BYTES_MAX;
use sip::passport::ChainFault;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::redirect::Shared;

/// URLs that wait to be fetched at most.
pub(crate) const WANTED_MAX: usize = 1_024;
/// Files fetched at once: a host that says nothing holds up no other.
const AT_ONCE_MAX: usize = 16;
/// Time for one fetch.
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);
/// Seconds after which a certificate is fetched anew; until that succeeds the old one holds.
const RENEW_SECONDS: i64 = 86_400;
/// Seconds after which one that could not be renewed is forgotten.
const KEEP_SECONDS: i64 = 7 * 86_400;
/// Seconds after which a failed fetch is tried again.
const RETRY_SECONDS: i64 = 300;
/// Seconds between two looks at what is old.
const LOOK_SECONDS: i64 = 60;
/// How often the clock is asked whether it is time to look.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Fetches what is asked for until the askers are gone. Only `https` URLs of the configured hosts are followed: the URL
/// stands in a call, and anyone may write anything there.
pub(crate) async fn fetch(shared: Shared, client: reqwest::Client, mut wanted: mpsc::Receiver<String>) {
    let (mut under_way, mut fetching) = (HashSet::new(), JoinSet::new());
    let (mut tick, mut looked) = (tokio::time::interval(LOOK_EVERY), now_seconds(&shared));
    let start = |url: String, under_way: &mut HashSet<String>, fetching: &mut JoinSet<_>| {
        if !under_way.insert(url.clone()) {
            return;
        }
        let (client, allowed) = (client.clone(), is_allowed(&url, &shared.decider.config.settings.passport_hosts));
        fetching.spawn(async move {
            let file = if allowed { get(&client, &url).await } else { Err(ChainFault::NotFetched) };
            (url, file)
        });
    };
    loop {
        tokio::select! {
            url = wanted.recv(), if fetching.len() < AT_ONCE_MAX => {
                let Some(url) = url else { return };
                if !is_known(&shared, &url) {
                    start(url, &mut under_way, &mut fetching);
                }
            }
            _ = tick.tick(), if fetching.len() < AT_ONCE_MAX => {
                let now = now_seconds(&shared);
                if now - looked >= LOOK_SECONDS {
                    looked = now;
                    for url in old(&shared, now).into_iter().take(AT_ONCE_MAX) {
                        start(url, &mut under_way, &mut fetching);
                    }
                }
            }
            Some(fetched) = fetching.join_next() => {
                if let Ok((url, file)) = fetched {
                    under_way.remove(&url);
                    keep(&shared, &url, file);
                }
            }
        }
    }
}

fn now_seconds(shared: &Shared) -> i64 {
    shared.decider.screening.now().0.div_euclid(1_000_000)
}

fn is_known(shared: &Shared, url: &str) -> bool {
    let Some(certificates) = &shared.decider.certificates else { return true };
    certificates.read().unwrap_or_else(PoisonError::into_inner).knows(url)
}

/// Forgets what is too old, faults too, and gives what is to be fetched anew.
fn old(shared: &Shared, now: i64) -> Vec<String> {
    let Some(certificates) = &shared.decider.certificates else { return Vec::new() };
    let mut certificates = certificates.write().unwrap_or_else(PoisonError::into_inner);
    certificates.forget_before(now - KEEP_SECONDS, now - RETRY_SECONDS);
    certificates.taken_before(now - RENEW_SECONDS)
}

fn keep(shared: &Shared, url: &str, file: Result<Vec<u8>, ChainFault>) {
    let Some(certificates) = &shared.decider.certificates else { return };
    let mut certificates = certificates.write().unwrap_or_else(PoisonError::into_inner);
    // A host that is away for a moment takes no certificate away.
    if file == Err(ChainFault::NotFetched) && certificates.holds(url) {
        return;
    }
    let kept = certificates.insert(url, file.as_deref().map_err(|fault| *fault), now_seconds(shared));
    if let Err(fault) = kept {
        // The URL is whatever a caller wrote; its host alone is worth a word.
        let host: String = authority(url).unwrap_or("?").chars().take(100).collect();
        tracing::warn!(%fault, host, "sip: the certificate of a signer is not believed");
    }
}

async fn get(client: &reqwest::Client, url: &str) -> Result<Vec<u8>, ChainFault> {
    let mut response = client
        .get(url)
        .timeout(FETCH_TIMEOUT)
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

fn authority(url: &str) -> Option<&str> {
    url.strip_prefix("https://").map(|rest| rest.split(['/', '?', '#']).next().unwrap_or(""))
}

fn is_allowed(url: &str, hosts: &[String]) -> bool {
    let Some(authority) = authority(url) else { return false };
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
