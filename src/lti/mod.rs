//! The protocol with platforms (LTI 1.3 and its security framework). It knows no room and no meeting.

pub mod ags;
pub mod claims;
pub mod completion;
pub mod custom;
pub mod deep_linking;
pub mod groups;
pub mod id_token;
pub mod jwks;
pub mod launch;
pub mod launch_log;
pub mod legacy;
mod link_header;
pub mod login;
pub mod member;
pub mod message;
pub mod notice;
pub mod nrps;
pub mod platform;
pub mod platform_check;
pub mod profile;
pub mod registration;
pub mod roles;
pub mod service;
pub mod service_token;
pub mod store;
pub mod web;
