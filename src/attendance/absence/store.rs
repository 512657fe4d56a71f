//! Counts who of a course's list was not in a meeting.

use std::collections::HashSet;

use diesel::dsl::{count_star, exists, not};
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::{Absent, AbsentPerson, ListedPerson, MAX_NAMES, is_learner};
use crate::attendance::participants::MembershipList;
use crate::clock::Timestamp;
use crate::db::schema::{listed_member, lti_user, membership, person_number, presence, resource_link};
use crate::db::{DbConnection, DbError};
use crate::ids::{ContextId, LinkId, MeetingId, PlatformId, UserId};
use crate::jobs::store::{is_wanted, list_next_tries};
use crate::lti::launch::role_rules::RoleRules;
use crate::lti::services::member::MemberStatus;
use crate::lti::store::find_role_rules;
use crate::memberships::MEMBERSHIPS;
use crate::memberships::store::find_course_of;

diesel::allow_columns_to_appear_in_same_group_by_clause!(listed_member::roles, membership::roles);

/// What a page asks of a course's list.
#[derive(Clone, Debug)]
pub struct ListQuestion {
    /// Our identifier of the activity.
    pub link: LinkId,
    /// Those whom it is about (our identifiers): the people of a group; `None` for the whole course.
    pub people: Option<Vec<UserId>>,
    /// The newest meeting, if there was one.
    pub meeting: Option<MeetingId>,
}

/// Returns the list of the course of a link.
pub fn find_membership_list(
    connection: &mut DbConnection,
    question: &ListQuestion,
    now: Timestamp,
) -> Result<Option<MembershipList>, DbError> {
    let Some(course) = find_course_of(connection, question.link)? else { return Ok(None) };
    let is_offered = course.memberships.is_some();
    let speaks = is_offered && course.known.read_for(question.link).is_some();
    let Absence { learners, absent } = match &course.reading {
        Some(reading) if speaks => {
            let rules = find_role_rules(connection, course.platform)?;
            let list = MemberList {
                platform: course.platform,
                context: course.context,
                reading,
                rules: &rules,
                meeting: question.meeting,
            };
            match &question.people {
                Some(people) => list.of_people(connection, people)?,
                None => list.of_course(connection)?,
            }
        }
        _ => Absence::default(),
    };
    let is_due = is_offered
        && course.known.ask_at(question.link, now).is_some()
        && !is_wanted(connection, MEMBERSHIPS, &course.context.to_string())?;
    let next = match &course.known.trouble {
        Some(_) => list_next_tries(connection, MEMBERSHIPS, &[course.context.to_string()])?,
        None => Vec::new(),
    };
    let next = next.first().map(|next| next.at);
    Ok(Some(MembershipList { is_offered, known: course.known, learners, absent, next, is_due }))
}

/// How many learners there are, and who of them was not in the meeting.
#[derive(Default)]
pub struct Absence {
    /// How many.
    pub learners: usize,
    /// Who was not there; `None` if there was no meeting.
    pub absent: Option<Absent>,
}

/// A list that was read, and the meeting that it is compared with.
pub struct MemberList<'a> {
    /// Our identifier of the platform.
    pub platform: PlatformId,
    /// Our identifier of the course.
    pub context: ContextId,
    /// The rows that count.
    pub reading: &'a str,
    /// How the platform's roles are read.
    pub rules: &'a RoleRules,
    /// Our identifier of the meeting.
    pub meeting: Option<MeetingId>,
}

/// Members with the same roles: on the list, and as last launched in this course.
#[derive(Queryable)]
struct RoleGroup {
    listed: String,
    launched: Option<String>,
    count: i64,
}

#[derive(Queryable)]
struct AbsentRow {
    name: Option<String>,
    launched: Option<String>,
    number: Option<i64>,
}

/// Somebody on a course's list, and what their launches told.
#[derive(Queryable)]
struct ListedRow {
    name: Option<String>,
    number: Option<i64>,
    roles: String,
    person: Option<KnownPerson>,
    launched_roles: Option<String>,
}

#[derive(Queryable)]
struct KnownPerson {
    id: UserId,
    name: Option<String>,
}

/// What is stored of the roles of somebody who never launched.
const NO_ROLES: &str = "[]";

/// Quirk: people are of the platform, so a member is the person who launched under the same `sub` there; the roles of
/// that launch count in this course alone. A macro, because the type of this join has no name.
macro_rules! members_and_their_launches {
    ($list:expr) => {
        listed_member::table
            .left_join(person_number::table.on(
                person_number::context_id.eq($list.context).and(person_number::sub.eq(listed_member::sub)),
            ))
            .left_join(
                lti_user::table
                    .on(lti_user::sub.eq(listed_member::sub).and(lti_user::platform_id.eq($list.platform))),
            )
            .left_join(
                membership::table.on(membership::user_id
                    .nullable()
                    .eq(lti_user::id.nullable())
                    .and(membership::context_id.eq($list.context))),
            )
            .filter(listed_member::context_id.eq($list.context))
            .filter(listed_member::reading.eq($list.reading.to_owned()))
            .filter(listed_member::status.eq(MemberStatus::Active))
    };
}

/// Whether a member, named by the outer query, has a number in the course.
macro_rules! has_number {
    ($list:expr) => {
        exists(person_number::table.filter(
            person_number::context_id.eq($list.context).and(person_number::sub.eq(listed_member::sub)),
        ))
    };
}

/// Whether a person, named by the outer query, was in a meeting, by a link of this course.
macro_rules! was_in {
    ($meeting:expr, $list:expr) => {
        exists(
            presence::table.inner_join(resource_link::table).filter(
                presence::meeting_id
                    .eq($meeting)
                    .and(presence::user_id.nullable().eq(lti_user::id.nullable()))
                    .and(resource_link::context_id.eq($list.context)),
            ),
        )
    };
}

impl MemberList<'_> {
    fn is_learner(&self, listed: &str, launched: Option<&str>) -> bool {
        is_learner(&read_roles(listed), launched.map(read_roles).as_deref(), self.rules)
    }

    /// Counts the learners of the course, and finds who of them was not in the meeting.
    ///
    /// Quirk: counted by their roles, of which a course knows few, so that nobody reads 50,000 rows to make one page. Members
    /// who launched are looked at beside those on the list, since there are fewer of them.
    pub fn of_course(&self, connection: &mut DbConnection) -> Result<Absence, DbError> {
        let all = self.count_learners(connection, false)?;
        let Some(meeting) = self.meeting else { return Ok(Absence { learners: to_size(all), absent: None }) };
        let there = self.count_present(connection, meeting, false)?;
        let names = self.list_absent(connection, meeting)?;
        let count = to_size(all - there);
        let nameless = if names.len() < MAX_NAMES {
            count.saturating_sub(names.len())
        } else {
            to_size(self.count_learners(connection, true)? - self.count_present(connection, meeting, true)?)
        };
        Ok(Absence { learners: to_size(all), absent: Some(Absent::of(count, nameless, names)) })
    }

    /// Learners of the course, or those without a name.
    fn count_learners(&self, connection: &mut DbConnection, nameless: bool) -> Result<i64, DbError> {
        let listed = self.count_listed(connection, nameless)?;
        let listed: i64 =
            listed.iter().filter(|one| self.is_learner(&one.listed, None)).map(|one| one.count).sum();
        // The roles of their launch win.
        let changed = |one: &RoleGroup| {
            let launched = self.is_learner(&one.listed, one.launched.as_deref());
            let on_list = self.is_learner(&one.listed, None);
            one.count * (i64::from(launched) - i64::from(on_list))
        };
        let launched = self.count_launched(connection, None, nameless)?;
        Ok(listed + launched.iter().map(changed).sum::<i64>())
    }

    fn count_present(
        &self,
        connection: &mut DbConnection,
        meeting: MeetingId,
        nameless: bool,
    ) -> Result<i64, DbError> {
        let there = self.count_launched(connection, Some(meeting), nameless)?;
        let learners = there.iter().filter(|one| self.is_learner(&one.listed, one.launched.as_deref()));
        Ok(learners.map(|one| one.count).sum())
    }

    fn count_listed(&self, connection: &mut DbConnection, nameless: bool) -> Result<Vec<RoleGroup>, DbError> {
        let mut active = listed_member::table
            .filter(listed_member::context_id.eq(self.context))
            .filter(listed_member::reading.eq(self.reading))
            .filter(listed_member::status.eq(MemberStatus::Active))
            .group_by(listed_member::roles)
            .select((listed_member::roles, count_star()))
            .into_boxed();
        if nameless {
            let person = lti_user::table.filter(
                lti_user::sub
                    .eq(listed_member::sub)
                    .and(lti_user::platform_id.eq(self.platform))
                    .and(lti_user::name.is_not_null()),
            );
            active = active.filter(listed_member::name.is_null().and(not(exists(person))));
            active = active.filter(not(has_number!(self)));
        }
        let rows: Vec<(String, i64)> = active.load(connection)?;
        let group = |(listed, count)| RoleGroup { listed, launched: None, count };
        Ok(rows.into_iter().map(group).collect())
    }

    /// Members who launched in this course; with `meeting`, those of them who were there.
    fn count_launched(
        &self,
        connection: &mut DbConnection,
        meeting: Option<MeetingId>,
        nameless: bool,
    ) -> Result<Vec<RoleGroup>, DbError> {
        let anybody = meeting.is_none().into_sql::<Bool>();
        let named_or_not = (!nameless).into_sql::<Bool>();
        Ok(membership::table
            .inner_join(lti_user::table)
            .inner_join(listed_member::table.on(listed_member::sub.eq(lti_user::sub)))
            .filter(membership::context_id.eq(self.context))
            .filter(lti_user::platform_id.eq(self.platform))
            .filter(listed_member::context_id.eq(self.context))
            .filter(listed_member::reading.eq(self.reading))
            .filter(listed_member::status.eq(MemberStatus::Active))
            .filter(anybody.or(was_in!(meeting.unwrap_or(MeetingId::NONE), self)))
            .filter(
                named_or_not.or(listed_member::name
                    .is_null()
                    .and(lti_user::name.is_null())
                    .and(not(has_number!(self)))),
            )
            .group_by((listed_member::roles, membership::roles))
            .select((listed_member::roles, membership::roles.nullable(), count_star()))
            .load(connection)?)
    }

    /// Learners who were not in the meeting and can be told apart, as many as a page shows.
    fn list_absent(
        &self,
        connection: &mut DbConnection,
        meeting: MeetingId,
    ) -> Result<Vec<AbsentPerson>, DbError> {
        let listed = self.count_listed(connection, false)?.into_iter().map(|one| one.listed);
        let listed: Vec<String> = listed.filter(|roles| self.is_learner(roles, None)).collect();
        let launched = self.count_launched(connection, None, false)?.into_iter();
        let launched: HashSet<String> = launched
            .filter(|one| self.is_learner(&one.listed, one.launched.as_deref()))
            .filter_map(|one| one.launched)
            .filter(|roles| roles != NO_ROLES)
            .collect();
        let is_learner = membership::roles
            .is_null()
            .or(membership::roles.eq(NO_ROLES))
            .and(listed_member::roles.eq_any(listed))
            .or(membership::roles.eq_any(launched));
        let rows: Vec<AbsentRow> = members_and_their_launches!(self)
            .filter(is_learner.and(not(was_in!(meeting, self))))
            .filter(
                listed_member::name
                    .is_not_null()
                    .or(lti_user::name.is_not_null())
                    .or(person_number::number.is_not_null()),
            )
            .order((listed_member::name_key, person_number::number, listed_member::sub))
            .select((listed_member::name, lti_user::name.nullable(), person_number::number.nullable()))
            .limit(i64::try_from(MAX_NAMES).unwrap_or(i64::MAX))
            .load(connection)?;
        let person = |row: AbsentRow| AbsentPerson::new(row.name.or(row.launched), row.number);
        Ok(rows.into_iter().filter_map(person).collect())
    }

    /// Counts the learners among some people of the course, and finds who of them was not in the meeting.
    pub fn of_people(&self, connection: &mut DbConnection, people: &[UserId]) -> Result<Absence, DbError> {
        let rows: Vec<ListedRow> = members_and_their_launches!(self)
            .filter(lti_user::id.eq_any(people))
            .order((listed_member::name_key, person_number::number, listed_member::sub))
            .select((
                listed_member::name,
                person_number::number.nullable(),
                listed_member::roles,
                (lti_user::id, lti_user::name).nullable(),
                membership::roles.nullable(),
            ))
            .load(connection)?;
        let listed = |row: ListedRow| ListedPerson {
            is_learner: self.is_learner(&row.roles, row.launched_roles.as_deref()),
            user: row.person.as_ref().map(|person| person.id),
            name: row.name.or(row.person.and_then(|person| person.name)),
            number: row.number,
        };
        let members: Vec<ListedPerson> = rows.into_iter().map(listed).collect();
        let learners = members.iter().filter(|one| one.is_learner).count();
        let Some(meeting) = self.meeting else { return Ok(Absence { learners, absent: None }) };
        let there: HashSet<UserId> = presence::table
            .inner_join(resource_link::table)
            .filter(presence::meeting_id.eq(meeting).and(presence::user_id.eq_any(people)))
            .filter(resource_link::context_id.eq(self.context))
            .select(presence::user_id)
            .distinct()
            .load(connection)?
            .into_iter()
            .collect();
        Ok(Absence { learners, absent: Some(Absent::new(&members, &there)) })
    }
}

fn to_size(count: i64) -> usize {
    usize::try_from(count).unwrap_or(0)
}

fn read_roles(stored: &str) -> Vec<String> {
    serde_json::from_str(stored).unwrap_or_default()
}
