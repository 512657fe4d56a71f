//! Attendance as it is seen: the teacher's list follows the class, the learner sees the own time.

use serde_json::json;

use super::stage::Stage;
use super::visitor::{Cookies, Visitor};

#[tokio::test]
async fn the_teachers_list_follows_the_class() {
    follow_a_class(Cookies::Allowed).await;
}

#[tokio::test]
async fn the_list_follows_where_third_party_cookies_are_blocked() {
    follow_a_class(Cookies::ThirdPartyBlocked).await;
}

async fn follow_a_class(cookies: Cookies) {
    let stage = Stage::own();
    let activity = stage.activity("Live class");
    let (teacher, ana) = futures::join!(Visitor::new(cookies, 700), Visitor::new(cookies, 700));
    teacher.open(&stage.address(&activity, "tessa", "")).await;
    teacher.in_tool("#attendance-none").await;

    ana.open(&stage.address(&activity, "ana", "")).await;
    ana.in_tool("#attendance.mine[data-minutes='0']").await;
    assert_eq!(ana.read("#attendance.mine > p").await, "Your time counts from the moment you join.");
    assert_eq!(ana.read("#mine-target p").await, "0 of 45 minutes for the full grade");
    ana.click("#join").await;
    ana.to_window(2).await;
    ana.find("html[data-presence=counting]").await;
    // The browser says at once that the network is gone, and that it is back.
    for (offline, state) in [(true, "unreachable"), (false, "counting")] {
        let network =
            json!({"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1});
        ana.devtools("Network.emulateNetworkConditions", network).await;
        ana.find(&format!("html[data-presence={state}]")).await;
    }
    stage.written().await;

    teacher.open(&stage.address(&activity, "tessa", "")).await;
    teacher.in_tool("[data-live=yes] [data-person='Ana Silva'][data-here=yes]").await;
    teacher.client().execute("window.unchanged = true", vec![]).await.unwrap();
    ana.click("#leave").await;
    ana.see("[data-card=left]").await;
    assert_eq!(ana.attribute("html", "data-presence").await, "off");
    // The list finds out by itself, without a reload.
    teacher.find("[data-live=no] [data-person='Ana Silva'][data-here=no]").await;
    assert_eq!(teacher.script("return window.unchanged").await, true);
    assert_eq!(teacher.violations().await, [""; 0]);
    assert_eq!(ana.complaints().await, [""; 0]);
}
