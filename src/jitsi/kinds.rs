//! The kinds of Jitsi server, and what each needs to be entered.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::config::is_loopback;

/// Where 8x8's hosted Jitsi lives.
pub const JAAS_ORIGIN: &str = "https://8x8.vc";

/// How a server is entered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ServerKind {
    /// No token: whoever knows the room's name is in, and the server decides who moderates.
    Public,
    /// A server of one's own with token authentication.
    SelfHosted(TokenRules),
    /// 8x8 Jitsi as a Service.
    Jaas {
        /// The AppID, `vpaas-magic-cookie-…`: tenant and `sub` of every token.
        app_id: String,
        /// The API key's id, `AppID/xxxxxx`.
        kid: String,
    },
}

/// What a self-hosted server checks in a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRules {
    /// `iss`: the server's `app_id`.
    pub app_id: String,
    /// `aud`: one of the server's accepted audiences.
    pub audience: String,
    /// `sub`: the XMPP domain (Debian: the host name; docker: `meet.jitsi`), or `*`.
    pub subject: String,
    /// The algorithm that the server is set up for.
    pub signing: TokenSigning,
}

/// How a self-hosted server verifies tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenSigning {
    /// HS256 with the secret that both sides hold.
    Secret,
    /// RS256: the server fetches our public key by its kid.
    PublicKey,
}

impl ServerKind {
    /// The kind's word in lists and in the database.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::SelfHosted(_) => "self-hosted",
            Self::Jaas { .. } => "jaas",
        }
    }

    /// Whether people enter with a token.
    pub fn takes_tokens(&self) -> bool {
        !matches!(self, Self::Public)
    }
}

/// Why a server's address or identifiers cannot be right.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServerKindError {
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
}

/// The origin that `text` means: a bare domain, a domain with a port, or a URL.
///
/// Errors: [`ServerKindError::NotHttps`] for plain http off this machine.
pub fn parse_origin(text: &str) -> Result<Url, ServerKindError> {
    let with_scheme = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let url =
        Url::parse(&with_scheme).map_err(|_: url::ParseError| ServerKindError::Address(text.to_owned()))?;
    let bare =
        url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    if !bare || !url.has_host() {
        return Err(ServerKindError::Address(text.to_owned()));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        _ => Err(ServerKindError::NotHttps(url)),
    }
}

/// The JaaS kind for an AppID and a key id, checked for their shapes.
pub fn jaas(app_id: &str, kid: &str) -> Result<ServerKind, ServerKindError> {
    if !app_id.starts_with("vpaas-magic-cookie-") {
        return Err(ServerKindError::AppId);
    }
    match kid.split_once('/') {
        Some((tenant, key)) if tenant == app_id && !key.is_empty() => {
            Ok(ServerKind::Jaas { app_id: app_id.to_owned(), kid: kid.to_owned() })
        }
        _ => Err(ServerKindError::KeyId),
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

    #[test]
    fn jaas_identifiers_have_their_shapes() {
        assert!(jaas("vpaas-magic-cookie-1f", "vpaas-magic-cookie-1f/abc123").is_ok());
        assert_eq!(jaas("magic", "magic/abc"), Err(ServerKindError::AppId));
        assert_eq!(
            jaas("vpaas-magic-cookie-1f", "vpaas-magic-cookie-2f/abc123"),
            Err(ServerKindError::KeyId)
        );
    }
}
