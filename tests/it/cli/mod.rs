//! The program as operators use it.

mod removing;
mod starting;

use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

use futures::future::join_all;
use jitsi_lti::clock::SystemClock;
use jitsi_lti::demo::jitsi::{JitsiSettings, JitsiSim, SimKeys, SimKind, TokenServer};
use jitsi_lti::demo::lms::Tamper;

use crate::support::{Backend, Browser, CLIENT_ID, Serving, Shell, Site, Storage, on_both, redis_url};

on_both!(a_platform_is_added_listed_shown_and_switched, two_processes_without_redis_are_one_too_many);

/// A terminal with a database of this kind, without Redis.
fn shell(storage: &Storage) -> Shell {
    Shell::at(&storage.url())
}

async fn a_platform_is_added_listed_shown_and_switched(backend: Backend) {
    let storage = Storage::empty(backend);
    let shell = shell(&storage);
    let (lms, _site, _) = Serving::platform();
    let issuer = lms.settings().issuer.clone();
    let named = ["--issuer", issuer.as_str(), "--client-id", CLIENT_ID];
    let about = |command: &'static str| [&["platform", command], &named[..]].concat();
    assert!(shell.does(&["platform", "list"]).contains("No platform is registered"));
    shell.fails(&about("show"), "no platform is registered with issuer");
    assert!(shell.adds(&lms).contains("Registered"));
    assert!(shell.adds(&lms).contains("Registered"), "again changes nothing");
    let list = shell.does(&["platform", "list"]);
    assert_eq!(list.matches(&issuer).count(), 1, "{list}");
    let shown = shell.does(&about("show"));
    for line in
        [lms.auth_url(), lms.token_url(), lms.jwks_url(), "/lti/login".to_owned(), "/lti/jwks".to_owned()]
    {
        assert!(shown.contains(&line), "{line} in {shown}");
    }
    assert_eq!(shown.matches("deployment").count(), 1, "{shown}");
    assert!(shell.does(&about("disable")).contains("disabled"));
    shell.adds(&lms);
    assert!(shell.does(&["platform", "list"]).starts_with("disabled"), "what was switched off stays off");
    assert!(shell.does(&about("enable")).contains("active"));
    assert!(shell.does(&["platform", "list"]).starts_with("active"));
    shell.fails(
        &["platform", "disable", "--issuer", &issuer, "--client-id", "other"],
        "no platform is registered",
    );
    let tested = shell.does(&about("test"));
    assert_eq!(tested.matches("ok ").count(), 4, "{tested}");
    lms.behaviour().set(|now| now.keys_down = true);
    let output = shell.fails(&about("test"), "1 check(s) failed");
    assert!(output.out.contains("FAILED public keyset"), "{}", output.out);
}

#[test]
fn platforms_that_could_never_launch_are_refused() {
    let shell = Shell::new();
    let add = |issuer: &str, client: &str, url: &str| {
        let shell = &shell;
        shell.runs(&[
            "platform",
            "add",
            "--issuer",
            issuer,
            "--client-id",
            client,
            "--auth-url",
            url,
            "--token-url",
            url,
            "--jwks-url",
            url,
        ])
    };
    let rows = [
        ("Riverside", "c", "https://lms.example/x", "the issuer must be the URL"),
        ("https://lms.example", "", "https://lms.example/x", "the client id must have"),
        ("https://lms.example", "c", "http://lms.example/x", "is not an https address"),
        ("https://lms.example", "c", "https://192.168.1.9/x", "--allow-private-network"),
        ("https://lms.example", "c", "https://127.0.0.1/x", "--allow-private-network"),
    ];
    for (issuer, client, url, words) in rows {
        let output = add(issuer, client, url);
        assert!(!output.worked && output.err.contains(words), "{issuer} {client} {url}: {}", output.err);
    }
    let output = add("https://lms.example", "c", "https://lms.example/x");
    assert!(output.worked && output.out.contains("no deployment yet"), "{}", output.out);
}

fn jitsi(kind: impl FnOnce(&str) -> SimKind) -> Site {
    let (place, origin) = Site::place();
    let kind = kind(&origin);
    let sim = JitsiSim::new(JitsiSettings { origin, kind }, Arc::new(SystemClock)).unwrap();
    Site::serve(place, sim.routes())
}

const SECRET: &str = "the app_secret of this campus's Jitsi";

fn with_secret(secret: &str) -> Site {
    let keys = SimKeys::Secret(secret.to_owned());
    jitsi(|_| SimKind::Token(TokenServer::new("campus", keys, "127.0.0.1")))
}

// The simulated servers run in threads of their own, so a command that is waited for may ask them.
#[test]
fn servers_are_added_listed_and_tested() {
    let shell = Shell::new();
    assert!(shell.does(&["server", "list"]).contains("No Jitsi server is set up"));
    let (right, wrong, open) = (
        with_secret(SECRET),
        with_secret("another secret, just as long as the first"),
        jitsi(|_| SimKind::Open),
    );
    let secret = shell.file("app_secret", &format!("{SECRET}\n"));
    let add = |name: &str, kind: &str, site: &Site, more: &[&str]| {
        let args = ["server", "add", "--name", name, "--kind", kind, "--domain", &site.origin];
        shell.does(&[&args[..], more].concat())
    };
    let own = ["--app-id", "campus", "--secret-file", &secret];
    add("right", "self-hosted", &right, &own);
    add("wrong", "self-hosted", &wrong, &own);
    add("unguarded", "self-hosted", &open, &own);
    add("open", "public", &open, &[]);
    add("closed", "public", &right, &[]);
    let output = shell.does(&["server", "test", "right"]);
    assert_eq!(output.matches("ok ").count(), 6, "{output}");
    for words in
        ["A valid token is accepted", "a wrong signature is refused", "Nobody gets in without a token"]
    {
        assert!(output.contains(words), "{output}");
    }
    let rows = [
        ("wrong", "A valid token is refused (Invalid signature)"),
        ("unguarded", "People without a token get in"),
        ("closed", "The server asks for a token"),
    ];
    for (name, words) in rows {
        let output = shell.fails(&["server", "test", name], "check(s) failed");
        assert!(output.out.contains(words), "{name}: {}", output.out);
    }
    let output = shell.does(&["server", "test", "open"]);
    assert!(output.contains("notice  People join without a token"), "{output}");
    let list = shell.does(&["server", "list"]);
    assert_eq!(list.lines().count(), 5);
    let default = |list: &str| {
        list.lines().filter(|line| line.contains(" default ")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert!(default(&list).len() == 1 && default(&list)[0].contains(" right "), "{list}");
    shell.does(&["server", "default", "open"]);
    let list = shell.does(&["server", "list"]);
    assert!(default(&list).len() == 1 && default(&list)[0].contains(" open "), "{list}");
    assert!(!list.contains(SECRET));
    shell.fails(&["server", "test", "nobody"], "no server is named nobody");
    let again = ["server", "add", "--name", "right", "--kind", "public", "--domain", &open.origin];
    shell.fails(&again, "a server named right exists already");
}

#[test]
fn servers_that_could_never_work_are_refused() {
    let shell = Shell::new();
    let empty = shell.file("empty", "");
    let key = shell.file("key.pem", "no key");
    let rows: [(&[&str], &str); 9] = [
        (&["--kind", "public"], "needs --domain"),
        (&["--kind", "public", "--domain", "http://meet.example.org"], "must use https"),
        (&["--kind", "public", "--domain", "https://meet.example.org/path"], "not a host name"),
        (&["--kind", "self-hosted", "--domain", "meet.example.org", "--app-id", "a"], "needs --secret-file"),
        (&["--kind", "self-hosted", "--domain", "meet.example.org", "--secret", "s"], "needs --app-id"),
        (
            &[
                "--kind",
                "self-hosted",
                "--domain",
                "meet.example.org",
                "--app-id",
                "a",
                "--secret-file",
                &empty,
            ],
            "the secret is empty",
        ),
        (
            &[
                "--kind",
                "self-hosted",
                "--domain",
                "m.example",
                "--app-id",
                "a",
                "--secret",
                "s",
                "--public-key",
            ],
            "keep one",
        ),
        (
            &["--kind", "jaas", "--app-id", "magic", "--key-id", "magic/1", "--key-file", &key],
            "vpaas-magic-cookie-",
        ),
        (
            &[
                "--kind",
                "jaas",
                "--app-id",
                "vpaas-magic-cookie-1",
                "--key-id",
                "vpaas-magic-cookie-1/a",
                "--key-file",
                &key,
            ],
            "the key cannot be used",
        ),
    ];
    for (more, words) in rows {
        shell.fails(&[&["server", "add", "--name", "x"], more].concat(), words);
    }
    let public_key = [
        "server",
        "add",
        "--name",
        "x",
        "--kind",
        "self-hosted",
        "--domain",
        "m.example",
        "--app-id",
        "a",
        "--public-key",
    ];
    assert!(shell.does(&public_key).contains("asap_key_server = \"http://localhost:8080/jitsi/keys\""));
}

#[test]
fn settings_that_cannot_be_right_are_refused_in_a_sentence() {
    let list = &["platform", "list"];
    Shell::new().with("JITSI_LTI_BASEURL", "x").fails(list, "did you mean JITSI_LTI_BASE_URL?");
    Shell::new().with("JITSI_LTI_BASE_URL", "http://class.example.org").fails(list, "use https");
    Shell::new().with("JITSI_LTI_BASE_URL", "https://class.example.org/lti").fails(list, "no path");
    Shell::new().with("JITSI_LTI_DATABASE_URL", "mysql://x/y").fails(list, "sqlite:// or postgres://");
    Shell::new().with("JITSI_LTI_DATABASE_URL_FILE", "/no/such/file").fails(list, "cannot be read");
    let both = Shell::new().with("JITSI_LTI_SECRET_KEY", "1:x").with("JITSI_LTI_SECRET_KEY_FILE", "y");
    both.fails(list, "both set; keep one");
    let shell = Shell::new();
    let config = shell.file("lti-config.json", r#"{"title": "x", "description": "y", "platform": []}"#);
    shell.fails(list, "platform");
    std::fs::remove_file(config).unwrap();
    shell.does(list);
    Shell::new()
        .with("JITSI_LTI_SECRET_KEY", "1:short")
        .fails(&["serve", "--listen", "127.0.0.1:0"], "32 bytes");
}

#[test]
fn a_secret_that_others_can_read_is_refused() {
    let shell = Shell::new();
    let keys = shell.folder().join("keys");
    std::fs::create_dir(&keys).unwrap();
    std::fs::set_permissions(&keys, std::fs::Permissions::from_mode(0o700)).unwrap();
    let secret = shell.file("keys/secret", "1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n");
    for mode in [0o644, 0o640, 0o604] {
        std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(mode)).unwrap();
        shell.fails(&["serve", "--listen", "127.0.0.1:0"], "run chmod 600");
    }
}

#[test]
fn a_secret_is_made_once_and_for_its_owner_alone() {
    let shell = Shell::new();
    let open = ["server", "add", "--name", "a", "--kind", "public", "--domain", "meet.example.org"];
    shell.does(&open);
    let secret = shell.folder().join("keys/secret");
    let (mode, text) =
        (std::fs::metadata(&secret).unwrap().permissions().mode(), std::fs::read_to_string(&secret).unwrap());
    assert_eq!(mode & 0o777, 0o600);
    shell.does(&["server", "default", "a"]);
    assert_eq!(std::fs::read_to_string(&secret).unwrap(), text);
}

async fn two_processes_without_redis_are_one_too_many(backend: Backend) {
    let storage = Storage::empty(backend);
    let (lms, _site, port) = Serving::platform();
    let base_url = format!("http://localhost:{port}");
    let shell = shell(&storage);
    shell.adds(&lms);
    let first = shell.serves(port, &base_url).await;
    shell.fails(&["serve", "--listen", "127.0.0.1:0"], "another process serves this database already");
    Browser::new(&first.origin, lms.clone()).launches("ana", "1").await.assert_enters();
    // Commands go on working beside it, and the place is free when it is gone, however it went.
    shell.does(&["platform", "list"]);
    first.dies();
    let second = shell.serves(port, &base_url).await;
    let browser = Browser::new(&second.origin, lms);
    browser.launches("ana", "1").await.assert_enters();
    second.ends_well();
}

#[tokio::test]
async fn serve_stops_when_asked_and_its_log_is_silent_on_people() {
    let (lms, _site, port) = Serving::platform();
    let shell = Shell::new();
    shell.adds(&lms);
    let serving = shell.serves(port, &format!("http://localhost:{port}")).await;
    let browser = Browser::new(&serving.origin, lms.clone());
    let launch = browser.prepares("ana", "1").await;
    let room = browser.brings(&launch).await.assert_enters();
    browser.brings(&launch).await.assert_refused(400, "state-used");
    browser.opens(room.path()).await.assert_says("Ana Silva");
    lms.behaviour().tamper_next(Tamper::MissingRoles);
    browser.launches("ana", "1").await.assert_refused(400, "roles-missing");
    lms.behaviour().tamper_next(Tamper::LoginRequired);
    browser.launches("ana", "1").await;
    browser.opens("/lti/login?iss=https%3A%2F%2Fx.example&login_hint=hint-4711").await;
    let (status, log) = serving.stops();
    assert_eq!(status.code(), Some(0), "{log}");
    for line in log.lines() {
        assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "every line is JSON: {line}");
    }
    for wanted in ["\"serving\"", "state-used", "roles-missing", "\"stopped\"", "/lti/launch"] {
        assert!(log.contains(wanted), "{wanted} in {log}");
    }
    let state = &launch.iter().find(|(name, _)| name == "state").unwrap().1[..20];
    let private = [
        "eyJ",
        "Ana",
        "Silva",
        "riverside.example",
        "\"ana\"",
        "hint-4711",
        "__Host-",
        "active user session",
        state,
    ];
    for private in private {
        assert!(!log.contains(private), "{private} in {log}");
    }
}

/// Two processes with one database, one Redis and one secret.
async fn fleet(shells: &[Shell; 2], ports: [u16; 2], base_url: &str) -> [Serving; 2] {
    [shells[0].serves(ports[0], base_url).await, shells[1].serves(ports[1], base_url).await]
}

#[tokio::test]
async fn of_two_processes_exactly_one_takes_a_launch() {
    let storage = Storage::empty(Backend::Postgres);
    let (lms, _site, port) = Serving::platform();
    let base_url = format!("http://localhost:{port}");
    let secret = "1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
    let shells = [(), ()].map(|()| {
        shell(&storage).with("JITSI_LTI_REDIS_URL", &redis_url()).with("JITSI_LTI_SECRET_KEY", secret)
    });
    shells[0].adds(&lms);
    let ports = [port, crate::support::free_port()];
    let both = fleet(&shells, ports, &base_url).await;
    let browser = Browser::new(&both[0].origin, lms);
    let mut used = Vec::new();
    for _ in 0..3 {
        let launch = browser.prepares("ana", "1").await;
        let posts = (0..8).map(|number| browser.brings_to(&both[number % 2].origin, &launch));
        let mut outcomes: Vec<String> = join_all(posts).await.iter().map(|page| page.outcome()).collect();
        outcomes.sort();
        let mut expected = vec!["400 state-used"; 7];
        expected.push("enters");
        assert_eq!(outcomes, expected);
        used.push(launch);
    }
    // A room entered through one process is open at the other.
    let launched = browser.launches("ana", "1").await;
    launched.assert_enters();
    let cookies: Vec<String> =
        browser.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect();
    let there = format!("http://127.0.0.1:{}{}", ports[1], launched.header("location"));
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = http.get(there).header("cookie", cookies.join("; ")).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    let begun = browser.prepares("ana", "1").await;
    for serving in both {
        serving.ends_well();
    }
    let both = fleet(&shells, ports, &base_url).await;
    for (launch, serving) in used.iter().zip(both.iter().cycle()) {
        browser.brings_to(&serving.origin, launch).await.assert_refused(400, "state-used");
    }
    browser.brings_to(&both[1].origin, &begun).await.assert_enters();
    // Both sign with the same keys.
    let mut keys = Vec::new();
    for serving in &both {
        keys.push(
            http.get(format!("{}/lti/jwks", serving.origin)).send().await.unwrap().text().await.unwrap(),
        );
    }
    assert_eq!(keys[0], keys[1]);
}

#[test]
fn the_help_lists_the_settings_once_and_a_commands_own_flags_first() {
    let shell = Shell::new();
    let help = shell.does(&["help"]);
    for heading in ["Addresses:", "Administrators' sign-in (OpenID Connect):", "Data:", "Keys:", "--base-url"]
    {
        assert_eq!(help.matches(heading).count(), 1, "{heading}: {help}");
    }
    assert!(shell.does(&["serve", "--help"]).contains("--redis-url"));
    for command in [&["platform", "add"][..], &["server", "add"], &["admin", "link"], &["doctor"], &["demo"]]
    {
        let help = shell.does(&[command, &["--help"]].concat());
        assert!(!help.contains("--redis-url") && !help.contains("--trusted-proxies"), "{help}");
        assert!(help.contains("jitsi-lti help"), "{help}");
    }
    // What is not shown works all the same, before and after the command.
    let elsewhere = shell.folder().join("elsewhere");
    let folder = elsewhere.to_str().unwrap();
    shell.does(&["platform", "list", "--data-dir", folder]);
    shell.does(&["--data-dir", folder, "platform", "list"]);
    assert!(elsewhere.join("jitsi-lti.sqlite3").exists());
}

#[test]
fn exit_codes_tell_a_wrong_call_wrong_settings_and_an_outage_apart() {
    let shell = Shell::new();
    let nobody = "postgres://postgres@127.0.0.1:1/nobody";
    for (args, code, words) in [
        (&["--no-such-flag", "serve"][..], 64, "--no-such-flag"),
        (&["no-such-command"], 64, "no-such-command"),
        (&["--base-url", "class.example.org", "serve"], 64, "write the whole address"),
        (&["--base-url", "localhost:8080", "serve"], 64, "write the whole address"),
        (&["--listen", "8080", "serve"], 64, "write an IP address and a port"),
        (&["--base-url", "http://class.example.org", "serve"], 78, "https"),
        (&["--database-url", nobody, "platform", "list"], 69, "the database cannot be opened"),
        (&["server", "default", "nobody"], 1, "nobody"),
        (&["--version"], 0, ""),
    ] {
        let output = shell.runs(args);
        assert_eq!(output.code, Some(code), "{args:?}: {}{}", output.out, output.err);
        assert!(output.err.contains(words), "{args:?}: {}", output.err);
    }
}

#[tokio::test]
async fn the_doctor_says_what_is_missing_until_nothing_is() {
    let (lms, _site, port) = Serving::platform();
    let shell = Shell::new();
    let failing = |shell: &Shell| {
        let output = shell.fails(&["doctor"], "check(s) failed");
        let lines = output.out.lines().filter_map(|line| line.strip_prefix("FAILED "));
        lines.map(|line| line.split(' ').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(failing(&shell), ["secret", "database"]);
    assert_eq!(std::fs::read_dir(shell.folder()).unwrap().count(), 0, "a look leaves nothing behind");
    let listen = format!("127.0.0.1:{port}");
    shell.fails(&["healthcheck", "--listen", &listen], "does not answer");
    shell.does(&["migrate"]);
    assert_eq!(failing(&shell), ["secret", "server", "platform", "deployment"]);
    shell.adds(&lms);
    shell.does(&["server", "add", "--name", "open", "--kind", "public", "--domain", "meet.example.org"]);
    let serving = shell.serves(port, &format!("http://localhost:{port}")).await;
    assert_eq!(shell.does(&["doctor"]).matches("ok ").count(), 7);
    assert_eq!(shell.does(&["healthcheck", "--listen", &listen]), "ready\n");
    serving.ends_well();
    // Without the secret nobody could open what it sealed: no new one takes its place.
    let file = shell.folder().join("keys/secret");
    let secret = std::fs::read(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    let add = ["server", "add", "--name", "late", "--kind", "public", "--domain", "late.example.org"];
    assert_eq!(failing(&shell), ["secret"]);
    assert!(shell.runs(&["doctor"]).out.contains("bring the file back from a backup"));
    for command in [&["serve", "--listen", "127.0.0.1:0"][..], &["keys", "list"], &add] {
        shell.fails(command, "bring the file back from a backup");
        assert!(!file.exists(), "{command:?}");
    }
    std::fs::write(&file, secret).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    let again = shell.serves(port, &format!("http://localhost:{port}")).await;
    again.ends_well();
}
