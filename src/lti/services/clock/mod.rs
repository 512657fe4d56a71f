//! What the clocks of platforms' services show. Where such a clock is wrong, its gradebook still compares our timestamps
//! with it, and its token endpoint the times of our assertions.
//!
//! Trust: a clock is its host's alone, for one kind of service: nobody else's answer moves it. It is believed within a
//! day of ours, and only for some minutes after it was heard.

pub mod store;

use std::time::Duration;

use moka::sync::Cache;
use url::Url;

use crate::clock::Timestamp;
use crate::db::columns::{self, AsExpression, FromSqlRow, stored_as_word};
use crate::ids::PlatformId;
use crate::outbound::Response;

const MAX_KEPT: u64 = 10_000;
/// Differences up to this are of the network, and of clocks that show whole seconds.
const NOISE_SECS: i64 = 2;
/// No clock that anybody set is further off: what says so is broken.
const MAX_BELIEVED_SECS: i64 = 24 * 60 * 60;
/// A clock that was wrong may be right again by now.
const STALE_AFTER: Duration = Duration::from_secs(10 * 60);
/// Operators hear of clocks that are further off, and again when that changes by as much.
const WORTH_TELLING_SECS: i64 = 60;

/// What a host does for us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = columns::ServiceKind)]
pub enum ServiceKind {
    /// It gives access tokens.
    Token,
    /// It keeps a gradebook.
    Gradebook,
}

stored_as_word!(ServiceKind, columns::ServiceKind);

impl ServiceKind {
    /// The service that `word` means.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Token, Self::Gradebook].into_iter().find(|service| service.word() == word)
    }

    /// The word in the database and in pages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Gradebook => "gradebook",
        }
    }
}

/// A clock: of a platform's host, for one kind of service.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClockOf {
    /// Our identifier of the platform.
    pub platform: PlatformId,
    /// The host, with its port.
    pub host: String,
    /// What the host does there.
    pub service: ServiceKind,
}

impl ClockOf {
    /// Names the clock of the host in `url`.
    pub fn new(platform: PlatformId, url: &Url, service: ServiceKind) -> Self {
        Self { platform, host: url.authority().to_owned(), service }
    }
}

/// What a clock showed.
#[derive(Clone, Copy, Debug)]
struct ClockSample {
    /// Units: seconds ahead of ours.
    ahead: i64,
    at: Timestamp,
    /// What operators were told. Units: the same.
    received: Option<i64>,
    /// What the service itself showed to be wrong: it refused what went by it, and took what went by ours. Units: the same.
    disproved: Option<i64>,
}

impl ClockSample {
    fn believed(&self) -> Option<i64> {
        let is_disproved =
            |wrong: i64| wrong.saturating_sub(self.ahead).saturating_abs() <= WORTH_TELLING_SECS;
        let good = is_believed(self.ahead) && !self.disproved.is_some_and(is_disproved);
        good.then_some(self.ahead)
    }
}

/// What operators should know of a clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockNote {
    /// Whose it is.
    pub of: ClockOf,
    /// How far it is ahead of ours. Units: seconds.
    pub ahead: i64,
}

impl ClockNote {
    /// Whether it is far enough off to be told.
    pub fn is_wrong(&self) -> bool {
        self.ahead.saturating_abs() > WORTH_TELLING_SECS
    }
}

/// Whether we go by a clock that is so far ahead. Units: seconds.
pub fn is_believed(ahead: i64) -> bool {
    ahead.saturating_abs() <= MAX_BELIEVED_SECS
}

/// The clocks of all platforms' services.
pub struct ServiceClocks {
    clocks: Cache<ClockOf, ClockSample>,
}

impl Default for ServiceClocks {
    fn default() -> Self {
        Self { clocks: Cache::new(MAX_KEPT) }
    }
}

impl ServiceClocks {
    /// Compares a clock with ours, by an answer to what was `asked` then and `heard` now.
    pub fn note(&self, of: &ClockOf, answer: &Response, asked: Timestamp, heard: Timestamp) {
        let Some(date) = answer.date_secs() else { return };
        let ahead = seconds_ahead(date, asked.secs(), heard.secs());
        let before = self.clocks.get(of);
        let (received, disproved) = before.map_or((None, None), |before| (before.received, before.disproved));
        self.clocks.insert(of.clone(), ClockSample { ahead, at: heard, received, disproved });
    }

    /// Disbelieves what a clock shows, for as long as it shows that.
    pub fn disprove(&self, of: &ClockOf) {
        if let Some(heard) = self.clocks.get(of) {
            self.clocks.insert(of.clone(), ClockSample { disproved: Some(heard.ahead), ..heard });
        }
    }

    /// Returns the present by a clock, as far as it is believed.
    pub fn time(&self, of: &ClockOf, now: Timestamp) -> Timestamp {
        let secs = self.ahead(of);
        Timestamp::from_millis(now.millis().saturating_add(secs.saturating_mul(1000)))
    }

    /// Returns how far a clock is ahead of ours, as far as it is believed. Units: seconds.
    pub fn ahead(&self, of: &ClockOf) -> i64 {
        self.clocks.get(of).and_then(|heard| heard.believed()).unwrap_or(0)
    }

    /// Tells whether a clock that was wrong must be looked at again before anything is done by it.
    pub fn is_stale(&self, of: &ClockOf, now: Timestamp) -> bool {
        let age = |heard: &ClockSample| now.since(heard.at).max(heard.at.since(now));
        self.ahead(of) != 0 && self.clocks.get(of).is_none_or(|heard| age(&heard) > STALE_AFTER)
    }

    /// Forgets a clock: ours counts.
    pub fn forget(&self, of: &ClockOf) {
        self.clocks.invalidate(of);
    }

    /// Forgets the clocks of a platform.
    pub fn forget_platform(&self, platform: PlatformId) {
        let of_platform = self.clocks.iter().filter(|(of, _)| of.platform == platform);
        let all: Vec<_> = of_platform.map(|(of, _)| of).collect();
        all.iter().for_each(|of| self.clocks.invalidate(&**of));
    }

    /// Returns what operators were not told yet of a clock.
    pub fn take_news(&self, of: &ClockOf) -> Option<ClockNote> {
        let heard = self.clocks.get(of)?;
        let is_news = heard.received.is_none_or(|received| {
            received.saturating_sub(heard.ahead).saturating_abs() > WORTH_TELLING_SECS
        });
        is_news.then(|| {
            self.clocks.insert(of.clone(), ClockSample { received: Some(heard.ahead), ..heard });
            ClockNote { of: of.clone(), ahead: heard.ahead }
        })
    }
}

/// Returns how far a clock is ahead that showed `date` at some moment between `asked` and `heard`.
fn seconds_ahead(date: i64, asked: i64, heard: i64) -> i64 {
    if date > heard.saturating_add(NOISE_SECS) {
        date.saturating_sub(heard)
    } else if date < asked.saturating_sub(NOISE_SECS) {
        date.saturating_sub(asked)
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_767_225_600);
    const YEARS: i64 = 3_650 * 24 * 60 * 60;

    fn platform(name: &str) -> PlatformId {
        PlatformId::derived(name, 0)
    }

    fn clock(name: &str, url: &str, service: ServiceKind) -> ClockOf {
        ClockOf::new(platform(name), &Url::parse(url).unwrap(), service)
    }

    fn heard(clocks: &ServiceClocks, of: &ClockOf, ahead: i64, now: Timestamp) {
        let date = chrono::DateTime::from_timestamp(now.secs() + ahead, 0).unwrap();
        let answer = Response::of(200, "").with_header("date", &date.to_rfc2822());
        clocks.note(of, &answer, now, now);
    }

    #[test]
    fn a_clock_is_its_host_s_alone_and_of_one_kind_of_service() {
        let clocks = ServiceClocks::default();
        let one = clock("p", "https://one.example/l", ServiceKind::Gradebook);
        heard(&clocks, &one, 300, NOW);
        assert_eq!(clocks.time(&one, NOW), NOW.plus(Duration::from_secs(300)));
        for other in [
            clock("p", "https://two.example/l", ServiceKind::Gradebook),
            clock("p", "https://one.example:8443/l", ServiceKind::Gradebook),
            clock("p", "https://one.example/l", ServiceKind::Token),
            clock("q", "https://one.example/l", ServiceKind::Gradebook),
        ] {
            assert_eq!(clocks.time(&other, NOW), NOW, "{other:?}");
        }
    }

    #[test]
    fn a_clock_is_believed_within_a_day_of_ours() {
        let of = clock("p", "https://one.example/l", ServiceKind::Gradebook);
        for (ahead, believed) in [
            (0, 0),
            (2, 0),
            (-3, -3),
            (300, 300),
            (86_400, 86_400),
            (-86_400, -86_400),
            (86_401, 0),
            (-86_401, 0),
            (YEARS, 0),
            (-YEARS, 0),
        ] {
            let clocks = ServiceClocks::default();
            heard(&clocks, &of, ahead, NOW);
            assert_eq!(clocks.ahead(&of), believed, "{ahead}");
        }
    }

    #[test]
    fn a_clock_that_was_wrong_is_looked_at_again() {
        let clocks = ServiceClocks::default();
        let of = clock("p", "https://one.example/l", ServiceKind::Gradebook);
        let later = |minutes: u64| NOW.plus(Duration::from_secs(60 * minutes));
        assert!(!clocks.is_stale(&of, NOW));
        heard(&clocks, &of, 0, NOW);
        assert!(!clocks.is_stale(&of, later(60)), "one that is right needs no look");
        heard(&clocks, &of, 300, NOW);
        assert!(!clocks.is_stale(&of, later(9)) && clocks.is_stale(&of, later(11)));
        clocks.forget_platform(platform("q"));
        assert_eq!(clocks.ahead(&of), 300);
        clocks.forget_platform(platform("p"));
        assert_eq!(clocks.ahead(&of), 0);
    }

    #[test]
    fn a_disproved_clock_is_believed_again_when_it_shows_something_else() {
        let clocks = ServiceClocks::default();
        let of = clock("p", "https://one.example/l", ServiceKind::Token);
        clocks.disprove(&of);
        heard(&clocks, &of, 300, NOW);
        clocks.disprove(&of);
        assert_eq!(clocks.ahead(&of), 0);
        for (shown, believed) in [(301, 0), (80_000, 80_000), (300, 0), (-300, -300)] {
            heard(&clocks, &of, shown, NOW);
            assert_eq!(clocks.ahead(&of), believed, "{shown}");
        }
    }

    #[test]
    fn operators_hear_of_each_clock_once_and_of_each_change() {
        let clocks = ServiceClocks::default();
        let of = clock("p", "https://one.example/l", ServiceKind::Gradebook);
        let news = |ahead| {
            heard(&clocks, &of, ahead, NOW);
            clocks.take_news(&of).map(|note| (note.ahead, note.is_wrong()))
        };
        assert_eq!(news(0), Some((0, false)), "what another process wrote down may be over");
        assert_eq!(news(30), None);
        assert_eq!(news(300), Some((300, true)));
        assert_eq!(news(310), None);
        assert_eq!(news(YEARS), Some((YEARS, true)), "what is not believed is told all the more");
        assert_eq!(news(0), Some((0, false)));
    }

    #[test]
    fn a_slow_answer_is_no_wrong_clock() {
        for (date, asked, heard, ahead) in [
            (100, 100, 100, 0),
            (102, 100, 100, 0),
            (98, 100, 100, 0),
            (108, 100, 108, 0),
            (101, 100, 108, 0),
            (400, 100, 108, 292),
            (-200, 100, 108, -300),
            (i64::MAX, 100, 108, i64::MAX - 108),
        ] {
            assert_eq!(seconds_ahead(date, asked, heard), ahead, "{date} {asked} {heard}");
        }
    }
}
