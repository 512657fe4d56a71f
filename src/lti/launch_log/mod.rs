//! The administrator's log of launches: written in batches, apart from the launches themselves, and bounded whatever
//! strangers send.
//!
//! What a platform signed stands in the rows of its deployment. Everything else is what somebody claims: it shares one small
//! bucket of the platform, and is counted by code. Launches that name no registration stand apart.

mod backlog;
mod record;
pub mod store;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinHandle;

use self::backlog::{Backlog, Batch};
pub use self::record::{
    LaunchAnswer, LaunchOutcome, LaunchRecord, LoggedDeployment, UnregisteredLaunch, pseudonym,
};
use crate::clock::Timestamp;
use crate::db::Database;
use crate::flush::FlushRequests;
use crate::ids::PlatformId;

const MAX_BATCH: usize = 2_000;
const GATHER_FOR: Duration = Duration::from_millis(500);
const TIDY_INTERVAL: Duration = Duration::from_secs(60 * 60);

/// Takes records, and writes them a little later.
#[derive(Clone)]
pub struct LaunchLog {
    backlog: Arc<Mutex<Backlog>>,
    notifier: Sender<()>,
    flushes: Arc<FlushRequests>,
}

/// The writer behind a [`LaunchLog`]: ends when every log handle is gone and all is written.
pub struct LaunchLogWriter(JoinHandle<()>);

impl LaunchLog {
    /// Starts the writer.
    pub fn start(db: Database) -> (Self, LaunchLogWriter) {
        let (notifier, rung) = channel(1);
        let log = Self { backlog: Arc::default(), notifier, flushes: Arc::default() };
        let writer = LaunchLogWriter(tokio::spawn(write(
            db,
            Arc::clone(&log.backlog),
            rung,
            Arc::clone(&log.flushes),
        )));
        (log, writer)
    }

    /// Takes a record. A log that cannot keep up loses records rather than launches.
    pub fn record(&self, record: LaunchRecord) {
        self.add(|backlog| backlog.push(record));
    }

    /// Takes a launch that names no registration.
    pub fn record_unregistered(&self, launch: UnregisteredLaunch) {
        self.add(|backlog| backlog.push_unregistered(launch));
    }

    /// Counts a refusal that gets no record of its own.
    pub fn count(&self, platform_id: PlatformId, code: &'static str, at: Timestamp) {
        self.add(|backlog| backlog.count(&platform_id.to_string(), code, at));
    }

    /// Writes what waits.
    pub async fn flush(&self) {
        self.flushes.flush().await;
    }

    fn add(&self, work: impl FnOnce(&mut Backlog)) {
        work(&mut lock(&self.backlog));
        // A notifier that rings already needs no second pull.
        let _ = self.notifier.try_send(());
    }
}

fn lock(backlog: &Mutex<Backlog>) -> MutexGuard<'_, Backlog> {
    backlog.lock().unwrap_or_else(PoisonError::into_inner)
}

impl LaunchLogWriter {
    /// Waits until everything is written.
    pub async fn finish(self) {
        if self.0.await.is_err() {
            tracing::warn!("the launch log's writer ended early");
        }
    }
}

async fn write(
    db: Database,
    backlog: Arc<Mutex<Backlog>>,
    mut rung: Receiver<()>,
    flushes: Arc<FlushRequests>,
) {
    let (mut tidied, mut asked) = (None, 0);
    loop {
        let gathered = async { rung.recv().await.map(|()| tokio::time::sleep(GATHER_FOR)) };
        tokio::select! {
            waits = gathered => match waits {
                Some(gathering) => tokio::select! {
                    () = gathering => {}
                    () = flushes.comes_after(asked) => {}
                },
                None => break,
            },
            () = flushes.comes_after(asked) => {}
        }
        asked = flushes.last();
        write_all(&db, &backlog, &mut tidied).await;
        flushes.answer(asked);
    }
    write_all(&db, &backlog, &mut tidied).await;
}

async fn write_all(db: &Database, backlog: &Mutex<Backlog>, tidied: &mut Option<Timestamp>) {
    loop {
        let batch = lock(backlog).take(MAX_BATCH);
        if batch.is_empty() {
            return;
        }
        let has_more = batch.has_more;
        write_batch(db, batch, tidied).await;
        if !has_more {
            return;
        }
    }
}

async fn write_batch(db: &Database, batch: Batch, tidied: &mut Option<Timestamp>) {
    if batch.lost > 0 {
        tracing::warn!(lost = batch.lost, "the launch log cannot keep up: records are lost");
    }
    let now = batch.latest();
    let is_due = |now: Timestamp| tidied.is_none_or(|before| now.since(before) >= TIDY_INTERVAL);
    let due = now.filter(|now| is_due(*now));
    let written = db
        .write(move |tx| {
            store::insert_batch(tx.connection, &batch)?;
            if due.is_some() { store::tidy(tx) } else { Ok(()) }
        })
        .await;
    match written {
        Ok(()) => *tidied = due.or(*tidied),
        Err(error) => tracing::warn!(%error, "launch records are lost"),
    }
}

impl Batch {
    /// The latest moment in it.
    fn latest(&self) -> Option<Timestamp> {
        let launches = self.launches.iter().map(|record| record.at);
        launches.chain(self.refusals.iter().map(|(_, tally)| tally.last)).max()
    }
}
