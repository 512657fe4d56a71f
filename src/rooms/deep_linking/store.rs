//! Queries of the picker: the course's rooms, and new ones.

use std::collections::HashMap;

use diesel::dsl::{exists, not};
use diesel::prelude::*;

use crate::clock::Timestamp;
use crate::db::schema::{deployment, lti_user, platform, resource_link, room, room_link};
use crate::db::{DbConnection, DbError, Tx};
use crate::ids::{ContextId, DeploymentId, RoomId, UserId};
use crate::lti;
use crate::lti::registration::platform::{Deployment, Platform, Status};
use crate::rooms::copy::store::note_item;
use crate::rooms::model::Admission;
use crate::rooms::model::WHOLE_COURSE;
use crate::rooms::rules::RoomRules;
use crate::rooms::store::{NewRoom, insert, read_rules, to_stored};

/// A room of the course, as the picker shows it.
#[derive(Clone, Debug)]
pub struct CourseRoom {
    /// Our identifier.
    pub id: RoomId,
    /// The title that it was made with, else that of an activity which opens it.
    pub title: Option<String>,
    /// How many activities open it.
    pub links: usize,
    /// What its teacher decided.
    pub rules: RoomRules,
}

#[derive(Queryable)]
struct RoomRow {
    id: RoomId,
    title: Option<String>,
    settings: String,
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
    let rows: Vec<RoomRow> = room::table
        .filter(room::context_id.eq(context_id).and(not(exists(of_group))))
        .order(room::id)
        .select((room::id, room::title, room::settings))
        .load(connection)?;
    let ids: Vec<RoomId> = rows.iter().map(|row| row.id).collect();
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
    let listed = |RoomRow { id, title, settings }: RoomRow| {
        let linked = titles.remove(&id).unwrap_or_default();
        Ok(CourseRoom {
            title: linked.iter().flatten().next().cloned().or(title),
            links: linked.len(),
            rules: read_rules(id, &settings)?,
            id,
        })
    };
    let rooms: Result<Vec<CourseRoom>, DbError> = rows.into_iter().map(listed).collect();
    Ok(rooms?.into_iter().filter(|room| room.links > 0 || room.title.is_some()).collect())
}

/// Makes the rooms of new classes. Sent twice, a form makes them once; its last values count until a room is in use.
pub fn make_rooms(tx: &mut Tx<'_>, rooms: &[NewRoom<'_>]) -> Result<(), DbError> {
    for new in rooms {
        insert(tx, new)?;
        note_item(tx.connection, &new.id.to_string(), new.id)?;
        let in_use = room_link::table.filter(room_link::room_id.eq(new.id));
        if !diesel::select(exists(in_use)).get_result::<bool>(tx.connection)? {
            let changing = (room::title.eq(new.title), room::settings.eq(to_stored(new.id, &new.settings)?));
            diesel::update(room::table.find(new.id)).set(changing).execute(tx.connection)?;
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
