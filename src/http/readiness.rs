//! Whether the parts work that the tool needs.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;

use crate::clock::{Clock, Timestamp};
use crate::db::Database;
use crate::ephemeral::Ephemeral;

/// So long an answer is told again: nobody can make the database work by asking.
const FRESH_FOR: Duration = Duration::from_secs(1);
const TIMEOUT: Duration = Duration::from_secs(2);

/// What was found out last about the parts that the tool needs.
#[derive(Default)]
pub struct Readiness {
    last: Mutex<Option<(Timestamp, Ready)>>,
    probe: tokio::sync::Mutex<()>,
}

/// Which parts work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Ready {
    /// All of them.
    pub ready: bool,
    database: bool,
    ephemeral: bool,
}

impl Readiness {
    /// Tries the parts, unless that was done a moment ago; who comes while somebody tries gets the answer before.
    pub async fn of(&self, db: &Database, ephemeral: &dyn Ephemeral, clock: &dyn Clock) -> Ready {
        if let Some(fresh) = self.fresh(clock.now()) {
            return fresh;
        }
        let _probe = match (self.probe.try_lock(), self.last()) {
            (Ok(probe), _) => probe,
            (Err(_), Some((_, before))) => return before,
            (Err(_), None) => self.probe.lock().await,
        };
        let now = clock.now();
        if let Some(fresh) = self.fresh(now) {
            return fresh;
        }
        let count = tokio::time::timeout(TIMEOUT, ephemeral.hit("readiness", FRESH_FOR));
        let (database, count) = futures::join!(db.is_writable(), count);
        let ephemeral = matches!(count, Ok(Ok(_)));
        let ready = Ready { ready: database && ephemeral, database, ephemeral };
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((clock.now(), ready));
        ready
    }

    fn last(&self) -> Option<(Timestamp, Ready)> {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fresh(&self, now: Timestamp) -> Option<Ready> {
        self.last().filter(|(at, _)| *at <= now && now.since(*at) < FRESH_FOR).map(|(_, ready)| ready)
    }
}
