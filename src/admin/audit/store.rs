//! Queries on `audit_event` and `audit_refusal`.

use diesel::prelude::*;

use super::action::{Action, AuditOutcome};
use super::{EVENT_TTL, REFUSAL_TTL};
use crate::clock::Timestamp;
use crate::db::schema::{audit_event, audit_refusal};
use crate::db::{DbConnection, DbError, Tx};
use crate::ids::row_id;
use crate::on_each_backend;

/// Longest name of a person or a subject. Units: characters.
const MAX_NAME: usize = 200;
/// Longest description of what was, and of what is now: an operator's own values fit. Units: characters.
const MAX_VALUE: usize = 10_000;
const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// Something that an administrator did or tried.
#[derive(Clone, Debug)]
pub struct Event {
    /// Who.
    pub who: String,
    /// What.
    pub action: Action,
    /// On what.
    pub subject: String,
    /// How it was before, where that matters.
    pub before: Option<String>,
    /// How it is now.
    pub after: Option<String>,
    /// What became of it.
    pub outcome: AuditOutcome,
}

impl Event {
    /// Something that was done.
    pub fn done(who: &str, action: Action, subject: &str) -> Self {
        Self {
            who: cut(who, MAX_NAME),
            action,
            subject: cut(subject, MAX_NAME),
            before: None,
            after: None,
            outcome: AuditOutcome::Done,
        }
    }

    /// Something that was refused.
    pub fn refused(who: &str, action: Action, subject: &str) -> Self {
        Self { outcome: AuditOutcome::Refused, ..Self::done(who, action, subject) }
    }

    /// The same with how it was before, and how it is now.
    #[must_use]
    pub fn with(self, before: impl Into<Option<String>>, after: impl Into<Option<String>>) -> Self {
        let value = |text: String| cut(&text, MAX_VALUE);
        Self { before: before.into().map(value), after: after.into().map(value), ..self }
    }
}

/// The text as far as it is stored: what strangers type has no other bound.
fn cut(text: &str, longest: usize) -> String {
    text.chars().filter(|letter| *letter != '\0').take(longest).collect()
}

/// Adds a row, and forgets those that are too old.
pub fn record(tx: &mut Tx<'_>, event: &Event) -> Result<(), DbError> {
    diesel::insert_into(audit_event::table)
        .values((
            audit_event::id.eq(row_id(tx.now, tx.random)),
            audit_event::at.eq(tx.now),
            audit_event::who.eq(&event.who),
            audit_event::action.eq(event.action.code()),
            audit_event::subject.eq(&event.subject),
            audit_event::before.eq(event.before.as_deref()),
            audit_event::after.eq(event.after.as_deref()),
            audit_event::outcome.eq(event.outcome.code()),
        ))
        .execute(tx.connection)?;
    let old = audit_event::table.filter(audit_event::at.lt(tx.now.minus(EVENT_TTL)));
    diesel::delete(old).execute(tx.connection)?;
    Ok(())
}

/// Adds refusals to the count of their day, and forgets counts that are too old.
pub fn count_refusals(tx: &mut Tx<'_>, event: &Event, more: i64) -> Result<(), DbError> {
    let last = (audit_refusal::last_at.eq(tx.now), audit_refusal::last_subject.eq(&event.subject));
    let row = (
        audit_refusal::who.eq(&event.who),
        audit_refusal::action.eq(event.action.code()),
        audit_refusal::day.eq(tx.now.millis().div_euclid(DAY_MILLIS)),
        audit_refusal::count.eq(more),
        last,
    );
    on_each_backend!(tx.connection, |inner| diesel::insert_into(audit_refusal::table)
        .values(row)
        .on_conflict((audit_refusal::who, audit_refusal::action, audit_refusal::day))
        .do_update()
        .set((audit_refusal::count.eq(audit_refusal::count + more), last))
        .execute(inner))?;
    let oldest = tx.now.minus(REFUSAL_TTL).millis().div_euclid(DAY_MILLIS);
    diesel::delete(audit_refusal::table.filter(audit_refusal::day.lt(oldest))).execute(tx.connection)?;
    Ok(())
}

/// How often somebody was refused something on one day.
#[derive(Clone, Debug, Queryable)]
pub struct RefusalTotal {
    /// Who.
    pub who: String,
    /// What.
    pub action: String,
    /// How often, at least.
    pub count: i64,
    /// When last.
    pub last_at: Timestamp,
    /// On what, the last time.
    pub last_subject: String,
}

/// The newest counts of refusals.
pub fn list_refusals(connection: &mut DbConnection, most: i64) -> Result<Vec<RefusalTotal>, DbError> {
    Ok(audit_refusal::table
        .order((audit_refusal::day.desc(), audit_refusal::last_at.desc()))
        .select((
            audit_refusal::who,
            audit_refusal::action,
            audit_refusal::count,
            audit_refusal::last_at,
            audit_refusal::last_subject,
        ))
        .limit(most)
        .load(connection)?)
}

/// A row, as administrators see it.
#[derive(Clone, Debug, Queryable)]
pub struct RecordedEvent {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub who: String,
    /// What.
    pub action: String,
    /// On what.
    pub subject: String,
    /// How it was before.
    pub before: Option<String>,
    /// How it is now.
    pub after: Option<String>,
    /// `done` or `refused`.
    pub outcome: String,
}

/// The last events whose subject, person or action holds `wanted`, newest first.
pub fn list(connection: &mut DbConnection, wanted: &str, most: i64) -> Result<Vec<RecordedEvent>, DbError> {
    let escaped = wanted.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    let pattern = format!("%{escaped}%");
    Ok(audit_event::table
        .filter(
            audit_event::subject
                .like(pattern.clone())
                .escape('\\')
                .or(audit_event::who.like(pattern.clone()).escape('\\'))
                .or(audit_event::action.like(pattern).escape('\\')),
        )
        .order((audit_event::at.desc(), audit_event::id.desc()))
        .select((
            audit_event::at,
            audit_event::who,
            audit_event::action,
            audit_event::subject,
            audit_event::before,
            audit_event::after,
            audit_event::outcome,
        ))
        .limit(most)
        .load(connection)?)
}
