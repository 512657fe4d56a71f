//! Queries on `launch_log`, `launch_refusal` and `unregistered_launch`.

use std::collections::BTreeMap;
use std::time::Duration;

use diesel::prelude::*;

use super::backlog::{Batch, CLAIMED_KEPT, RefusalKey, Tally, UnregisteredKey};
use super::record::{LaunchRecord, LoggedDeployment};
use crate::clock::Timestamp;
use crate::db::schema::{launch_log, launch_refusal, unregistered_launch};
use crate::db::{DbConnection, DbError, Tx};
use crate::ids::PlatformId;
use crate::on_each_backend;

/// Launches of one deployment that the log keeps.
const LAUNCHES_KEPT: usize = 500;
/// Launches that the whole log keeps.
const MAX_LAUNCHES: i64 = 100_000;
/// How long launches are kept.
const LAUNCH_TTL: Duration = Duration::from_secs(180 * 24 * 60 * 60);
/// How long counts of refusals, and launches without a registration, are kept after the last one.
const REFUSAL_TTL: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// Issuers and client ids that are kept for each code.
const UNREGISTERED_KEPT: i64 = 50;

/// Whose rows are kept in one number.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Bucket<'a> {
    platform: PlatformId,
    /// `None` for what nobody proved.
    deployment: Option<&'a str>,
}

impl<'a> Bucket<'a> {
    fn of(record: &'a LaunchRecord) -> Self {
        let deployment = match &record.deployment {
            LoggedDeployment::Proved(id) => Some(id.as_str()),
            LoggedDeployment::Claimed(_) | LoggedDeployment::Unknown => None,
        };
        Self { platform: record.platform_id, deployment }
    }

    fn kept(&self) -> usize {
        if self.deployment.is_some() { LAUNCHES_KEPT } else { CLAIMED_KEPT }
    }
}

#[derive(Insertable)]
#[diesel(table_name = launch_log, treat_none_as_default_value = false)]
struct NewLaunch<'a> {
    id: &'a str,
    at: Timestamp,
    platform_id: PlatformId,
    deployment_id: Option<&'a str>,
    claimed_deployment: Option<&'a str>,
    pseudonym: Option<&'a str>,
    outcome: &'a str,
    passed: &'a str,
    detail: Option<&'a str>,
    request_id: &'a str,
}

impl<'a> NewLaunch<'a> {
    fn of(record: &'a LaunchRecord) -> Self {
        let (proved, claimed) = match &record.deployment {
            LoggedDeployment::Proved(id) => (Some(id), None),
            LoggedDeployment::Claimed(id) => (None, Some(id)),
            LoggedDeployment::Unknown => (None, None),
        };
        Self {
            id: &record.id,
            at: record.at,
            platform_id: record.platform_id,
            deployment_id: proved.map(String::as_str),
            claimed_deployment: claimed.map(String::as_str),
            pseudonym: record.pseudonym.as_deref(),
            outcome: record.outcome.code,
            passed: &record.passed,
            detail: record.outcome.detail.as_deref(),
            request_id: &record.request_id,
        }
    }
}

/// Writes what waited.
pub(super) fn insert_batch(connection: &mut DbConnection, batch: &Batch) -> Result<(), DbError> {
    insert_launches(connection, &batch.launches)?;
    for (key, tally) in &batch.refusals {
        add_refusals(connection, key, *tally)?;
    }
    for (key, tally) in &batch.unregistered {
        add_unregistered(connection, key, *tally)?;
    }
    Ok(())
}

/// Writes the newest launches of each bucket: after a lecture's rush, older ones would be deleted at once.
fn insert_launches(connection: &mut DbConnection, launches: &[LaunchRecord]) -> Result<(), DbError> {
    let mut newest: Vec<&LaunchRecord> = launches.iter().collect();
    newest.sort_by(|one, other| (other.at, &other.id).cmp(&(one.at, &one.id)));
    let mut buckets: BTreeMap<Bucket<'_>, usize> = BTreeMap::new();
    newest.retain(|record| {
        let bucket = Bucket::of(record);
        let kept = bucket.kept();
        let count = buckets.entry(bucket).or_default();
        *count += 1;
        *count <= kept
    });
    let rows: Vec<NewLaunch<'_>> = newest.into_iter().map(NewLaunch::of).collect();
    on_each_backend!(connection, |inner| diesel::insert_into(launch_log::table)
        .values(&rows)
        .execute(inner))?;
    buckets.into_keys().try_for_each(|bucket| forget_beyond(connection, &bucket))
}

/// Keeps the last launches of a bucket.
fn forget_beyond(connection: &mut DbConnection, bucket: &Bucket<'_>) -> Result<(), DbError> {
    let of_platform = launch_log::platform_id.eq(bucket.platform);
    let mut log = launch_log::table.filter(of_platform).select((launch_log::at, launch_log::id)).into_boxed();
    log = match bucket.deployment {
        Some(deployment) => log.filter(launch_log::deployment_id.eq(deployment)),
        None => log.filter(launch_log::deployment_id.is_null()),
    };
    let kept = i64::try_from(bucket.kept()).unwrap_or(i64::MAX);
    let newest_first = (launch_log::at.desc(), launch_log::id.desc());
    let first_too_many: Option<(Timestamp, String)> =
        log.order(newest_first).offset(kept).limit(1).get_result(connection).optional()?;
    let Some((at, id)) = first_too_many else { return Ok(()) };
    // Launches of one moment are told apart by their identifiers.
    let is_old = launch_log::at.le(at).and(launch_log::at.lt(at).or(launch_log::id.le(id)));
    let old = launch_log::table.filter(of_platform.and(is_old));
    match bucket.deployment {
        Some(deployment) => {
            diesel::delete(old.filter(launch_log::deployment_id.eq(deployment))).execute(connection)?
        }
        None => diesel::delete(old.filter(launch_log::deployment_id.is_null())).execute(connection)?,
    };
    Ok(())
}

fn add_refusals(connection: &mut DbConnection, key: &RefusalKey, tally: Tally) -> Result<(), DbError> {
    let row = (
        launch_refusal::platform_id.eq(&key.platform_id),
        launch_refusal::outcome.eq(key.code),
        launch_refusal::count.eq(tally.count),
        launch_refusal::first_at.eq(tally.first),
        launch_refusal::last_at.eq(tally.last),
    );
    on_each_backend!(connection, |inner| diesel::insert_into(launch_refusal::table)
        .values(row)
        .on_conflict((launch_refusal::platform_id, launch_refusal::outcome))
        .do_update()
        .set((
            launch_refusal::count.eq(launch_refusal::count + tally.count),
            launch_refusal::last_at.eq(tally.last),
        ))
        .execute(inner))?;
    Ok(())
}

/// Adds to the count of somebody without a registration. Where the list is full, a newcomer takes the place of one that was
/// seen once, the longest ago; those that came again stay.
fn add_unregistered(
    connection: &mut DbConnection,
    key: &UnregisteredKey,
    tally: Tally,
) -> Result<(), DbError> {
    let known = unregistered_launch::table.find((key.code, &key.issuer, &key.client_id));
    let counted = diesel::update(known)
        .set((
            unregistered_launch::count.eq(unregistered_launch::count + tally.count),
            unregistered_launch::last_at.eq(tally.last),
        ))
        .execute(connection)?;
    if counted == 1 || !has_place(connection, key.code)? {
        return Ok(());
    }
    let row = (
        unregistered_launch::code.eq(key.code),
        unregistered_launch::issuer.eq(&key.issuer),
        unregistered_launch::client_id.eq(&key.client_id),
        unregistered_launch::count.eq(tally.count),
        unregistered_launch::first_at.eq(tally.first),
        unregistered_launch::last_at.eq(tally.last),
    );
    on_each_backend!(connection, |inner| diesel::insert_into(unregistered_launch::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(inner))?;
    Ok(())
}

/// Whether the list of a code has a place, after the one that is worth the least went.
fn has_place(connection: &mut DbConnection, code: &str) -> Result<bool, DbError> {
    let of_code = unregistered_launch::table.filter(unregistered_launch::code.eq(code));
    let kept: i64 = of_code.count().get_result(connection)?;
    if kept < UNREGISTERED_KEPT {
        return Ok(true);
    }
    let oldest: Option<(String, String)> = of_code
        .filter(unregistered_launch::count.eq(1))
        .order(unregistered_launch::last_at)
        .select((unregistered_launch::issuer, unregistered_launch::client_id))
        .first(connection)
        .optional()?;
    let Some((issuer, client_id)) = oldest else { return Ok(false) };
    let gone = unregistered_launch::table.find((code, issuer, client_id));
    Ok(diesel::delete(gone).execute(connection)? == 1)
}

/// Forgets what is too old, and what is beyond the bound of the whole log.
pub(super) fn tidy(tx: &mut Tx<'_>) -> Result<(), DbError> {
    let (launches, refusals) = (tx.now.minus(LAUNCH_TTL), tx.now.minus(REFUSAL_TTL));
    diesel::delete(launch_log::table.filter(launch_log::at.lt(launches))).execute(tx.connection)?;
    diesel::delete(launch_refusal::table.filter(launch_refusal::last_at.lt(refusals)))
        .execute(tx.connection)?;
    diesel::delete(unregistered_launch::table.filter(unregistered_launch::last_at.lt(refusals)))
        .execute(tx.connection)?;
    let first_too_many: Option<Timestamp> = launch_log::table
        .select(launch_log::at)
        .order(launch_log::at.desc())
        .offset(MAX_LAUNCHES)
        .limit(1)
        .get_result(tx.connection)
        .optional()?;
    if let Some(at) = first_too_many {
        diesel::delete(launch_log::table.filter(launch_log::at.le(at))).execute(tx.connection)?;
    }
    Ok(())
}

/// A line of the launch log, as administrators see it.
#[derive(Debug, Queryable)]
pub struct LoggedLaunch {
    /// When.
    pub at: Timestamp,
    /// Our identifier of the platform.
    pub platform_id: Option<PlatformId>,
    /// The deployment, where the platform proved it.
    pub deployment_id: Option<String>,
    /// The deployment that somebody claimed.
    pub claimed_deployment: Option<String>,
    /// `entered`, or the code of the refusal.
    pub outcome: String,
    /// The checks that passed, in order, separated by spaces.
    pub passed: String,
    /// The failing check in words.
    pub detail: Option<String>,
}

/// The last `limit` launches, newest first.
pub fn list_launches(connection: &mut DbConnection, limit: i64) -> Result<Vec<LoggedLaunch>, DbError> {
    Ok(launch_log::table
        .order((launch_log::at.desc(), launch_log::id.desc()))
        .select((
            launch_log::at,
            launch_log::platform_id,
            launch_log::deployment_id,
            launch_log::claimed_deployment,
            launch_log::outcome,
            launch_log::passed,
            launch_log::detail,
        ))
        .limit(limit)
        .load(connection)?)
}

/// How often launches that nobody proved were refused with one code.
#[derive(Clone, Debug, Queryable)]
pub struct RefusalCount {
    /// The code.
    pub outcome: String,
    /// How often.
    pub count: i64,
    /// Since when.
    pub first_at: Timestamp,
    /// When last.
    pub last_at: Timestamp,
}

/// The refusals of a platform's launches that nobody proved, the most frequent first; without a platform, those that name no
/// registration.
pub fn list_refusals(
    connection: &mut DbConnection,
    platform_id: Option<PlatformId>,
) -> Result<Vec<RefusalCount>, DbError> {
    Ok(launch_refusal::table
        .filter(launch_refusal::platform_id.eq(platform_id.map_or_else(String::new, |id| id.to_string())))
        .order((launch_refusal::count.desc(), launch_refusal::outcome))
        .select((
            launch_refusal::outcome,
            launch_refusal::count,
            launch_refusal::first_at,
            launch_refusal::last_at,
        ))
        .load(connection)?)
}

/// Somebody who tried to come in without a registration.
#[derive(Clone, Debug, Queryable)]
pub struct Unregistered {
    /// The code of the refusal.
    pub code: String,
    /// The issuer that was named.
    pub issuer: String,
    /// The client id that was named.
    pub client_id: String,
    /// How often.
    pub count: i64,
    /// Since when.
    pub first_at: Timestamp,
    /// When last.
    pub last_at: Timestamp,
}

/// Everybody who tried to come in without a registration, the last ones first.
pub fn list_unregistered(connection: &mut DbConnection) -> Result<Vec<Unregistered>, DbError> {
    Ok(unregistered_launch::table
        .order((unregistered_launch::last_at.desc(), unregistered_launch::issuer))
        .select((
            unregistered_launch::code,
            unregistered_launch::issuer,
            unregistered_launch::client_id,
            unregistered_launch::count,
            unregistered_launch::first_at,
            unregistered_launch::last_at,
        ))
        .load(connection)?)
}

/// How many tried to come in without a registration since then.
pub fn count_unregistered(connection: &mut DbConnection, since: Timestamp) -> Result<i64, DbError> {
    let lately = unregistered_launch::table.filter(unregistered_launch::last_at.ge(since));
    Ok(lately.count().get_result(connection)?)
}
