//! Why messages of platforms are refused.

use super::identifier::ClaimError;
use crate::db::DbError;
use crate::ephemeral::EphemeralError;

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
    #[error("the continuation was handed out too long ago")]
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
    pub(super) fn is_past_signature(&self) -> bool {
        matches!(self, Self::TokenExpired | Self::TokenTooEarly | Self::TokenTooOld | Self::TokenParty)
    }
}
