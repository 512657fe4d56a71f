//! Jitsi servers, as operators see and change them.

pub mod form;
pub mod web;
