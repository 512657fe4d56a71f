//! Asks a background task to do at once what it otherwise does from time to time, and waits until that is done.

use tokio::sync::watch;

/// Requests to a background task, numbered: one answer serves all that came before it.
#[derive(Default)]
pub struct FlushRequests {
    requested: watch::Sender<u64>,
    answered: watch::Sender<u64>,
}

impl FlushRequests {
    /// Asks for everything that waits now, and returns when the task has done it. The task must be running.
    pub async fn flush(&self) {
        let mut ours = 0;
        self.requested.send_modify(|last| {
            *last += 1;
            ours = *last;
        });
        // The sender lives as long as `self`.
        let _ = self.answered.subscribe().wait_for(|answered| *answered >= ours).await;
    }

    /// Returns once there is a request after the one numbered `seen`.
    pub async fn comes_after(&self, seen: u64) {
        let _ = self.requested.subscribe().wait_for(|requested| *requested > seen).await;
    }

    /// Returns the number of the last request: what the task does from here on answers it.
    pub fn last(&self) -> u64 {
        *self.requested.borrow()
    }

    /// Tells those who asked up to `number` that it is done.
    pub fn answer(&self, number: u64) {
        self.answered.send_replace(number);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn what_waited_before_a_request_is_done_when_it_returns() {
        let (requests, waiting) = (Arc::new(FlushRequests::default()), Arc::new(AtomicUsize::new(0)));
        let (heard, work) = (Arc::clone(&requests), Arc::clone(&waiting));
        let task = tokio::spawn(async move {
            let mut seen = 0;
            loop {
                heard.comes_after(seen).await;
                seen = heard.last();
                tokio::task::yield_now().await;
                work.store(0, Ordering::SeqCst);
                heard.answer(seen);
            }
        });
        for _ in 0..100 {
            waiting.fetch_add(1, Ordering::SeqCst);
            futures::join!(requests.flush(), requests.flush());
            assert_eq!(waiting.load(Ordering::SeqCst), 0);
        }
        task.abort();
    }
}
