//! Jitsi servers, as operators see and change them.

pub mod removal;
pub mod values;
pub mod web;
