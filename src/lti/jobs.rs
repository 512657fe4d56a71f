//! What all jobs at a platform's services have in common: whose services they need, and whether those may be asked now.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::registration::platform::Status;
use super::services::access::Access;
use super::services::failure::{ServiceError, ServiceFailure};
use super::store::find_deployment;
use crate::clock::Clock;
use crate::db::{Database, DbError};
use crate::ids::DeploymentId;
use crate::jobs::{Claim, DATABASE_FAILED, Disposition, JobOutcome, Worker};

/// A job for a platform or deployment that was switched off looks again after this.
const WHILE_DISABLED: Duration = Duration::from_secs(60 * 60);

/// What a job is about, and whose services it needs.
pub struct PlatformTask<T> {
    /// What the job is about.
    pub about: T,
    /// Our identifier of the deployment whose services are asked.
    pub deployment: DeploymentId,
    /// The scopes to ask with.
    pub scopes: Vec<String>,
}

/// Does the jobs of one kind at the services of platforms.
#[async_trait]
pub trait PlatformWorker: Send + Sync {
    /// Our identifier of what a job is about.
    type Subject: FromStr + Send;
    /// What a job is about.
    type About: Send;

    /// Returns the kind's name in the database.
    fn kind(&self) -> &'static str;

    /// Finds what a job is about; `None` when nothing is left to do.
    async fn find(&self, subject: Self::Subject) -> Result<Option<PlatformTask<Self::About>>, DbError>;

    /// Works at a job whose platform may be asked.
    async fn work(&self, claim: &Claim, about: Self::About, access: &Access) -> Result<JobOutcome, DbError>;
}

/// Runs a [`PlatformWorker`]: its jobs wait while their platform is switched off, and end when it is gone.
pub struct PlatformJobs<W> {
    db: Database,
    clock: Arc<dyn Clock>,
    worker: W,
}

impl<W: PlatformWorker> PlatformJobs<W> {
    /// The jobs of `worker`.
    pub fn new(db: &Database, clock: &Arc<dyn Clock>, worker: W) -> Self {
        Self { db: db.clone(), clock: Arc::clone(clock), worker }
    }

    async fn outcome(&self, claim: &Claim) -> Result<JobOutcome, DbError> {
        // A subject that is no identifier names nothing that is left.
        let Ok(subject) = claim.subject.parse() else { return Ok(JobOutcome::new(Disposition::Done)) };
        let Some(task) = self.worker.find(subject).await? else {
            return Ok(JobOutcome::new(Disposition::Done));
        };
        let PlatformTask { about, deployment: id, scopes } = task;
        let found = self.db.look_up(move |connection| find_deployment(connection, id)).await?;
        let Some((platform, deployment)) = found else {
            return Ok(JobOutcome::new(Disposition::Done));
        };
        if platform.status != Status::Active || deployment.status != Status::Active {
            let later = self.clock.now().plus(WHILE_DISABLED);
            return Ok(JobOutcome::new(Disposition::NotBefore(later)));
        }
        self.worker.work(claim, about, &Access { platform, deployment, scopes }).await
    }
}

#[async_trait]
impl<W: PlatformWorker> Worker for PlatformJobs<W> {
    fn kind(&self) -> &'static str {
        self.worker.kind()
    }

    async fn work(&self, claim: &Claim) -> JobOutcome {
        self.outcome(claim).await.unwrap_or_else(|error| {
            // The job's end could not be written either, so its lease just runs out.
            tracing::warn!(kind = claim.kind, %error, "a job cannot read or write what it is about");
            JobOutcome::new(Disposition::Again { reason: DATABASE_FAILED, shared: false, after: None })
        })
    }
}

/// Returns what becomes of a job whose service failed, while everything else in the queue goes on.
pub fn again_alone(failure: &ServiceFailure) -> Disposition {
    Disposition::Again { reason: failure.error.code(), shared: false, after: failure.after }
}

/// Returns what a platform answers within `timeout`: however slowly it answers, it keeps nobody's slot for longer.
pub async fn in_time<T, E: From<ServiceFailure>>(
    timeout: Duration,
    answer: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let late = |_| Err(ServiceFailure::of(ServiceError::Unreachable, &"no answer in time").into());
    tokio::time::timeout(timeout, answer).await.unwrap_or_else(late)
}

/// Why a list of a platform was not read and stored.
pub enum ReadError {
    /// The service gave nothing usable.
    Service(ServiceFailure),
    /// Our database failed.
    Db(DbError),
}

impl From<ServiceFailure> for ReadError {
    fn from(failure: ServiceFailure) -> Self {
        Self::Service(failure)
    }
}

impl From<DbError> for ReadError {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}
