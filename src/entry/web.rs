//! `POST /lti/launch`: every message type arrives here; and what finishes a launch in a browser without cookies.

use actix_web::http::StatusCode;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{Data, Form, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tracing_actix_web::RequestId;
use url::Url;

use super::{EntryError, LaunchOpener, OpenRoom, Opened, open};
use crate::clock::Timestamp;
use crate::db::DbError;
use crate::http::cookies::{add_cookies, binding_cookie_name, cookie_values, end_cookies, keep, kept_of};
use crate::http::failure::Failure;
use crate::http::failure_pages::note_way_back;
use crate::http::pages::{Framing, Pages};
use crate::http::redirect::redirect_to;
use crate::http::refusal_code::RefusalCode;
use crate::http::security::{client_network, require_own_script};
use crate::http::session::{last_use, session_name};
use crate::ids::PlatformId;
use crate::lti;
use crate::lti::error::LaunchError;
use crate::lti::launch::completion::{Continuation, Keeper};
use crate::lti::launch::login::{BrowserSecret, ClaimedPlatform, LoginState, binding_name, storage_key};
use crate::lti::launch::trace::Trace;
use crate::lti::launch::verify::{LaunchForm, PostedLaunch, UnboundLaunch, Verification};
use crate::lti::launch_log::{LaunchAnswer, LaunchOutcome, LaunchRecord, UnregisteredLaunch};
use crate::rooms::deep_linking::web::{PICKER, show};
use crate::rooms::model::way_back;
use crate::rooms::session::web::{RoomSession, action, address};
use crate::sealing::sealed::Sealed as _;
use crate::state::AppState;

/// Strangers send as many of these as they like: they are counted alone.
const TRIED_TOO_OFTEN: &str = RefusalCode::StateTriedTooOften.code();

/// `POST /lti/launch`: a launch, or the platform's refusal to make one. For everybody: the token proves who it is.
pub async fn launch(
    request: HttpRequest,
    form: Form<LaunchForm>,
    request_id: RequestId,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let (now, mut trace) = (app.clock.now(), Trace::default());
    let answer = answer(&app, &pages, &request, &form, &mut trace, now).await;
    match trace.platform_id {
        Some(platform) => log(&app, platform, trace, &answer, &request_id, now),
        None => log_unregistered(&app, &request, &form, &answer, now),
    }
    answer.map(|(_, response)| response)
}

/// What the page of a launch without cookies found, and sends back.
#[derive(Deserialize)]
pub struct CompletionForm {
    continuation: String,
    secret: String,
    from: Keeper,
}

/// `POST /lti/launch/complete`: the browser shows what its login gave it, though it keeps no cookies. For scripts of our
/// own page inside the browser alone, so that no other site can finish a launch there.
pub async fn complete(
    request: HttpRequest,
    form: Form<CompletionForm>,
    request_id: RequestId,
    app: Data<AppState>,
) -> Result<HttpResponse, Failure> {
    require_own_script(&request, &app.base_url)?;
    let (now, mut trace) = (app.clock.now(), Trace::default());
    let answer = finish(&app, &request, form.into_inner(), &mut trace, now).await;
    if let Some(platform) = trace.platform_id {
        log(&app, platform, trace, &answer, &request_id, now);
    }
    answer.map(|(_, response)| response)
}

async fn finish(
    app: &AppState,
    request: &HttpRequest,
    form: CompletionForm,
    trace: &mut Trace,
    now: Timestamp,
) -> Answer {
    let continuation = Continuation::open(&form.continuation, &app.sealer, now).map_err(LaunchError::from)?;
    *trace = continuation.trace();
    if form.from == Keeper::Nowhere {
        trace.passed.push(form.from.word());
        return Ok((LaunchAnswer::CookiesBlocked, HttpResponse::NoContent().finish()));
    }
    let locale = continuation.locale();
    let launch = verification(app, now).complete(continuation, &BrowserSecret(form.secret)).await;
    let launch = launch.map_err(|error| Failure::from(error).in_locale(locale))?;
    trace.passed.extend(["browser", form.from.word()]);
    match open(&opener(app, now), launch).await? {
        Opened::Room(opened) => Ok((LaunchAnswer::Entered, way_in(app, request, *opened, now))),
        Opened::Picker(session) => {
            let way = json!({ "post": PICKER, "session": session.seal(&app.sealer, &app.random) });
            Ok((
                LaunchAnswer::Entered,
                HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(way),
            ))
        }
    }
}

fn opener(app: &AppState, now: Timestamp) -> LaunchOpener<'_> {
    LaunchOpener { db: &app.db, services: &app.services, sealer: &app.sealer, random: &app.random, now }
}

/// Where the room is: at its address where the browser keeps the cookies of this answer, else behind a form that carries
/// the session.
fn way_in(app: &AppState, request: &HttpRequest, opened: OpenRoom, now: Timestamp) -> HttpResponse {
    let session = RoomSession::begin(opened.room, opened.claims, now, &app.random);
    let room = action(&session, &opened.path);
    let probe = session.named_address(&format!("/lti/launch/complete?room={}", session.room));
    let fresh = session.cookies(&app.sealer, &app.random);
    let carried = session.in_forms(now);
    let ways = json!({
        "open": address(&carried, &opened.path),
        "session_token": carried.seal(&app.sealer, &app.random),
        "probe": probe,
        "room": room,
    });
    let mut response = HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(ways);
    keep(request, &mut response, fresh, |sealed| last_use(sealed, &app.sealer));
    response
}

/// Which session a page asks about.
#[derive(Deserialize)]
pub struct Probe {
    room: String,
}

/// `GET /lti/launch/complete`: whether the browser kept the cookie of the session that the address names. For whoever
/// holds it: it says no more.
pub async fn is_kept(request: HttpRequest, probe: Query<Probe>, app: Data<AppState>) -> HttpResponse {
    let room = probe.room.parse().ok();
    let session =
        room.and_then(|room| RoomSession::from_cookies(&request, room, &app.sealer, app.clock.now()).ok());
    let kept = session_name(&request).is_some() && session.is_some();
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(json!({ "kept": kept }))
}

type Answer = Result<(LaunchAnswer, HttpResponse), Failure>;

fn log(
    app: &AppState,
    platform: PlatformId,
    trace: Trace,
    answer: &Answer,
    request_id: &RequestId,
    now: Timestamp,
) {
    let outcome = match answer {
        Ok((answer, _)) => LaunchOutcome { code: answer.code(), detail: None },
        Err(failure) => LaunchOutcome { code: failure.code(), detail: failure.detail() },
    };
    if outcome.code == TRIED_TOO_OFTEN {
        return app.launch_log.count(platform, outcome.code, now);
    }
    let request_id = request_id.to_string();
    app.launch_log.record(LaunchRecord::new(platform, trace, outcome, request_id, now, &app.random));
}

/// Notes a launch that names no registration: there is no login of ours behind it.
fn log_unregistered(
    app: &AppState,
    request: &HttpRequest,
    form: &LaunchForm,
    answer: &Answer,
    now: Timestamp,
) {
    let Err(failure) = answer else { return };
    let ClaimedPlatform { issuer, client_id } = form.claimed();
    app.launch_log.record_unregistered(UnregisteredLaunch {
        code: failure.code(),
        issuer,
        client_id,
        network: client_network(request, &app.trusted_proxies),
        at: now,
    });
}

pub(super) fn verification(app: &AppState, now: Timestamp) -> Verification<'_> {
    Verification {
        db: &app.db,
        ephemeral: app.ephemeral.as_ref(),
        tried: &app.tried,
        jwks: &app.jwks,
        base_url: &app.base_url,
        random: &app.random,
        now,
    }
}

/// The answer, and the outcome's name in the launch log.
async fn answer(
    app: &AppState,
    pages: &Pages,
    request: &HttpRequest,
    form: &LaunchForm,
    trace: &mut Trace,
    now: Timestamp,
) -> Answer {
    let sealed_state = form.state.as_deref().unwrap_or_default();
    let state = open_state(app, form, trace, now)?;
    let cookie = binding_cookie_name(&binding_name(sealed_state));
    let presented: Vec<BrowserSecret> =
        cookie_values(request, &cookie).map(|value| BrowserSecret(value.to_owned())).collect();
    let verified = verification(app, now).verify(form, &state, &presented, trace).await;
    if let Err(LaunchError::DeploymentUnknown { deployment, .. }) = &verified {
        note_deployment(app, state.platform_id, deployment).await?;
    }
    match verified? {
        PostedLaunch::Bound(launch) => {
            note_way_back(request, way_back(launch.return_url.as_ref()).as_deref());
            let mut response = match open(&opener(app, now), *launch).await? {
                Opened::Room(opened) => welcome(app, request, &cookie, *opened, now),
                Opened::Picker(session) => show(request, &session, None, app, pages).await?,
            };
            // The login's cookies have done their work.
            keep(request, &mut response, end_cookies(request, &cookie), |sealed| {
                last_use(sealed, &app.sealer)
            });
            Ok((LaunchAnswer::Entered, response))
        }
        PostedLaunch::Unbound(unbound) => {
            tracing::info!(code = LaunchAnswer::CookiesBlocked.code(), "refused");
            let key = storage_key(&binding_name(sealed_state));
            Ok((LaunchAnswer::CookiesBlocked, unbound_page(app, pages, *unbound, key, request)?))
        }
    }
}

/// A deployment that the platform vouches for waits until an administrator approves it.
async fn note_deployment(app: &AppState, platform: PlatformId, deployment: &str) -> Result<(), DbError> {
    let deployment = deployment.to_owned();
    app.db.write(move |tx| lti::store::note_deployment(tx, platform, &deployment)).await
}

/// The state that the login sealed; a platform's error counts only with one, so that nobody can forge such a page.
fn open_state(
    app: &AppState,
    form: &LaunchForm,
    trace: &mut Trace,
    now: Timestamp,
) -> Result<LoginState, LaunchError> {
    if let Some(key) = form.legacy_key() {
        return Err(LaunchError::LegacyLaunch { consumer_key: key.to_owned() });
    }
    let sealed = form.state.as_deref().filter(|state| !state.is_empty());
    let state = sealed.and_then(|sealed| LoginState::open_at_any_age(sealed, &app.sealer).ok());
    let state = state.ok_or(match sealed {
        _ if form.error.is_some() => LaunchError::StrayError,
        Some(_) => LaunchError::StateUnreadable,
        None => LaunchError::Incomplete,
    })?;
    trace.platform_id = Some(state.platform_id);
    if let Some(error) = &form.error {
        let description = form.error_description.clone().unwrap_or_default();
        return Err(LaunchError::PlatformRefused { error: error.clone(), description });
    }
    if state.is_over(now) { Err(LaunchError::StateExpired) } else { Ok(state) }
}

/// The way into the room, with the session in the cookie that the login proved to come back.
fn welcome(
    app: &AppState,
    request: &HttpRequest,
    login_cookie: &str,
    opened: OpenRoom,
    now: Timestamp,
) -> HttpResponse {
    let session = RoomSession::begin(opened.room, opened.claims, now, &app.random);
    let session = session.continuing(request, &app.sealer, now);
    let place = action(&session, &opened.path);
    let variant = kept_of(request, login_cookie).unwrap_or_default();
    let mut response = redirect_to(&place);
    add_cookies(&mut response, session.cookies_as(variant, &app.sealer, &app.random));
    response
}

#[derive(Serialize)]
struct NewWindowPage {
    binding: Binding,
    code: LaunchAnswer,
    platform_name: Option<String>,
    restart_url: Option<Url>,
    return_url: Option<Url>,
    top_level: bool,
}

/// Where the page looks for the secret of the login, and what it sends with it.
#[derive(Serialize)]
struct Binding {
    key: String,
    platform: String,
    target: String,
    continuation: String,
}

/// No cookie came back: the page looks for the secret in other places. Where it finds none it says so, and offers another
/// window; unless this is a window already, where none would help.
fn unbound_page(
    app: &AppState,
    pages: &Pages,
    unbound: UnboundLaunch,
    key: String,
    request: &HttpRequest,
) -> Result<HttpResponse, Failure> {
    let continuation = &unbound.continuation;
    let binding = Binding {
        key,
        platform: continuation.platform_origin(),
        target: continuation.storage_target().unwrap_or_default().to_owned(),
        continuation: continuation.seal(&app.sealer, &app.random),
    };
    let locale = pages.texts().locale(unbound.locale.as_deref().unwrap_or_default());
    let page = NewWindowPage {
        binding,
        code: LaunchAnswer::CookiesBlocked,
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
            EntryError::Room(error) => error.into(),
            EntryError::UserBlocked => Self::refused(StatusCode::FORBIDDEN, RefusalCode::UserBlocked),
        }
    }
}
