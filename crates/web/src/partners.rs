//! The partner directory as routes, over [`wire::Directory`].

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::{Directory, DirectoryError, Partner, PartnerId};

use crate::{Idem, Json, List, Path, Problem, Session};

/// The routes; a seat that talks to others adds them by [`crate::App::api`].
pub fn router(directory: Directory) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list_partners, create_partner))
        .routes(routes!(read_partner, change_partner))
        .with_state(directory)
}

/// The operations that these routes open to every user, for [`crate::testing::walk`].
pub const ANY_USER: &[&str] = &["GET /api/partners", "GET /api/partners/{id}"];

/// A partner as entered; on a change only the given fields. [`Partner::read`] tells what is missing or does not fit.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes what the directory reads")]
struct PartnerInput {
    /// Name of the seat: 2 to 40 lower-case letters, digits and dashes, a letter first. Never changed.
    id: Option<String>,
    /// Name for people, in Chinese.
    name: Option<String>,
    /// Name for people, in English.
    name_en: Option<String>,
    /// What it is.
    role: Option<wire::PartnerRole>,
    /// Where it is reached, without `/wire/v1/…`.
    base_url: Option<String>,
    /// Keys under which it seals: in our form, or as the partner's JWK.
    #[schema(value_type = Option<Vec<Object>>)]
    keys: Option<Vec<serde_json::Value>>,
    /// Whom to call: an enabled bank has one round the clock and a deputy.
    contacts: Option<Vec<PartnerContactInput>>,
    /// Codes by which others name the bank.
    bank_codes: Option<Vec<String>>,
    /// Within how many minutes it answers an order.
    answer_minutes: Option<i64>,
    /// Whether it is spoken to and listened to.
    enabled: Option<bool>,
}

/// A person to call, as entered.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes what the directory reads")]
struct PartnerContactInput {
    /// Name.
    name: Option<String>,
    /// Telephone.
    phone: Option<String>,
    /// What for.
    duty: Option<wire::Duty>,
}

fn refused(error: DirectoryError) -> Problem {
    match error {
        DirectoryError::Faulty(faults) => faults.into(),
        DirectoryError::Store(error) => error.into(),
    }
}

/// Lists the partners: whom this seat talks to, where, and whom to call there.
#[utoipa::path(get, path = "/partners", tag = "partners", security(("session" = [])),
    responses((status = 200, body = List<Partner>)))]
async fn list_partners(State(directory): State<Directory>, _session: Session) -> Json<List<Partner>> {
    Json(List::whole(directory.list()))
}

/// Reads one partner.
#[utoipa::path(get, path = "/partners/{id}", tag = "partners", security(("session" = [])),
    params(("id" = PartnerId, Path)), responses((status = 200, body = Partner)))]
async fn read_partner(
    State(directory): State<Directory>,
    _session: Session,
    Path(id): Path<PartnerId>,
) -> Result<Json<Partner>, Problem> {
    Ok(Json(directory.get(&id)?))
}

/// Enters a partner.
#[utoipa::path(post, path = "/partners", tag = "partners", security(("session" = ["partners.write"])),
    request_body = PartnerInput, responses((status = 201, body = Partner)))]
async fn create_partner(
    State(directory): State<Directory>,
    session: Session,
    idem: Idem,
    Json(input): Json<serde_json::Value>,
) -> Result<Response, Problem> {
    let mut tx = directory.db().begin().await?;
    let partner = directory.enter(&mut tx, &session.who, &input).await.map_err(refused)?;
    let answer = idem.finish(&mut tx, StatusCode::CREATED, &partner).await?;
    tx.commit().await?;
    directory.reload().await?;
    Ok(answer)
}

/// Changes the given fields of a partner; a list is given whole.
#[utoipa::path(patch, path = "/partners/{id}", tag = "partners", security(("session" = ["partners.write"])),
    params(("id" = PartnerId, Path)), request_body = PartnerInput, responses((status = 200, body = Partner)))]
async fn change_partner(
    State(directory): State<Directory>,
    session: Session,
    Path(id): Path<PartnerId>,
    Json(changes): Json<serde_json::Value>,
) -> Result<Json<Partner>, Problem> {
    Ok(Json(directory.patch(&session.who, &id, &changes).await.map_err(refused)?))
}
