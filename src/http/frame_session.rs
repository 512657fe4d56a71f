//! Sessions where the browser keeps no cookies: sealed into the forms of the frame's own pages, and into a header of
//! their scripts. Never into an address, which proxies write down and people pass on.
//!
//! A form is believed from our own pages alone, so nobody can put their own session before another person either. No
//! page of another origin can send the header.

use actix_web::{HttpMessage as _, HttpRequest};

use super::security::is_by_our_script;
use super::session::{NoSession, Session, SessionClaims, SessionTransport, session_name, with_field};
use crate::clock::Timestamp;
use crate::ids::{Random, RoomId};
use crate::sealing::Sealer;
use crate::sealing::sealed::Sealed as _;

/// The header in which our scripts send the session.
const HEADER: &str = "x-jitsi-lti-session";
/// The field of an address whose form asks for the page itself, and changes nothing.
const OPEN: &str = "open";

/// The sealed session in a form that opens a page: whoever read the form made sure that our own page sent it.
pub struct CarriedSession(pub String);

impl<R: SessionClaims> Session<R> {
    /// The same session, for a page whose browser keeps no cookies; what the page carries counts from `now`.
    #[must_use]
    pub fn in_forms(self, now: Timestamp) -> Self {
        Self { transport: SessionTransport::Form, renewed: now, ..self }
    }

    /// Whether it travels in forms.
    pub fn is_in_forms(&self) -> bool {
        self.transport == SessionTransport::Form
    }

    /// The session of a request for a page: in its cookies, else carried by the form that opens the page, or by our script.
    pub fn from_request(
        request: &HttpRequest,
        room: RoomId,
        sealer: &Sealer,
        random: &Random,
        now: Timestamp,
    ) -> Result<Self, NoSession> {
        Self::from_cookies(request, room, sealer, now).or_else(|reason| {
            let opened = request.extensions().get::<CarriedSession>().map(|carried| carried.0.clone());
            let header =
                || request.headers().get(HEADER).filter(|_| is_by_our_script(request))?.to_str().ok();
            let sealed = opened.or_else(|| header().map(str::to_owned)).ok_or(reason)?;
            let session =
                Self::open_at_any_age(&sealed, sealer).map_err(|_| NoSession::Missing)?.check(now)?;
            // Whether the room is one of the person's activity, the database knows.
            let session = match session.room == room {
                true => session,
                false => session.into_room(room, now, random),
            };
            Ok(session.of_address(request)?.in_forms(now))
        })
    }

    /// The session of a form: in the request's cookies, else in the form's own hidden field.
    ///
    /// Trust: the caller made sure that our own page sends it, with the CSRF token of the session.
    pub fn from_form(
        request: &HttpRequest,
        room: RoomId,
        token: Option<&str>,
        sealer: &Sealer,
        now: Timestamp,
    ) -> Result<Self, NoSession> {
        Self::from_cookies(request, room, sealer, now).or_else(|reason| {
            let session = Self::from_token(token.ok_or(reason)?, room, sealer, now)?;
            Ok(session.of_address(request)?.in_forms(now))
        })
    }

    /// The session, when the address names this one or none.
    fn of_address(self, request: &HttpRequest) -> Result<Self, NoSession> {
        let is_other = session_name(request).is_some_and(|name| name != self.name());
        if is_other { Err(NoSession::Replaced) } else { Ok(self) }
    }

    /// Opens the session token that a form of the room's page carries.
    pub fn from_token(token: &str, room: RoomId, sealer: &Sealer, now: Timestamp) -> Result<Self, NoSession> {
        Self::open_of(room, token, sealer).ok_or(NoSession::Missing)?.check(now)
    }

    /// The address that leads to `path` from a page of this session. Where no cookie does it, a form leads there, which
    /// carries the session.
    pub fn address(&self, path: &str) -> String {
        let named = self.named_address(path);
        if self.is_in_forms() { with_field(&named, OPEN, "yes") } else { named }
    }

    /// Returns the session token for this session's forms; none where a cookie carries the session.
    pub fn form_token(&self, sealer: &Sealer, random: &Random) -> Option<String> {
        self.is_in_forms().then(|| self.seal(sealer, random))
    }
}

/// Whether the address is of a form that opens a page.
pub fn opens_page(query: &str) -> bool {
    url::form_urlencoded::parse(query.as_bytes()).any(|(field, _)| field == OPEN)
}

/// Whether the answer will be shown in a frame.
pub fn is_framed(request: &HttpRequest) -> bool {
    let destination = request.headers().get("sec-fetch-dest");
    destination.is_some_and(|destination| destination == "iframe" || destination == "frame")
}

/// Whether the answer will be shown in a window of its own.
pub fn is_in_window(request: &HttpRequest) -> bool {
    request.headers().get("sec-fetch-dest").is_some_and(|destination| destination == "document")
}
