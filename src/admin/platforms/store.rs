//! Queries on `platform`, `deployment` and `launch_log` for operators.

use std::collections::HashMap;
use std::time::Duration;

use diesel::dsl::{count_star, max};
use diesel::prelude::*;
use url::Url;

use super::Values;
use super::proposal::store::list_proposing;
use crate::admin::launches::store::FINE;
use crate::clock::Timestamp;
use crate::db::schema::{context, deployment, launch_log, platform, resource_link};
use crate::db::{DbConnection, DbError, Tx};
use crate::ids::{DeploymentId, PlatformId};
use crate::lti::launch::role_rules::RoleRules;
use crate::lti::launch_log::LaunchAnswer;
use crate::lti::registration::check::Offered;
use crate::lti::registration::platform::{Deployment, Platform, Status};
use crate::lti::store as registrations;

/// Trouble counts for so long.
const LATELY: Duration = Duration::from_secs(24 * 60 * 60);

/// A platform, and how it is.
#[derive(Clone, Debug)]
pub struct PlatformHealth {
    /// The registration.
    pub platform: Platform,
    /// When somebody last entered through it.
    pub last_entered: Option<Timestamp>,
    /// Launches of the last day that were refused.
    pub refused: i64,
    /// Deployments that wait for approval.
    pub waiting: Vec<Deployment>,
    /// Whether a deployment may launch, or will be allowed to as soon as it does.
    pub is_open: bool,
    /// Whether it named other values, about which nobody has decided.
    pub proposes: bool,
}

/// All platforms, and how each is.
pub fn list(connection: &mut DbConnection, now: Timestamp) -> Result<Vec<PlatformHealth>, DbError> {
    let platforms = registrations::list(connection)?;
    let entered: Vec<(Option<PlatformId>, Option<Timestamp>)> = launch_log::table
        .filter(launch_log::outcome.eq(LaunchAnswer::Entered.code()))
        .group_by(launch_log::platform_id)
        .select((launch_log::platform_id, max(launch_log::at)))
        .load(connection)?;
    let refused: Vec<(Option<PlatformId>, i64)> = launch_log::table
        .filter(launch_log::outcome.ne_all(FINE).and(launch_log::at.gt(now.minus(LATELY))))
        .group_by(launch_log::platform_id)
        .select((launch_log::platform_id, count_star()))
        .load(connection)?;
    let entered: HashMap<_, _> = entered.into_iter().collect();
    let refused: HashMap<_, _> = refused.into_iter().collect();
    let proposing = list_proposing(connection)?;
    let health = |platform: Platform| {
        let key = Some(platform.id);
        let deployments = registrations::list_deployments(connection, platform.id)?;
        Ok(PlatformHealth {
            last_entered: entered.get(&key).copied().flatten(),
            refused: refused.get(&key).copied().unwrap_or(0),
            proposes: proposing.contains(&platform.id),
            is_open: platform.status == Status::Active
                && (platform.approves_deployments
                    || deployments.iter().any(|one| one.status == Status::Active)),
            waiting: deployments.into_iter().filter(|one| one.status == Status::Pending).collect(),
            platform,
        })
    };
    platforms.into_iter().map(health).collect()
}

/// How one platform is.
pub fn find_health(
    connection: &mut DbConnection,
    id: PlatformId,
    now: Timestamp,
) -> Result<Option<PlatformHealth>, DbError> {
    Ok(list(connection, now)?.into_iter().find(|health| health.platform.id == id))
}

/// A platform as its page shows it.
pub struct PlatformRecord {
    /// The registration.
    pub platform: Platform,
    /// When it last changed.
    pub changed: Timestamp,
    /// Its deployments.
    pub deployments: Vec<Deployment>,
}

/// Finds a platform by our identifier.
pub fn find(connection: &mut DbConnection, id: PlatformId) -> Result<Option<PlatformRecord>, DbError> {
    let Some((platform, _)) = registrations::find_for_launch(connection, id, "")? else { return Ok(None) };
    let changed = platform::table.find(id).select(platform::updated_at).get_result(connection)?;
    let deployments = registrations::list_deployments(connection, id)?;
    Ok(Some(PlatformRecord { platform, changed, deployments }))
}

/// Ends every session of the platform's people that began before `now`.
pub fn end_sessions(tx: &mut Tx<'_>, id: PlatformId) -> Result<(), DbError> {
    let from = platform::sessions_from.eq(tx.now);
    diesel::update(platform::table.find(id)).set(from).execute(tx.connection)?;
    Ok(())
}

/// Changes a registration that nobody changed since `seen`; answers whether that was so.
pub fn change(tx: &mut Tx<'_>, id: PlatformId, seen: Timestamp, values: &Values) -> Result<bool, DbError> {
    // Never the same moment twice, so that whoever looks at the old values is told.
    let changed = tx.now.max(seen.next());
    let unchanged = platform::table.find(id).filter(platform::updated_at.eq(seen));
    let rows = diesel::update(unchanged)
        .set((
            platform::name.eq(&values.name),
            platform::auth_url.eq(&values.auth_url),
            platform::token_url.eq(&values.token_url),
            platform::jwks_url.eq(&values.jwks_url),
            platform::token_audience.eq(&values.token_audience),
            platform::updated_at.eq(changed),
            // Whoever changes a registration has decided about what the platform named.
            platform::proposal.eq(None::<String>),
        ))
        .execute(tx.connection)?;
    Ok(rows == 1)
}

/// Lets keys of the platform that were fetched so far count no more.
pub fn forget_keys(tx: &mut Tx<'_>, id: PlatformId) -> Result<(), DbError> {
    diesel::update(platform::table.find(id)).set(platform::keys_since.eq(tx.now)).execute(tx.connection)?;
    Ok(())
}

/// What launches of a deployment offered last: the gradebook and the list of a course's participants.
pub fn find_offered(connection: &mut DbConnection, deployment_id: DeploymentId) -> Result<Offered, DbError> {
    let memberships: Option<Option<String>> = context::table
        .filter(context::deployment_id.eq(deployment_id).and(context::memberships_url.is_not_null()))
        .order(context::updated_at.desc())
        .select(context::memberships_url)
        .first(connection)
        .optional()?;
    let grades: Option<Option<String>> = resource_link::table
        .inner_join(context::table)
        .filter(context::deployment_id.eq(deployment_id).and(resource_link::grade_service.is_not_null()))
        .order(resource_link::updated_at.desc())
        .select(resource_link::grade_service)
        .first(connection)
        .optional()?;
    Ok(Offered {
        memberships: memberships.flatten().and_then(|url| Url::parse(&url).ok()),
        grades: grades.flatten().and_then(|text| serde_json::from_str(&text).ok()),
    })
}

/// Sets which sites may show the tool in a frame.
pub fn set_frames(tx: &mut Tx<'_>, id: PlatformId, frames: &[String]) -> Result<(), DbError> {
    diesel::update(platform::table.find(id))
        .set((platform::frames.eq(frames.join("\n")), platform::updated_at.eq(tx.now)))
        .execute(tx.connection)?;
    Ok(())
}

/// How a platform's role rules changed.
pub struct RoleRulesChange {
    /// What counted until now.
    pub before: RoleRules,
    /// What counts from now on.
    pub after: RoleRules,
}

/// Changes what the operator decided about a platform's roles.
///
/// Quirk: two operators may decide about different roles at the same moment, and both count.
pub fn change_role_rules<E: From<DbError>>(
    connection: &mut DbConnection,
    id: PlatformId,
    change: impl Fn(&RoleRules) -> Result<RoleRules, E>,
) -> Result<RoleRulesChange, E> {
    loop {
        let before = registrations::find_role_rules(connection, id)?;
        let after = change(&before)?;
        let unchanged = platform::table.find(id).filter(platform::role_rules.eq(before.text()));
        let done = diesel::update(unchanged).set(platform::role_rules.eq(after.text())).execute(connection);
        if done.map_err(DbError::from)? == 1 {
            return Ok(RoleRulesChange { before, after });
        }
    }
}

/// How a deployment was before a switch.
#[derive(Queryable)]
pub struct DeploymentBefore {
    /// Its status.
    pub status: Status,
    /// Whether the platform's administrators were allowed to look after it.
    pub admits: bool,
    /// What the platform calls it.
    pub name: String,
}

/// Switches a deployment of a platform; returns how it was before.
pub fn set_deployment(
    connection: &mut DbConnection,
    platform_id: PlatformId,
    id: DeploymentId,
    status: Status,
) -> Result<Option<DeploymentBefore>, DbError> {
    let row = deployment::table.find(id).filter(deployment::platform_id.eq(platform_id));
    let before = find_before(connection, platform_id, id)?;
    if before.is_some() {
        diesel::update(row).set(deployment::status.eq(status)).execute(connection)?;
    }
    Ok(before)
}

/// Lets the platform's administrators look after a deployment, or no more; returns how it was before.
pub fn set_admission(
    connection: &mut DbConnection,
    platform_id: PlatformId,
    id: DeploymentId,
    admits: bool,
) -> Result<Option<DeploymentBefore>, DbError> {
    let row = deployment::table.find(id).filter(deployment::platform_id.eq(platform_id));
    let before = find_before(connection, platform_id, id)?;
    if before.is_some() {
        diesel::update(row).set(deployment::admits_administrators.eq(admits)).execute(connection)?;
    }
    Ok(before)
}

fn find_before(
    connection: &mut DbConnection,
    platform_id: PlatformId,
    id: DeploymentId,
) -> Result<Option<DeploymentBefore>, DbError> {
    let row = deployment::table.find(id).filter(deployment::platform_id.eq(platform_id));
    let columns = (deployment::status, deployment::admits_administrators, deployment::deployment_id);
    Ok(row.select(columns).get_result(connection).optional()?)
}
