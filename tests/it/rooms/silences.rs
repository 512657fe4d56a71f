//! What launches do not say is not gone: services that are offered to some roles only, names, titles, descriptions.

use std::sync::Arc;
use std::time::Duration;

use jitsi_lti::demo::lms::{Tamper, Visit};
use serde_json::{Value, json};

use crate::support::{Backend, Lesson, TestTool, on_both};

on_both!(
    what_one_launch_leaves_out_is_not_taken_from_everybody,
    services_offered_to_teachers_only_stay_through_any_alternation,
    services_offered_to_learners_only_are_known_too,
    what_teachers_are_not_offered_for_a_day_is_gone,
    choosing_classes_and_reviewing_say_nothing_about_services,
    a_launch_that_names_less_of_the_gradebook_keeps_its_column,
    the_silence_of_one_deployment_is_not_another_s,
    titles_descriptions_and_names_outlive_a_launch_without_them,
    a_name_that_is_shared_no_more_goes,
);

const HOUR: Duration = Duration::from_secs(60 * 60);
const CORE: &str = "https://purl.imsglobal.org/spec/lti/claim/";
const GRADES: &str = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint";

/// Whether launches offer the list of participants, the gradebook and the groups.
fn offers(tool: &TestTool, everything: bool) {
    tool.lms.behaviour().set(|now| {
        (now.offer_memberships, now.offer_grades, now.offer_groups) = (everything, everything, everything);
    });
}

/// Changes the next id_token.
fn next(tool: &TestTool, change: impl Fn(&mut Value) + Send + Sync + 'static) {
    tool.lms.behaviour().tamper_next(Tamper::Edit(Arc::new(move |_, payload| change(payload))));
}

/// How many of the three services are known in course 101.
async fn known(tool: &TestTool) -> i64 {
    let of = |table: &str, column: &str| {
        format!("SELECT COUNT(*) AS value FROM {table} WHERE {column} IS NOT NULL")
    };
    tool.number(of("context", "memberships_url")).await
        + tool.number(of("context", "groups_url")).await
        + tool.number(of("resource_link", "grade_service")).await
}

async fn comes(tool: &TestTool, person: &str) {
    tool.browser().launches(person, "1").await.assert_enters();
}

async fn what_one_launch_leaves_out_is_not_taken_from_everybody(backend: Backend) {
    let tool = TestTool::start(backend).await;
    offers(&tool, true);
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.lists("known", "", 4).await;
    offers(&tool, false);
    for person in ["tessa", "ana", "layla", "olga"] {
        comes(&tool, person).await;
    }
    lesson.lists("known", "", 4).await;
    lesson.stands("ready", "").await;
    assert_eq!(known(&tool).await, 3);
    // Grades of a class in which nobody was offered the gradebook arrive.
    lesson.attends("ana", 9).await;
    offers(&tool, true);
    lesson.shows("Ana Silva", "sent", "", "20").await;
}

async fn services_offered_to_teachers_only_stay_through_any_alternation(backend: Backend) {
    let tool = TestTool::start(backend).await;
    offers(&tool, true);
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.lists("known", "", 4).await;
    let asked = || tool.lms.message_log().iter().filter(|entry| entry.title.contains("/lineitems?")).count();
    let before = asked();
    for day in 0..5 {
        offers(&tool, false);
        for person in ["ana", "maximiliane", "layla"] {
            comes(&tool, person).await;
        }
        // The assistant is told nothing either; the teacher is.
        comes(&tool, "tobias").await;
        offers(&tool, true);
        comes(&tool, "tessa").await;
        assert_eq!(known(&tool).await, 3, "day {day}");
        tool.later(25 * HOUR);
    }
    tool.jobs_rest().await;
    assert_eq!(asked(), before, "nobody had to ask for the column again");
    Lesson::begin(&tool, "1").await.stands("ready", "").await;
}

async fn services_offered_to_learners_only_are_known_too(backend: Backend) {
    let tool = TestTool::start(backend).await;
    offers(&tool, false);
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.stands("not-offered", "").await;
    offers(&tool, true);
    comes(&tool, "ana").await;
    offers(&tool, false);
    for _ in 0..2 {
        comes(&tool, "tessa").await;
        tool.later(25 * HOUR);
        offers(&tool, true);
        comes(&tool, "ana").await;
        offers(&tool, false);
    }
    comes(&tool, "tessa").await;
    assert_eq!(known(&tool).await, 3);
}

async fn what_teachers_are_not_offered_for_a_day_is_gone(backend: Backend) {
    let tool = TestTool::start(backend).await;
    offers(&tool, true);
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.lists("known", "", 4).await;
    offers(&tool, false);
    for _ in 0..8 {
        comes(&tool, "tessa").await;
    }
    assert_eq!(known(&tool).await, 3, "often within a minute is not for long");
    tool.later(23 * HOUR);
    comes(&tool, "tessa").await;
    assert_eq!(known(&tool).await, 3);
    tool.later(HOUR);
    // A learner's silence decides nothing, a teacher's does.
    comes(&tool, "ana").await;
    assert_eq!(known(&tool).await, 3);
    comes(&tool, "tessa").await;
    assert_eq!(known(&tool).await, 0);
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.lists("not-offered", "", 0).await;
    lesson.stands("not-offered", "").await;
    assert_eq!(tool.count("listed_member").await, 0, "what is not shared any more is not kept");
    // It comes back as it went.
    offers(&tool, true);
    comes(&tool, "layla").await;
    lesson.lists("known", "", 4).await;
    lesson.stands("ready", "").await;
}

async fn choosing_classes_and_reviewing_say_nothing_about_services(backend: Backend) {
    let tool = TestTool::start(backend).await;
    offers(&tool, true);
    Lesson::begin(&tool, "1").await.attends("ana", 1).await;
    offers(&tool, false);
    for _ in 0..5 {
        tool.browser().picks("tessa", "101").await.assert_says("Add classes to the course");
        tool.browser().launches_as(&Visit::reviewing("tessa", "1", "ana")).await.assert_enters();
        tool.later(25 * HOUR);
    }
    assert_eq!(known(&tool).await, 3);
}

async fn a_launch_that_names_less_of_the_gradebook_keeps_its_column(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let lesson = Lesson::begin(&tool, "1").await;
    lesson.stands("ready", "").await;
    let stored = "SELECT grade_service AS value FROM resource_link WHERE grade_service IS NOT NULL";
    let before = tool.texts(stored).await;
    let no_column: fn(&mut Value) = |payload| payload[GRADES]["lineitem"] = json!("");
    let no_columns: fn(&mut Value) =
        |payload| drop(payload[GRADES].as_object_mut().unwrap().remove("lineitems"));
    let fewer_scopes: fn(&mut Value) = |payload| {
        payload[GRADES]["scope"] = json!(["https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly"]);
    };
    for (less, person) in [(no_column, "ana"), (no_columns, "tessa"), (fewer_scopes, "tessa")] {
        next(&tool, less);
        comes(&tool, person).await;
        assert_eq!(tool.texts(stored).await, before);
        lesson.stands("ready", "").await;
    }
    // A gradebook at another address is another one.
    next(&tool, |payload| {
        payload[GRADES]["lineitems"] = json!("https://new.example/lineitems");
        payload[GRADES]["lineitem"] = json!("https://new.example/lineitems/7");
    });
    comes(&tool, "ana").await;
    assert!(tool.texts(stored).await[0].contains("https://new.example/lineitems/7"));
}

async fn the_silence_of_one_deployment_is_not_another_s(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.adds_deployment("2").await;
    offers(&tool, true);
    comes(&tool, "tessa").await;
    offers(&tool, false);
    for _ in 0..4 {
        next(&tool, |payload| payload[format!("{CORE}deployment_id")] = json!("2"));
        let mut launch = tool.lms.login_initiation(&Visit::new("tessa", "1")).unwrap();
        launch.fields.retain(|(name, _)| name != "lti_deployment_id");
        let browser = tool.browser();
        let form = browser.asks_platform(&browser.logs_in(&launch).await);
        browser.brings(&form).await.assert_enters();
        tool.later(25 * HOUR);
    }
    assert_eq!(known(&tool).await, 3);
}

async fn titles_descriptions_and_names_outlive_a_launch_without_them(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let tell = |payload: &mut Value| {
        payload[format!("{CORE}resource_link")] =
            json!({ "id": "1", "title": "Live class", "description": "Bring paper." });
        payload["picture"] = json!("https://lms.example/ana.png");
    };
    next(&tool, tell);
    let ana = tool.browser();
    let room = ana.launches("ana", "1").await.assert_enters();
    next(&tool, |payload| {
        for name in ["name", "given_name", "family_name", "picture", "locale"] {
            payload.as_object_mut().unwrap().remove(name);
        }
        payload[format!("{CORE}resource_link")] = json!({ "id": "1" });
        payload[format!("{CORE}context")] = json!({ "id": "101" });
    });
    comes(&tool, "ana").await;
    let page = ana.opens(room.path()).await;
    page.assert_says("Live class")
        .assert_says("Bring paper.")
        .assert_says("Algebra 1")
        .assert_says("Ana Silva");
    let pictured = "lti_user WHERE picture = 'https://lms.example/ana.png'";
    assert_eq!(tool.count(pictured).await, 1);
    // What is told to be empty is: somebody took it away.
    for nothing in [json!(""), Value::Null] {
        next(&tool, tell);
        comes(&tool, "ana").await;
        ana.opens(room.path()).await.assert_says("Bring paper.");
        next(&tool, move |payload| {
            payload[format!("{CORE}resource_link")]["description"] = nothing.clone();
        });
        comes(&tool, "ana").await;
        assert!(!ana.opens(room.path()).await.body.contains("Bring paper."));
    }
    assert_eq!(tool.count(pictured).await, 0, "a launch that names her says that she has no picture");
}

async fn a_name_that_is_shared_no_more_goes(backend: Backend) {
    let tool = TestTool::start(backend).await;
    comes(&tool, "ana").await;
    let named = "lti_user WHERE name = 'Ana Silva'";
    for (later, expected) in [(0, 1), (12, 1), (12, 0), (1, 0)] {
        tool.later(later * HOUR);
        tool.lms.behaviour().tamper_next(Tamper::NoPii);
        comes(&tool, "ana").await;
        assert_eq!(tool.count(named).await, expected, "{later} hours later");
    }
    comes(&tool, "ana").await;
    assert_eq!(tool.count(named).await, 1);
}
