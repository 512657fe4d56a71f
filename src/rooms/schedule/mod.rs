//! When a class takes place: a plan, its dates, and what was changed about single ones.

pub mod agenda;
pub mod changes;
pub mod date;
pub mod fields;
pub mod occurrence;
pub mod plan;
pub mod store;
pub mod web;
