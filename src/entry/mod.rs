//! What a verified message of a platform opens: first sight of course, link and person, then the room, the picker, or a
//! learner's attendance; and what notices change.

mod facts;
mod grouping;
pub mod notices;
mod opening;
mod store;
pub(crate) mod web;

use crate::clock::Timestamp;
use crate::db::Database;
use crate::ids::Random;
use crate::lti::services::client::Services;
use crate::sealing::Sealer;

pub use self::opening::{EntryError, OpenRoom, Opened, open};

/// What opening needs.
pub struct LaunchOpener<'a> {
    /// The lasting data.
    pub db: &'a Database,
    /// The platforms' services: for groups.
    pub services: &'a Services,
    /// Opens what is sealed at rest.
    pub sealer: &'a Sealer,
    /// The source of randomness.
    pub random: &'a Random,
    /// The present moment.
    pub now: Timestamp,
}
