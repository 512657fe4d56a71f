//! Courses with more people than fit on a page, or on any list.

use std::time::{Duration, Instant};

use super::asked;
use crate::support::{Backend, Lesson, TestTool, eventually, on_both};

on_both!(
    the_pages_of_a_long_list_are_followed,
    thousands_of_members_disturb_nobody,
    a_list_without_end_is_cut,
);

async fn the_pages_of_a_long_list_are_followed(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.lms.knobs().set(|now| (now.page_size, now.broken_link_header) = (Some(1), true));
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.lists("known", "", 4).await;
    assert_eq!(asked(&tool), 6);
    let of_page = |entry: &&jitsi_lti::demo::lms::WireEntry| entry.title.contains("/memberships");
    assert!(tool.lms.wire().iter().filter(of_page).all(|entry| entry.title.contains("rlid=1")));
}

async fn thousands_of_members_disturb_nobody(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.lms.knobs().set(|now| now.roster_crowd = 6_000);
    let lesson = Lesson::begin(&tool, "1").await;
    let mut slowest = Duration::ZERO;
    while lesson.roster().await.0 == "reading" {
        let begun = Instant::now();
        tool.browser().launches("layla", "1").await.assert_enters();
        slowest = slowest.max(begun.elapsed());
    }
    assert!(slowest < Duration::from_secs(4), "{slowest:?}");
    lesson.lists("known", "", 6_004).await;
    lesson.attends("ana", 1).await;
    let page = lesson.page().await;
    page.assert_says("6003 not here yet");
    page.assert_says("and 5003 more");
    assert_eq!(lesson.absent().await.len(), 1_000);
    assert!(page.body.len() < 200_000, "{}", page.body.len());
}

async fn a_list_without_end_is_cut(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.lms.knobs().set(|now| now.roster_crowd = 1_000_000);
    let lesson = Lesson::begin(&tool, "1").await;
    let cut = "SELECT COUNT(*) AS value FROM roster WHERE is_cut AND trouble IS NULL";
    for _ in 0..18 {
        eventually("the list goes on", async || tool.count("roster_member").await > 0).await;
        if tool.number(cut.to_owned()).await == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
    assert_eq!((tool.number(cut.to_owned()).await, tool.count("roster_member").await), (1, 50_000));
    lesson.page().await.assert_says("The list is longer than we can read");
}
