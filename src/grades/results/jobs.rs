//! The work at the platform's gradebook: reading what it shows.

use std::time::Duration;

use async_trait::async_trait;

use super::{RESULTS, store};
use crate::grades::jobs::{Admitted, GradeSync, away, in_time};
use crate::grades::line_item;
use crate::jobs::{Claim, Disposition, JobOutcome, Worker};
use crate::lti::services::ags::read_results;

/// A gradebook that tells more slowly is not read.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Reads what gradebooks show.
pub struct ReadResults(pub GradeSync);

#[async_trait]
impl Worker for ReadResults {
    fn kind(&self) -> &'static str {
        RESULTS
    }

    async fn work(&self, claim: &Claim) -> JobOutcome {
        let sync = &self.0;
        let link = claim.subject.clone();
        let found =
            sync.db.look_up(move |connection| line_item::store::find_gradebook(connection, &link)).await;
        let book = match found {
            Ok(Some(book)) if book.may_read_results() => book,
            Ok(_) => return JobOutcome::new(Disposition::Done),
            Err(error) => return away(&error),
        };
        let access = match sync.access(&book).await {
            Ok(Admitted::Access(access)) => access,
            Ok(Admitted::Later(at)) => return JobOutcome::new(Disposition::NotBefore(at)),
            Ok(Admitted::Never) => return JobOutcome::new(Disposition::Done),
            Err(error) => return away(&error),
        };
        let Some(line_item) = book.line_item.url().cloned() else {
            return JobOutcome::new(Disposition::Done);
        };
        let begun = sync.clock.now();
        let read = in_time(TIMEOUT, read_results(&sync.services, &access, &line_item)).await;
        match read {
            Ok(results) => JobOutcome::new(Disposition::Done)
                .with(move |tx| store::note_results(tx, &book, &results, begun)),
            // Nobody waits for it: whoever opens the page has it asked again.
            Err(failure) if failure.is_denial() || claim.attempts > 2 || claim.is_last_chance => {
                tracing::info!(%failure, "a gradebook does not tell what it shows");
                JobOutcome::new(Disposition::Done).with(move |tx| store::note_asked(tx, &book.link))
            }
            Err(failure) => JobOutcome::new(Disposition::Again {
                reason: failure.error.code(),
                shared: false,
                after: failure.after,
            }),
        }
    }
}
