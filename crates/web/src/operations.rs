//! What those who run the machine look at: `/healthz`, and `/metrics` in the text form of Prometheus.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Json, Router};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use serde::Serialize;

use crate::Problem;
use crate::app::{MetricsAccess, Web};
use crate::around::RequestContext;

/// Histogram of request times by seat, method, route template and status, in seconds.
pub const REQUEST_SECONDS: &str = "http_request_seconds";

const BUCKETS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// Whether the seat works.
#[derive(Debug, Serialize)]
struct Health {
    /// `ok` or `unhealthy`.
    status: &'static str,
    seat: String,
    version: &'static str,
    /// The last entry of the journal; absent when it cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    journal_seq: Option<i64>,
    /// Entries that a desk could not handle and put aside; somebody should look.
    #[serde(skip_serializing_if = "Option::is_none")]
    journal_stuck: Option<i64>,
    /// Timers that fail again and again.
    #[serde(skip_serializing_if = "Option::is_none")]
    timers_stuck: Option<i64>,
    /// Why the seat is not healthy.
    reasons: Vec<Reason>,
    /// Every worker with the age of its last round.
    workers: Vec<store::health::WorkerState>,
}

#[derive(Debug, Serialize)]
struct Reason {
    #[serde(flatten)]
    problem: store::health::Problem,
    detail: String,
}

pub(crate) fn router(web: &Web) -> Router {
    recorder();
    Router::new().route("/healthz", get(healthz)).route("/metrics", get(metrics_text)).with_state(web.clone())
}

/// The database takes a write, and every worker goes its rounds: 200; else 503 with the reasons.
async fn healthz(State(web): State<Web>) -> (StatusCode, Json<Health>) {
    let verdict = web.db().check_health().await;
    let mut health = Health {
        status: if verdict.is_healthy() { "ok" } else { "unhealthy" },
        seat: web.settings().seat.id.clone(),
        version: env!("CARGO_PKG_VERSION"),
        journal_seq: None,
        journal_stuck: None,
        timers_stuck: None,
        reasons: verdict.problems.into_iter().map(|p| Reason { detail: p.to_string(), problem: p }).collect(),
        workers: verdict.workers,
    };
    match figures(&web).await {
        Ok((seq, entries, timers)) => {
            let seat = &web.settings().seat.id;
            metrics::gauge!("journal_seq", "seat" => seat.clone()).set(seq as f64);
            metrics::gauge!("journal_stuck", "seat" => seat.clone()).set(entries as f64);
            metrics::gauge!("timers_stuck", "seat" => seat.clone()).set(timers as f64);
            (health.journal_seq, health.journal_stuck, health.timers_stuck) = (Some(seq), Some(entries), Some(timers));
        }
        Err(error) => {
            tracing::error!(%error, "the journal cannot be read");
            health.status = "unhealthy";
            let problem = store::health::Problem::ReadFailed;
            health.reasons.push(Reason { detail: problem.to_string(), problem });
        }
    }
    let status = if health.status == "ok" { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    for worker in &health.workers {
        metrics::gauge!("worker_failures", "worker" => worker.name.clone()).set(worker.failures.unwrap_or(0) as f64);
    }
    (status, Json(health))
}

async fn figures(web: &Web) -> store::Result<(i64, i64, i64)> {
    let seq = store::journal::last_seq(web.db()).await?;
    let (entries, timers) = store::journal::stuck::count(web.db()).await?;
    Ok((seq, entries, timers))
}

async fn metrics_text(State(web): State<Web>, Extension(context): Extension<RequestContext>) -> Response {
    if web.settings().metrics == MetricsAccess::Loopback && !context.loopback {
        return Problem::of_status(StatusCode::NOT_FOUND).into_response();
    }
    let Some(handle) = recorder() else {
        return Problem::of_status(StatusCode::SERVICE_UNAVAILABLE).into_response();
    };
    handle.run_upkeep();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], handle.render()).into_response()
}

/// Requests between two runs of [`measured`]'s upkeep.
const UPKEEP_EVERY: u64 = 1_024;

/// Records the time of a request. Every now and then the samples are folded into their buckets, so that they do not
/// pile up where nobody reads the metrics.
pub(crate) fn measured(labels: &[(&'static str, String); 4], seconds: f64) {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    metrics::histogram!(REQUEST_SECONDS, labels).record(seconds);
    if COUNT.fetch_add(1, Ordering::Relaxed).is_multiple_of(UPKEEP_EVERY)
        && let Some(handle) = recorder()
    {
        handle.run_upkeep();
    }
}

/// Takes what this process measures from here on. A seat calls it before it opens anything: a gauge that is set earlier
/// is set nowhere, and a counter whose handle was taken earlier counts nothing for ever.
pub fn start_metrics() {
    recorder();
}

/// The recorder of this process; none where another one was installed before.
fn recorder() -> Option<&'static PrometheusHandle> {
    static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    HANDLE
        .get_or_init(|| {
            PrometheusBuilder::new()
                .set_buckets_for_metric(Matcher::Full(REQUEST_SECONDS.to_owned()), BUCKETS)
                .and_then(PrometheusBuilder::install_recorder)
                .inspect_err(|error| tracing::warn!(%error, "no metrics in this process"))
                .ok()
        })
        .as_ref()
}
