//! When a class is: plans, dates, and what becomes of them.

use std::time::Duration;

use jitsi_lti::clock::Clock as _;
use jitsi_lti::demo::lms::LmsCourse;

use crate::support::{
    Backend, Browser, Lesson, MINUTE, OpenPage, Page, TestTool, form, on_both, with, without_name,
};

on_both!(
    a_series_keeps_its_hour_when_the_clocks_change,
    a_time_that_clocks_jump_over_is_moved_and_said,
    a_cancelled_date_opens_nothing_and_is_said,
    one_date_moves_without_the_others,
    a_new_plan_keeps_what_both_plans_have,
    of_two_who_plan_at_once_the_second_sees_both,
    what_cannot_be_is_said_beside_its_field_and_nothing_is_lost,
    learners_read_the_dates_and_change_none,
    a_copied_course_takes_over_its_dates_when_its_teacher_says_so,
    rooms_of_groups_keep_the_time_of_the_activity,
);

/// Every story begins on 22 November 2026 at 10:01:37 UTC, a Sunday.
pub const SERIES: [(&str, &str); 6] = [
    ("kind", "series"),
    ("zone", "Europe/Madrid"),
    ("begins", "2027-03-22T10:00"),
    ("ends", "2027-03-22T11:30"),
    ("pattern", "weekly"),
    ("count", "3"),
];

/// The teacher's form of the plan with these fields; answers what comes back.
pub async fn sends(lesson: &Lesson<'_>, fields: &[(&str, &str)]) -> Page {
    let path = format!("{}/schedule", lesson.room.path());
    let form = lesson.teacher.opens(&path).await.form("#plan");
    let form = fields.iter().fold(form, |form, (name, value)| with(form, name, Some(value)));
    lesson.teacher.submits(&path, &form).await
}

/// The teacher looks at the dates of a plan, and saves them.
pub async fn plans(lesson: &Lesson<'_>, fields: &[(&str, &str)]) -> Page {
    let shown = sends(lesson, &[fields, &[("do", "save")]].concat()).await;
    assert_eq!(shown.status, 200, "{}", shown.body);
    let form = with(shown.form("#plan"), "do", Some("save"));
    let saved = lesson.teacher.submits(&format!("{}/schedule", lesson.room.path()), &form).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    shown
}

pub async fn page(browser: &Browser, lesson: &Lesson<'_>) -> Page {
    browser.opens(format!("{}/schedule", lesson.room.path())).await
}

pub fn dates(page: &Page) -> Vec<String> {
    page.attrs("#to-come .date", "data-begins")
}

/// The teacher changes the date number `index` of those to come.
pub async fn changes(lesson: &Lesson<'_>, index: usize, fields: &[(&str, Option<&str>)]) -> Page {
    let path = page(&lesson.teacher, lesson).await.attrs("#to-come .date a", "href").swap_remove(index);
    let form = lesson.teacher.opens(&path).await.form("#date");
    let form = fields.iter().fold(form, |form, (name, value)| with(form, name, *value));
    lesson.teacher.submits(&path, &form).await
}

/// The clock goes on to a moment; the teacher's session is over by then.
async fn wait_until(lesson: &mut Lesson<'_>, iso: &str) {
    let tool = lesson.tool;
    tool.written().await;
    tool.jobs_rest().await;
    let then = chrono::DateTime::parse_from_rfc3339(iso).unwrap().timestamp_millis();
    let span = u64::try_from(then - tool.clock.now().millis()).unwrap();
    tool.later(Duration::from_millis(span));
    *lesson = Lesson::begin(tool, "1").await;
}

async fn enters(browser: &Browser, lesson: &Lesson<'_>) -> bool {
    browser.joins(&lesson.room).await.body.contains("meeting-config")
}

async fn a_series_keeps_its_hour_when_the_clocks_change(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let mut lesson = Lesson::begin(&tool, "1").await;
    plans(&lesson, &SERIES).await.assert_says("3 dates");
    let shown = page(&lesson.teacher, &lesson).await;
    assert_eq!(dates(&shown), ["2027-03-22T09:00:00Z", "2027-03-29T08:00:00Z", "2027-04-05T08:00:00Z"]);
    shown.assert_says("Europe/Madrid").assert_says("2027-03-29 10:00");
    assert!(!enters(&lesson.teacher, &lesson).await, "it is months away");
    // A week before the clocks change, and after.
    for (early, teachers, begins) in [
        ("2027-03-22T08:49:59Z", "2027-03-22T08:50:00Z", "2027-03-22T09:00:00Z"),
        ("2027-03-29T07:49:59Z", "2027-03-29T07:50:00Z", "2027-03-29T08:00:00Z"),
    ] {
        wait_until(&mut lesson, early).await;
        assert!(!enters(&lesson.teacher, &lesson).await, "{early}");
        wait_until(&mut lesson, teachers).await;
        let ana = tool.browser();
        ana.launches("ana", "1").await.assert_enters();
        assert!(enters(&lesson.teacher, &lesson).await && !enters(&ana, &lesson).await, "{teachers}");
        tool.jobs_rest().await;
        wait_until(&mut lesson, begins).await;
        let ana = tool.browser();
        let room = ana.launches("ana", "1").await.assert_enters();
        assert!(enters(&ana, &lesson).await, "{begins}");
        let there = OpenPage::open(&ana, &room).await;
        tool.jobs_rest().await;
        tool.later(90 * MINUTE);
        assert_eq!(there.says("beat").await, 204, "who is inside may finish");
        assert!(!enters(&ana, &lesson).await && !enters(&lesson.teacher, &lesson).await, "it is over");
    }
    assert_eq!(dates(&page(&lesson.teacher, &lesson).await).len(), 1);
    lesson.teacher.opens(lesson.room.path()).await.assert_says("2027-04-05");
    tool.written().await;
    tool.jobs_rest().await;
}

async fn a_time_that_clocks_jump_over_is_moved_and_said(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    let night = [("begins", "2027-03-27T02:30"), ("ends", "2027-03-27T03:30"), ("pattern", "daily")];
    let shown = plans(&lesson, &[&SERIES, &night[..]].concat()).await;
    assert_eq!(shown.attrs("#preview .date:has([data-jumps])", "data-begins"), ["2027-03-28T01:30:00Z"]);
    shown.assert_says("begins later");
}

async fn a_cancelled_date_opens_nothing_and_is_said(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let mut lesson = Lesson::begin(&tool, "1").await;
    plans(&lesson, &SERIES).await;
    let saved = changes(&lesson, 0, &[("cancelled", Some("yes")), ("note", Some("I’m <ill> 🤒"))]).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    wait_until(&mut lesson, "2027-03-22T09:05:00Z").await;
    let ana = tool.browser();
    ana.launches("ana", "1").await.assert_enters();
    let landing = ana.opens(lesson.room.path()).await;
    assert_eq!(landing.attrs("[data-cancelled]", "data-cancelled"), ["2027-03-22T09:00:00Z"]);
    landing.assert_says("I’m <ill> 🤒").assert_says("2027-03-29");
    assert!(!enters(&ana, &lesson).await && !enters(&lesson.teacher, &lesson).await);
    // It takes place after all.
    changes(&lesson, 0, &[("cancelled", None)]).await;
    assert!(enters(&ana, &lesson).await);
    tool.jobs_rest().await;
}

async fn one_date_moves_without_the_others(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    plans(&lesson, &SERIES).await;
    let to = [("begins", Some("2027-03-30T16:00")), ("ends", Some("2027-03-30T17:00"))];
    assert_eq!(changes(&lesson, 1, &to).await.status, 303);
    let shown = page(&lesson.teacher, &lesson).await;
    assert_eq!(dates(&shown), ["2027-03-22T09:00:00Z", "2027-03-30T14:00:00Z", "2027-04-05T08:00:00Z"]);
    assert_eq!(shown.attrs("[data-moved] time", "datetime"), ["2027-03-29T08:00:00Z"]);
    // This one and those after it; then all.
    let later = [("begins", Some("2027-03-31T16:00")), ("ends", Some("2027-03-31T17:00"))];
    changes(&lesson, 1, &[&later[..], &[("scope", Some("following"))]].concat()).await;
    let shown = page(&lesson.teacher, &lesson).await;
    assert_eq!(dates(&shown), ["2027-03-22T09:00:00Z", "2027-03-31T14:00:00Z", "2027-04-06T08:00:00Z"]);
    changes(&lesson, 0, &[("note", Some("Bring a ruler.")), ("scope", Some("all"))]).await;
    let shown = page(&lesson.teacher, &lesson).await;
    assert_eq!(shown.body.matches("Bring a ruler.").count(), 4, "at each date, and above them at the next");
    // Onto another one it does not go.
    let onto = [("begins", Some("2027-03-31T16:30")), ("ends", Some("2027-03-31T17:00"))];
    let refused = changes(&lesson, 0, &onto).await;
    assert_eq!((refused.status, refused.attr("#problem", "data-problem")), (422, "overlap".to_owned()));
    assert!(refused.body.contains("value=\"2027-03-31T16:30\""));
}

async fn a_new_plan_keeps_what_both_plans_have(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    plans(&lesson, &SERIES).await;
    changes(&lesson, 1, &[("cancelled", Some("yes")), ("note", Some("Holiday"))]).await;
    let ids = "SELECT id || sequence AS value FROM occurrence ORDER BY begins";
    let before = tool.texts(ids).await;
    plans(&lesson, &[&SERIES[..], &[("count", "5")]].concat()).await;
    let after = tool.texts(ids).await;
    assert_eq!((after.len(), &after[..3]), (5, &before[..]), "calendars keep what they have");
    page(&lesson.teacher, &lesson).await.assert_says("Holiday");
    // Fewer of them: the page says how many go.
    plans(&lesson, &[&SERIES[..], &[("count", "2")]].concat()).await.assert_says("3 dates planned so far");
    assert_eq!(tool.count("occurrence").await, 2);
    // All later by a year, at the same hours.
    let path = format!("{}/schedule", lesson.room.path());
    let form = lesson.teacher.opens(&path).await.form("#shift");
    let form = with(with(form, "days", Some("364")), "do", Some("shift"));
    assert_eq!(lesson.teacher.submits(&path, &form).await.status, 303);
    let shown = page(&lesson.teacher, &lesson).await;
    assert_eq!(dates(&shown), ["2028-03-20T09:00:00Z", "2028-03-27T08:00:00Z"]);
    assert!(shown.body.contains("value=\"2028-03-20T10:00\""), "the plan moves with them");
    // Always open again.
    plans(&lesson, &[("kind", "open")]).await;
    assert_eq!(tool.count("occurrence").await, 0);
    assert!(enters(&lesson.teacher, &lesson).await);
    tool.jobs_rest().await;
}

async fn of_two_who_plan_at_once_the_second_sees_both(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    let other = tool.browser();
    other.launches("tobias", "1").await.assert_enters();
    let path = format!("{}/schedule", lesson.room.path());
    let once = [
        ("kind", "one"),
        ("zone", "UTC"),
        ("begins", "2026-12-24T10:00"),
        ("ends", "2026-12-24T11:00"),
        ("do", "save"),
    ];
    let theirs = other.opens(&path).await.form("#plan");
    assert_eq!(sends(&lesson, &once).await.status, 303);
    let theirs = once.iter().fold(theirs, |form, (name, value)| with(form, name, Some(value)));
    let theirs = with(theirs, "begins", Some("2026-12-24T09:00"));
    let refused = other.submits(&path, &theirs).await;
    assert_eq!((refused.status, refused.attr("#problem", "data-problem")), (409, "overtaken".to_owned()));
    assert_eq!(dates(&refused), ["2026-12-24T10:00:00Z"], "what the first one saved");
    assert!(refused.body.contains("value=\"2026-12-24T09:00\""), "and what the second one entered");
    let again = with(refused.form("#plan"), "do", Some("save"));
    let again = other.submits(&path, &again).await;
    assert_eq!(again.status, 303, "{}", again.body);
    assert_eq!(dates(&page(&lesson.teacher, &lesson).await), ["2026-12-24T09:00:00Z"]);
    // The same for a single date.
    let date = page(&lesson.teacher, &lesson).await.attrs("#to-come .date a", "href").swap_remove(0);
    let date = without_name(&date);
    let late = other.opens(&date).await.form("#date");
    changes(&lesson, 0, &[("note", Some("Mine"))]).await;
    let refused = other.submits(&date, &with(late, "note", Some("Theirs"))).await;
    assert_eq!((refused.status, refused.attr("#problem", "data-problem")), (409, "overtaken".to_owned()));
    refused.assert_says("Mine");
    assert!(refused.body.contains("value=\"Theirs\""));
}

async fn what_cannot_be_is_said_beside_its_field_and_nothing_is_lost(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    for (field, value, problem) in [
        ("ends", "2027-03-22T09:00", "order"),
        ("ends", "2027-03-29T10:00", "length"),
        ("zone", "Europe/Atlantis", "zone"),
        ("count", "10000", "too-many"),
        ("count", "0", "never"),
        ("count", "x", "count"),
        ("every", "0", "every"),
        ("begins", "soon", "begins"),
        ("kind", "", "kind"),
    ] {
        let refused = sends(&lesson, &[&SERIES[..], &[(field, value), ("do", "save")]].concat()).await;
        let said = refused.attr("#problem", "data-problem");
        assert_eq!((refused.status, said.as_str()), (422, problem), "{field} {value}");
        if field != "kind" {
            assert_eq!(refused.attr(&format!("#{field}"), "value"), value, "{field}");
            assert!(refused.has(".field__problem"), "{field} {value}");
        }
    }
    let past = [("begins", "2026-11-20T10:00"), ("ends", "2026-11-20T11:00"), ("count", "1")];
    let refused = sends(&lesson, &[&SERIES[..], &past[..], &[("do", "save")]].concat()).await;
    assert_eq!((refused.status, refused.attr("#problem", "data-problem")), (422, "past".to_owned()));
    assert_eq!(tool.count("occurrence").await, 0);
}

async fn learners_read_the_dates_and_change_none(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    plans(&lesson, &SERIES).await;
    let ana = tool.browser();
    let room = ana.launches("ana", "1").await.assert_enters();
    let shown = page(&ana, &lesson).await;
    assert_eq!(dates(&shown).len(), 3);
    assert!(!shown.has("#plan") && !shown.has(".date a"), "{}", shown.body);
    let date = page(&lesson.teacher, &lesson).await.attrs("#to-come .date a", "href").swap_remove(0);
    let date = without_name(&date);
    assert_eq!(ana.opens(&date).await.status, 403);
    let csrf = ana.opens(room.path()).await.field("csrf");
    for path in [format!("{}/schedule", room.path()), date.clone()] {
        let wanted = form(&[("csrf", &csrf), ("kind", "open"), ("scope", "all"), ("do", "save")]);
        assert_eq!(ana.submits(&path, &wanted).await.status, 403, "{path}");
    }
    // Nor does a teacher of another platform reach it.
    let other = tool.adds_platform().await;
    let stranger = other.browser(&tool);
    stranger.launches("tessa", "1").await.assert_enters();
    assert!(matches!(stranger.opens(&date).await.status, 401 | 403 | 404));
    assert_eq!(tool.count("occurrence").await, 3);
}

async fn a_copied_course_takes_over_its_dates_when_its_teacher_says_so(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    plans(&lesson, &SERIES).await;
    tool.jobs_rest().await;
    let course = LmsCourse::new("201", "ALG1b", "Algebra 201");
    let copy = tool.lms.copy_course("101", course).unwrap().swap_remove(0);
    let there = Lesson::begin(&tool, &copy.id).await;
    assert_ne!(there.room, lesson.room);
    let shown = page(&there.teacher, &there).await;
    shown.assert_says("always open").assert_says("The original has 3 dates");
    let path = format!("{}/schedule", there.room.path());
    let form = with(with(shown.form("#shift"), "days", Some("0.5")), "do", Some("take"));
    assert_eq!(there.teacher.submits(&path, &form).await.attr("#problem", "data-problem"), "days");
    let saved = there.teacher.submits(&path, &with(form, "days", Some("7"))).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    let shown = page(&there.teacher, &there).await;
    assert_eq!(dates(&shown), ["2027-03-29T08:00:00Z", "2027-04-05T08:00:00Z", "2027-04-12T08:00:00Z"]);
    assert_eq!(dates(&page(&lesson.teacher, &lesson).await)[0], "2027-03-22T09:00:00Z");
}

async fn rooms_of_groups_keep_the_time_of_the_activity(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.lms.behaviour().set(|now| now.offer_groups = true);
    let lesson = Lesson::begin(&tool, "1").await;
    let settings = format!("{}/settings", lesson.room.path());
    let form = lesson.teacher.opens(&settings).await.form("#settings");
    assert_eq!(lesson.teacher.submits(&settings, &with(form, "group_rooms", Some("yes"))).await.status, 303);
    plans(&lesson, &SERIES).await;
    tool.jobs_rest().await;
    let ana = tool.browser();
    let room = ana.launches("ana", "1").await.assert_enters();
    assert_ne!(room, lesson.room, "her group's");
    let landing = ana.opens(room.path()).await;
    landing.assert_says("2027-03-22");
    assert_eq!(ana.joins(&room).await.attr("#waiting", "data-state"), "before");
    tool.jobs_rest().await;
}
