//! The operator's drill: what goes wrong in practice is found within two clicks from the overview.

use jitsi_lti::demo::lms::Tamper;

use super::platforms::launch_of;
use super::servers::{SECRET, adds, input, jitsi, tests};
use crate::support::{Backend, Browser, Lesson, Page, TestTool, on_both};

on_both!(
    keys_that_cannot_be_fetched,
    a_token_endpoint_that_refuses,
    a_clock_that_is_ten_minutes_off,
    a_deployment_that_nobody_approved,
    a_jitsi_secret_that_is_wrong,
);

/// Follows a link that the page shows; the page shows it.
async fn clicks(browser: &Browser, page: &Page, link: &str) -> Page {
    let shown = format!("href=\"{link}");
    let at = page.body.find(&shown).unwrap_or_else(|| panic!("no link {link} in {}", page.body));
    let href: String = page.body[at + 6..].chars().take_while(|c| *c != '"').collect();
    browser.opens(href.split('#').next().unwrap().replace("&amp;", "&")).await
}

async fn keys_that_cannot_be_fetched(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.lms.behaviour().set(|now| now.keys_down = true);
    tool.browser().launches("ana", "1").await.assert_refused(503, "platform-keys-unreachable");
    tool.launch_log(1).await;
    let admin = tool.administrator().await;
    let home = admin.opens("/admin").await;
    home.assert_says("1 refused in the last 24 hours");
    let place = format!("/admin/platforms/{}", tool.platform_id().await);
    let refused = clicks(&admin, &home, &format!("{place}?show=refused")).await;
    refused.assert_says("We couldn’t reach your LMS");
    let tested = admin.presses(&place, &place, &[("act", "test")]).await;
    tested.assert_says("can’t read the platform’s public keys");
}

async fn a_token_endpoint_that_refuses(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    tool.lms.behaviour().set(|now| now.token_refused = true);
    lesson.attends("ana", 9).await;
    lesson.stands("ready", "token-refused").await;
    let admin = tool.administrator().await;
    let home = admin.opens("/admin").await;
    home.assert_says("Failing jobs: ");
    let jobs = clicks(&admin, &home, "/admin/jobs").await;
    jobs.assert_says("The platform gives no access token");
}

async fn a_clock_that_is_ten_minutes_off(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.lms.behaviour().set(|now| now.clock_offset = 600);
    tool.browser().launches("ana", "1").await.assert_refused(401, "token-too-early");
    tool.launch_log(1).await;
    let admin = tool.administrator().await;
    let home = admin.opens("/admin").await;
    let place = format!("/admin/platforms/{}", tool.platform_id().await);
    let refused = clicks(&admin, &home, &format!("{place}?show=refused")).await;
    refused.assert_says("comes from the future").assert_says("with a time server");
}

async fn a_deployment_that_nobody_approved(backend: Backend) {
    let tool = TestTool::start(backend).await;
    launch_of(&tool, "faculty of arts").await.assert_refused(403, "deployment-unknown");
    tool.launch_log(1).await;
    let admin = tool.administrator().await;
    admin.opens("/admin").await.assert_says("Awaiting your approval").assert_says("faculty of arts");
    // And one that is not ours at all: the login names another than the launch.
    tool.lms.behaviour().tamper_next(Tamper::named("unknown_deployment").unwrap());
    tool.browser().launches("ana", "1").await.assert_refused(400, "deployment-mismatch");
    tool.launch_log(2).await;
    let home = admin.opens("/admin").await;
    let place = format!("/admin/platforms/{}?show=refused", tool.platform_id().await);
    clicks(&admin, &home, &place).await.assert_says("Two parts of the message disagree");
}

async fn a_jitsi_secret_that_is_wrong(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let admin = tool.administrator().await;
    let site = jitsi(&tool, "another secret, just as long as the first");
    let server = adds(&admin, &input("North", &site.origin, SECRET)).await;
    let home = admin.opens("/admin").await;
    let servers = clicks(&admin, &home, "/admin/servers").await;
    assert!(servers.body.contains(&format!("action=\"{server}\"")), "{}", servers.body);
    let found = tests(&admin, &server).await;
    found
        .assert_says("A valid token is refused")
        .assert_says("Invalid signature")
        .assert_says("JWT_APP_SECRET");
}
