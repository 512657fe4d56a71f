//! A launch and the services, as a tool sees them.

mod answers;
mod copies;
mod families;
mod faults;
mod groups;
mod lab;
mod picking;
mod registered;
mod registering;
mod reviews;

use std::sync::Arc;

use openssl::hash::MessageDigest;
use serde_json::{Value, json};

use self::lab::Lab;
use super::*;
use crate::clock::FakeClock;
use crate::demo::jws::{Parsed, public_key};

const NOW: i64 = 1_795_341_697;
const ITEMS: &str = "application/vnd.ims.lis.v2.lineitemcontainer+json";
const ITEM: &str = "application/vnd.ims.lis.v2.lineitem+json";
const MEMBERSHIPS: &str = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json";
const SCORE: &str = "application/vnd.ims.lis.v1.score+json";

/// The course of the demo.
fn algebra() -> LmsCourse {
    LmsCourse::new("101", "ALG1", "Algebra 1")
}

fn settings(issuer: &str, jwks: &str) -> LmsSettings {
    LmsSettings {
        issuer: issuer.into(),
        tools: vec![Tool { jwks_url: jwks.into(), ..Tool::at("http://127.0.0.1:8080", "tool", "1") }],
    }
}

fn lms_at(issuer: &str, jwks: &str) -> (Lms, Arc<FakeClock>) {
    let clock = Arc::new(FakeClock::new(Timestamp::from_secs(NOW)));
    (Lms::new(settings(issuer, jwks), clock.clone(), Random::seeded(1)).unwrap(), clock)
}

fn lms() -> Lms {
    lms_at("http://127.0.0.1:8081", "http://127.0.0.1:9/jwks").0
}

fn field<'a>(fields: &'a [(String, String)], name: &str) -> &'a str {
    fields.iter().find(|(one, _)| one == name).map(|(_, value)| value.as_str()).unwrap_or_default()
}

fn request(lms: &Lms, change: &[(&str, &str)]) -> Vec<(String, String)> {
    request_of(lms, &Visit::new("ana", "1"), change)
}

/// Returns the parameters with which a tool asks for authentication once that visit begins.
fn request_of(lms: &Lms, visit: &Visit, change: &[(&str, &str)]) -> Vec<(String, String)> {
    let login = lms.login_initiation(visit).unwrap();
    let mut params = vec![
        ("scope", "openid"),
        ("response_type", "id_token"),
        ("response_mode", "form_post"),
        ("prompt", "none"),
        ("client_id", "tool"),
        ("redirect_uri", "http://127.0.0.1:8080/lti/launch"),
        ("login_hint", visit.person.as_str()),
        ("lti_message_hint", field(&login.fields, "lti_message_hint")),
        ("state", "s1"),
        ("nonce", "n1"),
    ];
    for (name, value) in change {
        params.retain(|(one, _)| one != name);
        params.push((name, value));
    }
    params.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn id_token(lms: &Lms) -> String {
    match lms.authorize(&request(lms, &[])) {
        AuthAnswer::Launch { fields, .. } => field(&fields, "id_token").to_owned(),
        other => panic!("{other:?}"),
    }
}

/// Returns the claims of a visit's launch, or why the LMS doesn't allow it.
fn launched(lms: &Lms, visit: &Visit) -> Result<Value, String> {
    match lms.authorize(&request_of(lms, visit, &[])) {
        AuthAnswer::Launch { fields, .. } => Ok(Parsed::of(field(&fields, "id_token")).unwrap().payload),
        AuthAnswer::Refused { reason } => Err(reason),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_launch_says_who_where_and_as_what() {
    let lms = lms();
    let token = Parsed::of(&id_token(&lms)).unwrap();
    let key = lock(&lms.0.keys).current.clone();
    assert!(token.fits_rsa(&public_key(&key.jwk().unwrap()).unwrap(), MessageDigest::sha256()));
    assert_eq!(token.header_text("kid"), Some(key.kid()));
    assert_eq!(
        (token.text("sub"), token.text("nonce"), token.text("aud")),
        (Some("ana"), Some("n1"), Some("tool"))
    );
    assert_eq!(token.payload["exp"], json!(NOW + 60));
    assert_eq!(token.payload[claim("context")]["title"], json!("Algebra 1"));
    let endpoint = &token.payload["https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"];
    assert_eq!(
        endpoint["lineitem"],
        json!("http://127.0.0.1:8081/services/101/lineitems/11/lineitem?type_id=1")
    );
}

#[test]
fn each_flaw_of_an_authentication_request_is_refused() {
    let lms = lms();
    for (name, value) in [
        ("scope", "openid profile"),
        ("nonce", ""),
        ("state", ""),
        ("redirect_uri", "http://127.0.0.1:8080/lti/launch/"),
        ("lti_message_hint", "guess"),
    ] {
        let answer = lms.authorize(&request(&lms, &[(name, value)]));
        assert!(matches!(answer, AuthAnswer::Refused { .. }), "{name}: {answer:?}");
    }
    for (name, value, error) in [
        ("response_type", "code", "invalid_request"),
        ("response_mode", "query", "invalid_request"),
        ("prompt", "login", "invalid_request"),
        ("client_id", "other", "unauthorized_client"),
        ("login_hint", "tessa", "access_denied"),
    ] {
        match lms.authorize(&request(&lms, &[(name, value)])) {
            AuthAnswer::Error { fields, .. } => assert_eq!(field(&fields, "error"), error, "{name}"),
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn every_case_spoils_the_token_it_is_meant_for_and_no_other() {
    let lms = lms();
    let good = id_token(&lms);
    for case in CASES {
        lms.behaviour().tamper_next(case.tamper.clone());
        if matches!(case.tamper, Tamper::LoginRequired) {
            assert!(matches!(lms.authorize(&request(&lms, &[])), AuthAnswer::Error { .. }));
        } else {
            assert_ne!(id_token(&lms), good, "{}", case.name);
        }
        assert_eq!(id_token(&lms), good, "{}", case.name);
    }
}

#[actix_web::test]
async fn the_token_endpoint_takes_good_assertions_once() {
    let lab = Lab::new().await;
    let good = lab.assertion(&[]);
    let granted = lab.ask(&good).await;
    assert_eq!(granted["token_type"], "Bearer", "{granted}");
    assert_eq!(lab.ask(&good).await["error_description"], "jti was used before");
    for (name, value) in [
        ("iss", json!("other")),
        ("sub", json!(null)),
        ("aud", json!("http://127.0.0.1:8081")),
        ("iat", json!(NOW + 2)),
        ("iat", json!("now")),
        ("exp", json!(NOW)),
        ("exp", json!(NOW + 7200)),
        ("exp", json!(null)),
        ("jti", json!(null)),
    ] {
        let answer = lab.ask(&lab.assertion(&[(name, value.clone())])).await;
        assert_eq!(answer["error"], "invalid_client", "{name} = {value}");
    }
}

#[actix_web::test]
async fn scores_need_token_media_type_student_and_a_later_second() {
    let lab = Lab::new().await;
    let token = lab.token().await;
    assert_eq!(lab.score("guess", "ana", NOW, SCORE).await, 401);
    assert_eq!(lab.score(&token, "ana", NOW, "application/json").await, 400);
    assert_eq!(lab.score(&token, "tessa", NOW, SCORE).await, 400);
    assert_eq!(lab.score(&token, "ana", NOW, SCORE).await, 200);
    assert_eq!(lab.score(&token, "ana", NOW, SCORE).await, 409);
    lab.lms.behaviour().set(|now| now.grades_locked = true);
    assert_eq!(lab.score(&token, "ana", NOW + 5, SCORE).await, 500);
    assert_eq!(lab.lms.grade("11", "ana").unwrap().shown(), Some(80.0));
    assert_eq!(lab.lms.received_scores().len(), 4);
    lab.lms.behaviour().set(|now| now.services_down = true);
    assert_eq!(lab.score(&token, "ana", NOW + 5, SCORE).await, 503);
    lab.lms.behaviour().reset();
    lab.clock.advance(std::time::Duration::from_secs(3600));
    assert_eq!(lab.score(&token, "ana", NOW + 3600, SCORE).await, 401);
}

#[actix_web::test]
async fn lists_come_in_pages_that_lead_on() {
    let lab = Lab::new().await;
    lab.lms.behaviour().set(|now| now.page_size = Some(4));
    let token = lab.token().await;
    let mut next = Some(claims::memberships_url(&lab.lms.settings().issuer, &algebra(), "1"));
    let mut seen = Vec::new();
    while let Some(url) = next {
        let answer =
            lab.http.get(url).bearer_auth(&token).header("accept", MEMBERSHIPS).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200);
        let link = answer.headers().get("link").map(|link| link.to_str().unwrap().to_owned());
        next = link.map(|link| link.split(['<', '>']).nth(1).unwrap().to_owned());
        let page: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        seen.extend(page["members"].as_array().unwrap().iter().map(|one| one["user_id"].to_string()));
    }
    assert_eq!(seen.len(), 6);
    let url = claims::line_items_url(&lab.lms.settings().issuer, "101", "1");
    let plain =
        lab.http.get(&url).bearer_auth(&token).header("accept", "application/json").send().await.unwrap();
    assert_eq!(plain.status().as_u16(), 400);
    let exact = lab.http.get(&url).bearer_auth(&token).header("accept", ITEMS).send().await.unwrap();
    assert_eq!(exact.status().as_u16(), 200);
}

#[actix_web::test]
async fn every_page_is_drawn() {
    let lab = Lab::new().await;
    let token = lab.token().await;
    assert_eq!(lab.score(&token, "ana", NOW, SCORE).await, 200);
    for (path, text) in [
        ("/", "Algebra 1"),
        ("/courses/101", "Maximiliane-Zoë"),
        ("/courses/101/gradebook", "<b>80</b>"),
        ("/courses/101/people", "Olga Silva"),
        ("/courses/101/activities/1?as=layla", "allow=\"microphone http:&#x2f;&#x2f;127.0.0.1:8080;"),
        ("/courses/101/activities/1?as=layla&capture=1", "display-capture"),
        ("/courses/101/activities/1/start?as=ana&target=iframe&locale=es", "lti_message_hint"),
        ("/courses/101/activities/1/return?lti_errormsg=Oh", "Oh"),
        ("/tools", "li class=\"card\" data-client=\"tool\""),
        ("/behaviour", "Break it"),
        ("/messages", "Login initiation"),
    ] {
        let (status, body) = lab.page(path).await;
        assert_eq!(status, 200, "{path}: {body}");
        assert!(body.contains(text), "{path}: {body}");
    }
    let hint = "press “Simulate a class”";
    assert!(!lab.page("/courses/101").await.1.contains(hint));
    lab.lms.announce_classroom();
    assert_eq!(lab.page("/courses/101").await.1.matches(hint).count(), 1, "the graded activity alone");
    assert!(lab.page("/").await.1.contains("Simulate a class"));
    assert_eq!(lab.page("/courses/9").await.0, 404);
    assert_eq!(lab.page("/lti/auth?scope=openid").await.0, 400);
    assert_eq!(lab.page("/courses/101/activities/1?as=ana&in=window").await.0, 303);
}
