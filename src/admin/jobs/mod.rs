//! Jobs, as operators see them and try them again.

pub mod web;
