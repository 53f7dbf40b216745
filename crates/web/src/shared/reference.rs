//! Tables that forms choose from: regions and scam types.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use kernel::{Region, RegionLevel, ScamType};
use serde::{Deserialize, Serialize};

use crate::{Json, List, Query, Text2};

/// How long a reader may keep these tables, in seconds; they change with a new version only.
const KEEP: &str = "public, max-age=3600";

/// A region.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct RegionOutput {
    /// Six digits, GB/T 2260.
    code: String,
    name: Text2,
    /// `province`, `city` or `county`.
    level: &'static str,
    /// Code of the region around it.
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<String>,
    /// Code that took its place, where it was abolished.
    #[serde(skip_serializing_if = "Option::is_none")]
    successor: Option<String>,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
pub(crate) struct RegionQuery {
    /// Six-digit code; only regions within it.
    within: Option<String>,
}

/// Lists the regions.
#[utoipa::path(get, path = "/regions", tag = "shared", security(()), params(RegionQuery),
    responses((status = 200, body = List<RegionOutput>)))]
pub(crate) async fn list_regions(Query(query): Query<RegionQuery>) -> Result<Response, crate::Problem> {
    let scope = query.within.as_deref().map(|code| Region::parse_at("within", code)).transpose()?;
    let items = Region::all()
        .filter(|region| scope.is_none_or(|scope| region.within(scope)))
        .map(|region| RegionOutput {
            code: region.to_string(),
            name: Text2 { zh: region.name().to_owned(), en: region.name_en().to_owned() },
            level: match region.level() {
                RegionLevel::Province => "province",
                RegionLevel::City => "city",
                RegionLevel::County => "county",
            },
            parent: region.parent().map(|r| r.to_string()),
            successor: region.successor().map(|r| r.to_string()),
        })
        .collect();
    Ok(([(header::CACHE_CONTROL, KEEP)], Json(List::whole(items))).into_response())
}

/// A scam type.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct ScamTypeOutput {
    code: &'static str,
    name: Text2,
    /// How it works.
    about: Text2,
    /// What to remember.
    reminder: Text2,
}

/// Lists the scam types.
#[utoipa::path(get, path = "/scam-types", tag = "shared", security(()),
    responses((status = 200, body = List<ScamTypeOutput>)))]
pub(crate) async fn list_scam_types() -> Response {
    let items = ScamType::all()
        .map(|one| {
            let words = one.words().say(&[]);
            ScamTypeOutput {
                code: one.code(),
                name: Text2 { zh: one.zh().to_owned(), en: one.en().to_owned() },
                about: Text2 { zh: words.zh, en: words.en },
                reminder: Text2 { zh: words.zh_remedy, en: words.en_remedy },
            }
        })
        .collect();
    ([(header::CACHE_CONTROL, KEEP)], Json(List::whole(items))).into_response()
}
