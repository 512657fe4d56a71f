//! Platforms that answer badly when they are asked who is in the course: bounded, told, and nobody else is disturbed.

use jitsi_lti::demo::lms::{Fault, FaultAt, MembershipPages};
use jitsi_lti::lti::registration::platform::Status;

use super::asked;
use crate::support::{Backend, Lesson, MINUTE, TestTool, on_both};

on_both!(
    answers_that_nobody_can_read_are_survived,
    pages_that_lead_nowhere_are_not_followed,
    a_tool_without_access_is_told_so,
    an_old_list_stays_while_the_platform_is_in_trouble,
    grades_go_out_while_the_list_cannot_be_read,
    a_platform_that_was_switched_off_is_left_alone,
);

async fn answers_that_nobody_can_read_are_survived(backend: Backend) {
    for (trouble, code) in [
        (Fault::Html, "garbled"),
        (Fault::Garbage, "garbled"),
        (Fault::TenMegabytes, "garbled"),
        (Fault::Hangup, "unreachable"),
        (Fault::Never, "unreachable"),
        (Fault::ServerError, "error"),
        (Fault::TooManyRequests, "busy"),
        (Fault::RateLimited, "busy"),
    ] {
        let tool = TestTool::start(backend).await;
        tool.lms.behaviour().set(|now| (now.fault, now.fault_at) = (Some(trouble), FaultAt::Memberships));
        let lesson = Lesson::begin(&tool, "1").await;
        lesson.lists("trouble", code, 0).await;
        let page = lesson.page().await;
        page.assert_says("So you can’t see here who was absent");
        page.assert_says("Next try:");
        assert_eq!(
            lesson.grade_state().await,
            ("ready".to_owned(), String::new()),
            "grades are not concerned"
        );
        tool.lms.behaviour().reset();
        tool.later(10 * MINUTE);
        lesson.lists("known", "", 4).await;
    }
}

async fn pages_that_lead_nowhere_are_not_followed(backend: Backend) {
    for pages in [MembershipPages::ToThemselves, MembershipPages::Endless, MembershipPages::Elsewhere] {
        let tool = TestTool::start(backend).await;
        tool.lms.behaviour().set(|now| now.membership_pages = pages);
        let lesson = Lesson::begin(&tool, "1").await;
        lesson.lists("trouble", "garbled", 0).await;
        assert!(asked(&tool) <= 8, "{pages:?}: {}", asked(&tool));
        assert_eq!(tool.count("listed_member").await, 0, "{pages:?}: nothing half read is left");
        tool.lms.behaviour().reset();
        tool.later(10 * MINUTE);
        lesson.lists("known", "", 4).await;
    }
}

async fn a_tool_without_access_is_told_so(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.lms.behaviour().set(|now| now.token_refused = true);
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.lists("trouble", "token-refused", 0).await;
    lesson.page().await.assert_says("Give your administrator the code below.");
    tool.lms.behaviour().reset();
    tool.later(10 * MINUTE);
    lesson.lists("known", "", 4).await;
}

async fn an_old_list_stays_while_the_platform_is_in_trouble(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.lists("known", "", 4).await;
    lesson.attends("ana", 1).await;
    tool.lms.behaviour().set(|now| now.services_down = true);
    tool.later(70 * MINUTE);
    lesson.lists("known", "error", 4).await;
    let page = lesson.page().await;
    page.assert_says("1 hour ago");
    page.assert_says("So the list isn’t up to date");
    assert_eq!(lesson.absent().await.len(), 3);
    tool.lms.behaviour().reset();
    tool.later(10 * MINUTE);
    lesson.lists("known", "", 4).await;
    lesson.page().await.assert_says("just now");
}

async fn grades_go_out_while_the_list_cannot_be_read(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.lms
        .behaviour()
        .set(|now| (now.fault, now.fault_at) = (Some(Fault::ServerError), FaultAt::Memberships));
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.lists("trouble", "error", 0).await;
    lesson.attends("ana", 9).await;
    lesson.shows("Ana Silva", "sent", "", "20").await;
    assert_eq!(lesson.grade_state().await.1, "");
    // After a week nobody tries by itself any more; whoever looks has it tried again.
    tool.later(8 * 24 * 60 * MINUTE);
    tool.jobs_rest().await;
    tool.eventually("the job has ended", async || tool.count("job").await == 0).await;
    tool.lms.behaviour().reset();
    tool.later(10 * MINUTE);
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.lists("known", "", 4).await;
}

async fn a_platform_that_was_switched_off_is_left_alone(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.lms.behaviour().set(|now| now.services_down = true);
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.lists("trouble", "error", 0).await;
    tool.sets_platform(Status::Disabled).await;
    tool.lms.behaviour().reset();
    tool.later(10 * MINUTE);
    tool.jobs_rest().await;
    assert_eq!(tool.count("listed_member").await, 0);
    tool.sets_platform(Status::Active).await;
    tool.later(61 * MINUTE);
    lesson.lists("known", "", 4).await;
}
