//! Who asks, for what purpose, and with which rights: the context of every store call.

use std::collections::BTreeSet;

use crate::{Error, Result};

/// The rights of somebody, for instance `stop.check`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rights {
    /// A desk acting by itself.
    System,
    /// Exactly these.
    These(BTreeSet<String>),
}

/// The context of a store call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    /// Login of a user, or `system:<desk>`, or `partner:<id>`.
    pub user: String,
    /// Why personal data is looked at; recorded with it.
    pub purpose: Option<String>,
    /// Address that the request came from.
    pub remote: Option<String>,
    /// What may be done.
    pub rights: Rights,
    /// Leading digits of the regions that may be seen, without trailing zeros: `43`, `4301`, `430102`; `None` sees all.
    pub region: Option<String>,
}

impl Who {
    /// A desk acting by itself, for instance on a timer.
    pub fn system(desk: &str) -> Self {
        Self { user: format!("system:{desk}"), purpose: None, remote: None, rights: Rights::System, region: None }
    }

    /// Another seat whose sealed message is being applied.
    pub fn partner(id: &str) -> Self {
        Self { user: format!("partner:{id}"), purpose: None, remote: None, rights: Rights::System, region: None }
    }

    /// A user with rights, for tests and for sessions.
    pub fn user(login: &str, rights: &[&str]) -> Self {
        let rights = Rights::These(rights.iter().map(|r| (*r).to_owned()).collect());
        Self { user: login.to_owned(), purpose: None, remote: None, rights, region: None }
    }

    /// Whether the right is held.
    pub fn may(&self, right: &str) -> bool {
        match &self.rights {
            Rights::System => true,
            Rights::These(rights) => rights.contains(right),
        }
    }

    /// Goes on only with the right; the first line of a store call.
    pub fn require(&self, right: &'static str) -> Result<()> {
        if self.may(right) { Ok(()) } else { Err(Error::Forbidden { right }) }
    }

    /// Whether a six-digit region code lies in the scope.
    pub fn covers(&self, region_code: &str) -> bool {
        self.region.as_deref().is_none_or(|scope| region_code.starts_with(scope))
    }

    /// Goes on only where the region lies in the scope.
    pub fn require_region(&self, region_code: &str) -> Result<()> {
        if self.covers(region_code) { Ok(()) } else { Err(Error::OutOfScope) }
    }

    /// Whether what belongs to no region may be seen: only where the whole seat is the scope, whatever the rights. It may
    /// be another city's.
    pub fn sees_what_has_no_region(&self) -> bool {
        self.region.is_none()
    }

    /// Goes on only without a limit of region: for what holds in the whole seat, such as the directory of partners.
    pub fn require_everywhere(&self) -> Result<()> {
        if self.region.is_none() { Ok(()) } else { Err(Error::OutOfScope) }
    }

    /// The SQL pattern of the scope, for `region LIKE $1`.
    pub fn region_pattern(&self) -> String {
        format!("{}%", self.region.as_deref().unwrap_or(""))
    }
}
