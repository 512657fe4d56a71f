//! The work at the platform's gradebook: finding the line item, sending a score.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use url::Url;

use super::line_item;
use super::line_item::{Gradebook, LineItem, SyncState};
use super::results;
use super::score::{ScoreChange, ScoreReason, ScoreStep, ScoreValue, classify_outcome};
use super::store;
use super::store::ScoreTask;
use super::{COLUMN, SCORE};
use crate::clock::{Clock, Timestamp};
use crate::db::{Database, DbError};
use crate::i18n::{Args, Texts};
use crate::ids::{LinkId, Random};
use crate::jobs::{Claim, Disposition, JobOutcome};
use crate::lti::jobs::{PlatformTask, PlatformWorker, in_time};
use crate::lti::services::access::Access;
use crate::lti::services::ags::{
    CurrentResult, Score, find_line_item, make_line_item, read_result, send_score,
};
use crate::lti::services::client::Services;
use crate::lti::services::clock::store::note_clock;
use crate::lti::services::failure::ServiceFailure;
use crate::rooms::rules::GradePolicy;

/// A platform that has not told by then which columns it has is in trouble.
const SEARCH_TIMEOUT: Duration = Duration::from_secs(40);
/// A platform that has not taken a score by then is in trouble.
const SEND_TIMEOUT: Duration = Duration::from_secs(25);

/// Works at gradebooks.
#[derive(Clone)]
pub struct GradeSync {
    /// The lasting data.
    pub db: Database,
    /// The platforms' services.
    pub services: Arc<Services>,
    /// The words of comments.
    pub texts: Arc<Texts>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// The source of randomness.
    pub random: Random,
}

/// Finds columns.
pub struct FindLineItem(pub GradeSync);

/// Sends scores.
pub struct SendScore(pub GradeSync);

#[async_trait]
impl PlatformWorker for FindLineItem {
    type Subject = LinkId;
    type About = Gradebook;

    fn kind(&self) -> &'static str {
        COLUMN
    }

    async fn find(&self, link: LinkId) -> Result<Option<PlatformTask<Gradebook>>, DbError> {
        let book: Option<Gradebook> =
            self.0.db.look_up(move |connection| line_item::store::find_for_search(connection, link)).await?;
        Ok(book.and_then(|book| gradebook_task(book, |book| book)))
    }

    async fn work(&self, claim: &Claim, book: Gradebook, access: &Access) -> Result<JobOutcome, DbError> {
        let sync = &self.0;
        let found = in_time(SEARCH_TIMEOUT, sync.find_or_make(&book, access)).await;
        let asked = book.service.as_ref().and_then(|service| service.lineitems.clone());
        let outcome = match found {
            Ok(line_item) => sync.store_line_item(book, line_item, true),
            Err(failure) if failure.is_denial() => {
                tracing::warn!(%failure, "the platform shows no grade column");
                sync.store_line_item(book, LineItem::None, true)
            }
            Err(failure) if claim.is_last_chance => {
                tracing::warn!(%failure, "the platform told no grade column for days");
                sync.store_line_item(book, LineItem::None, false)
            }
            Err(failure) => again(&failure),
        };
        Ok(match asked {
            Some(url) => sync.noting_clocks(outcome, access, &url),
            None => outcome,
        })
    }
}

#[async_trait]
impl PlatformWorker for SendScore {
    type Subject = String;
    type About = ScoreTask;

    fn kind(&self) -> &'static str {
        SCORE
    }

    async fn find(&self, score: String) -> Result<Option<PlatformTask<ScoreTask>>, DbError> {
        let task: Option<ScoreTask> =
            self.0.db.look_up(move |connection| store::find_task(connection, &score)).await?;
        // Who is in class leaves some time: the score is wished for again then.
        let task = task.filter(|task| !task.is_in_class && task.book.sync_state() == SyncState::Ready);
        Ok(task.and_then(|task| gradebook_task(task, |task| &task.book)))
    }

    async fn work(&self, claim: &Claim, task: ScoreTask, access: &Access) -> Result<JobOutcome, DbError> {
        let sync = &self.0;
        let Some(line_item) = task.book.line_item.url().cloned() else {
            return Ok(JobOutcome::new(Disposition::Done));
        };
        if !task.sending.is_worth_sending(task.book.rules.zeros) {
            return Ok(JobOutcome::new(Disposition::Done));
        }
        let platform_time = sync.services.gradebook_time(access, &line_item).await;
        let outcome = match task.sending.step(platform_time) {
            ScoreStep::Nothing => JobOutcome::new(Disposition::Done),
            ScoreStep::Wait(pause) => JobOutcome::new(Disposition::NotBefore(sync.clock.now().plus(pause))),
            ScoreStep::Send(stamp) => sync.send(claim, task, access, &line_item, stamp).await,
        };
        Ok(sync.noting_clocks(outcome, access, &line_item))
    }
}

/// Returns the task at the platform of a gradebook; `None` when its launches offered no service.
pub(crate) fn gradebook_task<T>(about: T, book_of: impl Fn(&T) -> &Gradebook) -> Option<PlatformTask<T>> {
    let book = book_of(&about);
    let (deployment, scopes) = (book.deployment, book.service.as_ref()?.scopes.clone());
    Some(PlatformTask { about, deployment, scopes })
}

impl GradeSync {
    async fn find_or_make(&self, book: &Gradebook, access: &Access) -> Result<LineItem, ServiceFailure> {
        let Some(service) = &book.service else { return Ok(LineItem::None) };
        let (Some(lineitems), true) = (&service.lineitems, service.may_find()) else {
            return Ok(service.lineitem.clone().map_or(LineItem::None, LineItem::Declared));
        };
        if let Some(url) = service.lineitem.as_ref().filter(|url| book.activity.gone.as_ref() != Some(url)) {
            return Ok(LineItem::Declared(url.clone()));
        }
        let (services, activity) = (&self.services, &book.activity);
        if let Some(url) = find_line_item(services, access, lineitems, activity).await? {
            return Ok(LineItem::Discovered(url));
        }
        if book.rules.grades == GradePolicy::Make && service.may_make() {
            let made = make_line_item(services, access, lineitems, activity).await?;
            return Ok(LineItem::Discovered(made));
        }
        Ok(LineItem::None)
    }

    fn store_line_item(&self, book: Gradebook, line_item: LineItem, answered: bool) -> JobOutcome {
        let outcome =
            JobOutcome::new(Disposition::Done).with(move |tx| store::take_answer(tx, &book, &line_item));
        if answered { outcome.answered() } else { outcome }
    }

    /// Has the wrong clocks told to operators that a call to `url` went by.
    fn noting_clocks(&self, outcome: JobOutcome, access: &Access, url: &Url) -> JobOutcome {
        let news = self.services.take_clock_news(access, url);
        if news.is_empty() {
            return outcome;
        }
        outcome.and(move |tx| news.iter().try_for_each(|note| note_clock(tx, note)))
    }

    async fn send(
        &self,
        claim: &Claim,
        task: ScoreTask,
        access: &Access,
        line_item: &Url,
        stamp: Timestamp,
    ) -> JobOutcome {
        let wanted = task.sending.wanted;
        let score = Score {
            user_id: task.sub.clone(),
            given: wanted.given(),
            comment: self.comment(wanted, task.locale.as_deref()),
            at: stamp,
        };
        let id = claim.subject.clone();
        let answer = in_time(SEND_TIMEOUT, send_score(&self.services, access, line_item, &score)).await;
        let now = self.clock.now();
        let (outcome, pause) = match answer {
            Ok((outcome, answer)) => (outcome, answer.retry_after()),
            Err(failure) => {
                let reason = claim.is_last_chance.then_some(ScoreReason::GaveUp);
                let outcome = if claim.is_last_chance { given_up() } else { again(&failure) };
                return outcome.with(move |tx| store::record_rejection(tx, &id, reason, stamp));
            }
        };
        let (change, disposition) =
            classify_outcome(outcome, task.sending.conflicts, now, claim.is_last_chance);
        let disposition = match disposition {
            Disposition::Again { reason, shared, after } => {
                Disposition::Again { reason, shared, after: after.or(pause) }
            }
            other => other,
        };
        let outcome = JobOutcome::new(disposition).answered();
        match change {
            ScoreChange::Sent => outcome.with(move |tx| {
                store::note_sent(tx, &id, wanted, stamp)?;
                results::store::ask_later(tx, &task.book)
            }),
            ScoreChange::Conflict => outcome.with(move |tx| store::note_conflict(tx.connection, &id, stamp)),
            ScoreChange::Refused(reason) => {
                outcome.with(move |tx| store::record_rejection(tx, &id, Some(reason), stamp))
            }
            ScoreChange::Superseded => {
                let shown = self.shown(&task, access, line_item).await;
                outcome.with(move |tx| {
                    store::record_rejection(tx, &id, Some(ScoreReason::Superseded), stamp)?;
                    match shown {
                        Some(result) => results::store::note_shown(tx, &id, result),
                        None => Ok(()),
                    }
                })
            }
            ScoreChange::ColumnGone => {
                outcome.with(move |tx| store::record_line_item_gone(tx, &id, &task.book, stamp))
            }
            ScoreChange::Unknown => outcome.with(move |tx| store::record_rejection(tx, &id, None, stamp)),
        }
    }

    fn comment(&self, score: ScoreValue, locale: Option<&str>) -> String {
        let locale = self.texts.locale(locale.unwrap_or_default());
        let args =
            Args::new().with("minutes", score.minutes.to_string()).with("target", score.target.to_string());
        self.texts.get(&locale, "score-comment", &args)
    }

    /// What the gradebook shows for a person instead of our score; `None` where that cannot be read.
    async fn shown(
        &self,
        task: &ScoreTask,
        access: &Access,
        line_item: &Url,
    ) -> Option<Option<CurrentResult>> {
        if !task.book.may_read_results() {
            return None;
        }
        in_time(SEND_TIMEOUT, read_result(&self.services, access, line_item, &task.sub)).await.ok()
    }
}

/// At most two decimals, and none that say nothing.
pub fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn again(failure: &ServiceFailure) -> JobOutcome {
    tracing::info!(%failure, "a platform's gradebook gave nothing usable");
    JobOutcome::new(Disposition::Again { reason: failure.error.code(), shared: true, after: failure.after })
}

fn given_up() -> JobOutcome {
    JobOutcome::new(Disposition::Failed { reason: ScoreReason::GaveUp.code() })
}
