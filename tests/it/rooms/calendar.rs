//! The dates of a class in people's own calendars, as a calendar program that others wrote reads them.

use jitsi_lti::demo::lms::LmsActivity;

use super::schedule::{SERIES, changes, page, plans};
use crate::peers::calendar::read_calendar;
use crate::support::{Backend, Lesson, Page, TestTool, form, on_both, with};

on_both!(
    a_calendar_program_reads_the_dates_and_what_became_of_them,
    a_feed_holds_what_its_owner_has_opened_and_nothing_else,
    a_new_address_makes_the_old_one_worthless,
);

const TITLE: &str = "Álgebra; “x,y” \\ 🎓 الجبر";
/// 22 March 2027, 10:00 in Madrid, and a week later, when its clocks have changed.
const BEGINS: [f64; 3] = [1_805_706_000.0, 1_806_307_200.0, 1_806_912_000.0];

async fn calendar(lesson: &Lesson<'_>) -> Page {
    let answer = lesson.teacher.opens(format!("{}/calendar.ics", lesson.room.path())).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/calendar; charset=utf-8"));
    answer
}

async fn a_calendar_program_reads_the_dates_and_what_became_of_them(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    let settings = format!("{}/settings", lesson.room.path());
    let decided = with(lesson.teacher.opens(&settings).await.form("#settings"), "title", Some(TITLE));
    assert_eq!(lesson.teacher.submits(&settings, &decided).await.status, 303);
    plans(&lesson, &SERIES).await;
    let first = read_calendar(&calendar(&lesson).await.body);
    assert_eq!(first.iter().map(|event| event.begins).collect::<Vec<_>>(), BEGINS);
    for event in &first {
        assert_eq!((event.title.as_str(), event.status.as_str()), (TITLE, "CONFIRMED"));
        assert_eq!((event.ends - event.begins, event.sequence, event.alarms), (5400.0, 0, 1));
        assert!(event.errors.is_empty() && event.description.contains("Algebra 1"), "{event:?}");
    }
    changes(&lesson, 0, &[("cancelled", Some("yes")), ("note", Some("I’m ill,\tsorry; really"))]).await;
    changes(&lesson, 1, &[("begins", Some("2027-03-30T16:00")), ("ends", Some("2027-03-30T17:00"))]).await;
    let then = read_calendar(&calendar(&lesson).await.body);
    let uids = |events: &[crate::peers::calendar::Event]| -> Vec<String> {
        events.iter().map(|event| event.uid.clone()).collect()
    };
    assert_eq!(uids(&first), uids(&then), "they are the same dates");
    assert_eq!((then[0].status.as_str(), then[0].sequence, then[0].alarms), ("CANCELLED", 1, 0));
    assert!(then[0].description.starts_with("I’m ill"), "{}", then[0].description);
    assert_eq!((then[1].begins, then[1].sequence), (1_806_415_200.0, 1));
    assert_eq!(then[2], first[2]);
    // A learner has the same file, and a stranger none.
    let ana = tool.browser();
    let room = ana.launches("ana", "1").await.assert_enters();
    let file = format!("{}/calendar.ics", room.path());
    assert_eq!(read_calendar(&ana.opens(&file).await.body).len(), 3);
    assert_eq!(tool.browser().opens(&file).await.status, 401);
}

async fn a_feed_holds_what_its_owner_has_opened_and_nothing_else(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let second = tool.lms.add_activity(LmsActivity::new("101", "Tutorial")).unwrap().id;
    let (lesson, other) = (Lesson::begin(&tool, "1").await, Lesson::begin(&tool, &second).await);
    plans(&lesson, &SERIES).await;
    plans(&other, &[&SERIES[..], &[("begins", "2027-06-01T10:00"), ("ends", "2027-06-01T11:00")]].concat())
        .await;
    let ana = tool.browser();
    let room = ana.launches("ana", "1").await.assert_enters();
    ana.opens(room.path()).await;
    let address = page(&ana, &lesson).await.text_of("#feed");
    let path = address.strip_prefix(tool.origin.as_str()).unwrap().to_owned();
    // Whoever holds the address needs nothing else.
    let program = tool.browser();
    let feed = program.opens(&path).await;
    assert_eq!(feed.header("content-type"), "text/calendar; charset=utf-8");
    assert_eq!(read_calendar(&feed.body).iter().map(|event| event.begins).collect::<Vec<_>>(), BEGINS);
    assert!(!feed.body.contains("20270601"), "she has not opened that one");
    let there = ana.launches("ana", &second).await.assert_enters();
    ana.opens(there.path()).await;
    assert_eq!(read_calendar(&program.opens(&path).await.body).len(), 6);
    // A person who is blocked has no calendar.
    let block = "UPDATE lti_user SET status = 'disabled' WHERE sub = 'ana'";
    tool.sql(block).await;
    program.opens(&path).await.assert_refused(404, "calendar-unknown");
}

async fn a_new_address_makes_the_old_one_worthless(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    plans(&lesson, &SERIES).await;
    lesson.teacher.opens(lesson.room.path()).await;
    let shown = page(&lesson.teacher, &lesson).await;
    let old = shown.text_of("#feed").strip_prefix(tool.origin.as_str()).unwrap().to_owned();
    let csrf = shown.field("csrf");
    let reset = format!("{}/calendar", lesson.room.path());
    assert_eq!(lesson.teacher.submits(&reset, &form(&[("csrf", "wrong")])).await.status, 403);
    let done = lesson.teacher.submits(&reset, &form(&[("csrf", &csrf)])).await;
    assert_eq!(done.status, 303, "{}", done.body);
    let new = page(&lesson.teacher, &lesson).await.text_of("#feed");
    let new = new.strip_prefix(tool.origin.as_str()).unwrap().to_owned();
    let program = tool.browser();
    program.opens(&old).await.assert_refused(404, "calendar-unknown");
    assert_eq!(read_calendar(&program.opens(&new).await.body).len(), 3);
    for nothing in ["/calendar/x.ics", "/calendar/..%2fx.ics", "/calendar/.ics"] {
        assert_eq!(program.opens(nothing).await.status, 404, "{nothing}");
    }
}
