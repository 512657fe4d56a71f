//! Interval arithmetic: from stretches of presence, in any order and from any number of pages, to time in class.

use std::time::Duration;

use crate::clock::Timestamp;

/// A silence of this length is bridged when the person returns: a reload, a tunnel, a laptop lid.
pub const GRACE: Duration = Duration::from_secs(90);

/// A stretch of time in which a person was in class, from the first sign of life to the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Interval {
    /// The first sign of life.
    pub start: Timestamp,
    /// The last sign of life; never before `start`.
    pub end: Timestamp,
}

impl Interval {
    /// How long it lasts.
    pub fn length(&self) -> Duration {
        self.end.since(self.start)
    }
}

/// The same presence without overlaps: what touches, overlaps or lies less than [`GRACE`] apart becomes one.
///
/// Two tabs, two devices and reloads so never count twice; the order of `intervals` means nothing.
pub fn united(intervals: &[Interval]) -> Vec<Interval> {
    let mut sorted = intervals.to_vec();
    sorted.sort_unstable();
    let mut united: Vec<Interval> = Vec::new();
    for next in sorted {
        match united.last_mut() {
            Some(last) if next.start.since(last.end) <= GRACE => last.end = last.end.max(next.end),
            _ => united.push(next),
        }
    }
    united
}

/// The time in class.
pub fn time_in_class(intervals: &[Interval]) -> Duration {
    united(intervals).iter().map(Interval::length).sum()
}

/// Whole minutes: what pages and marks say.
pub fn minutes(time: Duration) -> u64 {
    time.as_secs() / 60
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn interval(start: i64, end: i64) -> Interval {
        Interval { start: Timestamp::from_secs(start), end: Timestamp::from_secs(end) }
    }

    #[test]
    fn two_tabs_and_a_reload_count_once() {
        let stretches = [interval(0, 600), interval(300, 900), interval(960, 1_200)];
        assert_eq!(united(&stretches), [interval(0, 1_200)]);
        assert_eq!(minutes(time_in_class(&stretches)), 20);
    }

    #[test]
    fn a_silence_longer_than_the_grace_is_absence() {
        assert_eq!(time_in_class(&[interval(0, 60), interval(151, 211)]).as_secs(), 120);
        assert_eq!(time_in_class(&[interval(0, 60), interval(150, 210)]).as_secs(), 210);
    }

    fn some_intervals() -> impl Strategy<Value = Vec<Interval>> {
        let one = (0_i64..20_000, 0_i64..4_000).prop_map(|(start, length)| interval(start, start + length));
        prop::collection::vec(one, 0..40)
    }

    proptest! {
        #[test]
        fn the_order_means_nothing(mut intervals in some_intervals(), seed in any::<u64>()) {
            let before = united(&intervals);
            let shift = usize::try_from(seed % 41).unwrap();
            let length = intervals.len().max(1);
            intervals.rotate_left(shift % length);
            intervals.reverse();
            prop_assert_eq!(united(&intervals), before);
        }

        #[test]
        fn uniting_twice_changes_nothing(intervals in some_intervals()) {
            let once = united(&intervals);
            prop_assert_eq!(united(&once), once);
        }

        #[test]
        fn counting_a_stretch_twice_changes_nothing(intervals in some_intervals()) {
            let doubled = [intervals.clone(), intervals.clone()].concat();
            prop_assert_eq!(time_in_class(&doubled), time_in_class(&intervals));
        }

        #[test]
        fn nobody_is_longer_in_class_than_the_clock_ran(intervals in some_intervals()) {
            let first = intervals.iter().map(|interval| interval.start).min();
            let last = intervals.iter().map(|interval| interval.end).max();
            let wall = last.zip(first).map_or(Duration::ZERO, |(last, first)| last.since(first));
            prop_assert!(time_in_class(&intervals) <= wall);
        }

        #[test]
        fn another_stretch_never_takes_time_away(intervals in some_intervals(), more in some_intervals()) {
            let both = [intervals.clone(), more].concat();
            prop_assert!(time_in_class(&both) >= time_in_class(&intervals));
        }
    }
}
