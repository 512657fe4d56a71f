//! The administrator's session: sealed into one cookie, for pages that nobody frames.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::header::HeaderValue;
use serde::{Deserialize, Serialize};

use super::session::cookie_values;
use crate::clock::Timestamp;
use crate::ids::Random;
use crate::sealing::Sealer;

const PURPOSE: &str = "admin session";
const CSRF: &str = "admin csrf";
const COOKIE: &str = "__Host-admin";

/// Who administers, and since when.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AdminSession {
    /// Names the session in its CSRF mark.
    id: String,
    /// Who it is, in the words of the audit log.
    pub who: String,
    began: Timestamp,
}

impl AdminSession {
    /// How long it lives.
    const LIFE: Duration = Duration::from_secs(8 * 60 * 60);

    /// A session that begins now.
    pub fn begin(who: String, now: Timestamp, random: &Random) -> Self {
        Self { id: random.letters_and_digits(24), who, began: now }
    }

    /// The session of a request; `None` without one, or after its end.
    pub fn of(request: &HttpRequest, sealer: &Sealer, now: Timestamp) -> Option<Self> {
        let open = |sealed: &str| -> Option<Self> {
            let session: Self = serde_json::from_slice(&sealer.open(PURPOSE, sealed).ok()?).ok()?;
            (now.since(session.began) <= Self::LIFE).then_some(session)
        };
        cookie_values(request, COOKIE).find_map(open)
    }

    /// The `Set-Cookie` header that keeps it.
    pub fn cookie(&self, sealer: &Sealer, random: &Random) -> HeaderValue {
        let sealed = sealer.seal(PURPOSE, serde_json::to_string(self).unwrap_or_default().as_bytes(), random);
        host_cookie(COOKIE, &sealed, Self::LIFE)
    }

    /// The mark that every form of the session carries.
    pub fn csrf(&self, sealer: &Sealer) -> String {
        sealer.mark(CSRF, &self.id)
    }

    /// Whether `mark` is of the session.
    pub fn is_csrf(&self, mark: &str, sealer: &Sealer) -> bool {
        sealer.is_mark(CSRF, &self.id, mark)
    }
}

/// The header that ends every session of the browser.
pub fn no_admin_cookie() -> HeaderValue {
    host_cookie(COOKIE, "", Duration::ZERO)
}

/// A cookie of pages that nobody frames; `name` begins with `__Host-`.
///
/// Quirk: Lax, so that whoever comes from another site, as from a provider's sign-in, has it.
pub fn host_cookie(name: &str, value: &str, life: Duration) -> HeaderValue {
    let text = format!("{name}={value}; Path=/; Max-Age={}; Secure; HttpOnly; SameSite=Lax", life.as_secs());
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
}
