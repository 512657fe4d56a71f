//! Grades: what the gradebook should have of each learner, and how it gets there.

pub(crate) mod jobs;
pub(crate) mod line_item;
pub(crate) mod listing;
pub mod results;
pub mod score;
pub mod store;
pub(crate) mod web;

/// Jobs that find an activity's line item; about a resource link.
pub const COLUMN: &str = "line-item";
/// Jobs that send a score; about a score.
pub const SCORE: &str = "score";
