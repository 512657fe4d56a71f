//! Brings a database to the schema of this program.

use diesel::connection::SimpleConnection as _;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{DbConnection, DbError};

/// Both databases take the same SQL.
const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");
/// What SQLite alone needs after them: a page shows the first thousand names of a list, however long it is.
const SQLITE_INDEXES: &str =
    "CREATE INDEX IF NOT EXISTS roster_member_order ON listed_member (context_id, reading, name_key)";
/// Any number will do, as long as no other program on the same database picks it.
const MIGRATION_LOCK: i64 = 7_301_244_101;

/// Runs the migrations that are missing; answers how many there were.
///
/// Quirk: on PostgreSQL under an advisory lock, on SQLite in a transaction that writes from its beginning on, so that
/// processes that start together take turns.
pub fn migrate(connection: &mut DbConnection) -> Result<usize, DbError> {
    match connection {
        DbConnection::Sqlite(inner) => inner.immediate_transaction(|inner| {
            let count = run(inner)?;
            inner.batch_execute(SQLITE_INDEXES)?;
            Ok(count)
        }),
        DbConnection::Postgres(inner) => {
            inner.batch_execute(&format!(
                "SET statement_timeout = 0; SET lock_timeout = 0; SELECT pg_advisory_lock({MIGRATION_LOCK})"
            ))?;
            let count = run(inner);
            inner.batch_execute(&format!("SELECT pg_advisory_unlock({MIGRATION_LOCK})"))?;
            count
        }
    }
}

/// Whether the database lacks migrations of this program.
pub fn is_behind(connection: &mut DbConnection) -> Result<bool, DbError> {
    let answer = match connection {
        DbConnection::Sqlite(inner) => inner.has_pending_migration(MIGRATIONS),
        DbConnection::Postgres(inner) => inner.has_pending_migration(MIGRATIONS),
    };
    answer.map_err(|error| failed(error.as_ref()))
}

fn run<C, DB>(connection: &mut C) -> Result<usize, DbError>
where
    DB: diesel::backend::Backend,
    C: MigrationHarness<DB>,
{
    connection
        .run_pending_migrations(MIGRATIONS)
        .map(|done| done.len())
        .map_err(|error| failed(error.as_ref()))
}

fn failed(error: &(dyn std::error::Error + Send + Sync)) -> DbError {
    DbError::Inconsistent {
        table: "__diesel_schema_migrations",
        row: "-".to_owned(),
        what: error.to_string(),
    }
}
