//! A Jitsi server as docker sets it up: jicofo is asked over BOSH alone, and a name in a room is checked.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use actix_web::web::{Bytes, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, web};
use jitsi_lti::clock::SystemClock;
use jitsi_lti::demo::jitsi::{JitsiSettings, JitsiSim, SimKeys, SimKind, TokenServer};

use crate::support::{Shell, Site};

const SECRET: &str = "the app_secret of a server in containers";
const NODE: &str = "9f2c41d0-6f2e-4a53-9d1b-1f0a3c5e7b90";
const CONFIG: &str = "config.hosts = {};\nconfig.hosts.domain = 'meet.jitsi';\nvar subdomain = '';\n\
                      config.hosts.muc = 'muc.' + subdomain + 'meet.jitsi';";

/// What differs from server to server.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Jicofo {
    OpensRooms,
    Refuses,
}

struct Docker {
    /// Knows tokens by their signature, and by all they say.
    login: JitsiSim,
    join: JitsiSim,
    jicofo: Jicofo,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The tokens of the sessions.
    tokens: HashMap<String, Option<String>>,
    /// What sessions hear at their next question.
    untold: HashMap<String, String>,
    rooms: HashSet<String>,
}

fn docker(jicofo: Jicofo) -> Site {
    let (place, origin) = Site::place();
    let sim = |domain: Option<&str>| {
        let keys = SimKeys::Secret(SECRET.to_owned());
        let mut server = TokenServer::new("campus", keys, "meet.jitsi");
        server.domain = domain.map(str::to_owned);
        let settings = JitsiSettings { origin: origin.clone(), kind: SimKind::Token(server) };
        JitsiSim::new(settings, Arc::new(SystemClock)).unwrap()
    };
    let (login, join) = (sim(None), sim(Some("meet.jitsi")));
    let docker = Arc::new(Docker { login, join, jicofo, state: Mutex::default() });
    Site::serve(place, move |table: &mut ServiceConfig| {
        let docker = Arc::clone(&docker);
        table
            .route("/external_api.js", web::get().to(async || "class JitsiMeetExternalAPI {}"))
            .route("/config.js", web::get().to(async || CONFIG))
            .route("/conference-request/v1", web::post().to(HttpResponse::MethodNotAllowed))
            .route(
                "/http-bind",
                web::post().to(move |request: HttpRequest, body: Bytes| {
                    let docker = Arc::clone(&docker);
                    async move { docker.answers(&request, &String::from_utf8_lossy(&body)).await }
                }),
            );
    })
}

impl Docker {
    async fn answers(&self, request: &HttpRequest, body: &str) -> String {
        let query: HashMap<String, String> =
            url::form_urlencoded::parse(request.query_string().as_bytes()).into_owned().collect();
        let Some(sid) = between(body, "sid='", "'") else {
            let mut state = self.state.lock().unwrap();
            let sid = format!("s{}", state.tokens.len());
            state.tokens.insert(sid.clone(), query.get("token").cloned());
            return format!("<body sid='{sid}' from='meet.jitsi'/>");
        };
        let token = self.state.lock().unwrap().tokens[sid].clone();
        let room = &query["room"];
        let stanza = if body.contains("<auth") {
            match self.login.verify(token.as_deref(), room).await {
                Ok(_) => "<success/>".to_owned(),
                Err(why) => format!("<failure><not-authorized/><text>{why}</text></failure>"),
            }
        } else if body.contains("id='bind'") {
            format!("<iq id='bind' type='result'><bind><jid>{NODE}@meet.jitsi/x</jid></bind></iq>")
        } else if body.contains("to='focus.meet.jitsi'") {
            // Jicofo takes its time: the answer comes with the next question.
            let answer = match self.jicofo {
                Jicofo::OpensRooms => "type='result'><conference ready='true'/></iq>",
                Jicofo::Refuses => "type='error'><error type='auth'><not-authorized/></error></iq>",
            };
            let mut state = self.state.lock().unwrap();
            state.rooms.insert(between(body, "room='", "'").unwrap().to_owned());
            state.untold.insert(sid.to_owned(), format!("<iq id='focus' {answer}"));
            String::new()
        } else if let Some(place) = between(body, "<presence to='", "'") {
            self.comes_in(place, token.as_deref()).await
        } else {
            self.state.lock().unwrap().untold.remove(sid).unwrap_or_default()
        };
        format!("<body>{stanza}</body>")
    }

    async fn comes_in(&self, place: &str, token: Option<&str>) -> String {
        let (address, nick) = place.split_once('/').unwrap();
        let refused = |words: &str| {
            format!("<presence type='error'><error><not-allowed/><text>{words}</text></error></presence>")
        };
        if nick != &NODE[..8] {
            return refused("Invalid resource");
        }
        if !self.state.lock().unwrap().rooms.contains(address) {
            return refused("Room creation is restricted");
        }
        match self.join.verify(token, address.split('@').next().unwrap()).await {
            Ok(verified) => {
                let role = if verified.moderator { "moderator" } else { "participant" };
                format!(
                    "<presence from='{place}'><x><item role='{role}'/><status code='110'/></x></presence>"
                )
            }
            Err(_) => refused("Room and token mismatched"),
        }
    }
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    text.split_once(before)?.1.split_once(after).map(|(value, _)| value)
}

// The server runs in a thread of its own, so a command that is waited for may ask it.
#[test]
fn a_server_in_containers_is_tested_as_its_web_client_enters_it() {
    let shell = Shell::new();
    let (good, silent) = (docker(Jicofo::OpensRooms), docker(Jicofo::Refuses));
    let secret = shell.file("app_secret", SECRET);
    let add = |name: &str, site: &Site, subject: &[&str]| {
        let common = ["server", "add", "--name", name, "--kind", "self-hosted", "--domain", &site.origin];
        let token = ["--app-id", "campus", "--secret-file", &secret];
        shell.does(&[&common[..], &token, subject].concat())
    };
    add("right", &good, &["--subject", "meet.jitsi"]);
    add("astray", &good, &[]);
    add("silent", &silent, &["--subject", "meet.jitsi"]);
    let output = shell.does(&["server", "test", "right"]);
    assert!(output.contains("ok      Only teachers moderate"), "{output}");
    let rows = [
        ("astray", "FAILED  Nobody gets into a room (not-allowed: Room and token mismatched)"),
        ("silent", "FAILED  Jicofo opens no room (not-authorized)"),
    ];
    for (name, words) in rows {
        let output = shell.fails(&["server", "test", name], "1 check(s) failed");
        assert!(output.out.contains(words), "{name}: {}", output.out);
    }
}
