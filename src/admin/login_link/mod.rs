//! Signing in by a link that works once.

pub mod store;
pub mod web;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// How long a link waits to be used.
pub const TTL: Duration = Duration::from_secs(60 * 60);

/// What is stored of a secret that somebody else holds.
pub fn hash(secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(secret.as_bytes()))
}
