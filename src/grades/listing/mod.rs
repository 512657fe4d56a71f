//! The scores of an activity, as a page lists them.

pub mod store;

use super::line_item::{Gradebook, SyncState};
use super::store::ListedScore;
use crate::ids::UserId;
use crate::jobs;

/// What a teacher reads of a score, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GradeState {
    /// The person is in class: the score goes out when they leave.
    InClass,
    /// It is on its way.
    Waiting,
    /// The gradebook took it.
    Sent,
    /// The gradebook did not take it.
    Refused,
    /// It does not go there.
    NotSent,
    /// The person only looked in, and the teacher wants no zeros.
    TooShort,
}

impl GradeState {
    /// The state of a score of somebody who is in class or not.
    pub fn of(score: &ListedScore, is_in_class: bool, book: &Gradebook) -> Self {
        let goes_there = matches!(book.sync_state(), SyncState::Ready | SyncState::Pending);
        match (&score.refused, goes_there) {
            _ if is_in_class => Self::InClass,
            _ if score.is_sent() => Self::Sent,
            (_, false) => Self::NotSent,
            _ if !score.sending.is_worth_sending(book.rules.zeros) => Self::TooShort,
            (Some(_), true) => Self::Refused,
            (None, true) => Self::Waiting,
        }
    }

    /// The word in pages.
    pub fn word(self) -> &'static str {
        match self {
            Self::InClass => "in-class",
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Refused => "refused",
            Self::NotSent => "not-sent",
            Self::TooShort => "too-short",
        }
    }
}

/// A participant who is in class.
#[derive(Clone, Debug)]
pub struct InClass {
    /// Our identifier of the person.
    pub user: UserId,
    /// The person's name.
    pub name: Option<String>,
    /// What stands for a name that the platform does not share.
    pub number: Option<i64>,
    /// Minutes in class so far.
    pub minutes: i64,
}

/// Everything that the page of scores shows.
#[derive(Clone, Debug)]
pub struct ListedGrades {
    /// The gradebook.
    pub book: Gradebook,
    /// The scores, by name.
    pub scores: Vec<ListedScore>,
    /// Participants who are in class.
    pub in_class: Vec<InClass>,
    /// The trouble of the gradebook.
    pub trouble: Option<jobs::store::QueueTrouble>,
    /// Scores that are tried again, and when.
    pub next: Vec<jobs::store::NextTry>,
}
