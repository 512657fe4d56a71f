//! PostgreSQL away: no minute is lost, nobody waits, and every trouble can be read on the pages.

use std::time::Duration;

use futures::future::join_all;
use jitsi_lti::lti::registration::platform::Status;

use super::{Tab, crowd, rows_of};
use crate::support::{
    Backend, Browser, Lesson, OpenPage, Passage, Room, SECOND, Setup, Storage, Strait, TestTool,
};

const PAGES: usize = 200;
/// Requests that each waited for a connection of their own would take minutes together.
const NOBODY_WAITS: Duration = Duration::from_secs(10);

async fn all_say(browser: &Browser, room: &Room, tabs: &[Tab], missed: &[u64]) -> Vec<u16> {
    let saying = join_all(tabs.iter().map(|tab| tab.says(browser, room, "beat", missed)));
    let mut statuses = tokio::time::timeout(NOBODY_WAITS, saying).await.expect("pages wait");
    statuses.sort_unstable();
    statuses.dedup();
    statuses
}

async fn eventually_rows(tool: &TestTool, count: usize, seconds: i64) {
    let whole =
        format!("SELECT COUNT(*) AS value FROM presence WHERE last_seen - joined = {}", seconds * 1_000);
    let expected = i64::try_from(count).unwrap();
    tool.eventually("every minute is written", async || tool.number(whole.clone()).await == expected).await;
    assert_eq!(tool.count("presence").await, expected);
}

#[tokio::test]
async fn three_minutes_without_a_database_under_two_hundred_pages_cost_no_minute() {
    let tool = TestTool::start(Backend::Postgres).await;
    let (browser, tessa) = (tool.browser(), tool.browser());
    let room = tessa.launches("tessa", "1").await.assert_enters();
    crowd(&tool, PAGES).await;
    let users: Vec<String> = (0..PAGES).map(|n| format!("u{n}")).collect();
    let tabs = join_all(users.iter().map(|user| Tab::of(&tool, &room, user))).await;
    for seconds in [0, 30] {
        assert_eq!(all_say(&browser, &room, &tabs, &[]).await, [204]);
        eventually_rows(&tool, PAGES, seconds).await;
        tool.later(30 * SECOND);
    }
    tool.storage.goes_down();
    for _ in 0..6 {
        assert_eq!(all_say(&browser, &room, &tabs, &[]).await, [202], "kept in memory, and told so");
        tool.later(30 * SECOND);
    }
    let page = tessa.opens(format!("{}/attendance", room.path())).await;
    page.assert_refused(503, "unavailable");
    tool.storage.comes_back();
    tool.eventually("the database is back", async || tessa.opens(room.path()).await.status == 200).await;
    assert!(all_say(&browser, &room, &tabs, &[]).await.iter().all(|status| [202, 204].contains(status)));
    eventually_rows(&tool, PAGES, 240).await;
    let page = tessa.opens(format!("{}/attendance", room.path())).await;
    assert_eq!(page.body.matches("data-minutes=\"4\" data-here=\"yes\"").count(), PAGES);
    assert_eq!(tool.count("meeting").await, 1, "the class went on");
}

#[tokio::test]
async fn an_outage_longer_than_a_silence_is_no_end_of_the_class() {
    let tool = TestTool::start(Backend::Postgres).await;
    let ana = tool.browser();
    let room = ana.launches("ana", "1").await.assert_enters();
    let page = OpenPage::open(&ana, &room).await;
    page.stays(&tool, 1).await;
    tool.storage.goes_down();
    for _ in 0..30 {
        tool.later(30 * SECOND);
        assert_eq!(page.says("beat").await, 202);
    }
    tool.storage.comes_back();
    eventually_rows(&tool, 1, 960).await;
    let running = "SELECT COUNT(*) AS value FROM meeting WHERE ended IS NULL";
    assert_eq!((tool.count("meeting").await, tool.number(running.to_owned()).await), (1, 1));
}

#[tokio::test]
async fn what_a_process_kept_in_memory_is_told_again_after_its_death() {
    let mut tool = TestTool::start(Backend::Postgres).await;
    let browser = tool.browser();
    let room = browser.launches("tessa", "1").await.assert_enters();
    crowd(&tool, 1).await;
    let tabs = [Tab::of(&tool, &room, "u0").await];
    assert_eq!(all_say(&browser, &room, &tabs, &[]).await, [204]);
    eventually_rows(&tool, 1, 0).await;
    tool.storage.goes_down();
    for missed in [&[][..], &[30], &[60, 30]] {
        tool.later(30 * SECOND);
        assert_eq!(all_say(&browser, &room, &tabs, missed).await, [202]);
    }
    tool.stops().await;
    tool.storage.comes_back();
    tool.starts();
    tool.later(60 * SECOND);
    assert_eq!(all_say(&browser, &room, &tabs, &[120, 90, 60]).await, [204]);
    eventually_rows(&tool, 1, 150).await;
}

#[tokio::test]
async fn a_page_that_lies_about_what_it_missed_gets_no_more_than_it_was_open() {
    let tool = TestTool::start(Backend::Postgres).await;
    let browser = tool.browser();
    let room = browser.launches("tessa", "1").await.assert_enters();
    crowd(&tool, 1).await;
    let tab = Tab::of(&tool, &room, "u0").await;
    tool.later(90 * SECOND);
    let lies: Vec<u64> = (0..4_000).step_by(30).collect();
    assert_eq!(tab.says(&browser, &room, "beat", &lies).await, 204);
    tool.eventually("it is written", async || tool.count("presence").await == 1).await;
    assert_eq!(rows_of(&tool, "u0").await, ["90"]);
}

/// The tool behind a strait on which packets can be stopped, and somebody in class.
async fn behind(strait: &Strait) -> (TestTool, Browser, Room) {
    let storage = Storage::new(Backend::Postgres).reached_at(strait.port());
    let tool = Setup::new(Backend::Postgres).over(storage).start().await;
    let browser = tool.browser();
    let room = browser.launches("ana", "1").await.assert_enters();
    (tool, browser, room)
}

#[tokio::test]
async fn nobody_waits_for_a_database_that_refuses_or_that_swallows_every_packet() {
    for passage in [Passage::Refused, Passage::Swallowed] {
        let strait = Strait::before_postgres().await;
        let (tool, ana, room) = behind(&strait).await;
        strait.becomes(passage);
        // The first ones find out, the others are told.
        for _ in 0..2 {
            let opening = join_all((0..60).map(|_| ana.opens(room.path())));
            let pages = tokio::time::timeout(NOBODY_WAITS, opening).await.expect("requests wait");
            pages.iter().for_each(|page| {
                page.assert_refused(503, "unavailable");
            });
        }
        strait.becomes(Passage::Open);
        tool.eventually("it serves again", async || ana.opens(room.path()).await.status == 200).await;
        ana.launches("ana", "1").await.assert_enters();
    }
}

#[tokio::test]
async fn who_was_switched_off_while_the_database_was_away_is_not_counted() {
    let strait = Strait::before_postgres().await;
    let (tool, browser, room) = behind(&strait).await;
    crowd(&tool, 1).await;
    let tab = Tab::of(&tool, &room, "u0").await;
    assert_eq!(tab.says(&browser, &room, "beat", &[]).await, 204);
    eventually_rows(&tool, 1, 0).await;
    strait.becomes(Passage::Refused);
    tool.later(30 * SECOND);
    assert_eq!(tab.says(&browser, &room, "beat", &[]).await, 202);
    tool.storage.directly("UPDATE platform SET status = 'disabled'");
    strait.becomes(Passage::Open);
    tool.eventually("the page is told", async || {
        tool.later(2 * SECOND);
        tab.says(&browser, &room, "beat", &[]).await == 403
    })
    .await;
    // What was kept meanwhile is refused as well, and stays refused.
    tool.written().await;
    tool.sets_platform(Status::Active).await;
    tool.written().await;
    assert_eq!(rows_of(&tool, "u0").await, ["0"]);
}

/// On SQLite alone: there a write waits for that of another process.
#[tokio::test]
async fn heartbeats_that_wait_behind_a_slow_write_are_no_silence() {
    let tool = TestTool::start(Backend::Sqlite).await;
    let lesson = Lesson::begin(&tool, "1").await;
    let ana = tool.browser();
    let room = ana.launches("ana", "1").await.assert_enters();
    let page = OpenPage::open(&ana, &room).await;
    page.stays(&tool, 3).await;
    let stop = tool.storage.stops_writes();
    tool.later(30 * SECOND);
    assert_eq!(page.says("beat").await, 204);
    let goes_on = async {
        for _ in 0..20 {
            tool.later(30 * SECOND);
            assert_eq!(page.says("beat").await, 204);
        }
        drop(stop);
    };
    futures::join!(tool.written(), goes_on);
    tool.later(30 * SECOND);
    page.stays(&tool, 1).await;
    let over = "SELECT COUNT(*) AS value FROM presence WHERE settled";
    assert_eq!(tool.number(over.to_owned()).await, 0, "she was there all the time");
    assert!(tool.lms.received_scores().is_empty());
    lesson.leaves(&page).await;
    lesson.shows("Ana Silva", "sent", "", "33.33").await;
    assert_eq!(tool.lms.received_scores().len(), 1);
}
