//! A platform's deployments: each approved by itself, all at once, or from now on.

pub mod store;
pub mod web;
