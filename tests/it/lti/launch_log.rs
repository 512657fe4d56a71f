//! The administrator's log of launches: what platforms signed, what others claim, and what names no registration.

use std::time::Duration;

use jitsi_lti::demo::lms::{Tamper, Visit};
use jitsi_lti::lti::registration::platform::Status;

use crate::support::{
    Backend, Browser, CLIENT_ID, DEPLOYMENT, Form, NOW, Page, TestTool, form, on_both, with,
};

on_both!(
    each_launch_is_logged_with_the_checks_that_it_passed,
    the_log_holds_no_name_no_address_and_no_token,
    the_log_is_written_before_the_process_ends,
    forged_launches_share_one_small_bucket_and_are_counted,
    a_state_may_be_tried_a_few_times_only,
    launches_without_a_registration_stand_in_a_list_of_their_own,
    strangers_do_not_push_honest_entries_out,
    old_launches_go,
);

const ALL: &str = "state form platform key token single-use claims browser cookie";

async fn each_launch_is_logged_with_the_checks_that_it_passed(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (nothing, claimed, proved) = ((None, None), (None, Some(DEPLOYMENT)), (Some(DEPLOYMENT), None));
    let rows = [
        (None, "entered", ALL, proved),
        (Some(Tamper::NoKid), "token-key-missing", "state", nothing),
        (Some(Tamper::NotJson), "token-malformed", "state", nothing),
        (Some(Tamper::WrongKid), "token-key-unknown", "state form platform", claimed),
        // Signed by the platform for this very login, but not just now.
        (Some(Tamper::Expired), "token-expired", "state form platform key", proved),
        (Some(Tamper::StrangerKey), "token-signature", "state form platform key", claimed),
        (Some(Tamper::WrongNonce), "token-nonce", "state form platform key", claimed),
        (Some(Tamper::MissingRoles), "roles-missing", "state form platform key token single-use", proved),
        (Some(Tamper::LoginRequired), "platform-login-required", "", nothing),
    ];
    for (tamper, _, _, _) in &rows {
        if let Some(tamper) = tamper {
            tool.lms.behaviour().tamper_next(tamper.clone());
        }
        tool.browser().launches("ana", "1").await;
        tool.later(Duration::from_secs(1));
    }
    tool.browser().without_cookies().launches("ana", "1").await;
    tool.later(Duration::from_secs(1));
    tool.browser().brings(&form(&[("state", "guess"), ("id_token", "x")])).await;
    let log = tool.launch_log(rows.len() + 1).await;
    for ((record, (_, outcome, passed, deployment)), second) in log.iter().zip(&rows).zip(NOW..) {
        assert_eq!((record.outcome.as_str(), record.passed.as_str()), (*outcome, *passed));
        assert_eq!(record.at.millis(), second * 1000);
        assert!(record.platform_id.is_some(), "{outcome}");
        let logged = (record.deployment_id.as_deref(), record.claimed_deployment.as_deref());
        assert_eq!(logged, *deployment, "{outcome}");
        assert_eq!(record.detail.is_none(), *outcome == "entered", "{outcome}");
    }
    let blocked = &log[rows.len()];
    let passed = &ALL[..ALL.len() - " browser cookie".len()];
    assert_eq!((blocked.outcome.as_str(), blocked.passed.as_str()), ("cookies-blocked", passed));
    assert_eq!(log.len(), rows.len() + 1, "what names no platform is no launch of one");
    tool.eventually("the launch without a platform is listed", async || {
        tool.texts("SELECT code AS value FROM unregistered_launch").await == ["state-unreadable"]
    })
    .await;
}

async fn the_log_holds_no_name_no_address_and_no_token(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.browser().launches("ana", "1").await.assert_enters();
    tool.lms.behaviour().tamper_next(Tamper::MissingRoles);
    tool.browser().launches("ana", "1").await;
    tool.launch_log(2).await;
    let lines = tool
        .texts(
            "SELECT COALESCE(pseudonym,'') || ' ' || outcome || ' ' || passed || ' ' || COALESCE(detail,'') || ' ' \
             || request_id AS value FROM launch_log ORDER BY at, id",
        )
        .await;
    for line in &lines {
        for private in ["ana", "Ana", "Silva", "riverside.example", "eyJhbGci"] {
            assert!(!line.contains(private), "{private} in {line}");
        }
    }
    let pseudonyms: Vec<&str> = lines.iter().map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(pseudonyms[0].len(), 12, "{lines:?}");
    assert_eq!(pseudonyms[0], pseudonyms[1], "the same person has the same grade");
}

async fn the_log_is_written_before_the_process_ends(backend: Backend) {
    let mut tool = TestTool::start(backend).await;
    tool.browser().launches("ana", "1").await.assert_enters();
    tool.restarts().await;
    assert_eq!(tool.count("launch_log").await, 1);
}

/// How often a platform's launches were refused with a code, and nobody proved them.
async fn refused(tool: &TestTool, code: &str) -> i64 {
    let query = "SELECT CAST(COALESCE(SUM(count), 0) AS BIGINT) AS value FROM launch_refusal WHERE platform_id <> '' AND outcome = ";
    tool.number(format!("{query}'{code}'")).await
}

async fn rows(tool: &TestTool, condition: &str) -> i64 {
    tool.number(format!("SELECT COUNT(*) AS value FROM launch_log WHERE {condition}")).await
}

async fn forged_launches_share_one_small_bucket_and_are_counted(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.browser().launches("ana", "1").await.assert_enters();
    tool.browser().launches("tessa", "1").await.assert_enters();
    let mine = tool.browser().prepares("ana", "1").await;
    let payload = |form: &Form| form.iter().find(|(name, _)| name == "id_token").unwrap().1.clone();
    let signed = payload(&mine);
    let (head, _) = signed.rsplit_once('.').unwrap();
    // A token that names the real deployment, under a login of the stranger's own each time.
    for _ in 0..56 {
        let login = tool.lms.login_initiation(&Visit::new("ana", "1")).unwrap();
        let state = tool.browser().logs_in(&login).await.query();
        let state = &state.iter().find(|(name, _)| name == "state").unwrap().1;
        let forged = form(&[("state", state), ("id_token", &format!("{head}.AAAA"))]);
        tool.browser().brings(&forged).await.assert_refused(401, "token-signature");
    }
    tool.eventually("all are counted", async || refused(&tool, "token-signature").await == 56).await;
    assert_eq!(rows(&tool, &format!("deployment_id = '{DEPLOYMENT}' AND outcome = 'entered'")).await, 2);
    assert_eq!(rows(&tool, "deployment_id IS NULL").await, 50);
    assert_eq!(rows(&tool, &format!("claimed_deployment = '{DEPLOYMENT}'")).await, 50);
    let admin = tool.administrator().await;
    let page = admin.opens(format!("/admin/platforms/{}", tool.platform_id().await)).await;
    page.assert_says("data-refused=\"token-signature\"").assert_says("56 times").assert_says("(claimed)");
}

async fn a_state_may_be_tried_a_few_times_only(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let browser = tool.browser();
    let launch = browser.prepares("ana", "1").await;
    let forged = with(launch.clone(), "id_token", Some("a.b.c"));
    for n in 0..40 {
        let page = browser.brings(&forged).await;
        let expected = if n < 5 { "400 token-malformed" } else { "429 state-tried-too-often" };
        assert_eq!(page.outcome(), expected, "{n}");
    }
    browser.brings(&launch).await.assert_refused(429, "state-tried-too-often");
    browser.launches("ana", "1").await.assert_enters();
    tool.eventually("all are counted", async || {
        refused(&tool, "state-tried-too-often").await == 36 && tool.count("launch_log").await == 6
    })
    .await;
    assert_eq!(rows(&tool, "outcome = 'token-malformed'").await, 5);
    // Somebody who goes back and reloads is told what happened, some times.
    let browser = tool.browser();
    let launch = browser.prepares("ana", "1").await;
    browser.brings(&launch).await.assert_enters();
    for _ in 0..4 {
        browser.brings(&launch).await.assert_refused(400, "state-used");
    }
}

async fn login(tool: &TestTool, changes: &[(&str, Option<&str>)]) -> Page {
    let mut login = tool.lms.login_initiation(&Visit::new("ana", "1")).unwrap();
    for (name, value) in changes {
        login.fields = with(login.fields, name, *value);
    }
    tool.browser().logs_in(&login).await
}

const LEGACY: [(&str, &str); 6] = [
    ("lti_version", "LTI-1p0"),
    ("lti_message_type", "basic-lti-launch-request"),
    ("oauth_consumer_key", "old-key-7"),
    ("oauth_signature", "x"),
    ("resource_link_id", "1"),
    ("tool_consumer_instance_guid", "old.lms.example"),
];

async fn launches_without_a_registration_stand_in_a_list_of_their_own(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let issuer = tool.lms.settings().issuer.clone();
    login(&tool, &[("iss", Some("https://new.example")), ("client_id", Some("c-1"))])
        .await
        .assert_refused(404, "platform-unknown");
    login(&tool, &[("client_id", Some("c-typo"))])
        .await
        .assert_refused(404, "client-unknown")
        .assert_says(&issuer)
        .assert_says("c-typo")
        .assert_says("We know your LMS");
    for path in ["/lti/launch", "/lti/login"] {
        let page = tool.browser().submits_from_elsewhere(path, &form(&LEGACY)).await;
        page.assert_refused(400, "legacy-launch").assert_says("LTI 1.1").assert_says("old-key-7");
    }
    let stray = form(&[("error", "invalid_request"), ("error_description", "<b>call 555-0100</b>")]);
    let page = tool.browser().brings(&stray).await;
    page.assert_refused(400, "platform-error-stray");
    assert!(!page.body.contains("555-0100"), "nobody can write on our pages");
    tool.browser().brings(&form(&[("id_token", "x")])).await.assert_refused(400, "launch-incomplete");
    // What belongs to a registration stands in its own list.
    tool.lms.behaviour().tamper_next(Tamper::LoginRequired);
    tool.browser().launches("ana", "1").await.assert_refused(401, "platform-login-required");
    tool.later(Duration::from_secs(1));
    tool.sets_platform(Status::Disabled).await;
    login(&tool, &[]).await.assert_refused(403, "platform-disabled");
    let log = tool.launch_log(2).await;
    let outcomes: Vec<&str> = log.iter().map(|one| one.outcome.as_str()).collect();
    assert_eq!(outcomes, ["platform-login-required", "platform-disabled"]);
    tool.eventually("all are noted", async || tool.count("unregistered_launch").await == 5).await;
    let admin = tool.administrator().await;
    admin
        .opens("/admin")
        .await
        .assert_says("href=\"/admin/unregistered\"")
        .assert_says("5 in the last 24 hours");
    let page = admin.opens("/admin/unregistered").await;
    for text in [
        "data-code=\"platform-unknown\"",
        "https://new.example",
        "data-code=\"client-unknown\"",
        &issuer,
        "c-typo",
        "data-code=\"legacy-launch\"",
        "old.lms.example",
        "old-key-7",
        "data-code=\"platform-error-stray\"",
        "data-code=\"launch-incomplete\"",
    ] {
        page.assert_says(text);
    }
    assert!(!page.body.contains(CLIENT_ID), "{}", page.body);
    tool.browser().opens("/admin/unregistered").await.assert_refused(403, "admin-missing");
}

/// A login from somewhere, as a proxy on this machine passes it on.
async fn login_from(browser: &Browser, network: &str, issuer: &str) {
    let fields = form(&[("iss", issuer), ("client_id", "c"), ("login_hint", "x")]);
    let request = browser.raw("POST", "/lti/login").header("x-forwarded-for", network).form(&fields);
    assert_eq!(request.send().await.unwrap().status(), 404);
}

async fn strangers_do_not_push_honest_entries_out(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let browser = tool.browser();
    let issuers = async || tool.texts("SELECT issuer AS value FROM unregistered_launch").await;
    for _ in 0..2 {
        login_from(&browser, "192.0.2.7", "https://honest.example").await;
    }
    tool.eventually("it is noted", async || issuers().await == ["https://honest.example"]).await;
    // One network brings in few, whatever it sends.
    for n in 0..20 {
        login_from(&browser, "198.51.100.1", &format!("https://{n}.example/{}", "x".repeat(1_500))).await;
    }
    let counted = "SELECT count AS value FROM launch_refusal WHERE platform_id = ''".to_owned();
    tool.eventually("all are counted", async || tool.number(counted.clone()).await == 22).await;
    assert_eq!(issuers().await.len(), 6);
    assert!(issuers().await.iter().all(|issuer| issuer.len() <= 255));
    // Many networks push out one another.
    for n in 0..70 {
        login_from(&browser, &format!("203.0.113.{n}"), &format!("https://flood-{n}.example")).await;
    }
    tool.eventually("all are counted", async || tool.number(counted.clone()).await == 92).await;
    let left = issuers().await;
    assert!(left.len() <= 50, "{}", left.len());
    assert!(left.contains(&"https://honest.example".to_owned()), "who came again stays");
}

async fn old_launches_go(backend: Backend) {
    let mut tool = TestTool::start(backend).await;
    tool.browser().launches("ana", "1").await.assert_enters();
    login(&tool, &[("iss", Some("https://new.example"))]).await;
    tool.launch_log(1).await;
    tool.eventually("it is noted", async || tool.count("unregistered_launch").await == 1).await;
    tool.later(Duration::from_secs(31 * 24 * 60 * 60));
    tool.browser().launches("ana", "1").await.assert_enters();
    tool.eventually("strangers are forgotten", async || tool.count("unregistered_launch").await == 0).await;
    assert_eq!(tool.launch_log(2).await.len(), 2);
    tool.later(Duration::from_secs(150 * 24 * 60 * 60));
    tool.restarts().await;
    tool.browser().launches("ana", "1").await.assert_enters();
    tool.eventually("old ones are forgotten", async || rows(&tool, &format!("at < {NOW}500")).await == 0)
        .await;
    assert_eq!(tool.count("launch_log").await, 2);
}
