//! Rooms: the meeting places behind resource links, and who may do what in them.

pub mod access;
pub mod copy;
pub mod deep_linking;
pub mod groups;
pub mod meeting;
pub mod model;
pub mod numbers;
pub mod permissions;
pub mod presence_token;
pub mod session;
pub mod settings;
pub mod store;
pub mod web;
