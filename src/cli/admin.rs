//! `admin`: the way into the administrator's pages.

use clap::Subcommand;
use url::Url;

use super::{SYSTEM, database, say};
use crate::admin::login_link::store::{is_fresh, make_link};
use crate::clock::{Clock as _, Timestamp};
use crate::config::Config;
use crate::db::{Database, DbError};
use crate::ids::Random;

/// What to do for administrators.
#[derive(Subcommand)]
pub enum AdminCommand {
    /// Print a link that opens the administrator's pages once, within an hour
    Link,
}

/// Runs the command.
pub async fn run(command: &AdminCommand, config: &Config) -> anyhow::Result<()> {
    let db = database(config)?;
    let (clock, random) = SYSTEM;
    match command {
        AdminCommand::Link => say(link(&db, &config.admin_url, clock.now(), &random).await?),
    }
    Ok(())
}

/// A fresh link.
pub async fn link(db: &Database, admin_url: &Url, now: Timestamp, random: &Random) -> anyhow::Result<Url> {
    let random = random.clone();
    let made: Result<String, DbError> = db.write(move |connection| make_link(connection, now, &random)).await;
    Ok(admin_url.join(&format!("admin/enter/{}", made?))?)
}

/// Prints a link where nobody ever set anything up.
pub async fn welcome(db: &Database, admin_url: &Url, now: Timestamp, random: &Random) -> anyhow::Result<()> {
    let fresh: Result<bool, DbError> = db.read(is_fresh).await;
    if fresh? {
        say("Nothing is set up yet. This link opens the administrator's pages once, within an hour:\n");
        say(format_args!("    {}\n", link(db, admin_url, now, random).await?));
        say("For another one: jitsi-lti admin link");
    }
    Ok(())
}
