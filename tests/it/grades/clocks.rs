//! Clocks that are wrong: no grade waits for one, and operators read of it.

use crate::support::{Backend, Lesson, MINUTE, SECOND, TestTool, on_both};

on_both!(
    a_wrong_date_for_one_answer_holds_up_no_grade,
    a_clock_ten_years_off_and_back_loses_nothing_and_is_told,
    a_clock_that_is_right_again_is_followed,
    what_was_sent_from_the_future_is_followed,
    a_gradebook_that_remembers_the_future_is_followed,
    sending_again_starts_afresh,
);

const COLUMN: &str = "11";
const TEN_YEARS: i64 = 3_650 * 24 * 60 * 60;

/// The newest timestamp that the gradebook took.
fn newest(tool: &TestTool) -> String {
    let received = tool.lms.received_scores();
    let taken = received.iter().rfind(|score| score.status == 200).unwrap();
    taken.body["timestamp"].as_str().unwrap().to_owned()
}

async fn a_wrong_date_for_one_answer_holds_up_no_grade(backend: Backend) {
    for offset in [TEN_YEARS, -TEN_YEARS, 80_000] {
        let tool = TestTool::start(backend).await;
        let lesson = Lesson::begin(&tool, "1").await;
        tool.lms.behaviour().set(|now| now.date_offset = offset);
        lesson.attends("ana", 9).await;
        lesson.shows("Ana Silva", "sent", "", "20").await;
        tool.lms.behaviour().set(|now| now.date_offset = 0);
        tool.later(11 * MINUTE);
        lesson.attends("ana", 9).await;
        lesson.shows("Ana Silva", "sent", "", "40").await;
        assert!(newest(&tool).starts_with("2026-"), "{offset}: {}", newest(&tool));
    }
}

async fn a_clock_ten_years_off_and_back_loses_nothing_and_is_told(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    let ana = tool.browser();
    ana.launches("ana", "1").await.assert_enters();
    let page = crate::support::OpenPage::open(&ana, &lesson.room).await;
    page.stays(&tool, 9).await;
    tool.lms.behaviour().set(|now| now.clock_offset = TEN_YEARS);
    lesson.leaves(&page).await;
    lesson.stands("ready", "token-refused").await;
    let admin = tool.administrator().await;
    let told = admin.opens(format!("/admin/platforms/{}", tool.platform_id().await)).await;
    told.assert_says("is 3650 days fast");
    told.assert_says("data-service=\"token\" data-believed=\"no\"");
    let status = admin.opens("/admin/status").await;
    assert!(status.body.contains("data-figure=\"wrong-clocks\" data-bad"), "{}", status.body);
    tool.lms.behaviour().set(|now| now.clock_offset = 0);
    tool.later(10 * MINUTE);
    lesson.shows("Ana Silva", "sent", "", "20").await;
    assert!(newest(&tool).starts_with("2026-"), "{}", newest(&tool));
    tool.eventually("the clock is right again", async || tool.count("service_clock").await == 0).await;
}

async fn a_clock_that_is_right_again_is_followed(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    let ana = tool.browser();
    ana.launches("ana", "1").await.assert_enters();
    let page = crate::support::OpenPage::open(&ana, &lesson.room).await;
    page.stays(&tool, 9).await;
    tool.lms.behaviour().set(|now| now.clock_offset = 300);
    lesson.leaves(&page).await;
    lesson.shows("Ana Silva", "sent", "", "20").await;
    // Set right while nothing was sent: the next grade must not carry the old error.
    tool.lms.behaviour().set(|now| now.clock_offset = 0);
    tool.later(11 * MINUTE);
    lesson.attends("ana", 9).await;
    lesson.shows("Ana Silva", "sent", "", "40").await;
    let received = tool.lms.received_scores();
    let last = received.last().unwrap();
    let sent = last.body["timestamp"].as_str().unwrap();
    assert_eq!(&sent[..19], &last.at.iso()[..19], "by the gradebook's own clock");
    assert!(received.iter().all(|score| score.status == 200));
}

async fn what_was_sent_from_the_future_is_followed(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.attends("ana", 9).await;
    lesson.shows("Ana Silva", "sent", "", "20").await;
    // A clock that was wrong once, as an older release followed it: the gradebook remembers its own time.
    tool.sql("UPDATE score SET stamp = 2110000000").await;
    lesson.attends("ana", 9).await;
    lesson.shows("Ana Silva", "sent", "", "40").await;
    assert_eq!(tool.lms.received_scores().len(), 2, "and takes the present at once");
    assert!(newest(&tool).starts_with("2026-"), "{}", newest(&tool));
}

async fn a_gradebook_that_remembers_the_future_is_followed(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.attends("ana", 9).await;
    lesson.shows("Ana Silva", "sent", "", "20").await;
    tool.sql("UPDATE score SET stamp = 2110000000").await;
    let ahead = 2_110_000_000 - crate::support::NOW - 3_600;
    tool.lms.behaviour().set(|now| now.clock_offset = ahead);
    tool.lms.override_grade(COLUMN, "ana", None);
    tool.lms.behaviour().set(|now| now.clock_offset = 0);
    for sent in ["40", "60"] {
        lesson.attends("ana", 9).await;
        for _ in 0..3 {
            tool.jobs_rest().await;
            tool.later(2 * SECOND);
        }
        lesson.shows("Ana Silva", "sent", "", sent).await;
    }
    assert_eq!(tool.lms.grade(COLUMN, "ana").unwrap().shown(), Some(60.0));
}

async fn sending_again_starts_afresh(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    tool.lms.behaviour().set(|now| now.services_down = true);
    lesson.attends("ana", 9).await;
    lesson.stands("ready", "error").await;
    tool.sql("UPDATE job SET due_at = 2110000000000, attempts = 12 WHERE kind = 'score'").await;
    tool.sql("UPDATE job_queue SET paused_until = 2110000000000, failures = 12").await;
    tool.lms.behaviour().reset();
    tool.later(SECOND);
    assert_eq!(lesson.sends_again("").await.status, 303);
    lesson.shows("Ana Silva", "sent", "", "20").await;
    lesson.stands("ready", "").await;
}
