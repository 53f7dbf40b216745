//! Users and roles, as routes.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use kernel::UserId;
use serde::Serialize;

use crate::app::Web;
use crate::roles::{RIGHTS, ROLES, Right, Role};
use crate::users::{self, NewUser, User, UserChange};
use crate::{Idem, Json, List, Path, Problem, Session};

/// Lists the users of this seat.
#[utoipa::path(get, path = "/users", tag = "users", security(("session" = ["users.write"])),
    responses((status = 200, body = List<User>)))]
pub(crate) async fn list_users(State(web): State<Web>, session: Session) -> Result<Json<List<User>>, Problem> {
    Ok(Json(List::whole(users::list(web.db(), &session.who).await?)))
}

/// Makes a user.
#[utoipa::path(post, path = "/users", tag = "users", security(("session" = ["users.write"])),
    request_body = NewUser, responses((status = 201, body = User)))]
pub(crate) async fn create_user(
    State(web): State<Web>,
    session: Session,
    idem: Idem,
    Json(input): Json<NewUser>,
) -> Result<Response, Problem> {
    let checked = users::Checked::of(web.db(), &session.who, web.settings().seat.kind, &input).await?;
    let mut tx = web.db().begin().await?;
    let user = checked.insert(&mut tx, &session.who).await?;
    let answer = idem.finish(&mut tx, StatusCode::CREATED, &user).await?;
    tx.commit().await?;
    Ok(answer)
}

/// Changes a user; what is left out stays.
#[utoipa::path(patch, path = "/users/{id}", tag = "users", security(("session" = ["users.write"])),
    params(("id" = UserId, Path)), request_body = UserChange, responses((status = 200, body = User)))]
pub(crate) async fn change_user(
    State(web): State<Web>,
    session: Session,
    Path(id): Path<UserId>,
    Json(input): Json<UserChange>,
) -> Result<Json<User>, Problem> {
    Ok(Json(users::change(web.db(), &session.who, web.settings().seat.kind, id, &input).await?))
}

/// Roles that this seat has, and all rights with their names.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct RolesOutput {
    roles: Vec<Role>,
    rights: Vec<Right>,
}

/// Lists roles and rights with their names in both languages.
#[utoipa::path(get, path = "/roles", tag = "users", security(("session" = [])),
    responses((status = 200, body = RolesOutput)))]
pub(crate) async fn list_roles(State(web): State<Web>) -> Json<RolesOutput> {
    let kind = web.settings().seat.kind;
    let roles = ROLES.iter().filter(|role| role.seats.contains(&kind)).copied().collect();
    Json(RolesOutput { roles, rights: RIGHTS.to_vec() })
}
