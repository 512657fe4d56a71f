//! Grades: what the gradebook should have of each learner, and how it gets there.

pub mod jobs;
pub mod line_item;
pub mod listing;
pub mod results;
pub mod score;
pub mod store;
pub mod web;
