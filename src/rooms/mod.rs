//! Rooms: the meeting places behind resource links, and who may do what in them.

pub(crate) mod access;
pub mod calendar;
pub(crate) mod copy;
pub(crate) mod deep_linking;
pub mod groups;
pub mod live;
pub(crate) mod meeting;
pub(crate) mod model;
pub(crate) mod numbers;
pub(crate) mod permissions;
pub mod presence_token;
pub mod rules;
pub mod schedule;
pub(crate) mod session;
pub mod settings;
pub mod store;
pub(crate) mod web;
