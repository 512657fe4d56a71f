//! A proposal, as the platform's page shows it.

use serde::Serialize;

use super::store::Proposal;
use crate::admin::platforms::Values;
use crate::clock::Timestamp;

/// A proposal on the platform's page: what would change.
#[derive(Serialize)]
pub struct ProposalCard {
    at: Timestamp,
    moment: String,
    lines: Vec<ChangeLine>,
}

#[derive(Serialize)]
struct ChangeLine {
    name: &'static str,
    stored: String,
    received: String,
}

impl ProposalCard {
    /// The card, over the values that are stored; `None` where they are the same by now.
    pub fn new(proposal: &Proposal, stored: &Values) -> Option<Self> {
        let pairs = [
            ("auth_url", &stored.auth_url, &proposal.values.auth_url),
            ("token_url", &stored.token_url, &proposal.values.token_url),
            ("jwks_url", &stored.jwks_url, &proposal.values.jwks_url),
        ];
        let mut lines: Vec<ChangeLine> = pairs
            .into_iter()
            .filter(|(_, stored, received)| stored != received)
            .map(|(name, stored, received)| ChangeLine {
                name,
                stored: stored.clone(),
                received: received.clone(),
            })
            .collect();
        if stored.token_audience != proposal.values.token_audience {
            let text = |audience: &Option<String>| audience.clone().unwrap_or_default();
            let (stored, received) = (text(&stored.token_audience), text(&proposal.values.token_audience));
            lines.push(ChangeLine { name: "token_audience", stored, received });
        }
        let moment = proposal.at.iso();
        (!lines.is_empty()).then_some(Self { at: proposal.at, moment, lines })
    }
}
