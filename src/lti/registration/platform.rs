//! A platform as registered here: its issuer, our client id there, its endpoints.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::clock::Timestamp;
use crate::config::is_loopback;
use crate::db::DbError;
use crate::db::columns::{self, AsExpression, FromSqlRow, stored_as_word};
use crate::ids::{DeploymentId, PlatformId};
use crate::lti::families::cloud_frames;
use crate::lti::launch::role_rules::RoleRules;
use crate::outbound::{NetworkPolicy, OutboundError, check_url};

/// A registration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Platform {
    /// Our identifier.
    pub id: PlatformId,
    /// A name for lists and logs.
    pub name: String,
    /// The platform's issuer, exactly as it writes it.
    pub issuer: String,
    /// Our client id there.
    pub client_id: String,
    /// Its authentication request URL.
    pub auth_url: Url,
    /// Its access token URL.
    pub token_url: Url,
    /// Its public keyset URL.
    pub jwks_url: Url,
    /// The audience of token requests, where it is not the access token URL.
    pub token_audience: Option<String>,
    /// Where its URLs may lead.
    pub policy: NetworkPolicy,
    /// Whether it may launch.
    pub status: Status,
    /// What it calls itself in launches (`tool_platform.product_family_code`).
    pub family: Option<String>,
    /// Whether it may launch people without saying who they are.
    pub allows_anonymous: bool,
    /// Sites beside its own that may show the tool in a frame, as sources of a policy.
    pub frames: Vec<String>,
    /// What the operator decided about its roles.
    pub role_rules: RoleRules,
    /// Its keys that were fetched before are not believed.
    pub keys_since: Timestamp,
    /// Whether deployments that launches name are approved at once, by the operator's choice.
    pub approves_deployments: bool,
}

/// Whether a platform, a deployment or a person may launch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, AsExpression, FromSqlRow)]
#[diesel(sql_type = columns::Status)]
pub enum Status {
    /// It may.
    Active,
    /// It waits for the administrator's word.
    Pending,
    /// The administrator switched it off.
    Disabled,
}

stored_as_word!(Status, columns::Status);

impl Status {
    /// The word in lists and in the database.
    pub fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Pending => "pending",
            Self::Disabled => "disabled",
        }
    }

    /// The status that `word` means.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Active, Self::Pending, Self::Disabled].into_iter().find(|status| status.word() == word)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word())
    }
}

/// A deployment of the tool at a platform: the unit of isolation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployment {
    /// Our identifier.
    pub id: DeploymentId,
    /// The platform's identifier of it.
    pub deployment_id: String,
    /// Whether it may launch.
    pub status: Status,
    /// Where the platform is asked for notices, as far as it was.
    pub notice_service: Option<String>,
    /// Whether the platform's administrators may look after it.
    pub admits_administrators: bool,
}

/// Why a platform cannot be registered.
#[derive(Debug, thiserror::Error)]
pub enum PlatformError {
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// A URL leads where it may not.
    #[error(
        "{what}: {source}; --allow-private-network allows addresses of a campus network or of this machine"
    )]
    Url {
        /// Which of the URLs.
        what: &'static str,
        /// Why not.
        source: OutboundError,
    },
    /// The issuer is no URL.
    #[error("the issuer must be the URL that the platform calls itself (Moodle: Platform ID), not {0:?}")]
    Issuer(String),
    /// A text is no URL.
    #[error("{0} is not an address: it must begin with https://")]
    Unreadable(&'static str),
    /// A value is empty or too long.
    #[error("{0} must have between 1 and 255 characters")]
    Length(&'static str),
    /// No platform has this issuer and client id.
    #[error("no platform is registered with issuer {issuer} and client id {client_id}")]
    Unknown {
        /// The issuer asked for.
        issuer: String,
        /// The client id asked for.
        client_id: String,
    },
}

impl Platform {
    /// Returns where a request to `url` may lead: into private networks only at a host that the registration itself names,
    /// which is what the operator entered. An address from a claim opens no other one.
    pub fn policy_of(&self, url: &Url) -> NetworkPolicy {
        match self.policy {
            NetworkPolicy::Private if self.names_place_of(url) => NetworkPolicy::Private,
            NetworkPolicy::Private | NetworkPolicy::Public => NetworkPolicy::Public,
        }
    }

    /// Whether an endpoint or the issuer has the host and port of `url`.
    fn names_place_of(&self, url: &Url) -> bool {
        let has_it = |named: &Url| {
            url.has_host()
                && named.host() == url.host()
                && named.port_or_known_default() == url.port_or_known_default()
        };
        [&self.auth_url, &self.token_url, &self.jwks_url].into_iter().any(has_it)
            || Url::parse(&self.issuer).is_ok_and(|issuer| has_it(&issuer))
    }

    /// Whether a service of the platform may be asked at `url`, as far as its address tells.
    pub fn may_serve_at(&self, url: &Url) -> bool {
        check_url(url, self.policy_of(url)).is_ok()
    }

    /// Refuses values that no launch could ever match, before they are stored.
    pub fn check(&self) -> Result<(), PlatformError> {
        if Url::parse(&self.issuer).is_err() {
            return Err(PlatformError::Issuer(self.issuer.clone()));
        }
        if self.client_id.is_empty() || self.client_id.len() > 255 {
            return Err(PlatformError::Length("the client id"));
        }
        let urls = [
            ("the authentication request URL", &self.auth_url),
            ("the access token URL", &self.token_url),
            ("the public keyset URL", &self.jwks_url),
        ];
        urls.into_iter().try_for_each(|(what, url)| {
            check_url(url, self.policy).map_err(|source| PlatformError::Url { what, source })
        })
    }
}

/// The origin of `url` for a policy of who may frame a page; `None` for one that has no host, or a host that a policy
/// would read as more than one host.
///
/// Quirk: URLs allow `*`, `;` and `,` in host names.
pub fn frame_source(url: &Url) -> Option<String> {
    let origin = url.origin();
    let plain = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
    let one_host = !matches!(url.host(), Some(url::Host::Domain(name)) if !plain(name));
    (origin.is_tuple() && one_host).then(|| origin.ascii_serialization())
}

/// The sources of a policy that an operator entered, one on a line: a site's address, or `https://*.` and a domain.
///
/// Errors: the first line that is none.
pub fn read_frames(text: &str) -> Result<Vec<String>, String> {
    let source = |line: &str| {
        let wildcard = line.strip_prefix("https://*.");
        let address = wildcard.map_or_else(|| line.to_owned(), |domain| format!("https://{domain}"));
        let url = Url::parse(&address).ok()?;
        let is_bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.username().is_empty();
        let is_safe = url.scheme() == "https" || is_loopback(&url);
        // A whole top-level domain is nobody's.
        let is_narrow = wildcard.is_none() || url.host_str().is_some_and(|host| host.contains('.'));
        let plain = frame_source(&url).filter(|_| is_bare && is_safe && is_narrow)?;
        Some(if wildcard.is_some() { plain.replacen("https://", "https://*.", 1) } else { plain })
    };
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut found: Vec<String> =
        lines.map(|line| source(line).ok_or_else(|| line.to_owned())).collect::<Result<_, _>>()?;
    found.dedup();
    Ok(found)
}

/// The sources of the policy that lets a platform frame our pages: its issuer, the host of its endpoints, those of its
/// cloud, and what the operator added.
pub fn frame_ancestors(
    issuer: &str,
    auth_url: &Url,
    frames: impl IntoIterator<Item = String>,
) -> Vec<String> {
    let issuer = Url::parse(issuer).ok();
    let own = [issuer.as_ref(), Some(auth_url)].into_iter().flatten().filter_map(frame_source);
    let cloud = cloud_frames(auth_url).iter().map(|pattern| (*pattern).to_owned());
    let mut sources: Vec<String> = own.chain(cloud).chain(frames).collect();
    sources.sort();
    sources.dedup();
    sources
}

/// Whether a policy of these sources lets `origin` frame a page.
pub fn may_frame(sources: &[String], origin: &str) -> bool {
    let is_under = |source: &String| {
        let domain = source.strip_prefix("https://*");
        domain.is_some_and(|domain| origin.starts_with("https://") && origin.ends_with(domain))
    };
    sources.iter().any(|source| source == origin || is_under(source))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at_home(policy: NetworkPolicy) -> Platform {
        let url = |path: &str| Url::parse(&format!("https://10.1.2.3/{path}")).unwrap();
        Platform {
            id: PlatformId::NONE,
            name: "Campus".to_owned(),
            issuer: "https://lms.campus.example:8443".to_owned(),
            client_id: "c".to_owned(),
            auth_url: url("auth"),
            token_url: url("token"),
            jwks_url: url("jwks"),
            token_audience: None,
            policy,
            status: Status::Active,
            family: None,
            allows_anonymous: false,
            approves_deployments: false,
            frames: Vec::new(),
            role_rules: RoleRules::default(),
            keys_since: Timestamp::EPOCH,
        }
    }

    #[test]
    fn a_private_network_is_open_at_the_hosts_that_the_operator_entered_alone() {
        for (address, is_open) in [
            ("https://10.1.2.3/grades", true),
            ("https://10.1.2.3:443/grades", true),
            ("https://lms.campus.example:8443/grades", true),
            ("https://10.1.2.3:8443/grades", false),
            ("https://10.1.2.4/grades", false),
            ("https://lms.campus.example/grades", false),
            ("https://192.168.0.1/", false),
            ("http://127.0.0.1:9200/", false),
            ("https://[::1]/", false),
        ] {
            let url = Url::parse(address).unwrap();
            let expected = if is_open { NetworkPolicy::Private } else { NetworkPolicy::Public };
            assert_eq!(at_home(NetworkPolicy::Private).policy_of(&url), expected, "{address}");
            assert_eq!(at_home(NetworkPolicy::Public).policy_of(&url), NetworkPolicy::Public, "{address}");
        }
        for (address, may) in [
            ("https://10.1.2.3/grades", true),
            ("https://10.1.2.4/grades", false),
            ("http://127.0.0.1:9200/", false),
            ("https://grades.example.org/", true),
        ] {
            assert_eq!(
                at_home(NetworkPolicy::Private).may_serve_at(&Url::parse(address).unwrap()),
                may,
                "{address}"
            );
        }
    }

    #[test]
    fn a_policy_covers_its_own_hosts_and_those_below_a_wildcard() {
        let auth = Url::parse("https://sso.canvaslms.com/api/lti/authorize_redirect").unwrap();
        let sources =
            frame_ancestors("https://canvas.instructure.com", &auth, ["https://lms.example".to_owned()]);
        for (origin, expected) in [
            ("https://canvas.instructure.com", true),
            ("https://school.instructure.com", true),
            ("http://school.instructure.com", false),
            ("https://instructure.com", false),
            ("https://evilinstructure.com", false),
            ("https://lms.example", true),
            ("https://lms.example:8443", false),
            ("https://other.example", false),
        ] {
            assert_eq!(may_frame(&sources, origin), expected, "{origin}");
        }
    }

    #[test]
    fn sites_that_may_show_the_tool_are_read_line_by_line() {
        let input = " https://apps.lms.example/ \n\nhttps://*.lms.example\nhttp://localhost:2000\n";
        let expected = ["https://apps.lms.example", "https://*.lms.example", "http://localhost:2000"];
        assert_eq!(read_frames(input).unwrap(), expected);
        for line in [
            "lms.example",
            "http://lms.example",
            "https://lms.example/path",
            "https://*",
            "https://*.example",
            "https://lms.example; script-src *",
            "'self'",
            "*",
            "javascript:alert(1)",
        ] {
            assert_eq!(read_frames(&format!("https://a.example\n{line}")), Err(line.to_owned()), "{line}");
        }
        assert_eq!(read_frames("").unwrap(), [""; 0]);
    }
}
