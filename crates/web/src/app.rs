//! How a seat puts its web server together.

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::{Extension, Router, middleware};
use kernel::Duration;
use store::Db;
use store::journal::Sealer;
use tower_http::compression::CompressionLayer;
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;

use crate::bodies::{BodyLimits, Room};
use crate::events::Latest;
use crate::gate::{Gate, Undeclared};
use crate::idempotency::InFlight;
use crate::login::Limits;
use crate::oidc::{Oidc, OidcSettings};
use crate::reveal::{NothingToReveal, Reveal};
use crate::strangers::{self, Strangers};
use crate::{Problem, around, console, document, gate, idempotency, operations, session, shared};

/// Largest body that a route takes unless it says otherwise, in bytes.
pub const BODY_BYTES_MAX: usize = 1 << 20;

/// Whether the server speaks TLS; decides on the cookie's name and HSTS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// HTTP on loopback.
    Plain,
    /// HTTPS, here or at a proxy in front.
    Tls,
}

/// Which seat this is.
#[derive(Debug, Clone)]
pub struct Seat {
    /// `centre`, `bank` or `operator`.
    pub kind: &'static str,
    /// For instance `centre-43`.
    pub id: String,
    /// Name to be shown, in Chinese.
    pub zh: String,
    /// Name to be shown, in English.
    pub en: String,
}

/// Who may read `/metrics`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricsAccess {
    /// Only callers on the same machine.
    Loopback,
    /// Everybody who reaches the port.
    Everyone,
}

/// Who needs a second factor besides the password; the single sign-on has its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecondFactor {
    /// Whoever may change users. Without an authenticator he can do nothing at log-in but enrol one.
    Administrators,
    /// Nobody needs one; whoever enrols one is asked for it.
    Optional,
}

/// What a seat decides about its web server. [`Settings::new`] has the usual choices.
#[derive(Clone)]
pub struct Settings {
    /// Which seat this is.
    pub seat: Seat,
    /// TLS or not.
    pub transport: Transport,
    /// A session ends so long after log-in.
    pub session_life: Duration,
    /// A session that is not used for so long ends.
    pub session_idle: Duration,
    /// Addresses of proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<std::net::IpAddr>,
    /// Who may read `/metrics`.
    pub metrics: MetricsAccess,
    /// Single sign-on, where there is one.
    pub oidc: Option<OidcSettings>,
    /// Who needs a second factor.
    pub second_factor: SecondFactor,
    /// How slowly bodies may come, and how many bytes of them are held at once.
    pub bodies: BodyLimits,
    /// Checks the seals of the journal; without it verification looks at the chain alone.
    pub sealer: Option<Arc<dyn Sealer>>,
}

impl Settings {
    /// The usual choices: 12 hours of session, 2 hours idle, metrics on loopback. A second factor is asked of nobody
    /// here; the command line asks it of administrators unless the seat's file says otherwise.
    pub fn new(seat: Seat, transport: Transport) -> Self {
        Self {
            seat,
            transport,
            session_life: Duration::hours(12),
            session_idle: Duration::hours(2),
            trusted_proxies: Vec::new(),
            metrics: MetricsAccess::Loopback,
            oidc: None,
            second_factor: SecondFactor::Optional,
            bodies: BodyLimits::default(),
            sealer: None,
        }
    }
}

/// What all routes share; cheap to clone.
#[derive(Clone)]
pub struct Web(Arc<Inner>);

struct Inner {
    db: Db,
    settings: Settings,
    limits: Limits,
    in_flight: InFlight,
    latest: Latest,
    strangers: Strangers,
    oidc: Option<Oidc>,
    room: Room,
}

impl Web {
    /// Over an open database on which [`crate::MIGRATIONS`] ran.
    pub fn new(db: Db, settings: Settings) -> Self {
        let oidc = settings.oidc.clone().map(Oidc::new);
        let room = Room::new(settings.bodies);
        Self(Arc::new(Inner {
            db,
            settings,
            limits: Limits::default(),
            in_flight: InFlight::default(),
            latest: Latest::default(),
            strangers: Strangers::default(),
            oidc,
            room,
        }))
    }

    /// The database.
    pub fn db(&self) -> &Db {
        &self.0.db
    }

    /// What the seat decided.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.0.limits
    }

    pub(crate) fn in_flight(&self) -> &InFlight {
        &self.0.in_flight
    }

    pub(crate) fn latest(&self) -> &Latest {
        &self.0.latest
    }

    pub(crate) fn strangers(&self) -> &Strangers {
        &self.0.strangers
    }

    pub(crate) fn room(&self) -> &Room {
        &self.0.room
    }

    pub(crate) fn oidc(&self) -> Option<&Oidc> {
        self.0.oidc.as_ref()
    }
}

/// What the seat hangs into the shared routes.
pub(crate) struct Wiring {
    pub(crate) reveal: Arc<dyn Reveal>,
    pub(crate) live: Vec<Live>,
}

/// Which kinds of entries a right lets one see live.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Live {
    /// How the kinds begin.
    pub(crate) prefix: &'static str,
    pub(crate) right: &'static str,
    pub(crate) reach: Reach,
}

/// Whom an entry concerns that names no region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Those whose scope is the whole seat: it may be any city's.
    Region,
    /// Everybody with the right.
    Seat,
}

/// The server of a seat, being put together.
pub struct App {
    web: Web,
    api: OpenApiRouter,
    raw: Router,
    reveal: Arc<dyn Reveal>,
    live: Vec<Live>,
    clashes: Vec<String>,
}

impl App {
    /// With the shared routes.
    pub fn new(web: Web) -> Self {
        Self {
            api: shared::router(&web),
            web,
            raw: Router::new(),
            reveal: Arc::new(NothingToReveal),
            live: ["user.", "session."]
                .map(|prefix| Live { prefix, right: "users.write", reach: Reach::Region })
                .into(),
            clashes: Vec::new(),
        }
    }

    /// Adds routes of a desk; their paths are written without `/api`, under which they come to stand. The desk's own
    /// state is put in before (`OpenApiRouter::with_state`). Each operation declares who may call it by `security`.
    pub fn api(mut self, routes: OpenApiRouter) -> Self {
        self.clashes.extend(clashes(self.api.get_openapi(), routes.get_openapi()));
        self.api = self.api.merge(routes);
        self
    }

    /// Adds routes that stand outside `/api` and check for themselves who calls: those between seats. An address that
    /// has not yet shown a valid seal is held back when it knocks too often.
    pub fn raw(mut self, routes: Router) -> Self {
        self.raw = self.raw.merge(routes);
        self
    }

    /// Says how personal data is found for `/api/reveal`.
    pub fn reveal(mut self, reveal: Arc<dyn Reveal>) -> Self {
        self.reveal = reveal;
        self
    }

    /// Says which journal entries a right lets one see live: a prefix of kinds (`order.`) and the right
    /// (`stop.read`). Who has `journal.read` sees all; kinds without a right are seen by nobody else. An entry that names
    /// no region is seen only by those whose scope is the whole seat.
    pub fn live(mut self, prefix: &'static str, right: &'static str) -> Self {
        self.live.push(Live { prefix, right, reach: Reach::Region });
        self
    }

    /// The same for kinds whose entries concern the whole seat where they name no region, such as a list that was
    /// published: whoever has the right sees them, whatever his scope.
    pub fn live_for_all(mut self, prefix: &'static str, right: &'static str) -> Self {
        self.live.push(Live { prefix, right, reach: Reach::Seat });
        self
    }

    /// The OpenAPI document of all routes under `/api`.
    pub fn openapi(&self) -> OpenApi {
        self.paths().into_openapi()
    }

    fn paths(&self) -> OpenApiRouter {
        let base = document::base(&self.web.settings().seat);
        let mut router = OpenApiRouter::with_openapi(base).nest("/api", self.api.clone());
        document::complete(router.get_openapi_mut());
        router
    }

    /// The whole server.
    ///
    /// # Errors
    /// An operation does not declare who may call it, or two desks give one name to different schemas.
    pub fn build(self) -> Result<Router, Undeclared> {
        let web = self.web.clone();
        let wiring = Arc::new(Wiring { reveal: self.reveal.clone(), live: self.live.clone() });
        let (routes, openapi) = self.paths().split_for_parts();
        if !self.clashes.is_empty() {
            return Err(Undeclared(self.clashes));
        }
        let gate = Gate::of(&openapi)?;
        let api = routes
            .layer(Extension(wiring))
            .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
            .layer(middleware::from_fn_with_state(web.clone(), idempotency::layer))
            .layer(middleware::from_fn_with_state((web.clone(), Arc::new(gate)), gate::layer));
        Ok(api
            .merge(document::router(openapi))
            .merge(operations::router(&web))
            .merge(self.raw.layer(middleware::from_fn_with_state(web.clone(), strangers::layer)))
            .route("/api/{*rest}", axum::routing::any(no_route))
            .fallback(console::serve)
            .layer(CompressionLayer::new())
            .layer(middleware::from_fn_with_state(web.clone(), around::layer)))
    }
}

/// Names that stand for different schemas in the two documents.
fn clashes(ours: &OpenApi, theirs: &OpenApi) -> Vec<String> {
    let (Some(ours), Some(theirs)) = (&ours.components, &theirs.components) else { return Vec::new() };
    theirs
        .schemas
        .iter()
        .filter(|(name, schema)| ours.schemas.get(*name).is_some_and(|known| known != *schema))
        .map(|(name, _)| format!("two different schemas are named {name}"))
        .collect()
}

async fn no_route() -> Problem {
    Problem::of_status(StatusCode::NOT_FOUND)
}

/// The scheme under which operations declare their rights: `security(("session" = ["stop.check"]))`.
pub const SECURITY_SCHEME: &str = "session";

pub(crate) fn security_scheme(transport: Transport) -> SecurityScheme {
    SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(
        session::cookie_name(transport),
        "Session cookie of POST /api/session. The scopes are rights; several requirements mean that one suffices.",
    )))
}
