//! Back, Forward and Reload around a class, and the way back to the course.

use fantoccini::Locator;

use super::stage::Stage;
use super::visitor::{Cookies, Visitor};

async fn at_the_activity(stage: &Stage, title: &str, width: u32) -> Visitor {
    let activity = stage.activity(title);
    let visitor = Visitor::new(Cookies::Allowed, width).await;
    visitor.open(&stage.address(&activity, "ana", "&in=window")).await;
    visitor.see("#join").await;
    visitor
}

/// The meeting page is there, and its person is not in class and not counted.
async fn is_outside(visitor: &Visitor) {
    visitor.see("[data-card=returned]").await;
    // No class opens by itself.
    visitor.comes_to_rest().await;
    assert_eq!(visitor.attribute("html", "data-presence").await, "off");
    assert!(visitor.client().find(Locator::Css("#jitsi iframe")).await.is_err());
}

#[tokio::test]
async fn whoever_comes_back_through_the_history_is_not_in_class_until_they_join_again() {
    let stage = Stage::shared();
    let visitor = at_the_activity(&stage, "Class in the history", 1000).await;
    visitor.click("#join").await;
    visitor.in_meeting().await;
    visitor.to_page().await;
    visitor.client().back().await.unwrap();
    visitor.see("#join").await;
    visitor.client().forward().await.unwrap();
    is_outside(&visitor).await;
    // A reload of this page is no wish to be in class either.
    visitor.client().refresh().await.unwrap();
    is_outside(&visitor).await;
    visitor.click("[data-card=returned] [data-do=again]").await;
    visitor.in_meeting().await;
    visitor.to_page().await;
    visitor.find("html[data-presence=counting]").await;
    // Nor is a page that the browser kept in memory and shows again.
    let restore = "dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true })); \
                   dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))";
    visitor.client().execute(restore, vec![]).await.unwrap();
    is_outside(&visitor).await;
    visitor.click("[data-card=returned] [data-do=again]").await;
    visitor.in_meeting().await;
    visitor.to_page().await;
    // In class it is.
    visitor.client().refresh().await.unwrap();
    visitor.in_meeting().await;
    visitor.to_page().await;
    // After leaving it is not.
    visitor.click("#leave").await;
    visitor.see("[data-card=left]").await;
    visitor.client().refresh().await.unwrap();
    is_outside(&visitor).await;
    assert_eq!(visitor.complaints().await, [""; 0]);
}

#[tokio::test]
async fn leaving_takes_the_class_out_of_the_history() {
    let stage = Stage::shared();
    let visitor = at_the_activity(&stage, "Class that is left", 1000).await;
    visitor.click("#join").await;
    visitor.in_meeting().await;
    visitor.to_page().await;
    visitor.click("#leave").await;
    visitor.see("[data-card=left]").await;
    visitor.click("[data-card=left] [data-do=back]").await;
    visitor.see("#join").await;
    visitor.client().back().await.unwrap();
    visitor.see("#join").await;
    assert!(!visitor.client().current_url().await.unwrap().path().ends_with("/meeting"));

    visitor.click("#join").await;
    visitor.in_meeting().await;
    visitor.to_page().await;
    visitor.click("#leave").await;
    visitor.see("[data-card=left]").await;
    visitor.click("[data-card=left] [data-do=course]").await;
    visitor
        .until("the course", async |me: &Visitor| {
            me.client().current_url().await.ok()?.path().ends_with("/return").then_some(())
        })
        .await;
    visitor.client().back().await.unwrap();
    visitor.see("#join").await;
}

#[tokio::test]
async fn a_whole_window_leads_back_to_the_course_and_a_frame_need_not() {
    let stage = Stage::shared();
    for width in [1000, 360] {
        let visitor = at_the_activity(&stage, "Class in a whole window", width).await;
        assert_eq!(visitor.attribute("html", "data-whole").await, "yes");
        assert_eq!(visitor.read("#way-back").await, "Back to the course");
        assert_eq!(visitor.overhang().await, 0);
        let attendance = visitor.script("return document.getElementById('attendance').dataset.url").await;
        let here = visitor.client().current_url().await.unwrap();
        visitor.open(here.join(attendance.as_str().unwrap()).unwrap().as_str()).await;
        visitor.see("#way-back").await;
        visitor.client().back().await.unwrap();
        visitor.click("#way-back").await;
        visitor
            .until("the course", async |me: &Visitor| {
                me.client().current_url().await.ok()?.path().ends_with("/return").then_some(())
            })
            .await;
    }
    let activity = stage.activity("Class in a frame");
    let visitor = Visitor::new(Cookies::Allowed, 1000).await;
    visitor.open(&stage.address(&activity, "ana", "")).await;
    visitor.in_tool("#join").await;
    assert!(!visitor.sees("#way-back").await);
}

#[tokio::test]
async fn the_page_asks_whether_nothing_opened_only_while_nothing_did() {
    let stage = Stage::shared();
    let activity = stage.activity("Class in another window");
    let visitor = Visitor::new(Cookies::Allowed, 1000).await;
    visitor.open(&stage.address(&activity, "ana", "")).await;
    visitor.in_tool("#join").await;
    let sentences = "return [...document.querySelectorAll('.card p')].filter((one) => one.checkVisibility() && \
                     /new window/i.test(one.textContent)).length";
    assert_eq!(visitor.script(sentences).await, 1, "one sentence says where the class opens");
    visitor.click("#join").await;
    visitor.see("#join-opened").await;
    assert!(!visitor.sees("#join-nothing").await);
    visitor.to_window(2).await;
    visitor.in_meeting().await;
    visitor.to_page().await;
    let windows = visitor.client().windows().await.unwrap();
    visitor.client().close_window().await.unwrap();
    visitor.client().switch_to_window(windows[0].clone()).await.unwrap();
    visitor.in_tool("#join").await;
    visitor.comes_to_rest().await;
    assert!(!visitor.sees("#join-nothing").await);
}
