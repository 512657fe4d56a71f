//! Queries of what operators decide about all of a platform's deployments.

use diesel::prelude::*;

use crate::db::schema::{deployment, platform};
use crate::db::{DbConnection, DbError};
use crate::ids::PlatformId;
use crate::lti::registration::platform::Status;

/// Approves all deployments of a platform that wait; answers how the platform calls them.
pub fn approve_waiting(
    connection: &mut DbConnection,
    platform_id: PlatformId,
) -> Result<Vec<String>, DbError> {
    let waiting = deployment::table
        .filter(deployment::platform_id.eq(platform_id).and(deployment::status.eq(Status::Pending)));
    let names: Vec<String> =
        waiting.order(deployment::id).select(deployment::deployment_id).load(connection)?;
    diesel::update(waiting).set(deployment::status.eq(Status::Active)).execute(connection)?;
    diesel::update(platform::table.find(platform_id)).set(platform::turned_away.eq(0)).execute(connection)?;
    Ok(names)
}

/// Sets whether deployments of a platform are approved at once.
pub fn set_approval(
    connection: &mut DbConnection,
    platform_id: PlatformId,
    at_once: bool,
) -> Result<(), DbError> {
    diesel::update(platform::table.find(platform_id))
        .set(platform::approves_deployments.eq(at_once))
        .execute(connection)?;
    Ok(())
}

/// Returns how many launches there were of deployments that found no room among those that wait.
pub fn count_turned_away(connection: &mut DbConnection, platform_id: PlatformId) -> Result<i64, DbError> {
    Ok(platform::table.find(platform_id).select(platform::turned_away).get_result(connection)?)
}
