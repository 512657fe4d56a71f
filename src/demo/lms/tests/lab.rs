//! A running LMS, and a tool that has nothing but a key.

use std::net::TcpListener;
use std::sync::Arc;

use actix_web::{App, HttpResponse, HttpServer, web};
use openssl::hash::MessageDigest;
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};

use super::{NOW, SCORE, settings};
use crate::clock::FakeClock;
use crate::demo::jws::{SignWith, sign};
use crate::demo::lms::*;

/// A running LMS and a tool that has nothing but a key.
pub(super) struct Lab {
    pub(super) lms: Lms,
    pub(super) clock: Arc<FakeClock>,
    key: KeyPair,
    pub(super) http: reqwest::Client,
    /// Where the tool's key is.
    pub(super) tool: String,
}

fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    (listener, origin)
}

impl Lab {
    pub(super) async fn new() -> Self {
        Self::knowing(|tools| tools).await
    }

    /// Starts an LMS that knows no tool yet.
    pub(super) async fn empty() -> Self {
        Self::knowing(|_| Vec::new()).await
    }

    async fn knowing(tools: impl FnOnce(Vec<Tool>) -> Vec<Tool>) -> Self {
        let key = KeyPair::generate().unwrap();
        let set = json!({"keys": [key.jwk().unwrap()]});
        let (listener, tool) = listen();
        let keys = HttpServer::new(move || {
            let set = set.clone();
            let answer = move || std::future::ready(HttpResponse::Ok().json(&set));
            App::new().route("/jwks", web::get().to(answer))
        });
        actix_web::rt::spawn(keys.workers(1).listen(listener).unwrap().run());
        let (listener, issuer) = listen();
        let mut settings = settings(&issuer, &format!("{tool}/jwks"));
        settings.tools = tools(settings.tools);
        let clock = Arc::new(FakeClock::new(Timestamp::from_secs(NOW)));
        let lms = Lms::new(settings, clock.clone(), Random::seeded(1)).unwrap();
        let routes = lms.routes();
        let server = HttpServer::new(move || App::new().configure(routes.clone()));
        actix_web::rt::spawn(server.workers(1).listen(listener).unwrap().run());
        let none = reqwest::redirect::Policy::none();
        Self {
            lms,
            clock,
            key,
            http: reqwest::Client::builder().user_agent("lab").redirect(none).build().unwrap(),
            tool,
        }
    }

    pub(super) fn assertion(&self, change: &[(&str, Value)]) -> String {
        let mut payload = json!({
            "iss": "tool", "sub": "tool", "aud": self.lms.token_url(), "iat": NOW, "exp": NOW + 60,
            "jti": Random::System.secret(),
        });
        for (name, value) in change {
            payload[*name] = value.clone();
        }
        self.signed(&payload)
    }

    /// Signs a payload with the key that the tool published.
    pub(super) fn signed(&self, payload: &Value) -> String {
        let header = json!({"alg": "RS256", "typ": "JWT", "kid": self.key.kid()});
        let with = SignWith::Rsa(self.key.private(), MessageDigest::sha256());
        sign(&header, &payload.to_string(), &with).unwrap()
    }

    pub(super) async fn ask(&self, assertion: &str) -> Value {
        let scopes =
            [SCOPE_SCORE, SCOPE_LINE_ITEM, SCOPE_RESULT, SCOPE_MEMBERSHIPS, SCOPE_GROUPS, SCOPE_NOTICES];
        self.ask_for(assertion, &scopes).await
    }

    pub(super) async fn ask_for(&self, assertion: &str, scopes: &[&str]) -> Value {
        let scopes = scopes.join(" ");
        let form = [
            ("grant_type", "client_credentials"),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", assertion),
            ("scope", &scopes),
        ];
        let answer = self.http.post(self.lms.token_url()).form(&form).send().await.unwrap();
        serde_json::from_str(&answer.text().await.unwrap()).unwrap()
    }

    pub(super) async fn token(&self) -> String {
        self.ask(&self.assertion(&[])).await["access_token"].as_str().unwrap().to_owned()
    }

    pub(super) async fn score(&self, token: &str, user: &str, timestamp: i64, media_type: &str) -> u16 {
        let body = self.score_body(user, timestamp * 1000);
        self.post_score(token, media_type, &body).send().await.unwrap().status().as_u16()
    }

    /// Returns a score of 8 out of 10. Units: `millis` since the epoch.
    pub(super) fn score_body(&self, user: &str, millis: i64) -> Value {
        let at = chrono::DateTime::from_timestamp_millis(millis).unwrap();
        json!({
            "userId": user, "timestamp": at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
            "scoreGiven": 8, "scoreMaximum": 10,
            "activityProgress": "Completed", "gradingProgress": "FullyGraded",
        })
    }

    pub(super) fn post_score(&self, token: &str, media_type: &str, body: &Value) -> RequestBuilder {
        let url =
            format!("{}/services/101/lineitems/11/lineitem/scores?type_id=1", self.lms.settings().issuer);
        let post = self.http.post(url).bearer_auth(token);
        post.header("content-type", media_type).body(body.to_string())
    }

    /// Posts a score; gives status and body.
    pub(super) async fn scores(&self, token: &str, body: &Value) -> (u16, String) {
        status_and_body(self.post_score(token, SCORE, body).send().await.unwrap()).await
    }

    /// A page with each run of white space as one space: how its template is wrapped means nothing.
    pub(super) async fn page(&self, path: &str) -> (u16, String) {
        let answer = self.http.get(format!("{}{path}", self.lms.settings().issuer)).send().await.unwrap();
        let (status, text) = (answer.status().as_u16(), answer.text().await.unwrap());
        (status, text.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

pub(super) async fn status_and_body(answer: Response) -> (u16, String) {
    (answer.status().as_u16(), answer.text().await.unwrap())
}
