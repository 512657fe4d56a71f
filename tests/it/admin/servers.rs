//! Jitsi servers: adding, changing, choosing, testing.

use jitsi_lti::demo::jitsi::{JitsiSettings, JitsiSim, SimKeys, SimKind, TokenServer};

use crate::support::{Backend, Browser, Page, Setup, Site, TestTool, on_both};

on_both!(
    a_server_is_added_and_takes_the_rooms,
    what_could_never_work_is_not_stored,
    the_secret_stays_unless_another_is_typed,
    of_two_who_change_a_server_the_second_sees_both,
    another_server_takes_the_rooms,
    a_server_where_learners_could_moderate_is_found_out,
);

pub const SECRET: &str = "the app_secret of the north campus's Jitsi";

/// A Jitsi server that checks tokens with this secret.
pub fn jitsi(tool: &TestTool, secret: &str) -> Site {
    jitsi_with(tool, secret, |_| ())
}

/// The same with a set-up of its own.
fn jitsi_with(tool: &TestTool, secret: &str, set_up: impl FnOnce(&mut TokenServer)) -> Site {
    let (place, origin) = Site::place();
    let keys = SimKeys::Secret(secret.to_owned());
    let mut server = TokenServer::new("north", keys, "127.0.0.1");
    set_up(&mut server);
    let kind = SimKind::Token(server);
    let sim = JitsiSim::new(JitsiSettings { origin, kind }, tool.clock.clone()).unwrap();
    Site::serve(place, sim.routes())
}

pub fn input<'a>(name: &'a str, domain: &'a str, secret: &'a str) -> [(&'a str, &'a str); 9] {
    [
        ("name", name),
        ("kind", "self-hosted"),
        ("domain", domain),
        ("app_id", "north"),
        ("audience", "jitsi"),
        ("subject", ""),
        ("key_id", ""),
        ("secret", secret),
        ("key", ""),
    ]
}

/// Adds a server; answers its page's address.
pub async fn adds(admin: &Browser, fields: &[(&str, &str)]) -> String {
    let added = admin.presses("/admin/servers", "/admin/servers", fields).await;
    assert_eq!(added.status, 303, "{}", added.body);
    added.header("location").split('?').next().unwrap().to_owned()
}

/// What a test of the server finds.
pub async fn tests(admin: &Browser, server: &str) -> Page {
    admin.presses(server, server, &[("act", "test")]).await
}

#[track_caller]
fn assert_found(page: &Page, verdict: &str, code: &str) {
    let grade = format!("data-finding=\"{code}\" data-verdict=\"{verdict}\"");
    assert!(page.body.contains(&grade), "{code} is not {verdict} in {}", page.body);
}

async fn rooms_open_on(admin: &Browser, name: &str) {
    let home = admin.opens("/admin").await;
    let line = home.between("data-check=\"server\"", "</li>");
    assert!(line.contains("Rooms open on the Jitsi server") && line.contains(name), "{line}");
}

async fn a_server_is_added_and_takes_the_rooms(backend: Backend) {
    let tool = Setup::new(backend).without_server().start().await;
    let admin = tool.administrator().await;
    admin.opens("/admin").await.assert_says("No Jitsi server is accepting rooms yet");
    let site = jitsi(&tool, SECRET);
    let server = adds(&admin, &input("North", &site.origin, SECRET)).await;
    let page = admin.opens(&server).await;
    page.assert_says("North").assert_says("default");
    assert!(!page.body.contains(SECRET), "the secret is never shown");
    let found = tests(&admin, &server).await;
    for code in ["script", "clock", "right-token", "wrong-token", "no-token", "roles"] {
        assert_found(&found, "good", code);
    }
    rooms_open_on(&admin, "North").await;
    let log = admin.opens("/admin/audit").await;
    assert!(log.text().contains("Added a server") && !log.body.contains(SECRET));
}

async fn what_could_never_work_is_not_stored(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let admin = tool.administrator().await;
    let change = |name: &'static str, value: &'static str| {
        input("North", "meet.example.org", SECRET)
            .map(|field| if field.0 == name { (name, value) } else { field })
    };
    for (fields, problem) in [
        (change("name", " "), "name-missing"),
        (change("domain", ""), "domain-missing"),
        (change("domain", "not a host"), "domain-wrong"),
        (change("domain", "http://meet.example.org"), "domain-not-https"),
        (change("app_id", ""), "app-id-missing"),
        (change("secret", ""), "secret-missing"),
        (change("kind", "zoom"), "kind-unknown"),
        (change("kind", "jaas"), "key-id-missing"),
    ] {
        let refused = admin.presses("/admin/servers", "/admin/servers", &fields).await;
        assert_eq!(refused.status, 422, "{problem}");
        assert!(refused.body.contains(&format!("data-problem=\"{problem}\"")), "{problem}: {}", refused.body);
        assert!(!refused.body.contains(SECRET));
    }
    adds(&admin, &input("North", "meet.example.org", SECRET)).await;
    let again =
        admin.presses("/admin/servers", "/admin/servers", &input("North", "m.example.org", SECRET)).await;
    assert!(again.body.contains("data-problem=\"name-taken\""), "{}", again.body);
    assert_eq!(tool.count("server").await, 2);
}

async fn the_secret_stays_unless_another_is_typed(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let admin = tool.administrator().await;
    let site = jitsi(&tool, SECRET);
    let server = adds(&admin, &input("North", &site.origin, SECRET)).await;
    let values = format!("{server}/values");
    let change = async |name: &str, secret: &str| {
        let seen = admin.opens(&server).await.field("seen");
        let fields = [&[("seen", seen.as_str())], &input(name, &site.origin, secret)[..]].concat();
        assert_eq!(admin.presses(&server, &values, &fields).await.status, 303);
        tests(&admin, &server).await
    };
    assert_found(&change("North and west", "").await, "good", "right-token");
    assert_found(
        &change("North and west", "another secret, just as long as the first").await,
        "bad",
        "right-token-refused",
    );
    assert_found(&change("North", SECRET).await, "good", "right-token");
}

async fn of_two_who_change_a_server_the_second_sees_both(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let admin = tool.administrator().await;
    let server = adds(&admin, &input("North", "meet.example.org", SECRET)).await;
    let seen = admin.opens(&server).await.field("seen");
    let values = format!("{server}/values");
    let fields = |name| [&[("seen", seen.as_str())], &input(name, "meet.example.org", "")[..]].concat();
    assert_eq!(admin.presses(&server, &values, &fields("First")).await.status, 303);
    let late = admin.presses(&server, &values, &fields("Second")).await;
    assert_eq!(late.status, 409);
    late.assert_says("Somebody else changed this").assert_says("First").assert_says("Second");
    admin.opens(&server).await.assert_says("First");
}

async fn another_server_takes_the_rooms(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let admin = tool.administrator().await;
    let server = adds(&admin, &input("North", "meet.example.org", SECRET)).await;
    let act = async |act: &str| admin.presses(&server, &server, &[("act", act)]).await;
    assert_eq!(act("drain").await.status, 303);
    admin.opens(&server).await.assert_says("not accepting new rooms");
    assert_eq!(act("default").await.status, 303);
    rooms_open_on(&admin, "North").await;
    act("drain").await.assert_refused(409, "server-is-default");
    let browser = tool.browser();
    let room = browser.launches("tessa", "1").await.assert_enters();
    let policy = browser.joins(&room).await.policy("frame-src");
    assert_eq!(policy, ["https://meet.example.org"]);
}

async fn a_server_where_learners_could_moderate_is_found_out(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let admin = tool.administrator().await;
    type SetUp = fn(&mut TokenServer);
    let rows: [(&str, SetUp, &str, &str); 3] = [
        ("Elects", |server| server.elects_first = true, "first-is-moderator", "ENABLE_AUTO_OWNER=false"),
        ("Ignores", |server| server.reads_roles = false, "role-ignored", "token_affiliation"),
        (
            "Both",
            |server| (server.elects_first, server.reads_roles) = (true, false),
            "first-is-moderator",
            "enable-auto-owner false",
        ),
    ];
    for (name, set_up, code, lines) in rows {
        let site = jitsi_with(&tool, SECRET, set_up);
        let found = tests(&admin, &adds(&admin, &input(name, &site.origin, SECRET)).await).await;
        assert_found(&found, "bad", code);
        assert_found(&found, "good", "right-token");
        found.assert_says(lines);
    }
}
