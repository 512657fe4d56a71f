//! Deep linking: what a platform lets a teacher choose, and the signed answer that carries what was chosen.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use url::Url;

use super::claims::{Claims, tidy};
use super::error::LaunchError;
use super::registration::platform::{Deployment, Platform};
use super::services::ags::SCORE_MAXIMUM;
use super::services::line_item::TAG;
use crate::clock::Timestamp;
use crate::outbound::{NetworkPolicy, check_url};

const CORE: &str = "https://purl.imsglobal.org/spec/lti/claim/";
const DEEP_LINKING: &str = "https://purl.imsglobal.org/spec/lti-dl/claim/";
const LINK_TYPE: &str = "ltiResourceLink";
const MAX_DATA: usize = 32 * 1024;
const MAX_URL: usize = 8 * 1024;
const TTL: Duration = Duration::from_secs(5 * 60);
/// Platforms that allow no leeway refuse what was issued in their future.
const BACK_DATED: Duration = Duration::from_secs(5);

/// What a platform lets a teacher choose, and where the answer goes.
///
/// Trust: from a verified launch. The return address and the data never come from anywhere else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeepLinkingRequest {
    /// Where the answer is posted.
    pub return_url: Url,
    /// Whether it takes links that launch a tool.
    pub takes_links: bool,
    /// Whether it takes several items at once.
    pub takes_several: bool,
    /// Whether an item may ask for a grade column.
    pub takes_line_items: bool,
    /// Whether an item may ask for a window of its own.
    pub offers_window: bool,
    /// Whether an item may ask for a frame.
    pub offers_frame: bool,
    /// The title to begin with.
    pub title: Option<String>,
    /// The text to begin with.
    pub text: Option<String>,
    /// What the answer must repeat, whatever it is.
    data: Option<Value>,
}

impl DeepLinkingRequest {
    /// Spec: Deep Linking 2.0 §4.4.1.
    /// Quirk: Moodle says nothing of line items and takes them; only an explicit no is one. `accept_media_types` is about
    /// files, which are never sent.
    pub(super) fn read(claims: &Claims, policy: NetworkPolicy) -> Result<Self, LaunchError> {
        let text = |name: &str| claims.deep_linking(name).and_then(Value::as_str).and_then(tidy);
        let flag = |name: &str| claims.deep_linking(name).and_then(Value::as_bool);
        let lists = |name: &str, wanted: &str| {
            let list = claims.deep_linking(name).and_then(Value::as_array);
            list.is_some_and(|list| list.iter().any(|one| one == wanted))
        };
        let return_url = claims.deep_linking("deep_link_return_url").and_then(Value::as_str);
        let return_url =
            return_url.filter(|text| text.len() <= MAX_URL).and_then(|text| Url::parse(text).ok());
        let return_url = return_url.filter(|url| check_url(url, policy).is_ok());
        let data = claims.deep_linking("data").cloned();
        if data.as_ref().is_some_and(|data| data.to_string().len() > MAX_DATA) {
            return Err(LaunchError::ClaimInvalid("deep_linking_settings.data"));
        }
        Ok(Self {
            return_url: return_url.ok_or(LaunchError::ReturnUrlMissing)?,
            takes_links: lists("accept_types", LINK_TYPE),
            takes_several: flag("accept_multiple").unwrap_or(false),
            takes_line_items: flag("accept_lineitem").unwrap_or(true),
            offers_window: lists("accept_presentation_document_targets", "window"),
            offers_frame: lists("accept_presentation_document_targets", "iframe"),
            title: text("title"),
            text: text("text"),
            data,
        })
    }

    /// Where an item should open, at a platform whose frames let a page share the screen or not.
    ///
    /// Quirk: a class needs the screen; where the platform's frames keep it, as Moodle's do, a window is better.
    pub fn place(&self, frame_shares_screen: bool) -> Option<ItemPlace> {
        match (self.offers_frame, self.offers_window) {
            (true, _) if frame_shares_screen => Some(ItemPlace::Frame),
            (_, true) => Some(ItemPlace::Window),
            (true, false) => Some(ItemPlace::Frame),
            (false, false) => None,
        }
    }
}

/// Where an item opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemPlace {
    /// In a frame of the course.
    Frame,
    /// In a window of its own.
    Window,
}

/// A link that launches this tool.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkItem {
    /// Its title in the course.
    pub title: String,
    /// The text below it.
    pub text: Option<String>,
    /// Custom parameters, which come back with every launch.
    pub custom: Vec<(String, String)>,
    /// What the platform keeps as `resourceId` of its grade column, where it is graded.
    pub graded_as: Option<String>,
    /// From when it is of use.
    pub begins: Option<Timestamp>,
    /// Until when it is of use.
    pub ends: Option<Timestamp>,
    /// Where it opens.
    pub place: Option<ItemPlace>,
}

/// What the teacher did.
#[derive(Clone, Debug, PartialEq)]
pub enum SelectedItem {
    /// Chose these; with a sentence for the platform's page.
    Items(Vec<LinkItem>, String),
    /// Changed their mind.
    Cancelled,
    /// Nothing could be chosen: a sentence for people, and one for the platform's log.
    Failed(String, &'static str),
}

/// Returns the claims of an answer.
///
/// Spec: Deep Linking 2.0 §4.5; 1EdTech Security Framework 1.0 §5.2 (the tool's messages).
/// Quirk: every item has a `url`, without which Blackboard makes an invalid link; `aud` is one text.
pub fn answer(
    request: &DeepLinkingRequest,
    platform: &Platform,
    deployment: &Deployment,
    choice: &SelectedItem,
    launch_url: &Url,
    nonce: &str,
    now: Timestamp,
) -> Value {
    let issued = now.minus(BACK_DATED);
    let mut claims = Map::new();
    let mut add = |name: String, value: Value| claims.insert(name, value);
    add("iss".into(), json!(platform.client_id));
    add("aud".into(), json!(platform.issuer));
    add("iat".into(), json!(issued.secs()));
    add("exp".into(), json!(issued.plus(TTL).secs()));
    add("nonce".into(), json!(nonce));
    add(format!("{CORE}deployment_id"), json!(deployment.deployment_id));
    add(format!("{CORE}message_type"), json!("LtiDeepLinkingResponse"));
    add(format!("{CORE}version"), json!("1.3.0"));
    let items: Vec<Value> = match choice {
        SelectedItem::Items(items, message) => {
            add(format!("{DEEP_LINKING}msg"), json!(message));
            add(format!("{DEEP_LINKING}log"), json!(format!("{} item(s)", items.len())));
            items.iter().map(|item| item_claim(item, launch_url)).collect()
        }
        SelectedItem::Cancelled => Vec::new(),
        SelectedItem::Failed(sentence, log) => {
            add(format!("{DEEP_LINKING}errormsg"), json!(sentence));
            add(format!("{DEEP_LINKING}errorlog"), json!(log));
            Vec::new()
        }
    };
    add(format!("{DEEP_LINKING}content_items"), json!(items));
    if let Some(data) = &request.data {
        add(format!("{DEEP_LINKING}data"), data.clone());
    }
    Value::Object(claims)
}

fn item_claim(item: &LinkItem, launch_url: &Url) -> Value {
    let custom: Map<String, Value> =
        item.custom.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    let mut claim = json!({
        "type": LINK_TYPE, "url": launch_url.as_str(), "title": item.title, "custom": custom,
    });
    if let Some(text) = &item.text {
        claim["text"] = json!(text);
    }
    if let Some(resource_id) = &item.graded_as {
        claim["lineItem"] = json!({
            "label": item.title, "scoreMaximum": SCORE_MAXIMUM, "resourceId": resource_id, "tag": TAG,
        });
    }
    let mut times = Map::new();
    times.extend(item.begins.map(|begins| ("startDateTime".to_owned(), json!(begins.iso()))));
    times.extend(item.ends.map(|ends| ("endDateTime".to_owned(), json!(ends.iso()))));
    if !times.is_empty() {
        claim["available"] = Value::Object(times.clone());
        claim["submission"] = Value::Object(times);
    }
    match item.place {
        Some(ItemPlace::Window) => claim["window"] = json!({ "targetName": "_blank" }),
        Some(ItemPlace::Frame) => claim["iframe"] = json!({ "width": 1000, "height": 720 }),
        None => {}
    }
    claim
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(settings: &Value) -> Result<DeepLinkingRequest, LaunchError> {
        let payload =
            json!({ "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings": settings });
        DeepLinkingRequest::read(
            &Claims::parse(payload.to_string().as_bytes()).unwrap(),
            NetworkPolicy::Public,
        )
    }

    #[test]
    fn a_request_as_moodle_sends_it() {
        let request = read(&json!({
            "accept_types": ["ltiResourceLink"], "accept_presentation_document_targets": ["frame", "iframe", "window"],
            "accept_multiple": true, "auto_create": false, "text": "", "title": "Jitsi",
            "deep_link_return_url": "https://lms.example/return.php?course=2&id=1&sesskey=x",
        }))
        .unwrap();
        assert!(request.takes_links && request.takes_several && request.takes_line_items);
        assert_eq!((request.title.as_deref(), request.text, request.data), (Some("Jitsi"), None, None));
    }

    #[test]
    fn what_is_not_said_is_not_taken_but_for_line_items() {
        let bare = read(&json!({ "deep_link_return_url": "https://lms.example/r" })).unwrap();
        assert!(!bare.takes_links && !bare.takes_several && bare.takes_line_items);
        assert_eq!(bare.place(true), None);
        let odd = read(&json!({
            "deep_link_return_url": "https://lms.example/r", "accept_types": "ltiResourceLink",
            "accept_multiple": "true", "accept_lineitem": false, "accept_presentation_document_targets": [7, null],
        }))
        .unwrap();
        assert!(!odd.takes_links && !odd.takes_several && !odd.takes_line_items);
    }

    #[test]
    fn an_answer_needs_a_safe_place_to_go() {
        for place in [
            json!(null),
            json!(""),
            json!(7),
            json!("/r"),
            json!("javascript:alert(1)"),
            json!("http://lms.example/r"),
            json!("https://127.0.0.1/r"),
            json!(format!("https://lms.example/{}", "x".repeat(MAX_URL))),
        ] {
            let refused = read(&json!({ "deep_link_return_url": place }));
            assert!(matches!(refused, Err(LaunchError::ReturnUrlMissing)), "{refused:?}");
        }
        let huge = json!({ "deep_link_return_url": "https://lms.example/r", "data": "x".repeat(MAX_DATA) });
        assert!(matches!(read(&huge), Err(LaunchError::ClaimInvalid(_))));
    }

    #[test]
    fn an_item_opens_where_the_screen_can_be_shared() {
        let request = |targets: &[&str]| {
            read(&json!({
                "deep_link_return_url": "https://lms.example/r", "accept_presentation_document_targets": targets,
            }))
            .unwrap()
        };
        for (targets, shares, expected) in [
            (&["iframe", "window"][..], true, Some(ItemPlace::Frame)),
            (&["iframe", "window"], false, Some(ItemPlace::Window)),
            (&["iframe"], false, Some(ItemPlace::Frame)),
            (&["window"], true, Some(ItemPlace::Window)),
            (&["frame", "overlay"], true, None),
        ] {
            assert_eq!(request(targets).place(shares), expected, "{targets:?} {shares}");
        }
    }

    #[test]
    fn data_of_any_shape_comes_back_as_it_was() {
        for data in [
            json!("abc"),
            json!({ "b": 1, "a": [null, 0.5, "é"] }),
            json!(18_446_744_073_709_551_615_u64),
            json!(""),
        ] {
            let request =
                read(&json!({ "deep_link_return_url": "https://lms.example/r", "data": data })).unwrap();
            assert_eq!(request.data, Some(data));
        }
    }
}
