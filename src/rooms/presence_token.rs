//! What a meeting page may do after it was opened: say that its own person is in its own room, and come back. Nothing else.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::ids::{LinkId, RoomId, UserId};
use crate::lti::launch::roles::MeetingRole;
use crate::sealing::sealed::{Json, Sealed};

/// The capability of one opened meeting page.
///
/// Trust: no foreign script runs beside it. It opens no page and shows nothing of anybody; it says that its own person is
/// there, and takes that person back into the meeting for as long as it lives.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PresenceToken {
    /// This page: a reload is another one.
    #[serde(rename = "v")]
    pub visit: String,
    /// Our identifier of the room.
    #[serde(rename = "r")]
    pub room: RoomId,
    /// Our identifier of the resource link that the person came through.
    #[serde(rename = "l")]
    pub link: LinkId,
    /// Our identifier of the person.
    #[serde(rename = "u")]
    pub user: UserId,
    /// What the person is in the meeting.
    #[serde(rename = "s")]
    pub role: MeetingRole,
    /// When the page was opened: a token that follows another one keeps the moment of the first.
    #[serde(rename = "o")]
    pub opened: Timestamp,
}

impl Sealed for PresenceToken {
    type Format = Json;
    /// Open pages hold tokens that were sealed for it, so it stays.
    const PURPOSE: &'static str = "meeting pass";
    const TTL: Duration = Duration::from_secs(12 * 60 * 60);

    fn issued(&self) -> Timestamp {
        self.opened
    }
}
