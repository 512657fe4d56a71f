//! The audit log: who did what, and who was refused. What administrators do is written down one by one; what strangers
//! try is counted, so that nobody fills the log from outside, and nobody hides in it.

pub mod action;
pub mod store;
pub mod web;

use std::time::Duration;

/// Who comes without a session, in the words of the audit log.
pub const NOBODY: &str = "nobody";
/// Who types commands at the terminal, in the words of the log.
pub const TERMINAL: &str = "terminal";
/// Refusals are limited by the number of them within this time.
pub const REFUSAL_WINDOW: Duration = Duration::from_secs(60);
/// Refusals of one kind that are written one by one within [`REFUSAL_WINDOW`].
const MAX_SINGLE: u64 = 30;
/// How long events are kept.
pub const EVENT_TTL: Duration = Duration::from_secs(2 * 365 * 24 * 60 * 60);
/// How long counts of refusals are kept.
pub const REFUSAL_TTL: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Who was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Somebody without any session.
    Nobody,
    /// Somebody who proved something, such as an identity at the provider or an invitation, and is no administrator.
    Outsider,
    /// Somebody who has, or had, a session of administration.
    Administrator,
}

/// What is written of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalEntry {
    /// An event of its own.
    Event,
    /// So many more in the count of its kind.
    Count(u64),
    /// Nothing until there are more.
    Nothing,
}

impl Refused {
    /// Returns what is written of the refusal number `nth` of its kind within [`REFUSAL_WINDOW`].
    ///
    /// Refusals beyond the first ones are written at each doubling, so that a flood costs a handful of rows and its size is
    /// still known to within a factor of two.
    pub fn entry(self, nth: u64) -> RefusalEntry {
        let is_early = nth <= MAX_SINGLE;
        match self {
            Self::Outsider | Self::Administrator if is_early => RefusalEntry::Event,
            Self::Nobody if is_early => RefusalEntry::Count(1),
            _ if nth == MAX_SINGLE + 1 => RefusalEntry::Count(1),
            _ => match (nth - 1).checked_sub(MAX_SINGLE) {
                Some(beyond) if beyond.is_power_of_two() => RefusalEntry::Count(beyond.div_ceil(2)),
                _ => RefusalEntry::Nothing,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(who: Refused, refusals: u64) -> (u64, u64, u64) {
        let mut sums = (0, 0, 0);
        for nth in 1..=refusals {
            match who.entry(nth) {
                RefusalEntry::Event => sums.0 += 1,
                RefusalEntry::Count(more) => {
                    sums.1 += more;
                    sums.2 += 1;
                }
                RefusalEntry::Nothing => {}
            }
        }
        sums
    }

    #[test]
    fn what_strangers_try_is_counted_and_what_administrators_are_refused_is_written_down() {
        for (who, refusals, events, counted) in [
            (Refused::Nobody, 30, 0, 30),
            (Refused::Administrator, 30, 30, 0),
            (Refused::Outsider, 31, 30, 1),
            (Refused::Administrator, 32, 30, 2),
        ] {
            let (rows, count, _) = written(who, refusals);
            assert_eq!((rows, count), (events, counted), "{who:?} {refusals}");
        }
    }

    #[test]
    fn a_flood_is_known_to_within_a_factor_of_two_and_costs_a_handful_of_writes() {
        for refusals in [100, 1_000, 100_000] {
            let (_, count, writes) = written(Refused::Nobody, refusals);
            assert!(count <= refusals && count * 2 >= refusals, "{count} of {refusals}");
            assert!(writes < 60, "{writes}");
        }
    }
}
