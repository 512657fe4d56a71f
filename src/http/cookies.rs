//! Our cookies: as a pair, or as the one of it that a browser keeps; and never so many that a proxy refuses them.

use std::cmp::Reverse;
use std::time::Duration;

use actix_web::http::header::{COOKIE, HeaderMap, HeaderValue, SET_COOKIE};
use actix_web::{HttpRequest, HttpResponse};

use crate::clock::Timestamp;

/// Cookies of rooms begin so.
pub(super) const ROOM_COOKIE: &str = "__Host-room-";
const LOGIN_COOKIE: &str = "__Host-login-";
/// Added to the name of the partitioned twin.
const TWIN: &str = "-p";

/// All our cookies in a browser together. Apache takes a header of 8190 bytes, and others set cookies too.
const MAX_BYTES: usize = 3_800;
/// Logins of one browser that wait for their launch: a course page may show several activities at once.
const MAX_LOGINS: usize = 16;

/// Which of a cookie pair a browser keeps where it is now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CookieVariant {
    /// Nobody knows yet: both are set.
    #[default]
    Pair,
    /// The cookie that knows no partitions.
    Plain,
    /// The partitioned one alone.
    Partitioned,
}

impl CookieVariant {
    /// What the names of cookies that came along prove.
    fn proved_by<'a>(names: impl Iterator<Item = &'a str>) -> Option<Self> {
        let mut proved = None;
        for name in names {
            if !name.ends_with(TWIN) {
                return Some(Self::Plain);
            }
            proved = Some(Self::Partitioned);
        }
        proved
    }
}

/// The name of the cookie that binds a login to its browser.
pub fn binding_cookie_name(binding_name: &str) -> String {
    format!("{LOGIN_COOKIE}{binding_name}")
}

/// What a browser that brings any cookie of ours keeps in the place where it is now; `None` when it brings none.
pub fn kept_here(request: &HttpRequest) -> Option<CookieVariant> {
    let is_ours = |name: &&str| name.starts_with(ROOM_COOKIE) || name.starts_with(LOGIN_COOKIE);
    CookieVariant::proved_by(cookies(request).map(|(name, _)| name).filter(is_ours))
}

/// What a browser kept of the pair called `name`; `None` when neither came.
pub fn kept_of(request: &HttpRequest, name: &str) -> Option<CookieVariant> {
    CookieVariant::proved_by(pair(request, name).map(|(found, _)| found))
}

/// The values of the cookie pair called `name`, as far as the browser sent them.
pub fn cookie_values<'a>(request: &'a HttpRequest, name: &'a str) -> impl Iterator<Item = &'a str> {
    pair(request, name).map(|(_, value)| value)
}

/// The values of all rooms' cookies.
pub(super) fn room_cookies(request: &HttpRequest) -> impl Iterator<Item = &str> {
    cookies(request).filter(|(name, _)| name.starts_with(ROOM_COOKIE)).map(|(_, value)| value)
}

fn pair<'a>(request: &'a HttpRequest, name: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    cookies(request).filter(move |(found, _)| {
        found.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest == TWIN)
    })
}

fn cookies(request: &HttpRequest) -> impl Iterator<Item = (&str, &str)> {
    let lines = request.headers().get_all(COOKIE).filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='))
}

/// Sets a cookie, twice where nobody knows which one is kept: browsers that block third-party cookies keep the
/// partitioned twin, those that do not know partitions keep the other.
///
/// Spec: RFC 6265bis; CHIPS (`Partitioned`).
pub fn set_cookie(name: &str, value: &str, life: Duration, variant: CookieVariant) -> Vec<HeaderValue> {
    let common = format!("Path=/; Max-Age={}; Secure; HttpOnly; SameSite=None", life.as_secs());
    let plain = || format!("{name}={value}; {common}");
    let partitioned = || format!("{name}{TWIN}={value}; {common}; Partitioned");
    let lines = match variant {
        CookieVariant::Pair => vec![plain(), partitioned()],
        CookieVariant::Plain => vec![plain()],
        CookieVariant::Partitioned => vec![partitioned()],
    };
    lines.iter().filter_map(|line| HeaderValue::from_str(line).ok()).collect()
}

/// Returns the header that sets a cookie of pages that nobody frames; `name` begins with `__Host-`.
///
/// Quirk: Lax, so that whoever comes from another site, as from a provider's sign-in, has it.
pub fn host_cookie(name: &str, value: &str, life: Duration) -> HeaderValue {
    let text = format!("{name}={value}; Path=/; Max-Age={}; Secure; HttpOnly; SameSite=Lax", life.as_secs());
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
}

/// Adds cookies to an answer.
pub fn add_cookies(response: &mut HttpResponse, fresh: impl IntoIterator<Item = HeaderValue>) {
    fresh.into_iter().for_each(|cookie| response.headers_mut().append(SET_COOKIE, cookie));
}

/// Ends the cookies of the pair called `name`, as far as the browser sent them.
pub fn end_cookies(request: &HttpRequest, name: &str) -> Vec<HeaderValue> {
    pair(request, name).filter_map(|(found, _)| end(found)).collect()
}

fn end(name: &str) -> Option<HeaderValue> {
    let partition = if name.ends_with(TWIN) { "; Partitioned" } else { "" };
    HeaderValue::from_str(&format!("{name}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=None{partition}"))
        .ok()
}

/// Adds cookies to an answer, and lets the oldest ones of ours go where they become too many. `used` tells when a room's
/// cookie was used last, from its value.
pub fn keep(
    request: &HttpRequest,
    response: &mut HttpResponse,
    fresh: impl IntoIterator<Item = HeaderValue>,
    used: impl Fn(&str) -> Option<Timestamp>,
) {
    add_cookies(response, fresh);
    let headers = response.headers_mut();
    let present: Vec<Held<'_>> =
        cookies(request).filter_map(|(name, value)| Held::new(name, value, headers)).collect();
    for name in surplus(present, set_bytes(headers), used) {
        if let Some(cookie) = end(name) {
            headers.append(SET_COOKIE, cookie);
        }
    }
}

/// A cookie of ours that a browser holds, and keeps after this answer.
struct Held<'a> {
    name: &'a str,
    value: &'a str,
}

impl<'a> Held<'a> {
    fn new(name: &'a str, value: &'a str, headers: &HeaderMap) -> Option<Self> {
        let is_set = || headers.get_all(SET_COOKIE).any(|line| name_of(line) == name);
        (name.starts_with("__Host-") && !is_set()).then_some(Self { name, value })
    }

    /// With `=`, `;` and a space.
    fn bytes(&self) -> usize {
        self.name.len() + self.value.len() + 3
    }
}

fn name_of(line: &HeaderValue) -> &str {
    line.to_str().ok().and_then(|line| line.split('=').next()).unwrap_or_default()
}

/// How much the cookies of an answer add to what the browser sends from now on.
fn set_bytes(headers: &HeaderMap) -> usize {
    let lines = headers.get_all(SET_COOKIE).filter_map(|line| line.to_str().ok());
    let kept = lines.filter(|line| !line.contains("Max-Age=0;"));
    kept.map(|line| line.find(';').unwrap_or(line.len()) + 2).sum()
}

/// The names of the cookies that have to go: logins that never came back, then rooms, unreadable ones and those first
/// that nobody used for longest.
///
/// Spec: RFC 6265 §5.4: browsers send cookies in the order in which they were made.
fn surplus<'a>(
    present: Vec<Held<'a>>,
    fresh: usize,
    used: impl Fn(&str) -> Option<Timestamp>,
) -> Vec<&'a str> {
    let mut bytes = fresh + present.iter().map(Held::bytes).sum::<usize>();
    let mut logins: Vec<&str> = Vec::new();
    for name in present.iter().filter(|one| one.name.starts_with(LOGIN_COOKIE)).map(|one| base(one.name)) {
        if !logins.contains(&name) {
            logins.push(name);
        }
    }
    let old_logins = &logins[..logins.len().saturating_sub(MAX_LOGINS - 1)];
    let (mut gone, rest): (Vec<_>, Vec<_>) =
        present.into_iter().partition(|one| old_logins.contains(&base(one.name)));
    bytes -= gone.iter().map(Held::bytes).sum::<usize>();
    if bytes > MAX_BYTES {
        let mut rooms: Vec<Held<'_>> =
            rest.into_iter().filter(|one| one.name.starts_with(ROOM_COOKIE)).collect();
        // The oldest at the end, those that were made first behind others of the same age.
        rooms.reverse();
        rooms.sort_by_cached_key(|one| Reverse(used(one.value)));
        while let Some(oldest) = rooms.pop().filter(|_| bytes > MAX_BYTES) {
            bytes -= oldest.bytes();
            gone.push(oldest);
        }
    }
    gone.iter().map(|one| one.name).collect()
}

/// The name that both of a pair share.
fn base(name: &str) -> &str {
    name.strip_suffix(TWIN).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(value: &str) -> Option<Timestamp> {
        value.trim_start_matches('v').parse().ok().map(Timestamp::from_secs)
    }

    fn present(names: &[String], values: &[String]) -> Vec<&'static str> {
        let cookies = names.iter().zip(values);
        let present =
            cookies.map(|(name, value)| Held { name: name.clone().leak(), value: value.clone().leak() });
        surplus(present.collect(), 200, used)
    }

    #[test]
    fn a_few_cookies_stay() {
        let names: Vec<String> = (0..10).map(|index| format!("__Host-room-{index:012}")).collect();
        let values = vec![format!("{:0>170}", 7); 10];
        assert!(present(&names, &values).is_empty());
    }

    #[test]
    fn the_rooms_go_that_nobody_used_for_longest() {
        let names: Vec<String> = (0..20).map(|index| format!("__Host-room-{index:012}")).collect();
        // The first ones are in use; one cannot be read.
        let age = |index: usize| if index < 5 { 1_000 + index } else { index };
        let mut values: Vec<String> = (0..20).map(|index| format!("{:v>170}", age(index))).collect();
        values[7] = "x".repeat(170);
        let gone = present(&names, &values);
        let expected = [7, 5].map(|index: usize| format!("__Host-room-{index:012}"));
        assert_eq!(gone, expected);
    }

    #[test]
    fn logins_that_never_came_back_go_before_any_room() {
        let mut names: Vec<String> = (0..12).map(|index| format!("__Host-room-{index:012}")).collect();
        names.extend(
            (0..20).flat_map(|index| {
                [format!("__Host-login-{index:016}"), format!("__Host-login-{index:016}-p")]
            }),
        );
        names.push("__Host-admin".to_owned());
        names.push("__Host-of-somebody-else".to_owned());
        let values: Vec<String> = names.iter().map(|_| "9".repeat(10)).collect();
        let gone = present(&names, &values);
        assert_eq!(gone.len(), 10, "{gone:?}");
        assert!(gone.iter().all(|name| name.starts_with("__Host-login-000000000000000")), "{gone:?}");
    }

    #[test]
    fn what_came_along_tells_which_one_is_kept() {
        let proved = |names: &[&'static str]| CookieVariant::proved_by(names.iter().copied());
        assert_eq!(proved(&[]), None);
        assert_eq!(proved(&["__Host-room-a-p"]), Some(CookieVariant::Partitioned));
        assert_eq!(proved(&["__Host-room-a-p", "__Host-room-a"]), Some(CookieVariant::Plain));
    }
}
