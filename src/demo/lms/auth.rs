//! The OpenID Connect authorisation endpoint and the key set.

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

use super::claims::claim;
use super::message_log::{LoggedMessage, TO_LMS, TO_TOOL};
use super::service::{ServiceRefusal, dated, wait};
use super::tamper::Tamper;
use super::{Lms, lock};
use crate::demo::jws;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/lti/auth", web::get().to(authorize))
        .route("/lti/auth", web::post().to(authorize))
        .service(web::resource("/lti/jwks").wrap(from_fn(dated)).route(web::get().to(jwks)));
}

/// How the LMS answers an authentication request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthAnswer {
    /// The browser posts `id_token` and `state` to the tool.
    Launch {
        /// Where to.
        url: String,
        /// The form.
        fields: Vec<(String, String)>,
    },
    /// The browser posts `error`, `error_description` and `state` to the tool.
    Error {
        /// Where to.
        url: String,
        /// The form.
        fields: Vec<(String, String)>,
    },
    /// The LMS shows an error page; the tool hears nothing.
    Refused {
        /// Why.
        reason: String,
    },
}

type Params = HashMap<String, String>;

enum Objection {
    /// A page at the LMS.
    Page(&'static str),
    /// An OIDC error for the tool.
    ToolError(&'static str, &'static str),
}

impl Lms {
    /// Answers an authentication request.
    ///
    /// Spec: Security Framework 1.0 §5.1.1.2; which errors reach the tool is Moodle's choice.
    pub fn authorize(&self, params: &[(String, String)]) -> AuthAnswer {
        let known: Params = params.iter().cloned().collect();
        let get = |name: &str| known.get(name).map(String::as_str).unwrap_or_default();
        let is_simulated = self.is_simulated(get("lti_message_hint"));
        if !is_simulated {
            self.note_request(params);
        }
        let url = get("redirect_uri").to_owned();
        let answer = if known.len() != params.len() {
            AuthAnswer::Refused { reason: "a parameter stands there twice".to_owned() }
        } else if !self.redirects_to(get("client_id"), &url) {
            AuthAnswer::Refused { reason: format!("redirect_uri “{url}” is not registered") }
        } else {
            match self.granted(&known) {
                Ok(id_token) => {
                    let fields = vec![("id_token".into(), id_token), ("state".into(), get("state").into())];
                    AuthAnswer::Launch { url, fields }
                }
                Err(Objection::Page(reason)) => AuthAnswer::Refused { reason: reason.to_owned() },
                Err(Objection::ToolError(error, description)) => AuthAnswer::Error {
                    url,
                    fields: vec![
                        ("error".into(), error.into()),
                        ("error_description".into(), description.into()),
                        ("state".into(), get("state").into()),
                    ],
                },
            }
        };
        if !is_simulated {
            self.note_answer(&answer);
        }
        answer
    }

    /// Returns whether the tool registered the redirect URI; of an unknown tool, whether any tool
    /// registered it.
    fn redirects_to(&self, client_id: &str, url: &String) -> bool {
        match self.tool(client_id) {
            Some(tool) => tool.redirect_uris.contains(url),
            None => lock(&self.0.tools).iter().any(|tool| tool.redirect_uris.contains(url)),
        }
    }

    fn granted(&self, params: &Params) -> Result<String, Objection> {
        let get = |name: &str| params.get(name).map(String::as_str).unwrap_or_default();
        must(get("scope") == "openid", Objection::Page("scope must be exactly openid"))?;
        must(!get("nonce").is_empty(), Objection::Page("nonce is missing"))?;
        must(!get("state").is_empty(), Objection::Page("state is missing"))?;
        let tool_error = |error, text| Objection::ToolError(error, text);
        must(
            get("response_type") == "id_token",
            tool_error("invalid_request", "response_type must be id_token"),
        )?;
        must(
            get("response_mode") == "form_post",
            tool_error("invalid_request", "response_mode must be form_post"),
        )?;
        must(get("prompt") == "none", tool_error("invalid_request", "prompt must be none"))?;
        let tool = self.tool(get("client_id"));
        let tool = tool.ok_or(tool_error("unauthorized_client", "client_id is not registered"))?;
        let visit = self.redeem_hint(get("lti_message_hint")).map_err(Objection::Page)?;
        let hinted = visit.person == get("login_hint");
        must(hinted, tool_error("access_denied", "login_hint is not the person who opened the activity"))?;
        let gone = |_gone| Objection::Page("the person or the activity is no longer there");
        let resolved = self.resolve(&visit).map_err(gone)?;
        let its_own = resolved.tool.client_id == tool.client_id;
        must(its_own, Objection::Page("lti_message_hint was given to another tool"))?;
        self.permits(&resolved).map_err(Objection::Page)?;
        self.note_launch(&visit, &resolved);
        let tamper = self.0.behaviour.take_tamper();
        if matches!(tamper, Some(Tamper::LoginRequired)) {
            return Err(tool_error("login_required", "Must have an active user session"));
        }
        self.id_token(&visit, &resolved, get("nonce"), tamper.as_ref())
            .map_err(|_failed| Objection::Page("the launch could not be signed"))
    }

    fn note_request(&self, params: &[(String, String)]) {
        self.0.message_log.note(LoggedMessage {
            at: self.moment(),
            direction: TO_LMS,
            title: "Authentication request".to_owned(),
            sentence: "The tool sends the browser back with a fresh state and nonce and asks who this is.",
            status: None,
            parts: params.to_vec(),
        });
    }

    fn note_answer(&self, answer: &AuthAnswer) {
        let (title, sentence, parts) = match answer {
            AuthAnswer::Launch { url, fields } => {
                let mut parts = fields.clone();
                let decoded = fields.first().and_then(|(_, token)| jws::readable(token));
                parts.extend(decoded.map(|text| ("id_token, decoded".to_owned(), text)));
                let (title, sentence) = described(fields);
                (format!("{title} (POST {url})"), sentence, parts)
            }
            AuthAnswer::Error { url, fields } => {
                let sentence = "The LMS can't say who this is now, and sends the tool the reason.";
                (format!("Error instead of a launch (POST {url})"), sentence, fields.clone())
            }
            AuthAnswer::Refused { reason } => {
                let sentence = "The LMS did not trust the request and stopped; the tool gets no message.";
                ("Authentication refused".to_owned(), sentence, vec![("reason".to_owned(), reason.clone())])
            }
        };
        self.0.message_log.note(LoggedMessage {
            at: self.moment(),
            direction: TO_TOOL,
            title,
            sentence,
            status: None,
            parts,
        });
    }
}

/// Returns the title of a launch in the message log, and what it is for.
fn described(fields: &[(String, String)]) -> (&'static str, &'static str) {
    let token = fields.first().and_then(|(_, token)| jws::Parsed::of(token));
    match token.as_ref().and_then(|token| token.text(&claim("message_type"))) {
        Some("LtiDeepLinkingRequest") => (
            "Deep linking request",
            "A token, signed by the LMS, that says who adds something to which course, what is taken, and where the \
             answer goes.",
        ),
        Some("LtiSubmissionReviewRequest") => (
            "Submission review",
            "A token, signed by the LMS, that says who looks at what which learner did, and in which activity.",
        ),
        _ => (
            "Launch",
            "The launch: a token, signed by the LMS, that says who it is, in which course, as what.",
        ),
    }
}

fn must(holds: bool, objection: Objection) -> Result<(), Objection> {
    if holds { Ok(()) } else { Err(objection) }
}

async fn authorize(lms: Data<Lms>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    let text = if request.method() == "POST" { &body[..] } else { request.query_string().as_bytes() };
    let params: Vec<(String, String)> = url::form_urlencoded::parse(text).into_owned().collect();
    match lms.authorize(&params) {
        AuthAnswer::Launch { url, fields } => lms.post_form("POST", &url, &fields),
        AuthAnswer::Error { url, fields } => lms.post_form("POST", &url, &fields),
        AuthAnswer::Refused { reason } => lms.problem(StatusCode::BAD_REQUEST, &reason),
    }
}

async fn jwks(lms: Data<Lms>) -> HttpResponse {
    let switches = lms.0.behaviour.get();
    wait(switches.delay).await;
    if switches.keys_down {
        return ServiceRefusal::new(503, "the key set is down").answer();
    }
    let published = lock(&lms.0.keys).published.clone();
    let keys: Result<Vec<_>, _> = published.iter().map(jws::KeyPair::jwk).collect();
    match keys {
        Ok(keys) => HttpResponse::Ok().json(json!({"keys": keys})),
        Err(_) => ServiceRefusal::new(500, "a key could not be written").answer(),
    }
}
