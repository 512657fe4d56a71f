//! People of a platform: who they are to this service, and how they are kept out. For operators, and for administrators of
//! the platform as far as their own deployment goes.

pub mod store;
pub mod web;

use crate::clock::Timestamp;
use crate::ids::{DeploymentId, PlatformId, UserId};
use crate::lti::registration::platform::Status;

/// Whose people are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    /// Our identifier of the platform.
    pub platform: PlatformId,
    /// Our identifier of the deployment, for those who look after that one alone.
    pub deployment: Option<DeploymentId>,
}

/// Somebody, as this service knows them.
#[derive(Clone, Debug)]
pub struct Person {
    /// Our identifier.
    pub id: UserId,
    /// The platform's identifier.
    pub sub: String,
    /// The name, when the platform shares one.
    pub name: Option<String>,
    /// Whether the person may enter.
    pub status: Status,
    /// When the first launch was.
    pub created_at: Timestamp,
    /// Sessions from before this moment are over.
    pub sessions_from: Timestamp,
    /// What else is stored.
    pub has_picture: bool,
    /// The language that the platform named.
    pub locale: Option<String>,
}

/// What somebody who looks at a person may do about them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// Block, unblock, and end sessions.
    Full,
    /// Nothing: it is the person who looks.
    Own,
    /// Nothing: the person belongs to other deployments too, which others look after.
    Shared,
}

/// Returns what somebody may do about a person; `viewer` is our identifier of the administrator who came by a launch.
pub fn control(domain: &Domain, person: UserId, viewer: Option<UserId>, is_elsewhere: bool) -> Control {
    match domain.deployment {
        None => Control::Full,
        Some(_) if viewer == Some(person) => Control::Own,
        Some(_) if is_elsewhere => Control::Shared,
        Some(_) => Control::Full,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_looks_after_one_deployment_decides_about_its_own_people_alone() {
        let id = |name: &str| UserId::derived(name, 0);
        let of = |deployment: Option<&str>| Domain {
            platform: PlatformId::derived("p", 0),
            deployment: deployment.map(|name| DeploymentId::derived(name, 0)),
        };
        for (deployment, viewer, is_elsewhere, expected) in [
            (None, None, false, Control::Full),
            (None, None, true, Control::Full),
            (Some("d"), Some("root"), false, Control::Full),
            (Some("d"), Some("root"), true, Control::Shared),
            (Some("d"), Some("ana"), false, Control::Own),
        ] {
            assert_eq!(
                control(&of(deployment), id("ana"), viewer.map(id), is_elsewhere),
                expected,
                "{deployment:?} {viewer:?}"
            );
        }
    }
}
