//! Queries on `job` and `job_queue`.

use std::time::Duration;

use diesel::dsl::{count_star, exists, not};
use diesel::prelude::*;

use super::fairness::{BUDGET_WINDOW, Limits, Pool, Running, WaitingQueue, share_out};
use super::retry::pause;
use super::{Claim, Disposition, JobRequest, TIMEOUT};
use crate::clock::Timestamp;
use crate::db::schema::{job, job_queue, job_share};
use crate::db::{DbConnection, DbError, Tx};
use crate::ids::row_id;
use crate::on_each_backend;

/// A process that fell silent loses its jobs after this time.
pub const LEASE: Duration = Duration::from_secs(10);

/// No job and no queue waits longer than this.
const MAX_WAIT: Duration = Duration::from_secs(2 * 60 * 60);
/// A queue that had no turn for so long, and has no job, is forgotten.
const IDLE_QUEUE: Duration = Duration::from_secs(24 * 60 * 60);

/// Writes a request down: a new job, or another turn of the one that there is.
///
/// Quirk: a job in its pause after a failure stays in it, so that a busy class does not hammer a service in trouble.
pub fn enqueue(tx: &mut Tx<'_>, request: &JobRequest<'_>) -> Result<(), DbError> {
    add_queue(tx, request.queue)?;
    let is_failing = job::attempts.gt(0).and(job::failed_at.is_null());
    let row = (
        job::id.eq(row_id(tx.now, tx.random)),
        job::kind.eq(request.kind),
        job::subject.eq(request.subject),
        job::queue.eq(request.queue),
        job::generation.eq(1),
        job::wanted_at.eq(tx.now),
        job::due_at.eq(request.due),
        job::attempts.eq(0),
        job::lease_until.eq(Timestamp::EPOCH),
    );
    let mine = job::table.filter(job::kind.eq(request.kind).and(job::subject.eq(request.subject)));
    let waiting = diesel::update(mine.filter(is_failing))
        .set((job::generation.eq(job::generation + 1), job::queue.eq(request.queue)))
        .execute(tx.connection)?;
    if waiting == 1 {
        return Ok(());
    }
    let again = (
        job::generation.eq(job::generation + 1),
        job::queue.eq(request.queue),
        job::wanted_at.eq(tx.now),
        job::due_at.eq(request.due),
        job::attempts.eq(0),
        job::failed_at.eq(None::<Timestamp>),
    );
    on_each_backend!(tx.connection, |inner| diesel::insert_into(job::table)
        .values(row)
        .on_conflict((job::kind, job::subject))
        .do_update()
        .set(again)
        .execute(inner))?;
    Ok(())
}

/// Tries a job now that somebody asked for by hand, and its queue too: as if neither had ever failed.
pub fn retry_now(tx: &mut Tx<'_>, request: &JobRequest<'_>) -> Result<(), DbError> {
    diesel::update(job::table.filter(job::kind.eq(request.kind).and(job::subject.eq(request.subject))))
        .set((job::attempts.eq(0), job::wanted_at.eq(tx.now)))
        .execute(tx.connection)?;
    diesel::update(job_queue::table.find(request.queue))
        .set((job_queue::paused_until.eq(Timestamp::EPOCH), job_queue::failures.eq(0)))
        .execute(tx.connection)?;
    enqueue(tx, request)
}

/// Makes a queue known. It gets its first turn after those that wait already.
fn add_queue(tx: &mut Tx<'_>, queue: &str) -> Result<(), DbError> {
    let (pool, platform) = Pool::of_queue(queue);
    let row = (
        job_queue::queue.eq(queue),
        job_queue::platform.eq(platform),
        job_queue::pool.eq(pool),
        job_queue::served_at.eq(tx.now),
        job_queue::paused_until.eq(Timestamp::EPOCH),
        job_queue::failures.eq(0),
    );
    let share = (
        job_share::platform.eq(platform),
        job_share::pool.eq(pool),
        job_share::served_at.eq(Timestamp::EPOCH),
        job_share::since.eq(tx.now),
        job_share::spent.eq(0),
    );
    on_each_backend!(tx.connection, |inner| {
        diesel::insert_into(job_queue::table).values(row).on_conflict_do_nothing().execute(inner)?;
        diesel::insert_into(job_share::table).values(share).on_conflict_do_nothing().execute(inner)?
    });
    Ok(())
}

/// What waits in a pool, in the order of turns, and what runs.
struct QueueHead {
    waiting: Vec<WaitingQueue>,
    running: Running,
}

impl QueueHead {
    fn share_out(&self, limits: &Limits, room: usize) -> Vec<(String, i64)> {
        share_out(&self.waiting, self.running.clone(), limits, room)
    }
}

/// Whether a job of a pool may begin now.
pub fn is_any_due(connection: &mut DbConnection, pool: Pool, now: Timestamp) -> Result<bool, DbError> {
    Ok(!find_queue(connection, pool, None, now)?.share_out(&pool.limits(), 1).is_empty())
}

/// Lanes wait in the order in which their platforms, and then they themselves, had their last turns. `platforms` narrows
/// them down.
fn find_queue(
    connection: &mut DbConnection,
    pool: Pool,
    platforms: Option<&[String]>,
    now: Timestamp,
) -> Result<QueueHead, DbError> {
    let limits = pool.limits();
    let running = find_running(connection, pool, now)?;
    let due = job::table
        .filter(job::queue.eq(job_queue::queue).and(job::due_at.le(now)).and(job::lease_until.le(now)));
    let share = job_share::platform.eq(job_queue::platform).and(job_share::pool.eq(job_queue::pool));
    let budget =
        limits.budget.map_or(i64::MAX, |budget| i64::try_from(budget.as_millis()).unwrap_or(i64::MAX));
    let waiting = job_queue::table
        .inner_join(job_share::table.on(share))
        .filter(job_queue::pool.eq(pool).and(job_queue::paused_until.le(now)))
        .filter(job_queue::platform.ne_all(running.full_platforms(&limits)))
        .filter(job_queue::queue.ne_all(running.full_queues(&limits)))
        .filter(job_share::spent.lt(budget).or(job_share::since.le(now.minus(BUDGET_WINDOW))))
        .filter(exists(due))
        .order((job_share::served_at, job_share::platform, job_queue::served_at, job_queue::queue))
        .select((job_queue::queue, job_queue::platform, job_queue::failing_since.is_not_null()))
        .into_boxed();
    let waiting: Vec<WaitingQueue> = match platforms {
        Some(platforms) => waiting.filter(job_queue::platform.eq_any(platforms)).load(connection)?,
        None => waiting.load(connection)?,
    };
    Ok(QueueHead { waiting, running })
}

#[derive(Queryable)]
struct RunningRow {
    queue: String,
    platform: String,
    failing_since: Option<Timestamp>,
    count: i64,
}

fn find_running(connection: &mut DbConnection, pool: Pool, now: Timestamp) -> Result<Running, DbError> {
    let rows: Vec<RunningRow> = job::table
        .inner_join(job_queue::table.on(job_queue::queue.eq(job::queue)))
        .filter(job::lease.is_not_null().and(job::lease_until.gt(now)))
        .filter(job_queue::pool.eq(pool))
        .group_by((job_queue::queue, job_queue::platform, job_queue::failing_since))
        .select((job_queue::queue, job_queue::platform, job_queue::failing_since, count_star()))
        .load(connection)?;
    let mut running = Running::default();
    for RunningRow { queue, platform, failing_since, count } in rows {
        running.add(&WaitingQueue { queue, platform, is_failing: failing_since.is_some() }, count);
    }
    Ok(running)
}

#[derive(Queryable)]
struct ClaimRow {
    id: String,
    kind: String,
    subject: String,
    generation: i64,
    attempts: i64,
    wanted_at: Timestamp,
}

/// Takes what may run now in a pool, `room` jobs at most: each platform gets its turn, and then each of its queues.
pub fn claim(tx: &mut Tx<'_>, pool: Pool, lease: &str, room: usize) -> Result<Vec<Claim>, DbError> {
    let limits = pool.limits();
    let mut turns = find_queue(tx.connection, pool, None, tx.now)?.share_out(&limits, room);
    // SQLite has one writer at a time; elsewhere what ran a moment ago may not be all that runs.
    if matches!(tx.connection, DbConnection::Postgres(_)) && !turns.is_empty() {
        let platforms = lock_shares(tx.connection, pool, &turns)?;
        turns = find_queue(tx.connection, pool, Some(&platforms), tx.now)?.share_out(&limits, room);
    }
    let mut claims = Vec::new();
    for (queue, count) in lock_queues(tx, turns)? {
        claims.extend(claim_in_queue(tx, &queue, lease, count)?);
    }
    let mut platforms: Vec<&str> = claims.iter().map(|claim| Pool::of_queue(&claim.queue).1).collect();
    platforms.dedup();
    let shares = job_share::table.filter(job_share::pool.eq(pool).and(job_share::platform.eq_any(platforms)));
    diesel::update(shares).set(job_share::served_at.eq(tx.now)).execute(tx.connection)?;
    Ok(claims)
}

/// The platforms whose turns these are, but for those in which another process claims at this moment.
fn lock_shares(
    connection: &mut DbConnection,
    pool: Pool,
    turns: &[(String, i64)],
) -> Result<Vec<String>, DbError> {
    let mut platforms: Vec<&str> = turns.iter().map(|(queue, _)| Pool::of_queue(queue).1).collect();
    platforms.sort_unstable();
    platforms.dedup();
    let shares = job_share::table
        .filter(job_share::pool.eq(pool).and(job_share::platform.eq_any(platforms)))
        .select(job_share::platform);
    Ok(match connection {
        DbConnection::Postgres(inner) => shares.for_no_key_update().skip_locked().load(inner)?,
        DbConnection::Sqlite(inner) => shares.load(inner)?,
    })
}

/// The queues that have a turn now, but for those whose trouble another process writes down at this moment.
fn lock_queues(tx: &mut Tx<'_>, turns: Vec<(String, i64)>) -> Result<Vec<(String, i64)>, DbError> {
    let names: Vec<&str> = turns.iter().map(|(queue, _)| queue.as_str()).collect();
    let queues = job_queue::table
        .filter(job_queue::queue.eq_any(&names).and(job_queue::paused_until.le(tx.now)))
        .select(job_queue::queue);
    let locked: Vec<String> = match tx.connection {
        DbConnection::Postgres(inner) => queues.for_no_key_update().skip_locked().load(inner)?,
        DbConnection::Sqlite(inner) => queues.load(inner)?,
    };
    diesel::update(job_queue::table.filter(job_queue::queue.eq_any(&locked)))
        .set(job_queue::served_at.eq(tx.now))
        .execute(tx.connection)?;
    Ok(turns.into_iter().filter(|(queue, _)| locked.contains(queue)).collect())
}

fn claim_in_queue(tx: &mut Tx<'_>, queue: &str, lease: &str, count: i64) -> Result<Vec<Claim>, DbError> {
    let due = job::table
        .filter(job::queue.eq(queue).and(job::due_at.le(tx.now)).and(job::lease_until.le(tx.now)))
        .order(job::due_at)
        .limit(count)
        .select((job::id, job::kind, job::subject, job::generation, job::attempts, job::wanted_at));
    // Rows that somebody writes to at this moment are left for the next time: waiting for them could go in a circle.
    let rows: Vec<ClaimRow> = match tx.connection {
        DbConnection::Postgres(inner) => due.for_update().skip_locked().load(inner)?,
        DbConnection::Sqlite(inner) => due.load(inner)?,
    };
    let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    diesel::update(job::table.filter(job::id.eq_any(ids)))
        .set((job::lease.eq(lease), job::lease_until.eq(tx.now.plus(LEASE))))
        .execute(tx.connection)?;
    let claim = |row: ClaimRow| Claim {
        id: row.id,
        kind: row.kind,
        subject: row.subject,
        queue: queue.to_owned(),
        generation: row.generation,
        attempts: row.attempts,
        is_last_chance: tx.now.since(row.wanted_at) >= TIMEOUT,
        lease: lease.to_owned(),
        begun: tx.now,
    };
    Ok(rows.into_iter().map(claim).collect())
}

/// Keeps a job for another [`LEASE`]; answers whether it is still ours.
pub fn renew(tx: &mut Tx<'_>, claim: &Claim) -> Result<bool, DbError> {
    let mine = job::table.find(&claim.id).filter(job::lease.eq(&claim.lease));
    let kept = diesel::update(mine).set(job::lease_until.eq(tx.now.plus(LEASE))).execute(tx.connection)?;
    Ok(kept == 1)
}

/// Ends a job's turn; answers whether it was still ours.
pub fn end(
    tx: &mut Tx<'_>,
    claim: &Claim,
    disposition: Disposition,
    answered: bool,
) -> Result<bool, DbError> {
    let mine = job::table.find(&claim.id).filter(job::lease.eq(&claim.lease));
    let unwished = mine.filter(job::generation.eq(claim.generation));
    let free = (job::lease.eq(None::<&str>), job::lease_until.eq(Timestamp::EPOCH));
    let dice = tx.random.bytes::<1>()[0];
    let ended = match disposition {
        Disposition::Done => diesel::delete(unwished).execute(tx.connection)?,
        Disposition::NotBefore(due) => {
            diesel::update(unwished).set((free, job::due_at.eq(due))).execute(tx.connection)?
        }
        Disposition::Failed { reason } => diesel::update(unwished)
            .set((free, job::due_at.eq(Timestamp::NEVER), job::failed_at.eq(tx.now), job::reason.eq(reason)))
            .execute(tx.connection)?,
        Disposition::Again { reason, shared, after } => {
            let due = tx.now.plus(pause(claim.attempts + 1, after, dice));
            let failed = (job::attempts.eq(claim.attempts + 1), job::due_at.eq(due), job::reason.eq(reason));
            let ended = diesel::update(mine).set((free, failed)).execute(tx.connection)?;
            if shared && ended == 1 {
                queue_failed(tx, &claim.queue, reason, after, dice)?;
            }
            ended
        }
    };
    if ended == 0 {
        // Somebody wished for more meanwhile: the next turn begins when that is due.
        let more = diesel::update(mine).set((free, job::attempts.eq(0))).execute(tx.connection)?;
        if more == 0 {
            return Ok(false);
        }
    }
    if answered {
        queue_recovered(tx, &claim.queue)?;
    }
    note_spent(tx, claim)?;
    Ok(true)
}

/// Adds the time that a job took to what its platform had of the pool, where that is limited.
fn note_spent(tx: &mut Tx<'_>, claim: &Claim) -> Result<(), DbError> {
    let (pool, platform) = Pool::of_queue(&claim.queue);
    if pool.limits().budget.is_none() {
        return Ok(());
    }
    let spent = i64::try_from(tx.now.since(claim.begun).min(BUDGET_WINDOW).as_millis()).unwrap_or_default();
    let share = job_share::table.find((platform, pool));
    let is_over = job_share::since.le(tx.now.minus(BUDGET_WINDOW));
    let renewed = (job_share::since.eq(tx.now), job_share::spent.eq(spent));
    if diesel::update(share.filter(is_over)).set(renewed).execute(tx.connection)? == 0 {
        diesel::update(share).set(job_share::spent.eq(job_share::spent + spent)).execute(tx.connection)?;
    }
    Ok(())
}

/// Lets a queue wait as a whole. Of jobs that fail together the first decides.
fn queue_failed(
    tx: &mut Tx<'_>,
    queue: &str,
    reason: &'static str,
    after: Option<Duration>,
    dice: u8,
) -> Result<(), DbError> {
    let running = job_queue::table.find(queue).filter(job_queue::paused_until.le(tx.now));
    let found: Option<(i64, Option<Timestamp>)> = running
        .select((job_queue::failures, job_queue::failing_since))
        .get_result(tx.connection)
        .optional()?;
    let Some((failures, since)) = found else { return Ok(()) };
    diesel::update(job_queue::table.find(queue))
        .set((
            job_queue::failures.eq(failures + 1),
            job_queue::paused_until.eq(tx.now.plus(pause(failures + 1, after, dice))),
            job_queue::failing_since.eq(since.unwrap_or(tx.now)),
            job_queue::reason.eq(reason),
        ))
        .execute(tx.connection)?;
    Ok(())
}

/// The service answered: what failed with it is tried at once.
fn queue_recovered(tx: &mut Tx<'_>, queue: &str) -> Result<(), DbError> {
    let failing = job_queue::table.find(queue).filter(job_queue::failing_since.is_not_null());
    let reason: Option<Option<String>> =
        failing.select(job_queue::reason).get_result(tx.connection).optional()?;
    let Some(reason) = reason else { return Ok(()) };
    let well = (
        job_queue::failures.eq(0),
        job_queue::paused_until.eq(Timestamp::EPOCH),
        job_queue::failing_since.eq(None::<Timestamp>),
        job_queue::reason.eq(None::<String>),
    );
    diesel::update(job_queue::table.find(queue)).set(well).execute(tx.connection)?;
    let failed_with_it = job::queue
        .eq(queue)
        .and(job::failed_at.is_null())
        .and(job::attempts.gt(0))
        .and(job::reason.eq(reason));
    diesel::update(job::table.filter(failed_with_it)).set(job::due_at.eq(tx.now)).execute(tx.connection)?;
    Ok(())
}

#[derive(Queryable)]
struct LeasedRow {
    id: String,
    queue: String,
}

/// A process that is the only one frees what it had in hand of a pool when it died; a second later, so that no message
/// goes out twice in the same second.
pub fn free_all(tx: &mut Tx<'_>, pool: Pool) -> Result<(), DbError> {
    let soon = tx.now.plus(Duration::from_secs(1));
    let leased: Vec<LeasedRow> =
        job::table.filter(job::lease.is_not_null()).select((job::id, job::queue)).load(tx.connection)?;
    let of_pool = |row: &&LeasedRow| Pool::of_queue(&row.queue).0 == pool;
    let ids: Vec<&str> = leased.iter().filter(of_pool).map(|row| row.id.as_str()).collect();
    diesel::update(job::table.filter(job::id.eq_any(ids)))
        .set((job::lease.eq(None::<String>), job::lease_until.eq(Timestamp::EPOCH), job::due_at.eq(soon)))
        .execute(tx.connection)?;
    Ok(())
}

/// Makes good what clocks and races left behind: jobs without a queue, moments further ahead than anything ever waits
/// (our own clock was ahead), and queues in which nothing happens any more.
pub fn tidy(tx: &mut Tx<'_>) -> Result<(), DbError> {
    let has_queue = exists(job_queue::table.filter(job_queue::queue.eq(job::queue)));
    let stray: Vec<String> =
        job::table.filter(not(has_queue)).select(job::queue).distinct().load(tx.connection)?;
    for queue in stray {
        add_queue(tx, &queue)?;
    }
    let (here, far) = (tx.now, tx.now.plus(MAX_WAIT));
    diesel::update(job::table.filter(job::failed_at.is_null().and(job::due_at.gt(far))))
        .set(job::due_at.eq(here))
        .execute(tx.connection)?;
    diesel::update(job::table.filter(job::lease_until.gt(far)))
        .set(job::lease_until.eq(here))
        .execute(tx.connection)?;
    diesel::update(job_queue::table.filter(job_queue::paused_until.gt(far)))
        .set(job_queue::paused_until.eq(here))
        .execute(tx.connection)?;
    diesel::update(job_share::table.filter(job_share::since.gt(here).or(job_share::served_at.gt(here))))
        .set((job_share::since.eq(here), job_share::served_at.eq(here), job_share::spent.eq(0)))
        .execute(tx.connection)?;
    let idle = job_queue::failing_since.is_null().and(job_queue::served_at.lt(tx.now.minus(IDLE_QUEUE)));
    let has_job = exists(job::table.filter(job::queue.eq(job_queue::queue)));
    diesel::delete(job_queue::table.filter(idle.and(not(has_job)))).execute(tx.connection)?;
    Ok(())
}

/// The trouble of a queue's service.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct QueueTrouble {
    /// The last failure's code.
    pub reason: Option<String>,
    /// Since when.
    pub since: Option<Timestamp>,
    /// When it is tried again.
    pub next: Timestamp,
}

/// The trouble of a queue's service; `None` while it is well.
pub fn find_trouble(connection: &mut DbConnection, queue: &str) -> Result<Option<QueueTrouble>, DbError> {
    Ok(job_queue::table
        .find(queue)
        .filter(job_queue::failing_since.is_not_null())
        .select((job_queue::reason, job_queue::failing_since, job_queue::paused_until))
        .get_result(connection)
        .optional()?)
}

/// When a job that failed is tried again.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct NextTry {
    /// What the job is about.
    pub subject: String,
    /// When.
    pub at: Timestamp,
}

/// When the jobs of `kind` about `subjects` are tried again, those that failed before.
pub fn list_next_tries(
    connection: &mut DbConnection,
    kind: &str,
    subjects: &[String],
) -> Result<Vec<NextTry>, DbError> {
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
