//! Queries on `course_group`, `group_member` and `group_reading`.

use diesel::prelude::*;
use url::Url;

use super::{CourseGroup, FRESH, GROUPS};
use crate::clock::Timestamp;
use crate::db::schema::{
    context, course_group, deployment, group_member, group_reading, lti_user, membership, resource_link,
};
use crate::db::{DbConnection, DbError, Tx};
use crate::ids::{ContextId, DeploymentId, LinkId, PlatformId, UserId};
use crate::jobs::JobRequest;
use crate::jobs::store::enqueue;
use crate::lti::services::groups::ListedGroup;
use crate::on_each_backend;

/// People who were here last and whose groups are asked for when groups get rooms; the others are asked at their launch.
const MAX_ASKED: i64 = 200;

/// Members of a course's groups that the page of groups counts.
const MAX_SHOWN: i64 = 5000;

/// A course whose groups are asked for.
#[derive(Clone, Debug)]
pub struct AskedCourse {
    /// Our identifier.
    pub context: ContextId,
    /// Our identifier of its deployment.
    pub deployment: DeploymentId,
    /// Our identifier of its platform.
    platform: PlatformId,
    /// The groups service.
    pub groups_url: String,
}

#[derive(Queryable)]
struct CourseRow {
    deployment: DeploymentId,
    platform: PlatformId,
    groups_url: Option<String>,
}

/// A course whose platform offers a groups service.
pub fn find_asked_course(
    connection: &mut DbConnection,
    context_id: ContextId,
) -> Result<Option<AskedCourse>, DbError> {
    let row: Option<CourseRow> = context::table
        .inner_join(deployment::table)
        .filter(context::id.eq(context_id))
        .select((deployment::id, deployment::platform_id, context::groups_url))
        .get_result(connection)
        .optional()?;
    Ok(row.and_then(|CourseRow { deployment, platform, groups_url }| {
        let context = context_id;
        Some(AskedCourse { context, deployment, platform, groups_url: groups_url? })
    }))
}

/// Has the platform asked for the groups of a link's course, where it offers them.
pub fn ask_for_groups(tx: &mut Tx<'_>, link_id: LinkId) -> Result<(), DbError> {
    let context_id: ContextId =
        resource_link::table.find(link_id).select(resource_link::context_id).get_result(tx.connection)?;
    let Some(course) = find_asked_course(tx.connection, context_id)? else { return Ok(()) };
    let Some(url) = Url::parse(&course.groups_url).ok() else { return Ok(()) };
    let queue = format!("{} {}", course.platform, url.authority());
    enqueue(tx, &JobRequest { kind: GROUPS, subject: &context_id.to_string(), queue: &queue, due: tx.now })
}

/// Somebody whose groups are not known, or not lately.
#[derive(Clone, Debug, Queryable)]
pub struct Ungrouped {
    /// Our identifier.
    pub user: UserId,
    /// The platform's.
    pub sub: String,
}

/// Those of a course's people whose groups are not known lately, whoever was here last first.
pub fn list_ungrouped(
    connection: &mut DbConnection,
    context_id: ContextId,
    now: Timestamp,
) -> Result<Vec<Ungrouped>, DbError> {
    let old = membership::grouped_at.is_null().or(membership::grouped_at.lt(now.minus(FRESH)));
    Ok(membership::table
        .inner_join(lti_user::table)
        .filter(membership::context_id.eq(context_id).and(old))
        .order(membership::updated_at.desc())
        .select((lti_user::id, lti_user::sub))
        .limit(MAX_ASKED)
        .load(connection)?)
}

#[derive(Queryable)]
struct GroupRow {
    key: String,
    name: Option<String>,
    number: i64,
}

impl From<GroupRow> for CourseGroup {
    fn from(GroupRow { key, name, number }: GroupRow) -> Self {
        Self { key, name, number }
    }
}

/// The groups of a course that its platform lists, in the order of their names; nameless ones after them.
pub fn list_groups(
    connection: &mut DbConnection,
    context_id: ContextId,
) -> Result<Vec<CourseGroup>, DbError> {
    let rows: Vec<GroupRow> = course_group::table
        .filter(course_group::context_id.eq(context_id).and(course_group::listed))
        .order(course_group::number)
        .select((course_group::group_key, course_group::name, course_group::number))
        .load(connection)?;
    let mut groups: Vec<CourseGroup> = rows.into_iter().map(CourseGroup::from).collect();
    groups.sort_by_cached_key(|one| (one.name.is_none(), one.name.as_ref().map(|name| name.to_lowercase())));
    Ok(groups)
}

/// The groups of one person, in the same order.
pub fn list_groups_of(
    connection: &mut DbConnection,
    context_id: ContextId,
    user_id: UserId,
) -> Result<Vec<CourseGroup>, DbError> {
    let mine = group_member::table
        .filter(group_member::context_id.eq(context_id).and(group_member::user_id.eq(user_id)))
        .select(group_member::group_key);
    let keys: Vec<String> = mine.load(connection)?;
    let mut groups = list_groups(connection, context_id)?;
    groups.retain(|one| keys.contains(&one.key));
    Ok(groups)
}

/// Takes in groups that a platform told. `is_all` says that these are all of the course: others are listed no more.
///
/// Quirk: variables tell identifiers alone, so a name that is known stays.
pub fn take_groups(
    connection: &mut DbConnection,
    context_id: ContextId,
    received: &[ListedGroup],
    is_all: bool,
) -> Result<(), DbError> {
    if is_all {
        let all = course_group::table.filter(course_group::context_id.eq(context_id));
        diesel::update(all).set(course_group::listed.eq(false)).execute(connection)?;
    }
    for one in received {
        let here = course_group::table.find((context_id, &one.id));
        let changed = match &one.name {
            Some(name) => diesel::update(here)
                .set((course_group::listed.eq(true), course_group::name.eq(name)))
                .execute(connection)?,
            None => diesel::update(here).set(course_group::listed.eq(true)).execute(connection)?,
        };
        if changed == 0 {
            insert_group(connection, context_id, one)?;
        }
    }
    Ok(())
}

fn insert_group(
    connection: &mut DbConnection,
    context_id: ContextId,
    new: &ListedGroup,
) -> Result<(), DbError> {
    // Whoever counts has the course to themselves until the end, so that no number is given twice.
    let course = context::table.find(context_id);
    diesel::update(course).set(context::context_id.eq(context::context_id)).execute(connection)?;
    let highest: Option<i64> = course_group::table
        .filter(course_group::context_id.eq(context_id))
        .select(diesel::dsl::max(course_group::number))
        .get_result(connection)?;
    let row = (
        course_group::context_id.eq(context_id),
        course_group::group_key.eq(&new.id),
        course_group::number.eq(highest.unwrap_or(0) + 1),
        course_group::name.eq(&new.name),
        course_group::listed.eq(true),
    );
    on_each_backend!(connection, |inner| diesel::insert_into(course_group::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(inner))?;
    Ok(())
}

/// Takes in which groups a person is in, as the platform told it now.
pub fn take_membership(
    tx: &mut Tx<'_>,
    context_id: ContextId,
    user_id: UserId,
    received: &[ListedGroup],
) -> Result<(), DbError> {
    take_groups(tx.connection, context_id, received, false)?;
    let mine = group_member::context_id.eq(context_id).and(group_member::user_id.eq(user_id));
    diesel::delete(group_member::table.filter(mine)).execute(tx.connection)?;
    for one in received {
        let row = (
            group_member::context_id.eq(context_id),
            group_member::user_id.eq(user_id),
            group_member::group_key.eq(&one.id),
        );
        on_each_backend!(tx.connection, |inner| diesel::insert_into(group_member::table)
            .values(row)
            .on_conflict_do_nothing()
            .execute(inner))?;
    }
    diesel::update(membership::table.find((user_id, context_id)))
        .set(membership::grouped_at.eq(tx.now))
        .execute(tx.connection)?;
    Ok(())
}

/// When the platform last told a person's groups.
pub fn find_grouped_at(
    connection: &mut DbConnection,
    context_id: ContextId,
    user_id: UserId,
) -> Result<Option<Timestamp>, DbError> {
    let received: Option<Option<Timestamp>> = membership::table
        .find((user_id, context_id))
        .select(membership::grouped_at)
        .get_result(connection)
        .optional()?;
    Ok(received.flatten())
}

/// Notes that the list of groups was asked for, and why it could not be read where it could not.
pub fn note_reading(tx: &mut Tx<'_>, context_id: ContextId, trouble: Option<&str>) -> Result<(), DbError> {
    let changing = (group_reading::asked_at.eq(tx.now), group_reading::trouble.eq(trouble));
    on_each_backend!(tx.connection, |inner| diesel::insert_into(group_reading::table)
        .values((group_reading::context_id.eq(context_id), changing))
        .on_conflict(group_reading::context_id)
        .do_update()
        .set(changing)
        .execute(inner))?;
    Ok(())
}

/// The last reading of a course's groups.
pub struct GroupReading {
    /// When the platform was asked.
    pub asked: Timestamp,
    /// The code of the last failure.
    pub trouble: Option<String>,
}

/// Finds the last reading of a course's groups.
pub fn find_reading(
    connection: &mut DbConnection,
    context_id: ContextId,
) -> Result<Option<GroupReading>, DbError> {
    let found: Option<(Timestamp, Option<String>)> = group_reading::table
        .find(context_id)
        .select((group_reading::asked_at, group_reading::trouble))
        .get_result(connection)
        .optional()?;
    Ok(found.map(|(asked, trouble)| GroupReading { asked, trouble }))
}

/// Somebody who is in a group of a course.
#[derive(Clone, Debug, Queryable)]
pub struct GroupMember {
    /// The group's key.
    pub group: String,
    /// The person's name, where the platform shares it.
    pub name: Option<String>,
}

/// The people who are known to be in the groups of a course, by name; nameless ones last.
pub fn list_group_members(
    connection: &mut DbConnection,
    context_id: ContextId,
) -> Result<Vec<GroupMember>, DbError> {
    Ok(group_member::table
        .inner_join(lti_user::table.on(lti_user::id.eq(group_member::user_id)))
        .filter(group_member::context_id.eq(context_id))
        .order((lti_user::name.is_null(), lti_user::name_key, lti_user::id))
        .select((group_member::group_key, lti_user::name))
        .limit(MAX_SHOWN)
        .load(connection)?)
}

/// Our identifiers of the people who are known to be in a group of the link's course.
pub fn list_members(
    connection: &mut DbConnection,
    link_id: LinkId,
    group_key: &str,
) -> Result<Vec<UserId>, DbError> {
    Ok(group_member::table
        .inner_join(context::table.inner_join(resource_link::table))
        .inner_join(lti_user::table.on(lti_user::id.eq(group_member::user_id)))
        .filter(resource_link::id.eq(link_id).and(group_member::group_key.eq(group_key)))
        .select(lti_user::id)
        .load(connection)?)
}
