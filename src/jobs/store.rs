//! Queries on `job` and `job_lane`.

use std::time::Duration;

use diesel::dsl::exists;
use diesel::prelude::*;

use super::retry::pause;
use super::{AT_A_TIME, Claim, Fate, PATIENCE, Wish};
use crate::clock::Timestamp;
use crate::db::schema::{job, job_lane};
use crate::db::{DbConnection, DbError};
use crate::ids::{Random, row_id};
use crate::on_each_backend;

/// A process that fell silent loses its jobs after this time.
pub const LEASE: Duration = Duration::from_secs(10);

/// Writes a wish down: a new job, or another turn of the one that there is.
///
/// Quirk: a job in its pause after a failure stays in it, so that a busy class does not hammer a service in trouble.
pub fn enqueue(
    connection: &mut DbConnection,
    wish: &Wish<'_>,
    now: Timestamp,
    random: &Random,
) -> Result<(), DbError> {
    let lane = (job_lane::lane.eq(wish.lane), job_lane::paused_until.eq(0), job_lane::failures.eq(0));
    on_each_backend!(connection, |inner| diesel::insert_into(job_lane::table)
        .values(lane)
        .on_conflict_do_nothing()
        .execute(inner))?;
    let is_failing = job::attempts.gt(0).and(job::failed_at.is_null());
    let row = (
        job::id.eq(row_id(now, random)),
        job::kind.eq(wish.kind),
        job::subject.eq(wish.subject),
        job::lane.eq(wish.lane),
        job::generation.eq(1),
        job::wanted_at.eq(now.millis()),
        job::due_at.eq(wish.due.millis()),
        job::attempts.eq(0),
        job::lease_until.eq(0),
    );
    let mine = job::table.filter(job::kind.eq(wish.kind).and(job::subject.eq(wish.subject)));
    let waiting = diesel::update(mine.filter(is_failing))
        .set((job::generation.eq(job::generation + 1), job::lane.eq(wish.lane)))
        .execute(connection)?;
    if waiting == 1 {
        return Ok(());
    }
    let again = (
        job::generation.eq(job::generation + 1),
        job::lane.eq(wish.lane),
        job::wanted_at.eq(now.millis()),
        job::due_at.eq(wish.due.millis()),
        job::attempts.eq(0),
        job::failed_at.eq(None::<i64>),
    );
    on_each_backend!(connection, |inner| diesel::insert_into(job::table)
        .values(row)
        .on_conflict((job::kind, job::subject))
        .do_update()
        .set(again)
        .execute(inner))?;
    Ok(())
}

/// Tries a job now that somebody asked for it by hand, and its lane too.
pub fn hurry(
    connection: &mut DbConnection,
    wish: &Wish<'_>,
    now: Timestamp,
    random: &Random,
) -> Result<(), DbError> {
    diesel::update(job::table.filter(job::kind.eq(wish.kind).and(job::subject.eq(wish.subject))))
        .set((job::attempts.eq(0), job::wanted_at.eq(now.millis())))
        .execute(connection)?;
    diesel::update(job_lane::table.find(wish.lane)).set(job_lane::paused_until.eq(0)).execute(connection)?;
    enqueue(connection, wish, now, random)
}

/// The lanes in which something is to be done now.
pub fn list_due_lanes(connection: &mut DbConnection, now: Timestamp) -> Result<Vec<String>, DbError> {
    let due = job::table.filter(
        job::lane.eq(job_lane::lane).and(job::due_at.le(now.millis())).and(job::lease_until.le(now.millis())),
    );
    Ok(job_lane::table
        .filter(job_lane::paused_until.le(now.millis()).and(exists(due)))
        .select(job_lane::lane)
        .load(connection)?)
}

type ClaimRow = (String, String, String, i64, i64, i64);

/// Takes what may run now in a lane, `room` jobs at most: fewer when others of the lane run, and one alone to find out
/// whether a service in trouble is back.
pub fn claim(
    connection: &mut DbConnection,
    lane: &str,
    (lease, room): (&str, i64),
    now: Timestamp,
) -> Result<Vec<Claim>, DbError> {
    let Some((paused_until, failing)) = lock_lane(connection, lane)? else { return Ok(Vec::new()) };
    let in_lane = job::lane.eq(lane);
    let running: i64 =
        job::table.filter(in_lane.and(job::lease_until.gt(now.millis()))).count().get_result(connection)?;
    let at_a_time = if failing.is_some() { 1 } else { AT_A_TIME };
    let free = (at_a_time - running).min(room);
    if paused_until > now.millis() || free <= 0 {
        return Ok(Vec::new());
    }
    let due = job::table
        .filter(in_lane.and(job::due_at.le(now.millis())).and(job::lease_until.le(now.millis())))
        .order(job::due_at)
        .limit(free)
        .select((job::id, job::kind, job::subject, job::generation, job::attempts, job::wanted_at));
    // Rows that somebody writes to at this moment are left for the next time: waiting for them could go in a circle.
    let rows: Vec<ClaimRow> = match connection {
        DbConnection::Postgres(inner) => due.for_update().skip_locked().load(inner)?,
        DbConnection::Sqlite(inner) => due.load(inner)?,
    };
    let ids: Vec<&str> = rows.iter().map(|row| row.0.as_str()).collect();
    diesel::update(job::table.filter(job::id.eq_any(ids)))
        .set((job::lease.eq(lease), job::lease_until.eq(now.plus(LEASE).millis())))
        .execute(connection)?;
    let claim = |(id, kind, subject, generation, attempts, wanted_at): ClaimRow| Claim {
        id,
        kind,
        subject,
        lane: lane.to_owned(),
        generation,
        attempts,
        is_last_chance: now.since(Timestamp::from_millis(wanted_at)) >= PATIENCE,
        lease: lease.to_owned(),
    };
    Ok(rows.into_iter().map(claim).collect())
}

/// A lane's pause, and since when it fails; `None` while another process claims in it.
fn lock_lane(connection: &mut DbConnection, lane: &str) -> Result<Option<(i64, Option<i64>)>, DbError> {
    let found = job_lane::table.find(lane).select((job_lane::paused_until, job_lane::failing_since));
    // SQLite has one writer at a time.
    Ok(match connection {
        DbConnection::Postgres(inner) => found.for_update().skip_locked().get_result(inner).optional()?,
        DbConnection::Sqlite(inner) => found.get_result(inner).optional()?,
    })
}

/// Keeps a job for another [`LEASE`]; answers whether it is still ours.
pub fn renew(connection: &mut DbConnection, claim: &Claim, now: Timestamp) -> Result<bool, DbError> {
    let mine = job::table.find(&claim.id).filter(job::lease.eq(&claim.lease));
    let kept = diesel::update(mine).set(job::lease_until.eq(now.plus(LEASE).millis())).execute(connection)?;
    Ok(kept == 1)
}

/// Ends a job's turn; answers whether it was still ours.
pub fn end(
    connection: &mut DbConnection,
    claim: &Claim,
    (fate, answered): (Fate, bool),
    now: Timestamp,
    random: &Random,
) -> Result<bool, DbError> {
    let mine = job::table.find(&claim.id).filter(job::lease.eq(&claim.lease));
    let unwished = mine.filter(job::generation.eq(claim.generation));
    let free = (job::lease.eq(None::<&str>), job::lease_until.eq(0));
    let dice = random.bytes::<1>()[0];
    let ended = match fate {
        Fate::Done => diesel::delete(unwished).execute(connection)?,
        Fate::NotBefore(due) => {
            diesel::update(unwished).set((free, job::due_at.eq(due.millis()))).execute(connection)?
        }
        Fate::Failed { reason } => diesel::update(unwished)
            .set((free, job::due_at.eq(i64::MAX), job::failed_at.eq(now.millis()), job::reason.eq(reason)))
            .execute(connection)?,
        Fate::Again { reason, shared, after } => {
            let due = now.plus(pause(claim.attempts + 1, after, dice)).millis();
            let failed = (job::attempts.eq(claim.attempts + 1), job::due_at.eq(due), job::reason.eq(reason));
            let ended = diesel::update(mine).set((free, failed)).execute(connection)?;
            if shared && ended == 1 {
                lane_fails(connection, &claim.lane, (reason, after, dice), now)?;
            }
            ended
        }
    };
    if ended == 0 {
        // Somebody wished for more meanwhile: the next turn begins when that is due.
        let more = diesel::update(mine).set((free, job::attempts.eq(0))).execute(connection)?;
        if more == 0 {
            return Ok(false);
        }
    }
    if answered {
        lane_is_well(connection, &claim.lane, now)?;
    }
    Ok(true)
}

/// Lets a lane wait as a whole. Of jobs that fail together the first decides.
fn lane_fails(
    connection: &mut DbConnection,
    lane: &str,
    (reason, after, dice): (&'static str, Option<Duration>, u8),
    now: Timestamp,
) -> Result<(), DbError> {
    let running = job_lane::table.find(lane).filter(job_lane::paused_until.le(now.millis()));
    let found: Option<(i64, Option<i64>)> =
        running.select((job_lane::failures, job_lane::failing_since)).get_result(connection).optional()?;
    let Some((failures, since)) = found else { return Ok(()) };
    diesel::update(job_lane::table.find(lane))
        .set((
            job_lane::failures.eq(failures + 1),
            job_lane::paused_until.eq(now.plus(pause(failures + 1, after, dice)).millis()),
            job_lane::failing_since.eq(since.unwrap_or(now.millis())),
            job_lane::reason.eq(reason),
        ))
        .execute(connection)?;
    Ok(())
}

/// The service answered: what failed with it is tried at once.
fn lane_is_well(connection: &mut DbConnection, lane: &str, now: Timestamp) -> Result<(), DbError> {
    let failing = job_lane::table.find(lane).filter(job_lane::failing_since.is_not_null());
    let reason: Option<Option<String>> =
        failing.select(job_lane::reason).get_result(connection).optional()?;
    let Some(reason) = reason else { return Ok(()) };
    let well = (
        job_lane::failures.eq(0),
        job_lane::paused_until.eq(0),
        job_lane::failing_since.eq(None::<i64>),
        job_lane::reason.eq(None::<String>),
    );
    diesel::update(job_lane::table.find(lane)).set(well).execute(connection)?;
    let failed_with_it =
        job::lane.eq(lane).and(job::failed_at.is_null()).and(job::attempts.gt(0)).and(job::reason.eq(reason));
    diesel::update(job::table.filter(failed_with_it))
        .set(job::due_at.eq(now.millis()))
        .execute(connection)?;
    Ok(())
}

/// A process that is the only one frees what it had in hand when it died; a second later, so that no message goes out
/// twice in the same second.
pub fn free_all(connection: &mut DbConnection, now: Timestamp) -> Result<(), DbError> {
    let soon = now.plus(Duration::from_secs(1)).millis();
    diesel::update(job::table.filter(job::lease.is_not_null()))
        .set((job::lease.eq(None::<String>), job::lease_until.eq(0), job::due_at.eq(soon)))
        .execute(connection)?;
    Ok(())
}

/// Trouble of a lane's service.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Trouble {
    /// The last failure's code.
    pub reason: Option<String>,
    /// Since when. Units: milliseconds since the epoch.
    pub since: Option<i64>,
    /// When it is tried again.
    pub next: i64,
}

/// The trouble of a lane's service; `None` while it is well.
pub fn find_trouble(connection: &mut DbConnection, lane: &str) -> Result<Option<Trouble>, DbError> {
    Ok(job_lane::table
        .find(lane)
        .filter(job_lane::failing_since.is_not_null())
        .select((job_lane::reason, job_lane::failing_since, job_lane::paused_until))
        .get_result(connection)
        .optional()?)
}

/// When the jobs of `kind` about `subjects` are next tried, those that failed before. Units: milliseconds.
pub fn list_next(
    connection: &mut DbConnection,
    kind: &str,
    subjects: &[String],
) -> Result<Vec<(String, i64)>, DbError> {
    Ok(job::table
        .filter(job::kind.eq(kind).and(job::subject.eq_any(subjects)).and(job::attempts.gt(0)))
        .filter(job::failed_at.is_null())
        .select((job::subject, job::due_at))
        .load(connection)?)
}

/// Whether a job of `kind` about `subject` waits or runs.
pub fn is_wanted(connection: &mut DbConnection, kind: &str, subject: &str) -> Result<bool, DbError> {
    let found =
        job::table.filter(job::kind.eq(kind).and(job::subject.eq(subject)).and(job::failed_at.is_null()));
    Ok(diesel::select(exists(found)).get_result(connection)?)
}
