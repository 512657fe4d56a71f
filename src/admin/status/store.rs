//! Queries behind the status page.

use diesel::dsl::{count, max};
use diesel::prelude::*;

use crate::clock::Timestamp;
use crate::db::schema::{launch_log, meeting, platform, presence, server};
use crate::db::{DbConnection, DbError};
use crate::jobs::overview;
use crate::lti::services::clock::store::count_wrong;
use crate::presence::interval::GRACE;

/// The service in figures.
#[derive(Clone, Debug)]
pub struct StatusFigures {
    /// Registered platforms.
    pub platforms: i64,
    /// Jitsi servers.
    pub servers: i64,
    /// People who are in a class.
    pub present: i64,
    /// The last heartbeat of anybody in a class.
    pub last_sign: Option<Timestamp>,
    /// The last launch, let in or not.
    pub last_launch: Option<Timestamp>,
    /// Clocks of platforms' services that are wrong.
    pub wrong_clocks: i64,
    /// The queue.
    pub queue: overview::JobFigures,
}

/// The service in figures.
pub fn find(connection: &mut DbConnection, now: Timestamp) -> Result<StatusFigures, DbError> {
    Ok(StatusFigures {
        platforms: platform::table.count().get_result(connection)?,
        servers: server::table.count().get_result(connection)?,
        present: presence::table
            .filter(presence::has_left.eq(false).and(presence::settled.eq(false)))
            .filter(presence::last_seen.ge(now.minus(GRACE)))
            .select(count(presence::user_id).aggregate_distinct())
            .get_result(connection)?,
        last_sign: meeting::table.select(max(meeting::last_seen)).get_result(connection)?,
        last_launch: launch_log::table.select(max(launch_log::at)).get_result(connection)?,
        wrong_clocks: count_wrong(connection)?,
        queue: overview::store::figures(connection, now)?,
    })
}
