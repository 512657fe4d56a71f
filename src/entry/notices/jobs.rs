//! Asks a platform to tell when courses are copied.

use std::sync::Arc;

use async_trait::async_trait;
use url::Url;

use crate::db::DbError;
use crate::ids::DeploymentId;
use crate::jobs::{Claim, Disposition, JobOutcome};
use crate::lti::jobs::{PlatformTask, PlatformWorker, again_alone};
use crate::lti::services::access::Access;
use crate::lti::services::client::Services;
use crate::lti::services::notices::{SCOPE, ask_for_notices};

/// Jobs that ask for notices; about a deployment.
pub const NOTICES: &str = "notices";
/// Asks for notices.
pub struct AskForNotices {
    /// The platforms' services.
    pub services: Arc<Services>,
    /// Where notices are to be posted.
    pub handler: Url,
}

#[async_trait]
impl PlatformWorker for AskForNotices {
    type Subject = DeploymentId;
    type About = ();

    fn kind(&self) -> &'static str {
        NOTICES
    }

    async fn find(&self, deployment: DeploymentId) -> Result<Option<PlatformTask<()>>, DbError> {
        let scopes = vec![SCOPE.to_owned()];
        Ok(Some(PlatformTask { about: (), deployment, scopes }))
    }

    async fn work(&self, claim: &Claim, _about: (), access: &Access) -> Result<JobOutcome, DbError> {
        let handlers = access.deployment.notice_service.as_deref().and_then(|text| Url::parse(text).ok());
        let Some(handlers) = handlers else { return Ok(JobOutcome::new(Disposition::Done)) };
        Ok(match ask_for_notices(&self.services, access, &handlers, &self.handler).await {
            Ok(()) => JobOutcome::new(Disposition::Done).answered(),
            Err(failure) if failure.is_denial() || claim.is_last_chance => {
                tracing::warn!(%failure, "the platform sends no notices of copied courses");
                JobOutcome::new(Disposition::Done)
            }
            Err(failure) => JobOutcome::new(again_alone(&failure)),
        })
    }
}
