//! Submission reviews and launches that name nobody.

use super::lab::Lab;
use super::*;

#[test]
fn a_review_says_whose_work_is_looked_at() {
    let lms = lms();
    let claims = launched(&lms, &Visit::reviewing("tessa", "1", "ana")).unwrap();
    assert_eq!(claims[claim("message_type")], "LtiSubmissionReviewRequest");
    assert_eq!((&claims["sub"], &claims[claim("resource_link")]["id"]), (&json!("tessa"), &json!("1")));
    let ana = json!({
        "user_id": "ana", "name": "Ana Silva", "given_name": "Ana", "family_name": "Silva",
        "email": "ana@riverside.example", "roles": [format!("{MEMBERSHIP}#Learner")],
    });
    assert_eq!(claims[claim("for_user")], ana);
    let endpoint = &claims["https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"];
    assert!(endpoint["lineitem"].as_str().unwrap().contains("/lineitems/11/"), "{endpoint}");
}

#[test]
fn who_teaches_or_learned_may_review_and_nobody_else() {
    let lms = lms();
    let others = "only who teaches the course may see what others did";
    for (person, learner, expected) in [
        ("tessa", "ana", None),
        ("tobias", "layla", None),
        ("ana", "ana", None),
        ("ana", "layla", Some(others)),
        ("olga", "ana", Some(others)),
    ] {
        let found = launched(&lms, &Visit::reviewing(person, "1", learner)).err();
        assert_eq!(found.as_deref(), expected, "{person} at {learner}");
    }
    assert!(lms.login_initiation(&Visit::reviewing("tessa", "1", "nobody")).is_err());
}

#[actix_web::test]
async fn the_gradebook_leads_to_each_review() {
    let lab = Lab::new().await;
    let (_, page) = lab.page("/courses/101/gradebook").await;
    let link = "data-review=\"11-ana\" href=\"/courses/101/activities/1/review?as=tessa&amp;of=ana\"";
    assert!(page.replace("&#x2f;", "/").contains(link), "{page}");
    let activity = lab.lms.activities().swap_remove(0);
    let place = lab.lms.review_url(&activity, "tessa", "ana");
    assert!(place.ends_with("/courses/101/activities/1/review?as=tessa&of=ana"));
    let (status, page) = lab::status_and_body(lab.http.get(place).send().await.unwrap()).await;
    assert_eq!(status, 200);
    let frame = "/courses/101/activities/1/review/start?as=tessa&amp;target=iframe&amp;locale=en&amp;of=ana";
    assert!(page.replace("&#x2f;", "/").contains(frame), "{page}");
    assert_eq!(lab.page("/courses/101/activities/1/review/start?as=tessa&of=ana").await.0, 200);
    assert_eq!(lab.page("/courses/101/activities/1/review?as=tessa&of=nobody").await.0, 404);
}

#[test]
fn anonymous_launches_name_nobody() {
    let lms = lms();
    lms.behaviour().set(|now| now.anonymous = true);
    let claims = launched(&lms, &Visit::new("ana", "1")).unwrap();
    for name in ["sub", "name", "given_name", "family_name", "email", "picture"] {
        assert!(claims.get(name).is_none(), "{name}");
    }
    assert_eq!(claims[claim("lis")], json!({"course_section_sourcedid": "ALG1"}));
    assert_eq!(claims[claim("roles")], json!([format!("{MEMBERSHIP}#Learner")]));
    let text = claims.to_string();
    assert!(!text.contains("ana") && !text.contains("Silva"), "{text}");
}
