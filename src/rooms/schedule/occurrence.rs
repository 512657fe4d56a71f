//! A date on which a class takes place.

use crate::clock::Timestamp;
use crate::db::columns::{self, AsExpression, FromSqlRow, stored_as_word};
use crate::ids::OccurrenceId;

/// Notes are a sentence or two.
pub const MAX_NOTE: usize = 300;

/// A date of a class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// Our identifier.
    pub id: OccurrenceId,
    /// When the plan says that it begins.
    pub planned: Timestamp,
    /// When it begins.
    pub begins: Timestamp,
    /// When it ends.
    pub ends: Timestamp,
    /// Whether it takes place.
    pub state: OccurrenceState,
    /// What its teacher says about it; may be empty.
    pub note: String,
    /// How often it was changed.
    ///
    /// Spec: RFC 5545 §3.8.7.4, SEQUENCE.
    pub sequence: i64,
}

/// Whether a date takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = columns::OccurrenceState)]
pub enum OccurrenceState {
    /// It does.
    Planned,
    /// It does not, and people are told.
    Cancelled,
}

stored_as_word!(OccurrenceState, columns::OccurrenceState);

impl OccurrenceState {
    /// Returns the word in the database, in pages and in texts.
    pub fn word(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Cancelled => "cancelled",
        }
    }

    /// Returns the state that `word` means.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Planned, Self::Cancelled].into_iter().find(|state| state.word() == word)
    }
}

impl Occurrence {
    /// Returns whether it takes place.
    pub fn takes_place(&self) -> bool {
        self.state == OccurrenceState::Planned
    }

    /// Returns whether it is over.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.ends <= now
    }

    /// Returns whether it was moved away from the plan.
    pub fn is_moved(&self) -> bool {
        self.begins != self.planned
    }
}
