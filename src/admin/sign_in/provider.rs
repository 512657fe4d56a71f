//! The talk with the OpenID provider: the authorization code flow with PKCE.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::core::{
    CoreAuthPrompt, CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreErrorResponseType,
    CoreIdToken, CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreRequestTokenError,
};
use openidconnect::{
    AuthType, AuthorizationCode, ClientId, ClientSecret, CsrfToken, DiscoveryError, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IssuerUrl, Nonce, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, Scope, StandardErrorResponse, TokenResponse as _,
};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use url::Url;

use super::ProviderCache;
use super::entitled::{NotEntitled, PersonClaims, name_of, require_entitled};
use crate::clock::Timestamp;
use crate::config::AdminOidc;
use crate::ephemeral::{Consumed, Ephemeral, EphemeralError, Epoch};
use crate::ids::Random;
use crate::outbound::{NetworkPolicy, Outbound, OutboundError, Request};
use crate::sealing::sealed::{Json, Sealed};

/// Between the provider's clock and ours.
const LEEWAY: Duration = Duration::from_secs(120);
const MAX_RESPONSE: usize = 256 * 1024;
/// The provider proves itself with a key of its own: a secret that both know proves nothing to others.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 10] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EcdsaP521Sha512,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// Why nobody comes in this way.
#[derive(Debug, thiserror::Error)]
pub(super) enum SignInError {
    /// The store of short-lived state failed.
    #[error(transparent)]
    Ephemeral(#[from] EphemeralError),
    /// The provider gives no answer, or none that can be used.
    #[error("{0}")]
    Unusable(String),
    /// The return is not that of a sign-in which this browser began a short while ago.
    #[error("the sign-in is not one that this browser began, or it is over")]
    Stale,
    /// The provider refused.
    #[error("the provider answers {0}")]
    Refused(String),
    /// What the provider says of the person is not proved.
    #[error("the id_token cannot be believed: {0}")]
    Unproved(String),
    /// The person is no administrator.
    #[error("{reason}")]
    NotEntitled {
        /// Why not.
        reason: NotEntitled,
        /// Who it is, in the words of the audit log.
        who: String,
    },
}

/// A sign-in that waits for the browser to come back; only that browser has it, sealed.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Waiting {
    state: String,
    nonce: String,
    verifier: String,
    epoch: String,
    begun: Timestamp,
    /// Whether the person had to prove anew who they are.
    again: bool,
}

impl Sealed for Waiting {
    type Format = Json;
    const PURPOSE: &'static str = "admin sign-in";
    /// A sign-in that takes longer begins again.
    const TTL: Duration = Duration::from_secs(10 * 60);

    fn issued(&self) -> Timestamp {
        self.begun
    }
}

/// What the browser brings back from the provider.
#[derive(Default, Deserialize)]
pub struct Return {
    state: Option<String>,
    code: Option<String>,
    iss: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

/// What a sign-in needs.
pub(super) struct IdentityProvider<'a> {
    pub(super) oidc: &'a AdminOidc,
    pub(super) outbound: &'a Outbound,
    pub(super) cache: &'a ProviderCache,
    pub(super) ephemeral: &'a dyn Ephemeral,
    pub(super) callback: Url,
    pub(super) random: &'a Random,
    pub(super) now: Timestamp,
}

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

impl IdentityProvider<'_> {
    /// Begins a sign-in: where the browser goes, and what it keeps meanwhile.
    ///
    /// Spec: OpenID Connect Core 1.0 §3.1.2.1 (`prompt`, `max_age`): with `again` the provider asks the person once more.
    pub(super) async fn begin(&self, again: bool) -> Result<(Url, Waiting), SignInError> {
        let client = self.client(self.cache.recent(self.now, self.discover()).await?);
        let waiting = Waiting {
            state: self.random.secret(),
            nonce: self.random.secret(),
            verifier: self.random.secret(),
            epoch: self.ephemeral.epoch().await?.0,
            begun: self.now,
            again,
        };
        let (state, nonce) = (CsrfToken::new(waiting.state.clone()), Nonce::new(waiting.nonce.clone()));
        let verifier = PkceCodeVerifier::new(waiting.verifier.clone());
        let mut asked = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, || state, || nonce)
            .add_scope(Scope::new("email".to_owned()))
            .add_scope(Scope::new("profile".to_owned()))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        if again {
            asked = asked.add_prompt(CoreAuthPrompt::Login).set_max_age(Duration::ZERO);
        }
        let (url, _, _) = asked.url();
        Ok((url, waiting))
    }

    /// Ends a sign-in: the person's name in the audit log, when it is an administrator.
    ///
    /// Spec: OpenID Connect Core 1.0 §3.1.2.5 to §3.1.3.7; RFC 7636 (PKCE); RFC 9207 (`iss`).
    /// Trust: the query is anybody's until its state is that of `waiting`, which this browser alone could bring.
    pub(super) async fn finish(
        &self,
        waiting: Option<Waiting>,
        returned: Return,
    ) -> Result<String, SignInError> {
        let waiting = self.require_fresh(waiting, &returned).await?;
        if let Some(error) = returned.error {
            let description = returned.error_description.unwrap_or_default();
            return Err(SignInError::Refused(format!("{error} {description}").trim().to_owned()));
        }
        if returned.iss.is_some_and(|issuer| issuer != self.oidc.issuer) {
            return Err(SignInError::Stale);
        }
        let code = AuthorizationCode::new(returned.code.ok_or(SignInError::Stale)?);
        let claims = self.claims(code, &waiting).await?;
        require_entitled(&claims, &self.oidc.entitled)
            .map_err(|reason| SignInError::NotEntitled { reason, who: name_of(&claims) })
    }

    /// Lets each sign-in end once, in the browser where it began.
    async fn require_fresh(
        &self,
        waiting: Option<Waiting>,
        returned: &Return,
    ) -> Result<Waiting, SignInError> {
        let waiting = waiting
            .filter(|waiting| !waiting.is_over(self.now) && returned.state.as_ref() == Some(&waiting.state));
        let waiting = waiting.ok_or(SignInError::Stale)?;
        let (key, epoch) = (format!("admin sign-in {}", waiting.state), Epoch(waiting.epoch.clone()));
        match self.ephemeral.consume(&key, &epoch, Waiting::TTL).await? {
            Consumed::First => Ok(waiting),
            Consumed::Again | Consumed::Forgotten => Err(SignInError::Stale),
        }
    }

    /// What the provider says of the person who came with `code`, each check made.
    async fn claims(&self, code: AuthorizationCode, waiting: &Waiting) -> Result<PersonClaims, SignInError> {
        let known = self.cache.recent(self.now, self.discover()).await?;
        let client = self.client(known.clone());
        let ask = |request: HttpRequest| {
            let policy = self.policy_of(&request);
            ask(self.outbound.clone(), policy, request)
        };
        let answer = client
            .exchange_code(code)
            .map_err(|error| SignInError::Unusable(error.to_string()))?
            .set_pkce_verifier(PkceCodeVerifier::new(waiting.verifier.clone()))
            .request_async(&ask)
            .await
            .map_err(not_exchanged)?;
        let token = answer.id_token().ok_or_else(|| SignInError::Unproved("there is none".to_owned()))?;
        match self.prove(&client, token, waiting) {
            Err(SignInError::Unproved(_)) => {}
            proved => return proved,
        }
        // Its key may be newer than those that are known here.
        let fresh = self.cache.fresh(self.now, self.discover()).await?;
        self.prove(&self.client(fresh), token, waiting)
    }

    /// Makes each check of a token, and returns its payload.
    fn prove(
        &self,
        client: &Client,
        token: &CoreIdToken,
        waiting: &Waiting,
    ) -> Result<PersonClaims, SignInError> {
        let at =
            |moment: Timestamp| chrono::DateTime::from_timestamp_millis(moment.millis()).unwrap_or_default();
        let (earliest, latest) = (at(self.now.minus(LEEWAY)), at(self.now.plus(LEEWAY)));
        let verifier = client
            .id_token_verifier()
            .set_allowed_algs(ALGORITHMS)
            .set_other_audience_verifier_fn(|_| true)
            .set_time_fn(move || earliest)
            .set_issue_time_verifier_fn(move |issued| {
                if issued > latest { Err("it is issued in the future".to_owned()) } else { Ok(()) }
            });
        let proved = token
            .claims(&verifier, &Nonce::new(waiting.nonce.clone()))
            .map_err(|error| SignInError::Unproved(with_cause(&error)))?;
        // openidconnect leaves the authorised party to its caller.
        match proved.authorized_party() {
            Some(party) if party.as_str() != self.oidc.client_id => {
                return Err(SignInError::Unproved("azp is not our client id".to_owned()));
            }
            None if proved.audiences().len() > 1 => {
                return Err(SignInError::Unproved("it has several audiences, and no azp".to_owned()));
            }
            _ => {}
        }
        let signed_in = proved.auth_time().map(|at| Timestamp::from_millis(at.timestamp_millis()));
        if waiting.again && signed_in.is_none_or(|at| at < waiting.begun.minus(LEEWAY)) {
            return Err(SignInError::Unproved(
                "auth_time does not say that the person just signed in".to_owned(),
            ));
        }
        payload(&token.to_string()).ok_or_else(|| SignInError::Unproved("it is malformed".to_owned()))
    }

    /// Where a request of the library may lead: the provider's description names addresses too.
    fn policy_of(&self, request: &HttpRequest) -> NetworkPolicy {
        let url = Url::parse(&request.uri().to_string());
        url.map_or(NetworkPolicy::Public, |url| self.oidc.policy_of(&url))
    }

    /// Asks the provider for its addresses and its keys.
    async fn discover(&self) -> Result<CoreProviderMetadata, SignInError> {
        let issuer = IssuerUrl::new(self.oidc.issuer.clone())
            .map_err(|error| SignInError::Unusable(error.to_string()))?;
        let ask = |request: HttpRequest| {
            let policy = self.policy_of(&request);
            ask(self.outbound.clone(), policy, request)
        };
        CoreProviderMetadata::discover_async(issuer, &ask).await.map_err(not_discovered)
    }

    fn client(&self, provider: CoreProviderMetadata) -> Client {
        let only_by_post = provider.token_endpoint_auth_methods_supported().is_some_and(|methods| {
            methods.contains(&CoreClientAuthMethod::ClientSecretPost)
                && !methods.contains(&CoreClientAuthMethod::ClientSecretBasic)
        });
        let secret = self.oidc.client_secret.as_ref();
        let secret = secret.map(|secret| ClientSecret::new(secret.expose_secret().to_owned()));
        let client_id = ClientId::new(self.oidc.client_id.clone());
        CoreClient::from_provider_metadata(provider, client_id, secret)
            .set_auth_type(if only_by_post { AuthType::RequestBody } else { AuthType::BasicAuth })
            .set_redirect_uri(RedirectUrl::from_url(self.callback.clone()))
    }
}

/// An error of the library with what caused it, which its own words leave out.
fn with_cause(error: &impl std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
}

/// The claims in a token that has been proved.
fn payload(token: &str) -> Option<PersonClaims> {
    let part = token.split('.').nth(1)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

/// Sends a request of the library through the guarded client.
async fn ask(
    outbound: Outbound,
    policy: NetworkPolicy,
    request: HttpRequest,
) -> Result<HttpResponse, NoAnswer> {
    let url =
        Url::parse(&request.uri().to_string()).map_err(|error| NoAnswer::Malformed(error.to_string()))?;
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let mut sent = match request.method().as_str() {
        "POST" => {
            let body = String::from_utf8_lossy(request.body()).into_owned();
            Request::post(&url, header("content-type").unwrap_or("application/x-www-form-urlencoded"), body)
        }
        _ => Request::get(&url),
    };
    if let Some(authorization) = header("authorization") {
        sent = sent.with_authorization(authorization.to_owned());
    }
    let answer = outbound.ask(&sent.accepting("application/json"), policy, MAX_RESPONSE).await?;
    let mut response = HttpResponse::new(answer.body);
    *response.status_mut() = openidconnect::http::StatusCode::from_u16(answer.status)
        .map_err(|error| NoAnswer::Malformed(error.to_string()))?;
    *response.headers_mut() = answer.headers;
    Ok(response)
}

/// Why the library's request has no answer.
#[derive(Debug, thiserror::Error)]
enum NoAnswer {
    #[error(transparent)]
    Outbound(#[from] OutboundError),
    #[error("{0}")]
    Malformed(String),
}

/// Trust: the provider's words go to the page of somebody who is no administrator yet, so its bodies are left out.
fn not_discovered(error: DiscoveryError<NoAnswer>) -> SignInError {
    SignInError::Unusable(match error {
        DiscoveryError::Request(error) => error.to_string(),
        DiscoveryError::Response(status, _, _) => format!("the provider's configuration answers {status}"),
        DiscoveryError::Parse(error) => format!("the provider's configuration cannot be read: {error}"),
        DiscoveryError::UrlParse(error) => error.to_string(),
        DiscoveryError::Validation(what) => format!("the provider's configuration: {what}"),
        other => other.to_string(),
    })
}

type ExchangeError = CoreRequestTokenError<NoAnswer>;

fn not_exchanged(error: ExchangeError) -> SignInError {
    match error {
        ExchangeError::ServerResponse(response) => SignInError::Refused(words(&response)),
        ExchangeError::Request(error) => SignInError::Unusable(error.to_string()),
        ExchangeError::Parse(error, _) => {
            SignInError::Unusable(format!("the provider's token answer cannot be read: {error}"))
        }
        ExchangeError::Other(what) => SignInError::Unusable(what),
    }
}

fn words(response: &StandardErrorResponse<CoreErrorResponseType>) -> String {
    let description = response.error_description().map(String::as_str).unwrap_or_default();
    format!("{} {description}", response.error()).trim().to_owned()
}
