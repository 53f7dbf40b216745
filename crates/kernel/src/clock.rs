//! Time. Nobody asks the operating system for it but [`SystemClock`].

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use serde::{Deserialize, Serialize};

/// A moment: microseconds since 1970-01-01T00:00:00 UTC. Travels as that integer in the database, as RFC 3339 in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(pub i64);

/// A span of time in microseconds; may be negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Duration(pub i64);

impl Duration {
    /// Whole seconds.
    pub const fn seconds(n: i64) -> Self {
        Self(n.saturating_mul(1_000_000))
    }
    /// Milliseconds.
    pub const fn millis(n: i64) -> Self {
        Self(n.saturating_mul(1_000))
    }
    /// Minutes.
    pub const fn minutes(n: i64) -> Self {
        Self::seconds(n.saturating_mul(60))
    }
    /// Hours.
    pub const fn hours(n: i64) -> Self {
        Self::minutes(n.saturating_mul(60))
    }
    /// Whole seconds, rounded toward zero.
    pub const fn as_seconds(self) -> i64 {
        self.0 / 1_000_000
    }
    /// The standard library's span; a negative one becomes zero.
    pub fn to_std(self) -> std::time::Duration {
        std::time::Duration::from_micros(u64::try_from(self.0).unwrap_or(0))
    }
}

impl std::ops::Add<Duration> for Timestamp {
    type Output = Timestamp;
    fn add(self, span: Duration) -> Timestamp {
        Timestamp(self.0.saturating_add(span.0))
    }
}

impl std::ops::Sub<Duration> for Timestamp {
    type Output = Timestamp;
    fn sub(self, span: Duration) -> Timestamp {
        Timestamp(self.0.saturating_sub(span.0))
    }
}

impl std::ops::Sub for Timestamp {
    type Output = Duration;
    fn sub(self, earlier: Timestamp) -> Duration {
        Duration(self.0.saturating_sub(earlier.0))
    }
}

impl Timestamp {
    /// Reads RFC 3339 with an offset, for instance `2026-11-23T08:00:00+08:00`.
    pub fn parse(text: &str) -> Option<Self> {
        text.trim().parse::<jiff::Timestamp>().ok().map(|t| Self(t.as_microsecond()))
    }

    /// RFC 3339 in UTC.
    pub fn to_rfc3339(self) -> String {
        jiff::Timestamp::from_microsecond(self.0).map_or_else(|_| self.0.to_string(), |t| t.to_string())
    }

    /// The civil date and time in China Standard Time (UTC+8, no daylight saving since 1992).
    pub fn civil_cst(self) -> jiff::civil::DateTime {
        jiff::Timestamp::from_microsecond(self.0)
            .map(|t| jiff::tz::Offset::constant(8).to_datetime(t))
            .unwrap_or(jiff::civil::DateTime::constant(1970, 1, 1, 8, 0, 0, 0))
    }

    /// `2026-11-23 16:00:00` in China Standard Time (北京时间), to the second, for texts that people read; the text around
    /// it names the time zone.
    pub fn written(self) -> String {
        self.civil_cst().strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// The moment at which a civil date and time falls in China Standard Time.
    pub fn from_civil_cst(civil: jiff::civil::DateTime) -> Option<Self> {
        jiff::tz::Offset::constant(8).to_timestamp(civil).ok().map(|t| Self(t.as_microsecond()))
    }

    /// `yyMMdd` in China Standard Time; leads the short numbers.
    pub fn day_cst(self) -> String {
        let civil = self.civil_cst();
        format!("{:02}{:02}{:02}", civil.year().rem_euclid(100), civil.month(), civil.day())
    }
}

impl From<i64> for Timestamp {
    fn from(micros: i64) -> Self {
        Self(micros)
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.to_rfc3339())
    }
}

impl Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_rfc3339())
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            serde::de::Error::custom(format!("{text:?} is not a time with offset such as 2026-11-23T08:00:00+08:00"))
        })
    }
}

impl utoipa::PartialSchema for Timestamp {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::Type::String)
            .format(Some(utoipa::openapi::SchemaFormat::KnownFormat(utoipa::openapi::KnownFormat::DateTime)))
            .into()
    }
}

impl utoipa::ToSchema for Timestamp {}

/// Where time comes from; cheap to clone.
#[derive(Clone)]
pub struct Clock(Arc<dyn Source>);

trait Source: Send + Sync {
    fn now(&self) -> Timestamp;
    fn steady(&self) -> Duration;
    fn pace(&self) -> i64;
}

impl Clock {
    /// The operating system's time.
    pub fn system() -> Self {
        Self(Arc::new(SystemClock))
    }

    /// A clock that moves only when told.
    pub fn manual(start: Timestamp) -> (Self, ManualClock) {
        let hand = ManualClock { wall: Arc::new(AtomicI64::new(start.0)), steady: Arc::default() };
        (Self(Arc::new(hand.clone())), hand)
    }

    /// Operating-system time that started at `start` and runs `pace` times as fast; for demonstrations.
    pub fn paced(start: Timestamp, pace: i64) -> Self {
        let began = SystemClock.now();
        Self(Arc::new(Paced { start, began, pace: pace.max(1) }))
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        self.0.now()
    }

    /// Time that has passed since some moment before; it never goes back, whatever is done to the clock on the wall.
    /// Limits on tries count by it, so that a clock that was ahead locks nobody out.
    pub fn steady(&self) -> Duration {
        self.0.steady()
    }

    /// How long the operating system must be waited for until `moment`; zero when it has passed.
    /// A manual clock answers with a short wait, so that loops look again soon.
    pub fn wait_until(&self, moment: Timestamp) -> std::time::Duration {
        let pace = self.0.pace();
        if pace == 0 {
            return std::time::Duration::from_millis(5);
        }
        Duration((moment - self.now()).0 / pace).to_std()
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}

/// The operating system's clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Source for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the operating system")]
    fn now(&self) -> Timestamp {
        Timestamp(jiff::Timestamp::now().as_microsecond())
    }
    fn steady(&self) -> Duration {
        static BEGAN: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
        Duration(i64::try_from(BEGAN.elapsed().as_micros()).unwrap_or(i64::MAX))
    }
    fn pace(&self) -> i64 {
        1
    }
}

struct Paced {
    start: Timestamp,
    began: Timestamp,
    pace: i64,
}

impl Source for Paced {
    fn now(&self) -> Timestamp {
        self.start + Duration((SystemClock.now() - self.began).0.saturating_mul(self.pace))
    }
    fn steady(&self) -> Duration {
        Duration(SystemClock.steady().0.saturating_mul(self.pace))
    }
    fn pace(&self) -> i64 {
        self.pace
    }
}

/// The hand of a manual clock.
#[derive(Debug, Clone)]
pub struct ManualClock {
    wall: Arc<AtomicI64>,
    steady: Arc<AtomicI64>,
}

impl ManualClock {
    /// Moves the clock on.
    pub fn advance(&self, span: Duration) {
        self.wall.fetch_add(span.0, Ordering::SeqCst);
        self.steady.fetch_add(span.0.max(0), Ordering::SeqCst);
    }

    /// Sets the clock. Set back, it corrects the time on the wall; the steady time stays.
    pub fn set(&self, moment: Timestamp) {
        let before = self.wall.swap(moment.0, Ordering::SeqCst);
        self.steady.fetch_add(moment.0.saturating_sub(before).max(0), Ordering::SeqCst);
    }
}

impl Source for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.wall.load(Ordering::SeqCst))
    }
    fn steady(&self) -> Duration {
        Duration(self.steady.load(Ordering::SeqCst))
    }
    fn pace(&self) -> i64 {
        0
    }
}
