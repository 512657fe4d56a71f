//! The protocol with platforms (LTI 1.3 and its security framework). It knows no room and no meeting.

pub mod claims;
pub mod id_token;
pub mod jwks;
pub mod launch;
pub mod launch_log;
pub mod login;
pub mod message;
pub mod platform;
pub mod roles;
pub mod store;
pub mod web;
