//! A platform in a list, and the words that pages about platforms share.

use serde::Serialize;

use crate::admin::platforms::deployments::web::{DeploymentLine, WAITING_IN_LIST};
use crate::admin::platforms::store::PlatformHealth;
use crate::clock::Timestamp;
use crate::ids::PlatformId;
use crate::lti::families::Family;
use crate::lti::registration::platform::Platform;

/// A platform in the list.
#[derive(Serialize)]
pub struct PlatformLine {
    id: PlatformId,
    name: String,
    issuer: String,
    client_id: String,
    status: &'static str,
    last_entered: Option<String>,
    refused: i64,
    proposes: bool,
    /// The first of those that wait, and how many more do.
    waiting: Vec<DeploymentLine>,
    more_waiting: usize,
    /// Whether people can come in.
    is_open: bool,
    /// The LMS it is, where that is known.
    family: Option<&'static str>,
    /// The word of its family.
    kind: &'static str,
}

impl PlatformLine {
    /// The line of a platform.
    pub fn new(health: PlatformHealth) -> Self {
        let PlatformHealth { platform, last_entered, refused, waiting, proposes, is_open } = health;
        Self {
            status: platform.status.word(),
            family: family_name(&platform),
            kind: Family::of(platform.family.as_deref(), platform.auth_url.as_str()).word,
            id: platform.id,
            name: platform.name,
            issuer: platform.issuer,
            client_id: platform.client_id,
            last_entered: last_entered.map(Timestamp::iso),
            refused,
            proposes,
            is_open,
            more_waiting: waiting.len().saturating_sub(WAITING_IN_LIST),
            waiting: waiting.into_iter().take(WAITING_IN_LIST).map(DeploymentLine::new).collect(),
        }
    }

    /// Returns whether people can come in from it.
    pub fn is_open(&self) -> bool {
        self.is_open
    }

    /// Returns whether deployments of it wait for approval.
    pub fn has_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }
}

/// Returns the name of the LMS that a platform is, where that is known.
pub(super) fn family_name(platform: &Platform) -> Option<&'static str> {
    Some(Family::of(platform.family.as_deref(), platform.auth_url.as_str()))
        .filter(|family| family.is_known())
        .map(|family| family.name)
}

/// The scopes' names in the keys of their words.
pub fn scope_words<S: AsRef<str>>(scopes: &[S]) -> Vec<String> {
    let name = |scope: &S| scope.as_ref().rsplit('/').next().unwrap_or_default().replace('.', "-");
    scopes.iter().map(name).collect()
}
