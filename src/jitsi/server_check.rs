//! Checks a Jitsi server from outside, over the addresses that browsers use: its files, and logins with a right
//! token, a token with a wrong secret, and none.

use url::Url;

use super::server_kind::ServerKind;
use crate::clock::Timestamp;
use crate::outbound::{Answer, Outbound, OutboundError, Reach};

const LARGEST_FILE: usize = 4 * 1024 * 1024;
const LARGEST_STANZA: usize = 64 * 1024;
/// A token is refused when the clocks differ by much more than this.
const CLOCK_TOLERANCE_SECS: i64 = 30;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As it should be.
    Good,
    /// It works, with a consequence that the operator should know.
    Notice,
    /// It does not work.
    Bad,
}

impl Verdict {
    /// Its word on pages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Notice => "notice",
            Self::Bad => "bad",
        }
    }
}

/// What one check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub verdict: Verdict,
    /// Its words are `server-finding-CODE` and, where something is to be done, `server-finding-CODE-fix`.
    pub code: &'static str,
    /// What was seen, in the words of the other side.
    pub detail: String,
}

impl Finding {
    fn good(code: &'static str) -> Self {
        Self { verdict: Verdict::Good, code, detail: String::new() }
    }

    fn notice(code: &'static str, detail: impl Into<String>) -> Self {
        Self { verdict: Verdict::Notice, code, detail: detail.into() }
    }

    fn bad(code: &'static str, detail: impl Into<String>) -> Self {
        Self { verdict: Verdict::Bad, code, detail: detail.into() }
    }
}

/// A server under test.
pub struct ServerCheck<'a> {
    /// The guarded client.
    pub outbound: &'a Outbound,
    /// How the server is entered.
    pub kind: &'a ServerKind,
    /// Its origin.
    pub origin: &'a Url,
    /// Where its URLs may lead: operators add servers, so the campus network is allowed.
    pub reach: Reach,
}

/// What a login attempt came to.
#[derive(Debug, PartialEq, Eq)]
enum Login {
    Accepted,
    Refused(String),
    Unclear(String),
}

impl ServerCheck<'_> {
    /// Whether the server's script can be loaded, and whether its clock agrees with `now`.
    pub async fn script(&self, now: Timestamp) -> Vec<Finding> {
        let path = match self.kind {
            ServerKind::Jaas { app_id, .. } => format!("{app_id}/external_api.js"),
            ServerKind::Public | ServerKind::SelfHosted(_) => "external_api.js".to_owned(),
        };
        let answer = match self.file(&path).await {
            Ok(answer) => answer,
            Err(error) => return vec![Finding::bad("unreachable", error.to_string())],
        };
        let script = match answer.status {
            200 if answer.text().contains("JitsiMeetExternalAPI") => Finding::good("script"),
            200 => Finding::bad("script-foreign", format!("/{path}")),
            status => Finding::bad("script-missing", format!("/{path}: HTTP {status}")),
        };
        let ahead = answer.date_secs().map(|date| date - now.secs());
        let clock = ahead.map(|ahead| match ahead.abs() <= CLOCK_TOLERANCE_SECS {
            true => Finding::good("clock"),
            false => Finding::bad("clock-off", format!("{ahead} s")),
        });
        std::iter::once(script).chain(clock).collect()
    }

    /// Whether the server lets in exactly those with a right token. `good` is a fresh room token, `bad` one with a
    /// wrong signature; neither is given for a server without tokens.
    pub async fn logins(&self, room: &str, good: Option<&str>, bad: Option<&str>) -> Vec<Finding> {
        if matches!(self.kind, ServerKind::Jaas { .. }) {
            return vec![Finding::notice("jaas-no-login", "")];
        }
        let domain = self.xmpp_domain().await;
        let mut findings = Vec::new();
        if let Some(token) = good {
            findings.push(match self.login(&domain, room, Some(token)).await {
                Login::Accepted => Finding::good("right-token"),
                Login::Refused(why) => Finding::bad("right-token-refused", why),
                Login::Unclear(why) => Finding::bad("login-impossible", why),
            });
        }
        if let Some(token) = bad {
            findings.push(match self.login(&domain, room, Some(token)).await {
                Login::Refused(_) => Finding::good("wrong-token"),
                Login::Accepted => Finding::bad("wrong-token-accepted", ""),
                Login::Unclear(why) => Finding::notice("wrong-token-unclear", why),
            });
        }
        findings.push(match (self.login(&domain, room, None).await, self.kind.takes_tokens()) {
            (Login::Refused(_), true) => Finding::good("no-token"),
            (Login::Accepted, true) => Finding::bad("no-token-accepted", ""),
            (Login::Accepted, false) => Finding::notice("open", ""),
            (Login::Refused(why), false) => Finding::bad("token-needed", why),
            (Login::Unclear(why), _) => Finding::notice("no-token-unclear", why),
        });
        findings
    }

    async fn file(&self, path: &str) -> Result<Answer, OutboundError> {
        let url = self.origin.join(path).unwrap_or_else(|_: url::ParseError| self.origin.clone());
        self.outbound.get(&url, self.reach, LARGEST_FILE).await
    }

    /// The XMPP domain in the server's `config.js`; the host name where it does not say.
    async fn xmpp_domain(&self) -> String {
        let config =
            self.file("config.js").await.map(|answer| answer.text().into_owned()).unwrap_or_default();
        let host = self.origin.host_str().unwrap_or_default().to_owned();
        domain_in(&config).unwrap_or(host)
    }

    /// Opens a BOSH session and logs in anonymously, as the web client does.
    ///
    /// Spec: XEP-0206 (XMPP over BOSH); Jitsi reads the token from the session's URL.
    async fn login(&self, domain: &str, room: &str, token: Option<&str>) -> Login {
        let Ok(mut url) = self.origin.join("http-bind") else {
            return Login::Unclear("no BOSH address".to_owned());
        };
        url.query_pairs_mut().append_pair("room", room);
        if let Some(token) = token {
            url.query_pairs_mut().append_pair("token", token);
        }
        let open = format!(
            "<body rid='1000' xmlns='http://jabber.org/protocol/httpbind' to='{domain}' xml:lang='en' wait='5' hold='1' \
             content='text/xml; charset=utf-8' ver='1.6' xmpp:version='1.0' xmlns:xmpp='urn:xmpp:xbosh'/>"
        );
        let opened = match self.stanza(&url, open).await {
            Ok(text) => text,
            Err(login) => return login,
        };
        let Some(sid) = attribute(&opened, "sid") else { return outcome(&opened) };
        let auth = format!(
            "<body rid='1001' sid='{sid}' xmlns='http://jabber.org/protocol/httpbind'>\
             <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/></body>"
        );
        match self.stanza(&url, auth).await {
            Ok(text) => outcome(&text),
            Err(login) => login,
        }
    }

    async fn stanza(&self, url: &Url, body: String) -> Result<String, Login> {
        match self.outbound.post(url, self.reach, LARGEST_STANZA, "text/xml; charset=utf-8", body).await {
            Ok(answer) if answer.status == 200 => Ok(String::from_utf8_lossy(&answer.body).into_owned()),
            Ok(answer) => Err(Login::Unclear(format!("/http-bind answers HTTP {}", answer.status))),
            Err(error) => Err(Login::Unclear(error.to_string())),
        }
    }
}

fn outcome(stanza: &str) -> Login {
    if stanza.contains("<success") {
        return Login::Accepted;
    }
    if stanza.contains("<failure")
        || stanza.contains("type='terminate'")
        || stanza.contains("type=\"terminate\"")
    {
        let text = stanza.split_once("<text").and_then(|(_, rest)| rest.split_once('>')?.1.split_once('<'));
        return Login::Refused(text.map_or("no reason given", |(words, _)| words).to_owned());
    }
    Login::Unclear("the server answered neither yes nor no".to_owned())
}

fn attribute<'a>(stanza: &'a str, name: &str) -> Option<&'a str> {
    ['\'', '"'].into_iter().find_map(|quote| {
        let (_, rest) = stanza.split_once(&format!(" {name}={quote}"))?;
        rest.split_once(quote).map(|(value, _)| value)
    })
}

/// The value of `domain:` in a `config.js`, which is JavaScript, not JSON.
fn domain_in(config: &str) -> Option<String> {
    let (_, hosts) = config.split_once("hosts")?;
    let (_, after) = hosts.split_once("domain:")?;
    let value = after.trim_start().strip_prefix(['\'', '"'])?;
    let domain: String =
        value.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-')).collect();
    (!domain.is_empty()).then_some(domain)
}

/// A token like `token` whose signature is well-formed and cannot fit.
pub fn with_wrong_signature(token: &str) -> String {
    let (signed, signature) = token.rsplit_once('.').unwrap_or((token, ""));
    let other = if signature.starts_with('A') { 'B' } else { 'A' };
    format!("{signed}.{other}{}", signature.get(1..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_domain_is_read_from_javascript() {
        assert_eq!(
            domain_in("var config = { hosts: {\n  domain: 'meet.jitsi',\n muc: 'x' } }").as_deref(),
            Some("meet.jitsi")
        );
        assert_eq!(domain_in("config.hosts = {}; config.hosts.domain: \"a.b\"").as_deref(), Some("a.b"));
        assert_eq!(domain_in("nothing"), None);
    }

    #[test]
    fn stanzas_say_yes_no_or_nothing() {
        assert_eq!(outcome("<body><success xmlns='x'/></body>"), Login::Accepted);
        let refused = "<body><failure><not-authorized/><text>Invalid signature</text></failure></body>";
        assert_eq!(outcome(refused), Login::Refused("Invalid signature".into()));
        assert!(matches!(outcome("<body/>"), Login::Unclear(_)));
        assert_eq!(attribute("<body sid='abc' x=\"y\">", "sid"), Some("abc"));
    }
}
