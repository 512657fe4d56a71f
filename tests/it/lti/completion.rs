//! A launch without cookies is finished by the browser that began it, and by no other.

use std::time::Duration;

use jitsi_lti::demo::lms::Visit;
use jitsi_lti::lti::registration::platform::Status;

use crate::support::{BY_SCRIPT, Backend, Headers, TestTool, on_both, with};

on_both!(
    a_browser_that_brings_a_cookie_of_ours_is_sent_on_at_once,
    a_first_visit_gets_a_page_that_keeps_the_secret_and_goes_on,
    hostile_storage_targets_are_text,
    the_right_secret_enters,
    only_the_browsers_own_secret_enters,
    only_our_own_script_may_finish_a_launch,
    origin_and_our_own_header_are_enough_for_browsers_without_fetch_metadata,
    a_continuation_works_once_and_for_ninety_seconds,
    what_an_attacker_began_never_ends_in_a_victims_browser,
    who_was_switched_off_in_between_stays_outside,
    the_log_tells_which_way_a_browser_came,
);

async fn a_browser_that_brings_a_cookie_of_ours_is_sent_on_at_once(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let login = || tool.lms.login_initiation(&Visit::new("ana", "1")).unwrap();
    let browser = tool.browser();
    assert_eq!(browser.logs_in(&login()).await.status, 200);
    let again = browser.logs_in(&login()).await;
    assert_eq!(
        (again.status, again.set_cookies().len()),
        (302, 1),
        "the cookie of the first login came along"
    );
    browser.brings(&browser.asks_platform(&again)).await.assert_enters();
    assert_eq!(browser.logs_in(&login()).await.status, 302);
    for (cookie, status) in
        [("session=1; theme=dark", 200), ("__Host-other=1", 200), ("a=b; __Host-room-x-p=1", 302)]
    {
        let request = tool.browser().raw("POST", "/lti/login").header("cookie", cookie).form(&login().fields);
        assert_eq!(request.send().await.unwrap().status(), status, "{cookie}");
    }
}

async fn a_first_visit_gets_a_page_that_keeps_the_secret_and_goes_on(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let page = tool.browser().logs_in(&tool.lms.login_initiation(&Visit::new("ana", "1")).unwrap()).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.body.matches("id=\"lti-continue\"").count(), 1);
    assert_eq!(page.body.matches("data-secret=").count(), 1);
    let url = page.location();
    assert!(url.as_str().starts_with(&format!("{}?", tool.lms.auth_url())));
    assert!(
        page.text().contains(&format!("http-equiv=\"refresh\" content=\"0; url={url}\"")),
        "{}",
        page.body
    );
    let secret = page.attr("[data-secret]", "data-secret");
    assert!(secret.len() >= 40);
    let cookies = page.set_cookies();
    assert!(cookies.len() == 2 && cookies.iter().all(|cookie| cookie.contains(&secret)), "{cookies:?}");
    assert!(!url.as_str().contains(&secret), "the platform does not learn it");
    assert_eq!(page.attr("[data-platform]", "data-platform"), url.origin().ascii_serialization());
    assert_eq!(page.attr("[data-target]", "data-target"), "");
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.policy("frame-ancestors"), ["'self'", "*"]);
    assert!(page.policy("script-src")[1].starts_with("'nonce-"));
}

async fn hostile_storage_targets_are_text(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let script = "\"><script>alert(1)</script>";
    let long = "x".repeat(300);
    for (target, kept) in [
        ("_parent", "_parent"),
        ("post_message_forwarding", "post_message_forwarding"),
        (script, script),
        (&long, ""),
    ] {
        let browser = tool.browser().without_cookies();
        let mut login = tool.lms.login_initiation(&Visit::new("ana", "1")).unwrap();
        login.fields = with(login.fields, "lti_storage_target", Some(target));
        let page = browser.logs_in(&login).await;
        let launch = browser.brings(&browser.asks_platform(&page)).await;
        for page in [&page, &launch] {
            assert_eq!(page.attr("[data-target]", "data-target"), kept);
            assert!(!page.body.contains("<script>"), "{}", page.body);
        }
        assert_eq!(page.attr("[data-key]", "data-key"), launch.attr("[data-key]", "data-key"));
    }
}

async fn the_right_secret_enters(backend: Backend) {
    let tool = TestTool::start(backend).await;
    for from in ["local-storage", "platform-storage"] {
        let browser = tool.browser().without_cookies();
        let launch = browser.launches_unbound("ana", "1").await;
        let answer = browser.completes(&launch.form(from)).await;
        let inside = answer.assert_inside();
        assert_eq!(inside.open, format!("{}&open=yes", inside.room));
        assert!(!answer.body.contains(&format!("?{}", inside.session_token)), "{}", answer.body);
        assert_eq!(answer.header("cache-control"), "no-store");
        let cookies = answer.set_cookies();
        assert_eq!(cookies.len(), 2, "the browser may keep these, though it did not keep the login's");
        let cookie = cookies[0].split(';').next().unwrap();
        for (cookie, kept) in [(cookie, true), ("__Host-other=1", false), ("", false)] {
            let answer = browser.sends("GET", &inside.probe, None, &[("cookie", cookie)]).await;
            assert_eq!(answer.body, format!("{{\"kept\":{kept}}}"));
        }
        let room = browser.sends("GET", &inside.room, None, &[("cookie", cookie)]).await;
        room.assert_says("Ana Silva");
        assert!(!room.body.contains("id=\"carried\""), "with cookies no page carries the session");
    }
}

async fn only_the_browsers_own_secret_enters(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (ana, layla) = (tool.browser().without_cookies(), tool.browser().without_cookies());
    let mine = ana.launches_unbound("ana", "1").await;
    let theirs = layla.launches_unbound("layla", "1").await;
    let form = mine.form("local-storage");
    for secret in ["", "guess", &theirs.secret, &format!("{} ", mine.secret)] {
        let answer = ana.completes(&with(form.clone(), "secret", Some(secret))).await;
        answer.assert_refused(403, "completion-foreign");
        assert!(answer.set_cookies().is_empty());
    }
    let sealed = &mine.continuation;
    let mut turned = sealed.clone();
    turned.replace_range(60..61, if &sealed[60..61] == "A" { "B" } else { "A" });
    for bad in ["", "guess", &turned, &sealed[..sealed.len() - 4]] {
        let answer = ana.completes(&with(form.clone(), "continuation", Some(bad))).await;
        answer.assert_refused(400, "completion-unreadable");
    }
    assert_eq!(tool.count("room").await + tool.count("lti_user").await, 0, "nothing was opened");
    for (name, value) in [("from", Some("thin-air")), ("from", None), ("secret", None)] {
        ana.completes(&with(form.clone(), name, value)).await.assert_refused(400, "form-unreadable");
    }
    // What was refused used nothing up.
    ana.completes(&form).await.assert_inside();
    layla.completes(&theirs.form("local-storage")).await.assert_inside();
}

async fn only_our_own_script_may_finish_a_launch(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let browser = tool.browser().without_cookies();
    let form = browser.launches_unbound("ana", "1").await.form("local-storage");
    let (origin, site, own) =
        (("origin", tool.origin.as_str()), ("sec-fetch-site", "same-origin"), ("x-jitsi-lti", "1"));
    let rows: [Headers<'_>; 9] = [
        &[],
        &[origin, site],
        &[own],
        &[site, own],
        &[origin, site, ("x-jitsi-lti", "")],
        &[("origin", "null"), site, own],
        &[("origin", "https://evil.example"), site, own],
        &[origin, ("sec-fetch-site", "cross-site"), own],
        &[origin, ("sec-fetch-site", "none"), own],
    ];
    for headers in rows {
        let answer = browser.sends("POST", "/lti/launch/complete", Some(&form), headers).await;
        answer.assert_refused(403, "csrf-refused");
        assert!(answer.set_cookies().is_empty());
    }
    let answer = browser.sends("POST", "/lti/launch/complete", Some(&form), &[origin, site, own]).await;
    answer.assert_inside();
}

/// Safari before 16.4.
async fn origin_and_our_own_header_are_enough_for_browsers_without_fetch_metadata(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let browser = tool.browser().without_cookies();
    let form = browser.launches_unbound("ana", "1").await.form("local-storage");
    let (origin, own) = (("origin", tool.origin.as_str()), ("x-jitsi-lti", "1"));
    let rows: [Headers<'_>; 4] =
        [&[origin], &[own], &[("origin", "https://evil.example"), own], &[("origin", "null"), own]];
    for headers in rows {
        let answer = browser.sends("POST", "/lti/launch/complete", Some(&form), headers).await;
        answer.assert_refused(403, "csrf-refused");
    }
    let answer = browser.sends("POST", "/lti/launch/complete", Some(&form), &[origin, own]).await;
    let ways: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert!(ways["room"].as_str().unwrap().starts_with("/rooms/"), "{ways}");
    assert_eq!(answer.set_cookies().len(), 2);
    // The form that opens the room is believed by its origin.
    let text = |name: &str| ways[name].as_str().unwrap().to_owned();
    let opening = crate::support::form(&[("session_token", &text("session_token"))]);
    let room = browser.sends("POST", &text("open"), Some(&opening), &[origin]).await;
    room.assert_says("Ana Silva");
    browser.sends("POST", &text("open"), Some(&opening), &[]).await.assert_refused(403, "csrf-refused");
}

async fn a_continuation_works_once_and_for_ninety_seconds(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let browser = tool.browser().without_cookies();
    let form = browser.launches_unbound("ana", "1").await.form("local-storage");
    browser.completes(&form).await.assert_inside();
    browser.completes(&form).await.assert_refused(400, "completion-used");
    let late = browser.launches_unbound("ana", "1").await.form("platform-storage");
    tool.later(Duration::from_secs(89));
    let in_time = browser.launches_unbound("ana", "1").await.form("local-storage");
    tool.later(Duration::from_secs(2));
    browser.completes(&late).await.assert_refused(400, "completion-expired");
    browser.completes(&in_time).await.assert_inside();
    // Of many at the same moment one enters.
    let form = browser.launches_unbound("ana", "1").await.form("local-storage");
    let all = futures::future::join_all((0..8).map(|_| browser.completes(&form))).await;
    assert_eq!(all.iter().filter(|answer| answer.status == 200).count(), 1);
}

async fn what_an_attacker_began_never_ends_in_a_victims_browser(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (attacker, victim) = (tool.browser(), tool.browser());
    let login = attacker.logs_in(&tool.lms.login_initiation(&Visit::new("layla", "1")).unwrap()).await;
    let launch = attacker.asks_platform(&login);
    let own = victim.logs_in(&tool.lms.login_initiation(&Visit::new("ana", "1")).unwrap()).await;
    // The victim's browser is made to post it: by cookie nothing fits, and its storages hold the victim's own secret.
    let page = victim.brings(&launch).await;
    page.assert_refused(401, "cookies-blocked");
    assert!(page.set_cookies().is_empty());
    let continuation = page.attr("[data-continuation]", "data-continuation");
    assert_ne!(
        page.attr("[data-key]", "data-key"),
        own.attr("[data-key]", "data-key"),
        "nothing is found there"
    );
    assert!(!page.body.contains(&login.attr("[data-secret]", "data-secret")));
    let form = crate::support::form(&[
        ("continuation", &continuation),
        ("secret", &own.attr("[data-secret]", "data-secret")),
        ("from", "local-storage"),
    ]);
    victim.completes(&form).await.assert_refused(403, "completion-foreign");
    // The attacker knows the secret; a page of theirs in the victim's browser cannot send it.
    let form = with(form, "secret", Some(&login.attr("[data-secret]", "data-secret")));
    let answer = victim.submits_from_elsewhere("/lti/launch/complete", &form).await;
    answer.assert_refused(403, "csrf-refused");
    assert!(answer.set_cookies().is_empty());
    assert_eq!(tool.count("room").await + tool.count("lti_user").await, 0, "nothing was opened");
    victim.brings(&victim.asks_platform(&own)).await.assert_enters();
}

async fn who_was_switched_off_in_between_stays_outside(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let browser = tool.browser().without_cookies();
    let prepared = async || browser.launches_unbound("ana", "1").await.form("local-storage");
    let (first, second, third) = (prepared().await, prepared().await, prepared().await);
    tool.sets_platform(Status::Disabled).await;
    browser.completes(&first).await.assert_refused(403, "platform-disabled");
    tool.sets_platform(Status::Active).await;
    tool.sql("UPDATE deployment SET status = 'disabled'").await;
    browser.completes(&second).await.assert_refused(403, "deployment-disabled");
    tool.sql("UPDATE deployment SET status = 'active'").await;
    browser.completes(&third).await.assert_inside();
    let fourth = prepared().await;
    tool.sql("UPDATE lti_user SET status = 'disabled'").await;
    browser.completes(&fourth).await.assert_refused(403, "user-blocked");
}

async fn the_log_tells_which_way_a_browser_came(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let browser = tool.browser().without_cookies();
    for from in ["local-storage", "platform-storage", "nowhere"] {
        let form = browser.launches_unbound("ana", "1").await.form(from);
        tool.later(Duration::from_secs(1));
        browser.completes(&form).await;
        tool.later(Duration::from_secs(1));
    }
    let refused = browser.launches_unbound("ana", "1").await.form("local-storage");
    tool.later(Duration::from_secs(1));
    browser.completes(&with(refused, "secret", Some("guess"))).await;
    tool.later(Duration::from_secs(1));
    tool.browser().launches("ana", "1").await.assert_enters();
    let log = tool.launch_log(9).await;
    let seen: Vec<(&str, &str)> = log
        .iter()
        .map(|one| (one.outcome.as_str(), one.passed.split_once("claims").unwrap().1.trim()))
        .collect();
    let blocked = ("cookies-blocked", "");
    assert_eq!(
        seen,
        [
            blocked,
            ("entered", "browser local-storage"),
            blocked,
            ("entered", "browser platform-storage"),
            blocked,
            ("cookies-blocked", "new-window"),
            blocked,
            ("completion-foreign", ""),
            ("entered", "browser cookie"),
        ]
    );
    assert!(log.iter().all(|one| one.platform_id.is_some() && one.deployment_id.is_some()));
    let answer = browser.sends("GET", "/lti/launch/complete?room=x&v=y", None, BY_SCRIPT).await;
    assert_eq!(answer.body, "{\"kept\":false}");
}
