//! What the gradebook shows: a grade was sent, and a teacher may have changed it there.

use jitsi_lti::demo::lms::{Fault, FaultAt};

use crate::support::{Backend, Lesson, MINUTE, SECOND, TestTool, on_both};

on_both!(
    the_page_tells_what_was_sent_and_what_the_gradebook_shows,
    a_gradebook_that_lets_nobody_read_is_not_asked,
    what_is_read_is_bounded_and_nobody_waits_for_it,
);

const COLUMN: &str = "11";

/// How often the gradebook was asked what it shows.
fn asked(tool: &TestTool) -> usize {
    tool.lms.message_log().iter().filter(|entry| entry.title.contains("/results")).count()
}

async fn the_page_tells_what_was_sent_and_what_the_gradebook_shows(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.attends("ana", 9).await;
    lesson.shows("Ana Silva", "sent", "", "20").await;
    lesson.page().await.assert_says("Sent: 20");
    assert_eq!(lesson.shown_of("Ana Silva").await, "", "nobody knows yet");
    tool.later(31 * SECOND);
    tool.eventually("the gradebook is read once", async || lesson.shown_of("Ana Silva").await == "20").await;
    lesson.page().await.assert_says("Shows: 20");
    // A teacher changes it there; the page knows that some minutes later, when somebody looks.
    tool.lms.override_grade(COLUMN, "ana", Some(91.0));
    assert_eq!(lesson.shown_of("Ana Silva").await, "20");
    tool.later(6 * MINUTE);
    tool.eventually("what changed is read", async || lesson.shown_of("Ana Silva").await == "91").await;
    let page = lesson.page().await;
    page.assert_says("Sent: 20");
    page.assert_says("The gradebook shows 91 instead of what we sent");
    assert_eq!(asked(&tool), 2, "however often the page is opened");
    assert_eq!(lesson.grade_of("Ana Silva").await, ("sent".to_owned(), String::new(), "20".to_owned()));
    // It is taken out altogether.
    tool.lms.remove_grade(COLUMN, "ana");
    tool.later(6 * MINUTE);
    tool.eventually("it is gone", async || lesson.shown_of("Ana Silva").await == "-").await;
    lesson.page().await.assert_says("Shows no grade");
    // The next grade is sent as ever.
    lesson.attends("ana", 9).await;
    lesson.shows("Ana Silva", "sent", "", "40").await;
    tool.later(31 * SECOND);
    tool.eventually("and read", async || lesson.shown_of("Ana Silva").await == "40").await;
}

async fn a_gradebook_that_lets_nobody_read_is_not_asked(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.lms.behaviour().set(|now| now.without_results = true);
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.attends("ana", 9).await;
    lesson.shows("Ana Silva", "sent", "", "20").await;
    tool.later(6 * MINUTE);
    lesson.page().await.assert_says("Sent: 20");
    tool.jobs_rest().await;
    assert_eq!((asked(&tool), lesson.shown_of("Ana Silva").await.as_str()), (0, ""));
}

async fn what_is_read_is_bounded_and_nobody_waits_for_it(backend: Backend) {
    for trouble in [Fault::TenMegabytes, Fault::Garbage, Fault::Html, Fault::Hangup] {
        let tool = TestTool::start(backend).await;
        let lesson = Lesson::begin(&tool, "1").await;
        tool.lms.behaviour().set(|now| (now.fault, now.fault_at) = (Some(trouble), FaultAt::Results));
        lesson.attends("ana", 9).await;
        lesson.shows("Ana Silva", "sent", "", "20").await;
        tool.later(31 * SECOND);
        tool.jobs_rest().await;
        lesson.shows("Ana Silva", "sent", "", "20").await;
        lesson.stands("ready", "").await;
        tool.lms.behaviour().reset();
        tool.later(10 * MINUTE);
        tool.eventually("it is read in the end", async || lesson.shown_of("Ana Silva").await == "20").await;
    }
}
