//! The protocol with platforms (LTI 1.3 and its security framework). It knows no room and no meeting.

pub(crate) mod claims;
pub(crate) mod deep_linking;
pub(crate) mod error;
pub(crate) mod families;
pub(crate) mod identifier;
pub(crate) mod jobs;
pub(crate) mod jwks;
pub mod launch;
pub mod launch_log;
pub(crate) mod notice;
pub(crate) mod person;
pub mod registration;
pub mod services;
pub mod store;
pub(crate) mod web;
