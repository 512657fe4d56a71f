//! The one place that says which standing allows which action.

use crate::lti::roles::Standing;

/// Something that a person may want to do in a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// See the room's page.
    SeeRoom,
    /// Enter the meeting.
    Join,
    /// Lead the meeting: mute others, admit from the lobby, record.
    Moderate,
    /// See who was in class, for how long, and with which mark; send marks again.
    SeeAttendance,
    /// Change the room's settings.
    ChangeSettings,
}

/// Whether a person of this standing may do `action`.
pub fn allows(standing: Standing, action: Action) -> bool {
    match action {
        Action::SeeRoom | Action::Join => true,
        Action::Moderate | Action::SeeAttendance | Action::ChangeSettings => standing == Standing::Moderator,
    }
}
