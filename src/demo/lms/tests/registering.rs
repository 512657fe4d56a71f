//! How a tool registers, as one sees it that has nothing but a key.

use std::time::Duration;

use reqwest::Response;
use serde_json::{Value, json};

use super::lab::{Lab, status_and_body};
use super::*;

const TOOL: &str = "https://purl.imsglobal.org/spec/lti-tool-configuration";
const PLATFORM: &str = "https://purl.imsglobal.org/spec/lti-platform-configuration";
pub(super) const INVITATION: &str = "https://tool.example/register?invitation=a%20b&x=1";

fn scopes() -> String {
    [SCOPE_SCORE, SCOPE_LINE_ITEM_READ, SCOPE_LINE_ITEM, SCOPE_MEMBERSHIPS].join(" ")
}

/// Returns what a good tool asks for.
pub(super) fn asked(lab: &Lab) -> Value {
    let tool = &lab.tool;
    let (_, domain) = tool.split_once("://").unwrap();
    json!({
        "application_type": "web", "response_types": ["id_token"],
        "grant_types": ["implicit", "client_credentials"], "initiate_login_uri": format!("{tool}/login"),
        "redirect_uris": [format!("{tool}/launch"), format!("{tool}/other")], "client_name": "Chalk",
        "jwks_uri": format!("{tool}/jwks"), "token_endpoint_auth_method": "private_key_jwt",
        "logo_uri": format!("{tool}/icon.svg"),
        "scope": scopes(),
        TOOL: {
            "domain": domain, "description": "Draws", "target_link_uri": format!("{tool}/launch"),
            "custom_parameters": {"who": "$User.id", "fixed": "7"},
            "claims": ["iss", "sub", "given_name", "picture"],
            "messages": [
                {"type": "LtiResourceLinkRequest"},
                {"type": "LtiDeepLinkingRequest", "target_link_uri": format!("{tool}/pick"), "placements": ["ContentArea"]},
            ],
        },
    })
}

/// Returns the registration token of an address that a browser opens.
pub(super) fn token_of(address: &str) -> Option<String> {
    let address = url::Url::parse(address).unwrap();
    let mut pairs = address.query_pairs();
    pairs.find(|(name, _)| name == "registration_token").map(|(_, value)| value.into_owned())
}

impl Lab {
    pub(super) fn begins_registration(&self) -> String {
        token_of(&self.lms.begin_registration(INVITATION).unwrap()).unwrap()
    }

    pub(super) async fn posts_registration(&self, token: Option<&str>, body: &Value) -> Response {
        let post = self.http.post(self.lms.registration_url()).json(body);
        let post = match token {
            Some(token) => post.bearer_auth(token),
            None => post,
        };
        post.send().await.unwrap()
    }

    /// Returns the answer to a registration with a token of its own.
    pub(super) async fn registers(&self, body: &Value) -> (u16, Value) {
        let token = self.begins_registration();
        let (status, text) = status_and_body(self.posts_registration(Some(&token), body).await).await;
        (status, serde_json::from_str(&text).unwrap_or_else(|_| panic!("{status}: {text}")))
    }

    async fn described(&self) -> Value {
        self.http.get(self.lms.configuration_url()).send().await.unwrap().json().await.unwrap()
    }
}

#[actix_web::test]
async fn the_address_that_a_browser_opens_keeps_its_own_query() {
    let lab = Lab::empty().await;
    let address = lab.lms.begin_registration(INVITATION).unwrap();
    let url = url::Url::parse(&address).unwrap();
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let pairs: Vec<(&str, &str)> =
        pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(pairs[..2], [("invitation", "a b"), ("x", "1")], "{address}");
    let configuration = format!("{}/openid-configuration", lab.lms.settings().issuer);
    assert_eq!(pairs[2], ("openid_configuration", configuration.as_str()));
    assert_eq!((pairs[3].0, pairs.len()), ("registration_token", 4));
    for nonsense in ["", "tool.example/register", "javascript:alert(1)"] {
        assert!(lab.lms.begin_registration(nonsense).is_err(), "{nonsense}");
    }
}

#[actix_web::test]
async fn the_lms_describes_itself_in_moodle_s_shape() {
    let lab = Lab::empty().await;
    let described = lab.described().await;
    let issuer = lab.lms.settings().issuer.clone();
    assert_eq!(described["issuer"], issuer);
    for name in ["authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint"] {
        assert!(described[name].as_str().unwrap().starts_with(&format!("{issuer}/")), "{name}: {described}");
    }
    let scopes = described["scopes_supported"].as_array().unwrap();
    assert!(scopes.contains(&json!(SCOPE_SCORE)) && scopes.contains(&json!("openid")));
    assert!(!scopes.contains(&json!(SCOPE_GROUPS)), "what the LMS does not offer is not there");
    assert_eq!(
        described["claims_supported"],
        json!(["sub", "iss", "name", "given_name", "family_name", "email"])
    );
    let platform = &described[PLATFORM];
    assert_eq!(platform["product_family_code"], "moodle");
    let messages = json!([
        {"type": "LtiResourceLinkRequest"}, {"type": "LtiDeepLinkingRequest", "placements": ["ContentArea"]},
    ]);
    assert_eq!(platform["messages_supported"], messages);
    assert!(platform["variables"].as_array().unwrap().contains(&json!("Context.id.history")));
}

#[actix_web::test]
async fn the_answer_has_moodle_s_shape() {
    let lab = Lab::new().await;
    let (status, mut answer) = lab.registers(&asked(&lab)).await;
    assert_eq!(status, 200, "{answer}");
    let tool = lab.lms.tools().pop().unwrap();
    assert_eq!(answer["client_id"].take(), json!(tool.client_id));
    assert_eq!(tool.client_id.len(), 15);
    assert_eq!(tool.deployment_id, "2", "the first tool has 1");
    let at = |path: &str| format!("{}{path}", lab.tool);
    let domain = lab.tool.split_once("://").unwrap().1;
    let expected = json!({
        "client_id": null, "response_types": ["id_token"], "jwks_uri": at("/jwks"),
        "initiate_login_uri": at("/login"), "grant_types": ["client_credentials", "implicit"],
        "redirect_uris": [at("/launch"), at("/other")], "application_type": "web",
        "token_endpoint_auth_method": "private_key_jwt", "client_name": "Chalk", "logo_uri": at("/icon.svg"),
        "scope": scopes(),
        TOOL: {
            "version": "1.3.0", "deployment_id": "2", "target_link_uri": at("/launch"), "domain": domain,
            "description": "Draws", "custom_parameters": {"who": "$User.id", "fixed": "7"},
            "claims": ["sub", "iss", "given_name"],
            "messages": [
                {"type": "LtiResourceLinkRequest", "target_link_uri": at("/launch")},
                {"type": "LtiDeepLinkingRequest", "target_link_uri": at("/pick")},
            ],
        },
    });
    assert_eq!(answer, expected);
}

#[actix_web::test]
async fn each_flaw_of_a_registration_is_refused_and_named() {
    let lab = Lab::empty().await;
    let good = asked(&lab);
    let message = |message: Value| json!([message]);
    let evil = "https://evil.example/launch";
    // Where the flaw is, what stands there (null: nothing), and the name that the refusal tells.
    let rows: Vec<(&str, Value, &str)> = vec![
        ("/application_type", json!("native"), "application_type"),
        ("/application_type", json!(null), "application_type"),
        ("/response_types", json!(["code"]), "response_types"),
        ("/response_types", json!("id_token"), "response_types"),
        ("/grant_types", json!(["implicit"]), "grant_types must contain client_credentials"),
        ("/grant_types", json!(["client_credentials"]), "grant_types must contain implicit"),
        ("/grant_types", json!(null), "grant_types"),
        ("/initiate_login_uri", json!(null), "initiate_login_uri"),
        ("/initiate_login_uri", json!("/login"), "initiate_login_uri"),
        ("/initiate_login_uri", json!("http://tool.example/login"), "initiate_login_uri"),
        ("/redirect_uris", json!(null), "redirect_uris"),
        ("/redirect_uris", json!([]), "redirect_uris"),
        ("/redirect_uris", json!(["https://tool.example/#part"]), "redirect_uris"),
        ("/redirect_uris", json!(["https://tool.example/", "ftp://tool.example/"]), "ftp://tool.example/"),
        ("/redirect_uris", json!([7]), "redirect_uris"),
        ("/jwks_uri", json!(null), "jwks_uri"),
        ("/jwks_uri", json!("https://[::1/keys"), "jwks_uri"),
        ("/jwks_uri", json!(7), "jwks_uri"),
        ("/token_endpoint_auth_method", json!("client_secret_basic"), "client_secret_basic"),
        ("/token_endpoint_auth_method", json!(null), "token_endpoint_auth_method"),
        ("/client_name", json!(null), "client_name"),
        ("/client_name", json!(" "), "client_name"),
        ("/logo_uri", json!("icon.svg"), "logo_uri"),
        ("/scope", json!(null), "scope"),
        ("/scope", json!([SCOPE_SCORE]), "scope"),
        ("/scope", json!(format!("{SCOPE_SCORE} {SCOPE_GROUPS}")), SCOPE_GROUPS),
        ("", json!(null), TOOL),
        ("", json!("tool"), TOOL),
        ("/domain", json!(null), "domain"),
        ("/domain", json!("127.0.0.1"), "domain is 127.0.0.1"),
        ("/domain", json!("tool.example"), "domain is tool.example"),
        ("/target_link_uri", json!(null), "target_link_uri"),
        ("/target_link_uri", json!(evil), "target_link_uri is at evil.example"),
        ("/custom_parameters", json!(["a"]), "custom_parameters"),
        ("/custom_parameters", json!({"number": 7}), "number"),
        ("/claims", json!(null), "claims"),
        ("/claims", json!("sub"), "claims"),
        ("/messages", json!(null), "messages"),
        ("/messages", json!([]), "messages"),
        ("/messages", message(json!("LtiResourceLinkRequest")), "messages"),
        ("/messages", message(json!({})), "type is missing"),
        ("/messages", message(json!({"type": "LtiTeaRequest"})), "LtiTeaRequest"),
        (
            "/messages",
            message(json!({"type": "LtiDeepLinkingRequest", "placements": ["Kitchen"]})),
            "Kitchen",
        ),
        (
            "/messages",
            message(json!({"type": "LtiResourceLinkRequest", "placements": ["ContentArea"]})),
            "placements",
        ),
        ("/messages", message(json!({"type": "LtiDeepLinkingRequest", "target_link_uri": evil})), evil),
    ];
    let is_of_tool = |at: &str| {
        at.is_empty()
            || ["domain", "target_", "custom", "claims", "messages"]
                .iter()
                .any(|name| at[1..].starts_with(name))
    };
    let token = lab.begins_registration();
    for (at, value, named) in rows {
        let mut body = good.clone();
        let parent = if is_of_tool(at) && !at.is_empty() { &mut body[TOOL] } else { &mut body };
        let name = if at.is_empty() { TOOL } else { &at[1..] };
        match value.is_null() {
            true => drop(parent.as_object_mut().unwrap().remove(name)),
            false => parent[name] = value.clone(),
        }
        let (status, text) = status_and_body(lab.posts_registration(Some(&token), &body).await).await;
        let answer: Value = serde_json::from_str(&text).unwrap();
        let description = answer["error_description"].as_str().unwrap_or_default();
        assert!(status == 400 && description.contains(named), "{name} = {value}: {status} {answer}");
        assert!(answer["error"].is_string(), "{answer}");
    }
    assert!(lab.lms.tools().is_empty());
    // A flaw uses nothing up.
    assert_eq!(lab.posts_registration(Some(&token), &good).await.status(), 200);
}

#[actix_web::test]
async fn a_registration_is_json() {
    let lab = Lab::empty().await;
    let token = lab.begins_registration();
    for (media_type, body, named) in [
        ("application/x-www-form-urlencoded", asked(&lab).to_string(), "application/json"),
        ("text/plain", asked(&lab).to_string(), "application/json"),
        ("application/json", "{".to_owned(), "no JSON"),
        ("application/json", "[]".to_owned(), "must be an object"),
    ] {
        let post = lab.http.post(lab.lms.registration_url()).bearer_auth(&token);
        let (status, answer) =
            status_and_body(post.header("content-type", media_type).body(body).send().await.unwrap()).await;
        assert!(status == 400 && answer.contains(named), "{media_type}: {status} {answer}");
    }
}

#[actix_web::test]
async fn a_registration_token_works_once_and_for_an_hour() {
    let lab = Lab::empty().await;
    let good = asked(&lab);
    let refused = async |token: Option<&str>| {
        let answer = lab.posts_registration(token, &good).await;
        assert_eq!(
            (answer.status().as_u16(), answer.headers()["www-authenticate"].as_bytes()),
            (401, &b"Bearer"[..])
        );
        answer.json::<Value>().await.unwrap()["error_description"].as_str().unwrap().to_owned()
    };
    assert!(refused(None).await.contains("missing"));
    assert!(refused(Some("guess")).await.contains("not one of this LMS"));
    let (token, late) = (lab.begins_registration(), lab.begins_registration());
    // Two that come at once: one of them registers.
    let (one, two) = futures::future::join(
        lab.posts_registration(Some(&token), &good),
        lab.posts_registration(Some(&token), &good),
    )
    .await;
    let mut statuses = [one.status().as_u16(), two.status().as_u16()];
    statuses.sort_unstable();
    assert_eq!((statuses, lab.lms.tools().len()), ([200, 401], 1));
    assert!(refused(Some(&token)).await.contains("used before"));
    lab.clock.advance(Duration::from_secs(3599));
    lab.lms.behaviour().set(|now| now.clock_offset = 1);
    assert!(refused(Some(&late)).await.contains("older than an hour"), "by the LMS's own clock");
    lab.lms.behaviour().set(|now| now.clock_offset = 0);
    assert_eq!(lab.posts_registration(Some(&late), &good).await.status(), 200);
}

#[actix_web::test]
async fn an_lms_that_gives_no_token_asks_for_none() {
    let lab = Lab::empty().await;
    lab.lms.behaviour().set(|now| now.registering.token_needed = false);
    let address = lab.lms.begin_registration(INVITATION).unwrap();
    assert!(token_of(&address).is_none() && address.contains("openid_configuration="), "{address}");
    assert_eq!(lab.posts_registration(None, &asked(&lab)).await.status(), 200);
}

#[actix_web::test]
async fn responses_are_spoiled_as_the_switches_say() {
    let lab = Lab::empty().await;
    let behaviour = lab.lms.behaviour();
    let turn = |turn: fn(&mut Registering)| {
        behaviour.reset();
        behaviour.set(|now| turn(&mut now.registering));
    };
    let good = asked(&lab);
    turn(|now| now.refusal = Some((403, json!({"error": "not_today"}))));
    assert_eq!(lab.registers(&good).await, (403, json!({"error": "not_today"})));
    assert!(lab.lms.tools().is_empty(), "nobody came in");
    turn(|now| now.without_client_id = true);
    assert!(lab.registers(&good).await.1.get("client_id").is_none());
    turn(|now| now.without_deployment = true);
    let answer = lab.registers(&good).await.1;
    assert!(answer[TOOL].get("deployment_id").is_none() && answer["client_id"].is_string());
    turn(|now| now.scopes = Some(vec![SCOPE_MEMBERSHIPS.to_owned()]));
    assert_eq!(lab.registers(&good).await.1["scope"], SCOPE_MEMBERSHIPS);
    turn(|now| now.scopes = Some(Vec::new()));
    assert_eq!(lab.registers(&good).await.1["scope"], "");
    behaviour.reset();
    for (at, url) in [
        (FaultAt::Description, lab.lms.configuration_url()),
        (FaultAt::Registration, lab.lms.registration_url()),
    ] {
        behaviour.set(|now| (now.fault, now.fault_at) = (Some(Fault::TenMegabytes), at));
        let request = match at {
            FaultAt::Registration => lab.http.post(url),
            _ => lab.http.get(url),
        };
        let body = request.send().await.unwrap().bytes().await.unwrap();
        assert_eq!(body.len(), 160 * 64 * 1024, "{at:?}");
    }
}

#[actix_web::test]
async fn configurations_are_spoiled_as_the_switches_say() {
    let lab = Lab::empty().await;
    let turn = |flaw| lab.lms.behaviour().set(|now| now.registering.flaw = Some(flaw));
    for name in ["authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint"] {
        turn(DescriptionFlaw::Elsewhere(name));
        assert_eq!(lab.described().await[name], format!("https://elsewhere.example/{name}"));
    }
    turn(DescriptionFlaw::WrongIssuer);
    assert_eq!(lab.described().await["issuer"], "https://another-lms.example");
    turn(DescriptionFlaw::Redirects);
    let moved = lab.http.get(lab.lms.configuration_url()).send().await.unwrap();
    assert_eq!(moved.status(), 302);
    let place = moved.headers()["location"].to_str().unwrap();
    assert_eq!(lab.http.get(place).send().await.unwrap().status(), 200);
}
