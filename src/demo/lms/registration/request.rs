//! What a tool asks for when it registers, read as strictly as the specification and Moodle.

use serde_json::{Map, Value, json};
use url::{Host, Url};

use super::{CLAIMS, MESSAGES, TOOL};

/// A registration that passed every check.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) name: String,
    pub(super) login_url: String,
    pub(super) redirect_uris: Vec<String>,
    pub(super) jwks_url: String,
    pub(super) logo_url: Option<String>,
    pub(super) scopes: Vec<String>,
    pub(super) domain: String,
    pub(super) description: Option<String>,
    pub(super) target: Url,
    pub(super) custom: Vec<(String, String)>,
    pub(super) claims: Vec<String>,
    /// Types of messages, and what each opens.
    pub(super) messages: Vec<(String, String)>,
}

/// Why a registration is refused.
#[derive(Debug)]
pub(super) struct Flaw {
    code: &'static str,
    description: String,
}

impl Flaw {
    /// Returns the error response. Spec: OAuth 2.0 Dynamic Client Registration (RFC 7591) §3.2.2.
    pub(super) fn body(&self) -> Value {
        json!({"error": self.code, "error_description": self.description})
    }
}

fn flaw(description: String) -> Flaw {
    Flaw { code: "invalid_client_metadata", description }
}

fn must(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), Flaw> {
    if holds { Ok(()) } else { Err(flaw(otherwise())) }
}

/// Reads a registration by a platform that has these scopes.
///
/// Errors: the first value that is wrong, by its name. Spec: LTI Dynamic Registration 1.0 §3.5.
pub(super) fn read(body: &Value, scopes: &[&str]) -> Result<Asked, Flaw> {
    let client = Members::of("the registration", body)?;
    client.is("application_type", "web")?;
    client.contains("response_types", "id_token")?;
    client.contains("grant_types", "implicit")?;
    client.contains("grant_types", "client_credentials")?;
    client.is("token_endpoint_auth_method", "private_key_jwt")?;
    let tool = Members::of(TOOL, body.get(TOOL).unwrap_or(&Value::Null))?;
    let (domain, target) = place(&tool)?;
    Ok(Asked {
        name: client.text("client_name")?,
        login_url: client.url("initiate_login_uri")?.into(),
        redirect_uris: redirect_uris(&client)?,
        jwks_url: client.url("jwks_uri")?.into(),
        logo_url: client.has("logo_uri").then(|| client.url("logo_uri")).transpose()?.map(String::from),
        scopes: asked_scopes(&client, scopes)?,
        description: tool.has("description").then(|| tool.text("description")).transpose()?,
        custom: custom(&tool)?,
        claims: tool.list("claims")?,
        messages: messages(&tool, &target, &domain)?,
        domain,
        target,
    })
}

impl Asked {
    /// Returns the claims that the LMS grants.
    pub(super) fn granted_claims(&self) -> Vec<String> {
        CLAIMS
            .iter()
            .filter(|claim| self.claims.iter().any(|one| one == *claim))
            .map(|one| (*one).to_owned())
            .collect()
    }
}

/// The members of an object, which knows its name.
struct Members<'a>(&'a Map<String, Value>);

impl<'a> Members<'a> {
    fn of(name: &str, value: &'a Value) -> Result<Self, Flaw> {
        value.as_object().map(Self).ok_or_else(|| flaw(format!("{name} must be an object")))
    }

    fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    fn value(&self, name: &str) -> Result<&'a Value, Flaw> {
        self.0.get(name).ok_or_else(|| flaw(format!("{name} is missing")))
    }

    fn text(&self, name: &str) -> Result<String, Flaw> {
        let value = self.value(name)?;
        let text = value.as_str().filter(|text| !text.trim().is_empty());
        text.map(str::to_owned).ok_or_else(|| flaw(format!("{name} must be a text, and is {value}")))
    }

    fn is(&self, name: &str, wanted: &str) -> Result<(), Flaw> {
        let value = self.value(name)?;
        must(value == wanted, || format!("{name} must be {wanted}, and is {value}"))
    }

    fn list(&self, name: &str) -> Result<Vec<String>, Flaw> {
        let value = self.value(name)?;
        let texts =
            value.as_array().map(|list| list.iter().map(|one| one.as_str().map(str::to_owned)).collect());
        texts.flatten().ok_or_else(|| flaw(format!("{name} must be a list of texts, and is {value}")))
    }

    fn contains(&self, name: &str, wanted: &str) -> Result<(), Flaw> {
        let list = self.list(name)?;
        must(list.iter().any(|one| one == wanted), || {
            format!("{name} must contain {wanted}, and is {list:?}")
        })
    }

    fn url(&self, name: &str) -> Result<Url, Flaw> {
        let text = self.text(name)?;
        address(&text).ok_or_else(|| flaw(format!("{name} must be an https address, and is {text}")))
    }
}

/// Reads a URL that a platform may use: https, or http on this machine; without a fragment.
fn address(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_here = match url.host()? {
        Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    };
    let fits = url.scheme() == "https" || (url.scheme() == "http" && is_here);
    (fits && url.fragment().is_none() && url.username().is_empty()).then_some(url)
}

fn redirect_uris(client: &Members<'_>) -> Result<Vec<String>, Flaw> {
    let listed = client.list("redirect_uris")?;
    let refused = |description| Flaw { code: "invalid_redirect_uri", description };
    if listed.is_empty() {
        return Err(refused("redirect_uris must name an address".to_owned()));
    }
    match listed.iter().find(|uri| address(uri).is_none()) {
        Some(uri) => Err(refused(format!("redirect_uris must be https addresses, and one is {uri}"))),
        None => Ok(listed),
    }
}

fn asked_scopes(client: &Members<'_>, known: &[&str]) -> Result<Vec<String>, Flaw> {
    let asked: Vec<String> = client.text("scope")?.split_whitespace().map(str::to_owned).collect();
    match asked.iter().find(|scope| !known.contains(&scope.as_str())) {
        Some(scope) => Err(flaw(format!("scope must be of scopes_supported, and one is {scope}"))),
        None => Ok(asked),
    }
}

/// Returns the host, with the port unless it is the scheme's own.
fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Reads domain and target. Quirk: Moodle compares the target's host with the domain, port and all.
fn place(tool: &Members<'_>) -> Result<(String, Url), Flaw> {
    let (domain, target) = (tool.text("domain")?, tool.url("target_link_uri")?);
    let host = host_of(&target);
    if host != domain {
        let description = format!("target_link_uri is at {host}, and domain is {domain}");
        return Err(Flaw { code: "domain_targetlinkuri_mismatch", description });
    }
    Ok((domain, target))
}

fn custom(tool: &Members<'_>) -> Result<Vec<(String, String)>, Flaw> {
    let name = "custom_parameters";
    if !tool.has(name) {
        return Ok(Vec::new());
    }
    let members = Members::of(name, tool.value(name)?)?;
    members.0.keys().map(|name| Ok((name.clone(), members.text(name)?))).collect()
}

fn messages(tool: &Members<'_>, target: &Url, domain: &str) -> Result<Vec<(String, String)>, Flaw> {
    let value = tool.value("messages")?;
    let listed = value.as_array().filter(|list| !list.is_empty());
    let listed =
        listed.ok_or_else(|| flaw(format!("messages must be a list of messages, and is {value}")))?;
    listed.iter().map(|one| message(one, target, domain)).collect()
}

fn message(value: &Value, target: &Url, domain: &str) -> Result<(String, String), Flaw> {
    let message = Members::of("each of messages", value)?;
    let kind = message.text("type")?;
    let known = MESSAGES.iter().find(|(one, _)| *one == kind);
    let (_, placements) =
        known.ok_or_else(|| flaw(format!("messages must be of messages_supported, and one is {kind}")))?;
    if message.has("placements") {
        let stray = message.list("placements")?.into_iter().find(|one| !placements.contains(&one.as_str()));
        must(stray.is_none(), || {
            format!("placements of {kind} must be supported: {}", stray.unwrap_or_default())
        })?;
    }
    if !message.has("target_link_uri") {
        return Ok((kind, target.to_string()));
    }
    let own = message.url("target_link_uri")?;
    must(host_of(&own) == domain, || format!("target_link_uri of {kind} must be at {domain}, and is {own}"))?;
    Ok((kind, own.into()))
}
