//! Blackboard Learn.

use super::endpoints::{EndpointField, EndpointInput, Endpoints, Unusable, address, needed};
use super::family::{Cloud, Family};
use super::form::{Entry, ToolValues};

/// The developer portal, under its two names.
const PORTALS: [&str; 2] = ["developer.blackboard.com", "developer.anthology.com"];

/// Quirk: one issuer for all customers, whose gradebooks are on hosts of their own.
pub(super) static FAMILY: Family = Family {
    word: "blackboard",
    name: "Blackboard",
    code: Some("BlackboardLearn"),
    codes: &["blackboard"],
    addresses: &[".blackboard.com/", ".anthology.com/", "/learn/api/"],
    asks: &[EndpointField::ClientId],
    derive_endpoints: endpoints,
    form,
    has_invitation_guide: true,
    variables: &["$ResourceLink.id.history", "$CourseGroup.id"],
    cloud: Some(Cloud {
        issuers: &["https://blackboard.com"],
        endpoint_hosts: &PORTALS,
        auth_hosts: &PORTALS,
        frames: &["https://*.blackboard.com"],
    }),
    frame_shares_screen: true,
    keeps_link_ids: false,
    extension: None,
    answers: &[],
};

/// Returns the endpoints, which differ in our client id alone.
fn endpoints(input: &EndpointInput<'_>) -> Result<Endpoints, Unusable> {
    let client_id = needed(input.client_id, EndpointField::ClientId)?;
    let at = |path: &str| {
        address(&format!("https://developer.blackboard.com/api/v1/{path}"), EndpointField::ClientId)
    };
    let mut jwks_url = at("management/applications")?;
    jwks_url
        .path_segments_mut()
        .map_err(|()| Unusable(EndpointField::ClientId))?
        .extend([client_id, "jwks.json"]);
    Ok(Endpoints {
        issuer: "https://blackboard.com".to_owned(),
        auth_url: at("gateway/oidcauth")?,
        token_url: at("gateway/oauth2/jwttoken")?,
        jwks_url,
        token_audience: None,
    })
}

fn form(tool: &ToolValues<'_>) -> Vec<Entry> {
    vec![
        Entry::new("Application Name", tool.title()),
        Entry::new("Domain(s)", tool.host()),
        Entry::new("Login Initiation URL", tool.login()),
        Entry::new("Tool Redirect URL(s)", tool.launch()),
        Entry::new("Tool JWKS URL", tool.keys()),
        Entry::new("Custom parameters", tool.custom_lines()),
        Entry::new("Target Link URI", tool.launch()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_id_is_one_part_of_the_keys_address() {
        let input = EndpointInput { client_id: "a/../b", ..EndpointInput::default() };
        let found = FAMILY.endpoints(&input).unwrap();
        assert_eq!(found.issuer, "https://blackboard.com");
        assert_eq!(found.auth_url.as_str(), "https://developer.blackboard.com/api/v1/gateway/oidcauth");
        assert_eq!(
            found.token_url.as_str(),
            "https://developer.blackboard.com/api/v1/gateway/oauth2/jwttoken"
        );
        assert_eq!(
            found.jwks_url.as_str(),
            "https://developer.blackboard.com/api/v1/management/applications/a%2F..%2Fb/jwks.json"
        );
        assert_eq!(found.token_audience, None);
    }
}
