//! `/admin/audit`: what was done, with a search, and as a file.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use actix_web::web::{Data, Query};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::store::{RecordedEvent, RefusalTotal, list, list_refusals};
use crate::admin::access::Admin;
use crate::admin::actor::{ActorLine, Links};
use crate::admin::audit::action::Action;
use crate::admin::login_link::store::list_made;
use crate::http::extract::Lang;
use crate::http::failure::Failure;
use crate::http::pages::{Framing, Pages};
use crate::state::AppState;

const SHOWN: i64 = 200;
const EXPORTED: i64 = 100_000;
const REFUSALS: i64 = 50;

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
    events: Vec<ShownEvent>,
    /// What strangers tried, where nothing is searched for.
    refusals: Vec<ShownRefusal>,
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

/// An event on the page, with its people in words.
#[derive(Serialize)]
struct ShownEvent {
    #[serde(flatten)]
    event: EventLine,
    actor: ActorLine,
    /// Whose session ended.
    of: Option<ActorLine>,
}

impl ShownEvent {
    fn new(event: EventLine, links: &Links) -> Self {
        let is_person = event.action == Action::SessionEnd.code() && event.subject.contains(' ');
        Self { actor: links.line(&event.who), of: is_person.then(|| links.line(&event.subject)), event }
    }
}

/// A count on the page.
#[derive(Serialize)]
struct ShownRefusal {
    #[serde(flatten)]
    total: RefusalTotalLine,
    actor: ActorLine,
}

#[derive(Serialize)]
struct RefusalTotalLine {
    at: String,
    who: String,
    action: String,
    subject: String,
    count: i64,
}

impl RefusalTotalLine {
    fn new(refusal: RefusalTotal) -> Self {
        let RefusalTotal { who, action, count, last_at, last_subject } = refusal;
        Self { at: last_at.iso(), who, action, subject: last_subject, count }
    }
}

impl EventLine {
    fn new(event: RecordedEvent) -> Self {
        let RecordedEvent { at, who, action, subject, before, after, outcome } = event;
        Self { at: at.iso(), who, action, subject, before, after, outcome }
    }
}

/// `GET /admin/audit`: what administrators did. For administrators.
pub async fn audit(
    Admin(session): Admin,
    Lang(locale): Lang,
    search: Query<Search>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let wanted: String =
        search.q.clone().unwrap_or_default().chars().take(200).filter(|c| *c != '\0').collect();
    let is_export = search.format.as_deref() == Some("jsonl");
    let (text, most) = (wanted.clone(), if is_export { EXPORTED } else { SHOWN });
    let found = app
        .db
        .read(move |connection| {
            let refusals =
                if text.is_empty() { list_refusals(connection, most.max(REFUSALS))? } else { Vec::new() };
            Ok((list(connection, &text, most)?, refusals, list_made(connection)?))
        })
        .await?;
    let (events, refusals, links) = found;
    let events: Vec<EventLine> = events.into_iter().map(EventLine::new).collect();
    let refusals: Vec<RefusalTotalLine> = refusals.into_iter().map(RefusalTotalLine::new).collect();
    if is_export {
        let events = events.iter().map(|event| json!(event).to_string());
        let lines: Vec<String> =
            events.chain(refusals.iter().map(|count| json!(count).to_string())).collect();
        return Ok(HttpResponse::Ok()
            .content_type("application/jsonl")
            .insert_header((CACHE_CONTROL, "no-store"))
            .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"audit.jsonl\""))
            .body(lines.join("\n")));
    }
    let links = Links::new(links);
    let events = events.into_iter().map(|event| ShownEvent::new(event, &links)).collect();
    let shown = |total: RefusalTotalLine| ShownRefusal { actor: links.line(&total.who), total };
    let refusals = refusals.into_iter().map(shown).collect();
    let page = AuditPage { here: "audit", wanted, events, refusals, csrf: session.csrf(&app.sealer) };
    pages.respond(StatusCode::OK, "pages/admin/audit.html", &page, &locale, &Framing::nobody())
}
