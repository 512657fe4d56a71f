//! Queries of the picker: the course's rooms, and new ones.

use std::collections::HashMap;

use chrono_tz::Tz;
use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::draft::PlannedSession;
use crate::clock::Timestamp;
use crate::db::schema::{deployment, lti_user, platform, resource_link, room, room_link};
use crate::db::{DbConnection, DbError, Tx};
use crate::ids::{ContextId, DeploymentId, RoomId, UserId};
use crate::lti;
use crate::lti::registration::platform::{Deployment, Platform, Status};
use crate::rooms::copy::store::note_item;
use crate::rooms::model::Admission;
use crate::rooms::model::WHOLE_COURSE;
use crate::rooms::schedule::plan::PlannedDate;
use crate::rooms::schedule::store::{Span, find_zone, list_spans, save_schedule};
use crate::rooms::store::{NewRoom, insert, to_stored};

/// A room of the course, as the picker shows it.
#[derive(Clone, Debug)]
pub struct CourseRoom {
    /// Our identifier.
    pub id: RoomId,
    /// The title that it was made with, else that of an activity which opens it.
    pub title: Option<String>,
    /// How many activities open it.
    pub links: usize,
    /// From the first begin to the last end of its dates.
    pub span: Span,
}

#[derive(Queryable)]
struct UserRow {
    status: Status,
    own_sessions_from: Timestamp,
    platform_sessions_from: Timestamp,
}

/// A choice's platform and deployment, and whether they and the person may still enter.
pub struct Parties {
    /// The platform.
    pub platform: Platform,
    /// The deployment.
    pub deployment: Deployment,
    /// Whether all may enter.
    pub admission: Admission,
}

/// The rooms that were made for a course, oldest first: those of groups are not among them, nor those that nothing opens
/// any more.
pub fn list_rooms(connection: &mut DbConnection, context_id: ContextId) -> Result<Vec<CourseRoom>, DbError> {
    let of_group =
        room_link::table.filter(room_link::room_id.eq(room::id).and(room_link::group_key.ne(WHOLE_COURSE)));
    let rows: Vec<(RoomId, Option<String>)> = room::table
        .filter(room::context_id.eq(context_id).and(not(exists(of_group))))
        .order(room::id)
        .select((room::id, room::title))
        .load(connection)?;
    let ids: Vec<RoomId> = rows.iter().map(|(id, _)| *id).collect();
    let mut spans: HashMap<RoomId, Span> = list_spans(connection, &ids)?.into_iter().collect();
    let links: Vec<(RoomId, Option<String>)> = room_link::table
        .inner_join(resource_link::table)
        .filter(room_link::room_id.eq_any(ids).and(resource_link::context_id.eq(context_id)))
        .order(resource_link::id)
        .select((room_link::room_id, resource_link::title))
        .load(connection)?;
    let mut titles: HashMap<RoomId, Vec<Option<String>>> = HashMap::new();
    for (room, title) in links {
        titles.entry(room).or_default().push(title);
    }
    let listed = |(id, title): (RoomId, Option<String>)| {
        let linked = titles.remove(&id).unwrap_or_default();
        CourseRoom {
            title: linked.iter().flatten().next().cloned().or(title),
            links: linked.len(),
            span: spans.remove(&id).unwrap_or_default(),
            id,
        }
    };
    Ok(rows.into_iter().map(listed).filter(|room| room.links > 0 || room.title.is_some()).collect())
}

/// A class to make.
pub struct NewClass<'a> {
    /// Its room.
    pub room: NewRoom<'a>,
    /// When it takes place.
    pub session: Option<PlannedSession>,
}

/// Makes the rooms of new classes, whose times are of `zone` where the course has none. Sent twice, a form makes them once; its last values count until a room is in use.
pub fn make_rooms(
    tx: &mut Tx<'_>,
    course: ContextId,
    zone: Option<Tz>,
    classes: &[NewClass<'_>],
) -> Result<(), DbError> {
    let zone = find_zone(tx.connection, course)?.or(zone).unwrap_or(Tz::UTC);
    for NewClass { room: new, session } in classes {
        insert(tx, new)?;
        note_item(tx.connection, &new.id.to_string(), new.id)?;
        let in_use = room_link::table.filter(room_link::room_id.eq(new.id));
        if !diesel::select(exists(in_use)).get_result::<bool>(tx.connection)? {
            let changing = (room::title.eq(new.title), room::settings.eq(to_stored(new.id, &new.settings)?));
            diesel::update(room::table.find(new.id)).set(changing).execute(tx.connection)?;
            let schedule = session.map(|session| session.schedule(zone));
            let date = session.map(|session| PlannedDate {
                begins: session.begins,
                ends: session.ends(),
                jumps: false,
            });
            save_schedule(tx, new.id, course, schedule.as_ref(), date.as_slice(), None)?;
        }
    }
    Ok(())
}

/// The platform and deployment of a choice, and whether they and the person may still enter.
pub fn find_parties(
    connection: &mut DbConnection,
    deployment_id: DeploymentId,
    user_id: UserId,
) -> Result<Option<Parties>, DbError> {
    let Some((found, at)) = lti::store::find_deployment(connection, deployment_id)? else { return Ok(None) };
    let user: Option<UserRow> = lti_user::table
        .inner_join(platform::table.inner_join(deployment::table))
        .filter(lti_user::id.eq(user_id).and(deployment::id.eq(deployment_id)))
        .select((lti_user::status, lti_user::sessions_from, platform::sessions_from))
        .get_result(connection)
        .optional()?;
    let Some(row) = user else { return Ok(None) };
    let sessions_from = row.own_sessions_from.max(row.platform_sessions_from);
    let admission =
        Admission { platform: found.status, deployment: at.status, user: row.status, sessions_from };
    Ok(Some(Parties { platform: found, deployment: at, admission }))
}
