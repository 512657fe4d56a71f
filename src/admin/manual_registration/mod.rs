//! Registering a platform by hand: what its administrator enters there, and what is entered here.

pub mod adding;
pub mod web;
