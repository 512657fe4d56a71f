//! The teacher's answer, and what it changes.

use jitsi_lti::demo::lms::LmsPerson;

use crate::support::{Backend, Lesson, OpenPage, SECOND, TestTool, form, on_both};

on_both!(
    a_copied_activity_asks_its_teacher_once,
    both_courses_meet_in_one_room_when_their_teacher_wants_it,
    who_does_not_teach_there_cannot_open_the_other_course_s_room,
    an_answer_can_be_changed,
    minutes_of_a_class_that_runs_meanwhile_count,
    a_copied_column_is_found_and_not_made_again,
);

async fn a_copied_activity_asks_its_teacher_once(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let first = tool.places_class("tessa", "101", "Lecture").await;
    let (tessa, ana) = (tool.browser(), tool.browser());
    let origin = tessa.launches("tessa", &first.id).await.assert_enters();
    assert_eq!(tessa.opens(origin.path()).await.copy_question(), None);
    let copy = tool.copies_course("101", "201").into_iter().find(|one| one.title == "Lecture").unwrap();

    // Learners get a new room until the teacher decides, and are asked nothing.
    let fresh = ana.launches("ana", &copy.id).await.assert_enters();
    assert_ne!(fresh, origin);
    assert_eq!(ana.opens(fresh.path()).await.copy_question(), None);
    let refused = ana.answers_copy(&fresh, "own").await;
    refused.assert_refused(403, "not-allowed");

    assert_eq!(tessa.launches("tessa", &copy.id).await.assert_enters(), fresh);
    let page = tessa.opens(fresh.path()).await;
    assert_eq!(page.copy_question(), Some(true));
    page.assert_says("It was copied from “Algebra 1”");
    assert_eq!(tessa.answers_copy(&fresh, "own").await.leads_to(), fresh);
    let page = tessa.opens(format!("{}?decided=yes", fresh.path())).await;
    page.assert_says("This is the activity’s room from now on.");
    assert_eq!(page.copy_question(), None, "once");
    assert_eq!(tessa.launches("tessa", &copy.id).await.assert_enters(), fresh);
    // With the same settings.
    let settings = tessa.opens(format!("{}/settings", fresh.path())).await;
    assert!(settings.body.contains("value=\"33\""), "{}", settings.body);
}

async fn both_courses_meet_in_one_room_when_their_teacher_wants_it(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let first = tool.places_class("tessa", "101", "Lecture").await;
    let before = Lesson::begin(&tool, &first.id).await;
    before.attends("layla", 6).await;
    let copy = tool.copies_course("101", "201").into_iter().find(|one| one.title == "Lecture").unwrap();
    let tessa = tool.browser();
    let fresh = tessa.launches("tessa", &copy.id).await.assert_enters();
    assert_eq!(tessa.answers_copy(&fresh, "shared").await.leads_to(), before.room);
    let ana = tool.browser();
    assert_eq!(ana.launches("ana", &copy.id).await.assert_enters(), before.room);

    // One room, two lists: who was there before, through the other course, is not on this one.
    let page = tessa.opens(format!("{}/attendance", before.room.path())).await;
    assert!(!page.body.contains("data-person="), "{}", page.body);
    let open = OpenPage::open(&ana, &before.room).await;
    open.stays(&tool, 3).await;
    let page = tessa.opens(format!("{}/attendance", before.room.path())).await;
    let has =
        |page: &crate::support::Page, name: &str| page.body.contains(&format!("data-person=\"{name}\""));
    assert!(has(&page, "Ana Silva") && !has(&page, "ليلى الحسيني"), "{}", page.body);
    let there = before.page().await;
    assert!(has(&there, "ليلى الحسيني") && !has(&there, "Ana Silva"), "{}", there.body);
    // Old minutes make no new grade.
    assert_eq!(tool.count("score").await, 1);
}

async fn who_does_not_teach_there_cannot_open_the_other_course_s_room(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let first = tool.places_class("tessa", "101", "Lecture").await;
    let origin = tool.browser().launches("tessa", &first.id).await.assert_enters();
    let newcomer =
        LmsPerson { courses: Some(vec!["201".into()]), ..LmsPerson::teacher("nora", "Nora", "New") };
    // Ana learns in the first course, and teaches in the second.
    tool.lms.add_person(newcomer);
    let copy = tool.copies_course("101", "201").into_iter().find(|one| one.title == "Lecture").unwrap();
    let nora = tool.browser();
    let fresh = nora.launches("nora", &copy.id).await.assert_enters();
    let page = nora.opens(fresh.path()).await;
    assert_eq!(page.copy_question(), Some(false));
    page.assert_says("It was copied from another course");
    assert!(!page.text().contains("Algebra 1"), "the other course's name is not for her");
    nora.answers_copy(&fresh, "shared").await.assert_refused(403, "sharing-refused");
    nora.answers_copy(&fresh, "everything").await.assert_refused(400, "form-unreadable");
    nora.opens(origin.path()).await.assert_refused(401, "session-missing");
    assert_eq!(nora.launches("nora", &copy.id).await.assert_enters(), fresh);
    // Without the CSRF token of her own page nothing is decided.
    let forged = form(&[("csrf", "x"), ("answer", "own")]);
    nora.submits(&format!("{}/copy", fresh.path()), &forged).await.assert_refused(403, "session-replaced");
    nora.submits_from_elsewhere(&format!("{}/copy", fresh.path()), &forged)
        .await
        .assert_refused(403, "csrf-refused");
}

async fn an_answer_can_be_changed(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let first = tool.places_class("tessa", "101", "Lecture").await;
    let tessa = tool.browser();
    let origin = tessa.launches("tessa", &first.id).await.assert_enters();
    let copy = tool.copies_course("101", "201").into_iter().find(|one| one.title == "Lecture").unwrap();
    let fresh = tessa.launches("tessa", &copy.id).await.assert_enters();
    let shared = tessa.answers_copy(&fresh, "shared").await;
    assert_eq!(shared.leads_to(), origin);
    // She is in that room through two activities, and each keeps its own settings.
    let settings = tessa.opens(shared.in_the_same_name("/settings")).await;
    settings.assert_says("It shares the room of “Algebra 1”.");
    let csrf = settings.field("csrf");
    let back = form(&[("csrf", &csrf), ("answer", "own")]);
    let back = tessa.submits(&shared.in_the_same_name("/copy"), &back).await.leads_to();
    assert_eq!(back, fresh);
    assert_eq!(tool.browser().launches("ana", &copy.id).await.assert_enters(), fresh);
    assert_eq!(
        tool.browser().launches("ana", &first.id).await.assert_enters(),
        origin,
        "the first one stays"
    );
}

async fn minutes_of_a_class_that_runs_meanwhile_count(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.places_class("tessa", "101", "Lecture").await;
    let copy = tool.copies_course("101", "201").into_iter().find(|one| one.title == "Lecture").unwrap();
    let origin_launch = tool.lms.activities().into_iter().find(|one| one.title == "Lecture").unwrap();
    tool.browser().launches("tessa", &origin_launch.id).await.assert_enters();
    let ana = tool.browser();
    let fresh = ana.launches("ana", &copy.id).await.assert_enters();
    let open = OpenPage::open(&ana, &fresh).await;
    open.stays(&tool, 4).await;
    let tessa = tool.browser();
    tessa.launches("tessa", &copy.id).await.assert_enters();
    let shared = tessa.answers_copy(&fresh, "shared").await.leads_to();
    assert_ne!(shared, fresh);
    tool.later(30 * SECOND);
    open.stays(&tool, 4).await;
    let ana = tool.browser();
    assert_eq!(ana.launches("ana", &copy.id).await.assert_enters(), shared);
    let mine = ana.opens(format!("{}/attendance", shared.path())).await;
    assert_eq!(mine.attr("[data-minutes]", "data-minutes"), "8");
}

async fn a_copied_column_is_found_and_not_made_again(backend: Backend) {
    let tool = TestTool::start(backend).await;
    // A column that the tool made, for an activity that the platform does not grade.
    let lesson = Lesson::begin(&tool, "2").await;
    lesson.sets("45", "make").await;
    lesson.stands("ready", "").await;
    assert_eq!(tool.lms.line_items("101").len(), 2);
    let copies = tool.copies_course("101", "201");
    let copy = copies.iter().find(|one| one.title == "Office hours").unwrap();
    let columns = tool.lms.line_items("201").len();
    let there = Lesson::begin(&tool, &copy.id).await;
    there.attends("ana", 9).await;
    tool.jobs_rest().await;
    there.shows("Ana Silva", "sent", "", "20").await;
    assert_eq!(tool.lms.line_items("201").len(), columns);
    assert!(lesson.grades().await.is_empty(), "nothing of it is in the first course");
}
