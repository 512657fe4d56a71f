//! Signing in through an OpenID provider: who signs in there, and whom of them the settings let in.

mod entitled;
mod metadata;
mod provider;
pub mod web;

pub use self::metadata::ProviderCache;
