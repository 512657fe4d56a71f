//! The least of BOSH (XEP-0124) that proves a token and shows a role: open a session, log in anonymously, come into a
//! room.

use std::collections::{HashMap, VecDeque};

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, Bytes, Data};
use serde_json::{Value, json};

use super::rules::TokenRefusal;
use super::{JitsiSim, SimKind, lock};

const MAX_SESSIONS: usize = 1000;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/http-bind", web::get().to(hello))
        .route("/http-bind", web::post().to(talk))
        .route("/conference-request/v1", web::post().to(open_room));
}

/// Open sessions and rooms.
#[derive(Default)]
pub(super) struct BoshSessions {
    /// The sessions, by their `sid`.
    open: HashMap<String, XmppSession>,
    /// How many people are in each room that Jicofo opened.
    rooms: HashMap<String, usize>,
}

/// A session.
#[derive(Clone, Default)]
struct XmppSession {
    /// The token that it began with.
    token: Option<String>,
    /// Presences that were not delivered yet.
    undelivered: VecDeque<Presence>,
}

/// A presence in a room.
#[derive(Clone)]
struct Presence {
    /// The room and the nick.
    occupant: String,
    role: &'static str,
}

#[derive(serde::Deserialize)]
struct ConferenceRequest {
    room: String,
}

/// Opens the room, as Jicofo does.
async fn open_room(sim: Data<JitsiSim>, asked: web::Json<ConferenceRequest>) -> HttpResponse {
    lock(&sim.0.sessions).rooms.entry(asked.room.clone()).or_insert(0);
    HttpResponse::Ok().json(json!({"ready": true, "focusJid": format!("focus@auth.{}", sim.domain())}))
}

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

    /// Lets somebody into a room, given as `ROOM@MUC/NICK`.
    async fn enter(&self, sid: &str, occupant: &str, token: Option<&str>) {
        let address = occupant.split('/').next().unwrap_or_default();
        let room = address.split('@').next().unwrap_or_default();
        let verified = self.verify(token, room).await;
        let (elects, reads) = match &self.0.settings.kind {
            SimKind::Token(server) => (server.elects_first, server.reads_roles),
            SimKind::Open => (true, false),
            SimKind::Jaas(_) => (false, true),
        };
        let mut sessions = lock(&self.0.sessions);
        let BoshSessions { open, rooms } = &mut *sessions;
        let (Some(session), Some(people)) = (open.get_mut(sid), rooms.get_mut(address)) else { return };
        let mut deliver =
            |role| session.undelivered.push_back(Presence { occupant: occupant.to_owned(), role });
        let Ok(verified) = verified else { return deliver("none") };
        *people += 1;
        let is_moderator = reads && verified.moderator;
        deliver(if is_moderator { "moderator" } else { "participant" });
        if elects && *people == 1 {
            deliver("moderator");
        }
    }

    fn begin(&self, request: &HttpRequest, body: &str) -> HttpResponse {
        if attribute(body, "to") != Some(&self.domain()) {
            return self.terminate("host-unknown");
        }
        let sid = self.0.random.secret();
        let mut sessions = lock(&self.0.sessions);
        if sessions.open.len() >= MAX_SESSIONS {
            sessions.open.clear();
        }
        sessions
            .open
            .insert(sid.clone(), XmppSession { token: token_of(request), undelivered: VecDeque::new() });
        self.xml(&json!({"step": "begin", "sid": sid, "domain": self.domain()}))
    }
}

async fn talk(sim: Data<JitsiSim>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let body = String::from_utf8_lossy(&body);
    if !body.trim_start().starts_with("<body") {
        return sim.terminate("bad-request");
    }
    let Some(sid) = attribute(&body, "sid") else { return sim.begin(&request, &body) };
    let Some(XmppSession { token, .. }) = lock(&sim.0.sessions).open.get(sid).cloned() else {
        return sim.terminate("item-not-found");
    };
    if body.contains("type='terminate'") || body.contains("type=\"terminate\"") {
        lock(&sim.0.sessions).open.remove(sid);
        return sim.xml(&json!({"step": "ended"}));
    }
    if let Some(occupant) = body.split_once("<presence").and_then(|(_, rest)| attribute_in(rest, "to")) {
        sim.enter(sid, occupant, token.as_deref()).await;
    }
    if !body.contains("<auth") {
        let next =
            lock(&sim.0.sessions).open.get_mut(sid).and_then(|session| session.undelivered.pop_front());
        return match next {
            Some(Presence { occupant, role }) => {
                sim.xml(&json!({"step": "presence", "place": occupant, "role": role}))
            }
            None => sim.xml(&json!({"step": "idle"})),
        };
    }
    if !body.contains("ANONYMOUS") {
        return sim.xml(&json!({"step": "failure", "condition": "invalid-mechanism", "text": null}));
    }
    match sim.login(token.as_deref()).await {
        Ok(_) => sim.xml(&json!({"step": "success"})),
        Err(TokenRefusal::NoAnswer(_)) => sim.xml(&json!({"step": "idle"})),
        Err(refusal) => {
            let values =
                json!({"step": "failure", "condition": "not-authorized", "text": refusal.to_string()});
            sim.xml(&values)
        }
    }
}

/// Returns the token from the query, or from a bearer header.
fn token_of(request: &HttpRequest) -> Option<String> {
    let mut pairs = url::form_urlencoded::parse(request.query_string().as_bytes());
    let from_query = pairs.find(|(name, _)| name == "token").map(|(_, token)| token.into_owned());
    let header = request.headers().get("authorization").and_then(|value| value.to_str().ok());
    from_query.or_else(|| header?.strip_prefix("Bearer ").map(str::to_owned))
}

/// Returns an attribute of the outermost element.
fn attribute<'a>(body: &'a str, name: &str) -> Option<&'a str> {
    attribute_in(body.trim_start(), name)
}

/// Returns an attribute of the first element.
///
/// Quirk: no XML reader, because requests are one or two elements with plain attributes.
fn attribute_in<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let element = text.split('>').next()?;
    let start = element.find(&format!(" {name}="))? + name.len() + 2;
    let quote = element.get(start..)?.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
    element.get(start + 1..)?.split(quote).next()
}
