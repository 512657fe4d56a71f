//! What is different about a family of platforms.

use std::fmt;

use serde_json::Value;

use super::endpoints::{EndpointField, EndpointInput, Endpoints, Unusable, needed};
use super::form::{Entry, ToolValues};
use crate::lti::services::outcome::{AnswerRule, ScoreOutcome};
use crate::outbound::Response;

/// A family of platforms, with everything that is different about it.
pub struct Family {
    /// Its word in addresses, in the keys of texts and in names of documents.
    pub word: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What it calls itself in launches, as far as it does (`product_family_code`).
    pub code: Option<&'static str>,
    /// Beginnings of what it and its kin call themselves, in lower case.
    pub(super) codes: &'static [&'static str],
    /// Parts of the addresses where its platforms authenticate people and serve tools, in lower case: for those that do not
    /// call themselves anything.
    pub(super) addresses: &'static [&'static str],
    /// What an administrator who registers it by hand has to enter here.
    pub asks: &'static [EndpointField],
    /// Makes the endpoints of what was entered.
    pub(super) derive_endpoints: fn(&EndpointInput<'_>) -> Result<Endpoints, Unusable>,
    /// Fills in its form, in the order of its fields.
    pub(super) form: fn(&ToolValues<'_>) -> Vec<Entry>,
    /// Whether the page of an invitation says what to do with it there.
    pub has_invitation_guide: bool,
    /// Substitution variables that it fills in, of those that only some families know. One that no family lists here is
    /// asked of every platform.
    pub(super) variables: &'static [&'static str],
    /// Hosts beside those of the issuer, where there are any.
    pub(super) cloud: Option<Cloud>,
    /// Whether its frames let a page share the screen.
    pub frame_shares_screen: bool,
    /// Whether the activities of a copied course keep their resource link ids.
    pub keeps_link_ids: bool,
    /// What it adds to every score.
    pub extension: Option<ScoreExtension>,
    /// What its answers to scores mean, where they do not mean what is common; the first that fits counts.
    pub(super) answers: &'static [AnswerRule],
}

/// The hosts of a cloud, which its issuer does not name; `*.` stands for any name below.
pub(super) struct Cloud {
    /// The issuers that customers share; empty where each customer's own host is the issuer.
    pub issuers: &'static [&'static str],
    /// Hosts of endpoints and of registration pages.
    pub endpoint_hosts: &'static [&'static str],
    /// Hosts that authenticate people for courses which `frames` show.
    pub auth_hosts: &'static [&'static str],
    /// Where courses are shown, as sources of a policy.
    pub frames: &'static [&'static str],
}

/// A member of a score that only one family knows.
#[derive(Clone, Copy)]
pub struct ScoreExtension {
    /// Its name.
    pub name: &'static str,
    /// Makes its value.
    pub value: fn() -> Value,
}

impl Family {
    /// Returns the endpoints that follow from what an administrator entered.
    ///
    /// Errors: a value is missing or no address.
    pub fn endpoints(&self, input: &EndpointInput<'_>) -> Result<Endpoints, Unusable> {
        needed(input.client_id, EndpointField::ClientId)?;
        (self.derive_endpoints)(input)
    }

    /// Returns what an answer means there: see [`ScoreOutcome::of`].
    pub fn outcome(&self, answer: &Response) -> ScoreOutcome {
        ScoreOutcome::of(answer, self.answers)
    }

    /// Whether one of its platforms calls itself so.
    pub(super) fn is_called(&self, code: &str) -> bool {
        self.codes.iter().any(|beginning| code.starts_with(beginning))
    }

    /// Whether one of its platforms has such an address.
    pub(super) fn is_at(&self, address: &str) -> bool {
        self.addresses.iter().any(|part| address.contains(part))
    }
}

impl Cloud {
    /// Whether a platform with this issuer may have an endpoint at `host`.
    pub(super) fn serves(&self, issuer: &str, host: &str) -> bool {
        let is_its_own = self.issuers.is_empty() || self.issuers.contains(&issuer);
        is_its_own && self.endpoint_hosts.iter().any(|pattern| fits(pattern, host))
    }

    /// Whether people of its courses are authenticated at `host`.
    pub(super) fn authenticates_at(&self, host: &str) -> bool {
        self.auth_hosts.iter().any(|pattern| fits(pattern, host))
    }
}

fn fits(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix("*.") {
        Some(parent) => host.strip_suffix(parent).is_some_and(|rest| rest.ends_with('.')),
        None => host == pattern,
    }
}

impl PartialEq for Family {
    fn eq(&self, other: &Self) -> bool {
        self.word == other.word
    }
}

impl Eq for Family {}

impl fmt::Debug for Family {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word)
    }
}
