//! The administrator's log of launches: written in batches, apart from the launches themselves.

use std::time::Duration;

use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinHandle;

use super::launch::Trace;
use super::store;
use crate::clock::Timestamp;
use crate::db::{Database, DbError};
use crate::ids::{Random, row_id};

const WAITING_AT_MOST: usize = 10_000;
const BATCH: usize = 200;
const GATHER_FOR: Duration = Duration::from_millis(500);

/// One launch, as logged: no name, no token.
#[derive(Debug)]
pub struct LaunchRecord {
    /// Our identifier.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// Our identifier of the platform.
    pub platform_id: Option<String>,
    /// The deployment id that the launch named.
    pub deployment_id: Option<String>,
    /// Stands for the person, the same in each of their launches.
    pub pseudonym: Option<String>,
    /// `entered`, or the code of the refusal.
    pub outcome: String,
    /// The checks that passed, separated by spaces.
    pub passed: String,
    /// The failing check in words.
    pub detail: Option<String>,
    /// The request's id in the server's log.
    pub request_id: String,
}

impl LaunchRecord {
    /// The record of a launch with this outcome.
    pub fn new(
        trace: Trace,
        (outcome, detail): (&str, Option<String>),
        request_id: String,
        at: Timestamp,
        random: &Random,
    ) -> Self {
        let pseudonym = trace
            .platform_id
            .as_ref()
            .zip(trace.sub.as_ref())
            .map(|(platform, sub)| pseudonym(platform, sub));
        let cut = |text: String| text.chars().take(500).collect::<String>();
        Self {
            id: row_id(at, random),
            at,
            platform_id: trace.platform_id,
            deployment_id: trace.deployment_id.map(cut),
            pseudonym,
            outcome: outcome.to_owned(),
            passed: trace.passed.join(" "),
            detail: detail.map(cut),
            request_id,
        }
    }
}

/// Stands for a person in logs: of our identifier of the platform, and the platform's of the person.
pub fn pseudonym(platform: &str, sub: &str) -> String {
    let digest = Sha256::digest(format!("{platform}\n{sub}"));
    digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// Takes records, and writes them a little later.
#[derive(Clone)]
pub struct LaunchLog {
    sender: Sender<LaunchRecord>,
}

/// The writer behind a [`LaunchLog`]: ends when every log handle is gone and all is written.
pub struct LaunchLogWriter(JoinHandle<()>);

impl LaunchLog {
    /// Starts the writer.
    pub fn start(db: Database) -> (Self, LaunchLogWriter) {
        let (sender, receiver) = channel(WAITING_AT_MOST);
        (Self { sender }, LaunchLogWriter(tokio::spawn(write(db, receiver))))
    }

    /// Takes a record. A log that cannot keep up loses records rather than launches.
    pub fn record(&self, record: LaunchRecord) {
        if self.sender.try_send(record).is_err() {
            tracing::warn!("the launch log is full: a record is lost");
        }
    }
}

impl LaunchLogWriter {
    /// Waits until everything is written.
    pub async fn finish(self) {
        if self.0.await.is_err() {
            tracing::warn!("the launch log's writer ended early");
        }
    }
}

async fn write(db: Database, mut receiver: Receiver<LaunchRecord>) {
    let mut batch = Vec::with_capacity(BATCH);
    while receiver.recv_many(&mut batch, BATCH).await > 0 {
        tokio::time::sleep(GATHER_FOR).await;
        while batch.len() < BATCH * 10 {
            match receiver.try_recv() {
                Ok(record) => batch.push(record),
                Err(_) => break,
            }
        }
        let records = std::mem::take(&mut batch);
        let written: Result<(), DbError> =
            db.write(move |connection| store::insert_launches(connection, &records)).await;
        if let Err(error) = written {
            tracing::warn!(%error, "launch records are lost");
        }
    }
}
