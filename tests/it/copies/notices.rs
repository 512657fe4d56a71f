//! What platforms tell outside of launches.

use jitsi_lti::demo::lms::{LmsActivity, LmsCourse};
use serde_json::{Value, json};

use crate::support::{Backend, Page, TestTool, on_both};

on_both!(
    a_notice_tells_of_a_copy_before_anybody_opens_it,
    the_tool_asks_for_notices_where_they_are_offered,
    a_hostile_notice_changes_nothing,
);

async fn delivers(tool: &TestTool, body: String) -> Page {
    let request = tool
        .browser()
        .raw("POST", "/lti/notices")
        .header("content-type", "application/json")
        .header("accept", "application/json");
    Page::read(request.body(body).send().await.unwrap()).await
}

fn delivery(jwt: &str) -> String {
    json!({ "notices": [{ "jwt": jwt }] }).to_string()
}

async fn a_notice_tells_of_a_copy_before_anybody_opens_it(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.lms.behaviour().set(|now| now.context_history = false);
    let tessa = tool.browser();
    let origin = tessa.launches("tessa", "1").await.assert_enters();
    let copies = tool.copies_course("101", "201");
    let jwt = tool.lms.context_copy_notice("201").unwrap();
    let answer = delivers(&tool, delivery(&jwt)).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "{\"received\":1}"));
    let copy = copies.iter().find(|one| one.title == "Live class").unwrap();
    let fresh = tessa.launches("tessa", &copy.id).await.assert_enters();
    assert_ne!(fresh, origin);
    assert_eq!(tessa.opens(fresh.path()).await.copy_question(), Some(true));
    // Delivered again, it says nothing new.
    let again = delivers(&tool, delivery(&jwt)).await;
    assert_eq!((again.status, code(&again).as_str()), (400, "notice-used"));
}

fn code(page: &Page) -> String {
    let answer: Value = serde_json::from_str(&page.body).unwrap();
    answer["code"].as_str().unwrap_or_default().to_owned()
}

async fn the_tool_asks_for_notices_where_they_are_offered(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.lms.behaviour().set(|now| now.offer_notices = true);
    tool.browser().launches("ana", "1").await.assert_enters();
    tool.jobs_rest().await;
    let asked = |tool: &TestTool| {
        let wire = tool.lms.message_log();
        wire.iter().filter(|entry| entry.title.starts_with("PUT ") && entry.status == Some(200)).count()
    };
    assert_eq!(asked(&tool), 1);
    tool.browser().launches("tessa", "1").await.assert_enters();
    tool.jobs_rest().await;
    assert_eq!(asked(&tool), 1, "once for a deployment");
}

async fn a_hostile_notice_changes_nothing(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.lms.add_course(LmsCourse::new("201", "X", "Copy"));
    tool.lms.add_activity(LmsActivity::new("201", "Live class")).unwrap();
    let jwt = tool.lms.context_copy_notice("101").unwrap();
    let (head, signature) = jwt.rsplit_once('.').unwrap();
    let flipped = if signature.starts_with('A') { "B" } else { "A" };
    let forged = format!("{head}.{flipped}{}", &signature[1..]);
    let bodies = [
        (String::new(), 400),
        ("[]".to_owned(), 400),
        ("{}".to_owned(), 400),
        (json!({ "notices": 7 }).to_string(), 400),
        (delivery(""), 400),
        (delivery("a.b.c"), 400),
        (delivery(&forged), 401),
        (delivery(&"x".repeat(300_000)), 413),
    ];
    for (body, status) in bodies {
        let start: String = body.chars().take(60).collect();
        assert_eq!(delivers(&tool, body).await.status, status, "{start}");
    }
    // A launch is no notice, and a notice no launch.
    let launch = tool.browser().prepares("ana", "1").await;
    let id_token = &launch.iter().find(|(name, _)| name == "id_token").unwrap().1;
    let answer = delivers(&tool, delivery(id_token)).await;
    assert_eq!((answer.status, code(&answer).as_str()), (400, "notice-malformed"));
    let mut swapped = tool.browser().prepares("ana", "1").await;
    swapped.iter_mut().filter(|(name, _)| name == "id_token").for_each(|(_, value)| value.clone_from(&jwt));
    assert_ne!(tool.browser().brings(&swapped).await.status, 303);
    // After the key of the platform changed, the old one signs nothing any more.
    tool.lms.rotate_keys(false).unwrap();
    let _ = tool.lms.context_copy_notice("101").unwrap();
    assert_eq!(tool.count("context WHERE origins IS NOT NULL").await, 0);
}
