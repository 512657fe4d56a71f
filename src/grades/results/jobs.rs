//! The work at the platform's gradebook: reading what it shows.

use std::time::Duration;

use async_trait::async_trait;

use super::{RESULTS, store};
use crate::grades::jobs::{Admitted, GradebookHands, away, in_time};
use crate::grades::line_item;
use crate::jobs::{Claim, Fate, Outcome, Worker};
use crate::lti::services::ags::read_results;

/// A gradebook that tells more slowly is not read.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Reads what gradebooks show.
pub struct ReadResults(pub GradebookHands);

#[async_trait]
impl Worker for ReadResults {
    fn kind(&self) -> &'static str {
        RESULTS
    }

    async fn work(&self, claim: &Claim) -> Outcome {
        let hands = &self.0;
        let link = claim.subject.clone();
        let found =
            hands.db.look_up(move |connection| line_item::store::find_gradebook(connection, &link)).await;
        let book = match found {
            Ok(Some(book)) if book.may_read_results() => book,
            Ok(_) => return Outcome::new(Fate::Done),
            Err(error) => return away(&error),
        };
        let access = match hands.access(&book).await {
            Ok(Admitted::Access(access)) => access,
            Ok(Admitted::Later(at)) => return Outcome::new(Fate::NotBefore(at)),
            Ok(Admitted::Never) => return Outcome::new(Fate::Done),
            Err(error) => return away(&error),
        };
        let Some(column) = book.column.url().cloned() else { return Outcome::new(Fate::Done) };
        let begun = hands.clock.now();
        let read = in_time(TIMEOUT, read_results(&hands.services, &access, &column)).await;
        let now = hands.clock.now();
        match read {
            Ok(results) => Outcome::new(Fate::Done)
                .with(move |connection| store::note_results(connection, &book, &results, (begun, now))),
            // Nobody waits for it: whoever opens the page has it asked again.
            Err(failure) if failure.is_denial() || claim.attempts > 2 || claim.is_last_chance => {
                tracing::info!(%failure, "a gradebook does not tell what it shows");
                Outcome::new(Fate::Done)
                    .with(move |connection| store::note_asked(connection, &book.link, now))
            }
            Err(failure) => Outcome::new(Fate::Again {
                reason: failure.trouble.code(),
                shared: false,
                after: failure.after,
            }),
        }
    }
}
