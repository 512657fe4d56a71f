//! Invitations: each lets one platform register itself, once.

pub mod registering;
pub mod store;
pub mod web;

use std::time::Duration;

/// How long an invitation waits.
pub const TTL: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Who registers with an invitation, in the words of the audit log.
pub(super) const WHO: &str = "invitation";
