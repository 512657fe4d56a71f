//! What administrators who register the tool by hand enter in their platform's form.

use std::collections::BTreeMap;

use url::Url;

use crate::config::ToolDescription;

/// A field of a platform's form, and what goes into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The field's name, as the platform writes it.
    pub field: &'static str,
    /// What goes into it.
    pub value: String,
}

impl Entry {
    /// Makes an entry of a form.
    pub(super) fn new(field: &'static str, value: impl Into<String>) -> Self {
        Self { field, value: value.into() }
    }
}

/// The tool's own values, of which forms are filled.
pub struct ToolValues<'a> {
    /// How the tool describes itself.
    pub tool: &'a ToolDescription,
    /// Where it lives.
    pub base_url: &'a Url,
    /// The custom parameters that the family is asked to fill in, by name.
    pub custom: BTreeMap<String, String>,
}

impl ToolValues<'_> {
    /// Returns the tool's title.
    pub fn title(&self) -> String {
        self.tool.title.clone()
    }

    /// Returns the address of one of the tool's pages.
    pub fn at(&self, path: &str) -> String {
        self.base_url.join(path).map(String::from).unwrap_or_default()
    }

    /// Returns the address where logins begin.
    pub fn login(&self) -> String {
        self.at("lti/login")
    }

    /// Returns the address of every message.
    pub fn launch(&self) -> String {
        self.at("lti/launch")
    }

    /// Returns the address of the tool's public keys.
    pub fn keys(&self) -> String {
        self.at("lti/jwks")
    }

    /// Returns the tool's address without a slash at its end.
    pub(super) fn origin(&self) -> String {
        self.base_url.as_str().trim_end_matches('/').to_owned()
    }

    /// Returns the tool's host, with its port where that is not the usual one: as Moodle compares it with the target's.
    pub fn domain(&self) -> String {
        let port = self.base_url.port().map(|port| format!(":{port}")).unwrap_or_default();
        format!("{}{port}", self.host())
    }

    /// Returns the tool's host name.
    pub(super) fn host(&self) -> &str {
        self.base_url.host_str().unwrap_or_default()
    }

    /// Returns the custom parameters, one on a line.
    pub(super) fn custom_lines(&self) -> String {
        let lines: Vec<String> = self.custom.iter().map(|(name, value)| format!("{name}={value}")).collect();
        lines.join("\n")
    }
}
