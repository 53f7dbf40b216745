//! The console's files, put into the binary at build time. Without them a plain page says how to build them.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::Problem;

#[derive(RustEmbed)]
#[folder = "../../console/dist"]
#[allow_missing = true]
struct Files;

/// Files under here carry a hash of their content in their name.
const HASHED: &str = "assets/";
const FOREVER: &str = "public, max-age=31536000, immutable";

const MISSING: &str = "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\"><title>守护 Shouhu</title>\
    <p>控制台尚未构建：请运行 <code>cargo xtask demo</code>，或在 console/ 下执行 <code>npm run build</code> 后重新编译。</p>\
    <p lang=\"en\">The console is not built: run <code>cargo xtask demo</code>, or <code>npm run build</code> in \
    console/ and compile again. The API is documented at <a href=\"/api/docs/\">/api/docs</a>.</p></html>";

/// Answers with a file, or with the index for the console's own addresses.
pub(crate) async fn serve(request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Problem::of_status(StatusCode::NOT_FOUND).into_response();
    }
    let path = request.uri().path().trim_start_matches('/');
    let wanted = if path.is_empty() { "index.html" } else { path };
    if let Some(response) = file(wanted, request.headers()) {
        return response;
    }
    let is_file = path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    if is_file || path.starts_with(HASHED) {
        return Problem::of_status(StatusCode::NOT_FOUND).into_response();
    }
    file("index.html", request.headers()).unwrap_or_else(|| {
        ([(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-store")], MISSING)
            .into_response()
    })
}

fn file(path: &str, headers: &HeaderMap) -> Option<Response> {
    let plain = Files::get(path)?;
    let packed = packed(path, headers);
    let sent = packed.as_ref().map_or(&plain, |(_, file)| file);
    let etag = format!("\"{}\"", hex::encode(sent.metadata.sha256_hash()));
    let cache = if path.starts_with(HASHED) { FOREVER } else { "no-cache" };
    let known = headers.get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok());
    let mut response = if known.is_some_and(|known| known.split(',').any(|tag| tag.trim() == etag)) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        sent.data.clone().into_owned().into_response()
    };
    let out = response.headers_mut();
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(value) = HeaderValue::from_str(plain.metadata.mimetype()) {
        out.insert(header::CONTENT_TYPE, value);
    }
    if let Ok(value) = HeaderValue::from_str(&etag) {
        out.insert(header::ETAG, value);
    }
    if let Some((coding, _)) = packed {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    Some(response)
}

/// The file as the build packed it (`.br`, `.gz` beside it), where the reader takes that.
fn packed(path: &str, headers: &HeaderMap) -> Option<(&'static str, EmbeddedFile)> {
    let accepted = headers.get(header::ACCEPT_ENCODING)?.to_str().ok()?;
    [("br", "br"), ("gzip", "gz")]
        .into_iter()
        .filter(|(coding, _)| accepted.split(',').any(|item| item.trim().split(';').next() == Some(*coding)))
        .find_map(|(coding, suffix)| Some((coding, Files::get(&format!("{path}.{suffix}"))?)))
}
