//! What a verified launch opens: first sight of course, link and person, then the room.

mod opening;
mod store;
pub mod web;

pub use opening::{EntryError, open};
