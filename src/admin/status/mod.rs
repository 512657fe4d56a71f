//! The service's health in figures.

pub mod store;
pub mod web;
