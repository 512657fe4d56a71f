//! The tool's stories, told through its public face. Run them with `tests/run`, which starts what they need.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod admin;
mod architecture;
mod attendance;
mod browser;
mod certification;
mod cli;
mod copies;
mod deep_linking;
mod demo;
mod edge;
mod ephemeral;
mod grades;
mod groups;
mod jitsi;
mod keys;
mod lti;
mod memberships;
mod migrations;
mod peers;
mod presence;
mod rooms;
mod support;
