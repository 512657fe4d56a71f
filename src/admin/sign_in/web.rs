//! `/admin/oidc`: from the OpenID provider to a session.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use super::provider::{IdentityProvider, Return, SignInError, Waiting};
use crate::admin::access::{note, record_rejection};
use crate::admin::audit::NOBODY;
use crate::admin::audit::Refused;
use crate::admin::audit::action::Action;
use crate::admin::audit::store::Event;
use crate::admin::login_link::hash;
use crate::admin::sessions::session as sessions;
use crate::http::admin_session::WholeService;
use crate::http::cookies::{add_cookies, cookie_values, host_cookie};
use crate::http::failure::Failure;
use crate::http::redirect::redirect_to;
use crate::http::refusal_code::RefusalCode;
use crate::http::security::client_network;
use crate::sealing::sealed::Sealed as _;
use crate::state::AppState;

const COOKIE: &str = "__Host-admin-sign-in";
/// Names a browser in which an administrator signed in before: strangers at its address do not use up its tries.
const KNOWN_BROWSER: &str = "admin browser";
const KNOWN_BROWSER_COOKIE: &str = "__Host-admin-browser";
const KNOWN_BROWSER_TTL: Duration = Duration::from_secs(180 * 24 * 60 * 60);
/// Anybody may begin a sign-in: so often within this time from one address, or in one known browser.
const LIMIT_WINDOW: Duration = Duration::from_secs(60);
const MAX_TRIES: u64 = 30;

/// How a sign-in is asked for.
#[derive(Deserialize)]
pub struct BeginQuery {
    /// The person proves anew who they are, also where the provider remembers them.
    again: Option<String>,
}

/// `GET /admin/oidc`: the way to the provider. For everybody: who comes back is looked at.
pub async fn begin(
    request: HttpRequest,
    query: Query<BeginQuery>,
    app: Data<AppState>,
) -> Result<HttpResponse, Failure> {
    limit(&app, &request, "begin").await?;
    let (url, waiting) = provider(&app)?.begin(query.again.is_some()).await?;
    let sealed = waiting.seal(&app.sealer, &app.random);
    let mut response = redirect_to(url.as_str());
    add_cookies(&mut response, [host_cookie(COOKIE, &sealed, Waiting::TTL)]);
    Ok(response)
}

/// `GET /admin/oidc/callback`: begins a session. For administrators, as the settings say.
pub async fn finish(
    request: HttpRequest,
    returned: Query<Return>,
    app: Data<AppState>,
) -> Result<HttpResponse, Failure> {
    limit(&app, &request, "finish").await?;
    let waiting =
        cookie_values(&request, COOKIE).find_map(|sealed| Waiting::open_at_any_age(sealed, &app.sealer).ok());
    let who = match provider(&app)?.finish(waiting, returned.into_inner()).await {
        Ok(who) => who,
        Err(error) => {
            let (kind, who) = match &error {
                SignInError::NotEntitled { who, .. } => (Refused::Outsider, who.as_str()),
                _ => (Refused::Nobody, NOBODY),
            };
            let event = Event::refused(who, Action::Enter, "admin").with(None, error.to_string());
            record_rejection(&app, kind, event).await?;
            return Err(error.into());
        }
    };
    note(&app, Event::done(&who, Action::Enter, "admin")).await?;
    let session = sessions::begin(&app, who, WholeService).await?;
    let mut response = redirect_to("/admin");
    let browser = app.sealer.seal(KNOWN_BROWSER, app.random.secret().as_bytes(), &app.random);
    let cookies = [
        session.cookie(&app.sealer, &app.random),
        host_cookie(COOKIE, "", Duration::ZERO),
        host_cookie(KNOWN_BROWSER_COOKIE, &browser, KNOWN_BROWSER_TTL),
    ];
    add_cookies(&mut response, cookies);
    Ok(response)
}

/// Bounds the sign-ins of one known browser, else of one address; nobody elsewhere locks an administrator out.
///
/// Errors: `sign-in-busy`.
async fn limit(app: &AppState, request: &HttpRequest, step: &str) -> Result<(), Failure> {
    let known = cookie_values(request, KNOWN_BROWSER_COOKIE)
        .find_map(|sealed| app.sealer.open(KNOWN_BROWSER, sealed).ok());
    let who = match known {
        Some(secret) => format!("browser {}", hash(&String::from_utf8_lossy(&secret))),
        None => format!("address {}", client_network(request, &app.trusted_proxies)),
    };
    let counter = format!("admin sign-in {} {step} {who}", app.base_url);
    match app.ephemeral.hit(&counter, LIMIT_WINDOW).await? {
        tries if tries > MAX_TRIES => {
            Err(Failure::refused(StatusCode::TOO_MANY_REQUESTS, RefusalCode::SignInBusy))
        }
        _ => Ok(()),
    }
}

fn provider(app: &AppState) -> Result<IdentityProvider<'_>, Failure> {
    let unknown = || Failure::refused(StatusCode::NOT_FOUND, RefusalCode::PageUnknown);
    let callback = app.admin_url.join("admin/oidc/callback");
    Ok(IdentityProvider {
        oidc: app.admin_oidc.as_ref().ok_or_else(unknown)?,
        outbound: &app.outbound,
        cache: &app.sign_in,
        ephemeral: app.ephemeral.as_ref(),
        callback: callback.map_err(|error| Failure::Internal(error.into()))?,
        random: &app.random,
        now: app.clock.now(),
    })
}

impl From<SignInError> for Failure {
    fn from(error: SignInError) -> Self {
        let (status, code) = match &error {
            SignInError::Ephemeral(_) => (StatusCode::SERVICE_UNAVAILABLE, RefusalCode::Unavailable),
            SignInError::Unusable(_) => (StatusCode::BAD_GATEWAY, RefusalCode::SignInUnusable),
            SignInError::Stale => (StatusCode::FORBIDDEN, RefusalCode::SignInStale),
            SignInError::Refused(_) => (StatusCode::FORBIDDEN, RefusalCode::SignInRefused),
            SignInError::Unproved(_) => (StatusCode::FORBIDDEN, RefusalCode::SignInUnproved),
            SignInError::NotEntitled { .. } => (StatusCode::FORBIDDEN, RefusalCode::SignInNotEntitled),
        };
        let answer = error.to_string();
        let failure = Self::refused(status, code).because(&answer).with_link("admin-sign-in", "/admin/oidc");
        if matches!(error, SignInError::Ephemeral(_) | SignInError::Stale) {
            return failure;
        }
        failure.with_fact("fact-provider-answer", answer)
    }
}
