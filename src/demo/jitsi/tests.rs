//! Tokens that Prosody lets in, and those it does not.

use std::sync::Arc;

use openssl::hash::MessageDigest;
use serde_json::{Value, json};

use super::*;
use crate::clock::{FakeClock, Timestamp};
use crate::demo::jws::{KeyPair, SignWith, sign};

const NOW: i64 = 1_795_341_697;

fn sim(kind: SimKind) -> JitsiSim {
    let settings = JitsiSettings { origin: "http://127.0.0.1:8082".into(), kind };
    JitsiSim::new(settings, Arc::new(FakeClock::new(Timestamp::from_secs(NOW)))).unwrap()
}

fn server() -> JitsiSim {
    sim(SimKind::Token(TokenServer::new("app", SimKeys::Secret("secret".into()), "meet.lab")))
}

fn good() -> Value {
    json!({
        "iss": "app", "aud": "jitsi", "sub": "meet.lab", "room": "algebra", "exp": NOW + 60, "nbf": NOW - 60,
        "context": {"user": {"id": "u1", "name": "Ann", "moderator": true}, "features": {"recording": true}},
    })
}

fn hs(header: &Value, payload: &Value) -> String {
    sign(header, &payload.to_string(), &SignWith::Hmac(b"secret", MessageDigest::sha256())).unwrap()
}

fn jwt() -> Value {
    json!({"alg": "HS256", "typ": "JWT"})
}

async fn verdict(payload: &Value, room: &str) -> String {
    match server().verify(Some(&hs(&jwt(), payload)), room).await {
        Ok(_) => "in".to_owned(),
        Err(refusal) => refusal.to_string(),
    }
}

#[actix_web::test]
async fn a_good_token_is_let_in_and_read() {
    let verified = server().verify(Some(&hs(&jwt(), &good())), "algebra").await.unwrap();
    assert!(verified.moderator);
    assert_eq!(verified.user_id.as_deref(), Some("u1"));
    assert_eq!(verified.features.get("recording"), Some(&true));
    assert!(verified.complaints.is_empty());
}

#[actix_web::test]
async fn each_claim_decides_as_on_prosody() {
    for (name, value, expected) in [
        ("iss", json!(null), "'iss' claim is missing"),
        ("iss", json!("other"), "invalid 'iss' claim"),
        ("aud", json!(null), "'aud' claim is missing"),
        ("aud", json!("other"), "invalid 'aud' claim"),
        ("aud", json!(["jitsi"]), "invalid 'aud' claim"),
        ("sub", json!(null), "sub claim is missing"),
        ("sub", json!("other.lab"), "Room and token mismatched"),
        ("sub", json!("MEET.lab"), "in"),
        ("sub", json!("*"), "in"),
        ("room", json!(null), "room claim is missing"),
        ("room", json!("geometry"), "Room and token mismatched"),
        ("room", json!("Algebra"), "in"),
        ("room", json!(7), "Room and token mismatched"),
        ("room", json!("*"), "in"),
        ("exp", json!(null), "in"),
        ("exp", json!(NOW), "Not acceptable by exp (0 sec since expired)"),
        ("exp", json!(NOW - 9), "Not acceptable by exp (9 sec since expired)"),
        ("exp", json!((NOW + 60).to_string()), "Not acceptable by exp"),
        ("nbf", json!(NOW + 1), "Not acceptable by nbf"),
        ("nbf", json!(NOW), "in"),
        ("iat", json!(NOW + 3600), "in"),
    ] {
        let mut payload = good();
        payload[name] = value.clone();
        assert_eq!(verdict(&payload, "algebra").await, expected, "{name} = {value}");
    }
}

#[actix_web::test]
async fn header_and_signature_decide_as_on_prosody() {
    let payload = good();
    let sha256 = MessageDigest::sha256();
    let wrong = sign(&jwt(), &payload.to_string(), &SignWith::Hmac(b"guess", sha256)).unwrap();
    let none = sign(&json!({"alg": "none", "typ": "JWT"}), &payload.to_string(), &SignWith::Nothing).unwrap();
    let long = json!({"iss": "app", "x": "y".repeat(9000)});
    for (token, expected) in [
        (Some(wrong), "Invalid signature"),
        (Some(none), "Invalid or incorrect alg"),
        (Some(hs(&json!({"alg": "HS512", "typ": "JWT"}), &payload)), "Invalid or incorrect alg"),
        (Some(hs(&json!({"alg": "HS256"}), &payload)), "Invalid typ"),
        (Some(hs(&json!({"alg": "HS256", "typ": "jwt"}), &payload)), "Invalid typ"),
        (Some("nonsense".to_owned()), "Invalid token"),
        (Some(String::new()), "token required"),
        (None, "token required"),
    ] {
        let refusal = server().verify(token.as_deref(), "algebra").await.unwrap_err();
        assert_eq!(refusal, TokenRefusal::Login(expected.to_owned()));
    }
    let refusal = server().verify(Some(&hs(&jwt(), &long)), "algebra").await.unwrap_err();
    assert!(matches!(refusal, TokenRefusal::NoAnswer(_)));
}

#[actix_web::test]
async fn a_room_of_a_tenant_wants_the_tenant_as_subject() {
    let mut payload = good();
    assert_eq!(verdict(&payload, "school/algebra").await, "Room and token mismatched");
    payload["sub"] = json!("School");
    assert_eq!(verdict(&payload, "school/algebra").await, "in");
}

#[actix_web::test]
async fn roles_and_features_follow_the_token() {
    for (user, moderator) in [
        (json!({"moderator": true}), true),
        (json!({"moderator": "true"}), true),
        (json!({"moderator": 1}), false),
        (json!({"moderator": "True"}), false),
        (json!({"affiliation": "owner"}), true),
        (json!({"affiliation": "teacher"}), true),
        (json!({"affiliation": "member"}), false),
        (json!({"affiliation": "member", "moderator": true}), true),
    ] {
        let mut payload = good();
        payload["context"] = json!({"user": user});
        let verified = server().verify(Some(&hs(&jwt(), &payload)), "algebra").await.unwrap();
        assert_eq!(verified.moderator, moderator, "{user}");
        assert_eq!(verified.features.get("recording"), Some(&moderator), "{user}");
    }
    let mut payload = good();
    payload["context"]["features"] = json!({"livestreaming": true, "flying": "yes"});
    let verified = server().verify(Some(&hs(&jwt(), &payload)), "algebra").await.unwrap();
    assert_eq!(verified.features.get("recording"), None);
    assert_eq!(verified.complaints.len(), 2);
}

#[actix_web::test]
async fn jaas_wants_its_key_name_and_features() {
    let pair = KeyPair::generate().unwrap();
    let kid = "vpaas-magic-cookie-1/abc123";
    let tenant = JaasTenant {
        app_id: "vpaas-magic-cookie-1".into(),
        kid: kid.into(),
        public_pem: String::from_utf8(pair.public_pem().unwrap()).unwrap(),
    };
    let server = sim(SimKind::Jaas(tenant));
    let rs = |kid: &str, payload: &Value| {
        let header = json!({"alg": "RS256", "typ": "JWT", "kid": kid});
        sign(&header, &payload.to_string(), &SignWith::Rsa(pair.private(), MessageDigest::sha256())).unwrap()
    };
    let mut payload = good();
    (payload["iss"], payload["sub"]) = (json!("chat"), json!("vpaas-magic-cookie-1"));
    let room = "vpaas-magic-cookie-1/algebra";
    assert!(server.verify(Some(&rs(kid, &payload)), room).await.is_ok());
    assert!(server.verify(Some(&rs("vpaas-magic-cookie-1/other", &payload)), room).await.is_err());
    payload["context"]["features"] = json!(null);
    assert!(server.verify(Some(&rs(kid, &payload)), room).await.is_err());
}

/// Mounts the server.
fn running(sim: &JitsiSim) -> String {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let routes = sim.routes();
    let server = actix_web::HttpServer::new(move || actix_web::App::new().configure(routes.clone()));
    actix_web::rt::spawn(server.workers(1).listen(listener).unwrap().run());
    origin
}

async fn answer_of(request: reqwest::RequestBuilder) -> (u16, String) {
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[actix_web::test]
async fn a_bosh_login_tells_good_tokens_from_bad_ones() {
    let sim = server();
    let url = format!("{}/http-bind?room=algebra", running(&sim));
    let http = reqwest::Client::builder().build().unwrap();
    assert!(answer_of(http.get(&url)).await.1.contains("BOSH"));
    let bad = sign(&jwt(), &good().to_string(), &SignWith::Hmac(b"guess", MessageDigest::sha256())).unwrap();
    for (token, expected) in [
        (Some(hs(&jwt(), &good())), "<success"),
        (Some(bad), "<not-authorized/><text>Invalid signature</text>"),
        (None, "<not-authorized/><text>token required</text>"),
    ] {
        let url = token.map_or(url.clone(), |token| format!("{url}&token={token}"));
        let begin = "<body rid='1' to='meet.lab' ver='1.6' xmlns='http://jabber.org/protocol/httpbind'/>";
        let (_, opened) = answer_of(http.post(&url).body(begin)).await;
        assert!(opened.contains("<mechanism>ANONYMOUS</mechanism>"), "{opened}");
        let sid = opened.split("sid=\"").nth(1).unwrap().split('"').next().unwrap();
        let auth = format!("<body rid='2' sid='{sid}'><auth mechanism='ANONYMOUS'/></body>");
        let (_, answer) = answer_of(http.post(&url).body(auth)).await;
        assert!(answer.contains(expected), "{answer}");
    }
    let stranger = "<body rid='1' to='other.lab'/>";
    assert!(answer_of(http.post(&url).body(stranger)).await.1.contains("host-unknown"));
}

#[actix_web::test]
async fn people_come_stay_and_go() {
    let sim = server();
    let origin = running(&sim);
    let http = reqwest::Client::builder().build().unwrap();
    for (path, text) in [
        ("/", "Simulated Jitsi"),
        ("/Algebra", "data-room=\"algebra\""),
        ("/school/algebra", "data-room=\"school&#x2f;algebra\""),
        ("/config.js", "\"conference.meet.lab\""),
        ("/external_api.js", "JitsiMeetExternalAPI"),
    ] {
        let (status, body) = answer_of(http.get(format!("{origin}{path}"))).await;
        assert_eq!(status, 200, "{path}: {body}");
        assert!(body.contains(text), "{path}: {body}");
    }
    let join = |token: &str| {
        let body = json!({"room": "Algebra", "token": token, "ignoredConfig": ["prejoinPageEnabled"]});
        http.post(format!("{origin}/sim/join"))
            .header("content-type", "application/json")
            .body(body.to_string())
    };
    let (status, told) = answer_of(join("nonsense")).await;
    assert_eq!(status, 403);
    assert!(told.contains("connection.passwordRequired") && told.contains("Invalid token"), "{told}");
    let (status, told) = answer_of(join(&hs(&jwt(), &good()))).await;
    assert_eq!(status, 200, "{told}");
    let told: Value = serde_json::from_str(&told).unwrap();
    let present = sim.occupants("algebra");
    assert!(present[0].moderator && present[0].ignored_config == ["prejoinPageEnabled"]);
    let key = told["key"].as_str().unwrap();
    assert_eq!(answer_of(http.get(format!("{origin}/sim/state?key={key}"))).await.0, 200);
    answer_of(http.post(format!("{origin}/sim/leave")).body(json!({"key": key}).to_string())).await;
    assert!(sim.occupants("algebra").is_empty());
    let events: Vec<_> = sim.log().into_iter().map(|entry| entry.event).collect();
    assert_eq!(events, [RoomEvent::Refused, RoomEvent::Joined, RoomEvent::Left]);
}

#[actix_web::test]
async fn on_an_open_server_the_first_one_in_is_the_moderator() {
    let sim = sim(SimKind::Open);
    let origin = running(&sim);
    let http = reqwest::Client::builder().build().unwrap();
    for name in ["Ann", "Ben"] {
        let body = json!({"room": "algebra", "displayName": name}).to_string();
        let url = format!("{origin}/sim/join");
        answer_of(http.post(url).header("content-type", "application/json").body(body)).await;
    }
    let roles: Vec<_> = sim.occupants("algebra").iter().map(|one| one.moderator).collect();
    assert_eq!(roles.iter().filter(|moderator| **moderator).count(), 1);
}

/// A simulator of one class.
#[derive(Default)]
struct Once(Mutex<Option<String>>);

impl ClassSimulator for Once {
    fn start(&self, room: &str) -> Result<(), String> {
        match lock(&self.0).replace(room.to_owned()) {
            None => Ok(()),
            Some(_) => Err("They were here.".to_owned()),
        }
    }

    fn progress(&self, room: &str) -> Option<ClassProgress> {
        let is_running = lock(&self.0).as_deref() == Some(room);
        is_running.then_some(ClassProgress::Running { minute: 12, minutes: 45 })
    }
}

#[actix_web::test]
async fn a_page_in_the_room_may_call_for_people() {
    let sim = sim(SimKind::Open);
    let origin = running(&sim);
    let http = reqwest::Client::builder().build().unwrap();
    let page = async || answer_of(http.get(format!("{origin}/algebra"))).await.1;
    assert!(!page().await.contains("Simulate a class"));
    sim.enable_simulated_classes(Arc::new(Once::default()));
    assert!(page().await.contains("Simulate a class"));
    let post = |path: &str, body: Value| {
        let post = http.post(format!("{origin}{path}")).header("content-type", "application/json");
        post.body(body.to_string())
    };
    let (_, told) = answer_of(post("/sim/join", json!({"room": "algebra", "displayName": "Ann"}))).await;
    let told: Value = serde_json::from_str(&told).unwrap();
    let key = json!({"key": told["key"]});
    assert_eq!(answer_of(post("/sim/class", json!({"key": "guess"}))).await.0, 403);
    let foreign = post("/sim/class", key.clone()).header("sec-fetch-site", "cross-site");
    assert_eq!(answer_of(foreign).await.0, 403);
    let progress = r#""class":{"phase":"running","minute":12,"minutes":45}"#;
    let (status, told) = answer_of(post("/sim/class", key.clone())).await;
    assert!(status == 202 && told.contains(progress), "{told}");
    assert_eq!(
        answer_of(post("/sim/class", key.clone())).await,
        (409, r#"{"message":"They were here."}"#.to_owned())
    );
    let (_, state) =
        answer_of(http.get(format!("{origin}/sim/state?key={}", key["key"].as_str().unwrap()))).await;
    assert!(state.contains(progress), "{state}");
}
