//! Administrators of a learning platform, who look after their own deployment.

use std::sync::Arc;
use std::time::Duration;

use jitsi_lti::demo::lms::{Edit, Tamper, claim};
use serde_json::{Value, json};
use url::Url;

use super::platforms::launch_of;
use crate::support::{Backend, Browser, DEPLOYMENT, MINUTE, Page, Room, Setup, TestTool, form, on_both};

on_both!(
    nobody_comes_in_until_the_operator_allows_it,
    only_administrators_of_the_whole_platform_come_in,
    who_looks_after_a_deployment_sees_that_one_alone,
    whoever_is_kept_out_is_out_at_once,
    the_way_there_works_once_within_a_minute,
    a_test_needs_the_page_it_is_on,
    a_rule_says_who_administers,
    the_page_is_on_the_administrators_own_host,
);

const ROOT: &str = "http://purl.imsglobal.org/vocab/lis/v2/system/person#Administrator";
const HOUR: Duration = Duration::from_secs(60 * 60);
const PAGE: &str = "/admin/deployment";

/// Opens the activity with these roles.
async fn comes(tool: &TestTool, browser: &Browser, roles: &[&str]) -> (Room, Page) {
    let roles: Vec<String> = roles.iter().map(|role| (*role).to_owned()).collect();
    let edit: Edit =
        Arc::new(move |_: &mut Value, payload: &mut Value| payload[claim("roles")] = json!(roles));
    tool.lms.behaviour().tamper_next(Tamper::Edit(edit));
    let room = browser.launches("tessa", "1").await.assert_enters();
    let page = browser.opens(room.path()).await;
    (room, page)
}

/// Presses the button on the activity's page.
async fn presses(browser: &Browser, room: &Room) -> Page {
    let fields = [("csrf", browser.opens(room.path()).await.field("csrf"))];
    let fields = form(&fields.each_ref().map(|(name, value)| (*name, value.as_str())));
    browser.submits(&format!("{}/administer", room.path()), &fields).await
}

/// The operator lets the administrators of the platform in, or keeps them out.
async fn operator(tool: &TestTool, act: &str) {
    let admin = tool.administrator().await;
    let page = format!("/admin/platforms/{}", tool.platform_id().await);
    let mut ids = tool.texts("SELECT id AS value FROM deployment WHERE deployment_id = '1'").await;
    let fields = [("act", act), ("deployment", &ids.pop().unwrap())];
    assert_eq!(admin.presses(&page, &page, &fields).await.status, 303);
}

/// A browser in which an administrator of the platform looks after the deployment.
pub(super) async fn looks_after(tool: &TestTool) -> (Browser, Room) {
    operator(tool, "admit").await;
    let root = tool.browser();
    let (room, _) = comes(tool, &root, &[ROOT]).await;
    let entered = root.comes_back(&presses(&root, &room).await.location()).await;
    assert_eq!((entered.status, entered.header("location")), (303, PAGE), "{}", entered.body);
    (root, room)
}

async fn nobody_comes_in_until_the_operator_allows_it(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let root = tool.browser();
    let (room, page) = comes(&tool, &root, &[ROOT]).await;
    assert!(!page.body.contains("id=\"administer\""));
    presses(&root, &room).await.assert_refused(403, "deployment-admin-missing");
    root.opens(PAGE).await.assert_refused(403, "deployment-admin-missing");
    let (root, room) = looks_after(&tool).await;
    root.opens(room.path()).await.assert_says("Check the connection");
    let page = root.opens(PAGE).await;
    page.assert_says("Riverside University").assert_says(DEPLOYMENT);
    assert_eq!(page.policy("frame-ancestors"), ["'none'"]);
    let audit = tool.audit().await;
    let came = audit.iter().find(|line| line.ends_with("deployment-enter done")).unwrap();
    // The launch log names the person likewise.
    tool.launch_log(2).await;
    let launches = tool.texts("SELECT pseudonym AS value FROM launch_log").await;
    assert_eq!(came, &format!("administrator {} deployment-enter done", launches[0]));
    let left = root.submits(&format!("{PAGE}/leave"), &form(&[])).await;
    root.opens(left.header("location")).await.assert_refused(403, "deployment-admin-missing");
}

async fn only_administrators_of_the_whole_platform_come_in(backend: Backend) {
    let tool = TestTool::start(backend).await;
    operator(&tool, "admit").await;
    for roles in [
        &["Instructor"][..],
        &["Administrator"],
        &["http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator", "Instructor"],
        &["http://purl.imsglobal.org/vocab/lis/v2/person#Administrator"],
        &[ROOT, "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"],
    ] {
        let browser = tool.browser();
        let (room, page) = comes(&tool, &browser, roles).await;
        assert!(!page.body.contains("id=\"administer\""), "{roles:?}");
        presses(&browser, &room).await.assert_refused(403, "deployment-admin-missing");
    }
}

async fn who_looks_after_a_deployment_sees_that_one_alone(backend: Backend) {
    let tool = TestTool::start(backend).await;
    launch_of(&tool, "faculty of arts").await.assert_refused(403, "deployment-unknown");
    tool.lms.behaviour().tamper_next(Tamper::named("expired").unwrap());
    tool.browser().launches("ana", "1").await.assert_refused(401, "token-expired");
    let (root, _) = looks_after(&tool).await;
    tool.launch_log(3).await;
    let page = root.opens(PAGE).await;
    page.assert_says("data-outcome=\"token-expired\"");
    assert!(!page.body.contains("faculty of arts") && !page.body.contains("deployment-unknown"));
    assert!(root.opens(format!("{PAGE}?show=refused")).await.body.contains("token-expired"));
    let platform = format!("/admin/platforms/{}", tool.platform_id().await);
    for elsewhere in ["/admin", "/admin/audit", "/admin/servers", "/admin/jobs", &platform] {
        root.opens(elsewhere).await.assert_refused(403, "admin-missing");
    }
    let csrf = page.field("csrf");
    for act in ["disable", "test"] {
        let fields = form(&[("csrf", &csrf), ("act", act)]);
        root.submits(&platform, &fields).await.assert_refused(403, "admin-missing");
    }
    // Nor is an operator taken for an administrator of the platform.
    tool.administrator().await.opens(PAGE).await.assert_refused(403, "deployment-admin-missing");
    let tried = root.opens(format!("{PAGE}?roles={}", ROOT.replace('#', "%23"))).await;
    assert_eq!(tried.attr("#role", "data-role"), "moderator");
}

async fn whoever_is_kept_out_is_out_at_once(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (root, room) = looks_after(&tool).await;
    operator(&tool, "expel").await;
    root.opens(PAGE).await.assert_refused(403, "deployment-admin-missing");
    presses(&root, &room).await.assert_refused(403, "deployment-admin-missing");
    operator(&tool, "admit").await;
    assert_eq!(root.opens(PAGE).await.status, 200);
    for (off, on) in [
        ("UPDATE platform SET status = 'disabled'", "UPDATE platform SET status = 'active'"),
        ("UPDATE deployment SET status = 'disabled'", "UPDATE deployment SET status = 'active'"),
        ("UPDATE lti_user SET status = 'disabled'", "UPDATE lti_user SET status = 'active'"),
    ] {
        tool.sql(off).await;
        root.opens(PAGE).await.assert_refused(403, "deployment-admin-missing");
        tool.sql(on).await;
    }
    tool.later(2 * HOUR);
    assert_eq!(root.opens(PAGE).await.status, 200);
    tool.later(Duration::from_secs(1));
    root.opens(PAGE).await.assert_refused(403, "deployment-admin-missing");
}

async fn the_way_there_works_once_within_a_minute(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (root, room) = looks_after(&tool).await;
    let way: Url = presses(&root, &room).await.location();
    assert_eq!(root.comes_back(&way).await.status, 303);
    tool.browser().comes_back(&way).await.assert_refused(403, "deployment-admin-missing");
    tool.browser().opens(format!("{PAGE}/enter/guess")).await.assert_refused(403, "deployment-admin-missing");
    // Nobody sends the form from elsewhere, and no other session's CSRF token counts.
    let csrf = root.opens(room.path()).await.field("csrf");
    let path = format!("{}/administer", room.path());
    root.submits_from_elsewhere(&path, &form(&[("csrf", &csrf)])).await.assert_refused(403, "csrf-refused");
    root.submits(&path, &form(&[("csrf", "x")])).await.assert_refused(403, "session-replaced");
    let late: Url = presses(&root, &room).await.location();
    tool.later(MINUTE + Duration::from_secs(1));
    if backend == Backend::Sqlite {
        // Redis keeps its own time.
        root.comes_back(&late).await.assert_refused(403, "deployment-admin-missing");
    }
}

async fn a_test_needs_the_page_it_is_on(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (root, _) = looks_after(&tool).await;
    let tested = root.presses(PAGE, PAGE, &[]).await;
    assert_eq!(tested.status, 200, "{}", tested.body);
    tested.assert_says("data-finding=\"token\"");
    assert!(!tested.body.contains("data-good=\"no\""), "{}", tested.body);
    tool.lms.behaviour().set(|now| now.token_refused = true);
    root.presses(PAGE, PAGE, &[]).await.assert_says("data-good=\"no\"");
    root.submits(PAGE, &form(&[("csrf", "x")])).await.assert_refused(403, "csrf-refused");
    let csrf = root.opens(PAGE).await.field("csrf");
    root.submits_from_elsewhere(PAGE, &form(&[("csrf", &csrf)])).await;
    tool.browser()
        .submits(PAGE, &form(&[("csrf", &csrf)]))
        .await
        .assert_refused(403, "deployment-admin-missing");
    let refused = tool.audit().await.iter().filter(|line| line.ends_with("deployment-test refused")).count();
    assert_eq!((refused, tool.counted_refusals("deployment-test").await), (1, 2));
}

async fn a_rule_says_who_administers(backend: Backend) {
    let tool = TestTool::start(backend).await;
    operator(&tool, "admit").await;
    let admin = tool.administrator().await;
    let platform = format!("/admin/platforms/{}", tool.platform_id().await);
    let decide = |role: &'static str, becomes: &'static str| {
        let (admin, platform) = (&admin, &platform);
        async move {
            let fields = [("act", "add"), ("role", role), ("becomes", becomes)];
            assert_eq!(admin.presses(platform, &format!("{platform}/roles"), &fields).await.status, 303);
        }
    };
    decide("Manager", "administrator").await;
    decide(ROOT, "moderator").await;
    let manager = tool.browser();
    let (room, page) = comes(&tool, &manager, &["Manager"]).await;
    page.assert_says("id=\"administer\"");
    assert_eq!(manager.comes_back(&presses(&manager, &room).await.location()).await.status, 303);
    let root = tool.browser();
    let (room, _) = comes(&tool, &root, &[ROOT]).await;
    presses(&root, &room).await.assert_refused(403, "deployment-admin-missing");
    manager.opens(PAGE).await.assert_says("data-rule=\"Manager\"");
}

async fn the_page_is_on_the_administrators_own_host(backend: Backend) {
    let tool = Setup::new(backend).with_admin_host().start().await;
    tool.sql("UPDATE deployment SET admits_administrators = TRUE").await;
    let root = tool.browser();
    let (room, page) = comes(&tool, &root, &[ROOT]).await;
    let there = tool.config.addresses.admin_url.origin().ascii_serialization();
    assert!(page.policy("form-action").contains(&there), "{:?}", page.policy("form-action"));
    let way = presses(&root, &room).await.location();
    assert_eq!(way.origin().ascii_serialization(), there);
    let window = Browser::new(&there, tool.lms.clone());
    assert_eq!(window.comes_back(&way).await.status, 303);
    assert_eq!(window.opens(PAGE).await.status, 200);
    root.opens(PAGE).await.assert_refused(404, "page-unknown");
}
