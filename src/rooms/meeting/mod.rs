//! The meeting: the way into it, its page, and the server it takes place on.

pub mod store;
pub mod web;

use std::time::Duration;

/// A meeting ends when nobody was seen for this long.
pub const SILENCE: Duration = Duration::from_secs(10 * 60);
