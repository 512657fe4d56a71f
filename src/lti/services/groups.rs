//! The course's groups, as the platform's service tells them (Course Groups Service 1.0).

use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use super::access::Access;
use super::client::Services;
use super::failure::ServiceFailure;
use super::link_header::{Next, next_of};
use crate::lti::claims::{Claims, tidy};
use crate::lti::identifier::{Identifier, IdentifierError};
use crate::outbound::{Request, Response};

/// The scope of the service.
pub const SCOPE: &str = "https://purl.imsglobal.org/spec/lti-gs/scope/contextgroup.readonly";
const MEDIA_TYPE: &str = "application/vnd.ims.lti-gs.v1.contextgroupcontainer+json";
const MAX_RESPONSE: usize = 1024 * 1024;
const MAX_URL: usize = 2_000;
const MAX_NAME: usize = 200;
/// A course with more groups is not read further.
pub const MAX_GROUPS: usize = 500;
const MAX_PAGES: usize = 20;

/// The groups as a launch offers them.
///
/// Spec: Course Groups Service 1.0 §3.1. Trust: from a verified launch; asked through the guarded client alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupService {
    /// The list of groups.
    pub groups: Url,
}

impl GroupService {
    /// Returns the service at an address that an earlier launch offered.
    pub fn stored(url: &str) -> Option<Self> {
        Url::parse(url).ok().map(|groups| Self { groups })
    }

    /// The service that a launch offers; `None` when it offers none that can be used.
    pub fn read(claims: &Claims, may_ask: impl Fn(&Url) -> bool) -> Option<Self> {
        let text = claims.group_service("context_groups_url")?.as_str()?;
        let groups = Url::parse(text).ok().filter(|url| url.as_str().len() <= MAX_URL)?;
        may_ask(&groups).then_some(Self { groups })
    }
}

/// A group of a course.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedGroup {
    /// The platform's identifier.
    pub id: String,
    /// Its name, where the platform tells one.
    pub name: Option<String>,
}

/// The groups of a course, or of one of its people.
///
/// Spec: Course Groups Service 1.0 §3.2. Bounds: [`MAX_GROUPS`] groups, some pages, all of one origin.
/// Errors: no answer, no access token, an answer that is no list, or a list that leads astray or in a circle.
pub async fn list_groups(
    services: &Services,
    access: &Access,
    service: &GroupService,
    person: Option<&str>,
) -> Result<Vec<ListedGroup>, ServiceFailure> {
    let mut first = service.groups.clone();
    if let Some(person) = person {
        first.query_pairs_mut().append_pair("user_id", person);
    }
    let (mut found, mut seen, mut next) = (Vec::new(), Vec::new(), Some(first));
    while let Some(url) = next {
        if seen.len() == MAX_PAGES || found.len() >= MAX_GROUPS {
            break;
        }
        let request = Request::get(&url).accepting(MEDIA_TYPE);
        let answer = services.call(access, request, MAX_RESPONSE).await?;
        found.extend(groups_in(&answer)?);
        next = match next_of(&answer, &url) {
            Next::None => None,
            Next::Page(page) if page == url || seen.contains(&page) => {
                return Err(ServiceFailure::garbled(&"the list of groups leads in a circle"));
            }
            Next::Page(page) => Some(page),
            Next::Astray => {
                return Err(ServiceFailure::garbled(&"the list of groups goes on at another host"));
            }
        };
        seen.push(url);
    }
    found.truncate(MAX_GROUPS);
    Ok(found)
}

fn groups_in(answer: &Response) -> Result<Vec<ListedGroup>, ServiceFailure> {
    let body: Value =
        serde_json::from_slice(&answer.body).map_err(|error| ServiceFailure::garbled(&error))?;
    let list = body.get("groups").and_then(Value::as_array);
    let list = list.ok_or_else(|| ServiceFailure::garbled(&"no list of groups"))?;
    list.iter().filter_map(|value| group(value).transpose()).collect()
}

/// Errors: a group whose identifier has the wrong type: people of different groups would meet in one room.
fn group(value: &Value) -> Result<Option<ListedGroup>, ServiceFailure> {
    let id = match Identifier::read(value.get("id")) {
        Ok(Some(id)) => id.into_text(),
        Ok(None) | Err(IdentifierError::Unstorable) => return Ok(None),
        Err(error) => return Err(ServiceFailure::garbled(&format_args!("a group's id is {error}"))),
    };
    let name = value.get("name").and_then(Value::as_str).and_then(tidy);
    let name = name.map(|name| name.chars().take(MAX_NAME).collect());
    Ok(Some(ListedGroup { id, name }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_read_leniently() {
        let body = r#"{"groups":[{"id":"a","name":" Red ","set_id":"s"},{"id":7},{"id":""},{"name":"x"},{"id":null},5,
            {"id":"b","name":""},{"id":"c","name":4}]}"#;
        let read = groups_in(&Response::of(200, body)).unwrap();
        let of =
            |id: &str, name: Option<&str>| ListedGroup { id: id.to_owned(), name: name.map(str::to_owned) };
        assert_eq!(read, [of("a", Some("Red")), of("7", None), of("b", None), of("c", None)]);
        let long = format!("{{\"groups\":[{{\"id\":\"a\",\"name\":\"{}\"}}]}}", "x".repeat(5_000));
        assert_eq!(groups_in(&Response::of(200, &long)).unwrap()[0].name.as_ref().unwrap().len(), MAX_NAME);
    }

    #[test]
    fn what_is_no_list_of_groups_is_refused() {
        for body in [
            "",
            "[]",
            "{}",
            "{\"groups\":{}}",
            "{\"groups\":[{\"id\":true}]}",
            "{\"groups\":[{\"id\":7.5}]}",
            "{\"groups\":[{\"id\":[7]}]}",
        ] {
            assert!(groups_in(&Response::of(200, body)).is_err(), "{body}");
        }
    }
}
