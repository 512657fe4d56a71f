//! `/admin/platforms/{platform}/values` and `/frames`: changes of a registration.

pub mod web;

use actix_web::http::StatusCode;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::admin::platforms::Values;
use crate::http::failure::Failure;
use crate::http::refusal_code::RefusalCode;
use crate::lti::identifier::is_storable;
use crate::lti::registration::platform::{Platform, PlatformError};

/// The values of a registration, as the form has them.
#[derive(Clone, Serialize, Deserialize)]
pub struct ValuesForm {
    name: String,
    auth_url: String,
    token_url: String,
    jwks_url: String,
    token_audience: String,
}

impl ValuesForm {
    /// The values as they are stored.
    pub fn of(values: &Values) -> Self {
        let Values { name, auth_url, token_url, jwks_url, token_audience } = values.clone();
        Self { name, auth_url, token_url, jwks_url, token_audience: token_audience.unwrap_or_default() }
    }

    /// The values, when a launch could match them.
    pub(in crate::admin::platforms) fn check(&self, platform: &Platform) -> Result<Values, PlatformError> {
        let url = |what, text: &str| {
            Url::parse(text.trim()).map_err(|_: url::ParseError| PlatformError::Unreadable(what))
        };
        let name = self.name.trim().to_owned();
        if name.is_empty() || name.chars().count() > 255 || !is_storable(&name) {
            return Err(PlatformError::Length("the name"));
        }
        let audience = self.token_audience.trim();
        if audience.chars().count() > 2000 || !is_storable(audience) {
            return Err(PlatformError::Length("the audience"));
        }
        let changed = Platform {
            name,
            auth_url: url("the authentication request URL", &self.auth_url)?,
            token_url: url("the access token URL", &self.token_url)?,
            jwks_url: url("the public keyset URL", &self.jwks_url)?,
            token_audience: (!audience.is_empty()).then(|| audience.to_owned()),
            ..platform.clone()
        };
        changed.check()?;
        Ok(Values::of(&changed))
    }
}

/// Why entered values are not stored: the key of its words, and the value at fault.
#[derive(Serialize)]
pub struct ValuesProblem {
    code: &'static str,
    detail: String,
}

impl ValuesProblem {
    /// What an administrator can correct.
    ///
    /// Errors: the others, as failures.
    pub fn of(error: PlatformError) -> Result<Self, Failure> {
        let detail = error.to_string();
        let code = match error {
            PlatformError::Url { .. } => "url",
            PlatformError::Issuer(_) => "issuer",
            PlatformError::Unreadable(_) => "unreadable",
            PlatformError::Length(_) => "length",
            PlatformError::Db(error) => return Err(error.into()),
            PlatformError::Unknown { .. } => {
                return Err(Failure::refused(StatusCode::NOT_FOUND, RefusalCode::PageUnknown));
            }
        };
        Ok(Self { code, detail })
    }
}
