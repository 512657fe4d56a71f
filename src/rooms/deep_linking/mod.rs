//! Deep linking: a teacher chooses which classes come into a course. What was entered, and what it means: from values alone.

pub mod draft;
pub mod store;
pub mod web;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::ids::{ContextId, DeploymentId};
use crate::lti::deep_linking::DeepLinkingRequest;
use crate::sealing::sealed::{Json, Sealed, SealedError};

use super::model::RoomClaims;

/// A choice that a platform asks a teacher for, from its launch to its answer.
///
/// Trust: sealed into the page's own form, so that nobody can read or change it, the return address least of all. It is no
/// cookie and no address: it goes where the form goes, and nowhere else.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeepLinkingSession {
    /// Names the rooms that it makes, so that sending the form twice makes them once.
    pub id: String,
    /// Our identifier of the deployment.
    pub deployment: DeploymentId,
    /// Our identifier of the course.
    pub context: ContextId,
    /// The course's name.
    pub course: Option<String>,
    /// The person; the link is none.
    pub claims: RoomClaims,
    /// What the platform asked for.
    pub request: DeepLinkingRequest,
    /// The platform's name.
    pub platform_name: String,
    /// Whether the platform's frames let a page share the screen.
    pub frame_shares_screen: bool,
    /// When it began.
    pub begun: Timestamp,
}

/// Why a choice cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeepLinkingError {
    /// It was not sealed here.
    #[error("the choice was not sealed by this installation")]
    Unreadable,
    /// It began too long ago.
    #[error("the choice began more than four hours ago")]
    Expired,
}

impl Sealed for DeepLinkingSession {
    type Format = Json;
    const PURPOSE: &'static str = "deep linking";
    /// How long a teacher may take to choose.
    const TTL: Duration = Duration::from_secs(4 * 60 * 60);

    fn issued(&self) -> Timestamp {
        self.begun
    }
}

impl From<SealedError> for DeepLinkingError {
    fn from(error: SealedError) -> Self {
        match error {
            SealedError::Unreadable(_) => Self::Unreadable,
            SealedError::Expired => Self::Expired,
        }
    }
}
