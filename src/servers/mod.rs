//! The Jitsi servers of this installation: what the operator knows of each, and their signers.

pub mod check;
mod model;
pub mod store;
pub mod typed;

pub use model::{Credentials, NewServer, Server, ServerError, ServerStatus, SignerCache};
