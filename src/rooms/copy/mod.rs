//! Copied activities, in another course or the same one: which room a new link stands for, and what its teacher decides. The decisions, from values alone.

pub mod store;
pub mod web;

use crate::db::columns::{self, AsExpression, FromSqlRow, stored_as_word};
use crate::ids::RoomId;
use crate::lti::launch::roles::Rights;

/// What a new link begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Beginning {
    /// This room of its own course: its item was placed for it.
    Room(RoomId),
    /// A room of its own, as a copy of the activity with this room, until a teacher says otherwise.
    Copy(RoomId),
    /// A room of its own.
    Fresh,
}

/// What a teacher decided about a copied activity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = columns::CopyAnswer)]
pub enum CopyAnswer {
    /// A room of its own.
    Own,
    /// The room of the activity that it was copied from.
    Shared,
}

stored_as_word!(CopyAnswer, columns::CopyAnswer);

impl CopyAnswer {
    /// The word in forms and in the database.
    pub fn word(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Shared => "shared",
        }
    }

    /// The answer that `word` means.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Own, Self::Shared].into_iter().find(|answer| answer.word() == word)
    }
}

/// An activity of the deployment that a new link may be a copy of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The platform's identifier of the link.
    pub link: String,
    /// The platform's identifier of its course.
    pub context: String,
    /// Its title.
    pub title: Option<String>,
    /// The room that it opens.
    pub room: RoomId,
}

/// What the platform tells of a new link's past.
#[derive(Clone, Debug, Default)]
pub struct Past<'a> {
    /// The platform's identifier of the link.
    pub link: &'a str,
    /// Its title.
    pub title: Option<&'a str>,
    /// The links that it was copied from, newest first.
    pub links: &'a [String],
    /// The courses that its course was copied from, newest first.
    pub contexts: &'a [String],
    /// Whether the platform's copied courses keep their link ids (Open edX).
    pub keeps_link_ids: bool,
}

/// The room of the activity that a new link was copied from, among `candidates`, oldest first.
///
/// Links of the past come first, the newest before older ones; where the platform tells none, a course of the past and in
/// it the same identifier, or else the same title when it stands there once.
/// Quirk: Moodle does not tell the links. Re-run courses of Open edX keep the identifiers, and tell nothing.
pub fn origin(past: &Past<'_>, candidates: &[Candidate]) -> Option<RoomId> {
    let rank = |one: &Candidate| past.contexts.iter().position(|id| *id == one.context);
    for link in past.links {
        let named = candidates.iter().filter(|one| one.link == *link);
        // Where an identifier stands in several courses, the newest of the past courses is meant.
        if let Some(found) = named.min_by_key(|one| rank(one).unwrap_or(usize::MAX)) {
            return Some(found.room);
        }
    }
    for context in past.contexts {
        let there = || candidates.iter().filter(|one| one.context == *context);
        if let Some(found) = there().find(|one| one.link == past.link) {
            return Some(found.room);
        }
        let mut alike = there().filter(|one| one.title.is_some() && one.title.as_deref() == past.title);
        if let (Some(found), None) = (alike.next(), alike.next()) {
            return Some(found.room);
        }
    }
    let again = candidates.iter().rev().find(|one| past.keeps_link_ids && one.link == past.link);
    again.map(|one| one.room)
}

/// Whether somebody may let an activity share the room that it was copied from: who leads both courses.
///
/// Trust: that an activity is a copy is what custom parameters say, which teachers can type. So it gives nobody a right
/// in the other course; only the roles there do, as the platform signed them.
pub fn may_share(here: &Rights, there: Option<&Rights>) -> bool {
    here.moderates() && there.is_some_and(Rights::moderates)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lti::launch::role_rules::RoleRules;

    fn candidate(link: &str, context: &str, title: &str, room: usize) -> Candidate {
        let title = Some(title.to_owned()).filter(|title| !title.is_empty());
        Candidate { link: link.into(), context: context.into(), title, room: RoomId::derived("room", room) }
    }

    fn ids(list: &[&str]) -> Vec<String> {
        list.iter().map(|id| (*id).to_owned()).collect()
    }

    #[test]
    fn the_origin_is_what_the_platform_tells_of_the_past() {
        let all = [
            candidate("1", "c1", "Live class", 1),
            candidate("2", "c1", "Office", 2),
            candidate("1", "c2", "Live class", 3),
            candidate("7", "c3", "Live class", 4),
            candidate("8", "c3", "Live class", 5),
            candidate("9", "c3", "", 6),
        ];
        for (link, title, links, contexts, keeps, expected) in [
            ("5", "Live class", &[][..], &[][..], false, None),
            ("5", "Live class", &["2"], &[], false, Some(2)),
            ("5", "Live class", &["x", "2", "1"], &[], false, Some(2)),
            ("5", "Live class", &["1"], &["c2", "c1"], false, Some(3)),
            ("5", "Live class", &["1"], &["c1"], false, Some(1)),
            ("5", "Live class", &[], &["c1"], false, Some(1)),
            ("5", "Live class", &[], &["c3"], false, None),
            ("5", "Live class", &[], &["c3", "c2"], false, Some(3)),
            ("5", "Other", &[], &["c1"], false, None),
            ("2", "Other", &[], &["c1"], false, Some(2)),
            ("1", "Live class", &[], &[], false, None),
            ("1", "Live class", &[], &[], true, Some(3)),
            ("4", "Live class", &[], &[], true, None),
        ] {
            let (links, contexts) = (ids(links), ids(contexts));
            let past =
                Past { link, title: Some(title), links: &links, contexts: &contexts, keeps_link_ids: keeps };
            let expected = expected.map(|room| RoomId::derived("room", room));
            assert_eq!(origin(&past, &all), expected, "{past:?}");
        }
        let contexts = ids(&["c3"]);
        assert_eq!(origin(&Past { link: "5", contexts: &contexts, ..Past::default() }, &all), None);
    }

    #[test]
    fn who_leads_both_courses_may_share_a_room() {
        let rights = |role| RoleRules::default().rights(&[role]);
        let (teacher, learner) = (rights("Instructor"), rights("Learner"));
        assert!(may_share(&teacher, Some(&teacher)));
        assert!(!may_share(&teacher, Some(&learner)));
        assert!(!may_share(&learner, Some(&teacher)));
        assert!(!may_share(&teacher, None));
    }
}
