//! Administrators at their pages: few clicks, no mouse, and eyes of every kind.

use fantoccini::key::Key;
use jitsi_lti::admin::login_link::store::make_link;
use jitsi_lti::db::Tx;
use jitsi_lti::demo::lms::{LmsActivity, Tamper};

use super::axe::examine;
use super::visitor::{Cookies, Visitor};
use crate::support::{Backend, Lesson, Setup, TestTool};

async fn link(tool: &TestTool) -> String {
    let work = |tx: &mut Tx<'_>| make_link(tx);
    format!("{}/admin/enter/{}", tool.origin, tool.db.write(work).await.unwrap())
}

#[tokio::test]
async fn from_an_invitation_to_a_class_in_six_clicks() {
    let tool = Setup::new(Backend::Sqlite).without_platform().start().await;
    let visitor = Visitor::new(Cookies::ThirdPartyBlocked, 1000).await;
    visitor.open(&link(&tool).await).await;
    visitor.click("#enter").await;
    visitor.see("#checks").await;

    let mut clicks = 0;
    let mut click = async |css: &str| {
        visitor.click(css).await;
        clicks += 1;
    };
    click("#invite-button").await;
    let invitation = visitor.read("#address").await;
    click("#copy-address").await;
    // The LMS, in a window beside it; the address is pasted.
    let admin = visitor.client().window().await.unwrap();
    let lms = visitor.client().new_window(false).await.unwrap().handle;
    visitor.client().switch_to_window(lms.clone()).await.unwrap();
    visitor.open(&format!("{}/tools", tool.lms.settings().issuer)).await;
    visitor.see("#registration-url").await.send_keys(&invitation).await.unwrap();
    click("#register").await;
    visitor.in_frame("#registration-frame", "#register-button").await;
    click("#register-button").await;
    // Nothing is missing, so the page closes by itself.
    visitor.to_page().await;
    visitor.see("#registered").await;
    // Meanwhile the administrator's page has noticed.
    visitor.client().switch_to_window(admin).await.unwrap();
    visitor.see("#arrived[data-state=arrived]").await;
    click("#arrived button[value=approve]").await;
    visitor.see("#platforms").await;
    visitor.client().switch_to_window(lms).await.unwrap();
    click("#tool-list a.open").await;
    visitor.in_tool("#join").await;
    assert_eq!(clicks, 6);
}

/// Presses Tab until the element has the focus, as somebody without a mouse would.
async fn tab_to(visitor: &Visitor, css: &str) {
    for _ in 0..80 {
        let here = format!("return document.activeElement?.matches({css:?}) ?? false");
        if visitor.script(&here).await == true {
            let ring = "return getComputedStyle(document.activeElement).outlineStyle";
            assert_ne!(visitor.script(ring).await, "none", "{css} shows that it has the focus");
            return;
        }
        visitor.press(&[Key::Tab]).await;
    }
    panic!("no way to {css} by Tab");
}

#[tokio::test]
async fn without_a_mouse() {
    let tool = Setup::new(Backend::Sqlite).without_server().start().await;
    let visitor = Visitor::new(Cookies::Allowed, 1000).await;
    visitor.open(&link(&tool).await).await;
    tab_to(&visitor, "#enter").await;
    visitor.press(&[Key::Enter]).await;
    visitor.see("#checks").await;
    tab_to(&visitor, "a[href='/admin/servers']").await;
    visitor.press(&[Key::Enter]).await;
    visitor.see("#add").await;
    for (field, value) in [("#name", "North"), ("#domain", "meet.example.org"), ("#app_id", "north")] {
        tab_to(&visitor, field).await;
        visitor.find(field).await.send_keys(value).await.unwrap();
    }
    tab_to(&visitor, "#secret").await;
    visitor.find("#secret").await.send_keys("a secret that is long enough for everybody").await.unwrap();
    tab_to(&visitor, "#save").await;
    visitor.press(&[Key::Enter]).await;
    visitor.see("#notice").await;
    // The first stop of every page leads past the links.
    visitor.press(&[Key::Tab]).await;
    assert_eq!(visitor.script("return document.activeElement.className").await, "skip");
    visitor.press(&[Key::Enter]).await;
    assert_eq!(visitor.script("return document.activeElement.id").await, "main");
    tab_to(&visitor, "a[href='/admin']").await;
    visitor.press(&[Key::Enter]).await;
    visitor.see("#checks").await;
    tab_to(&visitor, "#note").await;
    visitor.find("#note").await.send_keys("North").await.unwrap();
    visitor.press(&[Key::Enter]).await;
    visitor.see("#address").await;
    tab_to(&visitor, "#copy-address").await;
    visitor.press(&[Key::Enter]).await;
    visitor
        .until("word that it is copied", async |me| {
            (!me.read("[data-copy-status]").await.is_empty()).then_some(())
        })
        .await;
}

/// The frame keeps no cookies; the window that opens beside it does.
#[tokio::test]
async fn an_administrator_of_the_platform_comes_from_the_frame() {
    let tool = TestTool::start(Backend::Sqlite).await;
    tool.sql("UPDATE deployment SET admits_administrators = TRUE").await;
    tool.sql("UPDATE platform SET role_rules = 'administrator Instructor'").await;
    let visitor = Visitor::new(Cookies::ThirdPartyBlocked, 700).await;
    let activity = LmsActivity::new("101", "Live class");
    let activity = tool.lms.add_activity(LmsActivity { id: "900".to_owned(), ..activity }).unwrap();
    visitor.open(&tool.lms.activity_url(&activity, "tessa")).await;
    let administer = visitor.in_tool("#administer").await;
    // Written half a second later.
    tool.launch_log(1).await;
    administer.click().await.unwrap();
    visitor.to_window(2).await;
    visitor.see("#launches [data-outcome=entered]").await;
    assert_eq!(visitor.script("return location.pathname").await, "/admin/deployment");
    visitor.click("#test").await;
    visitor.see("#findings [data-good=yes]").await;
    for width in [360, 1280] {
        visitor.narrow(width).await;
        examine(&visitor, "a deployment").await;
    }
}

async fn every_page(width: u32) {
    let tool = TestTool::start(Backend::Sqlite).await;
    // Something to see: trouble, a deployment that waits, an invitation.
    let lesson = Lesson::begin(&tool, "1").await;
    tool.lms.behaviour().set(|now| now.token_refused = true);
    lesson.attends("ana", 9).await;
    lesson.stands("ready", "token-refused").await;
    for name in ["expired", "wrong_nonce", "missing_roles"] {
        tool.lms.behaviour().tamper_next(Tamper::named(name).unwrap());
        tool.browser().launches("ana", "1").await;
    }
    tool.sql("INSERT INTO deployment (id, platform_id, deployment_id, status, created_at) SELECT '0000000000000000000000000000000a', id, 'faculty', 'pending', 1 FROM platform").await;
    tool.launch_log(4).await;
    tool.sql("UPDATE platform SET role_rules = 'observer http://purl.imsglobal.org/vocab/lis/v2/institution/person#Staff'").await;
    tool.sql(
        "UPDATE platform SET proposal = '{\"values\":{\"name\":\"x\",\"auth_url\":\"https://lms.example/auth\",\
         \"token_url\":\"https://lms.example/token\",\"jwks_url\":\"https://lms.example/keys\",\"token_audience\":null},\"at\":1}'",
    )
    .await;
    let platform = format!("/admin/platforms/{}", tool.platform_id().await);
    let server = tool.texts("SELECT id AS value FROM server").await.pop().unwrap();

    let visitor = Visitor::new(Cookies::Allowed, width).await;
    let show = async |path: &str| {
        visitor.open(&format!("{}{path}", tool.origin)).await;
        examine(&visitor, path).await;
    };
    visitor.open(&link(&tool).await).await;
    examine(&visitor, "enter").await;
    visitor.click("#enter").await;
    visitor.see("#checks").await;
    for path in [
        "/admin",
        "/admin/platforms/new?lms=canvas",
        "/admin/platforms/new?lms=other",
        "/lti/config?lms=moodle",
        "/admin/servers",
        "/admin/settings",
        "/admin/jobs",
        "/admin/status",
        "/admin/audit",
    ] {
        show(path).await;
    }
    show(&format!("{platform}/settings")).await;
    show(&platform).await;
    visitor.click("#test").await;
    visitor.see("#findings").await;
    examine(&visitor, "a platform's test").await;
    show(&format!("{platform}/delete")).await;
    show(&format!("/admin/servers/{server}")).await;
    visitor.click("#test").await;
    visitor.see("#findings").await;
    examine(&visitor, "a server's test").await;
    visitor.open(&format!("{}/admin", tool.origin)).await;
    visitor.click("#invite-button").await;
    visitor.see("#address").await;
    examine(&visitor, "an invitation").await;
    let invitation = visitor.read("#address").await;
    // What the platform's administrator sees.
    visitor.open(&tool.lms.begin_registration(&invitation).unwrap()).await;
    visitor.see("#register-button").await;
    examine(&visitor, "registering").await;
    visitor.click("#register-button").await;
    visitor.see("#registered").await;
    examine(&visitor, "registered").await;
    visitor.open(&format!("{}/admin/platforms/unknown", tool.origin)).await;
    examine(&visitor, "a refusal").await;
    let complaints = visitor.complaints().await;
    let real: Vec<&String> = complaints.iter().filter(|one| !one.contains("404")).collect();
    assert!(real.is_empty(), "{real:?}");
}

#[tokio::test]
async fn every_page_is_for_everybody_on_a_wide_screen() {
    every_page(1280).await;
}

#[tokio::test]
async fn every_page_is_for_everybody_on_a_phone() {
    every_page(360).await;
}
