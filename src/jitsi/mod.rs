//! What Jitsi servers understand: kinds of servers, room tokens, the meeting page's options, checks.

pub(crate) mod bosh;
pub mod controls;
pub(crate) mod display_name;
pub(crate) mod embed;
pub mod finding;
pub mod kinds;
pub mod probe;
pub(crate) mod remedy;
pub mod token;
