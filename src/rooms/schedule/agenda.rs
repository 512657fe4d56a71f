//! What comes next in a room.

use chrono_tz::Tz;

use super::occurrence::Occurrence;
use crate::clock::Timestamp;

/// The dates of a room that matter now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agenda {
    /// The zone of the course.
    pub zone: Tz,
    /// The date that goes on now, or else the next one.
    pub next: Option<Occurrence>,
    /// Those before it that were cancelled; where there is none, all that are still to come.
    pub cancelled: Vec<Occurrence>,
}

impl Agenda {
    /// Returns what matters of the dates that are not over, the earliest first.
    pub fn new(zone: Tz, to_come: Vec<Occurrence>) -> Self {
        let mut agenda = Self { zone, next: None, cancelled: Vec::new() };
        for one in to_come {
            if one.takes_place() {
                agenda.next = Some(one);
                break;
            }
            agenda.cancelled.push(one);
        }
        agenda
    }

    /// Returns when the present or next class ends.
    pub fn ends(&self) -> Option<Timestamp> {
        self.next.as_ref().map(|one| one.ends)
    }

    /// Returns the date that goes on now.
    pub fn present(&self, now: Timestamp) -> Option<&Occurrence> {
        self.next.as_ref().filter(|one| one.begins <= now)
    }
}
