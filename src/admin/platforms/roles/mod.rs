//! `/admin/platforms/{platform}/roles`: what somebody with a role is, where it is not the usual.

pub mod web;

use serde::Serialize;

use crate::lti::launch::role_rules::{Becomes, RoleRules};

/// Roles that platforms send often: to choose from instead of typing them.
const KNOWN: [&str; 9] = [
    "http://purl.imsglobal.org/vocab/lis/v2/membership/Instructor#TeachingAssistant",
    "http://purl.imsglobal.org/vocab/lis/v2/membership/Instructor#Grader",
    "http://purl.imsglobal.org/vocab/lis/v2/membership#ContentDeveloper",
    "http://purl.imsglobal.org/vocab/lis/v2/membership#Manager",
    "http://purl.imsglobal.org/vocab/lis/v2/membership#Mentor",
    "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator",
    "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Faculty",
    "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Staff",
    "http://purl.imsglobal.org/vocab/lis/v2/system/person#Administrator",
];

/// The rules on the platform's page, and the form for another one.
#[derive(Serialize)]
pub struct RulesCard {
    #[serde(skip)]
    stored: RoleRules,
    lines: Vec<RuleLine>,
    known: [&'static str; 9],
    choices: [&'static str; 4],
    input: String,
    chosen: &'static str,
    problem: Option<&'static str>,
}

#[derive(Serialize)]
struct RuleLine {
    role: String,
    becomes: &'static str,
}

impl RulesCard {
    /// The card of a platform with these rules.
    pub fn new(stored: RoleRules) -> Self {
        Self {
            lines: stored
                .iter()
                .map(|rule| RuleLine { role: rule.role.clone(), becomes: rule.becomes.word() })
                .collect(),
            stored,
            known: KNOWN,
            choices: Becomes::ALL.map(Becomes::word),
            input: String::new(),
            chosen: Becomes::Participant.word(),
            problem: None,
        }
    }

    /// The rules as they are stored.
    pub fn stored(&self) -> &RoleRules {
        &self.stored
    }
}
