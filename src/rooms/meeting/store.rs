//! Queries on the server that a room's meeting takes place on.

use diesel::dsl::exists;
use diesel::prelude::*;

use super::SILENCE;
use crate::clock::Timestamp;
use crate::db::schema::{meeting, room};
use crate::db::{DbConnection, DbError, Tx};
use crate::ids::{RoomId, ServerId};
use crate::rooms::model::RoomServer;
use crate::servers;
use crate::servers::Server;

/// Returns the server that a room's meeting takes place on: while one runs, the server it began on; else the default one.
pub fn find_server(
    connection: &mut DbConnection,
    room_id: RoomId,
    recorded: Option<&RoomServer>,
    now: Timestamp,
) -> Result<Option<Server>, DbError> {
    let default = servers::store::find_default(connection)?;
    let elsewhere =
        recorded.filter(|recorded| default.as_ref().is_none_or(|server| server.id != recorded.id));
    match elsewhere {
        Some(recorded) if is_in_use(connection, room_id, recorded, now)? => {
            Ok(servers::store::find(connection, recorded.id)?.or(default))
        }
        _ => Ok(default),
    }
}

/// Returns the server that somebody who joins now meets the others on; whoever comes first records it for those who follow.
///
/// Quirk: the row is written before it is read again, so that of two who come first at the same moment one sees what the
/// other was given.
pub fn choose_server(tx: &mut Tx<'_>, room_id: RoomId) -> Result<Option<Server>, DbError> {
    let (connection, now) = (&mut *tx.connection, tx.now);
    if let Some(recorded) = find_recorded(connection, room_id)?
        && is_in_use(connection, room_id, &recorded, now)?
        && let Some(server) = servers::store::find(connection, recorded.id)?
    {
        return Ok(Some(server));
    }
    let row = room::table.find(room_id);
    diesel::update(row).set(room::server_chosen.eq(room::server_chosen)).execute(connection)?;
    let recorded = find_recorded(connection, room_id)?;
    let chosen = find_server(connection, room_id, recorded.as_ref(), now)?;
    if let Some(server) = &chosen {
        diesel::update(row)
            .set((room::server_id.eq(server.id), room::server_chosen.eq(now)))
            .execute(connection)?;
    }
    Ok(chosen)
}

fn find_recorded(connection: &mut DbConnection, room_id: RoomId) -> Result<Option<RoomServer>, DbError> {
    let row = room::table.find(room_id).select((room::server_id, room::server_chosen));
    let (id, chosen): (Option<ServerId>, Timestamp) = row.get_result(connection)?;
    Ok(RoomServer::of(id, chosen))
}

/// Returns how many rooms have a meeting on the server.
pub fn count_meetings_on(
    connection: &mut DbConnection,
    server_id: ServerId,
    now: Timestamp,
) -> Result<i64, DbError> {
    let alive = now.minus(SILENCE);
    let running =
        meeting::room_id.eq(room::id).and(meeting::ended.is_null()).and(meeting::last_seen.ge(alive));
    let in_use = room::server_chosen.ge(alive).or(exists(meeting::table.filter(running)));
    Ok(room::table.filter(room::server_id.eq(server_id).and(in_use)).count().get_result(connection)?)
}

/// Forgets a server that is removed.
pub fn forget_server(connection: &mut DbConnection, server_id: ServerId) -> Result<(), DbError> {
    diesel::update(room::table.filter(room::server_id.eq(server_id)))
        .set((room::server_id.eq(None::<ServerId>), room::server_chosen.eq(Timestamp::EPOCH)))
        .execute(connection)?;
    Ok(())
}

/// Returns whether a meeting of the room runs on the server, or is about to begin: its first people may still be on the way.
fn is_in_use(
    connection: &mut DbConnection,
    room_id: RoomId,
    recorded: &RoomServer,
    now: Timestamp,
) -> Result<bool, DbError> {
    if recorded.is_recent(now) {
        return Ok(true);
    }
    let running = meeting::room_id.eq(room_id).and(meeting::ended.is_null());
    let alive = meeting::last_seen.ge(now.minus(SILENCE));
    Ok(diesel::select(exists(meeting::table.filter(running.and(alive)))).get_result(connection)?)
}
