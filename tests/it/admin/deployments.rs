//! A platform with very many deployments: one for each course element, as OpenOLAT makes them.

use jitsi_lti::demo::lms::Tamper;

use super::platforms::launch_of;
use crate::support::{Backend, Browser, Page, TestTool, on_both};

on_both!(
    sixty_deployments_are_approved_at_once,
    deployments_open_on_their_first_launch_where_the_operator_chose_that,
    launches_beyond_those_that_wait_are_counted,
    nothing_is_ready_while_the_only_deployment_waits,
);

async fn acts(tool: &TestTool, admin: &Browser, act: &str) -> Page {
    let page = format!("/admin/platforms/{}", tool.platform_id().await);
    let done = admin.presses(&page, &page, &[("act", act)]).await;
    assert_eq!(done.status, 303, "{}", done.body);
    admin.opens(done.header("location")).await
}

async fn sixty_deployments_are_approved_at_once(backend: Backend) {
    let tool = TestTool::start(backend).await;
    for number in 0..60 {
        launch_of(&tool, &format!("element {number}")).await.assert_refused(403, "deployment-unknown");
    }
    let admin = tool.administrator().await;
    let home = admin.opens("/admin").await;
    assert_eq!(home.body.matches("data-waiting=").count(), 3);
    home.assert_says("and 57 more deployments are waiting");
    let page = admin.opens(format!("/admin/platforms/{}", tool.platform_id().await)).await;
    assert_eq!(page.body.matches("data-waiting=").count(), 60);
    page.assert_says("Approve all 60");
    acts(&tool, &admin, "approve-all").await.assert_says("All waiting deployments are approved");
    for number in [0, 30, 59] {
        launch_of(&tool, &format!("element {number}")).await.assert_enters();
    }
    // One that comes later waits again.
    launch_of(&tool, "element 60").await.assert_refused(403, "deployment-unknown");
    let logged =
        tool.texts("SELECT after AS value FROM audit_event WHERE action = 'deployment-approve-all'").await;
    assert!(logged[0].contains("element 59"), "{logged:?}");
}

async fn deployments_open_on_their_first_launch_where_the_operator_chose_that(backend: Backend) {
    let tool = TestTool::start(backend).await;
    launch_of(&tool, "waits").await.assert_refused(403, "deployment-unknown");
    tool.adds_deployment("off").await;
    tool.sql("UPDATE deployment SET status = 'disabled' WHERE deployment_id = 'off'").await;
    let admin = tool.administrator().await;
    let page = acts(&tool, &admin, "approve-always").await;
    page.assert_says("All deployments are approved from now on.").assert_says("approved automatically");
    launch_of(&tool, "waits").await.assert_enters();
    launch_of(&tool, "quite new").await.assert_enters();
    launch_of(&tool, "quite new").await.assert_enters();
    launch_of(&tool, "off").await.assert_refused(403, "deployment-disabled");
    assert_eq!(tool.count("deployment WHERE status = 'pending'").await, 0);
    // Forged or spoiled launches make none.
    for tamper in [Tamper::StrangerKey, Tamper::WrongNonce, Tamper::Expired] {
        tool.lms.behaviour().tamper_next(tamper);
        assert!(tool.browser().launches("ana", "1").await.code().is_some());
    }
    assert_eq!(tool.count("deployment").await, 4);
    // It can be undone; what was approved stays so.
    acts(&tool, &admin, "ask-again").await.assert_says("need your approval again");
    launch_of(&tool, "quite new").await.assert_enters();
    launch_of(&tool, "too late").await.assert_refused(403, "deployment-unknown");
    let audit = tool.audit().await;
    for action in ["platform-approve-always", "platform-ask-again"] {
        assert!(audit.iter().any(|line| line.ends_with(&format!("{action} done"))), "{audit:?}");
    }
}

async fn launches_beyond_those_that_wait_are_counted(backend: Backend) {
    let tool = TestTool::start(backend).await;
    launch_of(&tool, "first").await.assert_refused(403, "deployment-unknown");
    // As many wait as may.
    tool.sql(
        "INSERT INTO deployment (id, platform_id, deployment_id, status, created_at) \
         WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 499) \
         SELECT SUBSTR('00000000000000000000000000000000' || n, LENGTH(CAST(n AS TEXT)) + 1), (SELECT MAX(id) FROM platform), 'made ' || n, 'pending', 1 FROM numbers",
    )
    .await;
    let admin = tool.administrator().await;
    for _ in 0..2 {
        launch_of(&tool, "one too many").await.assert_refused(403, "deployment-unknown");
    }
    launch_of(&tool, "first").await.assert_refused(403, "deployment-unknown");
    let page = admin.opens(format!("/admin/platforms/{}", tool.platform_id().await)).await;
    page.assert_says("data-turned-away=\"2\"").assert_says("2 launches came from yet other deployments");
    assert_eq!(page.body.matches("data-waiting=").count(), 100);
    page.assert_says("and 400 more deployments are waiting").assert_says("Approve all 500");
    acts(&tool, &admin, "approve-all").await.assert_says("data-turned-away=\"0\"");
    launch_of(&tool, "one too many").await.assert_refused(403, "deployment-unknown");
    admin.opens("/admin").await.assert_says("one too many");
}

async fn nothing_is_ready_while_the_only_deployment_waits(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let admin = tool.administrator().await;
    admin.opens("/admin").await.assert_says("data-ready=\"yes\"");
    tool.sql("UPDATE deployment SET status = 'pending'").await;
    let home = admin.opens("/admin").await;
    home.assert_says("data-ready=\"no\"").assert_says("The only deployments are awaiting your approval");
    tool.sql("DELETE FROM deployment").await;
    let home = admin.opens("/admin").await;
    home.assert_says("data-ready=\"no\"").assert_says("No deployment is approved yet");
    tool.adds_deployment("1").await;
    admin.opens("/admin").await.assert_says("data-ready=\"yes\"");
    tool.sql("UPDATE platform SET status = 'disabled'").await;
    admin.opens("/admin").await.assert_says("data-ready=\"no\"");
}
