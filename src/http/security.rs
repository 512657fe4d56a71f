//! Protects requests: where they come from, and which headers go with every answer.

use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::dev::RequestHead;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    CROSS_ORIGIN_RESOURCE_POLICY, HOST, HeaderName, ORIGIN, PERMISSIONS_POLICY, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use actix_web::middleware::DefaultHeaders;
use url::Url;

use super::failure::Failure;
use super::refusal_code::RefusalCode;

/// What no page of ours needs but the meeting's, which says so itself.
///
/// Spec: W3C Permissions Policy.
pub const NO_DEVICES: &str = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), \
     microphone=(), midi=(), payment=(), usb=()";

/// Headers of every answer.
///
/// Quirk: no `X-Frame-Options`: which site may frame a page is its policy's `frame-ancestors`.
pub fn default_headers(base_url: &Url) -> DefaultHeaders {
    let headers = DefaultHeaders::new()
        .add((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .add((REFERRER_POLICY, "strict-origin-when-cross-origin"))
        .add((PERMISSIONS_POLICY, NO_DEVICES))
        .add((CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"));
    if base_url.scheme() == "https" {
        headers.add(("strict-transport-security", "max-age=31536000"))
    } else {
        headers
    }
}

/// The header of what other sites' pages may show or read: keys, values for a registration, the tool's icon.
///
/// Spec: Fetch standard, `Cross-Origin-Resource-Policy`.
pub fn for_every_site() -> (HeaderName, &'static str) {
    (CROSS_ORIGIN_RESOURCE_POLICY, "cross-origin")
}

/// Refuses a change of state that another site's page asks for.
///
/// Spec: Fetch standard, `Origin` header; W3C Fetch Metadata, `Sec-Fetch-Site`.
/// Errors: `csrf-refused` when either header says that the request comes from elsewhere, or both are missing.
pub fn require_same_origin(request: &HttpRequest, base_url: &Url) -> Result<(), Failure> {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let origin = header(ORIGIN.as_str()).map(|origin| origin == base_url.origin().ascii_serialization());
    let site = header(FETCH_SITE).map(|site| site == "same-origin");
    let foreign = origin == Some(false) || site == Some(false) || (origin.is_none() && site.is_none());
    if foreign {
        Err(Failure::refused(StatusCode::FORBIDDEN, RefusalCode::CsrfRefused).because("another origin"))
    } else {
        Ok(())
    }
}

/// Host and port, as browsers name them in the `Host` header.
pub fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Which of the two hosts a page belongs to, where the administrator's pages have a host of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Area {
    /// The administrator's.
    Admin,
    /// The tool's.
    Tool,
    /// What every page and every monitor needs: either's.
    Shared,
}

impl Area {
    /// The area of the pages with this pattern in the table of URLs.
    pub fn of(pattern: &str) -> Self {
        if pattern == "/admin" || pattern.starts_with("/admin/") {
            Self::Admin
        } else if pattern.starts_with("/assets/") || matches!(pattern, "/" | "/healthz" | "/readyz") {
            Self::Shared
        } else {
            Self::Tool
        }
    }

    /// Whether a request answers here: one that names several hosts finds neither the administrator's pages nor the tool's.
    pub fn answers(self, base_url: &Url, admin_url: &Url, request: &RequestHead) -> bool {
        if base_url == admin_url || self == Self::Shared {
            return true;
        }
        let admin_host = host_of(admin_url);
        let mut named = named_hosts(request).map(|host| is_host(host, admin_url, &admin_host)).peekable();
        let wanted = self == Self::Admin;
        // A request without any host is the tool's.
        (named.peek().is_some() || !wanted) && named.all(|is_there| is_there == wanted)
    }
}

/// Every host that a request names: in its address, and in its headers.
///
/// Spec: RFC 9112 §3.2.2: an address that names a host wins over the header.
fn named_hosts(request: &RequestHead) -> impl Iterator<Item = &str> {
    let in_headers = request.headers().get_all(HOST).map(|value| value.to_str().unwrap_or_default());
    request.uri.authority().map(|authority| authority.as_str()).into_iter().chain(in_headers)
}

/// Whether `named` is the host of `url`, with or without the scheme's own port.
fn is_host(named: &str, url: &Url, host: &str) -> bool {
    let port = if url.scheme() == "https" { ":443" } else { ":80" };
    let bare = if url.port().is_none() { named.strip_suffix(port).unwrap_or(named) } else { named };
    bare.eq_ignore_ascii_case(host)
}

/// Where a request comes from, by the browser's word (Fetch Metadata).
const FETCH_SITE: &str = "sec-fetch-site";
/// The header that our own scripts send: no form can, and no script of another origin may.
const SCRIPT_HEADER: &str = "x-jitsi-lti";

/// Whether a script of our own origin sent the request: its header could come from elsewhere only after a preflight that
/// nobody here grants.
///
/// Quirk: Safari before 16.4 does not tell where a request comes from.
pub fn is_by_our_script(request: &HttpRequest) -> bool {
    let is = |name: &str, wanted: &str| request.headers().get(name).map(|value| value == wanted);
    is(FETCH_SITE, "same-origin") != Some(false) && is(SCRIPT_HEADER, "1") == Some(true)
}

/// Refuses what does not come from a script of our own page: our own header, which a script of another origin could send
/// only after a preflight that nobody here grants, and an `Origin` that is ours.
///
/// Spec: Fetch standard, `Origin` header and CORS preflight.
/// Errors: `csrf-refused`, also when `Sec-Fetch-Site` is there and says otherwise.
pub fn require_own_script(request: &HttpRequest, base_url: &Url) -> Result<(), Failure> {
    require_same_origin(request, base_url)?;
    let has_header = request.headers().get(SCRIPT_HEADER).is_some_and(|value| value == "1");
    if request.headers().contains_key(ORIGIN) && has_header {
        return Ok(());
    }
    Err(Failure::refused(StatusCode::FORBIDDEN, RefusalCode::CsrfRefused).because("not our own script"))
}

/// Refuses a request that came over plain http from another machine: only a trusted proxy may say that it was https.
///
/// Trust: `X-Forwarded-Proto` counts from `trusted_proxies` alone; this machine itself is always trusted.
/// Errors: `https-needed`, which names the address to trust.
pub fn require_https(request: &HttpRequest, trusted_proxies: &[IpAddr]) -> Result<(), Failure> {
    let Some(peer) = request.peer_addr().map(|address| address.ip().to_canonical()) else { return Ok(()) };
    let forwarded = request.headers().get("x-forwarded-proto").and_then(|value| value.to_str().ok());
    let was_https = trusted_proxies.contains(&peer) && forwarded == Some("https");
    if peer.is_loopback() || was_https {
        return Ok(());
    }
    Err(Failure::refused(StatusCode::FORBIDDEN, RefusalCode::HttpsNeeded)
        .because(format!("plain http from {peer}")))
}

/// Returns the network that a request comes from: the unit of limits for people without a name.
///
/// Trust: `X-Forwarded-For` counts from proxies alone: those of `trusted_proxies`, and this machine. Its last entry that is
/// no proxy's was written by one; everything before it is the client's own word.
/// Quirk: an IPv6 client has a whole /64 to itself.
pub fn client_network(request: &HttpRequest, trusted_proxies: &[IpAddr]) -> String {
    let is_proxy = |address: &IpAddr| address.is_loopback() || trusted_proxies.contains(address);
    let peer = request.peer_addr().map(|address| address.ip().to_canonical());
    let forwarded = request.headers().get_all("x-forwarded-for").filter_map(|value| value.to_str().ok());
    let entries: Vec<&str> = forwarded.flat_map(|line| line.split(',')).map(str::trim).collect();
    let named =
        entries.iter().rev().map_while(|entry| entry.parse::<IpAddr>().ok()).map(|ip| ip.to_canonical());
    let client = match peer.filter(|peer| !is_proxy(peer)) {
        Some(peer) => Some(peer),
        None => named.into_iter().find(|address| !is_proxy(address)).or(peer),
    };
    match client {
        None => "unknown".to_owned(),
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn asked(target: &str, hosts: &[&str]) -> RequestHead {
        let mut head = RequestHead::default();
        head.uri = target.parse().unwrap();
        for host in hosts {
            head.headers.append(HOST, host.parse().unwrap());
        }
        head
    }

    #[test]
    fn a_client_is_who_the_last_proxy_says() {
        let proxies = ["10.0.0.2".parse().unwrap()];
        for (peer, forwarded, expected) in [
            ("198.51.100.7:1", None, "198.51.100.7"),
            ("198.51.100.7:1", Some("203.0.113.1"), "198.51.100.7"),
            ("127.0.0.1:1", Some("203.0.113.1"), "203.0.113.1"),
            ("10.0.0.2:1", Some("203.0.113.9, 203.0.113.1"), "203.0.113.1"),
            ("10.0.0.2:1", Some("203.0.113.9, 203.0.113.1, 127.0.0.1"), "203.0.113.1"),
            ("10.0.0.2:1", Some("nonsense"), "10.0.0.2"),
            ("127.0.0.1:1", None, "127.0.0.1"),
            ("[2001:db8:1:2:3::4]:1", None, "2001:db8:1:2::/64"),
        ] {
            let mut request = TestRequest::default().peer_addr(peer.parse().unwrap());
            if let Some(forwarded) = forwarded {
                request = request.insert_header(("x-forwarded-for", forwarded));
            }
            assert_eq!(
                client_network(&request.to_http_request(), &proxies),
                expected,
                "{peer} {forwarded:?}"
            );
        }
    }

    #[test]
    fn each_host_answers_its_own_pages() {
        let base = Url::parse("https://class.example").unwrap();
        let admin = Url::parse("https://admin.class.example").unwrap();
        let there = "admin.class.example";
        for (target, hosts, expected) in [
            ("/", &["class.example"][..], Area::Tool),
            ("/", &[there], Area::Admin),
            ("/", &["ADMIN.class.example:443"], Area::Admin),
            ("/", &["admin.class.example:8443"], Area::Tool),
            ("/", &["admin.class.example."], Area::Tool),
            ("/", &["10.0.0.7"], Area::Tool),
            ("/", &[], Area::Tool),
            ("https://admin.class.example/", &[there], Area::Admin),
            // Neither's: a proxy and we could each believe another one.
            ("/", &[there, "class.example"], Area::Shared),
            ("/", &["class.example", there], Area::Shared),
            ("https://class.example/", &[there], Area::Shared),
            ("https://admin.class.example/", &["class.example"], Area::Shared),
        ] {
            let head = asked(target, hosts);
            for area in [Area::Admin, Area::Tool] {
                assert_eq!(
                    area.answers(&base, &admin, &head),
                    area == expected,
                    "{target} {hosts:?} {area:?}"
                );
                assert!(area.answers(&base, &base, &head));
            }
            assert!(Area::Shared.answers(&base, &admin, &head));
        }
    }

    #[test]
    fn pages_belong_to_one_of_the_hosts() {
        for (pattern, expected) in [
            ("/admin", Area::Admin),
            ("/admin/platforms/{platform}", Area::Admin),
            ("/administration", Area::Tool),
            ("/rooms/{room}", Area::Tool),
            ("/assets/{path:.*}", Area::Shared),
            ("/readyz", Area::Shared),
        ] {
            assert_eq!(Area::of(pattern), expected, "{pattern}");
        }
    }
}
