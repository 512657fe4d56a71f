//! The door of a class: who gets in, and when, by what its teacher decided.

use jitsi_lti::clock::Clock as _;
use jitsi_lti::demo::lms::LmsPerson;
use serde_json::{Value, json};

use super::meeting::rejoin;
use crate::support::{
    Backend, Browser, Lesson, MINUTE, OpenPage, Page, Room, SECOND, TestTool, on_both, with,
};

on_both!(
    learners_wait_for_their_teacher_and_go_in_when_one_is_there,
    who_was_there_before_the_lock_comes_back_and_nobody_else_gets_in,
    a_full_class_lets_in_who_is_inside_and_who_leads_it,
    two_who_come_at_once_do_not_share_the_last_place,
    no_way_leads_past_the_door,
    a_limited_class_goes_on_while_nothing_can_be_written,
    a_class_is_open_at_its_time_and_a_little_earlier_for_its_teacher,
    a_class_whose_teacher_says_so_is_open_at_other_times_too,
);

/// The class of a teacher who decided `setting`.
pub async fn class<'a>(tool: &'a TestTool, setting: &str, value: &str) -> Lesson<'a> {
    let lesson = Lesson::begin(tool, "1").await;
    let path = format!("{}/settings", lesson.room.path());
    let form = with(lesson.teacher.opens(&path).await.form("#settings"), setting, Some(value));
    let saved = lesson.teacher.submits(&path, &form).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    lesson
}

/// Somebody at the activity.
pub async fn person(tool: &TestTool, id: &str) -> (Browser, Room) {
    let browser = tool.browser();
    let room = browser.launches(id, "1").await.assert_enters();
    (browser, room)
}

fn waits(page: &Page, state: &str) {
    assert_eq!(page.attr("#waiting", "data-state"), state, "{}", page.body);
    assert!(!page.body.contains("meeting-config") && !page.body.contains("eyJ"), "{}", page.body);
}

pub async fn live(browser: &Browser, room: &Room) -> String {
    let answer = browser.opens(format!("{}/live", room.path())).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    serde_json::from_str::<Value>(&answer.body).unwrap()["state"].as_str().unwrap().to_owned()
}

/// Somebody's meeting page is open, and heard of.
pub async fn enters<'a>(tool: &TestTool, browser: &'a Browser, room: &Room) -> OpenPage<'a> {
    let page = OpenPage::open(browser, room).await;
    assert_eq!(page.says("beat").await, 204);
    tool.written().await;
    page
}

fn is_in(page: &Page) {
    assert!(page.body.contains("meeting-config"), "{}", page.body);
}

async fn learners_wait_for_their_teacher_and_go_in_when_one_is_there(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = class(&tool, "wait_for_moderator", "yes").await;
    let (ana, room) = person(&tool, "ana").await;
    let page = ana.joins(&room).await;
    waits(&page, "no-moderator");
    page.assert_says("The teacher isn’t here yet");
    assert_eq!(live(&ana, &room).await, "no-moderator");
    // Learners who wait open the door to nobody; a teacher does.
    let (layla, hers) = person(&tool, "layla").await;
    waits(&layla.joins(&hers).await, "no-moderator");
    let teacher = enters(&tool, &lesson.teacher, &lesson.room).await;
    assert_eq!(live(&ana, &room).await, "open");
    is_in(&ana.joins(&room).await);
    // When the teacher has gone, the next one waits again.
    lesson.leaves(&teacher).await;
    tool.later(2 * MINUTE);
    waits(&layla.joins(&hers).await, "no-moderator");
    tool.jobs_rest().await;
}

async fn who_was_there_before_the_lock_comes_back_and_nobody_else_gets_in(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = class(&tool, "lock_after", "10").await;
    let ((ana, room), (layla, hers)) = (person(&tool, "ana").await, person(&tool, "layla").await);
    assert_eq!(live(&layla, &hers).await, "open", "nothing has begun");
    let there = OpenPage::open(&ana, &room).await;
    there.stays(&tool, 9).await;
    assert_eq!(live(&layla, &hers).await, "open");
    tool.later(30 * SECOND);
    there.stays(&tool, 1).await;
    assert_eq!(live(&layla, &hers).await, "locked");
    waits(&layla.joins(&hers).await, "locked");
    tool.later(3 * MINUTE);
    is_in(&ana.joins(&room).await);
    is_in(&lesson.teacher.joins(&lesson.room).await);
    tool.jobs_rest().await;
}

async fn a_full_class_lets_in_who_is_inside_and_who_leads_it(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = class(&tool, "max_people", "1").await;
    let ((ana, room), (layla, hers)) = (person(&tool, "ana").await, person(&tool, "layla").await);
    let there = enters(&tool, &ana, &room).await;
    assert_eq!(live(&layla, &hers).await, "full");
    waits(&layla.joins(&hers).await, "full");
    // Another tab and a reload take no place; who leads the class always gets in.
    is_in(&ana.joins(&room).await);
    is_in(&lesson.teacher.joins(&lesson.room).await);
    lesson.leaves(&there).await;
    tool.later(2 * MINUTE);
    is_in(&layla.joins(&hers).await);
    tool.jobs_rest().await;
}

async fn two_who_come_at_once_do_not_share_the_last_place(backend: Backend) {
    let tool = TestTool::start(backend).await;
    class(&tool, "max_people", "3").await;
    let ids: Vec<String> = (0..8).map(|number| format!("crowd-{number}")).collect();
    for id in &ids {
        tool.lms.add_person(LmsPerson::student(id, "Cro", "Wd"));
    }
    let people = futures::future::join_all(ids.iter().map(|id| person(&tool, id))).await;
    let pages = futures::future::join_all(people.iter().map(|(browser, room)| browser.joins(room))).await;
    let inside = pages.iter().filter(|page| page.body.contains("meeting-config")).count();
    assert_eq!(inside, 3);
}

async fn a_limited_class_goes_on_while_nothing_can_be_written(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = class(&tool, "max_people", "1").await;
    let ((ana, room), (layla, hers)) = (person(&tool, "ana").await, person(&tool, "layla").await);
    is_in(&lesson.teacher.joins(&lesson.room).await);
    tool.jobs_rest().await;
    let stop = tool.storage.stops_writes();
    tool.eventually("the class goes on", async || {
        tool.later(SECOND);
        ana.opens(room.meeting()).await.body.contains("meeting-config")
    })
    .await;
    drop(stop);
    tool.eventually("it can be written again", async || {
        tool.later(SECOND);
        ana.opens("/readyz").await.status == 200
    })
    .await;
    enters(&tool, &ana, &room).await;
    waits(&layla.joins(&hers).await, "full");
    tool.jobs_rest().await;
}

async fn no_way_leads_past_the_door(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = class(&tool, "wait_for_moderator", "yes").await;
    let (ana, room) = person(&tool, "ana").await;
    let teacher = enters(&tool, &lesson.teacher, &lesson.room).await;
    let there = enters(&tool, &ana, &room).await;
    lesson.leaves(&teacher).await;
    lesson.leaves(&there).await;
    tool.later(2 * MINUTE);
    // The page that is still open may not come back by its token.
    rejoin(&ana, &room, &json!(there.token)).await.assert_refused(409, "moderator-missing");
    waits(&ana.opens(room.meeting()).await, "no-moderator");
    waits(&ana.joins(&room).await, "no-moderator");
    tool.jobs_rest().await;
}

/// The teacher plans the class from `begins` to `ends`, in minutes from now.
pub async fn plans(tool: &TestTool, lesson: &Lesson<'_>, begins: u32, ends: u32, only_then: bool) {
    let settings = format!("{}/settings", lesson.room.path());
    let form = lesson.teacher.opens(&settings).await.form("#settings");
    let form = with(form, "only_in_time", only_then.then_some("yes"));
    assert_eq!(lesson.teacher.submits(&settings, &form).await.status, 303);
    let at = |minutes: u32| tool.clock.now().plus(MINUTE * minutes).iso().get(..16).unwrap().to_owned();
    let path = format!("{}/schedule", lesson.room.path());
    let form = lesson.teacher.opens(&path).await.form("#plan");
    let form =
        [("kind", "one"), ("zone", "UTC"), ("begins", &at(begins)), ("ends", &at(ends)), ("do", "save")]
            .into_iter()
            .fold(form, |form, (name, value)| with(form, name, Some(value)));
    let saved = lesson.teacher.submits(&path, &form).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
}

async fn a_class_is_open_at_its_time_and_a_little_earlier_for_its_teacher(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    plans(&tool, &lesson, 60, 105, true).await;
    let (ana, room) = person(&tool, "ana").await;
    let early = ana.joins(&room).await;
    waits(&early, "before");
    assert!(early.has("#schedule time"), "the page says when");
    waits(&lesson.teacher.joins(&lesson.room).await, "before");
    tool.jobs_rest().await;
    tool.later(50 * MINUTE);
    is_in(&lesson.teacher.joins(&lesson.room).await);
    assert_eq!(live(&ana, &room).await, "before");
    tool.later(10 * MINUTE);
    assert_eq!(live(&ana, &room).await, "open");
    let there = OpenPage::open(&ana, &room).await;
    let token = tool.token_of(&ana.joins(&room).await).await;
    let ends = tool.clock.now().plus(45 * MINUTE).secs();
    assert!(token.claims["exp"].as_i64().unwrap() <= ends + 60 * 60, "{}", token.claims);
    // When its time is over, who is inside may finish, and nobody comes in any more: not by a reload, not by another tab,
    // not with what an open page holds, and not as a teacher.
    tool.later(45 * MINUTE);
    assert_eq!(there.says("beat").await, 204);
    waits(&ana.opens(room.meeting()).await, "over");
    waits(&ana.joins(&room).await, "over");
    waits(&lesson.teacher.joins(&lesson.room).await, "over");
    rejoin(&ana, &room, &json!(there.token)).await.assert_refused(409, "meeting-over");
    // The teacher lets it go on.
    plans(&tool, &lesson, 0, 30, true).await;
    is_in(&ana.joins(&room).await);
    tool.written().await;
    tool.jobs_rest().await;
}

async fn a_class_whose_teacher_says_so_is_open_at_other_times_too(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    plans(&tool, &lesson, 60, 105, false).await;
    let (ana, room) = person(&tool, "ana").await;
    is_in(&ana.joins(&room).await);
    tool.jobs_rest().await;
    tool.later(180 * MINUTE);
    is_in(&ana.joins(&room).await);
}

/// Who adds a way into a meeting lets it ask at the door, and adds it here.
#[test]
fn every_way_into_a_meeting_is_known() {
    let routes = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/routes.rs")).unwrap();
    let mut ways: Vec<&str> = routes
        .lines()
        .filter_map(|line| line.split_once("rooms::meeting::web::"))
        .map(|(_, rest)| {
            rest.split(|letter: char| !letter.is_alphanumeric() && letter != '_').next().unwrap()
        })
        .collect();
    ways.dedup();
    assert_eq!(ways, ["meeting", "join", "rejoin"]);
}
