//! Queries on `person_number`.

use std::collections::HashSet;

use diesel::prelude::*;

use crate::db::schema::{context, person_number};
use crate::db::{DbConnection, DbError};
use crate::ids::ContextId;
use crate::on_each_backend;

/// Rows of one statement.
const BATCH: usize = 500;
/// A course with more people without names than this leaves the others unnumbered: no platform can fill the table.
const MAX_NUMBERS: i64 = 100_000;

/// Gives people of a course numbers, in this order; who has one keeps it for good. People are called by `sub`.
pub fn give_numbers(
    connection: &mut DbConnection,
    context_id: ContextId,
    subs: &[&str],
) -> Result<(), DbError> {
    if list_unnumbered(connection, context_id, subs)?.is_empty() {
        return Ok(());
    }
    // Whoever counts has the course to themselves until the end, so that no number is given twice.
    let course = context::table.find(context_id);
    diesel::update(course).set(context::context_id.eq(context::context_id)).execute(connection)?;
    let highest: Option<i64> = person_number::table
        .filter(person_number::context_id.eq(context_id))
        .select(diesel::dsl::max(person_number::number))
        .get_result(connection)?;
    let free = list_unnumbered(connection, context_id, subs)?;
    let rows: Vec<_> = (highest.unwrap_or(0) + 1..=MAX_NUMBERS)
        .zip(free)
        .map(|(number, sub)| {
            (
                person_number::context_id.eq(context_id),
                person_number::sub.eq(sub),
                person_number::number.eq(number),
            )
        })
        .collect();
    for batch in rows.chunks(BATCH) {
        let batch = batch.to_vec();
        on_each_backend!(connection, |inner| diesel::insert_into(person_number::table)
            .values(&batch)
            .execute(inner))?;
    }
    Ok(())
}

/// Those of `subs` that have no number yet, each once.
fn list_unnumbered<'a>(
    connection: &mut DbConnection,
    context_id: ContextId,
    subs: &[&'a str],
) -> Result<Vec<&'a str>, DbError> {
    let mut known = HashSet::new();
    for some in subs.chunks(BATCH) {
        let found: Vec<String> = person_number::table
            .filter(person_number::context_id.eq(context_id).and(person_number::sub.eq_any(some)))
            .select(person_number::sub)
            .load(connection)?;
        known.extend(found);
    }
    let mut seen = HashSet::new();
    Ok(subs.iter().copied().filter(|sub| !known.contains(*sub) && seen.insert(*sub)).collect())
}
