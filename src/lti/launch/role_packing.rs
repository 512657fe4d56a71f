//! A person's rights in the few bytes of a session.

use crate::sealing::packing::{Pack, Packer, Unpacker};

use super::roles::{MeetingRole, Reason, Rights};

/// Names of roles in the vocabularies are shorter; what a platform or an operator made up may be cut.
const MAX_ROLE: u8 = 60;

impl Pack for Rights {
    fn pack(&self, out: &mut Packer) {
        let role = match self.role {
            MeetingRole::Moderator => 0,
            MeetingRole::Participant => 1,
            MeetingRole::Observer => 2,
        };
        out.byte(role << 1 | u8::from(self.administers));
        self.reason.pack(out);
    }

    fn unpack(from: &mut Unpacker<'_>) -> Option<Self> {
        let flags = from.byte()?;
        let role = match flags >> 1 {
            0 => MeetingRole::Moderator,
            1 => MeetingRole::Participant,
            2 => MeetingRole::Observer,
            _ => return None,
        };
        Some(Self { role, administers: flags & 1 == 1, reason: Reason::unpack(from)? })
    }
}

impl Pack for Reason {
    fn pack(&self, out: &mut Packer) {
        match self {
            Self::CourseRole { role } => {
                out.byte(0);
                out.text(role, MAX_ROLE);
            }
            Self::SubRole { role, sub } => {
                out.byte(1);
                out.text(role, MAX_ROLE);
                out.text(sub, MAX_ROLE);
            }
            Self::SystemAdmin => out.byte(2),
            Self::TestUser => out.byte(3),
            Self::Rule { role } => {
                out.byte(4);
                out.text(last_part(role), MAX_ROLE);
            }
            Self::Anonymous => out.byte(5),
            Self::LearnerInstructor => out.byte(6),
            Self::NoCourseRole => out.byte(7),
            Self::UnknownRole => out.byte(8),
            Self::NoRole => out.byte(9),
        }
    }

    fn unpack(from: &mut Unpacker<'_>) -> Option<Self> {
        Some(match from.byte()? {
            0 => Self::CourseRole { role: from.text()? },
            1 => Self::SubRole { role: from.text()?, sub: from.text()? },
            2 => Self::SystemAdmin,
            3 => Self::TestUser,
            4 => Self::Rule { role: from.text()? },
            5 => Self::Anonymous,
            6 => Self::LearnerInstructor,
            7 => Self::NoCourseRole,
            8 => Self::UnknownRole,
            9 => Self::NoRole,
            _ => return None,
        })
    }
}

/// What pages show of a role's URI.
fn last_part(role: &str) -> &str {
    role.rsplit(['#', '/', ':']).next().unwrap_or(role)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_read_again() {
        let text = |text: &str| text.to_owned();
        let reasons = [
            Reason::CourseRole { role: text("Instructor") },
            Reason::SubRole { role: text("Instructor"), sub: text("TeachingAssistant") },
            Reason::SystemAdmin,
            Reason::TestUser,
            Reason::Rule { role: text("Tutor") },
            Reason::Anonymous,
            Reason::LearnerInstructor,
            Reason::NoCourseRole,
            Reason::UnknownRole,
            Reason::NoRole,
        ];
        for reason in reasons {
            for (role, administers) in [
                (MeetingRole::Moderator, true),
                (MeetingRole::Participant, false),
                (MeetingRole::Observer, true),
            ] {
                let rights = Rights { role, reason: reason.clone(), administers };
                let mut out = Packer::default();
                rights.pack(&mut out);
                assert_eq!(Rights::unpack(&mut Unpacker::new(&out.finish())), Some(rights));
            }
        }
        assert_eq!(Rights::unpack(&mut Unpacker::new(&[6, 9])), None);
        assert_eq!(Rights::unpack(&mut Unpacker::new(&[0, 10])), None);
    }

    #[test]
    fn a_hostile_role_makes_no_large_session() {
        let reason = Reason::SubRole { role: "r".repeat(9_000), sub: "s".repeat(9_000) };
        let mut out = Packer::default();
        reason.pack(&mut out);
        assert_eq!(out.finish().len(), 1 + 2 * 61);
        let mut out = Packer::default();
        Reason::Rule { role: "http://purl.imsglobal.org/vocab/lis/v2/membership#Tutor".to_owned() }
            .pack(&mut out);
        assert_eq!(out.finish().len(), 2 + 5);
    }
}
