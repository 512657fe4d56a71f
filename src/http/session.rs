//! Sessions in rooms: sealed into cookies, so that nothing is stored and nothing can be guessed.
//!
//! A session has a public name, which opens nothing by itself: pages, links and forms say with it for whom they were
//! made. The cookie of that name proves it. So people, and roles of one person, live side by side in one browser, and no
//! page ever answers for somebody else.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::header::HeaderValue;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use url::form_urlencoded;

use super::cookies::{CookieVariant, ROOM_COOKIE, cookie_values, kept_of, room_cookies, set_cookie};
use crate::clock::Timestamp;
use crate::ids::{Random, RoomId};
use crate::sealing::Sealer;
use crate::sealing::packing::{Pack, Packer, Unpacker};
use crate::sealing::sealed::{Packed, Sealed};

const PURPOSE: &str = "room session";
const CSRF: &str = "csrf";
/// The field of an address that names the session.
const NAME: &str = "v";
/// Bytes of a session's name, before they are written as text.
const NAME_BYTES: usize = 9;
const MAX_ID: u8 = 24;

/// What a session says of its person.
pub trait SessionClaims: Pack + Clone {
    /// Tells the person, and what they are in the room, apart from everybody else.
    fn identity(&self) -> String;

    /// Whether this is the same person in the same role, if perhaps by another activity.
    fn is_same_person(&self, other: &Self) -> bool;
}

/// What is bound to one room, one person and their claims there; `R` is the domain's description of those claims.
#[derive(Clone, Debug)]
pub struct Session<R> {
    /// Proves forms to be of this session.
    pub(super) id: String,
    /// Names the session in addresses: the same for the same person in the same role.
    pub(super) name: String,
    /// The room.
    pub room: RoomId,
    /// When the launch began it.
    pub began: Timestamp,
    /// When it was last renewed by use.
    pub renewed: Timestamp,
    /// Who the person is, and what they may do.
    pub claims: R,
    /// How it travels.
    pub transport: SessionTransport,
}

/// How a session travels between the browser and us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionTransport {
    /// In a cookie.
    Cookie(CookieVariant),
    /// In forms, and in a header of our scripts: the browser keeps no cookies where the page is.
    Form,
}

/// Why there is no session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoSession {
    /// The browser sent none.
    Missing,
    /// It is over.
    Expired,
    /// The browser holds sessions of other people, or of another role, in this room.
    Replaced,
    /// The address names nobody, and the browser holds sessions of several people.
    Unclear,
}

impl<R: SessionClaims> Sealed for Session<R> {
    type Format = Packed;
    const PURPOSE: &'static str = PURPOSE;
    /// How long a session lives at most.
    const TTL: Duration = Duration::from_secs(12 * 60 * 60);

    fn issued(&self) -> Timestamp {
        self.began
    }

    fn is_over(&self, now: Timestamp) -> bool {
        now.since(self.began) > Self::TTL || now.since(self.renewed) > Self::IDLE
    }
}

impl<R: SessionClaims> Pack for Session<R> {
    fn pack(&self, out: &mut Packer) {
        out.moment(self.renewed);
        out.moment(self.began);
        out.id(self.room.as_bytes());
        out.text(&self.id, MAX_ID);
        self.claims.pack(out);
    }

    fn unpack(from: &mut Unpacker<'_>) -> Option<Self> {
        let (renewed, began, room, id) = (from.moment()?, from.moment()?, from.id()?, from.text()?);
        let (room, claims) = (RoomId::from_bytes(room), R::unpack(from)?);
        let name = name_of(room, &claims);
        let transport = SessionTransport::Cookie(CookieVariant::Pair);
        Some(Self { id, name, room, began, renewed, claims, transport })
    }
}

impl<R: SessionClaims> Session<R> {
    /// How long a session lives without use.
    pub const IDLE: Duration = Duration::from_secs(4 * 60 * 60);
    /// A session in use is renewed when it is this old.
    const RENEW_AFTER: Duration = Duration::from_secs(5 * 60);

    /// A session that begins now.
    pub fn begin(room: RoomId, claims: R, now: Timestamp, random: &Random) -> Self {
        let name = name_of(room, &claims);
        let id = random.letters_and_digits(12);
        let transport = SessionTransport::Cookie(CookieVariant::Pair);
        Self { id, name, room, began: now, renewed: now, claims, transport }
    }

    /// The same session for a browser that has one of this name: forms of its open pages go on being right.
    #[must_use]
    pub fn continuing(self, request: &HttpRequest, sealer: &Sealer, now: Timestamp) -> Self {
        match Self::named(request, self.room, &self.name, sealer, now) {
            Ok(known) => Self { id: known.id, ..self },
            Err(_) => self,
        }
    }

    /// The same session in another room of the same activity.
    #[must_use]
    pub fn into_room(self, room: RoomId, now: Timestamp, random: &Random) -> Self {
        let Self { began, claims, transport, .. } = self;
        Self { began, transport, ..Self::begin(room, claims, now, random) }
    }

    /// The session in a request's cookies for `room`: the one that the address names, else the only one there is.
    pub fn from_cookies(
        request: &HttpRequest,
        room: RoomId,
        sealer: &Sealer,
        now: Timestamp,
    ) -> Result<Self, NoSession> {
        match session_name(request) {
            Some(name) => Self::named(request, room, &name, sealer, now),
            None => Self::only(request, room, sealer, now),
        }
    }

    fn named(
        request: &HttpRequest,
        room: RoomId,
        name: &str,
        sealer: &Sealer,
        now: Timestamp,
    ) -> Result<Self, NoSession> {
        let cookie = cookie_name(name);
        let sealed = cookie_values(request, &cookie).filter_map(|sealed| Self::open_of(room, sealed, sealer));
        let newest = sealed.filter(|found| found.name == name).max_by_key(|found| found.renewed);
        match newest {
            Some(found) => {
                let variant = kept_of(request, &cookie).unwrap_or_default();
                Self { transport: SessionTransport::Cookie(variant), ..found }.check(now)
            }
            None => {
                let others = Self::all(request, room, sealer).any(|other| other.check(now).is_ok());
                Err(if others { NoSession::Replaced } else { NoSession::Missing })
            }
        }
    }

    /// The session of the only person for whom the cookies open `room`: the newest, where several activities lead there.
    pub(super) fn only(
        request: &HttpRequest,
        room: RoomId,
        sealer: &Sealer,
        now: Timestamp,
    ) -> Result<Self, NoSession> {
        let mut reason = NoSession::Missing;
        let mut found: Option<Self> = None;
        for session in Self::all(request, room, sealer) {
            match (session.check(now), &found) {
                (Ok(session), Some(other)) if !session.claims.is_same_person(&other.claims) => {
                    return Err(NoSession::Unclear);
                }
                (Ok(session), Some(other)) if session.renewed < other.renewed => {}
                (Ok(session), _) => found = Some(session),
                (Err(expired), _) => reason = expired,
            }
        }
        let found = found.ok_or(reason)?;
        let variant = kept_of(request, &cookie_name(&found.name)).unwrap_or_default();
        Ok(Self { transport: SessionTransport::Cookie(variant), ..found })
    }

    fn all(request: &HttpRequest, room: RoomId, sealer: &Sealer) -> impl Iterator<Item = Self> {
        room_cookies(request).filter_map(move |sealed| Self::open_of(room, sealed, sealer))
    }

    /// The `Set-Cookie` headers that keep it; none where the browser keeps no cookies.
    pub fn cookies(&self, sealer: &Sealer, random: &Random) -> Vec<HeaderValue> {
        match self.transport {
            SessionTransport::Cookie(variant) => self.cookies_as(variant, sealer, random),
            SessionTransport::Form => Vec::new(),
        }
    }

    /// The `Set-Cookie` headers of these variants.
    pub fn cookies_as(&self, variant: CookieVariant, sealer: &Sealer, random: &Random) -> Vec<HeaderValue> {
        set_cookie(&cookie_name(&self.name), &self.seal(sealer, random), Self::TTL, variant)
    }

    /// The session renewed, when its use calls for it.
    pub fn renewal(&self, now: Timestamp) -> Option<Self> {
        (now.since(self.renewed) >= Self::RENEW_AFTER).then(|| Self { renewed: now, ..self.clone() })
    }

    /// The mac that every form of the session carries.
    pub fn csrf(&self, sealer: &Sealer) -> String {
        sealer.mac(CSRF, &self.id)
    }

    /// Whether `mac` is of the session.
    pub fn is_csrf(&self, mac: &str, sealer: &Sealer) -> bool {
        sealer.is_mac(CSRF, &self.id, mac)
    }

    /// Names the session in addresses.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The address that names the session: `path` may have a query and a fragment.
    pub fn named_address(&self, path: &str) -> String {
        with_field(path, NAME, &self.name)
    }

    /// Opens a session of `room`, whether or not it is over.
    pub(super) fn open_of(room: RoomId, sealed: &str, sealer: &Sealer) -> Option<Self> {
        Self::open_at_any_age(sealed, sealer).ok().filter(|session| session.room == room)
    }

    pub(super) fn check(self, now: Timestamp) -> Result<Self, NoSession> {
        if self.is_over(now) { Err(NoSession::Expired) } else { Ok(self) }
    }
}

fn name_of(room: RoomId, claims: &impl SessionClaims) -> String {
    let digest = Sha256::digest(format!("{room}\n{}", claims.identity()));
    URL_SAFE_NO_PAD.encode(&digest[..NAME_BYTES])
}

/// When the session that a room's cookie holds was last renewed, whoever's it is.
pub fn last_use(sealed: &str, sealer: &Sealer) -> Option<Timestamp> {
    Unpacker::new(&sealer.open(PURPOSE, sealed).ok()?).moment()
}

/// The name of the session in a request's address.
pub fn session_name(request: &HttpRequest) -> Option<String> {
    let mut query = form_urlencoded::parse(request.query_string().as_bytes());
    query.find(|(field, _)| field == NAME).map(|(_, name)| name.into_owned())
}

/// The address with one more field in its query; neither needs to be escaped.
pub(super) fn with_field(path: &str, field: &str, value: &str) -> String {
    let (place, fragment) = match path.find('#') {
        Some(at) => path.split_at(at),
        None => (path, ""),
    };
    let separator = if place.contains('?') { '&' } else { '?' };
    format!("{place}{separator}{field}={value}{fragment}")
}

fn cookie_name(name: &str) -> String {
    format!("{ROOM_COOKIE}{name}")
}
