//! What a person may do in a meeting, from the role URIs of the launch: a pure function, least privilege by default.

use serde::{Deserialize, Serialize};

use crate::codes::codes;
use crate::db::columns::{self, AsExpression, FromSqlRow, stored_as_word};

const CONTEXT: &str = "http://purl.imsglobal.org/vocab/lis/v2/membership#";
const CONTEXT_SUB: &str = "http://purl.imsglobal.org/vocab/lis/v2/membership/";
const INSTITUTION: &str = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#";
const SYSTEM: &str = "http://purl.imsglobal.org/vocab/lis/v2/system/person#";
const LEGACY_PERSON: &str = "http://purl.imsglobal.org/vocab/lis/v2/person#";
const TEST_USER: &str = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser";
const URN_CONTEXT: &str = "urn:lti:role:ims/lis/";
const URN_INSTITUTION: &str = "urn:lti:instrole:ims/lis/";
const URN_SYSTEM: &str = "urn:lti:sysrole:ims/lis/";

const CONTEXT_ROLES: [&str; 8] =
    ["Administrator", "ContentDeveloper", "Instructor", "Learner", "Mentor", "Manager", "Member", "Officer"];

/// A role of one of the vocabularies.
///
/// Spec: LTI 1.3 Core, appendix A ("Role vocabularies"); LTI 1.1 URNs and short names (context roles alone).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// In the course, with the sub-role where one is named.
    Context {
        /// The principal role.
        role: &'static str,
        /// The sub-role.
        sub: Option<String>,
    },
    /// In the institution: says nothing about this course.
    Institution(String),
    /// In the whole platform.
    System(String),
    /// The platform's own preview of what a student sees.
    TestUser,
    /// Not of any vocabulary that is known here.
    Unknown,
}

impl Role {
    /// The role that `uri` names.
    pub fn parse(uri: &str) -> Self {
        if uri == TEST_USER {
            return Self::TestUser;
        }
        let context = uri.strip_prefix(CONTEXT).or_else(|| uri.strip_prefix(URN_CONTEXT)).unwrap_or(uri);
        if let Some(sub) = uri.strip_prefix(CONTEXT_SUB) {
            return context_role(sub, '#');
        }
        if let Some(name) = uri.strip_prefix(INSTITUTION).or_else(|| uri.strip_prefix(URN_INSTITUTION)) {
            return Self::Institution(name.to_owned());
        }
        if let Some(name) = uri.strip_prefix(SYSTEM).or_else(|| uri.strip_prefix(URN_SYSTEM)) {
            return Self::System(name.to_owned());
        }
        // The deprecated form does not say whether the system or the institution is meant: the lesser is taken.
        if let Some(name) = uri.strip_prefix(LEGACY_PERSON) {
            return Self::Institution(name.to_owned());
        }
        context_role(context, '/')
    }
}

fn context_role(text: &str, separator: char) -> Role {
    let (principal, sub) = match text.split_once(separator) {
        Some((principal, sub)) => (principal, Some(sub.to_owned())),
        None => (text, None),
    };
    match CONTEXT_ROLES.into_iter().find(|known| *known == principal) {
        Some(role) => Role::Context { role, sub },
        None => Role::Unknown,
    }
}

/// What a person is in the meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[derive(AsExpression, FromSqlRow)]
#[diesel(sql_type = columns::MeetingRole)]
pub enum MeetingRole {
    /// Leads the meeting.
    Moderator,
    /// Takes part.
    Participant,
    /// Looks on: takes part, and is neither counted nor graded.
    Observer,
}

stored_as_word!(MeetingRole, columns::MeetingRole);

impl MeetingRole {
    /// Every role there is.
    pub const ALL: [Self; 3] = [Self::Moderator, Self::Participant, Self::Observer];

    /// Returns the role that `word` means.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.word() == word)
    }

    /// The word in pages and logs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Moderator => "moderator",
            Self::Participant => "participant",
            Self::Observer => "observer",
        }
    }
}

/// Why a person is what they are: the one role that decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "why")]
pub enum Reason {
    /// A role in the course.
    CourseRole {
        /// The principal role.
        role: String,
    },
    /// A sub-role in the course.
    SubRole {
        /// The principal role.
        role: String,
        /// The sub-role.
        sub: String,
    },
    /// Administrator of the whole platform.
    SystemAdmin,
    /// The platform's student preview.
    TestUser,
    /// The operator decided so about this role.
    Rule {
        /// The role, as the operator wrote it.
        role: String,
    },
    /// The platform does not tell who the person is.
    Anonymous,
    /// `Learner#Instructor`: a learner who helps to teach.
    LearnerInstructor,
    /// Only roles outside the course.
    NoCourseRole,
    /// Only roles that nobody here knows.
    UnknownRole,
    /// No role at all.
    NoRole,
}

codes! {
    /// The reasons of [`Reason`] without what they are about; the text of each is `reason-CODE`.
    pub enum ReasonCode {
        CourseRole = "course-role",
        SubRole = "sub-role",
        SystemAdmin = "system-admin",
        TestUser = "test-user",
        Rule = "rule",
        Anonymous = "anonymous",
        LearnerInstructor = "learner-instructor",
        NoCourseRole = "no-course-role",
        UnknownRole = "unknown-role",
        NoRole = "no-role",
    }
}

impl Reason {
    /// Returns the code.
    pub fn code(&self) -> ReasonCode {
        match self {
            Self::CourseRole { .. } => ReasonCode::CourseRole,
            Self::SubRole { .. } => ReasonCode::SubRole,
            Self::SystemAdmin => ReasonCode::SystemAdmin,
            Self::TestUser => ReasonCode::TestUser,
            Self::Rule { .. } => ReasonCode::Rule,
            Self::Anonymous => ReasonCode::Anonymous,
            Self::LearnerInstructor => ReasonCode::LearnerInstructor,
            Self::NoCourseRole => ReasonCode::NoCourseRole,
            Self::UnknownRole => ReasonCode::UnknownRole,
            Self::NoRole => ReasonCode::NoRole,
        }
    }
}

/// What a person may do, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rights {
    /// What the person is in the meeting.
    pub role: MeetingRole,
    /// The role that decided.
    pub reason: Reason,
    /// Whether the person administers the platform: may look after a deployment that lets its administrators in.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub administers: bool,
}

impl Rights {
    /// Returns the rights that the role URIs of a launch give by themselves.
    ///
    /// Moderators are: Instructor and Administrator of the course, with every sub-role of Instructor but Grader, and
    /// the platform's system administrators. Roles in the institution and `Learner#Instructor` moderate nothing; the
    /// platform's test user is a learner whatever else it claims to be.
    pub(super) fn from_roles<S: AsRef<str>>(uris: &[S]) -> Self {
        let roles: Vec<Role> = uris.iter().map(|uri| Role::parse(uri.as_ref())).collect();
        if roles.contains(&Role::TestUser) {
            return Self::of(MeetingRole::Participant, Reason::TestUser);
        }
        // Sub-roles first: "Teaching Assistant" tells more than the "Instructor" that comes with it.
        let deciding = roles.iter().filter_map(rights_of).min_by_key(|(rank, _)| *rank);
        let rights = match deciding {
            Some((_, rights)) => rights,
            None => Self::of(MeetingRole::Participant, without_course_role(&roles)),
        };
        Self { administers: roles.iter().any(is_system_admin), ..rights }
    }

    fn of(role: MeetingRole, reason: Reason) -> Self {
        Self { role, reason, administers: false }
    }

    /// The rights of somebody whom the platform does not name: looks on, is neither counted nor graded.
    pub fn anonymous() -> Self {
        Self::of(MeetingRole::Observer, Reason::Anonymous)
    }

    /// Whether the person is a learner of this course, who is expected in class: takes part, and is neither the
    /// platform's test user nor somebody whose roles all lie outside the course.
    pub fn is_learner(&self) -> bool {
        let is_outside = matches!(self.reason, Reason::TestUser | Reason::NoCourseRole);
        self.role == MeetingRole::Participant && !is_outside
    }

    /// Whether the person leads the meeting.
    pub fn moderates(&self) -> bool {
        self.role == MeetingRole::Moderator
    }
}

fn without_course_role(roles: &[Role]) -> Reason {
    if roles.iter().any(|role| matches!(role, Role::Institution(_) | Role::System(_))) {
        return Reason::NoCourseRole;
    }
    if roles.is_empty() { Reason::NoRole } else { Reason::UnknownRole }
}

/// Returns what one role alone would give; of several the lowest rank decides.
fn rights_of(role: &Role) -> Option<(u8, Rights)> {
    let (rank, meeting_role) = match role {
        Role::Context { role: "Instructor", sub: Some(sub) } if sub == "Grader" => {
            (10, MeetingRole::Participant)
        }
        Role::Context { role: "Instructor" | "Administrator", sub: Some(_) } => (0, MeetingRole::Moderator),
        Role::Context { role: "Instructor", sub: None } => (1, MeetingRole::Moderator),
        Role::Context { role: "Administrator", sub: None } => (2, MeetingRole::Moderator),
        role if is_system_admin(role) => (3, MeetingRole::Moderator),
        Role::Context { role: "Learner", sub: Some(_) } => (11, MeetingRole::Participant),
        Role::Context { role: "Learner", sub: None } => (12, MeetingRole::Participant),
        Role::Context { role: "ContentDeveloper" | "Manager" | "Member" | "Officer", sub }
            if !observes(sub.as_deref()) =>
        {
            (13, MeetingRole::Participant)
        }
        Role::Context { role: "Mentor" | "Manager", .. } => (14, MeetingRole::Observer),
        Role::Context { .. } => (15, MeetingRole::Participant),
        Role::Institution(_) | Role::System(_) | Role::TestUser | Role::Unknown => return None,
    };
    Some((rank, Rights::of(meeting_role, reason(role))))
}

fn is_system_admin(role: &Role) -> bool {
    matches!(role, Role::System(name) if name == "Administrator" || name == "SysAdmin")
}

fn observes(sub: Option<&str>) -> bool {
    sub.is_some_and(|sub| sub == "Observer" || sub == "ExternalObserver")
}

fn reason(role: &Role) -> Reason {
    match role {
        Role::Context { role: "Learner", sub: Some(sub) } if sub == "Instructor" => Reason::LearnerInstructor,
        Role::Context { role, sub: Some(sub) } if sub != role => {
            Reason::SubRole { role: (*role).to_owned(), sub: sub.clone() }
        }
        Role::Context { role, .. } => Reason::CourseRole { role: (*role).to_owned() },
        Role::System(_) => Reason::SystemAdmin,
        Role::Institution(_) | Role::TestUser | Role::Unknown => Reason::NoCourseRole,
    }
}

#[cfg(test)]
mod tests {
    use super::MeetingRole::{Moderator, Observer, Participant};
    use super::*;

    fn rights<S: AsRef<str>>(uris: &[S]) -> Rights {
        Rights::from_roles(uris)
    }

    #[test]
    fn only_roles_that_lead_this_course_moderate() {
        let m = |name: &str| format!("{CONTEXT}{name}");
        let sub = |text: &str| format!("{CONTEXT_SUB}{text}");
        let table: Vec<(Vec<String>, MeetingRole)> = vec![
            (vec![m("Instructor")], Moderator),
            (vec!["Instructor".into()], Moderator),
            (vec!["urn:lti:role:ims/lis/Instructor".into()], Moderator),
            (vec!["urn:lti:role:ims/lis/Instructor/Lecturer".into()], Moderator),
            (vec![m("Administrator")], Moderator),
            (vec![sub("Instructor#TeachingAssistant")], Moderator),
            (vec![m("Learner"), sub("Instructor#TeachingAssistant")], Moderator),
            (vec![format!("{SYSTEM}Administrator")], Moderator),
            (vec!["urn:lti:sysrole:ims/lis/SysAdmin".into()], Moderator),
            (vec![m("Learner"), m("Instructor")], Moderator),
            (vec![sub("Instructor#Grader")], Participant),
            (vec![m("Learner")], Participant),
            (vec![sub("Learner#Instructor")], Participant),
            (vec![m("ContentDeveloper")], Participant),
            (vec![m("Manager")], Participant),
            (vec![format!("{INSTITUTION}Instructor")], Participant),
            (vec![format!("{INSTITUTION}Faculty")], Participant),
            (vec![format!("{INSTITUTION}Administrator")], Participant),
            (vec![format!("{LEGACY_PERSON}Administrator")], Participant),
            (vec!["urn:lti:instrole:ims/lis/Administrator".into()], Participant),
            (vec![format!("{SYSTEM}User")], Participant),
            (vec![m("Instructor"), TEST_USER.into()], Participant),
            (vec!["Faculty".into()], Participant),
            (vec!["https://evil.example/membership#Instructor".into()], Participant),
            (vec!["instructor".into()], Participant),
            (vec![], Participant),
            (vec![m("Mentor")], Observer),
            (vec![sub("Mentor#Auditor")], Observer),
            (vec![sub("Manager#Observer")], Observer),
            (vec![m("Mentor"), m("Learner")], Participant),
        ];
        for (roles, expected) in table {
            assert_eq!(rights(&roles).role, expected, "{roles:?}");
        }
    }

    #[test]
    fn the_reason_names_the_role_that_decided() {
        let given =
            rights(&[format!("{CONTEXT}Instructor"), format!("{CONTEXT_SUB}Instructor#TeachingAssistant")]);
        assert_eq!(
            given.reason,
            Reason::SubRole { role: "Instructor".into(), sub: "TeachingAssistant".into() }
        );
        let given = rights(&[format!("{INSTITUTION}Instructor")]);
        assert_eq!(given.reason, Reason::NoCourseRole);
        assert_eq!(rights::<&str>(&[]).reason, Reason::NoRole);
        assert_eq!(rights(&["x:y"]).reason, Reason::UnknownRole);
        assert_eq!(rights(&[format!("{CONTEXT_SUB}Learner#Instructor")]).reason, Reason::LearnerInstructor);
    }

    #[test]
    fn learners_are_expected_in_class() {
        for (roles, expected) in [
            (vec!["Learner"], true),
            (vec!["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"], true),
            (vec!["Learner", "http://purl.imsglobal.org/vocab/lis/v2/person#Administrator"], true),
            (vec!["x:Gardener"], true),
            (vec![], true),
            (vec!["Learner", TEST_USER], false),
            (vec!["http://purl.imsglobal.org/vocab/lis/v2/person#Administrator"], false),
            (vec!["http://purl.imsglobal.org/vocab/lis/v2/institution/person#Student"], false),
            (vec!["Instructor"], false),
            (vec!["Mentor"], false),
        ] {
            assert_eq!(rights(&roles).is_learner(), expected, "{roles:?}");
        }
    }

    #[test]
    fn administrators_of_the_whole_platform_administer() {
        let system = format!("{SYSTEM}Administrator");
        for (roles, expected) in [
            (vec![system.clone()], true),
            (vec!["Instructor".to_owned(), system.clone()], true),
            (vec!["urn:lti:sysrole:ims/lis/SysAdmin".to_owned()], true),
            (vec![format!("{INSTITUTION}Administrator")], false),
            (vec![format!("{CONTEXT}Administrator")], false),
            (vec![system, TEST_USER.to_owned()], false),
        ] {
            assert_eq!(rights(&roles).administers, expected, "{roles:?}");
        }
    }

    proptest::proptest! {
        /// Whatever a platform sends, only roles that lead the course or the platform give moderation.
        #[test]
        fn no_unknown_text_ever_moderates(text in "[a-zA-Z:/#.]{0,60}") {
            let given = rights(std::slice::from_ref(&text));
            if given.moderates() {
                proptest::prop_assert!(text.contains("Instructor") || text.contains("Administrator") || text.contains("SysAdmin"));
            }
        }
    }
}
