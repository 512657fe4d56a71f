//! `/`: what answers here, for whoever comes without a course.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use crate::http::extract::Lang;
use crate::http::failure::Failure;
use crate::http::pages::{Framing, Pages};
use crate::http::security::Area;
use crate::state::AppState;

#[derive(Serialize)]
struct FrontPage {
    /// Whether the tool's pages are at this host, and whether the administrator's are: neither host tells of the other.
    is_tool: bool,
    is_admin: bool,
}

/// `GET /`: says what this is, and leads on. For everybody.
pub async fn front(
    request: HttpRequest,
    Lang(locale): Lang,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let answers = |area: Area| area.answers(&app.base_url, &app.admin_url, request.head());
    let page = FrontPage { is_tool: answers(Area::Tool), is_admin: answers(Area::Admin) };
    pages.respond(StatusCode::OK, "pages/front.html", &page, &locale, &Framing::nobody())
}
