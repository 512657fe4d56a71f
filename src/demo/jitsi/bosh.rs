//! The least of BOSH (XEP-0124) that proves a token and shows a role: open a session, log in anonymously, ask jicofo
//! for a room, come in. It answers as Prosody with Jitsi's modules does, and takes nothing that Prosody would not.

use std::collections::HashMap;

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, Bytes, Data};
use serde_json::{Value, json};

use super::behaviour::{Behaviour, Focus, Lobby};
use super::rules::{Refusal, VerifiedToken};
use super::stanzas::{Request, Stanza};
use super::{JitsiSim, SimKind, lock};

const MOST_SESSIONS: usize = 1000;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config.route("/http-bind", web::get().to(hello)).route("/http-bind", web::post().to(talk));
}

/// Open sessions, and rooms by their address.
#[derive(Default)]
pub(super) struct Sessions {
    open: HashMap<String, Session>,
    rooms: HashMap<String, Room>,
}

/// A session.
#[derive(Clone, Default)]
struct Session {
    /// The token that it began with.
    token: Option<String>,
    rid: u64,
    is_logged_in: bool,
    has_restarted: bool,
    /// The node of its address: what comes before the `@`.
    node: Option<String>,
    /// What it was not told yet.
    untold: Vec<Value>,
}

/// A room that jicofo was asked for.
#[derive(Default)]
struct Room {
    /// How often jicofo was asked.
    asked: usize,
    /// How many came.
    people: usize,
    has_teacher: bool,
}

async fn hello(sim: Data<JitsiSim>) -> HttpResponse {
    sim.0.pages.page(StatusCode::OK, "demo/bosh.html", "default-src 'none'", &json!({}))
}

async fn talk(sim: Data<JitsiSim>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let body = String::from_utf8_lossy(&body);
    let Some(told) = Request::read(&body) else { return sim.terminate("bad-request") };
    let Some(sid) = told.attribute("sid") else { return sim.begin(&request, &told) };
    let session = {
        let mut sessions = lock(&sim.0.sessions);
        let Some(session) = sessions.open.get_mut(sid) else { return sim.terminate("item-not-found") };
        if told.rid() != Some(session.rid + 1) {
            return sim.terminate("item-not-found");
        }
        session.rid += 1;
        session.clone()
    };
    let Some(stanza) = told.stanza() else { return sim.terminate("bad-request") };
    match stanza {
        Stanza::End => {
            lock(&sim.0.sessions).open.remove(sid);
            sim.xml(&json!({"step": "ended"}))
        }
        Stanza::Auth { mechanism } => sim.log_in(sid, &session, mechanism).await,
        Stanza::Restart if session.is_logged_in => {
            lock(&sim.0.sessions).change(sid, |session| session.has_restarted = true);
            sim.xml(&json!({"step": "features"}))
        }
        Stanza::Bind { id } if session.has_restarted => {
            let (node, resource) = (uuid(sim.0.random.bytes()), sim.0.random.letters_and_digits(12));
            lock(&sim.0.sessions).change(sid, |session| session.node = Some(node.clone()));
            let jid = format!("{node}@{}/{resource}", sim.domain());
            sim.xml(&json!({"step": "bound", "id": id, "jid": jid}))
        }
        Stanza::Conference { id, to, room } if session.node.is_some() => sim.open_room(sid, id, (to, room)),
        Stanza::Join { to } if session.node.is_some() => {
            sim.come_in(sid, &session, to).await;
            sim.tell(sid)
        }
        Stanza::Nothing => sim.tell(sid),
        Stanza::Restart | Stanza::Bind { .. } | Stanza::Conference { .. } | Stanza::Join { .. } => {
            sim.terminate("not-authorized")
        }
    }
}

impl Sessions {
    fn change(&mut self, sid: &str, change: impl FnOnce(&mut Session)) {
        if let Some(session) = self.open.get_mut(sid) {
            change(session);
        }
    }
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

    /// What the session was not told yet, one at a time.
    fn tell(&self, sid: &str) -> HttpResponse {
        let untold = {
            let mut sessions = lock(&self.0.sessions);
            let session = sessions.open.get_mut(sid).filter(|session| !session.untold.is_empty());
            session.map(|session| session.untold.remove(0))
        };
        self.xml(&untold.unwrap_or_else(|| json!({"step": "idle"})))
    }

    /// How the server behaves.
    pub(super) fn behaviour(&self) -> Behaviour {
        match &self.0.settings.kind {
            SimKind::Token(server) => server.behaviour.clone(),
            SimKind::Open | SimKind::Jaas(_) => Behaviour::default(),
        }
    }

    /// Where the rooms are.
    pub(super) fn rooms_domain(&self) -> String {
        format!("{}.{}", self.behaviour().rooms_prefix, self.domain())
    }

    /// Quirk: Prosody calls a domain that it doesn't have `improper-addressing`.
    fn begin(&self, request: &HttpRequest, told: &Request<'_>) -> HttpResponse {
        if told.attribute("to") != Some(&self.domain()) {
            return self.terminate("improper-addressing");
        }
        let Some(rid) = told.rid() else { return self.terminate("bad-request") };
        let sid = self.0.random.secret();
        let mut sessions = lock(&self.0.sessions);
        if sessions.open.len() >= MOST_SESSIONS {
            sessions.open.clear();
        }
        sessions.open.insert(sid.clone(), Session { token: token_of(request), rid, ..Session::default() });
        let offers_login = self.behaviour().module_loads;
        self.xml(&json!({"step": "begin", "sid": sid, "domain": self.domain(), "offers_login": offers_login}))
    }

    async fn log_in(&self, sid: &str, session: &Session, mechanism: &str) -> HttpResponse {
        let refuse = |condition: &str, text: Option<&str>| {
            self.xml(&json!({"step": "failure", "condition": condition, "text": text}))
        };
        let behaviour = self.behaviour();
        if mechanism != "ANONYMOUS" || !behaviour.module_loads {
            return refuse("invalid-mechanism", None);
        }
        let login = match &session.token {
            None if behaviour.takes_empty_tokens => Ok(None),
            token => self.login(token.as_deref()).await,
        };
        match login {
            Ok(_) => {
                lock(&self.0.sessions).change(sid, |session| session.is_logged_in = true);
                self.xml(&json!({"step": "success"}))
            }
            Err(Refusal::NoAnswer(_)) => self.xml(&json!({"step": "idle"})),
            Err(refusal) => refuse("not-allowed", Some(&refusal.to_string())),
        }
    }

    fn open_room(&self, sid: &str, id: &str, (to, room): (&str, &str)) -> HttpResponse {
        let refuse =
            |condition: &str| self.xml(&json!({"step": "refused", "id": id, "condition": condition}));
        let muc = self.rooms_domain();
        let is_ours = to == format!("focus.{}", self.domain());
        let is_room = room.split_once('@').is_some_and(|(name, at)| {
            at == muc && !name.is_empty() && !name.contains(|letter: char| letter.is_ascii_uppercase())
        });
        let is_ready = match self.behaviour().focus {
            _ if !is_ours => return refuse("not-allowed"),
            _ if !is_room => return refuse("bad-request"),
            Focus::Down => return refuse("service-unavailable"),
            Focus::Silent => return self.tell(sid),
            Focus::WantsLogin => return refuse("not-authorized"),
            Focus::Ready => true,
            Focus::ReadyLater => lock(&self.0.sessions).rooms.get(room).is_some_and(|room| room.asked > 0),
        };
        lock(&self.0.sessions).rooms.entry(room.to_owned()).or_default().asked += 1;
        self.xml(&json!({"step": "conference", "id": id, "room": room, "ready": is_ready, "domain": self.domain()}))
    }

    /// Somebody comes into a room, given as `ROOM@MUC/NICK`.
    async fn come_in(&self, sid: &str, session: &Session, place: &str) {
        let told = match self.enter(session, place).await {
            Ok(roles) => roles
                .into_iter()
                .map(|role| json!({"step": "presence", "place": place, "role": role}))
                .collect(),
            Err((condition, text, own)) => vec![
                json!({"step": "kept-out", "place": place, "condition": condition, "text": text, "own": own}),
            ],
        };
        lock(&self.0.sessions).change(sid, |session| session.untold.extend(told));
    }

    /// The roles that somebody gets, one after the other; or the condition, the words and Jitsi's own condition.
    async fn enter(
        &self,
        session: &Session,
        place: &str,
    ) -> Result<Vec<&'static str>, (&'static str, String, &'static str)> {
        let (address, nick) = place.split_once('/').unwrap_or((place, ""));
        let name = address.split('@').next().unwrap_or_default();
        let behaviour = self.behaviour();
        let is_open = lock(&self.0.sessions).rooms.contains_key(address);
        let verified = self.check_room(session, &behaviour, (name, is_open)).await?;
        let node = session.node.as_deref().unwrap_or_default();
        if nick.is_empty() || node.get(..8) != Some(nick) {
            return Err(("not-allowed", "Invalid anonymous user ID".to_owned(), ""));
        }
        let (elects, reads) = match &self.0.settings.kind {
            SimKind::Token(server) => (server.elects_first, server.reads_roles),
            SimKind::Open => (true, false),
            SimKind::Jaas(_) => (false, true),
        };
        let mut sessions = lock(&self.0.sessions);
        let Some(room) = sessions.rooms.get_mut(address) else {
            return Err(("not-allowed", "Room creation is restricted".to_owned(), ""));
        };
        if behaviour.learners_wait && !verified.moderator && !room.has_teacher {
            return Err(("not-allowed", String::new(), ""));
        }
        let passes = match behaviour.lobby {
            Lobby::Nobody => true,
            Lobby::Learners => verified.lobby_bypass,
            Lobby::Everybody => false,
        };
        if !passes {
            return Err(("registration-required", String::new(), ""));
        }
        room.people += 1;
        room.has_teacher |= verified.moderator;
        let moderates = (reads && verified.moderator) || behaviour.everyone_moderates;
        let mut roles = vec![if moderates { "moderator" } else { "participant" }];
        if elects && room.people == 1 {
            roles.push("moderator");
        }
        Ok(roles)
    }

    /// Spec: Jitsi Meet, `mod_token_verification`: it looks for the room first.
    async fn check_room(
        &self,
        session: &Session,
        behaviour: &Behaviour,
        (name, is_open): (&str, bool),
    ) -> Result<VerifiedToken, (&'static str, String, &'static str)> {
        let login = match &session.token {
            None if behaviour.takes_empty_tokens => return Ok(VerifiedToken::default()),
            token => token.as_deref(),
        };
        if !behaviour.checks_rooms {
            return Ok(self.read(login).await);
        }
        if !is_open && !matches!(self.0.settings.kind, SimKind::Open) {
            return Err(("not-allowed", "Room does not exist".to_owned(), "room-does-not-exist"));
        }
        self.verify(login, name).await.map_err(|refusal| ("not-allowed", refusal.to_string(), ""))
    }
}

/// A random identifier as Prosody makes it.
fn uuid(bytes: [u8; 16]) -> String {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// The token from the query, or from a bearer header.
fn token_of(request: &HttpRequest) -> Option<String> {
    let mut pairs = url::form_urlencoded::parse(request.query_string().as_bytes());
    let from_query = pairs.find(|(name, _)| name == "token").map(|(_, token)| token.into_owned());
    let header = request.headers().get("authorization").and_then(|value| value.to_str().ok());
    from_query.or_else(|| header?.strip_prefix("Bearer ").map(str::to_owned))
}
