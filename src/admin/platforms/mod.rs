//! Platforms and their deployments, as operators see and change them.

pub mod clocks;
pub mod deployments;
pub mod line;
pub mod page;
pub mod proposal;
pub mod removal;
pub mod roles;
pub mod store;
pub mod values;
pub mod web;

use serde::{Deserialize, Serialize};

use crate::lti::registration::platform::Platform;

/// What an operator may change of a registration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Values {
    /// A name for lists and logs.
    pub name: String,
    /// Its authentication request URL.
    pub auth_url: String,
    /// Its access token URL.
    pub token_url: String,
    /// Its public keyset URL.
    pub jwks_url: String,
    /// The audience of token requests, where it is another.
    pub token_audience: Option<String>,
}

impl Values {
    /// Those of a registration.
    pub fn of(platform: &Platform) -> Self {
        Self {
            name: platform.name.clone(),
            auth_url: platform.auth_url.to_string(),
            token_url: platform.token_url.to_string(),
            jwks_url: platform.jwks_url.to_string(),
            token_audience: platform.token_audience.clone(),
        }
    }
}
