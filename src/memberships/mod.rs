//! The course's list of participants, and how old it is. The decisions, from values alone.

pub mod jobs;
pub mod store;

use std::time::Duration;

use serde::Serialize;

use self::store::MembershipList;
use crate::attendance::report::iso;
use crate::clock::Timestamp;

/// A list older than this is read anew when a moderator looks at it.
pub const FRESH: Duration = Duration::from_secs(60 * 60);
/// However often anybody looks, a platform is not asked more often than this.
pub const MIN_REFRESH_INTERVAL: Duration = Duration::from_secs(5 * 60);
/// What is known of a course's list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListState {
    /// When the platform was last asked. Units: milliseconds since the epoch, here and below.
    pub asked_at: Option<i64>,
    /// When the list that counts was read.
    pub fetched_at: Option<i64>,
    /// The resource link that it was narrowed to.
    pub narrowed_to: Option<String>,
    /// Whether it was longer than what was read of it.
    pub is_cut: bool,
    /// The code of the last failure.
    pub trouble: Option<String>,
    /// Since when it fails.
    pub failing_since: Option<i64>,
}

impl ListState {
    /// When the list was read that speaks for `link`; `None` when it was narrowed to another activity of the course.
    pub fn read_for(&self, link: &str) -> Option<Timestamp> {
        let fits = self.narrowed_to.as_deref().is_none_or(|narrowed| narrowed == link);
        self.fetched_at.filter(|_| fits).map(Timestamp::from_millis)
    }

    /// When the platform should be asked, now that a moderator looks at `link`; `None` while the list is fresh.
    pub fn ask_at(&self, link: &str, now: Timestamp) -> Option<Timestamp> {
        let is_fresh = self.read_for(link).is_some_and(|read| now.since(read) < FRESH);
        // Once a course has several activities its list is read as a whole, so this happens once.
        let is_of_another =
            self.fetched_at.is_some() && self.read_for(link).is_none() && self.trouble.is_none();
        (!is_fresh).then(|| if is_of_another { now } else { self.soonest(now) })
    }

    /// The next moment at which the platform may be asked.
    pub fn soonest(&self, now: Timestamp) -> Timestamp {
        self.asked_at.map_or(now, |asked| now.max(Timestamp::from_millis(asked).plus(MIN_REFRESH_INTERVAL)))
    }
}

/// The list, as a page tells of it.
#[derive(Debug, Serialize)]
pub struct ParticipantsLine {
    /// `not-offered`, `reading`, `known` or `trouble`.
    pub state: &'static str,
    /// How many learners are on it.
    pub learners: usize,
    /// Whether it is about the members of one group: those who are known to be in it.
    pub of_group: bool,
    /// When it was read, ISO 8601 in UTC.
    pub as_of: Option<String>,
    /// How long ago that was.
    pub age: Option<Age>,
    /// Whether it was longer than what was read of it.
    pub is_cut: bool,
    /// Why it could not be read the last time.
    pub trouble: Option<ListTroubleLine>,
}

/// How long ago, in the largest unit that says enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Age {
    /// `now`, `minutes`, `hours` or `days`.
    pub unit: &'static str,
    /// How many of them.
    pub count: u64,
}

/// Why a list could not be read.
#[derive(Debug, Serialize)]
pub struct ListTroubleLine {
    /// The code that page and log share.
    pub code: String,
    /// Since when, ISO 8601 in UTC.
    pub since: String,
    /// When it is tried again.
    pub next: Option<String>,
}

impl ParticipantsLine {
    /// What a page of `link` tells of the list.
    pub fn new(roster: &MembershipList, link: &str, now: Timestamp) -> Self {
        let read = roster.known.read_for(link).filter(|_| roster.is_offered);
        let trouble = roster.known.trouble.as_ref().filter(|_| roster.is_offered);
        let state = match (read, trouble) {
            _ if !roster.is_offered => "not-offered",
            (Some(_), _) => "known",
            (None, Some(_)) => "trouble",
            (None, None) => "reading",
        };
        Self {
            state,
            learners: roster.learners,
            of_group: false,
            as_of: read.map(|read| iso(read.millis())),
            age: read.map(|read| Age::of(now.since(read))),
            is_cut: read.is_some() && roster.known.is_cut,
            trouble: trouble.map(|code| ListTroubleLine {
                code: code.clone(),
                since: iso(roster.known.failing_since.unwrap_or(now.millis())),
                next: roster.next.filter(|next| *next > now.millis()).map(iso),
            }),
        }
    }
}

impl Age {
    /// The age of something.
    pub fn of(age: Duration) -> Self {
        let minutes = age.as_secs() / 60;
        let (unit, count) = match minutes {
            0 => ("now", 0),
            1..60 => ("minutes", minutes),
            60..2880 => ("hours", minutes / 60),
            _ => ("days", minutes / 1440),
        };
        Self { unit, count }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_platform_is_asked_when_the_list_is_old_and_seldom() {
        let now = Timestamp::from_secs(100_000);
        let ago = |secs: i64| Some((100_000 - secs) * 1000);
        let known = |asked, fetched, narrowed: Option<&str>| ListState {
            asked_at: asked,
            fetched_at: fetched,
            narrowed_to: narrowed.map(str::to_owned),
            ..ListState::default()
        };
        for (known, expected) in [
            (known(None, None, None), Some(100_000)),
            (known(ago(60), ago(60), None), None),
            (known(ago(3_599), ago(3_599), Some("l")), None),
            (known(ago(3_600), ago(3_600), None), Some(100_000)),
            (known(ago(60), None, None), Some(100_240)),
            (known(ago(60), ago(9_000), None), Some(100_240)),
            (known(ago(400), ago(9_000), None), Some(100_000)),
            (known(ago(60), ago(60), Some("other")), Some(100_000)),
        ] {
            assert_eq!(known.ask_at("l", now), expected.map(Timestamp::from_secs), "{known:?}");
        }
    }

    #[test]
    fn what_a_page_tells_of_the_list() {
        let now = Timestamp::from_secs(100_000);
        let told = |is_offered, fetched_at, narrowed: Option<&str>, trouble: Option<&str>| {
            let known = ListState {
                fetched_at,
                narrowed_to: narrowed.map(str::to_owned),
                trouble: trouble.map(str::to_owned),
                ..ListState::default()
            };
            let roster = MembershipList { is_offered, known, learners: 0, absent: None, next: None };
            let line = ParticipantsLine::new(&roster, "l", now);
            (line.state, line.as_of.is_some(), line.trouble.is_some())
        };
        assert_eq!(told(false, Some(1), None, Some("error")), ("not-offered", false, false));
        assert_eq!(told(true, None, None, None), ("reading", false, false));
        assert_eq!(told(true, None, None, Some("error")), ("trouble", false, true));
        assert_eq!(told(true, Some(1), None, None), ("known", true, false));
        assert_eq!(told(true, Some(1), None, Some("error")), ("known", true, true));
        assert_eq!(told(true, Some(1), Some("other"), None), ("reading", false, false));
    }

    #[test]
    fn an_age_is_told_in_the_largest_unit() {
        for (minutes, unit, count) in [
            (0, "now", 0),
            (1, "minutes", 1),
            (9, "minutes", 9),
            (25, "minutes", 25),
            (60, "hours", 1),
            (1_500, "hours", 25),
            (2_880, "days", 2),
        ] {
            assert_eq!(Age::of(Duration::from_secs(minutes * 60 + 59)), Age { unit, count });
        }
    }
}
