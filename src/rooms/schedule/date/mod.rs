//! A single date of a class.

pub mod web;
