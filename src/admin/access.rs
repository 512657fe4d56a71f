//! Who may see the pages of administration, and what becomes of those who may not.

use std::fmt::Display;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest};

use crate::admin::audit::action::Action;
use crate::admin::audit::store::{Event, count_refusals, record};
use crate::admin::audit::{NOBODY, REFUSAL_WINDOW, RefusalEntry, Refused};
use crate::admin::sessions::FRESH_FOR;
use crate::admin::sessions::session as sessions;
use crate::db::DbError;
use crate::http::admin_session::{AdminSession, Scope, ScopedSession};
use crate::http::extract::{Extraction, shared};
use crate::http::failure::Failure;
use crate::http::refusal_code::RefusalCode;
use crate::http::security::require_same_origin;
use crate::state::AppState;

/// The administrator who sends a request, as an argument of a handler.
///
/// Errors: those of [`require_admin`].
pub struct Admin(pub AdminSession);

impl FromRequest for Admin {
    type Error = actix_web::Error;
    type Future = Extraction<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let app = shared::<AppState>(&request)?;
            Ok(Self(require_admin(&app, &request).await?))
        })
    }
}

/// The administrator who sends a request.
///
/// Errors: `admin-missing` or `admin-signed-out`, which say how to come in.
async fn require_admin(app: &AppState, request: &HttpRequest) -> Result<AdminSession, Failure> {
    let missing = || match &app.admin_oidc {
        None => Failure::refused(StatusCode::FORBIDDEN, RefusalCode::AdminMissing),
        Some(_) => Failure::refused(StatusCode::FORBIDDEN, RefusalCode::AdminSignedOut)
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
    let failure = Failure::refused(StatusCode::FORBIDDEN, RefusalCode::SignInAgain);
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
    action: Action,
    subject: impl Display,
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
    action: Action,
    subject: impl Display,
    session: Result<ScopedSession<S>, Failure>,
) -> Result<ScopedSession<S>, Failure> {
    let subject = subject.to_string();
    let (kind, who) = match &session {
        Ok(session) => (Refused::Administrator, session.who.clone()),
        Err(_) => (Refused::Nobody, NOBODY.to_owned()),
    };
    let allowed = session.and_then(|session| {
        require_same_origin(request, &app.admin_url)?;
        let refused = || {
            Failure::refused(StatusCode::FORBIDDEN, RefusalCode::CsrfRefused)
                .because("no CSRF token of the page")
        };
        if session.is_csrf(csrf, &app.sealer) { Ok(session) } else { Err(refused()) }
    });
    if allowed.is_err() {
        record_rejection(app, kind, Event::refused(&who, action, &subject)).await?;
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
        Refused::Nobody | Refused::Outsider => event.action.code(),
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
