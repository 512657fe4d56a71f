//! Compact signed tokens (RFC 7515) and public keys (RFC 7517), straight on OpenSSL.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openssl::bn::BigNum;
use openssl::error::ErrorStack;
use openssl::hash::{MessageDigest, hash};
use openssl::pkey::{HasPublic, PKey, PKeyRef, Private, Public};
use openssl::rsa::Rsa;
use openssl::sign::{Signer, Verifier};
use serde_json::{Value, json};

/// Returns the base64url form without padding that tokens and keys use.
pub fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// An RSA key of 2048 bits with the name under which its public half is published.
#[derive(Clone)]
pub struct KeyPair {
    key: PKey<Private>,
    kid: String,
}

impl KeyPair {
    /// Generates a pair; its name is taken from the public half, so no two pairs share one.
    ///
    /// # Errors
    /// If OpenSSL can't generate a key.
    pub fn generate() -> Result<Self, ErrorStack> {
        Self::named(PKey::from_rsa(Rsa::generate(2048)?)?)
    }

    fn named(key: PKey<Private>) -> Result<Self, ErrorStack> {
        let digest = hash(MessageDigest::sha256(), &key.public_key_to_der()?)?;
        Ok(Self { kid: base64url(&digest[..12]), key })
    }

    /// Returns the name of the key in token headers and key sets.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// Returns the key that signs.
    pub fn private(&self) -> &PKeyRef<Private> {
        &self.key
    }

    /// Returns the public half as PEM (SubjectPublicKeyInfo).
    ///
    /// # Errors
    /// If OpenSSL can't do it.
    pub fn public_pem(&self) -> Result<Vec<u8>, ErrorStack> {
        self.key.public_key_to_pem()
    }

    /// Returns the public half as a member of a key set.
    ///
    /// # Errors
    /// If OpenSSL can't do it.
    pub fn jwk(&self) -> Result<Value, ErrorStack> {
        let rsa = self.key.rsa()?;
        Ok(json!({
            "kty": "RSA", "alg": "RS256", "use": "sig", "kid": self.kid,
            "n": base64url(&rsa.n().to_vec()), "e": base64url(&rsa.e().to_vec()),
        }))
    }
}

/// What a token is signed with.
pub enum SignWith<'a> {
    /// RSASSA-PKCS1-v1_5 with the given digest.
    Rsa(&'a PKeyRef<Private>, MessageDigest),
    /// HMAC with the given digest.
    Hmac(&'a [u8], MessageDigest),
    /// No signature at all.
    Nothing,
}

/// Signs a token; returns its compact form: header, payload and signature joined by dots.
///
/// Quirk: the payload is text, because tests also send payloads that are not JSON.
///
/// # Errors
/// If OpenSSL can't do it.
pub fn sign(header: &Value, payload: &str, with: &SignWith<'_>) -> Result<String, ErrorStack> {
    let input = format!("{}.{}", base64url(header.to_string().as_bytes()), base64url(payload.as_bytes()));
    let signature = match with {
        SignWith::Rsa(key, digest) => {
            let mut signer = Signer::new(*digest, key)?;
            signer.sign_oneshot_to_vec(input.as_bytes())?
        }
        SignWith::Hmac(secret, digest) => hmac(secret, *digest, input.as_bytes())?,
        SignWith::Nothing => Vec::new(),
    };
    Ok(format!("{input}.{}", base64url(&signature)))
}

fn hmac(secret: &[u8], digest: MessageDigest, input: &[u8]) -> Result<Vec<u8>, ErrorStack> {
    let key = PKey::hmac(secret)?;
    Signer::new(digest, &key)?.sign_oneshot_to_vec(input)
}

/// A token taken apart; nothing about it is proven yet.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The header.
    pub header: Value,
    /// The payload.
    pub payload: Value,
    input: String,
    signature: Vec<u8>,
}

impl Parsed {
    /// Parses a compact token, if it has three parts and the first two are JSON objects.
    pub fn of(token: &str) -> Option<Self> {
        let (input, signature) = token.rsplit_once('.')?;
        let (header, payload) = input.split_once('.')?;
        let object = |part: &str| -> Option<Value> {
            let value: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()?;
            value.is_object().then_some(value)
        };
        Some(Self {
            header: object(header)?,
            payload: object(payload)?,
            input: input.to_owned(),
            signature: URL_SAFE_NO_PAD.decode(signature).ok()?,
        })
    }

    /// Returns a text member of the header.
    pub fn header_text(&self, name: &str) -> Option<&str> {
        self.header.get(name)?.as_str()
    }

    /// Returns a text claim.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.payload.get(name)?.as_str()
    }

    /// Returns whether the RSA signature fits the key.
    pub fn fits_rsa<T: HasPublic>(&self, key: &PKeyRef<T>, digest: MessageDigest) -> bool {
        Verifier::new(digest, key)
            .and_then(|mut verifier| verifier.verify_oneshot(&self.signature, self.input.as_bytes()))
            .unwrap_or(false)
    }

    /// Returns whether the HMAC fits the secret.
    pub fn fits_hmac(&self, secret: &[u8], digest: MessageDigest) -> bool {
        hmac(secret, digest, self.input.as_bytes()).is_ok_and(|expected| {
            expected.len() == self.signature.len() && openssl::memcmp::eq(&expected, &self.signature)
        })
    }
}

/// Returns the digest of an RS or HS algorithm's name.
pub fn digest_of(algorithm: &str) -> Option<MessageDigest> {
    match algorithm.get(2..)? {
        "256" => Some(MessageDigest::sha256()),
        "384" => Some(MessageDigest::sha384()),
        "512" => Some(MessageDigest::sha512()),
        _ => None,
    }
}

/// Returns the RSA public key of a key set's member.
pub fn public_key(jwk: &Value) -> Option<PKey<Public>> {
    if jwk.get("kty")?.as_str()? != "RSA" {
        return None;
    }
    let number = |name: &str| -> Option<BigNum> {
        BigNum::from_slice(&URL_SAFE_NO_PAD.decode(jwk.get(name)?.as_str()?).ok()?).ok()
    };
    PKey::from_rsa(Rsa::from_public_components(number("n")?, number("e")?).ok()?).ok()
}

/// Returns header and payload of a token for human eyes, without any check.
pub fn readable(token: &str) -> Option<String> {
    let parsed = Parsed::of(token)?;
    Some(format!("{:#}\n{:#}", parsed.header, parsed.payload))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_rsa_token_fits_its_published_key_and_no_other() {
        let pair = KeyPair::generate().unwrap();
        let header = json!({"alg": "RS256", "kid": pair.kid()});
        let with = SignWith::Rsa(pair.private(), MessageDigest::sha256());
        let token = sign(&header, r#"{"sub":"u1"}"#, &with).unwrap();
        let parsed = Parsed::of(&token).unwrap();
        assert_eq!(parsed.text("sub"), Some("u1"));
        let published = public_key(&pair.jwk().unwrap()).unwrap();
        assert!(parsed.fits_rsa(&published, MessageDigest::sha256()));
        assert!(!parsed.fits_rsa(&published, MessageDigest::sha384()));
        let stranger = public_key(&KeyPair::generate().unwrap().jwk().unwrap()).unwrap();
        assert!(!parsed.fits_rsa(&stranger, MessageDigest::sha256()));
    }

    #[test]
    fn an_hmac_token_fits_its_secret_only() {
        let header = json!({"alg": "HS256", "typ": "JWT"});
        let token = sign(&header, "{}", &SignWith::Hmac(b"secret", MessageDigest::sha256())).unwrap();
        let parsed = Parsed::of(&token).unwrap();
        assert!(parsed.fits_hmac(b"secret", MessageDigest::sha256()));
        assert!(!parsed.fits_hmac(b"Secret", MessageDigest::sha256()));
        assert!(!parsed.fits_hmac(b"secret", MessageDigest::sha512()));
    }

    #[test]
    fn only_three_parts_of_json_make_a_token() {
        for bad in ["", "a.b", "a.b.c", "e30.e30", "e30.e30.e30.e30", "e30.W10.", "e30.bm90.x"] {
            assert!(Parsed::of(bad).is_none(), "{bad}");
        }
        assert!(Parsed::of("e30.e30.").is_some());
    }
}
