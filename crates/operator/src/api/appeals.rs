//! Appeals: the public page, and the desk that decides.

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use kernel::{AppealId, Maskable, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{EntryOutput, Idem, Json, List, Path, Problem, Query, RequestContext, Session, Text2};

use super::lists::{ReasonInput, history, shape};
use crate::appeal::{self, Appeal, AppealInput, AppealState, DecisionInput, FalseBlocks, Filter, Lift};
use crate::desk::Operator;
use crate::list::entry;

pub(super) fn router() -> OpenApiRouter<Operator> {
    OpenApiRouter::new()
        .routes(routes!(make_appeal))
        .routes(routes!(ask_appeal))
        .routes(routes!(list_appeals))
        .routes(routes!(get_appeal))
        .routes(routes!(grant_appeal))
        .routes(routes!(refuse_appeal))
        .routes(routes!(get_false_blocks))
}

/// What the caller is told.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct PublicAppeal {
    /// Reference, to ask with.
    number: String,
    /// `open`, `asked`, `granted` or `refused`.
    state: AppealState,
    /// The state in words.
    words: Text2,
    made_at: Timestamp,
    decided_at: Option<Timestamp>,
    /// Why, once it is decided.
    reason: Option<String>,
}

fn public(appeal: Appeal) -> PublicAppeal {
    let (zh, en) = appeal.state.words();
    let decided = matches!(appeal.state, AppealState::Granted | AppealState::Refused);
    PublicAppeal {
        number: appeal.number,
        state: if decided { appeal.state } else { AppealState::Open },
        words: Text2 { zh: zh.to_owned(), en: en.to_owned() },
        made_at: appeal.made_at,
        decided_at: appeal.decided_at,
        reason: appeal.reason.filter(|_| decided),
    }
}

/// Takes the appeal of a caller who was stopped, without a session; a few from one address, then one every two minutes.
#[utoipa::path(post, path = "/public/appeals", tag = "operator", security(()), request_body = AppealInput,
    responses((status = 201, body = PublicAppeal)))]
async fn make_appeal(
    State(operator): State<Operator>,
    Extension(context): Extension<RequestContext>,
    idem: Idem,
    Json(input): Json<AppealInput>,
) -> Result<Response, Problem> {
    operator.appeal_limit().admit(&context.trier(), operator.db().clock().steady())?;
    let mut tx = operator.db().begin().await?;
    let made = operator.appeal(&mut tx, &input).await?;
    let answer = idem.finish(&mut tx, StatusCode::CREATED, &public(made)).await?;
    tx.commit().await?;
    Ok(answer)
}

/// Who asks about an appeal knows both.
#[derive(Deserialize, utoipa::ToSchema)]
struct AskInput {
    /// Reference.
    number: String,
    /// The number that was stopped.
    caller: String,
}

/// Tells the state of an appeal to who knows its reference and its number; without a session.
#[utoipa::path(post, path = "/public/appeals/state", tag = "operator", security(()), request_body = AskInput,
    responses((status = 200, body = PublicAppeal)))]
async fn ask_appeal(
    State(operator): State<Operator>,
    Extension(context): Extension<RequestContext>,
    Json(input): Json<AskInput>,
) -> Result<Json<PublicAppeal>, Problem> {
    let address = format!("ask:{}", context.trier());
    operator.appeal_limit().admit(&address, operator.db().clock().steady())?;
    let found = appeal::of_reference(operator.db(), &input.number, &input.caller).await?;
    operator.appeal_limit().clear(&address);
    Ok(Json(public(found)))
}

/// An entry that spoke of the number when it appealed.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct FoundView {
    /// The number masked; a prefix or range as it is.
    number: String,
    /// `full`, `prefix` or `range`.
    shape: &'static str,
    /// `block` or `watch`.
    action: &'static str,
    reason: String,
    source: String,
}

/// An appeal at the desk.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct AppealView {
    id: AppealId,
    /// Reference.
    number: String,
    /// The number that was stopped, masked.
    caller: String,
    /// Its key for `POST /numbers`.
    caller_key: String,
    words: String,
    /// Whether a contact was left; `POST /reveal` with the field `contact` shows it.
    has_contact: bool,
    state: AppealState,
    made_at: Timestamp,
    found: Vec<FoundView>,
    /// Who granted it first, where a second person must confirm.
    asked_by: Option<String>,
    decided_by: Option<String>,
    decided_at: Option<Timestamp>,
    reason: Option<String>,
    lift: Option<Lift>,
    /// What may be done now: `grant`, `refuse`.
    actions: Vec<&'static str>,
}

fn view(operator: &Operator, appeal: Appeal, user: &str) -> AppealView {
    let actions = match appeal.state {
        AppealState::Open => vec!["grant", "refuse"],
        AppealState::Asked if appeal.asked_by.as_deref() != Some(user) => vec!["grant", "refuse"],
        AppealState::Asked => vec!["refuse"],
        AppealState::Granted | AppealState::Refused => Vec::new(),
    };
    AppealView {
        id: appeal.id,
        caller: appeal.caller.mask(),
        caller_key: operator.veil().key(appeal.caller),
        has_contact: appeal.contact.is_some(),
        found: appeal
            .found
            .into_iter()
            .map(|f| FoundView {
                number: entry::masked(&f.pattern),
                shape: shape(&f.pattern),
                action: f.kind.word(),
                reason: f.reason,
                source: f.source,
            })
            .collect(),
        number: appeal.number,
        words: appeal.words,
        state: appeal.state,
        made_at: appeal.made_at,
        asked_by: appeal.asked_by,
        decided_by: appeal.decided_by,
        decided_at: appeal.decided_at,
        reason: appeal.reason,
        lift: appeal.lift,
        actions,
    }
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct AppealQuery {
    /// `open`, `asked`, `granted` or `refused`.
    state: Option<String>,
    /// Part of the reference.
    q: Option<String>,
    /// 1 to 200.
    limit: Option<i64>,
    /// From `next` of the page before.
    cursor: Option<String>,
}

/// Lists appeals, the latest first.
#[utoipa::path(get, path = "/appeals", tag = "operator", security(("session" = ["operator.appeals.decide"])),
    params(AppealQuery), responses((status = 200, body = List<AppealView>)))]
async fn list_appeals(
    State(operator): State<Operator>,
    session: Session,
    Query(query): Query<AppealQuery>,
) -> Result<Json<List<AppealView>>, Problem> {
    let (shown, limit) = super::rows(query.limit);
    let words = AppealState::ALL.map(AppealState::code);
    let filter = Filter {
        state: super::word("state", query.state.as_deref(), AppealState::parse, &words)?,
        caller: None,
        text: super::asked(query.q),
        before: super::before(query.cursor.as_deref())?,
        limit,
    };
    let found = appeal::list(operator.db(), &session.who, &filter).await?;
    let page = List::page(found, shown, |appeal| appeal.id.to_string());
    let items = page.items.into_iter().map(|a| view(&operator, a, &session.who.user)).collect();
    Ok(Json(List { items, next: page.next }))
}

/// An appeal with its history.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct AppealWithHistory {
    #[serde(flatten)]
    appeal: AppealView,
    /// Other open appeals about the number, the earliest first; they are granted with this one, and refused one by one.
    beside: Vec<AppealBeside>,
    /// What happened to it, the latest first.
    history: Vec<EntryOutput>,
}

/// Another open appeal about the same number.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct AppealBeside {
    id: AppealId,
    /// Reference.
    number: String,
    words: String,
    made_at: Timestamp,
}

/// Shows one appeal and what happened to it.
#[utoipa::path(get, path = "/appeals/{id}", tag = "operator", security(("session" = ["operator.appeals.decide"])),
    params(("id" = AppealId, Path)), responses((status = 200, body = AppealWithHistory)))]
async fn get_appeal(
    State(operator): State<Operator>,
    session: Session,
    Path(id): Path<AppealId>,
) -> Result<Json<AppealWithHistory>, Problem> {
    session.require(appeal::DECIDE)?;
    let found = appeal::of_id(operator.db(), id).await?;
    let history = history(&operator, &format!("appeal:{id}")).await?;
    let beside = appeal::beside(operator.db(), &found).await?.into_iter();
    let beside =
        beside.map(|a| AppealBeside { id: a.id, number: a.number, words: a.words, made_at: a.made_at }).collect();
    Ok(Json(AppealWithHistory { appeal: view(&operator, found, &session.who.user), beside, history }))
}

/// Grants an appeal: the number goes through here at once, and the centre tells every other operator. Lifting a prefix or
/// a range (`lift`: `everything`) waits in the state `asked` for a second person.
#[utoipa::path(post, path = "/appeals/{id}/grant", tag = "operator", security(("session" = ["operator.appeals.decide"])),
    params(("id" = AppealId, Path)), request_body = DecisionInput, responses((status = 200, body = AppealView)))]
async fn grant_appeal(
    State(operator): State<Operator>,
    session: Session,
    idem: Idem,
    Path(id): Path<AppealId>,
    Json(input): Json<DecisionInput>,
) -> Result<Response, Problem> {
    let mut tx = operator.db().begin().await?;
    let granted = operator.grant_appeal(&mut tx, &session.who, id, &input).await?;
    let shown = view(&operator, granted, &session.who.user);
    let answer = idem.finish(&mut tx, StatusCode::OK, &shown).await?;
    tx.commit().await?;
    super::followed(&operator).await;
    Ok(answer)
}

/// Refuses an appeal.
#[utoipa::path(post, path = "/appeals/{id}/refuse", tag = "operator", security(("session" = ["operator.appeals.decide"])),
    params(("id" = AppealId, Path)), request_body = ReasonInput, responses((status = 200, body = AppealView)))]
async fn refuse_appeal(
    State(operator): State<Operator>,
    session: Session,
    idem: Idem,
    Path(id): Path<AppealId>,
    Json(input): Json<ReasonInput>,
) -> Result<Response, Problem> {
    let mut tx = operator.db().begin().await?;
    let refused = appeal::refuse(&mut tx, &session.who, id, &input.reason).await?;
    let shown = view(&operator, refused, &session.who.user);
    let answer = idem.finish(&mut tx, StatusCode::OK, &shown).await?;
    tx.commit().await?;
    Ok(answer)
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct DaysQuery {
    /// 1 to 366; 30 where left out.
    days: Option<i64>,
}

/// Tells granted appeals against what was stopped.
#[utoipa::path(get, path = "/false-blocks", tag = "operator",
    security(("session" = ["operator.live.read"]), ("session" = ["operator.appeals.decide"])), params(DaysQuery),
    responses((status = 200, body = FalseBlocks)))]
async fn get_false_blocks(
    State(operator): State<Operator>,
    Query(query): Query<DaysQuery>,
) -> Result<Json<FalseBlocks>, Problem> {
    Ok(Json(appeal::false_blocks(operator.db(), query.days.unwrap_or(30).clamp(1, 366)).await?))
}
