//! Every platform of no family that is known here, and those that are set up in their own way: what the specifications say.

use super::endpoints::{EndpointField, EndpointInput, Endpoints, Unusable};
use super::family::Family;
use super::form::{Entry, ToolValues};

/// Is asked for every variable: one that it does not know comes back as it was sent.
pub static FAMILY: Family = Family {
    word: "other",
    name: "…",
    code: None,
    codes: &[],
    addresses: &[],
    asks: &[
        EndpointField::Issuer,
        EndpointField::ClientId,
        EndpointField::AuthUrl,
        EndpointField::TokenUrl,
        EndpointField::JwksUrl,
        EndpointField::Audience,
    ],
    derive_endpoints: endpoints,
    form,
    has_invitation_guide: true,
    variables: &[],
    cloud: None,
    frame_shares_screen: false,
    keeps_link_ids: false,
    extension: None,
    answers: &[],
};

/// Returns the endpoints as they were entered, with the audience where one was.
fn endpoints(input: &EndpointInput<'_>) -> Result<Endpoints, Unusable> {
    let audience = input.audience.trim();
    let token_audience = (!audience.is_empty()).then(|| audience.to_owned());
    Ok(Endpoints { token_audience, ..input.all()? })
}

fn form(tool: &ToolValues<'_>) -> Vec<Entry> {
    vec![
        Entry::new("Initiate login URL", tool.login()),
        Entry::new("Redirect URI", tool.launch()),
        Entry::new("Target link URI", tool.launch()),
        Entry::new("Public keyset URL", tool.keys()),
        Entry::new("Custom parameters", tool.custom_lines()),
    ]
}
