//! What launches store: each thing once, and again only when it changed.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use jitsi_lti::demo::lms::{LmsActivity, LmsPerson, MEMBERSHIP, Tamper, Visit, claim};
use serde_json::{Value, json};

use crate::support::{Backend, Browser, NOW, Room, TestTool, on_both, with};

on_both!(
    sixteen_activities_opened_at_once_have_sixteen_rooms,
    fifty_people_who_open_a_new_activity_at_once_share_one_room,
    a_returning_launch_writes_nothing,
    a_changed_name_title_or_role_is_taken_over,
    two_deployments_of_one_platform_stay_apart,
    two_platforms_with_the_same_ids_stay_apart,
    the_same_link_in_two_courses_has_two_rooms,
    the_room_at_jitsi_is_a_secret_name,
);

async fn sixteen_activities_opened_at_once_have_sixteen_rooms(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let activities: Vec<LmsActivity> = (0..16)
        .map(|number| tool.lms.add_activity(LmsActivity::new("101", &format!("Class {number}"))).unwrap())
        .collect();
    let ana = tool.browser();
    let pages = join_all(activities.iter().map(|activity| ana.launches("ana", &activity.id))).await;
    let rooms: Vec<Room> = pages.iter().map(|page| page.assert_enters()).collect();
    assert_eq!(rooms.iter().collect::<HashSet<_>>().len(), 16);
    for (room, activity) in rooms.iter().zip(&activities) {
        ana.opens(room.path()).await.assert_says(&activity.title);
    }
    for (table, count) in [
        ("room", 16),
        ("resource_link", 16),
        ("room_link", 16),
        ("context", 1),
        ("lti_user", 1),
        ("membership", 1),
    ] {
        assert_eq!(tool.count(table).await, count, "{table}");
    }
}

async fn fifty_people_who_open_a_new_activity_at_once_share_one_room(backend: Backend) {
    let tool = TestTool::start(backend).await;
    for number in 0..50 {
        tool.lms.add_person(LmsPerson::student(&format!("s{number}"), "Student", &number.to_string()));
    }
    let people: Vec<(String, Browser)> =
        (0..50).map(|number| (format!("s{number}"), tool.browser())).collect();
    let pages = join_all(people.iter().map(|(id, browser)| browser.launches(id, "2"))).await;
    let rooms: HashSet<Room> = pages.iter().map(|page| page.assert_enters()).collect();
    assert_eq!(rooms.len(), 1);
    for (table, count) in [
        ("room", 1),
        ("resource_link", 1),
        ("room_link", 1),
        ("context", 1),
        ("lti_user", 50),
        ("membership", 50),
    ] {
        assert_eq!(tool.count(table).await, count, "{table}");
    }
}

const MOMENTS: &str = "SELECT updated_at FROM context UNION ALL SELECT updated_at FROM resource_link \
                       UNION ALL SELECT updated_at FROM lti_user UNION ALL SELECT updated_at FROM membership";

async fn changed_since(tool: &TestTool, moment: i64) -> i64 {
    tool.number(format!(
        "SELECT COUNT(*) AS value FROM ({MOMENTS}) moments WHERE updated_at >= {}",
        moment * 1000
    ))
    .await
}

async fn a_returning_launch_writes_nothing(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let room = tool.browser().launches("ana", "1").await.assert_enters();
    assert_eq!(changed_since(&tool, NOW).await, 4);
    tool.later(Duration::from_secs(60));
    for _ in 0..3 {
        assert_eq!(tool.browser().launches("ana", "1").await.assert_enters(), room);
    }
    assert_eq!(changed_since(&tool, NOW + 60).await, 0);
    // Another person writes what is theirs, and leaves course and activity alone.
    tool.browser().launches("tessa", "1").await.assert_enters();
    assert_eq!(changed_since(&tool, NOW + 60).await, 2);
}

async fn a_changed_name_title_or_role_is_taken_over(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let ana = tool.browser();
    let room = ana.launches("ana", "1").await.assert_enters();
    let mut person = tool.lms.person("ana").unwrap();
    person.name = Some("Ana Silva-Marlow".to_owned());
    person.roles = vec![format!("{MEMBERSHIP}#Instructor")];
    tool.lms.add_person(person);
    let edit = |_: &mut Value, payload: &mut Value| {
        payload[claim("resource_link")]["title"] = json!("Live class, new");
        payload[claim("context")]["title"] = json!("Algebra One");
    };
    tool.lms.behaviour().tamper_next(Tamper::Edit(Arc::new(edit)));
    let launched = ana.launches("ana", "1").await;
    assert_eq!(launched.assert_enters(), room);
    let page = ana.opens(launched.header("location")).await;
    page.assert_says("Ana Silva-Marlow").assert_says("Live class, new").assert_says("Algebra One");
    page.assert_says("Moderator, because your role in this course is Instructor");
    // What one launch leaves out stays.
    tool.lms.behaviour().tamper_next(Tamper::NoPii);
    let launched = ana.launches("ana", "1").await;
    ana.opens(launched.header("location")).await.assert_says("Ana Silva-Marlow");
    assert_eq!((tool.count("room").await, tool.count("lti_user").await), (1, 1));
}

/// Opens activity 1 through another deployment, which the token alone names.
async fn through_deployment(tool: &TestTool, browser: &Browser, name: &'static str) -> Room {
    let edit = move |_: &mut Value, payload: &mut Value| payload[claim("deployment_id")] = json!(name);
    tool.lms.behaviour().tamper_next(Tamper::Edit(Arc::new(edit)));
    let mut login = tool.lms.login_initiation(&Visit::new("ana", "1")).unwrap();
    login.fields = with(login.fields, "lti_deployment_id", None);
    let launch = browser.asks_platform(&browser.logs_in(&login).await);
    browser.brings(&launch).await.assert_enters()
}

async fn two_deployments_of_one_platform_stay_apart(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.adds_deployment("2").await;
    let (first, second) = (tool.browser(), tool.browser());
    let here = through_deployment(&tool, &first, "1").await;
    let there = through_deployment(&tool, &second, "2").await;
    assert_ne!(here, there);
    second.opens(here.path()).await.assert_refused(401, "session-missing");
    assert_eq!(
        (tool.count("context").await, tool.count("room").await, tool.count("lti_user").await),
        (2, 2, 1)
    );
    let names = tool.texts("SELECT DISTINCT jitsi_room AS value FROM room").await;
    assert_eq!(names.len(), 2);
}

async fn two_platforms_with_the_same_ids_stay_apart(backend: Backend) {
    let (tool, other) = (TestTool::start(backend).await, TestTool::start(backend).await);
    let issuer = other.lms.settings().issuer.clone();
    let urls = (other.lms.auth_url(), other.lms.jwks_url());
    let its_issuer = issuer.clone();
    tool.registers(move |platform| {
        platform.issuer = its_issuer;
        (platform.auth_url, platform.jwks_url) = (urls.0.parse().unwrap(), urls.1.parse().unwrap());
    })
    .await;
    let room = tool.browser().launches("ana", "1").await.assert_enters();
    // The other platform's tokens are worth nothing at a login of the first.
    let browser = tool.browser();
    let ours = browser.prepares("ana", "1").await;
    let theirs = other.browser().prepares("ana", "1").await;
    let token = theirs.iter().find(|(name, _)| name == "id_token").unwrap().1.as_str();
    browser.brings(&with(ours, "id_token", Some(token))).await.assert_refused(401, "token-issuer");
    assert_eq!(tool.browser().launches("ana", "1").await.assert_enters(), room);
    assert_eq!(tool.count("lti_user").await, 1);
}

async fn the_same_link_in_two_courses_has_two_rooms(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let ana = tool.browser();
    let first = ana.launches("ana", "1").await.assert_enters();
    // Open edX: a course that is run again keeps its links' identifiers.
    let edit = |_: &mut Value, payload: &mut Value| payload[claim("context")]["id"] = json!("101-again");
    tool.lms.behaviour().tamper_next(Tamper::Edit(Arc::new(edit)));
    let second = ana.launches("ana", "1").await.assert_enters();
    assert_ne!(first, second);
    tool.lms.behaviour().tamper_next(Tamper::NoContext);
    let without = ana.launches("ana", "1").await.assert_enters();
    assert!(without != first && without != second);
    tool.lms.behaviour().tamper_next(Tamper::NoContext);
    assert_eq!(ana.launches("ana", "1").await.assert_enters(), without);
}

async fn the_room_at_jitsi_is_a_secret_name(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let ana = tool.browser();
    let room = ana.launches("ana", "1").await.assert_enters();
    let name = tool.texts("SELECT jitsi_room AS value FROM room").await.remove(0);
    assert!(name.len() == 24 && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()), "{name}");
    assert!(!ana.opens(room.path()).await.body.contains(&name), "it is told at the join alone");
    assert_eq!(ana.joins(&room).await.meeting_config()["roomName"], name);
}
