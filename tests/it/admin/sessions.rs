//! Sessions that end: of operators, of everybody from a platform, of a person, and of a teacher who came as a learner.

use std::sync::Arc;
use std::time::Duration;

use jitsi_lti::demo::lms::{Edit, Tamper, claim};
use serde_json::{Value, json};

use crate::support::{Backend, Browser, MINUTE, Room, TestTool, form, on_both};

on_both!(
    a_cookie_from_before_the_sign_out_opens_nothing,
    an_operator_ends_sessions_from_elsewhere,
    what_cannot_be_taken_back_asks_for_a_new_link,
    every_session_of_a_platform_ends,
    a_teacher_who_comes_as_a_learner_is_no_teacher_in_older_pages,
);

const SECOND: Duration = Duration::from_secs(1);

async fn a_cookie_from_before_the_sign_out_opens_nothing(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let admin = tool.administrator().await;
    let cookie = admin.cookies()["__Host-admin"].clone();
    admin.submits("/admin/leave", &form(&[])).await;
    let stolen = tool.browser();
    let answer =
        stolen.raw("GET", "/admin").header("cookie", format!("__Host-admin={cookie}")).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 403);
}

async fn an_operator_ends_sessions_from_elsewhere(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (here, there, third) =
        (tool.administrator().await, tool.administrator().await, tool.administrator().await);
    let page = here.opens("/admin/sessions").await;
    page.assert_says("this one");
    assert_eq!(page.body.matches("data-session=").count(), 3);
    let id = page.attr("#others [name='id']", "value");
    assert_eq!(here.presses("/admin/sessions", "/admin/sessions", &[("id", &id)]).await.status, 303);
    let open = [there.opens("/admin").await.status, third.opens("/admin").await.status];
    assert_eq!(open.iter().filter(|status| **status == 200).count(), 1, "{open:?}");
    assert_eq!(here.presses("/admin/sessions", "/admin/sessions", &[]).await.status, 303);
    for gone in [&there, &third] {
        gone.opens("/admin").await.assert_refused(403, "admin-missing");
    }
    here.opens("/admin/audit").await.assert_says("Ended a session");
}

async fn what_cannot_be_taken_back_asks_for_a_new_link(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let admin = tool.administrator().await;
    let platform = format!("/admin/platforms/{}", tool.platform_id().await);
    tool.later(10 * MINUTE);
    assert_eq!(admin.opens(format!("{platform}/delete")).await.status, 200);
    tool.later(SECOND);
    admin.opens(format!("{platform}/delete")).await.assert_refused(403, "sign-in-again");
    let csrf = admin.opens("/admin").await.field("csrf");
    let input = form(&[("csrf", &csrf), ("name", "Riverside University")]);
    admin.submits(&format!("{platform}/delete"), &input).await.assert_refused(403, "sign-in-again");
    admin.presses("/admin/status", "/admin/status", &[]).await.assert_refused(403, "sign-in-again");
    assert_eq!(tool.count("platform").await, 1);
}

async fn every_session_of_a_platform_ends(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (ana, admin) = (tool.browser(), tool.administrator().await);
    let room = ana.launches("ana", "1").await.assert_enters();
    tool.later(SECOND);
    let platform = format!("/admin/platforms/{}", tool.platform_id().await);
    let ended = admin.presses(&platform, &platform, &[("act", "end-sessions")]).await;
    assert_eq!(ended.status, 303, "{}", ended.body);
    ana.opens(room.path()).await.assert_refused(401, "session-ended");
    ana.launches("ana", "1").await.assert_enters();
    assert_eq!(ana.opens(room.path()).await.status, 200);
}

/// The teacher opens the activity with another role.
async fn comes_as(tool: &TestTool, browser: &Browser, role: &'static str) -> Room {
    let edit: Edit =
        Arc::new(move |_: &mut Value, payload: &mut Value| payload[claim("roles")] = json!([role]));
    tool.lms.behaviour().tamper_next(Tamper::Edit(edit));
    browser.launches("tessa", "1").await.assert_enters()
}

async fn a_teacher_who_comes_as_a_learner_is_no_teacher_in_older_pages(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (desk, phone) = (tool.browser(), tool.browser());
    let room = comes_as(&tool, &desk, "Instructor").await;
    assert_eq!(desk.opens(format!("{}/settings", room.path())).await.status, 200);
    tool.later(SECOND);
    comes_as(&tool, &phone, "Learner").await;
    for page in ["", "/settings", "/attendance"] {
        desk.opens(format!("{}{page}", room.path())).await.assert_refused(401, "session-ended");
    }
    assert_eq!(phone.opens(room.path()).await.status, 200);
    // More rights end nothing: the learner's pages go on.
    tool.later(SECOND);
    comes_as(&tool, &desk, "Instructor").await;
    assert_eq!(phone.opens(room.path()).await.status, 200);
}
