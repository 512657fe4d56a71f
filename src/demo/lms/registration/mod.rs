//! Tools that register themselves (LTI Dynamic Registration 1.0), as in Moodle.

mod description;
mod request;

use std::collections::HashMap;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, LOCATION};
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Map, Value, json};
use url::Url;

use self::request::{Asked, read};
use super::behaviour::{DescriptionFlaw, Switches};
use super::directory::LmsActivity;
use super::lms_pages::origin_of;
use super::message_log::{LoggedMessage, TO_TOOL};
use super::service::{Call, Reply, ServiceRefusal, ServiceResult, bearer_of, dated, essence, header};
use super::tools::Tool;
use super::{Lms, fault, lock};

const PLATFORM: &str = "https://purl.imsglobal.org/spec/lti-platform-configuration";
const TOOL: &str = "https://purl.imsglobal.org/spec/lti-tool-configuration";
const DEEP_LINKING: &str = "LtiDeepLinkingRequest";
/// The messages that the LMS sends, and where it offers each.
const MESSAGES: [(&str, &[&str]); 2] = [("LtiResourceLinkRequest", &[]), (DEEP_LINKING, &["ContentArea"])];
/// The claims about people that the LMS supports.
const CLAIMS: [&str; 6] = ["sub", "iss", "name", "given_name", "family_name", "email"];
const TTL_SECS: i64 = 3600;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    let describing = web::resource("/openid-configuration").route(web::get().to(describe));
    let registering = web::resource("/register").route(web::post().to(register));
    config
        .service(describing.wrap(from_fn(fault::at_description)).wrap(from_fn(dated)))
        .service(registering.wrap(from_fn(fault::at_registration)).wrap(from_fn(dated)));
}

/// The registrations that somebody began, by a name of each.
#[derive(Default)]
pub(super) struct Registrations(HashMap<String, Begun>);

/// A registration that somebody began.
#[derive(Clone)]
pub(super) struct Begun {
    /// What the browser opens.
    pub(super) address: String,
    /// The tool that came of it.
    pub(super) client_id: Option<String>,
    token: Option<String>,
    at: i64,
}

impl Lms {
    /// Begins a registration, as an administrator does who pastes a tool's address: gives the address that the browser
    /// opens, with what the tool needs.
    ///
    /// # Errors
    /// Why nothing can be registered there, in a sentence. Spec: LTI Dynamic Registration 1.0 §3.3.
    pub fn begin_registration(&self, tool: &str) -> Result<String, String> {
        let name = self.begin_named_registration(tool)?;
        Ok(self.begun_registration(&name).map(|begun| begun.address).unwrap_or_default())
    }

    /// Begins a registration; returns its name.
    pub(super) fn begin_named_registration(&self, tool: &str) -> Result<String, String> {
        let url = Url::parse(tool.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        let mut url = url.ok_or("This is no address of a tool.")?;
        let needed = self.0.behaviour.get().registering.token_needed;
        let token = needed.then(|| self.0.random.secret());
        url.query_pairs_mut()
            .append_pair("openid_configuration", &self.configuration_url())
            .extend_pairs(token.iter().map(|token| ("registration_token", token)));
        let address = String::from(url);
        self.0.message_log.note(LoggedMessage {
            at: self.moment(),
            direction: TO_TOOL,
            title: "Registration initiation".to_owned(),
            sentence: "An administrator pasted the tool's address. The browser opens it, with what the tool needs to register.",
            status: None,
            parts: vec![("address".to_owned(), address.clone())],
        });
        let begun = Begun { address, client_id: None, token, at: self.now() };
        let name = self.0.random.letters_and_digits(20);
        lock(&self.0.registrations).0.insert(name.clone(), begun);
        Ok(name)
    }

    pub(super) fn begun_registration(&self, name: &str) -> Option<Begun> {
        lock(&self.0.registrations).0.get(name).cloned()
    }

    /// Returns the registration whose token the request carries; `None` if the LMS needs no token.
    fn begun_by(&self, request: &HttpRequest) -> Result<Option<String>, ServiceRefusal> {
        if !self.0.behaviour.get().registering.token_needed {
            return Ok(None);
        }
        let token = bearer_of(request).ok_or_else(|| no_token("a registration token is missing"))?;
        let registrations = lock(&self.0.registrations);
        let mut all = registrations.0.iter();
        let found = all.find(|(_, begun)| begun.token.as_deref() == Some(token));
        let (name, begun) = found.ok_or_else(|| no_token("the registration token is not one of this LMS"))?;
        if begun.client_id.is_some() {
            return Err(no_token("the registration token was used before"));
        }
        if self.now() - begun.at >= TTL_SECS {
            return Err(no_token("the registration token is older than an hour"));
        }
        Ok(Some(name.clone()))
    }

    fn register(&self, request: &HttpRequest, body: &[u8]) -> ServiceResult {
        let begun = self.begun_by(request)?;
        let switches = self.0.behaviour.get();
        if let Some((status, body)) = switches.registering.refusal.clone() {
            return Err(ServiceRefusal::new(status, "a refusal was asked for").with_body(body));
        }
        let invalid = |text: String| {
            let body = json!({"error": "invalid_request", "error_description": text});
            ServiceRefusal::new(400, text).with_body(body)
        };
        if essence(header(request, CONTENT_TYPE)) != "application/json" {
            let sent = header(request, CONTENT_TYPE);
            return Err(invalid(format!("Content-Type must be application/json, and is {sent}")));
        }
        let body: Value =
            serde_json::from_slice(body).map_err(|error| invalid(format!("the body is no JSON: {error}")))?;
        let asked = read(&body, &description::known_scopes(&switches))
            .map_err(|flaw| ServiceRefusal::new(400, "the registration has a flaw").with_body(flaw.body()))?;
        let tool = self.store_tool(&asked, &switches, begun.as_deref())?;
        Ok(Reply::new(200, "application/json; charset=utf-8", answer(&tool, &asked, &switches)))
    }

    /// Stores the tool under new names, and adds an activity of it to the first course.
    fn store_tool(
        &self,
        asked: &Asked,
        switches: &Switches,
        begun: Option<&str>,
    ) -> Result<Tool, ServiceRefusal> {
        let client_id = self.0.random.letters_and_digits(15);
        if let Some(begun) = begun {
            let mut registrations = lock(&self.0.registrations);
            let begun = registrations.0.get_mut(begun).filter(|begun| begun.client_id.is_none());
            let begun = begun.ok_or_else(|| no_token("the registration token was used before"))?;
            begun.client_id = Some(client_id.clone());
        }
        let mut tools = lock(&self.0.tools);
        let is_taken = |id: &String| tools.iter().any(|tool| tool.deployment_id == *id);
        let mut numbers = (1..).map(|number: u32| number.to_string());
        let deployment_id = numbers.find(|id| !is_taken(id)).unwrap_or_default();
        let tool = registered(asked, switches, client_id, deployment_id);
        tools.push(Arc::new(tool.clone()));
        drop(tools);
        self.place_activity(&tool);
        Ok(tool)
    }

    /// Adds an activity that opens the tool, unless there is one.
    fn place_activity(&self, tool: &Tool) {
        if self.trial_of(tool).is_some() {
            return;
        }
        let Some(course) = self.courses().into_iter().next() else { return };
        let activity =
            LmsActivity { tool: Some(tool.client_id.clone()), ..LmsActivity::new(&course.id, &tool.name) };
        if let Err(error) = self.add_activity(activity) {
            tracing::error!(error = &error as &dyn std::error::Error, "the tool has no activity");
        }
    }

    /// Returns the first activity that opens the tool.
    pub(super) fn trial_of(&self, tool: &Tool) -> Option<LmsActivity> {
        self.activities().into_iter().find(|one| self.is_of(tool, one.tool.as_deref()))
    }
}

/// Returns the refusal of a registration token. Spec: RFC 6750 §3.1.
fn no_token(description: &str) -> ServiceRefusal {
    let body = json!({"error": "invalid_token", "error_description": description});
    ServiceRefusal::new(401, description).with_body(body)
}

/// Returns the tool as it asked to be, with the scopes that the LMS grants.
fn registered(asked: &Asked, switches: &Switches, client_id: String, deployment_id: String) -> Tool {
    let open = super::claims::offered_scopes(switches);
    let most = switches.registering.scopes.as_ref();
    let granted = asked
        .scopes
        .iter()
        .filter(|scope| open.contains(&scope.as_str()) && most.is_none_or(|most| most.contains(scope)));
    let target = asked.target.to_string();
    let picker = asked.messages.iter().find(|(kind, _)| kind == DEEP_LINKING);
    Tool {
        client_id,
        deployment_id,
        name: asked.name.clone(),
        login_url: asked.login_url.clone(),
        redirect_uris: asked.redirect_uris.clone(),
        picker_url: picker.map(|(_, target)| target.clone()),
        origin: origin_of(&target).unwrap_or_default(),
        launch_url: target,
        jwks_url: asked.jwks_url.clone(),
        custom: asked.custom.clone(),
        scopes: Some(granted.cloned().collect()),
        claims: Some(asked.granted_claims()),
    }
}

/// Returns the response to a registration. Spec: LTI Dynamic Registration 1.0 §3.6; its members are Moodle's.
fn answer(tool: &Tool, asked: &Asked, switches: &Switches) -> Value {
    let messages: Vec<Value> = asked
        .messages
        .iter()
        .map(|(kind, target)| json!({"type": kind, "target_link_uri": target}))
        .collect();
    let custom: Map<String, Value> =
        tool.custom.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    let mut configuration = json!({
        "version": "1.3.0", "target_link_uri": tool.launch_url, "domain": asked.domain,
        "messages": messages, "custom_parameters": custom, "claims": tool.claims,
    });
    if let Some(description) = &asked.description {
        configuration["description"] = json!(description);
    }
    if !switches.registering.without_deployment {
        configuration["deployment_id"] = json!(tool.deployment_id);
    }
    let mut answer = json!({
        "response_types": ["id_token"], "jwks_uri": tool.jwks_url, "initiate_login_uri": tool.login_url,
        "grant_types": ["client_credentials", "implicit"], "redirect_uris": tool.redirect_uris,
        "application_type": "web", "token_endpoint_auth_method": "private_key_jwt", "client_name": tool.name,
        "scope": tool.scopes.as_deref().unwrap_or_default().join(" "), TOOL: configuration,
    });
    if let Some(logo) = &asked.logo_url {
        answer["logo_uri"] = json!(logo);
    }
    if !switches.registering.without_client_id {
        answer["client_id"] = json!(tool.client_id);
    }
    answer
}

async fn describe(lms: Data<Lms>, request: HttpRequest) -> HttpResponse {
    let call =
        Call::new(&request, b"", "A tool that wants to register reads the LMS's OpenID configuration.");
    if let Err(refusal) = lms.gate(&request).await {
        return lms.answer(call, Err(refusal));
    }
    let switches = lms.0.behaviour.get();
    if switches.registering.flaw == Some(DescriptionFlaw::Redirects) && request.query_string().is_empty() {
        let moved = format!("{}?moved=1", lms.configuration_url());
        return HttpResponse::build(StatusCode::FOUND).insert_header((LOCATION, moved)).finish();
    }
    lms.answer(call, Ok(Reply::new(200, "application/json; charset=utf-8", lms.configuration(&switches))))
}

async fn register(lms: Data<Lms>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    let call = Call::new(&request, &body, "The tool registers; the LMS gives it a client id and its scopes.");
    let result = match lms.gate(&request).await {
        Ok(()) => lms.register(&request, &body),
        Err(refusal) => Err(refusal),
    };
    lms.answer(call, result)
}
