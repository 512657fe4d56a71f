//! Custom parameters of launches, with the variables that the LMS fills in.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use super::dialect::Dialect;
use super::launch::ResolvedVisit;
use super::{Lms, lock};

/// Spec: RFC 3986 §2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

impl Lms {
    /// Returns the custom parameters of a launch: the tool's, and the activity's own beside them.
    ///
    /// Spec: LTI 1.3 Core §5.4.6. Quirk: a variable that nobody knows stays as it is, as in Moodle.
    pub(super) fn custom_of(&self, resolved: &ResolvedVisit) -> Map<String, Value> {
        let mut custom = Map::new();
        let own = resolved.activity.iter().flat_map(|activity| &activity.custom);
        for (name, value) in resolved.tool.custom.iter().chain(own) {
            if !custom.contains_key(name) {
                let filled = value.strip_prefix('$').and_then(|variable| self.variable(variable, resolved));
                custom.insert(name.clone(), json!(filled.unwrap_or_else(|| value.clone())));
            }
        }
        custom
    }

    fn variable(&self, name: &str, resolved: &ResolvedVisit) -> Option<String> {
        let switches = self.0.behaviour.get();
        match name {
            "User.id" => Some(resolved.person.id.clone()).filter(|_| !switches.anonymous),
            "Context.title" => Some(resolved.course.title.clone()),
            "Context.id.history" if switches.context_history => Some(listed(&resolved.course.history)),
            "ResourceLink.title" => Some(resolved.activity.as_ref()?.title.clone()),
            "ResourceLink.id.history" if switches.link_history => {
                Some(listed(&resolved.activity.as_ref()?.history))
            }
            "Person.address.timezone" => Some("99".to_owned()),
            _ => self.groups_in(name, resolved, &switches.family),
        }
    }

    /// Quirk: each family has a variable of its own. Moodle tells nothing of somebody in no group by an empty text,
    /// Blackboard by the variable itself.
    fn groups_in(&self, name: &str, resolved: &ResolvedVisit, family: &str) -> Option<String> {
        let directory = lock(&self.0.directory);
        let mine: Vec<String> = directory
            .groups_of(&resolved.course.id, &resolved.person.id)
            .map(|group| group.id.clone())
            .collect();
        match (name, Dialect::of(family), family) {
            ("Moodle.Person.userGroupIds", Dialect::Moodle, "moodle") => Some(mine.join(",")),
            ("Canvas.group.contextIds", Dialect::Canvas, _) => Some(mine.join(",")),
            ("CourseGroup.id", Dialect::Blackboard, _) | ("CourseGroup.id", _, "sakai") => {
                Some(mine.join(",")).filter(|_| !mine.is_empty())
            }
            _ => None,
        }
    }
}

/// Returns a history as one text. Spec: LTI 1.3 Core, appendix B: separated by commas, each percent-encoded.
fn listed(ids: &[String]) -> String {
    let encoded = |id: &String| utf8_percent_encode(id, RESERVED).to_string();
    ids.iter().map(encoded).collect::<Vec<_>>().join(",")
}
