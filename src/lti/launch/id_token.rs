//! Proves that an id_token is the platform's, for us, now: openidconnect's checks over OpenSSL's RSA.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::core::{
    CoreGenderClaim, CoreJsonWebKey, CoreJsonWebKeyType, CoreJsonWebKeyUse,
    CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
};
use openidconnect::{
    ClaimsVerificationError, ClientId, EmptyAdditionalClaims, IdToken, IdTokenVerifier, IssuerUrl,
    JsonWebKey, JsonWebKeyAlgorithm, JsonWebKeyId, JsonWebKeySet, Nonce, SignatureVerificationError,
};
use openssl::bn::BigNum;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Public};
use openssl::rsa::Rsa;
use openssl::sign::Verifier;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::clock::Timestamp;
use crate::lti::claims::Claims;
use crate::lti::error::LaunchError;
use crate::lti::identifier::Identifier;
use crate::lti::registration::platform::Platform;

/// Moodle's id_tokens live 60 s: without leeway a clock that is a minute off would lock everybody out.
const LEEWAY: Duration = Duration::from_secs(120);
const OLDEST: Duration = Duration::from_secs(10 * 60);

/// Between whom an id_token says that it is.
pub(crate) struct TokenParties {
    pub(crate) issuer: String,
    pub(crate) client_id: String,
}

/// An id_token taken apart, with nothing proved yet.
///
/// Trust: its claims are look-up keys, until [`UnverifiedToken::verify`] has passed.
pub struct UnverifiedToken {
    signing_input: String,
    signature: Vec<u8>,
    kid: String,
    claims: Claims,
}

/// The claims that openidconnect decides on.
const DECIDING: [&str; 7] = ["iss", "aud", "azp", "sub", "exp", "iat", "nonce"];

impl UnverifiedToken {
    /// Takes a compact JWS apart.
    ///
    /// Spec: 1EdTech Security Framework 1.0 §5.1.3 ("Authentication Response Validation"): RS256 alone, and a kid.
    /// RFC 7515 §4.1.11, RFC 7797 §3: `crit` names extensions that a reader must know, and no one is known here; `b64`
    /// would change what was signed.
    /// Quirk: `jku`, `x5u`, `x5c` and `jwk` headers are ignored; the algorithm never comes from the token.
    pub fn parse(token: &str) -> Result<Self, LaunchError> {
        let parts: Vec<&str> = token.split('.').collect();
        let [header, payload, signature] = parts[..] else { return Err(LaunchError::TokenMalformed) };
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
        let header =
            decode(header).and_then(|bytes| Claims::parse(&bytes)).ok_or(LaunchError::TokenMalformed)?;
        if header.get("alg").and_then(Value::as_str) != Some("RS256") {
            return Err(LaunchError::TokenAlgorithm);
        }
        if header.has("crit") || header.has("b64") {
            return Err(LaunchError::TokenCritical);
        }
        let kid = header.get("kid").and_then(Value::as_str).ok_or(LaunchError::TokenKeyMissing)?.to_owned();
        let claims =
            decode(payload).and_then(|bytes| Claims::parse(&bytes)).ok_or(LaunchError::TokenMalformed)?;
        let signature = decode(signature).ok_or(LaunchError::TokenMalformed)?;
        let signing_input = token.rsplit_once('.').map(|(input, _)| input.to_owned()).unwrap_or_default();
        Ok(Self { signing_input, signature, kid, claims })
    }

    /// The name of the key that is said to have signed it.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The deployment that it names: a look-up key.
    ///
    pub fn deployment_id(&self) -> Option<String> {
        self.claims.core_identifier("deployment_id").ok().flatten()
    }

    /// Its issuer and the client that it is for: look-up keys.
    pub(crate) fn parties(&self) -> Option<TokenParties> {
        let text = |value: &Value| Some(Identifier::read(Some(value)).ok()??.into_text());
        let first = |value: &Value| text(value.as_array()?.first()?);
        let party = self.claims.get("azp").and_then(text);
        let audience = self.claims.get("aud").and_then(|aud| text(aud).or_else(|| first(aud)));
        let issuer = self.claims.get("iss")?.as_str().filter(|issuer| !issuer.contains('\0'))?;
        Some(TokenParties { issuer: issuer.to_owned(), client_id: party.or(audience)? })
    }

    /// Its nonce, as it stands there.
    pub(crate) fn nonce(&self) -> Option<&str> {
        self.claims.get("nonce")?.as_str()
    }

    /// Proves signature, issuer, audience, authorised party, times and nonce; gives the claims.
    ///
    /// Spec: OpenID Connect Core 1.0 §3.1.3.7; 1EdTech Security Framework 1.0 §5.1.3.
    /// Units: leeway 120 s on `exp` and `iat`; `iat` at most ten minutes old.
    pub fn verify(
        self,
        platform: &Platform,
        key: &PlatformKey,
        nonce: &str,
        now: Timestamp,
    ) -> Result<Claims, LaunchError> {
        self.check_shapes()?;
        let token: LtiToken =
            self.deciding_view().parse().map_err(|_: serde_json::Error| LaunchError::TokenMalformed)?;
        let key = SignedOriginal { key: Some(key.clone()), original: self.signing_input };
        let issuer = IssuerUrl::new(platform.issuer.clone())
            .map_err(|_: openidconnect::url::ParseError| LaunchError::TokenIssuer)?;
        let client = ClientId::new(platform.client_id.clone());
        let at =
            |moment: Timestamp| chrono::DateTime::from_timestamp_millis(moment.millis()).unwrap_or_default();
        let (earliest, latest) = (at(now.minus(OLDEST).minus(LEEWAY)), at(now.plus(LEEWAY)));
        let verifier = IdTokenVerifier::new_public_client(client, issuer, JsonWebKeySet::new(vec![key]))
            .set_allowed_algs([CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256])
            .set_other_audience_verifier_fn(|_| true)
            .set_time_fn(move || at(now.minus(LEEWAY)))
            .set_issue_time_verifier_fn(move |issued| match issued {
                issued if issued > latest => Err(TOO_EARLY.to_owned()),
                issued if issued < earliest => Err(TOO_OLD.to_owned()),
                _ => Ok(()),
            });
        let proved =
            token.claims(&verifier, &Nonce::new(nonce.to_owned())).map_err(|error| refusal(&error))?;
        // openidconnect leaves the authorised party to its caller.
        match proved.authorized_party() {
            Some(party) if party.as_str() != platform.client_id => Err(LaunchError::TokenParty),
            None if proved.audiences().len() > 1 => Err(LaunchError::TokenParty),
            _ => Ok(self.claims),
        }
    }

    /// Names what is missing or of the wrong shape before openidconnect, which would only say "malformed".
    fn check_shapes(&self) -> Result<(), LaunchError> {
        let is_number = |name: &str| self.claims.get(name).is_some_and(Value::is_number);
        if !is_number("exp") || !is_number("iat") {
            return Err(LaunchError::TokenTimes);
        }
        if self.claims.get("iss").and_then(Value::as_str).is_none() {
            return Err(LaunchError::TokenIssuer);
        }
        if !self.claims.get("aud").is_some_and(|aud| as_text(aud).is_string() || aud.is_array()) {
            return Err(LaunchError::TokenAudience);
        }
        if self.claims.get("nonce").and_then(Value::as_str).is_none() {
            return Err(LaunchError::TokenNonce);
        }
        Ok(())
    }

    /// The token with nothing but the deciding claims in its payload.
    ///
    /// openidconnect refuses a token as a whole when an optional profile claim has a foreign shape (`"locale": 5`);
    /// the launch must survive that. It also wants a person, whom anonymous launches and notices do not name. The signature is still proved over what the platform signed: see
    /// [`SignedOriginal`].
    fn deciding_view(&self) -> String {
        let mut view: Map<String, Value> = DECIDING
            .iter()
            .filter_map(|name| self.claims.get(name).map(|value| ((*name).to_owned(), value.clone())))
            .collect();
        for name in ["aud", "azp", "sub"] {
            if let Some(value) = view.get_mut(name) {
                *value = as_text(value);
            }
        }
        // What is no identifier is refused by its name once the signature is proved.
        if view.get("sub").and_then(Value::as_str).is_none_or(str::is_empty) {
            view.insert("sub".to_owned(), json!(NOBODY));
        }
        let header = json!({ "alg": "RS256", "typ": "JWT", "kid": self.kid });
        let part = |value: String| URL_SAFE_NO_PAD.encode(value);
        let signature = URL_SAFE_NO_PAD.encode(&self.signature);
        format!("{}.{}.{signature}", part(header.to_string()), part(Value::Object(view).to_string()))
    }
}

/// An identifier, or a list of them, with whole numbers as text; anything else as it is.
fn as_text(value: &Value) -> Value {
    match value {
        Value::Number(number) if !number.is_f64() => Value::from(number.to_string()),
        Value::Array(list) => list.iter().map(as_text).collect(),
        other => other.clone(),
    }
}

/// Stands for the person of a token without one, inside the deciding view alone.
const NOBODY: &str = "nobody";
const TOO_EARLY: &str = "issued in the future";
const TOO_OLD: &str = "issued too long ago";

type LtiToken = IdToken<
    EmptyAdditionalClaims,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

fn refusal(error: &ClaimsVerificationError) -> LaunchError {
    match error {
        // The times of issue come back under the same name as the end.
        ClaimsVerificationError::Expired(what) if what == TOO_EARLY => LaunchError::TokenTooEarly,
        ClaimsVerificationError::Expired(what) if what == TOO_OLD => LaunchError::TokenTooOld,
        ClaimsVerificationError::Expired(_) => LaunchError::TokenExpired,
        ClaimsVerificationError::InvalidAudience(_) => LaunchError::TokenAudience,
        ClaimsVerificationError::InvalidIssuer(_) => LaunchError::TokenIssuer,
        ClaimsVerificationError::InvalidNonce(_) => LaunchError::TokenNonce,
        ClaimsVerificationError::SignatureVerification(_) => LaunchError::TokenSignature,
        ClaimsVerificationError::InvalidSubject(_) => LaunchError::UserMissing,
        _ => LaunchError::TokenMalformed,
    }
}

/// A platform's RSA key for RS256.
#[derive(Clone, Debug)]
pub struct PlatformKey {
    kid: JsonWebKeyId,
    rsa: PKey<Public>,
}

impl PlatformKey {
    /// The key in `jwk`, when it is an RSA signature key of 2048 bits or more with a kid.
    ///
    /// Quirk: Open edX publishes neither `alg` nor `use`, but `key_ops`.
    pub fn from_jwk(jwk: &Value) -> Option<Self> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        let fits = text("kty") == Some("RSA")
            && text("use").is_none_or(|used| used == "sig")
            && text("alg").is_none_or(|alg| alg == "RS256");
        let number = |name: &str| {
            let bytes = URL_SAFE_NO_PAD.decode(text(name)?.trim_end_matches('=')).ok()?;
            BigNum::from_slice(&bytes).ok()
        };
        let rsa = Rsa::from_public_components(number("n")?, number("e")?).ok()?;
        let usual_size = (256..=1024).contains(&rsa.size());
        let kid = JsonWebKeyId::new(text("kid").filter(|kid| !kid.is_empty())?.to_owned());
        let rsa = PKey::from_rsa(rsa).ok()?;
        (fits && usual_size).then_some(Self { kid, rsa })
    }

    /// Its name.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    fn verify(&self, message: &[u8], signature: &[u8]) -> Result<bool, openssl::error::ErrorStack> {
        let mut verifier = Verifier::new(MessageDigest::sha256(), &self.rsa)?;
        verifier.update(message)?;
        verifier.verify(signature)
    }
}

/// A key that proves the signature over the token as the platform sent it, whichever view of it is being read.
#[derive(Clone, Debug)]
struct SignedOriginal {
    key: Option<PlatformKey>,
    original: String,
}

impl Serialize for SignedOriginal {
    fn serialize<S: serde::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        self.key_id().serialize(out)
    }
}

impl<'de> Deserialize<'de> for SignedOriginal {
    fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(serde::de::Error::custom("bound to one token"))
    }
}

impl JsonWebKey for SignedOriginal {
    type KeyUse = CoreJsonWebKeyUse;
    type SigningAlgorithm = CoreJwsSigningAlgorithm;

    fn key_id(&self) -> Option<&JsonWebKeyId> {
        self.key.as_ref().map(|key| &key.kid)
    }

    fn key_type(&self) -> &CoreJsonWebKeyType {
        &CoreJsonWebKeyType::RSA
    }

    fn key_use(&self) -> Option<&CoreJsonWebKeyUse> {
        None
    }

    fn signing_alg(&self) -> JsonWebKeyAlgorithm<&CoreJwsSigningAlgorithm> {
        JsonWebKeyAlgorithm::Algorithm(&CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256)
    }

    fn new_symmetric(_: Vec<u8>) -> Self {
        // Asked for by HS* alone, which no platform may use: without a key nothing is ever proved.
        Self { key: None, original: String::new() }
    }

    fn verify_signature(
        &self,
        alg: &CoreJwsSigningAlgorithm,
        _view: &[u8],
        signature: &[u8],
    ) -> Result<(), SignatureVerificationError> {
        if *alg != CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256 {
            return Err(SignatureVerificationError::DisallowedAlg("only RS256".to_owned()));
        }
        let Some(key) = &self.key else { return Err(SignatureVerificationError::NoMatchingKey) };
        match key.verify(self.original.as_bytes(), signature) {
            Ok(true) => Ok(()),
            Ok(false) => {
                Err(SignatureVerificationError::CryptoError("the signature does not fit".to_owned()))
            }
            Err(error) => Err(SignatureVerificationError::CryptoError(error.to_string())),
        }
    }

    fn hash_bytes(&self, bytes: &[u8], alg: &CoreJwsSigningAlgorithm) -> Result<Vec<u8>, String> {
        CoreJsonWebKey::new_symmetric(Vec::new()).hash_bytes(bytes, alg)
    }
}
