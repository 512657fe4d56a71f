//! jitsi-lti: an LTI 1.3 Advantage tool that brings Jitsi Meet classes into every learning platform.
//!
//! Each folder is a noun of the field. A launch goes `routes → lti::web (login) → entry::web (launch) → lti::launch::verify
//! (proofs) → entry (course, link, person) → rooms (room, meeting) → jitsi (room token, embed)`. Imports run one way:
//! `routes → web → domain → store → db`; `lti` and `jitsi` know no other domain.

pub(crate) mod activity;
pub mod admin;
pub(crate) mod attendance;
pub mod cli;
pub mod clock;
pub(crate) mod codes;
pub mod config;
pub mod db;
pub mod demo;
pub mod entry;
pub mod ephemeral;
pub mod flush;
pub mod grades;
pub mod http;
pub mod i18n;
pub mod ids;
pub mod jitsi;
pub mod jobs;
pub mod lti;
pub mod memberships;
pub mod outbound;
pub mod presence;
pub(crate) mod private_files;
pub mod rooms;
pub(crate) mod routes;
pub mod sealing;
pub mod servers;
pub mod signing;
pub mod startup;
pub mod state;
pub(crate) mod telemetry;
