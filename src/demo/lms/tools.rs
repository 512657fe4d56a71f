//! The tools that the LMS knows: those it was provisioned with, and those that registered.

use std::sync::Arc;

use super::directory::LmsActivity;
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
    /// What opens to choose classes; `None` if the tool doesn't support deep linking.
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
    /// Returns this product at `origin`, provisioned with all scopes and claims.
    pub fn at(origin: &str, client_id: &str, deployment_id: &str) -> Self {
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

    /// Returns whether the LMS granted it the scope.
    pub(super) fn has_scope(&self, scope: &str) -> bool {
        self.scopes.as_ref().is_none_or(|scopes| scopes.iter().any(|one| one == scope))
    }

    /// Returns whether it gets that claim about people.
    pub(super) fn gets_claim(&self, claim: &str) -> bool {
        self.claims.as_ref().is_none_or(|claims| claims.iter().any(|one| one == claim))
    }
}

impl Lms {
    /// Returns all tools that the LMS knows, the oldest first.
    pub fn tools(&self) -> Vec<Tool> {
        lock(&self.0.tools).iter().map(|tool| Tool::clone(tool)).collect()
    }

    /// Returns the tool that an activity opens.
    pub fn tool_of(&self, activity: &LmsActivity) -> Option<Tool> {
        self.tool_or_first(activity.tool.as_deref()).map(|tool| Tool::clone(&tool))
    }

    pub(super) fn tool(&self, client_id: &str) -> Option<Arc<Tool>> {
        lock(&self.0.tools).iter().find(|tool| tool.client_id == client_id).cloned()
    }

    /// Returns the tool of that name; without a name, the first one.
    pub(super) fn tool_or_first(&self, client_id: Option<&str>) -> Option<Arc<Tool>> {
        match client_id {
            Some(client_id) => self.tool(client_id),
            None => lock(&self.0.tools).first().cloned(),
        }
    }

    /// Returns whether something of the LMS belongs to the tool; what names no tool belongs to the first one.
    pub(super) fn is_of(&self, tool: &Tool, named: Option<&str>) -> bool {
        self.tool_or_first(named).is_some_and(|owner| owner.client_id == tool.client_id)
    }
}
