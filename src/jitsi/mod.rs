//! What Jitsi servers understand: kinds of servers, room tokens, the meeting page's options, checks.

pub mod bosh;
pub mod display_name;
pub mod embed;
pub mod finding;
pub mod kinds;
pub mod probe;
pub mod remedy;
pub mod token;
