//! Which room tokens a Jitsi server lets in: the rules of Prosody's token modules, and of JaaS.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::demo::jws::Parsed;

/// Tokens from this size on make a real login hang; the nearest sizes that were tried are 9,992 and 10,125.
const MAX_TOKEN: usize = 10_000;

/// Features a Jitsi client knows; anything else in `context.features` is a mistake.
const FEATURES: [&str; 20] = [
    "branding",
    "calendar",
    "create-polls",
    "file-upload",
    "flip",
    "inbound-call",
    "livestreaming",
    "live-translation",
    "lobby",
    "moderation",
    "outbound-call",
    "recording",
    "room",
    "screen-sharing",
    "send-groupchat",
    "send-private-message",
    "list-visitors",
    "sip-inbound-call",
    "sip-outbound-call",
    "transcription",
];

/// What a moderator may do on a server that finds no features in the token.
const MODERATOR_FEATURES: [&str; 6] =
    ["livestreaming", "recording", "transcription", "outbound-call", "create-polls", "send-groupchat"];

/// Why the server refuses a token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefusal {
    /// The login fails (`not-authorized`), with the server's own text.
    #[error("{0}")]
    Login(String),
    /// The login works, the room stays closed (`not-allowed`).
    #[error("{0}")]
    Join(String),
    /// A real server would never answer.
    #[error("no answer: {0}")]
    NoAnswer(String),
}

impl TokenRefusal {
    pub(super) fn login(text: impl Into<String>) -> Self {
        Self::Login(text.into())
    }
}

/// The claims of a token that was let in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VerifiedToken {
    /// `context.user.id`.
    pub user_id: Option<String>,
    /// `context.user.name`.
    pub name: Option<String>,
    /// `context.user.email`.
    pub email: Option<String>,
    /// `context.user.avatar`.
    pub avatar: Option<String>,
    /// Whether the server makes the person a moderator.
    pub moderator: bool,
    /// `context.user.lobby_bypass`.
    pub lobby_bypass: bool,
    /// What the person may do.
    pub features: BTreeMap<String, bool>,
    /// `context.group`.
    pub group: Option<String>,
    /// The whole payload.
    pub claims: Value,
    /// What a Jitsi client would complain about, though the server let it in.
    pub complaints: Vec<String>,
}

/// The claims that a server requires.
#[derive(Clone, Debug)]
pub(super) struct RequiredClaims {
    pub(super) issuers: Vec<String>,
    pub(super) audiences: Vec<String>,
    /// The XMPP domain that `sub` must name for rooms without a tenant; `None` switches the check off.
    pub(super) domain: Option<String>,
    pub(super) wildcards: bool,
}

/// Parses a token; checks its type and its algorithm.
pub(super) fn open(token: Option<&str>, algorithm: &str) -> Result<Parsed, TokenRefusal> {
    let token = token.filter(|token| !token.is_empty()).ok_or(TokenRefusal::login("token required"))?;
    if token.len() > MAX_TOKEN {
        return Err(TokenRefusal::NoAnswer(format!("the token has {} characters", token.len())));
    }
    let parsed = Parsed::of(token).ok_or(TokenRefusal::login("Invalid token"))?;
    if parsed.header_text("typ") != Some("JWT") {
        return Err(TokenRefusal::login("Invalid typ"));
    }
    if parsed.header_text("alg") != Some(algorithm) {
        return Err(TokenRefusal::login("Invalid or incorrect alg"));
    }
    Ok(parsed)
}

/// Checks a token at login, after the signature.
pub(super) fn check_login(token: &Parsed, required: &RequiredClaims, now: i64) -> Result<(), TokenRefusal> {
    check_times(token, now)?;
    check_listed(token, "iss", &required.issuers)?;
    check_listed(token, "aud", &required.audiences)?;
    if token.payload["room"].is_null() {
        return Err(TokenRefusal::login("room claim is missing"));
    }
    if token.payload["sub"].is_null() {
        return Err(TokenRefusal::login("sub claim is missing"));
    }
    Ok(())
}

fn check_times(token: &Parsed, now: i64) -> Result<(), TokenRefusal> {
    #[allow(clippy::cast_precision_loss, reason = "seconds of this century fit")]
    let now = now as f64;
    let number = |name: &str| match &token.payload[name] {
        Value::Null => Ok(None),
        value => value.as_f64().map(Some).ok_or(TokenRefusal::login(format!("Not acceptable by {name}"))),
    };
    if let Some(expires) = number("exp")?
        && now >= expires
    {
        return Err(TokenRefusal::login(format!(
            "Not acceptable by exp ({} sec since expired)",
            (now - expires).floor()
        )));
    }
    if number("nbf")?.is_some_and(|starts| now < starts) {
        return Err(TokenRefusal::login("Not acceptable by nbf"));
    }
    Ok(())
}

/// Checks that a claim has an accepted value. Quirk: it is compared as one text; a list passes only if anything passes.
fn check_listed(token: &Parsed, name: &str, accepted: &[String]) -> Result<(), TokenRefusal> {
    let claim = &token.payload[name];
    if claim.is_null() {
        return Err(TokenRefusal::login(format!("'{name}' claim is missing")));
    }
    let anything = accepted.iter().any(|one| one == "*");
    if anything || accepted.iter().any(|one| claim == one.as_str()) {
        Ok(())
    } else {
        Err(TokenRefusal::login(format!("invalid '{name}' claim")))
    }
}

/// Checks a token when the room is entered.
///
/// Quirk: `context.room.regex` is a Lua pattern on a real server; this one refuses it.
pub(super) fn check_join(
    token: &Parsed,
    required: &RequiredClaims,
    tenant: Option<&str>,
    room: &str,
) -> Result<(), TokenRefusal> {
    let refuse = || TokenRefusal::Join("Room and token mismatched".to_owned());
    let regex = &token.payload["context"]["room"]["regex"];
    if *regex == true || regex == "true" {
        return Err(TokenRefusal::Join("invalid-regex".to_owned()));
    }
    let named = token.text("room").ok_or_else(refuse)?.to_ascii_lowercase();
    let any_room = required.wildcards && named == "*";
    if !any_room && named != room.to_ascii_lowercase() {
        return Err(refuse());
    }
    let Some(domain) = &required.domain else { return Ok(()) };
    let subject = token.text("sub").ok_or_else(refuse)?.to_ascii_lowercase();
    let expected = tenant.unwrap_or(domain).to_ascii_lowercase();
    if (required.wildcards && subject == "*") || subject == expected { Ok(()) } else { Err(refuse()) }
}

/// Returns what the token grants.
pub(super) fn granted(token: &Parsed, now: i64) -> VerifiedToken {
    let context = &token.payload["context"];
    let user = &context["user"];
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let affiliation = user["affiliation"].as_str().unwrap_or_default();
    let moderator = ["owner", "moderator", "teacher"].contains(&affiliation) || is_true(&user["moderator"]);
    VerifiedToken {
        user_id: text(&user["id"]),
        name: text(&user["name"]),
        email: text(&user["email"]),
        avatar: text(&user["avatar"]).or_else(|| text(&user["avatarUrl"])),
        moderator,
        lobby_bypass: user["lobby_bypass"] == true,
        features: features(&context["features"], moderator),
        group: text(&context["group"]),
        claims: token.payload.clone(),
        complaints: complaints(&token.payload, now),
    }
}

fn is_true(value: &Value) -> bool {
    *value == true || value == "true"
}

/// Quirk: once a token holds any features, only the named ones count and the role is ignored; screen sharing alone
/// is on unless it is switched off.
pub(super) fn features(stated: &Value, moderator: bool) -> BTreeMap<String, bool> {
    let mut all: BTreeMap<String, bool> = match stated.as_object() {
        Some(stated) => stated.iter().map(|(name, value)| (name.clone(), is_true(value))).collect(),
        None => MODERATOR_FEATURES.iter().map(|name| ((*name).to_owned(), moderator)).collect(),
    };
    all.entry("screen-sharing".to_owned()).or_insert(true);
    all
}

fn complaints(payload: &Value, now: i64) -> Vec<String> {
    let mut found = Vec::new();
    if payload["exp"].as_f64().is_none() {
        found.push("exp is not a number".to_owned());
    }
    if payload["nbf"].as_i64().is_some_and(|starts| starts > now) {
        found.push("nbf lies in the future".to_owned());
    }
    if payload["context"].is_null() {
        found.push("context is missing".to_owned());
    }
    for (name, value) in payload["context"]["features"].as_object().into_iter().flatten() {
        if !FEATURES.contains(&name.as_str()) {
            found.push(format!("feature {name} is not known"));
        }
        if !value.is_boolean() && value != "true" && value != "false" {
            found.push(format!("feature {name} is neither true nor false"));
        }
    }
    for (name, value) in payload["context"]["user"].as_object().into_iter().flatten() {
        if value.is_object() || value.is_array() {
            found.push(format!("user {name} is not a plain value"));
        }
    }
    found
}
