//! A launch, from the login that a platform initiates to what is proved of its message.

pub mod completion;
pub mod custom;
pub mod id_token;
pub mod legacy;
pub mod login;
pub mod message;
mod role_packing;
pub mod role_rules;
pub mod roles;
pub mod trace;
pub mod tried_states;
pub mod verify;
