//! The token endpoint: client credentials with a signed assertion (Security Framework 1.0 §4.1, RFC 7523).

use std::collections::HashMap;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

use super::claims::open_scopes;
use super::service::{Call, Reply, dated, header};
use super::tools::Tool;
use super::{Lms, fault, lock};
use crate::demo::jws::{self, Parsed};

const HOUR: i64 = 3600;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    let token = web::resource("/lti/token").route(web::post().to(token));
    config.service(token.wrap(from_fn(fault::at_token)).wrap(from_fn(dated)));
}

/// What an access token is for.
#[derive(Clone)]
pub(super) struct AccessGrant {
    pub(super) client_id: String,
    pub(super) scopes: Vec<String>,
    until: i64,
}

/// Access tokens given out and assertions seen.
#[derive(Default)]
pub(super) struct Tokens {
    granted: HashMap<String, AccessGrant>,
    seen: HashMap<String, i64>,
}

impl Tokens {
    pub(super) fn grant_of(&self, token: &str, now: i64) -> Option<AccessGrant> {
        self.granted.get(token).filter(|grant| now < grant.until).cloned()
    }
}

impl Lms {
    /// Forgets every access token, as a restarted LMS does.
    pub fn revoke_tokens(&self) {
        lock(&self.0.tokens).granted.clear();
    }

    async fn grant(&self, request: &HttpRequest, body: &[u8]) -> Result<Value, Denial> {
        let form = essential(request, body)?;
        if self.0.behaviour.get().token_refused {
            return Err(Denial("invalid_client", "the LMS refuses this tool".to_owned()));
        }
        let denied = |text: &str| Denial("invalid_client", text.to_owned());
        let assertion =
            Parsed::of(&form["client_assertion"]).ok_or(denied("the assertion is not a signed token"))?;
        let tool = assertion.text("iss").and_then(|client_id| self.tool(client_id));
        let tool = tool.ok_or(denied("iss must be the client_id"))?;
        let vouched = self.0.tool_keys.vouch_for(&tool.jwks_url, &assertion).await;
        vouched.map_err(|reason| Denial("invalid_client", reason))?;
        self.check(&tool, &assertion).map_err(|reason| Denial("invalid_client", reason))?;
        let switches = self.0.behaviour.get();
        let offered = open_scopes(&switches, &tool);
        let asked = form.get("scope").map(String::as_str).unwrap_or_default();
        let scopes: Vec<String> =
            asked.split_whitespace().filter(|scope| offered.contains(scope)).map(str::to_owned).collect();
        if scopes.is_empty() {
            return Err(Denial("invalid_scope", "none of the scopes is open to this tool".to_owned()));
        }
        let access_token = self.0.random.secret();
        let mut answer = json!({
            "access_token": access_token, "token_type": "Bearer",
            "expires_in": switches.token_seconds, "scope": scopes.join(" "),
        });
        fault::spoil_token(&mut answer, &switches);
        let until = self.now() + switches.token_seconds;
        lock(&self.0.tokens)
            .granted
            .insert(access_token, AccessGrant { client_id: tool.client_id.clone(), scopes, until });
        Ok(answer)
    }

    fn check(&self, tool: &Tool, assertion: &Parsed) -> Result<(), String> {
        let now = self.now();
        for name in ["iss", "sub"] {
            if assertion.text(name) != Some(&tool.client_id) {
                return Err(format!("{name} must be the client_id"));
            }
        }
        let expected = self.0.behaviour.get().token_audience.unwrap_or_else(|| self.token_url());
        let audience = &assertion.payload["aud"];
        if audience != expected.as_str() && *audience != json!([expected]) {
            return Err(format!("aud must be {expected}"));
        }
        let number = |name: &str| assertion.payload[name].as_f64().ok_or(format!("{name} must be a number"));
        #[allow(clippy::cast_precision_loss, reason = "seconds of this century fit")]
        let (issued, expires, present) = (number("iat")?, number("exp")?, now as f64);
        if issued > present {
            return Err(format!("iat lies {} s in the future", issued - present));
        }
        if expires <= present {
            return Err(format!("the assertion ran out {} s ago", present - expires));
        }
        if expires > present + 3600.0 {
            return Err("the assertion lives longer than an hour".to_owned());
        }
        let jti = assertion.text("jti").filter(|jti| !jti.is_empty()).ok_or("jti is missing")?;
        let mut tokens = lock(&self.0.tokens);
        tokens.seen.retain(|_, until| *until >= now);
        match tokens.seen.insert(jti.to_owned(), now + HOUR) {
            None => Ok(()),
            Some(_) => Err("jti was used before".to_owned()),
        }
    }
}

/// An OAuth error: code and description.
struct Denial(&'static str, String);

fn essential(request: &HttpRequest, body: &[u8]) -> Result<HashMap<String, String>, Denial> {
    let invalid = |text: &str| Denial("invalid_request", text.to_owned());
    let content_type = header(request, CONTENT_TYPE).split(';').next().unwrap_or_default().trim();
    if content_type != "application/x-www-form-urlencoded" {
        return Err(invalid("the body must be a form"));
    }
    let form: HashMap<String, String> = url::form_urlencoded::parse(body).into_owned().collect();
    let get = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    if get("grant_type") != "client_credentials" {
        return Err(Denial("unsupported_grant_type", "grant_type must be client_credentials".to_owned()));
    }
    if get("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" {
        return Err(invalid("client_assertion_type must be jwt-bearer"));
    }
    if get("client_assertion").is_empty() {
        return Err(invalid("client_assertion is missing"));
    }
    Ok(form)
}

async fn token(lms: Data<Lms>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    let call = Call::new(
        &request,
        readable(&body).as_bytes(),
        "The tool asks for an access token for the services.",
    );
    if let Err(refusal) = lms.gate(&request).await {
        return lms.answer(call, Err(refusal));
    }
    let (status, answer) = match lms.grant(&request, &body).await {
        Ok(answer) => (200, answer),
        Err(Denial(error, description)) => (400, json!({"error": error, "error_description": description})),
    };
    let html = lms.0.behaviour.get().token_as_html;
    let media_type = if html { "text/html; charset=utf-8" } else { "application/json" };
    let mut response = lms.answer(call, Ok(Reply::new(status, media_type, answer)));
    response
        .headers_mut()
        .insert(CACHE_CONTROL, actix_web::http::header::HeaderValue::from_static("no-store"));
    response
}

fn readable(body: &[u8]) -> String {
    let mut text = String::new();
    for (name, value) in url::form_urlencoded::parse(body) {
        let shown = jws::readable(&value).unwrap_or_else(|| value.into_owned());
        text.push_str(&format!("{name} = {shown}\n"));
    }
    text
}
