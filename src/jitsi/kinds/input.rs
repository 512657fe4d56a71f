//! What an operator enters about a server, and what is wrong with it.

use std::fmt;

use url::Url;

use crate::config::is_loopback;

/// What was entered about a server of some kind; empty where nothing was.
#[derive(Clone, Copy, Debug, Default)]
pub struct KindInput<'a> {
    /// Host name or address.
    pub domain: &'a str,
    /// Self-hosted: `iss` of tokens. JaaS: the AppID.
    pub app_id: &'a str,
    /// Self-hosted: an accepted audience.
    pub audience: &'a str,
    /// Self-hosted: `sub` of tokens; the host name unless given.
    pub subject: &'a str,
    /// Self-hosted: whether the server fetches our public key, instead of sharing a secret.
    pub public_key: bool,
    /// JaaS: the API key's id.
    pub key_id: &'a str,
}

/// A value that a server needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerField {
    /// Its name.
    Name,
    /// Its address.
    Domain,
    /// Its app id.
    AppId,
    /// The id of the API key.
    KeyId,
    /// The shared secret.
    Secret,
    /// The API key.
    Key,
}

impl ServerField {
    /// Returns its word in forms and texts.
    pub fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Domain => "domain",
            Self::AppId => "app-id",
            Self::KeyId => "key-id",
            Self::Secret => "secret",
            Self::Key => "key",
        }
    }
}

impl fmt::Display for ServerField {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word())
    }
}

/// Why what was entered makes no server.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServerInputError {
    /// A value is missing.
    #[error("a server of this kind needs {0}")]
    Missing(ServerField),
    /// No kind has this name.
    #[error("{0} is no kind of server")]
    Kind(String),
    /// Not a host name or address.
    #[error("{0} is not a host name; write meet.example.org, or http://localhost:PORT for this machine")]
    Address(String),
    /// Plain http elsewhere than on this machine.
    #[error("{0} must use https: browsers give no camera to pages without it")]
    NotHttps(Url),
    /// Not a JaaS AppID.
    #[error("a JaaS AppID begins with vpaas-magic-cookie-; it stands in the JaaS console under API keys")]
    AppId,
    /// Not a JaaS key id.
    #[error(
        "a JaaS key id is the AppID, a slash and six more characters; it stands in the console beside the key"
    )]
    KeyId,
    /// A secret is given for a server that fetches our public key.
    #[error("a server checks either a shared secret or our public key; keep one of the two")]
    TwoWays,
}

/// Returns what was entered, without spaces around it.
///
/// Errors: nothing was entered.
pub fn needed(text: &str, field: ServerField) -> Result<String, ServerInputError> {
    let text = text.trim();
    if text.is_empty() { Err(ServerInputError::Missing(field)) } else { Ok(text.to_owned()) }
}

/// Returns the origin that `text` means: a bare domain, a domain with a port, or a URL.
///
/// Errors: [`ServerInputError::NotHttps`] for plain http off this machine.
pub fn parse_origin(text: &str) -> Result<Url, ServerInputError> {
    let with_scheme = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let url =
        Url::parse(&with_scheme).map_err(|_: url::ParseError| ServerInputError::Address(text.to_owned()))?;
    let bare =
        url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    if !bare || !url.has_host() {
        return Err(ServerInputError::Address(text.to_owned()));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        _ => Err(ServerInputError::NotHttps(url)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_https_or_on_this_machine() {
        for text in [
            "meet.example.org",
            "meet.example.org:8443",
            "https://meet.example.org",
            "http://127.0.0.1:8082",
            "http://localhost:1",
        ] {
            assert!(parse_origin(text).is_ok(), "{text}");
        }
        for text in
            ["http://meet.example.org", "https://meet.example.org/path", "not a host", "", "http://10.0.0.1"]
        {
            assert!(parse_origin(text).is_err(), "{text}");
        }
    }
}
