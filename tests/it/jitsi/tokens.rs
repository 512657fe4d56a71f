//! The three kinds of tokens, claim by claim.

use std::collections::BTreeMap;

use jitsi_lti::demo::jitsi::{
    JaasTenant, JitsiSettings, JitsiSim, SimKeys, SimKind, TokenServer, VerifiedToken,
};
use jitsi_lti::demo::jws::{KeyPair, Parsed};
use jitsi_lti::demo::lms::LmsPerson;
use jitsi_lti::jitsi::kinds::{JaasAccount, ServerKind, TokenSigning};
use jitsi_lti::servers::NewServer;
use jitsi_lti::signing::{PemKeyPair, generate_key_pair};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::support::{Backend, MINUTE, NOW, Page, TestTool, at_jitsi, on_both};

on_both!(
    a_shared_secret_signs_for_moderator_and_learner,
    a_server_finds_our_public_key_by_its_name,
    jaas_takes_our_token_in_its_tenant,
    tokens_open_nothing_else,
    nothing_in_a_token_tells_who_the_person_is_at_the_platform,
    tokens_of_people_with_endless_names_stay_short,
    direction_overrides_leave_names,
    two_servers_cannot_compare_their_visitors,
    a_server_with_a_short_secret_takes_our_token,
);

const FOR_MODERATORS: [&str; 16] = [
    "create-polls",
    "file-upload",
    "inbound-call",
    "livestreaming",
    "live-translation",
    "lobby",
    "moderation",
    "outbound-call",
    "recording",
    "room",
    "list-visitors",
    "send-groupchat",
    "send-private-message",
    "sip-inbound-call",
    "sip-outbound-call",
    "transcription",
];
const FOR_EVERYONE: [&str; 2] = ["flip", "screen-sharing"];
const FOR_NOBODY: [&str; 2] = ["branding", "calendar"];
const APP_ID: &str = "vpaas-magic-cookie-0123456789abcdef0123456789abcdef";

async fn meeting(tool: &TestTool, person: &str) -> Page {
    let browser = tool.browser();
    let room = browser.launches(person, "1").await.assert_enters();
    let page = browser.joins(&room).await;
    assert_eq!(page.status, 200, "{}", page.body);
    page
}

fn jwt(page: &Page) -> String {
    page.meeting_config()["jwt"].as_str().unwrap().to_owned()
}

fn room_name(page: &Page) -> String {
    page.meeting_config()["roomName"].as_str().unwrap().to_owned()
}

fn jitsi(tool: &TestTool, kind: SimKind) -> JitsiSim {
    let settings = JitsiSettings { origin: "https://meet.campus.example".to_owned(), kind };
    JitsiSim::new(settings, tool.clock.clone()).unwrap()
}

fn features(moderator: bool) -> BTreeMap<String, bool> {
    let row =
        |names: &[&str], on: bool| names.iter().map(|name| ((*name).to_owned(), on)).collect::<Vec<_>>();
    let all = [row(&FOR_MODERATORS, moderator), row(&FOR_EVERYONE, true), row(&FOR_NOBODY, false)];
    all.into_iter().flatten().collect()
}

fn check_person(token: &VerifiedToken, name: &str, moderator: bool) {
    assert_eq!((token.name.as_deref(), token.moderator), (Some(name), moderator));
    assert_eq!(token.email, None);
    assert!(token.complaints.is_empty(), "{:?}", token.complaints);
    assert_eq!(token.claims["context"]["user"]["moderator"], moderator, "a boolean, not a text");
    let times = ["iat", "nbf", "exp"].map(|claim| token.claims[claim].as_i64().unwrap() - NOW);
    assert_eq!(times, [0, -60, 4 * 60 * 60]);
    let names: Vec<&str> = token.claims.as_object().unwrap().keys().map(String::as_str).collect();
    for claim in &names {
        assert!(["iss", "aud", "sub", "room", "iat", "nbf", "exp", "context"].contains(claim), "{claim}");
    }
    let context: Vec<&String> = token.claims["context"].as_object().unwrap().keys().collect();
    assert_eq!(context.len(), 3, "user, group and features: {context:?}");
}

async fn a_shared_secret_signs_for_moderator_and_learner(backend: Backend) {
    let tool = TestTool::start(backend).await;
    for (person, name, moderator) in
        [("tessa", "Tessa Marlow", true), ("ana", "Ana Silva", false), ("olga", "Olga Silva", false)]
    {
        let page = meeting(&tool, person).await;
        assert_eq!(Parsed::of(&jwt(&page)).unwrap().header, json!({"alg": "HS256", "typ": "JWT"}));
        let token = tool.token_of(&page).await;
        check_person(&token, name, moderator);
        assert_eq!(token.features, features(moderator));
        assert_eq!(token.lobby_bypass, moderator);
        let claims = &token.claims;
        assert_eq!(
            (&claims["iss"], &claims["aud"], &claims["sub"]),
            (&json!("campus"), &json!("jitsi"), &json!("meet.campus.example"))
        );
        assert_eq!(claims["room"], room_name(&page).as_str());
        assert_eq!(claims["context"]["user"]["affiliation"], if moderator { "owner" } else { "member" });
    }
}

async fn a_server_finds_our_public_key_by_its_name(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.adds_server(at_jitsi(TokenSigning::PublicKey, None)).await;
    let key_sources = [
        SimKeys::KeyServer(format!("{}/jitsi/keys", tool.origin)),
        SimKeys::KeySet(format!("{}/jitsi/jwks", tool.origin)),
    ];
    for keys in key_sources {
        let server = jitsi(&tool, SimKind::Token(TokenServer::new("campus", keys, "meet.campus.example")));
        for (person, name, moderator) in [("tessa", "Tessa Marlow", true), ("ana", "Ana Silva", false)] {
            let page = meeting(&tool, person).await;
            let token = server.verify(Some(&jwt(&page)), &room_name(&page)).await.unwrap();
            check_person(&token, name, moderator);
            assert_eq!(token.features, features(moderator));
            assert_eq!(Parsed::of(&jwt(&page)).unwrap().header_text("alg"), Some("RS256"));
        }
    }
    let unknown = format!("/jitsi/keys/{}.pem", "0".repeat(64));
    tool.browser().opens(unknown).await.assert_refused(404, "page-unknown");
}

/// Adds a JaaS tenant; gives the simulated one.
async fn jaas(tool: &TestTool) -> JitsiSim {
    let PemKeyPair { private, public: public_pem } = generate_key_pair().unwrap();
    let kid = format!("{APP_ID}/abc123");
    tool.adds_server(NewServer {
        name: "jaas".to_owned(),
        url: "https://8x8.vc".parse().unwrap(),
        kind: ServerKind::Jaas(JaasAccount { app_id: APP_ID.to_owned(), kid: kid.clone() }),
        secret: Some(SecretString::from(private)),
        default: true,
    })
    .await;
    jitsi(tool, SimKind::Jaas(JaasTenant { app_id: APP_ID.to_owned(), kid, public_pem }))
}

async fn jaas_takes_our_token_in_its_tenant(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let tenant = jaas(&tool).await;
    for (person, name, moderator) in [("tessa", "Tessa Marlow", true), ("ana", "Ana Silva", false)] {
        let page = meeting(&tool, person).await;
        let (config, full_name) = (page.meeting_config(), room_name(&page));
        let room = full_name.strip_prefix(&format!("{APP_ID}/")).unwrap();
        assert_eq!(
            (&config["serverOrigin"], &config["tokenFallback"]),
            (&json!("https://8x8.vc"), &json!(false))
        );
        assert_eq!(page.policy("frame-src"), ["https://8x8.vc"]);
        let token = tenant.verify(Some(&jwt(&page)), &full_name).await.unwrap();
        check_person(&token, name, moderator);
        let claims = &token.claims;
        assert_eq!(
            (&claims["iss"], &claims["aud"], &claims["sub"], &claims["room"]),
            (&json!("chat"), &json!("jitsi"), &json!(APP_ID), &json!(room))
        );
        assert_eq!(claims["context"]["features"].as_object().unwrap().len(), 11);
        for (feature, on) in claims["context"]["features"].as_object().unwrap() {
            assert_eq!(*on, features(moderator)[feature], "{feature}");
        }
    }
}

async fn tokens_open_nothing_else(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let page = meeting(&tool, "tessa").await;
    let (token, room) = (jwt(&page), room_name(&page));
    let usual =
        |secret: &str| TokenServer::new("campus", SimKeys::Secret(secret.to_owned()), "meet.campus.example");
    let secret = "the secret of the campus's own Jitsi";
    let servers = [
        (usual("another secret"), "Invalid signature"),
        (TokenServer { audiences: vec!["other".to_owned()], ..usual(secret) }, "invalid 'aud' claim"),
        (TokenServer { issuers: vec!["other".to_owned()], ..usual(secret) }, "invalid 'iss' claim"),
        (
            TokenServer { domain: Some("other.example".to_owned()), ..usual(secret) },
            "Room and token mismatched",
        ),
        (
            TokenServer { keys: SimKeys::KeyServer(format!("{}/jitsi/keys", tool.origin)), ..usual(secret) },
            "Invalid or incorrect alg",
        ),
    ];
    for (server, expected) in servers {
        let refusal = jitsi(&tool, SimKind::Token(server)).verify(Some(&token), &room).await.unwrap_err();
        assert_eq!(refusal.to_string(), expected);
    }
    for other in ["algebra", "*", &format!("{room}x"), &format!("tenant/{room}")] {
        assert_eq!(
            tool.jitsi.verify(Some(&token), other).await.unwrap_err().to_string(),
            "Room and token mismatched",
            "{other}"
        );
    }
    let spoiled = jitsi_lti::jitsi::probe::with_wrong_signature(&token);
    assert_eq!(tool.jitsi.verify(Some(&spoiled), &room).await.unwrap_err().to_string(), "Invalid signature");
    tool.later(std::time::Duration::from_secs(4 * 60 * 60));
    let late = tool.jitsi.verify(Some(&token), &room).await.unwrap_err();
    assert_eq!(late.to_string(), "Not acceptable by exp (0 sec since expired)");
    // A key that is not the tenant's, and a tenant that is not the token's.
    jaas(&tool).await;
    let page = meeting(&tool, "tessa").await;
    let stranger = String::from_utf8(KeyPair::generate().unwrap().public_pem().unwrap()).unwrap();
    let tenant =
        JaasTenant { app_id: APP_ID.to_owned(), kid: format!("{APP_ID}/abc123"), public_pem: stranger };
    let refusal =
        jitsi(&tool, SimKind::Jaas(tenant)).verify(Some(&jwt(&page)), &room_name(&page)).await.unwrap_err();
    assert_eq!(refusal.to_string(), "Invalid signature");
}

async fn nothing_in_a_token_tells_who_the_person_is_at_the_platform(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let mut person = LmsPerson::student("sub-4711", "Nora", "Weiss");
    person.email = Some("nora.weiss@campus.example".to_owned());
    tool.lms.add_person(person);
    let page = meeting(&tool, "sub-4711").await;
    let token = tool.token_of(&page).await;
    let text = token.claims.to_string();
    for private in ["4711", "nora", "RU-", "@", "Algebra", "ALG1", "Live class", "127.0.0.1", "deployment"] {
        assert!(!text.contains(private), "{private} in {text}");
    }
    assert_eq!(token.claims["context"]["user"].get("email"), None);
    // The same person is the same to one server each time.
    assert_eq!(tool.token_of(&meeting(&tool, "sub-4711").await).await.user_id, token.user_id);
    assert_ne!(tool.token_of(&meeting(&tool, "ana").await).await.user_id, token.user_id);
    let shown: Vec<&Value> = token.claims["context"]["user"].as_object().unwrap().values().collect();
    assert!(shown.iter().all(|value| value.is_string() || value.is_boolean()), "{shown:?}");
}

async fn tokens_of_people_with_endless_names_stay_short(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let mut person = LmsPerson::teacher("long", &"界".repeat(900), &"Ü".repeat(900));
    person.picture = Some(format!("https://pictures.example/{}", "p".repeat(1900)));
    tool.lms.add_person(person);
    let page = meeting(&tool, "long").await;
    assert!(jwt(&page).len() < 4096, "{}", jwt(&page).len());
    assert!(tool.token_of(&page).await.name.unwrap().starts_with("界界"));
    jaas(&tool).await;
    assert!(jwt(&meeting(&tool, "long").await).len() < 4096);
}

async fn direction_overrides_leave_names(backend: Backend) {
    let tool = TestTool::start(backend).await;
    tool.lms.add_person(LmsPerson::student("ovid", "Ovid\u{202e}\u{200b}", "\u{2066}Naso"));
    let page = meeting(&tool, "ovid").await;
    assert_eq!(tool.token_of(&page).await.name.as_deref(), Some("Ovid Naso"));
    assert_eq!(page.meeting_config()["userInfo"]["displayName"], "Ovid Naso");
    assert!(!page.body.contains('\u{202e}'), "{}", page.body);
}

async fn two_servers_cannot_compare_their_visitors(backend: Backend) {
    let tool = TestTool::start(backend).await;
    let first = tool.token_of(&meeting(&tool, "ana").await).await;
    let tenant = jaas(&tool).await;
    // The class that began on the first server stays there.
    tool.later(24 * 60 * MINUTE);
    let page = meeting(&tool, "ana").await;
    let second = tenant.verify(Some(&jwt(&page)), &room_name(&page)).await.unwrap();
    assert_ne!(first.user_id, second.user_id);
    assert_eq!(first.name, second.name);
}

async fn a_server_with_a_short_secret_takes_our_token(backend: Backend) {
    let tool = TestTool::start(backend).await;
    // As in the examples of Jitsi's own handbook.
    let secret = "my_jitsi_app_secret";
    tool.adds_server(at_jitsi(TokenSigning::Secret, Some(secret))).await;
    let keys = SimKeys::Secret(secret.to_owned());
    let server = jitsi(&tool, SimKind::Token(TokenServer::new("campus", keys, "meet.campus.example")));
    let page = meeting(&tool, "ana").await;
    check_person(&server.verify(Some(&jwt(&page)), &room_name(&page)).await.unwrap(), "Ana Silva", false);
}
