//! Presence: who was in a meeting and when, counted on the server from the heartbeats of meeting pages.

mod buffer;
pub mod interval;
pub mod pending;
mod placement;
mod store;

pub use buffer::{Accepted, PresenceBuffer, PresenceMessage, PresenceRefusal, PresenceWriter};
