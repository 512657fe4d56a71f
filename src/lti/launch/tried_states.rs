//! How often each login state was tried: states are given to anybody, and each try costs a verification.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::login::LoginState;
use crate::clock::Timestamp;
use crate::sealing::sealed::Sealed as _;

/// A person reloads a page, or goes back, some times; whoever tries more often guesses.
const MAX_TRIES: u8 = 5;
/// A generation of states ends after this time, or with so many.
const GENERATION: Duration = LoginState::TTL;
const MAX_STATES: usize = 50_000;

/// The tries of the states that were tried lately: counted in this process, before anything that costs more.
///
/// Two generations are kept, so that a state is remembered for as long as it lives, and memory stays bounded: a stranger
/// who wants a state forgotten has to try fifty thousand others.
#[derive(Default)]
pub struct TriedStates {
    hasher: RandomState,
    tries: Mutex<Generations>,
}

#[derive(Default)]
struct Generations {
    present: HashMap<u64, u8>,
    before: HashMap<u64, u8>,
    since: Option<Timestamp>,
}

impl TriedStates {
    /// Counts a try of the state with this nonce; whether it may go on.
    pub fn admits(&self, nonce: &str, now: Timestamp) -> bool {
        let key = self.hasher.hash_one(nonce);
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        tries.turn(now);
        let before = tries.before.get(&key).copied().unwrap_or(0);
        let present = tries.present.entry(key).or_insert(before);
        *present = present.saturating_add(1);
        *present <= MAX_TRIES
    }
}

impl Generations {
    fn turn(&mut self, now: Timestamp) {
        let is_over = self.since.is_none_or(|since| now.since(since) >= GENERATION);
        if is_over || self.present.len() >= MAX_STATES {
            self.before = std::mem::take(&mut self.present);
            self.since = Some(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: u64) -> Timestamp {
        Timestamp::from_secs(1_000_000).plus(Duration::from_secs(secs))
    }

    #[test]
    fn a_state_may_be_tried_a_few_times() {
        let states = TriedStates::default();
        let admitted = (0..1_000).filter(|n| states.admits("a", at(n / 2))).count();
        assert_eq!(admitted, usize::from(MAX_TRIES));
        assert!(states.admits("b", at(1)), "another state has tries of its own");
        // As long as a state lives it is remembered.
        assert!(
            !states.admits("a", at(599)) && !states.admits("a", at(601)) && !states.admits("a", at(1_200))
        );
    }

    #[test]
    fn memory_is_bounded() {
        let states = TriedStates::default();
        for n in 0..3 * MAX_STATES {
            states.admits(&n.to_string(), at(0));
        }
        let tries = states.tries.lock().unwrap();
        assert!(tries.present.len() <= MAX_STATES && tries.before.len() <= MAX_STATES);
    }
}
