//! Queries on `membership_list` and `listed_member`, and on what leads to them.

use diesel::prelude::*;
use url::Url;

use super::{ListState, MEMBERSHIPS};
use crate::clock::Timestamp;
use crate::db::schema::{context, deployment, listed_member, membership_list, resource_link};
use crate::db::{DbConnection, DbError, Tx};
use crate::ids::{ContextId, DeploymentId, LinkId, PlatformId};
use crate::jobs::store::{enqueue, is_wanted};
use crate::jobs::{JobRequest, Pool};
use crate::lti::services::member::{Member, MemberStatus};
use crate::on_each_backend;
use crate::rooms::numbers::store::give_numbers;

/// Rows of one statement.
const BATCH: usize = 500;

/// A course, as its list of participants is asked for.
#[derive(Clone, Debug)]
pub struct ListedCourse {
    /// Our identifier of the context.
    pub context: ContextId,
    /// Our identifier of the deployment.
    pub deployment: DeploymentId,
    /// Our identifier of the platform.
    pub platform: PlatformId,
    /// The list, where the platform offers it.
    pub memberships: Option<Url>,
    /// What is known of it.
    pub known: ListState,
    /// The rows that count.
    pub reading: Option<String>,
}

impl ListedCourse {
    /// What everybody shares who reads lists of this platform's host.
    fn queue(&self) -> Option<String> {
        self.memberships.as_ref().map(|url| Pool::Lists.queue(self.platform, url.authority()))
    }
}

#[derive(Queryable)]
struct CourseRow {
    context: ContextId,
    memberships: Option<String>,
    deployment: DeploymentId,
    platform: PlatformId,
    list: Option<ListRow>,
}

#[derive(Queryable)]
struct ListRow {
    asked_at: Timestamp,
    reading: Option<String>,
    fetched_at: Option<Timestamp>,
    narrowed_to: Option<LinkId>,
    is_cut: bool,
    trouble: Option<String>,
    failing_since: Option<Timestamp>,
}

/// A course by our identifier.
pub fn find_course(
    connection: &mut DbConnection,
    context_id: ContextId,
) -> Result<Option<ListedCourse>, DbError> {
    let row: Option<CourseRow> = context::table
        .inner_join(deployment::table)
        .left_join(membership_list::table)
        .filter(context::id.eq(context_id))
        .select((
            context::id,
            context::memberships_url,
            deployment::id,
            deployment::platform_id,
            (
                membership_list::asked_at,
                membership_list::reading,
                membership_list::fetched_at,
                membership_list::resource_link_id,
                membership_list::is_cut,
                membership_list::trouble,
                membership_list::failing_since,
            )
                .nullable(),
        ))
        .get_result(connection)
        .optional()?;
    Ok(row.map(course))
}

fn course(row: CourseRow) -> ListedCourse {
    let (known, reading) = match row.list {
        Some(ListRow { asked_at, reading, fetched_at, narrowed_to, is_cut, trouble, failing_since }) => {
            let asked_at = Some(asked_at);
            (ListState { asked_at, fetched_at, narrowed_to, is_cut, trouble, failing_since }, reading)
        }
        None => (ListState::default(), None),
    };
    ListedCourse {
        context: row.context,
        deployment: row.deployment,
        platform: row.platform,
        memberships: row.memberships.and_then(|url| Url::parse(&url).ok()),
        known,
        reading,
    }
}

/// Returns the course of a link.
pub fn find_course_of(connection: &mut DbConnection, link: LinkId) -> Result<Option<ListedCourse>, DbError> {
    let found = resource_link::table.find(link).select(resource_link::context_id);
    let context: Option<ContextId> = found.get_result(connection).optional()?;
    context.map_or(Ok(None), |context| find_course(connection, context))
}

/// The only activity of a course.
#[derive(Clone, Debug, Queryable)]
pub struct SoleLink {
    /// Our identifier.
    pub id: LinkId,
    /// The platform's.
    pub resource_link_id: String,
}

/// Returns the only activity of a course; `None` when there are others.
pub fn find_sole_link(
    connection: &mut DbConnection,
    context_id: ContextId,
) -> Result<Option<SoleLink>, DbError> {
    let mut links: Vec<SoleLink> = resource_link::table
        .filter(resource_link::context_id.eq(context_id))
        .select((resource_link::id, resource_link::resource_link_id))
        .limit(2)
        .load(connection)?;
    Ok(links.pop().filter(|_| links.is_empty()))
}

/// Takes in that launches of a course offer the list otherwise than `before`. The course's row is written already.
pub fn update_membership_service(tx: &mut Tx<'_>, context_id: ContextId) -> Result<(), DbError> {
    let Some(course) = find_course(tx.connection, context_id)? else { return Ok(()) };
    match course.memberships {
        Some(_) => request(tx, &course, course.known.soonest(tx.now)),
        None => forget(tx.connection, context_id),
    }
}

/// Has the platform asked, where the list is old and nobody asks already.
pub fn ask_if_old(tx: &mut Tx<'_>, link: LinkId) -> Result<(), DbError> {
    let Some(course) = find_course_of(tx.connection, link)? else { return Ok(()) };
    match course.known.ask_at(link, tx.now) {
        Some(due) if !is_wanted(tx.connection, MEMBERSHIPS, &course.context.to_string())? => {
            request(tx, &course, due)
        }
        _ => Ok(()),
    }
}

fn request(tx: &mut Tx<'_>, course: &ListedCourse, due: Timestamp) -> Result<(), DbError> {
    let Some(queue) = course.queue() else { return Ok(()) };
    enqueue(tx, &JobRequest { kind: MEMBERSHIPS, subject: &course.context.to_string(), queue: &queue, due })
}

/// What a platform does not share any more is not kept; when it was asked stays known.
fn forget(connection: &mut DbConnection, context_id: ContextId) -> Result<(), DbError> {
    diesel::update(membership_list::table.find(context_id))
        .set((
            membership_list::reading.eq(None::<String>),
            membership_list::fetched_at.eq(None::<Timestamp>),
            membership_list::trouble.eq(None::<String>),
            membership_list::failing_since.eq(None::<Timestamp>),
        ))
        .execute(connection)?;
    diesel::delete(listed_member::table.filter(listed_member::context_id.eq(context_id)))
        .execute(connection)?;
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = listed_member, treat_none_as_default_value = false)]
struct NewMember<'a> {
    context_id: ContextId,
    reading: &'a str,
    sub: &'a str,
    name: Option<&'a str>,
    name_key: String,
    roles: String,
    status: MemberStatus,
}

/// Writes members down under a reading that does not count yet; no person twice in one reading.
pub fn stage(
    connection: &mut DbConnection,
    context_id: ContextId,
    reading: &str,
    members: &[Member],
) -> Result<(), DbError> {
    let nameless = members.iter().filter(|member| member.profile.name.is_none());
    let nameless: Vec<&str> = nameless.map(|member| member.user_id.as_str()).collect();
    give_numbers(connection, context_id, &nameless)?;
    let row = |member| new_member(context_id, reading, member);
    for batch in members.chunks(BATCH) {
        let rows: Vec<NewMember<'_>> = batch.iter().map(row).collect();
        on_each_backend!(connection, |inner| diesel::insert_into(listed_member::table)
            .values(&rows)
            .execute(inner))?;
    }
    Ok(())
}

fn new_member<'a>(context_id: ContextId, reading: &'a str, member: &'a Member) -> NewMember<'a> {
    let name = member.profile.name.as_deref();
    NewMember {
        context_id,
        reading,
        sub: &member.user_id,
        name,
        name_key: name.map(str::to_lowercase).unwrap_or_default(),
        roles: serde_json::to_string(&member.roles).unwrap_or_default(),
        status: member.status,
    }
}

/// Throws away what readings left that do not count.
pub fn sweep(connection: &mut DbConnection, context_id: ContextId) -> Result<(), DbError> {
    let counting: Option<Option<String>> = membership_list::table
        .find(context_id)
        .select(membership_list::reading)
        .get_result(connection)
        .optional()?;
    let counting = counting.flatten().unwrap_or_default();
    let others = listed_member::context_id.eq(context_id).and(listed_member::reading.ne(counting));
    diesel::delete(listed_member::table.filter(others)).execute(connection)?;
    Ok(())
}

/// A list that was read to its end.
#[derive(Clone, Debug)]
pub struct Reading {
    /// Our identifier of the course.
    pub context: ContextId,
    /// Names the rows.
    pub id: String,
    /// When it began.
    pub at: Timestamp,
    /// Our identifier of the resource link that it was narrowed to.
    pub narrowed_to: Option<LinkId>,
    /// Whether the list was longer.
    pub is_cut: bool,
    /// Elements that named no person.
    pub skipped: i64,
}

/// Lets a reading count, in place of the one before; unless the platform ceased to share the list meanwhile.
pub fn publish(connection: &mut DbConnection, reading: &Reading) -> Result<(), DbError> {
    let offered = context::table.find(reading.context).select(context::memberships_url);
    let offered: Option<Option<String>> = offered.get_result(connection).optional()?;
    if offered.flatten().is_none() {
        return sweep(connection, reading.context);
    }
    let changing = (
        membership_list::asked_at.eq(reading.at),
        membership_list::reading.eq(Some(&reading.id)),
        membership_list::fetched_at.eq(Some(reading.at)),
        membership_list::resource_link_id.eq(reading.narrowed_to),
        membership_list::is_cut.eq(reading.is_cut),
        membership_list::skipped.eq(reading.skipped),
        membership_list::trouble.eq(None::<&str>),
        membership_list::failing_since.eq(None::<Timestamp>),
    );
    on_each_backend!(connection, |inner| diesel::insert_into(membership_list::table)
        .values((membership_list::context_id.eq(reading.context), changing))
        .on_conflict(membership_list::context_id)
        .do_update()
        .set(changing)
        .execute(inner))?;
    sweep(connection, reading.context)
}

/// Notes that the list could not be read at `at`; what was read before goes on counting.
pub fn note_trouble(
    connection: &mut DbConnection,
    context_id: ContextId,
    code: &str,
    at: Timestamp,
) -> Result<(), DbError> {
    let changing = (membership_list::asked_at.eq(at), membership_list::trouble.eq(Some(code)));
    let lasting = (
        membership_list::context_id.eq(context_id),
        membership_list::is_cut.eq(false),
        membership_list::skipped.eq(0_i64),
    );
    on_each_backend!(connection, |inner| diesel::insert_into(membership_list::table)
        .values((lasting, changing))
        .on_conflict(membership_list::context_id)
        .do_update()
        .set(changing)
        .execute(inner))?;
    let fresh = membership_list::table
        .filter(membership_list::context_id.eq(context_id).and(membership_list::failing_since.is_null()));
    diesel::update(fresh).set(membership_list::failing_since.eq(at)).execute(connection)?;
    sweep(connection, context_id)
}
