//! A class without any cookie: everything works in the frame, nothing of it can be passed on, and no address opens
//! anything by itself.

use std::time::Duration;

use crate::support::{
    BY_SCRIPT, Backend, Browser, Form, Headers, Inside, Page, TestTool, form, on_both, with,
};

on_both!(
    the_room_opens_in_its_frame,
    no_address_opens_anything_by_itself,
    a_page_opens_by_a_form_of_our_own_pages_or_for_our_script_alone,
    what_a_page_carries_lives_as_a_session_does_and_each_page_renews_it,
    teachers_change_settings_without_cookies,
    forms_need_the_csrf_token_and_come_from_our_own_page,
    joining_works_in_a_window_that_keeps_cookies_and_in_one_that_does_not,
    who_is_switched_off_is_out_at_the_next_request,
);

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);

async fn inside(tool: &TestTool, person: &str) -> (Browser, Inside) {
    let browser = tool.browser().without_cookies();
    let inside = browser.enters_unbound(person, "1").await;
    (browser, inside)
}

fn hidden(page: &Page, names: &[&str]) -> Form {
    names.iter().map(|name| ((*name).to_owned(), page.field(name))).collect()
}

/// Every address on a page and of its redirect.
fn addresses(page: &Page) -> Vec<String> {
    let body = page.text();
    let grades = ["href=\"", "action=\"", "src=\"", "data-url=\"", "backUrl\":\"", "\"url\":\""];
    let of_grade = |grade: &&str| {
        body.split(*grade).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let mut found: Vec<String> = grades.iter().flat_map(of_grade).collect();
    found.push(page.header("location").to_owned());
    found.retain(|address| address.starts_with("/rooms/") || address.contains("/lti/"));
    found
}

async fn the_room_opens_in_its_frame(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (ana, inside) = inside(&tool, "ana").await;
    let page = ana.frames(&inside.open, &inside.session_token).await;
    page.assert_says("Ana Silva");
    assert!(page.set_cookies().is_empty());
    assert_eq!(page.policy("frame-ancestors"), ["'self'", &tool.lms.settings().issuer]);
    assert_eq!(page.header("cache-control"), "no-store");
    let list = ana.frame_follows(&page, "attendance-page").await;
    assert_eq!(list.status, 200);
    assert_eq!(ana.frame_follows(&list, "back").await.status, 200);
    // The list's script fetches it with what the page carries.
    let token = page.carried();
    let headers = [BY_SCRIPT, &[("x-jitsi-lti-session", token.as_str())]].concat();
    let fetched = ana.sends("GET", &inside.address("/attendance"), None, &headers).await;
    fetched.assert_says("id=\"attendance\"");
    assert!(!fetched.carried().is_empty(), "and gets a fresh one");
    let settings = ana.frames(&format!("{}&open=yes", inside.address("/settings")), &token).await;
    settings.assert_refused(403, "not-allowed");
}

async fn no_address_opens_anything_by_itself(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (tessa, inside) = inside(&tool, "tessa").await;
    let room = tessa.frames(&inside.open, &inside.session_token).await;
    let settings = tessa.frame_follows(&room, "settings-link").await;
    let mut save = hidden(&settings, &["csrf", "session_token"]);
    save.extend(form(&[("target", "30"), ("send", "auto")]));
    let saved = tessa.frame_submits(&inside.address("/settings"), &save).await;
    let join = hidden(&room, &["csrf", "session_token", "cookieless"]);
    let meeting = tessa.frame_submits(&inside.address("/meeting"), &join).await;
    let list = tessa.frame_follows(&room, "attendance-page").await;
    let mut seen: Vec<String> = vec![inside.room.clone(), inside.open.clone(), inside.probe.clone()];
    for page in [&room, &settings, &saved, &meeting, &list] {
        seen.extend(addresses(page));
    }
    seen.sort();
    seen.dedup();
    assert!(seen.len() > 8, "{seen:?}");
    for address in seen.iter().filter(|address| !address.is_empty()) {
        let longest = address.split(['/', '?', '&', '=', '#']).map(str::len).max().unwrap();
        assert!(longest <= 32, "what is longer than an identifier may be a credential: {address}");
        for headers in [BY_SCRIPT, &[("sec-fetch-site", "same-origin"), ("sec-fetch-dest", "iframe")], &[]] {
            let page = tessa.sends("GET", address, None, headers).await;
            assert_ne!((page.status, page.text().contains("Tessa")), (200, true), "{address}");
            if address.starts_with("/rooms/") && !address.ends_with("/presence") && page.status != 405 {
                page.assert_refused(401, "session-missing");
            }
        }
    }
}

async fn a_page_opens_by_a_form_of_our_own_pages_or_for_our_script_alone(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (ana, inside) = inside(&tool, "ana").await;
    let opening = form(&[("session_token", &inside.session_token)]);
    let origin = tool.origin.as_str();
    let foreign: [Headers<'_>; 6] = [
        &[],
        &[("origin", "null")],
        &[("origin", "https://evil.example")],
        &[("origin", origin), ("sec-fetch-site", "cross-site"), ("sec-fetch-dest", "iframe")],
        &[("origin", origin), ("sec-fetch-site", "same-site"), ("sec-fetch-dest", "iframe")],
        &[("sec-fetch-site", "none"), ("sec-fetch-dest", "document")],
    ];
    for headers in foreign {
        let page = tool.browser().sends("POST", &inside.open, Some(&opening), headers).await;
        page.assert_refused(403, "csrf-refused");
        assert!(page.set_cookies().is_empty(), "{headers:?}");
    }
    let session = ("x-jitsi-lti-session", inside.session_token.as_str());
    let no_script: [Headers<'_>; 3] = [
        &[session],
        &[session, ("sec-fetch-site", "same-origin")],
        &[session, ("x-jitsi-lti", "1"), ("sec-fetch-site", "cross-site")],
    ];
    for headers in no_script {
        tool.browser().sends("GET", &inside.room, None, headers).await.assert_refused(401, "session-missing");
    }
    // Nor is it a cookie, or something for an address; nor does it open what is another person's.
    for place in [
        format!("{}&session_token={}", inside.room, inside.session_token),
        format!("{}?s={}", inside.path(), inside.session_token),
    ] {
        ana.sends("GET", &place, None, BY_SCRIPT).await.assert_refused(401, "session-missing");
    }
    let tessa = tool.browser().without_cookies().enters_unbound("tessa", "1").await;
    ana.frames(&tessa.open, &inside.session_token).await.assert_refused(403, "session-replaced");
    // Nor a room that is none of this activity's.
    let other = ana.enters_unbound("ana", "2").await;
    let bare = format!("{}?open=yes", other.path());
    ana.frames(&bare, &inside.session_token).await.assert_refused(404, "room-unknown");
    ana.frames(&inside.open, &inside.session_token).await.assert_says("Ana Silva");
}

async fn what_a_page_carries_lives_as_a_session_does_and_each_page_renews_it(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (ana, inside) = inside(&tool, "ana").await;
    let mut token = inside.session_token.clone();
    for _ in 0..3 {
        // A platform refuses what was signed hours ago.
        tool.jobs_rest().await;
        tool.later(4 * HOUR - MINUTE);
        let page = ana.frames(&inside.open, &token).await;
        assert_eq!(page.status, 200, "{}", page.body);
        token = page.carried();
    }
    ana.frames(&inside.open, &inside.session_token).await.assert_refused(401, "session-expired");
    // Twelve hours are over all the same.
    tool.jobs_rest().await;
    tool.later(5 * MINUTE);
    ana.frames(&inside.open, &token).await.assert_refused(401, "session-expired");
}

async fn teachers_change_settings_without_cookies(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (tessa, inside) = inside(&tool, "tessa").await;
    let room = tessa.frames(&inside.open, &inside.session_token).await;
    let page = tessa.frame_follows(&room, "settings-link").await;
    let action = page.attr("form[method=post]", "action");
    assert_eq!(action, inside.address("/settings"), "the form itself carries the session");
    let mut form = hidden(&page, &["csrf", "session_token"]);
    form.extend(crate::support::form(&[("target", "0"), ("send", "auto")]));
    let again = tessa.frame_submits(&action, &form).await;
    assert_eq!(again.status, 422);
    again.assert_says("id=\"problem\"");
    let form = with(with(form, "target", Some("30")), "session_token", Some(&again.field("session_token")));
    let saved = tessa.frame_submits(&action, &form).await;
    // The form goes on to the page with all that it carries.
    assert_eq!(
        (saved.status, saved.leads()),
        (307, format!("{}/settings?saved=yes&open=yes", inside.path()))
    );
    let page = tessa.frame_submits(saved.header("location"), &form).await;
    page.assert_says("id=\"saved\"").assert_says("value=\"30\"");
    // "Send again", as the page's script does it: the answer leads to the list.
    let form = with(hidden(&page, &["csrf", "session_token"]), "user", Some(""));
    let headers = [BY_SCRIPT, &[("origin", tool.origin.as_str())]].concat();
    let answer = tessa.sends("POST", &inside.address("/attendance/send"), Some(&form), &headers).await;
    assert_eq!(answer.status, 307);
    let list = answer.header("location").trim_end_matches("#grades").to_owned();
    tessa.sends("POST", &list, Some(&form), &headers).await.assert_says("id=\"grades\"");
}

async fn forms_need_the_csrf_token_and_come_from_our_own_page(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (tessa, inside) = inside(&tool, "tessa").await;
    let tobias = tool.browser().without_cookies();
    let theirs = tobias.enters_unbound("tobias", "1").await;
    let settings = async |browser: &Browser, way: &Inside| {
        let room = browser.frames(&way.open, &way.session_token).await;
        hidden(&browser.frame_follows(&room, "settings-link").await, &["csrf", "session_token"])
    };
    let mut mine = settings(&tessa, &inside).await;
    mine.extend(form(&[("target", "30"), ("send", "auto")]));
    let theirs = settings(&tobias, &theirs).await;
    let (csrf, token) = (theirs[0].1.as_str(), theirs[1].1.as_str());
    let rows = [
        (with(mine.clone(), "csrf", Some(csrf)), "403 session-replaced"),
        (with(mine.clone(), "session_token", Some(token)), "403 session-replaced"),
        (with(with(mine.clone(), "session_token", Some(token)), "csrf", Some(csrf)), "403 session-replaced"),
        (with(mine.clone(), "csrf", Some("guess")), "403 session-replaced"),
        (with(mine.clone(), "session_token", Some("guess")), "401 session-missing"),
        (with(mine.clone(), "session_token", None), "401 session-missing"),
        (with(mine.clone(), "csrf", None), "400 form-unreadable"),
    ];
    let action = inside.address("/settings");
    for (form, expected) in rows {
        assert_eq!(tessa.frame_submits(&action, &form).await.outcome(), expected, "{form:?}");
    }
    tessa.submits_from_elsewhere(&action, &mine).await.assert_refused(403, "csrf-refused");
    assert_eq!(tool.number("SELECT COUNT(*) AS value FROM room WHERE settings LIKE '%30%'".into()).await, 0);
    assert_eq!(tessa.frame_submits(&action, &mine).await.status, 307);
    // A learner's own session token does not make a teacher.
    let ana = tool.browser().without_cookies();
    let way = ana.enters_unbound("ana", "1").await;
    let mut form = hidden(&ana.frames(&way.open, &way.session_token).await, &["csrf", "session_token"]);
    form.extend(crate::support::form(&[("target", "1"), ("send", "auto")]));
    ana.frame_submits(&way.address("/settings"), &form).await.assert_refused(403, "not-allowed");
}

async fn joining_works_in_a_window_that_keeps_cookies_and_in_one_that_does_not(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (ana, inside) = inside(&tool, "ana").await;
    let form = hidden(
        &ana.frames(&inside.open, &inside.session_token).await,
        &["csrf", "session_token", "cookieless"],
    );
    let meeting = inside.address("/meeting");
    let again = meeting.replace('?', "?asked=yes&");
    // A window of its own is asked once whether it keeps a cookie.
    let window = tool.browser();
    let answer = window.submits(&meeting, &form).await;
    assert_eq!(
        (answer.status, answer.header("location"), answer.set_cookies().len()),
        (307, again.as_str(), 2)
    );
    let answer = window.submits(&again, &form).await;
    assert_eq!((answer.status, answer.header("location")), (303, meeting.as_str()));
    window.opens(&meeting).await.assert_says("Ana Silva");
    // One that keeps none gets the class as the answer, and nothing that could be passed on.
    let window = tool.browser().without_cookies();
    assert_eq!(window.submits(&meeting, &form).await.status, 307);
    let page = window.submits(&again, &form).await;
    assert_eq!(page.status, 200);
    assert!(page.meeting_config()["jwt"].is_string(), "{}", page.body);
    window.opens(&meeting).await.assert_refused(401, "session-missing");
    window.opens(&again).await.assert_refused(401, "session-missing");
    // In the frame itself it is one more page of the frame.
    let page = ana.frame_submits(&meeting, &form).await;
    assert_eq!(page.meeting_config()["backUrl"], inside.open);
    let reloaded = ana.frames(&format!("{meeting}&open=yes"), &page.carried()).await;
    assert!(reloaded.meeting_config()["jwt"].is_string());
    let form = with(form, "csrf", Some("guess"));
    tool.browser().submits(&again, &form).await.assert_refused(403, "session-replaced");
}

async fn who_is_switched_off_is_out_at_the_next_request(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (ana, inside) = inside(&tool, "ana").await;
    let form = hidden(
        &ana.frames(&inside.open, &inside.session_token).await,
        &["csrf", "session_token", "cookieless"],
    );
    tool.sql("UPDATE lti_user SET status = 'disabled'").await;
    ana.frames(&inside.open, &inside.session_token).await.assert_refused(403, "user-blocked");
    let window = tool.browser().without_cookies();
    let again = format!("{}&asked=yes", inside.address("/meeting"));
    window.submits(&again, &form).await.assert_refused(403, "user-blocked");
}
