//! The meeting: the way into it, and its page.

pub mod web;
