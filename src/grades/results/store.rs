//! Queries on what gradebooks show.

use std::collections::HashMap;

use diesel::prelude::*;

use super::{AFTER_SENDING, RESULTS};
use crate::clock::Timestamp;
use crate::db::schema::{line_item, lti_user, score};
use crate::db::{DbError, Tx};
use crate::grades::line_item::Gradebook;
use crate::grades::line_item::store::find_gradebook;
use crate::ids::LinkId;
use crate::jobs::store::{enqueue, is_wanted};
use crate::jobs::{JobRequest, Pool};
use crate::lti::services::ags::CurrentResult;

/// Has the gradebook read some time after a score was sent.
pub fn ask_later(tx: &mut Tx<'_>, book: &Gradebook) -> Result<(), DbError> {
    ask(tx, book, tx.now.plus(AFTER_SENDING))
}

/// Has the gradebook read, where that was long ago and nobody asks already.
pub fn ask_if_old(tx: &mut Tx<'_>, link: LinkId) -> Result<(), DbError> {
    let Some(book) = find_gradebook(tx.connection, link)? else { return Ok(()) };
    if !book.are_results_due(tx.now) || is_wanted(tx.connection, RESULTS, &link.to_string())? {
        return Ok(());
    }
    ask(tx, &book, tx.now)
}

fn ask(tx: &mut Tx<'_>, book: &Gradebook, due: Timestamp) -> Result<(), DbError> {
    let Some(line_item) = book.line_item.url().filter(|_| book.may_read_results()) else { return Ok(()) };
    let queue = Pool::Lists.queue(book.platform, line_item.authority());
    enqueue(tx, &JobRequest { kind: RESULTS, subject: &book.link.to_string(), queue: &queue, due })
}

/// Notes that the gradebook was asked what a line item shows.
pub fn note_asked(tx: &mut Tx<'_>, link: LinkId) -> Result<(), DbError> {
    diesel::update(line_item::table.find(link))
        .set(line_item::results_at.eq(tx.now))
        .execute(tx.connection)?;
    Ok(())
}

/// Notes what the gradebook shows for one person.
pub fn note_shown(tx: &mut Tx<'_>, score_id: &str, result: Option<CurrentResult>) -> Result<(), DbError> {
    diesel::update(score::table.find(score_id))
        .set((
            score::shown_score.eq(result.map(|result| result.score)),
            score::shown_maximum.eq(result.map(|result| result.maximum)),
            score::shown_at.eq(tx.now),
        ))
        .execute(tx.connection)?;
    Ok(())
}

#[derive(Queryable)]
struct ShownRow {
    id: String,
    sub: String,
    score: Option<f64>,
    maximum: Option<f64>,
}

/// Notes what a line item shows, by the platform's identifiers of people. What was sent after the reading began may not be
/// in it yet; and another line_item than `asked` shows something else.
pub fn note_results(
    tx: &mut Tx<'_>,
    asked: &Gradebook,
    results: &HashMap<String, CurrentResult>,
    begun: Timestamp,
) -> Result<(), DbError> {
    note_asked(tx, asked.link)?;
    let book = find_gradebook(tx.connection, asked.link)?;
    if book.is_none_or(|book| book.line_item != asked.line_item) {
        return Ok(());
    }
    let is_older = score::sent_at.is_null().or(score::sent_at.lt(begun));
    let of_link = score::resource_link_id.eq(&asked.link);
    let rows: Vec<ShownRow> = score::table
        .inner_join(lti_user::table)
        .filter(of_link.and(is_older))
        .order(score::id)
        .select((score::id, lti_user::sub, score::shown_score, score::shown_maximum))
        .load(tx.connection)?;
    for ShownRow { id, sub, score, maximum } in rows {
        let result = results.get(&sub).copied();
        if result.map(|result| (result.score, result.maximum)) != score.zip(maximum) {
            note_shown(tx, &id, result)?;
        }
    }
    let is_older = score::sent_at.is_null().or(score::sent_at.lt(begun));
    diesel::update(score::table.filter(score::resource_link_id.eq(&asked.link).and(is_older)))
        .set(score::shown_at.eq(tx.now))
        .execute(tx.connection)?;
    Ok(())
}
