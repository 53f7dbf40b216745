//! The police seat put together: its desks, its routes, its inbox, and what it does by itself.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use store::journal::{self, Reaction, Recorded};
use store::timers::{self, Clockwork, Timer};
use store::{BoxError, Db, Migrations, Tx};
use tokio::task::JoinSet;
use utoipa_axum::router::OpenApiRouter;
use wire::{Body, Courier, Directory, HandleError, Handler, Inbox, Keys, Message, Outbox, PartnerId};

use crate::post::Post;
use crate::reactions::Following;
use crate::reveal::CentreReveal;
use crate::{chase, intake, lines, numbers, signals, stop};

/// Everything that the centre's tables need, in order.
pub fn migrations() -> Vec<Migrations> {
    vec![
        store::MIGRATIONS,
        web::MIGRATIONS,
        wire::MIGRATIONS,
        sheet::MIGRATIONS,
        intake::MIGRATIONS,
        stop::MIGRATIONS,
        chase::MIGRATIONS,
        lines::MIGRATIONS,
        numbers::MIGRATIONS,
        signals::MIGRATIONS,
    ]
}

/// What a centre is opened with.
pub struct Config {
    /// A database on which [`migrations`] ran.
    pub db: Db,
    /// Name of this seat.
    pub me: PartnerId,
    /// Its keys.
    pub keys: Keys,
    /// Name of this process among those that share the database.
    pub owner: String,
    /// Certificates trusted when sending; the usual ones where absent.
    pub roots_file: Option<PathBuf>,
    /// Parameters of the stop desk and the chase.
    pub stop: stop::Parameters,
    /// Parameters of the intake desk.
    pub intake: intake::Parameters,
    /// Parameters of the lines desk.
    pub lines: lines::Parameters,
    /// Parameters of the number list.
    pub numbers: numbers::Parameters,
    /// Parameters of the signals desk.
    pub signals: signals::Parameters,
    /// Where the files of whole number lists are written, for operators to fetch.
    pub lists_folder: PathBuf,
    /// The web server.
    pub web: web::Settings,
}

/// The police seat.
pub struct Centre {
    db: Db,
    keys: Keys,
    directory: Directory,
    courier: Courier,
    inbox: Arc<Inbox>,
    stop: stop::Desk,
    chase: chase::Desk,
    intake: intake::Parameters,
    lines: lines::Desk,
    numbers: numbers::Desk,
    signals: signals::Desk,
    web: web::Settings,
}

/// A centre that cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The database.
    #[error("{0}")]
    Store(#[from] store::Error),
    /// Keys or certificates.
    #[error("{0}")]
    Wire(#[from] wire::Error),
    /// A route does not say who may call it.
    #[error(transparent)]
    Routes(#[from] web::Undeclared),
}

/// Writing a whole list may take so long.
const WRITING_LIST_MAX: Duration = Duration::from_secs(20 * 60);

impl Centre {
    /// Opens the seat; call inside a tokio runtime. Nothing runs before [`Centre::run`].
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn open(config: Config) -> Result<Self, OpenError> {
        let directory = Directory::open(&config.db).await?;
        let outbox = Outbox::new(config.me.clone(), config.keys.clone(), config.owner);
        let http = wire::courier::client(config.roots_file.as_deref())?;
        let courier = Courier::new(&config.db, &outbox, &directory, http);
        let post = Post { outbox, directory: directory.clone() };
        let unit = config.stop.unit.as_str().into();
        let stop = stop::Desk { post: post.clone(), parameters: Arc::new(config.stop) };
        let chase = chase::Desk::new(stop.clone());
        let lines = lines::Desk { post: post.clone(), parameters: Arc::new(config.lines), unit };
        let numbers = numbers::Desk {
            post: post.clone(),
            parameters: Arc::new(config.numbers),
            folder: config.lists_folder.into(),
        };
        let signals = signals::Desk { parameters: Arc::new(config.signals) };
        let taking = Taking {
            stop: stop.clone(),
            post,
            intake: config.intake.clone(),
            lines: lines.clone(),
            numbers: numbers.clone(),
            signals: signals.clone(),
        };
        let inbox = Arc::new(Inbox::new(&config.db, &directory, &config.keys, &config.me, taking));
        Ok(Self {
            db: config.db,
            keys: config.keys,
            directory,
            courier,
            inbox,
            stop,
            chase,
            intake: config.intake,
            lines,
            numbers,
            signals,
            web: config.web,
        })
    }

    /// The server of the seat.
    ///
    /// # Errors
    /// A route does not say who may call it.
    pub fn app(&self) -> Result<axum::Router, OpenError> {
        Ok(self.build().build()?)
    }

    /// The OpenAPI document of the seat.
    pub fn openapi(&self) -> utoipa::openapi::OpenApi {
        self.build().openapi()
    }

    fn build(&self) -> web::App {
        let sealer =
            wire::JournalSealer::new(self.keys.clone(), self.directory.clone(), self.stop.post.outbox.me().clone());
        let settings = web::Settings { sealer: Some(Arc::new(sealer)), ..self.web.clone() };
        web::App::new(web::Web::new(self.db.clone(), settings))
            .api(self.routes())
            .raw(wire::router(self.inbox.clone()))
            .raw(numbers::file_router(self.db.clone(), self.numbers.clone()))
            .reveal(Arc::new(CentreReveal))
            .live("report.", "intake.read")
            .live("order.", "stop.read")
            .live("answer.", "stop.read")
            .live_for_all("rule.", "stop.read")
            .live("chase.", "chase.read")
            .live("watch.", "stop.read")
            .live("line.", "lines.read")
            .live("number.", "numbers.read")
            .live_for_all("list.", "numbers.read")
            .live_for_all("signals.", "signals.read")
            .live_for_all("seal.", "stop.read")
            .live("message.", "stop.read")
    }

    fn intake_desk(&self) -> intake::Intake {
        let partners = intake::Partners::from(self.directory.clone());
        intake::Intake::new(self.db.clone(), self.intake.clone(), partners).in_folder(self.numbers.folder.join("sent"))
    }

    fn routes(&self) -> OpenApiRouter {
        let stop = stop::api::Api { db: self.db.clone(), desk: self.stop.clone() };
        let chase = chase::api::Api { db: self.db.clone(), desk: self.chase.clone() };
        let numbers = numbers::Api { db: self.db.clone(), desk: self.numbers.clone() };
        let lines = lines::api::Api { db: self.db.clone(), desk: self.lines.clone(), numbers: self.numbers.clone() };
        let signals = signals::Api { db: self.db.clone(), post: self.stop.post.clone() };
        OpenApiRouter::new()
            .merge(intake::router(self.intake_desk()))
            .merge(stop::api::router(stop))
            .merge(chase::api::router(chase))
            .merge(lines::api::router(lines))
            .merge(numbers::router(numbers))
            .merge(signals::router(signals))
            .merge(crate::waiting::router(crate::waiting::Api { db: self.db.clone(), stop: self.stop.clone() }))
            .merge(crate::counts::router(self.db.clone()))
            .merge(crate::search::router(self.db.clone()))
            .merge(web::partners::router(self.directory.clone()))
    }

    /// Does what the seat does by itself, until the future is dropped: carries messages, follows the journal, handles
    /// timers, seals the journal.
    pub async fn run(self) {
        let db = self.db.clone();
        let mut tasks = JoinSet::new();
        let (courier, directory) = (self.courier.clone(), self.directory.clone());
        tasks.spawn(db.clone().keep_running("courier", move || courier.clone().run()));
        tasks.spawn(db.clone().keep_running("directory", move || directory.clone().keep_up()));
        let (chase, turns) = (self.chase.clone(), db.clone());
        tasks.spawn(db.clone().keep_running("chase.work", move || chase.clone().run(turns.clone())));
        match sheet::job::sweep(&db, &self.numbers.folder.join("sent")).await {
            Ok(removed) => tracing::debug!(removed, "files that were sent before the start were looked through"),
            Err(error) => tracing::warn!(%error, "files that were sent before the start are left to the next one"),
        }
        let intake = self.intake_desk();
        tasks.spawn(db.clone().keep_running("report imports", move || intake.clone().resume_imports()));
        let (importing, list) = (db.clone(), numbers::NumberImport { desk: self.numbers.clone() });
        tasks.spawn(
            db.clone().keep_running("number imports", move || sheet::job::resume(importing.clone(), list.clone())),
        );
        for reaction in self.reactions() {
            let (name, following) = (reaction.name(), db.clone());
            tasks.spawn(db.clone().keep_running(name, move || journal::react(following.clone(), reaction.clone())));
        }
        for desk in self.timed() {
            let timed = db.clone();
            tasks.spawn(db.clone().keep_running(desk.worker(), move || timers::run(timed.clone(), desk.clone())));
        }
        let (sealed, keys) = (db.clone(), self.keys.clone());
        tasks.spawn(db.keep_running("sealing", move || journal::keep_sealed(sealed.clone(), Arc::new(keys.clone()))));
        while let Some(ended) = tasks.join_next().await {
            tracing::error!(?ended, "a worker of the centre is not kept running any more");
        }
    }

    /// Every desk that follows the journal.
    pub fn reactions(&self) -> Vec<Reacting> {
        vec![
            Reacting::Chase(Following::new(self.chase.clone())),
            Reacting::Numbers(numbers::Following { desk: self.numbers.clone() }),
            Reacting::Warning(lines::Warning { desk: self.lines.clone() }),
        ]
    }

    /// Every desk with timers.
    pub fn timed(&self) -> Vec<Timed> {
        vec![
            Timed::Stop(self.stop.clone()),
            Timed::Lines(self.lines.clone()),
            Timed::Numbers(self.numbers.clone()),
            Timed::Signals(self.signals.clone()),
        ]
    }
}

/// A desk that follows the journal.
#[derive(Clone)]
pub enum Reacting {
    /// The chase follows reports and orders.
    Chase(Following),
    /// The number list follows reports.
    Numbers(numbers::Following),
    /// The automatic warning follows the number list.
    Warning(lines::Warning),
}

impl Reaction for Reacting {
    fn name(&self) -> &'static str {
        match self {
            Self::Chase(desk) => desk.name(),
            Self::Numbers(desk) => desk.name(),
            Self::Warning(desk) => desk.name(),
        }
    }

    fn wants(&self, kind: &str) -> bool {
        match self {
            Self::Chase(desk) => desk.wants(kind),
            Self::Numbers(desk) => desk.wants(kind),
            Self::Warning(desk) => desk.wants(kind),
        }
    }

    async fn handle(&self, tx: &mut Tx, entry: &Recorded) -> Result<(), BoxError> {
        match self {
            Self::Chase(desk) => desk.handle(tx, entry).await,
            Self::Numbers(desk) => desk.handle(tx, entry).await,
            Self::Warning(desk) => desk.handle(tx, entry).await,
        }
    }

    async fn finish(&self, tx: &mut Tx) -> Result<(), BoxError> {
        match self {
            Self::Chase(desk) => desk.finish(tx).await,
            Self::Numbers(desk) => desk.finish(tx).await,
            Self::Warning(desk) => desk.finish(tx).await,
        }
    }

    fn abandoned(&self) {
        match self {
            Self::Chase(desk) => desk.abandoned(),
            Self::Numbers(desk) => desk.abandoned(),
            Self::Warning(desk) => desk.abandoned(),
        }
    }
}

/// A desk with timers.
#[derive(Clone)]
pub enum Timed {
    /// Answers that are overdue, orders that expire, stops that end.
    Stop(stop::Desk),
    /// The same of orders about lines.
    Lines(lines::Desk),
    /// Entries that expire, lists that are written.
    Numbers(numbers::Desk),
    /// Old signals.
    Signals(signals::Desk),
}

impl Timed {
    const fn worker(&self) -> &'static str {
        match self {
            Self::Stop(_) => "timers.stop",
            Self::Lines(_) => "timers.line",
            Self::Numbers(_) => "timers.numbers",
            Self::Signals(_) => "timers.signals",
        }
    }
}

impl Clockwork for Timed {
    fn prefix(&self) -> &'static str {
        match self {
            Self::Stop(_) => "stop.",
            Self::Lines(_) => "line.",
            Self::Numbers(_) => "numbers.",
            Self::Signals(_) => "signals.",
        }
    }

    fn kinds(&self) -> &'static [&'static str] {
        match self {
            Self::Stop(_) => stop::TIMERS,
            Self::Lines(_) => lines::TIMERS,
            Self::Numbers(_) => numbers::TIMERS,
            Self::Signals(_) => signals::TIMERS,
        }
    }

    fn journal_subject(&self, timer: &Timer) -> String {
        match self {
            Self::Stop(_) => format!("order:{}", timer.subject),
            Self::Lines(_) => format!("line:{}", timer.subject),
            Self::Numbers(_) | Self::Signals(_) => timer.subject.clone(),
        }
    }

    fn silent_max(&self) -> Duration {
        match self {
            // A list of tens of millions of numbers takes minutes to write.
            Self::Numbers(_) => WRITING_LIST_MAX,
            Self::Stop(_) | Self::Lines(_) | Self::Signals(_) => store::health::SILENT_MAX,
        }
    }

    async fn handle(&self, db: &Db, timer: &Timer) -> Result<(), BoxError> {
        // Writing a whole list takes long: it has a transaction only at its end.
        if let Self::Numbers(desk) = self
            && timer.kind == numbers::OFFER
        {
            return Ok(desk.offer(db, timer).await?);
        }
        let mut tx = db.begin().await?;
        match self {
            Self::Stop(desk) => desk.due(&mut tx, timer).await?,
            Self::Lines(desk) => desk.due(&mut tx, timer).await?,
            Self::Numbers(desk) => desk.due(&mut tx, timer).await?,
            Self::Signals(desk) => desk.due(&mut tx, timer).await?,
        }
        Ok(tx.commit().await?)
    }
}

/// What the centre does with a sealed message.
struct Taking {
    stop: stop::Desk,
    post: Post,
    intake: intake::Parameters,
    lines: lines::Desk,
    numbers: numbers::Desk,
    signals: signals::Desk,
}

impl Handler for Taking {
    async fn handle(&self, tx: &mut Tx, message: &Message) -> Result<(), HandleError> {
        match message.read()? {
            Body::Answer(answer) => self.stop.answer(tx, &message.from, &answer).await?,
            Body::Lapse(lapse) => self.stop.lapse(tx, &message.from, &lapse).await?,
            Body::Movement(push) => self.stop.watched(tx, &message.from, &push).await?,
            Body::Notice(notice) => {
                let banks = intake::BankNames::of(&self.post.directory.book());
                let rules = self.intake.rules(&banks);
                let taken = crate::notices::take(tx, rules, &message.from, &notice).await?;
                let until = tx.now() + kernel::Duration::hours(24);
                let subject = format!("notice:{}", notice.notice_id);
                self.post.send(tx, &message.from, taken, subject, until).await?;
            }
            Body::LineAnswer(answer) => self.lines.answer(tx, &message.from, &answer).await?,
            Body::ListAsk(ask) => self.numbers.asked(tx, &message.from, ask.have).await?,
            Body::ListLift(lift) => self.numbers.lift(tx, &message.from, &lift).await?,
            Body::Signals(signals) => {
                self.signals.take(tx, &message.from, &signals).await?;
                if let Some(number) = signals.list_number.and_then(|number| i64::try_from(number).ok()) {
                    self.numbers.operator_has(tx, &message.from, number).await?;
                }
            }
            Body::Ping => {}
            _ => return Err(HandleError::not_offered(&message.kind)),
        }
        Ok(())
    }
}
