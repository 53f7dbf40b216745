//! The carrier seat put together: screening, fronts, recorder, pages, inbox.

use std::sync::Arc;

use operator::lines::SipCalls;
use operator::message::{MessageFront, ScreeningJudge};
use operator::records::{Keeper, KeeperSettings};
use operator::screening::{Event, Screening};
use operator::sip::SipFront;
use operator::{Operator, Parameters, Settings};
use screen::Screen;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use wire::{Courier, Directory, Inbox, Outbox, PartnerId};

use super::failure;
use crate::config::Config;
use crate::seat::{Seat, fault};
use crate::serve::{Work, me, owner, seal_journal, sealer, web_settings};
use crate::speech::{Exit, Fail, Failure, Outcome, faulty, texts};

/// Calls in progress of the proxy, in the data folder.
const CALLS_FILE: &str = "calls.ndjson";

/// The desk of a seat, with its list, measures and rules in memory, and the channel of what its fronts report.
///
/// # Errors
/// Parameters or the centre's name are wrong, or the database or the list file cannot be used.
pub async fn desk(seat: &Seat) -> Outcome<(Operator, mpsc::Receiver<Event>)> {
    let config = &seat.config;
    let parameters = Parameters::with(&config.parameters).map_err(|faults| faulty(&faults))?;
    let centre = match config.centre.as_str() {
        "" => None,
        id => Some(PartnerId::parse(id).map_err(|fault| faulty(&kernel::Faults(vec![fault.under("centre")])))?),
    };
    let folder = config.data.join("records");
    let keeper = Keeper::open(KeeperSettings { folder: folder.clone(), retention: parameters.retention() })
        .map_err(|error| crate::input::unreadable(&folder, &error))?;
    let (screening, events) = Screening::new(Arc::new(Screen::new()), seat.db.clock().clone());
    let outbox = Outbox::new(me(config)?, seat.keys.clone(), owner(config, seat.db.engine()));
    let directory = Directory::open(&seat.db).await?;
    let feeds = config.feeds.clone();
    feeds.check().map_err(|faults| faulty(&under("feeds", faults)))?;
    let settings = Settings { centre, data: config.data.clone(), list_file: config.list.clone(), parameters, feeds };
    let operator = Operator::new(seat.db.clone(), outbox, directory, screening, keeper, settings);
    operator.seed_rules().await.map_err(failure)?;
    operator.load().await.map_err(failure)?;
    Ok((operator, events))
}

/// The OpenAPI document of a seat.
///
/// # Errors
/// The seat cannot be put together.
pub async fn openapi(seat: &Seat) -> Outcome<utoipa::openapi::OpenApi> {
    let (operator, _events) = desk(seat).await?;
    Ok(app(seat, &operator, None).openapi())
}

fn app(seat: &Seat, operator: &Operator, messages: Option<&MessageFront>) -> web::App {
    let mut settings = web_settings(&seat.config);
    settings.sealer = Some(Arc::new(sealer(seat, operator.directory(), operator.me())));
    let inbox = Inbox::new(&seat.db, operator.directory(), &seat.keys, operator.me(), operator.clone());
    let mut app = web::App::new(web::Web::new(seat.db.clone(), settings))
        .api(web::partners::router(operator.directory().clone()))
        .raw(wire::router(Arc::new(inbox)));
    if let Some(front) = messages {
        app = app.api(operator::message::router(front));
    }
    operator::api::mount(app, operator)
}

/// What must end in order when the seat stops: the fronts first, then what waits in memory is written.
struct Fronts {
    sip: Option<SipFront>,
    messages: Option<Arc<MessageFront>>,
    operator: Operator,
}

impl Drop for Fronts {
    fn drop(&mut self) {
        drop((self.sip.take(), self.messages.take()));
        if let Err(error) = self.operator.records().write() {
            tracing::error!(%error, "the last records of calls could not be written");
        }
    }
}

/// Starts the fronts, and gives the server and what the seat does by itself.
///
/// # Errors
/// The configuration of a front is wrong, or an address is taken.
pub async fn start(seat: &Seat) -> Outcome<(axum::Router, Work)> {
    let (operator, events) = desk(seat).await?;
    let sip = start_sip(&seat.config, &operator).await?;
    let messages = start_messages(seat, &operator).await?;
    let mut app = app(seat, &operator, messages.as_deref());
    if let Some(redress) = &seat.config.redress {
        let card = redress.router(seat.db.clock().clone()).map_err(|faults| faulty(&under("redress", faults)))?;
        app = app.raw(card);
    }
    let router = app.build().map_err(fault)?;
    let http = wire::courier::client(seat.config.roots.as_deref()).map_err(fault)?;
    let courier = Courier::new(&seat.db, operator.outbox(), operator.directory(), http.clone());
    let (db, keys) = (seat.db.clone(), seat.keys.clone());
    let fronts = Fronts { sip, messages, operator: operator.clone() };
    let work = async move {
        let _fronts = fronts;
        let mut tasks = JoinSet::new();
        let directory = operator.directory().clone();
        tasks.spawn(db.clone().keep_running("courier", move || courier.clone().run()));
        tasks.spawn(db.clone().keep_running("directory", move || directory.clone().keep_up()));
        // What the fronts report comes through one channel: whoever reads it cannot be replaced.
        tasks.spawn(db.clone().run_once("recorder", operator.clone().record(events)));
        tasks.spawn(db.clone().run_once("home_register", operator.clone().ask_home_register(http.clone())));
        let (timed, timers) = (operator.clone(), db.clone());
        let run_timers = move || store::timers::run(timers.clone(), timed.clone());
        tasks.spawn(db.clone().keep_running("timers.operator", run_timers));
        tasks.spawn(db.clone().keep_running("operator", move || operator.clone().run(http.clone())));
        tasks.spawn(seal_journal(db, keys));
        while let Some(ended) = tasks.join_next().await {
            tracing::debug!(?ended, "a worker of the carrier seat is done");
        }
    };
    Ok((router, Box::pin(work)))
}

async fn start_sip(config: &Config, operator: &Operator) -> Outcome<Option<SipFront>> {
    let mut settings = config.sip.clone();
    // The card that this seat serves is the one that a 608 names.
    settings.redress_card = settings.redress_card.or_else(|| config.redress.as_ref().map(|card| card.url.clone()));
    settings.calls_file = settings.calls_file.or_else(|| Some(config.data.join(CALLS_FILE)));
    if settings.udp.is_empty() && settings.tcp.is_empty() && settings.tls.is_empty() && settings.proxy.is_none() {
        return Ok(None);
    }
    let checked = settings.check().map_err(|faults| faulty(&under("sip", faults)))?;
    let front = SipFront::start(Arc::new(checked), operator.screening().clone()).await.map_err(front_failure)?;
    if front.calls().are_seen() {
        operator.offer_calls(Arc::new(SipCalls::new(front.calls(), operator.db().clock().clone())));
    }
    tracing::info!(udp = ?front.udp, tcp = ?front.tcp, tls = ?front.tls, "SIP is answered");
    Ok(Some(front))
}

async fn start_messages(seat: &Seat, operator: &Operator) -> Outcome<Option<Arc<MessageFront>>> {
    let Some(config) = seat.config.messages.clone() else { return Ok(None) };
    config.check().map_err(|faults| faulty(&under("messages", faults)))?;
    let warns = config.warning.is_some();
    let folder = seat.config.data.join("messages");
    let judge = Arc::new(ScreeningJudge(operator.screening().clone()));
    let started = MessageFront::start(config, &folder, judge, seat.db.clock().clone()).await;
    let front = Arc::new(started.map_err(front_failure)?);
    if warns {
        operator.offer_warnings(front.clone());
    }
    tracing::info!(smpp = ?front.listening(), "messages are taken");
    Ok(Some(front))
}

fn under(outer: &str, faults: kernel::Faults) -> kernel::Faults {
    kernel::Faults(faults.0.into_iter().map(|fault| fault.under(outer)).collect())
}

fn front_failure(error: impl std::fmt::Display) -> Failure {
    texts::FRONT.fail(Exit::Surroundings, &[("why", &error.to_string())])
}
