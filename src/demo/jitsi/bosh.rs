//! The least of BOSH (XEP-0124) that proves a token: open a session, log in anonymously, read the answer.

use std::collections::HashMap;

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, Bytes, Data};
use serde_json::{Value, json};

use super::rules::Refusal;
use super::{JitsiSim, lock};

const MOST_SESSIONS: usize = 1000;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config.route("/http-bind", web::get().to(hello)).route("/http-bind", web::post().to(talk));
}

/// Open sessions and the token each began with.
#[derive(Default)]
pub(super) struct Sessions(HashMap<String, Option<String>>);

async fn hello(sim: Data<JitsiSim>) -> HttpResponse {
    sim.0.pages.page(StatusCode::OK, "demo/bosh.html", "default-src 'none'", &json!({}))
}

impl JitsiSim {
    fn xml(&self, values: &Value) -> HttpResponse {
        match self.0.pages.draw("demo/bosh.xml", values) {
            Ok(body) => {
                HttpResponse::Ok().content_type("text/xml; charset=utf-8").body(body.trim().to_owned())
            }
            Err(_) => HttpResponse::InternalServerError().finish(),
        }
    }

    fn terminate(&self, condition: &str) -> HttpResponse {
        self.xml(&json!({"step": "terminate", "condition": condition}))
    }

    fn begin(&self, request: &HttpRequest, body: &str) -> HttpResponse {
        if attribute(body, "to") != Some(&self.domain()) {
            return self.terminate("host-unknown");
        }
        let sid = self.0.random.secret();
        let mut sessions = lock(&self.0.sessions);
        if sessions.0.len() >= MOST_SESSIONS {
            sessions.0.clear();
        }
        sessions.0.insert(sid.clone(), token_of(request));
        self.xml(&json!({"step": "begin", "sid": sid, "domain": self.domain()}))
    }
}

async fn talk(sim: Data<JitsiSim>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let body = String::from_utf8_lossy(&body);
    if !body.trim_start().starts_with("<body") {
        return sim.terminate("bad-request");
    }
    let Some(sid) = attribute(&body, "sid") else { return sim.begin(&request, &body) };
    let Some(token) = lock(&sim.0.sessions).0.get(sid).cloned() else {
        return sim.terminate("item-not-found");
    };
    if body.contains("type='terminate'") || body.contains("type=\"terminate\"") {
        lock(&sim.0.sessions).0.remove(sid);
        return sim.xml(&json!({"step": "ended"}));
    }
    if !body.contains("<auth") {
        return sim.xml(&json!({"step": "idle"}));
    }
    if !body.contains("ANONYMOUS") {
        return sim.xml(&json!({"step": "failure", "condition": "invalid-mechanism", "text": null}));
    }
    match sim.login(token.as_deref()).await {
        Ok(_) => sim.xml(&json!({"step": "success"})),
        Err(Refusal::NoAnswer(_)) => sim.xml(&json!({"step": "idle"})),
        Err(refusal) => {
            let values =
                json!({"step": "failure", "condition": "not-authorized", "text": refusal.to_string()});
            sim.xml(&values)
        }
    }
}

/// The token from the query, or from a bearer header.
fn token_of(request: &HttpRequest) -> Option<String> {
    let mut pairs = url::form_urlencoded::parse(request.query_string().as_bytes());
    let from_query = pairs.find(|(name, _)| name == "token").map(|(_, token)| token.into_owned());
    let header = request.headers().get("authorization").and_then(|value| value.to_str().ok());
    from_query.or_else(|| header?.strip_prefix("Bearer ").map(str::to_owned))
}

/// An attribute of the outermost element.
///
/// Quirk: no XML reader, because requests are one element with plain attributes.
fn attribute<'a>(body: &'a str, name: &str) -> Option<&'a str> {
    let element = body.trim_start().split('>').next()?;
    let start = element.find(&format!(" {name}="))? + name.len() + 2;
    let quote = element.get(start..)?.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
    element.get(start + 1..)?.split(quote).next()
}
