//! Calendars: the dates of a room, and the private feed with those of all rooms that a person has opened.

pub mod feed;
pub mod ics;
pub mod store;
pub mod web;
