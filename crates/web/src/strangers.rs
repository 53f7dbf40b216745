//! How often an address (on IPv6 a /64) may knock at the routes between seats before it has shown a valid seal.
//!
//! The seal is the credential there, and checking one costs time and, when it is bad, a journal entry. So a request from
//! an address takes a token until one of its documents was given a receipt; with the bucket empty it is sent away before
//! its body is read:
//!
//! ```text
//! stranger   60 at once, then one a second; beyond that 429 with Retry-After, neither opened nor journaled
//! partner    its first receipt makes its address known for a day, renewed by each; known addresses are never held back
//! ```
//!
//! A stranger behind a partner's address costs the check of each seal, but no more: the inbox bounds what it journals.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use kernel::Duration;

use crate::Problem;
use crate::app::Web;
use crate::around::RequestContext;
use crate::bodies::{self, Caller};
use crate::rate::{Buckets, Limit, trier};

/// Requests of an unknown address: so many at once, then one each interval.
const STRANGER: Limit = Limit { burst: 60, interval: Duration::seconds(1) };
/// How long a receipt makes an address known.
const KNOWN_FOR: Duration = Duration::hours(24);
/// Known addresses kept at most; partners are fewer by far.
const KNOWN_MAX: usize = 20_000;

/// Tries of strangers, and the addresses that are none.
#[derive(Debug)]
pub(crate) struct Strangers {
    tries: Buckets,
    known_until: Mutex<HashMap<String, Duration>>,
}

impl Default for Strangers {
    fn default() -> Self {
        Self { tries: Buckets::new(STRANGER), known_until: Mutex::default() }
    }
}

impl Strangers {
    fn knows(&self, remote: &str, now: Duration) -> bool {
        let known = self.known_until.lock().unwrap_or_else(PoisonError::into_inner).get(remote).copied();
        known.is_some_and(|until| until > now)
    }

    fn admit(&self, remote: &str, now: Duration) -> Result<(), Duration> {
        if self.knows(remote, now) { Ok(()) } else { self.tries.take(remote, now) }
    }

    fn meet(&self, remote: &str, now: Duration) {
        let mut known = self.known_until.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KNOWN_MAX {
            known.retain(|_, until| *until > now);
        }
        if known.len() < KNOWN_MAX || known.contains_key(remote) {
            known.insert(remote.to_owned(), Duration(now.0.saturating_add(KNOWN_FOR.0)));
        }
    }
}

/// Around the routes between seats. A request that names no address (in process) is let through.
pub(crate) async fn layer(State(web): State<Web>, request: Request, next: Next) -> Response {
    let Some(remote) = request.extensions().get::<RequestContext>().and_then(|context| context.remote.clone()) else {
        return next.run(request).await;
    };
    let (remote, now) = (trier(&remote), web.db().clock().steady());
    if let Err(wait) = web.strangers().admit(&remote, now) {
        metrics::counter!("wire_strangers_held_back_total").increment(1);
        return Problem::rate_limited(wait).into_response();
    }
    // Only a document under a good seal is given a receipt; reading the public keys proves nothing.
    let may_prove = *request.method() == Method::POST;
    let caller = if web.strangers().knows(&remote, now) { Caller::Known } else { Caller::Stranger };
    let response = bodies::measured(web.room(), caller, request, next).await;
    if may_prove && response.status() == StatusCode::OK {
        web.strangers().meet(&remote, now);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stranger_is_held_back_and_a_partner_is_not() {
        let strangers = Strangers::default();
        let now = Duration(1_000_000_000);
        for _ in 0..STRANGER.burst {
            assert_eq!(strangers.admit("203.0.113.9", now), Ok(()));
        }
        assert_eq!(strangers.admit("203.0.113.9", now), Err(STRANGER.interval));
        assert_eq!(strangers.admit("203.0.113.10", now), Ok(()), "each address has its own bucket");

        let later = Duration(now.0 + STRANGER.interval.0);
        assert_eq!(strangers.admit("203.0.113.9", later), Ok(()));
        strangers.meet("203.0.113.9", later);
        for _ in 0..10 * STRANGER.burst {
            assert_eq!(strangers.admit("203.0.113.9", later), Ok(()));
        }
        let a_day_on = Duration(later.0 + KNOWN_FOR.0);
        for _ in 0..STRANGER.burst {
            assert_eq!(strangers.admit("203.0.113.9", a_day_on), Ok(()));
        }
        assert!(strangers.admit("203.0.113.9", a_day_on).is_err(), "silent for a day, it is a stranger again");
    }
}
