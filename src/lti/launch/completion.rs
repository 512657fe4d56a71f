//! A launch whose browser sent no cookie back: proved, sealed, and finished once the browser shows what its login gave it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::login::LoginState;
use super::message::VerifiedLaunch;
use super::trace::Trace;
use crate::clock::Timestamp;
use crate::lti::error::LaunchError;
use crate::sealing::sealed::{Json, Sealed, SealedError};

/// A proved launch that waits for the browser that began it.
///
/// Trust: sealed, so that the browser can neither read nor change it. Worth nothing without the browser secret, which the
/// login gave to one browser alone: its hash is inside the state. Whoever else brings the continuation stays outside.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Continuation {
    pub(super) launch: VerifiedLaunch,
    pub(super) state: LoginState,
    issued: Timestamp,
}

/// Where a browser without cookies kept the secret of its login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Keeper {
    /// Our own localStorage.
    LocalStorage,
    /// The platform's storage (LTI platform storage).
    PlatformStorage,
    /// Nowhere: what is left is a new window.
    Nowhere,
}

impl Keeper {
    /// The word in the launch log.
    pub fn word(self) -> &'static str {
        match self {
            Self::LocalStorage => "local-storage",
            Self::PlatformStorage => "platform-storage",
            Self::Nowhere => "new-window",
        }
    }
}

impl Sealed for Continuation {
    type Format = Json;
    const PURPOSE: &'static str = "launch continuation";
    /// How long a browser may take to look for its secret: two storages, a few seconds.
    const TTL: Duration = Duration::from_secs(90);

    fn issued(&self) -> Timestamp {
        self.issued
    }
}

impl From<SealedError> for LaunchError {
    fn from(error: SealedError) -> Self {
        match error {
            SealedError::Unreadable(_) => Self::CompletionUnreadable,
            SealedError::Expired => Self::CompletionExpired,
        }
    }
}

impl Continuation {
    pub(super) fn new(launch: VerifiedLaunch, state: &LoginState, issued: Timestamp) -> Self {
        Self { launch, state: state.without_hints(), issued }
    }

    /// The origin of the platform's authentication URL: the only one whose storage counts.
    pub fn platform_origin(&self) -> String {
        self.launch.platform.auth_url.origin().ascii_serialization()
    }

    /// The platform's frame that keeps things for tools, where the login named one.
    pub fn storage_target(&self) -> Option<&str> {
        self.state.storage_target.as_deref()
    }

    /// The launch's language.
    pub fn locale(&self) -> Option<String> {
        self.launch.profile.locale.clone()
    }

    /// The checks that the launch passed before it was sealed.
    pub fn trace(&self) -> Trace {
        Trace {
            passed: vec!["state", "form", "platform", "key", "token", "single-use", "claims"],
            platform_id: Some(self.state.platform_id),
            claimed_deployment: None,
            deployment_id: Some(self.launch.deployment.deployment_id.clone()),
            sub: self.launch.sub.clone(),
        }
    }
}
