//! The administrator's pages at a host of their own: no spelling of an address reaches them at the other one.

use super::{Wire, outcome};
use crate::support::{Backend, Setup, TestTool, on_both};

on_both!(
    no_spelling_of_an_address_reaches_the_administration_at_the_tools_host,
    a_request_that_names_both_hosts_finds_neither,
);

/// One request, as it is; and what became of it.
fn asks(tool: &TestTool, target: &str, hosts: &str) -> String {
    let answer = Wire::to(&tool.origin)
        .sends(format!("GET {target} HTTP/1.1\r\n{hosts}connection: close\r\n\r\n"))
        .hears();
    outcome(&answer)
}

async fn no_spelling_of_an_address_reaches_the_administration_at_the_tools_host(backend: Backend) {
    let tool = Setup::new(backend).with_admin_host().start().await;
    let port = tool.config.addresses.listen.port();
    let (public, admin) = (format!("host: localhost:{port}\r\n"), format!("host: 127.0.0.1:{port}\r\n"));
    let refused = asks(&tool, "/admin", &admin);
    assert!(refused.contains("admin-missing"), "its own host answers: {refused}");
    let spellings = [
        "/admin",
        "/admin/",
        "/%61dmin",
        "/%41dmin",
        "/a%64min",
        "/%61%64%6d%69%6e",
        "/%61%64%6D%69%6E",
        "/ad%6din/jobs",
        "/admin%2fjobs",
        "/admin%2Fjobs",
        "/%61dmin/status",
        "/%2561dmin",
        "/%252561dmin",
        "//admin",
        "///admin//jobs",
        "/./admin",
        "/x/../admin",
        "/lti/..%2fadmin",
        "/%2e/admin",
        "/%2e%2e/admin",
        "/admin;x=1",
        "/admin%00",
        "/admin%20",
        "/admin?x=/assets/",
        "/%61dmin?/healthz",
        "/assets/../admin",
        "/assets/%2e%2e/admin",
        "/%61dmin/oidc",
        "/admin/enter/%61",
        "/admi%6e/deployment",
    ];
    for target in spellings {
        assert_eq!(asks(&tool, target, &public), "404 page-unknown", "{target}");
        let absolute = format!("http://localhost:{port}{target}");
        assert_eq!(asks(&tool, &absolute, &public), "404 page-unknown", "{absolute}");
    }
    // And the other way round: the administration's host has no other pages.
    for target in ["/lti/jwks", "/%6cti/jwks", "/lti/%6ckwks", "/rooms%2fx", "/%72ooms/1", "//lti/jwks"] {
        assert_eq!(asks(&tool, target, &admin), "404 page-unknown", "{target}");
    }
    assert_eq!(asks(&tool, "/%61dmin", &admin), refused, "the same page, whatever its spelling");
    for target in ["/healthz", "/%68ealthz", "/readyz", "/assets/css/app.css"] {
        for hosts in [&public, &admin] {
            assert_eq!(asks(&tool, target, hosts), "200 ", "{target} {hosts}");
        }
    }
}

async fn a_request_that_names_both_hosts_finds_neither(backend: Backend) {
    let tool = Setup::new(backend).with_admin_host().start().await;
    let port = tool.config.addresses.listen.port();
    let (public, admin) = (format!("localhost:{port}"), format!("127.0.0.1:{port}"));
    for (target, hosts) in [
        ("/admin".to_owned(), format!("host: {public}\r\nhost: {admin}\r\n")),
        ("/admin".to_owned(), format!("host: {admin}\r\nhost: {public}\r\n")),
        ("/admin".to_owned(), String::new()),
        ("/admin".to_owned(), format!("host: {public}\r\nx-forwarded-host: {admin}\r\n")),
        ("/admin".to_owned(), format!("host: {public}\r\nforwarded: host={admin}\r\n")),
        (format!("http://{public}/admin"), format!("host: {admin}\r\n")),
        (format!("http://{admin}/admin"), format!("host: {public}\r\n")),
        (format!("http://{admin}/lti/jwks"), format!("host: {public}\r\n")),
        ("/lti/jwks".to_owned(), format!("host: {public}\r\nhost: {admin}\r\n")),
    ] {
        let became = asks(&tool, &target, &hosts);
        // Some of these are no proper requests in the first place.
        assert!(matches!(&*became, "404 page-unknown" | "400 "), "{target} {hosts}: {became}");
    }
    assert!(
        asks(&tool, &format!("http://{admin}/admin"), &format!("host: {admin}\r\n"))
            .contains("admin-missing")
    );
}
