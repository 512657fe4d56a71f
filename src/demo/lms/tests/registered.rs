//! What a tool may do that registered itself.

use serde_json::{Value, json};

use super::lab::{Lab, status_and_body};
use super::picking::{deep_linking, item};
use super::registering::{INVITATION, asked};
use super::*;

impl Lab {
    /// Registers; gives the tool as the LMS knows it.
    async fn comes_in(&self) -> Tool {
        let (status, answer) = self.registers(&asked(self)).await;
        assert_eq!(status, 200, "{answer}");
        self.lms.tools().pop().unwrap()
    }

    /// Returns the LMS's response to the tool's authentication request for a visit.
    fn returns(&self, tool: &Tool, visit: &Visit, change: &[(&str, &str)]) -> AuthAnswer {
        let mut all =
            vec![("client_id", tool.client_id.as_str()), ("redirect_uri", tool.redirect_uris[0].as_str())];
        all.extend(change);
        self.lms.authorize(&request_of(&self.lms, visit, &all))
    }

    fn claims_of(&self, tool: &Tool, visit: &Visit) -> Value {
        match self.returns(tool, visit, &[]) {
            AuthAnswer::Launch { fields, .. } => Parsed::of(field(&fields, "id_token")).unwrap().payload,
            other => panic!("{other:?}"),
        }
    }

    async fn access(&self, tool: &Tool, scopes: &[&str]) -> Value {
        let id = json!(tool.client_id);
        self.ask_for(&self.assertion(&[("iss", id.clone()), ("sub", id)]), scopes).await
    }
}

#[actix_web::test]
async fn an_lms_without_tools_opens_nothing_until_one_comes() {
    let lab = Lab::empty().await;
    let visit = Visit::new("tessa", "1");
    assert!(lab.lms.login_initiation(&visit).is_err());
    for path in ["/", "/courses/101", "/tools", "/behaviour"] {
        assert_eq!(lab.page(path).await.0, 200, "{path}");
    }
    assert!(lab.page("/tools").await.1.contains("No tool yet"));
    assert_eq!(lab.page("/courses/101/activities/1?as=tessa").await.0, 404);
    let tool = lab.comes_in().await;
    assert_eq!(tool.deployment_id, "1");
    assert_eq!(lab.claims_of(&tool, &visit)["aud"], tool.client_id.as_str());
    assert_eq!(lab.lms.activities().len(), 2, "there is something to open already");
}

#[actix_web::test]
async fn a_registered_tool_is_launched_under_its_own_names() {
    let lab = Lab::new().await;
    let tool = lab.comes_in().await;
    let activity = lab.lms.activities().pop().unwrap();
    assert_eq!((activity.title.as_str(), activity.tool.as_deref()), ("Chalk", Some(tool.client_id.as_str())));
    let visit = Visit::new("tessa", &activity.id);
    let login = lab.lms.login_initiation(&visit).unwrap();
    assert_eq!(login.url, format!("{}/login", lab.tool));
    assert_eq!(field(&login.fields, "client_id"), tool.client_id);
    assert_eq!(field(&login.fields, "lti_deployment_id"), "2");
    assert_eq!(field(&login.fields, "target_link_uri"), format!("{}/launch", lab.tool));
    let claims = lab.claims_of(&tool, &visit);
    assert_eq!((&claims["aud"], &claims[claim("deployment_id")]), (&json!(tool.client_id), &json!("2")));
    assert_eq!(claims[claim("custom")], json!({"who": "tessa", "fixed": "7"}));
    assert_eq!(
        (&claims["given_name"], claims.get("name"), claims.get("email")),
        (&json!("Tessa"), None, None)
    );
    let endpoint = &claims["https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"];
    assert_eq!(endpoint["scope"], json!([SCOPE_LINE_ITEM, SCOPE_LINE_ITEM_READ, SCOPE_SCORE]));
    assert!(endpoint["lineitem"].as_str().unwrap().ends_with("type_id=2"), "{endpoint}");
    // Nobody comes back for somebody else, or to another address than it registered.
    let first = lab.lms.tools().remove(0);
    for (who, visit, change) in [
        (&first, &visit, vec![]),
        (&tool, &Visit::new("tessa", "1"), vec![]),
        (&tool, &visit, vec![("redirect_uri", first.redirect_uris[0].as_str())]),
    ] {
        let answer = lab.returns(who, visit, &change);
        assert!(matches!(answer, AuthAnswer::Refused { .. }), "{answer:?}");
    }
    assert!(
        matches!(lab.lms.authorize(&request(&lab.lms, &[])), AuthAnswer::Launch { .. }),
        "the first tool"
    );
}

#[actix_web::test]
async fn an_assertion_gets_a_token_for_granted_scopes_alone() {
    let lab = Lab::new().await;
    lab.lms.behaviour().set(|now| now.registering.scopes = Some(vec![SCOPE_SCORE.to_owned()]));
    let tool = lab.comes_in().await;
    assert_eq!(tool.scopes, Some(vec![SCOPE_SCORE.to_owned()]));
    lab.lms.behaviour().reset();
    assert_eq!(lab.access(&tool, &[SCOPE_SCORE, SCOPE_MEMBERSHIPS]).await["scope"], SCOPE_SCORE);
    assert_eq!(lab.access(&tool, &[SCOPE_MEMBERSHIPS]).await["error"], "invalid_scope");
    let launched = lab.claims_of(&tool, &Visit::new("tessa", &lab.lms.activities().pop().unwrap().id));
    assert!(launched.get("https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice").is_none());
    let stranger = lab.assertion(&[("iss", json!("nobody")), ("sub", json!("nobody"))]);
    assert_eq!(lab.ask(&stranger).await["error"], "invalid_client");
    let mixed = lab.assertion(&[("iss", json!(tool.client_id))]);
    assert_eq!(lab.ask(&mixed).await["error"], "invalid_client", "sub is another tool");
}

#[actix_web::test]
async fn services_serve_each_tool_its_own() {
    let lab = Lab::new().await;
    let tool = lab.comes_in().await;
    let all = [SCOPE_SCORE, SCOPE_LINE_ITEM, SCOPE_MEMBERSHIPS];
    let token = lab.access(&tool, &all).await["access_token"].as_str().unwrap().to_owned();
    let theirs = lab.token().await;
    let issuer = lab.lms.settings().issuer.clone();
    let get = async |url: &str, token: &str, media_type: &str| {
        let get = lab.http.get(url).bearer_auth(token).header("accept", media_type);
        status_and_body(get.send().await.unwrap()).await
    };
    let (own, foreign) = (
        claims::memberships_url(&issuer, &algebra(), "2"),
        claims::memberships_url(&issuer, &algebra(), "1"),
    );
    let (status, memberships) = get(&own, &token, MEMBERSHIPS).await;
    assert_eq!(status, 200, "{memberships}");
    let memberships: Value = serde_json::from_str(&memberships).unwrap();
    assert_eq!(memberships["id"], own);
    assert_eq!(memberships["members"][0]["given_name"], "Tessa");
    assert!(memberships["members"][0].get("email").is_none(), "it did not ask for addresses");
    assert_eq!(get(&foreign, &token, MEMBERSHIPS).await.0, 404);
    assert_eq!(get(&own, &theirs, MEMBERSHIPS).await.0, 404);
    assert_eq!(
        get(&format!("{own}?rlid=1"), &token, MEMBERSHIPS).await.0,
        404,
        "an activity of the other tool"
    );
    assert_eq!(get(&format!("{own}?rlid=3"), &token, MEMBERSHIPS).await.0, 200);
    let items = async |deployment: &str, token: &str| {
        let (status, text) = get(&claims::line_items_url(&issuer, "101", deployment), token, ITEMS).await;
        let listed: Value = serde_json::from_str(&text).unwrap();
        (
            status,
            listed.as_array().map(|list| list.iter().map(|one| one["label"].clone()).collect::<Vec<_>>()),
        )
    };
    assert_eq!(items("2", &token).await, (200, Some(vec![json!("Chalk")])));
    assert_eq!(items("1", &theirs).await, (200, Some(vec![json!("Live class")])));
    assert_eq!(items("1", &token).await.0, 404);
    let make = |body: Value| {
        let url = claims::line_items_url(&issuer, "101", "2");
        lab.http.post(url).bearer_auth(&token).header("content-type", ITEM).body(body.to_string()).send()
    };
    let made = make(json!({"label": "Sketch", "scoreMaximum": 5})).await.unwrap();
    assert_eq!(made.status(), 201);
    let made: Value = serde_json::from_str(&made.text().await.unwrap()).unwrap();
    assert_eq!(items("2", &token).await.1.unwrap().len(), 2);
    assert_eq!(items("1", &theirs).await.1.unwrap().len(), 1, "the other tool does not see it");
    let coupled = make(json!({"label": "Sketch", "scoreMaximum": 5, "resourceLinkId": "1"})).await.unwrap();
    assert_eq!(coupled.status(), 403, "an activity of the other tool");
    let scores = made["id"].as_str().unwrap().replacen("/lineitem?", "/lineitem/scores?", 1);
    let post = |url: String, token: &str| {
        let post = lab.http.post(url).bearer_auth(token).header("content-type", SCORE);
        post.body(lab.score_body("ana", NOW * 1000).to_string()).send()
    };
    assert_eq!(post(scores.clone(), &token).await.unwrap().status(), 200);
    let reached = post(scores.replace("type_id=2", "type_id=1"), &theirs).await.unwrap();
    assert_eq!(reached.status(), 404, "a column of the other tool");
}

#[actix_web::test]
async fn a_registered_tool_adds_activities_of_its_own() {
    let lab = Lab::new().await;
    let tool = lab.comes_in().await;
    let page = lab.page("/courses/101").await.1;
    assert!(page.contains(&format!("/courses/101/add?as=tessa&amp;tool={}", tool.client_id)), "{page}");
    let visit = Visit::picking("tessa", "101").with(&tool.client_id);
    let login = lab.lms.login_initiation(&visit).unwrap();
    assert_eq!(field(&login.fields, "target_link_uri"), format!("{}/pick", lab.tool));
    let claims = lab.claims_of(&tool, &visit);
    assert_eq!(claims[claim("target_link_uri")], format!("{}/pick", lab.tool));
    let settings = &claims[deep_linking("deep_linking_settings")];
    let place = settings["deep_link_return_url"].as_str().unwrap();
    let answer = |client_id: &str, deployment: &str, url: String| {
        json!({
            "iss": client_id, "aud": lab.lms.settings().issuer, "iat": NOW, "exp": NOW + 300,
            "nonce": Random::System.secret(), claim("deployment_id"): deployment, claim("version"): "1.3.0",
            claim("message_type"): "LtiDeepLinkingResponse", deep_linking("data"): settings["data"],
            deep_linking("content_items"): [{"type": "ltiResourceLink", "title": "Sketch", "url": url}],
        })
    };
    let own = format!("{}/launch", lab.tool);
    let refused = lab.answers(place, &answer("tool", "1", own.clone())).await;
    assert_eq!(refused.unwrap_err(), "the choice began with another tool");
    let elsewhere = item("One")["url"].as_str().unwrap().to_owned();
    let refused = lab.answers(place, &answer(&tool.client_id, "2", elsewhere)).await;
    assert_eq!(refused.unwrap_err(), "url must be an address of the tool");
    let added = lab.answers(place, &answer(&tool.client_id, "2", own)).await.unwrap();
    assert_eq!(added.activities[0].tool, Some(tool.client_id.clone()));
    assert_eq!(lab.claims_of(&tool, &Visit::new("tessa", &added.activities[0].id))["aud"], tool.client_id);
}

#[actix_web::test]
async fn a_tool_without_deep_linking_is_never_asked_to_choose() {
    let lab = Lab::new().await;
    let mut body = asked(&lab);
    body["https://purl.imsglobal.org/spec/lti-tool-configuration"]["messages"] =
        json!([{"type": "LtiResourceLinkRequest"}]);
    assert_eq!(lab.registers(&body).await.0, 200);
    let tool = lab.lms.tools().pop().unwrap();
    let answer = lab.returns(&tool, &Visit::picking("tessa", "101").with(&tool.client_id), &[]);
    assert!(matches!(answer, AuthAnswer::Refused { reason } if reason.contains("deep linking")));
    assert!(!lab.page("/courses/101").await.1.contains(&tool.client_id));
}

#[actix_web::test]
async fn the_administrator_s_page_frames_the_pasted_address_and_lists_what_came() {
    let lab = Lab::empty().await;
    let post = |url: &str| {
        let page = format!("{}/tools", lab.lms.settings().issuer);
        lab.http.post(page).form(&[("url", url)])
    };
    assert_eq!(status_and_body(post("nonsense").send().await.unwrap()).await.0, 400);
    let foreign = post(INVITATION).header("sec-fetch-site", "cross-site").send().await.unwrap();
    assert_eq!(foreign.status(), 403);
    let begun = post(INVITATION).send().await.unwrap();
    assert_eq!(begun.status(), 303);
    let place = format!("{}{}", lab.lms.settings().issuer, begun.headers()["location"].to_str().unwrap());
    let page = lab.http.get(&place).send().await.unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("frame-src 'self' https://tool.example;"), "{policy}");
    let page = page.text().await.unwrap();
    let address = page.split("data-address=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let address = address.replace("&#x2f;", "/").replace("&amp;", "&");
    assert!(address.starts_with(INVITATION), "{address}");
    let token = super::registering::token_of(&address).unwrap();
    assert_eq!(lab.posts_registration(Some(&token), &asked(&lab)).await.status(), 200);
    let tool = lab.lms.tools().pop().unwrap();
    let (_, page) = status_and_body(lab.http.get(&place).send().await.unwrap()).await;
    assert!(!page.contains("registration-frame") && page.contains("The tool is registered."), "{page}");
    for text in [
        &format!("data-client=\"{}\"", tool.client_id),
        "contextmembership.readonly",
        "class=\"button open\"",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
}
