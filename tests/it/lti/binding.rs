//! A launch belongs to the login, and to the browser, that began it.

use std::sync::Arc;
use std::time::Duration;

use jitsi_lti::demo::lms::{Edit, Tamper, Visit, claim};
use serde_json::{Value, json};

use crate::support::{Backend, TestTool, on_both, with};

on_both!(
    a_target_or_deployment_other_than_the_logins_is_refused,
    a_deployment_that_nobody_registered_is_named,
    a_disabled_deployment_is_refused,
    a_target_that_is_not_ours_is_refused_even_when_the_login_named_it,
    a_state_is_needed_and_must_be_ours,
    a_token_that_does_not_come_is_missed,
    a_state_lives_ten_minutes,
    a_state_of_one_login_does_not_fit_the_token_of_another,
    a_browser_without_cookies_is_offered_a_new_window,
    an_attackers_login_gives_a_victim_no_session,
    logins_side_by_side_do_not_disturb_each_other,
    a_platforms_error_is_shown_in_its_own_words,
    a_launch_clears_the_cookies_of_its_login,
);

async fn a_target_or_deployment_other_than_the_logins_is_refused(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let other_target = format!("{}/lti/launch?room=2", tool.origin);
    let rows = [
        ("target_link_uri", other_target.as_str(), "400 target-mismatch"),
        ("target_link_uri", "https://evil.example/", "400 target-mismatch"),
        ("lti_deployment_id", "2", "400 deployment-mismatch"),
        ("lti_deployment_id", "", "enters"),
        ("target_link_uri", "", "enters"),
    ];
    for (name, value, expected) in rows {
        let browser = tool.browser();
        let mut login = tool.lms.login_initiation(&Visit::new("ana", "1")).unwrap();
        login.fields = with(login.fields, name, Some(value));
        let launch = browser.asks_platform(&browser.logs_in(&login).await);
        assert_eq!(browser.brings(&launch).await.outcome(), expected, "{name} = {value}");
    }
}

/// The token names another deployment than usual, and the login none.
async fn launch_of_deployment(tool: &TestTool, name: &'static str) -> crate::support::Page {
    let edit: Edit =
        Arc::new(move |_: &mut Value, payload: &mut Value| payload[claim("deployment_id")] = json!(name));
    tool.lms.behaviour().tamper_next(Tamper::Edit(edit));
    let browser = tool.browser();
    let mut login = tool.lms.login_initiation(&Visit::new("ana", "1")).unwrap();
    login.fields = with(login.fields, "lti_deployment_id", None);
    let launch = browser.asks_platform(&browser.logs_in(&login).await);
    browser.brings(&launch).await
}

async fn a_deployment_that_nobody_registered_is_named(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let refused = launch_of_deployment(&tool, "D<7>").await;
    refused.assert_refused(403, "deployment-unknown").assert_says("D<7>");
    assert!(!refused.body.contains("D<7>"));
    launch_of_deployment(&tool, "D<7>").await.assert_refused(403, "deployment-unknown");
    let known = tool.texts("SELECT deployment_id || ' ' || status AS value FROM deployment ORDER BY 1").await;
    assert_eq!(known, ["1 active", "D<7> pending"], "it waits for an administrator's word");
}

async fn a_disabled_deployment_is_refused(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.adds_deployment("2").await;
    launch_of_deployment(&tool, "2").await.assert_enters();
    tool.sql("UPDATE deployment SET status = 'disabled' WHERE deployment_id = '2'").await;
    launch_of_deployment(&tool, "2").await.assert_refused(403, "deployment-disabled");
    launch_of_deployment(&tool, "1").await.assert_enters();
}

async fn a_target_that_is_not_ours_is_refused_even_when_the_login_named_it(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let origin = tool.origin.clone();
    let targets = [
        "https://evil.example/lti/launch".to_owned(),
        format!("{origin}.evil.example/lti/launch"),
        format!("{origin}/rooms/1"),
        format!("{origin}/lti/launch/../login"),
        "/lti/launch".to_owned(),
        "javascript:alert(1)".to_owned(),
    ];
    for target in targets {
        let activity = jitsi_lti::demo::lms::LmsActivity {
            target_link_uri: Some(target.clone()),
            ..jitsi_lti::demo::lms::LmsActivity::new("101", "Elsewhere").ungraded()
        };
        let activity = tool.lms.add_activity(activity).unwrap();
        let answer = tool.browser().launches("ana", &activity.id).await;
        assert_eq!(answer.outcome(), "400 target-foreign", "{target}");
    }
}

async fn a_state_is_needed_and_must_be_ours(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let browser = tool.browser();
    let launch = browser.prepares("ana", "1").await;
    let sealed = launch.iter().find(|(name, _)| name == "state").unwrap().1.clone();
    let cut = &sealed[..sealed.len() - 4];
    let mut turned = sealed.clone();
    turned.replace_range(30..31, if &sealed[30..31] == "A" { "B" } else { "A" });
    let rows = [
        (None, "launch-incomplete"),
        (Some(""), "launch-incomplete"),
        (Some("guess"), "state-unreadable"),
        (Some("AQ"), "state-unreadable"),
        (Some("ü/+ =\u{0}"), "state-unreadable"),
        (Some(cut), "state-unreadable"),
        (Some(turned.as_str()), "state-unreadable"),
    ];
    for (state, code) in rows {
        browser.brings(&with(launch.clone(), "state", state)).await.assert_refused(400, code);
    }
    browser.brings(&launch).await.assert_enters();
}

async fn a_token_that_does_not_come_is_missed(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let browser = tool.browser();
    let launch = browser.prepares("ana", "1").await;
    let rows = [
        (None, "launch-incomplete"),
        (Some(""), "token-malformed"),
        (Some("a.b.c"), "token-malformed"),
        (Some("e30.e30."), "token-algorithm"),
    ];
    for (token, code) in rows {
        assert_eq!(
            browser.brings(&with(launch.clone(), "id_token", token)).await.code().unwrap(),
            code,
            "{token:?}"
        );
    }
}

async fn a_state_lives_ten_minutes(backend: Backend) {
    let tool = TestTool::start(backend).await;
    // Signing in to the platform may take its time; the token is fresh then.
    for (wait, expected) in [(590, "enters"), (601, "400 state-expired")] {
        let browser = tool.browser();
        let login = browser.logs_in(&tool.lms.login_initiation(&Visit::new("ana", "1")).unwrap()).await;
        tool.later(Duration::from_secs(wait));
        // The platform's own hint lives as long: a fresh one takes its place.
        let fresh = tool.lms.login_initiation(&Visit::new("ana", "1")).unwrap();
        let hint = fresh.fields.into_iter().find(|(name, _)| name == "lti_message_hint").unwrap().1;
        let asked = with(login.query(), "lti_message_hint", Some(&hint));
        let jitsi_lti::demo::lms::AuthAnswer::Launch { fields, .. } = tool.lms.authorize(&asked) else {
            panic!()
        };
        assert_eq!(browser.brings(&fields).await.outcome(), expected, "after {wait} s");
    }
}

async fn a_state_of_one_login_does_not_fit_the_token_of_another(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let browser = tool.browser();
    let (first, second) = (browser.prepares("ana", "1").await, browser.prepares("ana", "1").await);
    let state = first.iter().find(|(name, _)| name == "state").unwrap().1.as_str();
    browser.brings(&with(second, "state", Some(state))).await.assert_refused(401, "token-nonce");
    browser.brings(&first).await.assert_enters();
}

async fn a_browser_without_cookies_is_offered_a_new_window(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let page = tool.browser().without_cookies().launches("ana", "1").await;
    page.assert_refused(401, "cookies-blocked").assert_says("Riverside University");
    assert!(page.set_cookies().is_empty(), "{:?}", page.set_cookies());
    assert!(!page.body.contains("/rooms/"), "{}", page.body);
    assert!(page.body.contains("id=\"new-window\""));
    assert_eq!(page.policy("frame-ancestors"), ["'self'", "*"]);
    // The way out begins the login again; it carries what the platform sent, and nothing that proves anything.
    let again = page.attr("#open", "href");
    assert!(again.starts_with(&format!("{}/lti/login?iss=", tool.origin)), "{again}");
    let elsewhere = tool.browser();
    let login = elsewhere.opens(again.trim_start_matches(&tool.origin)).await;
    elsewhere.brings(&elsewhere.asks_platform(&login)).await.assert_enters();
    assert_eq!(
        page.attr("#return", "href"),
        format!("{}/courses/101/activities/1/return", tool.lms.settings().issuer)
    );
}

async fn an_attackers_login_gives_a_victim_no_session(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (attacker, victim) = (tool.browser(), tool.browser());
    let launch = attacker.prepares("layla", "1").await;
    // The victim may even have a login of their own under way.
    victim.prepares("ana", "1").await;
    let page = victim.brings(&launch).await;
    page.assert_refused(401, "cookies-blocked");
    assert!(page.set_cookies().is_empty());
    assert_eq!(tool.count("room").await + tool.count("lti_user").await, 0, "nothing was opened");
    attacker.brings(&launch).await.assert_refused(400, "state-used");
}

async fn logins_side_by_side_do_not_disturb_each_other(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let browser = tool.browser();
    let mut launches = Vec::new();
    for _ in 0..16 {
        launches.push(browser.prepares("ana", "1").await);
    }
    // The first login cannot know which cookie of the pair comes back; the others do.
    assert_eq!(browser.cookies().len(), 17);
    for launch in launches.iter().rev() {
        browser.brings(launch).await.assert_enters();
    }
    assert_eq!(browser.cookies().len(), 1, "only the session is left: {:?}", browser.cookies().keys());
}

async fn a_platforms_error_is_shown_in_its_own_words(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let rows = [
        ("login_required", "Must have an active user session", "platform-login-required"),
        ("interaction_required", "", "platform-login-required"),
        ("access_denied", "<script>No</script>", "platform-refused"),
        ("nobody_heard_of_this", "", "platform-refused"),
    ];
    for (error, words, code) in rows {
        let browser = tool.browser();
        let launch = with(browser.prepares("ana", "1").await, "id_token", None);
        let launch = with(with(launch, "error", Some(error)), "error_description", Some(words));
        let page = browser.brings(&launch).await;
        page.assert_refused(401, code).assert_says(error).assert_says(words);
        assert!(!page.body.contains("<script>"));
        // Without a state of ours anybody could put words into our mouth.
        let forged = browser.brings(&with(launch, "state", Some("guess"))).await;
        forged.assert_refused(400, "platform-error-stray");
        assert!(!forged.body.contains(error));
    }
}

async fn a_launch_clears_the_cookies_of_its_login(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let browser = tool.browser();
    let page = browser.launches("ana", "1").await;
    page.assert_enters();
    let cookies = page.set_cookies();
    assert_eq!(cookies.iter().filter(|cookie| cookie.contains("Max-Age=0")).count(), 2, "{cookies:?}");
    assert_eq!(cookies.iter().filter(|cookie| cookie.ends_with("; Partitioned")).count(), 1);
    let session: Vec<&String> = cookies.iter().filter(|cookie| !cookie.contains("Max-Age=0")).collect();
    assert_eq!(session.len(), 1, "the login proved which one of the pair comes back");
    for cookie in session {
        assert!(cookie.starts_with("__Host-room-"), "{cookie}");
        for wanted in ["; Secure", "; HttpOnly", "; SameSite=None", "; Path=/"] {
            assert!(cookie.contains(wanted), "{wanted} in {cookie}");
        }
    }
}
