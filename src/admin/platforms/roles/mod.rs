//! What operators decide about the roles of a platform.

pub mod web;
