//! Sakai.

use super::endpoints::EndpointField;
use super::family::Family;
use super::form::{Entry, ToolValues};

/// Sakai's scores and frames go by the specification.
pub(super) static FAMILY: Family = Family {
    word: "sakai",
    name: "Sakai",
    code: Some("sakai"),
    codes: &["sakai"],
    addresses: &["/imsoidc/"],
    asks: &[
        EndpointField::Issuer,
        EndpointField::ClientId,
        EndpointField::AuthUrl,
        EndpointField::TokenUrl,
        EndpointField::JwksUrl,
    ],
    derive_endpoints: |input| input.all(),
    form,
    has_invitation_guide: true,
    variables: &["$ResourceLink.id.history", "$CourseGroup.id"],
    cloud: None,
    frame_shares_screen: false,
    keeps_link_ids: false,
    extension: None,
    answers: &[],
};

fn form(tool: &ToolValues<'_>) -> Vec<Entry> {
    vec![
        Entry::new("Tool Title", tool.title()),
        Entry::new("Launch URL", tool.launch()),
        Entry::new("Custom Parameters", tool.custom_lines()),
        Entry::new("LTI 1.3 Tool Keyset URL", tool.keys()),
        Entry::new("LTI 1.3 Tool OpenID Connect/Initialization Endpoint", tool.login()),
        Entry::new("LTI 1.3 Tool Redirect Endpoint(s)", tool.launch()),
    ]
}
