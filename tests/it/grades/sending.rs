//! The usual way of a grade: a learner leaves, and the gradebook has it.

use jitsi_lti::demo::lms::{LmsActivity, Visit};

use crate::support::{Backend, Lesson, MINUTE, OpenPage, SECOND, TestTool, on_both};

on_both!(
    a_grade_arrives_when_a_learner_leaves,
    a_reload_sends_nothing_before_the_learner_leaves,
    who_falls_silent_has_left_too,
    nothing_is_sent_when_the_grade_does_not_change,
    only_participants_are_graded,
    who_only_looks_in_gets_no_zero,
    minutes_of_several_meetings_add_up,
    a_teacher_s_own_grade_is_not_fought_over,
    grades_belong_to_the_course_alone,
    a_restart_loses_no_grade,
);

const COLUMN: &str = "11";

fn scores(tool: &TestTool) -> Vec<(String, f64, String)> {
    let received = tool.lms.received_scores();
    let line = |score: &jitsi_lti::demo::lms::ReceivedScore| {
        assert_eq!(score.status, 200, "{:?}", score.body);
        let text = |name: &str| score.body[name].as_str().unwrap().to_owned();
        (text("userId"), score.body["scoreGiven"].as_f64().unwrap(), text("comment"))
    };
    received.iter().map(line).collect()
}

async fn a_grade_arrives_when_a_learner_leaves(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    assert_eq!(lesson.grade_state().await, ("ready".to_owned(), String::new()));
    assert_eq!(lesson.grades().await, []);
    lesson.attends("ana", 37).await;
    lesson.shows("Ana Silva", "sent", "", "82.22").await;
    assert_eq!(scores(&tool), [("ana".to_owned(), 82.22, "37 of 45 minutes".to_owned())]);
    let body = &tool.lms.received_scores()[0].body;
    assert_eq!(
        (&body["gradingProgress"], &body["activityProgress"]),
        (&"FullyGraded".into(), &"Completed".into())
    );
    assert_eq!((body["scoreMaximum"].as_f64(), body["timestamp"].as_str().unwrap().len()), (Some(100.0), 24));
    let grade = tool.lms.grade(COLUMN, "ana").unwrap();
    assert_eq!((grade.shown(), grade.comment.as_deref()), (Some(82.22), Some("37 of 45 minutes")));
    let left = "SELECT COUNT(*) AS value FROM job WHERE kind <> 'results'";
    assert_eq!(tool.number(left.to_owned()).await, 0);
}

async fn a_reload_sends_nothing_before_the_learner_leaves(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    let ana = tool.browser();
    ana.launches("ana", "1").await.assert_enters();
    let page = OpenPage::open(&ana, &lesson.room).await;
    page.stays(&tool, 10).await;
    assert_eq!(lesson.grade_of("Ana Silva").await.0, "in-class");
    assert_eq!(page.says("leave").await, 204);
    let reloaded = OpenPage::open(&ana, &lesson.room).await;
    tool.later(5 * SECOND);
    reloaded.stays(&tool, 5).await;
    tool.jobs_rest().await;
    assert_eq!((scores(&tool), lesson.grade_of("Ana Silva").await.0.as_str()), (vec![], "in-class"));
    lesson.leaves(&reloaded).await;
    lesson.shows("Ana Silva", "sent", "", "33.33").await;
    assert_eq!(scores(&tool).len(), 1);
}

async fn who_falls_silent_has_left_too(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    let ana = tool.browser();
    ana.launches("ana", "1").await.assert_enters();
    let page = OpenPage::open(&ana, &lesson.room).await;
    page.stays(&tool, 9).await;
    tool.later(2 * MINUTE);
    lesson.shows("Ana Silva", "sent", "", "20").await;
    // The laptop wakes up again: a second visit, and another grade.
    page.stays(&tool, 9).await;
    tool.later(2 * MINUTE);
    lesson.shows("Ana Silva", "sent", "", "40").await;
    assert_eq!(scores(&tool).len(), 2);
}

async fn nothing_is_sent_when_the_grade_does_not_change(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.attends("ana", 50).await;
    lesson.shows("Ana Silva", "sent", "", "100").await;
    lesson.attends("ana", 10).await;
    tool.jobs_rest().await;
    assert_eq!(scores(&tool), [("ana".to_owned(), 100.0, "45 of 45 minutes".to_owned())]);
    assert_eq!(lesson.grade_of("Ana Silva").await.0, "sent");
    assert_eq!(lesson.sends_again("").await.status, 303);
    tool.jobs_rest().await;
    assert_eq!(scores(&tool).len(), 1, "what arrived is not sent again");
}

async fn who_only_looks_in_gets_no_zero(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.attends("ana", 0).await;
    tool.jobs_rest().await;
    lesson.shows("Ana Silva", "too-short", "", "").await;
    lesson.page().await.assert_says("Less than a minute in class");
    assert_eq!(lesson.sends_again("").await.status, 303);
    tool.jobs_rest().await;
    assert_eq!(scores(&tool), []);
    // The teacher wants zeros: everybody who was there gets one.
    let path = format!("{}/settings", lesson.room.path());
    let settings = lesson.teacher.opens(&path).await;
    settings.assert_says("Send 0 for learners");
    let csrf = settings.field("csrf");
    let form = [("csrf", csrf.as_str()), ("target", "45"), ("send", "auto"), ("zeros", "yes")];
    assert_eq!(lesson.teacher.submits(&path, &crate::support::form(&form)).await.status, 303);
    lesson.shows("Ana Silva", "sent", "", "0").await;
    lesson.attends("layla", 0).await;
    lesson.shows("ليلى الحسيني", "sent", "", "0").await;
    // And then not any more: what was sent is corrected, what was not stays away.
    assert_eq!(lesson.sets("45", "auto").await.status, 303);
    lesson.attends("ana", 9).await;
    lesson.shows("Ana Silva", "sent", "", "20").await;
    assert_eq!(tool.lms.grade(COLUMN, "ana").unwrap().shown(), Some(20.0));
}

async fn only_participants_are_graded(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    for person in ["tobias", "olga", "tessa"] {
        lesson.attends(person, 5).await;
    }
    tool.jobs_rest().await;
    assert_eq!((scores(&tool), lesson.grades().await), (vec![], vec![]));
    assert_eq!(tool.count("score").await, 0);
}

async fn minutes_of_several_meetings_add_up(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.attends("ana", 10).await;
    lesson.shows("Ana Silva", "sent", "", "22.22").await;
    tool.later(60 * MINUTE);
    lesson.attends("ana", 8).await;
    lesson.shows("Ana Silva", "sent", "", "40").await;
    assert_eq!(tool.lms.grade(COLUMN, "ana").unwrap().comment.as_deref(), Some("18 of 45 minutes"));
}

async fn a_teacher_s_own_grade_is_not_fought_over(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.attends("ana", 9).await;
    lesson.shows("Ana Silva", "sent", "", "20").await;
    // The gradebook holds something from a moment that has not come yet: whoever wrote it, ours is older.
    tool.lms.behaviour().set(|now| now.clock_offset = 7200);
    tool.lms.override_grade(COLUMN, "ana", Some(77.0));
    tool.lms.behaviour().set(|now| now.clock_offset = 0);
    lesson.attends("ana", 9).await;
    for _ in 0..3 {
        tool.jobs_rest().await;
        tool.later(2 * SECOND);
    }
    lesson.shows("Ana Silva", "refused", "superseded", "20").await;
    lesson.page().await.assert_says("The gradebook has a newer grade: 77,");
    assert_eq!(lesson.shown_of("Ana Silva").await, "77");
    assert_eq!(tool.lms.received_scores().len(), 3, "once more with a newer time, then no more");
    assert_eq!(tool.lms.grade(COLUMN, "ana").unwrap().shown(), Some(77.0));
    // Later the teacher sends it again: now ours is the newer one; what the teacher set still stands above it.
    tool.later(125 * MINUTE);
    lesson.sends_again("").await;
    lesson.shows("Ana Silva", "sent", "", "40").await;
    assert_eq!(tool.lms.grade(COLUMN, "ana").unwrap().shown(), Some(77.0));
}

async fn grades_belong_to_the_course_alone(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.attends("ana", 9).await;
    lesson.shows("Ana Silva", "sent", "", "20").await;
    tool.lms.add_course(jitsi_lti::demo::lms::LmsCourse::new("202", "GEO1", "Geometry 1"));
    let other = tool.lms.add_activity(LmsActivity::new("202", "Other class")).unwrap();
    let elsewhere = Lesson::begin(&tool, &other.id).await;
    assert_eq!(elsewhere.grades().await, []);
    let line = lesson.page().await.attr("[id^='learner-']", "id");
    let user = line.trim_start_matches("learner-");
    for (path, status, code) in [
        (format!("{}/attendance/send", lesson.room.path()), 403, "session-replaced"),
        (format!("{}/attendance/send", elsewhere.room.path()), 403, "session-replaced"),
    ] {
        let form = crate::support::form(&[("csrf", "x"), ("user", user)]);
        lesson.teacher.submits(&path, &form).await.assert_refused(
            if path.starts_with(lesson.room.path()) { status } else { 401 },
            if path.starts_with(lesson.room.path()) { code } else { "session-missing" },
        );
    }
    let ana = tool.browser();
    ana.launches_as(&Visit::new("ana", "1")).await.assert_enters();
    let form = crate::support::form(&[("csrf", "x"), ("user", "")]);
    let path = format!("{}/attendance/send", lesson.room.path());
    ana.submits(&path, &form).await.assert_refused(403, "session-replaced");
    lesson.teacher.submits_from_elsewhere(&path, &form).await.assert_refused(403, "csrf-refused");
    let mine = ana.opens(format!("{}/attendance", lesson.room.path())).await;
    assert!(!mine.body.contains("data-learner"), "{}", mine.body);
}

async fn a_restart_loses_no_grade(backend: Backend) {
    let mut tool = TestTool::start(backend).await;
    tool.lms.behaviour().set(|now| now.services_down = true);
    let room = {
        let lesson = Lesson::begin(&tool, "1").await;
        lesson.attends("ana", 9).await;
        lesson.stands("ready", "error").await;
        lesson.room.clone()
    };
    tool.restarts().await;
    tool.lms.behaviour().reset();
    tool.later(MINUTE);
    let lesson = Lesson::begin(&tool, "1").await;
    assert_eq!(lesson.room, room);
    lesson.shows("Ana Silva", "sent", "", "20").await;
    assert_eq!(lesson.grade_state().await, ("ready".to_owned(), String::new()));
}
