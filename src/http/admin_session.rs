//! Sessions of administration: sealed into one cookie, for pages that nobody frames.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::header::HeaderValue;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::cookies::{cookie_values, host_cookie};
use crate::clock::Timestamp;
use crate::ids::{DeploymentId, Random, UserId};
use crate::sealing::Sealer;
use crate::sealing::sealed::{Json, Sealed};

const CSRF: &str = "admin csrf";

/// What a session of administration reaches. Each has a cookie and a seal of its own: none opens as another.
pub trait Scope: Serialize + DeserializeOwned {
    /// What the session is sealed for.
    const PURPOSE: &'static str;
    /// The name of its cookie.
    const COOKIE: &'static str;
    /// How long it lives.
    const TTL: Duration;

    /// Names what it reaches, where its sessions are listed.
    fn name(&self) -> String;
}

/// The whole service.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WholeService;

impl Scope for WholeService {
    const PURPOSE: &'static str = "admin session";
    const COOKIE: &'static str = "__Host-admin";
    const TTL: Duration = Duration::from_secs(8 * 60 * 60);

    fn name(&self) -> String {
        "service".to_owned()
    }
}

/// One deployment, for an administrator of its platform.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OneDeployment {
    /// Our identifier of the deployment.
    pub deployment: DeploymentId,
    /// Our identifier of the person.
    pub user: UserId,
}

impl Scope for OneDeployment {
    const PURPOSE: &'static str = "deployment session";
    const COOKIE: &'static str = "__Host-deployment";
    const TTL: Duration = Duration::from_secs(2 * 60 * 60);

    fn name(&self) -> String {
        format!("deployment {}", self.deployment)
    }
}

/// Who administers, what, and since when.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ScopedSession<S> {
    /// Names the session in its CSRF mac.
    id: String,
    /// Who it is, in the words of the audit log.
    pub who: String,
    /// What it reaches.
    pub scope: S,
    began: Timestamp,
}

/// A session of an operator.
pub type AdminSession = ScopedSession<WholeService>;
/// A session of a platform's administrator.
pub type DeploymentSession = ScopedSession<OneDeployment>;

impl<S: Scope> Sealed for ScopedSession<S> {
    type Format = Json;
    const PURPOSE: &'static str = S::PURPOSE;
    const TTL: Duration = S::TTL;

    fn issued(&self) -> Timestamp {
        self.began
    }
}

impl<S: Scope> ScopedSession<S> {
    /// A session that begins now.
    pub fn begin(who: String, scope: S, now: Timestamp, random: &Random) -> Self {
        Self { id: random.letters_and_digits(24), who, scope, began: now }
    }

    /// Returns what names it.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns when it began.
    pub fn began(&self) -> Timestamp {
        self.began
    }

    /// The session of a request; `None` without one, or after its end.
    ///
    /// Trust: somebody may have ended it meanwhile; `admin::sessions` knows.
    pub fn of(request: &HttpRequest, sealer: &Sealer, now: Timestamp) -> Option<Self> {
        cookie_values(request, S::COOKIE).find_map(|sealed| Self::open(sealed, sealer, now).ok())
    }

    /// The `Set-Cookie` header that keeps it.
    pub fn cookie(&self, sealer: &Sealer, random: &Random) -> HeaderValue {
        host_cookie(S::COOKIE, &self.seal(sealer, random), S::TTL)
    }

    /// The header that ends every such session of the browser.
    pub fn no_cookie() -> HeaderValue {
        host_cookie(S::COOKIE, "", Duration::ZERO)
    }

    /// The mac that every form of the session carries.
    pub fn csrf(&self, sealer: &Sealer) -> String {
        sealer.mac(CSRF, &self.id)
    }

    /// Whether `mac` is of the session.
    pub fn is_csrf(&self, mac: &str, sealer: &Sealer) -> bool {
        sealer.is_mac(CSRF, &self.id, mac)
    }
}
