//! What a teacher does at the picker, and what stands in the course afterwards.

use jitsi_lti::demo::lms::LmsActivity;

use crate::support::{Backend, Lesson, MINUTE, OpenPage, TestTool, on_both};

on_both!(
    three_classes_come_into_the_course_at_once,
    a_class_of_the_course_gets_another_way_in,
    what_was_typed_stays_until_it_is_right,
    classes_come_and_go_on_the_form,
    a_form_that_is_sent_twice_makes_its_rooms_once,
    whoever_changes_their_mind_adds_nothing,
    a_graded_class_has_its_own_column_from_the_first_grade_on,
);

async fn three_classes_come_into_the_course_at_once(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let tessa = tool.browser();
    let picker = tessa.picks("tessa", "101").await;
    picker.assert_says("Add classes to the course").assert_says("Algebra 1");
    let picked = tessa
        .chooses(
            &picker,
            &[
                ("title-0", "Lecture"),
                ("text-0", "Every week.\nBring <paper>."),
                ("graded-0", "yes"),
                ("target-0", "60"),
                ("begins-0", "2026-12-01T10:00"),
                ("ends-0", "2026-12-01T11:30"),
                ("title-1", "Exercises"),
                ("graded-1", "yes"),
                ("target-1", "30"),
                ("title-2", "Office hours"),
                ("action", "add"),
            ],
        )
        .await;
    let answer = tessa.returns(&picked).await.unwrap();
    let titles: Vec<&str> = answer.activities.iter().map(|one| one.title.as_str()).collect();
    assert_eq!(titles, ["Lecture", "Exercises", "Office hours"]);
    assert_eq!(answer.message.as_deref(), Some("3 classes were added."));
    assert_eq!(answer.log.as_deref(), Some("3 item(s)"));
    let graded: Vec<Option<f64>> = answer.activities.iter().map(|one| one.maximum).collect();
    assert_eq!(graded, [Some(100.0), Some(100.0), None]);

    let ana = tool.browser();
    let mut rooms = Vec::new();
    for activity in &answer.activities {
        let room = ana.launches("ana", &activity.id).await.assert_enters();
        ana.opens(room.path()).await.assert_says(&activity.title);
        assert_eq!(tessa.launches("tessa", &activity.id).await.assert_enters(), room);
        rooms.push(room);
    }
    assert!(rooms[0] != rooms[1] && rooms[1] != rooms[2] && rooms[0] != rooms[2]);
    let page = ana.opens(rooms[0].path()).await;
    page.assert_says("Scheduled:").assert_says("2026-12-01 10:00 UTC").assert_says("Bring <paper>.");
    let settings = tessa.opens(format!("{}/settings", rooms[1].path())).await;
    assert_eq!(settings.attr("#target", "value"), "30");
}

async fn a_class_of_the_course_gets_another_way_in(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let tessa = tool.browser();
    let room = tessa.launches("tessa", "1").await.assert_enters();
    let picker = tessa.picks("tessa", "101").await;
    picker.assert_says("Classes of this course").assert_says("Live class");
    let picked = tessa.chooses(&picker, &[("title-0", ""), ("existing", room.id()), ("action", "add")]).await;
    let answer = tessa.returns(&picked).await.unwrap();
    let [again] = &answer.activities[..] else { panic!("{answer:?}") };
    assert_eq!((again.title.as_str(), again.maximum), ("Live class", None));
    let ana = tool.browser();
    assert_eq!(ana.launches("ana", &again.id).await.assert_enters(), room);
    assert_eq!(tool.count("room").await, 1);
    assert_eq!(tool.count("link_copy").await, 0, "nobody asks: it was chosen");

    // Each activity counts its own minutes.
    let open = OpenPage::open(&ana, &room).await;
    open.stays(&tool, 4).await;
    let ben = tool.browser();
    let room = ben.launches("layla", "1").await.assert_enters();
    OpenPage::open(&ben, &room).await.stays(&tool, 2).await;
    tool.later(2 * MINUTE);
    ana.opens(format!("{}/attendance", room.path())).await.assert_says("4 minutes");
    let ana = tool.browser();
    ana.launches("ana", "1").await.assert_enters();
    let mine = ana.opens(format!("{}/attendance", room.path())).await;
    assert_eq!(mine.attr("[data-minutes]", "data-minutes"), "0", "she was there by the other activity");
}

async fn what_was_typed_stays_until_it_is_right(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let tessa = tool.browser();
    let picker = tessa.picks("tessa", "101").await;
    let refused = tessa
        .chooses(
            &picker,
            &[
                ("title-0", ""),
                ("text-0", "A \"quoted\" text"),
                ("graded-0", "yes"),
                ("target-0", "0"),
                ("begins-0", "2026-12-01T10:00"),
                ("ends-0", "2026-12-01T09:00"),
                ("action", "add"),
            ],
        )
        .await;
    assert_eq!(refused.status, 422);
    refused
        .assert_says("Nothing was added: a value isn’t right")
        .assert_says("Enter a title.")
        .assert_says("Enter a date and a time after the beginning.")
        .assert_says("Enter a whole number of minutes from 1 to 600.")
        .assert_says("A \"quoted\" text");
    assert!(refused.body.contains("value=\"2026-12-01T10:00\""));
    assert_eq!(tool.count("room").await, 0);
    let picked = tessa
        .chooses(&refused, &[("title-0", "Right"), ("graded-0", "yes"), ("target-0", "9"), ("action", "add")])
        .await;
    assert_eq!(tessa.returns(&picked).await.unwrap().activities[0].title, "Right");
}

async fn classes_come_and_go_on_the_form(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let tessa = tool.browser();
    let mut page = tessa.picks("tessa", "101").await;
    page = tessa.chooses(&page, &[("title-0", "First"), ("action", "more")]).await;
    assert_eq!(page.body.matches("class=\"card class\"").count(), 2);
    page = tessa.chooses(&page, &[("title-0", "First"), ("title-1", "Second"), ("action", "less-0")]).await;
    assert_eq!(page.body.matches("class=\"card class\"").count(), 1);
    assert!(page.body.contains("value=\"Second\"") && !page.body.contains("value=\"First\""));
    // The last one stays, and no form grows without end.
    page = tessa.chooses(&page, &[("title-0", "Second"), ("action", "less-0")]).await;
    assert_eq!(page.body.matches("class=\"card class\"").count(), 1);
    let titles: Vec<String> = (0..20).map(|index| format!("title-{index}")).collect();
    let mut many: Vec<(&str, &str)> = titles.iter().map(|name| (name.as_str(), "x")).collect();
    many.push(("action", "more"));
    page = tessa.chooses(&page, &many).await;
    assert_eq!(page.body.matches("class=\"card class\"").count(), 12);
    assert!(!page.body.contains("id=\"more\""));
    tessa.chooses(&page, &[("action", "less-x")]).await.assert_refused(400, "form-unreadable");
}

async fn a_form_that_is_sent_twice_makes_its_rooms_once(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let tessa = tool.browser();
    let picker = tessa.picks("tessa", "101").await;
    let fields = [("title-0", "Once"), ("action", "add")];
    let first = tessa.chooses(&picker, &fields).await;
    let second = tessa.chooses(&picker, &[("title-0", "Better"), ("action", "add")]).await;
    assert_eq!(tool.count("room").await, 1);
    assert_eq!(first.items()[0]["custom"]["room"], second.items()[0]["custom"]["room"]);
    tessa.returns(&second).await.unwrap();
    // The platform took one answer; the other is of no use any more.
    assert!(tessa.returns(&first).await.is_err());
    tessa.picks("tessa", "101").await.assert_says("Better").assert_says("Not opened yet");
}

async fn whoever_changes_their_mind_adds_nothing(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let tessa = tool.browser();
    let before = tool.lms.activities().len();
    let picker = tessa.picks("tessa", "101").await;
    let picked = tessa.chooses(&picker, &[("title-0", "Never"), ("action", "cancel")]).await;
    let answer = tessa.returns(&picked).await.unwrap();
    assert!(answer.activities.is_empty() && answer.error.is_none());
    assert_eq!((tool.lms.activities().len(), tool.count("room").await), (before, 0));
}

async fn a_graded_class_has_its_own_column_from_the_first_grade_on(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let tessa = tool.browser();
    let picker = tessa.picks("tessa", "101").await;
    let fields = [("title-0", "Marked"), ("graded-0", "yes"), ("target-0", "18"), ("action", "add")];
    let answer = tessa.returns(&tessa.chooses(&picker, &fields).await).await.unwrap();
    let activity: &LmsActivity = &answer.activities[0];
    let columns = tool.lms.line_items("101").len();
    let lesson = Lesson::begin(&tool, &activity.id).await;
    lesson.attends("ana", 9).await;
    lesson.shows("Ana Silva", "sent", "", "50").await;
    assert_eq!(tool.lms.line_items("101").len(), columns, "no second one");
}
