//! The Join button: from our own page, with its CSRF token and its session token, and nothing else.

use std::time::Duration;

use crate::support::{Backend, Form, Page, Room, TestTool, form, on_both, with};

on_both!(
    joining_takes_our_own_page,
    joining_takes_the_csrf_token_and_the_session_token_of_one_session,
    joining_makes_a_window_without_cookies_know_the_person,
    a_session_token_ends_with_its_session,
);

async fn join_form(tool: &TestTool, person: &str) -> (Room, Form) {
    let browser = tool.browser();
    let room = browser.launches(person, "1").await.assert_enters();
    let page = browser.opens(room.path()).await;
    let form = form(&[("csrf", &page.field("csrf")), ("session_token", &page.field("session_token"))]);
    (room, form)
}

async fn joining_takes_our_own_page(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (room, form) = join_form(&tool, "ana").await;
    tool.browser().submits_from_elsewhere(&room.meeting(), &form).await.assert_refused(403, "csrf-refused");
    let origin = tool.origin.as_str();
    let rows: [(&[(&str, &str)], u16); 9] = [
        (&[], 403),
        (&[("origin", "null")], 403),
        (&[("origin", "https://evil.example")], 403),
        (&[("origin", "https://evil.example"), ("sec-fetch-site", "same-origin")], 403),
        (&[("origin", origin), ("sec-fetch-site", "same-site")], 403),
        (&[("origin", origin), ("sec-fetch-site", "none")], 403),
        (&[("origin", origin), ("sec-fetch-site", "same-origin")], 303),
        (&[("origin", origin)], 303),
        (&[("sec-fetch-site", "same-origin")], 303),
    ];
    for (headers, expected) in rows {
        let mut request = tool.browser().raw("POST", &room.meeting()).form(&form);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let page = Page::read(request.send().await.unwrap()).await;
        assert_eq!(page.status, expected, "{headers:?}");
        assert_eq!(page.set_cookies().is_empty(), expected == 403, "{headers:?}");
    }
}

async fn joining_takes_the_csrf_token_and_the_session_token_of_one_session(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (room, mine) = join_form(&tool, "ana").await;
    let (_, theirs) = join_form(&tool, "tessa").await;
    let (csrf, token) = (theirs[0].1.as_str(), theirs[1].1.as_str());
    let rows = [
        (with(mine.clone(), "csrf", Some(csrf)), "403 session-replaced"),
        (with(mine.clone(), "session_token", Some(token)), "403 session-replaced"),
        (with(mine.clone(), "csrf", Some("")), "403 session-replaced"),
        (with(mine.clone(), "csrf", Some("guess")), "403 session-replaced"),
        (with(mine.clone(), "session_token", Some("")), "401 session-missing"),
        (with(mine.clone(), "session_token", Some("guess")), "401 session-missing"),
        (with(mine.clone(), "csrf", None), "400 form-unreadable"),
        (with(mine.clone(), "session_token", None), "400 form-unreadable"),
        (mine.clone(), "303 "),
    ];
    for (form, expected) in rows {
        let page = tool.browser().submits(&room.meeting(), &form).await;
        let outcome = if page.status == 303 { "303 ".to_owned() } else { page.outcome() };
        assert_eq!(outcome, expected, "{form:?}");
        assert_eq!(page.set_cookies().is_empty(), expected != "303 ", "{form:?}");
    }
}

async fn joining_makes_a_window_without_cookies_know_the_person(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (room, form) = join_form(&tool, "ana").await;
    let window = tool.browser();
    window.opens(room.meeting()).await.assert_refused(401, "session-missing");
    let answer = window.submits(&room.meeting(), &form).await;
    assert_eq!((answer.status, answer.leads()), (303, room.meeting()));
    window.opens(room.meeting()).await.assert_says("Ana Silva");
}

async fn a_session_token_ends_with_its_session(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let (room, form) = join_form(&tool, "ana").await;
    tool.later(Duration::from_secs(4 * 60 * 60 + 1));
    tool.browser().submits(&room.meeting(), &form).await.assert_refused(401, "session-expired");
}
