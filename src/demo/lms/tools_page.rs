//! The page on which an administrator of the LMS registers tools.

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::{self, Data, Form, Query};
use actix_web::{HttpRequest, HttpResponse};
use futures::future::BoxFuture;
use serde::Deserialize;
use serde_json::{Value, json};

use super::claims::offered_scopes;
use super::lms_pages::origin_of;
use super::registration::Begun;
use super::tools::Tool;
use super::{Lms, lock};
use crate::demo::pages::asset;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/tools").route(web::get().to(show)).route(web::post().to(begin)))
        .route("/administration", web::post().to(administer))
        .route("/assets/tools.js", web::get().to(script));
}

async fn script() -> HttpResponse {
    asset("text/javascript; charset=utf-8", include_str!("../../../assets/demo/tools.js"))
}

/// Makes links to the administrator's pages of the demo's tool.
pub trait AdminLinks: Send + Sync {
    /// Makes a link that works once.
    ///
    /// # Errors
    /// Why there is none, in a sentence.
    fn make(&self) -> BoxFuture<'static, Result<String, String>>;
}

/// Leads to the tool's administrator pages.
async fn administer(lms: Data<Lms>, request: HttpRequest) -> HttpResponse {
    if let Some(refusal) = lms.refuse_foreign(&request) {
        return refusal;
    }
    let Some(links) = lms.0.admin_links.get() else { return lms.not_there("way to administer the tool") };
    match links.make().await {
        Ok(link) => HttpResponse::SeeOther().insert_header((LOCATION, link)).finish(),
        Err(reason) => lms.problem(StatusCode::INTERNAL_SERVER_ERROR, &reason),
    }
}

/// What the page's address says.
#[derive(Deserialize)]
struct ToolsQuery {
    registration: Option<String>,
}

async fn show(lms: Data<Lms>, view: Query<ToolsQuery>) -> HttpResponse {
    let begun = view.registration.as_deref().and_then(|name| lms.begun_registration(name));
    lms.tools_page(StatusCode::OK, begun, None)
}

/// What an administrator pastes.
#[derive(Deserialize)]
struct Pasted {
    url: String,
}

async fn begin(lms: Data<Lms>, request: HttpRequest, pasted: Form<Pasted>) -> HttpResponse {
    if let Some(refusal) = lms.refuse_foreign(&request) {
        return refusal;
    }
    match lms.begin_named_registration(&pasted.url) {
        Ok(name) => {
            let page = format!("/tools?registration={name}");
            HttpResponse::SeeOther().insert_header((LOCATION, page)).finish()
        }
        Err(reason) => lms.tools_page(StatusCode::BAD_REQUEST, None, Some(&reason)),
    }
}

impl Lms {
    fn tools_page(&self, status: StatusCode, begun: Option<Begun>, problem: Option<&str>) -> HttpResponse {
        let tools: Vec<Value> = self.tools().iter().map(|tool| self.tool_values(tool)).collect();
        let done = begun.as_ref().is_some_and(|begun| begun.client_id.is_some());
        let open = begun.filter(|_| !done);
        let site = open.as_ref().and_then(|begun| origin_of(&begun.address));
        let open = open.map(|begun| json!({"address": begun.address, "origin": site}));
        let values = json!({"tools": tools, "begun": open, "registered": done, "problem": problem,
            "administers": self.0.admin_links.get().is_some()});
        self.page_framing(site.as_deref(), status, "demo/tools.html", &values)
    }

    fn tool_values(&self, tool: &Tool) -> Value {
        let open = offered_scopes(&self.0.behaviour.get());
        let scopes = open.into_iter().filter(|scope| tool.has_scope(scope));
        let scopes: Vec<&str> = scopes.map(|scope| scope.rsplit('/').next().unwrap_or(scope)).collect();
        json!({
            "name": tool.name, "client_id": tool.client_id, "deployment_id": tool.deployment_id,
            "scopes": scopes, "open": self.try_out_url(tool),
        })
    }

    /// Returns the URL where a teacher opens the tool.
    fn try_out_url(&self, tool: &Tool) -> Option<String> {
        let activity = self.trial_of(tool)?;
        let directory = lock(&self.0.directory);
        let teacher = directory.members(&activity.course).find(|person| person.teaches())?.id.clone();
        drop(directory);
        Some(self.activity_url(&activity, &teacher))
    }
}
