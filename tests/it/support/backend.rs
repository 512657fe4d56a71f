//! The two pairs of stores, each story with one of its own.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use diesel::connection::SimpleConnection as _;
use diesel::{ConnectionResult, RunQueryDsl as _};
use jitsi_lti::clock::{FakeClock, Timestamp};
use jitsi_lti::config::DatabaseUrl;
use jitsi_lti::db;
use jitsi_lti::db::migrate::migrate;
use jitsi_lti::db::{Database, DbConnection};
use jitsi_lti::ids::Random;
use jitsi_lti::sealing::Sealer;
use jitsi_lti::signing::KeyRing;
use secrecy::SecretString;
use tempfile::TempDir;

use super::{NOW, SECRET};

const SQLITE_FILE: &str = "tool.sqlite3";

/// A pair of stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// A SQLite file, and short-lived state in memory.
    Sqlite,
    /// PostgreSQL, and short-lived state in Redis.
    Postgres,
}

/// A folder, and in it or on the server a database, that go when the story ends.
pub struct Storage {
    folder: TempDir,
    database: Option<String>,
    /// Where PostgreSQL is reached, if not directly.
    port: Option<u16>,
}

impl Storage {
    /// A database as the tool leaves it after its first start: migrated, with the tool's keys.
    pub fn new(backend: Backend) -> Self {
        static STARTED: [OnceLock<Storage>; 2] = [OnceLock::new(), OnceLock::new()];
        let started = STARTED[backend as usize].get_or_init(|| Self::started(backend));
        let folder = tempfile::tempdir().unwrap();
        let database = match &started.database {
            None => {
                std::fs::copy(started.sqlite_file(), folder.path().join(SQLITE_FILE)).unwrap();
                None
            }
            Some(template) => Some(create_database(&format!("TEMPLATE {template}"))),
        };
        Self { folder, database, port: None }
    }

    /// A database without any table.
    pub fn empty(backend: Backend) -> Self {
        let database = (backend == Backend::Postgres).then(|| create_database(""));
        Self { folder: tempfile::tempdir().unwrap(), database, port: None }
    }

    /// What the others are copied from.
    fn started(backend: Backend) -> Self {
        let storage = Self::empty(backend);
        let url = storage.database();
        migrate(&mut db::open(&url).unwrap()).unwrap();
        let making = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let clock = Arc::new(FakeClock::new(Timestamp::from_secs(NOW)));
            let db = Database::new(&url, clock, Random::System).unwrap();
            let sealer = Sealer::parse(&SecretString::from(SECRET)).unwrap();
            runtime
                .block_on(KeyRing::load(&db, &sealer, Timestamp::from_secs(NOW), &Random::System))
                .unwrap();
        });
        making.join().unwrap();
        match &storage.database {
            None => db::open(&storage.database())
                .unwrap()
                .batch_execute("PRAGMA wal_checkpoint(TRUNCATE)")
                .unwrap(),
            Some(name) => disconnect(name),
        }
        storage
    }

    fn sqlite_file(&self) -> PathBuf {
        self.folder.path().join(SQLITE_FILE)
    }

    /// PostgreSQL is reached at this port of the machine.
    #[must_use]
    pub fn reached_at(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    pub fn folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// The database's URL, as an operator writes it.
    pub fn url(&self) -> String {
        match &self.database {
            None => format!("sqlite://{}", self.sqlite_file().display()),
            Some(name) => {
                let mut url = url::Url::parse(&postgres_url()).unwrap();
                url.set_path(name);
                if self.port.is_some() {
                    url.set_host(Some("127.0.0.1")).unwrap();
                    url.set_port(self.port).unwrap();
                }
                url.into()
            }
        }
    }

    pub fn database(&self) -> DatabaseUrl {
        DatabaseUrl::parse(&self.url()).unwrap()
    }

    /// Takes the PostgreSQL database away from everybody.
    pub fn goes_down(&self) {
        let name = self.database.as_ref().unwrap();
        as_admin(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"));
        disconnect(name);
    }

    /// A connection to the database itself, whatever the tool reaches.
    pub fn opens(&self) -> ConnectionResult<DbConnection> {
        let Some(name) = &self.database else { return db::open(&self.database()) };
        let mut url = url::Url::parse(&postgres_url()).unwrap();
        url.set_path(name);
        db::open(&DatabaseUrl::Postgres(SecretString::from(String::from(url))))
    }

    /// Changes rows, whatever the tool reaches.
    pub fn directly(&self, sql: &str) {
        diesel::sql_query(sql).execute(&mut self.opens().unwrap()).unwrap();
    }

    /// Gives it back.
    pub fn comes_back(&self) {
        as_admin(&format!("ALTER DATABASE {} ALLOW_CONNECTIONS true", self.database.as_ref().unwrap()));
    }
}

/// Lets nobody write to a database, as long as it lives.
pub struct WriteStop {
    _lock: Option<DbConnection>,
    database: Option<String>,
}

impl Storage {
    /// From now on nothing can be written: another process holds the SQLite file, the PostgreSQL server only reads.
    pub fn stops_writes(&self) -> WriteStop {
        match &self.database {
            None => {
                let mut lock = db::open(&self.database()).unwrap();
                lock.batch_execute("BEGIN IMMEDIATE").unwrap();
                WriteStop { _lock: Some(lock), database: None }
            }
            Some(name) => {
                set_read_only(name, true);
                WriteStop { _lock: None, database: Some(name.clone()) }
            }
        }
    }
}

impl Drop for WriteStop {
    fn drop(&mut self) {
        if let Some(name) = &self.database {
            set_read_only(name, false);
        }
    }
}

fn set_read_only(name: &str, read_only: bool) {
    as_admin(&format!("ALTER DATABASE {name} SET default_transaction_read_only = {read_only}"));
    disconnect(name);
}

impl Drop for Storage {
    fn drop(&mut self) {
        if let Some(name) = &self.database {
            as_admin(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

fn create_database(how: &str) -> String {
    let name = format!("t_{}", Random::System.letters_and_digits(16));
    as_admin(&format!("CREATE DATABASE {name} {how}"));
    name
}

/// Ends all connections to a PostgreSQL database.
fn disconnect(name: &str) {
    as_admin(&format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"));
}

fn as_admin(sql: &str) {
    let url = DatabaseUrl::Postgres(SecretString::from(postgres_url()));
    diesel::sql_query(sql).execute(&mut db::open(&url).unwrap()).unwrap();
}

/// The PostgreSQL server of the tests.
fn postgres_url() -> String {
    setting("TEST_POSTGRES_URL")
}

/// Host and port of that server.
pub fn postgres_address() -> String {
    let url = url::Url::parse(&postgres_url()).unwrap();
    format!("{}:{}", url.host_str().unwrap(), url.port().unwrap_or(5432))
}

/// The Redis server of the tests.
pub fn redis_url() -> String {
    setting("TEST_REDIS_URL")
}

fn setting(name: &str) -> String {
    let value = std::env::var_os(name).unwrap_or_else(|| panic!("{name} is not set: run tests/run"));
    value.into_string().unwrap()
}
