//! Queries on `calendar_entry`, and on the dates that calendars show.

use std::collections::HashMap;
use std::time::Duration;

use chrono_tz::Tz;
use diesel::dsl::exists;
use diesel::prelude::*;

use crate::clock::Timestamp;
use crate::db::schema::{calendar_entry, context, lti_user, platform, resource_link, room, room_link};
use crate::db::{DbConnection, DbError};
use crate::ids::{LinkId, RoomId, UserId};
use crate::lti::registration::platform::Status;
use crate::on_each_backend;
use crate::rooms::model::WHOLE_COURSE;
use crate::rooms::schedule::occurrence::Occurrence;
use crate::rooms::schedule::store::{list_dates_of, read_schedule};
use crate::rooms::store::own_title;

/// What is over for longer is of no use in a calendar.
const PAST: Duration = Duration::from_secs(90 * 24 * 60 * 60);
/// Nobody has more classes at a time.
const MAX_ROOMS: i64 = 500;

/// A person whose calendar is asked for.
#[derive(Clone, Debug, Queryable)]
pub struct FeedOwner {
    /// Which of the person's addresses is good.
    pub number: i64,
    /// The person's language.
    pub locale: Option<String>,
    /// Whether the person may enter.
    pub status: Status,
    /// Whether the platform's people may.
    pub platform_status: Status,
}

/// A room in somebody's calendar.
#[derive(Clone, Debug)]
pub struct CalendarRoom {
    /// Our identifier.
    pub room: RoomId,
    /// What the class is called; `None` where nobody named it.
    pub title: Option<String>,
    /// The course.
    pub course: Option<String>,
    /// The zone in which its dates were planned.
    pub zone: Tz,
    /// Its dates.
    pub dates: Vec<Occurrence>,
}

/// Notes that a person has opened an activity with dates. An entry that exists already is left as it is.
pub fn note_entry(connection: &mut DbConnection, user: UserId, link: LinkId) -> Result<(), DbError> {
    let row = (calendar_entry::user_id.eq(user), calendar_entry::resource_link_id.eq(link));
    on_each_backend!(connection, |inner| diesel::insert_into(calendar_entry::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(inner))?;
    Ok(())
}

/// Returns whether a person has opened an activity.
pub fn has_entry(connection: &mut DbConnection, user: UserId, link: LinkId) -> Result<bool, DbError> {
    Ok(diesel::select(exists(calendar_entry::table.find((user, link)))).get_result(connection)?)
}

/// Returns whose calendar it is.
pub fn find_owner(connection: &mut DbConnection, user: UserId) -> Result<Option<FeedOwner>, DbError> {
    Ok(lti_user::table
        .inner_join(platform::table)
        .filter(lti_user::id.eq(user))
        .select((lti_user::calendar_number, lti_user::locale, lti_user::status, platform::status))
        .get_result(connection)
        .optional()?)
}

/// Makes all addresses of a person's calendar worthless.
pub fn reset(connection: &mut DbConnection, user: UserId) -> Result<(), DbError> {
    diesel::update(lti_user::table.find(user))
        .set(lti_user::calendar_number.eq(lti_user::calendar_number + 1))
        .execute(connection)?;
    Ok(())
}

#[derive(Queryable)]
struct RoomRow {
    room: RoomId,
    settings: String,
    schedule: Option<String>,
    title: Option<String>,
    course: Option<String>,
    label: Option<String>,
}

/// Returns the rooms with dates that a person has opened.
pub fn list_rooms(
    connection: &mut DbConnection,
    user: UserId,
    now: Timestamp,
) -> Result<Vec<CalendarRoom>, DbError> {
    let rows: Vec<RoomRow> =
        on_each_backend!(connection, |inner| calendar_entry::table
            .inner_join(resource_link::table.on(resource_link::id.eq(calendar_entry::resource_link_id)))
            .inner_join(context::table.on(context::id.eq(resource_link::context_id)))
            .inner_join(room_link::table.on(
                room_link::resource_link_id.eq(resource_link::id).and(room_link::group_key.eq(WHOLE_COURSE))
            ))
            .inner_join(room::table.on(room::id.eq(room_link::room_id)))
            .filter(calendar_entry::user_id.eq(user).and(room::schedule.is_not_null()))
            .order(resource_link::id.desc())
            .limit(MAX_ROOMS)
            .select((
                room::id,
                room::settings,
                room::schedule,
                resource_link::title,
                context::title,
                context::label,
            ))
            .load(inner))?;
    let ids: Vec<RoomId> = rows.iter().map(|row| row.room).collect();
    let mut dates: HashMap<RoomId, Vec<Occurrence>> = HashMap::new();
    for (room, one) in list_dates_of(connection, &ids, now.minus(PAST))? {
        dates.entry(room).or_default().push(one);
    }
    // A room that several activities open is there once.
    let with_dates = rows.into_iter().filter_map(|row| dates.remove(&row.room).map(|dates| (row, dates)));
    with_dates.map(|(row, dates)| calendar_room(row, dates)).collect()
}

fn calendar_room(row: RoomRow, dates: Vec<Occurrence>) -> Result<CalendarRoom, DbError> {
    let schedule = row.schedule.map(|stored| read_schedule(row.room, &stored)).transpose()?;
    Ok(CalendarRoom {
        room: row.room,
        title: own_title(row.room, &row.settings)?.or(row.title),
        course: row.course.or(row.label),
        zone: schedule.map_or(Tz::UTC, |schedule| schedule.zone),
        dates,
    })
}
