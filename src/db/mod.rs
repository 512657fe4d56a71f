//! The database: one connection type over SQLite and PostgreSQL, so that every query is written once.

pub(crate) mod columns;
mod connection;
mod health;
pub mod migrate;
mod outage;
mod probe;
#[allow(missing_docs, reason = "columns speak for themselves; the migrations explain them")]
pub(crate) mod schema;
mod sole_instance;

use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::connection::{AnsiTransactionManager, SimpleConnection as _, TransactionManager as _};
use diesel::r2d2::{ManageConnection, Pool, PooledConnection, R2D2Connection as _};
use diesel::result::{DatabaseErrorKind, Error as QueryError};
use tokio::sync::Semaphore;

use crate::clock::{Clock, Timestamp};
use crate::config::DatabaseUrl;
use crate::ids::Random;

use self::health::{Health, SUSPICIOUS};
use self::outage::is_outage;

pub use self::connection::{DbConnection, open};
pub use self::sole_instance::{SoleInstance, SoleInstanceError};

const READERS: u32 = 4;
const POSTGRES_CONNECTIONS: u32 = 8;
/// A connection that worked this short a time ago is not asked whether it still does.
const BELIEVED_FOR: Duration = Duration::from_secs(1);
/// How long a request waits for a connection before it is told that the database is away.
const TIMEOUT: Duration = Duration::from_secs(3);
/// Work that reads much for one page: so many at a time, so that short work always finds a connection.
const LONG_READS: usize = 2;

/// Pastes one expression for each database: for upserts, which the shared query language lacks, and for look-ups that every
/// launch or page makes.
///
/// Quirk: a query through [`DbConnection`] writes its text anew each time; one at the inner connection
/// once.
#[macro_export]
macro_rules! on_each_backend {
    ($connection:expr, |$inner:ident| $body:expr) => {
        match $connection {
            $crate::db::DbConnection::Postgres($inner) => $body,
            $crate::db::DbConnection::Sqlite($inner) => $body,
        }
    };
}

/// Why the database gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// It cannot be reached, read or written now; later it may.
    #[error("the database is out of order: {0}")]
    Unavailable(String),
    /// A query failed.
    #[error("a query failed: {0}")]
    Query(QueryError),
    /// A row holds what the program never writes.
    #[error("table {table}, row {row}: {what}")]
    Inconsistent {
        /// The table.
        table: &'static str,
        /// The row's id.
        row: String,
        /// What is wrong.
        what: String,
    },
    /// The work was cut off.
    #[error("the work at the database was cut off")]
    Interrupted,
}

impl DbError {
    /// The error of somebody who does not wait for a database that is known to be away.
    pub fn away() -> Self {
        Self::Unavailable("it does not answer".to_owned())
    }

    /// Tells whether the same may succeed later.
    pub fn is_outage(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Interrupted)
    }
}

impl From<QueryError> for DbError {
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::DatabaseError(kind, info) if is_outage(&kind, info.message()) => {
                Self::Unavailable(info.message().to_owned())
            }
            QueryError::BrokenTransactionManager => Self::Unavailable("the connection broke".to_owned()),
            other => Self::Query(other),
        }
    }
}

/// Tells whether `error` says that a row with the same unique key exists already.
pub fn is_unique_violation(error: &QueryError) -> bool {
    matches!(error, QueryError::DatabaseError(DatabaseErrorKind::UniqueViolation, _))
}

struct Connector(DatabaseUrl);

/// A connection, and when it was last seen working.
struct Pooled {
    connection: DbConnection,
    seen: Instant,
}

impl ManageConnection for Connector {
    type Connection = Pooled;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> Result<Pooled, Self::Error> {
        let connection = open(&self.0).map_err(diesel::r2d2::Error::ConnectionError)?;
        Ok(Pooled { connection, seen: Instant::now() })
    }

    /// Asks a connection that rested whether it still works; one in use is believed.
    fn is_valid(&self, pooled: &mut Pooled) -> Result<(), Self::Error> {
        if pooled.seen.elapsed() < BELIEVED_FOR {
            return Ok(());
        }
        pooled.connection.batch_execute("SELECT 1").map_err(diesel::r2d2::Error::QueryError)?;
        pooled.seen = Instant::now();
        Ok(())
    }

    fn has_broken(&self, pooled: &mut Pooled) -> bool {
        on_each_backend!(&mut pooled.connection, |inner| inner.is_broken())
    }
}

/// A unit of work: what is written together, at one moment, by one source of randomness. It is committed as a whole or not
/// at all.
pub struct Tx<'a> {
    /// The connection, in a transaction.
    pub connection: &'a mut DbConnection,
    /// When the work is done.
    pub now: Timestamp,
    /// Where new identifiers come from.
    pub random: &'a Random,
}

/// The database as the domains see it: closures that read, and closures that write in a transaction.
#[derive(Clone)]
pub struct Database {
    clock: Arc<dyn Clock>,
    random: Random,
    readers: GatedPool,
    writers: GatedPool,
    long_reads: Arc<Semaphore>,
    embedded: bool,
}

/// A pool with a gate of its size, so that no blocking thread ever waits for a connection.
#[derive(Clone)]
struct GatedPool {
    pool: Pool<Connector>,
    gate: Arc<Semaphore>,
    /// Of a database on the network.
    health: Option<Arc<Health>>,
}

impl Database {
    /// Pools for `url`. Nothing is opened yet: a database that is down is found at the first query.
    pub fn new(url: &DatabaseUrl, clock: Arc<dyn Clock>, random: Random) -> Result<Self, DbError> {
        let long_reads = Arc::new(Semaphore::new(LONG_READS));
        match url {
            // One writer is as fast as eight, and nobody waits for a lock.
            DatabaseUrl::Sqlite(_) => {
                let (readers, writers) = (GatedPool::new(url, READERS)?, GatedPool::new(url, 1)?);
                Ok(Self { clock, random, readers, writers, long_reads, embedded: true })
            }
            DatabaseUrl::Postgres(_) => {
                let pool = GatedPool::new(url, POSTGRES_CONNECTIONS)?;
                Ok(Self { clock, random, readers: pool.clone(), writers: pool, long_reads, embedded: false })
            }
        }
    }

    /// Runs `work` with a connection, outside any transaction.
    ///
    /// Errors: [`DbError::Unavailable`] when no connection comes within three seconds; at once while the database is known to
    /// be away.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T, DbError> + Send + 'static,
    ) -> Result<T, DbError> {
        self.readers.run(work).await
    }

    /// Runs `work`, which reads much for one page, outside any transaction: so few at a time that short work never waits.
    pub async fn read_much<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T, DbError> + Send + 'static,
    ) -> Result<T, DbError> {
        let turn = self.readers.unless_away(self.long_reads.acquire()).await?;
        let _turn = turn.map_err(|_: tokio::sync::AcquireError| DbError::Interrupted)?;
        self.readers.run(work).await
    }

    /// Runs `work`, which finds some rows by their keys, outside any transaction.
    ///
    /// Quirk: on SQLite such a look-up takes less time than handing it to another thread, so it runs on this one. It must
    /// bind no LIMIT (`get_result`, not `first`): SQLite would plan the statement anew at each run.
    pub async fn look_up<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T, DbError> + Send + 'static,
    ) -> Result<T, DbError> {
        self.try_look_up(work).await
    }

    /// Does the same for work that fails in a domain's own way.
    pub async fn try_look_up<T, E>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        match self.embedded.then(|| self.readers.pool.try_get()).flatten() {
            Some(mut pooled) => work(&mut pooled.connection),
            None => self.readers.run(work).await,
        }
    }

    /// Runs `work` in a transaction that is committed when it answers `Ok`, and rolled back otherwise.
    ///
    /// Quirk: the work runs to its end even when the request that asked for it is gone.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, DbError> + Send + 'static,
    ) -> Result<T, DbError> {
        self.try_write(work).await
    }

    /// Does the same for work that fails in a domain's own way.
    pub async fn try_write<T, E>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let (clock, random) = (Arc::clone(&self.clock), self.random.clone());
        self.writers.run(move |connection| in_transaction(connection, clock.as_ref(), &random, work)).await
    }

    /// Whether it is the embedded one.
    pub fn is_embedded(&self) -> bool {
        self.embedded
    }

    /// Whether it is known to be away: whoever asks it now gets an error at once.
    pub fn is_away(&self) -> bool {
        self.readers.health.as_ref().is_some_and(|health| health.is_away())
    }
}

impl GatedPool {
    fn new(url: &DatabaseUrl, size: u32) -> Result<Self, DbError> {
        let over_the_network = matches!(url, DatabaseUrl::Postgres(_));
        let pool = Pool::builder()
            .max_size(size)
            .min_idle(Some(if over_the_network { 0 } else { 1 }))
            .test_on_check_out(over_the_network)
            .connection_timeout(TIMEOUT)
            .build(Connector(url.clone()))
            .map_err(|error| DbError::Unavailable(error.to_string()))?;
        let health = over_the_network.then(|| Arc::new(Health::new(url)));
        Ok(Self { pool, gate: Arc::new(Semaphore::new(size as usize)), health })
    }

    async fn run<T, E>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        self.unless_away(self.run_to_its_end(work)).await?
    }

    /// Waits for `answer`, but not for a database that is away: known to be, or found to be meanwhile.
    ///
    /// Quirk: what runs at a database that is lost goes on without anybody who listens; it may still succeed.
    async fn unless_away<T>(&self, answer: impl Future<Output = T>) -> Result<T, DbError> {
        let Some(health) = &self.health else { return Ok(answer.await) };
        if health.is_away() {
            health.suspect();
            return Err(DbError::away());
        }
        let mut answer = std::pin::pin!(answer);
        let mut gone = std::pin::pin!(health.gone());
        loop {
            tokio::select! {
                biased;
                answer = &mut answer => return Ok(answer),
                () = &mut gone => return Err(DbError::away()),
                () = tokio::time::sleep(SUSPICIOUS) => health.suspect(),
            }
        }
    }

    async fn run_to_its_end<T, E>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let closed = |_: tokio::sync::AcquireError| DbError::Interrupted;
        let permit = Arc::clone(&self.gate).acquire_owned().await.map_err(closed)?;
        let (pool, health) = (self.pool.clone(), self.health.clone());
        let done = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let mut pooled: PooledConnection<Connector> = pool.get().map_err(|error| {
                health.iter().for_each(Health::suspect);
                DbError::Unavailable(error.to_string())
            })?;
            let outcome = work(&mut pooled.connection);
            if outcome.is_ok() {
                pooled.seen = Instant::now();
                health.iter().for_each(|health| health.works());
            }
            outcome
        });
        done.await.unwrap_or_else(|_: tokio::task::JoinError| Err(DbError::Interrupted.into()))
    }
}

/// Runs `work` in a transaction on `connection`.
///
/// Quirk: SQLite begins with IMMEDIATE; a transaction that reads first and writes later would fail without waiting.
pub fn in_transaction<T, E: From<DbError>>(
    connection: &mut DbConnection,
    clock: &dyn Clock,
    random: &Random,
    work: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
) -> Result<T, E> {
    match connection {
        DbConnection::Postgres(inner) => AnsiTransactionManager::begin_transaction(inner),
        DbConnection::Sqlite(inner) => {
            AnsiTransactionManager::begin_transaction_sql(inner, "BEGIN IMMEDIATE")
        }
    }
    .map_err(DbError::from)?;
    // Read when the turn has come: of two units of work the later one has the later moment.
    let now = clock.now();
    match work(&mut Tx { connection, now, random }) {
        Ok(value) => {
            on_each_backend!(connection, |inner| AnsiTransactionManager::commit_transaction(inner))
                .map_err(DbError::from)?;
            Ok(value)
        }
        Err(error) => {
            // The error that ended the work matters more than a connection that cannot even roll back: the pool
            // throws such a one away.
            let _ = on_each_backend!(connection, |inner| AnsiTransactionManager::rollback_transaction(inner));
            Err(error)
        }
    }
}
