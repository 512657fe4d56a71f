//! The secret address of a person's calendar.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::ids::UserId;
use crate::sealing::sealed::{Json, Sealed};

/// What the address of a calendar holds: it reads the dates of one person's classes, and nothing else.
///
/// Trust: calendar programs keep it for years, and may pass it on; the person makes it worthless by taking a new one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedToken {
    /// Our identifier of the person.
    #[serde(rename = "u")]
    pub user: UserId,
    /// Which of the person's addresses it is.
    #[serde(rename = "n")]
    pub number: i64,
}

impl Sealed for FeedToken {
    type Format = Json;
    const PURPOSE: &'static str = "calendar feed";
    /// Calendar programs ask again for as long as they are used.
    const TTL: Duration = Duration::MAX;

    fn issued(&self) -> Timestamp {
        Timestamp::EPOCH
    }
}
