//! `migrate`: brings the database to this program's schema.

use super::{connection, say};
use crate::config::Config;
use crate::db;

/// Runs the command.
pub fn run(config: &Config) -> anyhow::Result<()> {
    match migrate(config)? {
        0 => say("The database is up to date."),
        count => say(format_args!("{count} migration(s) done.")),
    }
    Ok(())
}

/// Runs the missing migrations; answers how many there were.
pub fn migrate(config: &Config) -> anyhow::Result<usize> {
    Ok(db::migrate::migrate(&mut connection(config)?)?)
}
