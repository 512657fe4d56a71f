//! Queries on `service_clock`: clocks that are wrong, for operators.

use diesel::prelude::*;

use super::{ClockNote, ServiceKind};
use crate::clock::Timestamp;
use crate::db::schema::service_clock;
use crate::db::{DbConnection, DbError, Tx};
use crate::ids::PlatformId;
use crate::on_each_backend;

/// However many hosts a platform names, so many of its clocks are told.
const MAX_OF_PLATFORM: i64 = 20;

/// A clock that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct WrongClock {
    /// The host, with its port.
    pub host: String,
    /// What the host does for us.
    pub service: ServiceKind,
    /// Units: seconds ahead of ours.
    pub ahead: i64,
    /// When it was seen.
    pub seen_at: Timestamp,
}

/// Stores what a clock shows; one that is right is forgotten.
pub fn note_clock(tx: &mut Tx<'_>, note: &ClockNote) -> Result<(), DbError> {
    let key = (note.of.platform, &*note.of.host, note.of.service);
    if !note.is_wrong() {
        diesel::delete(service_clock::table.find(key)).execute(tx.connection)?;
        return Ok(());
    }
    let known: i64 = service_clock::table
        .filter(service_clock::platform_id.eq(key.0))
        .filter(service_clock::host.ne(key.1).or(service_clock::service.ne(key.2)))
        .count()
        .get_result(tx.connection)?;
    if known >= MAX_OF_PLATFORM {
        return Ok(());
    }
    let lasting = (
        service_clock::platform_id.eq(key.0),
        service_clock::host.eq(key.1),
        service_clock::service.eq(key.2),
    );
    let changing = (service_clock::ahead.eq(note.ahead), service_clock::seen_at.eq(tx.now));
    on_each_backend!(tx.connection, |inner| diesel::insert_into(service_clock::table)
        .values((lasting, changing))
        .on_conflict((service_clock::platform_id, service_clock::host, service_clock::service))
        .do_update()
        .set(changing)
        .execute(inner))?;
    Ok(())
}

/// Lists the clocks of a platform that are wrong.
pub fn list_wrong(connection: &mut DbConnection, platform: PlatformId) -> Result<Vec<WrongClock>, DbError> {
    Ok(service_clock::table
        .filter(service_clock::platform_id.eq(platform))
        .order((service_clock::host, service_clock::service))
        .select((service_clock::host, service_clock::service, service_clock::ahead, service_clock::seen_at))
        .load(connection)?)
}

/// Counts the clocks of all platforms that are wrong.
pub fn count_wrong(connection: &mut DbConnection) -> Result<i64, DbError> {
    Ok(service_clock::table.count().get_result(connection)?)
}
