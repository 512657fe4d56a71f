//! Calls to a platform's services, with an access token and within bounds; and why they fail.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::access_token::ServiceTokens;
use super::clock::{ClockNote, ClockOf, ServiceKind};
use crate::clock::{Clock, Timestamp};
use crate::lti::families::profile::{FamilyProfile, ScoreOutcome};
use crate::lti::registration::platform::{Deployment, Platform};
use crate::outbound::{Outbound, OutboundError, Request, Response};

/// Of an answer that is asked for its time alone.
const MAX_CLOCK_ANSWER: usize = 256 * 1024;

/// Who may ask what: a registration's deployment, and the scopes that its launches offered.
#[derive(Clone, Debug)]
pub struct Access {
    /// The registration.
    pub platform: Platform,
    /// The deployment.
    pub deployment: Deployment,
    /// The scopes.
    pub scopes: Vec<String>,
}

impl Access {
    /// Returns the same for one step alone: with the first of `scopes` that was offered. A platform that withholds another
    /// one, or minds a token that may more than the step needs, still lets the step happen.
    #[must_use]
    pub fn for_step(&self, scopes: &[&str]) -> Self {
        let offered = scopes.iter().find(|scope| self.scopes.iter().any(|one| one == *scope));
        let scope = offered.or(scopes.first()).map(|scope| (*scope).to_owned());
        Self { scopes: scope.into_iter().collect(), ..self.clone() }
    }

    /// Returns how the platform answers at `url`.
    pub fn profile(&self, url: &Url) -> &'static FamilyProfile {
        FamilyProfile::of(self.platform.family.as_deref(), url)
    }
}

/// What is wrong with a platform's services.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceError {
    /// No answer comes.
    Unreachable,
    /// They answer with an error.
    Error,
    /// They ask for a pause.
    Busy,
    /// They give this tool no access token, or do not take it.
    TokenRefused,
    /// They answer what nobody can read.
    Garbled,
}

impl ServiceError {
    /// Every error there is.
    pub const ALL: [Self; 5] =
        [Self::Unreachable, Self::Error, Self::Busy, Self::TokenRefused, Self::Garbled];

    /// The code that page and log share.
    pub fn code(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Error => "error",
            Self::Busy => "busy",
            Self::TokenRefused => "token-refused",
            Self::Garbled => "garbled",
        }
    }
}

/// Why a service gave nothing usable.
#[derive(Clone, Debug)]
pub struct ServiceFailure {
    /// In a word.
    pub error: ServiceError,
    /// For the log; no token, nobody's data.
    pub detail: String,
    /// The pause that the service asked for.
    pub after: Option<Duration>,
    /// The answer's status, where one came.
    pub status: Option<u16>,
}

impl ServiceFailure {
    /// A failure with its cause for the log.
    pub fn of(error: ServiceError, detail: &dyn fmt::Display) -> Self {
        Self { error, detail: detail.to_string().chars().take(300).collect(), after: None, status: None }
    }

    /// An answer that nobody can read.
    pub fn garbled(detail: &dyn fmt::Display) -> Self {
        Self::of(ServiceError::Garbled, detail)
    }

    /// An answer that is an error, in the platform's own way of saying it.
    pub fn of_answer(profile: &FamilyProfile, answer: &Response) -> Self {
        let error = match profile.outcome(answer) {
            ScoreOutcome::TokenRefused => ServiceError::TokenRefused,
            ScoreOutcome::Busy => ServiceError::Busy,
            _ => ServiceError::Error,
        };
        let failure = Self::of(error, &format_args!("HTTP {}", answer.status));
        Self { after: answer.retry_after(), status: Some(answer.status), ..failure }
    }
}

impl ServiceFailure {
    /// Whether the service understood, and does not want to. Everything else passes: throttling, access tokens, errors of
    /// the service's own, no answer at all.
    pub fn is_denial(&self) -> bool {
        self.error == ServiceError::Error && matches!(self.status, Some(400..=499))
    }
}

impl fmt::Display for ServiceFailure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.error.code(), self.detail)
    }
}

impl From<OutboundError> for ServiceFailure {
    fn from(outbound: OutboundError) -> Self {
        let error = match outbound {
            OutboundError::NotHttps(_)
            | OutboundError::PrivateAddress(_)
            | OutboundError::Unreachable { .. } => ServiceError::Unreachable,
            OutboundError::TooLarge { .. } => ServiceError::Garbled,
        };
        Self::of(error, &outbound)
    }
}

/// The services of all platforms.
pub struct Services {
    outbound: Outbound,
    tokens: ServiceTokens,
    clock: Arc<dyn Clock>,
}

impl Services {
    /// Services that are asked through `outbound`.
    pub fn new(outbound: Outbound, tokens: ServiceTokens, clock: Arc<dyn Clock>) -> Self {
        Self { outbound, tokens, clock }
    }

    /// Returns the present by the clock of the gradebook that keeps `line_item`. One that was wrong some minutes ago is
    /// looked at first; where it cannot be seen, ours counts.
    pub async fn gradebook_time(&self, access: &Access, line_item: &Url) -> Timestamp {
        let clock = ClockOf::new(&access.platform.id, line_item, ServiceKind::Gradebook);
        let clocks = self.tokens.clocks();
        if clocks.is_stale(&clock, self.clock.now()) {
            clocks.forget(&clock);
            let asked = self.clock.now();
            // Any answer tells the time, a refusal too: no access token is needed.
            let request = Request::get(line_item);
            if let Ok(answer) = self.outbound.ask(&request, access.platform.policy, MAX_CLOCK_ANSWER).await {
                clocks.note(&clock, &answer, asked, self.clock.now());
            }
        }
        clocks.time(&clock, self.clock.now())
    }

    /// Forgets what the clocks of a platform's services showed.
    pub fn forget_clocks(&self, platform: &str) {
        self.tokens.clocks().forget_platform(platform);
    }

    /// Returns what operators were not told yet of the clocks that a call to `url` goes by.
    pub fn take_clock_news(&self, access: &Access, url: &Url) -> Vec<ClockNote> {
        let platform = &access.platform;
        let clocks = [
            ClockOf::new(&platform.id, &platform.token_url, ServiceKind::Token),
            ClockOf::new(&platform.id, url, ServiceKind::Gradebook),
        ];
        clocks.iter().filter_map(|clock| self.tokens.clocks().take_news(clock)).collect()
    }

    /// Asks for a fresh access token, and throws it away.
    pub async fn try_token(&self, access: &Access) -> Result<(), ServiceFailure> {
        let kept = self.tokens.token(access).await?;
        self.tokens.forget(access, &kept);
        self.tokens.token(access).await.map(drop)
    }

    /// Sends a request, and returns its good answer.
    ///
    /// Errors: no answer, no access token, or an answer that is an error in the platform's dialect.
    pub async fn call(
        &self,
        access: &Access,
        request: Request<'_>,
        limit: usize,
    ) -> Result<Response, ServiceFailure> {
        let profile = access.profile(request.url());
        let answer = self.exchange(access, request, limit).await?;
        if (200..300).contains(&answer.status) {
            return Ok(answer);
        }
        Err(ServiceFailure::of_answer(profile, &answer))
    }

    /// Sends a request, and returns whatever is answered; an access token that is not good any more is renewed once.
    ///
    /// Errors: no answer, or no access token. What the answer says is the caller's matter.
    pub async fn exchange(
        &self,
        access: &Access,
        request: Request<'_>,
        limit: usize,
    ) -> Result<Response, ServiceFailure> {
        let profile = access.profile(request.url());
        let token = self.tokens.token(access).await?;
        let answer = self.attempt(access, &request, &token, limit).await?;
        match profile.outcome(&answer) {
            ScoreOutcome::TokenRefused => {
                self.tokens.forget(access, &token);
                let fresh: Arc<str> = self.tokens.token(access).await?;
                self.attempt(access, &request, &fresh, limit).await
            }
            // What the token may do is decided when it is given: the next try asks for one that may more.
            ScoreOutcome::NotAllowed => {
                self.tokens.forget(access, &token);
                Ok(answer)
            }
            _ => Ok(answer),
        }
    }

    async fn attempt(
        &self,
        access: &Access,
        request: &Request<'_>,
        token: &str,
        limit: usize,
    ) -> Result<Response, ServiceFailure> {
        let asked = self.clock.now();
        let policy = access.platform.policy_of(request.url());
        let answer = self.outbound.ask(&request.clone().with_token(token), policy, limit).await?;
        // Nothing goes by the clocks of other services.
        if access.scopes.iter().all(|scope| scope.contains("/lti-ags/")) {
            let clock = ClockOf::new(&access.platform.id, request.url(), ServiceKind::Gradebook);
            self.tokens.clocks().note(&clock, &answer, asked, self.clock.now());
        }
        Ok(answer)
    }
}

#[cfg(test)]
impl Access {
    /// An access for tests of those who read answers.
    pub(crate) fn example(scopes: &[&str]) -> Self {
        use crate::lti::registration::platform::Status;
        use crate::outbound::NetworkPolicy;
        let url = |path: &str| Url::parse(&format!("https://lms.example/{path}")).unwrap();
        Self {
            platform: Platform {
                id: "p".to_owned(),
                name: "LMS".to_owned(),
                issuer: "https://lms.example".to_owned(),
                client_id: "c".to_owned(),
                auth_url: url("a"),
                token_url: url("t"),
                jwks_url: url("k"),
                token_audience: None,
                policy: NetworkPolicy::Public,
                status: Status::Active,
                family: None,
                allows_anonymous: false,
                approves_deployments: false,
                frames: Vec::new(),
                role_rules: crate::lti::launch::role_rules::RoleRules::default(),
                keys_since: Timestamp::from_secs(0),
            },
            deployment: Deployment {
                id: "d".to_owned(),
                deployment_id: "1".to_owned(),
                status: Status::Active,
                notice_service: None,
                admits_administrators: false,
            },
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_asks_for_what_it_needs_and_no_more() {
        let access = Access::example(&["a", "b"]);
        for (wanted, expected) in [(&["b"][..], "b"), (&["c", "a"], "a"), (&["c"], "c"), (&["a", "b"], "a")] {
            assert_eq!(access.for_step(wanted).scopes, [expected], "{wanted:?}");
        }
    }
}
