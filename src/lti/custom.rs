//! Custom parameters of a launch: what we asked the platform to fill in, and what our own items carry.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::claims::Claims;
use super::message::is_storable;

/// The parameter in which our own items carry their room.
pub const ROOM: &str = "room";
/// The parameter that tells items of one room apart: each opens it for one activity.
pub const ITEM: &str = "item";
const CONTEXT_HISTORY: &str = "context_id_history";
const LINK_HISTORY: &str = "link_id_history";
const MOODLE_GROUPS: &str = "moodle_groups";
const CANVAS_GROUPS: &str = "canvas_groups";
const COURSE_GROUP: &str = "course_group";

/// The parameters that platforms are asked to fill in, with the variable of each.
///
/// Quirk: names are of `[a-z0-9_]` alone, since Moodle folds all others. Moodle has no `$ResourceLink.id.history`; groups
/// have another variable at each family.
pub const VARIABLES: [(&str, &str); 5] = [
    (CONTEXT_HISTORY, "$Context.id.history"),
    (LINK_HISTORY, "$ResourceLink.id.history"),
    (MOODLE_GROUPS, "$Moodle.Person.userGroupIds"),
    (CANVAS_GROUPS, "$Canvas.group.contextIds"),
    (COURSE_GROUP, "$CourseGroup.id"),
];

const MOST_IDS: usize = 50;

/// What the custom parameters of a launch say.
///
/// Trust: the platform signed them, and teachers may have typed them: a room that is named here is a wish and proves
/// nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Custom {
    /// The room that the item was made for.
    pub room: Option<String>,
    /// Which of the room's items it is; `None` for the one that the room was made with.
    pub item: Option<String>,
    /// The courses that this one was copied from, newest first.
    pub context_history: Vec<String>,
    /// The resource links that this one was copied from, newest first.
    pub link_history: Vec<String>,
    /// The person's groups; `None` where the platform tells none of the variables.
    pub groups: Option<Vec<String>>,
}

impl Custom {
    /// Spec: LTI 1.3 Core §5.4.6 (custom), appendix B (variables).
    /// Quirk: a variable that a platform does not know comes back as it was sent, with its `$`.
    pub(super) fn read(claims: &Claims) -> Self {
        let told = |name: &str| {
            let value = claims.core("custom")?.get(name)?.as_str()?.trim();
            (!value.starts_with('$')).then(|| value.to_owned())
        };
        let history = |name: &str| told(name).map(|list| ids(&list)).unwrap_or_default();
        let groups = [MOODLE_GROUPS, CANVAS_GROUPS, COURSE_GROUP].into_iter().filter_map(told);
        let groups: Vec<Vec<String>> = groups.map(|list| ids(&list)).collect();
        let distinct: BTreeSet<String> = groups.iter().flatten().cloned().collect();
        Self {
            room: told(ROOM).filter(|room| !room.is_empty()),
            item: told(ITEM).filter(|item| !item.is_empty()),
            context_history: history(CONTEXT_HISTORY),
            link_history: history(LINK_HISTORY),
            groups: (!groups.is_empty()).then(|| distinct.into_iter().take(MOST_IDS).collect()),
        }
    }
}

/// The identifiers in a list: separated by commas, each percent-encoded.
fn ids(list: &str) -> Vec<String> {
    let decoded = |id: &str| {
        let text = percent_encoding::percent_decode_str(id.trim()).decode_utf8().ok()?.into_owned();
        (!text.is_empty() && is_storable(&text)).then_some(text)
    };
    list.split(',').filter_map(decoded).take(MOST_IDS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn custom(json: &str) -> Custom {
        let payload = format!("{{\"https://purl.imsglobal.org/spec/lti/claim/custom\": {json}}}");
        Custom::read(&Claims::parse(payload.as_bytes()).unwrap())
    }

    #[test]
    fn lists_are_decoded_and_bounded() {
        assert_eq!(ids("a%2Cb, c,,%FF,d%00,\u{e9}"), ["a,b", "c", "\u{e9}"]);
        let long = vec!["x"; 500].join(",");
        assert_eq!(ids(&long).len(), MOST_IDS);
        assert_eq!(ids(&"x".repeat(256)), [""; 0]);
    }

    #[test]
    fn what_a_platform_does_not_know_is_not_told() {
        assert_eq!(custom("null"), Custom::default());
        assert_eq!(custom("7"), Custom::default());
        assert_eq!(
            custom("{\"room\":\"$x\",\"context_id_history\":\"$Context.id.history\",\"moodle_groups\":7}"),
            Custom::default()
        );
        let none = custom("{\"moodle_groups\":\"\",\"course_group\":\"$CourseGroup.id\"}");
        assert_eq!(none.groups, Some(vec![]), "Moodle tells that there are none");
        let some = custom("{\"moodle_groups\":\"7,5\",\"canvas_groups\":\"7\",\"room\":\" r \"}");
        assert_eq!(some.groups, Some(vec!["5".to_owned(), "7".to_owned()]));
        assert_eq!(some.room.as_deref(), Some("r"));
    }

    proptest::proptest! {
        #[test]
        fn no_list_makes_the_reader_panic(list in ".{0,80}") {
            proptest::prop_assert!(ids(&list).iter().all(|id| !id.is_empty() && is_storable(id)));
        }
    }
}
