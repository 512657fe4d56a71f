//! Time as an argument: every decision about time takes a [`Timestamp`], and only a [`Clock`] makes one.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use crate::db::columns::{self, stored_as_number};

/// A moment.
///
/// Units: milliseconds since 1970-01-01T00:00:00Z, as both databases store it (BIGINT).
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    diesel::expression::AsExpression,
    diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = columns::Moment)]
#[serde(transparent)]
pub struct Timestamp(i64);

stored_as_number!(Timestamp, columns::Moment, Timestamp::from_millis, Timestamp::millis);

impl Timestamp {
    /// The first moment of all, for what never happened.
    pub const EPOCH: Self = Self(0);

    /// The last moment that can be told: for what shall never come.
    pub const NEVER: Self = Self(i64::MAX);

    /// The moment `millis` milliseconds after the epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// The moment `secs` seconds after the epoch, as JWT claims write it.
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1000))
    }

    /// Milliseconds since the epoch.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down: the form of JWT claims.
    pub const fn secs(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// ISO 8601 in UTC, in whole seconds.
    pub fn iso(self) -> String {
        let moment = chrono::DateTime::from_timestamp_millis(self.0).unwrap_or_default();
        moment.format("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    /// This moment moved into the future.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }

    /// This moment moved into the past.
    #[must_use]
    pub fn minus(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }

    /// The next moment that can be told from this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// How long ago `earlier` was; zero when it lies ahead.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;

    /// Whether it shows another time than the world's on purpose: then nobody is told that it is wrong.
    fn is_simulated(&self) -> bool {
        false
    }
}

/// The clock of the machine.
#[derive(Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "the one place where the machine's clock is read")]
    fn now(&self) -> Timestamp {
        let elapsed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp::EPOCH.plus(elapsed)
    }
}

/// A clock that stands still until it is moved: for tests, and for the demo's wrong clock.
#[derive(Debug)]
pub struct FakeClock(AtomicI64);

impl FakeClock {
    /// A clock that shows `start`.
    pub fn new(start: Timestamp) -> Self {
        Self(AtomicI64::new(start.millis()))
    }

    /// Moves the clock forward.
    pub fn advance(&self, span: Duration) {
        self.0.store(self.now().plus(span).millis(), Ordering::SeqCst);
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// Another clock and the spans skipped so far: for the demo's simulated class.
pub struct SkippingClock {
    base: Arc<dyn Clock>,
    skipped_millis: AtomicI64,
}

impl SkippingClock {
    /// A clock that shows what `base` shows, until spans are skipped.
    pub fn over(base: Arc<dyn Clock>) -> Self {
        Self { base, skipped_millis: AtomicI64::new(0) }
    }

    /// Skips a span: everybody who asks this clock is that much later.
    pub fn advance(&self, span: Duration) {
        let millis = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        self.skipped_millis.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for SkippingClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.base.now().0.saturating_add(self.skipped_millis.load(Ordering::SeqCst)))
    }

    fn is_simulated(&self) -> bool {
        self.skipped_millis.load(Ordering::SeqCst) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_skipping_clock_runs_on_from_where_it_skipped_to() {
        let base = Arc::new(FakeClock::new(Timestamp::from_secs(100)));
        let clock = SkippingClock::over(base.clone());
        assert_eq!(clock.now(), Timestamp::from_secs(100));
        assert!(!clock.is_simulated());
        clock.advance(Duration::from_secs(30));
        base.advance(Duration::from_millis(1));
        clock.advance(Duration::from_secs(30));
        assert_eq!(clock.now(), Timestamp::from_millis(160_001));
        assert!(clock.is_simulated());
    }
}
