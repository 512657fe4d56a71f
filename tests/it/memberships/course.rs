//! A course and its list: the teacher sees who was not there.

use jitsi_lti::demo::lms::{LmsActivity, LmsCourse, LmsPerson, MembershipPages};

use super::asked;
use crate::support::{Backend, Lesson, MINUTE, SECOND, TestTool, on_both};

on_both!(
    a_teacher_sees_who_was_not_there,
    roles_of_a_launch_win,
    who_is_inactive_is_not_missed,
    somebody_without_a_name_has_a_number,
    a_platform_that_shares_no_list_is_told,
    nobody_of_another_course_is_seen,
    a_reload_shows_newcomers_after_an_hour,
    a_platform_is_asked_seldom,
    a_second_activity_s_list_is_read_at_once_and_then_shared,
    a_platform_that_narrows_nothing_is_asked_for_the_whole,
    learners_see_nothing_of_it,
);

const LAYLA: &str = "ليلى الحسيني";
const MAX: &str = "Maximiliane-Zoë Østergård-Kowalczyk";
const TOBIAS: &str = "Tobias Brandt";

async fn a_teacher_sees_who_was_not_there(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    // The list has the assistant as a learner: he has not launched yet.
    lesson.lists("known", "", 4).await;
    assert_eq!(lesson.absent().await, [""; 0], "nobody is missed before there was a class");
    lesson.page().await.assert_says("just now");
    lesson.attends("ana", 5).await;
    assert_eq!(lesson.absent().await, [MAX, TOBIAS, LAYLA]);
    lesson.page().await.assert_says("3 not here yet");
    tool.later(11 * MINUTE);
    tool.eventually("the class is over", async || lesson.page().await.body.contains("3 absent")).await;
    lesson.page().await.assert_says("16 minutes ago");
    lesson.page().await.assert_says("The course has 4 learners.");
    assert_eq!(lesson.grades().await.len(), 1, "who never came has no grade");
    // The next class: whoever was there before is missed in this one.
    lesson.attends("layla", 5).await;
    assert_eq!(lesson.absent().await, ["Ana Silva", MAX, TOBIAS]);
    for person in ["ana", "maximiliane", "tobias"] {
        lesson.attends(person, 1).await;
    }
    assert_eq!(lesson.absent().await, [""; 0]);
    lesson.page().await.assert_says("Everyone in the course has been here.");
}

async fn roles_of_a_launch_win(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.lists("known", "", 4).await;
    lesson.attends("ana", 1).await;
    assert!(lesson.absent().await.contains(&TOBIAS.to_owned()));
    tool.browser().launches("tobias", "1").await.assert_enters();
    lesson.lists("known", "", 3).await;
    assert_eq!(lesson.absent().await, [MAX, LAYLA]);
    // Read anew, the list still calls him a learner.
    tool.later(61 * MINUTE);
    lesson.page().await;
    tool.eventually("the list is read again", async || asked(&tool) == 2).await;
    tool.jobs_rest().await;
    lesson.lists("known", "", 3).await;
}

async fn who_is_inactive_is_not_missed(backend: Backend) {
    let tool = TestTool::start(backend).await;
    for (id, status) in [("ines", "Inactive"), ("dora", "DELETED"), ("abel", "active")] {
        let person = LmsPerson::student(id, id, "Status");
        tool.lms.add_person(LmsPerson { status: Some(status.to_owned()), ..person });
    }
    tool.lms.add_person(LmsPerson { nrps_roles: Some(vec![]), ..LmsPerson::teacher("noro", "noro", "Role") });
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.lists("known", "", 6).await;
    lesson.attends("ana", 1).await;
    assert_eq!(lesson.absent().await, ["abel Status", MAX, "noro Role", TOBIAS, LAYLA]);
    assert_eq!(tool.count("listed_member WHERE status <> 'active'").await, 2);
}

async fn somebody_without_a_name_has_a_number(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let anonymous = |id: &str| LmsPerson {
        name: None,
        given_name: None,
        family_name: None,
        ..LmsPerson::student(id, "", "")
    };
    tool.lms.add_person(anonymous("x1"));
    tool.lms.add_person(anonymous("x2"));
    tool.lms.add_person(LmsPerson { name: None, ..LmsPerson::student("gina", "Gina", "<b>Given</b>") });
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.lists("known", "", 7).await;
    lesson.attends("ana", 1).await;
    let page = lesson.page().await;
    page.assert_says("6 not here yet");
    page.assert_says("data-absent=\"Learner 1\"").assert_says("data-absent=\"Learner 2\"");
    assert!(page.body.contains("<bdi>Gina &lt;b&gt;Given&lt;"), "{}", page.body);
}

async fn a_platform_that_shares_no_list_is_told(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.lms.behaviour().set(|now| now.offer_memberships = false);
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.attends("ana", 1).await;
    assert_eq!(lesson.participants().await, ("not-offered".to_owned(), String::new(), 0));
    lesson.page().await.assert_says("doesn’t share its list of participants");
    tool.jobs_rest().await;
    assert_eq!((asked(&tool), tool.count("membership_list").await), (0, 0));
    tool.lms.behaviour().set(|now| now.offer_memberships = true);
    tool.browser().launches("layla", "1").await.assert_enters();
    lesson.lists("known", "", 4).await;
    assert_eq!(lesson.absent().await, [MAX, TOBIAS, LAYLA]);
}

async fn nobody_of_another_course_is_seen(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.lms.add_course(LmsCourse::new("202", "GEO1", "Geometry 1"));
    let geometry = tool.lms.add_activity(LmsActivity::new("202", "Geometry class")).unwrap();
    let only = |id: &str, course: &str| LmsPerson {
        courses: Some(vec![course.to_owned()]),
        ..LmsPerson::student(id, id, "Only")
    };
    tool.lms.add_person(only("algebra", "101"));
    tool.lms.add_person(only("geometry", "202"));
    let other = tool.adds_platform().await;
    other.lms.add_person(LmsPerson::student("stranger", "stranger", "Far"));
    let (here, there) = (Lesson::begin(&tool, "1").await, Lesson::begin(&tool, &geometry.id).await);
    let ben = other.browser(&tool);
    ben.launches("ana", "1").await.assert_enters();
    here.lists("known", "", 5).await;
    there.lists("known", "", 5).await;
    tool.eventually("the other platform's list is read", async || tool.count("membership_list").await == 3)
        .await;
    here.attends("ana", 1).await;
    there.attends("ana", 1).await;
    assert_eq!(here.absent().await, ["algebra Only", MAX, TOBIAS, LAYLA]);
    assert_eq!(there.absent().await, ["geometry Only", MAX, TOBIAS, LAYLA]);
    // A launch as Instructor counts in its own course alone.
    tool.browser().launches("tobias", &geometry.id).await.assert_enters();
    assert_eq!(there.absent().await, ["geometry Only", MAX, LAYLA]);
    assert_eq!(here.absent().await, ["algebra Only", MAX, TOBIAS, LAYLA]);
}

async fn a_reload_shows_newcomers_after_an_hour(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.lists("known", "", 4).await;
    tool.lms.add_person(LmsPerson::student("nina", "Nina", "Newcomer"));
    tool.later(59 * MINUTE);
    lesson.page().await;
    tool.jobs_rest().await;
    assert_eq!((lesson.participants().await.2, asked(&tool)), (4, 1));
    lesson.page().await.assert_says("59 minutes ago");
    tool.later(2 * MINUTE);
    // The old list is there while the new one is read.
    assert_eq!(lesson.participants().await, ("known".to_owned(), String::new(), 4));
    lesson.lists("known", "", 5).await;
    lesson.page().await.assert_says("just now");
    assert_eq!(asked(&tool), 2);
    assert_eq!(tool.count("listed_member").await, 7, "what the first reading left is gone");
}

async fn a_platform_is_asked_seldom(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.lists("known", "", 4).await;
    for person in ["ana", "layla", "olga"] {
        tool.browser().launches(person, "1").await.assert_enters();
        lesson.page().await;
    }
    tool.jobs_rest().await;
    assert_eq!(asked(&tool), 1);
    tool.later(2 * 60 * MINUTE);
    futures::future::join_all((0..10).map(|_| lesson.page())).await;
    tool.eventually("the list is read again", async || asked(&tool) == 2).await;
    tool.jobs_rest().await;
    futures::future::join_all((0..10).map(|_| lesson.page())).await;
    tool.jobs_rest().await;
    assert_eq!((asked(&tool), tool.count("job").await), (2, 0));
}

async fn a_second_activity_s_list_is_read_at_once_and_then_shared(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.lists("known", "", 4).await;
    let first =
        tool.lms.message_log().into_iter().find(|entry| entry.title.contains("/memberships")).unwrap();
    assert!(first.title.contains("rlid=1"), "{}", first.title);
    // The list was narrowed to the only activity: it does not speak for another one.
    // The platform is asked for the whole one at once, which it is once only.
    let office = Lesson::begin(&tool, "2").await;
    assert_eq!(office.participants().await.0, "reading");
    office.lists("known", "", 4).await;
    lesson.lists("known", "", 4).await;
    let second =
        tool.lms.message_log().into_iter().find(|entry| entry.title.contains("/memberships")).unwrap();
    assert!(!second.title.contains("rlid"), "{}", second.title);
    tool.later(SECOND);
    office.page().await;
    tool.jobs_rest().await;
    assert_eq!(asked(&tool), 2);
}

async fn a_platform_that_narrows_nothing_is_asked_for_the_whole(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.lms.behaviour().set(|now| now.membership_pages = MembershipPages::WholeCourseOnly);
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.lists("known", "", 4).await;
    assert_eq!(asked(&tool), 2, "once with the activity, once without");
    assert_eq!(tool.count("membership_list WHERE resource_link_id IS NULL").await, 1);
    Lesson::begin(&tool, "2").await.lists("known", "", 4).await;
    assert_eq!(asked(&tool), 2);
}

async fn learners_see_nothing_of_it(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.lists("known", "", 4).await;
    lesson.attends("ana", 1).await;
    for person in ["layla", "olga"] {
        let browser = tool.browser();
        let room = browser.launches(person, "1").await.assert_enters();
        let page = browser.opens(format!("{}/attendance", room.path())).await;
        assert!(
            page.status == 200 && !page.body.contains("participants") && !page.body.contains(MAX),
            "{}",
            page.body
        );
    }
    tool.later(2 * 60 * MINUTE);
    let browser = tool.browser();
    let room = browser.launches("layla", "1").await.assert_enters();
    browser.opens(format!("{}/attendance", room.path())).await;
    tool.jobs_rest().await;
    assert_eq!(asked(&tool), 1, "only who may see the list has it read");
}
