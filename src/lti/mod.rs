//! The protocol with platforms (LTI 1.3 and its security framework). It knows no room and no meeting.

pub mod claims;
pub mod deep_linking;
pub mod error;
pub mod families;
pub mod identifier;
pub mod jobs;
pub mod jwks;
pub mod launch;
pub mod launch_log;
pub mod notice;
pub mod person;
pub mod registration;
pub mod services;
pub mod store;
pub mod web;
