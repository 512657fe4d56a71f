//! What a verified message of a platform opens: first sight of course, link and person, then the room, the picker, or a
//! learner's attendance; and what notices change.

mod facts;
mod grouping;
pub mod notices;
mod opening;
mod store;
pub mod web;

pub use self::opening::{EntryError, LaunchOpener, OpenRoom, Opened, open};
