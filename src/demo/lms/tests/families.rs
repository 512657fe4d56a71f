//! How each family answers, over HTTP.

use serde_json::{Value, json};

use super::lab::{Lab, status_and_body};
use super::*;

const CANVAS: &str = "https://canvas.instructure.com/lti/submission";
const ALL: [&str; 5] = ["moodle", "canvas", "BlackboardLearn", "desire2learn", "openedx"];

impl Lab {
    async fn of(family: &str) -> Self {
        let lab = Self::new().await;
        lab.lms.behaviour().set(|now| now.family = family.to_owned());
        lab
    }
}

/// Returns a valid score with something changed; `null` removes a member.
fn changed(mut score: Value, change: &[(&str, Value)]) -> Value {
    for (name, value) in change {
        score[*name] = value.clone();
        if value.is_null() {
            score.as_object_mut().unwrap().remove(*name);
        }
    }
    score
}

#[actix_web::test]
async fn each_family_answers_the_same_scores_in_its_own_way() {
    let millis = NOW * 1000;
    for (family, expected) in ALL.into_iter().zip([
        // First, same moment, a little later, earlier, a teacher, no maximum, too many points, half a maximum.
        [200, 409, 409, 409, 400, 400, 200, 200],
        [200, 200, 200, 400, 422, 422, 200, 200],
        [200, 409, 200, 409, 400, 400, 200, 200],
        [200, 200, 200, 409, 422, 400, 400, 200],
        [201, 400, 201, 400, 201, 400, 201, 400],
    ]) {
        let lab = Lab::of(family).await;
        let token = lab.token().await;
        let (now, later) =
            (lab.score_body("ana", millis), |seconds: i64| lab.score_body("ana", millis + seconds * 1000));
        let mut found = Vec::new();
        for body in [
            now.clone(),
            now.clone(),
            lab.score_body("ana", millis + 200),
            lab.score_body("ana", millis - 2000),
            lab.score_body("tessa", millis),
            changed(later(2), &[("scoreMaximum", json!(null))]),
            changed(later(4), &[("scoreGiven", json!(12))]),
            changed(later(6), &[("scoreMaximum", json!(10.5))]),
        ] {
            found.push(lab.scores(&token, &body).await.0);
        }
        assert_eq!(found, expected, "{family}");
        let noted: Vec<_> = lab.lms.received_scores().iter().map(|one| one.status).collect();
        assert_eq!(noted, found, "{family}");
        assert!(lab.lms.grade("11", "ana").unwrap().shown().is_some(), "{family}");
    }
}

#[actix_web::test]
async fn refusals_have_the_family_s_shape() {
    let millis = NOW * 1000;
    for (family, person, moved, expected) in [
        ("moodle", "tessa", 0, "[]"),
        (
            "canvas",
            "tessa",
            0,
            r#"{"errors":{"type":"unprocessable_entity","message":"User not found in course or is not a student"}}"#,
        ),
        (
            "canvas",
            "ana",
            -1,
            r#"{"errors":{"type":"bad_request","message":"Provided timestamp of 2026-11-22T10:01:36.999Z before last updated timestamp of 2026-11-22T10:01:37.000Z"}}"#,
        ),
        ("openedx", "ana", 0, r#"{"timestamp":["Score already exists for the provided timestamp"]}"#),
        (
            "openedx",
            "ana",
            -1,
            r#"{"timestamp":["Score timestamp can only be updated to a later point in time"]}"#,
        ),
    ] {
        let lab = Lab::of(family).await;
        let token = lab.token().await;
        lab.scores(&token, &lab.score_body("ana", millis)).await;
        let body = lab.score_body(person, millis + moved);
        assert_eq!(lab.scores(&token, &body).await.1, expected, "{family}");
    }
}

#[actix_web::test]
async fn moodle_says_in_the_reason_phrase_why() {
    let lab = Lab::of("moodle").await;
    let token = lab.token().await;
    let place = lab.lms.settings().issuer.trim_start_matches("http://").to_owned();
    let body = lab.score_body("tessa", NOW * 1000).to_string();
    let request = format!(
        "POST /services/101/lineitems/11/lineitem/scores?type_id=1 HTTP/1.1\r\nHost: {place}\r\n\
         Authorization: Bearer {token}\r\nContent-Type: {SCORE}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let heard = actix_web::rt::task::spawn_blocking(move || {
        use std::io::{Read as _, Write as _};
        let mut stream = std::net::TcpStream::connect(place).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut heard = [0; 64];
        stream.read_exact(&mut heard).unwrap();
        String::from_utf8_lossy(&heard).into_owned()
    });
    let heard = heard.await.unwrap();
    assert!(heard.starts_with("HTTP/1.1 400 Incorrect score received\r\n"), "{heard}");
}

#[actix_web::test]
async fn canvas_counts_attempts_and_tells_where_the_result_is() {
    let lab = Lab::of("canvas").await;
    let token = lab.token().await;
    let mut status_and_body = String::new();
    for (seconds, reported, attempts) in [
        (0, json!(null), 1),
        (2, json!({"new_submission": false}), 1),
        (4, json!({"new_submission": true}), 2),
    ] {
        let body = changed(lab.score_body("ana", (NOW + seconds) * 1000), &[(CANVAS, reported)]);
        status_and_body = lab.scores(&token, &body).await.1;
        assert_eq!(lab.lms.attempts("11", "ana"), attempts, "{body}");
    }
    let status_and_body: Value = serde_json::from_str(&status_and_body).unwrap();
    let issuer = &lab.lms.settings().issuer;
    let url = format!("{issuer}/services/101/lineitems/11/lineitem/results?type_id=1&user=ana");
    assert_eq!(status_and_body, json!({"resultUrl": url}));
}

#[actix_web::test]
async fn canvas_wants_to_know_who_asks() {
    for family in ALL {
        let lab = Lab::of(family).await;
        let token = lab.token().await;
        let url = claims::line_items_url(&lab.lms.settings().issuer, "101", "1");
        let get = lab.http.get(url).bearer_auth(token).header("accept", ITEMS).header("user-agent", "");
        let expected = if family == "canvas" { 403 } else { 200 };
        assert_eq!(get.send().await.unwrap().status().as_u16(), expected, "{family}");
    }
}

#[actix_web::test]
async fn media_types_and_tokens_are_refused_in_the_family_s_way() {
    for (family, other, with_charset, no_token) in [
        ("moodle", 400, 200, 401),
        ("canvas", 400, 200, 401),
        ("BlackboardLearn", 400, 200, 401),
        ("openedx", 415, 415, 403),
    ] {
        let lab = Lab::of(family).await;
        let token = lab.token().await;
        let body = lab.score_body("ana", NOW * 1000);
        let post = async |token: &str, media_type: &str| {
            status_and_body(lab.post_score(token, media_type, &body).send().await.unwrap()).await.0
        };
        assert_eq!(post(&token, "application/json").await, other, "{family}");
        assert_eq!(post(&token, &format!("{SCORE}; charset=utf-8")).await, with_charset, "{family}");
        assert_eq!(post("guess", SCORE).await, no_token, "{family}");
    }
}

#[actix_web::test]
async fn open_edx_checks_line_items_and_sends_no_tool_platform() {
    let lab = Lab::of("openedx").await;
    let token = lab.token().await;
    for (change, expected) in [
        (json!({}), 400),
        (json!({"resourceId": "r1"}), 201),
        (json!({"resourceLinkId": "1"}), 201),
        (json!({"resourceId": "r1", "scoreMaximum": 10.5}), 400),
    ] {
        let mut body = json!({"label": "Attendance", "scoreMaximum": 10});
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let url = claims::line_items_url(&lab.lms.settings().issuer, "101", "1");
        let post = lab.http.post(url).bearer_auth(&token).header("content-type", ITEM);
        assert_eq!(
            status_and_body(post.body(body.to_string()).send().await.unwrap()).await.0,
            expected,
            "{body}"
        );
    }
    for family in ALL {
        let lms = lms();
        lms.behaviour().set(|now| now.family = family.to_owned());
        let platform = Parsed::of(&id_token(&lms)).unwrap().payload[claim("tool_platform")].clone();
        let expected = if family == "openedx" { json!(null) } else { json!(family) };
        assert_eq!(platform["product_family_code"], expected);
    }
}

#[actix_web::test]
async fn the_audience_of_an_assertion_is_what_the_switch_says() {
    let lab = Lab::of("desire2learn").await;
    let audience = "https://api.brightspace.com/auth/token";
    assert!(lab.ask(&lab.assertion(&[])).await["access_token"].is_string());
    lab.lms.behaviour().set(|now| now.token_audience = Some(audience.to_owned()));
    assert_eq!(lab.ask(&lab.assertion(&[])).await["error"], "invalid_client");
    assert!(lab.ask(&lab.assertion(&[("aud", json!(audience))])).await["access_token"].is_string());
}

#[actix_web::test]
async fn a_login_names_the_storage_of_the_family_where_there_is_one() {
    for (family, offered, expected) in [
        ("moodle", false, None),
        ("canvas", false, None),
        ("moodle", true, Some("_parent")),
        ("canvas", true, Some("post_message_forwarding")),
    ] {
        let lab = Lab::of(family).await;
        lab.lms.behaviour().set(|now| now.platform_storage = offered);
        let fields = lab.lms.login_initiation(&Visit::new("ana", "1")).unwrap().fields;
        let named = fields.iter().find(|(name, _)| name == "lti_storage_target");
        assert_eq!(named.map(|(_, value)| value.as_str()), expected, "{family}");
        let activity = lab.lms.activities().swap_remove(0);
        let page = lab.http.get(lab.lms.activity_url(&activity, "ana")).send().await.unwrap();
        let page = page.text().await.unwrap();
        assert_eq!(page.contains("data-platform-storage"), offered, "{family}");
        assert_eq!(
            page.contains("name=\"post_message_forwarding\""),
            offered && family == "canvas",
            "{family}"
        );
    }
}
