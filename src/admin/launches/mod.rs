//! Launches of a platform, or of one of its deployments: the last ones on its page, and all of them on a page of their own.

pub mod store;
pub mod web;

use serde::Serialize;

use self::store::{FINE, Launch};

/// Launches that the page of a platform or a deployment shows.
pub const NEWEST: i64 = 10;

/// A launch in the log.
#[derive(Serialize)]
pub struct LaunchLine {
    at: String,
    deployment_id: Option<String>,
    claimed_deployment: Option<String>,
    pseudonym: Option<String>,
    outcome: String,
    is_fine: bool,
    passed: Vec<String>,
    detail: Option<String>,
}

impl LaunchLine {
    /// Returns the line of a launch.
    pub fn new(launch: Launch) -> Self {
        Self {
            at: launch.at.iso(),
            deployment_id: launch.deployment_id,
            claimed_deployment: launch.claimed_deployment,
            pseudonym: launch.pseudonym,
            is_fine: FINE.contains(&launch.outcome.as_str()),
            outcome: launch.outcome,
            passed: launch.passed.split_whitespace().map(str::to_owned).collect(),
            detail: launch.detail,
        }
    }
}
