//! Queries of the page of scores.

use std::collections::HashMap;

use diesel::prelude::*;

use super::{InClass, ListedGrades};
use crate::attendance::store::StoredInterval;
use crate::db::schema::{lti_user, person_number, presence, resource_link};
use crate::db::{DbConnection, DbError};
use crate::grades::SCORE;
use crate::grades::line_item::store::find_gradebook;
use crate::grades::score::whole_minutes;
use crate::grades::store::list_scores;
use crate::ids::{LinkId, UserId};
use crate::jobs;
use crate::lti::launch::roles;
use crate::presence::interval::Interval;

/// Everything that the page of scores shows; people of the link's own activity alone.
pub fn find_grades(connection: &mut DbConnection, link: LinkId) -> Result<Option<ListedGrades>, DbError> {
    let Some(book) = find_gradebook(connection, link)? else { return Ok(None) };
    let scores = list_scores(connection, link)?;
    let waiting: Vec<String> = scores.iter().filter(|one| !one.is_sent()).map(|one| one.id.clone()).collect();
    let next = jobs::store::list_next_tries(connection, SCORE, &waiting)?;
    let trouble = match book.queue() {
        Some(queue) => jobs::store::find_trouble(connection, &queue)?,
        None => None,
    };
    let in_class = list_in_class(connection, link)?;
    Ok(Some(ListedGrades { book, scores, in_class, trouble, next }))
}

/// Somebody in class.
#[derive(PartialEq, Queryable)]
struct PersonInClass {
    user: UserId,
    name: Option<String>,
    number: Option<i64>,
}

/// An interval and whose it is.
#[derive(Queryable)]
struct IntervalOf {
    user: UserId,
    stored: StoredInterval,
}

fn list_in_class(connection: &mut DbConnection, link: LinkId) -> Result<Vec<InClass>, DbError> {
    let numbered =
        person_number::context_id.eq(resource_link::context_id).and(person_number::sub.eq(lti_user::sub));
    let mut here: Vec<PersonInClass> = presence::table
        .inner_join(lti_user::table)
        .inner_join(resource_link::table)
        .left_join(person_number::table.on(numbered))
        .filter(diesel::dsl::not(presence::settled).and(presence::resource_link_id.eq(link)))
        .filter(presence::role.eq(roles::MeetingRole::Participant))
        .order((lti_user::name_key, lti_user::id))
        .select((lti_user::id, lti_user::name, person_number::number.nullable()))
        .load(connection)?;
    here.dedup();
    let users: Vec<UserId> = here.iter().map(|one| one.user).collect();
    let rows: Vec<IntervalOf> = presence::table
        .filter(presence::resource_link_id.eq(link).and(presence::user_id.eq_any(users)))
        .select((presence::user_id, (presence::joined, presence::last_seen, presence::has_left)))
        .load(connection)?;
    let mut intervals: HashMap<UserId, Vec<Interval>> = HashMap::new();
    for IntervalOf { user, stored } in rows {
        intervals.entry(user).or_default().push(stored.interval());
    }
    let so_far = |user: UserId| intervals.get(&user).map_or(0, |intervals| whole_minutes(intervals));
    let in_class =
        |PersonInClass { user, name, number }| InClass { minutes: so_far(user), user, name, number };
    Ok(here.into_iter().map(in_class).collect())
}
