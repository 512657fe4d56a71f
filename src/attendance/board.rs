//! Takes signs of life at once and writes them a little later, many in one transaction.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::interval::GRACE;
use super::{passback, store};
use crate::clock::{Clock, Timestamp};
use crate::db::{Database, DbError};
use crate::ids::Random;
use crate::rooms::meeting_pass::MeetingPass;

/// What a crash loses at most; the next sign of life of each page repairs it.
const WRITE_EVERY: Duration = Duration::from_secs(1);
const LOOK_FOR_SILENCE_EVERY: Duration = Duration::from_secs(15);
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);

/// A stretch of signs of life of one meeting page that is not written yet.
#[derive(Clone, Debug)]
pub struct Signs {
    /// Whose, and where.
    pub pass: MeetingPass,
    /// The first of them.
    pub first: Timestamp,
    /// The last of them.
    pub last: Timestamp,
    /// Whether the last one said good-bye.
    pub has_left: bool,
}

impl Signs {
    /// Whether all that is known is that the page said good-bye.
    pub fn is_good_bye_alone(&self) -> bool {
        self.has_left && self.first == self.last
    }
}

/// A page beats faster than once a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooFast;

/// Gathers signs of life.
#[derive(Default)]
pub struct PresenceBoard {
    gathered: Mutex<Gathered>,
    stop: Notify,
}

#[derive(Default)]
struct Gathered {
    waiting: HashMap<String, Vec<Signs>>,
    last_beats: HashMap<String, Timestamp>,
}

impl PresenceBoard {
    /// Takes a sign of life of a page whose person is in the conference.
    ///
    /// Errors: [`TooFast`] less than a second after the last one of this page.
    pub fn beat(&self, pass: MeetingPass, now: Timestamp) -> Result<(), TooFast> {
        let mut gathered = self.gathered();
        if gathered.last_beats.get(&pass.visit).is_some_and(|last| now.since(*last) < SHORTEST_PAUSE) {
            return Err(TooFast);
        }
        gathered.last_beats.insert(pass.visit.clone(), now);
        gathered.add(pass, now, false);
        Ok(())
    }

    /// Takes a page's good-bye.
    pub fn leave(&self, pass: MeetingPass, now: Timestamp) {
        self.gathered().add(pass, now, true);
    }

    fn gathered(&self) -> MutexGuard<'_, Gathered> {
        self.gathered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, now: Timestamp) -> Vec<Signs> {
        let mut gathered = self.gathered();
        gathered.last_beats.retain(|_, last| now.since(*last) < SHORTEST_PAUSE);
        let mut signs: Vec<Signs> = gathered.waiting.drain().flat_map(|(_, stretches)| stretches).collect();
        // One order for all processes, so that no two wait for each other's rooms.
        signs.sort_by(|left, right| left.pass.room.cmp(&right.pass.room));
        signs
    }

    /// Takes back what could not be written, before what came meanwhile.
    fn give_back(&self, signs: Vec<Signs>) {
        let mut gathered = self.gathered();
        for old in signs.into_iter().rev() {
            gathered.waiting.entry(old.pass.visit.clone()).or_default().insert(0, old);
        }
    }
}

impl Gathered {
    /// Signs a moment apart are one stretch; those on both sides of a long silence are two, also when the database is
    /// away so long that both wait here.
    fn add(&mut self, pass: MeetingPass, now: Timestamp, has_left: bool) {
        let stretches = self.waiting.entry(pass.visit.clone()).or_default();
        match stretches.last_mut() {
            Some(signs) if signs.has_left => {}
            Some(signs) if now.since(signs.last) <= GRACE => {
                (signs.last, signs.has_left) = (now, has_left);
            }
            _ => stretches.push(Signs { pass, first: now, last: now, has_left }),
        }
    }
}

/// Writes what the board gathers, ends meetings that fell silent, and turns minutes into marks.
pub struct BoardKeeper {
    board: Arc<PresenceBoard>,
    task: JoinHandle<()>,
}

impl BoardKeeper {
    /// Starts the writing.
    pub fn start(board: Arc<PresenceBoard>, db: Database, clock: Arc<dyn Clock>, random: Random) -> Self {
        let kept = Arc::clone(&board);
        let task = tokio::spawn(async move {
            let mut looked = clock.now();
            loop {
                let stopped = tokio::time::timeout(WRITE_EVERY, kept.stop.notified()).await.is_ok();
                let now = clock.now();
                let look = now.since(looked) >= LOOK_FOR_SILENCE_EVERY;
                write(&kept, &db, (now, look), &random).await;
                if stopped {
                    return;
                }
                looked = if look { now } else { looked };
            }
        });
        Self { board, task }
    }

    /// Writes the rest, and ends.
    pub async fn finish(self) {
        self.board.stop.notify_one();
        if self.task.await.is_err() {
            tracing::warn!("the keeper of presence ended early");
        }
    }
}

async fn write(board: &PresenceBoard, db: &Database, (now, look): (Timestamp, bool), random: &Random) {
    let signs = board.take(now);
    if signs.is_empty() && !look {
        return;
    }
    let (batch, random) = (signs.clone(), random.clone());
    let written: Result<(), DbError> = db
        .write(move |connection| {
            store::end_silent_meetings(connection, now)?;
            store::record_all(connection, &batch, now, &random)?;
            let leavers: Vec<(String, String)> = batch
                .iter()
                .filter(|signs| signs.has_left)
                .map(|signs| (signs.pass.room.clone(), signs.pass.user.clone()))
                .collect();
            passback::store::settle(connection, &leavers, look, now, &random)
        })
        .await;
    if let Err(error) = written {
        tracing::warn!(%error, waiting = signs.len(), "presence cannot be written; it is kept");
        board.give_back(signs);
    }
}
