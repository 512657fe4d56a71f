//! The platform's public keys: fetched sparingly, kept when the platform is down, and never trusted blindly.

use std::time::Duration;

use futures::future::join_all;
use jitsi_lti::demo::jws::KeyPair;
use jitsi_lti::demo::lms::Tamper;
use serde_json::{Value, json};

use crate::support::{Backend, Double, Reply, Setup, TestTool, keys_of, on_both};

on_both!(
    many_launches_fetch_the_keys_once,
    an_unknown_kid_fetches_at_most_once_a_minute,
    rotated_keys_work_at_once,
    forged_kids_do_not_keep_a_new_key_out,
    keys_that_cannot_be_refreshed_for_a_day_count_no_more,
    headers_that_demand_an_extension_are_refused,
    a_withdrawn_key_is_refused_when_the_answer_ran_out,
    kept_keys_serve_while_the_platform_is_down,
    a_first_fetch_that_fails_is_tried_again_soon,
    answers_that_are_no_key_set_are_refused,
    keys_are_recognised_in_the_shapes_that_platforms_publish,
    keys_that_cannot_sign_launches_are_passed_over,
    the_tool_publishes_its_own_keys,
);

const MINUTE: Duration = Duration::from_secs(60);

/// A tool whose platform's keys lie on the double.
async fn tool_with(backend: Backend, reply: Reply) -> (TestTool, Double) {
    let double = Double::answering(reply);
    let tool = Setup::new(backend).keys_at(&double.url()).start().await;
    (tool, double)
}

async fn tool_with_keys(backend: Backend) -> (TestTool, Double) {
    let (tool, double) = tool_with(backend, Reply::json("{}")).await;
    double.answers(Reply::json(keys_of(&tool.lms).await));
    (tool, double)
}

async fn outcome(tool: &TestTool) -> String {
    tool.browser().launches("ana", "1").await.outcome()
}

async fn many_launches_fetch_the_keys_once(backend: Backend) {
    let (tool, keys) = tool_with_keys(backend).await;
    let browsers: Vec<_> = (0..12).map(|_| tool.browser()).collect();
    for page in join_all(browsers.iter().map(|browser| browser.launches("ana", "1"))).await {
        page.assert_enters();
    }
    tool.later(Duration::from_secs(59 * 60));
    assert_eq!(outcome(&tool).await, "enters");
    assert_eq!(keys.asked(), 1);
    tool.later(2 * MINUTE);
    assert_eq!(outcome(&tool).await, "enters");
    assert_eq!(keys.asked(), 2, "after an hour the keys are fetched anew");
}

async fn an_unknown_kid_fetches_at_most_once_a_minute(backend: Backend) {
    let (tool, keys) = tool_with_keys(backend).await;
    assert_eq!(outcome(&tool).await, "enters");
    tool.later(2 * MINUTE);
    for _ in 0..5 {
        tool.lms.behaviour().tamper_next(Tamper::WrongKid);
        assert_eq!(outcome(&tool).await, "401 token-key-unknown");
    }
    assert_eq!(keys.asked(), 2);
    assert_eq!(outcome(&tool).await, "enters");
    tool.later(MINUTE);
    tool.lms.behaviour().tamper_next(Tamper::WrongKid);
    assert_eq!(outcome(&tool).await, "401 token-key-unknown");
    assert_eq!(keys.asked(), 3);
}

async fn rotated_keys_work_at_once(backend: Backend) {
    let (tool, keys) = tool_with_keys(backend).await;
    assert_eq!(outcome(&tool).await, "enters");
    tool.later(MINUTE);
    tool.lms.rotate_keys(true).unwrap();
    keys.answers(Reply::json(keys_of(&tool.lms).await));
    assert_eq!(outcome(&tool).await, "enters");
    assert_eq!(keys.asked(), 2);
}

async fn forged_kids_do_not_keep_a_new_key_out(backend: Backend) {
    let (tool, keys) = tool_with_keys(backend).await;
    assert_eq!(outcome(&tool).await, "enters");
    tool.later(2 * MINUTE);
    tool.lms.behaviour().tamper_next(Tamper::WrongKid);
    assert_eq!(outcome(&tool).await, "401 token-key-unknown");
    // Strangers post notices too, under ever new names of keys.
    let jwt = tool.lms.context_copy_notice("101").unwrap();
    let (_, rest) = jwt.split_once('.').unwrap();
    for n in 0..10 {
        let header = base64(&json!({"alg": "RS256", "kid": format!("forged-{n}")}));
        let body = json!({"notices": [{"jwt": format!("{header}.{rest}")}]});
        let request = tool.browser().raw("POST", "/lti/notices").header("content-type", "application/json");
        assert_eq!(request.body(body.to_string()).send().await.unwrap().status(), 401);
    }
    assert_eq!(keys.asked(), 3, "one for the launch, one for all notices");
    tool.lms.rotate_keys(true).unwrap();
    keys.answers(Reply::json(keys_of(&tool.lms).await));
    assert_eq!(outcome(&tool).await, "enters", "a new key is known at once");
}

fn base64(header: &Value) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(header.to_string())
}

async fn keys_that_cannot_be_refreshed_for_a_day_count_no_more(backend: Backend) {
    let (tool, keys) = tool_with_keys(backend).await;
    let hour = 60 * MINUTE;
    assert_eq!(outcome(&tool).await, "enters");
    keys.answers(Reply { status: 503, ..Reply::json("{}") });
    tool.later(24 * hour);
    assert_eq!(outcome(&tool).await, "enters", "due for a refresh since 23 hours");
    tool.later(2 * hour);
    assert_eq!(outcome(&tool).await, "503 platform-keys-unreachable");
    keys.answers(Reply::json(keys_of(&tool.lms).await));
    tool.later(Duration::from_secs(5));
    assert_eq!(outcome(&tool).await, "enters");
}

async fn headers_that_demand_an_extension_are_refused(backend: Backend) {
    let tool = TestTool::start(backend).await;
    for (name, value) in [
        ("crit", json!(["b64"])),
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("crit", Value::Null),
        ("b64", json!(false)),
    ] {
        let edit = move |header: &mut Value, _: &mut Value| header[name] = value.clone();
        tool.lms.behaviour().tamper_next(Tamper::Edit(std::sync::Arc::new(edit)));
        assert_eq!(outcome(&tool).await, "401 token-critical", "{name}");
    }
    let jwt = tool.lms.context_copy_notice("101").unwrap();
    let (_, rest) = jwt.split_once('.').unwrap();
    let header = base64(&json!({"alg": "RS256", "kid": "any", "crit": ["exp"]}));
    let body = json!({"notices": [{"jwt": format!("{header}.{rest}")}]});
    let request = tool.browser().raw("POST", "/lti/notices").header("content-type", "application/json");
    let answer = request.header("accept", "application/json").body(body.to_string()).send().await.unwrap();
    assert!(answer.text().await.unwrap().contains("token-critical"));
}

async fn a_withdrawn_key_is_refused_when_the_answer_ran_out(backend: Backend) {
    let (tool, keys) = tool_with(backend, Reply::json("{}")).await;
    let short = Reply { cache_control: Some("public, max-age=90"), ..Reply::json(keys_of(&tool.lms).await) };
    keys.answers(short);
    assert_eq!(outcome(&tool).await, "enters");
    let browser = tool.browser();
    let signed_with_old = browser.prepares("ana", "1").await;
    tool.lms.rotate_keys(false).unwrap();
    keys.answers(Reply::json(keys_of(&tool.lms).await));
    tool.later(Duration::from_secs(91));
    browser.brings(&signed_with_old).await.assert_refused(401, "token-key-unknown");
    assert_eq!(outcome(&tool).await, "enters");
}

async fn kept_keys_serve_while_the_platform_is_down(backend: Backend) {
    let (tool, keys) = tool_with_keys(backend).await;
    assert_eq!(outcome(&tool).await, "enters");
    for reply in [Reply { status: 503, ..Reply::json("{}") }, Reply::json("not JSON"), Reply::json("{}")] {
        keys.answers(reply.clone());
        tool.later(Duration::from_secs(2 * 60 * 60));
        assert_eq!(outcome(&tool).await, "enters", "{reply:?}");
    }
    assert_eq!(keys.asked(), 4, "each time it was asked");
    // A key that was never seen cannot be had now: that is another sentence than "unknown".
    tool.lms.rotate_keys(false).unwrap();
    tool.later(MINUTE);
    assert_eq!(outcome(&tool).await, "503 platform-keys-unreachable");
    keys.answers(Reply::json(keys_of(&tool.lms).await));
    tool.later(MINUTE);
    assert_eq!(outcome(&tool).await, "enters");
}

async fn a_first_fetch_that_fails_is_tried_again_soon(backend: Backend) {
    let (tool, keys) = tool_with(backend, Reply { status: 500, ..Reply::json("{}") }).await;
    assert_eq!(outcome(&tool).await, "503 platform-keys-unreachable");
    assert_eq!(outcome(&tool).await, "503 platform-keys-unreachable");
    assert_eq!(keys.asked(), 1, "many people at a broken platform ask it once");
    keys.answers(Reply::json(keys_of(&tool.lms).await));
    tool.later(Duration::from_secs(5));
    assert_eq!(outcome(&tool).await, "enters");
    let page = tool.browser().launches("ana", "1").await;
    assert_eq!(page.status, 303);
}

async fn answers_that_are_no_key_set_are_refused(backend: Backend) {
    let (tool, keys) = tool_with(backend, Reply::json("")).await;
    let real = keys_of(&tool.lms).await;
    let slow = Reply { after: Duration::from_secs(30), ..Reply::json(real.clone()) };
    let huge = format!("{}{}", " ".repeat(300 * 1024), real);
    let html = Reply { content_type: "text/html", ..Reply::json("<!doctype html><title>Log in</title>") };
    let rows = [
        (html, "503 platform-keys-unreachable"),
        (Reply::json(huge), "503 platform-keys-unreachable"),
        (Reply { status: 302, ..Reply::json(real.clone()) }, "503 platform-keys-unreachable"),
        (Reply::json(r#"{"keys": {}}"#), "503 platform-keys-unreachable"),
        (Reply::json("[]"), "503 platform-keys-unreachable"),
        (slow, "503 platform-keys-unreachable"),
        (Reply::json(r#"{"keys": []}"#), "401 token-key-unknown"),
    ];
    for (reply, expected) in rows {
        tool.later(MINUTE);
        let told = format!("{} {:.60}", reply.status, reply.body);
        keys.answers(reply);
        assert_eq!(outcome(&tool).await, expected, "{told}");
    }
    // The wrong label on the right content is no reason to lock a course out.
    keys.answers(Reply { content_type: "text/html", ..Reply::json(real) });
    tool.later(MINUTE);
    assert_eq!(outcome(&tool).await, "enters");
}

async fn first_key(tool: &TestTool) -> Value {
    serde_json::from_str::<Value>(&keys_of(&tool.lms).await).unwrap()["keys"][0].clone()
}

async fn keys_are_recognised_in_the_shapes_that_platforms_publish(backend: Backend) {
    let (tool, keys) = tool_with(backend, Reply::json("{}")).await;
    let key = first_key(&tool).await;
    let (n, e, kid) = (&key["n"], &key["e"], &key["kid"]);
    let padded = format!("{}==", n.as_str().unwrap());
    let shapes = [
        // Open edX: neither alg nor use, but key_ops.
        json!({"kty": "RSA", "n": n, "e": e, "kid": kid, "key_ops": ["verify"]}),
        json!({"kty": "RSA", "n": padded, "e": e, "kid": kid, "alg": "RS256", "use": "sig", "x5c": ["AAAA"], "x5t": "x"}),
        json!({"kty": "RSA", "n": n, "e": e, "kid": kid, "alg": null, "use": null}),
    ];
    for shape in shapes {
        keys.answers(Reply::json(json!({"keys": [shape]}).to_string()));
        tool.later(Duration::from_secs(2 * 60 * 60));
        assert_eq!(outcome(&tool).await, "enters", "{shape}");
    }
}

async fn keys_that_cannot_sign_launches_are_passed_over(backend: Backend) {
    let (tool, keys) = tool_with(backend, Reply::json("{}")).await;
    let key = first_key(&tool).await;
    let (n, e, kid) = (&key["n"], &key["e"], &key["kid"]);
    let other = KeyPair::generate().unwrap().jwk().unwrap();
    let unfit = [
        json!({"kty": "RSA", "n": n, "e": e, "kid": kid, "use": "enc"}),
        json!({"kty": "RSA", "n": n, "e": e, "kid": kid, "alg": "RS512"}),
        json!({"kty": "RSA", "n": n, "e": e}),
        json!({"kty": "RSA", "n": "AQAB", "e": e, "kid": kid}),
        json!({"kty": "RSA", "n": 5, "e": e, "kid": kid}),
        json!({"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "kid": kid}),
        json!({"kty": "oct", "k": n, "kid": kid}),
        json!("a key"),
        json!({"kty": "RSA", "n": other["n"], "e": other["e"], "kid": "another"}),
    ];
    for one in &unfit {
        keys.answers(Reply::json(json!({"keys": [one]}).to_string()));
        tool.later(MINUTE);
        assert_eq!(outcome(&tool).await, "401 token-key-unknown", "{one}");
    }
    let mut all = unfit.to_vec();
    all.push(key);
    keys.answers(Reply::json(json!({"keys": all}).to_string()));
    tool.later(MINUTE);
    assert_eq!(outcome(&tool).await, "enters", "one good key among bad ones counts");
}

async fn the_tool_publishes_its_own_keys(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let mut names = Vec::new();
    for path in ["/lti/jwks", "/jitsi/jwks"] {
        let answer = tool.browser().opens(path).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
        assert!(answer.header("cache-control").contains("max-age="));
        let set: Value = serde_json::from_str(&answer.body).unwrap();
        let keys = set["keys"].as_array().unwrap();
        assert_eq!(keys.len(), 1);
        let members = keys[0].as_object().unwrap();
        let mut shown: Vec<&str> = members.keys().map(String::as_str).collect();
        shown.sort_unstable();
        assert_eq!(shown, ["alg", "e", "kid", "kty", "n", "use"], "nothing private");
        assert_eq!(
            (&members["alg"], &members["kty"], &members["use"]),
            (&json!("RS256"), &json!("RSA"), &json!("sig"))
        );
        let n = members["n"].as_str().unwrap();
        assert!(n.len() >= 342 && !n.contains(['=', '+', '/']), "{n}");
        names.push(members["kid"].clone());
    }
    assert_ne!(names[0], names[1], "platforms and Jitsi servers verify with different keys");
}
