//! Checks a platform from outside: its addresses, its keys, its clock, and whether it gives us access tokens.

use serde_json::Value;

use super::ags;
use super::platform::{Deployment, Platform};
use super::service::{Access, Services};
use crate::clock::Timestamp;
use crate::outbound::Outbound;

const LARGEST_ANSWER: usize = 256 * 1024;
/// A launch is refused when the clocks differ by more than this.
const CLOCK_TOLERANCE_SECS: i64 = 30;

/// What is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The platform's public keys.
    Keys,
    /// The difference of the clocks.
    Clock,
    /// The address that people log in at.
    Login,
    /// The address of access tokens.
    TokenAddress,
    /// Whether access tokens for the gradebook are given.
    Token,
}

impl Subject {
    /// The word in codes of texts.
    pub fn word(self) -> &'static str {
        match self {
            Self::Keys => "keys",
            Self::Clock => "clock",
            Self::Login => "login",
            Self::TokenAddress => "token-address",
            Self::Token => "token",
        }
    }

    /// What it is called at the terminal.
    pub fn label(self) -> &'static str {
        match self {
            Self::Keys => "public keyset",
            Self::Clock => "clock",
            Self::Login => "authentication request",
            Self::TokenAddress | Self::Token => "access token",
        }
    }
}

/// What one check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was checked.
    pub subject: Subject,
    /// Whether it is as it should be.
    pub good: bool,
    /// What was seen, in the words of the other side.
    pub detail: String,
}

/// Asks each address of the platform, and compares clocks.
pub async fn check_addresses(outbound: &Outbound, platform: &Platform, now: Timestamp) -> Vec<Finding> {
    let finding = |subject, good, detail| Finding { subject, good, detail };
    let mut findings = Vec::new();
    match outbound.get(&platform.jwks_url, platform.reach, LARGEST_ANSWER).await {
        Ok(answer) => {
            let set: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            let keys = set["keys"].as_array().map_or(0, Vec::len);
            let detail = format!("HTTP {}, {keys} key(s)", answer.status);
            findings.push(finding(Subject::Keys, keys > 0, detail));
            if let Some(date) = answer.date_secs() {
                let ahead = date - now.secs();
                let detail = format!("the platform's clock differs by {ahead} s");
                findings.push(finding(Subject::Clock, ahead.abs() <= CLOCK_TOLERANCE_SECS, detail));
            }
        }
        Err(error) => findings.push(finding(Subject::Keys, false, error.to_string())),
    }
    for (subject, url) in [(Subject::Login, &platform.auth_url), (Subject::TokenAddress, &platform.token_url)]
    {
        // Without a login there is no right answer: any answer but a server error shows that the address is alive.
        findings.push(match outbound.get(url, platform.reach, LARGEST_ANSWER).await {
            Ok(answer) => finding(subject, answer.status < 500, format!("HTTP {}", answer.status)),
            Err(error) => finding(subject, false, error.to_string()),
        });
    }
    findings
}

/// Asks for a fresh access token for the gradebook.
pub async fn check_token(services: &Services, platform: &Platform, deployment: &Deployment) -> Finding {
    let access = Access {
        platform: platform.clone(),
        deployment: deployment.clone(),
        scopes: vec![ags::SCORE.to_owned()],
    };
    match services.try_token(&access).await {
        Ok(()) => Finding { subject: Subject::Token, good: true, detail: ags::SCORE.to_owned() },
        Err(failure) => Finding { subject: Subject::Token, good: false, detail: failure.to_string() },
    }
}
