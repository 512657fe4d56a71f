//! Sessions where the browser keeps no cookies: sealed into the addresses and forms of the frame's own pages.
//!
//! Such an address (`/rooms/{room}?s=…`) opens nothing when it is pasted into a chat, a bookmark or another page:
//! - opened in a window, the browser says `Sec-Fetch-Dest: document`, and it is refused like any visit without a session;
//! - framed by another site, also by the platform's own pages, it says `Sec-Fetch-Site: cross-site`: so nobody can put
//!   their own session before another person either;
//! - a page may fetch it with a header that only scripts of our own origin can send.
//!
//! No page of another origin can set or change these headers. The address lives for an hour, and each page renews it.

use std::time::Duration;

use actix_web::HttpRequest;
use serde::{Deserialize, Serialize};

use super::security::is_by_our_script;
use super::session::{Carrier, NoSession, Session};
use crate::clock::Timestamp;
use crate::ids::Random;
use crate::sealing::Sealer;

const PURPOSE: &str = "frame session";
/// The field of the address that holds the session.
const FIELD: &str = "s";
/// How long an address opens its page.
const LIFE: Duration = Duration::from_secs(60 * 60);

impl<R: Serialize + for<'de> Deserialize<'de>> Session<R> {
    /// The same session, for a frame whose browser keeps no cookies; its addresses and forms count from `now`.
    #[must_use]
    pub fn in_frame(self, now: Timestamp) -> Self {
        Self { carrier: Carrier::Frame, renewed: now, ..self }
    }

    /// Whether it travels in addresses and forms.
    pub fn is_in_frame(&self) -> bool {
        self.carrier == Carrier::Frame
    }

    /// The session of a request: in its cookies, else in the address of a frame's own page.
    pub fn from_request(
        request: &HttpRequest,
        room: &str,
        sealer: &Sealer,
        now: Timestamp,
    ) -> Result<Self, NoSession> {
        Self::from_cookies(request, room, sealer, now)
            .or_else(|reason| Self::from_address(request, room, sealer, now).unwrap_or(Err(reason)))
    }

    /// The session of a form: in the request's cookies, else in the form's own hidden field.
    ///
    /// Trust: the caller made sure that our own page sends it, with the mark of the session.
    pub fn from_form(
        request: &HttpRequest,
        (room, pass): (&str, Option<&str>),
        sealer: &Sealer,
        now: Timestamp,
    ) -> Result<Self, NoSession> {
        Self::from_cookies(request, room, sealer, now).or_else(|reason| {
            let pass = pass.ok_or(reason)?;
            Ok(Self::from_pass(pass, room, sealer, now)?.in_frame(now))
        })
    }

    /// `None` where the address holds no session, or the request is none that it is honoured for.
    fn from_address(
        request: &HttpRequest,
        room: &str,
        sealer: &Sealer,
        now: Timestamp,
    ) -> Option<Result<Self, NoSession>> {
        let query = url::form_urlencoded::parse(request.query_string().as_bytes());
        let (_, sealed) = query.into_iter().find(|(name, _)| name == FIELD)?;
        if !is_by_our_frame(request) && !is_by_our_script(request) {
            return None;
        }
        let session = Self::open_for(PURPOSE, &sealed, room, sealer)?;
        if now.since(session.renewed) > LIFE {
            return Some(Err(NoSession::Expired));
        }
        Some(session.check(now).map(|session| session.in_frame(now)))
    }

    /// The address that leads to `path` from a page of this session: itself, or with the session where no cookie does it.
    pub fn address(&self, path: &str, sealer: &Sealer, random: &Random) -> String {
        if !self.is_in_frame() {
            return path.to_owned();
        }
        let sealed = sealer.seal(PURPOSE, serde_json::to_string(self).unwrap_or_default().as_bytes(), random);
        let separator = if path.contains('?') { '&' } else { '?' };
        format!("{path}{separator}{FIELD}={sealed}")
    }

    /// The hidden field of this session's forms, where no cookie does it.
    pub fn form_pass(&self, sealer: &Sealer, random: &Random) -> Option<String> {
        self.is_in_frame().then(|| self.seal(sealer, random))
    }
}

/// Whether a page of ours leads its own frame here.
///
/// Spec: W3C Fetch Metadata.
fn is_by_our_frame(request: &HttpRequest) -> bool {
    let is = |name: &str, wanted: &str| request.headers().get(name).is_some_and(|value| value == wanted);
    is("sec-fetch-site", "same-origin") && is("sec-fetch-mode", "navigate") && is_framed(request)
}

/// Whether the answer will be shown in a frame.
pub fn is_framed(request: &HttpRequest) -> bool {
    let destination = request.headers().get("sec-fetch-dest");
    destination.is_some_and(|destination| destination == "iframe" || destination == "frame")
}
