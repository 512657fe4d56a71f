//! One connection, to either database.

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use secrecy::ExposeSecret as _;

use crate::config::DatabaseUrl;

pub use either::DbConnection;
pub(crate) use either::MultiBackend;

/// How soon a connection to PostgreSQL is given up that gets no answer, be it that packets vanish on the way. What the
/// operator's URL says wins. Units: seconds; `tcp_user_timeout` milliseconds.
const NETWORK_TIMEOUTS: [(&str, &str); 6] = [
    ("connect_timeout", "2"),
    ("keepalives", "1"),
    ("keepalives_idle", "2"),
    ("keepalives_interval", "1"),
    ("keepalives_count", "3"),
    ("tcp_user_timeout", "5000"),
];

#[allow(missing_docs, reason = "the derive writes public items without a word")]
mod either {
    use diesel::{PgConnection, SqliteConnection};

    /// A connection to either database.
    #[derive(diesel::MultiConnection)]
    pub enum DbConnection {
        /// PostgreSQL.
        Postgres(PgConnection),
        /// A SQLite file.
        Sqlite(SqliteConnection),
    }
}

/// Opens one connection, with the settings that the program relies on.
pub fn open(url: &DatabaseUrl) -> ConnectionResult<DbConnection> {
    let unusable = ConnectionError::CouldntSetupConfiguration;
    match url {
        DatabaseUrl::Postgres(url) => {
            let mut connection = PgConnection::establish(&with_timeouts(url.expose_secret()))?;
            connection
                .batch_execute("SET statement_timeout = '10s'; SET lock_timeout = '5s'; SET client_min_messages = 'warning'")
                .map_err(unusable)?;
            Ok(DbConnection::Postgres(connection))
        }
        DatabaseUrl::Sqlite(path) => {
            let mut connection = SqliteConnection::establish(&path.to_string_lossy())?;
            // FULL: a launch or grade that was answered survives a power cut.
            connection
                .batch_execute(
                    "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; \
                     PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;",
                )
                .map_err(unusable)?;
            Ok(DbConnection::Sqlite(connection))
        }
    }
}

/// The URL with [`NETWORK_TIMEOUTS`] where it does not name its own.
///
/// Quirk: not parsed, because PostgreSQL's URLs may name several hosts, or none.
fn with_timeouts(url: &str) -> String {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let is_named = |name: &str| query.split('&').any(|pair| pair.split('=').next() == Some(name));
    let mut url = url.to_owned();
    for (name, value) in NETWORK_TIMEOUTS.iter().filter(|(name, _)| !is_named(name)) {
        let joint = if url.contains('?') { '&' } else { '?' };
        url.push_str(&format!("{joint}{name}={value}"));
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_without_answers_is_given_up_unless_the_operator_says_otherwise() {
        let own =
            "keepalives=1&keepalives_idle=2&keepalives_interval=1&keepalives_count=3&tcp_user_timeout=5000";
        for (url, expected) in [
            ("postgres://db/class", format!("postgres://db/class?connect_timeout=2&{own}")),
            (
                "postgres://a,b:6432/class?sslmode=require",
                format!("postgres://a,b:6432/class?sslmode=require&connect_timeout=2&{own}"),
            ),
            ("postgres://db/class?connect_timeout=9", format!("postgres://db/class?connect_timeout=9&{own}")),
        ] {
            assert_eq!(with_timeouts(url), expected);
        }
    }
}
