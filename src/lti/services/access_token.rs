//! Access tokens for the platforms' services: asked for once, shared, renewed before they run out.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use moka::sync::Cache;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::access::Access;
use super::clock::{ClockOf, ServiceClocks, ServiceKind};
use super::failure::{ServiceError, ServiceFailure};
use crate::clock::{Clock, Timestamp};
use crate::ids::{DeploymentId, PlatformId, Random};
use crate::outbound::{Outbound, Request, Response};
use crate::signing::{KeyPurpose, KeyRing};

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const DEPLOYMENT: &str = "https://purl.imsglobal.org/spec/lti/claim/deployment_id";
const MAX_RESPONSE: usize = 64 * 1024;
const MAX_KEPT: u64 = 10_000;
/// Platforms that allow no leeway refuse what was issued in their future.
const BACK_DATED: Duration = Duration::from_secs(5);
const ASSERTION_TTL: Duration = Duration::from_secs(120);
/// A token is not used any more so long before its end.
const MARGIN: Duration = Duration::from_secs(60);
const DEFAULT_TTL: Duration = Duration::from_secs(60 * 60);
const MAX_TTL: Duration = Duration::from_secs(24 * 60 * 60);

/// Access tokens of all platforms.
pub struct ServiceTokens {
    outbound: Outbound,
    keys: Arc<KeyRing>,
    clock: Arc<dyn Clock>,
    random: Random,
    entries: Cache<Key, Arc<Entry>>,
    clocks: Arc<ServiceClocks>,
}

/// Registration, deployment, scopes.
/// What an access token is good for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    platform: PlatformId,
    deployment: DeploymentId,
    scopes: String,
}

#[derive(Default)]
struct Entry {
    known: Mutex<CachedToken>,
    /// Held by the one that asks; the others wait for what it hears.
    asking: tokio::sync::Mutex<()>,
}

/// An access token, and until when it is used.
struct IssuedToken {
    token: Arc<str>,
    until: Timestamp,
}

#[derive(Default)]
struct CachedToken {
    token: Option<IssuedToken>,
    /// Counts the answers, so that whoever waited knows a fresh refusal from an old one.
    answers: u64,
    refusal: Option<ServiceFailure>,
}

impl ServiceTokens {
    /// No tokens yet; they are asked for through `outbound`, with our key for platforms.
    pub fn new(outbound: Outbound, keys: Arc<KeyRing>, clock: Arc<dyn Clock>, random: Random) -> Self {
        let (entries, clocks) = (Cache::new(MAX_KEPT), Arc::default());
        Self { outbound, keys, clock, random, entries, clocks }
    }

    /// Returns the clocks of the platforms' services.
    pub fn clocks(&self) -> &Arc<ServiceClocks> {
        &self.clocks
    }

    /// A token for the scopes of `access`.
    ///
    /// Spec: 1EdTech Security Framework 1.0 §4.1 ("Using OAuth 2.0 Client-Credentials Grant"), RFC 7523.
    pub async fn token(&self, access: &Access) -> Result<Arc<str>, ServiceFailure> {
        let entry = self.entries.get_with(key(access), Arc::default);
        let heard_before = {
            let known = entry.known();
            if let Some(token) = known.good(self.clock.now()) {
                return Ok(token);
            }
            known.answers
        };
        let _turn = entry.asking.lock().await;
        {
            let known = entry.known();
            match (known.good(self.clock.now()), &known.refusal) {
                (Some(token), _) => return Ok(token),
                (None, Some(refusal)) if known.answers > heard_before => return Err(refusal.clone()),
                (None, _) => {}
            }
        }
        let answer = self.ask(access).await;
        let mut known = entry.known();
        known.answers += 1;
        known.refusal = answer.as_ref().err().cloned();
        known.token = answer.ok();
        match (&known.token, &known.refusal) {
            (Some(issued), _) => Ok(Arc::clone(&issued.token)),
            (None, Some(refusal)) => Err(refusal.clone()),
            (None, None) => Err(ServiceFailure::garbled(&"nothing")),
        }
    }

    /// Forgets a token that a service did not take.
    pub fn forget(&self, access: &Access, token: &str) {
        let entry = self.entries.get_with(key(access), Arc::default);
        let mut known = entry.known();
        known.token = known.token.take().filter(|kept| *kept.token != *token);
    }

    /// Asks; once more when the refusal may be of the time by which we asked: by what the clock shows now, else by our own.
    async fn ask(&self, access: &Access) -> Result<IssuedToken, ServiceFailure> {
        let clock = ClockOf::new(access.platform.id, &access.platform.token_url, ServiceKind::Token);
        let (asked, assumed) = (self.clock.now(), self.clocks.ahead(&clock));
        let answer = self.post(access, &clock).await?;
        self.clocks.note(&clock, &answer, asked, self.clock.now());
        let shown = self.clocks.ahead(&clock);
        let answer = if !is_refused(&answer) || (assumed, shown) == (0, 0) {
            answer
        } else if shown != assumed {
            self.post(access, &clock).await?
        } else {
            self.doubt(access, &clock, answer).await?
        };
        read(access, &answer, self.clock.now())
    }

    /// Asks by our own clock where the platform refused what went by its own: a proxy's `Date` may be another's.
    async fn doubt(
        &self,
        access: &Access,
        clock: &ClockOf,
        answer: Response,
    ) -> Result<Response, ServiceFailure> {
        let by_ours = self.post_at(access, self.clock.now()).await?;
        if is_refused(&by_ours) {
            return Ok(answer);
        }
        self.clocks.disprove(clock);
        Ok(by_ours)
    }

    async fn post(&self, access: &Access, clock: &ClockOf) -> Result<Response, ServiceFailure> {
        self.post_at(access, self.clocks.time(clock, self.clock.now())).await
    }

    async fn post_at(&self, access: &Access, platform_time: Timestamp) -> Result<Response, ServiceFailure> {
        let signer = self.keys.signer(KeyPurpose::Platforms, self.clock.now());
        let assertion = self.assertion(access, platform_time);
        let signed = signer.map(|signer| signer.sign(&assertion)).and_then(Result::ok);
        let signed =
            signed.ok_or_else(|| ServiceFailure::of(ServiceError::Error, &"our own key is missing"))?;
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_assertion_type", ASSERTION_TYPE)
            .append_pair("client_assertion", &signed)
            .append_pair("scope", &access.scopes.join(" "))
            .finish();
        let url = &access.platform.token_url;
        let request =
            Request::post(url, "application/x-www-form-urlencoded", form).accepting("application/json");
        Ok(self.outbound.ask(&request, access.platform.policy, MAX_RESPONSE).await?)
    }

    fn assertion(&self, access: &Access, platform_time: Timestamp) -> Value {
        let platform = &access.platform;
        let audience = platform.token_audience.as_deref().unwrap_or(platform.token_url.as_str());
        let issued = platform_time.minus(BACK_DATED);
        json!({
            "iss": platform.client_id, "sub": platform.client_id, "aud": audience,
            "iat": issued.secs(), "exp": issued.plus(ASSERTION_TTL).secs(),
            "jti": self.random.letters_and_digits(26), DEPLOYMENT: access.deployment.deployment_id,
        })
    }
}

impl Entry {
    fn known(&self) -> MutexGuard<'_, CachedToken> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CachedToken {
    fn good(&self, now: Timestamp) -> Option<Arc<str>> {
        self.token.as_ref().filter(|kept| now < kept.until).map(|kept| Arc::clone(&kept.token))
    }
}

fn key(access: &Access) -> Key {
    let mut scopes = access.scopes.clone();
    scopes.sort_unstable();
    Key { platform: access.platform.id, deployment: access.deployment.id, scopes: scopes.join(" ") }
}

/// The token in an answer, and until when it is used.
///
/// Quirk: Moodle calls the JSON `text/html`, so the content type means nothing; `expires_in` may be missing, or a text.
/// Errors: never one that counts as a refusal of what the token is for: tokens come again when the platform is well.
fn read(access: &Access, answer: &Response, now: Timestamp) -> Result<IssuedToken, ServiceFailure> {
    let parsed: Result<Value, _> = serde_json::from_slice(&answer.body);
    let failure = ServiceFailure::of_answer(access.family(&access.platform.token_url), answer);
    match (answer.status, parsed) {
        (200..=299, Ok(body)) => {
            let token = body["access_token"].as_str().filter(|token| is_token(token));
            let token = token.ok_or_else(|| ServiceFailure::garbled(&"no access token"))?;
            Ok(IssuedToken { token: Arc::from(token), until: now.plus(life(&body["expires_in"])) })
        }
        (200..=299, Err(error)) => Err(ServiceFailure::garbled(&error)),
        (400 | 401 | 403, body) if failure.error != ServiceError::Busy => {
            let body = body.unwrap_or_default();
            // A platform that repeats the assertion does not bring it into the log.
            let says =
                |name: &str| body[name].as_str().filter(|text| !text.contains("eyJ")).unwrap_or_default();
            let detail = format!("{} {} {}", answer.status, says("error"), says("error_description"));
            Err(ServiceFailure::of(ServiceError::TokenRefused, &detail))
        }
        _ => Err(ServiceFailure { status: None, ..failure }),
    }
}

fn is_refused(answer: &Response) -> bool {
    matches!(answer.status, 400 | 401)
}

/// Characters that may stand in an `Authorization` header (RFC 6750 §2.1).
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.len() <= 16_384 && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn life(expires_in: &Value) -> Duration {
    let secs = expires_in.as_u64().or_else(|| expires_in.as_str()?.trim().parse().ok());
    let life = secs.map_or(DEFAULT_TTL, Duration::from_secs).min(MAX_TTL);
    life.saturating_sub(MARGIN).max(life / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_read_leniently() {
        let now = Timestamp::from_secs(1_000);
        for (body, life) in [
            ("{\"access_token\":\"t\",\"token_type\":\"bearer\",\"expires_in\":3600}", 3540),
            ("{\"access_token\":\"t\",\"expires_in\":\"600\"}", 540),
            ("{\"access_token\":\"t\"}", 3540),
            ("{\"access_token\":\"t\",\"expires_in\":-1}", 3540),
            ("{\"access_token\":\"t\",\"expires_in\":40}", 20),
            ("{\"access_token\":\"t\",\"expires_in\":99999999}", 86_340),
        ] {
            let IssuedToken { token, until } =
                read(&Access::example(&[]), &Response::of(200, body), now).unwrap();
            assert_eq!((&*token, until.since(now).as_secs()), ("t", life), "{body}");
        }
    }

    #[test]
    fn what_is_no_token_is_named() {
        for (status, body, error) in [
            (200, "<html>", ServiceError::Garbled),
            (200, "{}", ServiceError::Garbled),
            (200, "{\"access_token\":5}", ServiceError::Garbled),
            (200, "{\"access_token\":\"a b\\n\"}", ServiceError::Garbled),
            (200, "[]", ServiceError::Garbled),
            (400, "{\"error\":\"invalid_client\"}", ServiceError::TokenRefused),
            (400, "{\"error\" : \"\"kid\" empty\"}", ServiceError::TokenRefused),
            (401, "", ServiceError::TokenRefused),
            (403, "", ServiceError::TokenRefused),
            (403, "403 Forbidden (Rate Limit Exceeded)", ServiceError::Busy),
            (404, "", ServiceError::Error),
            (429, "", ServiceError::Busy),
            (503, "", ServiceError::Error),
            (302, "", ServiceError::Error),
        ] {
            let read = read(&Access::example(&[]), &Response::of(status, body), Timestamp::from_secs(0));
            let failure = read.err().unwrap();
            assert_eq!(failure.error, error, "{status} {body}");
            assert!(!failure.is_denial(), "{status} {body}: no refusal of anything else");
        }
    }
}
