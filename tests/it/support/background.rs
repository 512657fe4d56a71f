//! What a running tool does from time to time, done at once.

use std::sync::Arc;

use actix_web::web::Data;
use jitsi_lti::flush::FlushRequests;
use jitsi_lti::startup::Parts;
use jitsi_lti::state::AppState;

use super::PAUSE;

/// The background tasks of a running tool.
///
/// Quirk: to be dropped before the tool is waited for, since the launch log ends when nobody can write to it any more.
pub struct Background {
    app: Data<AppState>,
    keys: Arc<FlushRequests>,
}

impl Background {
    pub fn of(parts: &Parts) -> Self {
        Self { app: parts.app.clone(), keys: parts.key_keeper.flushes() }
    }

    /// Writes what waits in memory: heartbeats, what follows from silences, and the launch log.
    pub async fn written(&self) {
        futures::join!(self.app.presence.flush(), self.app.launch_log.flush());
        self.app.live.flush().await;
    }

    /// Does the jobs that are due, until nothing more may begin and nothing runs.
    pub async fn jobs_done(&self) {
        self.app.notifier.flush().await;
    }

    /// Tells who does the jobs that there may be some.
    pub fn has_jobs(&self) {
        self.app.notifier.notify();
    }

    /// Does what is due to the keys.
    pub async fn keys_kept(&self) {
        self.keys.flush().await;
    }

    /// All of it. Waits but a moment: a job may take long on purpose.
    pub async fn hastens(&self) {
        let all = async {
            self.written().await;
            futures::join!(self.jobs_done(), self.keys_kept());
        };
        let _ = tokio::time::timeout(PAUSE, all).await;
    }
}
