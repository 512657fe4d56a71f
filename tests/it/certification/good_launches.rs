//! The good launches of the certification suite, each as Instructor and as Student.

use std::sync::Arc;

use jitsi_lti::demo::lms::{Edit, LmsActivity, MEMBERSHIP, Tamper, claim};
use serde_json::{Value, json};

use crate::support::{Backend, Browser, Page, TestTool, on_both};

on_both!(every_good_launch_enters, a_new_resource_link_gets_a_room_of_its_own);

const PEOPLE: [(&str, &str, &str); 2] =
    [("tessa", "Tessa Marlow", "moderator"), ("ana", "Ana Silva", "participant")];

/// What the payload of a launch suffers.
type Change = fn(&mut Value, &str);

/// The case, what is done to the payload of a launch as `role`, whose role it leaves (`None` for the role's own),
/// and whether the page still knows the name.
const CASES: &[(&str, Change, Option<&str>, bool)] = &[
    ("plain", |_, _| (), None, true),
    ("several roles", several_roles, None, true),
    ("a short role", |payload, role| payload[claim("roles")] = json!([role]), None, true),
    ("an unknown role beside the known", unknown_role_too, None, true),
    (
        "an unknown role alone",
        |payload, _| payload[claim("roles")] = json!(["x:Gardener"]),
        Some("participant"),
        true,
    ),
    ("no role", |payload, _| payload[claim("roles")] = json!([]), Some("participant"), true),
    ("names, no address", |payload, _| without(payload, &["email"]), None, true),
    (
        "an address, no name",
        |payload, _| without(payload, &["name", "given_name", "family_name"]),
        None,
        false,
    ),
    (
        "no personal data",
        |payload, _| without(payload, &["name", "given_name", "family_name", "email"]),
        None,
        false,
    ),
    (
        "an address, no course",
        |payload, _| without(payload, &["name", "given_name", "family_name", &claim("context")]),
        None,
        false,
    ),
    ("no course", |payload, _| without(payload, &[&claim("context")]), None, true),
    ("given and family name alone", |payload, _| without(payload, &["name"]), None, true),
];

fn without(payload: &mut Value, names: &[&str]) {
    payload.as_object_mut().unwrap().retain(|name, _| !names.contains(&name.as_str()));
}

fn several_roles(payload: &mut Value, role: &str) {
    let person = "http://purl.imsglobal.org/vocab/lis/v2/institution/person";
    let one = if role == "Instructor" { "Faculty" } else { "Student" };
    payload[claim("roles")] =
        json!([format!("{person}#{one}"), format!("{MEMBERSHIP}#{role}"), format!("{person}#Other")]);
}

fn unknown_role_too(payload: &mut Value, role: &str) {
    payload[claim("roles")] = json!(["https://example.org/roles#Gardener", format!("{MEMBERSHIP}#{role}")]);
}

async fn every_good_launch_enters(backend: Backend) {
    let tool = TestTool::start(backend).await;
    for (case, change, expected, named) in CASES {
        for (person, name, own_role) in PEOPLE {
            let role = if person == "tessa" { "Instructor" } else { "Learner" };
            let edit: Edit = Arc::new(|_: &mut Value, payload: &mut Value| change(payload, role));
            tool.lms.behaviour().tamper_next(Tamper::Edit(edit));
            // A name that an earlier launch told would stay.
            tool.sql("UPDATE lti_user SET name = NULL, name_key = ''").await;
            let page = room_page(&tool.browser(), person).await;
            assert_eq!(page.role(), expected.unwrap_or(own_role), "{case} as {role}");
            assert_eq!(page.text().contains(name), *named, "{case} as {role}: {}", page.body);
        }
    }
}

async fn room_page(browser: &Browser, person: &str) -> Page {
    let room = browser.launches(person, "1").await.assert_enters();
    let page = browser.opens(room.path()).await;
    assert_eq!(page.status, 200, "{}", page.body);
    page
}

async fn a_new_resource_link_gets_a_room_of_its_own(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let ana = tool.browser();
    let first = ana.launches("ana", "1").await.assert_enters();
    let fresh = tool.lms.add_activity(LmsActivity::new("101", "Revision")).unwrap();
    let second = ana.launches("ana", &fresh.id).await.assert_enters();
    assert_ne!(first, second);
    ana.opens(second.path()).await.assert_says("Revision");
    assert_eq!(ana.launches("ana", "1").await.assert_enters(), first);
}
