//! `/admin/status`: the service's health, to read and to copy.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use super::store::{StatusFigures, find};
use crate::admin::access::{Admin, note, require_admin_form, require_fresh};
use crate::admin::audit::action::Action;
use crate::admin::audit::store::Event;
use crate::clock::Timestamp;
use crate::http::extract::Lang;
use crate::http::failure::Failure;
use crate::http::pages::{Framing, Pages};
use crate::http::redirect::redirect_to;
use crate::signing::{KeyPurpose, KeyRingError, KeyState, Takeover, rotate};
use crate::state::AppState;

/// A job that should have run this long ago shows that nobody works at the queue.
const MAX_WAIT_QUEUE: Duration = Duration::from_secs(5 * 60);

#[derive(Serialize)]
struct StatusPage {
    here: &'static str,
    csrf: String,
    /// Whether the next keys wait already.
    has_next_key: bool,
    notice: Option<&'static str>,
    lines: Vec<Line>,
}

/// A figure; its words are `status-NAME`.
#[derive(Serialize)]
struct Line {
    name: &'static str,
    value: String,
    /// Whether the value is a moment.
    is_moment: bool,
    /// Whether somebody should look at it.
    is_bad: bool,
}

fn text(name: &'static str, value: impl Into<String>) -> Line {
    Line { name, value: value.into(), is_moment: false, is_bad: false }
}

fn moment(name: &'static str, at: Option<Timestamp>) -> Line {
    let value = at.map(Timestamp::iso).unwrap_or_default();
    Line { name, is_moment: !value.is_empty(), value, is_bad: false }
}

/// `GET /admin/status`. For administrators.
pub async fn status(
    Admin(session): Admin,
    Lang(locale): Lang,
    query: Query<StatusQuery>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let now = app.clock.now();
    let figures = app.db.read(move |connection| find(connection, now)).await?;
    let keys = app.keys.list(now);
    let page = StatusPage {
        here: "status",
        csrf: session.csrf(&app.sealer),
        has_next_key: KeyPurpose::ALL
            .iter()
            .all(|purpose| keys.iter().any(|key| key.purpose == *purpose && key.state == KeyState::Next)),
        notice: query.notice.as_deref().filter(|notice| *notice == "rotated").map(|_| "keys"),
        lines: lines(&app, figures, now).await,
    };
    pages.respond(StatusCode::OK, "pages/admin/status.html", &page, &locale, &Framing::nobody())
}

/// What was done before.
#[derive(Deserialize)]
pub struct StatusQuery {
    notice: Option<String>,
}

/// What the button sends.
#[derive(Deserialize)]
pub struct RotateForm {
    csrf: String,
}

/// `POST /admin/status`: makes the tool's next keys. For administrators.
pub async fn rotate_keys(
    request: HttpRequest,
    form: Form<RotateForm>,
    app: Data<AppState>,
) -> Result<HttpResponse, Failure> {
    let session = require_admin_form(&app, &request, &form.csrf, Action::KeysRotate, "keys").await?;
    require_fresh(&app, &session)?;
    let now = app.clock.now();
    let failed = |error: KeyRingError| Failure::Internal(error.into());
    for purpose in KeyPurpose::ALL {
        let begins = rotate(&app.db, &app.sealer, purpose, Takeover::Usual, now, &app.random).await;
        let event = Event::done(&session.who, Action::KeysRotate, purpose.word());
        note(&app, event.with(None, begins.map_err(failed)?.iso())).await?;
    }
    app.keys.reload(&app.db, &app.sealer).await.map_err(failed)?;
    Ok(redirect_to("/admin/status?notice=rotated"))
}

async fn lines(app: &AppState, figures: StatusFigures, now: Timestamp) -> Vec<Line> {
    let database = if app.db.is_embedded() { "SQLite" } else { "PostgreSQL" };
    let memory = app.ephemeral.epoch().await;
    let queue = figures.queue;
    let is_slow = queue.overdue_since.is_some_and(|since| now.since(since) > MAX_WAIT_QUEUE);
    let keys = app.keys.list(now);
    let of_platforms = |state| {
        let mut found = keys.iter().filter(|key| key.purpose == KeyPurpose::Platforms);
        found.find(|key| key.state == state).map(|key| key.begins)
    };
    let (signing, next) = (of_platforms(KeyState::Signs), of_platforms(KeyState::Next));
    let bad = |line: Line, is_bad| Line { is_bad, ..line };
    vec![
        text("version", env!("CARGO_PKG_VERSION")),
        text("address", app.base_url.as_str()),
        moment("clock", Some(now)),
        text("database", database),
        bad(text("memory", if memory.is_ok() { app.ephemeral.name() } else { "–" }), memory.is_err()),
        text("keys", keys.len().to_string()),
        moment("key-signs", signing),
        moment("key-next", next),
        text("platforms", figures.platforms.to_string()),
        bad(text("wrong-clocks", figures.wrong_clocks.to_string()), figures.wrong_clocks > 0),
        text("servers", figures.servers.to_string()),
        moment("last-launch", figures.last_launch),
        text("present", figures.present.to_string()),
        moment("last-sign", figures.last_sign),
        text("jobs-open", queue.open.to_string()),
        bad(text("jobs-failing", queue.failing.to_string()), queue.failing > 0),
        bad(text("jobs-given-up", queue.given_up.to_string()), queue.given_up > 0),
        bad(moment("jobs-overdue", queue.overdue_since), is_slow),
    ]
}
