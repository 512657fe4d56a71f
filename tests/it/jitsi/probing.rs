//! What a test of a server tells: each condition that a class would meet, with the value to mend.

use std::sync::Arc;
use std::time::Duration;

use jitsi_lti::clock::FakeClock;
use jitsi_lti::demo::jitsi::{Focus, JitsiSettings, JitsiSim, Lobby, SimKeys, SimKind, TokenServer};

use crate::support::{Backend, Browser, NOW, Page, Shell, Site, TestTool, free_port, on_both};

on_both!(
    each_condition_that_a_class_would_meet_is_found_with_the_value_to_mend,
    a_clock_a_little_behind_is_told_as_that,
    a_server_that_fetches_our_key_is_tested_with_it,
    a_public_server_is_tested_for_what_a_class_needs,
);

const SECRET: &str = "the app_secret of the north campus's Jitsi";

type SetUp = fn(&mut TokenServer);

/// A server with the usual tokens, and one thing that is otherwise.
fn north(keys: SimKeys, set_up: SetUp) -> TokenServer {
    let mut server = TokenServer::new("north", keys, "127.0.0.1");
    set_up(&mut server);
    server
}

fn serve(kind: SimKind, clock: Arc<FakeClock>) -> Site {
    let (place, origin) = Site::place();
    let sim = JitsiSim::new(JitsiSettings { origin, kind }, clock).unwrap();
    Site::serve(place, sim.routes())
}

fn fields<'a>(name: &'a str, origin: &'a str, changed: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let usual = [
        ("name", name),
        ("kind", "self-hosted"),
        ("domain", origin),
        ("app_id", "north"),
        ("audience", "jitsi"),
        ("subject", ""),
        ("key_id", ""),
        ("secret", SECRET),
        ("key", ""),
    ];
    let other = |(name, value): (&'a str, &'a str)| {
        changed.iter().find(|(changed, _)| *changed == name).copied().unwrap_or((name, value))
    };
    let added = changed.iter().filter(|(name, _)| usual.iter().all(|(known, _)| known != name));
    usual.into_iter().map(other).chain(added.copied()).collect()
}

async fn found(admin: &Browser, fields: &[(&str, &str)]) -> Page {
    let server = crate::admin::servers::adds(admin, fields).await;
    crate::admin::servers::tests(admin, &server).await
}

#[track_caller]
fn assert_found(page: &Page, verdict: &str, code: &str) {
    let mark = format!("data-finding=\"{code}\" data-verdict=\"{verdict}\"");
    assert!(page.body.contains(&mark), "{code} is not {verdict} in {}", page.text());
}

/// One thing that is otherwise than on a well-made server, and what the test tells about it.
struct Condition {
    set_up: SetUp,
    /// What is typed otherwise.
    typed: &'static [(&'static str, &'static str)],
    code: &'static str,
    /// Words, a value or lines that stand on the page.
    says: &'static [&'static str],
}

const CONDITIONS: &[(&str, Condition)] = &[
    (
        "another subject",
        Condition {
            set_up: |_| (),
            typed: &[("subject", "meet.example.org")],
            code: "subject-refused",
            says: &["Set the subject here to 127.0.0.1."],
        },
    ),
    (
        "docker checks the domain",
        Condition {
            set_up: |server| {
                server.domain = Some("meet.jitsi".to_owned());
                server.behaviour.rooms_prefix = "muc";
            },
            typed: &[("subject", "meet.example.org")],
            code: "subject-refused",
            says: &["Set the subject here to meet.jitsi."],
        },
    ),
    (
        "* and token_no_wildcard",
        Condition {
            set_up: |server| server.wildcards = false,
            typed: &[("subject", "*")],
            code: "wildcard-refused",
            says: &["Set the subject here to 127.0.0.1.", "token_no_wildcard"],
        },
    ),
    (
        "no token_verification",
        Condition {
            set_up: |server| server.behaviour.checks_rooms = false,
            typed: &[],
            code: "any-room",
            says: &["Any token opens any room", "\"token_verification\""],
        },
    ),
    (
        "jicofo down",
        Condition {
            set_up: |server| server.behaviour.focus = Focus::Down,
            typed: &[],
            code: "jicofo-down",
            says: &["No room opens", "systemctl restart prosody jicofo"],
        },
    ),
    (
        "jicofo silent",
        Condition {
            set_up: |server| server.behaviour.focus = Focus::Silent,
            typed: &[],
            code: "jicofo-down",
            says: &["no answer"],
        },
    ),
    (
        "jicofo's own login",
        Condition {
            set_up: |server| server.behaviour.focus = Focus::WantsLogin,
            typed: &[],
            code: "jicofo-login",
            says: &["jicofo.authentication.enabled false"],
        },
    ),
    (
        "muc_allowners",
        Condition {
            set_up: |server| server.behaviour.everyone_moderates = true,
            typed: &[],
            code: "everyone-moderates",
            says: &["muc_allowners", "wait_for_host_disable_auto_owners = true"],
        },
    ),
    (
        "auto-owner",
        Condition {
            set_up: |server| server.elects_first = true,
            typed: &[],
            code: "first-is-moderator",
            says: &["ENABLE_AUTO_OWNER=false"],
        },
    ),
    (
        "no token_affiliation",
        Condition {
            set_up: |server| server.reads_roles = false,
            typed: &[],
            code: "role-ignored",
            says: &["token_affiliation"],
        },
    ),
    (
        "a lobby for teachers",
        Condition {
            set_up: |server| server.behaviour.lobby = Lobby::Everybody,
            typed: &[],
            code: "lobby-stops-teachers",
            says: &["token_lobby_bypass"],
        },
    ),
    (
        "empty tokens",
        Condition {
            set_up: |server| server.behaviour.takes_empty_tokens = true,
            typed: &[],
            code: "no-token-accepted",
            says: &["allow_empty_token = false"],
        },
    ),
    (
        "an XMPP domain that isn't there",
        Condition {
            set_up: |server| server.behaviour.told_domain = Some("meet.example.org".to_owned()),
            typed: &[],
            code: "domain-unknown",
            says: &["meet.example.org (config.js)"],
        },
    ),
    (
        "no token module",
        Condition {
            set_up: |server| server.behaviour.module_loads = false,
            typed: &[],
            code: "login-not-offered",
            says: &["lua-basexx", "authentication = \"token\""],
        },
    ),
    (
        "another secret",
        Condition {
            set_up: |server| server.keys = SimKeys::Secret("another secret".to_owned()),
            typed: &[],
            code: "signature-refused",
            says: &["the secrets differ", "Invalid signature"],
        },
    ),
    (
        "another app_id",
        Condition {
            set_up: |server| server.issuers = vec!["south".to_owned()],
            typed: &[],
            code: "issuer-refused",
            says: &["invalid 'iss' claim", "asap_accepted_issuers = { \"north\" }"],
        },
    ),
    (
        "another audience",
        Condition {
            set_up: |server| server.audiences = vec!["other".to_owned()],
            typed: &[],
            code: "audience-refused",
            says: &["invalid 'aud' claim", "asap_accepted_audiences = { \"jitsi\" }"],
        },
    ),
    (
        "a server set up for keys",
        Condition {
            set_up: |server| server.keys = SimKeys::KeyServer("http://127.0.0.1:1".to_owned()),
            typed: &[],
            code: "algorithm-refused",
            says: &["another kind of signature than HS256"],
        },
    ),
    (
        "frames forbidden",
        Condition {
            set_up: |server| {
                server.behaviour.frame_header = Some(("content-security-policy", "frame-ancestors 'self'"))
            },
            typed: &[],
            code: "frame-refused",
            says: &["frame-ancestors 'self'", "name the sites that may show the meeting"],
        },
    ),
];

async fn each_condition_that_a_class_would_meet_is_found_with_the_value_to_mend(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let admin = tool.administrator().await;
    for (name, condition) in CONDITIONS {
        let server = north(SimKeys::Secret(SECRET.to_owned()), condition.set_up);
        let site = serve(SimKind::Token(server), tool.clock.clone());
        let page = found(&admin, &fields(name, &site.origin, condition.typed)).await;
        assert_found(&page, "bad", condition.code);
        for words in condition.says {
            page.assert_says(words);
        }
        assert!(!page.body.contains("&amp;apos;") && !page.body.contains(SECRET), "{name}: {}", page.body);
    }
    // A server that refuses everybody proves nothing about tokens that it refuses.
    for (name, set_up) in [
        ("A", (|server| server.behaviour.told_domain = Some("nowhere.example".to_owned())) as SetUp),
        ("B", |server| server.behaviour.module_loads = false),
        ("C", |server| server.issuers = vec!["south".to_owned()]),
    ] {
        let server = north(SimKeys::Secret(SECRET.to_owned()), set_up);
        let site = serve(SimKind::Token(server), tool.clock.clone());
        let page = found(&admin, &fields(name, &site.origin, &[])).await;
        for code in ["wrong-token", "no-token", "roles", "own-room"] {
            assert!(!page.body.contains(&format!("data-finding=\"{code}\"")), "{name}: {}", page.text());
        }
    }
    // What works, with a consequence.
    for (name, set_up, code) in [
        ("D", (|server| server.behaviour.learners_wait = true) as SetUp, "learners-wait"),
        ("E", |server| server.behaviour.lobby = Lobby::Learners, "lobby"),
    ] {
        let server = north(SimKeys::Secret(SECRET.to_owned()), set_up);
        let site = serve(SimKind::Token(server), tool.clock.clone());
        let page = found(&admin, &fields(name, &site.origin, &[])).await;
        assert_found(&page, "notice", code);
        assert!(!page.body.contains("data-verdict=\"bad\""), "{name}: {}", page.text());
    }
    // jicofo may need a moment, and docker does not check the domain.
    for (name, set_up) in [
        ("F", (|server| server.behaviour.focus = Focus::ReadyLater) as SetUp),
        ("G", |server| (server.domain, server.behaviour.rooms_prefix) = (None, "muc")),
    ] {
        let server = north(SimKeys::Secret(SECRET.to_owned()), set_up);
        let site = serve(SimKind::Token(server), tool.clock.clone());
        let page = found(&admin, &fields(name, &site.origin, &[])).await;
        for code in ["script", "clock", "right-token", "wrong-token", "no-token", "room", "roles", "own-room"]
        {
            assert_found(&page, "good", code);
        }
        assert_eq!(page.body.matches("data-verdict=\"good\"").count(), 8, "{name}: {}", page.text());
    }
}

async fn a_clock_a_little_behind_is_told_as_that(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let admin = tool.administrator().await;
    let now = jitsi_lti::clock::Timestamp::from_secs(NOW);
    for (name, behind, expected) in [
        ("A", 20, &[("clock", "good"), ("right-token", "good")][..]),
        ("B", 45, &[("clock-drifts", "notice"), ("right-token", "good")]),
        ("C", 120, &[("clock-off", "bad"), ("clock-behind", "bad")]),
    ] {
        let clock = Arc::new(FakeClock::new(now.minus(Duration::from_secs(behind))));
        let site = serve(SimKind::Token(north(SimKeys::Secret(SECRET.to_owned()), |_| ())), clock);
        let page = found(&admin, &fields(name, &site.origin, &[])).await;
        for (code, verdict) in expected {
            assert_found(&page, verdict, code);
        }
        assert!(!page.text().contains("the secrets differ"));
    }
}

async fn a_server_that_fetches_our_key_is_tested_with_it(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let admin = tool.administrator().await;
    let nowhere = format!("http://127.0.0.1:{}", free_port());
    let typed = [("secret", ""), ("public_key", "yes")];
    let our_keys = format!("{}/jitsi/keys", tool.origin);
    for (name, keys, code, verdict) in [
        ("A", SimKeys::KeyServer(our_keys.clone()), "right-token", "good"),
        ("B", SimKeys::KeySet(format!("{}/jitsi/jwks", tool.origin)), "own-room", "good"),
        ("C", SimKeys::KeyServer(nowhere.clone()), "key-not-fetched", "bad"),
        ("D", SimKeys::KeySet(nowhere), "login-silent", "bad"),
        ("E", SimKeys::Secret(SECRET.to_owned()), "algorithm-refused", "bad"),
    ] {
        let site = serve(SimKind::Token(north(keys, |_| ())), tool.clock.clone());
        let page = found(&admin, &fields(name, &site.origin, &typed)).await;
        assert_found(&page, verdict, code);
        if verdict == "bad" {
            page.assert_says(&format!("asap_key_server = \"{our_keys}\""));
            page.assert_says(&format!("cache_keys_url = \"{}/jitsi/jwks\"", tool.origin));
        }
    }
}

async fn a_public_server_is_tested_for_what_a_class_needs(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let admin = tool.administrator().await;
    let public = [("kind", "public"), ("secret", "")];
    let site = serve(SimKind::Open, tool.clock.clone());
    let page = found(&admin, &fields("A", &site.origin, &public)).await;
    assert_found(&page, "notice", "open");
    assert_found(&page, "good", "room");
    // A web site that is no Jitsi.
    let page = found(&admin, &fields("B", &tool.origin, &public)).await;
    assert_found(&page, "bad", "script-missing");
}

/// At the terminal the same conditions fail, and the command with them.
#[test]
fn what_a_class_would_meet_fails_at_the_terminal_too() {
    let shell = Shell::new();
    let secret = shell.file("app_secret", &format!("{SECRET}\n"));
    let clock = Arc::new(jitsi_lti::clock::SystemClock);
    let add = |name: &str, origin: &str, more: &[&str]| {
        let args = ["server", "add", "--name", name, "--kind", "self-hosted", "--domain", origin];
        let own = ["--app-id", "north", "--secret-file", &secret];
        shell.does(&[&args[..], &own, more].concat());
    };
    for (name, condition) in CONDITIONS {
        let subject = condition.typed.iter().find(|(field, _)| *field == "subject").map(|(_, value)| *value);
        let (place, origin) = Site::place();
        let kind = SimKind::Token(north(SimKeys::Secret(SECRET.to_owned()), condition.set_up));
        let sim = JitsiSim::new(JitsiSettings { origin, kind }, clock.clone()).unwrap();
        let site = Site::serve(place, sim.routes());
        add(name, &site.origin, &subject.map_or(Vec::new(), |subject| vec!["--subject", subject]));
        let said = shell.fails(&["server", "test", name], "check(s) failed");
        assert!(said.out.contains("FAILED"), "{name}: {}", said.out);
        for words in condition.says {
            assert!(said.out.contains(words), "{name} does not say {words}: {}", said.out);
        }
        assert!(!said.out.contains("&apos;") && !said.out.contains(SECRET), "{name}: {}", said.out);
    }
    // Nothing there, and no Jitsi there.
    add("nobody", &format!("http://127.0.0.1:{}", free_port()), &[]);
    let said = shell.fails(&["server", "test", "nobody"], "1 check(s) failed");
    assert!(said.out.contains("Nothing listens at the server’s address"), "{}", said.out);
}
