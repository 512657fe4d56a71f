//! Queries on `room` and what leads to it.

use diesel::prelude::*;
use url::Url;

use super::copy::Beginning;
use super::copy::store::{NewLink, find_beginning, note_copy};
use super::model::{Admission, RoomGroup, RoomServer, RoomView, WHOLE_COURSE};
use super::rules::RoomRules;
use super::schedule::store::{find_agenda, read_schedule};
use super::settings::layers::Layers;
use super::settings::store::{StoredLayers, find_around_rooms};
use super::settings::stored::{SettingsVersion, StoredSettings};
use crate::clock::Timestamp;
use crate::db::schema::{
    context, course_group, deployment, group_member, lti_user, membership, person_number, platform,
    resource_link, room, room_link, site_settings,
};
use crate::db::{DbConnection, DbError, Tx};
use crate::ids::{ContextId, LinkId, RoomId, ServerId, UserId, jitsi_room};
use crate::lti::families::Family;
use crate::lti::registration::platform::{Status, frame_ancestors};
use crate::on_each_backend;

#[derive(Queryable)]
struct RoomViewRow {
    jitsi_room: String,
    server_id: Option<ServerId>,
    server_chosen: Timestamp,
    settings: String,
    schedule: Option<String>,
    title: Option<String>,
    description: Option<String>,
    context: ContextId,
    course: Option<String>,
    label: Option<String>,
    name: Option<String>,
    number: Option<i64>,
    picture: Option<String>,
    pseudonym: String,
    family: Option<String>,
    auth_url: String,
    group_key: String,
    group_name: Option<String>,
    group_number: Option<i64>,
    group_member: Option<UserId>,
    issuer: String,
    frames: String,
    statuses: Statuses,
    of_membership: Option<Timestamp>,
    around: StoredLayers,
}

/// The states of platform, deployment and person, and from when on sessions of the first and the last count.
#[derive(Queryable)]
struct Statuses {
    platform: Status,
    deployment: Status,
    user: Status,
    platform_sessions_from: Timestamp,
    user_sessions_from: Timestamp,
}

/// What is known at `now` of `room` for the person `user` who came through `link`; `None` when these three do not belong
/// together, whatever a session says.
pub fn find_room_view(
    connection: &mut DbConnection,
    room_id: RoomId,
    link_id: LinkId,
    user_id: UserId,
    now: Timestamp,
) -> Result<Option<RoomView>, DbError> {
    let named =
        course_group::context_id.eq(context::id).and(course_group::group_key.eq(room_link::group_key));
    let numbered = person_number::context_id.eq(context::id).and(person_number::sub.eq(lti_user::sub));
    let inside = group_member::context_id
        .eq(context::id)
        .and(group_member::user_id.eq(lti_user::id))
        .and(group_member::group_key.eq(room_link::group_key));
    let row: Option<RoomViewRow> = on_each_backend!(connection, |inner| room_link::table
        .inner_join(room::table)
        .inner_join(
            resource_link::table
                .inner_join(context::table.inner_join(deployment::table.inner_join(platform::table))),
        )
        .inner_join(lti_user::table.on(lti_user::platform_id.eq(platform::id)))
        .left_join(person_number::table.on(numbered))
        .left_join(course_group::table.on(named))
        .left_join(group_member::table.on(inside))
        .left_join(site_settings::table.on(site_settings::one.eq(true)))
        .left_join(
            membership::table
                .on(membership::user_id.eq(lti_user::id).and(membership::context_id.eq(context::id))),
        )
        .filter(room::id.eq(room_id).and(resource_link::id.eq(link_id)).and(lti_user::id.eq(user_id)))
        .order(room_link::group_key)
        .select((
            room::jitsi_room,
            room::server_id,
            room::server_chosen,
            room::settings,
            room::schedule,
            resource_link::title,
            resource_link::description,
            context::id,
            context::title,
            context::label,
            lti_user::name,
            person_number::number.nullable(),
            lti_user::picture,
            lti_user::pseudonym,
            platform::family,
            platform::auth_url,
            room_link::group_key,
            course_group::name.nullable(),
            course_group::number.nullable(),
            group_member::user_id.nullable(),
            platform::issuer,
            platform::frames,
            (
                platform::status,
                deployment::status,
                lti_user::status,
                platform::sessions_from,
                lti_user::sessions_from,
            ),
            membership::sessions_from.nullable(),
            (site_settings::settings.nullable(), platform::settings, context::settings),
        ))
        .get_result(inner)
        .optional())?;
    let Some(mut row) = row else { return Ok(None) };
    let mut activity_room = room_id;
    if row.group_key != WHOLE_COURSE {
        let of_activity = find_activity_room(connection, link_id)?;
        activity_room = of_activity.id;
        (row.settings, row.schedule) = (of_activity.settings, of_activity.schedule);
    }
    let schedule = row.schedule.take();
    let mut view = room_view(row, room_id)?;
    view.activity_room = activity_room;
    if let Some(stored) = schedule {
        let schedule = read_schedule(activity_room, &stored)?;
        view.agenda = Some(find_agenda(connection, activity_room, &schedule, now)?);
    }
    Ok(Some(view))
}

fn room_view(row: RoomViewRow, room_id: RoomId) -> Result<RoomView, DbError> {
    let group = (row.group_key != WHOLE_COURSE).then(|| RoomGroup {
        key: row.group_key,
        name: row.group_name,
        number: row.group_number.unwrap_or_default(),
        is_member: row.group_member.is_some(),
    });
    let StoredSettings { rules, layer } = read_stored(room_id, &row.settings)?;
    let layers = Layers { room: layer, ..row.around.read()? };
    Ok(RoomView {
        jitsi_room: row.jitsi_room,
        activity_room: room_id,
        server: RoomServer::of(row.server_id, row.server_chosen),
        rules,
        settings: layers.settings(),
        layers,
        agenda: None,
        title: row.title,
        description: row.description,
        context: row.context,
        course: row.course.or(row.label),
        group,
        name: row.name,
        number: row.number,
        picture: row.picture,
        pseudonym: row.pseudonym,
        family: Family::of(row.family.as_deref(), &row.auth_url),
        admission: admission(&row.statuses, row.of_membership),
        ancestors: ancestors(&row.issuer, &row.auth_url, &row.frames, room_id)?,
    })
}

/// Who may frame the pages, by the platform's registration.
fn ancestors(issuer: &str, auth_url: &str, frames: &str, row: RoomId) -> Result<Vec<String>, DbError> {
    let auth_url = Url::parse(auth_url).map_err(|error| DbError::Inconsistent {
        table: "platform",
        row: row.to_string(),
        what: format!("auth_url: {error}"),
    })?;
    Ok(frame_ancestors(issuer, &auth_url, frames.lines().map(str::to_owned)))
}

/// `of_membership` is from when on sessions count by the person's membership of the course.
fn admission(row: &Statuses, of_membership: Option<Timestamp>) -> Admission {
    let from =
        row.platform_sessions_from.max(row.user_sessions_from).max(of_membership.unwrap_or(Timestamp::EPOCH));
    Admission { platform: row.platform, deployment: row.deployment, user: row.user, sessions_from: from }
}

/// Whether platform, deployment and person of a link may still enter; `None` when link and person do not belong together.
pub fn find_admission(
    connection: &mut DbConnection,
    link_id: LinkId,
    user_id: UserId,
) -> Result<Option<Admission>, DbError> {
    let row: Option<Statuses> = resource_link::table
        .inner_join(context::table.inner_join(deployment::table.inner_join(platform::table)))
        .inner_join(lti_user::table.on(lti_user::platform_id.eq(platform::id)))
        .filter(resource_link::id.eq(link_id).and(lti_user::id.eq(user_id)))
        .select((
            platform::status,
            deployment::status,
            lti_user::status,
            platform::sessions_from,
            lti_user::sessions_from,
        ))
        .get_result(connection)
        .optional()?;
    // A role that changed ends pages, not the presence of somebody who is in class.
    Ok(row.map(|row| admission(&row, None)))
}

/// The settings of an activity: those of its whole course's room, for the rooms of groups too.
pub fn find_stored(connection: &mut DbConnection, link_id: LinkId) -> Result<StoredSettings, DbError> {
    let found = find_activity_room(connection, link_id)?;
    read_stored(found.id, &found.settings)
}

/// What is stored of an activity, in the room of its whole course.
#[derive(Queryable)]
struct ActivityRoom {
    id: RoomId,
    settings: String,
    schedule: Option<String>,
}

fn find_activity_room(connection: &mut DbConnection, link_id: LinkId) -> Result<ActivityRoom, DbError> {
    Ok(on_each_backend!(connection, |inner| room_link::table
        .inner_join(room::table)
        .filter(room_link::resource_link_id.eq(link_id).and(room_link::group_key.eq(WHOLE_COURSE)))
        .select((room::id, room::settings, room::schedule))
        .get_result(inner))?)
}

/// What its teacher calls a class, by the settings in its room's row.
pub fn own_title(room_id: RoomId, stored: &str) -> Result<Option<String>, DbError> {
    let layers = Layers { room: read_stored(room_id, stored)?.layer, ..Layers::default() };
    Ok(Some(layers.settings().title).filter(|title| !title.is_empty()))
}

/// The settings in a room's row.
fn read_stored(room_id: RoomId, stored: &str) -> Result<StoredSettings, DbError> {
    StoredSettings::parse(stored).map_err(|error| unreadable(room_id, &error))
}

/// The rules in a room's row.
pub fn read_rules(room_id: RoomId, stored: &str) -> Result<RoomRules, DbError> {
    RoomRules::parse(stored).map_err(|error| unreadable(room_id, &error))
}

/// The text to store in a room's row.
pub fn to_stored(room_id: RoomId, settings: &StoredSettings) -> Result<String, DbError> {
    settings.to_json().map_err(|error| unreadable(room_id, &error))
}

fn unreadable(room_id: RoomId, error: &serde_json::Error) -> DbError {
    DbError::Inconsistent { table: "room", row: room_id.to_string(), what: format!("settings: {error}") }
}

/// What became of settings that somebody saved.
pub enum SavedSettings {
    /// They are stored. Which activities open the room: their grades follow.
    Stored(Vec<LinkId>),
    /// Somebody else saved others since the form was made.
    Overtaken,
}

/// Stores the settings of an activity in its whole course's room, unless what is stored is no longer of `version`.
pub fn save_settings(
    connection: &mut DbConnection,
    link_id: LinkId,
    settings: &StoredSettings,
    version: Option<&SettingsVersion>,
) -> Result<SavedSettings, DbError> {
    let room_id = find_activity_room(connection, link_id)?.id;
    // Of two who save at once the second reads what the first one stored.
    let unchanged = room::settings.eq(room::settings);
    diesel::update(room::table.find(room_id)).set(unchanged).execute(connection)?;
    let before = find_activity_room(connection, link_id)?.settings;
    let current = read_stored(room_id, &before)?.version().map_err(|error| unreadable(room_id, &error))?;
    if version.is_some_and(|version| *version != current) {
        return Ok(SavedSettings::Overtaken);
    }
    let stored = room::settings.eq(to_stored(room_id, settings)?);
    diesel::update(room::table.find(room_id)).set(stored).execute(connection)?;
    let sharing = room_link::room_id.eq(room_id).and(room_link::group_key.eq(WHOLE_COURSE));
    let links = room_link::table.filter(sharing).order(room_link::resource_link_id);
    Ok(SavedSettings::Stored(links.select(room_link::resource_link_id).load(connection)?))
}

/// A room to make.
pub struct NewRoom<'a> {
    /// Our identifier.
    pub id: RoomId,
    /// Our identifier of the course.
    pub context: ContextId,
    /// The title that it is made with.
    pub title: Option<&'a str>,
    /// What is decided about it.
    pub settings: StoredSettings,
}

/// Makes a room; one that exists already is left as it is.
pub fn insert(tx: &mut Tx<'_>, new: &NewRoom<'_>) -> Result<(), DbError> {
    let row = (
        room::id.eq(new.id),
        room::jitsi_room.eq(jitsi_room(tx.random)),
        room::settings.eq(to_stored(new.id, &new.settings)?),
        room::created_at.eq(tx.now),
        room::context_id.eq(new.context),
        room::title.eq(new.title),
    );
    on_each_backend!(tx.connection, |inner| diesel::insert_into(room::table)
        .values(row)
        .on_conflict(room::id)
        .do_nothing()
        .execute(inner))?;
    Ok(())
}

/// The room of the whole course behind a resource link: at its first launch the one that its item names, or one that is
/// made.
///
/// Of launches that come at once, one makes the room: the others find it.
pub fn find_or_make(tx: &mut Tx<'_>, link: &NewLink<'_>) -> Result<RoomId, DbError> {
    if let Some(found) = find_room(tx.connection, link.id, WHOLE_COURSE)? {
        return Ok(found);
    }
    let beginning = find_beginning(tx.connection, link)?;
    if let Beginning::Room(room) = &beginning {
        return open(tx.connection, link.id, WHOLE_COURSE, *room);
    }
    let id = RoomId::new(tx.now, tx.random);
    let settings = match &beginning {
        Beginning::Copy(origin) => {
            let stored: String = room::table.find(origin).select(room::settings).get_result(tx.connection)?;
            read_stored(*origin, &stored)?
        }
        Beginning::Room(_) | Beginning::Fresh => {
            let rules = find_around_rooms(tx.connection, link.context)?.rules_of_new_room();
            StoredSettings { rules, ..StoredSettings::default() }
        }
    };
    insert(tx, &NewRoom { id, context: link.context, title: None, settings })?;
    let opened = open(tx.connection, link.id, WHOLE_COURSE, id)?;
    match beginning {
        _ if opened != id => {
            diesel::delete(room::table.find(id)).execute(tx.connection)?;
        }
        Beginning::Copy(origin) => note_copy(tx.connection, link.id, origin, id)?,
        Beginning::Room(_) | Beginning::Fresh => {}
    }
    Ok(opened)
}

/// The room of a group behind a resource link; made when there is none.
pub fn find_or_make_for_group(
    tx: &mut Tx<'_>,
    link_id: LinkId,
    context_id: ContextId,
    group: &str,
) -> Result<RoomId, DbError> {
    if let Some(found) = find_room(tx.connection, link_id, group)? {
        return Ok(found);
    }
    let id = RoomId::new(tx.now, tx.random);
    let settings = StoredSettings::default();
    insert(tx, &NewRoom { id, context: context_id, title: None, settings })?;
    let opened = open(tx.connection, link_id, group, id)?;
    if opened != id {
        diesel::delete(room::table.find(id)).execute(tx.connection)?;
    }
    Ok(opened)
}

/// Lets a resource link open `room`, for a group or the whole course, unless it opens another one by now; answers which.
fn open(
    connection: &mut DbConnection,
    link_id: LinkId,
    group: &str,
    room_id: RoomId,
) -> Result<RoomId, DbError> {
    let row = (
        room_link::resource_link_id.eq(link_id),
        room_link::group_key.eq(group),
        room_link::room_id.eq(room_id),
    );
    let linked = on_each_backend!(connection, |inner| diesel::insert_into(room_link::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(inner))?;
    if linked == 1 {
        return Ok(room_id);
    }
    find_room(connection, link_id, group)?.ok_or(DbError::Inconsistent {
        table: "room_link",
        row: link_id.to_string(),
        what: "vanished".to_owned(),
    })
}

/// The room that a resource link opens, for a group or the whole course.
pub fn find_room(
    connection: &mut DbConnection,
    link_id: LinkId,
    group: &str,
) -> Result<Option<RoomId>, DbError> {
    let found = room_link::table.find((link_id, group)).select(room_link::room_id);
    Ok(on_each_backend!(connection, |inner| found.get_result(inner).optional())?)
}
