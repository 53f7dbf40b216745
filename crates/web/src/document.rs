//! The OpenAPI document at `/api/openapi.json`, and the page to try it at `/api/docs`, all of it served from here.

use std::sync::Arc;

use axum::Router;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use utoipa::PartialSchema;
use utoipa::ToSchema;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{Components, ContentBuilder, InfoBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, ResponseBuilder};
use utoipa_swagger_ui::Config;

use crate::Problem;
use crate::app::{SECURITY_SCHEME, Seat, Transport, security_scheme};
use crate::problem::{self, ProblemBody};

/// The document before any route is in it.
pub(crate) fn base(seat: &Seat) -> OpenApi {
    let info = InfoBuilder::new()
        .title(format!("守护 Shouhu · {}", seat.kind))
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "JSON over HTTP. Errors are problem details (RFC 9457) in Chinese and English. Methods that change \
             something need the header X-Shouhu-CSRF with the token that POST /api/session gave; POSTs that create \
             take Idempotency-Key.",
        ))
        .build();
    OpenApiBuilder::new().info(info).build()
}

/// Adds what every operation has: the session scheme, and the error envelope.
pub(crate) fn complete(openapi: &mut OpenApi) {
    let components = openapi.components.get_or_insert_with(Components::new);
    components.add_security_scheme(SECURITY_SCHEME, security_scheme(Transport::Plain));
    components.schemas.insert(ProblemBody::name().into_owned(), ProblemBody::schema());
    let mut inner = Vec::new();
    ProblemBody::schemas(&mut inner);
    for (name, schema) in inner {
        components.schemas.entry(name).or_insert(schema);
    }
    for item in openapi.paths.paths.values_mut() {
        let all = [
            &mut item.get,
            &mut item.put,
            &mut item.post,
            &mut item.delete,
            &mut item.patch,
            &mut item.head,
            &mut item.options,
            &mut item.trace,
            &mut item.query,
        ];
        all.into_iter().flatten().for_each(envelope);
    }
}

fn envelope(operation: &mut Operation) {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(ProblemBody::name()))).build();
    let response = ResponseBuilder::new().description("A problem").content(problem::MEDIA_TYPE, content).build();
    operation.responses.responses.entry("default".to_owned()).or_insert(RefOr::T(response));
}

/// Starts the page; reads the anti-forgery token of the present session for requests that change something.
const INITIALIZER: &str = r##"window.onload = () => {
  window.ui = SwaggerUIBundle({
    url: "/api/openapi.json",
    dom_id: "#swagger-ui",
    deepLinking: true,
    presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
    layout: "BaseLayout",
    requestInterceptor: async (request) => {
      const changes = !["GET", "HEAD"].includes((request.method || "GET").toUpperCase());
      if (changes) {
        const answer = await fetch("/api/session");
        if (answer.ok) request.headers["X-Shouhu-CSRF"] = (await answer.json()).csrf;
        request.headers["Idempotency-Key"] ??= crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
      }
      return request;
    },
  });
};
"##;

/// Where document and page are served.
pub(crate) fn router(openapi: OpenApi) -> Router {
    let config = Arc::new(Config::from("/api/openapi.json"));
    let text: Arc<str> = openapi.to_json().unwrap_or_default().into();
    let index = config.clone();
    Router::new()
        .route(
            "/api/openapi.json",
            get(|| async move { ([(header::CONTENT_TYPE, "application/json")], text.to_string()) }),
        )
        .route("/api/docs", get(|| async { Redirect::permanent("/api/docs/") }))
        .route("/api/docs/", get(|| async move { swagger("index.html", index) }))
        .route("/api/docs/{*file}", get(|Path(file): Path<String>| async move { swagger(&file, config) }))
}

fn swagger(file: &str, config: Arc<Config<'static>>) -> Response {
    if file == "swagger-initializer.js" {
        return ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], INITIALIZER).into_response();
    }
    match utoipa_swagger_ui::serve(file, config) {
        Ok(Some(file)) => ([(header::CONTENT_TYPE, file.content_type)], file.bytes.into_owned()).into_response(),
        _ => Problem::of_status(StatusCode::NOT_FOUND).into_response(),
    }
}
