//! What launches do not say: when that means that something is gone. The decision, from values alone.
//!
//! Platforms offer services to some roles only, and the settings of one activity may share less than those of another. So
//! what one launch leaves out is not gone: only a teacher's launches, and only several of them over some time, say that
//! a service was switched off. What is told empties a value at once, and so does the service's own refusal.

pub mod store;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

/// So many launches in a row must leave something out,
const LAUNCHES: u32 = 3;
/// and so much time must lie between the first of them and the last.
const SPAN: Duration = Duration::from_secs(24 * 60 * 60);

/// Launches in a row that left something out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silence {
    launches: u32,
    /// From the first of them on.
    since: Timestamp,
}

impl Silence {
    /// The silence in a stored text.
    pub fn parse(stored: &str) -> Option<Self> {
        serde_json::from_str(stored).ok()
    }

    /// The silence as text to store.
    pub fn text(self) -> String {
        format!("{{\"launches\":{},\"since\":{}}}", self.launches, self.since.millis())
    }

    /// The silence with one launch more; `None` when it has lasted long enough. Launches that decide nothing change
    /// nothing either, so that they are not written.
    fn longer(before: Option<Self>, now: Timestamp) -> Option<Self> {
        let Some(before) = before else { return Some(Self { launches: 1, since: now }) };
        let launches = before.launches.saturating_add(1);
        let has_lasted = now.since(before.since) >= SPAN;
        match (launches >= LAUNCHES, has_lasted) {
            (true, true) => None,
            (true, false) => Some(before),
            (false, _) => Some(Self { launches, ..before }),
        }
    }
}

/// Something that launches tell, and how many of them have left it out since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recalled<T> {
    /// As last told.
    pub value: Option<T>,
    /// `None` where the last launch told all of it.
    pub silence: Option<Silence>,
}

/// Whose launch it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// One whose silence counts.
    Deciding,
    /// One who may be told less than others.
    Other,
}

impl<T: Clone + PartialEq> Recalled<T> {
    /// Returns what is known after a launch that tells `told`; `whole` is that together with what was known before.
    #[must_use]
    pub fn after(&self, received: Option<T>, whole: Option<T>, speaker: Speaker, now: Timestamp) -> Self {
        if received == whole {
            return Self { value: received, silence: None };
        }
        match speaker {
            Speaker::Other => Self { value: whole, silence: self.silence },
            Speaker::Deciding => match Silence::longer(self.silence, now) {
                Some(silence) => Self { value: whole, silence: Some(silence) },
                None => Self { value: received, silence: None },
            },
        }
    }

    /// Returns the same for something that has no parts.
    #[must_use]
    pub fn after_single(&self, received: Option<T>, speaker: Speaker, now: Timestamp) -> Self {
        let whole = received.clone().or_else(|| self.value.clone());
        self.after(received, whole, speaker, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600;

    /// What is known after these launches, each by its hour: whether a teacher's, and whether it tells.
    fn after(launches: &[(i64, Speaker, bool)]) -> Option<&'static str> {
        let mut known = Recalled { value: Some("service"), silence: None };
        for (hour, speaker, tells) in launches {
            let now = Timestamp::from_secs(1_000_000 + hour * HOUR);
            known = known.after_single(tells.then_some("service"), *speaker, now);
        }
        known.value
    }

    #[test]
    fn what_one_launch_leaves_out_is_not_gone() {
        use Speaker::{Deciding as T, Other as L};
        let there = Some("service");
        for (launches, expected) in [
            (vec![(0, T, false)], there),
            (vec![(0, L, false), (24, L, false), (48, L, false), (72, L, false)], there),
            (vec![(0, T, false), (1, T, false), (2, T, false), (3, T, false)], there),
            (vec![(0, T, false), (25, T, false)], there),
            (vec![(0, T, false), (1, T, false), (24, T, false)], None),
            (vec![(0, T, false), (1, T, false), (2, T, false), (30, T, false)], None),
            // Whoever is told it ends the silence, whatever the role.
            (vec![(0, T, false), (1, T, false), (2, L, true), (30, T, false)], there),
            // Learners who are told less do not.
            (vec![(0, T, false), (1, L, false), (2, T, false), (3, L, false), (30, T, false)], None),
            (vec![(0, T, false), (1, T, false), (24, T, false), (25, L, true)], there),
        ] {
            assert_eq!(after(&launches), expected, "{launches:?}");
        }
    }

    #[test]
    fn launches_that_decide_nothing_change_nothing() {
        let silence = |launches| Some(Silence { launches, since: Timestamp::EPOCH });
        let known = Recalled { value: Some(1), silence: silence(2) };
        let soon = Timestamp::from_secs(HOUR);
        assert_eq!(known.after_single(None, Speaker::Deciding, soon), known);
        assert_eq!(known.after_single(None, Speaker::Other, soon), known);
        let nothing = Recalled::<u8> { value: None, silence: None };
        assert_eq!(nothing.after_single(None, Speaker::Deciding, soon), nothing);
    }

    #[test]
    fn a_silence_is_stored_as_text() {
        let silence = Silence { launches: 2, since: Timestamp::from_millis(7) };
        assert_eq!(Silence::parse(&silence.text()), Some(silence));
        assert_eq!(serde_json::to_string(&silence).unwrap(), silence.text());
        assert_eq!(Silence::parse("x"), None);
    }
}
