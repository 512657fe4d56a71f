//! An administrator of the LMS registers the tool, by pasting an address.

use super::visitor::{Cookies, Visitor};
use crate::support::{Backend, Setup, TestTool};

const FRAME: &str = "#registration-frame";

async fn strangers() -> TestTool {
    Setup::new(Backend::Sqlite).without_platform().start().await
}

/// Pastes an invitation on the LMS's page.
async fn pastes(visitor: &Visitor, tool: &TestTool) {
    visitor.open(&format!("{}/", tool.lms.settings().issuer)).await;
    visitor.click("#site-administration").await;
    visitor.see("#no-tools").await;
    visitor.see("#registration-url").await.send_keys(&tool.invites().await).await.unwrap();
    visitor.click("#register").await;
}

#[tokio::test]
async fn a_pasted_address_leads_to_a_class_by_a_few_clicks() {
    let tool = strangers().await;
    let visitor = Visitor::new(Cookies::ThirdPartyBlocked, 1000).await;
    pastes(&visitor, &tool).await;
    visitor.in_frame(FRAME, "#register-button").await;
    // The LMS's page believes the tool's origin alone.
    visitor.to_page().await;
    visitor.script("window.postMessage({ subject: 'org.imsglobal.lti.close' }, '*')").await;
    visitor.in_frame(FRAME, "#register-button").await.click().await.unwrap();
    visitor.in_frame(FRAME, "#finish").await.click().await.unwrap();
    visitor.to_page().await;
    visitor.see("#registered").await;
    assert!(!visitor.sees(FRAME).await);
    let known = tool.lms.tools().pop().unwrap();
    let line = format!("#tool-list li[data-client='{}']", known.client_id);
    let shown = visitor.read(&line).await;
    for text in ["Jitsi class", &known.client_id, "contextmembership.readonly"] {
        assert!(shown.contains(text), "{shown}");
    }
    assert_eq!(visitor.violations().await, [""; 0]);
    tool.approves().await;
    visitor.click(&format!("{line} a.open")).await;
    visitor.in_tool("#join").await;
}

#[tokio::test]
async fn a_tool_that_closes_without_registering_leaves_everything_as_it_was() {
    let tool = strangers().await;
    let visitor = Visitor::new(Cookies::Allowed, 360).await;
    pastes(&visitor, &tool).await;
    visitor.in_frame(FRAME, "#register-button").await;
    visitor.script("parent.postMessage({ subject: 'org.imsglobal.lti.close' }, '*')").await;
    visitor.to_page().await;
    visitor.see("#not-registered").await;
    assert!(!visitor.sees(FRAME).await && visitor.sees("#no-tools").await);
    assert_eq!(visitor.overhang().await, 0);
}

#[tokio::test]
async fn without_javascript_a_window_registers() {
    let tool = strangers().await;
    let visitor = Visitor::without_javascript().await;
    pastes(&visitor, &tool).await;
    assert!(!visitor.sees(FRAME).await);
    visitor.click("#registration-window").await;
    visitor.to_window(2).await;
    visitor.click("#register-button").await;
    visitor.see("#registered").await;
    visitor.open(&format!("{}/tools", tool.lms.settings().issuer)).await;
    visitor.see("#tool-list a.open").await;
}
