//! What the program says when something it needs is missing or mistyped.

use crate::support::{Serving, Shell, free_port};

#[test]
fn a_mistyped_path_makes_no_folders() {
    let shell = Shell::new();
    let list = &["platform", "list"];
    let astray = shell.folder().join("vra/lib/jitsi-lti");
    let url = format!("sqlite://{}/tool.sqlite3", astray.display());
    let words = format!("{} for the database does not exist", astray.display());
    let mistyped = shell.runs(&["--database-url", &url, "platform", "list"]);
    assert_eq!(mistyped.code, Some(78), "{}", mistyped.err);
    assert!(
        mistyped.err.contains(&words) && mistyped.err.contains("JITSI_LTI_DATABASE_URL"),
        "{}",
        mistyped.err
    );
    let output =
        shell.fails(&["--data-dir", astray.to_str().unwrap(), "platform", "list"], "JITSI_LTI_DATA_DIR");
    assert!(output.err.contains("vra/lib for the database does not exist"), "{}", output.err);
    let output = shell.fails(&["--database-url", &url, "doctor"], "check(s) failed");
    assert!(output.out.contains(&words), "{}", output.out);
    assert_eq!(std::fs::read_dir(shell.folder()).unwrap().count(), 0);
    shell.does(list);
    assert!(shell.folder().join("data/jitsi-lti.sqlite3").exists(), "the data folder is made");
}

#[test]
fn redis_that_does_not_answer_is_named_without_its_password() {
    let port = free_port();
    let url = format!("redis://tool:hunter2@127.0.0.1:{port}/3");
    let shell = Shell::new().with("JITSI_LTI_REDIS_URL", &url);
    let output = shell.fails(&["serve", "--listen", "127.0.0.1:0"], "or correct JITSI_LTI_REDIS_URL");
    assert_eq!(output.code, Some(69));
    assert!(
        output.err.contains(&format!("Redis at redis://tool@127.0.0.1:{port}/3 can't be used")),
        "{}",
        output.err
    );
    let looked = shell.runs(&["doctor"]);
    assert!(looked.out.contains(&format!("redis://tool@127.0.0.1:{port}/3")), "{}", looked.out);
    assert!(!(output.err + &looked.out).contains("hunter2"));
    let output = Shell::new().with("JITSI_LTI_REDIS_URL", "127.0.0.1:6379").runs(&["serve"]);
    assert_eq!(output.code, Some(78), "{}", output.err);
    assert!(output.err.contains("redis://HOST:6379"), "{}", output.err);
}

#[test]
fn a_link_opens_what_listens_unless_another_address_is_set() {
    let shell = Shell::new();
    let link = |more: &[&str]| shell.does(&[more, &["admin", "link"]].concat());
    assert!(link(&[]).starts_with("http://localhost:8080/admin/enter/"));
    assert!(link(&["--listen", "127.0.0.1:9123"]).starts_with("http://localhost:9123/admin/enter/"));
    let set = ["--listen", "127.0.0.1:9123", "--base-url", "https://class.example.org"];
    assert!(link(&set).starts_with("https://class.example.org/admin/enter/"));
}

#[test]
fn a_platform_says_what_still_keeps_people_out() {
    let shell = Shell::new();
    let (lms, _site, _) = Serving::platform();
    let issuer = lms.settings().issuer.clone();
    assert!(!shell.adds(&lms).contains("deployment"));
    let urls =
        ["--auth-url", &lms.auth_url(), "--token-url", &lms.token_url(), "--jwks-url", &lms.jwks_url()]
            .map(str::to_owned);
    let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
    let add = |client: &str| {
        let named =
            ["platform", "add", "--issuer", &issuer, "--client-id", client, "--allow-private-network"];
        shell.does(&[&named[..], &urls].concat())
    };
    assert!(!add(crate::support::CLIENT_ID).contains("no deployment yet"), "it has one from before");
    let output = add("another");
    assert!(
        output.contains("no deployment yet") && output.contains("http://localhost:8080/admin"),
        "{output}"
    );
}
