//! Launches of a platform, or of one of its deployments: the last ones on its page, and all of them on a page of their own.

pub mod store;
pub mod web;
