//! Asks a platform for a course's groups and for who is in them, once each group has a room.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::GROUPS;
use super::store;
use super::store::AskedCourse;
use crate::clock::Clock;
use crate::db::{Database, DbError};
use crate::jobs::{Claim, DATABASE_FAILED, Disposition, JobOutcome, Worker};
use crate::lti;
use crate::lti::registration::platform::Status;
use crate::lti::services::access::Access;
use crate::lti::services::client::Services;
use crate::lti::services::failure::{ServiceError, ServiceFailure};
use crate::lti::services::groups::{GroupService, ListedGroup, SCOPE, list_groups};

/// What waits for a platform that was switched off looks again after this.
const WHILE_DISABLED: Duration = Duration::from_secs(60 * 60);
/// A platform that takes longer is asked again at the launches of the course's people.
const TIMEOUT: Duration = Duration::from_secs(2 * 60);

/// Reads groups.
pub struct ReadGroups {
    /// The lasting data.
    pub db: Database,
    /// The platforms' services.
    pub services: Arc<Services>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

/// Why groups were not read.
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
impl Worker for ReadGroups {
    fn kind(&self) -> &'static str {
        GROUPS
    }

    async fn work(&self, claim: &Claim) -> JobOutcome {
        let found = match self.find(&claim.subject).await {
            Ok(found) => found,
            Err(error) => return away(&error),
        };
        let Some((course, access)) = found else { return JobOutcome::new(Disposition::Done) };
        if access.platform.status != Status::Active || access.deployment.status != Status::Active {
            return JobOutcome::new(Disposition::NotBefore(self.clock.now().plus(WHILE_DISABLED)));
        }
        let read = tokio::time::timeout(TIMEOUT, self.read(&course, &access)).await;
        let too_slow =
            |_| Err(ServiceFailure::of(ServiceError::Unreachable, &"the groups take too long").into());
        match read.unwrap_or_else(too_slow) {
            Ok(()) => JobOutcome::new(Disposition::Done),
            Err(Unread::Db(error)) => away(&error),
            Err(Unread::Failed(failure)) => {
                tracing::warn!(%failure, context = course.context, "a course's groups cannot be read");
                let code = failure.error.code();
                let again = Disposition::Again { reason: code, shared: false, after: failure.after };
                let is_over = claim.is_last_chance || failure.is_denial();
                JobOutcome::new(if is_over { Disposition::Done } else { again })
                    .with(move |tx| store::note_reading(tx, &course.context, Some(code)))
            }
        }
    }
}

/// The database is away: the job's end could not be written either, so its lease just runs out.
fn away(error: &DbError) -> JobOutcome {
    tracing::warn!(%error, "a course's groups cannot be stored");
    JobOutcome::new(Disposition::Again { reason: DATABASE_FAILED, shared: false, after: None })
}

impl ReadGroups {
    /// The course, and who asks; `None` where nothing is offered any more.
    async fn find(&self, context: &str) -> Result<Option<(AskedCourse, Access)>, DbError> {
        let context = context.to_owned();
        let course: Option<AskedCourse> =
            self.db.look_up(move |connection| store::find_asked_course(connection, &context)).await?;
        let Some(course) = course else { return Ok(None) };
        let id = course.deployment.clone();
        let found: Option<_> =
            self.db.look_up(move |connection| lti::store::find_deployment(connection, &id)).await?;
        // Alone: a platform that grants no scope of the gradebook may still grant this one.
        let scopes = vec![SCOPE.to_owned()];
        Ok(found.map(|(platform, deployment)| (course, Access { platform, deployment, scopes })))
    }

    /// Reads all groups of the course, then those of the people who were here last, each written down at once.
    async fn read(&self, course: &AskedCourse, access: &Access) -> Result<(), Unread> {
        let Some(service) = GroupService::stored(&course.groups_url) else {
            return Err(ServiceFailure::garbled(&"no address").into());
        };
        let all = list_groups(&self.services, access, &service, None).await?;
        let (context, now) = (course.context.clone(), self.clock.now());
        let people = self
            .db
            .write(move |tx| {
                store::take_groups(tx.connection, &context, &all, true)?;
                store::note_reading(tx, &context, None)?;
                store::list_ungrouped(tx.connection, &context, now)
            })
            .await?;
        for person in people {
            let groups = list_groups(&self.services, access, &service, Some(&person.sub)).await?;
            self.store_entry(course, person.user, groups).await?;
        }
        Ok(())
    }

    async fn store_entry(
        &self,
        course: &AskedCourse,
        user: String,
        groups: Vec<ListedGroup>,
    ) -> Result<(), DbError> {
        let context = course.context.clone();
        self.db.write(move |tx| store::take_membership(tx, &context, &user, &groups)).await
    }
}
