//! An explicit leave is an end, a silence is not; and a class is live while somebody is in it.

use crate::support::{
    Backend, Browser, MINUTE, OpenPage, Page, Room, SECOND, TestTool, on_both, send_presence,
};

on_both!(
    leaving_and_coming_back_counts_no_gap,
    a_silence_of_the_same_length_is_bridged,
    a_reload_costs_nothing,
    a_heartbeat_told_late_never_reopens_what_was_left,
    a_class_is_live_only_while_somebody_is_in_it,
);

async fn attendance(browser: &Browser, room: &Room) -> Page {
    let page = browser.opens(format!("{}/attendance", room.path())).await;
    assert_eq!(page.status, 200, "{}", page.body);
    page
}

/// The learner's own minutes.
async fn minutes(browser: &Browser, room: &Room) -> String {
    attendance(browser, room).await.attr("[data-minutes]", "data-minutes")
}

async fn left(tool: &TestTool, page: &OpenPage<'_>) {
    let gone = "SELECT COUNT(*) AS value FROM presence WHERE has_left";
    let before = tool.number(gone.to_owned()).await;
    assert_eq!(page.says("leave").await, 204);
    tool.eventually("the good-bye is written", async || tool.number(gone.to_owned()).await > before).await;
}

async fn leaving_and_coming_back_counts_no_gap(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let ana = tool.browser();
    let room = ana.launches("ana", "1").await.assert_enters();
    let page = OpenPage::open(&ana, &room).await;
    page.stays(&tool, 2).await;
    left(&tool, &page).await;
    tool.later(76 * SECOND);
    OpenPage::open(&ana, &room).await.stays(&tool, 2).await;
    assert_eq!(minutes(&ana, &room).await, "4", "two minutes, a gap of 76 seconds, two minutes");
}

async fn a_silence_of_the_same_length_is_bridged(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let ana = tool.browser();
    let room = ana.launches("ana", "1").await.assert_enters();
    OpenPage::open(&ana, &room).await.stays(&tool, 2).await;
    tool.later(76 * SECOND);
    OpenPage::open(&ana, &room).await.stays(&tool, 2).await;
    assert_eq!(minutes(&ana, &room).await, "5", "the browser crashed, and the person came back");
}

async fn a_reload_costs_nothing(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let ana = tool.browser();
    let room = ana.launches("ana", "1").await.assert_enters();
    for _ in 0..6 {
        let page = OpenPage::open(&ana, &room).await;
        page.stays(&tool, 1).await;
        left(&tool, &page).await;
        tool.later(10 * SECOND);
    }
    OpenPage::open(&ana, &room).await.stays(&tool, 1).await;
    assert_eq!(minutes(&ana, &room).await, "8", "seven minutes and six reloads of ten seconds each");
}

async fn a_heartbeat_told_late_never_reopens_what_was_left(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (ana, tessa) = (tool.browser(), tool.browser());
    let room = ana.launches("ana", "1").await.assert_enters();
    tessa.launches("tessa", "1").await.assert_enters();
    let page = OpenPage::open(&ana, &room).await;
    page.stays(&tool, 1).await;
    tool.later(2 * MINUTE);
    let good_bye = serde_json::json!({ "presence_token": page.token, "event": "leave", "missed": [90_000, 60_000, 30_000] });
    assert_eq!(send_presence(&ana, &room, good_bye.to_string()).await.status, 204);
    // On its way when the page went: the heartbeats of two minutes that had failed, and one more.
    tool.later(5 * SECOND);
    let told = serde_json::json!({ "presence_token": page.token, "event": "beat", "missed": [95_000, 65_000, 35_000] });
    assert_eq!(send_presence(&ana, &room, told.to_string()).await.status, 204);
    let grown = "SELECT COUNT(*) AS value FROM presence WHERE has_left AND last_seen - joined = 180000";
    tool.eventually("what came before the leave counts", async || tool.number(grown.to_owned()).await == 1)
        .await;
    assert_eq!(tool.count("presence").await, 1);
    assert!(attendance(&tessa, &room).await.body.contains("data-here=\"no\""));
}

async fn a_class_is_live_only_while_somebody_is_in_it(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (ana, tessa) = (tool.browser(), tool.browser());
    let room = ana.launches("ana", "1").await.assert_enters();
    tessa.launches("tessa", "1").await.assert_enters();
    let page = OpenPage::open(&ana, &room).await;
    page.stays(&tool, 3).await;
    let now = attendance(&tessa, &room).await;
    assert!(now.body.contains("data-live=\"yes\""), "{}", now.body);
    now.assert_says("Running for 3 minutes");
    left(&tool, &page).await;
    let over = attendance(&tessa, &room).await;
    assert!(over.body.contains("data-live=\"no\""), "{}", over.body);
    over.assert_says("The class lasted 3 minutes.");
    over.assert_says("Last person left at");
    // Back within ten minutes: the same class goes on, and ends when nothing is heard any more.
    tool.later(5 * MINUTE);
    OpenPage::open(&ana, &room).await.stays(&tool, 1).await;
    assert!(attendance(&tessa, &room).await.body.contains("data-live=\"yes\""));
    assert_eq!(tool.count("meeting").await, 1);
    tool.later(91 * SECOND);
    let silent = attendance(&tessa, &room).await;
    assert!(silent.body.contains("data-live=\"no\""), "{}", silent.body);
    silent.assert_says("The class lasted 9 minutes.");
    let learner = attendance(&ana, &room).await;
    assert!(learner.body.contains("data-minutes=\"4\""), "{}", learner.body);
}
