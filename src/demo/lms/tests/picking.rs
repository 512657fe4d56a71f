//! Deep linking, as a tool sees it that has nothing but a key.

use serde_json::{Value, json};

use super::lab::Lab;
use super::*;
use crate::demo::jws::{SignWith, sign};

const LAUNCH: &str = "http://127.0.0.1:8080/lti/launch";
const HOUR: std::time::Duration = std::time::Duration::from_secs(3600);

fn deep_linking(name: &str) -> String {
    format!("https://purl.imsglobal.org/spec/lti-dl/claim/{name}")
}

fn settings_of(lms: &Lms) -> Value {
    launched(lms, &Visit::picking("tessa", "101")).unwrap()[deep_linking("deep_linking_settings")].clone()
}

impl Lab {
    /// Begins a choice; gives the place for the answer, and the claims of a good one.
    fn begins(&self) -> (String, Value) {
        let settings = settings_of(&self.lms);
        let now = self.lms.now();
        let mut claims = json!({
            "iss": "tool", "aud": self.lms.settings().issuer, "iat": now, "exp": now + 300,
            "nonce": Random::System.secret(), claim("deployment_id"): "1", claim("version"): "1.3.0",
            claim("message_type"): "LtiDeepLinkingResponse",
            deep_linking("content_items"): [item("One")],
        });
        if let Some(data) = settings.get("data") {
            claims[deep_linking("data")] = data.clone();
        }
        (settings["deep_link_return_url"].as_str().unwrap().to_owned(), claims)
    }

    async fn answers(&self, place: &str, claims: &Value) -> Result<DeepLinkingAnswer, String> {
        self.lms.receive_deep_linking(place, &self.signed(claims)).await
    }

    async fn posts(&self, place: &str, claims: &Value) -> (u16, String) {
        let answer = self.http.post(place).form(&[("JWT", self.signed(claims))]).send().await.unwrap();
        lab::told(answer).await
    }
}

fn item(title: &str) -> Value {
    json!({"type": "ltiResourceLink", "title": title, "url": LAUNCH})
}

/// The same claims with another nonce; null takes the claim out.
fn changed(claims: &Value, name: &str, value: Value) -> Value {
    let mut claims = claims.clone();
    claims["nonce"] = json!(Random::System.secret());
    if value.is_null() {
        claims.as_object_mut().unwrap().remove(name);
    } else {
        claims[name] = value;
    }
    claims
}

#[test]
fn a_request_has_moodle_s_shape() {
    let lms = lms();
    let claims = launched(&lms, &Visit::picking("tessa", "101")).unwrap();
    assert_eq!(claims[claim("message_type")], "LtiDeepLinkingRequest");
    assert_eq!(claims[claim("target_link_uri")], LAUNCH);
    assert_eq!(claims[claim("launch_presentation")], json!({"locale": "en"}));
    assert!(claims.get(claim("resource_link")).is_none());
    let endpoint = &claims["https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"];
    assert!(endpoint["lineitems"].is_string() && endpoint.get("lineitem").is_none());
    let mut settings = claims[deep_linking("deep_linking_settings")].clone();
    let (place, data) = (settings["deep_link_return_url"].take(), settings["data"].take());
    let place = place.as_str().unwrap().to_owned();
    assert!(place.starts_with("http://127.0.0.1:8081/courses/101/deep-linking/"), "{place}");
    assert!(place.contains("?sesskey=") && data.is_string());
    let expected = json!({
        "accept_types": ["ltiResourceLink"], "accept_multiple": true, "auto_create": false,
        "accept_presentation_document_targets": ["frame", "iframe", "window"], "title": "", "text": "",
        "deep_link_return_url": null, "data": null,
    });
    assert_eq!(settings, expected);
    lms.knobs().set(|now| {
        now.deep_linking = DeepLinkingOffer {
            data: Some(Value::Null),
            accept_multiple: None,
            accept_lineitem: Some(false),
            accept_media_types: Some("text/html".into()),
            ..DeepLinkingOffer::default()
        }
    });
    let bare = settings_of(&lms);
    assert!(bare.get("data").is_none() && bare.get("accept_multiple").is_none());
    assert_eq!((&bare["accept_lineitem"], &bare["accept_media_types"]), (&json!(false), &json!("text/html")));
}

#[test]
fn learners_may_not_choose_unless_the_knob_lets_them() {
    let lms = lms();
    let reason = "only who teaches the course may add something to it";
    for person in ["ana", "olga"] {
        assert_eq!(launched(&lms, &Visit::picking(person, "101")).unwrap_err(), reason);
    }
    assert!(launched(&lms, &Visit::picking("tobias", "101")).is_ok());
    lms.knobs().set(|now| now.students_may_pick = true);
    assert!(launched(&lms, &Visit::picking("ana", "101")).is_ok());
}

#[actix_web::test]
async fn three_items_become_three_activities() {
    let lab = Lab::new().await;
    let (place, mut claims) = lab.begins();
    let times = json!({"startDateTime": "2026-12-01T10:00:00Z", "endDateTime": "2026-12-01T11:00:00Z"});
    claims[deep_linking("content_items")] = json!([
        item("Plain"),
        {
            "type": "ltiResourceLink", "title": "Graded", "text": "Every Tuesday", "url": format!("{LAUNCH}?a=b"),
            "custom": {"room": "r1"}, "window": {"targetName": "_blank"}, "available": times, "submission": times,
            "icon": {"url": "http://127.0.0.1:8080/icon.png", "width": 64, "height": 64},
            "lineItem": {"scoreMaximum": 20, "label": "Marks", "resourceId": "r1", "tag": "attendance"},
        },
        {"type": "ltiResourceLink", "title": "Framed", "url": LAUNCH, "iframe": {"width": 800, "height": 600}},
    ]);
    claims[deep_linking("msg")] = json!("Done");
    claims[deep_linking("log")] = json!("3 items");
    let answer = lab.answers(&place, &claims).await.unwrap();
    assert_eq!((answer.message.as_deref(), answer.log.as_deref()), (Some("Done"), Some("3 items")));
    assert_eq!((answer.error, answer.error_log, answer.items.len()), (None, None, 3));
    let titles: Vec<_> = answer.activities.iter().map(|one| one.title.as_str()).collect();
    assert_eq!(titles, ["Plain", "Graded", "Framed"]);
    assert_eq!(lab.lms.activities()[2..], answer.activities);
    let graded = &answer.activities[1];
    assert_eq!((graded.description.as_str(), graded.maximum), ("Every Tuesday", Some(20.0)));
    assert_eq!(graded.custom, [("room".to_owned(), "r1".to_owned())]);
    assert_eq!((graded.available.as_ref(), graded.submission.as_ref()), (Some(&times), Some(&times)));
    let places: Vec<_> = answer.activities.iter().map(|one| one.presentation.as_deref()).collect();
    assert_eq!(places, [None, Some("window"), Some("iframe")]);
    let columns: Vec<_> = lab.lms.line_items("101").into_iter().skip(1).collect();
    assert_eq!(columns.len(), 1, "items without lineItem are not graded");
    let column = &columns[0];
    assert_eq!((column.label.as_str(), column.maximum), ("Marks", 20.0));
    assert_eq!((column.resource_id.as_deref(), column.tag.as_deref()), (Some("r1"), Some("attendance")));
    assert_eq!(column.resource_link_id.as_deref(), Some(graded.link()));
    let launch = launched(&lab.lms, &Visit::new("ana", &graded.id)).unwrap();
    assert_eq!(launch[claim("target_link_uri")], format!("{LAUNCH}?a=b"));
    assert_eq!(launch[claim("custom")], json!({"room": "r1"}));
    let titles: Vec<_> = lab.lms.wire().into_iter().map(|entry| entry.title).collect();
    assert!(titles.contains(&"Deep linking response".to_owned()), "{titles:?}");
    assert!(titles.iter().any(|title| title.starts_with("Deep linking request (POST ")), "{titles:?}");
}

#[actix_web::test]
async fn each_flaw_of_an_answer_is_refused_and_named() {
    let lab = Lab::new().await;
    let (place, good) = lab.begins();
    let issuer = lab.lms.settings().issuer.clone();
    let rows: Vec<(String, Value, &str)> = vec![
        ("iss".into(), json!("other"), "iss must be the client_id"),
        ("iss".into(), json!(null), "iss must be the client_id"),
        ("aud".into(), json!("http://other"), "aud must be the issuer"),
        ("aud".into(), json!([issuer, "http://other"]), "aud must be the issuer"),
        ("aud".into(), json!(null), "aud must be the issuer"),
        ("azp".into(), json!("tool"), "azp must be the issuer"),
        ("exp".into(), json!(NOW), "the token ran out"),
        ("exp".into(), json!(NOW + 3601), "the token lives longer than an hour"),
        ("exp".into(), json!(null), "exp must be a whole number"),
        ("iat".into(), json!(NOW + 1), "iat lies in the future"),
        ("iat".into(), json!(NOW - 601), "iat lies more than ten minutes back"),
        ("iat".into(), json!("now"), "iat must be a whole number"),
        ("nonce".into(), json!(""), "nonce is missing"),
        ("nonce".into(), json!(null), "nonce is missing"),
        (claim("deployment_id"), json!("2"), "deployment_id is not the tool's"),
        (claim("deployment_id"), json!(null), "deployment_id is not the tool's"),
        (claim("version"), json!("1.3"), "version must be 1.3.0"),
        (
            claim("message_type"),
            json!("LtiDeepLinkingRequest"),
            "message_type must be LtiDeepLinkingResponse",
        ),
        (deep_linking("data"), json!("other"), "data is not what the request sent"),
        (deep_linking("data"), json!(null), "data is not what the request sent"),
        (deep_linking("content_items"), json!({}), "content_items must be a list"),
        (deep_linking("content_items"), json!(["One"]), "an item must be an object"),
        (
            deep_linking("content_items"),
            json!([item("One"), {"type": "html"}]),
            "items of type html are not taken",
        ),
    ];
    for (name, value, reason) in rows {
        let refused = lab.answers(&place, &changed(&good, &name, value.clone())).await;
        assert_eq!(refused.unwrap_err(), reason, "{name} = {value}");
    }
    assert_eq!(lab.lms.activities().len(), 2, "nothing of a bad answer stays");
    // A flaw uses nothing up: the good answer is still taken, once.
    assert!(lab.answers(&place, &changed(&good, "aud", json!([issuer]))).await.is_ok());
    let again = lab.answers(&place, &changed(&good, "x", json!(1))).await;
    assert_eq!(again.unwrap_err(), "this choice was answered before");
    let (place, mut second) = lab.begins();
    second["nonce"] = good["nonce"].clone();
    assert!(lab.answers(&place, &second).await.is_ok());
    let (place, mut third) = lab.begins();
    third["nonce"] = good["nonce"].clone();
    assert_eq!(lab.answers(&place, &third).await.unwrap_err(), "nonce was used before");
}

#[actix_web::test]
async fn an_answer_must_be_signed_by_a_key_that_the_tool_publishes() {
    let lab = Lab::new().await;
    let (place, claims) = lab.begins();
    let good = Parsed::of(&lab.signed(&claims)).unwrap().header;
    let stranger = KeyPair::generate().unwrap();
    let with = SignWith::Rsa(stranger.private(), MessageDigest::sha256());
    for (name, value, reason) in [
        ("kid", json!(null), "kid is missing in the header"),
        ("kid", json!(""), "kid is missing in the header"),
        ("alg", json!("RS384"), "the algorithm must be RS256"),
        ("alg", json!("none"), "the algorithm must be RS256"),
        ("kid", good["kid"].clone(), "the signature does not fit a key named"),
        ("kid", json!(stranger.kid()), "the signature does not fit a key named"),
    ] {
        let mut header = good.clone();
        header[name] = value;
        let token = sign(&header, &claims.to_string(), &with).unwrap();
        let refused = lab.lms.receive_deep_linking(&place, &token).await.unwrap_err();
        assert!(refused.starts_with(reason), "{header}: {refused}");
    }
    let nothing = lab.lms.receive_deep_linking(&place, "no.token").await;
    assert_eq!(nothing.unwrap_err(), "the JWT is not a signed token");
}

#[actix_web::test]
async fn an_answer_goes_to_its_own_place_in_time() {
    let lab = Lab::new().await;
    lab.lms.add_course(Course::new("102", "GEO", "Geometry"));
    let (place, good) = lab.begins();
    let (path, query) = place.split_once('?').unwrap();
    let other = lab.begins().0;
    for (place, reason) in [
        (place.replace("/101/", "/102/"), "the address is of another course"),
        (path.to_owned(), "the address lost its query"),
        (format!("{path}?sesskey=x"), "sesskey is not of this choice"),
        (format!("{}/courses/101?{query}", lab.lms.settings().issuer), "the address is no place for answers"),
        (place.replace("http://", "https://"), "the address is not this LMS's"),
        (other, "data is not what the request sent"),
    ] {
        let refused = lab.answers(&place, &changed(&good, "x", json!(1))).await;
        assert_eq!(refused.unwrap_err(), reason, "{place}");
    }
    let guessed =
        format!("{}/courses/101/deep-linking/0123456789?sesskey=0123456789", lab.lms.settings().issuer);
    let refused = lab.answers(&guessed, &changed(&good, "x", json!(1))).await;
    assert_eq!(refused.unwrap_err(), "nobody began to choose under this address");
    lab.clock.advance(HOUR);
    let later = |seconds: i64| {
        let claims = changed(&good, "iat", json!(NOW + 3600 + seconds));
        changed(&claims, "exp", json!(NOW + 3900))
    };
    let in_time = lab.begins();
    lab.clock.advance(std::time::Duration::from_secs(1));
    let refused = lab.answers(&place, &later(1)).await;
    assert_eq!(refused.unwrap_err(), "the choice began more than an hour ago");
    assert!(lab.answers(&in_time.0, &in_time.1).await.is_ok());
}

#[actix_web::test]
async fn what_was_offered_decides_what_is_taken() {
    let lab = Lab::new().await;
    let graded =
        json!({"type": "ltiResourceLink", "title": "G", "url": LAUNCH, "lineItem": {"scoreMaximum": 1}});
    let window = json!({"type": "ltiResourceLink", "title": "W", "url": LAUNCH, "window": {}});
    let two = json!([item("One"), item("Two")]);
    let usual = DeepLinkingOffer::default;
    let several = "several items, where one was asked for";
    for (offer, items, expected) in [
        (usual(), two.clone(), None),
        (usual(), json!([]), None),
        (DeepLinkingOffer { accept_multiple: None, ..usual() }, two.clone(), Some(several)),
        (DeepLinkingOffer { accept_multiple: Some(false), ..usual() }, two, Some(several)),
        (DeepLinkingOffer { accept_multiple: None, ..usual() }, json!([item("One")]), None),
        (usual(), json!([graded]), None),
        (
            DeepLinkingOffer { accept_lineitem: Some(false), ..usual() },
            json!([graded]),
            Some("lineItem was not asked for"),
        ),
        (usual(), json!([window]), None),
        (
            DeepLinkingOffer { accept_targets: vec!["iframe".into()], ..usual() },
            json!([window]),
            Some("items may not open in a window"),
        ),
        (
            DeepLinkingOffer { accept_types: vec!["link".into()], ..usual() },
            json!([item("One")]),
            Some("items of type ltiResourceLink are not taken"),
        ),
    ] {
        lab.lms.knobs().set(|now| now.deep_linking = offer.clone());
        let (place, claims) = lab.begins();
        let claims = changed(&claims, &deep_linking("content_items"), items);
        let found = lab.answers(&place, &claims).await.err();
        assert_eq!(found.as_deref(), expected, "{offer:?}");
    }
    // Data of any shape comes back as it went; none at all must stay none.
    for data in [json!({"course": [1, "a"]}), json!("x"), json!(null)] {
        lab.lms
            .knobs()
            .set(|now| now.deep_linking = DeepLinkingOffer { data: Some(data.clone()), ..usual() });
        let (place, claims) = lab.begins();
        let wrong = changed(&claims, &deep_linking("data"), json!({"course": "1a"}));
        let refused = lab.answers(&place, &wrong).await.unwrap_err();
        assert_eq!(refused, "data is not what the request sent", "{data}");
        assert!(lab.answers(&place, &claims).await.is_ok(), "{data}");
    }
}

#[actix_web::test]
async fn the_page_says_what_became_of_the_answer() {
    let lab = Lab::new().await;
    let (place, claims) = lab.begins();
    let (status, page) = lab.posts(&place, &changed(&claims, "aud", json!("x"))).await;
    assert_eq!(status, 400);
    assert!(page.contains("<p id=\"problem\">aud must be the issuer</p>"), "{page}");
    assert!(page.contains("href=\"/courses/101\" target=\"_top\"") && !page.contains("id=\"added\""));
    let (status, page) = lab.posts(&place, &claims).await;
    assert_eq!(status, 200);
    assert!(page.contains("<ul class=\"list\" id=\"added\">") && page.contains("data-added=\"3\""), "{page}");
    let (place, claims) = lab.begins();
    let claims = changed(&claims, &deep_linking("content_items"), json!(null));
    let claims = changed(&claims, &deep_linking("msg"), json!("Nothing chosen"));
    let claims = changed(&claims, &deep_linking("errormsg"), json!("<b>Oh</b>"));
    let (_, page) = lab.posts(&place, &claims).await;
    assert!(page.contains("<p id=\"picked-message\">Nothing chosen</p>"), "{page}");
    assert!(page.contains("<p id=\"picked-error\">&lt;b&gt;Oh&lt;&#x2f;b&gt;</p>"), "{page}");
    // A term of classes is longer than an ordinary form.
    let (place, claims) = lab.begins();
    let term: Vec<_> = (0..200).map(|number| item(&format!("Lesson {number} {}", "x".repeat(100)))).collect();
    let claims = changed(&claims, &deep_linking("content_items"), json!(term));
    assert_eq!(lab.posts(&place, &claims).await.0, 200);
    assert_eq!(lab.lms.activities().len(), 203);
    assert_eq!(lab.posts(&place.replace("/101/", "/9/"), &claims).await.0, 404);
}

#[actix_web::test]
async fn the_course_s_page_leads_to_a_dialogue_of_moodle_s_size() {
    let lab = Lab::new().await;
    let (_, course) = lab.page("/courses/101").await;
    assert!(course.contains("data-add=\"tessa\" href=\"/courses/101/add?as=tessa\""), "{course}");
    assert!(course.contains("data-add=\"tobias\"") && !course.contains("data-add=\"ana\""));
    let place = lab.lms.picking_url("101", "tessa");
    assert!(place.ends_with("/courses/101/add?as=tessa"));
    let (status, page) = lab::told(lab.http.get(format!("{place}&locale=es")).send().await.unwrap()).await;
    assert_eq!(status, 200);
    assert!(page.contains("id=\"width-modal\" value=\"modal\" checked"), "{page}");
    let frame = "/courses/101/add/start?as=tessa&amp;target=iframe&amp;locale=es";
    assert!(page.replace("&#x2f;", "/").contains(frame), "{page}");
    assert!(!lab.page("/courses/101/activities/1?as=ana").await.1.contains("width-modal"));
    let (status, form) = lab.page("/courses/101/add/start?as=tessa&target=iframe&locale=es").await;
    assert!(status == 200 && form.contains("lti_message_hint"));
    assert_eq!(lab.page("/courses/101/add?as=nobody").await.0, 404);
}
