//! `POST /lti/launch`: every message type arrives here; and what finishes a launch in a browser without cookies.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, LOCATION, SET_COOKIE};
use actix_web::web::{Data, Form, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tracing_actix_web::RequestId;
use url::Url;

use super::{Desk, EntryError, OpenRoom, Opened, open};
use crate::app::App;
use crate::clock::Timestamp;
use crate::db::DbError;
use crate::http::failure::{Failure, note_way_back};
use crate::http::pages::{Framing, Pages};
use crate::http::security::{require_own_script, tells_its_site};
use crate::http::session::{binding_cookie_name, cookie_values, set_cookie_pair};
use crate::lti;
use crate::lti::completion::{Continuation, Keeper};
use crate::lti::launch::{Arrival, LaunchError, LaunchForm, Trace, UnboundLaunch, Verification};
use crate::lti::launch_log::LaunchRecord;
use crate::lti::login::{BrowserSecret, LoginState, binding_name, storage_key};
use crate::rooms::model::way_back;
use crate::rooms::picking::web::{PICKER, show};
use crate::rooms::web::{RoomSession, address};

const ENTERED: &str = "entered";
const COOKIES_BLOCKED: &str = "cookies-blocked";

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
    log(&app, trace, &answer, (&request_id, now));
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
    app: Data<App>,
) -> Result<HttpResponse, Failure> {
    require_own_script(&request, &app.base_url)?;
    let (now, mut trace) = (app.clock.now(), Trace::default());
    let answer = finish((&app, tells_its_site(&request)), form.into_inner(), &mut trace, now).await;
    log(&app, trace, &answer, (&request_id, now));
    answer.map(|(_, response)| response)
}

async fn finish(
    (app, tells_its_site): (&App, bool),
    form: CompletionForm,
    trace: &mut Trace,
    now: Timestamp,
) -> Answer {
    let continuation = Continuation::open(&form.continuation, &app.sealer, now)?;
    *trace = continuation.trace();
    if form.from == Keeper::Nowhere {
        trace.passed.push(form.from.word());
        return Ok((COOKIES_BLOCKED, HttpResponse::NoContent().finish()));
    }
    let locale = continuation.locale();
    let launch = verification(app, now).complete(continuation, &BrowserSecret(form.secret)).await;
    let launch = launch.map_err(|error| Failure::from(error).in_locale(locale))?;
    trace.passed.extend(["browser", form.from.word()]);
    match open(&desk(app, now), launch).await? {
        Opened::Room(opened) => Ok((ENTERED, way_in(app, *opened, tells_its_site, now))),
        Opened::Picker(pick) => {
            let way = json!({ "post": PICKER, "pick": pick.seal(&app.sealer, &app.random) });
            Ok((ENTERED, HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(way)))
        }
    }
}

fn desk(app: &App, now: Timestamp) -> Desk<'_> {
    Desk { db: &app.db, services: &app.services, sealer: &app.sealer, random: &app.random, now }
}

/// Where the room is: at its clean address where the browser keeps the cookies of this answer, else at the other one, which
/// is honoured only for browsers that tell where a request comes from.
fn way_in(app: &App, opened: OpenRoom, tells_its_site: bool, now: Timestamp) -> HttpResponse {
    let session = RoomSession::begin(opened.room, opened.seat, now, &app.random).in_frame(now);
    let mark = session.csrf(&app.sealer);
    let ways = json!({
        "frame": tells_its_site.then(|| address(app, &session, &opened.path)),
        "probe": format!("/lti/launch/complete?room={}&mark={mark}", session.room),
        "room": format!("/rooms/{}{}", session.room, opened.path),
    });
    let mut response = HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(ways);
    for cookie in session.cookies(&app.sealer, &app.random) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// Which session a page asks about.
#[derive(Deserialize)]
pub struct Probe {
    room: String,
    mark: String,
}

/// `GET /lti/launch/complete`: whether the browser kept the cookie of this session. For whoever holds it: it says no more.
pub async fn is_kept(request: HttpRequest, probe: Query<Probe>, app: Data<App>) -> HttpResponse {
    let session = RoomSession::from_cookies(&request, &probe.room, &app.sealer, app.clock.now());
    let kept = session.is_ok_and(|session| session.is_csrf(&probe.mark, &app.sealer));
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(json!({ "kept": kept }))
}

type Answer = Result<(&'static str, HttpResponse), Failure>;

fn log(app: &App, trace: Trace, answer: &Answer, (request_id, now): (&RequestId, Timestamp)) {
    let outcome = match answer {
        Ok((outcome, _)) => (*outcome, None),
        Err(failure) => (failure.code(), failure.detail()),
    };
    app.launch_log.record(LaunchRecord::new(trace, outcome, request_id.to_string(), now, &app.random));
}

pub(super) fn verification(app: &App, now: Timestamp) -> Verification<'_> {
    Verification {
        db: &app.db,
        ephemeral: app.ephemeral.as_ref(),
        jwks: &app.jwks,
        base_url: &app.base_url,
        random: &app.random,
        now,
    }
}

/// The answer, and the outcome's name in the launch log.
async fn answer(
    (app, pages): (&App, &Pages),
    request: &HttpRequest,
    form: &LaunchForm,
    trace: &mut Trace,
    now: Timestamp,
) -> Answer {
    let sealed_state = form.state.as_deref().unwrap_or_default();
    let state = open_state(app, form, now)?;
    let cookie = binding_cookie_name(&binding_name(sealed_state));
    let presented: Vec<BrowserSecret> =
        cookie_values(request, &cookie).map(|value| BrowserSecret(value.to_owned())).collect();
    let verified = verification(app, now).verify(form, &state, &presented, trace).await;
    if let Err(LaunchError::DeploymentUnknown(deployment)) = &verified {
        note_deployment(app, &state.platform_id, deployment, now).await?;
    }
    match verified? {
        Arrival::Bound(launch) => {
            note_way_back(request, way_back(launch.return_url.as_ref()).as_deref());
            let mut response = match open(&desk(app, now), *launch).await? {
                Opened::Room(opened) => welcome(app, *opened, now),
                Opened::Picker(pick) => show(request, &pick, None, (app, pages)).await?,
            };
            // The login's cookies have done their work.
            for cookie in set_cookie_pair(&cookie, "", Duration::ZERO) {
                response.headers_mut().append(SET_COOKIE, cookie);
            }
            Ok((ENTERED, response))
        }
        Arrival::Unbound(unbound) => {
            tracing::info!(code = COOKIES_BLOCKED, "refused");
            let key = storage_key(&binding_name(sealed_state));
            Ok((COOKIES_BLOCKED, unbound_page((app, pages), *unbound, key, request)?))
        }
    }
}

/// A deployment that the platform vouches for waits until an administrator approves it.
async fn note_deployment(app: &App, platform: &str, deployment: &str, now: Timestamp) -> Result<(), DbError> {
    let (platform, deployment, random) = (platform.to_owned(), deployment.to_owned(), app.random.clone());
    app.db
        .write(move |connection| {
            lti::store::note_deployment(connection, (&platform, &deployment), now, &random)
        })
        .await
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

/// The way into the room, with the session.
fn welcome(app: &App, opened: OpenRoom, now: Timestamp) -> HttpResponse {
    let session = RoomSession::begin(opened.room, opened.seat, now, &app.random);
    let place = format!("/rooms/{}{}", session.room, opened.path);
    let mut response = HttpResponse::SeeOther().insert_header((LOCATION, place)).finish();
    for cookie in session.cookies(&app.sealer, &app.random) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

#[derive(Serialize)]
struct NewWindowPage {
    binding: Binding,
    code: &'static str,
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
    (app, pages): (&App, &Pages),
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
        code: COOKIES_BLOCKED,
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
            EntryError::UserBlocked => Self::refused(StatusCode::FORBIDDEN, "user-blocked"),
        }
    }
}
