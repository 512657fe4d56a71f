//! The one place that says which role allows which action.

use crate::lti::launch::roles::MeetingRole;

/// Something that a person may want to do in a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// See the room's page.
    SeeRoom,
    /// Enter the meeting.
    Join,
    /// Lead the meeting: mute others, admit from the lobby, record.
    Moderate,
    /// See who was in class, for how long, and with which grade; send grades again.
    SeeAttendance,
    /// Change the room's settings; decide which room a copied activity opens.
    ChangeSettings,
    /// Bring classes into a course.
    AddClasses,
}

/// Whether a person of this role may do `action`.
pub fn allows(role: MeetingRole, action: Action) -> bool {
    match action {
        Action::SeeRoom | Action::Join => true,
        Action::Moderate | Action::SeeAttendance | Action::ChangeSettings | Action::AddClasses => {
            role == MeetingRole::Moderator
        }
    }
}
