//! Asks a platform to tell when courses are copied.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use url::Url;

use crate::clock::Clock;
use crate::db::Database;
use crate::jobs::{Claim, DATABASE_FAILED, Disposition, JobOutcome, Worker};
use crate::lti;
use crate::lti::registration::platform::Status;
use crate::lti::services::access::Access;
use crate::lti::services::client::Services;
use crate::lti::services::notices::{SCOPE, ask_for_notices};

/// Jobs that ask for notices; about a deployment.
pub const NOTICES: &str = "notices";
/// What waits for a platform that was switched off looks again after this.
const WHILE_DISABLED: Duration = Duration::from_secs(60 * 60);

/// Asks for notices.
pub struct AskForNotices {
    /// The lasting data.
    pub db: Database,
    /// The platforms' services.
    pub services: Arc<Services>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Where notices are to be posted.
    pub handler: Url,
}

#[async_trait]
impl Worker for AskForNotices {
    fn kind(&self) -> &'static str {
        NOTICES
    }

    async fn work(&self, claim: &Claim) -> JobOutcome {
        let id = claim.subject.clone();
        let found = self.db.look_up(move |connection| lti::store::find_deployment(connection, &id)).await;
        let (platform, deployment) = match found {
            Ok(Some(found)) => found,
            Ok(None) => return JobOutcome::new(Disposition::Done),
            Err(error) => {
                tracing::warn!(%error, "a job cannot read what it is about");
                return JobOutcome::new(Disposition::Again {
                    reason: DATABASE_FAILED,
                    shared: false,
                    after: None,
                });
            }
        };
        let handlers = deployment.notice_service.as_deref().and_then(|text| Url::parse(text).ok());
        let Some(handlers) = handlers else { return JobOutcome::new(Disposition::Done) };
        if platform.status != Status::Active || deployment.status != Status::Active {
            return JobOutcome::new(Disposition::NotBefore(self.clock.now().plus(WHILE_DISABLED)));
        }
        let access = Access { platform, deployment, scopes: vec![SCOPE.to_owned()] };
        match ask_for_notices(&self.services, &access, &handlers, &self.handler).await {
            Ok(()) => JobOutcome::new(Disposition::Done).answered(),
            Err(failure) if failure.is_denial() || claim.is_last_chance => {
                tracing::warn!(%failure, "the platform sends no notices of copied courses");
                JobOutcome::new(Disposition::Done)
            }
            Err(failure) => JobOutcome::new(Disposition::Again {
                reason: failure.error.code(),
                shared: false,
                after: failure.after,
            }),
        }
    }
}
