//! D2L Brightspace.

use super::endpoints::{EndpointField, EndpointInput, Endpoints, Unusable, address};
use super::family::{Cloud, Family};
use super::form::{Entry, ToolValues};
use crate::lti::services::outcome::{AnswerRule, ScoreOutcome};

/// Quirk: access tokens come from one service for all customers, which wants an audience that is not its address. A score
/// for somebody whose role there is not graded answers 422. Dynamic registration sends no registration token.
pub(super) static FAMILY: Family = Family {
    word: "brightspace",
    name: "Brightspace",
    code: Some("desire2learn"),
    codes: &["desire2learn", "d2l", "brightspace"],
    addresses: &["/d2l/", ".brightspace.com/"],
    asks: &[EndpointField::Site, EndpointField::ClientId],
    derive_endpoints: endpoints,
    form,
    has_invitation_guide: true,
    variables: &["$ResourceLink.id.history"],
    cloud: Some(Cloud {
        issuers: &[],
        endpoint_hosts: &["auth.brightspace.com"],
        auth_hosts: &["*.brightspace.com"],
        frames: &["https://*.brightspace.com"],
    }),
    frame_shares_screen: false,
    keeps_link_ids: false,
    extension: None,
    answers: &[AnswerRule::new(422, "", ScoreOutcome::NoGradableRole)],
};

/// Returns the endpoints, which follow from the site but for the access token URL.
fn endpoints(input: &EndpointInput<'_>) -> Result<Endpoints, Unusable> {
    let site = input.site()?.origin().ascii_serialization();
    let at = |path: &str| address(&format!("{site}/d2l/{path}"), EndpointField::Site);
    Ok(Endpoints {
        auth_url: at("lti/authenticate")?,
        token_url: address("https://auth.brightspace.com/core/connect/token", EndpointField::Site)?,
        jwks_url: at(".well-known/jwks")?,
        token_audience: Some("https://api.brightspace.com/auth/token".to_owned()),
        issuer: site,
    })
}

fn form(tool: &ToolValues<'_>) -> Vec<Entry> {
    vec![
        Entry::new("Name", tool.title()),
        Entry::new("Domain", tool.origin()),
        Entry::new("Redirect URLs", tool.launch()),
        Entry::new("OpenID Connect Login URL", tool.login()),
        Entry::new("Target Link URI", tool.launch()),
        Entry::new("Keyset URL", tool.keys()),
        Entry::new("Substitution Parameters", tool.custom_lines()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entered(site: &str) -> Endpoints {
        let input = EndpointInput { site, client_id: "x", ..EndpointInput::default() };
        FAMILY.endpoints(&input).unwrap()
    }

    #[test]
    fn tokens_come_from_one_service_for_all() {
        let found = entered("uni.brightspace.com");
        assert_eq!(found.issuer, "https://uni.brightspace.com");
        assert_eq!(found.auth_url.as_str(), "https://uni.brightspace.com/d2l/lti/authenticate");
        assert_eq!(found.token_url.as_str(), "https://auth.brightspace.com/core/connect/token");
        assert_eq!(found.jwks_url.as_str(), "https://uni.brightspace.com/d2l/.well-known/jwks");
        assert_eq!(found.token_audience.as_deref(), Some("https://api.brightspace.com/auth/token"));
    }

    #[test]
    fn the_page_that_was_open_is_no_part_of_the_site() {
        for pasted in ["uni.brightspace.com/d2l/home", "https://uni.brightspace.com/d2l/lp/x.d2l?ou=1"] {
            assert_eq!(entered(pasted).issuer, "https://uni.brightspace.com");
        }
    }

    #[test]
    fn answers_mean_what_brightspace_means_by_them() {
        for (status, expected) in
            [(400, ScoreOutcome::Rejected), (409, ScoreOutcome::Older), (422, ScoreOutcome::NoGradableRole)]
        {
            assert_eq!(ScoreOutcome::of_body(status, "", FAMILY.answers), expected, "{status}");
        }
    }
}
