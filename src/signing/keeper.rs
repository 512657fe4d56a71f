//! Tends the key pairs while the tool serves.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::KeyRing;
use super::rotation::rotate_due_keys;
use crate::clock::Clock;
use crate::db::Database;
use crate::flush::FlushRequests;
use crate::ids::Random;
use crate::sealing::Sealer;

/// How often the clock is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How often the key pairs are read again: so soon every process knows a new one.
const ROTATE_EVERY: Duration = Duration::from_secs(60);

/// Tends key pairs until it is told to finish.
pub struct KeyKeeper {
    stop: Arc<Notify>,
    flushes: Arc<FlushRequests>,
    task: JoinHandle<()>,
}

impl KeyKeeper {
    /// Starts; `period` is how long a key pair signs.
    pub fn start(
        ring: Arc<KeyRing>,
        db: Database,
        sealer: Sealer,
        period: Option<Duration>,
        clock: Arc<dyn Clock>,
        random: Random,
    ) -> Self {
        let stop = Arc::new(Notify::new());
        let flushes = Arc::new(FlushRequests::default());
        let (stopped, requests) = (Arc::clone(&stop), Arc::clone(&flushes));
        let task = tokio::spawn(async move {
            let (mut tended, mut asked) = (clock.now(), 0);
            loop {
                tokio::select! {
                    () = stopped.notified() => return,
                    () = requests.comes_after(asked) => {}
                    () = tokio::time::sleep(LOOK_EVERY) => {}
                }
                asked = requests.last();
                let now = clock.now();
                let is_due = now.since(tended) >= ROTATE_EVERY;
                tended = if is_due { now } else { tended };
                if is_due && let Err(error) = rotate_due_keys(&ring, &db, &sealer, period, now, &random).await
                {
                    tracing::warn!(%error, "the keys cannot be tended");
                }
                requests.answer(asked);
            }
        });
        Self { stop, flushes, task }
    }

    /// Asks it to do now what is due.
    pub fn flushes(&self) -> Arc<FlushRequests> {
        Arc::clone(&self.flushes)
    }

    /// Ends.
    pub async fn finish(self) {
        self.stop.notify_one();
        if self.task.await.is_err() {
            tracing::warn!("the keeper of keys ended early");
        }
    }
}
