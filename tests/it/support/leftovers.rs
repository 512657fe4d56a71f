//! The jobs that a story leaves behind.

use std::sync::atomic::Ordering;
use std::time::Instant;

use diesel::prelude::*;
use diesel::sql_types::Text;
use jitsi_lti::clock::Timestamp;
use jitsi_lti::db::DbConnection;

use super::{Background, PATIENCE, PAUSE, Storage, TestTool};

impl TestTool {
    /// The story ends with jobs that nobody saw to: its point is what goes wrong, or what is not done yet.
    pub fn leaves_jobs(&self) {
        self.may_leave_jobs.store(true, Ordering::SeqCst);
    }
}

#[derive(QueryableByName)]
struct LeftJob {
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    queue: String,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Text)]
    reason: String,
}

/// The jobs that are due, that somebody works at, or that failed for good, once a tool that runs had time to do them.
///
/// Quirk: a story's end cannot await anything.
pub fn jobs_left(storage: &Storage, now: Timestamp, background: Option<&Background>) -> Vec<String> {
    let mut connection = match storage.opens() {
        Ok(connection) => connection,
        Err(error) => return vec![format!("nobody knows which: {error}")],
    };
    let begun = Instant::now();
    loop {
        let left = find_left(&mut connection, now);
        let may_be_done = left.iter().any(|job| job.state != "failed");
        match background.filter(|_| may_be_done && begun.elapsed() < PATIENCE) {
            Some(background) => background.has_jobs(),
            None => return left.iter().map(LeftJob::shown).collect(),
        }
        std::thread::sleep(PAUSE);
    }
}

fn find_left(connection: &mut DbConnection, now: Timestamp) -> Vec<LeftJob> {
    let now = now.millis();
    let query = format!(
        "SELECT kind, job.queue AS queue, COALESCE(job.reason, '') AS reason, \
         CASE WHEN failed_at IS NOT NULL THEN 'failed' WHEN lease IS NOT NULL THEN 'taken' ELSE 'due' END AS state \
         FROM job LEFT JOIN job_queue ON job_queue.queue = job.queue WHERE failed_at IS NOT NULL \
         OR lease IS NOT NULL OR (due_at <= {now} AND COALESCE(paused_until, 0) <= {now}) ORDER BY kind, job.queue"
    );
    diesel::sql_query(query).load(connection).unwrap()
}

impl LeftJob {
    fn shown(&self) -> String {
        format!("{}: {} of queue {}, reason {:?}", self.state, self.kind, self.queue, self.reason)
    }
}
