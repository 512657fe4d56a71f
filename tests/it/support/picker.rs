//! A teacher at the page where classes are chosen for a course.

use jitsi_lti::demo::lms::{DeepLinkingAnswer, Visit};
use serde_json::Value;

use super::{Browser, Form, Page};

pub const PICKER: &str = "/lti/deep-linking";

impl Browser {
    /// Begins to choose classes for a course.
    pub async fn picks(&self, person: &str, course: &str) -> Page {
        self.launches_as(&Visit::picking(person, course)).await
    }

    /// Sends the picker's form with these fields beside the sealed choice.
    pub async fn chooses(&self, picker: &Page, fields: &[(&str, &str)]) -> Page {
        self.submits(PICKER, &choice(picker, fields)).await
    }

    /// Carries the answer back to the platform, and hears what it says.
    pub async fn returns(&self, picked: &Page) -> Result<DeepLinkingAnswer, String> {
        assert_eq!(picked.status, 200, "{}", picked.text());
        let (place, jwt) = (picked.attr("form[method=post]", "action"), picked.field("JWT"));
        assert!(picked.policy("form-action").contains(&origin_of(&place)), "the policy lets the answer go");
        self.lms().receive_deep_linking(&place, &jwt).await
    }
}

/// The picker's form with these fields.
pub fn choice(picker: &Page, fields: &[(&str, &str)]) -> Form {
    let mut form = super::form(fields);
    form.push(("session".to_owned(), picker.field("session")));
    form
}

impl Page {
    /// The claims of the answer that goes back to the platform.
    #[track_caller]
    pub fn answer(&self) -> Value {
        use base64::Engine as _;
        let jwt = self.field("JWT");
        let payload = jwt.split('.').nth(1).unwrap();
        let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    /// The items of the answer.
    #[track_caller]
    pub fn items(&self) -> Vec<Value> {
        let claims = self.answer();
        claims["https://purl.imsglobal.org/spec/lti-dl/claim/content_items"].as_array().unwrap().clone()
    }
}

fn origin_of(url: &str) -> String {
    url::Url::parse(url).unwrap().origin().ascii_serialization()
}
