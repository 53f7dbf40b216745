//! A small desk on which the tests try the shared parts.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use kernel::{Faults, NoticeId};
use store::journal::Entry;
use store::{Db, Migrations, Who, args};
use tokio::sync::Notify;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{App, Found, Idem, Json, Problem, Reveal, Revealed, Seat, Session, Settings, Transport, Web, texts};

pub const MIGRATIONS: Migrations = Migrations {
    name: "note",
    steps: &[(1, "notes", "CREATE TABLE note (id TEXT PRIMARY KEY, phone TEXT NOT NULL, region TEXT NOT NULL)")],
};

#[derive(Clone)]
pub struct Desk {
    pub db: Db,
    pub arrived: Arc<Notify>,
    pub go_on: Arc<Notify>,
}

#[derive(serde::Deserialize, utoipa::ToSchema)]
struct NoteInput {
    #[serde(default)]
    phone: String,
    #[serde(default)]
    region: String,
}

#[derive(serde::Serialize, utoipa::ToSchema)]
struct NoteOutput {
    id: NoticeId,
}

/// Makes a note.
#[utoipa::path(post, path = "/notes", security(("session" = ["intake.write"])), request_body = NoteInput,
    responses((status = 201, body = NoteOutput)))]
async fn create_note(
    State(desk): State<Desk>,
    session: Session,
    idem: Idem,
    Json(input): Json<NoteInput>,
) -> Result<Response, Problem> {
    write(&desk, &session.who, idem, input).await
}

/// Makes a note without a session.
#[utoipa::path(post, path = "/public/notes", security(()), request_body = NoteInput,
    responses((status = 201, body = NoteOutput)))]
async fn create_public_note(
    State(desk): State<Desk>,
    idem: Idem,
    Json(input): Json<NoteInput>,
) -> Result<Response, Problem> {
    write(&desk, &Who::system("public"), idem, input).await
}

async fn write(desk: &Desk, who: &Who, idem: Idem, input: NoteInput) -> Result<Response, Problem> {
    let mut faults = Faults::none();
    for (field, text) in [("phone", &input.phone), ("region", &input.region)] {
        if text.is_empty() {
            faults.push(texts::JSON_MISSING.at(field, &[]));
        }
    }
    faults.into_result()?;
    let mut tx = desk.db.begin().await?;
    let id = NoticeId::new(tx.now());
    tx.execute("INSERT INTO note (id, phone, region) VALUES ($1,$2,$3)", args![id, &input.phone, &input.region])
        .await?;
    let entry = Entry::new("note.made", format!("note:{id}")).region(&input.region);
    tx.append(entry.private(&serde_json::json!({ "phone": input.phone })), who).await?;
    let answer = idem.finish(&mut tx, StatusCode::CREATED, &NoteOutput { id }).await?;
    tx.commit().await?;
    Ok(answer)
}

/// A file that was sent.
#[derive(utoipa::ToSchema)]
struct FileInput {
    #[allow(dead_code, reason = "stands in the document")]
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Takes a file without a session, and tells its length.
#[utoipa::path(post, path = "/public/files", security(()),
    request_body(content = FileInput, content_type = "multipart/form-data"),
    responses((status = 200, body = u64, content_type = "application/json")))]
async fn take_file(mut form: axum::extract::Multipart) -> Result<Json<u64>, Problem> {
    let folder = std::env::temp_dir().join(format!("shouhu-web-test-{}", std::process::id()));
    let field = form.next_field().await.map_err(Problem::server)?.ok_or_else(|| Problem::not_found("file"))?;
    let upload = web::Upload::take(field, &folder, 64 << 20).await?;
    Ok(Json(upload.bytes))
}

/// Waits until it is told to go on.
#[utoipa::path(post, path = "/slow", security(("session" = ["intake.write"])), responses((status = 200, body = u8, content_type = "application/json")))]
async fn slow(State(desk): State<Desk>, idem: Idem) -> Result<Response, Problem> {
    desk.arrived.notify_one();
    desk.go_on.notified().await;
    let mut tx = desk.db.begin().await?;
    let answer = idem.finish(&mut tx, StatusCode::OK, &1).await?;
    tx.commit().await?;
    Ok(answer)
}

/// Panics with something that must not reach anybody.
#[utoipa::path(get, path = "/panic", security(()), responses((status = 200, body = u8, content_type = "application/json")))]
async fn panic() -> Json<u8> {
    panic!("13800138000")
}

struct Phones;

impl Reveal for Phones {
    fn reveal<'a>(&'a self, db: &'a Db, who: &'a Who, subject: &'a str, field: &'a str) -> Found<'a> {
        Box::pin(async move {
            let Some(id) = subject.strip_prefix("note:").filter(|_| field == "phone") else { return Ok(None) };
            let row: Option<(String, String)> =
                db.fetch_optional("SELECT phone, region FROM note WHERE id = $1", args![id]).await?;
            let Some((value, region)) = row else { return Ok(None) };
            who.require_region(&region)?;
            Ok(Some(Revealed { value, region: Some(region), case_id: None }))
        })
    }
}

pub fn seat() -> Seat {
    Seat { kind: "centre", id: "centre-43".into(), zh: "湖南反诈中心".into(), en: "Hunan centre".into() }
}

pub fn server(db: &Db) -> (Router, Desk) {
    server_with(db, Settings::new(seat(), Transport::Plain))
}

pub fn server_with(db: &Db, settings: Settings) -> (Router, Desk) {
    let desk = Desk { db: db.clone(), arrived: Arc::default(), go_on: Arc::default() };
    let routes = OpenApiRouter::new()
        .routes(routes!(create_note))
        .routes(routes!(create_public_note))
        .routes(routes!(slow))
        .merge(OpenApiRouter::new().routes(routes!(take_file)).layer(axum::extract::DefaultBodyLimit::max(64 << 20)))
        .routes(routes!(panic))
        .route("/hidden", axum::routing::get(async || "not in the document"))
        .with_state(desk.clone());
    let app = App::new(Web::new(db.clone(), settings))
        .api(routes)
        .live("note.", "intake.read")
        .live_for_all("bulletin.", "intake.read")
        .reveal(Arc::new(Phones));
    (app.build().unwrap(), desk)
}
