//! Sessions in rooms.

pub mod web;
