//! Takes jobs and has them done: each pool in a thread of its own, as many at a time as its limits allow.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, oneshot};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::{Claim, Disposition, JobOutcome, Pool, Worker, store};
use crate::clock::Clock;
use crate::db::{Database, DbError, Tx};
use crate::flush::FlushRequests;
use crate::ids::Random;

const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Looking at what waits never takes more than half of a thread's time, however many queues there are.
const MAX_REST: Duration = Duration::from_millis(200);
const TIDY_EVERY: Duration = Duration::from_secs(10 * 60);
/// Well before a lease of [`store::LEASE`] runs out.
const RENEW_EVERY: Duration = Duration::from_secs(3);
/// A process that is told to stop lets running jobs end for this long; later ones are done again elsewhere.
const GRACE: Duration = Duration::from_secs(8);
const PAUSE_WITHOUT_DATABASE: Duration = Duration::from_secs(2);

/// Tells the runner of this process that there may be something to do now.
#[derive(Clone, Default)]
pub struct JobNotifier {
    grades: Arc<PoolSignals>,
    lists: Arc<PoolSignals>,
}

/// What a pool of the runner listens to.
#[derive(Default)]
struct PoolSignals {
    notify: Notify,
    flushes: FlushRequests,
}

impl JobNotifier {
    /// Rings.
    pub fn notify(&self) {
        self.grades.notify.notify_one();
        self.lists.notify.notify_one();
    }

    /// Has everything done that is due, and returns when nothing more may begin and nothing runs.
    pub async fn flush(&self) {
        futures::join!(self.grades.flushes.flush(), self.lists.flushes.flush());
    }

    fn of(&self, pool: Pool) -> Arc<PoolSignals> {
        Arc::clone(match pool {
            Pool::Grades => &self.grades,
            Pool::Lists => &self.lists,
        })
    }
}

/// Runs jobs until it is told to finish, in threads of its own: a class that ends sends a burst of grades, and neither
/// requests nor heartbeats should wait behind it; nor should grades behind lists.
pub struct JobRunner {
    pools: Vec<RunningPool>,
}

struct RunningPool {
    stop: Arc<Notify>,
    ended: oneshot::Receiver<()>,
}

/// What every part of the runner uses.
struct RunnerContext {
    db: Database,
    clock: Arc<dyn Clock>,
    random: Random,
    workers: Vec<Arc<dyn Worker>>,
}

impl JobRunner {
    /// Starts it. `is_sole` says that no other process can be at work: what the last one left is taken up at once.
    pub fn start(
        db: Database,
        clock: Arc<dyn Clock>,
        random: Random,
        workers: Vec<Arc<dyn Worker>>,
        notifier: &JobNotifier,
        is_sole: bool,
    ) -> std::io::Result<Self> {
        let context = Arc::new(RunnerContext { db, clock, random, workers });
        let begin = |pool| RunningPool::start(Arc::clone(&context), pool, notifier.of(pool), is_sole);
        Ok(Self { pools: Pool::ALL.into_iter().map(begin).collect::<Result<_, _>>()? })
    }

    /// Takes no more jobs, lets running ones end, and ends.
    pub async fn finish(self) {
        self.pools.iter().for_each(|pool| pool.stop.notify_one());
        for pool in self.pools {
            if pool.ended.await.is_err() {
                tracing::warn!("the runner of jobs ended early");
            }
        }
    }
}

impl RunningPool {
    fn start(
        context: Arc<RunnerContext>,
        pool: Pool,
        signals: Arc<PoolSignals>,
        is_sole: bool,
    ) -> std::io::Result<Self> {
        let stop = Arc::new(Notify::new());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (tell, ended) = oneshot::channel();
        let running = run(context, pool, signals, Arc::clone(&stop), is_sole);
        std::thread::Builder::new().name(format!("jobs-{}", pool.word())).spawn(move || {
            runtime.block_on(running);
            // Nobody listens when the process ends without waiting.
            let _ = tell.send(());
        })?;
        Ok(Self { stop, ended })
    }
}

/// The jobs that this process works at.
#[derive(Default)]
struct Slots {
    tasks: JoinSet<()>,
    begun: HashMap<tokio::task::Id, Instant>,
}

impl Slots {
    fn room(&self, pool: Pool) -> usize {
        pool.limits().room(self.begun.values().map(Instant::elapsed))
    }

    fn begin(&mut self, context: &Arc<RunnerContext>, claim: Claim) {
        let task = self.tasks.spawn(Arc::clone(context).see_through(claim));
        self.begun.insert(task.id(), Instant::now());
    }

    /// Frees the slots of the jobs that ended; waits for one. `None` where none runs.
    async fn free(&mut self) -> Option<()> {
        let mut ended = Some(self.tasks.join_next_with_id().await?);
        while let Some(one) = ended {
            let slot = match one {
                Ok((slot, ())) => slot,
                Err(error) => {
                    tracing::error!(%error, "a job broke off; it is done again");
                    error.id()
                }
            };
            self.begun.remove(&slot);
            ended = self.tasks.try_join_next_with_id();
        }
        Some(())
    }
}

async fn run(
    context: Arc<RunnerContext>,
    pool: Pool,
    signals: Arc<PoolSignals>,
    stop: Arc<Notify>,
    is_sole: bool,
) {
    let mut slots = Slots::default();
    let mut is_free = !is_sole;
    let mut tidied: Option<Instant> = None;
    loop {
        if !is_free {
            is_free = context.free_all(pool).await.is_ok();
        }
        if pool == Pool::Grades && tidied.is_none_or(|at| at.elapsed() > TIDY_EVERY) {
            tidied = context.tidy().await.is_ok().then(Instant::now);
        }
        let asked = signals.flushes.last();
        let looked = Instant::now();
        let pause = match context.take(pool, slots.room(pool)).await {
            Ok(claims) => {
                claims.into_iter().for_each(|claim| slots.begin(&context, claim));
                if slots.tasks.is_empty() {
                    signals.flushes.answer(asked);
                }
                LOOK_EVERY
            }
            Err(error) => {
                tracing::warn!(%error, "jobs cannot be taken; they wait");
                PAUSE_WITHOUT_DATABASE
            }
        };
        tokio::time::sleep(looked.elapsed().min(MAX_REST)).await;
        tokio::select! {
            () = stop.notified() => break,
            () = signals.notify.notified() => {}
            () = signals.flushes.comes_after(asked) => {}
            Some(()) = slots.free() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
    let all = async { while slots.free().await.is_some() {} };
    if tokio::time::timeout(GRACE, all).await.is_err() {
        tracing::warn!("jobs were cut off; they are done again after the next start");
    }
}

impl RunnerContext {
    async fn free_all(&self, pool: Pool) -> Result<(), DbError> {
        self.db.write(move |tx| store::free_all(tx, pool)).await
    }

    async fn tidy(&self) -> Result<(), DbError> {
        self.db.write(store::tidy).await
    }

    /// Claims up to `room` jobs of a pool, until nothing more may begin.
    async fn take(&self, pool: Pool, room: usize) -> Result<Vec<Claim>, DbError> {
        let mut claims: Vec<Claim> = Vec::new();
        let now = self.clock.now();
        while claims.len() < room {
            let is_any = self.db.look_up(move |connection| store::is_any_due(connection, pool, now)).await?;
            if !is_any {
                break;
            }
            let (lease, free) = (self.random.letters_and_digits(16), room - claims.len());
            let claimed: Vec<Claim> = self.db.write(move |tx| store::claim(tx, pool, &lease, free)).await?;
            if claimed.is_empty() {
                break;
            }
            claims.extend(claimed);
        }
        Ok(claims)
    }

    /// Works at a job for as long as its lease holds, and ends it.
    async fn see_through(self: Arc<Self>, claim: Claim) {
        let Some(worker) = self.workers.iter().find(|worker| worker.kind() == claim.kind) else {
            // Another release's kind: left to a process that knows it.
            let later = Disposition::NotBefore(self.clock.now().plus(store::LEASE));
            return self.end(&claim, JobOutcome::new(later)).await;
        };
        tokio::select! {
            outcome = worker.work(&claim) => self.end(&claim, outcome).await,
            () = self.keep(&claim) => {
                tracing::warn!(kind = claim.kind, "a job's lease was lost; it is done again");
            }
        }
    }

    /// Renews a lease until that fails.
    async fn keep(&self, claim: &Claim) {
        loop {
            tokio::time::sleep(RENEW_EVERY).await;
            let kept = claim.clone();
            let renewed = self.db.write(move |tx| store::renew(tx, &kept)).await;
            if !matches!(renewed, Ok(true)) {
                return;
            }
        }
    }

    async fn end(&self, claim: &Claim, outcome: JobOutcome) {
        let JobOutcome { disposition, answered, effect } = outcome;
        match disposition {
            Disposition::Failed { reason } => {
                tracing::warn!(kind = claim.kind, code = reason, "a job failed")
            }
            Disposition::Again { reason, .. } => {
                tracing::info!(
                    kind = claim.kind,
                    code = reason,
                    attempts = claim.attempts,
                    "a job is tried again"
                );
            }
            Disposition::Done | Disposition::NotBefore(_) => {}
        }
        let ours = claim.clone();
        let written =
            self.db.try_write(move |tx| end(tx, &ours, JobOutcome { disposition, answered, effect }));
        if let Err(error) = written.await {
            tracing::warn!(kind = claim.kind, ?error, "a job's end cannot be written; it is done again");
        }
    }
}

/// Why a job's end was not written.
#[derive(Debug)]
#[allow(dead_code, reason = "read by the log alone")]
enum NotEnded {
    Db(DbError),
    NotOurs,
}

impl From<DbError> for NotEnded {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

/// What a job changes first, its own row last: the order in which those write who make jobs.
fn end(tx: &mut Tx<'_>, claim: &Claim, outcome: JobOutcome) -> Result<(), NotEnded> {
    let JobOutcome { disposition, answered, effect } = outcome;
    effect(tx)?;
    if store::end(tx, claim, disposition, answered)? { Ok(()) } else { Err(NotEnded::NotOurs) }
}
