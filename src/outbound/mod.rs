//! The guarded client: every URL that came from outside is fetched through it.
//!
//! It refuses private addresses (unless the registration or server record allows them), follows no redirects, sends
//! no cookies, and bounds every answer in size and time.

mod address;

use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use reqwest::Method;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, DATE, HeaderMap, RETRY_AFTER};
use tokio::sync::OnceCell;
use url::Url;

use self::address::is_public;
use crate::config::is_loopback;

const USER_AGENT: &str = concat!("jitsi-lti/", env!("CARGO_PKG_VERSION"));
const CONNECT_WITHIN: Duration = Duration::from_secs(4);
const ANSWER_WITHIN: Duration = Duration::from_secs(8);
/// Many servers hang up after five seconds without a request; one that is on its way by then is lost.
const RESTS_AT_MOST: Duration = Duration::from_secs(2);

/// Where a request may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum NetworkPolicy {
    /// Public addresses over https.
    Public,
    /// Private addresses too, and plain http on this machine: the record's owner allowed it.
    Private,
}

impl NetworkPolicy {
    /// The policy that a record's "allow private network" switch means.
    pub fn allowing_private(allowed: bool) -> Self {
        if allowed { Self::Private } else { Self::Public }
    }
}

/// Why an outside server gave no usable answer.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    /// The URL is not https (or http on this machine, where allowed).
    #[error("{0} is not an https address")]
    NotHttps(Url),
    /// The URL leads to an address of a private network.
    #[error("{0} leads to a private address, which this record does not allow")]
    PrivateAddress(Url),
    /// No answer came.
    #[error("{host} gave no answer: {reason}")]
    Unreachable {
        /// The host asked.
        host: String,
        /// Why, as far as known.
        reason: String,
    },
    /// The answer is larger than expected of such a resource.
    #[error("{host} answered more than {limit} bytes")]
    TooLarge {
        /// The host asked.
        host: String,
        /// The bound.
        limit: usize,
    },
}

/// A request: a GET, or a POST or PUT of its content.
#[derive(Clone)]
pub struct Request<'a> {
    url: &'a Url,
    replaces: bool,
    content: Option<(&'a str, String)>,
    accept: Option<&'a str>,
    authorization: Option<String>,
}

impl<'a> Request<'a> {
    /// A GET of `url`.
    pub fn get(url: &'a Url) -> Self {
        Self { url, replaces: false, content: None, accept: None, authorization: None }
    }

    /// A POST of `body` to `url`.
    pub fn post(url: &'a Url, content_type: &'a str, body: String) -> Self {
        Self { content: Some((content_type, body)), ..Self::get(url) }
    }

    /// A PUT of `body` to `url`.
    pub fn put(url: &'a Url, content_type: &'a str, body: String) -> Self {
        Self { replaces: true, ..Self::post(url, content_type, body) }
    }

    /// Where it goes.
    pub fn url(&self) -> &'a Url {
        self.url
    }

    /// The same that accepts one media type alone.
    #[must_use]
    pub fn accepting(self, media_type: &'a str) -> Self {
        Self { accept: Some(media_type), ..self }
    }

    /// The same with an access token.
    #[must_use]
    pub fn with_token(self, token: &str) -> Self {
        self.with_authorization(format!("Bearer {token}"))
    }

    /// The same with an `Authorization` header.
    #[must_use]
    pub fn with_authorization(self, authorization: String) -> Self {
        Self { authorization: Some(authorization), ..self }
    }
}

/// An outside server's answer, whole.
#[derive(Debug)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Header fields.
    pub headers: HeaderMap,
    /// The body, within the bound that was given.
    pub body: Vec<u8>,
}

impl Response {
    /// An answer without header fields, for tests of those who read answers.
    #[cfg(test)]
    pub(crate) fn of(status: u16, body: &str) -> Self {
        Self { status, headers: HeaderMap::new(), body: body.as_bytes().to_vec() }
    }

    /// The same with a header field.
    #[cfg(test)]
    pub(crate) fn with_header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.insert(name, value.parse().unwrap());
        self
    }

    /// A header's value, when it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The pause that the server asks for: in seconds, or as a moment by its own clock. Whoever waits bounds it.
    ///
    /// Spec: RFC 9110 §10.2.3.
    pub fn retry_after(&self) -> Option<Duration> {
        let text = self.header(RETRY_AFTER.as_str())?.trim();
        let until = || {
            let moment = chrono::DateTime::parse_from_rfc2822(text).ok()?.timestamp();
            u64::try_from(moment.saturating_sub(self.date_secs()?)).ok()
        };
        text.parse().ok().or_else(until).map(Duration::from_secs)
    }

    /// The body as text, whatever it calls itself.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    /// The server's clock, from its `Date` header. Units: seconds since the epoch.
    pub fn date_secs(&self) -> Option<i64> {
        let text = self.header(DATE.as_str())?;
        chrono::DateTime::parse_from_rfc2822(text).ok().map(|date| date.timestamp())
    }
}

/// The guarded client. Clones share everything.
///
/// Quirk: reading the system's certificates takes longer than the rest of a start, so the first request does it.
#[derive(Clone, Default)]
pub struct Outbound {
    public: Arc<OnceCell<reqwest::Client>>,
    private: Arc<OnceCell<reqwest::Client>>,
}

impl Outbound {
    /// A client for the life of the process.
    pub fn new() -> Self {
        Self::default()
    }

    async fn client(&self, policy: NetworkPolicy) -> Result<&reqwest::Client, reqwest::Error> {
        match policy {
            NetworkPolicy::Public => {
                let strict =
                    || async { builder().dns_resolver(Arc::new(PublicOnly)).https_only(true).build() };
                self.public.get_or_try_init(strict).await
            }
            NetworkPolicy::Private => self.private.get_or_try_init(|| async { builder().build() }).await,
        }
    }

    /// Fetches `url`; the body may have `limit` bytes.
    pub async fn get(
        &self,
        url: &Url,
        policy: NetworkPolicy,
        limit: usize,
    ) -> Result<Response, OutboundError> {
        self.ask(&Request::get(url), policy, limit).await
    }

    /// Posts `body` to `url` with a content type; the answer may have `limit` bytes.
    pub async fn post(
        &self,
        url: &Url,
        policy: NetworkPolicy,
        limit: usize,
        content_type: &str,
        body: String,
    ) -> Result<Response, OutboundError> {
        self.ask(&Request::post(url, content_type, body), policy, limit).await
    }

    /// Sends a request; the answer may have `limit` bytes.
    pub async fn ask(
        &self,
        request: &Request<'_>,
        policy: NetworkPolicy,
        limit: usize,
    ) -> Result<Response, OutboundError> {
        self.send(request.url, policy, limit, |client| {
            let mut sent = match &request.content {
                Some((content_type, body)) => {
                    let method = if request.replaces { Method::PUT } else { Method::POST };
                    let sent = client.request(method, request.url.clone());
                    sent.header(CONTENT_TYPE, *content_type).body(body.clone())
                }
                None => client.get(request.url.clone()),
            };
            if let Some(media_type) = request.accept {
                sent = sent.header(ACCEPT, media_type);
            }
            if let Some(authorization) = &request.authorization {
                sent = sent.header(AUTHORIZATION, authorization);
            }
            sent
        })
        .await
    }

    async fn send(
        &self,
        url: &Url,
        policy: NetworkPolicy,
        limit: usize,
        request: impl FnOnce(&reqwest::Client) -> reqwest::RequestBuilder,
    ) -> Result<Response, OutboundError> {
        check_url(url, policy)?;
        let host = url.host_str().unwrap_or_default();
        let unreachable = |error: reqwest::Error| OutboundError::Unreachable {
            host: host.to_owned(),
            reason: innermost(&error),
        };
        let client = self.client(policy).await.map_err(unreachable)?;
        let response = request(client).send().await.map_err(unreachable)?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let mut body = Vec::new();
        let mut chunks = response.bytes_stream();
        while let Some(chunk) = chunks.next().await {
            body.extend_from_slice(&chunk.map_err(unreachable)?);
            if body.len() > limit {
                return Err(OutboundError::TooLarge { host: host.to_owned(), limit });
            }
        }
        Ok(Response { status, headers, body })
    }
}

/// Refuses what the resolver never sees: literal addresses, other schemes, plain http.
pub fn check_url(url: &Url, policy: NetworkPolicy) -> Result<(), OutboundError> {
    let plain_at_home = policy == NetworkPolicy::Private && url.scheme() == "http" && is_loopback(url);
    if url.scheme() != "https" && !plain_at_home {
        return Err(OutboundError::NotHttps(url.clone()));
    }
    let literal = match url.host() {
        Some(url::Host::Ipv4(address)) => Some(address.into()),
        Some(url::Host::Ipv6(address)) => Some(address.into()),
        _ => None,
    };
    match literal {
        Some(address) if policy == NetworkPolicy::Public && !is_public(address) => {
            Err(OutboundError::PrivateAddress(url.clone()))
        }
        _ => Ok(()),
    }
}

fn builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .user_agent(USER_AGENT)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .connect_timeout(CONNECT_WITHIN)
        .timeout(ANSWER_WITHIN)
        .pool_max_idle_per_host(4)
        .pool_idle_timeout(RESTS_AT_MOST)
}

/// The last cause in the chain: "connection refused" instead of "error sending request for url".
fn innermost(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "it took too long".to_owned();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

/// Resolves names to public addresses alone, and hands over exactly the addresses that it checked.
struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            if found.iter().any(|address| !is_public(address.ip())) {
                return Err(format!(
                    "{} has a private address, which this record does not allow",
                    name.as_str()
                )
                .into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use super::*;

    /// A server that answers one request of each connection, and hangs up at the next: as those do that grew tired of
    /// waiting when it was already on its way.
    fn tired_of_waiting() -> Url {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                let (mut connection, mut request) = (connection.unwrap(), [0; 4096]);
                let _ = connection.read(&mut request).unwrap();
                connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").unwrap();
                std::thread::spawn(move || connection.read(&mut request));
            }
        });
        url.parse().unwrap()
    }

    #[test]
    fn a_pause_is_asked_for_in_seconds_or_by_the_server_s_own_clock() {
        let date = "Fri, 28 Nov 2036 10:00:00 GMT";
        for (asked, expected) in [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("99999999999", Some(99_999_999_999)),
            ("Fri, 28 Nov 2036 10:02:00 GMT", Some(120)),
            ("Fri, 28 Nov 2036 09:00:00 GMT", None),
            ("-5", None),
            ("soon", None),
            ("", None),
        ] {
            let answer = Response::of(503, "").with_header("date", date);
            let answer = answer.with_header("retry-after", asked);
            assert_eq!(answer.retry_after(), expected.map(Duration::from_secs), "{asked:?}");
        }
        let dateless = Response::of(503, "").with_header("retry-after", "Fri, 28 Nov 2036 10:02:00 GMT");
        assert_eq!(dateless.retry_after(), None, "nobody can tell how long that is");
    }

    #[tokio::test]
    async fn a_connection_that_rested_is_not_trusted() {
        let (outbound, url) = (Outbound::new(), tired_of_waiting());
        for _ in 0..2 {
            let answer = outbound.get(&url, NetworkPolicy::Private, 10).await;
            assert_eq!(answer.unwrap().text(), "ok");
            tokio::time::sleep(RESTS_AT_MOST + Duration::from_millis(500)).await;
        }
    }
}
