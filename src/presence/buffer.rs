//! Takes heartbeats at once, and keeps them until they are written.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use super::pending::{AttendeeKey, Heartbeat, HeartbeatBatch, PendingIntervals};
use crate::clock::Timestamp;
use crate::flush::FlushRequests;
use crate::rooms::presence_token::PresenceToken;

const MIN_PAUSE: Duration = Duration::from_secs(1);
/// Intervals that wait in memory while nothing can be written: 100,000 people with a page each, and what they reload.
const MAX_WAITING: usize = 150_000;

/// What a page says, and what it could not say before.
pub struct PresenceMessage {
    /// The page's capability.
    pub token: PresenceToken,
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
    /// A page sends more than one heartbeat a second.
    TooFast,
    /// More waits than this process keeps.
    Full,
}

/// Gathers heartbeats.
#[derive(Default)]
pub struct PresenceBuffer {
    gathered: Mutex<Gathered>,
    pub(super) flushes: FlushRequests,
    pub(super) stop: Notify,
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
        let PresenceMessage { token, has_left, missed, is_admitted } = message;
        let mut gathered = self.gathered();
        let is_early = |last: &Timestamp| now.since(*last) < MIN_PAUSE;
        if !has_left && gathered.last_heartbeats.get(&token.visit).is_some_and(is_early) {
            return Err(PresenceRefusal::TooFast);
        }
        if gathered.size >= MAX_WAITING {
            return Err(PresenceRefusal::Full);
        }
        let opened = token.opened;
        let (attendee, visit) = AttendeeKey::of(token);
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

    /// Has written what waits and what follows from silences by now, as far as it can be written.
    pub async fn flush(&self) {
        self.flushes.flush().await;
    }

    fn gathered(&self) -> MutexGuard<'_, Gathered> {
        self.gathered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes all that waits, in one order for all processes, so that no two wait for each other's rooms.
    pub(super) fn take_all(&self, now: Timestamp) -> Vec<HeartbeatBatch> {
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

    pub(super) fn give_back(&self, batches: impl IntoIterator<Item = HeartbeatBatch>) {
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
    pub(super) fn note(&self, cannot_write: bool) -> bool {
        let mut gathered = self.gathered();
        let is_news = gathered.cannot_write != cannot_write;
        gathered.cannot_write = cannot_write;
        is_news
    }

    /// Tells whether what waits cannot be written.
    pub(super) fn cannot_write(&self) -> bool {
        self.gathered().cannot_write
    }
}
