//! Queries on `link_copy`, and on what a new link may be a copy of.

use diesel::dsl::exists;
use diesel::prelude::*;

use super::{Beginning, Candidate, CopyAnswer, Past, may_share, origin};
use crate::db::schema::{
    context, link_copy, lti_user, membership, resource_link, room, room_item, room_link,
};
use crate::db::{DbConnection, DbError, Tx};
use crate::ids::{ContextId, DeploymentId, LinkId, PlatformId, RoomId, UserId, is_row_id};
use crate::lti::launch::custom::Custom;
use crate::lti::launch::role_rules::RoleRules;
use crate::lti::launch::roles::Rights;
use crate::lti::store::find_role_rules;
use crate::on_each_backend;
use crate::rooms::model::WHOLE_COURSE;

/// A link at its launch, as far as its room depends on it.
pub struct NewLink<'a> {
    /// Our identifier.
    pub id: LinkId,
    /// Our identifier of its course.
    pub context: ContextId,
    /// Our identifier of its deployment.
    pub deployment: DeploymentId,
    /// The platform's identifier.
    pub link: &'a str,
    /// Its title.
    pub title: Option<&'a str>,
    /// The custom parameters of the launch.
    pub custom: &'a Custom,
    /// Whether the platform's copied courses keep their link ids.
    pub keeps_link_ids: bool,
}

/// What a new link begins with. Nothing of another deployment counts.
pub fn find_beginning(connection: &mut DbConnection, link: &NewLink<'_>) -> Result<Beginning, DbError> {
    if let Some(named) = link.custom.room.as_deref().and_then(|room| room.parse::<RoomId>().ok()) {
        let found: Option<ContextId> = room::table
            .inner_join(context::table.on(room::context_id.eq(context::id.nullable())))
            .filter(room::id.eq(named).and(context::deployment_id.eq(link.deployment)))
            .select(context::id)
            .get_result(connection)
            .optional()?;
        match found {
            Some(course) if course == link.context && claim_item(connection, link, named)? => {
                return Ok(Beginning::Room(named));
            }
            Some(_) => return Ok(Beginning::Copy(named)),
            None => {}
        }
    }
    let contexts = past_contexts(connection, link)?;
    if contexts.is_empty() && link.custom.link_history.is_empty() && !link.keeps_link_ids {
        return Ok(Beginning::Fresh);
    }
    let past = Past {
        link: link.link,
        title: link.title,
        links: &link.custom.link_history,
        contexts: &contexts,
        keeps_link_ids: link.keeps_link_ids,
    };
    let candidates = list_candidates(connection, link, &past)?;
    Ok(origin(&past, &candidates).map_or(Beginning::Fresh, Beginning::Copy))
}

/// Takes the item that a link came from for that link; answers whether it is its own.
///
/// Quirk: whoever duplicates an activity in an LMS gets another link with the same item. Of links that launch at once, one
/// takes it.
fn claim_item(connection: &mut DbConnection, link: &NewLink<'_>, room: RoomId) -> Result<bool, DbError> {
    let of_room = room.to_string();
    let item = link.custom.item.as_deref().filter(|item| is_row_id(item)).unwrap_or(&of_room);
    let free = room_item::table
        .find(item)
        .filter(room_item::room_id.eq(room).and(room_item::resource_link_id.is_null()));
    if diesel::update(free).set(room_item::resource_link_id.eq(link.id)).execute(connection)? == 1 {
        return Ok(true);
    }
    let own = room_item::table
        .find(item)
        .filter(room_item::room_id.eq(room).and(room_item::resource_link_id.eq(link.id)));
    Ok(diesel::select(exists(own)).get_result(connection)?)
}

/// Notes an item that opens a room for the activity that launches it first. An item that is noted twice is noted once.
pub fn note_item(connection: &mut DbConnection, item: &str, room: RoomId) -> Result<(), DbError> {
    let row = (room_item::id.eq(item), room_item::room_id.eq(room));
    on_each_backend!(connection, |inner| diesel::insert_into(room_item::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(inner))?;
    Ok(())
}

/// The courses that a link's course was copied from: as the launch tells, then as notices told.
fn past_contexts(connection: &mut DbConnection, link: &NewLink<'_>) -> Result<Vec<String>, DbError> {
    let noticed: Option<String> =
        context::table.find(link.context).select(context::origins).get_result(connection)?;
    let noticed: Vec<String> = noticed.and_then(|list| serde_json::from_str(&list).ok()).unwrap_or_default();
    let mut all = link.custom.context_history.clone();
    all.extend(noticed.into_iter().filter(|id| !link.custom.context_history.contains(id)));
    Ok(all)
}

#[derive(Queryable)]
struct CandidateRow {
    link: String,
    context: String,
    title: Option<String>,
    room: RoomId,
}

fn list_candidates(
    connection: &mut DbConnection,
    link: &NewLink<'_>,
    past: &Past<'_>,
) -> Result<Vec<Candidate>, DbError> {
    let mut named = past.links.to_vec();
    named.push(past.link.to_owned());
    let rows: Vec<CandidateRow> = resource_link::table
        .inner_join(context::table)
        .inner_join(room_link::table)
        .filter(context::deployment_id.eq(link.deployment).and(resource_link::id.ne(link.id)))
        .filter(room_link::group_key.eq(WHOLE_COURSE))
        .filter(resource_link::resource_link_id.eq_any(named).or(context::context_id.eq_any(past.contexts)))
        .order(resource_link::id)
        .select((
            resource_link::resource_link_id,
            context::context_id,
            resource_link::title,
            room_link::room_id,
        ))
        .load(connection)?;
    let candidate = |CandidateRow { link, context, title, room }| Candidate { link, context, title, room };
    Ok(rows.into_iter().map(candidate).collect())
}

/// Notes that a link is a copy of the activity with the room `origin`, and has `own` until a teacher says otherwise.
pub fn note_copy(
    connection: &mut DbConnection,
    link_id: LinkId,
    origin: RoomId,
    own: RoomId,
) -> Result<(), DbError> {
    let row = (
        link_copy::resource_link_id.eq(link_id),
        link_copy::origin_room_id.eq(origin),
        link_copy::own_room_id.eq(own),
    );
    on_each_backend!(connection, |inner| diesel::insert_into(link_copy::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(inner))?;
    Ok(())
}

/// A copied activity, as one of its teachers sees it.
#[derive(Clone, Debug)]
pub struct CopiedLink {
    /// What was decided.
    pub answer: Option<CopyAnswer>,
    /// Whether it was copied inside its course.
    pub is_same_course: bool,
    /// The other course's name, for those who lead it too.
    pub origin_course: Option<String>,
    /// Whether this person may let both activities share a room.
    pub may_share: bool,
    origin_room: RoomId,
    own_room: RoomId,
}

impl CopiedLink {
    /// The room that an answer means.
    pub fn room(&self, answer: CopyAnswer) -> RoomId {
        match answer {
            CopyAnswer::Own => self.own_room,
            CopyAnswer::Shared => self.origin_room,
        }
    }
}

#[derive(Queryable)]
struct CopyRow {
    answer: Option<CopyAnswer>,
    origin_room: RoomId,
    own_room: RoomId,
    course: ContextId,
    origin_course: ContextId,
    origin_title: Option<String>,
    origin_label: Option<String>,
    roles: Option<String>,
}

/// What is known of the copy behind a link, for the person `user`, whose rights here are `here`; `None` for a link that is
/// no copy.
pub fn find_copy(
    connection: &mut DbConnection,
    link_id: LinkId,
    user_id: UserId,
    here: &Rights,
) -> Result<Option<CopiedLink>, DbError> {
    let row: Option<CopyRow> = link_copy::table
        .inner_join(room::table.on(room::id.eq(link_copy::origin_room_id)))
        .inner_join(context::table.on(room::context_id.eq(context::id.nullable())))
        .inner_join(resource_link::table.on(resource_link::id.eq(link_copy::resource_link_id)))
        .left_join(
            membership::table.on(membership::context_id.eq(context::id).and(membership::user_id.eq(user_id))),
        )
        .filter(link_copy::resource_link_id.eq(link_id))
        .select((
            link_copy::answer,
            link_copy::origin_room_id,
            link_copy::own_room_id,
            resource_link::context_id,
            context::id,
            context::title,
            context::label,
            membership::roles.nullable(),
        ))
        .get_result(connection)
        .optional()?;
    let Some(row) = row else { return Ok(None) };
    let there: Option<Vec<String>> = row.roles.and_then(|roles| serde_json::from_str(&roles).ok());
    let there = match there {
        Some(roles) => Some(find_rules_for(connection, user_id)?.rights(&roles)),
        None => None,
    };
    let may_share = may_share(here, there.as_ref());
    Ok(Some(CopiedLink {
        answer: row.answer,
        is_same_course: row.origin_course == row.course,
        origin_course: row.origin_title.or(row.origin_label).filter(|_| may_share),
        may_share,
        origin_room: row.origin_room,
        own_room: row.own_room,
    }))
}

/// What the operator decided about the roles of a person's platform.
fn find_rules_for(connection: &mut DbConnection, user_id: UserId) -> Result<RoleRules, DbError> {
    let row = lti_user::table.find(user_id).select(lti_user::platform_id);
    let platform: PlatformId = row.get_result(connection)?;
    find_role_rules(connection, platform)
}

/// Stores what a teacher decided, and lets the link open that room from now on.
pub fn save_answer(
    tx: &mut Tx<'_>,
    link_id: LinkId,
    user_id: UserId,
    copy: &CopiedLink,
    answer: CopyAnswer,
) -> Result<(), DbError> {
    diesel::update(link_copy::table.find(link_id))
        .set((
            link_copy::answer.eq(answer),
            link_copy::answered_by.eq(user_id),
            link_copy::answered_at.eq(tx.now),
        ))
        .execute(tx.connection)?;
    diesel::update(room_link::table.find((link_id, WHOLE_COURSE)))
        .set(room_link::room_id.eq(copy.room(answer)))
        .execute(tx.connection)?;
    Ok(())
}
