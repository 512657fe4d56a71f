//! Takes jobs and has them done, as many at a time as each lane allows.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, oneshot};
use tokio::task::JoinSet;

use super::{Claim, Effect, Fate, Outcome, Worker, store};
use crate::clock::Clock;
use crate::db::{Database, DbError};
use crate::ids::Random;

const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Jobs that one process runs at a time, over all lanes.
const MOST_AT_ONCE: usize = 64;
/// Well before a lease of [`store::LEASE`] runs out.
const RENEW_EVERY: Duration = Duration::from_secs(3);
/// A process that is told to stop lets running jobs end for this long; later ones are done again elsewhere.
const GRACE: Duration = Duration::from_secs(8);
const PAUSE_WITHOUT_DATABASE: Duration = Duration::from_secs(2);

/// Tells the runner of this process that there may be something to do now.
#[derive(Clone, Default)]
pub struct Bell(Arc<Notify>);

impl Bell {
    /// Rings.
    pub fn ring(&self) {
        self.0.notify_one();
    }
}

/// Runs jobs until it is told to finish, in a thread of its own: a class that ends sends a burst of marks, and neither
/// requests nor signs of life should wait behind it.
pub struct JobRunner {
    stop: Arc<Notify>,
    ended: oneshot::Receiver<()>,
}

/// What every part of the runner uses.
struct Hands {
    db: Database,
    clock: Arc<dyn Clock>,
    random: Random,
    workers: Vec<Arc<dyn Worker>>,
}

impl JobRunner {
    /// Starts it. `is_sole` says that no other process can be at work: what the last one left is taken up at once.
    pub fn start(
        (db, clock, random): (Database, Arc<dyn Clock>, Random),
        workers: Vec<Arc<dyn Worker>>,
        bell: Bell,
        is_sole: bool,
    ) -> std::io::Result<Self> {
        let stop = Arc::new(Notify::new());
        let hands = Arc::new(Hands { db, clock, random, workers });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (tell, ended) = oneshot::channel();
        let running = run(hands, bell, Arc::clone(&stop), is_sole);
        std::thread::Builder::new().name("jobs".to_owned()).spawn(move || {
            runtime.block_on(running);
            // Nobody listens when the process ends without waiting.
            let _ = tell.send(());
        })?;
        Ok(Self { stop, ended })
    }

    /// Takes no more jobs, lets running ones end, and ends.
    pub async fn finish(self) {
        self.stop.notify_one();
        if self.ended.await.is_err() {
            tracing::warn!("the runner of jobs ended early");
        }
    }
}

async fn run(hands: Arc<Hands>, bell: Bell, stop: Arc<Notify>, is_sole: bool) {
    let mut running = JoinSet::new();
    let mut is_free = !is_sole;
    loop {
        if !is_free {
            is_free = hands.free_all().await.is_ok();
        }
        let pause = match hands.take(MOST_AT_ONCE - running.len()).await {
            Ok(claims) => {
                for claim in claims {
                    running.spawn(Arc::clone(&hands).see_through(claim));
                }
                LOOK_EVERY
            }
            Err(error) => {
                tracing::warn!(%error, "jobs cannot be taken; they wait");
                PAUSE_WITHOUT_DATABASE
            }
        };
        tokio::select! {
            () = stop.notified() => break,
            () = bell.0.notified() => {}
            Some(_) = running.join_next() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
    let all = async { while running.join_next().await.is_some() {} };
    if tokio::time::timeout(GRACE, all).await.is_err() {
        tracing::warn!("jobs were cut off; they are done again after the next start");
    }
}

impl Hands {
    async fn free_all(&self) -> Result<(), DbError> {
        let now = self.clock.now();
        self.db.write(move |connection| store::free_all(connection, now)).await
    }

    /// Claims up to `room` jobs, lane after lane.
    async fn take(&self, room: usize) -> Result<Vec<Claim>, DbError> {
        let mut claims = Vec::new();
        let now = self.clock.now();
        let lanes = self.db.look_up(move |connection| store::list_due_lanes(connection, now)).await?;
        for lane in lanes {
            let free = i64::try_from(room.saturating_sub(claims.len())).unwrap_or(0);
            if free == 0 {
                break;
            }
            let lease = self.random.letters_and_digits(16);
            let claimed: Vec<Claim> =
                self.db.write(move |connection| store::claim(connection, &lane, (&lease, free), now)).await?;
            claims.extend(claimed);
        }
        Ok(claims)
    }

    /// Works at a job for as long as its lease holds, and ends it.
    async fn see_through(self: Arc<Self>, claim: Claim) {
        let Some(worker) = self.workers.iter().find(|worker| worker.kind() == claim.kind) else {
            // Another release's kind: left to a process that knows it.
            let later = Fate::NotBefore(self.clock.now().plus(store::LEASE));
            return self.end(&claim, Outcome::new(later)).await;
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
            let (kept, now) = (claim.clone(), self.clock.now());
            let renewed: Result<bool, DbError> =
                self.db.write(move |connection| store::renew(connection, &kept, now)).await;
            if !matches!(renewed, Ok(true)) {
                return;
            }
        }
    }

    async fn end(&self, claim: &Claim, outcome: Outcome) {
        let Outcome { fate, answered, effect } = outcome;
        match fate {
            Fate::Failed { reason } => tracing::warn!(kind = claim.kind, code = reason, "a job failed"),
            Fate::Again { reason, .. } => {
                tracing::info!(
                    kind = claim.kind,
                    code = reason,
                    attempts = claim.attempts,
                    "a job is tried again"
                );
            }
            Fate::Done | Fate::NotBefore(_) => {}
        }
        let (ours, now, random) = (claim.clone(), self.clock.now(), self.random.clone());
        let written =
            self.db.write(move |connection| end(connection, &ours, (fate, answered, effect), now, &random));
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
fn end(
    connection: &mut crate::db::DbConnection,
    claim: &Claim,
    (fate, answered, effect): (Fate, bool, Effect),
    now: crate::clock::Timestamp,
    random: &Random,
) -> Result<(), NotEnded> {
    effect(connection)?;
    if store::end(connection, claim, (fate, answered), now, random)? {
        Ok(())
    } else {
        Err(NotEnded::NotOurs)
    }
}
