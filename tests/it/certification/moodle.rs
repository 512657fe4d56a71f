//! Launches in the shape in which Moodle 4.0 sends them.

use std::sync::Arc;

use jitsi_lti::demo::lms::{Edit, Tamper, claim};
use serde_json::{Value, json};

use crate::support::{Backend, Page, TestTool, on_both};

on_both!(
    moodles_payloads_enter_with_the_right_standing,
    moodles_administrator_moderates_as_administrator,
    a_tool_url_with_a_query_is_moodles_target,
);

const AGS: &str = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint";
const NRPS: &str = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice";
const OUTCOME: &str = "https://purl.imsglobal.org/spec/lti-bo/claim/basicoutcome";
const CONTEXT_ROLE: &str = "http://purl.imsglobal.org/vocab/lis/v2/membership#";

/// A Moodle account: roles, number in the student information system, the grade column's address.
struct Account {
    sub: &'static str,
    name: (&'static str, &'static str),
    roles: Vec<String>,
    number: &'static str,
    line_item: Option<&'static str>,
    role: &'static str,
}

fn accounts() -> Vec<Account> {
    let role = |name: &str| vec![format!("{CONTEXT_ROLE}{name}")];
    let own_column =
        Some("https://moodle.campus.example/mod/lti/services.php/7/lineitems/31/lineitem?type_id=4");
    vec![
        Account {
            sub: "12",
            name: ("Nora", "Weiss"),
            roles: role("Instructor"),
            number: "EMP-7",
            line_item: own_column,
            role: "moderator",
        },
        Account {
            sub: "13",
            name: ("Tim", "Öz-Ng"),
            roles: role("Learner"),
            number: "MAT-9",
            line_item: own_column,
            role: "participant",
        },
        // The column was made through the grade service: Moodle sends an empty text then.
        Account {
            sub: "14",
            name: ("Ida", "Núñez"),
            roles: role("Learner"),
            number: "",
            line_item: Some(""),
            role: "participant",
        },
        // Several columns, or none: Moodle leaves the member out.
        Account {
            sub: "15",
            name: ("Kai", "李"),
            roles: role("Learner"),
            number: "",
            line_item: None,
            role: "participant",
        },
    ]
}

/// Turns a launch into Moodle's, with this account.
fn as_moodle(account: Account) -> Tamper {
    let edit: Edit = Arc::new(move |header: &mut Value, payload: &mut Value| {
        *header = json!({"typ": "JWT", "alg": "RS256", "kid": header["kid"]});
        let (given, family) = account.name;
        let changes = [
            ("sub".to_owned(), json!(account.sub)),
            ("given_name".to_owned(), json!(given)),
            ("family_name".to_owned(), json!(family)),
            ("name".to_owned(), json!(format!("{given} {family}"))),
            ("email".to_owned(), json!(format!("{given}@campus.example"))),
            (claim("lis"), json!({"person_sourcedid": account.number, "course_section_sourcedid": ""})),
            (claim("roles"), json!(account.roles)),
            (
                claim("context"),
                json!({"id": "7", "label": "CHEM", "title": "Chemistry & more", "type": ["CourseSection"]}),
            ),
            (claim("resource_link"), json!({"title": "Lab talk", "description": "", "id": "22"})),
            (
                OUTCOME.to_owned(),
                json!({
                    "lis_result_sourcedid": "{\"data\":{\"instanceid\":\"22\",\"userid\":\"12\",\"typeid\":\"4\",\"launchid\":77},\"hash\":\"0f\"}",
                    "lis_outcome_service_url": "https://moodle.campus.example/mod/lti/service.php",
                }),
            ),
            (claim("ext"), json!({"user_username": "nweiss", "lms": "moodle-2"})),
            (
                claim("launch_presentation"),
                json!({
                    "locale": "es_mx", "document_target": "iframe",
                    "return_url": "https://moodle.campus.example/mod/lti/return.php?course=7&launch_container=2&instanceid=22&sesskey=Zx",
                }),
            ),
            (
                claim("tool_platform"),
                json!({
                    "product_family_code": "moodle", "version": "2022062400", "guid": "0123abcd", "name": "campus", "description": "Campus",
                }),
            ),
            (
                claim("custom"),
                json!({
                    "groups": "", "pic": "$User.image", "tz": "99", "nope": "$No.Such.Var", "mroles": "Learner",
                    "link_setting_url": "https://moodle.campus.example/mod/lti/services.php/links/{link_id}/custom",
                }),
            ),
            (
                NRPS.to_owned(),
                json!({
                    "context_memberships_url": "https://moodle.campus.example/mod/lti/services.php/CourseSection/7/bindings/4/memberships",
                    "service_versions": ["1.0", "2.0"],
                }),
            ),
        ];
        for (name, value) in changes {
            payload[name] = value;
        }
        let mut endpoint = json!({
            "scope": ["https://purl.imsglobal.org/spec/lti-ags/scope/lineitem", "https://purl.imsglobal.org/spec/lti-ags/scope/score"],
            "lineitems": "https://moodle.campus.example/mod/lti/services.php/7/lineitems?type_id=4",
        });
        if let Some(line_item) = account.line_item {
            endpoint["lineitem"] = json!(line_item);
        }
        payload[AGS] = endpoint;
    });
    Tamper::Edit(edit)
}

async fn launched(tool: &TestTool, account: Account) -> Page {
    tool.lms.behaviour().tamper_next(as_moodle(account));
    let browser = tool.browser();
    let room = browser.launches("ana", "1").await.assert_enters();
    browser.opens(room.path()).await
}

async fn moodles_payloads_enter_with_the_right_standing(backend: Backend) {
    let tool = TestTool::start(backend).await;
    for account in accounts() {
        let (role, name) = (account.role, format!("{} {}", account.name.0, account.name.1));
        let page = launched(&tool, account).await;
        page.assert_says(&name).assert_says("Chemistry & more").assert_says("Lab talk");
        assert_eq!(page.role(), role, "{name}");
        assert!(page.body.contains("<html lang=\"es\""), "Moodle writes es_mx");
        assert!(!page.body.contains("id=\"description\""), "an empty description is none");
        assert!(!page.body.contains("$User.image"));
        assert!(page.policy("frame-ancestors").contains(&"https://moodle.campus.example".to_owned()));
    }
    assert_eq!(tool.count("room").await, 1);
}

async fn moodles_administrator_moderates_as_administrator(backend: Backend) {
    let tool = TestTool::start(backend).await;
    // Without a role in the course, and with an empty number in the student information system.
    let roles = ["institution/person#Administrator", "system/person#Administrator"];
    let roles = roles.iter().map(|role| format!("http://purl.imsglobal.org/vocab/lis/v2/{role}")).collect();
    let account =
        Account { sub: "2", name: ("Ada", "Root"), roles, number: "", line_item: None, role: "moderator" };
    let page = launched(&tool, account).await;
    assert_eq!(page.role(), "moderator");
}

async fn a_tool_url_with_a_query_is_moodles_target(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let target = format!("{}/lti/launch?room=42", tool.origin);
    let activity = jitsi_lti::demo::lms::LmsActivity {
        target_link_uri: Some(target),
        ..jitsi_lti::demo::lms::LmsActivity::new("101", "With a query")
    };
    let activity = tool.lms.add_activity(activity).unwrap();
    tool.browser().launches("ana", &activity.id).await.assert_enters();
}
