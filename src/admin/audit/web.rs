//! `/admin/audit`: what was done, with a search, and as a file.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::store::{RecordedEvent, list};
use crate::admin::web::{locale_of, require_admin};
use crate::app::App;
use crate::clock::Timestamp;
use crate::db::DbError;
use crate::http::failure::Failure;
use crate::http::pages::{Framing, Pages};

const SHOWN: i64 = 200;
const EXPORTED: i64 = 100_000;

/// What is looked for.
#[derive(Deserialize)]
pub struct Search {
    q: Option<String>,
    format: Option<String>,
}

#[derive(Serialize)]
struct AuditPage {
    here: &'static str,
    wanted: String,
    events: Vec<EventLine>,
    csrf: String,
}

#[derive(Serialize)]
struct EventLine {
    at: String,
    who: String,
    action: String,
    subject: String,
    before: Option<String>,
    after: Option<String>,
    outcome: String,
}

impl EventLine {
    fn new(event: RecordedEvent) -> Self {
        let RecordedEvent { at, who, action, subject, before, after, outcome } = event;
        Self { at: Timestamp::from_millis(at).iso(), who, action, subject, before, after, outcome }
    }
}

/// `GET /admin/audit`: what administrators did. For administrators.
pub async fn audit(
    request: HttpRequest,
    search: Query<Search>,
    app: Data<App>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let session = require_admin(&app, &request)?;
    let wanted: String =
        search.q.clone().unwrap_or_default().chars().take(200).filter(|c| *c != '\0').collect();
    let is_export = search.format.as_deref() == Some("jsonl");
    let (text, most) = (wanted.clone(), if is_export { EXPORTED } else { SHOWN });
    let events: Result<Vec<RecordedEvent>, DbError> =
        app.db.read(move |connection| list(connection, &text, most)).await;
    let events: Vec<EventLine> = events?.into_iter().map(EventLine::new).collect();
    if is_export {
        let lines: Vec<String> = events.iter().map(|event| json!(event).to_string()).collect();
        return Ok(HttpResponse::Ok()
            .content_type("application/jsonl")
            .insert_header((CACHE_CONTROL, "no-store"))
            .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"audit.jsonl\""))
            .body(lines.join("\n")));
    }
    let page = AuditPage { here: "audit", wanted, events, csrf: session.csrf(&app.sealer) };
    let locale = locale_of(&request, &pages);
    pages.respond(StatusCode::OK, "pages/admin/audit.html", &page, &locale, &Framing::nobody())
}
