//! Custom parameters of launches, with the variables that the LMS fills in.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use super::launch::Scene;
use super::manners::Manners;
use super::{Lms, lock};

/// Spec: RFC 3986 §2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

impl Lms {
    /// The custom parameters of a launch: the tool's, and the activity's own beside them.
    ///
    /// Spec: LTI 1.3 Core §5.4.6. Quirk: a variable that nobody knows stays as it is, as in Moodle.
    pub(super) fn custom_of(&self, scene: &Scene) -> Map<String, Value> {
        let mut custom = Map::new();
        let own = scene.activity.iter().flat_map(|activity| &activity.custom);
        for (name, value) in scene.tool.custom.iter().chain(own) {
            if !custom.contains_key(name) {
                let filled = value.strip_prefix('$').and_then(|variable| self.variable(variable, scene));
                custom.insert(name.clone(), json!(filled.unwrap_or_else(|| value.clone())));
            }
        }
        custom
    }

    fn variable(&self, name: &str, scene: &Scene) -> Option<String> {
        let now = self.0.knobs.get();
        match name {
            "User.id" => Some(scene.person.id.clone()).filter(|_| !now.anonymous),
            "Context.title" => Some(scene.course.title.clone()),
            "Context.id.history" if now.context_history => Some(listed(&scene.course.history)),
            "ResourceLink.title" => Some(scene.activity.as_ref()?.title.clone()),
            "ResourceLink.id.history" if now.link_history => Some(listed(&scene.activity.as_ref()?.history)),
            "Person.address.timezone" => Some("99".to_owned()),
            _ => self.groups_in(name, scene, &now.family),
        }
    }

    /// Quirk: each family has a variable of its own. Moodle tells nothing of somebody in no group by an empty text,
    /// Blackboard by the variable itself.
    fn groups_in(&self, name: &str, scene: &Scene, family: &str) -> Option<String> {
        let school = lock(&self.0.school);
        let mine: Vec<String> =
            school.groups_of(&scene.course.id, &scene.person.id).map(|group| group.id.clone()).collect();
        match (name, Manners::of(family), family) {
            ("Moodle.Person.userGroupIds", Manners::Moodle, "moodle") => Some(mine.join(",")),
            ("Canvas.group.contextIds", Manners::Canvas, _) => Some(mine.join(",")),
            ("CourseGroup.id", Manners::Blackboard, _) | ("CourseGroup.id", _, "sakai") => {
                Some(mine.join(",")).filter(|_| !mine.is_empty())
            }
            _ => None,
        }
    }
}

/// Spec: LTI 1.3 Core, appendix B: separated by commas, each percent-encoded.
fn listed(ids: &[String]) -> String {
    let encoded = |id: &String| utf8_percent_encode(id, RESERVED).to_string();
    ids.iter().map(encoded).collect::<Vec<_>>().join(",")
}
