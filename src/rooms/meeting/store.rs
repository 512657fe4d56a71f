//! Queries on the server that a room's meeting takes place on.

use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::entry::{Entry, Occupancy, decide};
use super::now::RoomNow;
use super::{GRACE, SILENCE};
use crate::clock::Timestamp;
use crate::db::schema::{meeting, presence, room, room_entry};
use crate::db::{DbConnection, DbError, Tx};
use crate::ids::{MeetingId, RoomId, ServerId, UserId};
use crate::lti::launch::roles::MeetingRole;
use crate::on_each_backend;
use crate::rooms::model::RoomServer;
use crate::rooms::settings::catalogue::RoomSettings;
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

/// Returns who is in a room's meeting, for everybody at its door.
///
/// `activity_room` is the one whose settings count.
pub fn find_room_now(
    connection: &mut DbConnection,
    room_id: RoomId,
    activity_room: RoomId,
    now: Timestamp,
) -> Result<RoomNow, DbError> {
    let row = room::table.find(activity_room).select((room::settings, room::schedule));
    let decided: Option<(String, Option<String>)> = row.get_result(connection).optional()?;
    let mut found = RoomNow { version: RoomNow::version_of(&decided), ..RoomNow::default() };
    let running = meeting::room_id.eq(room_id).and(meeting::ended.is_null());
    let alive = meeting::last_seen.ge(now.minus(SILENCE));
    let of_meeting: Option<(MeetingId, Timestamp)> = meeting::table
        .filter(running.and(alive))
        .select((meeting::id, meeting::began))
        .get_result(connection)
        .optional()?;
    let let_in = room_entry::room_id.eq(room_id).and(room_entry::entered_at.ge(now.minus(GRACE)));
    found.let_in =
        room_entry::table.filter(let_in).select(room_entry::user_id).load(connection)?.into_iter().collect();
    let Some((id, began)) = of_meeting else { return Ok(found) };
    found.began = Some(began);
    let of_meeting = presence::meeting_id.eq(id);
    let present = not(presence::has_left).and(presence::last_seen.ge(now.minus(GRACE)));
    let inside: Vec<(UserId, MeetingRole)> = presence::table
        .filter(of_meeting.and(present))
        .select((presence::user_id, presence::role))
        .distinct()
        .load(connection)?;
    for (user, role) in inside {
        *found.inside.entry(user).or_default() |= role == MeetingRole::Moderator;
    }
    let been = presence::table.filter(of_meeting).select(presence::user_id).distinct();
    found.been = been.load(connection)?.into_iter().collect();
    Ok(found)
}

/// Returns who is in a room's meeting, as the person `user_id` at its door finds it.
pub fn find_occupancy(
    connection: &mut DbConnection,
    room_id: RoomId,
    user_id: UserId,
    now: Timestamp,
) -> Result<Occupancy, DbError> {
    Ok(find_room_now(connection, room_id, room_id, now)?.occupancy(user_id))
}

/// Lets somebody into a room's meeting if the door is open, and keeps the place until the meeting's page is heard of.
///
/// Quirk: the room's row is written first, so that of two who come at once for one place the second finds it taken.
pub fn enter(
    tx: &mut Tx<'_>,
    room_id: RoomId,
    user_id: UserId,
    role: MeetingRole,
    settings: &RoomSettings,
) -> Result<Entry, DbError> {
    let room = diesel::update(room::table.find(room_id)).set(room::server_chosen.eq(room::server_chosen));
    room.execute(tx.connection)?;
    let inside = find_occupancy(tx.connection, room_id, user_id, tx.now)?;
    let entry = decide(role, settings, &inside, tx.now);
    if entry == Entry::Open {
        let old = room_entry::room_id.eq(room_id).and(room_entry::entered_at.lt(tx.now.minus(GRACE)));
        diesel::delete(room_entry::table.filter(old)).execute(tx.connection)?;
        let row = (
            room_entry::room_id.eq(room_id),
            room_entry::user_id.eq(user_id),
            room_entry::entered_at.eq(tx.now),
        );
        on_each_backend!(tx.connection, |inner| diesel::insert_into(room_entry::table)
            .values(row)
            .on_conflict((room_entry::room_id, room_entry::user_id))
            .do_update()
            .set(room_entry::entered_at.eq(tx.now))
            .execute(inner))?;
    }
    Ok(entry)
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
    Ok(recorded.is_recent(now) || is_running(connection, room_id, now)?)
}

/// Returns whether people are in a meeting of the room.
pub fn is_running(connection: &mut DbConnection, room_id: RoomId, now: Timestamp) -> Result<bool, DbError> {
    let running = meeting::room_id.eq(room_id).and(meeting::ended.is_null());
    let alive = meeting::last_seen.ge(now.minus(SILENCE));
    Ok(diesel::select(exists(meeting::table.filter(running.and(alive)))).get_result(connection)?)
}
