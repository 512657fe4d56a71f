//! The work at the platform's list of participants: reading it.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::store::{ListedCourse, Reading};
use super::{MEMBERSHIPS, store};
use crate::clock::Clock;
use crate::db::{Database, DbError};
use crate::ids::Random;
use crate::jobs::{Claim, DATABASE_FAILED, Disposition, JobOutcome, Worker};
use crate::lti;
use crate::lti::registration::platform::Status;
use crate::lti::services::access::Access;
use crate::lti::services::client::Services;
use crate::lti::services::failure::{ServiceError, ServiceFailure};
use crate::lti::services::memberships::{MembershipReader, SCOPE};

/// What waits for a platform that was switched off looks again after this.
const WHILE_DISABLED: Duration = Duration::from_secs(60 * 60);
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

/// Why a list was not read.
enum Unread {
    Failed(ServiceFailure),
    Db(DbError),
}

impl From<ServiceFailure> for Unread {
    fn from(failure: ServiceFailure) -> Self {
        Self::Failed(failure)
    }
}

impl From<DbError> for Unread {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

#[async_trait]
impl Worker for ReadMemberships {
    fn kind(&self) -> &'static str {
        MEMBERSHIPS
    }

    async fn work(&self, claim: &Claim) -> JobOutcome {
        let now = self.clock.now();
        let found = match self.find(&claim.subject).await {
            Ok(found) => found,
            Err(error) => return away(&error),
        };
        let Some((course, access)) = found else { return JobOutcome::new(Disposition::Done) };
        if access.platform.status != Status::Active || access.deployment.status != Status::Active {
            return JobOutcome::new(Disposition::NotBefore(now.plus(WHILE_DISABLED)));
        }
        let read = tokio::time::timeout(TIMEOUT, self.read(&course, &access)).await;
        let too_slow =
            |_| Err(ServiceFailure::of(ServiceError::Unreachable, &"the list takes too long").into());
        match read.unwrap_or_else(too_slow) {
            Ok(reading) => stored(reading),
            Err(Unread::Db(error)) => away(&error),
            Err(Unread::Failed(failure)) => {
                tell(&course, &failure);
                JobOutcome::new(disposition(&failure, claim.is_last_chance)).with(move |tx| {
                    store::note_trouble(tx.connection, &course.context, failure.error.code(), now)
                })
            }
        }
    }
}

fn stored(reading: Reading) -> JobOutcome {
    let Reading { context, skipped, .. } = &reading;
    if *skipped > 0 {
        tracing::info!(context, skipped, "not everything on a list of participants is a person");
    }
    JobOutcome::new(Disposition::Done).with(move |tx| store::publish(tx.connection, &reading))
}

/// Quirk: a list in trouble neither stops the queue's grades nor says that they would arrive. Nobody waits for a list that
/// the platform refuses: the next moderator who looks has it asked again.
fn disposition(failure: &ServiceFailure, is_last_chance: bool) -> Disposition {
    if is_last_chance || failure.is_denial() {
        return Disposition::Done;
    }
    Disposition::Again { reason: failure.error.code(), shared: false, after: failure.after }
}

/// Once for each trouble, not at each try.
fn tell(course: &ListedCourse, failure: &ServiceFailure) {
    if course.known.trouble.as_deref() == Some(failure.error.code()) {
        tracing::debug!(%failure, context = course.context, "a list of participants still cannot be read");
    } else {
        tracing::warn!(%failure, context = course.context, "a list of participants cannot be read");
    }
}

/// The database is away: the job's end could not be written either, so its lease just runs out.
fn away(error: &DbError) -> JobOutcome {
    tracing::warn!(%error, "a list of participants cannot be stored");
    JobOutcome::new(Disposition::Again { reason: DATABASE_FAILED, shared: false, after: None })
}

impl ReadMemberships {
    /// The course, and who asks; `None` where nothing is offered any more.
    async fn find(&self, context: &str) -> Result<Option<(ListedCourse, Access)>, DbError> {
        let context = context.to_owned();
        let course: Option<ListedCourse> =
            self.db.look_up(move |connection| store::find_course(connection, &context)).await?;
        let Some(course) = course.filter(|course| course.memberships.is_some()) else { return Ok(None) };
        let id = course.deployment.clone();
        let found: Option<_> =
            self.db.look_up(move |connection| lti::store::find_deployment(connection, &id)).await?;
        // Alone: a platform that grants no scope of the gradebook may still grant this one.
        let scopes = vec![SCOPE.to_owned()];
        Ok(found.map(|(platform, deployment)| (course, Access { platform, deployment, scopes })))
    }

    /// Reads the list page by page, each written down before the next is asked for.
    ///
    /// Quirk: the list is the course's, for all its activities; it is narrowed to those who may open an activity where
    /// that is the only one.
    async fn read(&self, course: &ListedCourse, access: &Access) -> Result<Reading, Unread> {
        let context = course.context.clone();
        let sole = self
            .db
            .write(move |tx| {
                store::sweep(tx.connection, &context)?;
                store::find_sole_link(tx.connection, &context)
            })
            .await?;
        let (narrowed_to, link) = sole.unzip();
        let Some(memberships) = &course.memberships else {
            return Err(ServiceFailure::garbled(&"no address").into());
        };
        let (id, at) = (self.random.letters_and_digits(16), self.clock.now());
        let mut reader = MembershipReader::new(&self.services, access, memberships, link.as_deref());
        while let Some(members) = reader.next_page().await? {
            let (context, id) = (course.context.clone(), id.clone());
            self.db.write(move |tx| store::stage(tx.connection, &context, &id, &members)).await?;
        }
        Ok(Reading {
            context: course.context.clone(),
            id,
            at,
            narrowed_to: narrowed_to.filter(|_| reader.is_narrowed()),
            is_cut: reader.is_cut(),
            skipped: i64::try_from(reader.skipped()).unwrap_or(i64::MAX),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
