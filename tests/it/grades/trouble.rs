//! Platforms in trouble: nothing is lost, nothing is sent twice, nobody else is slowed, and the teacher sees why.

use std::time::Duration;

use jitsi_lti::demo::lms::{Fault, FaultAt, LmsPerson};
use jitsi_lti::lti::registration::platform::Status;

use crate::support::{Backend, Lesson, MINUTE, OpenPage, SECOND, TestTool, on_both};

on_both!(
    a_platform_that_was_down_gets_its_grades_later,
    the_teacher_need_not_wait,
    a_locked_grade_arrives_when_it_is_open_again,
    one_locked_grade_holds_up_nobody,
    somebody_whom_the_gradebook_does_not_know,
    a_tool_without_access_is_told_so,
    an_access_token_that_ran_out_is_renewed,
    a_clock_that_is_wrong_does_not_matter,
    a_platform_that_is_down_slows_nobody,
    four_at_a_time_and_no_more,
    answers_that_nobody_can_read_are_survived,
    a_passing_answer_is_final_at_no_step,
    a_platform_that_asks_for_a_pause_gets_it,
    a_platform_that_was_switched_off_is_left_alone,
    after_seven_days_somebody_must_look,
);

const COLUMN: &str = "11";

/// Scores that the gradebook took, by person.
fn taken(tool: &TestTool) -> Vec<String> {
    let received = tool.lms.received_scores();
    let taken = received.iter().filter(|score| score.status == 200);
    taken.map(|score| score.body["userId"].as_str().unwrap().to_owned()).collect()
}

async fn a_platform_that_was_down_gets_its_grades_later(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    tool.lms.behaviour().set(|now| now.services_down = true);
    lesson.attends("ana", 9).await;
    lesson.stands("ready", "error").await;
    lesson.shows("Ana Silva", "waiting", "", "").await;
    // The next try, and the one after it, fail too; people go on leaving.
    tool.later(6 * SECOND);
    lesson.attends("layla", 18).await;
    tool.later(MINUTE);
    tool.jobs_rest().await;
    assert_eq!(taken(&tool), [""; 0]);
    tool.lms.behaviour().reset();
    tool.later(10 * MINUTE);
    lesson.shows("Ana Silva", "sent", "", "20").await;
    lesson.shows("ليلى الحسيني", "sent", "", "40").await;
    lesson.stands("ready", "").await;
    tool.jobs_rest().await;
    assert_eq!(taken(&tool).len(), 2);
}

async fn the_teacher_need_not_wait(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    tool.lms.behaviour().set(|now| now.services_down = true);
    lesson.attends("ana", 9).await;
    lesson.stands("ready", "error").await;
    tool.lms.behaviour().reset();
    tool.later(SECOND);
    let answer = lesson.sends_again("").await;
    assert_eq!((answer.status, answer.leads()), (303, format!("{}/attendance#grades", lesson.room.path())));
    lesson.shows("Ana Silva", "sent", "", "20").await;
}

async fn a_locked_grade_arrives_when_it_is_open_again(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    tool.lms.behaviour().set(|now| now.grades_locked = true);
    lesson.attends("ana", 9).await;
    lesson.shows("Ana Silva", "refused", "grade-locked", "").await;
    assert_eq!(lesson.grade_state().await.1, "", "the platform itself is well");
    tool.lms.behaviour().set(|now| now.grades_locked = false);
    tool.later(MINUTE);
    lesson.shows("Ana Silva", "sent", "", "20").await;
}

async fn one_locked_grade_holds_up_nobody(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    tool.lms.lock_grade(COLUMN, "ana", true);
    lesson.attends("ana", 9).await;
    lesson.attends("layla", 9).await;
    lesson.shows("Ana Silva", "refused", "grade-locked", "").await;
    lesson.shows("ليلى الحسيني", "sent", "", "20").await;
    tool.lms.lock_grade(COLUMN, "ana", false);
    let user = lesson.page().await.field("user");
    tool.later(SECOND);
    lesson.sends_again(&user).await;
    lesson.shows("Ana Silva", "sent", "", "20").await;
}

async fn somebody_whom_the_gradebook_does_not_know(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.leaves_jobs();
    tool.lms.add_person(LmsPerson::new("gus", "Guest", "Gus", "Weber", &[]));
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.attends("gus", 9).await;
    lesson.shows("Gus Weber", "refused", "not-a-learner", "").await;
    tool.later(60 * MINUTE);
    tool.jobs_rest().await;
    assert_eq!(tool.lms.received_scores().len(), 1, "what cannot succeed is not tried again by itself");
}

async fn a_tool_without_access_is_told_so(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    tool.lms.behaviour().set(|now| now.token_refused = true);
    lesson.attends("ana", 9).await;
    lesson.stands("ready", "token-refused").await;
    lesson.shows("Ana Silva", "waiting", "", "").await;
    tool.lms.behaviour().set(|now| now.token_refused = false);
    tool.later(10 * MINUTE);
    lesson.shows("Ana Silva", "sent", "", "20").await;
}

async fn an_access_token_that_ran_out_is_renewed(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.attends("ana", 9).await;
    lesson.shows("Ana Silva", "sent", "", "20").await;
    tool.lms.revoke_tokens();
    lesson.attends("ana", 9).await;
    lesson.shows("Ana Silva", "sent", "", "40").await;
    tool.later(2 * 60 * MINUTE);
    lesson.attends("ana", 9).await;
    lesson.shows("Ana Silva", "sent", "", "60").await;
    assert_eq!(taken(&tool).len(), 3);
}

async fn a_clock_that_is_wrong_does_not_matter(backend: Backend) {
    for offset in [300, -300] {
        let tool = TestTool::start(backend).await;
        let lesson = Lesson::begin(&tool, "1").await;
        // A launch with such a clock is refused; who is in already is not affected.
        let ana = tool.browser();
        ana.launches("ana", "1").await.assert_enters();
        tool.lms.behaviour().set(|now| now.clock_offset = offset);
        for sent in ["20", "40"] {
            let page = OpenPage::open(&ana, &lesson.room).await;
            page.stays(&tool, 9).await;
            lesson.leaves(&page).await;
            lesson.shows("Ana Silva", "sent", "", sent).await;
        }
        assert!(tool.lms.received_scores().iter().all(|score| score.status == 200), "{offset}");
    }
}

async fn a_platform_that_is_down_slows_nobody(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.leaves_jobs();
    let other = tool.adds_platform().await;
    let lesson = Lesson::begin(&tool, "1").await;
    // The first platform hangs on every call.
    tool.lms.behaviour().set(|now| now.delay = Duration::from_secs(30));
    for person in ["ana", "layla", "maximiliane"] {
        lesson.attends(person, 9).await;
    }
    let ben = other.browser(&tool);
    let room = ben.launches("ana", "1").await.assert_enters();
    let page = OpenPage::open(&ben, &room).await;
    page.stays(&tool, 9).await;
    let begun = std::time::Instant::now();
    lesson.leaves(&page).await;
    tool.eventually("the other platform has its grade", async || other.lms.received_scores().len() == 1)
        .await;
    assert!(begun.elapsed() < Duration::from_secs(6), "{:?}", begun.elapsed());
    assert_eq!(tool.lms.received_scores().len(), 0);
}

async fn four_at_a_time_and_no_more(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    let people: Vec<String> = (0..10).map(|n| format!("many-{n}")).collect();
    for id in &people {
        tool.lms.add_person(LmsPerson::student(id, id, "Many"));
    }
    let browsers: Vec<_> = people.iter().map(|_| tool.browser()).collect();
    let mut pages = Vec::new();
    for (browser, id) in browsers.iter().zip(&people) {
        browser.launches(id, "1").await.assert_enters();
        let page = OpenPage::open(browser, &lesson.room).await;
        assert_eq!(page.says("beat").await, 204);
        pages.push(page);
    }
    tool.later(MINUTE);
    for page in &pages {
        assert_eq!(page.says("beat").await, 204);
    }
    tool.lms.behaviour().set(|now| now.delay = Duration::from_millis(200));
    tool.later(2 * MINUTE);
    tool.eventually("everybody has a grade", async || taken(&tool).len() == 10).await;
    let most = tool.lms.max_concurrent_scores();
    assert!((2..=4).contains(&most), "{most}");
}

async fn answers_that_nobody_can_read_are_survived(backend: Backend) {
    for (at, trouble, code) in [
        (FaultAt::Token, Fault::Html, "garbled"),
        (FaultAt::Token, Fault::Garbage, "garbled"),
        (FaultAt::Token, Fault::TenMegabytes, "garbled"),
        (FaultAt::Token, Fault::Hangup, "unreachable"),
        (FaultAt::Token, Fault::Never, "unreachable"),
        (FaultAt::Token, Fault::ServerError, "error"),
        (FaultAt::Token, Fault::NoExpiry, ""),
        (FaultAt::Token, Fault::ExpiryAsText, ""),
        (FaultAt::Scores, Fault::TenMegabytes, "garbled"),
        (FaultAt::Scores, Fault::Hangup, "unreachable"),
        (FaultAt::Scores, Fault::Never, "unreachable"),
        (FaultAt::Scores, Fault::TooManyRequests, "busy"),
    ] {
        let tool = TestTool::start(backend).await;
        let lesson = Lesson::begin(&tool, "1").await;
        tool.lms.behaviour().set(|now| (now.fault, now.fault_at) = (Some(trouble), at));
        lesson.attends("ana", 9).await;
        if code.is_empty() {
            lesson.shows("Ana Silva", "sent", "", "20").await;
            continue;
        }
        lesson.stands("ready", code).await;
        lesson.shows("Ana Silva", "waiting", "", "").await;
        tool.lms.behaviour().reset();
        tool.later(10 * MINUTE);
        lesson.shows("Ana Silva", "sent", "", "20").await;
    }
    // Without a column at hand, the list of columns is what cannot be read.
    for trouble in [Fault::Html, Fault::Garbage, Fault::TenMegabytes, Fault::Hangup] {
        let tool = TestTool::start(backend).await;
        tool.lms.behaviour().set(|now| (now.fault, now.fault_at) = (Some(trouble), FaultAt::LineItems));
        let lesson = Lesson::begin(&tool, "2").await;
        tool.eventually("the trouble shows", async || !lesson.grade_state().await.1.is_empty()).await;
        assert_eq!(lesson.grade_state().await.0, "looking");
        tool.lms.behaviour().reset();
        tool.later(10 * MINUTE);
        lesson.stands("not-graded", "").await;
    }
}

async fn a_passing_answer_is_final_at_no_step(backend: Backend) {
    for (trouble, code) in [
        (Fault::RateLimited, "busy"),
        (Fault::TooManyRequests, "busy"),
        (Fault::ServerError, "error"),
        (Fault::Hangup, "unreachable"),
    ] {
        let tool = TestTool::start(backend).await;
        let breaks = |at| tool.lms.behaviour().set(|now| (now.fault, now.fault_at) = (Some(trouble), at));
        tool.lms.behaviour().set(|now| now.offer_notices = true);
        breaks(FaultAt::Notices);
        let lesson = Lesson::begin(&tool, "1").await;
        tool.jobs_rest().await;
        breaks(FaultAt::LineItems);
        let ungraded = Lesson::begin(&tool, "2").await;
        ungraded.sets("45", "make").await;
        ungraded.stands("looking", code).await;
        tool.later(MINUTE);
        ungraded.stands("looking", code).await;
        if trouble != Fault::ServerError {
            breaks(FaultAt::Scores);
            tool.later(10 * MINUTE);
            ungraded.stands("ready", "").await;
            lesson.attends("ana", 9).await;
            lesson.stands("ready", code).await;
            lesson.shows("Ana Silva", "waiting", "", "").await;
        }
        tool.lms.behaviour().set(|now| now.fault = None);
        tool.later(10 * MINUTE);
        ungraded.stands("ready", "").await;
        if trouble != Fault::ServerError {
            lesson.shows("Ana Silva", "sent", "", "20").await;
        }
        tool.eventually("notices are asked for", async || tool.lms.notice_handler().is_some()).await;
        assert_eq!(tool.lms.line_items("101").len(), 2);
    }
}

async fn a_platform_that_asks_for_a_pause_gets_it(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    tool.lms
        .behaviour()
        .set(|now| (now.fault, now.fault_at) = (Some(Fault::TooManyRequests), FaultAt::Scores));
    lesson.attends("ana", 9).await;
    lesson.stands("ready", "busy").await;
    tool.lms.behaviour().reset();
    tool.later(110 * SECOND);
    tool.jobs_rest().await;
    assert_eq!(taken(&tool), [""; 0], "Retry-After was 120 seconds");
    tool.later(15 * SECOND);
    lesson.shows("Ana Silva", "sent", "", "20").await;
}

async fn a_platform_that_was_switched_off_is_left_alone(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    tool.lms.behaviour().set(|now| now.services_down = true);
    lesson.attends("ana", 9).await;
    lesson.stands("ready", "error").await;
    tool.sets_platform(Status::Disabled).await;
    tool.lms.behaviour().reset();
    tool.later(10 * MINUTE);
    tool.jobs_rest().await;
    assert_eq!(taken(&tool), [""; 0]);
    tool.sets_platform(Status::Active).await;
    tool.later(61 * MINUTE);
    lesson.shows("Ana Silva", "sent", "", "20").await;
}

async fn after_seven_days_somebody_must_look(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.lms.behaviour().set(|now| now.services_down = true);
    {
        let lesson = Lesson::begin(&tool, "1").await;
        lesson.attends("ana", 9).await;
        lesson.stands("ready", "error").await;
    }
    tool.later(7 * 24 * 60 * MINUTE);
    tool.eventually("the job is given up", async || {
        tool.number("SELECT COUNT(*) AS value FROM job WHERE failed_at IS NOT NULL".to_owned()).await == 1
    })
    .await;
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.shows("Ana Silva", "refused", "gave-up", "").await;
    tool.lms.behaviour().reset();
    tool.later(SECOND);
    lesson.sends_again("").await;
    lesson.shows("Ana Silva", "sent", "", "20").await;
}
