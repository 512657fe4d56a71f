//! Deep linking, as a tool sees it that has nothing but a key.

use serde_json::{Value, json};

use super::lab::Lab;
use super::*;

pub(super) const LAUNCH: &str = "http://127.0.0.1:8080/lti/launch";

pub(super) fn deep_linking(name: &str) -> String {
    format!("https://purl.imsglobal.org/spec/lti-dl/claim/{name}")
}

fn settings_of(lms: &Lms) -> Value {
    launched(lms, &Visit::picking("tessa", "101")).unwrap()[deep_linking("deep_linking_settings")].clone()
}

impl Lab {
    /// Begins a choice; gives the place for the answer, and the claims of a good one.
    pub(super) fn begins(&self) -> (String, Value) {
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

    pub(super) async fn answers(&self, place: &str, claims: &Value) -> Result<DeepLinkingAnswer, String> {
        self.lms.receive_deep_linking(place, &self.signed(claims)).await
    }

    async fn posts(&self, place: &str, claims: &Value) -> (u16, String) {
        let answer = self.http.post(place).form(&[("JWT", self.signed(claims))]).send().await.unwrap();
        lab::status_and_body(answer).await
    }
}

pub(super) fn item(title: &str) -> Value {
    json!({"type": "ltiResourceLink", "title": title, "url": LAUNCH})
}

/// Returns the same claims with another nonce; null takes the claim out.
pub(super) fn changed(claims: &Value, name: &str, value: Value) -> Value {
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
    lms.behaviour().set(|now| {
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
fn learners_may_not_choose_unless_the_switch_lets_them() {
    let lms = lms();
    let reason = "only who teaches the course may add something to it";
    for person in ["ana", "olga"] {
        assert_eq!(launched(&lms, &Visit::picking(person, "101")).unwrap_err(), reason);
    }
    assert!(launched(&lms, &Visit::picking("tobias", "101")).is_ok());
    lms.behaviour().set(|now| now.students_may_pick = true);
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
    let titles: Vec<_> = lab.lms.message_log().into_iter().map(|entry| entry.title).collect();
    assert!(titles.contains(&"Deep linking response".to_owned()), "{titles:?}");
    assert!(titles.iter().any(|title| title.starts_with("Deep linking request (POST ")), "{titles:?}");
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
    let (status, page) =
        lab::status_and_body(lab.http.get(format!("{place}&locale=es")).send().await.unwrap()).await;
    let page = page.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(status, 200);
    assert!(page.contains("id=\"width-modal\" value=\"modal\" checked"), "{page}");
    let frame = "/courses/101/add/start?as=tessa&amp;target=iframe&amp;locale=es";
    assert!(page.replace("&#x2f;", "/").contains(frame), "{page}");
    assert!(!lab.page("/courses/101/activities/1?as=ana").await.1.contains("width-modal"));
    let (status, form) = lab.page("/courses/101/add/start?as=tessa&target=iframe&locale=es").await;
    assert!(status == 200 && form.contains("lti_message_hint"));
    assert_eq!(lab.page("/courses/101/add?as=nobody").await.0, 404);
}
