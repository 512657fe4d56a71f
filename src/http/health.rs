//! Whether the process lives, and whether it can serve: for load balancers and monitors.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::Serialize;

use crate::clock::Timestamp;
use crate::state::AppState;

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
    ready: bool,
    database: bool,
    ephemeral: bool,
}

impl Readiness {
    /// Tries the parts, unless that was done a moment ago; who comes while somebody tries gets the answer before.
    async fn of(&self, app: &AppState) -> Ready {
        if let Some(fresh) = self.fresh(app.clock.now()) {
            return fresh;
        }
        let _probe = match (self.probe.try_lock(), self.last()) {
            (Ok(probe), _) => probe,
            (Err(_), Some((_, before))) => return before,
            (Err(_), None) => self.probe.lock().await,
        };
        let now = app.clock.now();
        if let Some(fresh) = self.fresh(now) {
            return fresh;
        }
        let count = tokio::time::timeout(TIMEOUT, app.ephemeral.hit("readiness", FRESH_FOR));
        let (database, count) = futures::join!(app.db.is_writable(), count);
        let ephemeral = matches!(count, Ok(Ok(_)));
        let ready = Ready { ready: database && ephemeral, database, ephemeral };
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((app.clock.now(), ready));
        ready
    }

    fn last(&self) -> Option<(Timestamp, Ready)> {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fresh(&self, now: Timestamp) -> Option<Ready> {
        self.last().filter(|(at, _)| *at <= now && now.since(*at) < FRESH_FOR).map(|(_, ready)| ready)
    }
}

/// `GET /healthz`: the process lives. For everybody.
pub async fn healthz() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok\n")
}

/// `GET /readyz`: database and short-lived state can be written. For everybody.
pub async fn readyz(app: Data<AppState>) -> HttpResponse {
    let ready = app.readiness.of(&app).await;
    let mut answer = if ready.ready { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    answer.json(ready)
}
