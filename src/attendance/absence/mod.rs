//! Who of a course's learners was not in class: decided from values alone.

pub mod store;

use std::collections::HashSet;

use serde::Serialize;

use crate::ids::UserId;
use crate::lti::launch::role_rules::RoleRules;

/// A page shows so many names; the others are counted.
pub const MAX_NAMES: usize = 1_000;

/// An active member.
#[derive(Clone, Debug)]
pub struct ListedPerson {
    /// The name, of the list or of a launch.
    pub name: Option<String>,
    /// What stands for a name that the platform does not share.
    pub number: Option<i64>,
    /// Whether it is a learner of the course.
    pub is_learner: bool,
    /// Our identifier of the person, once they launched.
    pub user: Option<UserId>,
}

/// Learners of the course who were not in a meeting.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Absent {
    /// All of them.
    pub count: usize,
    /// The names that a page shows.
    pub people: Vec<AbsentPerson>,
    /// Those who have neither a name nor a number yet.
    pub nameless: usize,
    /// Those whose names are too many to show.
    pub more: usize,
}

/// Somebody who was not there.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct AbsentPerson {
    /// The name; empty when the platform tells none.
    pub name: String,
    /// What stands for a name that the platform does not share.
    #[serde(skip)]
    pub number: Option<i64>,
}

impl AbsentPerson {
    /// Somebody who can be told apart: by a name, else by a number.
    pub fn new(name: Option<String>, number: Option<i64>) -> Option<Self> {
        match name {
            Some(name) => Some(Self { name, number: None }),
            None => number.map(|number| Self { name: String::new(), number: Some(number) }),
        }
    }
}

impl Absent {
    /// The learners of `members`, which come sorted by name, who are not among `present`, our identifiers of people.
    pub fn new(members: &[ListedPerson], present: &HashSet<UserId>) -> Self {
        let is_away = |one: &&ListedPerson| one.user.is_none_or(|user| !present.contains(&user));
        let away: Vec<&ListedPerson> = members.iter().filter(|one| one.is_learner).filter(is_away).collect();
        let known: Vec<AbsentPerson> =
            away.iter().filter_map(|one| AbsentPerson::new(one.name.clone(), one.number)).collect();
        Self::of(away.len(), away.len() - known.len(), known)
    }

    /// So many learners, those of them who cannot be told apart, and the first or all others.
    pub fn of(count: usize, nameless: usize, mut people: Vec<AbsentPerson>) -> Self {
        people.truncate(MAX_NAMES);
        let more = count.saturating_sub(nameless + people.len());
        Self { count, people, nameless, more }
    }
}

/// Whether somebody on the list is a learner of the course: from the roles there, and those as last launched.
///
/// Quirk: roles of a launch win over those of the list: Moodle lists a teacher who may not edit as Learner, and launches
/// the same person as Instructor. Who was reviewed and never launched has brought no roles.
pub fn is_learner(listed: &[String], launched: Option<&[String]>, rules: &RoleRules) -> bool {
    let launched = launched.filter(|roles| !roles.is_empty());
    rules.rights(launched.unwrap_or(listed)).is_learner()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(name: &str, role: &str, launched: Option<&str>) -> ListedPerson {
        let roles = |role: &str| vec![role.to_owned()];
        let launched_roles = launched.map(roles);
        ListedPerson {
            name: Some(name.to_owned()).filter(|name| !name.is_empty()),
            number: None,
            is_learner: is_learner(&roles(role), launched_roles.as_deref(), &RoleRules::default()),
            user: launched.map(|_| UserId::derived(name, 0)),
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
        let absent = Absent::new(&members, &HashSet::from([UserId::derived("Ana", 0)]));
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
}
