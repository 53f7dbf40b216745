//! The register of official senders.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{Idem, Json, List, Problem, Session};

use crate::desk::Operator;
use crate::sender::{self, OfficialSender, SenderInput};

pub(super) fn router() -> OpenApiRouter<Operator> {
    OpenApiRouter::new().routes(routes!(list_senders, enter_sender)).routes(routes!(remove_sender))
}

/// Lists the register of official senders.
#[utoipa::path(get, path = "/senders", tag = "operator", security(("session" = ["operator.lists.read"])),
    responses((status = 200, body = List<OfficialSender>)))]
async fn list_senders(
    State(operator): State<Operator>,
    session: Session,
) -> Result<Json<List<OfficialSender>>, Problem> {
    Ok(Json(List::whole(sender::list(operator.db(), &session.who).await?)))
}

/// What was entered or removed.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct SenderDone {
    sender: String,
}

/// Enters an official sender: from now on nobody else may send as it.
#[utoipa::path(post, path = "/senders", tag = "operator", security(("session" = ["operator.senders.write"])),
    request_body = SenderInput, responses((status = 201, body = SenderDone)))]
async fn enter_sender(
    State(operator): State<Operator>,
    session: Session,
    idem: Idem,
    Json(input): Json<SenderInput>,
) -> Result<Response, Problem> {
    let mut tx = operator.db().begin().await?;
    sender::add(&mut tx, &session.who, &input).await?;
    let done = SenderDone { sender: input.sender.trim().to_owned() };
    let answer = idem.finish(&mut tx, StatusCode::CREATED, &done).await?;
    tx.commit().await?;
    super::followed(&operator).await;
    Ok(answer)
}

/// Which sender.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
struct RemoveInput {
    /// As it stands in the register.
    sender: String,
}

/// Takes an official sender out of the register.
#[utoipa::path(post, path = "/senders/remove", tag = "operator", security(("session" = ["operator.senders.write"])),
    request_body = RemoveInput, responses((status = 200, body = SenderDone)))]
async fn remove_sender(
    State(operator): State<Operator>,
    session: Session,
    idem: Idem,
    Json(input): Json<RemoveInput>,
) -> Result<Response, Problem> {
    let mut tx = operator.db().begin().await?;
    sender::remove(&mut tx, &session.who, input.sender.trim()).await?;
    let done = SenderDone { sender: input.sender.trim().to_owned() };
    let answer = idem.finish(&mut tx, StatusCode::OK, &done).await?;
    tx.commit().await?;
    super::followed(&operator).await;
    Ok(answer)
}
