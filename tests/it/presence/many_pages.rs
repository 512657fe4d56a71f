//! One person, hundreds of meeting pages: a few rows, and the right time.

use futures::future::join_all;
use jitsi_lti::clock::Clock as _;

use super::{Tab, crowd, rows_of, user_id};
use crate::support::{Backend, SECOND, TestTool, on_both};

const PAGES: usize = 300;
const MAX_ROWS: i64 = 20;

on_both!(hundreds_of_pages_of_one_person_take_twenty_rows, pages_that_come_and_go_at_once_take_few_rows,);

async fn hundreds_of_pages_of_one_person_take_twenty_rows(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let browser = tool.browser();
    let room = browser.launches("tessa", "1").await.assert_enters();
    crowd(&tool, 2).await;
    let tabs = join_all((0..PAGES).map(|_| Tab::of(&tool, &room, "u0"))).await;
    // The honest one beside: a laptop and a phone.
    let (laptop, phone) = (Tab::of(&tool, &room, "u1").await, Tab::of(&tool, &room, "u1").await);
    assert_eq!(tool.count("presence").await, 0, "an opened page writes nothing");
    for round in 0..5_i64 {
        let statuses = join_all(tabs.iter().map(|tab| tab.says(&browser, &room, "beat", &[]))).await;
        assert!(statuses.iter().all(|status| *status == 204), "{statuses:?}");
        for device in [&laptop, &phone] {
            assert_eq!(device.says(&browser, &room, "beat", &[]).await, 204);
        }
        let written = format!(
            "SELECT COUNT(*) AS value FROM presence WHERE user_id = '{}' AND last_seen - joined = {}",
            user_id("u1"),
            round * 30_000
        );
        tool.eventually("both devices are written", async || tool.number(written.clone()).await == 2).await;
        tool.later(30 * SECOND);
        let rows = tool.count("presence").await;
        assert!(rows <= MAX_ROWS + 2, "{rows} rows after {round} rounds");
    }
    let whole = rows_of(&tool, "u0").await;
    assert!(whole.contains(&"120".to_owned()), "no time is lost: {whole:?}");
    assert_eq!(rows_of(&tool, "u1").await, ["120", "120"]);
}

async fn pages_that_come_and_go_at_once_take_few_rows(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let browser = tool.browser();
    let room = browser.launches("tessa", "1").await.assert_enters();
    crowd(&tool, 1).await;
    for _ in 0..4 {
        let tabs = join_all((0..PAGES / 4).map(|_| Tab::of(&tool, &room, "u0"))).await;
        join_all(tabs.iter().map(|tab| tab.says(&browser, &room, "beat", &[]))).await;
        tool.later(SECOND);
        join_all(tabs.iter().map(|tab| tab.says(&browser, &room, "leave", &[]))).await;
        let now = tool.clock.now().millis();
        let written = format!("SELECT COUNT(*) AS value FROM presence WHERE last_seen >= {now}");
        tool.eventually("the good-byes are written", async || tool.number(written.clone()).await > 0).await;
    }
    let rows = tool.count("presence").await;
    assert!(rows <= 2 * MAX_ROWS, "{rows} rows");
}
