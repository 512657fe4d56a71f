//! Removing a platform, with all that came with it.

pub mod store;
pub mod web;
