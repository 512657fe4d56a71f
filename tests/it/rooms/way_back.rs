//! The way back to the course, where nothing but our page is in the window.

use std::sync::Arc;

use jitsi_lti::demo::lms::{Tamper, claim};
use serde_json::{Value, json};

use crate::support::{Backend, Page, TestTool, on_both};

on_both!(
    every_page_of_a_room_leads_back_to_the_course,
    a_refusal_leads_back_to_the_course_of_the_person_who_asked,
    only_a_proper_address_of_the_launch_is_a_way_back,
);

/// Where the page's own link to the course leads.
fn way_back(page: &Page) -> Option<String> {
    let (_, rest) = page.body.split_once("id=\"way-back\" href=\"")?;
    rest.split_once('"').map(|(address, _)| address.replace("&amp;", "&").replace("&#x2f;", "/"))
}

async fn every_page_of_a_room_leads_back_to_the_course(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let teacher = tool.browser();
    let room = teacher.launches("tessa", "1").await.assert_enters();
    let course = format!("{}/courses/101/activities/1/return", tool.lms.settings().issuer);
    for page in ["", "/attendance", "/settings", "/meeting"] {
        let page = teacher.opens(format!("{}{page}", room.path())).await;
        assert_eq!(page.status, 200, "{}", page.body);
        assert!(
            page.body.contains(&course.replace('/', "&#x2f;")) || page.body.contains(&course),
            "{}",
            page.body
        );
    }
    assert_eq!(way_back(&teacher.opens(room.path()).await), Some(course));
}

async fn a_refusal_leads_back_to_the_course_of_the_person_who_asked(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (ana, stranger) = (tool.browser(), tool.browser());
    let room = ana.launches("ana", "1").await.assert_enters();
    let settings = format!("{}/settings", room.path());
    let refused = ana.opens(&settings).await;
    refused.assert_refused(403, "not-allowed");
    let course = format!("{}/courses/101/activities/1/return", tool.lms.settings().issuer);
    assert_eq!(way_back(&refused), Some(course));
    // Nobody else reads the address, which may hold a key of the person's session at the platform.
    let refused = stranger.opens(&settings).await;
    refused.assert_refused(401, "session-missing");
    assert_eq!(way_back(&refused), None);
}

async fn only_a_proper_address_of_the_launch_is_a_way_back(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let long = format!("https://lms.example/{}", "c".repeat(500));
    let cases = [
        (json!("https://lms.example/return.php?course=2&sesskey=x"), true),
        (json!(long), false),
        (json!("http://lms.example/return"), false),
        (json!("javascript:alert(1)"), false),
        (json!("//lms.example/return"), false),
        (json!("https://ana:secret@lms.example/"), false),
        (json!(null), false),
    ];
    for (address, is_shown) in cases {
        let told = address.clone();
        let edit = move |_: &mut Value, payload: &mut Value| {
            payload[claim("launch_presentation")]["return_url"] = told.clone();
        };
        tool.lms.behaviour().tamper_next(Tamper::Edit(Arc::new(edit)));
        let ana = tool.browser();
        let room = ana.launches("ana", "1").await.assert_enters();
        let expected = is_shown.then(|| address.as_str().unwrap_or_default().to_owned());
        assert_eq!(way_back(&ana.opens(room.path()).await), expected, "{address}");
    }
}
