//! The meeting page, its scripts, and the calls by which it joins, stays and leaves.

use std::time::Instant;

use actix_web::http::StatusCode;
use actix_web::web::{self, Bytes, Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::{Value, json};

use super::rooms::Occupant;
use super::rules::{TokenRefusal, features};
use super::{JitsiSim, SimKind, lock};
use crate::demo::pages::{asset, initials, is_foreign};

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/", web::get().to(welcome))
        .route("/external_api.js", web::get().to(external_api))
        .route("/{tenant}/external_api.js", web::get().to(external_api))
        .route("/config.js", web::get().to(config_js))
        .route("/sim/meeting.js", web::get().to(meeting_js))
        .route("/sim/transport.js", web::get().to(transport_js))
        .route("/sim/meeting.css", web::get().to(meeting_css))
        .route("/sim/join", web::post().to(join))
        .route("/sim/state", web::get().to(state))
        .route("/sim/leave", web::post().to(leave))
        .route("/sim/class", web::post().to(class))
        .route("/{room}", web::get().to(room))
        .route("/{tenant}/{room}", web::get().to(tenant_room));
}

async fn external_api() -> HttpResponse {
    asset("text/javascript; charset=utf-8", include_str!("../../../assets/demo/external_api.js"))
}

async fn meeting_js() -> HttpResponse {
    asset("text/javascript; charset=utf-8", include_str!("../../../assets/demo/meeting.js"))
}

async fn transport_js(sim: Data<JitsiSim>) -> HttpResponse {
    let own = include_str!("../../../assets/demo/transport.js");
    HttpResponse::Ok()
        .content_type("text/javascript; charset=utf-8")
        .body(sim.0.transport.get().cloned().unwrap_or_else(|| own.to_owned()))
}

async fn meeting_css() -> HttpResponse {
    asset("text/css; charset=utf-8", include_str!("../../../assets/demo/meeting.css"))
}

impl JitsiSim {
    fn page(&self, template: &str, values: &Value) -> HttpResponse {
        let csp = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
                   img-src 'self' http: https: data:; frame-ancestors *; base-uri 'none'; form-action 'none'";
        self.0.pages.page(StatusCode::OK, template, csp, values)
    }

    fn meeting_page(&self, room: &str) -> HttpResponse {
        let is_old = matches!(&self.0.settings.kind, SimKind::Token(server) if server.reads_query_alone);
        let reads = if is_old { "query" } else { "fragment" };
        let values = json!({"room": room, "can_simulate": self.0.simulator.get().is_some(), "reads": reads});
        self.page("demo/meeting.html", &values)
    }

    /// Returns the XMPP domain of the server.
    pub(super) fn domain(&self) -> String {
        match &self.0.settings.kind {
            SimKind::Token(server) => server.domain.clone(),
            SimKind::Jaas(tenant) => Some(format!("{}.8x8.vc", tenant.app_id)),
            SimKind::Open => None,
        }
        .unwrap_or_else(|| "meet.jitsi".to_owned())
    }
}

async fn welcome(sim: Data<JitsiSim>) -> HttpResponse {
    let kind = match &sim.0.settings.kind {
        SimKind::Token(_) => "token",
        SimKind::Open => "open",
        SimKind::Jaas(_) => "jaas",
    };
    sim.page("demo/jitsi_home.html", &json!({"kind": kind}))
}

async fn config_js(sim: Data<JitsiSim>) -> HttpResponse {
    let host = sim.0.settings.origin.split("://").last().unwrap_or_default();
    let values = json!({"domain": sim.domain(), "host": host});
    match sim.0.pages.draw("demo/config.js", &values) {
        Ok(body) => HttpResponse::Ok().content_type("text/javascript; charset=utf-8").body(body),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

async fn room(sim: Data<JitsiSim>, room: Path<String>) -> HttpResponse {
    sim.meeting_page(&room.to_lowercase())
}

async fn tenant_room(sim: Data<JitsiSim>, path: Path<(String, String)>) -> HttpResponse {
    let (tenant, room) = path.into_inner();
    sim.meeting_page(&format!("{}/{}", tenant.to_lowercase(), room.to_lowercase()))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Join {
    room: String,
    token: Option<String>,
    display_name: Option<String>,
    config: Value,
    ignored_config: Vec<String>,
    delegated: Vec<String>,
}

impl Default for Join {
    fn default() -> Self {
        Self {
            room: String::new(),
            token: None,
            display_name: None,
            config: json!({}),
            ignored_config: Vec::new(),
            delegated: Vec::new(),
        }
    }
}

async fn join(sim: Data<JitsiSim>, asked: web::Json<Join>) -> HttpResponse {
    let asked = asked.into_inner();
    let room = asked.room.to_ascii_lowercase();
    match sim.verify(asked.token.as_deref(), &room).await {
        Ok(verified) => {
            let key = sim.0.random.secret();
            let id: String = sim.0.random.bytes::<4>().iter().map(|byte| format!("{byte:02x}")).collect();
            let now = sim.0.clock.now();
            let open = matches!(sim.0.settings.kind, SimKind::Open);
            let name = verified.name.clone().or(asked.display_name).filter(|name| !name.is_empty());
            let occupant = Occupant {
                id: id.clone(),
                user_id: verified.user_id.clone(),
                name: name.unwrap_or_else(|| "Fellow Jitster".to_owned()),
                avatar: verified.avatar.clone(),
                moderator: verified.moderator,
                features: if open { features(&Value::Null, false) } else { verified.features },
                joined: now,
                config: asked.config,
                ignored_config: asked.ignored_config,
                delegated: asked.delegated,
                last_seen: Instant::now(),
            };
            let mut rooms = lock(&sim.0.rooms);
            rooms.sweep(now);
            rooms.join(key.clone(), &room, occupant);
            if open {
                rooms.elect(&room);
            }
            let occupants = shown(&rooms.occupants(&room));
            HttpResponse::Ok().json(json!({
                "key": key, "id": id, "email": verified.email,
                "complaints": verified.complaints, "occupants": occupants,
            }))
        }
        Err(refusal) => refused(&sim, &room, &refusal),
    }
}

fn refused(sim: &JitsiSim, room: &str, refusal: &TokenRefusal) -> HttpResponse {
    let (kind, name) = match refusal {
        TokenRefusal::Login(_) => ("CONNECTION", "connection.passwordRequired"),
        TokenRefusal::Join(_) => ("CONFERENCE", "conference.connectionError.notAllowed"),
        TokenRefusal::NoAnswer(_) => ("CONNECTION", "connection.otherError"),
    };
    let message = refusal.to_string();
    lock(&sim.0.rooms).refused(sim.0.clock.now(), room, message.clone());
    HttpResponse::Forbidden().json(json!({"type": kind, "name": name, "message": message}))
}

fn shown(occupants: &[Occupant]) -> Vec<Value> {
    let with_initials = |one: &Occupant| {
        json!({
            "id": one.id, "name": one.name, "initials": initials(&one.name), "avatar": one.avatar,
            "moderator": one.moderator, "features": one.features, "userId": one.user_id,
        })
    };
    occupants.iter().map(with_initials).collect()
}

#[derive(Deserialize)]
struct Seat {
    key: String,
}

async fn state(sim: Data<JitsiSim>, seat: Query<Seat>) -> HttpResponse {
    let mut rooms = lock(&sim.0.rooms);
    let Some((room, id)) = rooms.seen(&seat.key, sim.0.clock.now()) else {
        return HttpResponse::NotFound().json(json!({"name": "connection.droppedError"}));
    };
    if matches!(sim.0.settings.kind, SimKind::Open) {
        rooms.elect(&room);
    }
    let progress = sim.0.simulator.get().and_then(|simulator| simulator.progress(&room));
    let occupants = shown(&rooms.occupants(&room));
    HttpResponse::Ok().json(json!({"id": id, "occupants": occupants, "class": progress}))
}

/// Starts a simulated class in the room of the page that asks.
async fn class(sim: Data<JitsiSim>, request: HttpRequest, seat: web::Json<Seat>) -> HttpResponse {
    let room = lock(&sim.0.rooms).room_of(&seat.key);
    let (Some(room), Some(simulator), false) = (room, sim.0.simulator.get(), is_foreign(&request)) else {
        return HttpResponse::Forbidden().json(json!({"message": "Only a page in the room can do this."}));
    };
    match simulator.start(&room) {
        Ok(()) => HttpResponse::Accepted().json(json!({"class": simulator.progress(&room)})),
        Err(reason) => HttpResponse::Conflict().json(json!({"message": reason})),
    }
}

/// Takes somebody out of the room. The body may be JSON or a beacon's plain text.
async fn leave(sim: Data<JitsiSim>, _request: HttpRequest, body: Bytes) -> HttpResponse {
    if let Ok(seat) = serde_json::from_slice::<Seat>(&body) {
        lock(&sim.0.rooms).leave(&seat.key, sim.0.clock.now());
    }
    HttpResponse::NoContent().finish()
}
