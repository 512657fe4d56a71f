//! How long to wait after a failure: a pure computation.

use std::time::Duration;

const MIN_LENGTH: Duration = Duration::from_secs(5);
const MAX_LENGTH: Duration = Duration::from_secs(60 * 60);
/// A service that asks for a longer pause is asked again after this.
const MAX_ASKED: Duration = MAX_LENGTH;

/// The pause after the `failures`th failure in a row: 5 seconds, doubled each time up to an hour, a fifth more or less as
/// `dice` says, so that many that failed together do not come back together. A pause that the service asked for is kept.
pub fn pause(failures: i64, asked: Option<Duration>, dice: u8) -> Duration {
    let doublings = u32::try_from(failures.clamp(1, 20) - 1).unwrap_or(0);
    let grown = MIN_LENGTH.saturating_mul(2_u32.saturating_pow(doublings)).min(MAX_LENGTH);
    let spread = grown.mul_f64(0.8 + 0.4 * f64::from(dice) / 255.0);
    asked.map_or(spread, |asked| asked.min(MAX_ASKED).max(spread))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    #[test]
    fn pauses_double_up_to_an_hour() {
        let at =
            |dice| (1..13).map(move |failures| pause(failures, None, dice).as_secs()).collect::<Vec<_>>();
        assert_eq!(at(0), [4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 2880, 2880]);
        assert_eq!(at(255), [6, 12, 24, 48, 96, 192, 384, 768, 1536, 3072, 4320, 4320]);
    }

    #[test]
    fn a_service_is_not_asked_before_it_wants_to_be() {
        assert_eq!(pause(1, Some(secs(120)), 0), secs(120));
        assert_eq!(pause(12, Some(secs(1)), 0), secs(2880));
        assert_eq!(pause(1, Some(secs(10_000_000)), 0), secs(3_600));
    }

    proptest! {
        #[test]
        fn every_pause_has_its_bounds(failures in any::<i64>(), dice in any::<u8>()) {
            let pause = pause(failures, None, dice);
            prop_assert!(pause >= secs(4) && pause <= secs(4320));
        }
    }
}
