//! Queries on `audit_event`.

use diesel::prelude::*;

use crate::clock::Timestamp;
use crate::db::schema::audit_event;
use crate::db::{DbConnection, DbError};
use crate::ids::{Random, row_id};

/// Something that an administrator did or tried.
#[derive(Clone, Debug)]
pub struct Event {
    /// Who.
    pub who: String,
    /// What, in a word: also the key of its name.
    pub action: &'static str,
    /// On what.
    pub subject: String,
    /// How it was before, where that matters.
    pub before: Option<String>,
    /// How it is now.
    pub after: Option<String>,
    /// `done` or `refused`.
    pub outcome: &'static str,
}

impl Event {
    /// Something that was done.
    pub fn done(who: &str, action: &'static str, subject: &str) -> Self {
        Self {
            who: who.to_owned(),
            action,
            subject: subject.to_owned(),
            before: None,
            after: None,
            outcome: "done",
        }
    }

    /// Something that was refused.
    pub fn refused(who: &str, action: &'static str, subject: &str) -> Self {
        Self { outcome: "refused", ..Self::done(who, action, subject) }
    }

    /// The same with how it was before, and how it is now.
    #[must_use]
    pub fn with(self, before: impl Into<Option<String>>, after: impl Into<Option<String>>) -> Self {
        Self { before: before.into(), after: after.into(), ..self }
    }
}

/// Adds a row.
pub fn record(
    connection: &mut DbConnection,
    event: &Event,
    now: Timestamp,
    random: &Random,
) -> Result<(), DbError> {
    diesel::insert_into(audit_event::table)
        .values((
            audit_event::id.eq(row_id(now, random)),
            audit_event::at.eq(now.millis()),
            audit_event::who.eq(&event.who),
            audit_event::action.eq(event.action),
            audit_event::subject.eq(&event.subject),
            audit_event::before.eq(event.before.as_deref()),
            audit_event::after.eq(event.after.as_deref()),
            audit_event::outcome.eq(event.outcome),
        ))
        .execute(connection)?;
    Ok(())
}

/// A row, as administrators see it.
#[derive(Clone, Debug, Queryable)]
pub struct RecordedEvent {
    /// When. Units: milliseconds since the epoch.
    pub at: i64,
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
