//! Third-party login initiation.

use jitsi_lti::demo::lms::{LoginInitiation, Visit};
use jitsi_lti::lti::registration::platform::Status;

use crate::support::{Backend, CLIENT_ID, DEPLOYMENT, Form, Page, Setup, TestTool, form, on_both, with};

on_both!(
    a_login_by_get_and_by_post_asks_the_platform_for_exactly_this,
    hints_go_back_unchanged,
    hints_of_more_than_eight_kilobytes_are_refused,
    the_query_of_an_authentication_url_stays,
    a_login_sets_a_cookie_pair_that_every_browser_keeps,
    a_login_without_what_it_needs_is_refused,
    an_unknown_platform_is_named_on_the_page,
    hostile_names_on_the_page_are_text,
    without_a_client_id_the_issuer_decides_where_it_can,
    a_disabled_platform_cannot_begin,
    canvas_names_the_deployment_its_own_way,
);

fn login(tool: &TestTool, change: &[(&str, Option<&str>)]) -> LoginInitiation {
    let mut login = tool.lms.login_initiation(&Visit::new("ana", "1")).unwrap();
    for (name, value) in change {
        login.fields = with(login.fields, name, *value);
    }
    login
}

async fn answer(tool: &TestTool, change: &[(&str, Option<&str>)]) -> Page {
    tool.browser().logs_in(&login(tool, change)).await
}

fn field<'a>(form: &'a Form, name: &str) -> &'a str {
    let found: Vec<&str> =
        form.iter().filter(|(one, _)| one == name).map(|(_, value)| value.as_str()).collect();
    assert_eq!(found.len(), 1, "{name} in {form:?}");
    found[0]
}

async fn a_login_by_get_and_by_post_asks_the_platform_for_exactly_this(backend: Backend) {
    let tool = TestTool::start(backend).await;
    for by_get in [false, true] {
        tool.lms.behaviour().set(|now| now.login_by_get = by_get);
        let answer = answer(&tool, &[("lti_message_hint", Some("m 1"))]).await;
        assert_eq!(answer.status, 200, "a browser that brings no cookie of ours gets a page first");
        assert!(answer.location().as_str().starts_with(&format!("{}?", tool.lms.auth_url())));
        let asked = answer.query();
        let fixed = [
            ("scope", "openid"),
            ("response_type", "id_token"),
            ("response_mode", "form_post"),
            ("prompt", "none"),
            ("client_id", CLIENT_ID),
            ("redirect_uri", &format!("{}/lti/launch", tool.origin)),
            ("login_hint", "ana"),
            ("lti_message_hint", "m 1"),
        ];
        for (name, value) in fixed {
            assert_eq!(field(&asked, name), value);
        }
        assert!(field(&asked, "nonce").len() >= 24 && field(&asked, "state").len() >= 24);
        assert_eq!(asked.len(), fixed.len() + 2, "nothing else is asked: {asked:?}");
    }
}

async fn hints_go_back_unchanged(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let long = "x".repeat(8 * 1024 - 3);
    let json = r#"{"cmid": 7, "a+b": "ü & <x>"}"#;
    for hint in [json, long.as_str(), "a+b%20c==", "äöü 漢字", "18"] {
        let asked = answer(&tool, &[("lti_message_hint", Some(hint))]).await.query();
        assert_eq!(field(&asked, "lti_message_hint"), hint);
        assert_eq!(field(&asked, "login_hint"), "ana");
        let asked = answer(&tool, &[("login_hint", Some(hint)), ("lti_message_hint", None)]).await.query();
        assert_eq!(field(&asked, "login_hint"), hint);
        assert!(asked.iter().all(|(name, _)| name != "lti_message_hint"), "no hint came, none goes back");
    }
}

async fn hints_of_more_than_eight_kilobytes_are_refused(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let long = "x".repeat(9 * 1024);
    answer(&tool, &[("lti_message_hint", Some(&long))]).await.assert_refused(400, "login-incomplete");
}

async fn the_query_of_an_authentication_url_stays(backend: Backend) {
    let tool = Setup::new(backend).auth_query("?tenant=a%20b").start().await;
    let asked = answer(&tool, &[]).await.query();
    assert_eq!(asked[0], ("tenant".to_owned(), "a b".to_owned()));
    assert_eq!(field(&asked, "scope"), "openid");
}

async fn a_login_sets_a_cookie_pair_that_every_browser_keeps(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let cookies = answer(&tool, &[]).await.set_cookies();
    assert_eq!(cookies.len(), 2, "{cookies:?}");
    for cookie in &cookies {
        let attributes: Vec<&str> = cookie.split("; ").skip(1).collect();
        for wanted in ["Secure", "HttpOnly", "SameSite=None", "Path=/", "Max-Age=600"] {
            assert!(attributes.contains(&wanted), "{wanted} in {cookie}");
        }
        assert!(cookie.starts_with("__Host-"), "{cookie}");
    }
    let partitioned = cookies.iter().filter(|cookie| cookie.ends_with("; Partitioned")).count();
    assert_eq!(partitioned, 1, "{cookies:?}");
    let names: Vec<&str> = cookies.iter().map(|cookie| cookie.split('=').next().unwrap()).collect();
    assert_ne!(names[0], names[1]);
    let again = answer(&tool, &[]).await.set_cookies();
    assert!(!again[0].starts_with(&format!("{}=", names[0])), "each login has a name of its own");
}

async fn a_login_without_what_it_needs_is_refused(backend: Backend) {
    let tool = TestTool::start(backend).await;
    for name in ["iss", "login_hint"] {
        for value in [None, Some("")] {
            answer(&tool, &[(name, value)]).await.assert_refused(400, "login-incomplete");
        }
    }
    // The target is checked at the launch; a login may leave it out, as Canvas's documentation allows.
    let login = login(&tool, &[("target_link_uri", None), ("lti_deployment_id", None)]);
    let browser = tool.browser();
    let launch = browser.asks_platform(&browser.logs_in(&login).await);
    browser.brings(&launch).await.assert_enters();
}

async fn an_unknown_platform_is_named_on_the_page(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let answer = answer(&tool, &[("iss", Some("https://lms.example")), ("client_id", Some("c-77"))]).await;
    answer.assert_refused(404, "platform-unknown").assert_says("https://lms.example").assert_says("c-77");
    assert!(answer.set_cookies().is_empty());
    assert_eq!(answer.policy("frame-ancestors"), ["'self'", "*"], "it is seen inside every LMS");
    // The issuer is a name, not an address: a slash more is another one.
    let slash = format!("{}/", tool.lms.settings().issuer);
    let again = tool.browser().logs_in(&login(&tool, &[("iss", Some(&slash))])).await;
    again.assert_refused(404, "platform-unknown");
}

async fn hostile_names_on_the_page_are_text(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let script = "\"><script>alert(1)</script>";
    let long = format!("{script}{}", "y".repeat(1500));
    for (iss, client) in [(script, script), (long.as_str(), "c")] {
        let answer = answer(&tool, &[("iss", Some(iss)), ("client_id", Some(client))]).await;
        answer.assert_refused(404, "platform-unknown").assert_says(script);
        assert!(!answer.body.contains("<script>"), "{}", answer.body);
        assert!(!answer.body.contains(&"y".repeat(400)), "a long name does not fill the page");
    }
}

async fn without_a_client_id_the_issuer_decides_where_it_can(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.lms.behaviour().set(|now| now.omit_client_id = true);
    tool.browser().launches("ana", "1").await.assert_enters();
    tool.registers(|platform| platform.client_id = "second-customer".to_owned()).await;
    let refused = answer(&tool, &[]).await;
    refused.assert_refused(400, "platform-ambiguous").assert_says(&tool.lms.settings().issuer);
    answer(&tool, &[("client_id", Some(""))]).await.assert_refused(400, "platform-ambiguous");
    let asked = answer(&tool, &[("client_id", Some("second-customer"))]).await.query();
    assert_eq!(field(&asked, "client_id"), "second-customer");
    tool.lms.behaviour().reset();
    tool.browser().launches("ana", "1").await.assert_enters();
}

async fn a_disabled_platform_cannot_begin(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let begun = tool.browser();
    let launch = begun.prepares("ana", "1").await;
    tool.sets_platform(Status::Disabled).await;
    answer(&tool, &[]).await.assert_refused(403, "platform-disabled");
    begun.brings(&launch).await.assert_refused(403, "platform-disabled");
    tool.sets_platform(Status::Active).await;
    tool.browser().launches("ana", "1").await.assert_enters();
}

async fn canvas_names_the_deployment_its_own_way(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.lms.behaviour().set(|now| now.canvas_deployment = true);
    tool.browser().launches("ana", "1").await.assert_enters();
    let browser = tool.browser();
    let login = login(&tool, &[("deployment_id", Some("another"))]);
    let launch = browser.asks_platform(&browser.logs_in(&login).await);
    browser.brings(&launch).await.assert_refused(400, "deployment-mismatch");
    let both =
        self::login(&tool, &[("deployment_id", Some("another")), ("lti_deployment_id", Some(DEPLOYMENT))]);
    let launch = browser.asks_platform(&browser.logs_in(&both).await);
    browser.brings(&launch).await.assert_enters();
    let extras = form(&[
        ("canvas_region", "eu-west-1"),
        ("canvas_environment", "test"),
        ("lti_storage_target", "_parent"),
    ]);
    let mut login = self::login(&tool, &[]);
    login.fields.extend(extras);
    let asked = browser.logs_in(&login).await.query();
    assert!(
        asked.iter().all(|(name, _)| !name.starts_with("canvas") && name != "lti_storage_target"),
        "{asked:?}"
    );
}
