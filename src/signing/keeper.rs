//! Tends the key pairs while the tool serves.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::KeyRing;
use super::rotation::rotate_due_keys;
use crate::clock::Clock;
use crate::db::Database;
use crate::ids::Random;
use crate::sealing::Sealer;

/// How often the clock is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How often the key pairs are read again: so soon every process knows a new one.
const ROTATE_EVERY: Duration = Duration::from_secs(60);

/// Tends key pairs until it is told to finish.
pub struct KeyKeeper {
    stop: Arc<Notify>,
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
        let received = Arc::clone(&stop);
        let task = tokio::spawn(async move {
            let mut tended = clock.now();
            while tokio::time::timeout(LOOK_EVERY, received.notified()).await.is_err() {
                let now = clock.now();
                if now.since(tended) < ROTATE_EVERY {
                    continue;
                }
                tended = now;
                if let Err(error) = rotate_due_keys(&ring, &db, &sealer, period, now, &random).await {
                    tracing::warn!(%error, "the keys cannot be tended");
                }
            }
        });
        Self { stop, task }
    }

    /// Ends.
    pub async fn finish(self) {
        self.stop.notify_one();
        if self.task.await.is_err() {
            tracing::warn!("the keeper of keys ended early");
        }
    }
}
