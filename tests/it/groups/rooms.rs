//! Where people of groups land, at each kind of platform.

use jitsi_lti::demo::lms::{LmsGroup, LmsPerson};

use crate::support::{Backend, Lesson, MINUTE, OpenPage, TestTool, form, on_both};

on_both!(
    learners_land_with_their_own_group_and_a_teacher_chooses,
    each_family_s_variable_tells_the_groups,
    the_groups_service_tells_names,
    who_is_in_several_groups_chooses_among_them,
    nobody_gets_into_another_group_s_room,
    grades_count_wherever_the_group_met,
    without_the_switch_everybody_meets,
    an_absence_is_of_the_group,
);

async fn learners_land_with_their_own_group_and_a_teacher_chooses(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.gives_groups_rooms("1").await;
    let (ana, max, layla) = (tool.browser(), tool.browser(), tool.browser());
    let (red, page) = ana.lands("ana", "1").await;
    assert_eq!(page, "");
    assert_eq!(max.lands("maximiliane", "1").await.0, red);
    let (blue, _) = layla.lands("layla", "1").await;
    assert_ne!(red, blue);
    // Moodle tells no names, so they are neutral: the first that became known is 1.
    ana.opens(red.path()).await.assert_says("Group 1");
    layla.opens(blue.path()).await.assert_says("Group 2");

    let tessa = tool.browser();
    let (whole, page) = tessa.lands("tessa", "1").await;
    assert_eq!(page, "groups");
    let choice = tessa.opens(format!("{}/groups", whole.path())).await;
    assert_eq!(choice.groups(), ["Group 1", "Group 2"]);
    let group = choice.text_of("[data-group='g-red']");
    assert!(group.contains("Ana Silva") && !group.contains("Layla"), "{group}");
    assert!(choice.text_of("#whole-course").contains("You’re here"));
    choice.assert_says("You join the call from there");
    assert_eq!(tessa.chooses_group(&whole, "g-red").await.leads_to(), red);
    let room = tessa.opens(red.path()).await;
    room.assert_says("Group 1").assert_says("Group rooms");
    assert_eq!(tessa.chooses_group(&red, "").await.leads_to(), whole);
    // Who is in no group comes to the whole course.
    let olga = tool.browser();
    assert_eq!(olga.lands("olga", "1").await, (whole, String::new()));
}

async fn each_family_s_variable_tells_the_groups(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.gives_groups_rooms("1").await;
    let mut rooms = Vec::new();
    for family in ["moodle", "canvas", "BlackboardLearn", "sakai"] {
        tool.lms.behaviour().set(|now| now.family = family.to_owned());
        let (red, page) = tool.browser().lands("ana", "1").await;
        assert_eq!(page, "", "{family}");
        let (blue, _) = tool.browser().lands("layla", "1").await;
        assert_ne!(red, blue, "{family}");
        rooms.push((red, blue));
    }
    rooms.dedup();
    assert_eq!(rooms.len(), 1);
    // A platform that tells nothing leaves everybody together.
    tool.lms.behaviour().set(|now| now.family = "desire2learn".to_owned());
    tool.lms.add_person(LmsPerson::student("new", "New", "Learner"));
    let (whole, _) = tool.browser().lands("new", "1").await;
    assert_eq!(tool.browser().lands("olga", "1").await.0, whole);
}

async fn the_groups_service_tells_names(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.lms.behaviour().set(|now| (now.family, now.offer_groups) = ("sakai".to_owned(), true));
    let nameless = LmsGroup { id: "g-3".into(), course: "101".into(), ..LmsGroup::default() };
    tool.lms.add_group(nameless);
    tool.gives_groups_rooms("1").await;
    let ana = tool.browser();
    let (red, _) = ana.lands("ana", "1").await;
    ana.opens(red.path()).await.assert_says("Red");
    let tessa = tool.browser();
    let (whole, _) = tessa.lands("tessa", "1").await;
    let choice = tessa.opens(format!("{}/groups", whole.path())).await;
    assert_eq!(choice.groups(), ["Blue", "Red", "Group 3"]);
    // Asked with each launch only when it was told a while ago.
    let asked = || tool.lms.message_log().iter().filter(|entry| entry.title.contains("/groups?")).count();
    let before = asked();
    ana.lands("ana", "1").await;
    tessa.lands("tessa", "1").await;
    assert_eq!(asked(), before);
    // Somebody changes groups: the next launch knows, as soon as the platform is asked again.
    tool.lms.set_group_members("g-red", &["maximiliane"]);
    tool.lms.set_group_members("g-blue", &["layla", "ana"]);
    tool.later(6 * MINUTE);
    let (blue, _) = ana.lands("ana", "1").await;
    assert_ne!(blue, red);
    ana.opens(red.path()).await.assert_refused(403, "not-in-group");
}

async fn who_is_in_several_groups_chooses_among_them(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.lms.set_group_members("g-blue", &["layla", "ana"]);
    tool.gives_groups_rooms("1").await;
    tool.browser().lands("layla", "1").await;
    let ana = tool.browser();
    let (whole, page) = ana.lands("ana", "1").await;
    assert_eq!(page, "groups");
    let choice = ana.opens(format!("{}/groups", whole.path())).await;
    choice.assert_says("You’re in several groups.");
    assert!(!choice.body.contains("Layla"), "learners are not told who is in a group");
    assert_eq!(choice.groups().len(), 2);
    let red = ana.chooses_group(&whole, "g-red").await.leads_to();
    let blue = ana.chooses_group(&red, "g-blue").await.leads_to();
    assert_ne!(red, blue);
}

async fn nobody_gets_into_another_group_s_room(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.gives_groups_rooms("1").await;
    let (ana, layla) = (tool.browser(), tool.browser());
    let (red, _) = ana.lands("ana", "1").await;
    let (blue, _) = layla.lands("layla", "1").await;
    ana.chooses_group(&red, "g-blue").await.assert_refused(403, "not-in-group");
    ana.chooses_group(&red, "no-such-group").await.assert_refused(403, "not-in-group");
    ana.opens(blue.path()).await.assert_refused(401, "session-missing");
    let forged = form(&[("csrf", "x"), ("group", "g-red")]);
    let path = format!("{}/groups", red.path());
    ana.submits_from_elsewhere(&path, &forged).await.assert_refused(403, "csrf-refused");
    ana.submits(&path, &forged).await.assert_refused(403, "session-replaced");
    // Who is taken out of a group is out of its room too.
    let open = OpenPage::open(&ana, &red).await;
    assert_eq!(open.says("beat").await, 204);
    tool.lms.set_group_members("g-red", &[]);
    tool.browser().lands("ana", "1").await;
    ana.opens(red.path()).await.assert_refused(403, "not-in-group");
    ana.opens(red.meeting()).await.assert_refused(403, "not-in-group");
}

async fn grades_count_wherever_the_group_met(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.gives_groups_rooms("1").await;
    let ana = tool.browser();
    let (red, _) = ana.lands("ana", "1").await;
    let open = OpenPage::open(&ana, &red).await;
    open.stays(&tool, 4).await;
    tool.lms.set_group_members("g-red", &[]);
    tool.lms.set_group_members("g-blue", &["ana"]);
    let (blue, _) = ana.lands("ana", "1").await;
    assert_ne!(red, blue);
    OpenPage::open(&ana, &blue).await.stays(&tool, 5).await;
    let mine = ana.opens(format!("{}/attendance", blue.path())).await;
    assert_eq!(mine.attr("[data-minutes]", "data-minutes"), "9");
    // The teacher sees one grade, and each group's class in its own room.
    let lesson = Lesson::begin_at(&tool, "1").await;
    assert_eq!(lesson.grade_of("Ana Silva").await.0, "in-class");
}

async fn without_the_switch_everybody_meets(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (room, page) = tool.browser().lands("ana", "1").await;
    assert_eq!((tool.browser().lands("layla", "1").await.0, page.as_str()), (room.clone(), ""));
    let tessa = tool.browser();
    assert_eq!(tessa.lands("tessa", "1").await, (room.clone(), String::new()));
    let off = tessa.opens(format!("{}/groups", room.path())).await;
    off.assert_refused(404, "groups-off");
    assert_eq!(tool.count("course_group").await, 2, "what launches tell is known for the day of the switch");
}

async fn an_absence_is_of_the_group(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.gives_groups_rooms("1").await;
    let (ana, max) = (tool.browser(), tool.browser());
    let (red, _) = ana.lands("ana", "1").await;
    max.lands("maximiliane", "1").await;
    tool.browser().lands("layla", "1").await;
    OpenPage::open(&ana, &red).await.stays(&tool, 1).await;
    let tessa = tool.browser();
    let (whole, _) = tessa.lands("tessa", "1").await;
    tessa.chooses_group(&whole, "g-red").await;
    let page = tessa.opens(format!("{}/attendance", red.path())).await;
    assert!(page.body.contains("data-person=\"Ana Silva\""));
    assert!(page.body.contains("data-absent=\"Maximiliane"), "{}", page.body);
    assert!(!page.text().contains("ليلى"), "she is of the other group");
}
