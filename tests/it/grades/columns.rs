//! Which column of the gradebook is the activity's.

use std::time::Duration;

use jitsi_lti::demo::lms::{LmsLineItem, Visit};

use crate::support::{Backend, Lesson, MINUTE, OpenPage, SECOND, TestTool, on_both};

on_both!(
    an_ungraded_activity_sends_nothing_and_says_so,
    a_teacher_has_a_column_made_once,
    what_is_said_while_the_platform_is_asked_counts,
    a_column_of_ours_is_found_again,
    the_activity_s_column_may_come_later,
    another_column_gets_every_grade,
    a_deleted_column_that_the_launch_named_gives_way_to_the_listed_one,
    a_column_is_looked_for_again_when_a_teacher_looks,
    a_platform_without_gradebook_is_told,
    the_pages_of_a_long_list_are_followed,
);

fn columns(tool: &TestTool) -> usize {
    tool.lms.line_items("101").len()
}

async fn an_ungraded_activity_sends_nothing_and_says_so(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "2").await;
    lesson.stands("not-graded", "").await;
    lesson.attends("ana", 5).await;
    tool.jobs_rest().await;
    lesson.shows("Ana Silva", "not-sent", "", "").await;
    assert_eq!((tool.lms.received_scores().len(), columns(&tool)), (0, 1));
}

async fn a_teacher_has_a_column_made_once(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "2").await;
    lesson.stands("not-graded", "").await;
    lesson.attends("ana", 9).await;
    let saves =
        futures::join!(lesson.sets("45", "make"), lesson.sets("45", "make"), lesson.sets("45", "make"));
    assert_eq!((saves.0.status, saves.1.status, saves.2.status), (303, 303, 303));
    lesson.shows("Ana Silva", "sent", "", "20").await;
    assert_eq!(columns(&tool), 2);
    let made = &tool.lms.line_items("101")[1];
    assert_eq!((made.label.as_str(), made.tag.as_deref()), ("Office hours", Some("attendance")));
    assert_eq!((made.resource_link_id.as_deref(), made.maximum), (Some("2"), 100.0));
    // Everybody who opens the activity now brings an empty line item, as Moodle does.
    let browsers: Vec<_> = (0..4).map(|_| tool.browser()).collect();
    let launches = browsers.iter().map(|browser| browser.launches("layla", "2"));
    futures::future::join_all(launches).await.iter().for_each(|launch| drop(launch.assert_enters()));
    tool.jobs_rest().await;
    assert_eq!((columns(&tool), lesson.grade_state().await.0.as_str()), (2, "ready"));
}

async fn what_is_said_while_the_platform_is_asked_counts(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.lms.behaviour().set(|now| now.delay = Duration::from_millis(700));
    // The platform is being asked for a column when the teacher asks to have one made.
    let lesson = Lesson::begin(&tool, "2").await;
    assert_eq!(lesson.grade_state().await.0, "looking");
    lesson.sets("45", "make").await;
    lesson.stands("ready", "").await;
    assert_eq!(columns(&tool), 2);
}

async fn a_column_of_ours_is_found_again(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "2").await;
    lesson.sets("45", "make").await;
    lesson.stands("ready", "").await;
    // What is known here is lost, as after a backup was played back.
    tool.sql("DELETE FROM line_item").await;
    tool.sql("UPDATE resource_link SET grade_service = NULL").await;
    tool.browser().launches("ana", "2").await.assert_enters();
    lesson.stands("ready", "").await;
    assert_eq!(columns(&tool), 2);
}

async fn the_activity_s_column_may_come_later(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.lms.behaviour().set(|now| now.offer_grades = false);
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.stands("not-offered", "").await;
    lesson.attends("ana", 9).await;
    tool.jobs_rest().await;
    lesson.shows("Ana Silva", "not-sent", "", "").await;
    tool.lms.behaviour().set(|now| now.offer_grades = true);
    tool.browser().launches("layla", "1").await.assert_enters();
    lesson.shows("Ana Silva", "sent", "", "20").await;
}

async fn another_column_gets_every_grade(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "2").await;
    lesson.sets("45", "make").await;
    lesson.attends("ana", 9).await;
    lesson.shows("Ana Silva", "sent", "", "20").await;
    let first = tool.lms.line_items("101")[1].id.clone();
    tool.lms.remove_line_item(&first);
    lesson.attends("layla", 9).await;
    // The column is gone: the platform is asked, has none, and the teacher's wish makes another.
    tool.eventually("there is another column", async || columns(&tool) == 2).await;
    tool.later(SECOND);
    lesson.shows("ليلى الحسيني", "sent", "", "20").await;
    lesson.shows("Ana Silva", "sent", "", "20").await;
    let second = tool.lms.line_items("101")[1].id.clone();
    assert_ne!(first, second);
    assert_eq!(tool.lms.grade(&second, "ana").unwrap().shown(), Some(20.0));
    assert_eq!(tool.lms.grade(&second, "layla").unwrap().shown(), Some(20.0));
}

async fn a_deleted_column_that_the_launch_named_gives_way_to_the_listed_one(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.attends("ana", 9).await;
    lesson.shows("Ana Silva", "sent", "", "20").await;
    let layla = tool.browser();
    layla.launches("layla", "1").await.assert_enters();
    let page = OpenPage::open(&layla, &lesson.room).await;
    page.stays(&tool, 9).await;
    // While somebody is in class the column is deleted, and made anew: no launch has named the new one yet.
    let named = tool.lms.line_items("101")[0].clone();
    tool.lms.remove_line_item(&named.id);
    let listed = tool.lms.add_line_item(named.clone());
    assert_ne!(listed.id, named.id);
    lesson.leaves(&page).await;
    lesson.shows("ليلى الحسيني", "sent", "", "20").await;
    lesson.shows("Ana Silva", "sent", "", "20").await;
    for person in ["ana", "layla"] {
        assert_eq!(tool.lms.grade(&listed.id, person).unwrap().shown(), Some(20.0), "{person}");
    }
    tool.jobs_rest().await;
    assert_eq!((columns(&tool), lesson.grade_state().await.0.as_str()), (1, "ready"));
}

async fn a_column_is_looked_for_again_when_a_teacher_looks(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "2").await;
    lesson.stands("not-graded", "").await;
    lesson.attends("ana", 9).await;
    // A column comes to the list that no launch ever names.
    let item = LmsLineItem {
        course: "101".to_owned(),
        label: "Office hours".to_owned(),
        maximum: 100.0,
        resource_link_id: Some("2".to_owned()),
        ..LmsLineItem::default()
    };
    tool.lms.add_line_item(item);
    lesson.page().await;
    tool.jobs_rest().await;
    tool.later(10 * MINUTE);
    lesson.stands("ready", "").await;
    lesson.shows("Ana Silva", "sent", "", "20").await;
}

async fn a_platform_without_gradebook_is_told(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.lms.behaviour().set(|now| {
        now.offer_grades = false;
        now.offer_memberships = false;
    });
    let lesson = Lesson::begin(&tool, "1").await;
    assert_eq!(lesson.grade_state().await.0, "not-offered");
    let visit = Visit::new("ana", "1");
    let ana = tool.browser();
    let room = ana.launches_as(&visit).await.assert_enters();
    let mine = ana.opens(format!("{}/attendance", room.path())).await;
    assert!(!mine.body.contains("full grade"), "{}", mine.body);
    assert_eq!(tool.count("job").await, 0);
}

async fn the_pages_of_a_long_list_are_followed(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "2").await;
    lesson.sets("45", "make").await;
    lesson.stands("ready", "").await;
    tool.lms.behaviour().set(|now| {
        now.page_size = Some(1);
        now.broken_link_header = true;
    });
    tool.sql("DELETE FROM line_item").await;
    tool.sql("UPDATE resource_link SET grade_service = NULL").await;
    tool.browser().launches("ana", "2").await.assert_enters();
    lesson.stands("ready", "").await;
    assert_eq!(columns(&tool), 2);
}
