//! The course's list of participants: who of its learners was not in class. The decisions, from values alone.

pub mod jobs;
pub mod store;

use std::collections::HashSet;
use std::time::Duration;

use serde::Serialize;

use self::store::{Listed, Roster};
use super::report::iso;
use crate::clock::Timestamp;
use crate::lti::role_rules::RoleRules;
use crate::lti::roles::Rights;

/// A list older than this is read anew when a moderator looks at it.
pub const FRESH: Duration = Duration::from_secs(60 * 60);
/// However often anybody looks, a platform is not asked more often than this.
pub const SELDOM: Duration = Duration::from_secs(5 * 60);
/// A page shows so many names; the others are counted.
const MOST_NAMES: usize = 1_000;

/// What is known of a course's list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
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

impl Known {
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
        self.asked_at.map_or(now, |asked| now.max(Timestamp::from_millis(asked).plus(SELDOM)))
    }
}

/// The list, as a page tells of it.
#[derive(Debug, Serialize)]
pub struct RosterLine {
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
    pub trouble: Option<TroubleLine>,
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
pub struct TroubleLine {
    /// The code that page and log share.
    pub code: String,
    /// Since when, ISO 8601 in UTC.
    pub since: String,
    /// When it is tried again.
    pub next: Option<String>,
}

impl RosterLine {
    /// Whether there is a list that tells who was not there.
    pub fn is_known(&self) -> bool {
        self.state == "known"
    }

    /// What a page of `link` tells of the list.
    pub fn new(roster: &Roster, link: &str, now: Timestamp) -> Self {
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
            learners: learners(&roster.members).count(),
            of_group: false,
            as_of: read.map(|read| iso(read.millis())),
            age: read.map(|read| Age::of(now.since(read))),
            is_cut: read.is_some() && roster.known.is_cut,
            trouble: trouble.map(|code| TroubleLine {
                code: code.clone(),
                since: iso(roster.known.failing_since.unwrap_or(now.millis())),
                next: roster.next.filter(|next| *next > now.millis()).map(iso),
            }),
        }
    }
}

impl Age {
    /// Quirk: tens of minutes, so that an open page does not change each minute for the age alone.
    pub fn of(age: Duration) -> Self {
        let minutes = age.as_secs() / 60;
        let (unit, count) = match minutes {
            0..10 => ("now", 0),
            10..60 => ("minutes", minutes / 10 * 10),
            60..2880 => ("hours", minutes / 60),
            _ => ("days", minutes / 1440),
        };
        Self { unit, count }
    }
}

/// Learners of the course who were not in a meeting.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Absent {
    /// All of them.
    pub count: usize,
    /// The names that a page shows.
    pub people: Vec<AbsentPerson>,
    /// Those whose platform tells no name.
    pub nameless: usize,
    /// Those whose names are too many to show.
    pub more: usize,
}

/// Somebody who was not there.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct AbsentPerson {
    /// The name.
    pub name: String,
}

impl Absent {
    /// The learners of `members`, which come sorted by name, who are not among `present`, our identifiers of people.
    pub fn new(members: &[Listed], present: &HashSet<&str>) -> Self {
        let is_away = |one: &&Listed| one.user.as_deref().is_none_or(|user| !present.contains(user));
        let away: Vec<&Listed> = learners(members).filter(is_away).collect();
        let names: Vec<&String> = away.iter().filter_map(|one| one.name.as_ref()).collect();
        Self {
            count: away.len(),
            nameless: away.len() - names.len(),
            more: names.len().saturating_sub(MOST_NAMES),
            people: names
                .into_iter()
                .take(MOST_NAMES)
                .map(|name| AbsentPerson { name: name.clone() })
                .collect(),
        }
    }
}

/// Whether somebody on the list is a learner of the course: from the roles there, and those as last launched.
///
/// Quirk: roles of a launch win over those of the list: Moodle lists a teacher who may not edit as Learner, and launches
/// the same person as Instructor. Who was reviewed and never launched has brought no roles.
pub fn is_learner(listed: &[String], launched: Option<&[String]>, rules: &RoleRules) -> bool {
    let launched = launched.filter(|roles| !roles.is_empty());
    Rights::from_roles(launched.unwrap_or(listed), rules).is_learner()
}

fn learners(members: &[Listed]) -> impl Iterator<Item = &Listed> {
    members.iter().filter(|one| one.is_learner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(name: &str, role: &str, launched: Option<&str>) -> Listed {
        let roles = |role: &str| vec![role.to_owned()];
        let launched_roles = launched.map(roles);
        Listed {
            name: Some(name.to_owned()).filter(|name| !name.is_empty()),
            number: None,
            is_learner: is_learner(&roles(role), launched_roles.as_deref(), &RoleRules::default()),
            user: launched.map(|_| name.to_lowercase()),
        }
    }

    fn names(absent: &Absent) -> Vec<&str> {
        absent.people.iter().map(|one| one.name.as_str()).collect()
    }

    #[test]
    fn learners_who_were_not_there_are_absent() {
        let members = [
            listed("Ana", "Learner", Some("Learner")),
            listed("Ben", "Learner", None),
            listed("Cleo", "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner", None),
            listed("Olga", "Mentor", None),
            listed("Root", "http://purl.imsglobal.org/vocab/lis/v2/person#Administrator", None),
            listed("Tessa", "Instructor", None),
            listed("Toby", "Learner", Some("Instructor")),
            listed("", "Learner", None),
        ];
        let absent = Absent::new(&members, &HashSet::from(["ana"]));
        assert_eq!(names(&absent), ["Ben", "Cleo"]);
        assert_eq!((absent.count, absent.nameless, absent.more), (3, 1, 0));
        assert_eq!(names(&Absent::new(&members, &HashSet::new())), ["Ana", "Ben", "Cleo"]);
    }

    #[test]
    fn a_page_shows_so_many_names_and_counts_the_others() {
        let members: Vec<_> = (0..1_250).map(|n| listed(&format!("L{n}"), "Learner", None)).collect();
        let absent = Absent::new(&members, &HashSet::new());
        assert_eq!((absent.count, absent.people.len(), absent.more), (1_250, 1_000, 250));
    }

    #[test]
    fn a_platform_is_asked_when_the_list_is_old_and_seldom() {
        let now = Timestamp::from_secs(100_000);
        let ago = |secs: i64| Some((100_000 - secs) * 1000);
        let known = |asked, fetched, narrowed: Option<&str>| Known {
            asked_at: asked,
            fetched_at: fetched,
            narrowed_to: narrowed.map(str::to_owned),
            ..Known::default()
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
            let known = Known {
                fetched_at,
                narrowed_to: narrowed.map(str::to_owned),
                trouble: trouble.map(str::to_owned),
                ..Known::default()
            };
            let roster = Roster { is_offered, known, members: Vec::new(), next: None };
            let line = RosterLine::new(&roster, "l", now);
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
            (9, "now", 0),
            (25, "minutes", 20),
            (60, "hours", 1),
            (1_500, "hours", 25),
            (2_880, "days", 2),
        ] {
            assert_eq!(Age::of(Duration::from_secs(minutes * 60 + 59)), Age { unit, count });
        }
    }
}
