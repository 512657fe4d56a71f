//! The tool's stories, told through its public face. Run them with `tests/run`, which starts what they need.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod admin;
mod architecture;
mod attendance;
mod browser;
mod certification;
mod cli;
mod copies;
mod demo;
mod edge;
mod ephemeral;
mod groups;
mod jitsi;
mod keys;
mod lti;
mod marks;
mod migrations;
mod peers;
mod picking;
mod presence;
mod rooms;
mod roster;
mod support;
