//! What is usual for a rule, and the cut-out when it suddenly hits far more often: a wrong rule must not silence a
//! province.
//!
//! A worked case, with the defaults: a rule holds for one call in 500, learnt over an hour. Somebody lists a wrong
//! prefix and it holds for one in ten. After 200 hits within ten seconds (2,000 calls) its rate is 10 %, above eight
//! times its norm, above its norm by more than six deviations, and above the 2 % below which a rule silences nobody:
//! it falls back to shadow.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use kernel::{Duration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::rule::RuleId;

/// When a rule is cut out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CutOutSettings {
    /// Length of the span over which hits are compared with calls.
    pub span_us: i64,
    /// Calls that a span must have before something is learnt from it.
    pub calls_min: u64,
    /// Hits within a span before a rule can be cut out.
    pub hits_min: u64,
    /// How many times its norm.
    pub factor: f64,
    /// How many standard deviations above its norm.
    pub deviations: f64,
    /// Share of all calls below which no rule is cut out.
    pub rate_floor: f64,
    /// Share of all calls above which a rule is cut out whose norm is not known yet.
    pub rate_unknown: f64,
    /// Spans after which the norm is known.
    pub spans_min: u32,
    /// Weight of a new span in the norm once that is known: slow, so that a surge does not become its own norm.
    pub weight: f64,
}

impl Default for CutOutSettings {
    fn default() -> Self {
        Self {
            span_us: Duration::seconds(10).0,
            calls_min: 50,
            hits_min: 200,
            factor: 8.0,
            deviations: 6.0,
            rate_floor: 0.02,
            rate_unknown: 0.2,
            spans_min: 30,
            weight: 1.0 / 360.0,
        }
    }
}

/// A rule was put back to shadow because it hit far above its norm.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CutOut {
    /// The rule.
    pub rule: RuleId,
    /// When.
    pub at: Timestamp,
    /// Hits within the span.
    pub hits: u64,
    /// Calls within the span.
    pub calls: u64,
    /// Its norm: the share of calls that it usually holds for.
    pub norm: f64,
    /// The share at which it is cut out.
    pub limit: f64,
}

/// The share of calls that a rule usually holds for.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Norm {
    /// Mean share.
    pub mean: f64,
    /// Variance of the share from span to span.
    pub variance: f64,
    /// Spans it was learnt from.
    pub spans: u32,
}

impl Norm {
    fn learn(&mut self, rate: f64, settings: &CutOutSettings) {
        let weight = settings.weight.max(1.0 / f64::from(self.spans.saturating_add(1)));
        let off = rate - self.mean;
        self.mean += weight * off;
        self.variance = (1.0 - weight) * (self.variance + weight * off * off);
        self.spans = self.spans.saturating_add(1);
    }

    fn limit(&self, settings: &CutOutSettings) -> f64 {
        if self.spans < settings.spans_min {
            return settings.rate_unknown;
        }
        let far = self.mean + settings.deviations * self.variance.sqrt();
        (self.mean * settings.factor).max(far).max(settings.rate_floor)
    }
}

/// Watches the rules of a book.
#[derive(Debug)]
pub(crate) struct Watch {
    settings: CutOutSettings,
    span_ends_us: AtomicI64,
    calls_at_start: AtomicU64,
    rules: Vec<Watched>,
    turning: Mutex<()>,
}

#[derive(Debug)]
struct Watched {
    cut: AtomicBool,
    hits_at_start: AtomicU64,
    limit: AtomicU64,
    norm: Mutex<Norm>,
}

impl Watch {
    pub(crate) fn new(settings: CutOutSettings, norms: impl Iterator<Item = (Norm, bool, u64)>, calls: u64) -> Self {
        let rules = norms
            .map(|(norm, cut, hits)| Watched {
                cut: AtomicBool::new(cut),
                hits_at_start: AtomicU64::new(hits),
                limit: AtomicU64::new(norm.limit(&settings).to_bits()),
                norm: Mutex::new(norm),
            })
            .collect();
        Self {
            settings,
            span_ends_us: AtomicI64::new(i64::MIN),
            calls_at_start: AtomicU64::new(calls),
            rules,
            turning: Mutex::new(()),
        }
    }

    #[inline]
    pub(crate) fn is_cut(&self, index: usize) -> bool {
        self.rules.get(index).is_some_and(|rule| rule.cut.load(Ordering::Relaxed))
    }

    pub(crate) fn norm(&self, index: usize) -> Norm {
        self.rules.get(index).map(|rule| *rule.norm.lock().unwrap_or_else(PoisonError::into_inner)).unwrap_or_default()
    }

    /// Whether the span is over.
    #[inline]
    pub(crate) fn is_due(&self, now: Timestamp) -> bool {
        now.0 >= self.span_ends_us.load(Ordering::Relaxed)
    }

    /// Ends the span: learns from it, and begins the next. One thread does it, others go on.
    pub(crate) fn turn(&self, now: Timestamp, calls: u64, hits: impl Fn(usize) -> u64) {
        let Ok(_turning) = self.turning.try_lock() else { return };
        if !self.is_due(now) {
            return;
        }
        let first = self.span_ends_us.load(Ordering::Relaxed) == i64::MIN;
        self.span_ends_us.store(now.0.saturating_add(self.settings.span_us), Ordering::Relaxed);
        let in_span = calls.saturating_sub(self.calls_at_start.load(Ordering::Relaxed));
        if first || in_span < self.settings.calls_min {
            return;
        }
        self.calls_at_start.store(calls, Ordering::Relaxed);
        for (index, rule) in self.rules.iter().enumerate() {
            let now_hits = hits(index);
            let in_rule = now_hits.saturating_sub(rule.hits_at_start.swap(now_hits, Ordering::Relaxed));
            let rate = in_rule as f64 / in_span as f64;
            let mut norm = rule.norm.lock().unwrap_or_else(PoisonError::into_inner);
            // What was far off teaches nothing: neither a cut-out rule nor a surge becomes its own norm.
            if !rule.cut.load(Ordering::Relaxed)
                && (norm.spans < self.settings.spans_min || rate <= norm.limit(&self.settings))
            {
                norm.learn(rate, &self.settings);
                rule.limit.store(norm.limit(&self.settings).to_bits(), Ordering::Relaxed);
            }
        }
    }

    /// Looks at a live rule after a hit; cuts it out and tells so, once.
    pub(crate) fn look(&self, index: usize, id: RuleId, now: Timestamp, hits: u64, calls: u64) -> Option<CutOut> {
        let rule = self.rules.get(index)?;
        let hits = hits.saturating_sub(rule.hits_at_start.load(Ordering::Relaxed));
        let calls = calls.saturating_sub(self.calls_at_start.load(Ordering::Relaxed)).max(1);
        let limit = f64::from_bits(rule.limit.load(Ordering::Relaxed));
        if hits < self.settings.hits_min || (hits as f64) <= limit * calls as f64 {
            return None;
        }
        if rule.cut.swap(true, Ordering::Relaxed) {
            return None;
        }
        Some(CutOut { rule: id, at: now, hits, calls, norm: self.norm(index).mean, limit })
    }
}
