//! `/admin/sessions`: who is signed in, and how a session is ended from elsewhere.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Form};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use super::store::{OpenSession, end as end_session, end_others, list_open};
use crate::admin::access::{Admin, require_admin_form};
use crate::admin::actor::{ActorLine, Links};
use crate::admin::audit::action::Action;
use crate::admin::audit::store::{Event, record};
use crate::admin::login_link::store::list_made;
use crate::http::admin_session::{Scope, WholeService};
use crate::http::extract::Lang;
use crate::http::failure::Failure;
use crate::http::pages::{Framing, Pages};
use crate::http::redirect::redirect_to;
use crate::state::AppState;

#[derive(Serialize)]
struct SessionsPage {
    here: &'static str,
    csrf: String,
    own: Vec<SessionLine>,
    others: Vec<SessionLine>,
}

#[derive(Serialize)]
struct SessionLine {
    id: String,
    who: ActorLine,
    began: String,
    last_seen: String,
    is_this: bool,
}

impl SessionLine {
    fn new(session: OpenSession, this: &str, links: &Links) -> Self {
        let OpenSession { id, who, began, last_seen } = session;
        let who = links.line(&who);
        Self { is_this: id == this, id, who, began: began.iso(), last_seen: last_seen.iso() }
    }
}

/// `GET /admin/sessions`. For administrators.
pub async fn sessions(
    Admin(session): Admin,
    Lang(locale): Lang,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let now = app.clock.now();
    let (open, links) = app
        .db
        .read(move |connection| {
            Ok((list_open(connection, &WholeService.name(), now)?, list_made(connection)?))
        })
        .await?;
    let links = Links::new(links);
    let (own, others): (Vec<OpenSession>, _) = open.into_iter().partition(|open| open.who == session.who);
    let lines = |open: Vec<OpenSession>| {
        open.into_iter().map(|open| SessionLine::new(open, session.id(), &links)).collect()
    };
    let (own, others) = (lines(own), lines(others));
    let page = SessionsPage { here: "sessions", csrf: session.csrf(&app.sealer), own, others };
    pages.respond(StatusCode::OK, "pages/admin/sessions.html", &page, &locale, &Framing::nobody())
}

/// What the buttons send.
#[derive(Deserialize)]
pub struct EndForm {
    csrf: String,
    /// The session to end; without one all but this one.
    id: Option<String>,
}

/// `POST /admin/sessions`: ends a session, or all others. For administrators.
pub async fn act(
    request: HttpRequest,
    form: Form<EndForm>,
    app: Data<AppState>,
) -> Result<HttpResponse, Failure> {
    let subject = form.id.as_deref().map_or("others", |_| "session");
    let session = require_admin_form(&app, &request, &form.csrf, Action::SessionEnd, subject).await?;
    let id = form.id.clone();
    app.db
        .write(move |tx| {
            let ended = match &id {
                Some(id) => end_session(tx.connection, id)?,
                None => Some(end_others(tx.connection, &WholeService.name(), session.id())?.to_string()),
            };
            let event = Event::done(&session.who, Action::SessionEnd, ended.as_deref().unwrap_or("–"));
            record(tx, &event)
        })
        .await?;
    Ok(redirect_to("/admin/sessions"))
}
