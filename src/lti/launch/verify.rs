//! A launch: what the platform posted through the browser, and what of it is proved.

use std::time::Duration;

use url::Url;

use super::completion::Continuation;
use super::id_token::{TokenParties, UnverifiedToken};
use super::login::{BrowserSecret, ClaimedPlatform, LoginState};
use super::message::{self, VerifiedLaunch};
use super::trace::Trace;
use super::tried_states::TriedStates;
use crate::clock::Timestamp;
use crate::db::Database;
use crate::ephemeral::{Consumed, Ephemeral};
use crate::ids::Random;
use crate::lti::error::LaunchError;
use crate::lti::jwks::{JwksCache, KeyUse};
use crate::lti::registration::platform::{Deployment, Platform, Status};
use crate::lti::store;
use crate::sealing::sealed::Sealed as _;

/// A launch in which everything is proved but, perhaps, that this browser began it.
#[derive(Debug)]
pub enum PostedLaunch {
    /// The browser that began the login sent it.
    Bound(Box<VerifiedLaunch>),
    /// The browser sent no cookie of this login: it keeps none, or somebody else began the login.
    Unbound(Box<UnboundLaunch>),
}

/// What may be offered to a browser that kept no cookie: ways to open the activity elsewhere.
#[derive(Debug)]
pub struct UnboundLaunch {
    /// The platform's name.
    pub platform_name: String,
    /// The login again, for a new window; where the platform's hints work twice.
    pub restart: Option<Url>,
    /// The course, where the platform named it.
    pub return_url: Option<Url>,
    /// The launch's language.
    pub locale: Option<String>,
    /// The launch itself, until the browser shows the secret of its login.
    pub continuation: Continuation,
}

/// What the browser posted.
#[derive(Debug, Default, serde::Deserialize)]
pub struct LaunchForm {
    /// Our sealed state.
    pub state: Option<String>,
    /// The platform's token.
    pub id_token: Option<String>,
    /// An OpenID error instead of a token.
    pub error: Option<String>,
    /// The error in the platform's words.
    pub error_description: Option<String>,
    /// The version of LTI 1.1, which names it in the form.
    pub lti_version: Option<String>,
    /// Who signed a launch of LTI 1.1.
    pub oauth_consumer_key: Option<String>,
    /// What a platform of LTI 1.1 calls itself.
    pub tool_consumer_instance_guid: Option<String>,
}

/// A longer token is not read to find out who a launch without a login claims to be. Units: bytes.
const MAX_CLAIMING: usize = 16 * 1024;

impl LaunchForm {
    /// Returns who it says that it comes from: proved by nothing, for the administrator's list alone.
    pub fn claimed(&self) -> ClaimedPlatform {
        let token = self.id_token.as_deref().filter(|token| token.len() <= MAX_CLAIMING);
        let parties =
            token.and_then(|token| UnverifiedToken::parse(token).ok()).and_then(|token| token.parties());
        let TokenParties { issuer, client_id } = parties.unwrap_or_else(|| {
            let text = |value: &Option<String>| value.clone().unwrap_or_default();
            TokenParties {
                issuer: text(&self.tool_consumer_instance_guid),
                client_id: text(&self.oauth_consumer_key),
            }
        });
        ClaimedPlatform { issuer, client_id }
    }

    /// The consumer key, if this is a launch of LTI 1.1.
    ///
    /// Spec: LTI 1.1 §3 (`lti_version`), OAuth 1.0 (`oauth_consumer_key`).
    pub fn legacy_key(&self) -> Option<&str> {
        let version = self.lti_version.as_deref().unwrap_or_default();
        let is_legacy = version.starts_with("LTI-") || self.oauth_consumer_key.is_some();
        let is_legacy = is_legacy && self.id_token.is_none() && self.error.is_none();
        is_legacy.then(|| self.oauth_consumer_key.as_deref().unwrap_or_default())
    }
}

/// What the verification of a launch needs.
pub struct Verification<'a> {
    /// Lasting data.
    pub db: &'a Database,
    /// Single use of states.
    pub ephemeral: &'a dyn Ephemeral,
    /// How often states were tried.
    pub tried: &'a TriedStates,
    /// The platforms' keys.
    pub jwks: &'a JwksCache,
    /// Where this tool lives.
    pub base_url: &'a Url,
    /// The source of randomness.
    pub random: &'a Random,
    /// The present moment.
    pub now: Timestamp,
}

impl Verification<'_> {
    /// Proves that a platform sent this launch to us and nobody sent it before; tells whether this browser asked for it.
    ///
    /// Spec: 1EdTech Security Framework 1.0 §5.1.3; LTI 1.3 Core §5.3 ("Resource link launch request message").
    /// Trust: before, nothing in the token may be believed; after, all of it is the platform's word.
    /// Errors: one for each check, in the order of the checks; `trace` holds those that passed.
    pub async fn verify(
        &self,
        form: &LaunchForm,
        state: &LoginState,
        presented: &[BrowserSecret],
        trace: &mut Trace,
    ) -> Result<PostedLaunch, LaunchError> {
        if !self.tried.admits(&state.nonce, self.now) {
            return Err(LaunchError::StateTriedTooOften);
        }
        trace.passed.push("state");
        let token = UnverifiedToken::parse(form.id_token.as_deref().ok_or(LaunchError::Incomplete)?)?;
        trace.passed.push("form");
        trace.claimed_deployment = token.deployment_id();
        let (platform, deployment) = self.look_up(state, trace.claimed_deployment.as_deref()).await?;
        trace.passed.push("platform");
        let key = self.jwks.key(&platform, token.kid(), KeyUse::Launch, self.now).await?;
        trace.passed.push("key");
        let answers_us = token.nonce() == Some(state.nonce.as_str());
        let claims = token.verify(&platform, &key, &state.nonce, self.now);
        if claims.as_ref().err().is_none_or(|error| answers_us && error.is_past_signature()) {
            trace.deployment_id = deployment.as_ref().map(|known| known.deployment_id.clone());
        }
        let claims = claims?;
        trace.passed.push("token");
        trace.sub = claims.identifier("sub").ok().flatten();
        self.consume(state).await?;
        trace.passed.push("single-use");
        let approving = (platform.approves_deployments && deployment.is_none()).then(|| platform.clone());
        let read = message::read(&claims, state, platform, deployment, self.base_url);
        let launch = match (read, approving) {
            (Err(LaunchError::DeploymentUnknown { deployment, .. }), Some(platform)) => {
                let approved = self.approve(&platform, &deployment).await?;
                message::read(&claims, state, platform, approved, self.base_url)?
            }
            (read, _) => read?,
        };
        trace.passed.push("claims");
        if !presented.iter().any(|secret| state.is_bound_to(secret)) {
            return Ok(PostedLaunch::Unbound(Box::new(self.unbound(launch, state))));
        }
        trace.passed.extend(["browser", "cookie"]);
        Ok(PostedLaunch::Bound(Box::new(launch)))
    }

    /// Returns the launch of a continuation, once: when `secret` is the one that its login gave to its browser.
    ///
    /// Trust: the caller made sure that our own page asks from inside the browser. What an attacker began has its secret
    /// in the attacker's browser, so it is refused in any other.
    /// Errors: [`LaunchError::CompletionForeign`] uses nothing up; [`LaunchError::CompletionUsed`] after the first time.
    pub async fn complete(
        &self,
        continuation: Continuation,
        secret: &BrowserSecret,
    ) -> Result<VerifiedLaunch, LaunchError> {
        let Continuation { launch, state, .. } = continuation;
        if !state.is_bound_to(secret) {
            return Err(LaunchError::CompletionForeign);
        }
        if !self.is_first(&format!("completion:{}", state.nonce), &state, Continuation::TTL * 2).await? {
            return Err(LaunchError::CompletionUsed);
        }
        // Either may have been switched off in the meantime.
        let (platform, deployment) = self.look_up(&state, Some(&launch.deployment.deployment_id)).await?;
        let deployment = deployment.filter(|found| found.status == Status::Active);
        let deployment = deployment.ok_or(LaunchError::DeploymentDisabled)?;
        Ok(VerifiedLaunch { platform, deployment, ..launch })
    }

    async fn look_up(
        &self,
        state: &LoginState,
        deployment_id: Option<&str>,
    ) -> Result<(Platform, Option<Deployment>), LaunchError> {
        let (id, deployment_id) = (state.platform_id, deployment_id.unwrap_or_default().to_owned());
        let found: Option<_> =
            self.db.look_up(move |connection| store::find_for_launch(connection, id, &deployment_id)).await?;
        let (platform, deployment) = found.ok_or(LaunchError::PlatformGone)?;
        match platform.status {
            Status::Active => Ok((platform, deployment)),
            Status::Disabled | Status::Pending => Err(LaunchError::PlatformDisabled),
        }
    }

    /// Approves a deployment that the platform vouches for, where its operator chose that.
    async fn approve(&self, platform: &Platform, named: &str) -> Result<Option<Deployment>, LaunchError> {
        let (id, named) = (platform.id, named.to_owned());
        Ok(self.db.write(move |tx| store::approve_named(tx, id, &named)).await?)
    }

    async fn consume(&self, state: &LoginState) -> Result<(), LaunchError> {
        let key = format!("state:{}", state.nonce);
        let first = self.is_first(&key, state, LoginState::TTL * 2).await?;
        if first { Ok(()) } else { Err(LaunchError::StateUsed) }
    }

    /// Whether nobody used `key`, which belongs to this login, before.
    async fn is_first(&self, key: &str, state: &LoginState, ttl: Duration) -> Result<bool, LaunchError> {
        match self.ephemeral.consume(key, &state.epoch, ttl).await? {
            Consumed::First => Ok(true),
            Consumed::Again => Ok(false),
            Consumed::Forgotten => Err(LaunchError::StateForgotten),
        }
    }

    fn unbound(&self, launch: VerifiedLaunch, state: &LoginState) -> UnboundLaunch {
        UnboundLaunch {
            platform_name: launch.platform.name.clone(),
            restart: state.restart(&launch.platform, self.base_url),
            return_url: launch.return_url.clone(),
            locale: launch.profile.locale.clone(),
            continuation: Continuation::new(launch, state, self.now),
        }
    }
}
