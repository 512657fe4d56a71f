//! Custom parameters of a launch: what we asked the platform to fill in, and what our own items carry.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::lti::claims::Claims;
use crate::lti::identifier::{ClaimError, Identifier, IdentifierError, is_storable};

/// The parameter in which our own items carry their room.
pub const ROOM: &str = "room";
/// The parameter that tells items of one room apart: each opens it for one activity.
pub const ITEM: &str = "item";
const CONTEXT_HISTORY: &str = "context_id_history";
const LINK_HISTORY: &str = "link_id_history";
const MOODLE_GROUPS: &str = "moodle_groups";
const CANVAS_GROUPS: &str = "canvas_groups";
const COURSE_GROUP: &str = "course_group";

/// A parameter that platforms are asked to fill in.
#[derive(Clone, Copy, Debug)]
pub struct CustomVariable {
    /// The parameter.
    pub name: &'static str,
    /// What platforms put in its place.
    pub variable: &'static str,
}

impl CustomVariable {
    const fn new(name: &'static str, variable: &'static str) -> Self {
        Self { name, variable }
    }
}

/// The parameters that platforms are asked to fill in.
///
/// Quirk: names are of `[a-z0-9_]` alone, since Moodle folds all others. Moodle has no `$ResourceLink.id.history`; groups
/// have another variable at each family.
pub const VARIABLES: [CustomVariable; 5] = [
    CustomVariable::new(CONTEXT_HISTORY, "$Context.id.history"),
    CustomVariable::new(LINK_HISTORY, "$ResourceLink.id.history"),
    CustomVariable::new(MOODLE_GROUPS, "$Moodle.Person.userGroupIds"),
    CustomVariable::new(CANVAS_GROUPS, "$Canvas.group.contextIds"),
    CustomVariable::new(COURSE_GROUP, "$CourseGroup.id"),
];

const MAX_IDS: usize = 50;

/// What the custom parameters of a launch say.
///
/// Trust: the platform signed them, and teachers may have typed them: a room that is named here is a request and proves
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
    /// The person's groups; `None` if the platform fills in none of the variables.
    pub groups: Option<Vec<String>>,
}

impl Custom {
    /// Spec: LTI 1.3 Core §5.4.6 (custom), appendix B (variables).
    /// Quirk: a variable that a platform does not know comes back as it was sent, with its `$`.
    /// Errors: a parameter that tells courses, rooms or groups apart, and is of another type.
    pub(super) fn read(claims: &Claims) -> Result<Self, ClaimError> {
        let custom = claims.core_object("custom")?;
        let received = |name: &'static str| custom.map_or(Ok(None), |custom| received(custom, name));
        let list = |name: &'static str| Ok::<_, ClaimError>(received(name)?.map(ParameterValue::ids));
        let groups = [list(MOODLE_GROUPS)?, list(CANVAS_GROUPS)?, list(COURSE_GROUP)?];
        let is_given = groups.iter().any(Option::is_some);
        let distinct: BTreeSet<String> = groups.into_iter().flatten().flatten().collect();
        Ok(Self {
            room: received(ROOM)?.and_then(ParameterValue::id),
            item: received(ITEM)?.and_then(ParameterValue::id),
            context_history: list(CONTEXT_HISTORY)?.unwrap_or_default(),
            link_history: list(LINK_HISTORY)?.unwrap_or_default(),
            groups: is_given.then(|| distinct.into_iter().take(MAX_IDS).collect()),
        })
    }
}

/// The value of a custom parameter.
enum ParameterValue {
    /// Text, or a number as its text.
    Text(String),
    /// Identifiers, one by one.
    List(Vec<String>),
}

impl ParameterValue {
    fn id(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text).filter(|text| !text.is_empty()),
            Self::List(list) => list.into_iter().next(),
        }
    }

    fn ids(self) -> Vec<String> {
        match self {
            Self::Text(text) => ids(&text),
            Self::List(list) => list,
        }
    }
}

/// Quirk: the specification knows text alone; numbers and lists of identifiers are understood all the same.
fn received(custom: &Map<String, Value>, name: &'static str) -> Result<Option<ParameterValue>, ClaimError> {
    let wrong = || ClaimError::wrong_type(claim_of(name));
    Ok(match custom.get(name) {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => {
            let text = text.trim();
            (!text.starts_with('$')).then(|| ParameterValue::Text(text.to_owned()))
        }
        Some(Value::Array(list)) => {
            let list = Identifier::read_list(list).map_err(|_: IdentifierError| wrong())?;
            Some(ParameterValue::List(list.into_iter().take(MAX_IDS).map(Identifier::into_text).collect()))
        }
        value => Identifier::read(value)
            .map_err(|_: IdentifierError| wrong())?
            .map(|id| ParameterValue::Text(id.into_text())),
    })
}

/// Returns how a refusal names a parameter.
fn claim_of(name: &str) -> &'static str {
    match name {
        ROOM => "custom.room",
        ITEM => "custom.item",
        CONTEXT_HISTORY => "custom.context_id_history",
        LINK_HISTORY => "custom.link_id_history",
        MOODLE_GROUPS => "custom.moodle_groups",
        CANVAS_GROUPS => "custom.canvas_groups",
        COURSE_GROUP => "custom.course_group",
        _ => "custom",
    }
}

/// The identifiers in a list: separated by commas, each percent-encoded.
fn ids(list: &str) -> Vec<String> {
    let decoded = |id: &str| {
        let text = percent_encoding::percent_decode_str(id.trim()).decode_utf8().ok()?.into_owned();
        (!text.is_empty() && is_storable(&text)).then_some(text)
    };
    list.split(',').filter_map(decoded).take(MAX_IDS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Custom, ClaimError> {
        let payload = format!("{{\"https://purl.imsglobal.org/spec/lti/claim/custom\": {json}}}");
        Custom::read(&Claims::parse(payload.as_bytes()).unwrap())
    }

    fn custom(json: &str) -> Custom {
        read(json).unwrap()
    }

    #[test]
    fn lists_are_decoded_and_bounded() {
        assert_eq!(ids("a%2Cb, c,,%FF,d%00,\u{e9}"), ["a,b", "c", "\u{e9}"]);
        let long = vec!["x"; 500].join(",");
        assert_eq!(ids(&long).len(), MAX_IDS);
        assert_eq!(ids(&"x".repeat(256)), [""; 0]);
    }

    #[test]
    fn what_a_platform_does_not_know_is_not_told() {
        assert_eq!(custom("null"), Custom::default());
        assert_eq!(custom("[]"), Custom::default(), "PHP's empty object");
        assert_eq!(
            custom("{\"room\":\"$x\",\"context_id_history\":\"$Context.id.history\"}"),
            Custom::default()
        );
        let none = custom("{\"moodle_groups\":\"\",\"course_group\":\"$CourseGroup.id\"}");
        assert_eq!(none.groups, Some(vec![]), "Moodle tells that there are none");
        let some = custom("{\"moodle_groups\":\"7,5\",\"canvas_groups\":\"7\",\"room\":\" r \"}");
        assert_eq!(some.groups, Some(vec!["5".to_owned(), "7".to_owned()]));
        assert_eq!(some.room.as_deref(), Some("r"));
    }

    #[test]
    fn numbers_are_read_as_their_text_and_other_types_are_refused_by_name() {
        let numbers =
            custom("{\"room\":77,\"context_id_history\":42,\"moodle_groups\":7,\"canvas_groups\":[8,\"9\"]}");
        assert_eq!((numbers.room.as_deref(), numbers.context_history), (Some("77"), vec!["42".to_owned()]));
        assert_eq!(numbers.groups, Some(vec!["7".to_owned(), "8".to_owned(), "9".to_owned()]));
        for (json, claim) in [
            ("7", "custom"),
            ("\"x\"", "custom"),
            ("{\"room\":true}", "custom.room"),
            ("{\"room\":{}}", "custom.room"),
            ("{\"context_id_history\":1.5}", "custom.context_id_history"),
            ("{\"link_id_history\":false}", "custom.link_id_history"),
            ("{\"moodle_groups\":[[1]]}", "custom.moodle_groups"),
            ("{\"canvas_groups\":{\"1\":2}}", "custom.canvas_groups"),
            ("{\"course_group\":true}", "custom.course_group"),
        ] {
            assert!(matches!(read(json), Err(ClaimError { claim: found, .. }) if found == claim), "{json}");
        }
        assert!(read("{\"anything\":true,\"else\":[{}]}").is_ok());
    }

    proptest::proptest! {
        #[test]
        fn no_list_makes_the_reader_panic(list in ".{0,80}") {
            proptest::prop_assert!(ids(&list).iter().all(|id| !id.is_empty() && is_storable(id)));
        }
    }
}
