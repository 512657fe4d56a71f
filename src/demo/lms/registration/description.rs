//! The OpenID configuration for tools that register.

use serde_json::{Value, json};

use super::{CLAIMS, MESSAGES, PLATFORM};
use crate::demo::lms::Lms;
use crate::demo::lms::behaviour::{DescriptionFlaw, Switches};
use crate::demo::lms::claims::offered_scopes;

/// The variables that the LMS fills in, in one dialect or another.
const VARIABLES: [&str; 9] = [
    "User.id",
    "Context.title",
    "Context.id.history",
    "ResourceLink.title",
    "ResourceLink.id.history",
    "Person.address.timezone",
    "Moodle.Person.userGroupIds",
    "Canvas.group.contextIds",
    "CourseGroup.id",
];

impl Lms {
    /// Returns the configuration, spoiled as [`super::super::Registering::flaw`] says.
    ///
    /// Spec: LTI Dynamic Registration 1.0 §3.4.
    pub(super) fn configuration(&self, switches: &Switches) -> Value {
        let issuer = &self.0.settings.issuer;
        let messages = MESSAGES.map(|(kind, placements)| match placements {
            [] => json!({"type": kind}),
            _ => json!({"type": kind, "placements": placements}),
        });
        let known = |name: &&&str| match **name {
            "Context.id.history" => switches.context_history,
            "ResourceLink.id.history" => switches.link_history,
            _ => true,
        };
        let variables: Vec<_> = VARIABLES.iter().filter(known).collect();
        let mut description = json!({
            "issuer": issuer,
            "authorization_endpoint": self.auth_url(),
            "token_endpoint": self.token_url(),
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
            "jwks_uri": self.jwks_url(),
            "registration_endpoint": self.registration_url(),
            "scopes_supported": known_scopes(switches),
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public", "pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "claims_supported": CLAIMS,
            PLATFORM: {
                "product_family_code": switches.family, "version": env!("CARGO_PKG_VERSION"),
                "messages_supported": messages, "variables": variables,
            },
        });
        if let Some(audience) = &switches.token_audience {
            description["authorization_server"] = json!(audience);
        }
        match switches.registering.flaw {
            Some(DescriptionFlaw::Elsewhere(name)) => {
                description[name] = json!(format!("https://elsewhere.example/{name}"));
            }
            Some(DescriptionFlaw::WrongIssuer) => {
                description["issuer"] = json!("https://another-lms.example")
            }
            Some(DescriptionFlaw::Redirects) | None => {}
        }
        description
    }
}

/// Returns the scopes that a tool may ask for.
pub(super) fn known_scopes(switches: &Switches) -> Vec<&'static str> {
    offered_scopes(switches).into_iter().chain(["openid"]).collect()
}
