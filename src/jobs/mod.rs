//! Work that must survive a crash: an outbox. It knows no particular job.
//!
//! A job is written in the transaction of whatever makes it necessary. Any process takes it by a lease in a short
//! transaction, works at it without one, and ends it in another short transaction, together with what it changes. A
//! process that dies lets its leases run out; somebody else then does the work once more. So work happens at least
//! once, and each worker sees to it that twice is as good as once.
//!
//! There is one job for each kind and subject: a request that comes while the job runs is done right after it. Jobs that
//! need the same outside service share a queue: it lets a few through at a time, and waits as a whole while the service
//! is in trouble. Queues take turns, and so do the platforms that they belong to; grades and lists run in pools of their
//! own. So nobody's service, slow or hostile, keeps anybody else's waiting.

pub(crate) mod fairness;
pub(crate) mod overview;
mod retry;
mod runner;
pub mod store;

use std::time::Duration;

use async_trait::async_trait;

use crate::clock::Timestamp;
use crate::db::{DbError, Tx};

pub use self::fairness::Pool;
pub use self::runner::{JobNotifier, JobRunner};

/// A job that never succeeded for this long is given up, visibly.
pub const TIMEOUT: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// The reason of a job that our own database kept from its work.
pub const DATABASE_FAILED: &str = "database";

/// Work that somebody wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRequest<'a> {
    /// Names the worker.
    pub kind: &'static str,
    /// What the work is about, in the worker's own words.
    pub subject: &'a str,
    /// The outside service that it needs.
    pub queue: &'a str,
    /// Not before this moment.
    pub due: Timestamp,
}

/// A job that this process works at.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The row.
    pub id: String,
    /// Names the worker.
    pub kind: String,
    /// What the work is about.
    pub subject: String,
    /// The outside service that it needs.
    pub queue: String,
    /// Counts the requests; one that comes meanwhile makes another.
    pub generation: i64,
    /// How often it failed so far.
    pub attempts: i64,
    /// Whether it waited so long that another failure is the last.
    pub is_last_chance: bool,
    /// Proves that the job is still ours.
    pub lease: String,
    /// When it was taken.
    pub begun: Timestamp,
}

/// What becomes of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disposition {
    /// Nothing is left to do.
    Done,
    /// Not yet: nothing failed.
    NotBefore(Timestamp),
    /// It failed and is tried again, after a pause that grows.
    Again {
        /// The failure's code.
        reason: &'static str,
        /// Whether everything in the queue would fail so.
        shared: bool,
        /// The pause that the service asked for.
        after: Option<Duration>,
    },
    /// It failed, and only a new request tries it again.
    Failed {
        /// The failure's code.
        reason: &'static str,
    },
}

/// What a job changes when it ends, in the transaction that ends it.
pub type Effect = Box<dyn FnOnce(&mut Tx<'_>) -> Result<(), DbError> + Send>;

/// How a job ended.
pub struct JobOutcome {
    /// What becomes of it.
    pub disposition: Disposition,
    /// Whether the queue's service answered: then it is in trouble no more.
    pub answered: bool,
    /// What changes with it; nothing, when the job was somebody else's by then.
    pub effect: Effect,
}

impl JobOutcome {
    /// An end that changes nothing else.
    pub fn new(disposition: Disposition) -> Self {
        Self { disposition, answered: false, effect: Box::new(|_| Ok(())) }
    }

    /// The same after an answer of the queue's service.
    #[must_use]
    pub fn answered(self) -> Self {
        Self { answered: true, ..self }
    }

    /// The same with a change.
    #[must_use]
    pub fn with(self, effect: impl FnOnce(&mut Tx<'_>) -> Result<(), DbError> + Send + 'static) -> Self {
        Self { effect: Box::new(effect), ..self }
    }

    /// The same with another change, after the first.
    #[must_use]
    pub fn and(self, effect: impl FnOnce(&mut Tx<'_>) -> Result<(), DbError> + Send + 'static) -> Self {
        let first = self.effect;
        let both = |tx: &mut Tx<'_>| {
            first(tx)?;
            effect(tx)
        };
        Self { effect: Box::new(both), ..self }
    }
}

/// Does the jobs of one kind.
#[async_trait]
pub trait Worker: Send + Sync {
    /// The kind's name in the database.
    fn kind(&self) -> &'static str;

    /// Works at a job; it may be dropped at any await, when the lease is lost.
    async fn work(&self, claim: &Claim) -> JobOutcome;
}
