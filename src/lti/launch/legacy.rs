//! Identifiers of LTI 1.1: how a platform called person and activity before it was registered here as LTI 1.3.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::Sha256;

use crate::lti::claims::Claims;
use crate::lti::identifier::{ClaimError, Identifier, is_storable};

/// The claim of a launch that names the old identifiers, with its signature.
///
/// Spec: LTI Advantage Migration 1.0 §3 (`lti1p1`).
/// Trust: who knows the old shared secret signed it; the platform's own signature says nothing of that, so it counts only
/// once [`LegacyClaim::is_signed_with`] says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegacyClaim {
    /// The old consumer key.
    pub key: String,
    /// How the person was called.
    pub user: Option<String>,
    /// How the resource link was called.
    pub link: Option<String>,
    signature: String,
    signed: String,
}

/// Old identifiers that were proved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LegacyIds {
    /// How the person was called.
    pub user: Option<String>,
    /// How the resource link was called.
    pub link: Option<String>,
}

impl LegacyClaim {
    /// The claim of a launch; `None` without one, or without a signature.
    ///
    /// Errors: an identifier of the wrong type: somebody known would become a stranger.
    pub(super) fn read(claims: &Claims) -> Result<Option<Self>, ClaimError> {
        let user = claims.identifier_at("lti1p1.user_id")?;
        let link = claims.identifier_at("lti1p1.resource_link_id")?;
        let key = claims.identifier_at("lti1p1.oauth_consumer_key")?;
        let signature =
            claims.core_member("lti1p1", "oauth_consumer_key_sign").filter(|text| is_storable(text));
        let (Some(key), Some(signature)) = (key, signature.filter(|text| !text.is_empty())) else {
            return Ok(None);
        };
        let signature = signature.to_owned();
        Ok(signed_text(claims, &key).map(|signed| Self { key, user, link, signature, signed }))
    }

    /// Whether the old secret of that key signed it.
    ///
    /// Spec: LTI Advantage Migration 1.0 §3.3: base64 of HMAC-SHA256 over key, deployment, issuer, client, expiry and nonce.
    pub fn is_signed_with(&self, secret: &str) -> bool {
        let Ok(given) = STANDARD.decode(&self.signature) else { return false };
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return false };
        mac.update(self.signed.as_bytes());
        mac.verify_slice(&given).is_ok()
    }

    /// The identifiers, once proved.
    pub fn ids(self) -> LegacyIds {
        LegacyIds { user: self.user, link: self.link }
    }
}

/// What the old secret signs; `None` if the launch lacks a part of it.
fn signed_text(claims: &Claims, key: &str) -> Option<String> {
    let text = |value: &Value| Some(Identifier::read(Some(value)).ok()??.into_text());
    let audience = claims.get("aud")?;
    let audience = text(audience).or_else(|| text(audience.as_array()?.first()?))?;
    let expires = claims.get("exp")?.as_i64()?.to_string();
    let deployment = claims.core_identifier("deployment_id").ok()??;
    let (issuer, nonce) = (claims.get("iss")?.as_str()?, claims.get("nonce")?.as_str()?);
    Some([key, &deployment, issuer, &audience, &expires, nonce].join("&"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_the_old_secret_signs() {
        let core = "https://purl.imsglobal.org/spec/lti/claim/";
        let sign = |text: &str| {
            let mut mac = Hmac::<Sha256>::new_from_slice(b"old secret").unwrap();
            mac.update(text.as_bytes());
            STANDARD.encode(mac.finalize().into_bytes())
        };
        let claims = |signature: &str| {
            let payload = json!({
                "iss": "https://lms.example", "aud": "client", "exp": 1_767_323_045, "nonce": "n",
                format!("{core}deployment_id"): "1",
                format!("{core}lti1p1"): {
                    "oauth_consumer_key": "key", "oauth_consumer_key_sign": signature, "user_id": "u", "resource_link_id": "l",
                },
            });
            Claims::parse(payload.to_string().as_bytes()).unwrap()
        };
        let good = sign("key&1&https://lms.example&client&1767323045&n");
        let claim = LegacyClaim::read(&claims(&good)).unwrap().unwrap();
        assert!(
            claim.is_signed_with("old secret")
                && !claim.is_signed_with("another")
                && !claim.is_signed_with("")
        );
        assert_eq!(claim.ids(), LegacyIds { user: Some("u".into()), link: Some("l".into()) });
        for bad in
            [sign("key&1&https://lms.example&client&1767323045&other"), "x".to_owned(), "AAAA".to_owned()]
        {
            assert!(
                !LegacyClaim::read(&claims(&bad)).unwrap().unwrap().is_signed_with("old secret"),
                "{bad}"
            );
        }
        assert_eq!(LegacyClaim::read(&claims("")).unwrap(), None);
        assert_eq!(LegacyClaim::read(&Claims::parse(b"{}").unwrap()).unwrap(), None);
    }
}
