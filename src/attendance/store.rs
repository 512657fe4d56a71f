//! Queries on `meeting` and `presence`.

use std::collections::BTreeMap;
use std::time::Duration;

use diesel::dsl::{case_when, exists, not};
use diesel::prelude::*;

use super::board::Signs;
use super::interval::{GRACE, Interval};
use crate::clock::Timestamp;
use crate::db::schema::{lti_user, meeting, membership, person_number, presence, resource_link, room};
use crate::db::{DbConnection, DbError};
use crate::ids::{Random, row_id};
use crate::on_each_backend;

/// A meeting ends when nobody was seen for this long.
pub const SILENCE: Duration = Duration::from_secs(10 * 60);
const MEETINGS_SHOWN: i64 = 10;
const HEARTBEAT: &str = "heartbeat";

/// Writes signs of life, and keeps their meetings alive: each meeting once, in one order for all processes.
pub fn record_all(
    connection: &mut DbConnection,
    batch: &[Signs],
    now: Timestamp,
    random: &Random,
) -> Result<(), DbError> {
    let mut alive: BTreeMap<String, Timestamp> = BTreeMap::new();
    for signs in batch {
        if let Some(meeting) = record(connection, signs, now, random)? {
            let seen = alive.entry(meeting).or_insert(signs.last);
            *seen = signs.last.max(*seen);
        }
    }
    alive.iter().try_for_each(|(meeting, at)| see_alive(connection, meeting, *at))
}

/// Writes a page's signs of life into its room's running meeting; begins the meeting when there is none. Answers which
/// meeting they keep alive.
///
/// A good-bye alone begins nothing, and a page that said it is over: a beat that the good-bye overtook does not count.
fn record(
    connection: &mut DbConnection,
    signs: &Signs,
    now: Timestamp,
    random: &Random,
) -> Result<Option<String>, DbError> {
    if let Some(meeting) = extend(connection, signs)? {
        return Ok(Some(meeting));
    }
    let is_over = presence::table.filter(presence::visit.eq(&signs.pass.visit).and(presence::has_left));
    if signs.is_good_bye_alone() || diesel::select(exists(is_over)).get_result(connection)? {
        return Ok(None);
    }
    if !is_known(connection, signs)? {
        return Ok(None);
    }
    let meeting = running_meeting(connection, signs, now, random)?;
    begin_stretch(connection, signs, &meeting, now, random)?;
    Ok(Some(meeting))
}

/// Whether a page's room, activity and person are still there: their platform may have been deleted since the page spoke.
fn is_known(connection: &mut DbConnection, signs: &Signs) -> Result<bool, DbError> {
    let (room, link) = (room::table.find(&signs.pass.room), resource_link::table.find(&signs.pass.link));
    let person = lti_user::table.find(&signs.pass.user);
    Ok(diesel::select(exists(room).and(exists(link)).and(exists(person))).get_result(connection)?)
}

/// Makes the page's running stretch longer; `None` when there is none that these signs belong to.
fn extend(connection: &mut DbConnection, signs: &Signs) -> Result<Option<String>, DbError> {
    let oldest = signs.first.minus(GRACE).millis();
    let running = presence::table
        .filter(presence::visit.eq(&signs.pass.visit).and(not(presence::has_left)))
        .filter(presence::last_seen.ge(oldest));
    // Another process, whose clock is a little ahead, may have heard the page later.
    let last = signs.last.millis();
    let later = case_when(presence::last_seen.gt(last), presence::last_seen).otherwise(last);
    let grown =
        (presence::last_seen.eq(later), presence::has_left.eq(signs.has_left), presence::settled.eq(false));
    Ok(on_each_backend!(connection, |inner| diesel::update(running)
        .set(grown)
        .returning(presence::meeting_id)
        .get_result(inner))
    .optional()?)
}

/// Notes a sign of life in a meeting, unless a later one is known.
fn see_alive(connection: &mut DbConnection, id: &str, at: Timestamp) -> Result<(), DbError> {
    let older = meeting::table.find(id).filter(meeting::last_seen.lt(at.millis()));
    diesel::update(older).set(meeting::last_seen.eq(at.millis())).execute(connection)?;
    Ok(())
}

fn begin_stretch(
    connection: &mut DbConnection,
    signs: &Signs,
    meeting: &str,
    now: Timestamp,
    random: &Random,
) -> Result<(), DbError> {
    let row = (
        presence::id.eq(row_id(now, random)),
        presence::meeting_id.eq(meeting),
        presence::room_id.eq(&signs.pass.room),
        presence::resource_link_id.eq(&signs.pass.link),
        presence::user_id.eq(&signs.pass.user),
        presence::standing.eq(signs.pass.standing.word()),
        presence::source.eq(HEARTBEAT),
        presence::visit.eq(&signs.pass.visit),
        presence::joined.eq(signs.first.millis()),
        presence::last_seen.eq(signs.last.millis()),
        presence::has_left.eq(signs.has_left),
        presence::settled.eq(false),
    );
    on_each_backend!(connection, |inner| diesel::insert_into(presence::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(inner))?;
    Ok(())
}

/// The meeting that these signs belong to.
fn running_meeting(
    connection: &mut DbConnection,
    signs: &Signs,
    now: Timestamp,
    random: &Random,
) -> Result<String, DbError> {
    if let Some((id, last_seen)) = find_running(connection, &signs.pass.room)? {
        if signs.first.since(Timestamp::from_millis(last_seen)) <= SILENCE {
            return Ok(id);
        }
        end(connection, &id)?;
    }
    let id = row_id(now, random);
    let row = (
        meeting::id.eq(&id),
        meeting::room_id.eq(&signs.pass.room),
        meeting::began.eq(signs.first.millis()),
        meeting::last_seen.eq(signs.last.millis()),
    );
    let begun = on_each_backend!(connection, |inner| diesel::insert_into(meeting::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(inner))?;
    if begun == 1 {
        return Ok(id);
    }
    let found = find_running(connection, &signs.pass.room)?.map(|(id, _)| id);
    found.ok_or(DbError::Inconsistent { table: "meeting", row: id, what: "vanished".to_owned() })
}

fn find_running(connection: &mut DbConnection, room: &str) -> Result<Option<(String, i64)>, DbError> {
    Ok(meeting::table
        .filter(meeting::room_id.eq(room).and(meeting::ended.is_null()))
        .select((meeting::id, meeting::last_seen))
        .get_result(connection)
        .optional()?)
}

/// Ends a meeting at its last sign of life.
fn end(connection: &mut DbConnection, id: &str) -> Result<(), DbError> {
    diesel::update(meeting::table.find(id).filter(meeting::ended.is_null()))
        .set(meeting::ended.eq(meeting::last_seen.nullable()))
        .execute(connection)?;
    Ok(())
}

/// Ends the meetings in which nobody was seen for [`SILENCE`].
pub fn end_silent_meetings(connection: &mut DbConnection, now: Timestamp) -> Result<(), DbError> {
    let silent = meeting::table
        .filter(meeting::ended.is_null().and(meeting::last_seen.lt(now.minus(SILENCE).millis())));
    diesel::update(silent).set(meeting::ended.eq(meeting::last_seen.nullable())).execute(connection)?;
    Ok(())
}

/// A meeting as stored.
#[derive(Clone, Debug, Queryable)]
pub struct StoredMeeting {
    /// Our identifier.
    pub id: String,
    /// When it began. Units: milliseconds since the epoch.
    pub began: i64,
    /// The last sign of life in it.
    pub last_seen: i64,
    /// When it ended; `None` while it runs.
    pub ended: Option<i64>,
}

/// A stretch of presence as stored, with its person.
#[derive(Clone, Debug, Queryable)]
pub struct StoredPresence {
    /// The meeting.
    pub meeting: String,
    /// The person.
    pub user: String,
    /// The person's name.
    pub name: Option<String>,
    /// What stands for a name that the platform does not share.
    pub number: Option<i64>,
    /// What the person was in the meeting.
    pub standing: String,
    /// First sign of life. Units: milliseconds since the epoch.
    pub joined: i64,
    /// Last sign of life.
    pub last_seen: i64,
    /// Whether the page said good-bye.
    pub has_left: bool,
}

impl StoredPresence {
    /// From the first sign of life to the last.
    pub fn interval(&self) -> Interval {
        Interval { start: Timestamp::from_millis(self.joined), end: Timestamp::from_millis(self.last_seen) }
    }
}

/// A stretch with its person.
macro_rules! stretch {
    () => {
        (
            presence::meeting_id,
            lti_user::id,
            lti_user::name,
            person_number::number.nullable(),
            presence::standing,
            presence::joined,
            presence::last_seen,
            presence::has_left,
        )
    };
}

/// The last meetings of a room in which somebody of the course of `link` was, newest first, and who of them was there.
///
/// Quirk: a room may serve two courses, by their teacher's decision; neither sees the other's people or meetings.
pub fn list_meetings(
    connection: &mut DbConnection,
    room: &str,
    link: &str,
) -> Result<(Vec<StoredMeeting>, Vec<StoredPresence>), DbError> {
    let course: String =
        resource_link::table.find(link).select(resource_link::context_id).get_result(connection)?;
    let of_course = presence::table
        .inner_join(resource_link::table)
        .filter(presence::meeting_id.eq(meeting::id).and(resource_link::context_id.eq(&course)));
    let meetings: Vec<StoredMeeting> = meeting::table
        .filter(meeting::room_id.eq(room).and(exists(of_course)))
        .order(meeting::began.desc())
        .select((meeting::id, meeting::began, meeting::last_seen, meeting::ended))
        .limit(MEETINGS_SHOWN)
        .load(connection)?;
    let ids: Vec<&str> = meetings.iter().map(|meeting| meeting.id.as_str()).collect();
    let people = presence::table
        .inner_join(lti_user::table)
        .inner_join(resource_link::table)
        .left_join(
            person_number::table
                .on(person_number::context_id.eq(&course).and(person_number::sub.eq(lti_user::sub))),
        )
        .filter(presence::meeting_id.eq_any(ids).and(resource_link::context_id.eq(&course)))
        .order((lti_user::name_key, person_number::number, lti_user::id, presence::joined))
        .select(stretch!())
        .load(connection)?;
    Ok((meetings, people))
}

/// Every stretch of one person in an activity, in whatever room it was.
pub fn list_of_person(
    connection: &mut DbConnection,
    link: &str,
    user: &str,
) -> Result<Vec<Interval>, DbError> {
    let rows: Vec<(i64, i64)> = presence::table
        .filter(presence::resource_link_id.eq(link).and(presence::user_id.eq(user)))
        .select((presence::joined, presence::last_seen))
        .load(connection)?;
    let interval =
        |(start, end)| Interval { start: Timestamp::from_millis(start), end: Timestamp::from_millis(end) };
    Ok(rows.into_iter().map(interval).collect())
}

/// A learner of a course, and the meetings of one of its activities in which they were.
#[derive(Debug)]
pub struct LearnerMeetings {
    /// The name.
    pub name: Option<String>,
    /// What stands for a name that the platform does not share.
    pub number: Option<i64>,
    /// The meetings, newest first.
    pub meetings: Vec<StoredMeeting>,
    /// The learner's stretches in them.
    pub stretches: Vec<StoredPresence>,
}

/// What a learner did in an activity; `None` for somebody who is not of its course.
pub fn find_learner(
    connection: &mut DbConnection,
    link: &str,
    user: &str,
) -> Result<Option<LearnerMeetings>, DbError> {
    let numbered =
        person_number::context_id.eq(membership::context_id).and(person_number::sub.eq(lti_user::sub));
    let known: Option<(String, Option<String>, Option<i64>)> = membership::table
        .inner_join(lti_user::table)
        .inner_join(resource_link::table.on(resource_link::context_id.eq(membership::context_id)))
        .left_join(person_number::table.on(numbered))
        .filter(resource_link::id.eq(link).and(membership::user_id.eq(user)))
        .select((membership::context_id, lti_user::name, person_number::number.nullable()))
        .get_result(connection)
        .optional()?;
    let Some((course, name, number)) = known else { return Ok(None) };
    let theirs = presence::resource_link_id.eq(link).and(presence::user_id.eq(user));
    let numbered = person_number::context_id.eq(&course).and(person_number::sub.eq(lti_user::sub));
    let stretches: Vec<StoredPresence> = presence::table
        .inner_join(lti_user::table)
        .left_join(person_number::table.on(numbered))
        .filter(theirs)
        .order(presence::joined)
        .select(stretch!())
        .load(connection)?;
    let ids: Vec<&str> = stretches.iter().map(|stretch| stretch.meeting.as_str()).collect();
    let meetings = meeting::table
        .filter(meeting::id.eq_any(ids))
        .order(meeting::began.desc())
        .select((meeting::id, meeting::began, meeting::last_seen, meeting::ended))
        .load(connection)?;
    Ok(Some(LearnerMeetings { name, number, meetings, stretches }))
}
