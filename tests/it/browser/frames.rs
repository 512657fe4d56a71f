//! Where the class opens: what the LMS's frame and the browser allow decides.

use serde_json::json;

use super::stage::Stage;
use super::visitor::{Cookies, Visitor};

#[tokio::test]
async fn a_frame_that_may_share_the_screen_holds_the_class_itself() {
    let stage = Stage::shared();
    let activity = stage.activity("Embedded class");
    let visitor = Visitor::new(Cookies::ThirdPartyBlocked, 1000).await;
    visitor.open(&stage.address(&activity, "tessa", "&capture=1")).await;
    visitor.in_tool("#join").await;
    assert_eq!(visitor.read("#join-hint").await, "The class opens on this page.");
    visitor.click("#join").await;

    visitor.in_tool("html[data-state=joined] #bar").await;
    visitor.in_meeting().await;
    assert_eq!(visitor.attribute("#meeting", "data-delegated").await, "camera microphone display-capture");
    assert_eq!(visitor.client().windows().await.unwrap().len(), 1);

    visitor.in_tool("#leave").await;
    visitor.click("#leave").await;
    visitor.see("[data-card=left]").await;
    visitor.click("[data-card=left] [data-do=back]").await;
    visitor.in_tool("#join").await;
    assert_eq!(visitor.complaints().await, [""; 0]);
}

#[tokio::test]
async fn a_class_opened_as_a_whole_window_stays_in_it() {
    let stage = Stage::shared();
    let activity = stage.activity("Class in a window");
    let visitor = Visitor::new(Cookies::ThirdPartyBlocked, 1000).await;
    visitor.open(&stage.address(&activity, "ana", "&in=window")).await;
    visitor.see("#join").await;
    assert_eq!(visitor.attribute("html", "data-framed").await, "no");
    visitor.click("#join").await;
    visitor.in_meeting().await;
    assert_eq!(visitor.client().windows().await.unwrap().len(), 1);
    visitor.to_page().await;
    visitor.click("#leave").await;
    visitor.see("[data-card=left]").await;
    // The window was there before the class: it goes back instead of closing.
    visitor.click("[data-card=left] [data-do=back]").await;
    visitor.see("#join").await;
    assert_eq!(visitor.complaints().await, [""; 0]);
}

#[tokio::test]
async fn a_browser_that_refuses_all_cookies_is_told_why() {
    let stage = Stage::shared();
    let activity = stage.activity("Class without cookies");
    let visitor = Visitor::new(Cookies::AllBlocked, 1000).await;
    visitor.open(&stage.address(&activity, "ana", "")).await;
    visitor.in_tool("#new-window[data-code=cookies-blocked]").await;
    let words = visitor.read("#new-window").await;
    assert!(words.contains("won’t let this page, embedded in"), "{words}");
    visitor.click("#open").await;
    // Nothing can be remembered in the new window either: it says what helps, and does not go round in circles.
    visitor.to_window(2).await;
    visitor.see("#new-window[data-code=cookies-blocked]").await;
    assert_eq!(visitor.attribute("html", "data-framed").await, "no");
    assert!(visitor.read("#new-window").await.contains("allow cookies for this address"));
    assert!(!visitor.sees("#open").await);
    assert_eq!(visitor.cookies().await, []);
}

#[tokio::test]
async fn without_javascript_people_get_as_far_as_the_explanation() {
    let stage = Stage::shared();
    let activity = stage.activity("Class without JavaScript");
    let visitor = Visitor::without_javascript().await;
    visitor.open(&stage.address(&activity, "ana", "")).await;
    // The LMS's two forms, which send themselves otherwise.
    visitor.in_tool("form#send[action*='/lti/login'] button").await.click().await.unwrap();
    visitor.in_tool("form#send[action*='/lti/launch'] button").await.click().await.unwrap();
    visitor.in_tool("#join").await.click().await.unwrap();
    visitor.to_window(2).await;
    let words = visitor.read("noscript .card").await;
    assert!(words.contains("The class needs JavaScript"), "{words}");
    visitor.click("noscript a").await;
    visitor.see("#join").await;
}

/// The other stories trust that what a policy refuses can be seen: here it is, in a frame and in a window.
#[tokio::test]
async fn a_page_runs_no_foreign_script() {
    let stage = Stage::shared();
    let activity = stage.activity("Class under a policy");
    let visitor = Visitor::new(Cookies::ThirdPartyBlocked, 1000).await;
    let inject = "const script = document.createElement('script'); script.text = 'window.injected = true'; \
                  document.body.append(script); return window.injected ?? 'refused'";

    visitor.open(&stage.address(&activity, "ana", "")).await;
    visitor.in_tool("#join").await;
    assert_eq!(visitor.violations().await, [""; 0]);
    assert_eq!(visitor.script(inject).await, json!("refused"));
    assert_eq!(visitor.violations().await, ["script-src-elem inline"]);

    visitor.open(&stage.address(&activity, "ana", "&in=window")).await;
    visitor.see("#join").await;
    assert_eq!(visitor.complaints().await, [""; 0]);
    assert_eq!(visitor.script(inject).await, json!("refused"));
    let complaint = async |me: &Visitor| me.complaints().await.pop();
    let complaint = visitor.until("word of the broken policy", complaint).await;
    assert!(complaint.contains("Content Security Policy"), "{complaint}");
}
