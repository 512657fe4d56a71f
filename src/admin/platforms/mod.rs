//! Platforms and their deployments, as operators see and change them.

pub mod clocks;
pub mod deployments;
pub mod proposal;
pub mod removal;
pub mod roles;
pub mod store;
pub mod values;
pub mod web;
