//! Notices of platforms: asking for those of copied courses, and what they change.

pub mod jobs;
pub mod store;
pub mod web;
