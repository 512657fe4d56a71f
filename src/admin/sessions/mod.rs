//! Sessions of administration: each is a row until it is over, so that it can be ended from elsewhere.

pub mod session;
pub mod store;
pub mod web;

use std::time::Duration;

/// What cannot be taken back asks for a session that is not older than this.
pub const FRESH_FOR: Duration = Duration::from_secs(10 * 60);
/// A session's last use is written down when the last note of it is this old.
const SEEN_INTERVAL: Duration = Duration::from_secs(5 * 60);
