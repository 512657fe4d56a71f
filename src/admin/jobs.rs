//! `/admin/jobs`: what waits, what fails, what was given up.

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use super::access::{Admin, require_admin_form};
use super::audit::store::{Event, record};
use crate::admin::audit::action::Action;
use crate::db::{DbConnection, DbError};
use crate::grades::SCORE;
use crate::grades::score::ScoreReason;
use crate::grades::store::forget_refusals;
use crate::http::extract::Lang;
use crate::http::failure::Failure;
use crate::http::pages::{Framing, Pages};
use crate::http::redirect::redirect_to;
use crate::ids::PlatformId;
use crate::jobs::overview::store::{list_groups, list_members, try_again};
use crate::jobs::overview::{JobGroup, JobLine, JobSelection, JobState};
use crate::lti::store as registrations;
use crate::state::AppState;

/// Jobs of one group that the page names.
const NAMED: i64 = 20;
/// A newer grade in the gradebook may be a teacher's own: only a teacher puts ours over it.
const TEACHERS_DECIDE: [&str; 1] = [ScoreReason::Superseded.code()];

#[derive(Serialize)]
struct JobsPage {
    here: &'static str,
    csrf: String,
    groups: Vec<JobGroupLine>,
    can_retry: bool,
    tried: Option<usize>,
}

#[derive(Serialize)]
struct JobGroupLine {
    state: &'static str,
    queue: String,
    /// The platform's name, or the queue where it is none.
    platform: String,
    platform_id: Option<PlatformId>,
    /// The service's address.
    service: String,
    kind: String,
    reason: Option<String>,
    count: i64,
    since: String,
    next: Option<String>,
    trouble: Option<String>,
    can_retry: bool,
    members: Vec<MemberLine>,
}

#[derive(Serialize)]
struct MemberLine {
    id: String,
    subject: String,
    attempts: i64,
}

impl JobGroupLine {
    fn new(group: JobGroup, members: Vec<JobLine>, names: &HashMap<PlatformId, String>) -> Self {
        let (platform, service) = group.queue.split_once(' ').unwrap_or((group.queue.as_str(), ""));
        let known = platform.parse().ok().filter(|id| names.contains_key(id));
        let is_over = group.state == JobState::GivenUp;
        let next = group.trouble.map_or(group.next, |outage| outage.next.max(group.next));
        let is_teachers = group.reason.as_deref().is_some_and(|reason| TEACHERS_DECIDE.contains(&reason));
        Self {
            state: group.state.word(),
            platform: known.and_then(|id| names.get(&id)).map_or(platform, String::as_str).to_owned(),
            platform_id: known,
            // Behind the host may stand which of its queues it is.
            service: service.split(' ').next().unwrap_or_default().to_owned(),
            since: group.since.iso(),
            next: (!is_over).then(|| next.iso()),
            trouble: group.trouble.map(|outage| outage.since.iso()),
            can_retry: group.state != JobState::Waiting && !is_teachers,
            members: members
                .into_iter()
                .map(|JobLine { id, subject, attempts }| MemberLine { id, subject, attempts })
                .collect(),
            kind: group.kind,
            reason: group.reason,
            count: group.count,
            queue: group.queue,
        }
    }
}

/// What the page was told.
#[derive(Deserialize)]
pub struct JobsQuery {
    tried: Option<usize>,
}

fn find_groups(connection: &mut DbConnection) -> Result<Vec<JobGroupLine>, DbError> {
    let names: HashMap<PlatformId, String> =
        registrations::list(connection)?.into_iter().map(|platform| (platform.id, platform.name)).collect();
    let groups = list_groups(connection)?;
    let line = |group: JobGroup| {
        let members = list_members(connection, &group, NAMED)?;
        Ok(JobGroupLine::new(group, members, &names))
    };
    groups.into_iter().map(line).collect()
}

/// `GET /admin/jobs`. For administrators.
pub async fn jobs(
    Admin(session): Admin,
    Lang(locale): Lang,
    query: Query<JobsQuery>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let groups = app.db.read(find_groups).await;
    let groups = groups?;
    let page = JobsPage {
        here: "jobs",
        csrf: session.csrf(&app.sealer),
        can_retry: groups.iter().any(|group| group.can_retry),
        groups,
        tried: query.tried,
    };
    pages.respond(StatusCode::OK, "pages/admin/jobs.html", &page, &locale, &Framing::nobody())
}

/// What the page's buttons send: one job, those of a group, or neither for all.
#[derive(Deserialize)]
pub struct RetryForm {
    csrf: String,
    job: Option<String>,
    queue: Option<String>,
    kind: Option<String>,
    reason: Option<String>,
}

impl RetryForm {
    fn selection(&self) -> JobSelection {
        match (&self.job, &self.queue, &self.kind) {
            (Some(id), _, _) => JobSelection::One(id.clone()),
            (None, Some(queue), Some(kind)) => {
                let reason = self.reason.clone().filter(|reason| !reason.is_empty());
                JobSelection::Alike { queue: queue.clone(), kind: kind.clone(), reason }
            }
            (None, _, _) => JobSelection::All,
        }
    }
}

/// `POST /admin/jobs`: another try, now. For administrators.
pub async fn retry(
    request: HttpRequest,
    form: Form<RetryForm>,
    app: Data<AppState>,
) -> Result<HttpResponse, Failure> {
    let selection = form.selection();
    let subject = match &selection {
        JobSelection::One(id) => id.clone(),
        JobSelection::Alike { queue, kind, .. } => format!("{kind} {queue}"),
        JobSelection::All => "all".to_owned(),
    };
    let session = require_admin_form(&app, &request, &form.csrf, Action::JobRetry, &subject).await?;
    let tried = app
        .db
        .write(move |tx| {
            let jobs = try_again(tx, &selection, &TEACHERS_DECIDE)?;
            let scores = jobs.iter().filter(|job| job.kind == SCORE);
            let scores: Vec<String> = scores.map(|job| job.subject.clone()).collect();
            forget_refusals(tx.connection, &scores)?;
            let event = Event::done(&session.who, Action::JobRetry, &subject);
            record(tx, &event.with(None, jobs.len().to_string()))?;
            Ok(jobs.len())
        })
        .await;
    let tried = tried?;
    app.notifier.notify();
    Ok(redirect_to(&format!("/admin/jobs?tried={tried}")))
}
