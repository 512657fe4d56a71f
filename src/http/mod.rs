//! The edge's tools, imported by every `web.rs`: refusals, pages, sessions, protection of requests.

pub(crate) mod admin_session;
pub(crate) mod assets;
pub(crate) mod body;
pub(crate) mod connections;
pub(crate) mod cookies;
pub(crate) mod extract;
pub(crate) mod failure;
pub(crate) mod failure_pages;
pub(crate) mod frame_session;
pub(crate) mod health;
pub mod pages;
pub(crate) mod readiness;
pub(crate) mod redirect;
pub mod refusal_code;
pub(crate) mod security;
pub(crate) mod session;
