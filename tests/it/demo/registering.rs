//! From an invitation to a class: the tool registers itself at an LMS that does not know it.

use jitsi_lti::demo::lms::{DescriptionFlaw, Fault, FaultAt, SCOPE_SCORE, Visit};

use crate::support::{Backend, Browser, Page, Setup, TestTool, form, on_both};

/// Tool and platform as strangers.
async fn strangers(backend: Backend) -> TestTool {
    Setup::new(backend).without_platform().start().await
}

/// An administrator of the platform pastes an invitation: what the LMS then shows.
async fn pastes(tool: &TestTool, browser: &Browser) -> Page {
    let address = tool.lms.begin_registration(&tool.invites().await).unwrap();
    browser.visits(&address).await
}

/// Presses the button of the page.
async fn registers(tool: &TestTool) -> Page {
    let browser = tool.browser();
    let page = pastes(tool, &browser).await;
    assert_eq!(page.status, 200, "{}", page.body);
    browser.submits("/lti/register", &form(&[("sealed", &page.field("sealed"))])).await
}

on_both!(
    an_invited_platform_registers_the_tool_and_opens_a_class_once_approved,
    a_platform_that_names_no_deployment_opens_a_class_once_approved,
    what_the_platform_refuses_is_told,
    each_flaw_of_a_platform_s_description_is_refused,
);

async fn an_invited_platform_registers_the_tool_and_opens_a_class_once_approved(backend: Backend) {
    let tool = strangers(backend).await;
    let done = registers(&tool).await;
    assert_eq!(done.status, 200, "{}", done.body);
    let known = tool.lms.tools().pop().unwrap();
    done.assert_says(&known.client_id);
    assert_eq!((known.name.as_str(), known.deployment_id.as_str()), ("Jitsi class", "1"));
    assert_eq!(known.redirect_uris, [format!("{}/lti/launch", tool.origin)]);
    assert!(known.custom.contains(&("context_id_history".to_owned(), "$Context.id.history".to_owned())));
    let waits = tool.browser().launches("tessa", "1").await;
    assert_ne!(waits.outcome(), "enters");
    tool.approves().await;
    let teacher = tool.browser();
    let room = teacher.launches("tessa", "1").await.assert_enters();
    assert_eq!(tool.browser().launches("ana", "1").await.assert_enters(), room);
    let picker = teacher.launches_as(&Visit::picking("tessa", "101")).await;
    assert_eq!(picker.status, 200, "{}", picker.body);
}

async fn what_the_platform_refuses_is_told(backend: Backend) {
    let tool = strangers(backend).await;
    let behaviour = tool.lms.behaviour();
    let refusal = serde_json::json!({"error": "not_today", "error_description": "The term is over."});
    behaviour.set(|now| now.registering.refusal = Some((400, refusal)));
    registers(&tool).await.assert_refused(502, "registration-refused").assert_says("The term is over.");
    assert!(tool.lms.tools().is_empty());
    behaviour.reset();
    behaviour.set(|now| now.registering.scopes = Some(vec![SCOPE_SCORE.to_owned()]));
    let done = registers(&tool).await;
    assert!(done.status == 200 && done.body.contains("id=\"missing\""), "{}", done.body);
    let known = tool.lms.tools().pop().unwrap();
    assert_eq!(known.scopes, Some(vec![SCOPE_SCORE.to_owned()]));
    behaviour.reset();
    behaviour.set(|now| now.registering.without_client_id = true);
    registers(&tool).await.assert_refused(502, "registration-refused");
}

/// As at Brightspace.
async fn a_platform_that_names_no_deployment_opens_a_class_once_approved(backend: Backend) {
    let tool = strangers(backend).await;
    tool.lms.behaviour().set(|now| {
        now.registering.token_needed = false;
        now.registering.without_deployment = true;
    });
    let done = registers(&tool).await;
    assert_eq!(done.status, 200, "{}", done.body);
    assert_ne!(tool.browser().launches("tessa", "1").await.outcome(), "enters");
    tool.approves().await;
    tool.browser().launches("tessa", "1").await.assert_enters();
}

async fn each_flaw_of_a_platform_s_description_is_refused(backend: Backend) {
    let tool = strangers(backend).await;
    let behaviour = tool.lms.behaviour();
    let opens = async || pastes(&tool, &tool.browser()).await;
    let endpoints = ["authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint"];
    let flaws = endpoints.map(DescriptionFlaw::Elsewhere).into_iter();
    let flaws = flaws.chain([DescriptionFlaw::WrongIssuer]).map(|flaw| (flaw, "registration-address"));
    for (flaw, code) in flaws.chain([(DescriptionFlaw::Redirects, "registration-unreachable")]) {
        behaviour.set(|now| now.registering.flaw = Some(flaw));
        assert_eq!(opens().await.outcome(), format!("502 {code}"), "{flaw:?}");
    }
    behaviour.reset();
    for (trouble, code) in [
        (Fault::Html, "registration-unreadable"),
        (Fault::Garbage, "registration-unreadable"),
        (Fault::TenMegabytes, "registration-unreachable"),
        (Fault::Hangup, "registration-unreachable"),
        (Fault::ServerError, "registration-unreachable"),
    ] {
        behaviour.set(|now| (now.fault, now.fault_at) = (Some(trouble), FaultAt::Description));
        assert_eq!(opens().await.outcome(), format!("502 {code}"), "{trouble:?}");
    }
}
