//! Registers a platform as it is described at the terminal or in `lti-config.json`, never in silence over another one.

use std::fmt;

use crate::clock::Timestamp;
use crate::config::PlatformEntry;
use crate::db::{Database, DbError};
use crate::ids::{Random, row_id};
use crate::lti::platform::{Platform, PlatformError, Status};
use crate::lti::role_rules::RoleRules;
use crate::lti::store;
use crate::outbound::Reach;

/// Why nothing was registered.
#[derive(Debug, thiserror::Error)]
pub enum ProvisionError {
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The values could never launch.
    #[error(transparent)]
    Platform(#[from] PlatformError),
    /// The issuer and the client id are registered with other addresses.
    #[error(transparent)]
    Differs(#[from] Difference),
}

/// A platform that is registered with other addresses than the ones that were given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Difference {
    issuer: String,
    client_id: String,
    registered: String,
    given: String,
    changes: Vec<Change>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Change {
    what: &'static str,
    registered: String,
    given: String,
}

impl Difference {
    /// Returns what differs between the addresses of two registrations; names and switches are no addresses.
    pub fn between(registered: &Platform, given: &Platform) -> Option<Self> {
        let none = |audience: &Option<String>| audience.clone().unwrap_or_else(|| "none".to_owned());
        let of = |platform: &Platform| {
            [
                ("authentication request URL", platform.auth_url.to_string()),
                ("access token URL", platform.token_url.to_string()),
                ("public keyset URL", platform.jwks_url.to_string()),
                ("audience of token requests", none(&platform.token_audience)),
            ]
        };
        let pairs = of(registered).into_iter().zip(of(given));
        let changes: Vec<Change> = pairs
            .filter(|(old, new)| old.1 != new.1)
            .map(|((what, registered), (_, given))| Change { what, registered, given })
            .collect();
        (!changes.is_empty()).then(|| Self {
            issuer: given.issuer.clone(),
            client_id: given.client_id.clone(),
            registered: registered.name.clone(),
            given: given.name.clone(),
            changes,
        })
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { issuer, client_id, registered, given, changes } = self;
        write!(
            out,
            "issuer {issuer} and client id {client_id} are registered already as “{registered}”, with other addresses than “{given}”: "
        )?;
        for Change { what, registered, given } in changes {
            write!(out, "{what}: {registered} is registered, {given} is given; ")?;
        }
        write!(
            out,
            "nothing was changed. Different installations of Canvas share one issuer, and may share client ids: then one of \
             the two needs another client id. If it's the same platform and has moved, add --replace (in lti-config.json: \
             \"replace\": true)"
        )
    }
}

/// Registers a platform and its deployments. Doing it again changes nothing, or takes over new values; other addresses
/// only where the entry says that it replaces them.
///
/// Quirk: a platform that was disabled stays disabled.
///
/// # Errors
/// [`ProvisionError::Differs`] leaves the registration as it was.
pub async fn provision(
    db: &Database,
    entry: &PlatformEntry,
    now: Timestamp,
    random: &Random,
) -> Result<(), ProvisionError> {
    let platform = described(entry, row_id(now, random));
    platform.check()?;
    if entry.deployments.iter().any(|id| id.is_empty() || id.len() > 255) {
        return Err(PlatformError::Length("a deployment id").into());
    }
    // Somebody else may register it between the look and the write: then the second look sees it.
    for _ in 0..2 {
        match try_provision(db, entry, &platform, now, random).await {
            Err(Hindrance::CameMeanwhile) => {}
            Err(Hindrance::Failed(error)) => return Err(error),
            Ok(()) => return Ok(()),
        }
    }
    Err(DbError::Inconsistent {
        table: "platform",
        row: platform.client_id,
        what: "registered and removed again and again".to_owned(),
    }
    .into())
}

fn described(entry: &PlatformEntry, id: String) -> Platform {
    Platform {
        id,
        name: entry.name.clone().unwrap_or_else(|| entry.issuer.clone()),
        issuer: entry.issuer.clone(),
        client_id: entry.client_id.clone(),
        auth_url: entry.auth_url.clone(),
        token_url: entry.token_url.clone(),
        jwks_url: entry.jwks_url.clone(),
        token_audience: entry.token_audience.clone(),
        reach: Reach::allowing_private(entry.allow_private_network),
        status: Status::Active,
        family: None,
        allows_anonymous: entry.allow_anonymous,
        frames: Vec::new(),
        role_rules: RoleRules::default(),
        keys_since: Timestamp::from_millis(0),
    }
}

enum Hindrance {
    CameMeanwhile,
    Failed(ProvisionError),
}

impl From<DbError> for Hindrance {
    fn from(error: DbError) -> Self {
        Self::Failed(error.into())
    }
}

async fn try_provision(
    db: &Database,
    entry: &PlatformEntry,
    platform: &Platform,
    now: Timestamp,
    random: &Random,
) -> Result<(), Hindrance> {
    let (mut platform, replaces) = (platform.clone(), entry.replace);
    let (deployments, random) = (entry.deployments.clone(), random.clone());
    db.write(move |connection| {
        let known = store::find(connection, &platform.issuer, &platform.client_id)?;
        if let Some(known) = &known {
            platform.status = known.status;
            if let (Some(difference), false) = (Difference::between(known, &platform), replaces) {
                return Err(Hindrance::Failed(difference.into()));
            }
        }
        let id = store::save(connection, &platform, now)?;
        // What was written over the other one is taken back with the transaction.
        if known.map_or(id != platform.id, |known| id != known.id) {
            return Err(Hindrance::CameMeanwhile);
        }
        for name in &deployments {
            store::add_deployment(connection, &id, name, now, &random)?;
        }
        Ok(())
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn platform(jwks: &str, audience: Option<&str>) -> Platform {
        let entry = PlatformEntry {
            issuer: "https://canvas.instructure.com".to_owned(),
            client_id: "10000000000001".to_owned(),
            auth_url: "https://one.example/auth".parse().unwrap(),
            token_url: "https://one.example/token".parse().unwrap(),
            jwks_url: jwks.parse().unwrap(),
            token_audience: audience.map(str::to_owned),
            deployments: Vec::new(),
            name: Some("One".to_owned()),
            allow_private_network: false,
            allow_anonymous: false,
            replace: false,
        };
        described(&entry, "p".to_owned())
    }

    #[test]
    fn addresses_differ_and_names_do_not() {
        let one = platform("https://one.example/keys", None);
        assert_eq!(Difference::between(&one, &Platform { name: "Uno".to_owned(), ..one.clone() }), None);
        let two = Platform { name: "Two".to_owned(), ..platform("https://two.example/keys", Some("x")) };
        let told = Difference::between(&one, &two).unwrap().to_string();
        for words in [
            "“One”",
            "“Two”",
            "public keyset URL: https://one.example/keys is registered, https://two.example/keys is given",
            "audience of token requests: none is registered, x is given",
            "--replace",
        ] {
            assert!(told.contains(words), "{words} in {told}");
        }
        assert!(!told.contains("access token URL"));
    }
}
