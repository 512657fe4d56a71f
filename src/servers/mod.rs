//! The Jitsi servers of this installation: what the operator knows of each, and their signers.

pub(crate) mod form;
mod model;
pub(crate) mod probe;
pub mod store;

pub use self::model::{Credentials, NewServer, Server, ServerError, ServerStatus, SignerCache};
