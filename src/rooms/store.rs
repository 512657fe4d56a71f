//! Queries on `room` and what leads to it.

use diesel::prelude::*;

use super::model::{Admission, Presence};
use super::settings::RoomSettings;
use crate::clock::Timestamp;
use crate::db::schema::{context, deployment, lti_user, platform, resource_link, room, room_link};
use crate::db::{DbConnection, DbError};
use crate::ids::{Random, jitsi_room, row_id};
use crate::lti::platform::Status;
use crate::on_each_backend;
use crate::servers::{self, Server};

type PresenceRow = (
    (String, Option<String>),
    (Option<String>, Option<String>),
    (String, Option<String>, Option<String>),
    (Option<String>, Option<String>, String),
    (String, String, String),
);

/// What is known of `room` for the person `user` who came through `link`; `None` when these three do not belong
/// together, whatever a session says.
pub fn find_presence(
    connection: &mut DbConnection,
    (room_id, link_id, user_id): (&str, &str, &str),
) -> Result<Option<Presence>, DbError> {
    let row: Option<PresenceRow> = room_link::table
        .inner_join(room::table)
        .inner_join(
            resource_link::table
                .inner_join(context::table.inner_join(deployment::table.inner_join(platform::table))),
        )
        .inner_join(lti_user::table.on(lti_user::platform_id.eq(platform::id)))
        .filter(room::id.eq(room_id).and(resource_link::id.eq(link_id)).and(lti_user::id.eq(user_id)))
        .select((
            (room::jitsi_room, room::server_id),
            (resource_link::title, resource_link::description),
            (context::id, context::title, context::label),
            (lti_user::name, lti_user::picture, lti_user::pseudonym),
            (platform::status, deployment::status, lti_user::status),
        ))
        .get_result(connection)
        .optional()?;
    row.map(|row| presence(row, room_id)).transpose()
}

fn presence(row: PresenceRow, room_id: &str) -> Result<Presence, DbError> {
    let (
        (jitsi_room, server_id),
        (title, description),
        (context, course, label),
        (name, picture, pseudonym),
        statuses,
    ) = row;
    let status = |word: &str| {
        Status::parse(word).ok_or_else(|| DbError::Inconsistent {
            table: "room",
            row: room_id.to_owned(),
            what: format!("status {word}"),
        })
    };
    let (platform, deployment, user) = (status(&statuses.0)?, status(&statuses.1)?, status(&statuses.2)?);
    Ok(Presence {
        jitsi_room,
        server_id,
        title,
        description,
        context,
        course: course.or(label),
        name,
        picture,
        pseudonym,
        standing: Admission { platform, deployment, user },
    })
}

/// A room's settings.
pub fn find_settings(connection: &mut DbConnection, room_id: &str) -> Result<RoomSettings, DbError> {
    let stored: String = room::table.find(room_id).select(room::settings).get_result(connection)?;
    read_settings(room_id, &stored)
}

/// The settings in a room's row.
pub fn read_settings(room_id: &str, stored: &str) -> Result<RoomSettings, DbError> {
    RoomSettings::parse(stored).map_err(|error| DbError::Inconsistent {
        table: "room",
        row: room_id.to_owned(),
        what: format!("settings: {error}"),
    })
}

/// Stores a room's settings.
pub fn save_settings(
    connection: &mut DbConnection,
    room_id: &str,
    settings: RoomSettings,
) -> Result<(), DbError> {
    let changed = room::settings.eq(settings.to_json());
    diesel::update(room::table.find(room_id)).set(changed).execute(connection)?;
    Ok(())
}

/// The server that a room's meetings take place on: its own, else the default one.
pub fn find_server(
    connection: &mut DbConnection,
    server_id: Option<&str>,
) -> Result<Option<Server>, DbError> {
    match server_id {
        Some(id) => servers::store::find(connection, id),
        None => servers::store::find_default(connection),
    }
}

/// The room of the whole course behind a resource link; made when there is none.
///
/// Of launches that come at once, one makes the room: the others find it.
pub fn find_or_make(
    connection: &mut DbConnection,
    link_id: &str,
    now: Timestamp,
    random: &Random,
) -> Result<String, DbError> {
    if let Some(found) = find_for_link(connection, link_id)? {
        return Ok(found);
    }
    let id = row_id(now, random);
    diesel::insert_into(room::table)
        .values((
            room::id.eq(&id),
            room::jitsi_room.eq(jitsi_room(random)),
            room::settings.eq("{}"),
            room::created_at.eq(now.millis()),
        ))
        .execute(connection)?;
    let link =
        (room_link::resource_link_id.eq(link_id), room_link::group_key.eq(""), room_link::room_id.eq(&id));
    let linked = on_each_backend!(connection, |inner| diesel::insert_into(room_link::table)
        .values(link)
        .on_conflict_do_nothing()
        .execute(inner))?;
    if linked == 1 {
        return Ok(id);
    }
    diesel::delete(room::table.find(&id)).execute(connection)?;
    let found = find_for_link(connection, link_id)?;
    found.ok_or(DbError::Inconsistent {
        table: "room_link",
        row: link_id.to_owned(),
        what: "vanished".to_owned(),
    })
}

fn find_for_link(connection: &mut DbConnection, link_id: &str) -> Result<Option<String>, DbError> {
    Ok(room_link::table.find((link_id, "")).select(room_link::room_id).get_result(connection).optional()?)
}
