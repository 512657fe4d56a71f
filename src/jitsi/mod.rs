//! What Jitsi servers understand: kinds of servers, room tokens, the meeting page's options; and a test of a server.

pub mod display_name;
pub mod embed;
pub mod probe;
pub mod room_token;
pub mod server_kind;
