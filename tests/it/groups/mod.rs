//! A room for each group of a course.

mod rooms;
mod switching;
mod trouble;
