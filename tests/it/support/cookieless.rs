//! What the scripts of our pages do in a browser that keeps no cookies.

use serde_json::Value;

use super::{Browser, Form, Page, form};

/// Headers of a request.
pub type Headers<'a> = &'a [(&'a str, &'a str)];

/// A browser that leads its own frame to another page of ours.
pub const IN_FRAME: Headers<'_> =
    &[("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")];
/// A script of our own page.
pub const BY_SCRIPT: Headers<'_> = &[
    ("sec-fetch-site", "same-origin"),
    ("sec-fetch-mode", "same-origin"),
    ("sec-fetch-dest", "empty"),
    ("x-jitsi-lti", "1"),
];

/// A launch without cookies: what the login's page kept, and what the launch's page has to send with it.
pub struct Unbound {
    pub secret: String,
    pub continuation: String,
}

/// Somebody's way in without cookies, over.
pub struct Inside {
    /// The clean address of the room.
    pub room: String,
    /// Where the form goes that opens it in the frame.
    pub open: String,
    /// The session that the form carries.
    pub session_token: String,
    /// Where the page asks whether cookies are kept.
    pub probe: String,
}

impl Unbound {
    /// The form that the page sends.
    pub fn form(&self, from: &str) -> Form {
        form(&[("continuation", &self.continuation), ("secret", &self.secret), ("from", from)])
    }
}

impl Browser {
    /// Opens an activity without cookies, up to the page of the launch.
    pub async fn launches_unbound(&self, person: &str, activity: &str) -> Unbound {
        let visit = jitsi_lti::demo::lms::Visit::new(person, activity);
        let login = self.logs_in(&self.lms().login_initiation(&visit).unwrap()).await;
        let secret = login.attr("[data-secret]", "data-secret");
        let page = self.brings(&self.asks_platform(&login)).await;
        page.assert_refused(401, "cookies-blocked");
        assert!(page.set_cookies().is_empty(), "{:?}", page.set_cookies());
        Unbound { secret, continuation: page.attr("[data-continuation]", "data-continuation") }
    }

    /// Sends what the page of a launch found.
    pub async fn completes(&self, form: &Form) -> Page {
        let origin = [("origin", self.origin())];
        self.sends("POST", "/lti/launch/complete", Some(form), &[BY_SCRIPT, &origin].concat()).await
    }

    /// Goes in without cookies.
    pub async fn enters_unbound(&self, person: &str, activity: &str) -> Inside {
        let form = self.launches_unbound(person, activity).await.form("local-storage");
        self.completes(&form).await.assert_inside()
    }

    /// A request without cookies, with these headers and no others of ours.
    pub async fn sends(&self, method: &str, path: &str, form: Option<&Form>, headers: Headers<'_>) -> Page {
        let mut request = self.raw(method, path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(form) = form {
            request = request.form(form);
        }
        Page::read(request.send().await.unwrap()).await
    }

    /// Opens a page of the room in its frame, as the forms and links of our pages do: with the session in the body.
    pub async fn frames(&self, address: &str, token: &str) -> Page {
        self.frame_submits(address, &form(&[("session_token", token)])).await
    }

    /// Follows a link of a page in its frame.
    pub async fn frame_follows(&self, page: &Page, id: &str) -> Page {
        self.frames(&page.attr(&format!("#{id}"), "href"), &page.carried()).await
    }

    /// Posts a form of a page in its frame.
    pub async fn frame_submits(&self, address: &str, form: &Form) -> Page {
        self.sends("POST", address, Some(form), &[IN_FRAME, &[("origin", self.origin())]].concat()).await
    }
}

impl Inside {
    /// The path of the room.
    pub fn path(&self) -> &str {
        self.room.split('?').next().unwrap()
    }

    /// The address of a page of the room.
    pub fn address(&self, page: &str) -> String {
        self.room.replace('?', &format!("{page}?"))
    }
}

impl Page {
    /// The session that a page without cookies carries.
    #[track_caller]
    pub fn carried(&self) -> String {
        self.attr("#carried [name=session_token]", "value")
    }

    /// The completion led into a room.
    #[track_caller]
    pub fn assert_inside(&self) -> Inside {
        assert_eq!(self.status, 200, "{}", self.body);
        let ways: Value = serde_json::from_str(&self.body).unwrap();
        let way = |name: &str| ways[name].as_str().unwrap().to_owned();
        Inside {
            room: way("room"),
            open: way("open"),
            session_token: way("session_token"),
            probe: way("probe"),
        }
    }
}
