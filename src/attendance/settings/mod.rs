//! What teachers decide for an activity, and the marks that follow from it.

pub mod web;
