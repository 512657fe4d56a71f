//! Signs what others must believe: room tokens now, and every message to platforms. Signers are made once and kept.

mod import;
mod keeper;
mod key_ring;
mod rotation;
mod store;
mod succession;

use josekit::JoseError;
use josekit::jwk::KeyPair as _;
use josekit::jwk::alg::rsa::RsaKeyPair;
use josekit::jws::{HS256, JwsHeader, JwsSigner, RS256, serialize_compact};
use serde_json::Value;

pub use self::import::import_keys;
pub use self::keeper::KeyKeeper;
pub use self::key_ring::{KeyLine, KeyPurpose, KeyRing, KeyRingError, PublishedKey};
pub use self::rotation::{Takeover, rotate, rotate_due_keys};
pub use self::store::has_any as has_any_key;
pub use self::succession::KeyState;

const RSA_BITS: u32 = 2048;
/// Bytes that a secret for HS256 should have at least; shorter ones can be guessed.
pub const MIN_SECRET: usize = 32;

/// Why something cannot be signed.
#[derive(Debug, thiserror::Error)]
pub enum SigningError {
    /// The key is not of the kind, or not long enough.
    #[error("the key cannot be used: {0}")]
    Key(JoseError),
    /// The shared secret is empty.
    #[error("the secret is empty")]
    EmptySecret,
    /// The signature failed.
    #[error("signing failed: {0}")]
    Sign(JoseError),
}

/// Signs JSON as a JWT with one key.
pub struct Signer {
    signer: Box<dyn JwsSigner>,
    header: JwsHeader,
}

impl Signer {
    /// A signer with a shared secret (HS256).
    ///
    /// Quirk: Jitsi servers in use have secrets shorter than the 32 bytes that RFC 7518 §3.2 asks for, and josekit
    /// refuses those. Zero bytes at the end leave every signature as it is (RFC 2104 §2 pads keys so).
    /// Errors: [`SigningError::EmptySecret`].
    pub fn shared_secret(secret: &str) -> Result<Self, SigningError> {
        if secret.is_empty() {
            return Err(SigningError::EmptySecret);
        }
        let mut key = secret.as_bytes().to_vec();
        key.resize(key.len().max(MIN_SECRET), 0);
        let signer = HS256.signer_from_bytes(key).map_err(SigningError::Key)?;
        Ok(Self::new(Box::new(signer), None))
    }

    /// A signer with an RSA private key in PEM form, PKCS#1 or PKCS#8 (RS256), which `kid` names to the verifier.
    ///
    /// Errors: [`SigningError::Key`] for another kind of key, or one shorter than 2048 bits.
    pub fn private_key(pem: &str, kid: &str) -> Result<Self, SigningError> {
        let signer = RS256.signer_from_pem(pem).map_err(SigningError::Key)?;
        Ok(Self::new(Box::new(signer), Some(kid)))
    }

    fn new(signer: Box<dyn JwsSigner>, kid: Option<&str>) -> Self {
        let mut header = JwsHeader::new();
        header.set_token_type("JWT");
        if let Some(kid) = kid {
            header.set_key_id(kid);
        }
        Self { signer, header }
    }

    /// `claims` as a signed JWT in compact form.
    pub fn sign(&self, claims: &Value) -> Result<String, SigningError> {
        serialize_compact(claims.to_string().as_bytes(), &self.header, self.signer.as_ref())
            .map_err(SigningError::Sign)
    }
}

/// An RSA key pair as text.
pub struct PemKeyPair {
    /// The private key, as PKCS#8 PEM.
    pub private: String,
    /// The public key, as PEM.
    pub public: String,
}

/// Makes a fresh RSA key pair.
pub fn generate_key_pair() -> Result<PemKeyPair, SigningError> {
    let pair = RsaKeyPair::generate(RSA_BITS).map_err(SigningError::Key)?;
    let text = |pem: Vec<u8>| String::from_utf8_lossy(&pem).into_owned();
    Ok(PemKeyPair { private: text(pair.to_pem_private_key()), public: text(pair.to_pem_public_key()) })
}

/// The public half of `private_pem` as a JWK for a key set.
///
/// Quirk: `alg` and `use` are always there; Moodle's reader of key sets wants them.
pub fn public_jwk(private_pem: &str, kid: &str) -> Result<Value, SigningError> {
    let pair = RsaKeyPair::from_pem(private_pem).map_err(SigningError::Key)?;
    let mut jwk = pair.to_jwk_public_key();
    jwk.set_key_id(kid);
    jwk.set_key_use("sig");
    jwk.set_algorithm("RS256");
    Ok(Value::Object(jwk.into()))
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use openssl::hash::MessageDigest;
    use openssl::pkey::PKey;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_short_secret_signs_as_any_other_hmac_does() {
        let token = Signer::shared_secret("my_secret").unwrap().sign(&json!({ "a": 1 })).unwrap();
        let key = PKey::hmac(b"my_secret").unwrap();
        let mut signer = openssl::sign::Signer::new(MessageDigest::sha256(), &key).unwrap();
        let (input, signature) = token.rsplit_once('.').unwrap();
        signer.update(input.as_bytes()).unwrap();
        assert_eq!(URL_SAFE_NO_PAD.encode(signer.sign_to_vec().unwrap()), signature);
        assert!(Signer::shared_secret("").is_err());
    }
}
