//! `doctor`: what has to be right before a class can take place, checked at the terminal. Nothing is changed, but a row that
//! proves that something can be written.

use anyhow::bail;
use secrecy::SecretString;
use std::sync::Arc;

use super::{SYSTEM, require_folder, say};
use crate::admin::platforms::store as platforms;
use crate::clock::{Clock as _, Timestamp};
use crate::config::{Config, DatabaseUrl, is_loopback, names, without_password};
use crate::db::{Database, migrate, open};
use crate::ephemeral::{Ephemeral as _, RedisEphemeral};
use crate::ids::Random;
use crate::sealing::Sealer;
use crate::servers;
use crate::startup::{StartupError, is_anything_sealed};

/// What one check found.
struct DoctorCheck {
    name: &'static str,
    /// What is right about it, or what to do.
    outcome: Result<String, String>,
}

/// Runs the command.
///
/// Errors: how many checks failed.
pub async fn run(config: &Config) -> anyhow::Result<()> {
    let (clock, random) = SYSTEM;
    let schema = schema(config);
    let has_schema = schema.outcome.is_ok();
    let mut checks = vec![address(config), secret(config, has_schema).await?];
    if let Some(url) = &config.data.redis_url {
        checks.push(redis(url, random).await);
    }
    checks.push(schema);
    if has_schema {
        checks.extend(contents(config, clock.now()).await?);
    }
    for DoctorCheck { name, outcome } in &checks {
        match outcome {
            Ok(found) => say(format_args!("{:6} {name:10} {found}", "ok")),
            Err(remedy) => say(format_args!("{:6} {name:10} {remedy}", "FAILED")),
        }
    }
    match checks.iter().filter(|check| check.outcome.is_err()).count() {
        0 => Ok(()),
        failures => bail!("{failures} check(s) failed"),
    }
}

fn address(config: &Config) -> DoctorCheck {
    let url = &config.addresses.base_url;
    let outcome = if url.scheme() == "https" || is_loopback(url) {
        Ok(url.to_string())
    } else {
        Err(format!("{url} is not https: set {} to the https address that browsers reach", names::BASE_URL))
    };
    DoctorCheck { name: "address", outcome }
}

async fn secret(config: &Config, has_schema: bool) -> anyhow::Result<DoctorCheck> {
    let outcome = match &config.keys.secret {
        Some(secret) => Sealer::parse(secret)
            .map(|_: Sealer| format!("from {}", names::SECRET_KEY))
            .map_err(|error| error.to_string()),
        None if Sealer::is_in_folder(&config.keys.folder) => {
            Ok(format!("in {}", config.keys.folder.display()))
        }
        None if has_schema && is_anything_sealed(&database(config)?).await? => {
            Err(StartupError::SecretLost(config.keys.folder.join("secret")).to_string())
        }
        None => {
            Err(format!("none in {} yet: the first start of serve makes one", config.keys.folder.display()))
        }
    };
    Ok(DoctorCheck { name: "secret", outcome })
}

async fn redis(url: &SecretString, random: Random) -> DoctorCheck {
    let outcome = match RedisEphemeral::new(url, random) {
        Ok(redis) => redis.epoch().await.map(|_| "responds".to_owned()),
        Err(error) => Err(error),
    };
    let remedy =
        |error| format!("{error}: start Redis at {}, or correct {}", without_password(url), names::REDIS_URL);
    DoctorCheck { name: "redis", outcome: outcome.map_err(remedy) }
}

/// Quirk: opening a SQLite file that is not there would make one.
fn schema(config: &Config) -> DoctorCheck {
    let outcome =
        match &config.data.database {
            DatabaseUrl::Sqlite(path) if !path.exists() => Err(match require_folder(path, config) {
                Ok(()) => format!("{} is not there: the first start of serve makes it", path.display()),
                Err(error) => error.to_string(),
            }),
            url => open(url).map_err(|error| error.to_string()).and_then(|mut connection| {
                match migrate::is_behind(&mut connection) {
                    Ok(false) => Ok("has this program's schema".to_owned()),
                    Ok(true) => Err("lacks this program's schema: run jitsi-lti migrate".to_owned()),
                    Err(error) => Err(error.to_string()),
                }
            }),
        };
    DoctorCheck { name: "database", outcome }
}

/// The database, as it is: nothing is migrated.
fn database(config: &Config) -> anyhow::Result<Database> {
    let (clock, random) = SYSTEM;
    Ok(Database::new(&config.data.database, Arc::new(clock), random)?)
}

/// What a database of this schema has to hold.
async fn contents(config: &Config, now: Timestamp) -> anyhow::Result<[DoctorCheck; 4]> {
    let db = database(config)?;
    let writable = match db.is_writable().await {
        true => Ok("yes".to_owned()),
        false => Err("nothing can be written: look at the disk, at locks and permissions".to_owned()),
    };
    let found = db
        .read(move |connection| {
            Ok((servers::store::find_default(connection)?, platforms::list(connection, now)?))
        })
        .await?;
    let (server, known) = found;
    let server = server.map(|server| server.name);
    let platform = match known.len() {
        0 => Err("none is registered: invite one on the administrator's pages, or platform add".to_owned()),
        count => Ok(format!("{count} registered")),
    };
    let deployment = if known.iter().any(|one| one.is_open) {
        Ok("people can open classes".to_owned())
    } else if known.iter().any(|one| !one.waiting.is_empty()) {
        Err("waits for your approval on the administrator's pages".to_owned())
    } else {
        Err("none is approved: open the activity once in the LMS, then approve its deployment".to_owned())
    };
    Ok([
        DoctorCheck { name: "writable", outcome: writable },
        DoctorCheck {
            name: "server",
            outcome: server.ok_or_else(|| "no Jitsi server takes rooms: server add".to_owned()),
        },
        DoctorCheck { name: "platform", outcome: platform },
        DoctorCheck { name: "deployment", outcome: deployment },
    ])
}
