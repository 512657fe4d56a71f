//! `admin`: the way into the administrator's pages.

use clap::Subcommand;
use url::Url;

use super::{database, say};
use crate::admin::login_link::store::{is_fresh, make_link};
use crate::config::Config;
use crate::db::Database;

/// What to do for administrators.
#[derive(Subcommand)]
pub enum AdminCommand {
    /// Print a link that opens the administrator's pages once, within an hour
    Link,
}

/// Runs the command.
pub async fn run(command: &AdminCommand, config: &Config) -> anyhow::Result<()> {
    let db = database(config)?;
    match command {
        AdminCommand::Link => say(link(&db, &config.addresses.admin_url).await?),
    }
    Ok(())
}

/// A fresh link.
pub async fn link(db: &Database, admin_url: &Url) -> anyhow::Result<Url> {
    let made = db.write(make_link).await?;
    Ok(admin_url.join(&format!("admin/enter/{made}"))?)
}

/// Prints a link where nobody ever set anything up.
pub async fn welcome(db: &Database, admin_url: &Url) -> anyhow::Result<()> {
    let fresh = db.read(is_fresh).await?;
    if fresh {
        say("Nothing is set up yet. This link opens the administrator's pages once, within an hour:\n");
        say(format_args!("    {}\n", link(db, admin_url).await?));
        say("For another one: jitsi-lti admin link");
    }
    Ok(())
}
