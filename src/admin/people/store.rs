//! Queries on `lti_user` and what hangs on it, for administrators.

use diesel::dsl::{count_star, exists, max, min};
use diesel::prelude::*;

use super::{Domain, Person};
use crate::clock::Timestamp;
use crate::db::schema::{context, lti_user, membership, presence, resource_link, score};
use crate::db::{DbConnection, DbError, Tx};
use crate::ids::UserId;
use crate::lti::registration::platform::Status;

/// People that a search shows.
pub const MAX_FOUND: i64 = 50;
/// Courses that a person's page shows.
const MAX_COURSES: i64 = 100;

#[derive(Queryable)]
struct PersonRow {
    id: UserId,
    sub: String,
    name: Option<String>,
    status: Status,
    created_at: Timestamp,
    sessions_from: Timestamp,
    picture: Option<String>,
    locale: Option<String>,
}

impl PersonRow {
    fn read(self) -> Person {
        Person {
            id: self.id,
            sub: self.sub,
            name: self.name,
            status: self.status,
            created_at: self.created_at,
            sessions_from: self.sessions_from,
            has_picture: self.picture.is_some(),
            locale: self.locale,
        }
    }
}

/// The people of `domain` whose name or identifier at the platform holds `wanted`, by name; one more than are shown, where
/// there are more.
pub fn search(connection: &mut DbConnection, domain: &Domain, wanted: &str) -> Result<Vec<Person>, DbError> {
    let escaped = wanted.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    let found = lti_user::name_key.like(format!("%{escaped}%")).escape('\\').or(lti_user::sub.eq(wanted));
    let mut query = lti_user::table
        .filter(lti_user::platform_id.eq(&domain.platform).and(found))
        .order((lti_user::name_key, lti_user::id))
        .select((
            lti_user::id,
            lti_user::sub,
            lti_user::name,
            lti_user::status,
            lti_user::created_at,
            lti_user::sessions_from,
            lti_user::picture,
            lti_user::locale,
        ))
        .limit(MAX_FOUND + 1)
        .into_boxed();
    if let Some(deployment) = &domain.deployment {
        let inside = membership::table
            .inner_join(context::table)
            .filter(membership::user_id.eq(lti_user::id).and(context::deployment_id.eq(*deployment)));
        query = query.filter(exists(inside));
    }
    let rows: Vec<PersonRow> = query.load(connection)?;
    Ok(rows.into_iter().map(PersonRow::read).collect())
}

/// A course of a person.
#[derive(Clone, Debug, Queryable)]
pub struct PersonCourse {
    /// Its title.
    pub title: Option<String>,
    /// Its short name.
    pub label: Option<String>,
    /// The roles of the person's last launch, as JSON.
    pub roles: String,
    /// When the roles were last told.
    pub told_at: Timestamp,
}

/// What is stored of a person.
#[derive(Clone, Debug)]
pub struct Record {
    /// Who it is.
    pub person: Person,
    /// Their courses, the newest first.
    pub courses: Vec<PersonCourse>,
    /// Intervals of presence.
    pub intervals: i64,
    /// When the person was first in a class.
    pub first_seen: Option<Timestamp>,
    /// When the person was last in a class.
    pub last_seen: Option<Timestamp>,
    /// Grades.
    pub scores: i64,
    /// Whether the person is known in other deployments than the domain's.
    pub is_elsewhere: bool,
}

/// What is stored of somebody who is of `domain`; `None` of anybody else.
pub fn find(connection: &mut DbConnection, domain: &Domain, id: UserId) -> Result<Option<Record>, DbError> {
    let row: Option<PersonRow> = lti_user::table
        .find(id)
        .filter(lti_user::platform_id.eq(&domain.platform))
        .select((
            lti_user::id,
            lti_user::sub,
            lti_user::name,
            lti_user::status,
            lti_user::created_at,
            lti_user::sessions_from,
            lti_user::picture,
            lti_user::locale,
        ))
        .get_result(connection)
        .optional()?;
    let Some(row) = row else { return Ok(None) };
    let is_elsewhere = match &domain.deployment {
        None => false,
        Some(deployment) => {
            let places = membership::table.inner_join(context::table).filter(membership::user_id.eq(id));
            let (inside, outside) = (
                places.filter(context::deployment_id.eq(deployment)).count().get_result::<i64>(connection)?,
                places.filter(context::deployment_id.ne(deployment)).count().get_result::<i64>(connection)?,
            );
            if inside == 0 {
                return Ok(None);
            }
            outside > 0
        }
    };
    let seen = find_seen(connection, domain, id)?;
    Ok(Some(Record {
        person: row.read(),
        courses: list_courses(connection, domain, id)?,
        intervals: seen.intervals,
        first_seen: seen.first,
        last_seen: seen.last,
        scores: count_scores(connection, domain, id)?,
        is_elsewhere,
    }))
}

fn list_courses(
    connection: &mut DbConnection,
    domain: &Domain,
    id: UserId,
) -> Result<Vec<PersonCourse>, DbError> {
    let mut query = membership::table
        .inner_join(context::table)
        .filter(membership::user_id.eq(id))
        .order((membership::updated_at.desc(), context::id))
        .select((context::title, context::label, membership::roles, membership::updated_at))
        .limit(MAX_COURSES)
        .into_boxed();
    if let Some(deployment) = &domain.deployment {
        query = query.filter(context::deployment_id.eq(*deployment));
    }
    Ok(query.load(connection)?)
}

#[derive(Queryable)]
struct Seen {
    intervals: i64,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
}

/// Numbers of other deployments are nobody's business in a domain of one.
fn find_seen(connection: &mut DbConnection, domain: &Domain, id: UserId) -> Result<Seen, DbError> {
    let mut query = presence::table
        .inner_join(resource_link::table.inner_join(context::table))
        .filter(presence::user_id.eq(id))
        .select((count_star(), min(presence::joined), max(presence::last_seen)))
        .into_boxed();
    if let Some(deployment) = &domain.deployment {
        query = query.filter(context::deployment_id.eq(*deployment));
    }
    Ok(query.get_result(connection)?)
}

fn count_scores(connection: &mut DbConnection, domain: &Domain, id: UserId) -> Result<i64, DbError> {
    let mut query = score::table
        .inner_join(resource_link::table.inner_join(context::table))
        .filter(score::user_id.eq(id))
        .select(count_star())
        .into_boxed();
    if let Some(deployment) = &domain.deployment {
        query = query.filter(context::deployment_id.eq(*deployment));
    }
    Ok(query.get_result(connection)?)
}

/// Blocks or unblocks a person; returns whether that changed anything. A block ends the person's sessions, so that no
/// unblocking revives them.
pub fn set_status(tx: &mut Tx<'_>, id: UserId, status: Status) -> Result<bool, DbError> {
    let row = lti_user::table.find(id).filter(lti_user::status.ne(status));
    let changed = match status {
        Status::Active => diesel::update(row).set(lti_user::status.eq(status)).execute(tx.connection)?,
        Status::Disabled | Status::Pending => diesel::update(row)
            .set((lti_user::status.eq(status), lti_user::sessions_from.eq(tx.now)))
            .execute(tx.connection)?,
    };
    Ok(changed > 0)
}

/// Ends every session of a person that began before `now`.
pub fn end_sessions(tx: &mut Tx<'_>, id: UserId) -> Result<(), DbError> {
    let from = lti_user::sessions_from.eq(tx.now);
    diesel::update(lti_user::table.find(id)).set(from).execute(tx.connection)?;
    Ok(())
}
