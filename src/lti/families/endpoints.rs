//! The endpoints of a platform that is registered by hand: what its administrator enters, and what follows from it.

use url::Url;

/// A value that an administrator enters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndpointField {
    /// The address of the site.
    Site,
    /// Which of the cloud's three copies.
    Environment,
    /// What the platform calls itself.
    Issuer,
    /// Our client id there.
    ClientId,
    /// Its authentication request URL.
    AuthUrl,
    /// Its access token URL.
    TokenUrl,
    /// Its public keyset URL.
    JwksUrl,
    /// The audience of token requests.
    Audience,
}

impl EndpointField {
    /// Returns its name in forms.
    pub fn word(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::Environment => "environment",
            Self::Issuer => "issuer",
            Self::ClientId => "client_id",
            Self::AuthUrl => "auth_url",
            Self::TokenUrl => "token_url",
            Self::JwksUrl => "jwks_url",
            Self::Audience => "token_audience",
        }
    }
}

/// What an administrator entered.
#[derive(Clone, Copy, Debug, Default)]
pub struct EndpointInput<'a> {
    /// The address of the site.
    pub site: &'a str,
    /// `production`, `beta` or `test`.
    pub environment: &'a str,
    /// What the platform calls itself.
    pub issuer: &'a str,
    /// Our client id there.
    pub client_id: &'a str,
    /// Its authentication request URL.
    pub auth_url: &'a str,
    /// Its access token URL.
    pub token_url: &'a str,
    /// Its public keyset URL.
    pub jwks_url: &'a str,
    /// The audience of token requests.
    pub audience: &'a str,
}

/// The values of a registration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// What the platform calls itself.
    pub issuer: String,
    /// Its authentication request URL.
    pub auth_url: Url,
    /// Its access token URL.
    pub token_url: Url,
    /// Its public keyset URL.
    pub jwks_url: Url,
    /// The audience of token requests, where it is not the access token URL.
    pub token_audience: Option<String>,
}

/// A value that is missing, or no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} is missing or cannot be read", .0.word())]
pub struct Unusable(pub EndpointField);

impl EndpointInput<'_> {
    /// Returns the endpoints as they were entered, each by itself.
    pub(super) fn all(&self) -> Result<Endpoints, Unusable> {
        Ok(Endpoints {
            issuer: needed(self.issuer, EndpointField::Issuer)?.to_owned(),
            auth_url: address(self.auth_url.trim(), EndpointField::AuthUrl)?,
            token_url: address(self.token_url.trim(), EndpointField::TokenUrl)?,
            jwks_url: address(self.jwks_url.trim(), EndpointField::JwksUrl)?,
            token_audience: None,
        })
    }

    /// Returns the address of the site, or of a page of it.
    pub(super) fn site(&self) -> Result<Url, Unusable> {
        let text = needed(self.site, EndpointField::Site)?;
        let url = match text.contains("://") {
            true => address(text, EndpointField::Site)?,
            false => address(&format!("https://{text}"), EndpointField::Site)?,
        };
        let is_site = url.origin().is_tuple() && url.username().is_empty() && url.password().is_none();
        is_site.then_some(url).ok_or(Unusable(EndpointField::Site))
    }
}

/// Returns what was entered, without spaces around it.
///
/// Errors: nothing was entered.
pub(super) fn needed(text: &str, field: EndpointField) -> Result<&str, Unusable> {
    let text = text.trim();
    if text.is_empty() { Err(Unusable(field)) } else { Ok(text) }
}

/// Reads an address that was entered, or was made of what was entered in `field`.
pub(super) fn address(text: &str, field: EndpointField) -> Result<Url, Unusable> {
    Url::parse(text).map_err(|_: url::ParseError| Unusable(field))
}
