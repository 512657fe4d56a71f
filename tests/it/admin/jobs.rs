//! Jobs in trouble, and another try.

use crate::support::{Backend, Lesson, SECOND, TestTool, on_both};

on_both!(grades_that_fail_are_shown_and_tried_again, a_grade_that_a_teacher_gave_is_left_alone,);

async fn grades_that_fail_are_shown_and_tried_again(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let admin = tool.administrator().await;
    admin.opens("/admin/jobs").await.assert_says("No pending or failed jobs");
    let lesson = Lesson::begin(&tool, "1").await;
    tool.lms.behaviour().set(|now| now.token_refused = true);
    lesson.attends("ana", 9).await;
    lesson.stands("ready", "token-refused").await;
    let page = admin.opens("/admin/jobs").await;
    page.assert_says("Riverside University").assert_says("The platform gives no access token");
    assert!(!page.body.contains("Ana"), "an operator sees no names");
    let status = admin.opens("/admin/status").await;
    assert!(status.body.contains("data-figure=\"jobs-failing\" data-bad"), "{}", status.body);
    tool.lms.behaviour().reset();
    tool.later(SECOND);
    let tried = admin.presses("/admin/jobs", "/admin/jobs", &[]).await;
    assert_eq!(tried.header("location"), "/admin/jobs?tried=2", "the grade, and the course list");
    lesson.shows("Ana Silva", "sent", "", "20").await;
    rests(&tool).await;
    admin.opens("/admin/jobs").await.assert_says("No pending or failed jobs");
}

/// Lets the gradebook be read, some time after the grade was sent.
async fn rests(tool: &TestTool) {
    tool.later(31 * SECOND);
    tool.eventually("nothing is left to do", async || {
        tool.jobs_rest().await;
        tool.count("job").await == 0
    })
    .await;
}

async fn a_grade_that_a_teacher_gave_is_left_alone(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let admin = tool.administrator().await;
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.attends("ana", 9).await;
    lesson.shows("Ana Silva", "sent", "", "20").await;
    rests(&tool).await;
    tool.leaves_jobs();
    // As the gradebook's refusal of an older grade leaves it.
    tool.sql(
        "INSERT INTO job (id, kind, subject, queue, generation, wanted_at, due_at, attempts, lease_until, failed_at, reason) \
         SELECT id, 'score', id, 'queue', 1, 0, 9223372036854775807, 1, 0, 1, 'superseded' FROM score",
    )
    .await;
    let page = admin.opens("/admin/jobs").await;
    page.assert_says("Only a teacher can replace it with ours");
    let tried = admin.presses("/admin", "/admin/jobs", &[]).await;
    assert_eq!(tried.header("location"), "/admin/jobs?tried=0");
    tool.eventually("the job stays", async || tool.count("job").await == 1).await;
}
