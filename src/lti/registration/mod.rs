//! Registrations: what a platform and this tool know of each other, and how they come to know it.

pub mod check;
pub mod dynamic;
pub mod platform;
