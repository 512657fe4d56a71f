//! People whose platform shares no names.

use futures::future::join_all;
use jitsi_lti::demo::lms::{LmsCourse, LmsPerson};

use crate::support::{Backend, Lesson, OpenPage, TestTool, on_both};

on_both!(
    learners_without_names_have_lasting_numbers_the_same_everywhere,
    dashes_and_dots_are_no_names,
    a_name_that_comes_later_wins_and_its_number_is_nobody_else_s,
    who_comes_at_once_gets_a_number_of_their_own,
    the_teacher_reads_why_and_who_can_change_it,
);

fn nameless(id: &str) -> LmsPerson {
    LmsPerson { name: None, given_name: None, family_name: None, ..LmsPerson::student(id, "", "") }
}

/// Nobody of the school has a name any more.
fn hides_names(tool: &TestTool) {
    for id in ["ana", "maximiliane", "layla"] {
        tool.lms.add_person(nameless(id));
    }
    for id in ["tessa", "tobias"] {
        let person = LmsPerson::teacher(id, "", "");
        tool.lms.add_person(LmsPerson { name: None, given_name: None, family_name: None, ..person });
    }
}

async fn learners_without_names_have_lasting_numbers_the_same_everywhere(backend: Backend) {
    let tool = TestTool::start(backend).await;
    hides_names(&tool);
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.lists("known", "", 3).await;
    lesson.attends("ana", 9).await;
    let ana = tool.browser();
    let room = ana.launches("ana", "1").await.assert_enters();
    let name = ana.opens(room.path()).await.text_of(".person__name bdi");
    assert!(name.starts_with("Learner "), "{name}");
    ana.opens(room.path()).await.assert_says(&format!("others see you as “{name}”"));
    // The list of participants, the meeting, attendance and grades call her so.
    let token = tool.token_of(&ana.joins(&room).await).await;
    assert_eq!(token.claims["context"]["user"]["name"], name.as_str());
    lesson.page().await.assert_says(&format!("data-person=\"{name}\""));
    assert_eq!(lesson.grades().await[0].learner, name);
    let absent = lesson.absent().await;
    assert_eq!(absent.len(), 2, "{absent:?}");
    assert!(absent.iter().all(|one| one.starts_with("Learner ") && *one != name), "{absent:?}");
    let mut all: Vec<&String> = absent.iter().chain([&name]).collect();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 3, "no two alike");
    // Years and launches later they are who they were.
    tool.jobs_rest().await;
    tool.later(std::time::Duration::from_secs(3 * 365 * 24 * 60 * 60));
    tool.lms.add_person(nameless("newcomer"));
    let lesson = Lesson::begin(&tool, "1").await;
    tool.browser().launches("newcomer", "1").await.assert_enters();
    tool.browser().launches("layla", "1").await.assert_enters();
    // Who belongs to the course is asked anew.
    lesson.lists("known", "", 4).await;
    assert_eq!(lesson.grades().await[0].learner, name);
    let later = lesson.absent().await;
    assert!(absent.iter().all(|one| later.contains(one)), "{absent:?} {later:?}");
    // A course counts its own.
    tool.lms.add_course(LmsCourse::new("202", "GEO", "Geometry"));
    let there = tool.lms.add_activity(jitsi_lti::demo::lms::LmsActivity::new("202", "Class")).unwrap();
    let newcomer = tool.browser();
    let room = newcomer.launches("newcomer", &there.id).await.assert_enters();
    newcomer.opens(room.path()).await.assert_says("Learner 1");
}

async fn dashes_and_dots_are_no_names(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let text = |text: &str| Some(text.to_owned());
    let named = |id: &str, name: &str, given: &str, family: &str| LmsPerson {
        name: text(name),
        given_name: text(given),
        family_name: text(family),
        ..LmsPerson::student(id, "", "")
    };
    tool.lms.add_person(named("ana", "- .", "-", "."));
    tool.lms.add_person(named("layla", "\u{200b}", "\u{2060}", "\u{3164}"));
    tool.lms.add_person(named("maximiliane", "--", "Max", "-"));
    let shown = async |person: &str| {
        let browser = tool.browser();
        let room = browser.launches(person, "1").await.assert_enters();
        browser.opens(room.path()).await.text_of(".person__name bdi")
    };
    assert_eq!(shown("ana").await, "Learner 1");
    assert_eq!(shown("layla").await, "Learner 2");
    assert_eq!(shown("maximiliane").await, "Max");
    assert_eq!(shown("ana").await, "Learner 1");
}

async fn a_name_that_comes_later_wins_and_its_number_is_nobody_else_s(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.lms.behaviour().set(|now| now.offer_memberships = false);
    tool.lms.add_person(nameless("ana"));
    tool.lms.add_person(nameless("ben"));
    let ana = tool.browser();
    let room = ana.launches("ana", "1").await.assert_enters();
    ana.opens(room.path()).await.assert_says("Learner 1");
    tool.lms.add_person(LmsPerson::student("ana", "Ana", "Silva"));
    ana.launches("ana", "1").await.assert_enters();
    let page = ana.opens(room.path()).await;
    page.assert_says("Ana Silva");
    assert!(!page.body.contains("id=\"nameless-mine\""));
    let ben = tool.browser();
    ben.launches("ben", "1").await.assert_enters();
    ben.opens(room.path()).await.assert_says("Learner 2");
    // Who is in class under a number keeps it in the list of that class.
    let open = OpenPage::open(&ben, &room).await;
    open.stays(&tool, 1).await;
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.page().await.assert_says("data-person=\"Learner 2\"");
}

async fn who_comes_at_once_gets_a_number_of_their_own(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let people: Vec<String> = (0..12).map(|number| format!("n{number}")).collect();
    people.iter().for_each(|id| tool.lms.add_person(nameless(id)));
    let browsers: Vec<_> = people.iter().chain(&people).map(|id| (tool.browser(), id)).collect();
    join_all(browsers.iter().map(|(browser, id)| browser.launches(id, "1")))
        .await
        .iter()
        .for_each(|launch| drop(launch.assert_enters()));
    let numbers = "SELECT COUNT(DISTINCT number) AS value FROM person_number";
    assert_eq!((tool.number(numbers.to_owned()).await, tool.count("person_number").await), (12, 12));
}

async fn the_teacher_reads_why_and_who_can_change_it(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.attends("ana", 2).await;
    assert!(!lesson.page().await.body.contains("id=\"nameless\""), "everybody has a name");
    tool.lms.add_person(nameless("layla"));
    lesson.attends("layla", 2).await;
    let page = lesson.page().await;
    page.assert_says("doesn’t share names").assert_says("“Share launcher’s name with tool” must be “Always”");
    hides_names(&tool);
    for (family, how) in
        [("canvas", "privacy level"), ("desire2learn", "Security Settings"), ("x", "privacy settings")]
    {
        tool.lms.behaviour().set(|now| now.family = family.to_owned());
        let tobias = tool.browser();
        tool.lms.add_person(LmsPerson { roles: LmsPerson::teacher("new", "", "").roles, ..nameless(family) });
        let room = tobias.launches(family, "1").await.assert_enters();
        let page = tobias.opens(room.path()).await;
        page.assert_says("Good to see you, <bdi>Instructor ").assert_says(how);
    }
}
