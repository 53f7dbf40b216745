//! Running a seat: its server and what it does by itself, until it is told to stop.

use std::sync::Arc;

use bank::Bank;
use tokio::task::JoinSet;
use wire::{Courier, Directory, Inbox, Outbox, PartnerId};

use crate::cli::{SeatKind, Serve};
use crate::config::{self, Absent, Config, Tls};
use crate::output::tell;
use crate::ports::Transport;
use crate::seat::{Making, Seat, fault};
use crate::speech::{Exit, Fail, Failure, Outcome, fail_because, faulty, io_words, texts};
use crate::watchdog::{Outside, Watchdog};

/// Runs a seat until Ctrl-C, SIGTERM, or the end of standard input where that was asked for.
///
/// # Errors
/// The seat cannot be opened, or cannot listen.
pub async fn run(kind: SeatKind, flags: Serve) -> Outcome {
    let config = config::resolve(&flags, Some(kind), Absent::Make)?;
    run_with(config, flags.until_stdin_ends).await
}

/// Runs the seat of a configuration.
///
/// # Errors
/// The seat cannot be opened, or cannot listen.
pub async fn run_with(config: Config, until_stdin_ends: bool) -> Outcome {
    let kind = config.kind;
    let tls = match &config.tls {
        Tls::Here { cert, key } => Some(web::Tls { certificate: cert.clone(), key: key.clone() }),
        Tls::Loopback | Tls::Proxy => None,
    };
    web::start_metrics();
    // Before anything is opened: the port tells at once whether this seat runs already.
    let listening =
        web::Listening::on(config.listen, tls.as_ref()).await.map_err(|error| listen_failure(&config, &error))?;
    let listening = listening.limited(connection_limits(&config));
    fronts_free(&config)?;
    if let Tls::Here { key, .. } = &config.tls {
        crate::private::check_key(key)?;
    }
    let making = if config.stands { Making::Nothing } else { Making::Whole };
    config.make_folder()?;
    let _lock = hold(&config.data, &format!("shouhu {} serve", kind.word()))?;
    let mut seat = Seat::open(config, making).await?;
    seat.trust_authority()?;
    let db = seat.db.clone();
    let (router, work) = match kind {
        SeatKind::Centre => centre(&seat).await?,
        SeatKind::Bank => bank(&seat).await?,
        SeatKind::Operator => crate::operate::serve::start(&seat).await?,
    };
    tracing::info!(seat = seat.config.id, kind = kind.word(), url = listening.url(), database = ?db.engine(), "serving");
    let work = tokio::spawn(work);
    let watchdog = match seat.config.watchdog {
        Some(limit) => {
            let outside = if kind == SeatKind::Operator { Outside::Stays } else { Outside::Ends };
            Some(Watchdog::start(db.clone(), limit, outside).map_err(fault)?)
        }
        None => None,
    };
    // A key made by `keys new` meanwhile is used without a restart.
    let keys = tokio::spawn(seat.keys.clone().keep_up(seat.config.keys()));
    let stamping = match seat.config.timestamp.clone() {
        Some(settings) => Some(tokio::spawn(stamp_journal(db.clone(), seat.config.roots.as_deref(), settings)?)),
        None => None,
    };
    let served = listening.run(router, told_to_stop(until_stdin_ends)).await;
    drop(watchdog);
    work.abort();
    keys.abort();
    if let Some(stamping) = stamping {
        stamping.abort();
    }
    // Ended, not merely told to: nothing may write into a database that closes.
    let _ended = work.await;
    db.close().await;
    tracing::info!(seat = seat.config.id, "stopped");
    served.map_err(|error| listen_failure(&seat.config, &error))
}

/// Takes a data folder for this process.
///
/// # Errors
/// Another process serves it: which.
pub fn hold(folder: &std::path::Path, command: &str) -> Outcome<crate::holder::Held> {
    crate::holder::hold(folder, command).map_err(|refused| match refused {
        crate::holder::Refused::Busy { pid, command } => {
            let data = folder.display().to_string();
            let values = [("data", data.as_str()), ("pid", &pid), ("command", &command)];
            texts::LOCKED.fail(Exit::Surroundings, &values)
        }
        crate::holder::Refused::File(error) => crate::input::unreadable(&folder.join(crate::holder::LOCK_FILE), &error),
    })
}

/// The proxies whose word on the caller's address is believed. Behind one, a seat listens on this machine only, so that
/// whoever connects is the proxy: were it not believed, all the world would be one caller, and a stranger's wrong tries
/// would lock out everybody.
fn proxies(config: &Config) -> Vec<std::net::IpAddr> {
    let mut proxies = config.trusted_proxies.clone();
    if matches!(config.tls, Tls::Proxy) {
        proxies.push(std::net::Ipv4Addr::LOCALHOST.into());
        proxies.push(std::net::Ipv6Addr::LOCALHOST.into());
    }
    proxies
}

/// Everybody stands behind a proxy: its connections are not counted by address.
fn connection_limits(config: &Config) -> web::ConnectionLimits {
    web::ConnectionLimits { proxies: proxies(config), ..web::ConnectionLimits::default() }
}

/// Prints the OpenAPI document of a seat.
///
/// # Errors
/// A seat cannot be made in a temporary folder.
pub async fn print_openapi(kind: SeatKind) -> Outcome {
    let name = format!("shouhu-openapi-{}-{}", std::process::id(), hex::encode(rand::random::<[u8; 8]>()));
    let folder = std::env::temp_dir().join(name);
    let flags = Serve {
        at: crate::cli::SeatAt { data: Some(folder.clone()), ..Default::default() },
        id: Some("seat".to_owned()),
        ..Serve::default()
    };
    let seat = Seat::open(config::resolve(&flags, Some(kind), Absent::Make)?, Making::Whole).await?;
    let document = match kind {
        SeatKind::Centre => open_centre(&seat).await?.openapi(),
        SeatKind::Bank => bank_app(&seat, &bank_desk(&seat).await?).openapi(),
        SeatKind::Operator => crate::operate::serve::openapi(&seat).await?,
    };
    seat.db.close().await;
    std::fs::remove_dir_all(&folder).map_err(|error| crate::input::unreadable(&folder, &error))?;
    tell!("{}", document.to_pretty_json().map_err(fault)?);
    Ok(())
}

/// What a seat does by itself.
pub type Work = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

async fn centre(seat: &Seat) -> Outcome<(axum::Router, Work)> {
    let centre = open_centre(seat).await?;
    let router = centre.app().map_err(fault)?;
    Ok((router, Box::pin(centre.run())))
}

async fn open_centre(seat: &Seat) -> Outcome<centre::Centre> {
    let config = &seat.config;
    centre::Centre::open(centre::Config {
        db: seat.db.clone(),
        me: me(config)?,
        keys: seat.keys.clone(),
        owner: owner(config, seat.db.engine()),
        roots_file: config.roots.clone(),
        stop: config.stop.clone(),
        intake: config.intake.clone(),
        lines: config.lines.clone(),
        numbers: config.numbers.clone(),
        signals: config.signals.clone(),
        lists_folder: config.data.join("lists"),
        web: web_settings(config),
    })
    .await
    .map_err(fault)
}

/// The bank of a seat, for its server and for commands about its books.
///
/// # Errors
/// Its parameters or its directory cannot be read.
pub async fn bank_desk(seat: &Seat) -> Outcome<Bank> {
    let config = &seat.config;
    let centre =
        PartnerId::parse(&config.centre).map_err(|fault| faulty(&kernel::Faults(vec![fault.under("centre")])))?;
    let mut settings = bank::Settings::new(centre);
    settings.institution = match config.institution {
        crate::cli::Institution::Bank => bank::Institution::Bank,
        crate::cli::Institution::Payment => bank::Institution::Payment,
    };
    settings.parameters = bank::Parameters::with(&config.parameters).map_err(|faults| faulty(&faults))?;
    settings.offer = bank::order::Offer::parse(&config.offer).map_err(|faults| faulty(&faults))?;
    settings.stop_behind_stop = config.stop_behind_stop;
    let outbox = Outbox::new(me(config)?, seat.keys.clone(), owner(config, seat.db.engine()));
    let directory = Directory::open(&seat.db).await?;
    Ok(Bank::new(seat.db.clone(), outbox, directory, settings))
}

fn bank_app(seat: &Seat, bank: &Bank) -> web::App {
    let mut settings = web_settings(&seat.config);
    settings.sealer = Some(Arc::new(sealer(seat, bank.directory(), bank.me())));
    let inbox = Inbox::new(&seat.db, bank.directory(), &seat.keys, bank.me(), bank.clone());
    let app = web::App::new(web::Web::new(seat.db.clone(), settings))
        .api(web::partners::router(bank.directory().clone()))
        .raw(wire::router(Arc::new(inbox)));
    bank::api::mount(app, bank)
}

async fn bank(seat: &Seat) -> Outcome<(axum::Router, Work)> {
    let bank = bank_desk(seat).await?;
    let router = bank_app(seat, &bank).build().map_err(fault)?;
    let http = wire::courier::client(seat.config.roots.as_deref()).map_err(fault)?;
    let courier = Courier::new(&seat.db, bank.outbox(), bank.directory(), http);
    let (db, keys) = (seat.db.clone(), seat.keys.clone());
    let work = async move {
        let mut tasks = JoinSet::new();
        let directory = bank.directory().clone();
        tasks.spawn(db.clone().keep_running("courier", move || courier.clone().run()));
        tasks.spawn(db.clone().keep_running("directory", move || directory.clone().keep_up()));
        tasks.spawn(db.clone().keep_running("timers.bank", move || bank.clone().run()));
        tasks.spawn(seal_journal(db, keys));
        while let Some(ended) = tasks.join_next().await {
            tracing::error!(?ended, "a worker of the bank is not kept running any more");
        }
    };
    Ok((router, Box::pin(work)))
}

/// By what the journal of a seat is sealed and verified.
pub fn sealer(seat: &Seat, directory: &Directory, me: &PartnerId) -> wire::JournalSealer {
    wire::JournalSealer::new(seat.keys.clone(), directory.clone(), me.clone())
}

/// Has the journal time-stamped again and again.
fn stamp_journal(
    db: store::Db,
    roots: Option<&std::path::Path>,
    settings: crate::stamping::Settings,
) -> Outcome<impl Future<Output = ()> + Send + use<>> {
    let http = wire::courier::client(roots).map_err(fault)?;
    let stamped = db.clone();
    let run = move || crate::stamping::keep_stamped(stamped.clone(), http.clone(), settings.clone());
    Ok(db.keep_running("timestamping", run))
}

/// Seals the head of a journal again and again.
pub async fn seal_journal(db: store::Db, keys: wire::Keys) {
    let sealed = db.clone();
    db.keep_running("sealing", move || store::journal::keep_sealed(sealed.clone(), Arc::new(keys.clone()))).await;
}

/// The web server of a seat.
pub fn web_settings(config: &Config) -> web::Settings {
    let seat = web::Seat {
        kind: config.kind.word(),
        id: config.id.clone(),
        zh: config.name.clone(),
        en: config.name_en.clone(),
    };
    let transport = match config.tls {
        Tls::Loopback => web::Transport::Plain,
        Tls::Proxy | Tls::Here { .. } => web::Transport::Tls,
    };
    let mut settings = web::Settings::new(seat, transport);
    settings.trusted_proxies = proxies(config);
    settings.oidc.clone_from(&config.oidc);
    settings.second_factor = match config.second_factor {
        crate::cli::SecondFactor::Administrators => web::SecondFactor::Administrators,
        crate::cli::SecondFactor::Optional => web::SecondFactor::Optional,
    };
    settings
}

/// The name of a seat among its partners.
///
/// # Errors
/// It is not a name.
pub fn me(config: &Config) -> Outcome<PartnerId> {
    PartnerId::parse(&config.id).map_err(|fault| faulty(&kernel::Faults(vec![fault.under("id")])))
}

/// The name of this process among those that may share the database. An embedded database has one process, which goes
/// on at once with what it had under way when it died; on a server each process has a name of its own.
pub fn owner(config: &Config, engine: store::Engine) -> String {
    match engine {
        store::Engine::Sqlite => config.id.clone(),
        store::Engine::Postgres => {
            format!("{}-{}-{}", config.id, std::process::id(), hex::encode(rand::random::<[u8; 4]>()))
        }
    }
}

fn listen_failure(config: &Config, error: &web::ServeError) -> Failure {
    let listen = config.listen.to_string();
    match error {
        web::ServeError::Listen(_, error) => crate::ports::taken(&listen, error, "--listen"),
        web::ServeError::Tls { certificate, key, why } => {
            let (zh, en) = io_words(why);
            fail_because(&texts::TLS_FILES, Exit::Surroundings, &[("cert", certificate), ("key", key)], &zh, &en)
        }
        other => texts::FAULT.fail(Exit::Fault, &[("why", &other.to_string())]),
    }
}

/// Looks whether the ports of the fronts are free, before anything is opened or made for them.
fn fronts_free(config: &Config) -> Outcome {
    if config.kind != SeatKind::Operator {
        return Ok(());
    }
    let sip = &config.sip;
    let streams =
        sip.tcp.iter().chain(&sip.tls).chain(&sip.proxy).chain(&sip.proxy_tls).map(|at| (*at, Transport::Tcp));
    let datagrams = sip.udp.iter().chain(&sip.proxy).map(|at| (*at, Transport::Udp));
    for (address, transport) in streams.chain(datagrams) {
        crate::ports::free(address, transport, "--sip")?;
    }
    match config.messages.as_ref().and_then(|messages| messages.listen) {
        Some(address) => crate::ports::free(address, Transport::Tcp, "--smpp"),
        None => Ok(()),
    }
}

async fn told_to_stop(until_stdin_ends: bool) {
    if !until_stdin_ends {
        return web::told_to_stop().await;
    }
    let (ended, end) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let _read = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
        let _told = ended.send(());
    });
    tokio::select! {
        () = web::told_to_stop() => {}
        _ended = end => {}
    }
}
