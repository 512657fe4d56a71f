//! `/admin/docs`: the guides of this version.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, ContentType};
use actix_web::web::{Data, Path};
use serde::Serialize;

use super::access::Admin;
use crate::http::extract::Lang;
use crate::http::failure::Failure;
use crate::http::pages::{Framing, Pages};
use crate::http::refusal_code::RefusalCode;

/// The guides by path, each with its text.
macro_rules! guides {
    ($($path:literal),+ $(,)?) => {
        [$(($path, include_str!(concat!("../../docs/", $path)))),+]
    };
}
const GUIDES: [(&str, &str); 13] = guides![
    "operations.md",
    "jitsi.md",
    "platforms/README.md",
    "platforms/moodle.md",
    "platforms/canvas.md",
    "platforms/blackboard.md",
    "platforms/brightspace.md",
    "platforms/sakai.md",
    "platforms/schoology.md",
    "platforms/open-edx.md",
    "from-mod_jitsi.md",
    "privacy.md",
    "performance.md",
];

#[derive(Serialize)]
struct DocsPage {
    here: &'static str,
    guides: Vec<GuideLine>,
}

#[derive(Serialize)]
struct GuideLine {
    path: &'static str,
    title: &'static str,
}

/// Returns a guide's own title.
fn title_of(text: &'static str) -> &'static str {
    text.lines().next().unwrap_or_default().trim_start_matches('#').trim()
}

/// `GET /admin/docs`: the guides. For administrators.
pub async fn docs(_admin: Admin, Lang(locale): Lang, pages: Data<Pages>) -> Result<HttpResponse, Failure> {
    let line = |(path, text): (&'static str, &'static str)| GuideLine { path, title: title_of(text) };
    let page = DocsPage { here: "docs", guides: GUIDES.into_iter().map(line).collect() };
    pages.respond(StatusCode::OK, "pages/admin/docs.html", &page, &locale, &Framing::nobody())
}

/// `GET /admin/docs/{path}`: a guide, as the text it is written in. For administrators.
pub async fn guide(_admin: Admin, path: Path<String>) -> Result<HttpResponse, Failure> {
    let found = GUIDES.into_iter().find(|(known, _)| *known == *path);
    let (_, text) = found.ok_or_else(|| Failure::refused(StatusCode::NOT_FOUND, RefusalCode::PageUnknown))?;
    Ok(HttpResponse::Ok()
        .insert_header(ContentType::plaintext())
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(text))
}
