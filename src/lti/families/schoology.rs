//! Schoology Learning.

use super::endpoints::{EndpointField, EndpointInput, Endpoints, Unusable, address};
use super::family::{Cloud, Family};
use super::form::{Entry, ToolValues};

/// Quirk: one issuer and one service for all customers; its deployments are the courses.
pub(super) static FAMILY: Family = Family {
    word: "schoology",
    name: "Schoology",
    code: Some("schoology"),
    codes: &["schoology"],
    addresses: &[".schoology.com/"],
    asks: &[EndpointField::ClientId],
    derive_endpoints: endpoints,
    form,
    has_invitation_guide: false,
    variables: &[],
    cloud: Some(Cloud {
        issuers: &["https://schoology.schoology.com"],
        endpoint_hosts: &["*.schoology.com"],
        auth_hosts: &["*.schoology.com"],
        frames: &["https://*.schoology.com"],
    }),
    frame_shares_screen: false,
    keeps_link_ids: false,
    extension: None,
    answers: &[],
};

/// Returns the endpoints, which are the same for everyone.
fn endpoints(_: &EndpointInput<'_>) -> Result<Endpoints, Unusable> {
    let at = |path: &str| {
        address(&format!("https://lti-service.svc.schoology.com/lti-service/{path}"), EndpointField::ClientId)
    };
    Ok(Endpoints {
        issuer: "https://schoology.schoology.com".to_owned(),
        auth_url: at("authorize-redirect")?,
        token_url: at("access-token")?,
        jwks_url: at(".well-known/jwks")?,
        token_audience: None,
    })
}

fn form(tool: &ToolValues<'_>) -> Vec<Entry> {
    vec![
        Entry::new("Name", tool.title()),
        Entry::new("Domain/URL", tool.launch()),
        Entry::new("OIDC Login Init URL", tool.login()),
        Entry::new("Redirect URLs", tool.launch()),
        Entry::new("JWKS URL", tool.keys()),
        Entry::new("Custom Parameters", tool.custom_lines()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_endpoints_are_those_of_one_service() {
        let found = FAMILY.endpoints(&EndpointInput { client_id: "x", ..EndpointInput::default() }).unwrap();
        let service = "https://lti-service.svc.schoology.com/lti-service";
        assert_eq!(found.issuer, "https://schoology.schoology.com");
        assert_eq!(found.auth_url.as_str(), format!("{service}/authorize-redirect"));
        assert_eq!(found.token_url.as_str(), format!("{service}/access-token"));
        assert_eq!(found.jwks_url.as_str(), format!("{service}/.well-known/jwks"));
        assert_eq!(found.token_audience, None);
    }
}
