//! `/admin`: what an operator sees first, and who may see any of it.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT_LANGUAGE, HOST};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use super::audit::store::{Event, record};
use super::invitations::store::{Invitation, list_waiting};
use super::platforms::web::PlatformLine;
use crate::app::App;
use crate::clock::Timestamp;
use crate::config::is_loopback;
use crate::db::DbError;
use crate::http::admin_session::{AdminSession, Scope, ScopedSession};
use crate::http::failure::Failure;
use crate::http::pages::{Framing, Pages};
use crate::http::security::{host_of, require_same_origin};
use crate::i18n::Locale;
use crate::jobs::overview;
use crate::servers;

/// Who comes without a session, in the words of the audit log.
pub const NOBODY: &str = "nobody";
/// In so much time so many refusals are written down.
const A_WHILE: Duration = Duration::from_secs(60);
const MOST_REFUSALS: u64 = 100;

/// The language that the browser asks for.
pub fn locale_of(request: &HttpRequest, pages: &Pages) -> Locale {
    let header = request.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    pages.texts().negotiate(header.unwrap_or_default())
}

/// The administrator who sends a request.
///
/// Errors: `admin-missing` or `admin-signed-out`, which say how to come in.
pub fn require_admin(app: &App, request: &HttpRequest) -> Result<AdminSession, Failure> {
    let missing = || match &app.admin_oidc {
        None => Failure::refused(StatusCode::FORBIDDEN, "admin-missing"),
        Some(_) => Failure::refused(StatusCode::FORBIDDEN, "admin-signed-out")
            .with_link("admin-sign-in", "/admin/oidc"),
    };
    AdminSession::of(request, &app.sealer, app.clock.now()).ok_or_else(missing)
}

/// The administrator who sends the form of one of our pages; whoever else tries is written down.
///
/// Errors: those of [`require_admin`], and `csrf-refused`.
pub async fn require_admin_form(
    app: &App,
    request: &HttpRequest,
    csrf: &str,
    (action, subject): (&'static str, &str),
) -> Result<AdminSession, Failure> {
    require_form(app, request, csrf, (action, subject), require_admin(app, request)).await
}

/// The same for any of the sessions of administration.
///
/// Errors: that of `session`, and `csrf-refused`.
pub async fn require_form<S: Scope>(
    app: &App,
    request: &HttpRequest,
    csrf: &str,
    (action, subject): (&'static str, &str),
    session: Result<ScopedSession<S>, Failure>,
) -> Result<ScopedSession<S>, Failure> {
    let who = session.as_ref().map_or_else(|_| NOBODY.to_owned(), |session| session.who.clone());
    let allowed = session.and_then(|session| {
        require_same_origin(request, &app.admin_url)?;
        let refused =
            || Failure::refused(StatusCode::FORBIDDEN, "csrf-refused").because("no mark of the page");
        if session.is_csrf(csrf, &app.sealer) { Ok(session) } else { Err(refused()) }
    });
    if allowed.is_err() {
        note_refused(app, Event::refused(&who, action, subject)).await?;
    }
    allowed
}

/// Adds a line to the audit log.
pub async fn note(app: &App, event: Event) -> Result<(), DbError> {
    let (now, random) = (app.clock.now(), app.random.clone());
    app.db.write(move |connection| record(connection, &event, now, &random)).await
}

/// Adds a line about somebody who was refused; not more of them in a minute than anybody reads, so that nobody fills
/// the database from outside.
pub async fn note_refused(app: &App, event: Event) -> Result<(), Failure> {
    // Several installations may share one Redis.
    let counter = format!("audit refused {}", app.base_url);
    if app.ephemeral.hit(&counter, A_WHILE).await? <= MOST_REFUSALS {
        note(app, event).await?;
    }
    Ok(())
}

#[derive(Serialize)]
struct HomePage {
    here: &'static str,
    csrf: String,
    /// Our clock, which the page compares with the browser's. Units: milliseconds since the epoch.
    now: i64,
    checks: Vec<Check>,
    is_ready: bool,
    /// Whether the service is on this machine alone, where platforms are too.
    is_local: bool,
    /// Jobs that fail, and jobs that were given up.
    failing: i64,
    given_up: i64,
    platforms: Vec<PlatformLine>,
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
pub async fn home(request: HttpRequest, app: Data<App>, pages: Data<Pages>) -> Result<HttpResponse, Failure> {
    let session = require_admin(&app, &request)?;
    let now = app.clock.now();
    let found: Result<_, DbError> = app
        .db
        .read(move |connection| {
            let platforms = super::platforms::store::list(connection, now)?;
            let has_server = servers::store::find_default(connection)?.map(|server| server.name);
            let queue = overview::store::figures(connection, now)?;
            Ok((platforms, has_server, list_waiting(connection, now)?, queue))
        })
        .await;
    let (platforms, server, invitations, queue) = found?;
    let checks = checks(&app, &request, server, platforms.len()).await;
    let page = HomePage {
        here: "home",
        csrf: session.csrf(&app.sealer),
        now: now.millis(),
        is_ready: checks.iter().all(|check| check.good),
        checks,
        is_local: is_loopback(&app.base_url),
        failing: queue.failing,
        given_up: queue.given_up,
        platforms: platforms.into_iter().map(PlatformLine::new).collect(),
        invitations: invitations.into_iter().map(InvitationLine::new).collect(),
    };
    let locale = locale_of(&request, &pages);
    pages.respond(StatusCode::OK, "pages/admin/home.html", &page, &locale, &Framing::nobody())
}

async fn checks(app: &App, request: &HttpRequest, server: Option<String>, platforms: usize) -> Vec<Check> {
    let base = &app.base_url;
    let host = request.headers().get(HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let wanted = host_of(&app.admin_url);
    let keys = app.keys.list(app.clock.now()).len();
    let database = if app.db.is_embedded() { "SQLite" } else { "PostgreSQL" };
    let check = |name, good, value: String| Check { name, good, value };
    vec![
        check("https", base.scheme() == "https" || is_loopback(base), base.to_string()),
        check("address", host == wanted, host.to_owned()),
        check("database", app.db.is_reachable().await, database.to_owned()),
        check("memory", app.ephemeral.epoch().await.is_ok(), String::new()),
        check("keys", keys > 0, keys.to_string()),
        check("server", server.is_some(), server.unwrap_or_default()),
        check("platform", platforms > 0, platforms.to_string()),
    ]
}
