//! Requests that no platform sends.

use std::sync::Arc;

use jitsi_lti::demo::lms::{Tamper, claim};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use serde_json::{Value, json};

use crate::support::{Backend, Page, TestTool, form, on_both};

on_both!(
    bodies_have_a_bound,
    wrong_methods_are_named,
    unknown_pages_are_not_found,
    a_field_that_stands_twice_is_refused,
    bodies_that_are_no_form_are_refused,
    characters_that_a_database_cannot_store_are_refused,
    scripts_get_refusals_as_json,
    every_answer_carries_the_protective_headers,
    whatever_comes_the_tool_answers_for_itself,
);

async fn raw(tool: &TestTool, method: &str, path: &str, body: impl Into<reqwest::Body>) -> Page {
    let request = tool
        .browser()
        .raw(method, path)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body);
    Page::read(request.send().await.unwrap()).await
}

async fn bodies_have_a_bound(backend: Backend) {
    let tool = TestTool::start(backend).await;
    for (path, limit) in [("/lti/login", 64), ("/lti/launch", 256)] {
        let body = |size: usize| format!("iss=x&state=guess&id_token={}", "a".repeat(size * 1024));
        raw(&tool, "POST", path, body(limit)).await.assert_refused(413, "body-too-large");
        assert_ne!(raw(&tool, "POST", path, body(limit - 1)).await.status, 413, "{path}");
    }
}

async fn wrong_methods_are_named(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let rows = [
        ("GET", "/lti/launch"),
        ("PUT", "/lti/launch"),
        ("DELETE", "/lti/login"),
        ("POST", "/lti/jwks"),
        ("POST", "/rooms/0123456789abcdef0123456789abcdef"),
        ("POST", "/healthz"),
    ];
    for (method, path) in rows {
        assert_eq!(raw(&tool, method, path, "").await.outcome(), "405 method-wrong", "{method} {path}");
    }
}

async fn unknown_pages_are_not_found(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let pages = [
        "/lti",
        "/lti/launch/",
        "/rooms",
        "/assets/",
        "/assets/../Cargo.toml",
        "/assets/%2e%2e/Cargo.toml",
        "/assets/css/none.css",
        "/jitsi/keys/00.pem",
        "/admin/nothing",
        "/.env",
        "/%00",
        "/%ff%fe",
    ];
    for path in pages {
        assert_eq!(raw(&tool, "GET", path, "").await.outcome(), "404 page-unknown", "{path}");
    }
    for path in ["/rooms/1", "/rooms/..%2f..%2fetc", "/rooms/0123456789abcdef0123456789abcdeg"] {
        assert_eq!(raw(&tool, "GET", path, "").await.outcome(), "404 room-unknown", "{path}");
    }
}

async fn a_field_that_stands_twice_is_refused(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let rows = [
        ("POST", "/lti/login", "iss=a&iss=b&login_hint=c"),
        ("POST", "/lti/launch", "state=a&state=b&id_token=c"),
        ("POST", "/lti/launch", "state=a&id_token=b&id_token=c"),
        ("GET", "/lti/login?iss=a&iss=b&login_hint=c", ""),
    ];
    for (method, path, body) in rows {
        assert_eq!(raw(&tool, method, path, body).await.outcome(), "400 form-unreadable", "{path} {body}");
    }
}

async fn bodies_that_are_no_form_are_refused(backend: Backend) {
    let tool = TestTool::start(backend).await;
    for kind in ["application/json", "multipart/form-data; boundary=x", "text/plain", ""] {
        let request = tool.browser().raw("POST", "/lti/launch").header("content-type", kind).body("{}");
        let page = Page::read(request.send().await.unwrap()).await;
        assert_eq!(page.outcome(), "400 form-unreadable", "{kind}");
    }
    let bytes: Vec<u8> = (0..=255).collect();
    assert_eq!(raw(&tool, "POST", "/lti/launch", bytes).await.status, 400);
}

/// What the payload of a launch suffers.
type Change = fn(&mut Value);

async fn characters_that_a_database_cannot_store_are_refused(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let issuer = tool.lms.settings().issuer.clone();
    for (iss, client_id) in [("a\0b", "c"), (issuer.as_str(), "c\0d")] {
        let form = form(&[("iss", iss), ("client_id", client_id), ("login_hint", "x")]);
        tool.browser()
            .submits_from_elsewhere("/lti/login", &form)
            .await
            .assert_refused(400, "login-incomplete");
    }
    let claims: [(&str, Change); 6] = [
        ("deployment_id", |payload| payload[claim("deployment_id")] = json!("a\0b")),
        ("sub", |payload| payload["sub"] = json!("a\0b")),
        ("resource_link.id", |payload| payload[claim("resource_link")]["id"] = json!("a\0b")),
        ("context.id", |payload| payload[claim("context")]["id"] = json!("a\0b")),
        ("roles", |payload| payload[claim("roles")] = json!(["a\0b"])),
        ("names", |payload| {
            (payload["name"], payload[claim("context")]["title"]) = (json!("Ana\0Silva"), json!("Alge\0bra"));
            payload[claim("launch_presentation")]["locale"] = json!("e\0n");
        }),
    ];
    for (name, change) in claims {
        tool.lms
            .behaviour()
            .tamper_next(Tamper::Edit(Arc::new(move |_: &mut Value, payload: &mut Value| change(payload))));
        let page = tool.browser().launches("ana", "1").await;
        assert!(page.status < 500, "{name}: {}", page.outcome());
    }
    tool.browser().launches("ana", "1").await.assert_enters();
    // Nor does one of them take the records of other launches along.
    tool.launch_log(claims.len() + 1).await;
}

async fn scripts_get_refusals_as_json(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let request = tool
        .browser()
        .raw("GET", "/rooms/0123456789abcdef0123456789abcdef")
        .header("accept", "application/json");
    let page = Page::read(request.send().await.unwrap()).await;
    let answer: serde_json::Value = serde_json::from_str(&page.body).unwrap();
    assert_eq!((page.status, answer["code"].as_str()), (401, Some("session-missing")));
    assert!(answer["reference"].as_str().is_some_and(|reference| reference.len() > 20));
}

async fn every_answer_carries_the_protective_headers(backend: Backend) {
    let tool = TestTool::start(backend).await;
    for path in ["/lti/jwks", "/nowhere", "/healthz", "/lti/login"] {
        let page = raw(&tool, "GET", path, "").await;
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(page.header("referrer-policy"), "strict-origin-when-cross-origin", "{path}");
        assert_eq!(page.header("x-frame-options"), "", "{path}");
    }
    let page = raw(&tool, "GET", "/nowhere", "").await;
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.policy("default-src"), ["'none'"]);
}

const NAMES: &[&str] = &[
    "iss",
    "login_hint",
    "target_link_uri",
    "lti_message_hint",
    "client_id",
    "lti_deployment_id",
    "deployment_id",
    "state",
    "id_token",
    "error",
    "error_description",
    "csrf",
    "session_token",
    "x",
    "",
];

const HEADERS: &[&str] = &[
    "origin",
    "cookie",
    "accept",
    "accept-language",
    "content-type",
    "x-forwarded-proto",
    "sec-fetch-site",
    "accept-encoding",
];

/// A form's value: text of every kind, what a good request would hold, or a token's shape.
fn values(issuer: String) -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        Just(issuer),
        Just("class-tool".to_owned()),
        "[A-Za-z0-9_-]{0,60}\\.[A-Za-z0-9_-]{0,60}\\.[A-Za-z0-9_-]{0,60}",
        "\\PC{0,200}",
        Just("eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ.e30.AA".to_owned()),
    ]
}

async fn whatever_comes_the_tool_answers_for_itself(backend: Backend) {
    let tool = Arc::new(TestTool::start(backend).await);
    let (path, names) =
        (proptest::sample::select(vec!["/lti/login", "/lti/launch"]), proptest::sample::select(NAMES));
    let fields = vec((names, values(tool.lms.settings().issuer.clone())), 0..8);
    let headers = vec((proptest::sample::select(HEADERS), "[ -~]{0,80}"), 0..4);
    let request = (path, any::<bool>(), fields, headers, any::<bool>());
    let browser = tool.browser();
    let runtime = tokio::runtime::Handle::current();
    let config = Config { cases: 300, failure_persistence: None, ..Config::default() };
    let check = move || {
        TestRunner::new(config).run(&request, |(path, by_get, fields, headers, has_type)| {
            let mut sent = if by_get {
                let url = url::Url::parse_with_params("http://x", &fields).unwrap();
                browser.raw("GET", &format!("{path}?{}", url.query().unwrap_or_default()))
            } else {
                browser.raw("POST", path).form(&fields)
            };
            for (name, value) in headers.iter().filter(|(name, _)| has_type || *name != "content-type") {
                sent = sent.header(*name, value);
            }
            let status = runtime.block_on(async { sent.send().await.unwrap().status().as_u16() });
            prop_assert!(status < 500, "{status}");
            Ok(())
        })
    };
    tokio::task::spawn_blocking(check).await.unwrap().unwrap();
    tool.browser().launches("ana", "1").await.assert_enters();
}
