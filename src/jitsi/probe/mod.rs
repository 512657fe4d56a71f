//! Tests a Jitsi server from outside, over the addresses that browsers use, as a class would meet it: a room's page, a
//! login, a room that jicofo opens, a learner and a teacher in it.

mod bosh;
mod files;
mod finding;
mod hosts;
mod logins;
mod remedy;
mod rooms;
mod stanza;

use std::time::Duration;

use url::Url;

pub use self::finding::{Finding, Verdict};
use self::hosts::Hosts;
pub use self::remedy::Remedy;
use self::remedy::{Values, remedy};
use super::server_kind::{ServerKind, TokenSigning};
use crate::clock::Timestamp;
use crate::outbound::{Outbound, Reach};

/// A page of an operator waits for the whole test; proxies give up after a minute.
const TIMEOUT: Duration = Duration::from_secs(50);

/// A server under test.
pub struct ServerProbe<'a> {
    outbound: &'a Outbound,
    kind: &'a ServerKind,
    origin: &'a Url,
    reach: Reach,
    tool: &'a Url,
    now: Timestamp,
    subject: Option<&'a str>,
    values: Values,
}

/// Where a test asks.
#[derive(Clone, Copy)]
pub struct ProbeTarget<'a> {
    /// The guarded client.
    pub outbound: &'a Outbound,
    /// How the server is entered.
    pub kind: &'a ServerKind,
    /// Its origin.
    pub origin: &'a Url,
    /// Where its URLs may lead.
    pub reach: Reach,
    /// Our own address: it shows the meeting in a frame, and publishes our keys.
    pub tool: &'a Url,
}

/// Rooms that nobody uses, and room tokens for the first of them; none for a server without tokens.
#[derive(Clone, Debug, Default)]
pub struct ProbeTokens {
    /// The room.
    pub room: String,
    /// Another room, for which none of the tokens is.
    pub other_room: String,
    /// The token of somebody who may not moderate.
    pub learner: Option<String>,
    /// The token of somebody who may.
    pub teacher: Option<String>,
    /// A token that somebody else signed.
    pub wrong: Option<String>,
}

impl<'a> ServerProbe<'a> {
    /// Returns a test of the server.
    pub fn new(target: ProbeTarget<'a>, now: Timestamp) -> Self {
        let ProbeTarget { outbound, kind, origin, reach, tool } = target;
        let at = |path: &str| tool.join(path).map(String::from).unwrap_or_default();
        let rules = if let ServerKind::SelfHosted(rules) = kind { Some(rules) } else { None };
        let values = Values {
            app_id: rules.map_or_else(String::new, |rules| rules.app_id.clone()),
            audience: rules.map_or_else(String::new, |rules| rules.audience.clone()),
            key_server: at("jitsi/keys"),
            key_set: at("jitsi/jwks"),
            fetches_key: rules.is_some_and(|rules| rules.signing == TokenSigning::PublicKey),
            tool: tool.origin().ascii_serialization(),
            ..Values::default()
        };
        let subject = rules.map(|rules| rules.subject.as_str());
        Self { outbound, kind, origin, reach, tool, now, subject, values }
    }

    /// Returns what is right and what is wrong with the server.
    pub async fn run(mut self, tokens: &ProbeTokens) -> Vec<Finding> {
        let mut findings = Vec::new();
        if tokio::time::timeout(TIMEOUT, self.run_into(tokens, &mut findings)).await.is_err() {
            findings.push(Finding::bad("too-slow", ""));
        }
        for finding in &mut findings {
            finding.remedy = remedy(finding.code, &self.values);
        }
        findings
    }

    async fn run_into(&mut self, tokens: &ProbeTokens, findings: &mut Vec<Finding>) {
        match self.page(&tokens.room).await {
            Ok(found) => findings.extend(found),
            Err(unreachable) => return findings.push(unreachable),
        }
        if matches!(self.kind, ServerKind::Jaas { .. }) {
            return findings.push(Finding::notice("jaas-no-login", ""));
        }
        let config = match self.config().await {
            Ok(config) => config,
            Err(missing) => return findings.push(missing),
        };
        let hosts = Hosts::read(&config, self.origin.host_str().unwrap_or_default());
        (self.values.domain, self.values.muc) = (hosts.domain.clone(), hosts.muc.clone());
        findings.extend(self.logins(&hosts, tokens).await);
        let lets_in = |finding: &Finding| matches!(finding.code, "right-token" | "open");
        if findings.iter().any(lets_in) {
            findings.extend(self.rooms(&hosts, tokens).await);
        }
    }
}

/// Returns a token like `token` whose signature is well-formed and cannot fit.
pub fn with_wrong_signature(token: &str) -> String {
    let (signed, signature) = token.rsplit_once('.').unwrap_or((token, ""));
    let other = if signature.starts_with('A') { 'B' } else { 'A' };
    format!("{signed}.{other}{}", signature.get(1..).unwrap_or_default())
}
