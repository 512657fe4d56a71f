//! The values of a Jitsi server, as a form.

pub mod web;
