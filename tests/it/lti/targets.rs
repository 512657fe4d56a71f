//! Where a launch says that it leads: the addresses that people paste are ours, and nobody else's is.

use std::sync::Arc;

use jitsi_lti::demo::lms::{LoginInitiation, Tamper, Visit, claim};
use serde_json::{Value, json};

use crate::support::{Backend, Page, TestTool, on_both, with};

on_both!(
    slash_bare_host_and_capitals_are_our_own_address,
    a_foreign_target_is_shown_beside_the_right_one,
    the_picker_opens_without_a_target,
    a_login_without_target_leads_where_the_launch_says,
);

/// Opens an activity; login and token name these targets.
async fn leads(tool: &TestTool, visit: &Visit, at_login: Option<&str>, in_token: Option<&str>) -> Page {
    let named = in_token.map(str::to_owned);
    tool.lms.behaviour().tamper_next(Tamper::Edit(Arc::new(move |_: &mut Value, payload: &mut Value| {
        match &named {
            Some(target) => payload[claim("target_link_uri")] = json!(target),
            None => drop(payload.as_object_mut().unwrap().remove(&claim("target_link_uri"))),
        }
    })));
    let browser = tool.browser();
    let login = tool.lms.login_initiation(visit).unwrap();
    let fields = with(login.fields, "target_link_uri", at_login);
    let login = browser.logs_in(&LoginInitiation { fields, ..login }).await;
    browser.brings(&browser.asks_platform(&login)).await
}

async fn slash_bare_host_and_capitals_are_our_own_address(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (ana, origin) = (Visit::new("ana", "1"), tool.origin.clone());
    let capitals = origin.replace("localhost", "LOCALHOST");
    for target in [
        format!("{origin}/lti/launch"),
        format!("{origin}/lti/launch/"),
        format!("{origin}/"),
        origin.clone(),
        format!("{capitals}/lti/launch"),
    ] {
        leads(&tool, &ana, Some(&target), Some(&target)).await.assert_enters();
    }
    // Login and token may spell the same address otherwise.
    let launch = format!("{origin}/lti/launch");
    leads(&tool, &ana, Some(&origin), Some(&launch)).await.assert_enters();
    leads(&tool, &ana, Some(&format!("{launch}?a=1")), Some(&launch))
        .await
        .assert_refused(400, "target-mismatch");
}

async fn a_foreign_target_is_shown_beside_the_right_one(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let ana = Visit::new("ana", "1");
    for target in
        ["https://old.example/lti/launch", "https://old.example/<b>", "no address", "javascript:alert(1)"]
    {
        let page = leads(&tool, &ana, Some(target), Some(target)).await;
        page.assert_refused(400, "target-foreign");
        page.assert_says(target).assert_says(&format!("{}/lti/launch", tool.origin));
        assert!(!page.body.contains("<b>"), "{}", page.body);
    }
    let path = format!("{}/rooms/1", tool.origin);
    leads(&tool, &ana, Some(&path), Some(&path)).await.assert_refused(400, "target-foreign");
}

async fn the_picker_opens_without_a_target(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let visit = Visit::picking("tessa", "101");
    let launch = format!("{}/lti/launch", tool.origin);
    for at_login in [Some(launch.as_str()), Some(tool.origin.as_str()), None] {
        let picker = leads(&tool, &visit, at_login, None).await;
        assert_eq!(picker.status, 200, "{}", picker.body);
        assert!(!picker.field("session").is_empty());
    }
    let page = leads(&tool, &visit, Some("https://old.example/"), None).await;
    page.assert_refused(400, "target-foreign").assert_says("https://old.example/");
    let page =
        leads(&tool, &visit, Some(&format!("{launch}?deep_link_return_url=https://evil.example/")), None)
            .await;
    page.assert_refused(400, "return-url-in-query");
    // An activity's launch must say where it leads.
    leads(&tool, &Visit::new("ana", "1"), Some(&launch), None).await.assert_refused(400, "target-missing");
}

async fn a_login_without_target_leads_where_the_launch_says(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (ana, launch) = (Visit::new("ana", "1"), format!("{}/lti/launch", tool.origin));
    for at_login in [None, Some("")] {
        leads(&tool, &ana, at_login, Some(&launch)).await.assert_enters();
    }
    let page = leads(&tool, &ana, Some("https://old.example/"), Some(&launch)).await;
    page.assert_refused(400, "target-mismatch");
}
