//! What is decided about a room's classes: at the site, at a platform, in a course, and for the room itself.
//!
//! [`catalogue`] lists every setting; [`layers`] holds what each level decided and works out what counts.

pub mod catalogue;
pub mod defaults;
pub mod fields;
pub mod layers;
pub mod presets;
pub(crate) mod store;
pub mod stored;
pub(crate) mod web;
