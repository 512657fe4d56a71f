//! Simulated people, whom the server does not know: they come in as everybody does.

use serde::Serialize;

/// Fills rooms with simulated people.
pub trait Crowd: Send + Sync {
    /// Begins to fill the room.
    ///
    /// # Errors
    /// Why not now, in a sentence.
    fn fill(&self, room: &str) -> Result<(), String>;

    /// How far it is in that room; `None` where nothing was begun.
    fn progress(&self, room: &str) -> Option<Progress>;
}

/// How far a simulated class is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "phase", rename_all = "lowercase")]
pub enum Progress {
    /// The people are on their way.
    Gathering,
    /// The class goes on.
    Running {
        /// The minute that has begun.
        minute: u64,
        /// How many minutes the class lasts.
        minutes: u64,
    },
    /// Everybody left again.
    Over {
        /// The gradebook of the course.
        gradebook: String,
    },
    /// It could not be held.
    Failed {
        /// Why, in a sentence.
        reason: String,
    },
}
