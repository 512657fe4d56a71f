//! A class without any cookie: everything works in the frame, and nothing of it can be passed on.

use std::time::Duration;

use crate::support::{
    BY_SCRIPT, Backend, Browser, Form, Headers, Inside, Page, TestTool, form, on_both, with,
};

on_both!(
    the_room_opens_in_its_frame,
    a_pasted_address_gives_nothing,
    an_address_lives_an_hour_and_each_page_renews_it,
    teachers_change_settings_without_cookies,
    forms_need_the_mark_and_come_from_our_own_page,
    joining_works_in_a_window_that_keeps_cookies_and_in_one_that_does_not,
    who_is_switched_off_is_out_at_the_next_request,
);

const MINUTE: Duration = Duration::from_secs(60);

async fn inside(tool: &TestTool, person: &str) -> (Browser, Inside) {
    let browser = tool.browser().without_cookies();
    let inside = browser.enters_unbound(person, "1").await;
    (browser, inside)
}

/// The address behind a link of a page.
#[track_caller]
fn link(page: &Page, id: &str) -> String {
    page.between(&format!("id=\"{id}\" href=\""), "\"")
}

fn hidden(page: &Page, names: &[&str]) -> Form {
    names.iter().map(|name| ((*name).to_owned(), page.field(name))).collect()
}

async fn the_room_opens_in_its_frame(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (ana, inside) = inside(&tool, "ana").await;
    let page = ana.frames(&inside.frame).await;
    page.assert_says("Ana Silva");
    assert!(page.set_cookies().is_empty());
    assert_eq!(page.policy("frame-ancestors"), ["'self'", &tool.lms.settings().issuer]);
    assert_eq!(page.header("cache-control"), "no-store");
    let attendance = link(&page, "attendance-page");
    assert!(attendance.starts_with(&format!("{}/attendance?s=", inside.room)), "{attendance}");
    let list = ana.frames(&attendance).await;
    assert_eq!(list.status, 200);
    assert_eq!(ana.frames(&link(&list, "back")).await.status, 200);
    let fetched = ana.sends("GET", &attendance, None, BY_SCRIPT).await;
    fetched.assert_says("id=\"attendance\"");
    ana.frames(&format!("{}/settings{}", inside.room, &attendance[inside.room.len() + 11..]))
        .await
        .assert_refused(403, "not-allowed");
}

async fn a_pasted_address_gives_nothing(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (ana, inside) = inside(&tool, "ana").await;
    let (site, mode, dest) = ("sec-fetch-site", "sec-fetch-mode", "sec-fetch-dest");
    let rows: [Headers<'_>; 10] = [
        // Pasted, bookmarked, followed from a mail, or from a page of ours into a window.
        &[(site, "none"), (mode, "navigate"), (dest, "document")],
        &[(site, "cross-site"), (mode, "navigate"), (dest, "document")],
        &[(site, "same-origin"), (mode, "navigate"), (dest, "document")],
        // Framed by a page of the platform, or of anybody.
        &[(site, "cross-site"), (mode, "navigate"), (dest, "iframe")],
        &[(site, "same-site"), (mode, "navigate"), (dest, "iframe")],
        &[(site, "none"), (mode, "navigate"), (dest, "iframe")],
        // Loaded by a page of ours without its script's header, or by one of another site with it.
        &[(site, "same-origin"), (mode, "same-origin"), (dest, "empty")],
        &[(site, "cross-site"), (mode, "cors"), (dest, "empty"), ("x-jitsi-lti", "1")],
        &[("x-jitsi-lti", "1")],
        &[],
    ];
    for headers in rows {
        let page = tool.browser().sends("GET", &inside.frame, None, headers).await;
        page.assert_refused(401, "session-missing");
        assert!(page.set_cookies().is_empty(), "{headers:?}");
        assert!(!page.body.contains("Silva"));
    }
    // It is no cookie and no pass, and those are no address.
    let sealed = inside.frame.split_once("?s=").unwrap().1;
    let id = inside.room.trim_start_matches("/rooms/");
    let cookie = format!("__Host-room-{id}={sealed}");
    let page = ana.sends("GET", &inside.room, None, &[("cookie", &cookie)]).await;
    page.assert_refused(401, "session-missing");
    let room = ana.frames(&inside.frame).await;
    let pass = room.field("pass");
    ana.frames(&format!("{}?s={pass}", inside.room)).await.assert_refused(401, "session-missing");
    let join = with(hidden(&room, &["csrf", "pass"]), "pass", Some(sealed));
    let answer = ana.frame_submits(&format!("{}/meeting", inside.room), &join).await;
    answer.assert_refused(401, "session-missing");
    // Nor does it open another room.
    let other = ana.enters_unbound("ana", "2").await;
    let page = ana.frames(&format!("{}?s={sealed}", other.room)).await;
    page.assert_refused(401, "session-missing");
}

async fn an_address_lives_an_hour_and_each_page_renews_it(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (ana, inside) = inside(&tool, "ana").await;
    let mut address = inside.frame.clone();
    for _ in 0..12 {
        tool.later(59 * MINUTE);
        let page = ana.frames(&address).await;
        assert_eq!(page.status, 200, "{}", page.body);
        address = page
            .between("id=\"renewal\"", ">")
            .split_once("data-url=\"")
            .unwrap()
            .1
            .trim_end_matches('"')
            .to_owned();
    }
    ana.frames(&inside.frame).await.assert_refused(401, "session-expired");
    // Twelve hours are over all the same.
    tool.later(20 * MINUTE);
    ana.frames(&address).await.assert_refused(401, "session-expired");
}

async fn teachers_change_settings_without_cookies(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (tessa, inside) = inside(&tool, "tessa").await;
    let room = tessa.frames(&inside.frame).await;
    let page = tessa.frames(&link(&room, "settings-link")).await;
    let action = page.between("method=\"post\" action=\"", "\"");
    assert_eq!(action, format!("{}/settings", inside.room), "the form itself carries the session");
    let mut form = hidden(&page, &["csrf", "pass"]);
    form.extend(crate::support::form(&[("target", "0"), ("send", "auto")]));
    let again = tessa.frame_submits(&action, &form).await;
    assert_eq!(again.status, 422);
    again.assert_says("id=\"problem\"");
    let form = with(with(form, "target", Some("30")), "pass", Some(&again.field("pass")));
    let saved = tessa.frame_submits(&action, &form).await;
    let place = saved.header("location").to_owned();
    assert_eq!(saved.status, 303);
    assert!(place.starts_with(&format!("{}/settings?saved=yes&s=", inside.room)), "{place}");
    let page = tessa.frames(&place).await;
    page.assert_says("id=\"saved\"").assert_says("value=\"30\"");
    // "Send again", as the page's script does it: the answer leads to the list.
    let form = with(hidden(&page, &["csrf", "pass"]), "user", Some(""));
    let headers = [BY_SCRIPT, &[("origin", tool.origin.as_str())]].concat();
    let answer =
        tessa.sends("POST", &format!("{}/attendance/send", inside.room), Some(&form), &headers).await;
    assert_eq!(answer.status, 303);
    let list = answer.header("location").trim_end_matches("#marks").to_owned();
    tessa.sends("GET", &list, None, BY_SCRIPT).await.assert_says("id=\"marks\"");
}

async fn forms_need_the_mark_and_come_from_our_own_page(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (tessa, inside) = inside(&tool, "tessa").await;
    let tobias = tool.browser().without_cookies();
    let theirs = tobias.enters_unbound("tobias", "1").await;
    let settings = async |browser: &Browser, way: &Inside| {
        let room = browser.frames(&way.frame).await;
        hidden(&browser.frames(&link(&room, "settings-link")).await, &["csrf", "pass"])
    };
    let mut mine = settings(&tessa, &inside).await;
    mine.extend(form(&[("target", "30"), ("send", "auto")]));
    let theirs = settings(&tobias, &theirs).await;
    let (csrf, pass) = (theirs[0].1.as_str(), theirs[1].1.as_str());
    let rows = [
        (with(mine.clone(), "csrf", Some(csrf)), "403 session-replaced"),
        (with(mine.clone(), "pass", Some(pass)), "403 session-replaced"),
        (with(mine.clone(), "csrf", Some("guess")), "403 session-replaced"),
        (with(mine.clone(), "pass", Some("guess")), "401 session-missing"),
        (with(mine.clone(), "pass", None), "401 session-missing"),
        (with(mine.clone(), "csrf", None), "400 form-unreadable"),
    ];
    let action = format!("{}/settings", inside.room);
    for (form, expected) in rows {
        assert_eq!(tessa.frame_submits(&action, &form).await.outcome(), expected, "{form:?}");
    }
    tessa.submits_from_elsewhere(&action, &mine).await.assert_refused(403, "csrf-refused");
    assert_eq!(tool.number("SELECT COUNT(*) AS value FROM room WHERE settings LIKE '%30%'".into()).await, 0);
    assert_eq!(tessa.frame_submits(&action, &mine).await.status, 303);
    // A learner's own pass does not make a teacher.
    let ana = tool.browser().without_cookies();
    let way = ana.enters_unbound("ana", "1").await;
    let mut form = hidden(&ana.frames(&way.frame).await, &["csrf", "pass"]);
    form.extend(crate::support::form(&[("target", "1"), ("send", "auto")]));
    ana.frame_submits(&action, &form).await.assert_refused(403, "not-allowed");
}

async fn joining_works_in_a_window_that_keeps_cookies_and_in_one_that_does_not(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (ana, inside) = inside(&tool, "ana").await;
    let form = hidden(&ana.frames(&inside.frame).await, &["csrf", "pass", "cookieless"]);
    let meeting = format!("{}/meeting", inside.room);
    let again = format!("{meeting}?asked=yes");
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
    assert!(page.meeting_config()["jwt"].is_string() && !page.body.contains("?s="), "{}", page.body);
    window.opens(&meeting).await.assert_refused(401, "session-missing");
    window.opens(&again).await.assert_refused(401, "session-missing");
    // In the frame itself it is one more page of the frame.
    let answer = ana.frame_submits(&meeting, &form).await;
    assert_eq!(answer.status, 303);
    let page = ana.frames(answer.header("location")).await;
    assert!(page.meeting_config()["backUrl"].as_str().unwrap().starts_with(&format!("{}?s=", inside.room)));
    let form = with(form, "csrf", Some("guess"));
    tool.browser().submits(&again, &form).await.assert_refused(403, "session-replaced");
}

async fn who_is_switched_off_is_out_at_the_next_request(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (ana, inside) = inside(&tool, "ana").await;
    let form = hidden(&ana.frames(&inside.frame).await, &["csrf", "pass", "cookieless"]);
    tool.sql("UPDATE lti_user SET status = 'disabled'").await;
    ana.frames(&inside.frame).await.assert_refused(403, "user-blocked");
    let window = tool.browser().without_cookies();
    let again = format!("{}/meeting?asked=yes", inside.room);
    window.submits(&again, &form).await.assert_refused(403, "user-blocked");
}
