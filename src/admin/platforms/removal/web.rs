//! `/admin/platforms/{platform}/delete`: a platform goes, with all that came with it.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use super::delete as remove_platform;
use super::store;
use super::store::Belongings;
use crate::admin::access::{Admin, require_admin_form, require_fresh};
use crate::admin::audit::action::Action;
use crate::admin::platforms::page::find;
use crate::http::extract::Lang;
use crate::http::failure::Failure;
use crate::http::pages::{Framing, Pages};
use crate::http::redirect::redirect_to;
use crate::i18n::Locale;
use crate::ids::PlatformId;
use crate::state::AppState;

#[derive(Serialize)]
struct DeletePage {
    here: &'static str,
    csrf: String,
    id: PlatformId,
    name: String,
    belongings: Vec<Line>,
    is_mistyped: bool,
}

/// A count; its words are `admin-delete-WHAT`.
#[derive(Serialize)]
struct Line {
    what: &'static str,
    count: i64,
}

fn lines(belongings: &Belongings) -> Vec<Line> {
    belongings.counts().into_iter().map(|(what, count)| Line { what, count }).collect()
}

async fn draw(app: &AppState, id: PlatformId, csrf: String) -> Result<DeletePage, Failure> {
    let platform = find(app, id).await?.platform;
    let wanted = platform.id;
    let found = app.db.read(move |connection| store::count(connection, wanted)).await?;
    Ok(DeletePage {
        here: "platforms",
        csrf,
        id: platform.id,
        name: platform.name,
        belongings: lines(&found),
        is_mistyped: false,
    })
}

fn show(
    locale: &Locale,
    pages: &Pages,
    page: &DeletePage,
    status: StatusCode,
) -> Result<HttpResponse, Failure> {
    pages.respond(status, "pages/admin/platform_delete.html", page, locale, &Framing::nobody())
}

/// `GET /admin/platforms/{platform}/delete`: what would go. For administrators.
pub async fn ask(
    Admin(session): Admin,
    Lang(locale): Lang,
    id: Path<PlatformId>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    require_fresh(&app, &session)?;
    let page = draw(&app, *id, session.csrf(&app.sealer)).await?;
    show(&locale, &pages, &page, StatusCode::OK)
}

/// What the form sends: the platform's name, typed, so that nobody deletes by a slip.
#[derive(Deserialize)]
pub struct DeleteForm {
    csrf: String,
    name: String,
}

/// `POST /admin/platforms/{platform}/delete`. For administrators.
pub async fn delete(
    request: HttpRequest,
    Lang(locale): Lang,
    id: Path<PlatformId>,
    form: Form<DeleteForm>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let session = require_admin_form(&app, &request, &form.csrf, Action::PlatformDelete, &id).await?;
    require_fresh(&app, &session)?;
    let mut page = draw(&app, *id, session.csrf(&app.sealer)).await?;
    if form.name.trim() != page.name.trim() {
        page.is_mistyped = true;
        return show(&locale, &pages, &page, StatusCode::UNPROCESSABLE_ENTITY);
    }
    app.db.write(move |tx| remove_platform(tx, &session.who, page.id, &page.name)).await?;
    Ok(redirect_to("/admin#platforms"))
}
