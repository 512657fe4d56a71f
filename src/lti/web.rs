//! Login initiation and our public keys; what each refusal of the protocol answers.

use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT_LANGUAGE, CACHE_CONTROL, LOCATION};
use actix_web::web::{Data, Form, Query};
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse};
use serde::Serialize;
use tracing_actix_web::RequestId;

use super::error::LaunchError;
use super::identifier::ClaimError;
use super::launch::login::{
    ClaimedPlatform, Login, LoginContext, LoginError, LoginForm, LoginState, storage_key,
};
use super::launch::trace::Trace;
use super::launch_log::{LaunchOutcome, LaunchRecord, UnregisteredLaunch};
use super::registration::platform::Platform;
use crate::http::cookies::{binding_cookie_name, keep, kept_here, set_cookie};
use crate::http::failure::Failure;
use crate::http::pages::{Framing, Pages};
use crate::http::refusal_code::RefusalCode;
use crate::http::security::client_network;
use crate::http::session::last_use;
use crate::sealing::sealed::Sealed as _;
use crate::signing::KeyPurpose;
use crate::state::AppState;

/// `GET /lti/login`: a platform says who wants in. For everybody.
pub async fn login_by_link(
    request: HttpRequest,
    form: Query<LoginForm>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    login(&request, form.into_inner(), &app, &pages).await
}

/// `POST /lti/login`: the same by form.
pub async fn login_by_form(
    request: HttpRequest,
    form: Form<LoginForm>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    login(&request, form.into_inner(), &app, &pages).await
}

/// A browser that brought a cookie of ours keeps cookies here, and goes on at once. Any other one first keeps the secret
/// in other places too.
async fn login(
    request: &HttpRequest,
    form: LoginForm,
    app: &AppState,
    pages: &Pages,
) -> Result<HttpResponse, Failure> {
    let claimed = form.claimed();
    let (platform, login) =
        begin(form, app).await.map_err(|error| record_rejection(app, request, error, claimed))?;
    let kept = kept_here(request);
    let mut response = if kept.is_some() {
        HttpResponse::Found().insert_header((LOCATION, login.redirect.as_str())).finish()
    } else {
        continue_page(pages, &login, &platform, request)?
    };
    let name = binding_cookie_name(&login.binding_name);
    let fresh = set_cookie(&name, &login.secret.0, LoginState::TTL, kept.unwrap_or_default());
    keep(request, &mut response, fresh, |sealed| last_use(sealed, &app.sealer));
    Ok(response)
}

async fn begin(form: LoginForm, app: &AppState) -> Result<(Platform, Login), LoginError> {
    let platform = form.platform(&app.db).await?;
    let epoch = app.ephemeral.epoch().await?;
    let context = LoginContext {
        redirect_uri: &app.launch_url,
        epoch,
        now: app.clock.now(),
        sealer: &app.sealer,
        random: &app.random,
    };
    let login = form.begin(&platform, context)?;
    Ok((platform, login))
}

/// Notes a login that leads nowhere for the administrator: somebody there waits for help.
fn record_rejection(
    app: &AppState,
    request: &HttpRequest,
    error: LoginError,
    claimed: ClaimedPlatform,
) -> Failure {
    let now = app.clock.now();
    match &error {
        LoginError::Db(_) | LoginError::Ephemeral(_) => {}
        LoginError::PlatformDisabled { platform_id } => {
            let reference = request.extensions().get::<RequestId>().map(ToString::to_string);
            let outcome =
                LaunchOutcome { code: RefusalCode::PlatformDisabled.code(), detail: Some(error.to_string()) };
            let id = *platform_id;
            let record = LaunchRecord::new(
                id,
                Trace::default(),
                outcome,
                reference.unwrap_or_default(),
                now,
                &app.random,
            );
            app.launch_log.record(record);
        }
        LoginError::Incomplete
        | LoginError::LegacyLaunch { .. }
        | LoginError::ClientUnknown { .. }
        | LoginError::PlatformUnknown { .. }
        | LoginError::PlatformAmbiguous { .. } => {
            let failure = Failure::from(error);
            app.launch_log.record_unregistered(UnregisteredLaunch {
                code: failure.code(),
                issuer: claimed.issuer,
                client_id: claimed.client_id,
                network: client_network(request, &app.trusted_proxies),
                at: now,
            });
            return failure;
        }
    }
    error.into()
}

#[derive(Serialize)]
struct ContinuePage<'a> {
    url: &'a str,
    key: String,
    secret: &'a str,
    platform: String,
    target: &'a str,
}

/// The page that keeps the browser secret where no cookie may be kept, then goes on by itself.
fn continue_page(
    pages: &Pages,
    login: &Login,
    platform: &Platform,
    request: &HttpRequest,
) -> Result<HttpResponse, Failure> {
    let language = request.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let page = ContinuePage {
        url: login.redirect.as_str(),
        key: storage_key(&login.binding_name),
        secret: &login.secret.0,
        platform: platform.auth_url.origin().ascii_serialization(),
        target: login.storage_target.as_deref().unwrap_or_default(),
    };
    let locale = pages.texts().negotiate(language.unwrap_or_default());
    pages.respond(StatusCode::OK, "pages/lti/continue.html", &page, &locale, &Framing::anywhere())
}

/// `GET /lti/jwks`: the public keys that platforms verify our messages with. For everybody.
pub async fn jwks(app: Data<AppState>) -> HttpResponse {
    key_set(&app, KeyPurpose::Platforms)
}

/// `GET /jitsi/jwks`: the public keys that Jitsi servers verify room tokens with. For everybody.
pub async fn room_jwks(app: Data<AppState>) -> HttpResponse {
    key_set(&app, KeyPurpose::Rooms)
}

fn key_set(app: &AppState, purpose: KeyPurpose) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "public, max-age=3600"))
        .content_type("application/json")
        .body(app.keys.jwk_set(purpose, app.clock.now()).to_string())
}

/// `GET /jitsi/keys/{hash}.pem`: the public room key whose kid has this SHA-256. For everybody.
///
/// Spec: Jitsi's `asap_key_server`: the base address, a slash, the hash in lower-case hex, `.pem`.
pub async fn room_key(request: HttpRequest, app: Data<AppState>) -> Result<HttpResponse, Failure> {
    let hash = request.match_info().get("hash").unwrap_or_default();
    let unknown = || Failure::refused(StatusCode::NOT_FOUND, RefusalCode::PageUnknown);
    let pem = app.keys.room_key_pem(hash, app.clock.now()).ok_or_else(unknown)?;
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "public, max-age=3600"))
        .content_type("application/x-pem-file")
        .body(pem))
}

impl From<LoginError> for Failure {
    fn from(error: LoginError) -> Self {
        let cause = error.to_string();
        match error {
            LoginError::Db(error) => error.into(),
            LoginError::Ephemeral(error) => error.into(),
            LoginError::Incomplete => {
                Self::refused(StatusCode::BAD_REQUEST, RefusalCode::LoginIncomplete).because(cause)
            }
            LoginError::LegacyLaunch { consumer_key } => legacy_launch(consumer_key).because(cause),
            LoginError::ClientUnknown { issuer, client_id } => {
                Self::refused(StatusCode::NOT_FOUND, RefusalCode::ClientUnknown)
                    .because(cause)
                    .with_fact("fact-issuer", issuer)
                    .with_fact("fact-client-id", client_id)
            }
            LoginError::PlatformUnknown { issuer, client_id } => {
                Self::refused(StatusCode::NOT_FOUND, RefusalCode::PlatformUnknown)
                    .because(cause)
                    .with_fact("fact-issuer", issuer)
                    .with_fact("fact-client-id", client_id.unwrap_or_else(|| "–".to_owned()))
            }
            LoginError::PlatformAmbiguous { issuer } => {
                Self::refused(StatusCode::BAD_REQUEST, RefusalCode::PlatformAmbiguous)
                    .because(cause)
                    .with_fact("fact-issuer", issuer)
            }
            LoginError::PlatformDisabled { .. } => {
                Self::refused(StatusCode::FORBIDDEN, RefusalCode::PlatformDisabled).because(cause)
            }
        }
    }
}

impl From<LaunchError> for Failure {
    fn from(error: LaunchError) -> Self {
        const BAD: StatusCode = StatusCode::BAD_REQUEST;
        const UNPROVED: StatusCode = StatusCode::UNAUTHORIZED;
        const FORBIDDEN: StatusCode = StatusCode::FORBIDDEN;
        let cause = error.to_string();
        let (status, code) = match error {
            LaunchError::Db(error) => return error.into(),
            LaunchError::Ephemeral(error) => return error.into(),
            LaunchError::PlatformRefused { error, description } => {
                return platform_refused(&error, &description);
            }
            LaunchError::LegacyLaunch { consumer_key } => {
                return legacy_launch(consumer_key).because(cause);
            }
            LaunchError::DeploymentUnknown { deployment, issuer, client_id } => {
                return Self::refused(FORBIDDEN, RefusalCode::DeploymentUnknown)
                    .because(cause)
                    .with_fact("fact-issuer", issuer)
                    .with_fact("fact-client-id", client_id)
                    .with_fact("fact-deployment", deployment);
            }
            LaunchError::TargetForeign { named, ours } => {
                return Self::refused(BAD, RefusalCode::TargetForeign)
                    .because(cause)
                    .with_fact("fact-target", named)
                    .with_fact("fact-target-ours", ours);
            }
            LaunchError::ClaimInvalid(name) | LaunchError::Claim(ClaimError { claim: name, .. }) => {
                return Self::refused(BAD, RefusalCode::ClaimInvalid)
                    .because(cause)
                    .with_fact("fact-claim", name);
            }
            LaunchError::Incomplete => (BAD, RefusalCode::LaunchIncomplete),
            LaunchError::StateUnreadable => (BAD, RefusalCode::StateUnreadable),
            LaunchError::StateExpired => (BAD, RefusalCode::StateExpired),
            LaunchError::StrayError => (BAD, RefusalCode::PlatformErrorStray),
            LaunchError::StateTriedTooOften => {
                (StatusCode::TOO_MANY_REQUESTS, RefusalCode::StateTriedTooOften)
            }
            LaunchError::StateUsed => (BAD, RefusalCode::StateUsed),
            LaunchError::StateForgotten => (BAD, RefusalCode::StateForgotten),
            LaunchError::CompletionUnreadable => (BAD, RefusalCode::CompletionUnreadable),
            LaunchError::CompletionExpired => (BAD, RefusalCode::CompletionExpired),
            LaunchError::CompletionUsed => (BAD, RefusalCode::CompletionUsed),
            LaunchError::CompletionForeign => (FORBIDDEN, RefusalCode::CompletionForeign),
            LaunchError::PlatformGone => (FORBIDDEN, RefusalCode::PlatformUnknown),
            LaunchError::PlatformDisabled => (FORBIDDEN, RefusalCode::PlatformDisabled),
            LaunchError::TokenMalformed => (BAD, RefusalCode::TokenMalformed),
            LaunchError::TokenAlgorithm => (UNPROVED, RefusalCode::TokenAlgorithm),
            LaunchError::TokenCritical => (UNPROVED, RefusalCode::TokenCritical),
            LaunchError::TokenKeyMissing => (UNPROVED, RefusalCode::TokenKeyMissing),
            LaunchError::TokenKeyUnknown => (UNPROVED, RefusalCode::TokenKeyUnknown),
            LaunchError::PlatformKeysUnreachable(_) => {
                (StatusCode::SERVICE_UNAVAILABLE, RefusalCode::PlatformKeysUnreachable)
            }
            LaunchError::TokenSignature => (UNPROVED, RefusalCode::TokenSignature),
            LaunchError::TokenIssuer => (UNPROVED, RefusalCode::TokenIssuer),
            LaunchError::TokenAudience => (UNPROVED, RefusalCode::TokenAudience),
            LaunchError::TokenParty => (UNPROVED, RefusalCode::TokenParty),
            LaunchError::TokenExpired => (UNPROVED, RefusalCode::TokenExpired),
            LaunchError::TokenTooEarly => (UNPROVED, RefusalCode::TokenTooEarly),
            LaunchError::TokenTooOld => (UNPROVED, RefusalCode::TokenTooOld),
            LaunchError::TokenTimes => (BAD, RefusalCode::TokenTimesUnreadable),
            LaunchError::TokenNonce => (UNPROVED, RefusalCode::TokenNonce),
            LaunchError::MessageVersion => (BAD, RefusalCode::MessageVersion),
            LaunchError::MessageTypeMissing => (BAD, RefusalCode::MessageTypeMissing),
            LaunchError::MessageUnsupported => (BAD, RefusalCode::MessageUnsupported),
            LaunchError::DeploymentMissing => (BAD, RefusalCode::DeploymentMissing),
            LaunchError::DeploymentMismatch => (BAD, RefusalCode::DeploymentMismatch),
            LaunchError::DeploymentDisabled => (FORBIDDEN, RefusalCode::DeploymentDisabled),
            LaunchError::TargetMissing => (BAD, RefusalCode::TargetMissing),
            LaunchError::TargetMismatch => (BAD, RefusalCode::TargetMismatch),
            LaunchError::RolesMissing => (BAD, RefusalCode::RolesMissing),
            LaunchError::ResourceLinkMissing => (BAD, RefusalCode::ResourceLinkMissing),
            LaunchError::ReturnUrlMissing => (BAD, RefusalCode::ReturnUrlMissing),
            LaunchError::ReturnUrlInQuery => (BAD, RefusalCode::ReturnUrlInQuery),
            LaunchError::LearnerMissing => (BAD, RefusalCode::LearnerMissing),
            LaunchError::UserMissing => (BAD, RefusalCode::UserMissing),
        };
        Self::refused(status, code).because(cause)
    }
}

/// A launch of LTI 1.1: the page shows its consumer key, by which an administrator finds it in the platform.
fn legacy_launch(consumer_key: String) -> Failure {
    let failure = Failure::refused(StatusCode::BAD_REQUEST, RefusalCode::LegacyLaunch);
    if consumer_key.is_empty() { failure } else { failure.with_fact("fact-consumer-key", consumer_key) }
}

/// The platform's own refusal: the words stay on the page, for whoever runs it, and out of the log.
fn platform_refused(error: &str, description: &str) -> Failure {
    let code = match error {
        "login_required" | "interaction_required" | "account_selection_required" => {
            RefusalCode::PlatformLoginRequired
        }
        _ => RefusalCode::PlatformRefused,
    };
    let words = if description.is_empty() { error.to_owned() } else { format!("{error}: {description}") };
    Failure::refused(StatusCode::UNAUTHORIZED, code)
        .because("the platform sent an error")
        .with_fact("fact-answer", words)
}
