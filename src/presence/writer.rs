//! Writes heartbeats a little after they came, many in one transaction.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;

use super::buffer::PresenceBuffer;
use super::pending::HeartbeatBatch;
use super::store;
use crate::clock::{Clock, Timestamp};
use crate::db::{Database, DbError, Tx};
use crate::ids::{RoomId, UserId};

/// What a crash loses at most; the next heartbeat of each page repairs it.
const WRITE_EVERY: Duration = Duration::from_secs(1);
const LOOK_FOR_SILENCE_EVERY: Duration = Duration::from_secs(15);
/// People of one transaction.
const BATCH: usize = 1_000;

/// Hears of presence that is over, in the transaction that writes it.
///
/// `heard` is the moment up to which heartbeats are written: silence counts until then, since what came later waits in
/// memory, however long the writing takes.
pub trait PresenceListener: Send + Sync {
    /// Hears who left, as room and person.
    fn left(&self, tx: &mut Tx<'_>, leavers: &[Leaver], heard: Timestamp) -> Result<(), DbError>;

    /// Hears that everybody who fell silent is gone by now.
    fn fell_silent(&self, tx: &mut Tx<'_>, heard: Timestamp) -> Result<(), DbError>;
}

/// Somebody who left a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaver {
    /// Our identifier of the room.
    pub room: RoomId,
    /// Our identifier of the person.
    pub user: UserId,
}

/// Writes what the buffer gathers, ends meetings that fell silent, and tells who is gone.
pub struct PresenceWriter {
    buffer: Arc<PresenceBuffer>,
    task: JoinHandle<()>,
}

impl PresenceWriter {
    /// Starts the writing.
    pub fn start(
        buffer: Arc<PresenceBuffer>,
        db: Database,
        clock: Arc<dyn Clock>,
        listener: Arc<dyn PresenceListener>,
    ) -> Self {
        let writer = BatchWriter { buffer: Arc::clone(&buffer), db, listener };
        let task = tokio::spawn(async move {
            let (mut looked, mut asked) = (clock.now(), 0);
            loop {
                let stopped = tokio::select! {
                    () = writer.buffer.stop.notified() => true,
                    () = writer.buffer.flushes.comes_after(asked) => false,
                    () = tokio::time::sleep(WRITE_EVERY) => false,
                };
                asked = writer.buffer.flushes.last();
                let now = clock.now();
                let look = now.since(looked) >= LOOK_FOR_SILENCE_EVERY;
                let is_done = writer.write(now, look).await;
                if stopped {
                    return;
                }
                looked = if look && is_done { now } else { looked };
                writer.buffer.flushes.answer(asked);
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
    listener: Arc<dyn PresenceListener>,
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
        !self.buffer.cannot_write()
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
            let Err(error) = self.record(&batch, now).await else { continue };
            if error.is_outage() {
                self.buffer.give_back(Arc::unwrap_or_clone(batch).into_iter().chain(rest));
                return Err(error);
            }
            failure = self.record_each(Arc::unwrap_or_clone(batch), now).await.or(failure);
        }
        if look {
            let listener = Arc::clone(&self.listener);
            self.db
                .write(move |tx| {
                    store::end_silent_meetings(tx, now)?;
                    listener.fell_silent(tx, now)
                })
                .await?;
        }
        failure.map_or(Ok(()), Err)
    }

    async fn record(&self, batch: &Arc<Vec<HeartbeatBatch>>, heard: Timestamp) -> Result<(), DbError> {
        let (batch, listener) = (Arc::clone(batch), Arc::clone(&self.listener));
        self.db
            .write(move |tx| {
                store::record_all(tx, &batch)?;
                let has_left = |one: &&HeartbeatBatch| one.intervals.iter().any(|interval| interval.has_left);
                let leaver =
                    |one: &HeartbeatBatch| Leaver { room: one.attendee.room, user: one.attendee.user };
                let leavers: Vec<Leaver> = batch.iter().filter(has_left).map(leaver).collect();
                listener.left(tx, &leavers, heard)
            })
            .await
    }

    /// What cannot be written of one person keeps nobody else's minutes waiting.
    async fn record_each(&self, batch: Vec<HeartbeatBatch>, heard: Timestamp) -> Option<DbError> {
        let mut failure = None;
        for one in batch {
            let alone = Arc::new(vec![one]);
            if let Err(error) = self.record(&alone, heard).await {
                self.buffer.give_back(Arc::unwrap_or_clone(alone));
                failure = Some(error);
            }
        }
        failure
    }
}
