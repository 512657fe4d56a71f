//! What Jitsi servers understand: kinds of servers, room tokens, the meeting page's options, checks.

pub mod bosh;
pub mod display_name;
pub mod embed;
pub mod room_token;
pub mod server_check;
pub mod server_kind;
pub mod server_remedy;
