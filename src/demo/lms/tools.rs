//! The tools that the LMS knows: those it was provisioned with, and those that registered.

use std::sync::Arc;

use super::school::Activity;
use super::{Lms, lock};

/// A tool, as the LMS knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tool {
    /// The tool's name at the LMS.
    pub client_id: String,
    /// The tool's deployment.
    pub deployment_id: String,
    /// What it is called on pages.
    pub name: String,
    /// Its login initiation URL.
    pub login_url: String,
    /// Where id_tokens may be posted, compared letter by letter.
    pub redirect_uris: Vec<String>,
    /// What activities open unless they say otherwise.
    pub launch_url: String,
    /// What opens to choose classes; `None` where the tool does not do that.
    pub picker_url: Option<String>,
    /// Its key set.
    pub jwks_url: String,
    /// Its origin, for the frame's allow list.
    pub origin: String,
    /// Custom parameters of every launch; values that begin with `$` are variables.
    pub custom: Vec<(String, String)>,
    /// The scopes that it was given; `None` are all that the LMS has.
    pub scopes: Option<Vec<String>>,
    /// The claims about people that it gets; `None` are all.
    pub claims: Option<Vec<String>>,
}

impl Tool {
    /// This product at `origin`, provisioned under those names, with every right.
    pub fn at(origin: &str, (client_id, deployment_id): (&str, &str)) -> Self {
        let launch_url = format!("{origin}/lti/launch");
        Self {
            client_id: client_id.to_owned(),
            deployment_id: deployment_id.to_owned(),
            name: "Jitsi class".to_owned(),
            login_url: format!("{origin}/lti/login"),
            redirect_uris: vec![launch_url.clone()],
            picker_url: Some(launch_url.clone()),
            launch_url,
            jwks_url: format!("{origin}/lti/jwks"),
            origin: origin.to_owned(),
            custom: Vec::new(),
            scopes: None,
            claims: None,
        }
    }

    /// Whether the LMS lets it have the scope.
    pub(super) fn may(&self, scope: &str) -> bool {
        self.scopes.as_ref().is_none_or(|scopes| scopes.iter().any(|one| one == scope))
    }

    /// Whether the LMS tells it that about people.
    pub(super) fn learns(&self, claim: &str) -> bool {
        self.claims.as_ref().is_none_or(|claims| claims.iter().any(|one| one == claim))
    }
}

impl Lms {
    /// All tools that the LMS knows at present, the oldest first.
    pub fn tools(&self) -> Vec<Tool> {
        lock(&self.0.tools).iter().map(|tool| Tool::clone(tool)).collect()
    }

    /// The tool that an activity opens.
    pub fn tool_of(&self, activity: &Activity) -> Option<Tool> {
        self.tool_or_first(activity.tool.as_deref()).map(|tool| Tool::clone(&tool))
    }

    pub(super) fn tool(&self, client_id: &str) -> Option<Arc<Tool>> {
        lock(&self.0.tools).iter().find(|tool| tool.client_id == client_id).cloned()
    }

    /// The tool of that name; without a name, the first one.
    pub(super) fn tool_or_first(&self, client_id: Option<&str>) -> Option<Arc<Tool>> {
        match client_id {
            Some(client_id) => self.tool(client_id),
            None => lock(&self.0.tools).first().cloned(),
        }
    }

    /// Whether something of the LMS is the tool's; what names no tool is the first one's.
    pub(super) fn is_of(&self, tool: &Tool, named: Option<&str>) -> bool {
        self.tool_or_first(named).is_some_and(|owner| owner.client_id == tool.client_id)
    }
}
