//! The edge's tools, imported by every `web.rs`: refusals, pages, sessions, protection of requests.

pub mod admin_session;
pub mod assets;
pub mod body;
pub mod connections;
pub mod cookies;
pub mod extract;
pub mod failure;
pub mod failure_pages;
pub mod frame_session;
pub mod health;
pub mod pages;
pub mod readiness;
pub mod redirect;
pub mod refusal_code;
pub mod security;
pub mod session;
