//! Who signed a room token: a shared secret, a key server, a key set, or JaaS's own record.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use openssl::hash::{MessageDigest, hash};
use openssl::pkey::{PKey, Public};
use serde_json::Value;

use super::rules::TokenRefusal;
use crate::demo::DemoError;
use crate::demo::jws::{Parsed, public_key};

/// Where a token server finds the key of a token.
#[derive(Clone, Debug)]
pub enum SimKeys {
    /// HS256 with this secret (`app_secret`).
    Secret(String),
    /// RS256; the key named by `kid` lies at BASE/sha256(kid).pem (`asap_key_server`).
    KeyServer(String),
    /// RS256 with a key set at this URL (`cache_keys_url`).
    KeySet(String),
}

impl SimKeys {
    pub(super) fn algorithm(&self) -> &'static str {
        match self {
            Self::Secret(_) => "HS256",
            Self::KeyServer(_) | Self::KeySet(_) => "RS256",
        }
    }
}

/// Fetches keys and keeps them by name for good, as Prosody does: to rotate, one changes the name.
pub(super) struct KeyFetcher {
    client: reqwest::Client,
    kept: Mutex<HashMap<String, PKey<Public>>>,
}

impl KeyFetcher {
    pub(super) fn new() -> Result<Self, DemoError> {
        let client = reqwest::Client::builder().timeout(Duration::from_secs(5)).build()?;
        Ok(Self { client, kept: Mutex::default() })
    }

    /// Returns whether the signature fits.
    pub(super) async fn check(&self, token: &Parsed, keys: &SimKeys) -> Result<(), TokenRefusal> {
        let sha256 = MessageDigest::sha256();
        let fits = match keys {
            SimKeys::Secret(secret) => token.fits_hmac(secret.as_bytes(), sha256),
            SimKeys::KeyServer(_) | SimKeys::KeySet(_) => {
                token.fits_rsa(&*self.find(token, keys).await?, sha256)
            }
        };
        if fits { Ok(()) } else { Err(TokenRefusal::login("Invalid signature")) }
    }

    async fn find(&self, token: &Parsed, keys: &SimKeys) -> Result<PKey<Public>, TokenRefusal> {
        let kid = token.header_text("kid").ok_or(TokenRefusal::login("'kid' claim is missing"))?;
        if let Some(key) = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(kid) {
            return Ok(key.clone());
        }
        let found = match keys {
            SimKeys::KeySet(url) => self.in_set(url, kid).await,
            SimKeys::KeyServer(base) => self.on_server(base, kid).await,
            SimKeys::Secret(_) => None,
        };
        let key = found.ok_or_else(|| match keys {
            SimKeys::KeySet(_) => TokenRefusal::NoAnswer(format!("the key set has no key {kid}")),
            _ => TokenRefusal::login("could not obtain public key"),
        })?;
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).insert(kid.to_owned(), key.clone());
        Ok(key)
    }

    async fn in_set(&self, url: &str, kid: &str) -> Option<PKey<Public>> {
        let set: Value = self.client.get(url).send().await.ok()?.json().await.ok()?;
        public_key(set["keys"].as_array()?.iter().find(|key| key["kid"] == kid)?)
    }

    async fn on_server(&self, base: &str, kid: &str) -> Option<PKey<Public>> {
        let digest = hash(MessageDigest::sha256(), kid.as_bytes()).ok()?;
        let name: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let url = format!("{}/{name}.pem", base.trim_end_matches('/'));
        let answer = self.client.get(url).send().await.ok()?.error_for_status().ok()?;
        PKey::public_key_from_pem(&answer.bytes().await.ok()?).ok()
    }
}
