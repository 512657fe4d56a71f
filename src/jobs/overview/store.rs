//! Queries on `job` and `job_queue` for operators.

use std::collections::HashMap;

use diesel::dsl::{count_star, min};
use diesel::prelude::*;

use super::{JobFigures, JobGroup, JobLine, JobSelection, JobState, JobSubject, Outage};
use crate::clock::Timestamp;
use crate::db::schema::{job, job_queue};
use crate::db::{DbConnection, DbError, Tx};

#[derive(Queryable)]
struct FailingQueue {
    queue: String,
    since: Option<Timestamp>,
    next: Timestamp,
}

#[derive(Queryable)]
struct GroupRow {
    queue: String,
    kind: String,
    reason: Option<String>,
    count: i64,
    since: Option<Timestamp>,
    next: Option<Timestamp>,
}

#[derive(Queryable)]
struct SelectedRow {
    id: String,
    queue: String,
    kind: String,
    subject: String,
}

/// All jobs in groups, the worst first.
pub fn list_groups(connection: &mut DbConnection) -> Result<Vec<JobGroup>, DbError> {
    let queues: Vec<FailingQueue> = job_queue::table
        .filter(job_queue::failing_since.is_not_null())
        .select((job_queue::queue, job_queue::failing_since, job_queue::paused_until))
        .load(connection)?;
    let outage = |row: FailingQueue| Some((row.queue, Outage { since: row.since?, next: row.next }));
    let troubles: HashMap<String, Outage> = queues.into_iter().filter_map(outage).collect();
    let mut groups = Vec::new();
    for state in JobState::ALL {
        let all = job::table
            .group_by((job::queue, job::kind, job::reason))
            .order((job::queue, job::kind, job::reason))
            .select((job::queue, job::kind, job::reason, count_star(), min(job::wanted_at), min(job::due_at)))
            .into_boxed();
        let rows: Vec<GroupRow> = match state {
            JobState::GivenUp => all.filter(job::failed_at.is_not_null()),
            JobState::Failing => all.filter(job::failed_at.is_null().and(job::attempts.gt(0))),
            JobState::Waiting => all.filter(job::failed_at.is_null().and(job::attempts.eq(0))),
        }
        .load(connection)?;
        groups.extend(rows.into_iter().map(|row| JobGroup {
            state,
            trouble: troubles.get(&row.queue).copied(),
            queue: row.queue,
            kind: row.kind,
            reason: row.reason,
            count: row.count,
            since: row.since.unwrap_or(Timestamp::EPOCH),
            next: row.next.unwrap_or(Timestamp::EPOCH),
        }));
    }
    Ok(groups)
}

/// The oldest jobs of a group.
pub fn list_members(
    connection: &mut DbConnection,
    group: &JobGroup,
    most: i64,
) -> Result<Vec<JobLine>, DbError> {
    let all = job::table
        .filter(job::queue.eq(&group.queue).and(job::kind.eq(&group.kind)))
        .order(job::wanted_at)
        .limit(most)
        .select((job::id, job::subject, job::attempts))
        .into_boxed();
    let all = match &group.reason {
        Some(reason) => all.filter(job::reason.eq(reason)),
        None => all.filter(job::reason.is_null()),
    };
    let all = match group.state {
        JobState::GivenUp => all.filter(job::failed_at.is_not_null()),
        JobState::Failing => all.filter(job::failed_at.is_null().and(job::attempts.gt(0))),
        JobState::Waiting => all.filter(job::failed_at.is_null().and(job::attempts.eq(0))),
    };
    Ok(all.load(connection)?)
}

/// Tries failed jobs again now, but not those that failed for `but_not`: somebody else decides about them. Returns
/// which those are.
pub fn try_again(
    tx: &mut Tx<'_>,
    selection: &JobSelection,
    but_not: &[&str],
) -> Result<Vec<JobSubject>, DbError> {
    let failed = job::table
        .filter(job::failed_at.is_not_null().or(job::attempts.gt(0)))
        .filter(job::lease_until.le(tx.now))
        .filter(job::reason.is_null().or(job::reason.ne_all(but_not)))
        .select((job::id, job::queue, job::kind, job::subject))
        .into_boxed();
    let selected: Vec<SelectedRow> = match selection {
        JobSelection::One(id) => failed.filter(job::id.eq(id)),
        JobSelection::Alike { queue, kind, reason: Some(reason) } => {
            failed.filter(job::queue.eq(queue).and(job::kind.eq(kind)).and(job::reason.eq(reason)))
        }
        JobSelection::Alike { queue, kind, reason: None } => {
            failed.filter(job::queue.eq(queue).and(job::kind.eq(kind)).and(job::reason.is_null()))
        }
        JobSelection::All => failed,
    }
    .load(tx.connection)?;
    let again = (
        job::attempts.eq(0),
        job::wanted_at.eq(tx.now),
        job::due_at.eq(tx.now),
        job::failed_at.eq(None::<Timestamp>),
    );
    for some in selected.chunks(500) {
        let ids: Vec<&str> = some.iter().map(|row| row.id.as_str()).collect();
        diesel::update(job::table.filter(job::id.eq_any(ids))).set(again).execute(tx.connection)?;
    }
    let mut queues: Vec<&str> = selected.iter().map(|row| row.queue.as_str()).collect();
    queues.sort_unstable();
    queues.dedup();
    for some in queues.chunks(500) {
        let queues = job_queue::table.filter(job_queue::queue.eq_any(some));
        diesel::update(queues)
            .set((job_queue::paused_until.eq(Timestamp::EPOCH), job_queue::failures.eq(0)))
            .execute(tx.connection)?;
    }
    Ok(selected.into_iter().map(|row| JobSubject { kind: row.kind, subject: row.subject }).collect())
}

/// The queue in numbers.
pub fn figures(connection: &mut DbConnection, now: Timestamp) -> Result<JobFigures, DbError> {
    let count = |groups: &[JobGroup], state| {
        groups.iter().filter(|group| group.state == state).map(|group| group.count).sum::<i64>()
    };
    let groups = list_groups(connection)?;
    let due = job::table.filter(job::failed_at.is_null().and(job::due_at.le(now)));
    let failing = count(&groups, JobState::Failing);
    Ok(JobFigures {
        open: count(&groups, JobState::Waiting) + failing,
        failing,
        given_up: count(&groups, JobState::GivenUp),
        overdue_since: due.select(min(job::due_at)).get_result(connection)?,
    })
}
