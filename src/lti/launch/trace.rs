//! How far a launch came, for the administrator's log.

use crate::ids::PlatformId;

/// The checks that a launch has passed, and who it seems to be.
#[derive(Debug, Default)]
pub struct Trace {
    /// Names of the checks, in order.
    pub passed: Vec<&'static str>,
    /// Our identifier of the platform.
    pub platform_id: Option<PlatformId>,
    /// The deployment id that the token names, whoever wrote it.
    pub claimed_deployment: Option<String>,
    /// The deployment, once the platform has proved it and it is known here.
    pub deployment_id: Option<String>,
    /// The person, once proved.
    pub sub: Option<String>,
}
