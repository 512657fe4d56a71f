//! Deployments on administrators' pages.

use serde::Serialize;

use crate::ids::DeploymentId;
use crate::lti::registration::platform::{Deployment, Status};

/// Deployments that wait, as the list of platforms shows them of each.
pub(in crate::admin) const WAITING_IN_LIST: usize = 3;
/// Deployments that wait, and others, as the page of a platform shows them.
const MAX_WAITING_SHOWN: usize = 100;
const MAX_OTHERS: usize = 200;

/// A deployment in a list.
#[derive(Serialize)]
pub struct DeploymentLine {
    id: DeploymentId,
    deployment_id: String,
    status: &'static str,
    admits: bool,
}

impl DeploymentLine {
    /// The line of a deployment.
    pub fn new(deployment: Deployment) -> Self {
        let Deployment { id, deployment_id, status, admits_administrators, .. } = deployment;
        Self { id, deployment_id, status: status.word(), admits: admits_administrators }
    }
}

/// The deployments of a platform, as its page shows them: those that wait come first, and not all of very many.
#[derive(Serialize)]
pub struct DeploymentsCard {
    waiting: Vec<DeploymentLine>,
    all_waiting: usize,
    /// Launches of others, for which there was no room any more.
    turned_away: i64,
    approves_at_once: bool,
    others: Vec<DeploymentLine>,
    more_others: usize,
}

impl DeploymentsCard {
    /// The card of these deployments.
    pub fn new(deployments: Vec<Deployment>, turned_away: i64, approves_at_once: bool) -> Self {
        let (waiting, mut others): (Vec<_>, Vec<_>) =
            deployments.into_iter().partition(|one| one.status == Status::Pending);
        // Whoever looks for one that is switched off finds it.
        others.sort_by_key(|one| one.status == Status::Active);
        let line = |deployments: Vec<Deployment>, most| {
            deployments.into_iter().take(most).map(DeploymentLine::new).collect()
        };
        Self {
            all_waiting: waiting.len(),
            more_others: others.len().saturating_sub(MAX_OTHERS),
            waiting: line(waiting, MAX_WAITING_SHOWN),
            others: line(others, MAX_OTHERS),
            turned_away,
            approves_at_once,
        }
    }
}

/// Deployments by name, as far as a line of the audit log holds them.
pub fn named_in_log(names: &[String]) -> String {
    const MAX_NAMED: usize = 100;
    let more = names.len().saturating_sub(MAX_NAMED);
    let named = names.iter().take(MAX_NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    if more == 0 { named } else { format!("{named}, and {more} more") }
}
