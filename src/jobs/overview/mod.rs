//! The jobs as an operator sees them: what waits, what fails, what was given up, and another try.

use crate::clock::Timestamp;

pub mod store;

/// How jobs stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JobState {
    /// Not tried yet.
    Waiting,
    /// Failed, and tried again by itself.
    Failing,
    /// Failed for good, unless somebody requests for another try.
    GivenUp,
}

impl JobState {
    /// All of them, the worst first.
    pub const ALL: [Self; 3] = [Self::GivenUp, Self::Failing, Self::Waiting];

    /// Its word on pages and in forms.
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Failing => "failing",
            Self::GivenUp => "given-up",
        }
    }
}

/// Jobs that stand alike: the same service, the same work, the same error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobGroup {
    /// How they stand.
    pub state: JobState,
    /// The outside service that they need.
    pub queue: String,
    /// Names the worker.
    pub kind: String,
    /// The last failure's code.
    pub reason: Option<String>,
    /// How many.
    pub count: i64,
    /// Since when the oldest is wished for.
    pub since: Timestamp,
    /// When the next is tried, unless its service is in trouble.
    pub next: Timestamp,
    /// The trouble of the service.
    pub trouble: Option<Outage>,
}

/// Trouble of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// Since when.
    pub since: Timestamp,
    /// When it is tried again.
    pub next: Timestamp,
}

/// What a job does, and about what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobSubject {
    /// Names the worker.
    pub kind: String,
    /// What the work is about.
    pub subject: String,
}

/// A job of a group.
#[derive(Clone, Debug, PartialEq, Eq, diesel::Queryable)]
pub struct JobLine {
    /// The row.
    pub id: String,
    /// What the work is about.
    pub subject: String,
    /// How often it failed.
    pub attempts: i64,
}

/// Which failed jobs are tried again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobSelection {
    /// One.
    One(String),
    /// Those of a service that do the same work.
    Alike {
        /// The service.
        queue: String,
        /// The work.
        kind: String,
        /// The last failure's code.
        reason: Option<String>,
    },
    /// All.
    All,
}

/// The queue in numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobFigures {
    /// Jobs that are not given up.
    pub open: i64,
    /// Of these, those that failed.
    pub failing: i64,
    /// Jobs that are given up.
    pub given_up: i64,
    /// Since when the oldest job should have run.
    pub overdue_since: Option<Timestamp>,
}
