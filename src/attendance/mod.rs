//! Attendance: who was in a class, for how long, counted on the server from the signs of life of meeting pages.

pub mod gradebook;
pub mod heartbeats;
pub mod interval;
pub mod passback;
pub mod report;
pub mod results;
pub mod roster;
pub mod settings;
pub mod store;
pub mod web;
