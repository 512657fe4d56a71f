//! Whether a database on the network is known to be away: then nobody waits for it, and one asks for all.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use tokio::sync::watch;

use super::connection::open;
use crate::config::DatabaseUrl;

/// Work that takes longer than this raises the question whether the database is there at all.
pub(super) const SUSPICIOUS: Duration = Duration::from_millis(500);
/// One attempt in this time, however many ask.
const PROBE_INTERVAL: Duration = Duration::from_secs(1);
/// Longer than the pause between two attempts.
const RECOVERY_TIMEOUT: Duration = Duration::from_millis(1_500);

/// What is known of the database, for all who use it.
pub(super) struct Health {
    url: DatabaseUrl,
    away: watch::Sender<bool>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    is_probing: bool,
    probed: Option<Instant>,
    worked: Option<Instant>,
}

impl Health {
    pub(super) fn new(url: &DatabaseUrl) -> Self {
        Self { url: url.clone(), away: watch::Sender::new(false), seen: Mutex::default() }
    }

    pub(super) fn is_away(&self) -> bool {
        *self.away.borrow()
    }

    /// Returns once the database is known to be away.
    pub(super) async fn gone(&self) {
        self.becomes(true).await;
    }

    /// Tells whether the database is there, or is back within a moment.
    pub(super) async fn recovers(self: &Arc<Self>) -> bool {
        if !self.is_away() {
            return true;
        }
        self.suspect();
        tokio::time::timeout(RECOVERY_TIMEOUT, self.becomes(false)).await.is_ok()
    }

    async fn becomes(&self, away: bool) {
        if self.away.subscribe().wait_for(|now| *now == away).await.is_err() {
            // The sender lives as long as `self`.
            std::future::pending::<()>().await;
        }
    }

    /// Takes in that the database did what it was asked for.
    pub(super) fn works(&self) {
        self.seen().worked = Some(Instant::now());
        self.note(false);
    }

    /// Asks the database whether it is there: at once, then again until it answers. Others may ask meanwhile: one does.
    ///
    /// Quirk: in a thread, because the runtime of whoever asks first may end before the database is back.
    pub(super) fn suspect(self: &Arc<Self>) {
        let mut seen = self.seen();
        if seen.is_probing || seen.probed.is_some_and(|probed| probed.elapsed() < PROBE_INTERVAL) {
            return;
        }
        let health = Arc::clone(self);
        let probing = move || health.probe();
        seen.is_probing = std::thread::Builder::new().name("database".to_owned()).spawn(probing).is_ok();
    }

    fn probe(&self) {
        loop {
            let asked = Instant::now();
            self.seen().probed = Some(asked);
            let answered = open(&self.url)
                .map_err(|error| error.to_string())
                .and_then(|mut fresh| fresh.batch_execute("SELECT 1").map_err(|error| error.to_string()));
            let mut seen = self.seen();
            // A server that takes no further connection may still serve those that it has.
            let has_worked = seen.worked.is_some_and(|worked| worked >= asked);
            if answered.is_ok() || has_worked {
                seen.is_probing = false;
                drop(seen);
                return self.note(false);
            }
            drop(seen);
            self.note(true);
            std::thread::sleep(PROBE_INTERVAL.saturating_sub(asked.elapsed()));
        }
    }

    fn note(&self, away: bool) {
        let is_news = self.away.send_if_modified(|now| std::mem::replace(now, away) != away);
        match (is_news, away) {
            (true, true) => tracing::warn!("the database is away; nobody waits for it"),
            (true, false) => tracing::info!("the database is back"),
            (false, _) => {}
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
