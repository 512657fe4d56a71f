//! Courses with more people than fit on a page, or on any list.

use std::time::{Duration, Instant};

use futures::future::join_all;

use super::asked;
use crate::support::{Backend, Lesson, TestTool, on_both};

on_both!(
    the_pages_of_a_long_list_are_followed,
    thousands_of_members_disturb_nobody,
    fifty_thousand_members_on_eight_pages_at_once_keep_no_launch_waiting,
    a_meeting_of_hundreds_is_shown_page_by_page,
    a_list_without_end_is_cut,
);

async fn the_pages_of_a_long_list_are_followed(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.lms.behaviour().set(|now| (now.page_size, now.broken_link_header) = (Some(1), true));
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.lists("known", "", 4).await;
    assert_eq!(asked(&tool), 6);
    let of_page = |entry: &&jitsi_lti::demo::lms::LoggedMessage| entry.title.contains("/memberships");
    assert!(tool.lms.message_log().iter().filter(of_page).all(|entry| entry.title.contains("rlid=1")));
}

async fn thousands_of_members_disturb_nobody(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.lms.behaviour().set(|now| now.membership_crowd = 6_000);
    let lesson = Lesson::begin(&tool, "1").await;
    let mut slowest = Duration::ZERO;
    while lesson.participants().await.0 == "reading" {
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

/// What 50,000 members look like once they are read.
pub const MEMBERS: &str = "
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)
    INSERT INTO listed_member
    SELECT context_id, reading, 's' || i, 'Student ' || i, 'student ' || i,
        '[\"http://purl.imsglobal.org/vocab/lis/v2/membership#Learner\"]', 'active' FROM membership_list, n";

async fn fifty_thousand_members_on_eight_pages_at_once_keep_no_launch_waiting(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.lists("known", "", 4).await;
    tool.sql(MEMBERS).await;
    lesson.attends("ana", 1).await;
    let eight = join_all((0..8).map(|_| lesson.page()));
    let launches = async {
        for _ in 0..4 {
            let browser = tool.browser();
            let launch = browser.launches("layla", "1");
            tokio::time::timeout(Duration::from_secs(4), launch)
                .await
                .expect("a launch waits")
                .assert_enters();
        }
    };
    let both = futures::future::join(eight, launches);
    let (pages, ()) =
        tokio::time::timeout(Duration::from_secs(30), both).await.expect("the pages take too long");
    for page in pages {
        page.assert_says("The course has 50004 learners.");
        page.assert_says("50003 not here yet");
        page.assert_says("and 49003 more");
        assert_eq!(page.body.matches("data-absent=").count(), 1_000);
        assert!(page.body.len() < 200_000, "{}", page.body.len());
    }
}

async fn a_meeting_of_hundreds_is_shown_page_by_page(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.attends("ana", 1).await;
    tool.sql(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 700)
         INSERT INTO lti_user (id, platform_id, sub, pseudonym, name, name_key, status, created_at, updated_at)
             SELECT SUBSTR('00000000000000000000000000000000' || i, LENGTH(CAST(i AS TEXT)) + 1), id, 'x' || i, 'px' || i, 'Student ' || i, 'student ' || i, 'active', 0, 0 FROM platform, n",
    )
    .await;
    tool.sql(
        "INSERT INTO presence SELECT lti_user.id, meeting_id, room_id, resource_link_id, lti_user.id, 'participant',
             'heartbeat', lti_user.id, joined, last_seen, TRUE, TRUE FROM presence, lti_user WHERE lti_user.sub LIKE 'x%'",
    )
    .await;
    let page = lesson.page().await;
    page.assert_says("701 people");
    page.assert_says("201 more people aren’t shown here.");
    assert_eq!(page.body.matches("data-person=").count(), 500);
    let next = page.attr("[data-more='201'] a", "href");
    let rest = lesson.teacher.opens(&next).await;
    assert_eq!((rest.status, rest.body.matches("data-person=").count()), (200, 201), "{next}");
    assert!(!rest.body.contains("Show more"));
    let beyond = lesson.teacher.opens(next.replace("from=500", "from=99999")).await;
    assert_eq!((beyond.status, beyond.body.matches("data-person=").count()), (200, 0));
    let foreign = lesson.teacher.opens(next.replace("meeting=", "meeting=0")).await;
    assert_eq!(foreign.status, 200, "what is no identifier is as good as none");
}

async fn a_list_without_end_is_cut(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.lms.behaviour().set(|now| now.membership_crowd = 1_000_000);
    let lesson = Lesson::begin(&tool, "1").await;
    let cut = "SELECT COUNT(*) AS value FROM membership_list WHERE is_cut AND trouble IS NULL";
    tool.jobs_rest().await;
    assert_eq!((tool.number(cut.to_owned()).await, tool.count("listed_member").await), (1, 50_000));
    lesson.page().await.assert_says("The list is too long to read in full");
}
