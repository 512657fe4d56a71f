//! Who may ask a platform's services for what.

use url::Url;

use crate::lti::families::Family;
use crate::lti::registration::platform::{Deployment, Platform};

/// Who may ask what: a registration's deployment, and the scopes that its launches offered.
#[derive(Clone, Debug)]
pub struct Access {
    /// The registration.
    pub platform: Platform,
    /// The deployment.
    pub deployment: Deployment,
    /// The scopes.
    pub scopes: Vec<String>,
}

impl Access {
    /// Returns the same for one step alone: with the first of `scopes` that was offered. A platform that withholds another
    /// one, or minds a token that may more than the step needs, still lets the step happen.
    #[must_use]
    pub fn for_step(&self, scopes: &[&str]) -> Self {
        let offered = scopes.iter().find(|scope| self.scopes.iter().any(|one| one == *scope));
        let scope = offered.or(scopes.first()).map(|scope| (*scope).to_owned());
        Self { scopes: scope.into_iter().collect(), ..self.clone() }
    }

    /// Returns the family of the platform, whose service is at `url`.
    pub fn family(&self, url: &Url) -> &'static Family {
        Family::of(self.platform.family.as_deref(), url.as_str())
    }
}

#[cfg(test)]
impl Access {
    /// An access for tests of those who read answers.
    pub(crate) fn example(scopes: &[&str]) -> Self {
        use crate::clock::Timestamp;
        use crate::ids::{DeploymentId, PlatformId};
        use crate::lti::launch::role_rules::RoleRules;
        use crate::lti::registration::platform::Status;
        use crate::outbound::NetworkPolicy;
        let url = |path: &str| Url::parse(&format!("https://lms.example/{path}")).unwrap();
        Self {
            platform: Platform {
                id: PlatformId::NONE,
                name: "LMS".to_owned(),
                issuer: "https://lms.example".to_owned(),
                client_id: "c".to_owned(),
                auth_url: url("a"),
                token_url: url("t"),
                jwks_url: url("k"),
                token_audience: None,
                policy: NetworkPolicy::Public,
                status: Status::Active,
                family: None,
                allows_anonymous: false,
                approves_deployments: false,
                frames: Vec::new(),
                role_rules: RoleRules::default(),
                keys_since: Timestamp::from_secs(0),
            },
            deployment: Deployment {
                id: DeploymentId::NONE,
                deployment_id: "1".to_owned(),
                status: Status::Active,
                notice_service: None,
                admits_administrators: false,
            },
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_asks_for_what_it_needs_and_no_more() {
        let access = Access::example(&["a", "b"]);
        for (wanted, expected) in [(&["b"][..], "b"), (&["c", "a"], "a"), (&["c"], "c"), (&["a", "b"], "a")] {
            assert_eq!(access.for_step(wanted).scopes, [expected], "{wanted:?}");
        }
    }
}
