//! Simulated classes, as the server sees them: their students join as everybody does.

use serde::Serialize;

/// Simulates classes in rooms.
pub trait ClassSimulator: Send + Sync {
    /// Starts a class in the room.
    ///
    /// # Errors
    /// Why it can't be started, in a sentence.
    fn start(&self, room: &str) -> Result<(), String>;

    /// Returns how far the class in that room is; `None` if none was started.
    fn progress(&self, room: &str) -> Option<ClassProgress>;
}

/// How far a simulated class is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "phase", rename_all = "lowercase")]
pub enum ClassProgress {
    /// The students are on their way.
    Gathering,
    /// The class is running.
    Running {
        /// The minute that has begun.
        minute: u64,
        /// How many minutes the class lasts.
        minutes: u64,
    },
    /// Everybody has left.
    Over {
        /// The gradebook of the course.
        gradebook: String,
    },
    /// The class failed.
    Failed {
        /// Why, in a sentence.
        reason: String,
    },
}
