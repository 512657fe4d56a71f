//! `lti-config.json`: how the tool presents itself, and platforms to provision at start.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use url::Url;

use super::{ConfigError, typed_text};

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
    #[arg(long, value_parser = typed_text::identifier)]
    #[serde(deserialize_with = "typed_text::identifier_of_file")]
    pub issuer: String,
    /// The client id that the platform gave this tool
    #[arg(long, value_parser = typed_text::identifier)]
    #[serde(deserialize_with = "typed_text::identifier_of_file")]
    pub client_id: String,
    /// The platform's authentication request URL
    #[arg(long, value_parser = typed_text::address)]
    #[serde(deserialize_with = "typed_text::address_of_file")]
    pub auth_url: Url,
    /// The platform's access token URL
    #[arg(long, value_parser = typed_text::address)]
    #[serde(deserialize_with = "typed_text::address_of_file")]
    pub token_url: Url,
    /// The platform's public keyset URL
    #[arg(long, value_parser = typed_text::address)]
    #[serde(deserialize_with = "typed_text::address_of_file")]
    pub jwks_url: Url,
    /// Audience of token requests, where it is not the access token URL (Brightspace)
    #[arg(long, value_parser = typed_text::identifier)]
    #[serde(default, deserialize_with = "typed_text::optional_identifier_of_file")]
    pub token_audience: Option<String>,
    /// Deployment ids that may launch; may be given several times
    #[arg(long = "deployment", value_name = "ID", value_parser = typed_text::identifier)]
    #[serde(default, deserialize_with = "typed_text::identifiers_of_file")]
    pub deployments: Vec<String>,
    /// A name for lists and logs
    #[arg(long, value_parser = typed_text::name)]
    #[serde(default, deserialize_with = "typed_text::optional_name_of_file")]
    pub name: Option<String>,
    /// Allow the platform's URLs to lead to private addresses (a campus network, this machine)
    #[arg(long)]
    #[serde(default)]
    pub allow_private_network: bool,
    /// Let the platform launch people without saying who they are: they look on, and are neither counted nor graded
    #[arg(long)]
    #[serde(default)]
    pub allow_anonymous: bool,
    /// Replace the addresses of a platform that is registered with the same issuer and client id
    #[arg(long)]
    #[serde(default)]
    pub replace: bool,
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
        let unusable = |reason: String| ConfigError::ToolDescription { origin: origin.to_owned(), reason };
        let described: Self = serde_json::from_str(text).map_err(|error| unusable(error.to_string()))?;
        match twice(&described.platforms) {
            Some((one, other)) => Err(unusable(format!(
                "“{}” and “{}” have the same issuer {} and client id {}: keep one, or give one of them another client id",
                one.shown_name(),
                other.shown_name(),
                one.issuer,
                one.client_id
            ))),
            None => Ok(described),
        }
    }
}

impl PlatformEntry {
    /// Returns the name that lists show.
    fn shown_name(&self) -> &str {
        self.name.as_deref().unwrap_or(self.auth_url.as_str())
    }
}

/// Two entries for one registration, if there are any.
fn twice(platforms: &[PlatformEntry]) -> Option<(&PlatformEntry, &PlatformEntry)> {
    platforms.iter().enumerate().find_map(|(at, one)| {
        let is_same =
            |other: &&PlatformEntry| (&one.issuer, &one.client_id) == (&other.issuer, &other.client_id);
        platforms[at + 1..].iter().find(is_same).map(|other| (one, other))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_description_is_readable() {
        assert_eq!(ToolDescription::parse("test", EMBEDDED).unwrap().platforms.len(), 0);
    }

    /// A file with these platforms.
    fn file(platforms: &[&str]) -> Result<ToolDescription, ConfigError> {
        let text = format!(r#"{{"title":"a","description":"b","platforms":[{}]}}"#, platforms.join(","));
        ToolDescription::parse("x.json", &text)
    }

    fn entry(client_id: &str, name: &str) -> String {
        let at = |path: &str| format!("https://lms.example/{path}");
        serde_json::json!({
            "issuer": "https://canvas.instructure.com", "client_id": client_id, "name": name,
            "auth_url": at("auth"), "token_url": at("token"), "jwks_url": at("keys"),
        })
        .to_string()
    }

    #[test]
    fn two_platforms_with_one_issuer_and_client_id_are_both_named() {
        assert_eq!(file(&[&entry("1", "North"), &entry("2", "South")]).unwrap().platforms.len(), 2);
        let error =
            file(&[&entry("1", "North"), &entry("2", "East"), &entry("1", "South")]).unwrap_err().to_string();
        assert!(error.contains("“North” and “South”") && error.contains("client id 1"), "{error}");
    }

    #[test]
    fn hidden_characters_of_the_file_are_named() {
        let trimmed = file(&[&entry(" 7 ", " North ")]).unwrap();
        assert_eq!(trimmed.platforms[0].client_id, "7");
        assert_eq!(trimmed.platforms[0].name.as_deref(), Some("North"));
        for (client_id, name) in [("1\u{200b}", "North"), ("1", "No\u{202e}rth")] {
            let error = file(&[&entry(client_id, name)]).unwrap_err().to_string();
            assert!(error.contains("which nobody sees"), "{error}");
        }
        let address = entry("1", "North").replace("example/auth", "example/au\u{200b}th");
        assert!(file(&[&address]).unwrap_err().to_string().contains("U+200B"));
    }

    #[test]
    fn an_unknown_key_is_named() {
        let error =
            ToolDescription::parse("x.json", r#"{"title":"a","description":"b","titel":"c"}"#).unwrap_err();
        assert!(error.to_string().contains("titel"), "{error}");
    }
}
