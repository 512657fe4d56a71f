//! 8x8 Jitsi as a Service.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use super::input::{KindInput, ServerField, ServerInputError, needed, parse_origin};
use crate::clock::Timestamp;
use crate::jitsi::token::{Participant, TokenParts, features, user};

/// Where 8x8's hosted Jitsi lives.
const ORIGIN: &str = "https://8x8.vc";

/// The features that 8x8 documents for its own tokens.
const FEATURES: [&str; 11] = [
    "livestreaming",
    "recording",
    "transcription",
    "sip-inbound-call",
    "sip-outbound-call",
    "inbound-call",
    "outbound-call",
    "file-upload",
    "list-visitors",
    "send-groupchat",
    "create-polls",
];

/// An account at 8x8, with one of its API keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JaasAccount {
    /// The AppID, `vpaas-magic-cookie-…`: tenant and `sub` of every token.
    pub app_id: String,
    /// The API key's id, `AppID/xxxxxx`.
    pub kid: String,
}

impl JaasAccount {
    /// Makes an account of an AppID and a key id, checked for their shapes.
    fn new(app_id: String, kid: String) -> Result<Self, ServerInputError> {
        if !app_id.starts_with("vpaas-magic-cookie-") {
            return Err(ServerInputError::AppId);
        }
        match kid.split_once('/') {
            Some((tenant, key)) if tenant == app_id && !key.is_empty() => Ok(Self { app_id, kid }),
            _ => Err(ServerInputError::KeyId),
        }
    }
}

/// Returns the origin and the account that were entered; 8x8's own origin where none was.
pub(super) fn read(input: &KindInput<'_>) -> Result<(Url, JaasAccount), ServerInputError> {
    let domain = if input.domain.trim().is_empty() { ORIGIN } else { input.domain.trim() };
    let app_id = needed(input.app_id, ServerField::AppId)?;
    let kid = needed(input.key_id, ServerField::KeyId)?;
    Ok((parse_origin(domain)?, JaasAccount::new(app_id, kid)?))
}

/// Returns the claims of a room token.
///
/// Spec: 8x8 JaaS, "JaaS JWT".
pub(super) fn claims(account: &JaasAccount, participant: &Participant, now: Timestamp) -> Value {
    let mut features = features(participant.controls);
    features.retain(|name, _| FEATURES.contains(&name.as_str()));
    let parts = TokenParts {
        issuer: "chat",
        audience: "jitsi",
        subject: &account.app_id,
        user: user(participant),
        features,
    };
    parts.claims(participant, now)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::jitsi::controls::Audiences;

    fn account(app_id: &str, kid: &str) -> Result<JaasAccount, ServerInputError> {
        JaasAccount::new(app_id.to_owned(), kid.to_owned())
    }

    #[test]
    fn identifiers_have_their_shapes() {
        assert!(account("vpaas-magic-cookie-1f", "vpaas-magic-cookie-1f/abc123").is_ok());
        assert_eq!(account("magic", "magic/abc"), Err(ServerInputError::AppId));
        for kid in ["vpaas-magic-cookie-2f/abc123", "vpaas-magic-cookie-1f/", "abc123"] {
            assert_eq!(account("vpaas-magic-cookie-1f", kid), Err(ServerInputError::KeyId), "{kid}");
        }
    }

    #[test]
    fn a_token_has_8x8s_issuer_and_the_tenant_as_subject() {
        let account = account("vpaas-magic-cookie-1f", "vpaas-magic-cookie-1f/a").unwrap();
        let participant = Participant { controls: Audiences::default().of(false), ..Participant::example() };
        let token = claims(&account, &participant, Timestamp::from_secs(1));
        assert_eq!((&token["iss"], &token["aud"]), (&json!("chat"), &json!("jitsi")));
        assert_eq!(token["sub"], "vpaas-magic-cookie-1f");
        assert_eq!(token["room"], "kx3abc");
        assert_eq!(token["context"]["features"].as_object().unwrap().len(), FEATURES.len());
        assert!(token["context"]["user"].get("affiliation").is_none());
    }
}
