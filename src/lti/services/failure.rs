//! Why a platform's service gives nothing usable.

use std::fmt;
use std::time::Duration;

use super::outcome::ScoreOutcome;
use crate::codes::codes;
use crate::lti::families::Family;
use crate::outbound::{OutboundError, Response};

codes! {
    /// What is wrong with a platform's services, in the code that page and log share.
    pub enum ServiceError {
        /// No answer comes.
        Unreachable = "unreachable",
        /// They answer with an error.
        Error = "error",
        /// They ask for a pause.
        Busy = "busy",
        /// They give this tool no access token, or do not take it.
        TokenRefused = "token-refused",
        /// They answer what nobody can read.
        Garbled = "garbled",
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
    pub fn of_answer(family: &Family, answer: &Response) -> Self {
        let error = match family.outcome(answer) {
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
        write!(out, "{}: {}", self.error, self.detail)
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
