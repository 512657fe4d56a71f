//! Wrong clocks, locked grades, odd answers, and how many scores come at once.

use std::time::Duration;

use serde_json::json;

use super::lab::{Lab, status_and_body};
use super::*;

#[actix_web::test]
async fn every_service_tells_the_lms_s_own_time() {
    let lab = Lab::new().await;
    let token = lab.token().await;
    lab.lms.behaviour().set(|now| now.clock_offset = 300);
    let issuer = lab.lms.settings().issuer.clone();
    let items = claims::line_items_url(&issuer, "101", "1");
    for (method, url, status) in [
        ("POST", lab.lms.token_url(), 400),
        ("GET", lab.lms.jwks_url(), 200),
        ("GET", items.clone(), 200),
        ("POST", items, 400),
        ("POST", format!("{issuer}/services/101/lineitems/11/lineitem/scores?type_id=1"), 400),
        ("GET", claims::memberships_url(&issuer, &algebra(), "1"), 400),
        ("GET", format!("{issuer}/services/nothing"), 404),
    ] {
        let request = lab.http.request(method.parse().unwrap(), &url).bearer_auth(&token);
        let answer = request.header("accept", ITEMS).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{url}");
        let dates: Vec<_> = answer.headers().get_all("date").iter().collect();
        assert_eq!(dates, ["Sun, 22 Nov 2026 10:06:37 GMT"], "{url}");
    }
}

#[actix_web::test]
async fn a_lock_holds_one_cell_until_it_is_opened() {
    let lab = Lab::new().await;
    let token = lab.token().await;
    lab.lms.lock_grade("11", "ana", true);
    assert_eq!(lab.score(&token, "ana", NOW, SCORE).await, 500);
    assert_eq!(lab.score(&token, "layla", NOW, SCORE).await, 200);
    let (_, page) = lab.page("/courses/101/gradebook").await;
    assert!(page.contains(">locked</span>") && page.contains(">Unlock</button>"), "{page}");
    let press = async |site: &str, fields: [(&str, &str); 3]| {
        let url = format!("{}/courses/101/gradebook", lab.lms.settings().issuer);
        let post = lab.http.post(url).header("sec-fetch-site", site).form(&fields);
        post.send().await.unwrap().status().as_u16()
    };
    let open = [("item", "11"), ("person", "ana"), ("locked", "false")];
    assert_eq!(press("cross-site", open).await, 403);
    assert_eq!(lab.score(&token, "ana", NOW, SCORE).await, 500);
    assert_eq!(press("same-origin", open).await, 303);
    assert_eq!(lab.score(&token, "ana", NOW, SCORE).await, 200);
    assert_eq!(press("same-origin", [open[0], open[1], ("locked", "true")]).await, 303);
    assert!(lab.lms.grade("11", "ana").unwrap().locked);
    assert_eq!(press("same-origin", [("item", "12"), open[1], open[2]]).await, 404);
}

/// Status and body of a request that may also break; `None` when it did.
async fn heard(request: reqwest::RequestBuilder) -> Option<(u16, String)> {
    let answer = request.timeout(Duration::from_secs(2)).send().await.ok()?;
    let status = answer.status().as_u16();
    Some((status, answer.text().await.ok()?))
}

#[actix_web::test]
async fn faulty_responses_reach_the_client() {
    let lab = Lab::new().await;
    let token = lab.token().await;
    let score = || lab.post_score(&token, SCORE, &lab.score_body("ana", NOW * 1000));
    let set = |fault| lab.lms.behaviour().set(|now| now.fault = Some(fault));
    for (fault, expected) in [
        (Fault::Html, Some((200, "<html>Maintenance</html>"))),
        (Fault::Garbage, Some((200, "{\"access_tok"))),
        (Fault::Hangup, None),
        (Fault::Never, None),
        (Fault::ServerError, Some((500, "<html>Error</html>"))),
        (Fault::TooManyRequests, Some((429, ""))),
        (Fault::RateLimited, Some((403, "403 Forbidden (Rate Limit Exceeded)\n"))),
    ] {
        set(fault);
        let found = heard(score()).await;
        let found = found.as_ref().map(|(status, body)| (*status, body.as_str()));
        assert_eq!(found, expected, "{fault:?}");
    }
    set(Fault::TenMegabytes);
    let (status, body) = heard(score()).await.unwrap();
    assert_eq!((status, body.len(), body.trim()), (200, 10 * 1024 * 1024, ""));
    set(Fault::TooManyRequests);
    let answer = score().send().await.unwrap();
    assert_eq!(answer.headers()["retry-after"], "120");
    assert!(lab.lms.received_scores().is_empty());
    lab.lms.behaviour().set(|now| now.fault = None);
    assert_eq!(heard(score()).await.unwrap().0, 200);
}

#[actix_web::test]
async fn a_connection_that_closes_says_nothing_at_all() {
    let lab = Lab::new().await;
    lab.lms.behaviour().set(|now| (now.fault, now.fault_at) = (Some(Fault::Hangup), FaultAt::Token));
    let place = lab.lms.settings().issuer.trim_start_matches("http://").to_owned();
    let heard = actix_web::rt::task::spawn_blocking(move || {
        use std::io::{Read as _, Write as _};
        let mut stream = std::net::TcpStream::connect(place).unwrap();
        stream.write_all(b"POST /lti/token HTTP/1.1\r\nHost: lab\r\nContent-Length: 0\r\n\r\n").unwrap();
        let mut heard = Vec::new();
        let _ = stream.read_to_end(&mut heard);
        heard
    });
    assert_eq!(heard.await.unwrap(), b"");
}

#[actix_web::test]
async fn a_fault_stays_where_it_was_put() {
    let lab = Lab::new().await;
    let token = lab.token().await;
    let columns = async || {
        let url = claims::line_items_url(&lab.lms.settings().issuer, "101", "1");
        let get = lab.http.get(url).bearer_auth(&token).header("accept", ITEMS);
        status_and_body(get.send().await.unwrap()).await.0
    };
    for (at, expected) in [
        (FaultAt::Token, [500, 200, 200]),
        (FaultAt::Scores, [400, 500, 200]),
        (FaultAt::LineItems, [400, 200, 500]),
    ] {
        lab.lms.behaviour().set(|now| (now.fault, now.fault_at) = (Some(Fault::ServerError), at));
        let post = lab.http.post(lab.lms.token_url());
        let found = [
            status_and_body(post.send().await.unwrap()).await.0,
            lab.score(&token, "ana", NOW + expected[0], SCORE).await,
            columns().await,
        ];
        assert_eq!(found, expected.map(|status| u16::try_from(status).unwrap()), "{at:?}");
    }
}

#[actix_web::test]
async fn a_token_s_lifetime_may_be_missing_or_text() {
    let lab = Lab::new().await;
    let set = |fault, at| lab.lms.behaviour().set(|now| (now.fault, now.fault_at) = (Some(fault), at));
    for (fault, at, expected) in [
        (Fault::NoExpiry, FaultAt::Token, json!(null)),
        (Fault::ExpiryAsText, FaultAt::Token, json!("3600")),
        (Fault::NoExpiry, FaultAt::Scores, json!(3600)),
    ] {
        set(fault, at);
        let granted = lab.ask(&lab.assertion(&[])).await;
        assert!(granted["access_token"].is_string());
        assert_eq!(granted["expires_in"], expected, "{fault:?} at {at:?}");
    }
    assert_eq!(lab.score(&lab.token().await, "ana", NOW, SCORE).await, 200);
}

#[actix_web::test]
async fn scores_that_come_at_once_are_counted() {
    let lab = Lab::new().await;
    let token = lab.token().await;
    assert_eq!(lab.lms.max_concurrent_scores(), 0);
    for second in 0..3 {
        lab.score(&token, "ana", NOW + second, SCORE).await;
    }
    assert_eq!(lab.lms.max_concurrent_scores(), 1);
    lab.lms.behaviour().set(|now| now.delay = Duration::from_millis(300));
    let posts = (0..3).map(|second| lab.score(&token, "layla", NOW + second, SCORE));
    futures::future::join_all(posts).await;
    assert_eq!(lab.lms.max_concurrent_scores(), 3);
}

#[actix_web::test]
async fn one_click_sets_up_a_situation_and_the_page_shows_it() {
    let lab = Lab::new().await;
    let press = async |fields: &[(&str, &str)]| {
        let url = format!("{}/behaviour", lab.lms.settings().issuer);
        let post = lab.http.post(url).header("sec-fetch-site", "same-origin").form(fields);
        assert_eq!(post.send().await.unwrap().status().as_u16(), 303);
    };
    let all = [("family", "openedx"), ("fault", "hangup"), ("fault_at", "token"), ("token_as_html", "on")];
    press(&all).await;
    let now = lab.lms.behaviour().get();
    assert_eq!((now.family.as_str(), now.fault), ("openedx", Some(Fault::Hangup)));
    assert_eq!(now.fault_at, FaultAt::Token);
    let (_, page) = lab.page("/behaviour").await;
    for text in ["<option value=\"openedx\" selected>", "<option value=\"hangup\" selected>", "LMS down"] {
        assert!(page.contains(text), "{text} is not in {page}");
    }
    press(&[("preset", "grades-locked")]).await;
    let now = lab.lms.behaviour().get();
    assert_eq!((now.family.as_str(), now.fault, now.grades_locked), ("openedx", None, true));
    press(&[("preset", "healthy")]).await;
    assert_eq!(lab.lms.behaviour().get(), Switches::default());
}
