//! Dynamic registration: what a platform says of itself, what this tool asks for, and what it was given.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use url::Url;

use crate::config::ToolDescription;
use crate::lti::claims::tidy;
use crate::lti::families::{Family, ToolValues, is_cloud_host};
use crate::lti::identifier::{Identifier, IdentifierError};
use crate::outbound::{NetworkPolicy, Outbound, OutboundError, Request, Response, check_url};

const PLATFORM: &str = "https://purl.imsglobal.org/spec/lti-platform-configuration";
const TOOL: &str = "https://purl.imsglobal.org/spec/lti-tool-configuration";
const MAX_RESPONSE: usize = 256 * 1024;
const MAX_URL: usize = 2_000;
const RESOURCE_LINK: &str = "LtiResourceLinkRequest";
const DEEP_LINKING: &str = "LtiDeepLinkingRequest";

/// Why a registration does not come about: what an administrator of the platform needs to know.
#[derive(Debug, thiserror::Error)]
pub enum RegistrationError {
    /// The platform's description cannot be fetched.
    #[error("{0}")]
    Unreachable(#[from] OutboundError),
    /// It answers with an error.
    #[error("the platform's configuration answers HTTP {0}")]
    ConfigurationRefused(u16),
    /// It is no description.
    #[error("the platform's configuration cannot be read")]
    ConfigurationUnreadable,
    /// A value is missing in it.
    #[error("the platform's configuration names no {0}")]
    Missing(&'static str),
    /// A value leads where it may not.
    #[error("{what}: {source}")]
    Url {
        /// Which value.
        what: &'static str,
        /// Why not.
        source: OutboundError,
    },
    /// A value is on another host than the issuer.
    #[error("{what} is on {host}, and the issuer is {issuer}")]
    Host {
        /// Which value.
        what: &'static str,
        /// Where it is.
        host: String,
        /// The issuer.
        issuer: String,
    },
    /// The platform does not want this registration.
    #[error("the platform answers HTTP {status}: {says}")]
    Refused {
        /// Its status.
        status: u16,
        /// Its words.
        says: String,
    },
    /// What it answers is no registration.
    #[error("the platform's answer names no client id")]
    AnswerUnreadable,
    /// An identifier in it is none.
    #[error("{0} in the platform's answer is neither text nor a whole number")]
    AnswerValue(&'static str),
}

/// What a platform says of itself.
///
/// Trust: anybody can make such a description; it counts through an invitation alone, and the administrator approves the
/// first launch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlatformDescription {
    /// Its issuer.
    pub issuer: String,
    /// Its authentication request URL.
    pub auth_url: Url,
    /// Its access token URL.
    pub token_url: Url,
    /// Its public keyset URL.
    pub jwks_url: Url,
    /// Where registrations are posted.
    registration_url: Url,
    /// The audience of token requests, where it names one.
    pub token_audience: Option<String>,
    /// What it calls itself.
    pub family: Option<String>,
    scopes: Vec<String>,
    /// Message types, and the placements of each.
    messages: BTreeMap<String, Vec<String>>,
}

impl PlatformDescription {
    /// Fetches the description that a platform names.
    ///
    /// Spec: LTI Dynamic Registration 1.0 §3.3 ("Registration initiation"), §3.4 ("OpenID configuration").
    pub async fn fetch(
        outbound: &Outbound,
        place: &Url,
        token: Option<&str>,
        policy: NetworkPolicy,
    ) -> Result<Self, RegistrationError> {
        let mut request = Request::get(place).accepting("application/json");
        if let Some(token) = token {
            request = request.with_token(token);
        }
        let answer = outbound.ask(&request, policy, MAX_RESPONSE).await?;
        if !(200..300).contains(&answer.status) {
            return Err(RegistrationError::ConfigurationRefused(answer.status));
        }
        let body = serde_json::from_slice(&answer.body)
            .map_err(|_: serde_json::Error| RegistrationError::ConfigurationUnreadable)?;
        Self::read(&body, place, policy)
    }

    fn read(body: &Value, place: &Url, policy: NetworkPolicy) -> Result<Self, RegistrationError> {
        let text = |name: &'static str| {
            let text = body[name].as_str().filter(|text| !text.is_empty() && text.len() <= MAX_URL);
            text.ok_or(RegistrationError::Missing(name))
        };
        let issuer = text("issuer")?;
        let url = |name: &'static str| {
            let url =
                Url::parse(text(name)?).map_err(|_: url::ParseError| RegistrationError::Missing(name))?;
            check_url(&url, policy).map_err(|source| RegistrationError::Url { what: name, source })?;
            check_host(name, &url, issuer)?;
            Ok::<Url, RegistrationError>(url)
        };
        check_host("openid_configuration", place, issuer)?;
        let platform = &body[PLATFORM];
        let list = |value: &Value| -> Vec<String> {
            let listed = value.as_array().map(Vec::as_slice).unwrap_or_default();
            listed.iter().filter_map(Value::as_str).map(str::to_owned).take(100).collect()
        };
        let messages = platform["messages_supported"].as_array().map(Vec::as_slice).unwrap_or_default();
        let messages = messages
            .iter()
            .filter_map(|message| Some((message["type"].as_str()?.to_owned(), list(&message["placements"]))));
        Ok(Self {
            auth_url: url("authorization_endpoint")?,
            token_url: url("token_endpoint")?,
            jwks_url: url("jwks_uri")?,
            registration_url: url("registration_endpoint")?,
            token_audience: body["authorization_server"].as_str().and_then(tidy),
            family: platform["product_family_code"].as_str().and_then(tidy),
            scopes: list(&body["scopes_supported"]),
            messages: messages.collect(),
            issuer: issuer.to_owned(),
        })
    }

    /// Posts our registration to the platform.
    ///
    /// Spec: LTI Dynamic Registration 1.0 §3.5. Quirk: Brightspace sends no registration token, and takes none.
    pub async fn register(
        &self,
        outbound: &Outbound,
        tool: &ToolDescription,
        base_url: &Url,
        token: Option<&str>,
        policy: NetworkPolicy,
    ) -> Result<Granted, RegistrationError> {
        let body = self.request(tool, base_url).to_string();
        let mut request =
            Request::post(&self.registration_url, "application/json", body).accepting("application/json");
        if let Some(token) = token {
            request = request.with_token(token);
        }
        let answer = outbound.ask(&request, policy, MAX_RESPONSE).await?;
        Granted::read(&answer)
    }

    /// The scopes that we ask for: of those that the platform knows, as far as it tells.
    pub fn wanted_scopes(&self, tool: &ToolDescription) -> Vec<String> {
        let offered = |scope: &&String| self.scopes.is_empty() || self.scopes.contains(scope);
        tool.scopes.iter().filter(offered).cloned().collect()
    }

    /// Returns what is posted: what Moodle, Canvas and Brightspace take together.
    fn request(&self, tool: &ToolDescription, base_url: &Url) -> Value {
        let scopes = self.wanted_scopes(tool);
        let family = Family::of(self.family.as_deref(), self.auth_url.as_str());
        let values = family.values(tool, base_url);
        json!({
            "application_type": "web", "response_types": ["id_token"],
            "grant_types": ["implicit", "client_credentials"],
            "initiate_login_uri": values.login(), "redirect_uris": [values.launch()],
            "client_name": tool.title, "client_uri": base_url.as_str(), "logo_uri": values.at("assets/icons/icon.svg"),
            "jwks_uri": values.keys(), "token_endpoint_auth_method": "private_key_jwt",
            "scope": scopes.join(" "),
            TOOL: {
                "domain": values.domain(), "description": tool.description, "target_link_uri": values.launch(),
                "custom_parameters": values.custom, "claims": tool.claims, "messages": self.messages(&values),
                "https://canvas.instructure.com/lti/privacy_level": "name_only",
            },
        })
    }

    /// Returns the messages that the platform supports, with those of its placements where a class is of use.
    fn messages(&self, values: &ToolValues<'_>) -> Vec<Value> {
        let message = |kind: &str| {
            let offered = self.messages.get(kind);
            if kind != RESOURCE_LINK && offered.is_none() {
                return None;
            }
            let wanted = values.tool.placements.get(kind).cloned().unwrap_or_default();
            let placements: Vec<String> =
                offered.into_iter().flatten().filter(|one| wanted.contains(*one)).cloned().collect();
            let mut message = Map::new();
            message.insert("type".into(), json!(kind));
            message.insert("target_link_uri".into(), json!(values.launch()));
            message.insert("label".into(), json!(values.tool.title));
            if !placements.is_empty() {
                message.insert("placements".into(), json!(placements));
            }
            if kind == DEEP_LINKING {
                message.insert("supported_types".into(), json!(["ltiResourceLink"]));
            }
            Some(Value::Object(message))
        };
        [RESOURCE_LINK, DEEP_LINKING].into_iter().filter_map(message).collect()
    }
}

/// Refuses a value on another host than the issuer's, but for clouds that are known to do so.
fn check_host(what: &'static str, url: &Url, issuer: &str) -> Result<(), RegistrationError> {
    let of_issuer = Url::parse(issuer).map_err(|_: url::ParseError| RegistrationError::Missing("issuer"))?;
    let host = url.host_str().unwrap_or_default();
    let same = host == of_issuer.host_str().unwrap_or_default() && url.port() == of_issuer.port();
    if same || is_cloud_host(issuer, host) {
        return Ok(());
    }
    Err(RegistrationError::Host { what, host: host.to_owned(), issuer: issuer.to_owned() })
}

/// What a platform gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    /// Our client id there.
    pub client_id: String,
    /// The deployment, where it made one at once.
    pub deployment_id: Option<String>,
    /// The scopes.
    pub scopes: Vec<String>,
}

impl Granted {
    fn read(answer: &Response) -> Result<Self, RegistrationError> {
        if !(200..300).contains(&answer.status) {
            return Err(RegistrationError::Refused { status: answer.status, says: words(answer) });
        }
        let body: Value = serde_json::from_slice(&answer.body)
            .map_err(|_: serde_json::Error| RegistrationError::AnswerUnreadable)?;
        let id = |value: &Value, name| {
            let read = Identifier::read(Some(value))
                .map_err(|_: IdentifierError| RegistrationError::AnswerValue(name))?;
            Ok::<_, RegistrationError>(read.map(Identifier::into_text))
        };
        let scopes = body["scope"].as_str().unwrap_or_default().split_whitespace().map(str::to_owned);
        Ok(Self {
            client_id: id(&body["client_id"], "client_id")?.ok_or(RegistrationError::AnswerUnreadable)?,
            deployment_id: id(&body[TOOL]["deployment_id"], "deployment_id")?,
            scopes: scopes.take(50).collect(),
        })
    }
}

/// Returns the client id that a registration token is for.
///
/// Quirk: Moodle gives one whose `sub` is the registration that its administrator chose to update. Trust: nobody's
/// signature is checked; it says what the page calls the matter, and the platform decides.
pub fn client_id_meant(token: &str) -> Option<String> {
    let payload = token.split('.').nth(1)?;
    let bytes = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    let claims: Value = serde_json::from_slice(&bytes).ok()?;
    Identifier::read(claims.get("sub")).ok().flatten().map(Identifier::into_text)
}

/// The words of a refusal: the OAuth description where there is one.
fn words(answer: &Response) -> String {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let received = ["error_description", "error", "message", "reason"];
    let found = received.iter().find_map(|name| body[*name].as_str()).and_then(tidy);
    found.or_else(|| tidy(&answer.text())).unwrap_or_default().chars().take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moodle() -> Value {
        json!({
            "issuer": "https://lms.example", "token_endpoint": "https://lms.example/token.php",
            "jwks_uri": "https://lms.example/certs.php", "authorization_endpoint": "https://lms.example/auth.php",
            "registration_endpoint": "https://lms.example/register.php",
            "scopes_supported": ["https://purl.imsglobal.org/spec/lti-ags/scope/score", "openid"],
            PLATFORM: {
                "product_family_code": "moodle",
                "messages_supported": [{"type": RESOURCE_LINK}, {"type": DEEP_LINKING, "placements": ["ContentArea", "RichText"]}],
            },
        })
    }

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn a_description_is_believed_within_its_own_host() {
        let place = url("https://lms.example/openid-configuration.php");
        let read = |body: &Value, place: &Url| PlatformDescription::read(body, place, NetworkPolicy::Public);
        assert_eq!(read(&moodle(), &place).unwrap().family.as_deref(), Some("moodle"));
        for (name, value) in [
            ("issuer", json!(null)),
            ("issuer", json!("lms")),
            ("jwks_uri", json!("https://evil.example/keys")),
            ("jwks_uri", json!("http://lms.example/keys")),
            ("jwks_uri", json!("https://lms.example:444/keys")),
            ("token_endpoint", json!("https://127.0.0.1/token")),
            ("token_endpoint", json!("https://2130706433/token")),
            ("registration_endpoint", json!("https://[::1]/r")),
            ("authorization_endpoint", json!(7)),
        ] {
            let mut body = moodle();
            body[name] = value.clone();
            assert!(read(&body, &place).is_err(), "{name} {value}");
        }
        assert!(read(&moodle(), &url("https://evil.example/c")).is_err());
    }

    #[test]
    fn known_families_have_their_own_hosts() {
        let canvas = "https://canvas.instructure.com";
        for (issuer, place, expected) in [
            (canvas, "https://sso.canvaslms.com/api/lti/authorize_redirect", true),
            (canvas, "https://uni.instructure.com/login/oauth2/token", true),
            (canvas, "https://evilcanvaslms.com/x", false),
            ("https://blackboard.com", "https://developer.blackboard.com/api/v1/gateway/oidcauth", true),
            ("https://uni.brightspace.com", "https://auth.brightspace.com/core/connect/token", true),
            ("https://uni.brightspace.com", "https://other.brightspace.com/x", false),
            ("https://lms.example", "https://sso.canvaslms.com/x", false),
        ] {
            assert_eq!(check_host("x", &url(place), issuer).is_ok(), expected, "{issuer} {place}");
        }
    }

    #[test]
    fn what_is_asked_for_is_what_the_platform_knows() {
        let place = url("https://lms.example/openid-configuration.php");
        let platform = PlatformDescription::read(&moodle(), &place, NetworkPolicy::Public).unwrap();
        let tool = ToolDescription::load(None).unwrap();
        let asked = platform.request(&tool, &url("https://class.example:8443/"));
        assert_eq!(asked["scope"], "https://purl.imsglobal.org/spec/lti-ags/scope/score");
        assert_eq!(asked[TOOL]["domain"], "class.example:8443");
        assert_eq!(asked["redirect_uris"], json!(["https://class.example:8443/lti/launch"]));
        assert_eq!(asked[TOOL]["messages"][1]["placements"], json!(["ContentArea"]));
        let custom = json!({"context_id_history": "$Context.id.history", "moodle_groups": "$Moodle.Person.userGroupIds"});
        assert_eq!(asked[TOOL]["custom_parameters"], custom, "Moodle knows these two");
        let claims = asked[TOOL]["claims"].as_array().unwrap();
        assert!(
            claims.contains(&json!("name")) && !claims.contains(&json!("email")),
            "nothing needs addresses"
        );
        assert_eq!(asked[TOOL]["https://canvas.instructure.com/lti/privacy_level"], "name_only");
    }

    #[test]
    fn a_registration_token_tells_which_registration_is_meant() {
        let token = |payload: &str| format!("x.{}.y", URL_SAFE_NO_PAD.encode(payload));
        assert_eq!(
            client_id_meant(&token("{\"sub\":\"abc\",\"scope\":\"reg-update\"}")).as_deref(),
            Some("abc")
        );
        for opaque in ["", "opaque", "a.b.c", &token("7"), &token("{\"sub\":\"\"}"), &token("{\"sub\":[]}")] {
            assert_eq!(client_id_meant(opaque), None, "{opaque}");
        }
    }

    #[test]
    fn what_was_given_is_read_leniently() {
        let granted = |status, body: &str| Granted::read(&Response::of(status, body));
        let full = format!("{{\"client_id\":7,\"scope\":\"a b\",\"{TOOL}\":{{\"deployment_id\":\"1\"}}}}");
        let expected = Granted {
            client_id: "7".into(),
            deployment_id: Some("1".into()),
            scopes: vec!["a".into(), "b".into()],
        };
        assert_eq!(granted(200, &full).unwrap(), expected);
        assert_eq!(granted(201, "{\"client_id\":\"c\"}").unwrap().deployment_id, None);
        let numbers = format!("{{\"client_id\":7,\"{TOOL}\":{{\"deployment_id\":1}}}}");
        assert_eq!(granted(200, &numbers).unwrap().deployment_id.as_deref(), Some("1"));
        for value in ["true", "1.5", "[1]", "{}"] {
            let odd = granted(200, &numbers.replace(":1}", &format!(":{value}}}"))).unwrap_err();
            assert!(odd.to_string().starts_with("deployment_id"), "{odd}");
            let odd = granted(200, &numbers.replace(":7,", &format!(":{value},"))).unwrap_err();
            assert!(odd.to_string().starts_with("client_id"), "{odd}");
        }
        assert!(granted(200, "{}").is_err() && granted(200, "<html>").is_err());
        let refused = granted(400, "{\"error\":\"domain_targetlinkuri_mismatch\"}").unwrap_err();
        assert!(refused.to_string().contains("domain_targetlinkuri_mismatch"), "{refused}");
    }
}
