//! `/admin/oidc`: from the OpenID provider to a session.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{LOCATION, SET_COOKIE};
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};

use super::provider::{Desk, PATIENCE, Return, SignInError, Waiting};
use crate::admin::audit::store::Event;
use crate::admin::web::{NOBODY, note, note_refused};
use crate::app::App;
use crate::http::admin_session::{AdminSession, WholeService, host_cookie};
use crate::http::failure::Failure;
use crate::http::session::cookie_values;

const PURPOSE: &str = "admin sign-in";
const COOKIE: &str = "__Host-admin-sign-in";
/// Anybody may begin a sign-in, and each asks the provider.
const A_WHILE: Duration = Duration::from_secs(60);
const MOST_BEGUN: u64 = 60;

/// `GET /admin/oidc`: the way to the provider. For everybody: who comes back is looked at.
pub async fn begin(app: Data<App>) -> Result<HttpResponse, Failure> {
    let counter = format!("admin sign-in {}", app.base_url);
    if app.ephemeral.hit(&counter, A_WHILE).await? > MOST_BEGUN {
        return Err(Failure::refused(StatusCode::TOO_MANY_REQUESTS, "sign-in-busy"));
    }
    let (url, waiting) = desk(&app)?.begin().await?;
    let text = serde_json::to_string(&waiting).unwrap_or_default();
    let sealed = app.sealer.seal(PURPOSE, text.as_bytes(), &app.random);
    let mut response = HttpResponse::SeeOther().insert_header((LOCATION, url.as_str())).finish();
    response.headers_mut().append(SET_COOKIE, host_cookie(COOKIE, &sealed, PATIENCE));
    Ok(response)
}

/// `GET /admin/oidc/callback`: begins a session. For administrators, as the settings say.
pub async fn finish(
    request: HttpRequest,
    returned: Query<Return>,
    app: Data<App>,
) -> Result<HttpResponse, Failure> {
    let open = |sealed: &str| serde_json::from_slice(&app.sealer.open(PURPOSE, sealed).ok()?).ok();
    let waiting: Option<Waiting> = cookie_values(&request, COOKIE).find_map(open);
    let who = match desk(&app)?.finish(waiting, returned.into_inner()).await {
        Ok(who) => who,
        Err(error) => {
            let who = match &error {
                SignInError::NotEntitled { who, .. } => who,
                _ => NOBODY,
            };
            note_refused(&app, Event::refused(who, "enter", "admin").with(None, error.to_string())).await?;
            return Err(error.into());
        }
    };
    note(&app, Event::done(&who, "enter", "admin")).await?;
    let session = AdminSession::begin(who, WholeService, app.clock.now(), &app.random);
    let mut response = HttpResponse::SeeOther().insert_header((LOCATION, "/admin")).finish();
    let headers = response.headers_mut();
    headers.append(SET_COOKIE, session.cookie(&app.sealer, &app.random));
    headers.append(SET_COOKIE, host_cookie(COOKIE, "", Duration::ZERO));
    Ok(response)
}

fn desk(app: &App) -> Result<Desk<'_>, Failure> {
    let unknown = || Failure::refused(StatusCode::NOT_FOUND, "page-unknown");
    let callback = app.admin_url.join("admin/oidc/callback");
    Ok(Desk {
        oidc: app.admin_oidc.as_ref().ok_or_else(unknown)?,
        outbound: &app.outbound,
        ephemeral: app.ephemeral.as_ref(),
        callback: callback.map_err(|error| Failure::Internal(error.into()))?,
        random: &app.random,
        now: app.clock.now(),
    })
}

impl From<SignInError> for Failure {
    fn from(error: SignInError) -> Self {
        let (status, code) = match &error {
            SignInError::Ephemeral(_) => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
            SignInError::Unusable(_) => (StatusCode::BAD_GATEWAY, "sign-in-unusable"),
            SignInError::Stale => (StatusCode::FORBIDDEN, "sign-in-stale"),
            SignInError::Refused(_) => (StatusCode::FORBIDDEN, "sign-in-refused"),
            SignInError::Unproved(_) => (StatusCode::FORBIDDEN, "sign-in-unproved"),
            SignInError::NotEntitled { .. } => (StatusCode::FORBIDDEN, "sign-in-not-entitled"),
        };
        let answer = error.to_string();
        let failure = Self::refused(status, code).because(&answer).with_link("admin-sign-in", "/admin/oidc");
        if matches!(error, SignInError::Ephemeral(_) | SignInError::Stale) {
            return failure;
        }
        failure.with_fact("fact-provider-answer", answer)
    }
}
