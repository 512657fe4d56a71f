//! Deep linking at the LMS: what a teacher may choose, and the answer, of which nothing is believed unchecked.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::behaviour::DeepLinkingOffer;
use super::content_item;
use super::directory::LmsActivity;
use super::launch::ResolvedVisit;
use super::message_log::{LoggedMessage, TO_LMS};
use super::tools::Tool;
use super::{Lms, lock};
use crate::demo::jws::{Parsed, readable};

const CORE: &str = "https://purl.imsglobal.org/spec/lti/claim/";
const DEEP_LINKING: &str = "https://purl.imsglobal.org/spec/lti-dl/claim/";
const SESSION_SECS: i64 = 3600;
const MAX_AGE_SECS: i64 = 600;

/// A choice that a teacher began.
pub(super) struct PendingSelection {
    client_id: String,
    course: String,
    data: Option<Value>,
    offer: DeepLinkingOffer,
    begun: i64,
    used: bool,
}

/// The choices that were begun, and the nonces of answers.
#[derive(Default)]
pub(super) struct PendingSelections {
    begun: HashMap<String, PendingSelection>,
    nonces: HashMap<String, i64>,
}

/// What came back, once everything in it was checked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeepLinkingAnswer {
    /// The activities that now stand in the course.
    pub activities: Vec<LmsActivity>,
    /// The items, as they came.
    pub items: Vec<Value>,
    /// A sentence for the teacher.
    pub message: Option<String>,
    /// What went wrong, for the teacher.
    pub error: Option<String>,
    /// A line for the LMS's log.
    pub log: Option<String>,
    /// What went wrong, for the LMS's log.
    pub error_log: Option<String>,
}

impl Lms {
    /// Returns the settings of a deep linking request, and remembers them for its response.
    ///
    /// Spec: Deep Linking 2.0 §4.4.1.
    pub(super) fn deep_linking_settings(&self, resolved: &ResolvedVisit) -> Value {
        let offer = self.0.behaviour.get().deep_linking;
        let (session, now) = (self.0.random.secret(), self.now());
        let data = match &offer.data {
            None => Some(json!(self.0.random.secret())),
            Some(Value::Null) => None,
            Some(data) => Some(data.clone()),
        };
        let url = format!(
            "{}/courses/{}/deep-linking/{session}?sesskey={}",
            self.0.settings.issuer,
            resolved.course.id,
            &session[..10],
        );
        let mut settings = json!({
            "deep_link_return_url": url, "accept_types": offer.accept_types, "auto_create": false,
            "accept_presentation_document_targets": offer.accept_targets, "title": offer.title, "text": offer.text,
        });
        let optional = [
            ("accept_multiple", offer.accept_multiple.map(Value::from)),
            ("accept_lineitem", offer.accept_lineitem.map(Value::from)),
            ("accept_media_types", offer.accept_media_types.clone().map(Value::from)),
            ("data", data.clone()),
        ];
        for (name, value) in optional {
            if let Some(value) = value {
                settings[name] = value;
            }
        }
        let (client_id, course) = (resolved.tool.client_id.clone(), resolved.course.id.clone());
        let begun = PendingSelection { client_id, course, data, offer, begun: now, used: false };
        lock(&self.0.selections).begun.insert(session, begun);
        settings
    }

    /// Takes an answer that came to `return_url`: every item becomes an activity.
    ///
    /// # Errors
    /// Why the LMS believes nothing of it, in a sentence.
    pub async fn receive_deep_linking(
        &self,
        return_url: &str,
        jwt: &str,
    ) -> Result<DeepLinkingAnswer, String> {
        let taken = self.check_deep_linking(return_url, jwt).await;
        let outcome = match &taken {
            Ok(answer) => format!("{} item(s) taken", answer.items.len()),
            Err(reason) => format!("refused: {reason}"),
        };
        self.0.message_log.note(LoggedMessage {
            at: self.moment(),
            direction: TO_LMS,
            title: "Deep linking response".to_owned(),
            sentence: "The tool sends the browser back with what the teacher chose, signed.",
            status: None,
            parts: vec![
                ("JWT, decoded".to_owned(), readable(jwt).unwrap_or_default()),
                ("outcome".to_owned(), outcome),
            ],
        });
        taken
    }

    async fn check_deep_linking(&self, return_url: &str, jwt: &str) -> Result<DeepLinkingAnswer, String> {
        let token = Parsed::of(jwt).ok_or("the JWT is not a signed token")?;
        let tool = token.text("iss").and_then(|client_id| self.tool(client_id));
        let tool = tool.ok_or("iss must be the client_id")?;
        self.0.tool_keys.vouch_for(&tool.jwks_url, &token).await?;
        self.check_security(&tool, &token)?;
        let (name, course) = self.place_of(return_url)?;
        let claims = &token.payload;
        let mut sessions = lock(&self.0.selections);
        let now = self.now();
        let session = sessions.begun.get_mut(&name).ok_or("nobody began to choose under this address")?;
        must(session.client_id == tool.client_id, "the choice began with another tool")?;
        must(session.course == course, "the address is of another course")?;
        must(!session.used, "this choice was answered before")?;
        must(now - session.begun <= SESSION_SECS, "the choice began more than an hour ago")?;
        let data = claims.get(format!("{DEEP_LINKING}data"));
        must(data == session.data.as_ref(), "data is not what the request sent")?;
        let items = items_of(claims)?;
        let several = session.offer.accept_multiple == Some(true);
        must(items.len() <= 1 || several, "several items, where one was asked for")?;
        let activities = items
            .iter()
            .map(|item| content_item::read(item, &session.offer, &tool.origin))
            .collect::<Result<Vec<_>, String>>()?;
        session.used = true;
        drop(sessions);
        let text = |name: &str| claims[format!("{DEEP_LINKING}{name}")].as_str().map(str::to_owned);
        let added = activities.into_iter().map(|item| self.add_item(&tool, &course, item));
        Ok(DeepLinkingAnswer {
            activities: added.collect::<Result<Vec<_>, String>>()?,
            items,
            message: text("msg"),
            error: text("errormsg"),
            log: text("log"),
            error_log: text("errorlog"),
        })
    }

    /// Checks the claims that keep a response safe. Spec: Security Framework 1.0 §5.2.3; Deep Linking 2.0 §4.5.
    fn check_security(&self, tool: &Tool, token: &Parsed) -> Result<(), String> {
        let (settings, now, claims) = (&self.0.settings, self.now(), &token.payload);
        let audience = &claims["aud"];
        let ours = *audience == json!(settings.issuer) || *audience == json!([settings.issuer]);
        must(ours, "aud must be the issuer")?;
        let party = claims.get("azp").is_none_or(|party| *party == json!(settings.issuer));
        must(party, "azp must be the issuer")?;
        let number = |name: &str| claims[name].as_i64().ok_or(format!("{name} must be a whole number"));
        let (issued, expires) = (number("iat")?, number("exp")?);
        must(issued <= now, "iat lies in the future")?;
        must(now - issued <= MAX_AGE_SECS, "iat lies more than ten minutes back")?;
        must(expires > now, "the token ran out")?;
        must(expires - now <= SESSION_SECS, "the token lives longer than an hour")?;
        let core = |name: &str| claims[format!("{CORE}{name}")].as_str();
        must(core("deployment_id") == Some(&tool.deployment_id), "deployment_id is not the tool's")?;
        must(core("version") == Some("1.3.0"), "version must be 1.3.0")?;
        let kind = core("message_type") == Some("LtiDeepLinkingResponse");
        must(kind, "message_type must be LtiDeepLinkingResponse")?;
        let nonce = token.text("nonce").filter(|nonce| !nonce.is_empty()).ok_or("nonce is missing")?;
        let mut sessions = lock(&self.0.selections);
        sessions.nonces.retain(|_, until| *until >= now);
        let fresh = sessions.nonces.insert(nonce.to_owned(), expires).is_none();
        must(fresh, "nonce was used before")
    }

    /// Returns selection and course of a return URL, which must be one of this LMS's, letter by letter.
    fn place_of(&self, return_url: &str) -> Result<(String, String), String> {
        let rest = return_url.strip_prefix(&self.0.settings.issuer).ok_or("the address is not this LMS's")?;
        let (path, query) = rest.split_once('?').ok_or("the address lost its query")?;
        let parts: Vec<&str> = path.split('/').collect();
        match parts[..] {
            ["", "courses", course, "deep-linking", session] => {
                let key = format!("sesskey={}", session.get(..10).unwrap_or_default());
                must(query == key, "sesskey is not of this choice")?;
                Ok((session.to_owned(), course.to_owned()))
            }
            _ => Err("the address is no place for answers".to_owned()),
        }
    }

    fn add_item(
        &self,
        tool: &Tool,
        course: &str,
        item: content_item::AcceptedItem,
    ) -> Result<LmsActivity, String> {
        let activity =
            LmsActivity { course: course.to_owned(), tool: Some(tool.client_id.clone()), ..item.activity };
        let added = self.add_activity(activity).map_err(|error| error.to_string())?;
        let mut grades = lock(&self.0.grades);
        let own = grades
            .items(course)
            .into_iter()
            .find(|one| one.resource_link_id.as_deref() == Some(added.link()));
        if let Some(mut column) = own {
            (column.resource_id, column.tag) = (item.resource_id, item.tag);
            column.label = item.label.unwrap_or(column.label);
            grades.replace(column);
        }
        Ok(added)
    }
}

fn items_of(claims: &Value) -> Result<Vec<Value>, String> {
    match claims.get(format!("{DEEP_LINKING}content_items")) {
        None => Ok(Vec::new()),
        Some(Value::Array(items)) => Ok(items.clone()),
        Some(_) => Err("content_items must be a list".to_owned()),
    }
}

fn must(holds: bool, otherwise: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise.to_owned()) }
}
