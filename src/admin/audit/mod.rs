//! The audit log: who did what, and who was refused. Rows are only added.

pub mod store;
pub mod web;
