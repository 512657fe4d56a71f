//! Checks a Jitsi server from outside, over the addresses that browsers use: its files, and logins with a right
//! token, a token with a wrong secret, and none; and who moderates.

use serde_json::json;
use url::Url;

use super::bosh::{BoshLogin, BoshSession, MucAddress, MucRole};
use super::finding::{FindingCode, ServerFinding};
use super::kinds::ServerKind;
use crate::clock::Timestamp;
use crate::outbound::{NetworkPolicy, Outbound, OutboundError, Request, Response};

const MAX_FILE: usize = 4 * 1024 * 1024;
/// How often two people in a room listen for their roles, about a second each time.
const LISTENINGS: usize = 4;
/// A token is refused when the clocks differ by much more than this.
const CLOCK_TOLERANCE_SECS: i64 = 30;

/// A server under test.
pub struct ServerCheck<'a> {
    /// The guarded client.
    pub outbound: &'a Outbound,
    /// How the server is entered.
    pub kind: &'a ServerKind,
    /// Its origin.
    pub origin: &'a Url,
    /// Where its URLs may lead: operators add servers, so the campus network is allowed.
    pub policy: NetworkPolicy,
}

impl ServerCheck<'_> {
    /// Whether the server's script can be loaded, and whether its clock agrees with `now`.
    pub async fn script(&self, now: Timestamp) -> Vec<ServerFinding> {
        let path = self.kind.path("external_api.js");
        let answer = match self.file(&path).await {
            Ok(answer) => answer,
            Err(error) => return vec![ServerFinding::new(FindingCode::Unreachable, error.to_string())],
        };
        let script = match answer.status {
            200 if answer.text().contains("JitsiMeetExternalAPI") => {
                ServerFinding::new(FindingCode::Script, "")
            }
            200 => ServerFinding::new(FindingCode::ScriptForeign, format!("/{path}")),
            status => ServerFinding::new(FindingCode::ScriptMissing, format!("/{path}: HTTP {status}")),
        };
        let ahead = answer.date_secs().map(|date| date - now.secs());
        let clock = ahead.map(|ahead| match ahead.abs() <= CLOCK_TOLERANCE_SECS {
            true => ServerFinding::new(FindingCode::Clock, ""),
            false => ServerFinding::new(FindingCode::ClockOff, format!("{ahead} s")),
        });
        std::iter::once(script).chain(clock).collect()
    }

    /// Whether the server lets in exactly those with a right token. `good` is a fresh room token, `bad` one with a
    /// wrong signature; neither is given for a server without tokens.
    pub async fn logins(&self, room: &str, good: Option<&str>, bad: Option<&str>) -> Vec<ServerFinding> {
        if !self.kind.has_open_logins() {
            return vec![ServerFinding::new(FindingCode::JaasNoLogin, "")];
        }
        let domain = self.domain_in(&self.config().await);
        let mut findings = Vec::new();
        if let Some(token) = good {
            findings.push(match self.login(&domain, room, Some(token)).await {
                BoshLogin::Accepted => ServerFinding::new(FindingCode::RightToken, ""),
                BoshLogin::Refused(why) => ServerFinding::new(FindingCode::RightTokenRefused, why),
                BoshLogin::Unclear(why) => ServerFinding::new(FindingCode::LoginImpossible, why),
            });
        }
        if let Some(token) = bad {
            findings.push(match self.login(&domain, room, Some(token)).await {
                BoshLogin::Refused(_) => ServerFinding::new(FindingCode::WrongToken, ""),
                BoshLogin::Accepted => ServerFinding::new(FindingCode::WrongTokenAccepted, ""),
                BoshLogin::Unclear(why) => ServerFinding::new(FindingCode::WrongTokenUnclear, why),
            });
        }
        findings.push(match (self.login(&domain, room, None).await, self.kind.takes_tokens()) {
            (BoshLogin::Refused(_), true) => ServerFinding::new(FindingCode::NoToken, ""),
            (BoshLogin::Accepted, true) => ServerFinding::new(FindingCode::NoTokenAccepted, ""),
            (BoshLogin::Accepted, false) => ServerFinding::new(FindingCode::Open, ""),
            (BoshLogin::Refused(why), false) => ServerFinding::new(FindingCode::TokenNeeded, why),
            (BoshLogin::Unclear(why), _) => ServerFinding::new(FindingCode::NoTokenUnclear, why),
        });
        findings
    }

    async fn file(&self, path: &str) -> Result<Response, OutboundError> {
        let url = self.origin.join(path).unwrap_or_else(|_: url::ParseError| self.origin.clone());
        self.outbound.get(&url, self.policy, MAX_FILE).await
    }

    /// Who moderates: `learner` and `teacher` are room tokens of somebody who may not and of somebody who may.
    pub async fn roles(&self, room: &str, learner: &str, teacher: &str) -> Option<ServerFinding> {
        if !self.kind.has_open_logins() {
            return None;
        }
        let config = self.config().await;
        let Some(muc) = value_in(&config, "muc") else {
            return Some(ServerFinding::new(
                FindingCode::RolesUnclear,
                "config.js names no rooms (hosts.muc)",
            ));
        };
        let domain = self.domain_in(&config);
        let seen = self.see_roles(&domain, &muc, room, learner, teacher).await;
        Some(match seen {
            Ok(SeenRoles { learner: Some(MucRole::Moderator), .. }) => {
                ServerFinding::new(FindingCode::FirstIsModerator, "")
            }
            Ok(SeenRoles { learner: Some(_), teacher: Some(MucRole::Moderator) }) => {
                ServerFinding::new(FindingCode::Roles, "")
            }
            Ok(SeenRoles { learner: Some(_), teacher: Some(MucRole::Participant) }) => {
                ServerFinding::new(FindingCode::RoleIgnored, "")
            }
            Ok(SeenRoles { .. }) => ServerFinding::new(FindingCode::RolesUnclear, "the server gave no role"),
            Err(RolesUnseen::NotLetIn(why)) => ServerFinding::new(FindingCode::JoinRefused, why),
            Err(RolesUnseen::NotOpened(why)) => ServerFinding::new(FindingCode::RoomNotOpened, why),
            Err(RolesUnseen::Unclear(why)) => ServerFinding::new(FindingCode::RolesUnclear, why),
        })
    }

    /// Sees what becomes of a learner who comes first, and of a teacher who comes second.
    ///
    /// Quirk: jicofo, which must be asked for the room, gives the first one the moderator's role some time after the join.
    async fn see_roles(
        &self,
        domain: &str,
        muc: &str,
        room: &str,
        learner: &str,
        teacher: &str,
    ) -> Result<SeenRoles, RolesUnseen> {
        let place = MucAddress { outbound: self.outbound, origin: self.origin, policy: self.policy, domain };
        let mut first = BoshSession::begin(place, room, Some(learner)).await?;
        first.bind().await?;
        if !self.is_opened_by_http(muc, room, learner).await {
            first.ask_focus(muc, room).await.map_err(RolesUnseen::not_opened)?;
        }
        first.join(muc, room).await.map_err(RolesUnseen::not_let_in)?;
        let mut second = BoshSession::begin(place, room, Some(teacher)).await?;
        second.bind().await?;
        let joined = second.join(muc, room).await.map_err(RolesUnseen::not_let_in);
        let mut seen = SeenRoles::default();
        for _ in 0..LISTENINGS {
            if joined.is_ok() {
                seen.teacher = second.listen().await.map_err(RolesUnseen::not_let_in)?;
            }
            seen.learner = first.listen().await.map_err(RolesUnseen::not_let_in)?;
            if seen.learner == Some(MucRole::Moderator) {
                break;
            }
        }
        first.end().await;
        second.end().await;
        if seen.learner != Some(MucRole::Moderator) {
            joined?;
        }
        Ok(seen)
    }

    /// Asks jicofo for the room at the address that Debian's web server has for it; docker's has none.
    async fn is_opened_by_http(&self, muc: &str, room: &str, token: &str) -> bool {
        let Ok(mut url) = self.origin.join("conference-request/v1") else { return false };
        url.query_pairs_mut().append_pair("room", room);
        let question = json!({ "room": format!("{room}@{muc}"), "properties": {} }).to_string();
        let request = Request::post(&url, "application/json", question).with_token(token);
        let answer = self.outbound.ask(&request, self.policy, MAX_FILE).await;
        answer.is_ok_and(|answer| answer.status == 200)
    }

    async fn config(&self) -> String {
        self.file("config.js").await.map(|answer| answer.text().into_owned()).unwrap_or_default()
    }

    /// The XMPP domain in the server's `config.js`; the host name where it does not say.
    fn domain_in(&self, config: &str) -> String {
        let host = self.origin.host_str().unwrap_or_default().to_owned();
        value_in(config, "domain").unwrap_or(host)
    }

    async fn login(&self, domain: &str, room: &str, token: Option<&str>) -> BoshLogin {
        let place = MucAddress { outbound: self.outbound, origin: self.origin, policy: self.policy, domain };
        match BoshSession::begin(place, room, token).await {
            Ok(session) => {
                session.end().await;
                BoshLogin::Accepted
            }
            Err(other) => other,
        }
    }
}

/// What became of a learner who came first, and of a teacher who came second.
#[derive(Default)]
struct SeenRoles {
    learner: Option<MucRole>,
    teacher: Option<MucRole>,
}

/// Why nobody saw who moderates.
enum RolesUnseen {
    /// The server lets nobody with such a token into the room.
    NotLetIn(String),
    /// Jicofo does not open the room.
    NotOpened(String),
    /// The server gave no clear answer.
    Unclear(String),
}

impl RolesUnseen {
    fn not_let_in(outcome: BoshLogin) -> Self {
        match outcome {
            BoshLogin::Refused(why) => Self::NotLetIn(why),
            other => Self::from(other),
        }
    }

    fn not_opened(outcome: BoshLogin) -> Self {
        match outcome {
            BoshLogin::Refused(why) => Self::NotOpened(why),
            other => Self::from(other),
        }
    }
}

impl From<BoshLogin> for RolesUnseen {
    fn from(outcome: BoshLogin) -> Self {
        match outcome {
            BoshLogin::Refused(why) | BoshLogin::Unclear(why) => Self::Unclear(why),
            BoshLogin::Accepted => Self::Unclear(String::new()),
        }
    }
}

/// The value of one of the `hosts` in a `config.js`, which is JavaScript, not JSON: its texts are put together, and
/// variables, which name tenants, are left out.
fn value_in(config: &str, name: &str) -> Option<String> {
    let (_, hosts) = config.split_once("hosts")?;
    let is_name = |(at, _): &(usize, &str)| {
        let before = hosts[..*at].chars().next_back().unwrap_or(' ');
        let after = hosts[at + name.len()..].trim_start();
        !before.is_alphanumeric() && (after.starts_with(':') || after.starts_with('='))
    };
    let (at, _) = hosts.match_indices(name).find(is_name)?;
    let value = hosts[at + name.len()..].trim_start().get(1..)?;
    let value = value.split([',', ';', '\n', '}']).next()?;
    let quoted = value.split(['\'', '"']).skip(1).step_by(2);
    let text: String = quoted.collect();
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-');
    (!text.is_empty() && text.chars().all(is_plain)).then_some(text)
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
    fn hosts_are_read_from_javascript() {
        for (config, domain, muc) in [
            (
                "var config = { hosts: {\n  // domain of the tenant\n  domain: 'meet.example.org',\n  muc: 'conference.' + subdomain + 'meet.example.org',\n } }",
                Some("meet.example.org"),
                Some("conference.meet.example.org"),
            ),
            (
                "config.hosts = {};\nconfig.hosts.domain = 'meet.jitsi';\nconfig.hosts.muc = 'muc.' + subdomain + 'meet.jitsi';",
                Some("meet.jitsi"),
                Some("muc.meet.jitsi"),
            ),
            ("var config = { hosts: { anonymousdomain: 'guest.a', domain: \"a.b\" } }", Some("a.b"), None),
            ("nothing", None, None),
        ] {
            assert_eq!(value_in(config, "domain").as_deref(), domain, "{config}");
            assert_eq!(value_in(config, "muc").as_deref(), muc, "{config}");
        }
    }
}
