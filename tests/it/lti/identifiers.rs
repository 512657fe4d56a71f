//! Identifiers in the shapes that platforms write: text or whole numbers, and nothing else.

use std::sync::Arc;

use jitsi_lti::demo::lms::{Tamper, claim};
use serde_json::{Value, json};

use crate::support::{Backend, Page, TestTool, on_both};

on_both!(
    identifiers_written_as_numbers_are_read_as_their_text,
    identifiers_of_any_other_type_are_refused_by_name,
    empty_objects_as_php_writes_them_are_absent,
);

/// Opens an activity with a changed payload.
async fn launches(tool: &TestTool, change: impl Fn(&mut Value) + Send + Sync + 'static) -> Page {
    tool.lms
        .behaviour()
        .tamper_next(Tamper::Edit(Arc::new(move |_: &mut Value, payload: &mut Value| change(payload))));
    tool.browser().launches("ana", "1").await
}

async fn identifiers_written_as_numbers_are_read_as_their_text(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let with_ids = |link: Value, course: Value, person: Value| {
        move |payload: &mut Value| {
            payload[claim("resource_link")]["id"] = link.clone();
            payload[claim("context")]["id"] = course.clone();
            payload["sub"] = person.clone();
        }
    };
    let room = launches(&tool, with_ids(json!("77"), json!("42"), json!("2"))).await.assert_enters();
    let numbers = with_ids(json!(77), json!(42), json!(2));
    assert_eq!(launches(&tool, numbers).await.assert_enters(), room);
    assert_eq!(tool.count("lti_user").await, 1);
    assert_eq!(tool.count("context").await, 1);
    assert_eq!(tool.count("resource_link").await, 1);
    assert_eq!(tool.texts("SELECT sub AS value FROM lti_user").await, ["2"]);
    let other =
        launches(&tool, |payload| payload[claim("resource_link")]["id"] = json!(78)).await.assert_enters();
    assert_ne!(other, room);
}

/// Where a claim holds an identifier.
type Place = fn(&mut Value) -> &mut Value;

async fn identifiers_of_any_other_type_are_refused_by_name(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let odd = [json!(true), json!(7.5), json!(["7"]), json!({"id": "7"})];
    let places: [(&str, Place); 8] = [
        ("sub", |payload| &mut payload["sub"]),
        ("deployment_id", |payload| &mut payload[claim("deployment_id")]),
        ("resource_link.id", |payload| &mut payload[claim("resource_link")]["id"]),
        ("context.id", |payload| &mut payload[claim("context")]["id"]),
        ("target_link_uri", |payload| &mut payload[claim("target_link_uri")]),
        ("custom.room", |payload| {
            payload[claim("custom")] = json!({});
            &mut payload[claim("custom")]["room"]
        }),
        ("lti1p1.user_id", |payload| {
            payload[claim("lti1p1")] =
                json!({"oauth_consumer_key": "key", "oauth_consumer_key_sign": "AAAA"});
            &mut payload[claim("lti1p1")]["user_id"]
        }),
        ("lti1p1.resource_link_id", |payload| {
            payload[claim("lti1p1")] =
                json!({"oauth_consumer_key": "key", "oauth_consumer_key_sign": "AAAA"});
            &mut payload[claim("lti1p1")]["resource_link_id"]
        }),
    ];
    for (name, place) in places {
        for value in odd.iter().filter(|value| !(name == "custom.room" && value.is_array())) {
            let given = value.clone();
            let page = launches(&tool, move |payload| *place(payload) = given.clone()).await;
            page.assert_refused(400, "claim-invalid").assert_says(name);
        }
    }
    for name in ["context", "resource_link", "custom"] {
        for value in [json!(7), json!("7"), json!(true), json!(["7"])] {
            let given = value.clone();
            let page = launches(&tool, move |payload| payload[claim(name)] = given.clone()).await;
            page.assert_refused(400, "claim-invalid").assert_says(name);
        }
    }
    assert_eq!(tool.count("lti_user").await + tool.count("room").await, 0, "nobody became somebody else");
    tool.browser().launches("ana", "1").await.assert_enters();
}

async fn empty_objects_as_php_writes_them_are_absent(backend: Backend) {
    let tool = TestTool::start(backend).await;
    for empty in [json!([]), json!(""), json!({}), Value::Null] {
        let given = empty.clone();
        let page = launches(&tool, move |payload| {
            payload[claim("custom")] = given.clone();
            payload[claim("lti1p1")] = given.clone();
            payload[claim("context")] = given.clone();
        });
        page.await.assert_enters();
    }
}
