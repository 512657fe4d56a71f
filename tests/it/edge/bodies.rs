//! Bodies that are compressed, endless or slow.

use std::io::Write as _;
use std::net::Shutdown;
use std::time::Duration;

use super::{Wire, outcome};
use crate::support::{Backend, Page, TestTool, on_both};

on_both!(
    compressed_bodies_are_refused_before_they_are_read,
    a_body_without_end_is_not_drained,
    a_body_that_trickles_has_a_deadline,
);

/// Between two bytes of a body that is never silent and never done.
const SLOW_SENDER: Duration = Duration::from_secs(1);
const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";
const ROOM: &str = "0123456789abcdef0123456789abcdef";

async fn compressed_bodies_are_refused_before_they_are_read(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let routes = [
        ("POST", "/lti/login", FORM),
        ("POST", "/lti/launch", FORM),
        ("POST", "/lti/launch/complete", FORM),
        ("POST", "/lti/deep-linking", FORM),
        ("POST", "/lti/notices", JSON),
        ("POST", "/lti/register", FORM),
        ("POST", &format!("/rooms/{ROOM}/presence"), JSON),
        ("POST", &format!("/rooms/{ROOM}/settings"), FORM),
        ("POST", "/admin/enter", FORM),
        ("POST", "/admin/platforms", FORM),
        ("POST", "/nowhere", FORM),
        ("PUT", "/healthz", JSON),
        ("GET", "/lti/jwks", FORM),
    ];
    for (method, path, kind) in routes {
        for coding in ["gzip", "br", "deflate", "zstd", "x-gzip", "identity, gzip", "GZIP"] {
            // The body is announced and never sent: whoever waited for it would not answer.
            let answer = Wire::to(&tool.origin)
                .sends(format!(
                    "{method} {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: {kind}\r\n\
                     content-encoding: {coding}\r\ncontent-length: 58000\r\n\r\n"
                ))
                .hears();
            assert_eq!(outcome(&answer), "415 body-encoded", "{method} {path} {coding}");
            let heads = answer.to_ascii_lowercase();
            assert!(heads.contains("\r\nconnection: close\r\n"), "{answer}");
            assert!(heads.contains("\r\naccept-encoding: identity\r\n"), "{answer}");
        }
    }
    let sent = |coding: &'static str| {
        let request = tool.browser().raw("POST", "/lti/login").header("content-type", FORM);
        request.header("content-encoding", coding).header("accept", JSON).body("iss=x&login_hint=y").send()
    };
    let refused = Page::read(sent("gzip").await.unwrap()).await;
    assert!(refused.status == 415 && refused.body.contains("\"code\":\"body-encoded\""), "{}", refused.body);
    let plain = Page::read(sent("identity").await.unwrap()).await;
    assert!(plain.body.contains("\"code\":\"platform-unknown\""), "{}", plain.body);
}

async fn a_body_without_end_is_not_drained(backend: Backend) {
    let tool = TestTool::start(backend).await;
    for (path, coding, expected) in [
        ("/nowhere", "", "404 page-unknown"),
        ("/healthz", "", "405 method-wrong"),
        ("/lti/login", "content-encoding: gzip\r\n", "415 body-encoded"),
    ] {
        let mut wire = Wire::to(&tool.origin);
        wire.sends(format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\n{coding}transfer-encoding: chunked\r\n\r\n"
        ));
        let chunk = format!("1000\r\n{}\r\n", "x".repeat(0x1000));
        // Until the other end is closed; a server that drained would take chunks for ever.
        let chunks = (0..5_000_000).take_while(|_| wire.0.write_all(chunk.as_bytes()).is_ok()).count();
        assert!(chunks < 5_000_000, "{path}: the connection stays open");
        let mut again = Wire::to(&tool.origin);
        again.sends(format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\n{coding}transfer-encoding: chunked\r\n\r\n"
        ));
        assert_eq!(outcome(&again.hears()), expected, "{path}");
    }
}

async fn a_body_that_trickles_has_a_deadline(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let routes = [
        ("/lti/launch".to_owned(), FORM, "x-www-form"),
        ("/lti/login".to_owned(), FORM, "x-www-form"),
        (format!("/rooms/{ROOM}/presence"), JSON, "json"),
    ];
    let wires = routes.map(|(path, kind, _)| {
        let mut wire = Wire::to(&tool.origin);
        wire.sends(format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: {kind}\r\ncontent-length: 4000\r\n\r\n"
        ));
        let writer = wire.0.try_clone().unwrap();
        std::thread::spawn(move || {
            let mut writer = writer;
            while writer.write_all(b"a").is_ok() {
                std::thread::sleep(SLOW_SENDER);
            }
            let _ = writer.shutdown(Shutdown::Both);
        });
        (path, wire)
    });
    for (path, mut wire) in wires {
        let answer = tokio::task::spawn_blocking(move || wire.hears()).await.unwrap();
        assert_eq!(outcome(&answer), "408 body-too-slow", "{path}: {answer}");
        assert!(answer.to_ascii_lowercase().contains("\r\nconnection: close\r\n"), "{answer}");
    }
    tool.browser().launches("ana", "1").await.assert_enters();
}
