//! Asks a platform for a course's groups and for who is in them, once each group has a room.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::GROUPS;
use super::store;
use super::store::AskedCourse;
use crate::clock::Clock;
use crate::db::{Database, DbError};
use crate::ids::{ContextId, UserId};
use crate::jobs::{Claim, Disposition, JobOutcome};
use crate::lti::jobs::{PlatformTask, PlatformWorker, ReadError, again_alone, in_time};
use crate::lti::services::access::Access;
use crate::lti::services::client::Services;
use crate::lti::services::failure::ServiceFailure;
use crate::lti::services::groups::{GroupService, ListedGroup, SCOPE, list_groups};

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

#[async_trait]
impl PlatformWorker for ReadGroups {
    type Subject = ContextId;
    type About = AskedCourse;

    fn kind(&self) -> &'static str {
        GROUPS
    }

    async fn find(&self, context: ContextId) -> Result<Option<PlatformTask<AskedCourse>>, DbError> {
        let course: Option<AskedCourse> =
            self.db.look_up(move |connection| store::find_asked_course(connection, context)).await?;
        // Alone: a platform that grants no scope of the gradebook may still grant this one.
        Ok(course.map(|course| PlatformTask {
            deployment: course.deployment,
            scopes: vec![SCOPE.to_owned()],
            about: course,
        }))
    }

    async fn work(&self, claim: &Claim, course: AskedCourse, access: &Access) -> Result<JobOutcome, DbError> {
        match in_time(TIMEOUT, self.read(&course, access)).await {
            Ok(()) => Ok(JobOutcome::new(Disposition::Done)),
            Err(ReadError::Db(error)) => Err(error),
            Err(ReadError::Service(failure)) => {
                tracing::warn!(%failure, context = %course.context, "a course's groups cannot be read");
                let is_over = claim.is_last_chance || failure.is_denial();
                let disposition = if is_over { Disposition::Done } else { again_alone(&failure) };
                Ok(JobOutcome::new(disposition)
                    .with(move |tx| store::note_reading(tx, course.context, Some(failure.error.code()))))
            }
        }
    }
}

impl ReadGroups {
    /// Reads all groups of the course, then those of the people who were here last, each written down at once.
    async fn read(&self, course: &AskedCourse, access: &Access) -> Result<(), ReadError> {
        let Some(service) = GroupService::stored(&course.groups_url) else {
            return Err(ServiceFailure::garbled(&"no address").into());
        };
        let all = list_groups(&self.services, access, &service, None).await?;
        let (context, now) = (course.context, self.clock.now());
        let people = self
            .db
            .write(move |tx| {
                store::take_groups(tx.connection, context, &all, true)?;
                store::note_reading(tx, context, None)?;
                store::list_ungrouped(tx.connection, context, now)
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
        user: UserId,
        groups: Vec<ListedGroup>,
    ) -> Result<(), DbError> {
        let context = course.context;
        self.db.write(move |tx| store::take_membership(tx, context, user, &groups)).await
    }
}
