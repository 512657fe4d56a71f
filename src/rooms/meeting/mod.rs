//! The meeting: the way into it, its page, and the server it takes place on.

pub mod entry;
pub mod now;
pub mod store;
pub mod web;

use std::time::Duration;

/// Who was not heard of for this long is not in the meeting, unless they return: a tunnel, a laptop lid, a browser that
/// crashed.
pub const GRACE: Duration = Duration::from_secs(90);
/// A meeting ends when nobody was seen for this long.
pub const SILENCE: Duration = Duration::from_secs(10 * 60);
