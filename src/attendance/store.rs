//! Queries on `meeting` and `presence`, for pages and grades.

use std::collections::{HashMap, HashSet};

use diesel::dsl::{count, exists, max, not};
use diesel::prelude::*;

use crate::clock::Timestamp;
use crate::db::schema::{lti_user, meeting, membership, person_number, presence, resource_link};
use crate::db::{DbConnection, DbError};
use crate::ids::{ContextId, LinkId, MeetingId, RoomId, UserId};
use crate::lti::launch::roles::MeetingRole;
use crate::presence::interval::{Ending, GRACE, Interval};

const MEETINGS_SHOWN: i64 = 10;
/// People on one page, over all its meetings: a page is made in milliseconds, however many there are.
const MAX_PEOPLE: i64 = 1_000;
/// People of one meeting on one page.
const MAX_PEOPLE_OF_MEETING: i64 = 500;

/// A meeting as stored.
#[derive(Clone, Debug, Queryable)]
pub struct StoredMeeting {
    /// Our identifier.
    pub id: MeetingId,
    /// When it began.
    pub began: Timestamp,
    /// The last heartbeat in it.
    pub last_seen: Timestamp,
    /// When it ended; `None` while it runs.
    pub ended: Option<Timestamp>,
}

/// An interval of presence as stored, with its person.
#[derive(Clone, Debug, Queryable)]
pub struct StoredPresence {
    /// The meeting.
    pub meeting: MeetingId,
    /// The person.
    pub user: UserId,
    /// The person's name.
    pub name: Option<String>,
    /// What stands for a name that the platform does not share.
    pub number: Option<i64>,
    /// What the person was in the meeting.
    pub role: MeetingRole,
    /// First heartbeat.
    pub joined: Timestamp,
    /// Last heartbeat.
    pub last_seen: Timestamp,
    /// Whether the page said good-bye.
    pub has_left: bool,
}

impl StoredPresence {
    /// From the first heartbeat to the last.
    pub fn interval(&self) -> Interval {
        let (start, end) = (self.joined, self.last_seen);
        Interval::new(start, end, Ending::of(self.has_left))
    }
}

/// Names the columns of [`StoredPresence`].
macro_rules! interval {
    () => {
        (
            presence::meeting_id,
            lti_user::id,
            lti_user::name,
            person_number::number.nullable(),
            presence::role,
            presence::joined,
            presence::last_seen,
            presence::has_left,
        )
    };
}

/// A meeting as a page shows it, with some of its people.
#[derive(Clone, Debug)]
pub struct ListedMeeting {
    /// The meeting.
    pub meeting: StoredMeeting,
    /// How many people were there.
    pub count: i64,
    /// The last heartbeat of one of them.
    pub last_seen: Timestamp,
    /// Whether one of them is in class.
    pub is_live: bool,
    /// How many people come before those shown.
    pub from: i64,
    /// The intervals of those shown: by name, each person's together.
    pub people: Vec<StoredPresence>,
}

/// The part of a room's attendance that a page shows.
#[derive(Clone, Debug, Default)]
pub struct MeetingWindow {
    /// One meeting alone, by our identifier.
    pub meeting: Option<MeetingId>,
    /// How many of its people come before.
    pub from: i64,
}

/// The last meetings of a room in which somebody of the course of `link` was, newest first, and who of them was there; or
/// one of its meetings.
///
/// Quirk: a room may serve two courses, by their teacher's decision; neither sees the other's people or meetings.
pub fn list_meetings(
    connection: &mut DbConnection,
    room: RoomId,
    link: LinkId,
    window: &MeetingWindow,
    now: Timestamp,
) -> Result<Vec<ListedMeeting>, DbError> {
    let course: ContextId =
        resource_link::table.find(link).select(resource_link::context_id).get_result(connection)?;
    let of_course = presence::table
        .inner_join(resource_link::table)
        .filter(presence::meeting_id.eq(meeting::id).and(resource_link::context_id.eq(course)));
    let mut wanted = meeting::table
        .filter(meeting::room_id.eq(room).and(exists(of_course)))
        .order(meeting::began.desc())
        .select((meeting::id, meeting::began, meeting::last_seen, meeting::ended))
        .limit(MEETINGS_SHOWN)
        .into_boxed();
    if let Some(one) = &window.meeting {
        wanted = wanted.filter(meeting::id.eq(one));
    }
    let meetings: Vec<StoredMeeting> = wanted.load(connection)?;
    let mut listed = describe(connection, meetings, course, now)?;
    let mut room_left = MAX_PEOPLE;
    for one in &mut listed {
        let from = if window.meeting.is_some() { window.from.clamp(0, one.count) } else { 0 };
        let most = room_left.min(MAX_PEOPLE_OF_MEETING);
        let people = list_people(connection, one.meeting.id, course, from, most)?;
        room_left -=
            i64::try_from(people.chunk_by(|left, right| left.user == right.user).count()).unwrap_or(0);
        (one.from, one.people) = (from, people);
    }
    Ok(listed)
}

/// How many people of a course were in a meeting, and the last heartbeat of one of them.
#[derive(Queryable)]
struct CountedMeeting {
    id: MeetingId,
    people: i64,
    last_seen: Option<Timestamp>,
}

/// What is known of meetings without their people.
fn describe(
    connection: &mut DbConnection,
    meetings: Vec<StoredMeeting>,
    course: ContextId,
    now: Timestamp,
) -> Result<Vec<ListedMeeting>, DbError> {
    let ids: Vec<MeetingId> = meetings.iter().map(|meeting| meeting.id).collect();
    let of_course = || presence::meeting_id.eq_any(&ids).and(resource_link::context_id.eq(course));
    let counted: Vec<CountedMeeting> = presence::table
        .inner_join(resource_link::table)
        .filter(of_course())
        .group_by(presence::meeting_id)
        .select((
            presence::meeting_id,
            count(presence::user_id).aggregate_distinct(),
            max(presence::last_seen),
        ))
        .load(connection)?;
    let counted: HashMap<MeetingId, CountedMeeting> = counted.into_iter().map(|one| (one.id, one)).collect();
    let in_class = not(presence::has_left).and(presence::last_seen.ge(now.minus(GRACE)));
    let live: Vec<MeetingId> = presence::table
        .inner_join(resource_link::table)
        .filter(of_course().and(in_class))
        .select(presence::meeting_id)
        .distinct()
        .load(connection)?;
    let live: HashSet<MeetingId> = live.into_iter().collect();
    let listed = |meeting: StoredMeeting| {
        let counted = counted.get(&meeting.id);
        ListedMeeting {
            count: counted.map_or(0, |counted| counted.people),
            last_seen: counted.and_then(|counted| counted.last_seen).unwrap_or(meeting.last_seen),
            is_live: meeting.ended.is_none() && live.contains(&meeting.id),
            meeting,
            from: 0,
            people: Vec::new(),
        }
    };
    Ok(meetings.into_iter().map(listed).collect())
}

/// What people of a meeting are sorted by.
#[derive(Queryable)]
struct PersonOrder {
    _name_key: String,
    _number: Option<i64>,
    user: UserId,
}

/// Some people of a meeting, by name, with their intervals.
fn list_people(
    connection: &mut DbConnection,
    meeting: MeetingId,
    course: ContextId,
    from: i64,
    most: i64,
) -> Result<Vec<StoredPresence>, DbError> {
    let of_course = presence::meeting_id.eq(meeting).and(resource_link::context_id.eq(course));
    let numbered = || person_number::context_id.eq(course).and(person_number::sub.eq(lti_user::sub));
    let people: Vec<PersonOrder> = presence::table
        .inner_join(lti_user::table)
        .inner_join(resource_link::table)
        .left_join(person_number::table.on(numbered()))
        .filter(of_course)
        .select((lti_user::name_key, person_number::number.nullable(), lti_user::id))
        .distinct()
        .order((lti_user::name_key, person_number::number, lti_user::id))
        .offset(from)
        .limit(most)
        .load(connection)?;
    let people: Vec<UserId> = people.iter().map(|person| person.user).collect();
    Ok(presence::table
        .inner_join(lti_user::table)
        .inner_join(resource_link::table)
        .left_join(person_number::table.on(numbered()))
        .filter(of_course.and(presence::user_id.eq_any(people)))
        .order((lti_user::name_key, person_number::number, lti_user::id, presence::joined))
        .select(interval!())
        .load(connection)?)
}

/// From the first heartbeat of a page to the last, as stored.
#[derive(Clone, Copy, Debug, Queryable)]
pub struct StoredInterval {
    /// First heartbeat.
    pub joined: Timestamp,
    /// Last heartbeat.
    pub last_seen: Timestamp,
    /// Whether the page said good-bye.
    pub has_left: bool,
}

impl StoredInterval {
    /// Returns it as time.
    pub fn interval(self) -> Interval {
        let (start, end) = (self.joined, self.last_seen);
        Interval::new(start, end, Ending::of(self.has_left))
    }
}

/// Every interval of one person in an activity, in whatever room it was.
pub fn list_of_person(
    connection: &mut DbConnection,
    link: LinkId,
    user: UserId,
) -> Result<Vec<Interval>, DbError> {
    let rows: Vec<StoredInterval> = presence::table
        .filter(presence::resource_link_id.eq(link).and(presence::user_id.eq(user)))
        .select((presence::joined, presence::last_seen, presence::has_left))
        .load(connection)?;
    Ok(rows.into_iter().map(StoredInterval::interval).collect())
}

/// A learner of a course, and the meetings of one of its activities in which they were.
#[derive(Debug)]
pub struct LearnerMeetings {
    /// The name.
    pub name: Option<String>,
    /// What stands for a name that the platform does not share.
    pub number: Option<i64>,
    /// The meetings, newest first, each with the learner alone.
    pub meetings: Vec<ListedMeeting>,
}

#[derive(Queryable)]
struct LearnerRow {
    course: ContextId,
    name: Option<String>,
    number: Option<i64>,
}

/// What a learner did in an activity; `None` for somebody who is not of its course.
pub fn find_learner(
    connection: &mut DbConnection,
    link: LinkId,
    user: UserId,
    now: Timestamp,
) -> Result<Option<LearnerMeetings>, DbError> {
    let numbered =
        person_number::context_id.eq(membership::context_id).and(person_number::sub.eq(lti_user::sub));
    let known: Option<LearnerRow> = membership::table
        .inner_join(lti_user::table)
        .inner_join(resource_link::table.on(resource_link::context_id.eq(membership::context_id)))
        .left_join(person_number::table.on(numbered))
        .filter(resource_link::id.eq(link).and(membership::user_id.eq(user)))
        .select((membership::context_id, lti_user::name, person_number::number.nullable()))
        .get_result(connection)
        .optional()?;
    let Some(LearnerRow { course, name, number }) = known else { return Ok(None) };
    let theirs = presence::resource_link_id.eq(link).and(presence::user_id.eq(user));
    let numbered = person_number::context_id.eq(course).and(person_number::sub.eq(lti_user::sub));
    let intervals: Vec<StoredPresence> = presence::table
        .inner_join(lti_user::table)
        .left_join(person_number::table.on(numbered))
        .filter(theirs)
        .order(presence::joined)
        .select(interval!())
        .load(connection)?;
    let ids: Vec<MeetingId> = intervals.iter().map(|interval| interval.meeting).collect();
    let meetings = meeting::table
        .filter(meeting::id.eq_any(ids))
        .order(meeting::began.desc())
        .select((meeting::id, meeting::began, meeting::last_seen, meeting::ended))
        .load(connection)?;
    let mut meetings = describe(connection, meetings, course, now)?;
    for one in &mut meetings {
        one.people =
            intervals.iter().filter(|interval| interval.meeting == one.meeting.id).cloned().collect();
    }
    Ok(Some(LearnerMeetings { name, number, meetings }))
}
