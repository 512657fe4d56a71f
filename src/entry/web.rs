//! `POST /lti/launch`: every message type arrives here.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{LOCATION, SET_COOKIE};
use actix_web::web::{Data, Form};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use tracing_actix_web::RequestId;
use url::Url;

use super::{EntryError, open};
use crate::app::App;
use crate::clock::Timestamp;
use crate::http::failure::Failure;
use crate::http::pages::{Framing, Pages};
use crate::http::session::{binding_cookie_name, cookie_values, set_cookie_pair};
use crate::lti::launch::{Arrival, LaunchError, LaunchForm, Trace, UnboundLaunch, Verification};
use crate::lti::launch_log::LaunchRecord;
use crate::lti::login::{BrowserSecret, LoginState, binding_name};
use crate::rooms::web::RoomSession;

/// `POST /lti/launch`: a launch, or the platform's refusal to make one. For everybody: the token proves who it is.
pub async fn launch(
    request: HttpRequest,
    form: Form<LaunchForm>,
    request_id: RequestId,
    app: Data<App>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let (now, mut trace) = (app.clock.now(), Trace::default());
    let answer = answer((&app, &pages), &request, &form, &mut trace, now).await;
    let outcome = match &answer {
        Ok((outcome, _)) => (*outcome, None),
        Err(failure) => (failure.code(), failure.detail()),
    };
    app.launch_log.record(LaunchRecord::new(trace, outcome, request_id.to_string(), now, &app.random));
    answer.map(|(_, response)| response)
}

/// The answer, and the outcome's name in the launch log.
async fn answer(
    (app, pages): (&App, &Pages),
    request: &HttpRequest,
    form: &LaunchForm,
    trace: &mut Trace,
    now: Timestamp,
) -> Result<(&'static str, HttpResponse), Failure> {
    let sealed_state = form.state.as_deref().unwrap_or_default();
    let state = open_state(app, form, now)?;
    let cookie = binding_cookie_name(&binding_name(sealed_state));
    let presented: Vec<BrowserSecret> =
        cookie_values(request, &cookie).map(|value| BrowserSecret(value.to_owned())).collect();
    let verification = Verification {
        db: &app.db,
        ephemeral: app.ephemeral.as_ref(),
        jwks: &app.jwks,
        base_url: &app.base_url,
        now,
    };
    match verification.verify(form, &state, &presented, trace).await? {
        Arrival::Bound(launch) => {
            let (room, seat) = open(&app.db, *launch, now, &app.random).await?;
            let session = RoomSession::begin(room, seat, now, &app.random);
            Ok(("entered", welcome(app, &session, &cookie)))
        }
        Arrival::Unbound(unbound) => {
            tracing::info!(code = "cookies-blocked", "refused");
            Ok(("cookies-blocked", new_window(pages, *unbound, request)?))
        }
    }
}

/// The state that the login sealed; a platform's error counts only with one, so that nobody can forge such a page.
fn open_state(app: &App, form: &LaunchForm, now: Timestamp) -> Result<LoginState, LaunchError> {
    let sealed = form.state.as_deref().filter(|state| !state.is_empty()).ok_or(LaunchError::Incomplete)?;
    let state = LoginState::open(sealed, &app.sealer).ok_or(LaunchError::StateUnreadable)?;
    if let Some(error) = &form.error {
        let description = form.error_description.clone().unwrap_or_default();
        return Err(LaunchError::PlatformRefused { error: error.clone(), description });
    }
    if state.is_over(now) { Err(LaunchError::StateExpired) } else { Ok(state) }
}

/// The way into the room, with the session; the login's cookies have done their work.
fn welcome(app: &App, session: &RoomSession, binding_cookie: &str) -> HttpResponse {
    let mut response =
        HttpResponse::SeeOther().insert_header((LOCATION, format!("/rooms/{}", session.room))).finish();
    let spent = set_cookie_pair(binding_cookie, "", Duration::ZERO);
    for cookie in session.cookies(&app.sealer, &app.random).into_iter().chain(spent) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

#[derive(Serialize)]
struct NewWindowPage {
    code: &'static str,
    platform_name: Option<String>,
    restart_url: Option<Url>,
    return_url: Option<Url>,
    top_level: bool,
}

/// Says that no cookie came back, and offers another window; unless this is a window already, where none would help.
fn new_window(pages: &Pages, unbound: UnboundLaunch, request: &HttpRequest) -> Result<HttpResponse, Failure> {
    let locale = pages.texts().locale(unbound.locale.as_deref().unwrap_or_default());
    let page = NewWindowPage {
        code: "cookies-blocked",
        platform_name: Some(unbound.platform_name),
        restart_url: unbound.restart,
        return_url: unbound.return_url,
        top_level: request
            .headers()
            .get("sec-fetch-dest")
            .is_some_and(|destination| destination == "document"),
    };
    pages.respond(StatusCode::UNAUTHORIZED, "pages/lti/new_window.html", &page, &locale, &Framing::anywhere())
}

impl From<EntryError> for Failure {
    fn from(error: EntryError) -> Self {
        match error {
            EntryError::Db(error) => error.into(),
            EntryError::UserBlocked => Self::refused(StatusCode::FORBIDDEN, "user-blocked"),
        }
    }
}
