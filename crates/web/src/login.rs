//! Logging in and out.
use crate::rate::{Buckets, Limit};
use kernel::Duration;

/// How often somebody may try to log in.
#[derive(Debug)]
pub(crate) struct Limits {
    pub(crate) by_login: Buckets,
    pub(crate) by_remote: Buckets,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            by_login: Buckets::new(Limit { burst: 6, interval: Duration::seconds(60) }),
            by_remote: Buckets::new(Limit { burst: 30, interval: Duration::seconds(4) }),
        }
    }
}
