//! How key pairs succeed one another. Others keep our public keys for up to a day: so a key is published a day before it
//! signs, and a day after it signed for the last time.

use std::time::Duration;

use crate::clock::Timestamp;

/// So long may others keep what we published.
pub const NOTICE: Duration = Duration::from_secs(24 * 60 * 60);

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

/// What each key pair of one purpose does now, given when each begins to sign; in any order.
pub fn states(begins: &[Timestamp], now: Timestamp) -> Vec<KeyState> {
    let state = |&from: &Timestamp| {
        if from > now {
            return KeyState::Next;
        }
        match begins.iter().filter(|other| **other > from).min() {
            Some(successor) if *successor <= now => {
                let until = successor.plus(NOTICE);
                if until > now { KeyState::Old { until } } else { KeyState::Retired }
            }
            Some(_) | None => KeyState::Signs,
        }
    };
    begins.iter().map(state).collect()
}

/// Whether the next key pair has to be made, so that it signs `period` after the present one began.
pub fn is_due(begins: &[Timestamp], period: Duration, now: Timestamp) -> bool {
    begins.iter().max().is_some_and(|last| *last <= now && last.plus(period.saturating_sub(NOTICE)) <= now)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOUR: Duration = Duration::from_secs(60 * 60);

    fn at(hours: u32) -> Timestamp {
        Timestamp::from_millis(0).plus(HOUR * hours)
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
    fn the_next_key_is_made_a_day_ahead_and_once() {
        let period = 90 * 24 * HOUR;
        assert!(!is_due(&[at(0)], period, at(89 * 24 - 1)));
        assert!(is_due(&[at(0)], period, at(89 * 24)));
        assert!(!is_due(&[at(0), at(90 * 24)], period, at(89 * 24)));
        assert!(!is_due(&[], period, at(0)));
    }

    proptest! {
        /// Keys are made at any moments; whoever keeps what was published for up to a day can always verify.
        #[test]
        fn what_is_signed_can_be_verified_for_a_day(
            pauses in proptest::collection::vec(0_u32..200, 0..6),
            signed_at in 0_u32..1000,
            kept_for in 0_u32..=24,
        ) {
            let mut made = vec![0];
            for pause in pauses {
                made.push(made[made.len() - 1] + pause);
            }
            // Each but the first signs a day after it was made, as long as no two begin at once.
            let mut begins: Vec<u32> =
                made.iter().enumerate().map(|(index, made)| if index == 0 { 0 } else { made + 24 }).collect();
            begins.dedup();
            made.truncate(begins.len());
            let moments: Vec<Timestamp> = begins.iter().map(|hours| at(*hours)).collect();
            let now = states(&moments, at(signed_at));
            let signing: Vec<usize> =
                (0..now.len()).filter(|index| now[*index] == KeyState::Signs).collect();
            prop_assert_eq!(signing.len(), 1);
            // Published when it signed, a day before, and a day after.
            let published = |hour: u32| states(&moments, at(hour))[signing[0]] != KeyState::Retired;
            prop_assert!(published(signed_at) && published(signed_at + kept_for.min(23)));
            prop_assert!(signing[0] == 0 || signed_at >= made[signing[0]] + 24);
        }
    }
}
