//! Calls to a platform's services, with an access token and within bounds; and why they fail.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::platform::{Deployment, Platform};
use super::profile::{Meaning, Profile};
use super::service_token::ServiceTokens;
use crate::clock::{Clock, Timestamp};
use crate::outbound::{Answer, Outbound, OutboundError, Request};

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

/// What is wrong with a platform's services.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
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

impl Trouble {
    /// Every trouble there is.
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
    pub trouble: Trouble,
    /// For the log; no token, nobody's data.
    pub detail: String,
    /// The pause that the service asked for.
    pub after: Option<Duration>,
    /// The answer's status, where one came.
    pub status: Option<u16>,
}

impl ServiceFailure {
    /// A failure with its cause for the log.
    pub fn of(trouble: Trouble, detail: &dyn fmt::Display) -> Self {
        Self { trouble, detail: detail.to_string().chars().take(300).collect(), after: None, status: None }
    }

    /// An answer that nobody can read.
    pub fn garbled(detail: &dyn fmt::Display) -> Self {
        Self::of(Trouble::Garbled, detail)
    }

    /// An answer that is an error.
    pub fn of_answer(answer: &Answer) -> Self {
        let trouble = match answer.status {
            401 => Trouble::TokenRefused,
            408 | 429 => Trouble::Busy,
            _ => Trouble::Error,
        };
        let failure = Self::of(trouble, &format_args!("HTTP {}", answer.status));
        Self { after: answer.retry_after(), status: Some(answer.status), ..failure }
    }
}

impl ServiceFailure {
    /// Whether the service understood, and does not want to.
    pub fn is_denial(&self) -> bool {
        self.trouble == Trouble::Error && matches!(self.status, Some(400..=499))
    }
}

impl fmt::Display for ServiceFailure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.trouble.code(), self.detail)
    }
}

impl From<OutboundError> for ServiceFailure {
    fn from(error: OutboundError) -> Self {
        let trouble = match error {
            OutboundError::NotHttps(_)
            | OutboundError::PrivateAddress(_)
            | OutboundError::Unreachable { .. } => Trouble::Unreachable,
            OutboundError::TooLarge { .. } => Trouble::Garbled,
        };
        Self::of(trouble, &error)
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

    /// The present by the platform's clock, as far as its answers told it.
    pub fn platform_time(&self, platform: &str) -> Timestamp {
        self.tokens.platform_time(platform)
    }

    /// Asks for a fresh access token, and throws it away.
    pub async fn try_token(&self, access: &Access) -> Result<(), ServiceFailure> {
        let kept = self.tokens.token(access).await?;
        self.tokens.forget(access, &kept);
        self.tokens.token(access).await.map(drop)
    }

    /// Sends a request; an access token that ran out is renewed once.
    ///
    /// Errors: no answer, or no access token. What the answer says is the caller's matter.
    pub async fn call(
        &self,
        access: &Access,
        request: Request<'_>,
        limit: usize,
    ) -> Result<Answer, ServiceFailure> {
        self.send(access, request, limit, |answer| answer.status == 401).await
    }

    /// The same at a platform that says in its own way that a token is not good.
    pub async fn call_as(
        &self,
        profile: &Profile,
        access: &Access,
        request: Request<'_>,
        limit: usize,
    ) -> Result<Answer, ServiceFailure> {
        // A good answer may be long, and nobody's token is refused by it.
        let is_refused = |answer: &Answer| {
            answer.status >= 400 && profile.reads(answer.status, &answer.text()) == Meaning::TokenRefused
        };
        self.send(access, request, limit, is_refused).await
    }

    async fn send(
        &self,
        access: &Access,
        request: Request<'_>,
        limit: usize,
        is_refused: impl Fn(&Answer) -> bool,
    ) -> Result<Answer, ServiceFailure> {
        let token = self.tokens.token(access).await?;
        let answer = self.attempt(access, &request, &token, limit).await?;
        if !is_refused(&answer) {
            return Ok(answer);
        }
        self.tokens.forget(access, &token);
        let fresh: Arc<str> = self.tokens.token(access).await?;
        self.attempt(access, &request, &fresh, limit).await
    }

    async fn attempt(
        &self,
        access: &Access,
        request: &Request<'_>,
        token: &str,
        limit: usize,
    ) -> Result<Answer, ServiceFailure> {
        let asked = self.clock.now();
        let reach = access.platform.reach_of(request.url());
        let answer = self.outbound.ask(&request.clone().with_token(token), reach, limit).await?;
        self.tokens.note_clock(&access.platform.id, &answer, asked);
        Ok(answer)
    }
}
