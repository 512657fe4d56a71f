//! Presence: who was in a meeting and when, counted on the server from the heartbeats of meeting pages.

mod buffer;
pub mod interval;
pub(crate) mod pending;
mod placement;
mod store;
pub(crate) mod web;
mod writer;

pub use self::buffer::{Accepted, PresenceBuffer, PresenceMessage, PresenceRefusal};
pub use self::writer::{Leaver, PresenceListener, PresenceWriter};
