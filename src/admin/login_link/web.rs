//! `/admin/enter`: from a one-time link to a session.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use super::store::use_link;
use crate::admin::access::record_rejection;
use crate::admin::actor::name_of_link;
use crate::admin::audit::NOBODY;
use crate::admin::audit::Refused;
use crate::admin::audit::action::Action;
use crate::admin::audit::store::{Event, record};
use crate::admin::sessions::session as sessions;
use crate::http::admin_session::{AdminSession, WholeService};
use crate::http::cookies::add_cookies;
use crate::http::extract::Lang;
use crate::http::failure::Failure;
use crate::http::pages::{Framing, Pages};
use crate::http::redirect::redirect_to;
use crate::http::refusal_code::RefusalCode;
use crate::http::security::require_same_origin;
use crate::state::AppState;

#[derive(Serialize)]
struct EnterPage {
    secret: String,
}

/// `GET /admin/enter/{secret}`: asks to press a button, so that no scanner of links uses the link up. For whoever has it.
pub async fn door(
    Lang(locale): Lang,
    secret: Path<String>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let page = EnterPage { secret: secret.into_inner() };
    pages.respond(StatusCode::OK, "pages/admin/enter.html", &page, &locale, &Framing::nobody())
}

/// What the button sends.
#[derive(Deserialize)]
pub struct EnterForm {
    secret: String,
}

/// `POST /admin/enter`: begins a session, once for each link.
pub async fn enter(
    request: HttpRequest,
    form: Form<EnterForm>,
    app: Data<AppState>,
) -> Result<HttpResponse, Failure> {
    require_same_origin(&request, &app.admin_url)?;
    let secret = form.into_inner().secret;
    let used = app
        .db
        .write(move |tx| {
            let used = use_link(tx, &secret)?;
            if let Some(id) = &used {
                record(tx, &Event::done(&name_of_link(id), Action::Enter, "admin"))?;
            }
            Ok(used)
        })
        .await?;
    let Some(link) = used else {
        record_rejection(&app, Refused::Nobody, Event::refused(NOBODY, Action::Enter, "admin")).await?;
        return Err(Failure::refused(StatusCode::FORBIDDEN, RefusalCode::AdminLinkUsed));
    };
    let session = sessions::begin(&app, name_of_link(&link), WholeService).await?;
    let mut response = redirect_to("/admin");
    add_cookies(&mut response, [session.cookie(&app.sealer, &app.random)]);
    Ok(response)
}

/// `POST /admin/leave`: ends the session.
pub async fn leave(request: HttpRequest, app: Data<AppState>) -> Result<HttpResponse, Failure> {
    require_same_origin(&request, &app.admin_url)?;
    if let Some(session) = AdminSession::of(&request, &app.sealer, app.clock.now()) {
        sessions::end(&app, &session).await?;
    }
    let mut response = redirect_to("/admin");
    add_cookies(&mut response, [AdminSession::no_cookie()]);
    Ok(response)
}
