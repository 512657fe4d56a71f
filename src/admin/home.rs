//! `/admin`: what an operator sees first.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::HOST;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use crate::admin::invitations::store::{Invitation, list_waiting};
use crate::admin::platforms::line::PlatformLine;
use crate::config::is_loopback;
use crate::http::extract::Lang;
use crate::http::failure::Failure;
use crate::http::pages::{Framing, Pages};
use crate::http::security::host_of;
use crate::jobs::overview;
use crate::lti::launch_log::store::count_unregistered;
use crate::servers;
use crate::state::AppState;

use super::access::Admin;

/// What counts as lately in the list of launches without a registration.
const LATELY: Duration = Duration::from_secs(24 * 60 * 60);

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
        let until = invitation.expires_at.iso();
        Self { id: invitation.id, note: invitation.note, until }
    }
}

/// `GET /admin`: what works, what waits, and what comes next. For administrators.
pub async fn home(
    request: HttpRequest,
    Admin(session): Admin,
    Lang(locale): Lang,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
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
