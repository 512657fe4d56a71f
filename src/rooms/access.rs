//! Whether a person may enter a room now.

use crate::clock::Timestamp;
use crate::db::DbError;
use crate::lti::launch::roles::MeetingRole;
use crate::lti::registration::platform::Status;
use crate::servers::ServerError;

use super::meeting::entry::Entry;
use super::model::{Admission, RoomGroup};
use super::permissions::{Action, allows};

/// Why a person is not let into a room, or the meeting does not open.
#[derive(Debug, thiserror::Error)]
pub enum RoomError {
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// No session for this room.
    #[error("no session for this room")]
    SessionMissing,
    /// The session is over.
    #[error("the session is over")]
    SessionExpired,
    /// Somebody ended the session, or the person has another role in the course now.
    #[error("the session was ended")]
    SessionEnded,
    /// The form is of another session, or the page of somebody whose session the browser no longer holds.
    #[error("the request is of another session")]
    SessionReplaced,
    /// The address names nobody, and several people are known in the browser.
    #[error("several sessions for this room, and the address names none")]
    SessionUnclear,
    /// There is no such room for this person.
    #[error("no such room")]
    Unknown,
    /// The person's role does not allow it.
    #[error("the person may not {0:?}")]
    NotAllowed(Action),
    /// The platform was switched off.
    #[error("the platform is disabled")]
    PlatformDisabled,
    /// The deployment was switched off.
    #[error("the deployment is disabled")]
    DeploymentDisabled,
    /// The person is blocked.
    #[error("the person is blocked")]
    UserBlocked,
    /// The room is that of a group which the person is not in.
    #[error("the person is not in this group")]
    NotInGroup,
    /// The activity has no rooms for groups.
    #[error("the activity has no rooms for groups")]
    NoGroups,
    /// The room of another course may be used only by who leads both.
    #[error("the person does not lead the other course")]
    SharingRefused,
    /// The door of the meeting is not open to the person now.
    #[error("the meeting is not open: {}", .0.word())]
    NotOpen(Entry),
    /// No Jitsi server is set up.
    #[error("no Jitsi server is set up")]
    ServerMissing,
    /// The Jitsi server's secret or key is unusable.
    #[error(transparent)]
    Server(#[from] ServerError),
}

/// Lets a person of this role go on with `action`.
pub fn require(role: MeetingRole, action: Action) -> Result<(), RoomError> {
    if allows(role, action) { Ok(()) } else { Err(RoomError::NotAllowed(action)) }
}

/// Lets into a group's room its members, and those who lead the class; asked at each request.
pub fn require_group(role: MeetingRole, group: Option<&RoomGroup>) -> Result<(), RoomError> {
    match group {
        Some(group) if !group.is_member && role != MeetingRole::Moderator => Err(RoomError::NotInGroup),
        _ => Ok(()),
    }
}

/// Lets in a session that nobody ended since it began; asked at each request.
pub fn require_unended(admission: Admission, began: Timestamp) -> Result<(), RoomError> {
    if began < admission.sessions_from { Err(RoomError::SessionEnded) } else { Ok(()) }
}

/// Lets in whom neither platform, deployment nor block keeps out; asked at each request.
pub fn require_admission(admission: Admission) -> Result<(), RoomError> {
    match (admission.platform, admission.deployment, admission.user) {
        (Status::Active, Status::Active, Status::Active) => Ok(()),
        (Status::Disabled | Status::Pending, _, _) => Err(RoomError::PlatformDisabled),
        (_, Status::Disabled | Status::Pending, _) => Err(RoomError::DeploymentDisabled),
        (_, _, Status::Disabled | Status::Pending) => Err(RoomError::UserBlocked),
    }
}
