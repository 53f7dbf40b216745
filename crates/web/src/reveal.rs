//! Showing personal data: a recorded act with a purpose.

use std::pin::Pin;
use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use kernel::{Faults, Text};
use serde::{Deserialize, Serialize};
use store::journal::Entry;
use store::{Db, Who};

use crate::app::{Web, Wiring};
use crate::session::purpose_fits;
use crate::{Json, Problem, Session, texts};

/// What a resolver gives.
pub type Found<'a> = Pin<Box<dyn Future<Output = Result<Option<Revealed>, Problem>> + Send + 'a>>;

/// A value in full, and the region by which readers of the journal entry are scoped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revealed {
    /// The value.
    pub value: String,
    /// Six-digit region code of the subject.
    pub region: Option<String>,
    /// The case to which the subject belongs.
    pub case_id: Option<String>,
}

/// Finds personal data by subject (`report:<id>`) and field (`victim.phone`). It checks that the subject lies in the
/// region scope of who asks; right and purpose are checked before.
pub trait Reveal: Send + Sync {
    /// The value in full; `None` where there is no such subject or field.
    fn reveal<'a>(&'a self, db: &'a Db, who: &'a Who, subject: &'a str, field: &'a str) -> Found<'a>;
}

/// A seat that has nothing to reveal.
pub(crate) struct NothingToReveal;

impl Reveal for NothingToReveal {
    fn reveal<'a>(&'a self, _: &'a Db, _: &'a Who, _: &'a str, _: &'a str) -> Found<'a> {
        Box::pin(async { Ok(None) })
    }
}

/// Several resolvers, asked one after another.
pub struct EachOf(pub Vec<Arc<dyn Reveal>>);

impl Reveal for EachOf {
    fn reveal<'a>(&'a self, db: &'a Db, who: &'a Who, subject: &'a str, field: &'a str) -> Found<'a> {
        Box::pin(async move {
            for one in &self.0 {
                if let Some(found) = one.reveal(db, who, subject, field).await? {
                    return Ok(Some(found));
                }
            }
            Ok(None)
        })
    }
}

/// What is to be shown, and why.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RevealInput {
    /// For instance `report:0192…`.
    #[serde(default)]
    subject: String,
    /// For instance `victim.phone`.
    #[serde(default)]
    field: String,
    /// Why; recorded. May come in the header `X-Purpose` instead.
    #[serde(default)]
    purpose: Option<String>,
}

/// The value in full.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct RevealOutput {
    /// The value.
    value: String,
}

/// Shows one field of personal data in full, and records who looked, at what, and why.
#[utoipa::path(post, path = "/reveal", tag = "shared", security(("session" = ["reveal"])),
    request_body = RevealInput, responses((status = 200, body = RevealOutput)))]
pub(crate) async fn reveal_field(
    State(web): State<Web>,
    Extension(wiring): Extension<Arc<Wiring>>,
    session: Session,
    Json(input): Json<RevealInput>,
) -> Result<Json<RevealOutput>, Problem> {
    let mut who = session.require("reveal")?.clone();
    if let Some(purpose) = &input.purpose {
        who.purpose = Some(purpose.trim().to_owned());
    }
    let mut faults = Faults::none();
    let mut missing = |text: &Text, field: &str| faults.push(text.at(field, &[]));
    if input.subject.trim().is_empty() {
        missing(&texts::JSON_MISSING, "subject");
    }
    if input.field.trim().is_empty() {
        missing(&texts::JSON_MISSING, "field");
    }
    if !who.purpose.as_deref().is_some_and(purpose_fits) {
        missing(&texts::PURPOSE_NEEDED, "purpose");
    }
    faults.into_result()?;
    let found = wiring.reveal.reveal(web.db(), &who, &input.subject, &input.field).await?.ok_or_else(|| {
        let named = [("subject", input.subject.as_str()), ("field", input.field.as_str())];
        Problem::new(axum::http::StatusCode::NOT_FOUND, texts::REVEAL_UNKNOWN.say(&named))
    })?;
    let mut entry = Entry::new("personal.revealed", &input.subject).body(&serde_json::json!({ "field": input.field }));
    if let Some(region) = &found.region {
        entry = entry.region(region);
    }
    if let Some(case_id) = &found.case_id {
        entry = entry.case(case_id);
    }
    let mut tx = web.db().begin().await?;
    tx.append(entry, &who).await?;
    tx.commit().await?;
    Ok(Json(RevealOutput { value: found.value }))
}
