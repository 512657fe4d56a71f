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
        assert_eq!(refusal, Refusal::Login(expected.to_owned()));
    }
    let refusal = server().verify(Some(&hs(&jwt(), &long)), "algebra").await.unwrap_err();
    assert!(matches!(refusal, Refusal::NoAnswer(_)));
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
