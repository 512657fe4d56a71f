//! Identifiers of LTI 1.1: how a platform called person and activity before it was registered here as LTI 1.3.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::claims::Claims;
use super::message::is_storable;

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
    pub(super) fn read(claims: &Claims) -> Option<Self> {
        let member = |name: &str| {
            let text = claims.core_member("lti1p1", name)?;
            (!text.is_empty() && is_storable(text)).then(|| text.to_owned())
        };
        let text = |name: &str| claims.get(name).and_then(|value| value.as_str());
        let key = member("oauth_consumer_key")?;
        let audience = text("aud").or_else(|| claims.get("aud")?.as_array()?.first()?.as_str());
        let expires = claims.get("exp")?.as_i64()?;
        let parts = [
            key.as_str(),
            claims.core_text("deployment_id")?,
            text("iss")?,
            audience?,
            &expires.to_string(),
            text("nonce")?,
        ];
        Some(Self {
            signed: parts.join("&"),
            signature: member("oauth_consumer_key_sign")?,
            user: member("user_id"),
            link: member("resource_link_id"),
            key,
        })
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
        let claim = LegacyClaim::read(&claims(&good)).unwrap();
        assert!(
            claim.is_signed_with("old secret")
                && !claim.is_signed_with("another")
                && !claim.is_signed_with("")
        );
        assert_eq!(claim.ids(), LegacyIds { user: Some("u".into()), link: Some("l".into()) });
        for bad in
            [sign("key&1&https://lms.example&client&1767323045&other"), "x".to_owned(), "AAAA".to_owned()]
        {
            assert!(!LegacyClaim::read(&claims(&bad)).unwrap().is_signed_with("old secret"), "{bad}");
        }
        assert_eq!(LegacyClaim::read(&claims("")), None);
        assert_eq!(LegacyClaim::read(&Claims::parse(b"{}").unwrap()), None);
    }
}
