//! Choices that nobody may make, and answers that go nowhere.

use std::sync::Arc;
use std::time::Duration;

use jitsi_lti::demo::lms::{Edit, Tamper, claim};
use jitsi_lti::lti::registration::platform::Status;
use serde_json::{Value, json};

use super::super::support::{PICKER, choice};
use crate::support::{Backend, TestTool, form, on_both, with};

on_both!(
    only_who_teaches_the_course_chooses,
    nobody_but_the_platform_says_where_the_answer_goes,
    a_choice_of_another_site_or_installation_counts_for_nothing,
    who_was_switched_off_meanwhile_adds_nothing,
    a_request_without_a_safe_place_is_refused,
    a_room_of_another_course_cannot_be_chosen,
);

const SETTINGS: &str = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings";

async fn only_who_teaches_the_course_chooses(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.lms.behaviour().set(|now| now.students_may_pick = true);
    for person in ["ana", "olga"] {
        tool.browser().picks(person, "101").await.assert_refused(403, "not-allowed");
    }
    tool.lms.behaviour().set(|now| now.anonymous = true);
    tool.browser().picks("tessa", "101").await.assert_refused(400, "user-missing");
    assert_eq!(tool.count("room").await, 0);
}

async fn nobody_but_the_platform_says_where_the_answer_goes(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let tessa = tool.browser();
    let picker = tessa.picks("tessa", "101").await;
    let fields = [
        ("title-0", "x"),
        ("deep_link_return_url", "https://evil.example/r"),
        ("return_url", "https://evil.example/r"),
        ("data", "foreign"),
        ("action", "add"),
    ];
    let picked = tessa.chooses(&picker, &fields).await;
    assert!(!picked.body.contains("evil.example"));
    assert!(tessa.returns(&picked).await.is_ok(), "the platform's own data came back");
    let form = choice(&picker, &[("title-0", "x"), ("action", "add")]);
    for query in ["deep_link_return_url=https%3A%2F%2Fevil.example", "data=x", "x"] {
        let place = format!("{PICKER}?{query}");
        tessa.submits(&place, &form).await.assert_refused(400, "return-url-in-query");
    }
    // The same in the address that the platform was made to launch.
    for name in ["deep_link_return_url", "return_url", "data"] {
        let target = format!("{}/lti/launch?{name}=https%3A%2F%2Fevil.example", tool.origin);
        let edit: Edit = Arc::new(move |_: &mut Value, payload: &mut Value| {
            payload[claim("target_link_uri")] = json!(target);
        });
        tool.lms.behaviour().tamper_next(Tamper::Edit(edit));
        let page = tessa.picks("tessa", "101").await;
        // The login named another target: that is the first check.
        page.assert_refused(400, "target-mismatch");
    }
}

async fn a_choice_of_another_site_or_installation_counts_for_nothing(backend: Backend) {
    let (tool, other) = (TestTool::start(backend).await, TestTool::start(backend).await);
    let tessa = tool.browser();
    let picker = tessa.picks("tessa", "101").await;
    let good = choice(&picker, &[("title-0", "x"), ("action", "add")]);
    tessa.submits_from_elsewhere(PICKER, &good).await.assert_refused(403, "csrf-refused");
    for pick in ["", "x", "AAAA", &good.last().unwrap().1[1..]] {
        let forged = with(good.clone(), "session", Some(pick));
        tessa.submits(PICKER, &forged).await.assert_refused(400, "deep-linking-unreadable");
    }
    tessa.submits(PICKER, &form(&[("action", "add")])).await.assert_refused(400, "deep-linking-unreadable");
    // A session, a state and a choice are sealed for different things.
    let room = tessa.launches("tessa", "1").await.assert_enters();
    let token = tessa.opens(room.path()).await.field("session_token");
    let swapped = with(good.clone(), "session", Some(&token));
    tessa.submits(PICKER, &swapped).await.assert_refused(400, "deep-linking-unreadable");
    // The answer of one choice is of no use for another one.
    let second = other.browser();
    let elsewhere = second.picks("tessa", "101").await;
    let picked = second.chooses(&elsewhere, &[("title-0", "x"), ("action", "add")]).await;
    let place = tessa.chooses(&picker, &[("title-0", "x"), ("action", "add")]).await;
    let place = place.attr("form[method=post]", "action");
    assert!(tool.lms.receive_deep_linking(&place, &picked.field("JWT")).await.is_err());
    tool.later(Duration::from_secs(4 * 3600 + 1));
    tessa.submits(PICKER, &good).await.assert_refused(400, "deep-linking-expired");
}

async fn who_was_switched_off_meanwhile_adds_nothing(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let tessa = tool.browser();
    let picker = tessa.picks("tessa", "101").await;
    let fields = [("title-0", "x"), ("action", "add")];
    tool.sql("UPDATE lti_user SET status = 'disabled'").await;
    tessa.chooses(&picker, &fields).await.assert_refused(403, "user-blocked");
    tessa.picks("tessa", "101").await.assert_refused(403, "user-blocked");
    tool.sql("UPDATE lti_user SET status = 'active'").await;
    tool.sql("UPDATE deployment SET status = 'disabled'").await;
    tessa.chooses(&picker, &fields).await.assert_refused(403, "deployment-disabled");
    tool.sql("UPDATE deployment SET status = 'active'").await;
    tool.sets_platform(Status::Disabled).await;
    tessa.chooses(&picker, &fields).await.assert_refused(403, "platform-disabled");
    assert_eq!(tool.count("room").await, 0);
}

async fn a_request_without_a_safe_place_is_refused(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let rows: [(Value, &str); 6] = [
        (json!(null), "return-url-missing"),
        (json!("javascript:alert(1)"), "return-url-missing"),
        (json!("http://lms.example/r"), "return-url-missing"),
        (json!(7), "return-url-missing"),
        (json!(""), "return-url-missing"),
        (json!("/courses"), "return-url-missing"),
    ];
    for (place, code) in rows {
        let edit: Edit = Arc::new(move |_: &mut Value, payload: &mut Value| {
            payload[SETTINGS]["deep_link_return_url"] = place.clone();
        });
        tool.lms.behaviour().tamper_next(Tamper::Edit(edit));
        tool.browser().picks("tessa", "101").await.assert_refused(400, code);
    }
    let edit: Edit = Arc::new(|_: &mut Value, payload: &mut Value| {
        payload[SETTINGS]["data"] = json!("x".repeat(40_000));
    });
    tool.lms.behaviour().tamper_next(Tamper::Edit(edit));
    tool.browser().picks("tessa", "101").await.assert_refused(400, "claim-invalid");
}

async fn a_room_of_another_course_cannot_be_chosen(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.lms.add_course(jitsi_lti::demo::lms::LmsCourse::new("102", "GEO", "Geometry"));
    let tessa = tool.browser();
    let room = tessa.launches("tessa", "1").await.assert_enters();
    let picker = tessa.picks("tessa", "102").await;
    assert!(!picker.body.contains(room.id()));
    let forged = [("title-0", ""), ("existing", room.id()), ("action", "add")];
    tessa.chooses(&picker, &forged).await.assert_refused(404, "room-unknown");
}
