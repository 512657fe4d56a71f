//! What is noted of a launch: no name, no token, and nothing longer than a line.

use sha2::{Digest as _, Sha256};

use crate::clock::Timestamp;
use crate::codes::codes;
use crate::ids::{PlatformId, Random, row_id};
use crate::lti::launch::trace::Trace;

codes! {
    /// How a launch is answered that nobody refuses.
    pub enum LaunchAnswer {
        /// The person is in.
        Entered = "entered",
        /// The browser brought no cookie back: a page looks for other ways.
        CookiesBlocked = "cookies-blocked",
    }
}

/// Longest identifier that is noted. Units: characters.
const MAX_IDENTIFIER: usize = 255;
/// Longest sentence about a refusal. Units: characters.
const MAX_DETAIL: usize = 300;

/// What became of a launch.
#[derive(Clone, Debug)]
pub struct LaunchOutcome {
    /// `entered`, `cookies-blocked`, or the code of the refusal.
    pub code: &'static str,
    /// The failing check in words.
    pub detail: Option<String>,
}

/// The deployment of a launch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoggedDeployment {
    /// One of the platform's deployments: the platform signed the launch.
    Proved(String),
    /// What somebody wrote into a token that was not proved, or names no deployment that is known here.
    Claimed(String),
    /// None was named.
    Unknown,
}

/// A launch under a registration, as noted.
#[derive(Clone, Debug)]
pub struct LaunchRecord {
    /// Our identifier.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// Our identifier of the platform.
    pub platform_id: PlatformId,
    /// The deployment.
    pub deployment: LoggedDeployment,
    /// Stands for the person, the same in each of their launches.
    pub pseudonym: Option<String>,
    /// What became of it.
    pub outcome: LaunchOutcome,
    /// The checks that passed, separated by spaces.
    pub passed: String,
    /// The request's id in the server's log.
    pub request_id: String,
}

impl LaunchRecord {
    /// Returns the record of a launch of this platform.
    pub fn new(
        platform_id: PlatformId,
        trace: Trace,
        outcome: LaunchOutcome,
        request_id: String,
        at: Timestamp,
        random: &Random,
    ) -> Self {
        let pseudonym = trace.sub.as_ref().map(|sub| pseudonym(platform_id, sub));
        let deployment = match (trace.deployment_id, trace.claimed_deployment) {
            (Some(proved), _) => LoggedDeployment::Proved(cut(&proved, MAX_IDENTIFIER)),
            (None, Some(claimed)) => LoggedDeployment::Claimed(cut(&claimed, MAX_IDENTIFIER)),
            (None, None) => LoggedDeployment::Unknown,
        };
        Self {
            id: row_id(at, random),
            at,
            platform_id,
            deployment,
            pseudonym,
            outcome: LaunchOutcome {
                detail: outcome.detail.map(|detail| cut(&detail, MAX_DETAIL)),
                ..outcome
            },
            passed: trace.passed.join(" "),
            request_id,
        }
    }

    /// Whether the platform itself sent it, to one of its deployments: nobody else can make such a record.
    pub fn is_proved(&self) -> bool {
        matches!(self.deployment, LoggedDeployment::Proved(_))
    }

    /// Its size in memory, nearly. Units: bytes.
    pub(super) fn size(&self) -> usize {
        let deployment = match &self.deployment {
            LoggedDeployment::Proved(id) | LoggedDeployment::Claimed(id) => id.len(),
            LoggedDeployment::Unknown => 0,
        };
        let detail = self.outcome.detail.as_ref().map_or(0, String::len);
        size_of::<Self>() + 128 + deployment + detail + self.passed.len() + self.request_id.len()
    }
}

/// A launch, or a login, that names no registration.
#[derive(Clone, Debug)]
pub struct UnregisteredLaunch {
    /// The code of the refusal.
    pub code: &'static str,
    /// The issuer that it claims; for LTI 1.1 the name that the platform calls itself.
    pub issuer: String,
    /// The client id that it claims; for LTI 1.1 the consumer key.
    pub client_id: String,
    /// The network that it came from: kept in memory alone, so that one network does not fill the list.
    pub network: String,
    /// When.
    pub at: Timestamp,
}

impl UnregisteredLaunch {
    /// Returns it with everything cut to what is noted.
    pub(super) fn cut(self) -> Self {
        Self {
            issuer: cut(&self.issuer, MAX_IDENTIFIER),
            client_id: cut(&self.client_id, MAX_IDENTIFIER),
            network: cut(&self.network, MAX_IDENTIFIER),
            ..self
        }
    }
}

/// Stands for a person in logs: of our identifier of the platform, and the platform's of the person.
pub fn pseudonym(platform: PlatformId, sub: &str) -> String {
    let digest = Sha256::digest(format!("{platform}\n{sub}"));
    digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// The text without characters that no log should hold, as far as it is kept.
fn cut(text: &str, longest: usize) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(longest).collect()
}
