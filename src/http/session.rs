//! Sessions: sealed into a pair of cookies, one pair a room, so that nothing is stored and nothing can be guessed.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::header::{COOKIE, HeaderValue};
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::ids::Random;
use crate::sealing::Sealer;

const PURPOSE: &str = "session";
const CSRF: &str = "csrf";

/// What is bound to one room, one person and their rights there; `R` is the domain's description of those rights.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Session<R> {
    /// Names the session in its CSRF mark.
    pub id: String,
    /// The room.
    pub room: String,
    /// When the launch began it.
    pub began: Timestamp,
    /// When it was last renewed by use.
    pub renewed: Timestamp,
    /// Who the person is, and what they may do.
    pub rights: R,
    /// How it came.
    #[serde(skip)]
    pub carrier: Carrier,
}

/// How a session travels between the browser and us.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Carrier {
    /// In a cookie: addresses are clean.
    #[default]
    Cookie,
    /// In the addresses and forms of a frame whose browser keeps no cookies.
    Frame,
}

/// Why there is no session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoSession {
    /// The browser sent none.
    Missing,
    /// It is over.
    Expired,
}

impl<R: Serialize + for<'de> Deserialize<'de>> Session<R> {
    /// How long a session lives at most.
    pub const LIFE: Duration = Duration::from_secs(12 * 60 * 60);
    /// How long a session lives without use.
    pub const IDLE: Duration = Duration::from_secs(4 * 60 * 60);
    /// A session in use is renewed when it is this old.
    const RENEW_AFTER: Duration = Duration::from_secs(5 * 60);

    /// A session that begins now. Each launch gets one of its own.
    pub fn begin(room: String, rights: R, now: Timestamp, random: &Random) -> Self {
        Self {
            id: random.letters_and_digits(24),
            room,
            began: now,
            renewed: now,
            rights,
            carrier: Carrier::Cookie,
        }
    }

    /// The session in a request's cookies for `room`.
    pub fn from_cookies(
        request: &HttpRequest,
        room: &str,
        sealer: &Sealer,
        now: Timestamp,
    ) -> Result<Self, NoSession> {
        let name = cookie_name(room);
        let sealed = cookie_values(request, &name);
        let found = sealed.filter_map(|sealed| Self::open(sealed, room, sealer));
        found.map(|session| session.check(now)).max_by_key(Result::is_ok).unwrap_or(Err(NoSession::Missing))
    }

    /// The session that a form of the room's page carries, for the window that it opens.
    pub fn from_pass(pass: &str, room: &str, sealer: &Sealer, now: Timestamp) -> Result<Self, NoSession> {
        Self::open(pass, room, sealer).ok_or(NoSession::Missing)?.check(now)
    }

    /// The session as text for a cookie or a form: unreadable and unchangeable outside.
    pub fn seal(&self, sealer: &Sealer, random: &Random) -> String {
        sealer.seal(PURPOSE, serde_json::to_string(self).unwrap_or_default().as_bytes(), random)
    }

    /// The `Set-Cookie` headers that keep it.
    pub fn cookies(&self, sealer: &Sealer, random: &Random) -> [HeaderValue; 2] {
        set_cookie_pair(&cookie_name(&self.room), &self.seal(sealer, random), Self::LIFE)
    }

    /// The session renewed, when its use calls for it.
    pub fn renewal(&self, now: Timestamp) -> Option<Self>
    where
        R: Clone,
    {
        (now.since(self.renewed) >= Self::RENEW_AFTER).then(|| Self { renewed: now, ..self.clone() })
    }

    /// The mark that every form of the session carries.
    pub fn csrf(&self, sealer: &Sealer) -> String {
        sealer.mark(CSRF, &self.id)
    }

    /// Whether `mark` is of the session.
    pub fn is_csrf(&self, mark: &str, sealer: &Sealer) -> bool {
        sealer.is_mark(CSRF, &self.id, mark)
    }

    fn open(sealed: &str, room: &str, sealer: &Sealer) -> Option<Self> {
        Self::open_for(PURPOSE, sealed, room, sealer)
    }

    /// The session of `room` that was sealed for this purpose.
    pub(super) fn open_for(purpose: &str, sealed: &str, room: &str, sealer: &Sealer) -> Option<Self> {
        let session: Self = serde_json::from_slice(&sealer.open(purpose, sealed).ok()?).ok()?;
        (session.room == room).then_some(session)
    }

    pub(super) fn check(self, now: Timestamp) -> Result<Self, NoSession> {
        let over = now.since(self.began) > Self::LIFE || now.since(self.renewed) > Self::IDLE;
        if over { Err(NoSession::Expired) } else { Ok(self) }
    }
}

const ROOM_COOKIE: &str = "__Host-room-";
const LOGIN_COOKIE: &str = "__Host-login-";

fn cookie_name(room: &str) -> String {
    format!("{ROOM_COOKIE}{room}")
}

/// The name of the cookie that binds a login to its browser.
pub fn binding_cookie_name(binding_name: &str) -> String {
    format!("{LOGIN_COOKIE}{binding_name}")
}

/// Whether the browser brought any cookie of ours: so it keeps cookies in the place where it is now.
pub fn brings_our_cookie(request: &HttpRequest) -> bool {
    cookies(request).any(|(name, _)| name.starts_with(ROOM_COOKIE) || name.starts_with(LOGIN_COOKIE))
}

/// The values of the cookie pair called `name`, as far as the browser sent them.
pub fn cookie_values<'a>(request: &'a HttpRequest, name: &'a str) -> impl Iterator<Item = &'a str> {
    cookies(request).filter_map(move |(found, value)| {
        let rest = found.strip_prefix(name)?;
        (rest.is_empty() || rest == TWIN).then_some(value)
    })
}

fn cookies(request: &HttpRequest) -> impl Iterator<Item = (&str, &str)> {
    let lines = request.headers().get_all(COOKIE).filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='))
}

/// Added to the name of the partitioned twin.
const TWIN: &str = "-p";

/// Sets a cookie twice: browsers that block third-party cookies keep the partitioned twin, those that do not know
/// partitions keep the other.
///
/// Spec: RFC 6265bis; CHIPS (`Partitioned`).
pub fn set_cookie_pair(name: &str, value: &str, life: Duration) -> [HeaderValue; 2] {
    let common = format!("Path=/; Max-Age={}; Secure; HttpOnly; SameSite=None", life.as_secs());
    [format!("{name}={value}; {common}"), format!("{name}{TWIN}={value}; {common}; Partitioned")]
        .map(|text| HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("")))
}
