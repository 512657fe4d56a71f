//! The work at the platform's list of participants: reading it.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::store::{ListedCourse, Reading};
use super::{MEMBERSHIPS, store};
use crate::clock::Clock;
use crate::db::{Database, DbError};
use crate::ids::{ContextId, Random};
use crate::jobs::{Claim, Disposition, JobOutcome};
use crate::lti::jobs::{PlatformTask, PlatformWorker, ReadError, again_alone, in_time};
use crate::lti::services::access::Access;
use crate::lti::services::client::Services;
use crate::lti::services::failure::ServiceFailure;
use crate::lti::services::memberships::{MembershipReader, SCOPE};

/// A list that takes longer is not read: its platform lets us wait at every page.
const TIMEOUT: Duration = Duration::from_secs(2 * 60);

/// Reads lists of participants.
pub struct ReadMemberships {
    /// The lasting data.
    pub db: Database,
    /// The platforms' services.
    pub services: Arc<Services>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// The source of randomness.
    pub random: Random,
}

#[async_trait]
impl PlatformWorker for ReadMemberships {
    type Subject = ContextId;
    type About = ListedCourse;

    fn kind(&self) -> &'static str {
        MEMBERSHIPS
    }

    async fn find(&self, context: ContextId) -> Result<Option<PlatformTask<ListedCourse>>, DbError> {
        let course: Option<ListedCourse> =
            self.db.look_up(move |connection| store::find_course(connection, context)).await?;
        let course = course.filter(|course| course.memberships.is_some());
        // Alone: a platform that grants no scope of the gradebook may still grant this one.
        Ok(course.map(|course| PlatformTask {
            deployment: course.deployment,
            scopes: vec![SCOPE.to_owned()],
            about: course,
        }))
    }

    async fn work(
        &self,
        claim: &Claim,
        course: ListedCourse,
        access: &Access,
    ) -> Result<JobOutcome, DbError> {
        let now = self.clock.now();
        match in_time(TIMEOUT, self.read(&course, access)).await {
            Ok(reading) => Ok(stored(reading)),
            Err(ReadError::Db(error)) => Err(error),
            Err(ReadError::Service(failure)) => {
                tell(&course, &failure);
                Ok(JobOutcome::new(disposition(&failure, claim.is_last_chance)).with(move |tx| {
                    store::note_trouble(tx.connection, course.context, failure.error.code(), now)
                }))
            }
        }
    }
}

fn stored(reading: Reading) -> JobOutcome {
    let Reading { context, skipped, .. } = &reading;
    if *skipped > 0 {
        tracing::info!(%context, skipped, "not everything on a list of participants is a person");
    }
    JobOutcome::new(Disposition::Done).with(move |tx| store::publish(tx.connection, &reading))
}

/// Quirk: a list in trouble neither stops the queue's grades nor says that they would arrive. Nobody waits for a list that
/// the platform refuses: the next moderator who looks has it asked again.
fn disposition(failure: &ServiceFailure, is_last_chance: bool) -> Disposition {
    if is_last_chance || failure.is_denial() {
        return Disposition::Done;
    }
    again_alone(failure)
}

/// Once for each trouble, not at each try.
fn tell(course: &ListedCourse, failure: &ServiceFailure) {
    if course.known.trouble.as_deref() == Some(failure.error.code()) {
        tracing::debug!(%failure, context = %course.context, "a list of participants still cannot be read");
    } else {
        tracing::warn!(%failure, context = %course.context, "a list of participants cannot be read");
    }
}

impl ReadMemberships {
    /// Reads the list page by page, each written down before the next is asked for.
    ///
    /// Quirk: the list is the course's, for all its activities; it is narrowed to those who may open an activity where
    /// that is the only one.
    async fn read(&self, course: &ListedCourse, access: &Access) -> Result<Reading, ReadError> {
        let context = course.context;
        let sole = self
            .db
            .write(move |tx| {
                store::sweep(tx.connection, context)?;
                store::find_sole_link(tx.connection, context)
            })
            .await?;
        let link = sole.as_ref().map(|sole| sole.resource_link_id.as_str());
        let Some(memberships) = &course.memberships else {
            return Err(ServiceFailure::garbled(&"no address").into());
        };
        let (id, at) = (self.random.letters_and_digits(16), self.clock.now());
        let mut reader = MembershipReader::new(&self.services, access, memberships, link);
        while let Some(members) = reader.next_page().await? {
            let (context, id) = (course.context, id.clone());
            self.db.write(move |tx| store::stage(tx.connection, context, &id, &members)).await?;
        }
        Ok(Reading {
            context: course.context,
            id,
            at,
            narrowed_to: sole.as_ref().map(|sole| sole.id).filter(|_| reader.is_narrowed()),
            is_cut: reader.is_cut(),
            skipped: i64::try_from(reader.skipped()).unwrap_or(i64::MAX),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lti::services::failure::ServiceError;

    #[test]
    fn a_refusal_is_final_and_trouble_is_tried_again() {
        let of = |trouble, status| ServiceFailure { status, ..ServiceFailure::of(trouble, &"x") };
        let again = |reason| Disposition::Again { reason, shared: false, after: None };
        for (failure, is_last_chance, expected) in [
            (of(ServiceError::Error, Some(404)), false, Disposition::Done),
            (of(ServiceError::Error, Some(500)), false, again("error")),
            (of(ServiceError::Error, Some(500)), true, Disposition::Done),
            (of(ServiceError::TokenRefused, Some(403)), false, again("token-refused")),
            (of(ServiceError::Garbled, None), false, again("garbled")),
            (of(ServiceError::Unreachable, None), true, Disposition::Done),
        ] {
            assert_eq!(disposition(&failure, is_last_chance), expected, "{failure}");
        }
    }
}
