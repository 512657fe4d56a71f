//! What goes on in rooms, read once for all who watch them, however many they are.

pub mod web;

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::watch;

use super::meeting::now::RoomNow;
use super::meeting::store::find_room_now;
use crate::clock::Clock;
use crate::db::{Database, DbError};
use crate::flush::FlushRequests;
use crate::ids::RoomId;

/// Rooms that somebody watches are read this often.
const READ_EVERY: Duration = Duration::from_secs(2);

/// A room that is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct WatchedRoom {
    /// The room.
    pub room: RoomId,
    /// The room whose settings count in it.
    pub activity_room: RoomId,
}

/// The rooms that somebody watches.
pub struct LiveRooms {
    db: Database,
    clock: Arc<dyn Clock>,
    watched: Mutex<HashMap<WatchedRoom, watch::Sender<Option<Arc<RoomNow>>>>>,
    /// How many watch at the same time at most.
    max: usize,
    watching: AtomicUsize,
    flushes: Arc<FlushRequests>,
    closed: watch::Sender<bool>,
}

/// Somebody's view of a room that is watched.
pub struct RoomWatch {
    /// What goes on there, each time that it was read; `None` until it could be.
    pub now: watch::Receiver<Option<Arc<RoomNow>>>,
    /// Becomes true when the process ends.
    pub closed: watch::Receiver<bool>,
    rooms: Arc<LiveRooms>,
}

impl Drop for RoomWatch {
    fn drop(&mut self) {
        self.rooms.watching.fetch_sub(1, Ordering::Relaxed);
    }
}

impl LiveRooms {
    /// Begins to read what is watched, for `max` people at most.
    pub fn start(db: Database, clock: Arc<dyn Clock>, max: usize) -> Arc<Self> {
        let rooms = Arc::new(Self {
            db,
            clock,
            watched: Mutex::default(),
            max,
            watching: AtomicUsize::new(0),
            flushes: Arc::default(),
            closed: watch::Sender::new(false),
        });
        tokio::spawn(keep_reading(Arc::downgrade(&rooms), Arc::clone(&rooms.flushes)));
        rooms
    }

    /// Watches a room; `None` where as many watch as may: they ask from time to time instead.
    pub async fn watch(self: &Arc<Self>, room: WatchedRoom) -> Option<RoomWatch> {
        let before = self.watching.fetch_add(1, Ordering::Relaxed);
        let guard = |now| RoomWatch { now, closed: self.closed.subscribe(), rooms: Arc::clone(self) };
        let known = self.watched().get(&room).map(watch::Sender::subscribe);
        let watch = match known {
            Some(now) => guard(now),
            None => {
                let found = self.read(vec![room]).await;
                let first = found.ok().and_then(|mut found| found.pop()).map(|(_, now)| now);
                let mut watched = self.watched();
                let sender = watched.entry(room).or_insert_with(|| watch::Sender::new(first));
                guard(sender.subscribe())
            }
        };
        Some(watch).filter(|_| before < self.max)
    }

    /// Ends all watching.
    pub fn close(&self) {
        self.closed.send_replace(true);
    }

    /// Has read all that is watched.
    pub async fn flush(&self) {
        self.flushes.flush().await;
    }

    fn watched(&self) -> MutexGuard<'_, HashMap<WatchedRoom, watch::Sender<Option<Arc<RoomNow>>>>> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads what somebody watches, and forgets what nobody does any more.
    async fn read_all(&self) {
        let rooms: Vec<WatchedRoom> = {
            let mut watched = self.watched();
            watched.retain(|_, sender| sender.receiver_count() > 0);
            watched.keys().copied().collect()
        };
        if rooms.is_empty() {
            return;
        }
        match self.read(rooms).await {
            Ok(found) => {
                let watched = self.watched();
                for (room, now) in found {
                    watched.get(&room).into_iter().for_each(|sender| {
                        sender.send_replace(Some(Arc::clone(&now)));
                    });
                }
            }
            Err(error) => tracing::debug!(%error, "rooms cannot be watched now"),
        }
    }

    async fn read(&self, rooms: Vec<WatchedRoom>) -> Result<Vec<(WatchedRoom, Arc<RoomNow>)>, DbError> {
        let now = self.clock.now();
        self.db
            .read(move |connection| {
                let mut read = |one: WatchedRoom| {
                    find_room_now(connection, one.room, one.activity_room, now)
                        .map(|now| (one, Arc::new(now)))
                };
                rooms.into_iter().map(&mut read).collect()
            })
            .await
    }
}

/// Goes on for as long as somebody holds the rooms.
async fn keep_reading(rooms: Weak<LiveRooms>, flushes: Arc<FlushRequests>) {
    while let Some(held) = rooms.upgrade() {
        let asked = flushes.last();
        held.read_all().await;
        flushes.answer(asked);
        drop(held);
        tokio::select! {
            () = flushes.comes_after(asked) => {}
            () = tokio::time::sleep(READ_EVERY) => {}
        }
    }
}
