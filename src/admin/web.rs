//! `/admin`: what an operator sees first, and who may see any of it.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT_LANGUAGE, HOST};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use super::audit::store::{Event, count_refusals, record};
use super::audit::{REFUSAL_WINDOW, RefusalEntry, Refused};
use super::invitations::store::{Invitation, list_waiting};
use super::platforms::web::PlatformLine;
use super::sessions::FRESH_FOR;
use super::sessions::web as sessions;
use crate::clock::Timestamp;
use crate::config::is_loopback;
use crate::db::DbError;
use crate::http::admin_session::{AdminSession, Scope, ScopedSession};
use crate::http::failure::Failure;
use crate::http::pages::{Framing, Pages};
use crate::http::security::{host_of, require_same_origin};
use crate::i18n::Locale;
use crate::jobs::overview;
use crate::lti::launch_log::store::count_unregistered;
use crate::servers;
use crate::state::AppState;

/// Who comes without a session, in the words of the audit log.
pub const NOBODY: &str = "nobody";
/// What counts as lately in the list of launches without a registration.
const LATELY: Duration = Duration::from_secs(24 * 60 * 60);

/// The language that the browser asks for.
pub fn locale_of(request: &HttpRequest, pages: &Pages) -> Locale {
    let header = request.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    pages.texts().negotiate(header.unwrap_or_default())
}

/// The administrator who sends a request.
///
/// Errors: `admin-missing` or `admin-signed-out`, which say how to come in.
pub async fn require_admin(app: &AppState, request: &HttpRequest) -> Result<AdminSession, Failure> {
    let missing = || match &app.admin_oidc {
        None => Failure::refused(StatusCode::FORBIDDEN, "admin-missing"),
        Some(_) => Failure::refused(StatusCode::FORBIDDEN, "admin-signed-out")
            .with_link("admin-sign-in", "/admin/oidc"),
    };
    match AdminSession::of(request, &app.sealer, app.clock.now()) {
        Some(session) => sessions::require_open(app, session).await?.ok_or_else(missing),
        None => Err(missing()),
    }
}

/// Refuses what cannot be taken back to somebody who signed in a while ago: the browser may have been left open.
///
/// Errors: `sign-in-again`.
pub fn require_fresh(app: &AppState, session: &AdminSession) -> Result<(), Failure> {
    if app.clock.now().since(session.began()) <= FRESH_FOR {
        return Ok(());
    }
    let failure = Failure::refused(StatusCode::FORBIDDEN, "sign-in-again");
    Err(match &app.admin_oidc {
        None => failure,
        Some(_) => failure.with_link("admin-sign-in", "/admin/oidc?again=yes"),
    })
}

/// The administrator who sends the form of one of our pages; whoever else tries is written down.
///
/// Errors: those of [`require_admin`], and `csrf-refused`.
pub async fn require_admin_form(
    app: &AppState,
    request: &HttpRequest,
    csrf: &str,
    action: &'static str,
    subject: &str,
) -> Result<AdminSession, Failure> {
    let known = require_admin(app, request).await;
    require_form(app, request, csrf, action, subject, known).await
}

/// The same for any of the sessions of administration.
///
/// Errors: that of `session`, and `csrf-refused`.
pub async fn require_form<S: Scope>(
    app: &AppState,
    request: &HttpRequest,
    csrf: &str,
    action: &'static str,
    subject: &str,
    session: Result<ScopedSession<S>, Failure>,
) -> Result<ScopedSession<S>, Failure> {
    let (kind, who) = match &session {
        Ok(session) => (Refused::Administrator, session.who.clone()),
        Err(_) => (Refused::Nobody, NOBODY.to_owned()),
    };
    let allowed = session.and_then(|session| {
        require_same_origin(request, &app.admin_url)?;
        let refused =
            || Failure::refused(StatusCode::FORBIDDEN, "csrf-refused").because("no grade of the page");
        if session.is_csrf(csrf, &app.sealer) { Ok(session) } else { Err(refused()) }
    });
    if allowed.is_err() {
        record_rejection(app, kind, Event::refused(&who, action, subject)).await?;
    }
    allowed
}

/// Adds a line to the audit log.
pub async fn note(app: &AppState, event: Event) -> Result<(), DbError> {
    app.db.write(move |tx| record(tx, &event)).await
}

/// Writes down that somebody was refused: an administrator by an event, anybody else in the count of its kind.
///
/// Each kind has a limit of its own, so that no flood of one hides another.
pub async fn record_rejection(app: &AppState, who: Refused, event: Event) -> Result<(), Failure> {
    // Several installations may share one Redis.
    let kind = match who {
        Refused::Nobody | Refused::Outsider => event.action,
        Refused::Administrator => &event.who,
    };
    let counter = format!("audit refused {} {who:?} {kind}", app.base_url);
    match who.entry(app.ephemeral.hit(&counter, REFUSAL_WINDOW).await?) {
        RefusalEntry::Event => note(app, event).await?,
        RefusalEntry::Count(more) => {
            let event =
                if who == Refused::Administrator { event } else { Event { who: NOBODY.to_owned(), ..event } };
            let more = i64::try_from(more).unwrap_or(i64::MAX);
            app.db.write(move |tx| count_refusals(tx, &event, more)).await?;
        }
        RefusalEntry::Nothing => {}
    }
    Ok(())
}

#[derive(Serialize)]
struct HomePage {
    here: &'static str,
    csrf: String,
    /// Our clock, which the page compares with the browser's; none where it is simulated. Units: milliseconds since the
    /// epoch.
    now: Option<i64>,
    checks: Vec<Check>,
    is_ready: bool,
    /// Whether the service is on this machine alone, where platforms are too.
    is_local: bool,
    /// Jobs that fail, and jobs that were given up.
    failing: i64,
    given_up: i64,
    platforms: Vec<PlatformLine>,
    /// Issuers and client ids without a registration that were named in the last day.
    unregistered: i64,
    invitations: Vec<InvitationLine>,
}

/// Something that must be right before a class can take place; its words are `admin-check-NAME` and, where it is not,
/// `admin-check-NAME-bad`.
#[derive(Serialize)]
struct Check {
    name: &'static str,
    good: bool,
    value: String,
}

#[derive(Serialize)]
struct InvitationLine {
    id: String,
    note: String,
    until: String,
}

impl InvitationLine {
    fn new(invitation: Invitation) -> Self {
        let until = Timestamp::from_millis(invitation.expires_at).iso();
        Self { id: invitation.id, note: invitation.note, until }
    }
}

/// `GET /admin`: what works, what waits, and what comes next. For administrators.
pub async fn home(
    request: HttpRequest,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let session = require_admin(&app, &request).await?;
    let now = app.clock.now();
    let found = app
        .db
        .read(move |connection| {
            let platforms = super::platforms::store::list(connection, now)?;
            let has_server = servers::store::find_default(connection)?.map(|server| server.name);
            let queue = overview::store::figures(connection, now)?;
            let unregistered = count_unregistered(connection, now.minus(LATELY))?;
            Ok((platforms, has_server, list_waiting(connection, now)?, (queue, unregistered)))
        })
        .await?;
    let (platforms, server, invitations, (queue, unregistered)) = found;
    let platforms: Vec<PlatformLine> = platforms.into_iter().map(PlatformLine::new).collect();
    let checks = checks(&app, &request, server, &platforms).await;
    let page = HomePage {
        here: "home",
        csrf: session.csrf(&app.sealer),
        now: (!app.clock.is_simulated()).then(|| now.millis()),
        is_ready: checks.iter().all(|check| check.good),
        checks,
        is_local: is_loopback(&app.base_url),
        unregistered,
        failing: queue.failing,
        given_up: queue.given_up,
        platforms,
        invitations: invitations.into_iter().map(InvitationLine::new).collect(),
    };
    let locale = locale_of(&request, &pages);
    pages.respond(StatusCode::OK, "pages/admin/home.html", &page, &locale, &Framing::nobody())
}

async fn checks(
    app: &AppState,
    request: &HttpRequest,
    server: Option<String>,
    platforms: &[PlatformLine],
) -> Vec<Check> {
    let base = &app.base_url;
    let host = request.headers().get(HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let wanted = host_of(&app.admin_url);
    let keys = app.keys.list(app.clock.now()).len();
    let database = if app.db.is_embedded() { "SQLite" } else { "PostgreSQL" };
    let waits = platforms.iter().any(PlatformLine::has_waiting);
    let deployment = if waits { "approval" } else { "deployment" };
    let check = |name, good, value: String| Check { name, good, value };
    vec![
        check("https", base.scheme() == "https" || is_loopback(base), base.to_string()),
        check("address", host == wanted, host.to_owned()),
        check("database", app.db.is_writable().await, database.to_owned()),
        check("memory", app.ephemeral.epoch().await.is_ok(), String::new()),
        check("keys", keys > 0, keys.to_string()),
        check("server", server.is_some(), server.unwrap_or_default()),
        check("platform", !platforms.is_empty(), platforms.len().to_string()),
        // Until people can come in from a platform, nothing is ready.
        check(deployment, platforms.iter().any(PlatformLine::is_open), String::new()),
    ]
}
