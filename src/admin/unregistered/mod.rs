//! Launches that name no registration: who knocks at a door that does not exist yet.

pub mod web;
