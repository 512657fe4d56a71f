//! Takes heartbeats at once and writes them a little later, many in one transaction.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::pending::{AttendeeKey, Heartbeat, HeartbeatBatch, PendingIntervals};
use super::store;
use crate::clock::{Clock, Timestamp};
use crate::db::{Database, DbError};
use crate::grades;
use crate::rooms::presence_token::PresenceToken;

/// What a crash loses at most; the next heartbeat of each page repairs it.
const WRITE_EVERY: Duration = Duration::from_secs(1);
const LOOK_FOR_SILENCE_EVERY: Duration = Duration::from_secs(15);
const MIN_PAUSE: Duration = Duration::from_secs(1);
/// People of one transaction.
const BATCH: usize = 1_000;
/// Intervals that wait in memory while nothing can be written: 100,000 people with a page each, and what they reload.
const MAX_WAITING: usize = 150_000;

/// What a page says, and what it could not say before.
pub struct PresenceMessage {
    /// The page's capability.
    pub pass: PresenceToken,
    /// Whether it says good-bye.
    pub has_left: bool,
    /// Heartbeats that failed, by our clock.
    pub missed: Vec<Timestamp>,
    /// Whether the database was asked if the person may be there.
    pub is_admitted: bool,
}

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// It is written within a second.
    Soon,
    /// It waits in memory: nothing can be written now. The page tells it again, should this process end.
    Waiting,
}

/// Why a heartbeat is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PresenceRefusal {
    /// A page heartbeats faster than once a second.
    TooFast,
    /// More waits than this process keeps.
    Full,
}

/// Gathers heartbeats.
#[derive(Default)]
pub struct PresenceBuffer {
    gathered: Mutex<Gathered>,
    stop: Notify,
}

#[derive(Default)]
struct Gathered {
    waiting: HashMap<AttendeeKey, PendingIntervals>,
    /// Intervals in `waiting`.
    size: usize,
    last_heartbeats: HashMap<String, Timestamp>,
    cannot_write: bool,
}

impl PresenceBuffer {
    /// Takes a message of a page whose person is in the conference, or leaves it.
    ///
    /// Errors: [`PresenceRefusal::TooFast`] less than a second after the page's last heartbeat, [`PresenceRefusal::Full`].
    pub fn take(&self, message: PresenceMessage, now: Timestamp) -> Result<Accepted, PresenceRefusal> {
        let PresenceMessage { pass, has_left, missed, is_admitted } = message;
        let mut gathered = self.gathered();
        let is_early = |last: &Timestamp| now.since(*last) < MIN_PAUSE;
        if !has_left && gathered.last_heartbeats.get(&pass.visit).is_some_and(is_early) {
            return Err(PresenceRefusal::TooFast);
        }
        if gathered.size >= MAX_WAITING {
            return Err(PresenceRefusal::Full);
        }
        let opened = pass.opened;
        let (attendee, visit) = AttendeeKey::of(pass);
        let pending = gathered.waiting.entry(attendee).or_default();
        let before = pending.count();
        for at in missed {
            pending.add(Heartbeat { visit: &visit, opened, at, has_left: false, is_admitted });
        }
        pending.add(Heartbeat { visit: &visit, opened, at: now, has_left, is_admitted });
        let after = pending.count();
        gathered.size = (gathered.size + after).saturating_sub(before);
        if !has_left {
            gathered.last_heartbeats.insert(visit, now);
        }
        Ok(if gathered.cannot_write || !is_admitted { Accepted::Waiting } else { Accepted::Soon })
    }

    fn gathered(&self) -> MutexGuard<'_, Gathered> {
        self.gathered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes all that waits, in one order for all processes, so that no two wait for each other's rooms.
    fn take_all(&self, now: Timestamp) -> Vec<HeartbeatBatch> {
        let mut gathered = self.gathered();
        gathered.last_heartbeats.retain(|_, last| now.since(*last) < MIN_PAUSE);
        gathered.size = 0;
        let batch = |(attendee, pending): (AttendeeKey, PendingIntervals)| HeartbeatBatch {
            attendee,
            intervals: pending.into_intervals(),
        };
        let mut batches: Vec<HeartbeatBatch> = gathered.waiting.drain().map(batch).collect();
        batches.sort_by(|left, right| left.attendee.cmp(&right.attendee));
        batches
    }

    fn give_back(&self, batches: impl IntoIterator<Item = HeartbeatBatch>) {
        let mut gathered = self.gathered();
        for HeartbeatBatch { attendee, intervals } in batches {
            let pending = gathered.waiting.entry(attendee).or_default();
            let before = pending.count();
            pending.put_back(intervals);
            let after = pending.count();
            gathered.size = (gathered.size + after).saturating_sub(before);
        }
    }

    /// Notes whether what waits can be written. Answers whether that is news.
    fn note(&self, cannot_write: bool) -> bool {
        let mut gathered = self.gathered();
        let is_news = gathered.cannot_write != cannot_write;
        gathered.cannot_write = cannot_write;
        is_news
    }
}

/// Writes what the buffer gathers, ends meetings that fell silent, and turns minutes into marks.
pub struct PresenceWriter {
    buffer: Arc<PresenceBuffer>,
    task: JoinHandle<()>,
}

impl PresenceWriter {
    /// Starts the writing.
    pub fn start(buffer: Arc<PresenceBuffer>, db: Database, clock: Arc<dyn Clock>) -> Self {
        let writer = BatchWriter { buffer: Arc::clone(&buffer), db };
        let task = tokio::spawn(async move {
            let mut looked = clock.now();
            loop {
                let stopped = tokio::time::timeout(WRITE_EVERY, writer.buffer.stop.notified()).await.is_ok();
                let now = clock.now();
                let look = now.since(looked) >= LOOK_FOR_SILENCE_EVERY;
                let is_done = writer.write(now, look).await;
                if stopped {
                    return;
                }
                looked = if look && is_done { now } else { looked };
            }
        });
        Self { buffer, task }
    }

    /// Writes the rest, and ends.
    pub async fn finish(self) {
        self.buffer.stop.notify_one();
        if self.task.await.is_err() {
            tracing::warn!("the keeper of presence ended early");
        }
    }
}

struct BatchWriter {
    buffer: Arc<PresenceBuffer>,
    db: Database,
}

impl BatchWriter {
    /// Writes what waits, and with `look` what follows from silences. Answers whether all of it is done; nothing is lost
    /// otherwise.
    async fn write(&self, now: Timestamp, look: bool) -> bool {
        // Not even taken from where it waits: the next heartbeats join it there.
        let outcome = if self.db.is_away() { Err(DbError::away()) } else { self.write_all(now, look).await };
        let is_news = self.buffer.note(outcome.is_err());
        match outcome {
            Ok(()) if is_news => tracing::info!("presence is written again"),
            Ok(()) => {}
            Err(error) if is_news => tracing::warn!(%error, "presence cannot be written; it is kept"),
            Err(error) => tracing::debug!(%error, "presence still cannot be written"),
        }
        !self.buffer.gathered().cannot_write
    }

    /// Heartbeats first: a meeting whose heartbeats waited in memory did not fall silent.
    async fn write_all(&self, now: Timestamp, look: bool) -> Result<(), DbError> {
        let mut rest = self.buffer.take_all(now).into_iter();
        let mut failure = None;
        loop {
            let batch: Vec<HeartbeatBatch> = rest.by_ref().take(BATCH).collect();
            if batch.is_empty() {
                break;
            }
            let batch = Arc::new(batch);
            let Err(error) = self.record(&batch).await else { continue };
            if error.is_outage() {
                self.buffer.give_back(Arc::unwrap_or_clone(batch).into_iter().chain(rest));
                return Err(error);
            }
            failure = self.record_each(Arc::unwrap_or_clone(batch)).await.or(failure);
        }
        if look {
            self.db
                .write(move |tx| {
                    store::end_silent_meetings(tx)?;
                    grades::store::finalize(tx, &[], true)
                })
                .await?;
        }
        failure.map_or(Ok(()), Err)
    }

    async fn record(&self, batch: &Arc<Vec<HeartbeatBatch>>) -> Result<(), DbError> {
        let batch = Arc::clone(batch);
        self.db
            .write(move |tx| {
                store::record_all(tx, &batch)?;
                let has_left = |one: &&HeartbeatBatch| one.intervals.iter().any(|interval| interval.has_left);
                let leavers: Vec<(String, String)> = batch
                    .iter()
                    .filter(has_left)
                    .map(|one| (one.attendee.room.clone(), one.attendee.user.clone()))
                    .collect();
                grades::store::finalize(tx, &leavers, false)
            })
            .await
    }

    /// What cannot be written of one person keeps nobody else's minutes waiting.
    async fn record_each(&self, batch: Vec<HeartbeatBatch>) -> Option<DbError> {
        let mut failure = None;
        for one in batch {
            let alone = Arc::new(vec![one]);
            if let Err(error) = self.record(&alone).await {
                self.buffer.give_back(Arc::unwrap_or_clone(alone));
                failure = Some(error);
            }
        }
        failure
    }
}
