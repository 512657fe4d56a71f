//! Queries about the person who looks after a deployment.

use diesel::prelude::*;

use crate::clock::Timestamp;
use crate::db::schema::{context, lti_user, platform, resource_link};
use crate::db::{DbConnection, DbError};
use crate::ids::{DeploymentId, LinkId, UserId};
use crate::lti::registration::platform::{Deployment, Platform, Status};
use crate::lti::store::find_deployment;

/// A deployment that lets the administrators of its platform in, and the platform's identifier of one of them.
pub(in crate::admin) struct LookedAfter {
    pub(in crate::admin) platform: Platform,
    pub(in crate::admin) deployment: Deployment,
    pub(in crate::admin) sub: String,
    /// Sessions from before this moment are over.
    pub(in crate::admin) sessions_from: Timestamp,
}

#[derive(Queryable)]
struct PersonRow {
    sub: String,
    status: Status,
    own_sessions_from: Timestamp,
    platform_sessions_from: Timestamp,
}

/// The deployment, when it and the person are still allowed; by our identifiers.
pub(in crate::admin) fn find(
    connection: &mut DbConnection,
    deployment: DeploymentId,
    user: UserId,
) -> Result<Option<LookedAfter>, DbError> {
    let Some((platform, deployment)) = find_deployment(connection, deployment)? else { return Ok(None) };
    let person = lti_user::table.find(user).filter(lti_user::platform_id.eq(&platform.id));
    let person: Option<PersonRow> = person
        .inner_join(platform::table)
        .select((lti_user::sub, lti_user::status, lti_user::sessions_from, platform::sessions_from))
        .get_result(connection)
        .optional()?;
    let is_open = deployment.admits_administrators
        && deployment.status == Status::Active
        && platform.status == Status::Active;
    let allowed = person.filter(|row| is_open && row.status == Status::Active);
    Ok(allowed.map(|row| LookedAfter {
        platform,
        deployment,
        sub: row.sub,
        sessions_from: row.own_sessions_from.max(row.platform_sessions_from),
    }))
}

/// Our identifier of the deployment of a resource link.
pub(in crate::admin) fn find_deployment_of(
    connection: &mut DbConnection,
    link: LinkId,
) -> Result<Option<DeploymentId>, DbError> {
    let row = resource_link::table.inner_join(context::table).filter(resource_link::id.eq(link));
    Ok(row.select(context::deployment_id).get_result(connection).optional()?)
}
