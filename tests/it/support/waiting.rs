//! Waits for what happens in other threads, processes and browsers: for a condition, never for a time.

use std::time::{Duration, Instant};

/// The longest that anything may take before the story fails: two cores run many stories at once.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks.
pub const PAUSE: Duration = Duration::from_millis(20);

/// Waits until something becomes true. What the tool does from time to time, [`super::TestTool::eventually`] hastens.
pub async fn eventually(what: &str, is_true: impl AsyncFn() -> bool) {
    until(what, async || is_true().await.then_some(())).await;
}

/// Waits for `look` to find something.
pub async fn until<T>(what: &str, look: impl AsyncFn() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}");
        tokio::time::sleep(PAUSE).await;
    }
}
