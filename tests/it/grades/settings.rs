//! What teachers decide about grades.

use crate::support::{Backend, Lesson, TestTool, form, on_both};

on_both!(
    another_target_is_another_grade_for_everybody,
    sending_can_be_switched_off_and_on,
    a_target_that_makes_no_sense_is_explained,
    only_moderators_see_and_change_settings,
    a_learner_knows_the_target,
);

async fn another_target_is_another_grade_for_everybody(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.attends("ana", 9).await;
    lesson.attends("layla", 30).await;
    lesson.shows("ليلى الحسيني", "sent", "", "66.67").await;
    lesson.shows("Ana Silva", "sent", "", "20").await;
    tool.later(std::time::Duration::from_secs(5));
    let saved = lesson.sets("30", "auto").await;
    assert_eq!((saved.status, saved.leads()), (303, format!("{}/settings?saved=yes", lesson.room.path())));
    lesson.shows("ليلى الحسيني", "sent", "", "100").await;
    lesson.shows("Ana Silva", "sent", "", "30").await;
    let grade = tool.lms.grade("11", "ana").unwrap();
    assert_eq!(grade.comment.as_deref(), Some("9 of 30 minutes"));
    let page = lesson.teacher.opens(format!("{}/settings", lesson.room.path())).await;
    assert!(page.body.contains("value=\"30\""), "{}", page.body);
}

async fn sending_can_be_switched_off_and_on(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.sets("45", "never").await;
    lesson.attends("ana", 9).await;
    tool.jobs_rest().await;
    assert_eq!(lesson.grade_state().await.0, "off");
    lesson.shows("Ana Silva", "not-sent", "", "").await;
    assert_eq!(tool.lms.received_scores().len(), 0);
    lesson.sends_again("").await;
    tool.jobs_rest().await;
    assert_eq!(tool.lms.received_scores().len(), 0, "off is off");
    lesson.sets("45", "auto").await;
    lesson.shows("Ana Silva", "sent", "", "20").await;
}

async fn a_target_that_makes_no_sense_is_explained(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    for input in ["0", "601", "-1", "4.5", "many", ""] {
        let page = lesson.sets(input, "never").await;
        assert_eq!(page.status, 422, "{input}");
        assert!(
            page.body.contains("id=\"problem\"") && page.body.contains(&format!("value=\"{input}\"")),
            "{}",
            page.body
        );
        assert!(page.body.contains("id=\"send-never\""), "{}", page.body);
    }
    lesson.sets("45", "sometimes").await.assert_refused(400, "form-unreadable");
    assert_eq!(lesson.grade_state().await.0, "ready");
    assert_eq!(lesson.page().await.attr("[data-target]", "data-target"), "45");
}

async fn only_moderators_see_and_change_settings(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    let (ana, olga) = (tool.browser(), tool.browser());
    ana.launches("ana", "1").await.assert_enters();
    olga.launches("olga", "1").await.assert_enters();
    let path = format!("{}/settings", lesson.room.path());
    let csrf = lesson.teacher.opens(&path).await.field("csrf");
    let change = |csrf: &str| form(&[("csrf", csrf), ("target", "1"), ("send", "never")]);
    for person in [&ana, &olga] {
        person.opens(&path).await.assert_refused(403, "not-allowed");
        let own = person.opens(lesson.room.path()).await;
        assert!(!own.body.contains("settings-link"));
        person.submits(&path, &change(&own.field("csrf"))).await.assert_refused(403, "not-allowed");
        person.submits(&path, &change(&csrf)).await.assert_refused(403, "session-replaced");
    }
    tool.browser().submits(&path, &change(&csrf)).await.assert_refused(401, "session-missing");
    lesson.teacher.submits(&path, &change("x")).await.assert_refused(403, "session-replaced");
    lesson.teacher.submits_from_elsewhere(&path, &change(&csrf)).await.assert_refused(403, "csrf-refused");
    assert_eq!(lesson.page().await.attr("[data-target]", "data-target"), "45");
    assert!(lesson.teacher.opens(lesson.room.path()).await.body.contains("settings-link"));
}

async fn a_learner_knows_the_target(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.sets("20", "auto").await;
    lesson.attends("ana", 7).await;
    let ana = tool.browser();
    ana.launches("ana", "1").await.assert_enters();
    let mine = ana.opens(format!("{}/attendance", lesson.room.path())).await;
    assert!(mine.text().contains("20"), "{}", mine.body);
    lesson.sets("20", "never").await;
    let mine = ana.opens(format!("{}/attendance", lesson.room.path())).await;
    assert!(!mine.text().contains("full grade"), "{}", mine.body);
}
