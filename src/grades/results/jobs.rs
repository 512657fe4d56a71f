//! The work at the platform's gradebook: reading what it shows.

use std::time::Duration;

use async_trait::async_trait;

use super::{RESULTS, store};
use crate::db::DbError;
use crate::grades::jobs::{GradeSync, gradebook_task};
use crate::grades::line_item;
use crate::grades::line_item::Gradebook;
use crate::ids::LinkId;
use crate::jobs::{Claim, Disposition, JobOutcome};
use crate::lti::jobs::{PlatformTask, PlatformWorker, again_alone, in_time};
use crate::lti::services::access::Access;
use crate::lti::services::ags::read_results;

/// A gradebook that tells more slowly is not read.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Reads what gradebooks show.
pub struct ReadResults(pub GradeSync);

#[async_trait]
impl PlatformWorker for ReadResults {
    type Subject = LinkId;
    type About = Gradebook;

    fn kind(&self) -> &'static str {
        RESULTS
    }

    async fn find(&self, link: LinkId) -> Result<Option<PlatformTask<Gradebook>>, DbError> {
        let book: Option<Gradebook> =
            self.0.db.look_up(move |connection| line_item::store::find_gradebook(connection, link)).await?;
        let book = book.filter(Gradebook::may_read_results);
        Ok(book.and_then(|book| gradebook_task(book, |book| book)))
    }

    async fn work(&self, claim: &Claim, book: Gradebook, access: &Access) -> Result<JobOutcome, DbError> {
        let sync = &self.0;
        let Some(line_item) = book.line_item.url().cloned() else {
            return Ok(JobOutcome::new(Disposition::Done));
        };
        let begun = sync.clock.now();
        let read = in_time(TIMEOUT, read_results(&sync.services, access, &line_item)).await;
        Ok(match read {
            Ok(results) => JobOutcome::new(Disposition::Done)
                .with(move |tx| store::note_results(tx, &book, &results, begun)),
            // Nobody waits for it: whoever opens the page has it asked again.
            Err(failure) if failure.is_denial() || claim.attempts > 2 || claim.is_last_chance => {
                tracing::info!(%failure, "a gradebook does not tell what it shows");
                JobOutcome::new(Disposition::Done).with(move |tx| store::note_asked(tx, book.link))
            }
            Err(failure) => JobOutcome::new(again_alone(&failure)),
        })
    }
}
