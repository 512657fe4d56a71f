//! Checks a platform from outside: its addresses, its keys, its clock, and whether it gives us access tokens.

use serde_json::Value;
use url::Url;

use super::platform::{Deployment, Platform};
use crate::clock::Timestamp;
use crate::lti::services::access::Access;
use crate::lti::services::ags;
use crate::lti::services::ags::GradeService;
use crate::lti::services::client::Services;
use crate::lti::services::memberships;
use crate::lti::services::memberships::MembershipReader;
use crate::outbound::Outbound;

const MAX_RESPONSE: usize = 256 * 1024;
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
    /// Whether the gradebook of a course answers.
    Gradebook,
    /// Whether the list of a course's participants can be read.
    Roster,
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
            Self::Gradebook => "gradebook",
            Self::Roster => "participants",
        }
    }

    /// What it is called at the terminal.
    pub fn label(self) -> &'static str {
        match self {
            Self::Keys => "public keyset",
            Self::Clock => "clock",
            Self::Login => "authentication request",
            Self::TokenAddress | Self::Token => "access token",
            Self::Gradebook => "gradebook",
            Self::Roster => "participants",
        }
    }
}

/// Whether something is as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlatformVerdict {
    /// It is.
    Good,
    /// It is not.
    Bad,
    /// Nobody can tell yet.
    Unknown,
}

impl PlatformVerdict {
    /// The word in pages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Good => "yes",
            Self::Bad => "no",
            Self::Unknown => "unknown",
        }
    }
}

/// What one check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlatformFinding {
    /// What was checked.
    pub subject: Subject,
    /// Whether it is as it should be.
    pub verdict: PlatformVerdict,
    /// What was seen, in the words of the other side.
    pub detail: String,
}

impl PlatformFinding {
    fn unknown(subject: Subject) -> Self {
        Self { subject, verdict: PlatformVerdict::Unknown, detail: String::new() }
    }

    fn of(subject: Subject, is_good: bool, detail: String) -> Self {
        Self { subject, verdict: if is_good { PlatformVerdict::Good } else { PlatformVerdict::Bad }, detail }
    }
}

/// What launches of a deployment offered last.
#[derive(Clone, Debug, Default)]
pub struct Offered {
    /// The gradebook.
    pub grades: Option<GradeService>,
    /// The list of a course's participants.
    pub memberships: Option<Url>,
}

/// Asks each address of the platform, and compares clocks.
pub async fn check_addresses(
    outbound: &Outbound,
    platform: &Platform,
    now: Timestamp,
) -> Vec<PlatformFinding> {
    let mut findings = Vec::new();
    match outbound.get(&platform.jwks_url, platform.policy, MAX_RESPONSE).await {
        Ok(answer) => {
            let set: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            let keys = set["keys"].as_array().map_or(0, Vec::len);
            let detail = match keys {
                0 => format!("HTTP {}, no keys", answer.status),
                1 => "1 key".to_owned(),
                keys => format!("{keys} keys"),
            };
            findings.push(PlatformFinding::of(Subject::Keys, keys > 0, detail));
            if let Some(date) = answer.date_secs() {
                let ahead = date - now.secs();
                let detail = format!("the platform's clock differs by {ahead} s");
                findings.push(PlatformFinding::of(
                    Subject::Clock,
                    ahead.abs() <= CLOCK_TOLERANCE_SECS,
                    detail,
                ));
            }
        }
        Err(error) => findings.push(PlatformFinding::of(Subject::Keys, false, error.to_string())),
    }
    for (subject, url) in [(Subject::Login, &platform.auth_url), (Subject::TokenAddress, &platform.token_url)]
    {
        // Without a login there is no right answer: any answer but a server error shows that the address is alive.
        findings.push(match outbound.get(url, platform.policy, MAX_RESPONSE).await {
            Ok(answer) if answer.status < 500 => PlatformFinding::of(subject, true, "responds".to_owned()),
            Ok(answer) => PlatformFinding::of(subject, false, format!("HTTP {}", answer.status)),
            Err(error) => PlatformFinding::of(subject, false, error.to_string()),
        });
    }
    findings
}

/// Asks for a fresh access token, and reads what launches of the deployment offered.
pub async fn check_services(
    services: &Services,
    platform: &Platform,
    deployment: &Deployment,
    offered: &Offered,
) -> Vec<PlatformFinding> {
    let access =
        |scopes: Vec<String>| Access { platform: platform.clone(), deployment: deployment.clone(), scopes };
    vec![
        check_token(services, &access(vec![ags::SCORE.to_owned()])).await,
        check_gradebook(services, offered.grades.as_ref(), access).await,
        check_memberships(
            services,
            offered.memberships.as_ref(),
            &access(vec![memberships::SCOPE.to_owned()]),
        )
        .await,
    ]
}

async fn check_token(services: &Services, access: &Access) -> PlatformFinding {
    let answer = services.try_token(access).await;
    let is_good = answer.is_ok();
    let detail = answer.map_or_else(|failure| failure.to_string(), |()| access.scopes.join(" "));
    PlatformFinding::of(Subject::Token, is_good, detail)
}

/// Without the scope of scores no grade ever arrives, however well the gradebook answers.
async fn check_gradebook(
    services: &Services,
    offered: Option<&GradeService>,
    access: impl Fn(Vec<String>) -> Access,
) -> PlatformFinding {
    let Some(service) = offered else { return PlatformFinding::unknown(Subject::Gradebook) };
    let short = |scope: &String| scope.rsplit('/').next().unwrap_or_default().to_owned();
    let granted = service.scopes.iter().map(short).collect::<Vec<_>>().join(", ");
    if !service.may_score() {
        return PlatformFinding::of(Subject::Gradebook, false, granted);
    }
    match ags::try_line_items(services, &access(service.scopes.clone()), service).await {
        Ok(()) => PlatformFinding::of(Subject::Gradebook, true, granted),
        Err(failure) => PlatformFinding::of(Subject::Gradebook, false, format!("{granted}; {failure}")),
    }
}

async fn check_memberships(services: &Services, offered: Option<&Url>, access: &Access) -> PlatformFinding {
    let Some(memberships) = offered else { return PlatformFinding::unknown(Subject::Roster) };
    match MembershipReader::new(services, access, memberships, None).next_page().await {
        Ok(members) => {
            let count = members.map_or(0, |members| members.len());
            PlatformFinding::of(Subject::Roster, true, format!("{count} on its first page"))
        }
        Err(failure) => PlatformFinding::of(Subject::Roster, false, failure.to_string()),
    }
}
