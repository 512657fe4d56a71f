//! Whether the database can be written: found by writing.

use std::time::Duration;

use diesel::prelude::*;

use super::schema::write_probe;
use super::{Database, Tx};

/// A database that takes longer is of no use to a launch.
const TIMEOUT: Duration = Duration::from_secs(2);

impl Database {
    /// Returns whether something can be written now, and proves it: a full disk, a file that is locked or read-only, and a
    /// server in recovery show themselves to nobody who only asks.
    pub async fn is_writable(&self) -> bool {
        let work = |tx: &mut Tx<'_>| {
            let row = diesel::update(write_probe::table.filter(write_probe::id.eq(1)));
            Ok(row.set(write_probe::written_at.eq(tx.now)).execute(tx.connection)?)
        };
        if let Some(health) = &self.readers.health
            && !health.recovers().await
        {
            return false;
        }
        match tokio::time::timeout(TIMEOUT, self.write(work)).await {
            Ok(Ok(rows)) => rows == 1,
            Ok(Err(error)) => {
                tracing::warn!(%error, "the database cannot be written");
                false
            }
            Err(tokio::time::error::Elapsed { .. }) => {
                tracing::warn!("the database takes too long to be written");
                false
            }
        }
    }
}
