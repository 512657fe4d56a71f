//! What platforms allow, and what they get.

use jitsi_lti::config::ToolDescription;
use jitsi_lti::demo::lms::DeepLinkingOffer;
use jitsi_lti::lti::launch::custom::VARIABLES;
use serde_json::{Value, json};

use crate::support::{Backend, TestTool, on_both};

on_both!(
    a_platform_gets_what_it_takes,
    data_comes_back_as_it_was_sent,
    a_place_for_one_gets_one,
    a_place_without_activities_is_told_so,
    an_answer_passes_every_check_of_the_certification_list,
);

#[test]
fn registrations_ask_for_what_launches_read() {
    let asked = ToolDescription::load(None).unwrap().custom_parameters;
    let read = VARIABLES.map(|one| (one.name.to_owned(), one.variable.to_owned()));
    assert_eq!(asked, read.into_iter().collect());
}

async fn picked(tool: &TestTool, family: &str, offer: DeepLinkingOffer) -> Value {
    let family = family.to_owned();
    tool.lms.behaviour().set(|now| (now.family, now.deep_linking) = (family, offer));
    let tessa = tool.browser();
    let picker = tessa.picks("tessa", "101").await;
    let graded = picker.body.contains("id=\"graded-0\"");
    let fields = [("title-0", "Class"), ("graded-0", "yes"), ("target-0", "45"), ("action", "add")];
    let page = tessa.chooses(&picker, &fields).await;
    let items = page.items();
    let answer = tessa.returns(&page).await.unwrap();
    assert_eq!((items.len(), answer.activities.len()), (1, 1));
    assert_eq!(graded, items[0]["lineItem"].is_object());
    items[0].clone()
}

async fn a_platform_gets_what_it_takes(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let all = DeepLinkingOffer::default;
    let only = |targets: &[&str]| DeepLinkingOffer {
        accept_targets: targets.iter().map(|one| (*one).to_owned()).collect(),
        ..all()
    };
    for (family, offer, place) in [
        // Their frames keep the screen to themselves.
        ("moodle", all(), Some("window")),
        ("sakai", all(), Some("window")),
        ("canvas", all(), Some("iframe")),
        ("canvas", only(&["window"]), Some("window")),
        ("moodle", only(&["iframe"]), Some("iframe")),
        ("moodle", only(&["overlay"]), None),
    ] {
        let item = picked(&tool, family, offer).await;
        let found: Vec<&str> =
            ["window", "iframe"].into_iter().filter(|name| item[name].is_object()).collect();
        assert_eq!(found, place.into_iter().collect::<Vec<_>>(), "{family}");
        assert_eq!(item["url"], format!("{}/lti/launch", tool.origin), "always an address of its own");
        assert_eq!(item["lineItem"]["tag"], "attendance");
        assert_eq!(item["lineItem"]["resourceId"], item["custom"]["room"]);
        assert_eq!(item["custom"]["context_id_history"], "$Context.id.history");
    }
    let no_grades = DeepLinkingOffer { accept_lineitem: Some(false), ..all() };
    assert_eq!(picked(&tool, "moodle", no_grades).await["lineItem"], Value::Null);
}

async fn data_comes_back_as_it_was_sent(backend: Backend) {
    let tool = TestTool::start(backend).await;
    for data in [json!("a.b-c"), json!(""), json!({ "z": 1, "a": [null, 0.1] }), json!(7), Value::Null] {
        let offer = DeepLinkingOffer { data: Some(data), ..DeepLinkingOffer::default() };
        picked(&tool, "moodle", offer).await;
    }
}

async fn a_place_for_one_gets_one(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let one = DeepLinkingOffer { accept_multiple: None, ..DeepLinkingOffer::default() };
    tool.lms.behaviour().set(|now| now.deep_linking = one);
    let tessa = tool.browser();
    let room = tessa.launches("tessa", "1").await.assert_enters();
    let picker = tessa.picks("tessa", "101").await;
    assert!(!picker.body.contains("id=\"more\"") && picker.body.contains("type=\"radio\""));
    let two = [("title-0", "One"), ("title-1", "Two"), ("action", "add")];
    let refused = tessa.chooses(&picker, &two).await;
    assert_eq!(refused.status, 422);
    refused.assert_says("Only one class can be added here.");
    // A class that was chosen counts, whatever is left in the other form.
    let chosen = [("title-0", "One"), ("existing", room.id()), ("action", "add")];
    let answer = tessa.returns(&tessa.chooses(&refused, &chosen).await).await.unwrap();
    assert_eq!(answer.activities[0].title, "Live class");
}

async fn a_place_without_activities_is_told_so(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let files = DeepLinkingOffer { accept_types: vec!["file".into()], ..DeepLinkingOffer::default() };
    tool.lms.behaviour().set(|now| now.deep_linking = files);
    let tessa = tool.browser().in_language("es");
    let picker = tessa.picks("tessa", "101").await;
    picker.assert_says("Classes can’t be added here");
    let answer = tessa.returns(&tessa.chooses(&picker, &[("action", "fail")]).await).await.unwrap();
    assert!(answer.activities.is_empty());
    assert!(answer.error.unwrap().starts_with("Add the class where the LMS"));
    assert!(answer.error_log.unwrap().contains("accept_types"));
}

/// The suite's rows: received, format, times, signature, required claims; the strict platform checks each.
async fn an_answer_passes_every_check_of_the_certification_list(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let tessa = tool.browser();
    let picker = tessa.picks("tessa", "101").await;
    let page = tessa.chooses(&picker, &[("title-0", "Affirmed"), ("action", "add")]).await;
    let claims = page.answer();
    let lti = |name: &str| claims[format!("https://purl.imsglobal.org/spec/lti/claim/{name}")].clone();
    assert_eq!(lti("message_type"), "LtiDeepLinkingResponse");
    assert_eq!((lti("version"), lti("deployment_id")), (json!("1.3.0"), json!("1")));
    assert_eq!(claims["aud"], tool.lms.settings().issuer.as_str());
    assert!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap() <= 300);
    assert!(claims["nonce"].as_str().unwrap().len() >= 16);
    let affirmed = tessa.returns(&page).await.unwrap();
    assert_eq!(affirmed.message.as_deref(), Some("One class was added."));
}
