//! Jitsi servers: adding, changing, choosing, testing.

use jitsi_lti::admin::servers::removal::{ServerRemovalError, remove};
use jitsi_lti::demo::jitsi::{JitsiSettings, JitsiSim, SimKeys, SimKind, TokenServer};

use crate::support::{Backend, Browser, MINUTE, OpenPage, Page, Room, Setup, Site, TestTool, on_both};

on_both!(
    a_server_is_added_and_takes_the_rooms,
    what_could_never_work_is_not_stored,
    the_secret_stays_unless_another_is_typed,
    of_two_who_change_a_server_the_second_sees_both,
    another_server_takes_the_rooms,
    a_class_that_runs_stays_on_its_server,
    a_server_goes_when_nothing_needs_it,
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
    let line = home.text_of("[data-check='server']");
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

/// Where somebody who joins now meets the others.
async fn meets_at(browser: &Browser, room: &Room) -> String {
    browser.joins(room).await.policy("frame-src").join(" ")
}

const CAMPUS: &str = "https://meet.campus.example";
const NORTH: &str = "https://meet.north.example";

/// Makes a second server the default; answers its page's address.
async fn another_becomes_the_default(admin: &Browser) -> String {
    let server = adds(admin, &input("North", "meet.north.example", SECRET)).await;
    assert_eq!(admin.presses(&server, &server, &[("act", "default")]).await.status, 303);
    server
}

async fn a_class_that_runs_stays_on_its_server(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let admin = tool.administrator().await;
    let (teacher, learner) = (tool.browser(), tool.browser());
    let room = teacher.launches("tessa", "1").await.assert_enters();
    let page = OpenPage::open(&teacher, &room).await;
    // Nobody was seen in the meeting yet: its first person is still on the way.
    another_becomes_the_default(&admin).await;
    learner.launches("ana", "1").await.assert_enters();
    assert_eq!(meets_at(&learner, &room).await, CAMPUS);
    page.stays(&tool, 15).await;
    assert_eq!(meets_at(&learner, &room).await, CAMPUS);
    let other = learner.launches("ana", "2").await.assert_enters();
    assert_eq!(meets_at(&learner, &other).await, NORTH);
    tool.later(11 * MINUTE);
    assert_eq!(meets_at(&learner, &room).await, NORTH);
    // The whole class moves, and its teacher with it.
    assert_eq!(meets_at(&teacher, &room).await, NORTH);
}

async fn a_server_goes_when_nothing_needs_it(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let admin = tool.administrator().await;
    let campus = tool.texts("SELECT name AS value FROM server").await.remove(0);
    let removes = async |name: &str| {
        let name = name.to_owned();
        let done: Result<(), ServerRemovalError> =
            tool.db.try_write(move |tx| remove(tx, "story", &name)).await;
        done.map_err(|error| error.to_string())
    };
    let needed = format!("classes begin on {campus}: make another server the default first");
    assert!(removes(&campus).await.unwrap_err().starts_with(&needed));
    let teacher = tool.browser();
    let room = teacher.launches("tessa", "1").await.assert_enters();
    let page = OpenPage::open(&teacher, &room).await;
    another_becomes_the_default(&admin).await;
    let busy = format!("1 class takes place on {campus} now: remove it when they are over");
    assert_eq!(removes(&campus).await.unwrap_err(), busy);
    page.stays(&tool, 15).await;
    assert_eq!(removes(&campus).await.unwrap_err(), busy);
    tool.later(11 * MINUTE);
    removes(&campus).await.unwrap();
    assert_eq!(removes(&campus).await.unwrap_err(), format!("no server is named {campus}"));
    assert_eq!(meets_at(&teacher, &room).await, NORTH);
    admin.opens("/admin/audit").await.assert_says("Removed a server");
}

async fn a_server_where_learners_could_moderate_is_found_out(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let admin = tool.administrator().await;
    type SetUp = fn(&mut TokenServer);
    let rows: [(&str, SetUp, &str, &str); 4] = [
        ("Elects", |server| server.elects_first = true, "first-is-moderator", "ENABLE_AUTO_OWNER=false"),
        ("Ignores", |server| server.reads_roles = false, "role-ignored", "token_affiliation"),
        (
            "Both",
            |server| (server.elects_first, server.reads_roles) = (true, false),
            "first-is-moderator",
            "enable-auto-owner false",
        ),
        (
            "Astray",
            |server| server.domain = Some("meet.jitsi".to_owned()),
            "join-refused",
            "docker: meet.jitsi",
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
