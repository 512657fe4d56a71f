//! When it does not work: every page says what happened, what to do, and a code for support.

use std::net::{Ipv4Addr, TcpListener};
use std::time::{Duration, Instant};

use jitsi_lti::demo::lms::Tamper;

use super::stage::{Replacement, Stage};
use super::visitor::{Cookies, Visitor};

/// Sees the card of that code within `patience`, with its two ways on.
async fn meets_card(visitor: &Visitor, code: &str, retry: &str, patience: Duration) {
    let began = Instant::now();
    visitor.in_tool(&format!("[data-card={code}]")).await;
    assert!(began.elapsed() < patience, "{code} came after {:?}", began.elapsed());
    assert_eq!(visitor.attribute("html", "data-state").await, "error");
    assert_eq!(visitor.read(&format!("[data-card={code}] code")).await, code);
    assert!(visitor.sees(&format!("[data-card={code}] [data-do={retry}]")).await);
    assert!(visitor.sees(&format!("[data-card={code}] [data-do=back]")).await);
}

#[tokio::test]
async fn a_jitsi_that_does_not_answer_or_refuses_the_token_is_explained_and_can_be_tried_again() {
    let stage = Stage::own();
    let activity = stage.activity("Class without a server");
    let visitor = Visitor::new(Cookies::ThirdPartyBlocked, 1000).await;
    visitor.open(&stage.address(&activity, "tessa", "&capture=1")).await;
    visitor.in_tool("#join").await;

    let port = stage.stop_jitsi().await;
    visitor.click("#join").await;
    meets_card(&visitor, "jitsi-unreachable", "retry", Duration::from_secs(8)).await;

    // It takes the connection and says nothing: ten seconds are enough.
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
    visitor.click("[data-card=jitsi-unreachable] [data-do=retry]").await;
    visitor.in_tool("html[data-state=loading] #progress").await;
    meets_card(&visitor, "jitsi-unreachable", "retry", Duration::from_secs(16)).await;
    drop(silent);

    let refusing = Replacement::start(&stage.jitsi_with_another_secret(), port);
    visitor.click("[data-card=jitsi-unreachable] [data-do=retry]").await;
    meets_card(&visitor, "jitsi-refused-token", "again", Duration::from_secs(12)).await;
    drop(refusing);

    let _healthy = Replacement::start(&stage.jitsi, port);
    visitor.click("[data-card=jitsi-refused-token] [data-do=again]").await;
    visitor.in_tool("html[data-state=joined] #bar").await;
}

#[tokio::test]
async fn a_refused_launch_says_so_inside_the_frame() {
    let stage = Stage::own();
    let activity = stage.activity("Class with bad luck");
    let visitor = Visitor::new(Cookies::ThirdPartyBlocked, 1000).await;
    let refusals = [
        (Tamper::TamperedPayload, "token-signature", "Reopen the activity from your course."),
        (Tamper::Expired, "token-expired", "Reopen the activity from your course."),
        (Tamper::LoginRequired, "platform-login-required", "Sign in to your LMS"),
    ];
    for (tamper, code, action) in refusals {
        stage.lms.behaviour().tamper_next(tamper);
        visitor.open(&stage.address(&activity, "ana", "")).await;
        visitor.in_tool(&format!("#refused[data-code={code}]")).await;
        let notice = visitor.read("#refused .notice").await;
        assert!(notice.contains("What to do") && notice.contains(action), "{code}: {notice}");
        assert!(visitor.read("#support-line").await.starts_with(&format!("{code} · ")), "{code}");
        assert!(visitor.sees("#copy-support").await, "{code}");
    }
    visitor.open(&stage.address(&activity, "ana", "")).await;
    visitor.in_tool("#join").await;
}
