//! Which column of a gradebook is an activity's: from values alone.

use serde_json::Value;
use url::Url;

use crate::lti::identifier::Identifier;

/// What every grade column of ours is called among the tool's columns.
pub const TAG: &str = "attendance";

/// The activity that a column is for.
#[derive(Clone, Debug)]
pub struct Activity {
    /// The platform's identifier of the resource link.
    pub resource_link_id: String,
    /// Our identifiers of it: what the platform keeps as the column's `resourceId`. A new column gets the first; a copied
    /// activity's column still has one of the others.
    pub resource_ids: Vec<String>,
    /// Columns of the course's other activities.
    pub taken: Vec<Url>,
    /// A column that the gradebook had deleted when a score came.
    pub gone: Option<Url>,
    /// The heading of a new column.
    pub label: String,
}

impl Activity {
    /// The column that is coupled to the activity; ours before one of the platform's.
    pub(super) fn choose_coupled(&self, items: &[Value]) -> Option<Url> {
        let coupled = || items.iter().filter(|item| self.is_coupled(item));
        let ours =
            |item: &&Value| item["tag"] == TAG && self.resource_ids.iter().any(|id| is_named(item, id));
        let present = |item: &&Value| id_of(item).is_some_and(|url| self.gone.as_ref() != Some(&url));
        let found = coupled().filter(ours).find(|item| !self.is_taken(item) && present(item));
        found.or_else(|| coupled().find(present)).or_else(|| coupled().next()).and_then(id_of)
    }

    /// The column that is called after the activity, and no other activity's.
    pub(super) fn choose_named(&self, items: &[Value], fits: impl Fn(&Value) -> bool) -> Option<Url> {
        // A column that is coupled to another activity is that one's.
        let is_free =
            |item: &Value| Identifier::read(item.get("resourceLinkId")) == Ok(None) || self.is_coupled(item);
        let usable = |item: &&Value| fits(item) && is_free(item) && !self.is_taken(item);
        let mut named =
            self.resource_ids.iter().flat_map(|id| items.iter().filter(move |item| is_named(item, id)));
        named.find(usable).and_then(id_of)
    }

    /// Whether a column may be the activity's.
    pub(super) fn concerns(&self, item: &Value) -> bool {
        self.is_coupled(item) || self.resource_ids.iter().any(|id| is_named(item, id))
    }

    /// Whether the platform coupled the column to the activity.
    fn is_coupled(&self, item: &Value) -> bool {
        Identifier::is_in(&self.resource_link_id, &item["resourceLinkId"])
    }

    fn is_taken(&self, item: &Value) -> bool {
        id_of(item).is_some_and(|url| self.taken.contains(&url))
    }
}

fn is_named(item: &Value, id: &str) -> bool {
    Identifier::is_in(id, &item["resourceId"])
}

/// The address of a column.
pub(super) fn id_of(item: &Value) -> Option<Url> {
    Url::parse(item["id"].as_str()?).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn activity(gone: Option<&str>) -> Activity {
        let url = |text: &str| Url::parse(text).unwrap();
        Activity {
            resource_link_id: "7".to_owned(),
            resource_ids: vec!["link".to_owned(), "room".to_owned()],
            taken: vec![url("https://lms.example/taken")],
            gone: gone.map(url),
            label: "Class".to_owned(),
        }
    }

    fn item(name: &str, link: &str, resource: &str, tag: &str) -> Value {
        json!({
            "id": format!("https://lms.example/{name}"), "resourceLinkId": link, "resourceId": resource, "tag": tag,
        })
    }

    #[test]
    fn the_activity_s_own_column_is_chosen_and_no_other_s() {
        let items = [
            item("other", "8", "link", TAG),
            item("taken", "", "link", TAG),
            item("plain", "7", "", ""),
            item("ours", "7", "link", TAG),
            item("copy", "", "room", TAG),
            item("untagged", "", "link", ""),
        ];
        let path = |url: Option<Url>| url.map(|url| url.path().to_owned()).unwrap_or_default();
        assert_eq!(path(activity(None).choose_coupled(&items)), "/ours");
        assert_eq!(path(activity(Some("https://lms.example/ours")).choose_coupled(&items)), "/plain");
        let both = activity(Some("https://lms.example/plain"));
        assert_eq!(
            path(both.choose_coupled(&items[2..3])),
            "/plain",
            "the list knows better than an old answer"
        );
        assert_eq!(path(activity(None).choose_coupled(&items[..2])), "");
        let others = [&items[0], &items[1], &items[4], &items[5]].map(Clone::clone);
        assert_eq!(path(activity(None).choose_named(&others, |item| item["tag"] == TAG)), "/copy");
        assert_eq!(path(activity(None).choose_named(&others, |_| true)), "/untagged");
    }
}
