//! How key pairs succeed one another. Others keep our public keys for up to a day: so a key is published more than a day
//! before it signs, and a day after it signed for the last time.

use std::time::Duration;

use crate::clock::Timestamp;

/// So long may others keep what we published.
const NOTICE: Duration = Duration::from_secs(24 * 60 * 60);
/// How long before it signs a key is made. Two hours more than others keep keys: until a minute later some of our
/// processes still publish the set without it, and caches on the way keep that answer for an hour.
pub const HEAD_START: Duration = Duration::from_secs(26 * 60 * 60);

/// What a key pair does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// It is published, and signs later.
    Next,
    /// It signs.
    Signs,
    /// Another one signs; what it signed can be verified until then.
    Old {
        /// When it is withdrawn.
        until: Timestamp,
    },
    /// It is not published any more.
    Retired,
}

impl KeyState {
    /// Its word in lists.
    pub fn word(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Signs => "signs",
            Self::Old { .. } => "old",
            Self::Retired => "retired",
        }
    }
}

/// Which key pair of one purpose signs now, given when each begins to, in the order of their making: the last that has
/// begun, the later made of two that begin together; and the first to begin where none has (another process made it,
/// and its clock is ahead).
pub fn signing(begins: &[Timestamp], now: Timestamp) -> Option<usize> {
    let order = |index: &usize| (begins[*index], *index);
    let begun = (0..begins.len()).filter(|index| begins[*index] <= now).max_by_key(order);
    begun.or_else(|| (0..begins.len()).min_by_key(order))
}

/// What each key pair of one purpose does now, given when each begins to sign, in the order of their making.
pub fn states(begins: &[Timestamp], now: Timestamp) -> Vec<KeyState> {
    let signs = signing(begins, now);
    let state = |(index, &from): (usize, &Timestamp)| {
        if signs == Some(index) {
            return KeyState::Signs;
        }
        if from > now {
            return KeyState::Next;
        }
        let later = (0..begins.len()).filter(|other| (begins[*other], *other) > (from, index));
        // Whatever has begun and does not sign has a successor that has begun.
        let until = later.map(|other| begins[other]).min().unwrap_or(from).plus(NOTICE);
        if until > now { KeyState::Old { until } } else { KeyState::Retired }
    };
    begins.iter().enumerate().map(state).collect()
}

/// Whether the next key pair has to be made, so that it signs `period` after the present one began.
pub fn is_due(begins: &[Timestamp], period: Duration, now: Timestamp) -> bool {
    begins
        .iter()
        .max()
        .is_some_and(|last| *last <= now && last.plus(period.saturating_sub(HEAD_START)) <= now)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOUR: Duration = Duration::from_secs(60 * 60);

    fn at(hours: u32) -> Timestamp {
        Timestamp::EPOCH.plus(HOUR * hours)
    }

    #[test]
    fn a_key_is_published_signs_and_is_withdrawn_a_day_later() {
        let begins = [at(0), at(100)];
        for (now, expected) in [
            (99, [KeyState::Signs, KeyState::Next]),
            (100, [KeyState::Old { until: at(124) }, KeyState::Signs]),
            (123, [KeyState::Old { until: at(124) }, KeyState::Signs]),
            (124, [KeyState::Retired, KeyState::Signs]),
        ] {
            assert_eq!(states(&begins, at(now)), expected, "{now}");
        }
    }

    #[test]
    fn the_next_key_is_made_ahead_and_once() {
        let period = 90 * 24 * HOUR;
        let due = 90 * 24 - 26;
        assert!(!is_due(&[at(0)], period, at(due - 1)));
        assert!(is_due(&[at(0)], period, at(due)));
        assert!(!is_due(&[at(0), at(90 * 24)], period, at(due)));
        assert!(!is_due(&[], period, at(0)));
    }

    #[test]
    fn one_of_those_that_begin_together_signs() {
        let old = KeyState::Old { until: at(124) };
        assert_eq!(states(&[at(0), at(100), at(100)], at(100)), [old, old, KeyState::Signs]);
    }

    #[test]
    fn a_key_of_a_process_whose_clock_is_ahead_signs_where_it_is_the_only_one() {
        assert_eq!(states(&[at(2), at(26)], at(1)), [KeyState::Signs, KeyState::Next]);
        assert_eq!(signing(&[], at(1)), None);
    }

    proptest! {
        /// Keys are made at any moments; whoever keeps what was published for up to a day can always verify.
        #[test]
        fn what_is_signed_can_be_verified_for_a_day(
            pauses in proptest::collection::vec(prop_oneof![Just(0_u32), 0_u32..200], 0..6),
            signed_at in 0_u32..1000,
            kept_for in 0_u32..=24,
        ) {
            let mut made = vec![0];
            for pause in pauses {
                made.push(made[made.len() - 1] + pause);
            }
            // Some are made together; the first signs at once.
            let begins: Vec<u32> =
                made.iter().enumerate().map(|(index, made)| if index == 0 { 0 } else { made + 26 }).collect();
            let moments: Vec<Timestamp> = begins.iter().map(|hours| at(*hours)).collect();
            let now = states(&moments, at(signed_at));
            let signing: Vec<usize> =
                (0..now.len()).filter(|index| now[*index] == KeyState::Signs).collect();
            prop_assert_eq!(signing.len(), 1);
            // Published when it signed, a day before, and a day after.
            let published = |hour: u32| states(&moments, at(hour))[signing[0]] != KeyState::Retired;
            prop_assert!(published(signed_at) && published(signed_at + kept_for.min(23)));
            prop_assert!(signing[0] == 0 || signed_at >= made[signing[0]] + 26);
        }
    }
}
