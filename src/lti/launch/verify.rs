//! A launch: what the platform posted through the browser, and what of it is proved.

use std::time::Duration;

use url::Url;

use super::completion::Continuation;
use super::id_token::UnverifiedToken;
use super::login::{BrowserSecret, ClaimedPlatform, LoginState};
use super::message;
use super::message::VerifiedLaunch;
use super::tried_states::TriedStates;
use crate::clock::Timestamp;
use crate::db::{Database, DbError};
use crate::ephemeral::{Consumed, Ephemeral, EphemeralError};
use crate::ids::Random;
use crate::lti::identifier::ClaimError;
use crate::lti::jwks::{JwksCache, JwksError, KeyUse};
use crate::lti::registration::platform::{Deployment, Platform, Status};
use crate::lti::store;

/// Why a launch is refused: one variant for each check.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The store of short-lived state failed.
    #[error(transparent)]
    Ephemeral(#[from] EphemeralError),
    /// The post lacks `state` or `id_token`.
    #[error("the post holds no state or no id_token")]
    Incomplete,
    /// An LTI 1.1 launch.
    #[error("an LTI 1.1 launch of consumer key {consumer_key:?}")]
    LegacyLaunch {
        /// As sent.
        consumer_key: String,
    },
    /// An OpenID error that belongs to no login of ours.
    #[error("an OpenID error without a state of ours")]
    StrayError,
    /// The platform sent an OpenID error instead of a token.
    #[error("the platform answered {error}: {description}")]
    PlatformRefused {
        /// The error's code.
        error: String,
        /// The platform's own words.
        description: String,
    },
    /// The state was not sealed here.
    #[error("the state was not issued by this installation")]
    StateUnreadable,
    /// The login began too long ago.
    #[error("the login began more than ten minutes ago")]
    StateExpired,
    /// The state was tried too often.
    #[error("the state was tried too often")]
    StateTriedTooOften,
    /// The state was used before.
    #[error("the state was used before")]
    StateUsed,
    /// The state was sealed before the store of short-lived state began anew.
    #[error("the login began before this service was restarted")]
    StateForgotten,
    /// The continuation was not sealed here.
    #[error("the continuation was not issued by this installation")]
    CompletionUnreadable,
    /// The continuation was handed out too long ago.
    #[error("the continuation is older than {} seconds", super::completion::TTL.as_secs())]
    CompletionExpired,
    /// The continuation was used before.
    #[error("the continuation was used before")]
    CompletionUsed,
    /// The secret is not that of the browser which began the login.
    #[error("the secret is not that of the browser which began the login")]
    CompletionForeign,
    /// The platform is gone.
    #[error("the platform of this login is not registered any more")]
    PlatformGone,
    /// The platform is switched off.
    #[error("the platform is disabled")]
    PlatformDisabled,
    /// The id_token is no signed JSON Web Token with a payload of single keys.
    #[error("the id_token is malformed")]
    TokenMalformed,
    /// The algorithm is not RS256.
    #[error("the id_token is not signed with RS256")]
    TokenAlgorithm,
    /// The header demands an extension.
    #[error("the id_token's header demands an extension (crit, b64) that nobody here knows")]
    TokenCritical,
    /// The header names no key.
    #[error("the id_token names no key (kid)")]
    TokenKeyMissing,
    /// The platform has no such key.
    #[error("the platform publishes no key with the kid of the id_token")]
    TokenKeyUnknown,
    /// The platform's keys cannot be fetched.
    #[error("the platform's public keys cannot be fetched: {0}")]
    PlatformKeysUnreachable(String),
    /// The signature does not fit.
    #[error("the signature of the id_token does not fit the platform's key")]
    TokenSignature,
    /// Another issuer.
    #[error("iss is not the issuer that is registered")]
    TokenIssuer,
    /// Not for us.
    #[error("aud does not hold our client id")]
    TokenAudience,
    /// The authorised party is missing or another.
    #[error("azp is not our client id")]
    TokenParty,
    /// Over.
    #[error("exp is past")]
    TokenExpired,
    /// From the future.
    #[error("iat is in the future")]
    TokenTooEarly,
    /// Too old.
    #[error("iat is more than ten minutes ago")]
    TokenTooOld,
    /// `exp` or `iat` is missing or no number.
    #[error("exp or iat is missing or no number")]
    TokenTimes,
    /// Not the nonce of this login.
    #[error("nonce is not that of this login")]
    TokenNonce,
    /// Not LTI 1.3.
    #[error("version is not 1.3.0")]
    MessageVersion,
    /// No message type.
    #[error("message_type is missing")]
    MessageTypeMissing,
    /// A message type that this tool does not serve.
    #[error("message_type is not served here")]
    MessageUnsupported,
    /// No deployment, or a malformed one.
    #[error("deployment_id is missing or malformed")]
    DeploymentMissing,
    /// A deployment that nobody approved.
    #[error("deployment_id {deployment:?} is not approved for this platform")]
    DeploymentUnknown {
        /// As sent.
        deployment: String,
        /// The registration's.
        issuer: String,
        /// The registration's.
        client_id: String,
    },
    /// Another deployment than at the login.
    #[error("deployment_id is not the one that the login named")]
    DeploymentMismatch,
    /// The deployment is switched off.
    #[error("the deployment is disabled")]
    DeploymentDisabled,
    /// No target.
    #[error("target_link_uri is missing")]
    TargetMissing,
    /// Another target than at the login.
    #[error("target_link_uri is not the one that the login named")]
    TargetMismatch,
    /// A target that is not ours.
    #[error("target_link_uri is not an address of this tool: {named:?}")]
    TargetForeign {
        /// As the platform named it.
        named: String,
        /// What it should be.
        ours: String,
    },
    /// No list of roles.
    #[error("roles is missing or no list")]
    RolesMissing,
    /// No resource link.
    #[error("resource_link.id is missing")]
    ResourceLinkMissing,
    /// A deep linking request that says not, or not safely, where its answer goes.
    #[error("deep_link_return_url is missing, or no address that an answer may go to")]
    ReturnUrlMissing,
    /// A target that wants to say where the answer goes.
    #[error("target_link_uri names a return address or data, which the signed settings alone may do")]
    ReturnUrlInQuery,
    /// A review of nobody.
    #[error("for_user.user_id is missing")]
    LearnerMissing,
    /// No person.
    #[error("sub is missing or empty")]
    UserMissing,
    /// Something that is too long to be taken along.
    #[error("{0} is too long")]
    ClaimInvalid(&'static str),
    /// An identifier that is none.
    #[error(transparent)]
    Claim(#[from] ClaimError),
}

impl LaunchError {
    /// Whether the platform's signature held before this was found: the platform made the token, only not just now.
    fn is_past_signature(&self) -> bool {
        matches!(self, Self::TokenExpired | Self::TokenTooEarly | Self::TokenTooOld | Self::TokenParty)
    }
}

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
        let (issuer, client_id) = parties.unwrap_or_else(|| {
            let text = |value: &Option<String>| value.clone().unwrap_or_default();
            (text(&self.tool_consumer_instance_guid), text(&self.oauth_consumer_key))
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

/// The checks that a launch has passed, for the administrator's log; and who it seems to be.
#[derive(Debug, Default)]
pub struct Trace {
    /// Names of the checks, in order.
    pub passed: Vec<&'static str>,
    /// Our identifier of the platform.
    pub platform_id: Option<String>,
    /// The deployment id that the token names, whoever wrote it.
    pub claimed_deployment: Option<String>,
    /// The deployment, once the platform has proved it and it is known here.
    pub deployment_id: Option<String>,
    /// The person, once proved.
    pub sub: Option<String>,
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

    pub(super) async fn look_up(
        &self,
        state: &LoginState,
        deployment_id: Option<&str>,
    ) -> Result<(Platform, Option<Deployment>), LaunchError> {
        let (id, deployment_id) = (state.platform_id.clone(), deployment_id.unwrap_or_default().to_owned());
        let found: Option<_> = self
            .db
            .look_up(move |connection| store::find_for_launch(connection, &id, &deployment_id))
            .await?;
        let (platform, deployment) = found.ok_or(LaunchError::PlatformGone)?;
        match platform.status {
            Status::Active => Ok((platform, deployment)),
            Status::Disabled | Status::Pending => Err(LaunchError::PlatformDisabled),
        }
    }

    /// Approves a deployment that the platform vouches for, where its operator chose that.
    async fn approve(&self, platform: &Platform, named: &str) -> Result<Option<Deployment>, LaunchError> {
        let (id, named) = (platform.id.clone(), named.to_owned());
        Ok(self.db.write(move |tx| store::approve_named(tx, &id, &named)).await?)
    }

    async fn consume(&self, state: &LoginState) -> Result<(), LaunchError> {
        let key = format!("state:{}", state.nonce);
        let first = self.is_first(&key, state, LoginState::TTL * 2).await?;
        if first { Ok(()) } else { Err(LaunchError::StateUsed) }
    }

    /// Whether nobody used `key`, which belongs to this login, before.
    pub(super) async fn is_first(
        &self,
        key: &str,
        state: &LoginState,
        ttl: Duration,
    ) -> Result<bool, LaunchError> {
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

impl From<JwksError> for LaunchError {
    fn from(error: JwksError) -> Self {
        match error {
            JwksError::UnknownKid => Self::TokenKeyUnknown,
            JwksError::Unavailable(reason) => Self::PlatformKeysUnreachable(reason),
        }
    }
}
