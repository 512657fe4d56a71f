//! Clocks of a platform's services that are wrong, as its page tells of them.

use serde::Serialize;

use crate::lti::services::clock::is_believed;
use crate::lti::services::clock::store::WrongClock;

/// A clock that is wrong.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct ClockLine {
    host: String,
    service: &'static str,
    /// `fast` or `slow`.
    way: &'static str,
    /// `minutes`, `hours` or `days`.
    unit: &'static str,
    count: u64,
    /// Whether grades go by it.
    is_believed: bool,
    seen: String,
}

impl ClockLine {
    /// The line of a clock.
    pub fn new(clock: WrongClock) -> Self {
        let minutes = clock.ahead.unsigned_abs() / 60;
        let (unit, count) = match minutes {
            0..120 => ("minutes", minutes),
            120..2880 => ("hours", minutes / 60),
            _ => ("days", minutes / 1440),
        };
        Self {
            way: if clock.ahead > 0 { "fast" } else { "slow" },
            is_believed: is_believed(clock.ahead),
            seen: clock.seen_at.iso(),
            host: clock.host,
            service: clock.service.word(),
            unit,
            count,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::lti::services::clock::ServiceKind;

    #[test]
    fn how_far_a_clock_is_off_is_told_in_the_largest_unit_that_fits() {
        for (ahead, way, unit, count, is_believed) in [
            (61, "fast", "minutes", 1, true),
            (-300, "slow", "minutes", 5, true),
            (7_200, "fast", "hours", 2, true),
            (-86_401, "slow", "hours", 24, false),
            (3_650 * 86_400, "fast", "days", 3_650, false),
            (i64::MIN, "slow", "days", 106_751_991_167_300, false),
        ] {
            let (host, service) = ("lms.example".to_owned(), ServiceKind::Gradebook);
            let line = ClockLine::new(WrongClock { host, service, ahead, seen_at: Timestamp::EPOCH });
            assert_eq!(
                (line.way, line.unit, line.count, line.is_believed),
                (way, unit, count, is_believed),
                "{ahead}"
            );
        }
    }
}
