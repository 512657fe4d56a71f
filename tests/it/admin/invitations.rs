//! Invitations: one use each, and nothing from whom they were not meant for.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::support::{Backend, Browser, Double, Page, Reply, Setup, TestTool, form, on_both};

on_both!(
    an_invitation_works_once,
    an_invitation_is_withdrawn_or_runs_out,
    an_invitation_that_a_platform_refused_still_works,
    the_invited_platform_is_shown_for_approval,
    a_reload_invites_nobody_again,
    an_update_is_told_as_an_update,
    addresses_of_strangers_are_refused,
    nothing_is_overwritten,
    an_operator_decides_about_other_addresses,
);

async fn strangers(backend: Backend) -> TestTool {
    Setup::new(backend).without_platform().start().await
}

/// The platform opens the invitation with its registration.
async fn opens(tool: &TestTool, browser: &Browser, invitation: &str) -> Page {
    browser.visits(&tool.lms.begin_registration(invitation).unwrap()).await
}

async fn registers(browser: &Browser, page: &Page) -> Page {
    browser.submits("/lti/register", &form(&[("sealed", &page.field("sealed"))])).await
}

/// The page of a new invitation.
async fn invites(admin: &Browser, note: &str) -> Page {
    let done = admin.presses("/admin", "/admin/invitations", &[("note", note), ("private", "yes")]).await;
    assert_eq!(done.status, 303, "{}", done.body);
    admin.opens(done.header("location")).await
}

async fn an_invitation_works_once(backend: Backend) {
    let tool = strangers(backend).await;
    let invitation = tool.invites().await;
    let browser = tool.browser();
    let (first, second) =
        (opens(&tool, &browser, &invitation).await, opens(&tool, &browser, &invitation).await);
    assert_eq!(first.policy("frame-ancestors"), ["'self'", tool.lms.settings().issuer.as_str()]);
    let done = registers(&browser, &first).await;
    assert_eq!(done.status, 200, "{}", done.body);
    registers(&browser, &first).await.assert_refused(403, "invitation-unusable");
    registers(&browser, &second).await.assert_refused(403, "invitation-unusable");
    opens(&tool, &browser, &invitation).await.assert_refused(403, "invitation-unusable");
    assert_eq!((tool.count("platform").await, tool.lms.tools().len()), (1, 1));
}

async fn an_invitation_is_withdrawn_or_runs_out(backend: Backend) {
    let tool = strangers(backend).await;
    let admin = tool.administrator().await;
    let invited = invites(&admin, "Riverside").await;
    let invitation = invited.text_of("#address");
    let browser = tool.browser();
    let page = opens(&tool, &browser, &invitation).await;
    page.assert_says("Register live classes here");
    let see = invited.attr("#arrived", "data-see");
    let id = see.trim_start_matches("/admin/invitations/");
    let withdrawn = admin.presses("/admin", "/admin/invitations/withdraw", &[("id", id)]).await;
    assert_eq!(withdrawn.status, 303);
    registers(&browser, &page).await.assert_refused(403, "invitation-unusable");
    admin.opens(&see).await.assert_says("can no longer be used");
    let late = tool.invites().await;
    tool.later(Duration::from_secs(7 * 24 * 60 * 60));
    opens(&tool, &browser, &late).await.assert_refused(403, "invitation-unusable");
    let guess = format!("{}/lti/register?invitation=guess", tool.origin);
    opens(&tool, &browser, &guess).await.assert_refused(403, "invitation-unusable");
    let fresh = tool.invites().await;
    browser.visits(&fresh).await.assert_refused(400, "registration-by-hand");
    assert_eq!(tool.count("platform").await, 0);
}

async fn an_invitation_that_a_platform_refused_still_works(backend: Backend) {
    let tool = strangers(backend).await;
    let invitation = tool.invites().await;
    let browser = tool.browser();
    let refusal = json!({"error": "invalid_client_metadata", "error_description": "logo_uri is too large"});
    tool.lms.behaviour().set(|now| now.registering.refusal = Some((400, refusal)));
    let refused = registers(&browser, &opens(&tool, &browser, &invitation).await).await;
    refused.assert_refused(502, "registration-refused").assert_says("logo_uri is too large");
    assert_eq!(tool.audit().await, ["invitation register refused"]);
    tool.lms.behaviour().reset();
    let done = registers(&browser, &opens(&tool, &browser, &invitation).await).await;
    assert_eq!(done.status, 200, "{}", done.body);
}

async fn the_invited_platform_is_shown_for_approval(backend: Backend) {
    let tool = strangers(backend).await;
    let admin = tool.administrator().await;
    let invited = invites(&admin, "Riverside").await;
    let see = invited.attr("[data-see]", "data-see");
    assert!(admin.opens(&see).await.body.contains("data-state=\"waiting\""));
    let browser = tool.browser();
    let page = opens(&tool, &browser, &invited.text_of("#address")).await;
    registers(&browser, &page).await.assert_says("send grades for attendance");
    let arrived = admin.opens(&see).await;
    assert!(arrived.body.contains("data-state=\"arrived\""), "{}", arrived.body);
    tool.browser().launches("tessa", "1").await.assert_refused(403, "deployment-unknown");
    let (platform, deployment) = (tool.platform_id().await, arrived.field("deployment"));
    let approve = [("act", "approve"), ("deployment", deployment.as_str()), ("back", "home")];
    let done = admin.presses(&see, &format!("/admin/platforms/{platform}"), &approve).await;
    assert_eq!(done.header("location"), "/admin#platforms");
    tool.browser().launches("tessa", "1").await.assert_enters();
}

async fn a_reload_invites_nobody_again(backend: Backend) {
    let tool = strangers(backend).await;
    let admin = tool.administrator().await;
    let invited = invites(&admin, "Riverside, Moodle").await;
    let (address, see) = (invited.text_of("#address"), invited.attr("[data-see]", "data-see"));
    let again = admin.opens(&see).await;
    assert_eq!(again.text_of("#address"), address, "the address stays while it waits");
    assert_eq!(again.header("cache-control"), "no-store");
    assert_eq!(tool.count("invitation").await, 1);
    let leaked =
        format!("invitation WHERE sealed_secret LIKE '%{}%'", address.split('=').next_back().unwrap());
    assert_eq!(tool.count(&leaked).await, 0, "the secret is sealed");
    let browser = tool.browser();
    let page = opens(&tool, &browser, &address).await;
    page.assert_says("press “Activate”");
    registers(&browser, &page).await.assert_says("waits for an administrator");
    // Its note is the platform's name; its address is used up.
    let arrived = admin.opens(&see).await;
    arrived.assert_says("Riverside, Moodle").assert_says("Show in activity chooser");
    assert!(!arrived.body.contains("id=\"address\""));
    assert_eq!(tool.texts("SELECT name AS value FROM platform").await, ["Riverside, Moodle"]);
    assert_eq!(tool.count("invitation WHERE sealed_secret IS NOT NULL").await, 0);
    // Without a note the host is.
    let other = invites(&admin, "").await;
    let see = other.attr("#arrived", "data-see");
    let id = see.trim_start_matches("/admin/invitations/");
    admin.presses("/admin", "/admin/invitations/withdraw", &[("id", id)]).await;
    let over = admin.opens(&see).await;
    assert!(!over.body.contains("id=\"address\""), "{}", over.body);
}

/// A registration token of Moodle's kind.
fn token_for(client_id: &str) -> String {
    let part = |json: Value| URL_SAFE_NO_PAD.encode(json.to_string());
    format!("{}.{}.x", part(json!({"alg": "RS256"})), part(json!({"sub": client_id, "scope": "reg-update"})))
}

async fn an_update_is_told_as_an_update(backend: Backend) {
    let tool = strangers(backend).await;
    let double = forgetful();
    registers_at(&tool, &double).await.assert_says("Registered").assert_says("waits for an administrator");
    let browser = tool.browser();
    let opens = async |token: Option<String>| {
        let mut url = url::Url::parse(&tool.invites().await).unwrap();
        url.query_pairs_mut().append_pair("openid_configuration", &double.url());
        if let Some(token) = token {
            url.query_pairs_mut().append_pair("registration_token", &token);
        }
        browser.visits(url.as_str()).await
    };
    // Whoever wants a second registration is told that there is one.
    for token in [None, Some("opaque".to_owned()), Some(token_for("a new one"))] {
        opens(token).await.assert_says("Your LMS is already registered here");
    }
    let page = opens(Some(token_for("class-tool"))).await;
    page.assert_says("Update the live classes here").assert_says("class-tool");
    assert!(!page.body.contains("id=\"others\""), "{}", page.body);
    tool.sql(
        "INSERT INTO deployment (id, platform_id, deployment_id, status, created_at) \
         SELECT '0000000000000000000000000000000d', id, '1', 'active', 1 FROM platform",
    )
    .await;
    let done = registers(&browser, &page).await;
    done.assert_says("Updated").assert_says("keeps its client ID").assert_says("Nothing needs approval");
    assert_eq!(tool.count("platform").await, 1);
    assert!(tool.audit().await.contains(&"invitation register-update done".to_owned()));
}

/// What a platform says of itself at `origin`.
fn description(origin: &str) -> Value {
    json!({
        "issuer": origin,
        "authorization_endpoint": format!("{origin}/auth"),
        "token_endpoint": format!("{origin}/token"),
        "jwks_uri": format!("{origin}/keys"),
        "registration_endpoint": format!("{origin}/register"),
        "https://purl.imsglobal.org/spec/lti-platform-configuration": {
            "product_family_code": "x",
            "messages_supported": [{"type": "LtiResourceLinkRequest"}],
        },
    })
}

async fn addresses_of_strangers_are_refused(backend: Backend) {
    let tool = strangers(backend).await;
    let browser = tool.browser();
    let double = Double::answering(Reply::json("{}"));
    let here = double.url().replace("/keys", "");
    let ask = async |private: bool, configuration: &str| {
        let invitation = if private { tool.invites().await } else { tool.invites_from_outside().await };
        let mut url = url::Url::parse(&invitation).unwrap();
        url.query_pairs_mut().append_pair("openid_configuration", configuration);
        browser.visits(url.as_str()).await
    };
    // Private addresses, in every spelling, for an invitation that does not allow them.
    for place in [
        here.as_str(),
        "https://127.0.0.1/c",
        "https://2130706433/c",
        "https://0x7f.1/c",
        "https://[::1]/c",
        "https://[::ffff:127.0.0.1]/c",
        "https://169.254.169.254/latest/meta-data",
        // A name that leads to this machine.
        "https://localhost/c",
        "http://lms.example/c",
        "file:///etc/passwd",
    ] {
        ask(false, place).await.assert_refused(502, "registration-unreachable");
    }
    assert_eq!(double.asked(), 0, "nobody was asked");
    let mut body = description(&here);
    let rows: [(&str, Value, &str); 7] = [
        ("issuer", Value::Null, "registration-unreadable"),
        ("issuer", json!("https://other.example"), "registration-address"),
        ("jwks_uri", json!("https://other.example/keys"), "registration-address"),
        ("token_endpoint", json!("https://other.example/token"), "registration-address"),
        ("authorization_endpoint", json!("ftp://x/y"), "registration-address"),
        ("registration_endpoint", Value::Null, "registration-unreadable"),
        ("registration_endpoint", json!("https://other.example/register"), "registration-address"),
    ];
    for (name, value, code) in rows {
        body = description(&here);
        body[name] = value;
        double.answers(Reply::json(body.to_string()));
        ask(true, &double.url()).await.assert_refused(502, code);
    }
    double.answers(Reply::json("<html>"));
    ask(true, &double.url()).await.assert_refused(502, "registration-unreadable");
    double.answers(Reply::json("x".repeat(300 * 1024)));
    ask(true, &double.url()).await.assert_refused(502, "registration-unreachable");
    double.answers(Reply { status: 302, ..Reply::json("") });
    ask(true, &double.url()).await.assert_refused(502, "registration-unreachable");
    // Nobody waits for a platform for ever.
    double.answers(Reply { after: Duration::from_secs(20), ..Reply::json("{}") });
    ask(true, &double.url()).await.assert_refused(502, "registration-unreachable");
    double.answers(Reply::json(description(&here).to_string()));
    assert_eq!(ask(true, &double.url()).await.status, 200, "the same is fine when all is right");
    assert_eq!(tool.count("platform").await, 0, "{body}");
}

/// A platform that answers its description to a registration too, with the client id that it gives every time.
fn forgetful() -> Double {
    let double = Double::answering(Reply::json("{}"));
    let mut answer = description(&double.url().replace("/keys", ""));
    answer["client_id"] = json!("class-tool");
    double.answers(Reply::json(answer.to_string()));
    double
}

async fn registers_at(tool: &TestTool, double: &Double) -> Page {
    let browser = tool.browser();
    let mut url = url::Url::parse(&tool.invites().await).unwrap();
    url.query_pairs_mut().append_pair("openid_configuration", &double.url());
    registers(&browser, &browser.visits(url.as_str()).await).await
}

async fn nothing_is_overwritten(backend: Backend) {
    let tool = strangers(backend).await;
    let double = forgetful();
    registers_at(&tool, &double).await.assert_says("Registered");
    registers_at(&tool, &double).await.assert_says("Updated");
    tool.sql("UPDATE platform SET jwks_url = 'https://lms.example/corrected-by-hand'").await;
    let refused = registers_at(&tool, &double).await;
    refused.assert_refused(409, "registration-exists").assert_says("corrected-by-hand");
    let stored = tool.texts("SELECT jwks_url AS value FROM platform").await;
    assert_eq!(stored, ["https://lms.example/corrected-by-hand"]);
}

async fn an_operator_decides_about_other_addresses(backend: Backend) {
    let tool = strangers(backend).await;
    let double = forgetful();
    registers_at(&tool, &double).await.assert_says("Registered");
    let told = tool.texts("SELECT jwks_url AS value FROM platform").await;
    tool.sql("UPDATE platform SET jwks_url = 'https://lms.example/old'").await;
    let admin = tool.administrator().await;
    let page = format!("/admin/platforms/{}", tool.platform_id().await);
    let decides = async |act: &str| {
        let shown = admin.opens(&page).await;
        let fields = ["csrf", "seen", "at"].map(|name| (name, shown.field(name)));
        let mut fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        fields.push(("act", act));
        form(&fields)
    };
    // The same twice is one proposal.
    for _ in 0..2 {
        registers_at(&tool, &double).await.assert_refused(409, "registration-exists");
    }
    let proposed = |audit: &[String]| audit.iter().filter(|line| line.contains("platform-propose")).count();
    assert_eq!(proposed(&tool.audit().await), 1);
    admin.opens("/admin").await.assert_says("names other addresses");
    admin.opens(&page).await.assert_says("data-change=\"jwks_url\"").assert_says(&told[0]);
    let dismiss = decides("dismiss").await;
    let done = admin.submits(&format!("{page}/proposal"), &dismiss).await;
    assert!(done.header("location").ends_with("?notice=dismissed"), "{}", done.body);
    assert!(!admin.opens(&page).await.body.contains("id=\"proposal\""));
    assert_eq!(tool.texts("SELECT jwks_url AS value FROM platform").await, ["https://lms.example/old"]);
    let late = admin.submits(&format!("{page}/proposal"), &dismiss).await;
    assert_eq!(late.status, 409, "{}", late.body);

    // Whoever changes the registration by hand, or registers it as it is stored, has decided too.
    registers_at(&tool, &double).await.assert_refused(409, "registration-exists");
    let shown = admin.opens(&page).await;
    let input =
        ["csrf", "seen", "name", "auth_url", "token_url", "jwks_url"].map(|name| (name, shown.field(name)));
    let mut input: Vec<_> = input.iter().map(|(name, value)| (*name, value.as_str())).collect();
    input.push(("token_audience", ""));
    assert_eq!(admin.submits(&format!("{page}/values"), &form(&input)).await.status, 303);
    assert!(!admin.opens(&page).await.body.contains("id=\"proposal\""));
    registers_at(&tool, &double).await.assert_refused(409, "registration-exists");
    admin.opens("/admin").await.assert_says("names other addresses");

    let accept = decides("accept").await;
    // Somebody changes the registration before that arrives.
    tool.sql("UPDATE platform SET updated_at = updated_at + 1").await;
    let late = admin.submits(&format!("{page}/proposal"), &accept).await;
    assert_eq!(late.status, 409, "{}", late.body);
    late.assert_says("changed while you were deciding").assert_says("id=\"proposal\"");
    let done = admin.submits(&format!("{page}/proposal"), &decides("accept").await).await;
    assert!(done.header("location").ends_with("?notice=saved"), "{}", done.body);
    assert_eq!(tool.texts("SELECT jwks_url AS value FROM platform").await, told);
    assert!(!admin.opens("/admin").await.body.contains("names other addresses"));
    tool.sql("UPDATE platform SET jwks_url = 'https://lms.example/old'").await;
    registers_at(&tool, &double).await.assert_refused(409, "registration-exists");
    tool.sql("UPDATE platform SET jwks_url = REPLACE(token_url, '/token', '/keys')").await;
    let there = tool.texts("SELECT jwks_url AS value FROM platform").await;
    assert_eq!(there, told, "as the platform names it");
    registers_at(&tool, &double).await.assert_says("Updated");
    assert!(!admin.opens("/admin").await.body.contains("names other addresses"));
}
