//! A platform's gradebook opens what one learner did; and launches that name nobody.

use jitsi_lti::config::PlatformEntry;
use jitsi_lti::demo::lms::{LmsPerson, Visit};

use crate::support::{Backend, Lesson, OpenPage, TestTool, on_both};

on_both!(
    a_review_opens_that_learner_s_attendance,
    nobody_else_reviews,
    somebody_without_a_name_looks_on_where_that_is_allowed,
);

async fn a_review_opens_that_learner_s_attendance(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.attends("ana", 9).await;
    let tessa = tool.browser();
    let answer = tessa.launches_as(&Visit::reviewing("tessa", "1", "ana")).await;
    assert_eq!(answer.assert_enters().id(), lesson.room.id());
    let place = answer.header("location").to_owned();
    let page = tessa.opens(&place).await;
    page.assert_says("Ana Silva")
        .assert_says("9 minutes in this class.")
        .assert_says("a grade of 20 out of 100");
    assert!(!page.text().contains("Layla"));
    // Somebody who never came has a page as well.
    let answer = tessa.launches_as(&Visit::reviewing("tessa", "1", "layla")).await;
    let page = tessa.opens(answer.header("location")).await;
    page.assert_says("ليلى الحسيني").assert_says("Has not attended yet.");
    // The learner sees the own.
    let ana = tool.browser();
    let answer = ana.launches_as(&Visit::reviewing("ana", "1", "ana")).await;
    ana.opens(answer.header("location")).await.assert_says("9 minutes in this class.");
    // Later she is who she was, whatever the review told.
    tool.browser().launches("layla", "1").await.assert_enters();
    assert_eq!(tool.count("lti_user WHERE sub = 'layla'").await, 1);
}

async fn nobody_else_reviews(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.lms.add_course(jitsi_lti::demo::lms::LmsCourse::new("102", "GEO", "Geometry"));
    let far = LmsPerson { courses: Some(vec!["102".into()]), ..LmsPerson::student("far", "Far", "Away") };
    tool.lms.add_person(far);
    let tessa = tool.browser();
    let answer = tessa.launches_as(&Visit::reviewing("tessa", "1", "ana")).await;
    let (room, of_ana) = (answer.assert_enters(), answer.leads());
    let layla = tool.browser();
    layla.launches("layla", "1").await.assert_enters();
    layla.opens(&of_ana).await.assert_refused(403, "not-allowed");
    // A teacher sees people of the own course alone.
    let there = tool.lms.add_activity(jitsi_lti::demo::lms::LmsActivity::new("102", "There")).unwrap();
    tool.browser().launches("far", &there.id).await.assert_enters();
    let far = tool.texts("SELECT id AS value FROM lti_user WHERE sub = 'far'").await.remove(0);
    let page = tessa.opens(format!("{}/attendance?learner={far}", room.path())).await;
    page.assert_refused(404, "room-unknown");
    assert!(!page.text().contains("Far Away"));
    tessa.opens(format!("{}/attendance?learner=x", room.path())).await.assert_refused(404, "room-unknown");
}

async fn somebody_without_a_name_looks_on_where_that_is_allowed(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.lms.behaviour().set(|now| now.anonymous = true);
    tool.browser().launches("tessa", "1").await.assert_refused(400, "user-missing");
    tool.sql("UPDATE platform SET allows_anonymous = TRUE").await;
    let (first, second) = (tool.browser(), tool.browser());
    let room = first.launches("tessa", "1").await.assert_enters();
    assert_eq!(second.launches("tessa", "1").await.assert_enters(), room);
    // Whatever the roles say: nobody knows whose they are.
    first.opens(room.path()).await.assert_says("Observer, because the LMS doesn’t share your identity");
    first.opens(format!("{}/settings", room.path())).await.assert_refused(403, "not-allowed");
    OpenPage::open(&first, &room).await.stays(&tool, 2).await;
    assert_eq!((tool.count("lti_user").await, tool.count("score").await), (2, 0));
    let mine = second.opens(format!("{}/attendance", room.path())).await;
    assert_eq!(mine.attr("[data-minutes]", "data-minutes"), "0", "each is somebody else");
    let _: fn(&PlatformEntry) -> bool = |entry| entry.allow_anonymous;
}
