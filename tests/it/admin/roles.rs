//! What operators decide about the roles of a platform.

use std::sync::Arc;

use jitsi_lti::demo::lms::{Edit, Tamper, claim};
use serde_json::{Value, json};

use crate::support::{Backend, Browser, Lesson, Page, TestTool, on_both};

on_both!(
    a_rule_decides_who_leads_from_the_next_launch_on,
    the_least_of_several_rules_counts,
    a_rule_that_no_launch_could_fit_is_not_stored,
    whom_a_rule_makes_lead_is_not_missed_in_class,
    rules_are_of_one_platform,
    two_who_decide_at_once_are_both_heard,
);

const ASSISTANT: &str = "http://purl.imsglobal.org/vocab/lis/v2/membership/Instructor#TeachingAssistant";
const STAFF: &str = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Staff";
const TEST_USER: &str = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser";

/// What somebody with these roles is after a launch: the word on the activity's page.
async fn is_with(tool: &TestTool, roles: &[&str]) -> String {
    let roles: Vec<String> = roles.iter().map(|role| (*role).to_owned()).collect();
    let edit: Edit =
        Arc::new(move |_: &mut Value, payload: &mut Value| payload[claim("roles")] = json!(roles));
    tool.lms.behaviour().tamper_next(Tamper::Edit(edit));
    let browser = tool.browser();
    let room = browser.launches("ana", "1").await.assert_enters();
    browser.opens(room.path()).await.role()
}

async fn decides(tool: &TestTool, admin: &Browser, role: &str, becomes: &str) -> Page {
    let page = format!("/admin/platforms/{}", tool.platform_id().await);
    let fields = [("act", "add"), ("role", role), ("becomes", becomes)];
    admin.presses(&page, &format!("{page}/roles"), &fields).await
}

async fn takes_back(tool: &TestTool, admin: &Browser, role: &str) -> Page {
    let page = format!("/admin/platforms/{}", tool.platform_id().await);
    admin.presses(&page, &format!("{page}/roles"), &[("act", "remove"), ("role", role)]).await
}

async fn a_rule_decides_who_leads_from_the_next_launch_on(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let admin = tool.administrator().await;
    let assistant = tool.browser();
    assert_eq!(is_with(&tool, &["Instructor", ASSISTANT]).await, "moderator");
    assert_eq!(is_with(&tool, &["Learner", STAFF]).await, "participant");
    let done = decides(&tool, &admin, ASSISTANT, "participant").await;
    assert!(done.header("location").ends_with("?notice=saved#rules"), "{}", done.body);
    decides(&tool, &admin, STAFF, "moderator").await;
    assert_eq!(is_with(&tool, &["Instructor", ASSISTANT]).await, "participant");
    assert_eq!(is_with(&tool, &["Instructor"]).await, "moderator");
    assert_eq!(is_with(&tool, &["Learner", STAFF]).await, "moderator");
    assert_eq!(is_with(&tool, &["Learner", STAFF, TEST_USER]).await, "participant", "whatever is decided");
    // The page says so, and who tries roles out is told the same.
    let page = format!("/admin/platforms/{}", tool.platform_id().await);
    let shown = admin.opens(&page).await;
    shown.assert_says(&format!("data-rule=\"{ASSISTANT}\" data-becomes=\"participant\""));
    let tried = admin.opens(format!("{page}?roles={}", STAFF.replace('#', "%23"))).await;
    assert_eq!(tried.attr("#role", "data-role"), "moderator");
    tried.assert_says("decided so for the role Staff");
    let room = assistant.launches("ana", "1").await.assert_enters();
    assert_eq!(assistant.opens(room.path()).await.role(), "participant");
    takes_back(&tool, &admin, STAFF).await;
    assert_eq!(is_with(&tool, &["Learner", STAFF]).await, "participant");
    let audit = tool.audit().await;
    assert_eq!(audit.iter().filter(|line| line.ends_with("platform-roles done")).count(), 3, "{audit:?}");
}

async fn the_least_of_several_rules_counts(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let admin = tool.administrator().await;
    decides(&tool, &admin, "Manager", "moderator").await;
    decides(&tool, &admin, STAFF, "observer").await;
    assert_eq!(is_with(&tool, &["Manager"]).await, "moderator");
    assert_eq!(is_with(&tool, &["Manager", STAFF]).await, "observer");
    // The same role in other words has one rule.
    decides(&tool, &admin, "http://purl.imsglobal.org/vocab/lis/v2/membership#Manager", "participant").await;
    assert_eq!(is_with(&tool, &["Manager"]).await, "participant");
}

async fn a_rule_that_no_launch_could_fit_is_not_stored(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let admin = tool.administrator().await;
    for (role, problem) in [
        ("Instuctor", "no-role"),
        ("", "no-role"),
        ("Learner Instructor", "no-role"),
        (TEST_USER, "test-user"),
    ] {
        let page = decides(&tool, &admin, role, "moderator").await;
        assert_eq!(
            (page.status, page.attr("[data-problem]", "data-problem")),
            (422, problem.to_owned()),
            "{role}"
        );
        assert_eq!(page.attr("#rule-role", "value"), role);
    }
    assert_eq!(tool.texts("SELECT role_rules AS value FROM platform").await, [""]);
    let page = format!("/admin/platforms/{}", tool.platform_id().await);
    let odd = [("act", "add"), ("role", "Manager"), ("becomes", "owner")];
    admin.presses(&page, &format!("{page}/roles"), &odd).await.assert_refused(400, "form-unreadable");
}

async fn whom_a_rule_makes_lead_is_not_missed_in_class(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.lists("known", "", 4).await;
    lesson.attends("ana", 1).await;
    assert_eq!(lesson.absent().await.len(), 3);
    let admin = tool.administrator().await;
    decides(&tool, &admin, "Learner", "observer").await;
    lesson.lists("known", "", 0).await;
    takes_back(&tool, &admin, "urn:lti:role:ims/lis/Learner").await;
    lesson.lists("known", "", 4).await;
}

async fn rules_are_of_one_platform(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let admin = tool.administrator().await;
    decides(&tool, &admin, "Learner", "moderator").await;
    assert_eq!(is_with(&tool, &["Learner"]).await, "moderator");
    let other = tool.adds_platform().await;
    let stranger = other.browser(&tool);
    let room = stranger.launches("ana", "1").await.assert_enters();
    assert_eq!(stranger.opens(room.path()).await.role(), "participant");
}

async fn two_who_decide_at_once_are_both_heard(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let admin = tool.administrator().await;
    let roles: Vec<String> = (0..8).map(|n| format!("x:role{n}")).collect();
    let done =
        futures::future::join_all(roles.iter().map(|role| decides(&tool, &admin, role, "observer"))).await;
    assert!(done.iter().all(|page| page.status == 303));
    let stored = tool.texts("SELECT role_rules AS value FROM platform").await;
    for role in &roles {
        assert!(stored[0].contains(&format!("observer {role}")), "{stored:?}");
    }
}
