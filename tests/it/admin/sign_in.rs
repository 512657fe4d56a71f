//! Administrators who sign in at an OpenID provider.

use std::time::Duration;

use serde_json::{Value, json};
use url::Url;

use crate::support::{
    Backend, Browser, MINUTE, NOW, Page, Person, Provider, Setup, Signature, Tamper, TestTool, on_both,
};

on_both!(
    an_administrator_signs_in,
    somebody_else_stays_outside,
    no_token_is_believed_that_is_not_proved,
    a_sign_in_ends_once_in_its_own_browser,
    an_answer_of_another_provider_does_not_count,
    a_provider_that_refuses_or_is_away_is_named,
    nobody_makes_us_ask_the_provider_without_end,
    strangers_lock_no_operator_out,
    what_cannot_be_taken_back_asks_for_a_fresh_sign_in,
    a_provider_that_changed_its_keys_is_asked_anew,
    without_a_provider_there_is_no_sign_in,
);

async fn start(backend: Backend) -> (Provider, TestTool) {
    let provider = Provider::start();
    let settings = provider.settings(&["ada@campus.example"], &["groups=class-admins"]);
    let tool = Setup::new(backend).signing_in_at(settings).start().await;
    (provider, tool)
}

/// From our page to the provider and back: what the tool answers then.
async fn signs_in(browser: &Browser, provider: &Provider) -> Page {
    let back = begins(browser, provider).await;
    browser.comes_back(&back).await
}

/// The same, but for the last step: the address that leads back.
async fn begins(browser: &Browser, provider: &Provider) -> Url {
    let begun = browser.opens("/admin/oidc").await;
    assert_eq!(begun.status, 303, "{}", begun.body);
    provider.signs_in(&begun.location()).await
}

async fn an_administrator_signs_in(backend: Backend) {
    let (provider, tool) = start(backend).await;
    let ada = tool.browser();
    let outside = ada.opens("/admin").await;
    outside.assert_refused(403, "admin-signed-out");
    outside.assert_says("href=\"/admin/oidc\"");
    let entered = signs_in(&ada, &provider).await;
    assert_eq!((entered.status, entered.header("location")), (303, "/admin"), "{}", entered.body);
    assert!(!ada.cookies().contains_key("__Host-admin-sign-in"), "it has done its work");
    ada.opens("/admin").await.assert_says("Administration");
    ada.opens("/admin/audit").await.assert_says("oidc ada@campus.example");
    provider.takes_secrets_by_post();
    tool.later(10 * MINUTE);
    provider.knows(Person::of(json!({ "sub": "b-2", "groups": ["staff", "class-admins"] })));
    let bob = tool.browser();
    assert_eq!(signs_in(&bob, &provider).await.status, 303);
    bob.opens("/admin/audit").await.assert_says("oidc b-2");
    assert!(provider.complaints().is_empty(), "{:?}", provider.complaints());
}

async fn somebody_else_stays_outside(backend: Backend) {
    let (provider, tool) = start(backend).await;
    for (claims, says) in [
        (
            json!({ "sub": "s", "email": "eve@campus.example", "email_verified": true }),
            "those of an administrator",
        ),
        (json!({ "sub": "s", "email": "ada@campus.example" }), "email_verified"),
        (json!({ "sub": "s", "email": "ada@campus.example", "email_verified": false }), "email_verified"),
        (json!({ "sub": "ada@campus.example", "groups": ["staff"] }), "those of an administrator"),
    ] {
        provider.knows(Person::of(claims));
        let eve = tool.browser();
        let refused = signs_in(&eve, &provider).await;
        refused.assert_refused(403, "sign-in-not-entitled").assert_says(says);
        eve.opens("/admin").await.assert_refused(403, "admin-signed-out");
    }
    let admin = tool.administrator().await;
    let log = admin.opens("/admin/audit").await;
    log.assert_says("oidc eve@campus.example").assert_says("oidc s");
}

/// What is wrong with a token, and what the refusal says of it.
const LIES: [(&str, Tamper, Signature, &str); 16] = [
    ("another issuer", |_, claims| claims["iss"] = json!("https://id.example"), Signature::Own, "ssuer"),
    ("another audience", |_, claims| claims["aud"] = json!("other"), Signature::Own, "udience"),
    ("no audience", |_, claims| claims["aud"] = json!([]), Signature::Own, "udience"),
    ("another party", |_, claims| claims["azp"] = json!("other"), Signature::Own, "azp"),
    (
        "several audiences without a party",
        |_, claims| claims["aud"] = json!(["class", "other"]),
        Signature::Own,
        "azp",
    ),
    ("over", |_, claims| claims["exp"] = json!(NOW - 121), Signature::Own, "xpired"),
    ("from the future", |_, claims| claims["iat"] = json!(NOW + 121), Signature::Own, "future"),
    ("another nonce", |_, claims| claims["nonce"] = json!("n"), Signature::Own, "nonce"),
    ("no nonce", |_, claims| claims["nonce"] = Value::Null, Signature::Own, "nonce"),
    ("no end", |_, claims| drop(claims.as_object_mut().unwrap().remove("exp")), Signature::Own, "read"),
    ("nobody", |_, claims| drop(claims.as_object_mut().unwrap().remove("sub")), Signature::Own, "read"),
    ("a foreign key", |_, _| {}, Signature::Foreign, "ignature"),
    ("an unknown key", |header, _| header["kid"] = json!("other"), Signature::Own, "ignature"),
    ("the shared secret", |header, _| *header = json!({ "alg": "HS256" }), Signature::Shared, "lgorithm"),
    ("no signature", |header, _| *header = json!({ "alg": "none" }), Signature::Nothing, "ignature"),
    ("a signature cut off", |_, _| {}, Signature::Nothing, "ignature"),
];

async fn no_token_is_believed_that_is_not_proved(backend: Backend) {
    let (provider, tool) = start(backend).await;
    for (lie, tamper, signature, says) in LIES {
        provider.knows(Person { tamper, signature, ..Person::ada() });
        let browser = tool.browser();
        let refused = signs_in(&browser, &provider).await;
        assert!((400..=502).contains(&refused.status), "{lie}: {}", refused.body);
        assert!(
            ["sign-in-unproved", "sign-in-unusable"].contains(&refused.code().unwrap().as_str()),
            "{lie}: {}",
            refused.body
        );
        assert!(refused.text().contains(says), "{lie}: {}", refused.body);
        browser.opens("/admin").await.assert_refused(403, "admin-signed-out");
    }
    for honest in [
        (|_: &mut Value, claims: &mut Value| claims["aud"] = json!(["class"])) as Tamper,
        |_, claims| (claims["aud"], claims["azp"]) = (json!(["other", "class"]), json!("class")),
        |_, claims| claims["exp"] = json!(NOW - 119),
        |_, claims| claims["email_verified"] = json!("true"),
    ] {
        provider.knows(Person { tamper: honest, ..Person::ada() });
        let entered = signs_in(&tool.browser(), &provider).await;
        assert_eq!(entered.status, 303, "{}", entered.body);
    }
}

async fn a_sign_in_ends_once_in_its_own_browser(backend: Backend) {
    let (provider, tool) = start(backend).await;
    let (ada, eve) = (tool.browser(), tool.browser());
    let back = begins(&ada, &provider).await;
    // Eve lures Ada's answer into her own browser, and her own into Ada's.
    let hers = begins(&eve, &provider).await;
    eve.comes_back(&back).await.assert_refused(403, "sign-in-stale");
    ada.comes_back(&hers).await.assert_refused(403, "sign-in-stale");
    tool.browser().comes_back(&back).await.assert_refused(403, "sign-in-stale");
    let again = ada.cookies();
    assert_eq!(ada.comes_back(&back).await.status, 303);
    // The same cookie and the same address once more.
    let replay = tool.browser();
    let request = replay.raw("GET", &format!("{}?{}", back.path(), back.query().unwrap()));
    let cookie = format!("__Host-admin-sign-in={}", again["__Host-admin-sign-in"]);
    let answer = Page::read(request.header("cookie", cookie).send().await.unwrap()).await;
    answer.assert_refused(403, "sign-in-stale");
    let slow = tool.browser();
    let back = begins(&slow, &provider).await;
    tool.later(10 * MINUTE + Duration::from_secs(1));
    slow.comes_back(&back).await.assert_refused(403, "sign-in-stale");
}

/// RFC 9207: an answer that another provider gave is not this one's.
async fn an_answer_of_another_provider_does_not_count(backend: Backend) {
    let (provider, tool) = start(backend).await;
    let ada = tool.browser();
    let back = begins(&ada, &provider).await;
    let pairs: Vec<(String, String)> =
        back.query_pairs().into_owned().filter(|(name, _)| name != "iss").collect();
    let mut mixed = back.clone();
    mixed.query_pairs_mut().clear().extend_pairs(pairs).append_pair("iss", "https://id.example");
    ada.comes_back(&mixed).await.assert_refused(403, "sign-in-stale");
}

async fn a_provider_that_refuses_or_is_away_is_named(backend: Backend) {
    let (provider, tool) = start(backend).await;
    let browser = tool.browser();
    let mut back = begins(&browser, &provider).await;
    let state = back.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    let pairs =
        [("state", state.as_str()), ("error", "access_denied"), ("error_description", "<b>not you</b>")];
    back.query_pairs_mut().clear().extend_pairs(pairs);
    let refused = browser.comes_back(&back).await;
    refused.assert_refused(403, "sign-in-refused").assert_says("access_denied <b>not you</b>");
    assert!(!refused.body.contains("<b>not"), "{}", refused.body);
    // Without a sign-in of this browser nobody's words are shown.
    let lured = tool.browser().comes_back(&back).await;
    lured.assert_refused(403, "sign-in-stale");
    assert!(!lured.body.contains("not you"), "{}", lured.body);
    let back = begins(&browser, &provider).await;
    let mut forged = back.clone();
    let pairs: Vec<(String, String)> =
        back.query_pairs().into_owned().filter(|(name, _)| name != "code").collect();
    forged.query_pairs_mut().clear().extend_pairs(pairs).append_pair("code", "invented");
    let refused = browser.comes_back(&forged).await;
    refused.assert_refused(403, "sign-in-refused").assert_says("the code was used, or never given");
    provider.is_down(true);
    tool.later(15 * MINUTE);
    assert_eq!(
        browser.opens("/admin/oidc").await.status,
        303,
        "what it said a quarter of an hour ago still counts"
    );
    tool.later(60 * MINUTE);
    browser.opens("/admin/oidc").await.assert_refused(502, "sign-in-unusable").assert_says("502");
    provider.is_down(false);
    tool.later(Duration::from_secs(6));
    assert_eq!(signs_in(&browser, &provider).await.status, 303);
}

async fn nobody_makes_us_ask_the_provider_without_end(backend: Backend) {
    let (provider, tool) = start(backend).await;
    let browser = tool.browser();
    for _ in 0..30 {
        assert_eq!(browser.opens("/admin/oidc").await.status, 303);
    }
    browser.opens("/admin/oidc").await.assert_refused(429, "sign-in-busy");
    assert_eq!(provider.was_asked(), 1, "what it says of itself is kept for a while");
    provider.is_down(true);
    let away = tool.browser();
    tool.later(70 * MINUTE);
    for number in 0..20 {
        let begun = from(&away, &format!("198.51.100.{number}")).await;
        begun.assert_refused(502, "sign-in-unusable");
    }
    assert_eq!(provider.was_asked(), 2, "nor is a provider in trouble asked by everybody");
}

/// Begins a sign-in at another address.
async fn from(browser: &Browser, address: &str) -> Page {
    let request = browser.raw("GET", "/admin/oidc").header("x-forwarded-for", address);
    Page::read(request.send().await.unwrap()).await
}

async fn strangers_lock_no_operator_out(backend: Backend) {
    let (provider, tool) = start(backend).await;
    let ada = tool.browser();
    assert_eq!(signs_in(&ada, &provider).await.status, 303);
    let stranger = tool.browser();
    for _ in 0..40 {
        from(&stranger, "203.0.113.9").await;
    }
    from(&stranger, "203.0.113.9").await.assert_refused(429, "sign-in-busy");
    assert_eq!(from(&stranger, "203.0.113.10").await.status, 303, "it is another address");
    for _ in 0..40 {
        stranger.opens("/admin/oidc").await;
    }
    tool.browser().opens("/admin/oidc").await.assert_refused(429, "sign-in-busy");
    // Her browser signed in before, and has tries of its own.
    assert_eq!(signs_in(&ada, &provider).await.status, 303);
}

async fn what_cannot_be_taken_back_asks_for_a_fresh_sign_in(backend: Backend) {
    let (provider, tool) = start(backend).await;
    let ada = tool.browser();
    assert_eq!(signs_in(&ada, &provider).await.status, 303);
    tool.later(11 * MINUTE);
    let delete = format!("/admin/platforms/{}/delete", tool.platform_id().await);
    let refused = ada.opens(&delete).await;
    refused.assert_refused(403, "sign-in-again").assert_says("href=\"/admin/oidc?again=yes\"");
    let rotated = ada.presses("/admin/status", "/admin/status", &[]).await;
    rotated.assert_refused(403, "sign-in-again");
    let again = async |signed_in: i64| {
        provider.knows(Person::of(json!({
            "sub": "a-1", "email": "ada@campus.example", "email_verified": true, "auth_time": NOW + signed_in,
        })));
        let begun = ada.opens("/admin/oidc?again=yes").await.location();
        let asked: Vec<_> =
            begun.query_pairs().filter(|(name, _)| name == "prompt" || name == "max_age").collect();
        assert_eq!(asked.len(), 2, "{begun}");
        ada.comes_back(&provider.signs_in(&begun).await).await
    };
    // The provider remembered her, and did not ask.
    again(0).await.assert_refused(403, "sign-in-unproved");
    assert_eq!(again(11 * 60).await.status, 303);
    assert_eq!(ada.opens(&delete).await.status, 200);
    assert_eq!(ada.presses("/admin/status", "/admin/status", &[]).await.status, 303);
}

async fn a_provider_that_changed_its_keys_is_asked_anew(backend: Backend) {
    let (provider, tool) = start(backend).await;
    assert_eq!(signs_in(&tool.browser(), &provider).await.status, 303);
    provider.changes_keys();
    tool.later(MINUTE);
    assert_eq!(signs_in(&tool.browser(), &provider).await.status, 303);
    assert_eq!(provider.was_asked(), 2);
}

async fn without_a_provider_there_is_no_sign_in(backend: Backend) {
    let tool = TestTool::start(backend).await;
    for path in ["/admin/oidc", "/admin/oidc/callback?state=x&code=y"] {
        tool.browser().opens(path).await.assert_refused(404, "page-unknown");
    }
}
