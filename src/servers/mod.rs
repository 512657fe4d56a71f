//! The Jitsi servers of this installation: what the operator knows of each, and their signers.

mod model;
pub mod store;

pub use model::{Credentials, NewServer, Server, ServerError, ServerStatus, SignerCache};
