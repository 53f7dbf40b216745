//! What answers are made of: lists with a cursor, and names in both languages.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use kernel::Fault;
use serde::{Deserialize, Serialize};

use crate::texts;

/// A list. `next` is there when there is more; it goes back as the query `cursor`.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct List<T> {
    /// One page.
    pub items: Vec<T>,
    /// Where the next page begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl<T> List<T> {
    /// Everything in one page.
    pub fn whole(items: Vec<T>) -> Self {
        Self { items, next: None }
    }

    /// A page out of rows of which one more than `limit` was asked for; `key` gives the cursor of the last row shown.
    pub fn page(mut items: Vec<T>, limit: usize, key: impl Fn(&T) -> String) -> Self {
        let more = items.len() > limit;
        items.truncate(limit);
        let next = if more { items.last().map(|last| cursor(&key(last))) } else { None };
        Self { items, next }
    }
}

/// A cursor out of the sort key of a row.
pub fn cursor(key: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(key)
}

/// The sort key out of a cursor that [`cursor`] made.
///
/// # Errors
/// The fault of the field `cursor`.
pub fn read_cursor(cursor: &str) -> Result<String, Fault> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).map_err(|_| texts::CURSOR.at("cursor", &[]))?;
    String::from_utf8(bytes).map_err(|_| texts::CURSOR.at("cursor", &[]))
}

/// A name in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Text2 {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}
