//! Removes everything that came with a platform, and counts it before.

use std::collections::HashSet;

use diesel::dsl::not;
use diesel::prelude::*;

use crate::db::schema::{
    calendar_entry, context, course_group, deployment, group_member, group_reading, invitation, job,
    job_queue, job_share, launch_log, launch_refusal, line_item, link_copy, listed_member, lti_user, meeting,
    membership, membership_list, occurrence, person_number, platform, presence, resource_link, room,
    room_entry, room_item, room_link, score, service_clock,
};
use crate::db::{DbConnection, DbError};
use crate::ids::{ContextId, DeploymentId, LinkId, PlatformId, RoomId, UserId};

/// So many identifiers go into one statement.
const AT_ONCE: usize = 500;

/// What would go with a platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Belongings {
    /// Deployments.
    pub deployments: i64,
    /// Courses.
    pub courses: i64,
    /// Activities.
    pub activities: i64,
    /// Rooms that no other platform uses.
    pub rooms: i64,
    /// Meetings in these rooms.
    pub meetings: i64,
    /// People.
    pub people: i64,
    /// Intervals of somebody's presence.
    pub presences: i64,
    /// Grades.
    pub grades: i64,
    /// Work that waits for the platform's services: grades above all.
    pub waiting: i64,
    /// Lines of the launch log.
    pub launches: i64,
}

impl Belongings {
    /// Returns each count with its word: its text is `admin-delete-WORD`.
    pub fn counts(&self) -> [(&'static str, i64); 10] {
        [
            ("deployments", self.deployments),
            ("courses", self.courses),
            ("activities", self.activities),
            ("rooms", self.rooms),
            ("meetings", self.meetings),
            ("people", self.people),
            ("presences", self.presences),
            ("grades", self.grades),
            ("waiting", self.waiting),
            ("launches", self.launches),
        ]
    }
}

/// A query for the identifiers of a platform's courses, activities or people.
macro_rules! of_platform {
    (contexts $id:expr) => {
        context::table
            .filter(context::deployment_id.eq_any(
                deployment::table.filter(deployment::platform_id.eq($id)).select(deployment::id),
            ))
            .select(context::id)
    };
    (links $id:expr) => {
        resource_link::table
            .filter(resource_link::context_id.eq_any(of_platform!(contexts $id)))
            .select(resource_link::id)
    };
    (users $id:expr) => {
        lti_user::table.filter(lti_user::platform_id.eq($id)).select(lti_user::id)
    };
}

/// Counts what would go.
pub fn count(connection: &mut DbConnection, id: PlatformId) -> Result<Belongings, DbError> {
    let rooms = list_rooms(connection, id)?;
    let deployments = deployment::table.filter(deployment::platform_id.eq(id)).count();
    let presences = presence::table.filter(presence::user_id.eq_any(of_platform!(users id))).count();
    let grades = score::table.filter(score::user_id.eq_any(of_platform!(users id))).count();
    let launches = launch_log::table.filter(launch_log::platform_id.eq(id)).count();
    Ok(Belongings {
        deployments: deployments.get_result(connection)?,
        courses: of_platform!(contexts id).count().get_result(connection)?,
        activities: of_platform!(links id).count().get_result(connection)?,
        rooms: i64::try_from(rooms.len()).unwrap_or(i64::MAX),
        meetings: count_meetings(connection, &rooms)?,
        people: of_platform!(users id).count().get_result(connection)?,
        presences: presences.get_result(connection)?,
        grades: grades.get_result(connection)?,
        waiting: job::table.filter(job::queue.like(queues(id))).count().get_result(connection)?,
        launches: launches.get_result(connection)?,
    })
}

fn count_meetings(connection: &mut DbConnection, rooms: &[RoomId]) -> Result<i64, DbError> {
    let mut all = 0;
    for some in rooms.chunks(AT_ONCE) {
        let theirs = meeting::table.filter(meeting::room_id.eq_any(some)).count();
        all += theirs.get_result::<i64>(connection)?;
    }
    Ok(all)
}

/// Removes a platform and all that came with it. Rooms that another platform uses stay.
pub fn remove(connection: &mut DbConnection, id: PlatformId) -> Result<(), DbError> {
    lock(connection, id)?;
    let rooms = list_rooms(connection, id)?;
    remove_lessons(connection, id)?;
    remove_rooms(connection, id, &rooms)?;
    remove_courses(connection, id)?;
    remove_jobs(connection, id)?;
    diesel::update(invitation::table.filter(invitation::platform_id.eq(id)))
        .set(invitation::platform_id.eq(None::<PlatformId>))
        .execute(connection)?;
    diesel::delete(launch_log::table.filter(launch_log::platform_id.eq(id))).execute(connection)?;
    diesel::delete(launch_refusal::table.filter(launch_refusal::platform_id.eq(id.to_string())))
        .execute(connection)?;
    diesel::delete(service_clock::table.filter(service_clock::platform_id.eq(id))).execute(connection)?;
    diesel::delete(deployment::table.filter(deployment::platform_id.eq(id))).execute(connection)?;
    diesel::delete(platform::table.find(id)).execute(connection)?;
    Ok(())
}

/// Lets what is being written about the platform end, and nothing new begin: on PostgreSQL a row could otherwise come to
/// a course after its rows were removed, and the course could not go. SQLite has one writer.
fn lock(connection: &mut DbConnection, id: PlatformId) -> Result<(), DbError> {
    let DbConnection::Postgres(inner) = connection else { return Ok(()) };
    let platform = platform::table.find(id).select(platform::id);
    platform.for_update().load::<PlatformId>(inner)?;
    let deployments = deployment::table.filter(deployment::platform_id.eq(id)).select(deployment::id);
    deployments.order(deployment::id).for_update().load::<DeploymentId>(inner)?;
    of_platform!(contexts id).order(context::id).for_update().load::<ContextId>(inner)?;
    of_platform!(links id).order(resource_link::id).for_update().load::<LinkId>(inner)?;
    of_platform!(users id).order(lti_user::id).for_update().load::<UserId>(inner)?;
    Ok(())
}

/// The rooms that the platform's activities and courses have, without those that another platform's activities use.
fn list_rooms(connection: &mut DbConnection, id: PlatformId) -> Result<Vec<RoomId>, DbError> {
    let mut rooms: Vec<RoomId> = room_link::table
        .filter(room_link::resource_link_id.eq_any(of_platform!(links id)))
        .select(room_link::room_id)
        .load(connection)?;
    let of_courses = room::table.filter(room::context_id.eq_any(of_platform!(contexts id).nullable()));
    rooms.extend(of_courses.select(room::id).load::<RoomId>(connection)?);
    rooms.sort();
    rooms.dedup();
    let mut shared = HashSet::new();
    for some in rooms.chunks(AT_ONCE) {
        shared.extend(list_shared(connection, id, some)?);
    }
    rooms.retain(|room| !shared.contains(room));
    Ok(rooms)
}

/// Of these rooms those that activities of another platform lead to, were entered through, or are copies of.
fn list_shared(
    connection: &mut DbConnection,
    id: PlatformId,
    some: &[RoomId],
) -> Result<Vec<RoomId>, DbError> {
    let mut shared: Vec<RoomId> = room_link::table
        .filter(room_link::room_id.eq_any(some))
        .filter(not(room_link::resource_link_id.eq_any(of_platform!(links id))))
        .select(room_link::room_id)
        .load(connection)?;
    let entered = presence::table
        .filter(presence::room_id.eq_any(some))
        .filter(not(presence::resource_link_id.eq_any(of_platform!(links id))))
        .select(presence::room_id);
    shared.extend(entered.distinct().load::<RoomId>(connection)?);
    let copied = link_copy::table
        .filter(link_copy::origin_room_id.eq_any(some).or(link_copy::own_room_id.eq_any(some)))
        .filter(not(link_copy::resource_link_id.eq_any(of_platform!(links id))))
        .select((link_copy::origin_room_id, link_copy::own_room_id));
    let pairs = copied.load::<(RoomId, RoomId)>(connection)?;
    shared.extend(pairs.into_iter().flat_map(|(origin, own)| [origin, own]));
    Ok(shared)
}

/// Removes grades, presence, and what teachers were asked about copies.
fn remove_lessons(connection: &mut DbConnection, id: PlatformId) -> Result<(), DbError> {
    let of_link = score::resource_link_id.eq_any(of_platform!(links id));
    diesel::delete(score::table.filter(of_link.or(score::user_id.eq_any(of_platform!(users id)))))
        .execute(connection)?;
    diesel::delete(line_item::table.filter(line_item::resource_link_id.eq_any(of_platform!(links id))))
        .execute(connection)?;
    let of_link = presence::resource_link_id.eq_any(of_platform!(links id));
    diesel::delete(presence::table.filter(of_link.or(presence::user_id.eq_any(of_platform!(users id)))))
        .execute(connection)?;
    let noted = calendar_entry::user_id
        .eq_any(of_platform!(users id))
        .or(calendar_entry::resource_link_id.eq_any(of_platform!(links id)));
    diesel::delete(calendar_entry::table.filter(noted)).execute(connection)?;
    let kept = room_entry::table.filter(room_entry::user_id.eq_any(of_platform!(users id)));
    diesel::delete(kept).execute(connection)?;
    diesel::delete(link_copy::table.filter(link_copy::resource_link_id.eq_any(of_platform!(links id))))
        .execute(connection)?;
    diesel::delete(room_link::table.filter(room_link::resource_link_id.eq_any(of_platform!(links id))))
        .execute(connection)?;
    let placed = room_item::resource_link_id.eq_any(of_platform!(links id).nullable());
    diesel::delete(room_item::table.filter(placed)).execute(connection)?;
    Ok(())
}

/// These rooms and their meetings; the platform's other rooms forget the course that they began in.
fn remove_rooms(connection: &mut DbConnection, id: PlatformId, rooms: &[RoomId]) -> Result<(), DbError> {
    for some in rooms.chunks(AT_ONCE) {
        diesel::delete(room_entry::table.filter(room_entry::room_id.eq_any(some))).execute(connection)?;
        diesel::delete(occurrence::table.filter(occurrence::room_id.eq_any(some))).execute(connection)?;
        diesel::delete(meeting::table.filter(meeting::room_id.eq_any(some))).execute(connection)?;
        diesel::delete(room_item::table.filter(room_item::room_id.eq_any(some))).execute(connection)?;
        diesel::delete(room::table.filter(room::id.eq_any(some))).execute(connection)?;
    }
    let left = room::table.filter(room::context_id.eq_any(of_platform!(contexts id).nullable()));
    diesel::update(left).set(room::context_id.eq(None::<ContextId>)).execute(connection)?;
    Ok(())
}

/// Courses, activities and people.
fn remove_courses(connection: &mut DbConnection, id: PlatformId) -> Result<(), DbError> {
    let in_course = listed_member::context_id.eq_any(of_platform!(contexts id));
    diesel::delete(listed_member::table.filter(in_course)).execute(connection)?;
    diesel::delete(
        membership_list::table.filter(membership_list::context_id.eq_any(of_platform!(contexts id))),
    )
    .execute(connection)?;
    diesel::delete(group_member::table.filter(group_member::context_id.eq_any(of_platform!(contexts id))))
        .execute(connection)?;
    diesel::delete(course_group::table.filter(course_group::context_id.eq_any(of_platform!(contexts id))))
        .execute(connection)?;
    diesel::delete(group_reading::table.filter(group_reading::context_id.eq_any(of_platform!(contexts id))))
        .execute(connection)?;
    diesel::delete(person_number::table.filter(person_number::context_id.eq_any(of_platform!(contexts id))))
        .execute(connection)?;
    diesel::delete(membership::table.filter(membership::user_id.eq_any(of_platform!(users id))))
        .execute(connection)?;
    diesel::delete(resource_link::table.filter(resource_link::context_id.eq_any(of_platform!(contexts id))))
        .execute(connection)?;
    let of_deployments = deployment::table.filter(deployment::platform_id.eq(id)).select(deployment::id);
    diesel::delete(context::table.filter(context::deployment_id.eq_any(of_deployments)))
        .execute(connection)?;
    diesel::delete(lti_user::table.filter(lti_user::platform_id.eq(id))).execute(connection)?;
    Ok(())
}

/// Work for the platform's services. What is being done just now finds its row gone, and changes nothing.
fn remove_jobs(connection: &mut DbConnection, id: PlatformId) -> Result<(), DbError> {
    diesel::delete(job::table.filter(job::queue.like(queues(id)))).execute(connection)?;
    diesel::delete(job_queue::table.filter(job_queue::queue.like(queues(id)))).execute(connection)?;
    diesel::delete(job_share::table.filter(job_share::platform.eq(id.to_string()))).execute(connection)?;
    Ok(())
}

/// A pattern for the platform's queues: their names begin with its identifier.
fn queues(id: PlatformId) -> String {
    format!("{id} %")
}
