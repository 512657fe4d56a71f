//! The published keys of tools, fetched as an LMS does.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use openssl::hash::MessageDigest;
use serde_json::Value;

use crate::demo::DemoError;
use crate::demo::jws::{Parsed, public_key};

/// The key sets of tools by their addresses, each kept until a signature does not fit.
pub(super) struct ToolKeys {
    client: reqwest::Client,
    kept: Mutex<HashMap<String, Vec<Value>>>,
}

impl ToolKeys {
    pub(super) fn new() -> Result<Self, DemoError> {
        let client = reqwest::Client::builder().timeout(Duration::from_secs(5)).build()?;
        Ok(Self { client, kept: Mutex::default() })
    }

    /// Returns the client for requests to tools.
    pub(super) fn client(&self) -> &reqwest::Client {
        &self.client
    }

    /// Checks that the tool with the key set at `url` signed it. Fetches the key set again if the cached one doesn't fit, as Moodle does.
    pub(super) async fn vouch_for(&self, url: &str, token: &Parsed) -> Result<(), String> {
        let kid =
            token.header_text("kid").filter(|kid| !kid.is_empty()).ok_or("kid is missing in the header")?;
        if token.header_text("alg") != Some("RS256") {
            return Err("the algorithm must be RS256".to_owned());
        }
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(url).cloned();
        if fits(&kept.unwrap_or_default(), kid, token) {
            return Ok(());
        }
        let fresh = self.fetch(url).await?;
        let known = fits(&fresh, kid, token);
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).insert(url.to_owned(), fresh);
        if known { Ok(()) } else { Err(format!("the signature does not fit a key named {kid} of {url}")) }
    }

    async fn fetch(&self, url: &str) -> Result<Vec<Value>, String> {
        let failed = |error: reqwest::Error| format!("the tool's key set could not be read: {error}");
        let answer = self.client.get(url).send().await.and_then(reqwest::Response::error_for_status);
        let set: Value = answer.map_err(failed)?.json().await.map_err(failed)?;
        Ok(set["keys"].as_array().cloned().unwrap_or_default())
    }
}

/// Returns whether one of the keys signed it. Quirk: a key without `alg` is skipped, because Moodle's parser wants one.
fn fits(keys: &[Value], kid: &str, token: &Parsed) -> bool {
    let named = keys.iter().filter(|key| key["kid"] == kid && key["alg"] == "RS256" && key["use"] != "enc");
    named.filter_map(public_key).any(|key| token.fits_rsa(&key, MessageDigest::sha256()))
}
