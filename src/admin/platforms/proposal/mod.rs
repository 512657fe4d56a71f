//! What a platform names when it registers once more with other values: nothing changes until an operator agrees.

pub mod card;
pub mod store;
pub mod web;
