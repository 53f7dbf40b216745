//! The message front as one thing that starts and stops.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use kernel::{Clock, Duration, Faults};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use web::{Buckets, Limit};

use super::account::{Account, Shared};
use super::config::{MessageConfig, WarningConfig};
use super::judge::Judge;
use super::spool::{Job, Writer};
use super::{esme, stream, upstream};

/// How often held parts are looked at.
const TICK: std::time::Duration = std::time::Duration::from_millis(50);
/// How often segments of the spool are looked at.
const SWEEP_TICKS: u32 = 1_200;

/// The front cannot start.
#[derive(Debug, thiserror::Error)]
pub enum FrontError {
    /// The configuration has faults.
    #[error("{} faults in the configuration of the message front", .0.0.len())]
    Config(Faults),
    /// The spool cannot be opened.
    #[error("the spool {path}: {why}")]
    Spool {
        /// Its folder.
        path: String,
        /// Why not.
        why: std::io::Error,
    },
    /// The address is taken or not ours.
    #[error("cannot listen on {address}: {why}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why not.
        why: std::io::Error,
    },
    /// Certificates or keys do not read.
    #[error("TLS: {0}")]
    Tls(String),
}

/// Every account.
pub(super) struct Accounts {
    pub(super) shared: Arc<Shared>,
    by_name: HashMap<String, Arc<Account>>,
    pub(super) tries: Buckets,
    connections: AtomicUsize,
    pub(super) warning: Option<WarningConfig>,
}

impl Accounts {
    pub(super) fn find(&self, name: &str) -> Option<Arc<Account>> {
        self.by_name.get(name).cloned()
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<Account>> {
        self.by_name.values()
    }
}

/// The message front at work.
pub struct MessageFront {
    pub(super) accounts: Arc<Accounts>,
    listening: Option<SocketAddr>,
    stop: watch::Sender<bool>,
    running: Mutex<Running>,
}

#[derive(Default)]
struct Running {
    tasks: Vec<JoinHandle<()>>,
    writer: Option<std::thread::JoinHandle<()>>,
}

impl MessageFront {
    /// Opens the spools in `folder`, listens, and binds every account at its SMSC.
    ///
    /// # Errors
    /// Faults of the configuration, a folder that cannot be used, an address that is taken, files that do not fit.
    pub async fn start(
        config: MessageConfig,
        folder: &Path,
        judge: Arc<dyn Judge>,
        clock: Clock,
    ) -> Result<Self, FrontError> {
        config.check().map_err(FrontError::Config)?;
        let spool_fault = |why| FrontError::Spool { path: folder.display().to_string(), why };
        let (writer, thread) = Writer::start().map_err(spool_fault)?;
        let tries = config.limits.bind_tries_per_minute.max(1);
        let system_id = if config.system_id.is_empty() { "shouhu".into() } else { config.system_id };
        let shared = Arc::new(Shared { clock, judge, policy: config.policy, limits: config.limits, writer, system_id });
        let (stop, stopped) = watch::channel(false);
        let mut tasks = Vec::new();
        let mut by_name = HashMap::new();
        let mut recovered = Vec::new();
        let mut links = Vec::new();
        for account in config.accounts {
            let tls = account.upstream.tls.as_ref().map(stream::connector).transpose().map_err(FrontError::Tls)?;
            let (account, held) = Account::open(account, shared.clone(), folder).map_err(spool_fault)?;
            let account = Arc::new(account);
            by_name.insert(account.name().to_owned(), account.clone());
            recovered.push((account.clone(), held));
            links.push((account, tls));
        }
        let interval = Duration(Duration::minutes(1).0 / tries);
        let accounts = Arc::new(Accounts {
            shared,
            by_name,
            tries: Buckets::new(Limit { burst: tries, interval }),
            connections: AtomicUsize::new(0),
            warning: config.warning,
        });
        let tls = config.tls.as_ref().map(stream::acceptor).transpose().map_err(FrontError::Tls)?;
        let mut listening = None;
        if let Some(address) = config.listen {
            let fault = |why| FrontError::Listen { address, why };
            let listener = TcpListener::bind(address).await.map_err(fault)?;
            listening = Some(listener.local_addr().map_err(fault)?);
            tasks.push(tokio::spawn(listen(accounts.clone(), listener, tls, stopped.clone())));
        }
        for (account, held) in recovered {
            account.take_recovered(held).await;
        }
        for (account, tls) in links {
            tasks.push(tokio::spawn(upstream::keep(account.clone(), tls, stopped.clone())));
            tasks.push(tokio::spawn(tick(account, stopped.clone())));
        }
        let running = Mutex::new(Running { tasks, writer: Some(thread) });
        Ok(Self { accounts, listening, stop, running })
    }

    /// Where ESMEs bind, with the port that was chosen.
    pub fn listening(&self) -> Option<SocketAddr> {
        self.listening
    }

    /// Whether the SMSC of an account is bound; nothing when there is no such account.
    pub fn is_linked(&self, account: &str) -> Option<bool> {
        self.accounts.find(account).map(|account| account.is_linked())
    }

    /// Messages that were answered and are not yet with an SMSC, over all accounts.
    pub fn spooled(&self) -> usize {
        self.accounts.all().map(|account| account.spooled()).sum()
    }

    /// Takes no more, lets what was answered reach the disk, and ends. Binds are unbound.
    pub async fn stop(&self) {
        let _told = self.stop.send(true);
        let Running { tasks, writer } =
            std::mem::take(&mut *self.running.lock().unwrap_or_else(PoisonError::into_inner));
        for task in tasks {
            let _ended = task.await;
        }
        self.accounts.shared.writer.send(Job::Stop);
        if let Some(writer) = writer {
            let _ended = tokio::task::spawn_blocking(move || writer.join()).await;
        }
    }
}

async fn listen(
    accounts: Arc<Accounts>,
    listener: TcpListener,
    tls: Option<tokio_rustls::TlsAcceptor>,
    mut stop: watch::Receiver<bool>,
) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.changed() => return,
        };
        let Ok((stream, peer)) = accepted else {
            // Out of descriptors, mostly: others must end first.
            tokio::time::sleep(TICK).await;
            continue;
        };
        if accounts.connections.fetch_add(1, Ordering::Relaxed) >= accounts.shared.limits.connections_max {
            accounts.connections.fetch_sub(1, Ordering::Relaxed);
            metrics::counter!("operator_message_connections_refused_total").increment(1);
            continue;
        }
        let (accounts, tls, stop) = (accounts.clone(), tls.clone(), stop.clone());
        tokio::spawn(async move {
            esme::serve(accounts.clone(), stream, peer, tls, stop).await;
            accounts.connections.fetch_sub(1, Ordering::Relaxed);
        });
    }
}

async fn tick(account: Arc<Account>, mut stop: watch::Receiver<bool>) {
    let mut ticks = 0u32;
    loop {
        tokio::select! {
            () = tokio::time::sleep(TICK) => {}
            _ = stop.changed() => return,
        }
        account.tick().await;
        ticks = ticks.wrapping_add(1);
        if ticks.is_multiple_of(SWEEP_TICKS) {
            account.sweep();
        }
    }
}
