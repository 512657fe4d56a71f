//! Open edX.

use super::endpoints::EndpointField;
use super::family::Family;
use super::form::{Entry, ToolValues};
use crate::lti::services::outcome::{AnswerRule, ScoreOutcome};

/// Quirk: calls itself nothing in launches; a score as old as the last one answers 400, a bad access token 403. Takes no
/// custom parameters in its form, and fills in no variables. A re-run of a course keeps its identifiers.
pub(super) static FAMILY: Family = Family {
    word: "open-edx",
    name: "Open edX",
    code: Some("openedx"),
    codes: &["openedx", "open edx", "edx"],
    addresses: &["/lti_consumer/"],
    asks: &[
        EndpointField::Issuer,
        EndpointField::ClientId,
        EndpointField::AuthUrl,
        EndpointField::TokenUrl,
        EndpointField::JwksUrl,
    ],
    derive_endpoints: |input| input.all(),
    form,
    has_invitation_guide: false,
    variables: &[],
    cloud: None,
    frame_shares_screen: false,
    keeps_link_ids: true,
    extension: None,
    answers: &[
        AnswerRule::new(400, "", ScoreOutcome::Older),
        AnswerRule::new(403, "credentials", ScoreOutcome::TokenRefused),
        AnswerRule::new(403, "token", ScoreOutcome::TokenRefused),
    ],
};

fn form(tool: &ToolValues<'_>) -> Vec<Entry> {
    vec![
        Entry::new("Display Name", tool.title()),
        Entry::new("Tool Launch URL", tool.launch()),
        Entry::new("Registered Redirect URIs", format!("[\"{}\"]", tool.launch())),
        Entry::new("Tool Initiate Login URL", tool.login()),
        Entry::new("Tool Keyset URL", tool.keys()),
        Entry::new("Deep Linking Launch URL", tool.launch()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_mean_what_open_edx_means_by_them() {
        for (status, body, expected) in [
            (201, "", ScoreOutcome::Accepted),
            (400, "", ScoreOutcome::Older),
            (
                403,
                "{\"detail\":\"Authentication credentials were not provided.\"}",
                ScoreOutcome::TokenRefused,
            ),
            (403, "", ScoreOutcome::NotAllowed),
        ] {
            assert_eq!(ScoreOutcome::of_body(status, body, FAMILY.answers), expected, "{status} {body}");
        }
    }
}
