//! What an operator decided about the roles of one platform, over what they give by themselves: pure functions of values.

use serde::{Deserialize, Serialize};

use super::roles::{MeetingRole, Reason, Rights, Role};

/// Rules of one platform.
const MAX_COUNT: usize = 50;
const MAX_ROLE: usize = 255;

/// What somebody with a role is.
///
/// The order is from the least to the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Becomes {
    /// Looks on.
    Observer,
    /// Takes part.
    Participant,
    /// Leads the meeting.
    Moderator,
    /// Leads the meeting, and looks after the deployment where the operator lets its administrators in.
    Administrator,
}

impl Becomes {
    /// All of them, from the least to the most.
    pub const ALL: [Self; 4] = [Self::Observer, Self::Participant, Self::Moderator, Self::Administrator];

    /// The word in forms and in the database.
    pub fn word(self) -> &'static str {
        match self {
            Self::Observer => "observer",
            Self::Participant => "participant",
            Self::Moderator => "moderator",
            Self::Administrator => "administrator",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.word() == word)
    }

    fn role(self) -> MeetingRole {
        match self {
            Self::Observer => MeetingRole::Observer,
            Self::Participant => MeetingRole::Participant,
            Self::Moderator | Self::Administrator => MeetingRole::Moderator,
        }
    }
}

/// What somebody with one role is, at one platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleRule {
    /// The role, as it was entered: an URI or a short name.
    pub role: String,
    /// What it gives.
    pub becomes: Becomes,
}

/// Why a rule is not taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// No role that any launch could name.
    #[error("no role that a launch could name")]
    NoRole,
    /// The platform's test user is a learner whatever is decided.
    #[error("the test user is a learner always")]
    TestUser,
    /// Too many rules.
    #[error("more than {MAX_COUNT} rules")]
    TooMany,
}

impl RuleError {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::NoRole => "no-role",
            Self::TestUser => "test-user",
            Self::TooMany => "too-many",
        }
    }
}

impl RoleRule {
    fn fits(&self, uri: &str) -> bool {
        let role = Role::parse(uri);
        uri == self.role || (role != Role::Unknown && role == Role::parse(&self.role))
    }

    /// A rule for a part of a role goes before one for the whole of it.
    fn rank(&self) -> (bool, Becomes) {
        let is_part =
            matches!(Role::parse(&self.role), Role::Context { role, sub: Some(sub) } if sub != role);
        (!is_part, self.becomes)
    }
}

/// The rules of one platform.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleRules(Vec<RoleRule>);

impl RoleRules {
    /// The rules, in the order in which they were made.
    pub fn iter(&self) -> impl Iterator<Item = &RoleRule> {
        self.0.iter()
    }

    /// The rules as they are stored: one on a line, what it gives before the role. `None` for anything else.
    pub fn parse(stored: &str) -> Option<Self> {
        let rule = |line: &str| {
            let (word, role) = line.split_once(' ')?;
            Some(RoleRule { role: role.to_owned(), becomes: Becomes::parse(word)? })
        };
        stored.lines().map(rule).collect::<Option<Vec<_>>>().map(Self)
    }

    /// The text that [`RoleRules::parse`] reads.
    pub fn text(&self) -> String {
        let line = |rule: &RoleRule| format!("{} {}", rule.becomes.word(), rule.role);
        self.0.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    /// The same with a rule, in place of one for the same role.
    ///
    /// Errors: a role that no launch could name is more likely a slip than intended.
    pub fn with(&self, role: &str, becomes: Becomes) -> Result<Self, RuleError> {
        let role = role.trim();
        let is_writable = !role.is_empty()
            && role.len() <= MAX_ROLE
            && !role.contains(|letter: char| letter.is_whitespace() || letter.is_control());
        // Platforms have roles of their own, which are URIs.
        let is_known = Role::parse(role) != Role::Unknown || role.contains(':');
        match Role::parse(role) {
            _ if !is_writable || !is_known => return Err(RuleError::NoRole),
            Role::TestUser => return Err(RuleError::TestUser),
            _ => {}
        }
        let mut rules = self.without(role).0;
        if rules.len() >= MAX_COUNT {
            return Err(RuleError::TooMany);
        }
        rules.push(RoleRule { role: role.to_owned(), becomes });
        Ok(Self(rules))
    }

    /// The same without a rule for this role.
    #[must_use]
    pub fn without(&self, role: &str) -> Self {
        Self(self.0.iter().filter(|rule| !rule.fits(role)).cloned().collect())
    }

    /// Returns the rights of somebody with these roles: what a rule gives, or else what the roles give by themselves. The
    /// platform's test user is a learner whatever is decided.
    pub fn rights<S: AsRef<str>>(&self, uris: &[S]) -> Rights {
        let by_roles = Rights::from_roles(uris);
        if by_roles.reason == Reason::TestUser {
            return by_roles;
        }
        self.decide(uris).unwrap_or(by_roles)
    }

    /// Returns what the rules give somebody with these roles; `None` where none of them fits.
    ///
    /// Of several that fit, one for a part of a role (Teaching Assistant) goes before one for a whole role (Instructor),
    /// and then the one that gives least.
    fn decide<S: AsRef<str>>(&self, uris: &[S]) -> Option<Rights> {
        let fits = |rule: &&RoleRule| uris.iter().any(|uri| rule.fits(uri.as_ref()));
        let rule = self.0.iter().filter(fits).min_by_key(|rule| rule.rank())?;
        Some(Rights {
            role: rule.becomes.role(),
            reason: Reason::Rule { role: rule.role.clone() },
            administers: rule.becomes == Becomes::Administrator,
        })
    }
}

#[cfg(test)]
mod tests {
    use Becomes::{Administrator, Moderator, Observer, Participant};

    use super::*;

    const MEMBERSHIP: &str = "http://purl.imsglobal.org/vocab/lis/v2/membership";

    fn rules(made: &[(&str, Becomes)]) -> RoleRules {
        made.iter().fold(RoleRules::default(), |rules, (role, becomes)| rules.with(role, *becomes).unwrap())
    }

    #[test]
    fn a_rule_decides_over_what_roles_give_by_themselves() {
        let manager = format!("{MEMBERSHIP}#Manager");
        let assistant = format!("{MEMBERSHIP}/Instructor#TeachingAssistant");
        let staff = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Staff".to_owned();
        let root = "http://purl.imsglobal.org/vocab/lis/v2/system/person#Administrator".to_owned();
        let tutor = "https://lms.example/roles#Tutor".to_owned();
        let made = rules(&[
            ("Manager", Moderator),
            ("Instructor", Moderator),
            (&assistant, Participant),
            (&staff, Observer),
            (&root, Participant),
            (&tutor, Administrator),
        ]);
        for (roles, expected, administers) in [
            (vec![manager.clone()], Some(MeetingRole::Moderator), false),
            (vec!["urn:lti:role:ims/lis/Manager".to_owned()], Some(MeetingRole::Moderator), false),
            (vec!["Instructor".to_owned(), assistant], Some(MeetingRole::Participant), false),
            (vec![manager, staff.clone()], Some(MeetingRole::Observer), false),
            (vec!["Learner".to_owned(), staff], Some(MeetingRole::Observer), false),
            (vec![root], Some(MeetingRole::Participant), false),
            (vec![format!("{tutor}s")], None, false),
            (vec![tutor], Some(MeetingRole::Moderator), true),
            (vec!["Learner".to_owned()], None, false),
            (vec![], None, false),
        ] {
            let decided = made.decide(&roles);
            assert_eq!(decided.as_ref().map(|rights| rights.role), expected, "{roles:?}");
            assert_eq!(decided.is_some_and(|rights| rights.administers), administers, "{roles:?}");
        }
    }

    #[test]
    fn who_has_a_rule_is_what_it_says_but_for_the_test_user() {
        let system = "http://purl.imsglobal.org/vocab/lis/v2/system/person#Administrator";
        let test_user = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser";
        let made = rules(&[(system, Moderator), ("Learner", Moderator)]);
        assert!(RoleRules::default().rights(&[system]).administers);
        assert!(!made.rights(&[system]).administers);
        assert!(made.rights(&["Learner"]).moderates());
        assert!(!made.rights(&["Learner", test_user]).moderates());
        assert_eq!(made.rights(&["Mentor"]).role, MeetingRole::Observer);
    }

    #[test]
    fn a_role_has_one_rule_however_it_is_written() {
        let made = rules(&[("Manager", Moderator), ("Mentor", Participant)]);
        let changed = made.with(&format!("{MEMBERSHIP}#Manager"), Observer).unwrap();
        assert_eq!(changed.text(), format!("participant Mentor\nobserver {MEMBERSHIP}#Manager"));
        assert_eq!(changed.without("Manager").text(), "participant Mentor");
        assert_eq!(changed.without("Learner"), changed);
    }

    #[test]
    fn what_no_launch_could_name_is_no_rule() {
        let none = RoleRules::default();
        for role in ["", "  ", "Instuctor", "Learner Instructor", "a\nb", "x:y\u{0}", &"x:".repeat(200)] {
            assert_eq!(none.with(role, Moderator), Err(RuleError::NoRole), "{role:?}");
        }
        let test_user = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser";
        assert_eq!(none.with(test_user, Moderator), Err(RuleError::TestUser));
        let many = (0..50).fold(none, |rules, n| rules.with(&format!("x:{n}"), Moderator).unwrap());
        assert_eq!(many.with("x:50", Moderator), Err(RuleError::TooMany));
        assert!(many.with("x:49", Participant).is_ok());
    }

    proptest::proptest! {
        /// What is stored is read again as it was.
        #[test]
        fn rules_come_back_as_they_were(made in proptest::collection::vec(("[a-z]{1,5}:[!-~]{0,20}", 0..4_usize), 0..9)) {
            let kept = made.iter().fold(RoleRules::default(), |rules, (role, becomes)| {
                rules.with(role, Becomes::ALL[*becomes]).unwrap_or(rules)
            });
            proptest::prop_assert_eq!(RoleRules::parse(&kept.text()), Some(kept));
        }
    }

    #[test]
    fn what_is_no_rule_is_not_read() {
        assert_eq!(RoleRules::parse(""), Some(RoleRules::default()));
        for stored in ["moderator", "owner Instructor", "\n", "moderator Manager\n\n"] {
            assert_eq!(RoleRules::parse(stored), None, "{stored:?}");
        }
    }
}
