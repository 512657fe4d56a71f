//! What pages say of the list of participants behind them: from values alone.

use std::time::Duration;

use serde::Serialize;

use super::absence::Absent;
use crate::clock::Timestamp;
use crate::ids::LinkId;
use crate::memberships::ListState;

/// A course's list, as far as it speaks for one of its activities.
#[derive(Debug)]
pub struct MembershipList {
    /// Whether the platform offers it.
    pub is_offered: bool,
    /// What is known of it.
    pub known: ListState,
    /// How many learners are on it.
    pub learners: usize,
    /// Those who were not in the newest meeting; `None` where there was none, or nothing is known of the list.
    pub absent: Option<Absent>,
    /// When it is tried again after a failure.
    pub next: Option<Timestamp>,
    /// Whether the platform should be asked anew.
    pub is_due: bool,
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
    pub fn new(list: &MembershipList, link: LinkId, now: Timestamp) -> Self {
        let read = list.known.read_for(link).filter(|_| list.is_offered);
        let trouble = list.known.trouble.as_ref().filter(|_| list.is_offered);
        let state = match (read, trouble) {
            _ if !list.is_offered => "not-offered",
            (Some(_), _) => "known",
            (None, Some(_)) => "trouble",
            (None, None) => "reading",
        };
        Self {
            state,
            learners: list.learners,
            of_group: false,
            as_of: read.map(|read| read.iso()),
            age: read.map(|read| Age::of(now.since(read))),
            is_cut: read.is_some() && list.known.is_cut,
            trouble: trouble.map(|code| ListTroubleLine {
                code: code.clone(),
                since: list.known.failing_since.unwrap_or(now).iso(),
                next: list.next.filter(|next| *next > now).map(Timestamp::iso),
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
    fn what_a_page_tells_of_the_list() {
        let now = Timestamp::from_secs(100_000);
        let read = Some(Timestamp::from_millis(1));
        let received = |is_offered, fetched_at, narrowed: Option<&str>, trouble: Option<&str>| {
            let known = ListState {
                fetched_at,
                narrowed_to: narrowed.map(|name| LinkId::derived(name, 0)),
                trouble: trouble.map(str::to_owned),
                ..ListState::default()
            };
            let list =
                MembershipList { is_offered, known, learners: 0, absent: None, next: None, is_due: false };
            let line = ParticipantsLine::new(&list, LinkId::derived("l", 0), now);
            (line.state, line.as_of.is_some(), line.trouble.is_some())
        };
        assert_eq!(received(false, read, None, Some("error")), ("not-offered", false, false));
        assert_eq!(received(true, None, None, None), ("reading", false, false));
        assert_eq!(received(true, None, None, Some("error")), ("trouble", false, true));
        assert_eq!(received(true, read, None, None), ("known", true, false));
        assert_eq!(received(true, read, None, Some("error")), ("known", true, true));
        assert_eq!(received(true, read, Some("other"), None), ("reading", false, false));
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
