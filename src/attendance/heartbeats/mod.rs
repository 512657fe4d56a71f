//! Heartbeats of meeting pages, from their arrival to their rows.

mod board;
pub mod pending;
mod place;
mod store;

pub use board::{BoardKeeper, NotTaken, PresenceBoard, PresenceMessage, Taken};
