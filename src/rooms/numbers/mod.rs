//! Neutral names for people whose platform shares none: "Learner 3", the same on every page and for good.

pub mod store;
pub mod web;
