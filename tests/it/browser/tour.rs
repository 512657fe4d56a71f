//! The guided tour, as it is used: a panel for mouse and keyboard that follows what was done, and the demo's people.

use fantoccini::key::Key;
use serde_json::json;

use super::axe::examine;
use super::stage::Stage;
use super::visitor::{Cookies, Visitor};

#[tokio::test]
async fn the_tour_follows_what_was_done_and_closes() {
    let stage = Stage::own();
    let lms = stage.lms.settings().issuer.clone();
    let visitor = Visitor::new(Cookies::ThirdPartyBlocked, 1300).await;
    visitor.open(&lms).await;
    assert!(!visitor.sees("#help").await);
    visitor.click("#start-tour").await;
    visitor.see("#help").await;
    assert_eq!(focused(&visitor).await, json!("help-title"));
    examine(&visitor, "home with the tour").await;
    // Closed by Escape or by its button; the focus goes to what opens it again.
    visitor.press(&[Key::Escape]).await;
    assert!(!visitor.sees("#help").await);
    assert_eq!(focused(&visitor).await, json!("help-button"));
    visitor.press(&[Key::Enter]).await;
    visitor.see("#help").await;
    visitor.press(&[Key::Tab]).await;
    assert_eq!(focused(&visitor).await, json!("help-close"));
    visitor.press(&[Key::Enter]).await;
    assert!(!visitor.sees("#help").await);

    visitor.click("#help-button").await;
    assert_eq!(visitor.read("#help [data-tour-count]").await, "0 of 14 steps done");
    visitor.click("#help [data-step=teacher] a").await;
    visitor.in_tool("#join").await;
    visitor.to_page().await;
    visitor.see("#help").await;
    visitor.see("#help [data-step=teacher][data-done=yes]").await;
    visitor.click("#help [data-step=groups] a").await;
    visitor.in_tool("#join").await;
    assert!(visitor.read("#group").await.contains("Red"), "Ana is in the red group");
    visitor.to_page().await;
    visitor.click("#help [data-step=groups] a:nth-of-type(2)").await;
    visitor.in_tool("#join").await;
    visitor.to_page().await;
    visitor.see("#help [data-step=groups][data-done=yes]").await;
    visitor.open(&stage.lms.activity_url(&group_work(&stage), "tessa")).await;
    visitor.in_tool("#groups").await;
    assert_eq!(visitor.overhang().await, 0);
    visitor.to_page().await;
    assert_eq!(visitor.read("#help [data-tour-count]").await, "3 of 14 steps done");
    examine(&visitor, "an activity with the tour").await;
    assert_eq!(visitor.complaints().await, [""; 0]);
}

#[tokio::test]
async fn the_lms_leads_to_the_administrator_s_pages() {
    let stage = Stage::own();
    let visitor = Visitor::new(Cookies::Allowed, 1000).await;
    for _ in 0..2 {
        visitor.open(&format!("{}/tools", stage.lms.settings().issuer)).await;
        let page = visitor.client().window().await.unwrap();
        visitor.click("#administer").await;
        visitor.to_window(2).await;
        visitor.see("#enter, #checks").await;
        visitor.client().close_window().await.unwrap();
        visitor.client().switch_to_window(page).await.unwrap();
    }
}

fn group_work(stage: &Stage) -> jitsi_lti::demo::lms::LmsActivity {
    stage.lms.activities().into_iter().find(|activity| activity.is_for_groups).unwrap()
}

async fn focused(visitor: &Visitor) -> serde_json::Value {
    visitor.script("return document.activeElement?.id ?? ''").await
}
