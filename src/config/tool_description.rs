//! `lti-config.json`: how the tool presents itself, and platforms to provision at start.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use url::Url;

use super::ConfigError;

const FILE_NAME: &str = "lti-config.json";
const EMBEDDED: &str = include_str!("../../lti-config.json");

/// What `lti-config.json` says.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToolDescription {
    /// The tool's name in an LMS.
    pub title: String,
    /// One sentence for LMS administrators.
    pub description: String,
    /// Custom parameters that platforms are asked to send with every launch, and the variable of each.
    #[serde(default)]
    pub custom_parameters: BTreeMap<String, String>,
    /// The scopes that platforms are asked for.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// What platforms are asked to tell of people.
    #[serde(default)]
    pub claims: Vec<String>,
    /// Where the tool is of use, by message type and in the platforms' words.
    #[serde(default)]
    pub placements: BTreeMap<String, Vec<String>>,
    /// Platforms that exist from the first start on.
    #[serde(default)]
    pub platforms: Vec<PlatformEntry>,
}

/// A platform to provision, in the words of `platform add`.
#[derive(Clone, Debug, Deserialize, clap::Args)]
#[serde(deny_unknown_fields)]
pub struct PlatformEntry {
    /// The platform's issuer, exactly as it writes it (Moodle: Platform ID)
    #[arg(long)]
    pub issuer: String,
    /// The client id that the platform gave this tool
    #[arg(long)]
    pub client_id: String,
    /// The platform's authentication request URL
    #[arg(long)]
    pub auth_url: Url,
    /// The platform's access token URL
    #[arg(long)]
    pub token_url: Url,
    /// The platform's public keyset URL
    #[arg(long)]
    pub jwks_url: Url,
    /// Audience of token requests, where it is not the access token URL (Brightspace)
    #[arg(long)]
    #[serde(default)]
    pub token_audience: Option<String>,
    /// Deployment ids that may launch; may be given several times
    #[arg(long = "deployment", value_name = "ID")]
    #[serde(default)]
    pub deployments: Vec<String>,
    /// A name for lists and logs
    #[arg(long)]
    #[serde(default)]
    pub name: Option<String>,
    /// Allow the platform's URLs to lead to private addresses (a campus network, this machine)
    #[arg(long)]
    #[serde(default)]
    pub allow_private_network: bool,
    /// Let the platform launch people without saying who they are: they look on, and are neither counted nor graded
    #[arg(long)]
    #[serde(default)]
    pub allow_anonymous: bool,
}

impl ToolDescription {
    /// The description in `path`, else in the working directory, else the built-in one.
    pub fn load(path: Option<&Path>) -> Result<Self, ConfigError> {
        let file =
            path.map(Path::to_owned).or_else(|| Some(PathBuf::from(FILE_NAME)).filter(|file| file.is_file()));
        let Some(file) = file else { return Self::parse("the built-in lti-config.json", EMBEDDED) };
        let origin = file.display().to_string();
        match std::fs::read_to_string(&file) {
            Ok(text) => Self::parse(&origin, &text),
            Err(error) => Err(ConfigError::ToolDescription { origin, reason: error.to_string() }),
        }
    }

    fn parse(origin: &str, text: &str) -> Result<Self, ConfigError> {
        serde_json::from_str(text).map_err(|error| ConfigError::ToolDescription {
            origin: origin.to_owned(),
            reason: error.to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_description_is_readable() {
        assert_eq!(ToolDescription::parse("test", EMBEDDED).unwrap().platforms.len(), 0);
    }

    #[test]
    fn an_unknown_key_is_named() {
        let error =
            ToolDescription::parse("x.json", r#"{"title":"a","description":"b","titel":"c"}"#).unwrap_err();
        assert!(error.to_string().contains("titel"), "{error}");
    }
}
