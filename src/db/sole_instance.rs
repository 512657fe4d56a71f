//! Holds the right to be the only process of an installation whose short-lived state is in memory.

use std::fs::{File, TryLockError};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::connection::{DbConnection, open};
use crate::config::DatabaseUrl;

const SOLE_INSTANCE_LOCK: i64 = 7_301_244_102;
const CHECK_EVERY: Duration = Duration::from_secs(5);

/// Why this process may not serve alone.
#[derive(Debug, thiserror::Error)]
pub enum SoleInstanceError {
    /// Another process serves already.
    #[error(
        "another process serves this database already; several need Redis (JITSI_LTI_REDIS_URL) and PostgreSQL"
    )]
    Taken,
    /// The lock cannot be asked for.
    #[error("the lock of the running process cannot be taken at {place}: {reason}")]
    Failed {
        /// A file, or the database.
        place: String,
        /// What the system said.
        reason: String,
    },
}

/// The right itself: a locked file beside a SQLite database, an advisory lock on PostgreSQL.
///
/// Quirk: PostgreSQL frees the lock when its connection breaks. Until it is taken again, [`SoleInstance::is_held`]
/// is false and nothing single-use may be accepted.
pub struct SoleInstance {
    is_held: Arc<AtomicBool>,
    _file: Option<File>,
}

impl SoleInstance {
    /// Takes the lock, or says who stands in the way.
    pub fn acquire(url: &DatabaseUrl) -> Result<Self, SoleInstanceError> {
        match url {
            DatabaseUrl::Sqlite(path) => Self::lock_file(&path.with_extension("lock")),
            DatabaseUrl::Postgres(_) => Self::lock_database(url),
        }
    }

    /// Whether the lock is held at this moment.
    pub fn is_held(&self) -> bool {
        self.is_held.load(Ordering::SeqCst)
    }

    fn lock_file(path: &Path) -> Result<Self, SoleInstanceError> {
        let failed = |reason: std::io::Error| SoleInstanceError::Failed {
            place: PathBuf::from(path).display().to_string(),
            reason: reason.to_string(),
        };
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { is_held: Arc::new(AtomicBool::new(true)), _file: Some(file) }),
            Err(TryLockError::WouldBlock) => Err(SoleInstanceError::Taken),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }

    fn lock_database(url: &DatabaseUrl) -> Result<Self, SoleInstanceError> {
        let failed = |reason: String| SoleInstanceError::Failed { place: "the database".to_owned(), reason };
        let mut connection = open(url).map_err(|error| failed(error.to_string()))?;
        if !try_lock(&mut connection).map_err(|error| failed(error.to_string()))? {
            return Err(SoleInstanceError::Taken);
        }
        let is_held = Arc::new(AtomicBool::new(true));
        let watched = Arc::clone(&is_held);
        let url = url.clone();
        std::thread::Builder::new()
            .name("sole-instance".to_owned())
            .spawn(move || keep(&url, connection, &watched))
            .map_err(|error| failed(error.to_string()))?;
        Ok(Self { is_held, _file: None })
    }
}

/// Watches the lock's connection for the life of the process, and takes the lock again after a break.
fn keep(url: &DatabaseUrl, connection: DbConnection, is_held: &AtomicBool) {
    let mut connection = Some(connection);
    loop {
        std::thread::sleep(CHECK_EVERY);
        let alive =
            connection.as_mut().is_some_and(|open| diesel::sql_query("SELECT 1").execute(open).is_ok());
        if alive {
            continue;
        }
        is_held.store(false, Ordering::SeqCst);
        connection =
            open(url).ok().and_then(|mut fresh| matches!(try_lock(&mut fresh), Ok(true)).then_some(fresh));
        is_held.store(connection.is_some(), Ordering::SeqCst);
    }
}

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Bool)]
    locked: bool,
}

fn try_lock(connection: &mut DbConnection) -> QueryResult<bool> {
    diesel::sql_query(format!("SELECT pg_try_advisory_lock({SOLE_INSTANCE_LOCK}) AS locked"))
        .get_result::<Answer>(connection)
        .map(|answer| answer.locked)
}
