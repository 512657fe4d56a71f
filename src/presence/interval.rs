//! Interval arithmetic: from intervals of presence, in any order and from any number of pages, to time in class.

use std::time::Duration;

use crate::clock::Timestamp;

/// A silence of this length is bridged when the person returns.
pub use crate::rooms::meeting::GRACE;

/// A page that says good-bye and whose person is back within this time was reloaded; any longer, and they had left.
pub const RELOAD: Duration = Duration::from_secs(10);

/// How a page's presence ended, as far as is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Nothing was heard since; the page may still be open.
    Silence,
    /// The page said good-bye: Leave was pressed, the call ended, or the page was closed.
    Leave,
}

impl Ending {
    /// How it is stored.
    pub fn of(has_left: bool) -> Self {
        if has_left { Self::Leave } else { Self::Silence }
    }

    /// How long after it a return is bridged.
    pub fn bridged_for(self) -> Duration {
        match self {
            Self::Silence => GRACE,
            Self::Leave => RELOAD,
        }
    }
}

/// A time in which a person was in class, from the first heartbeat to the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Interval {
    /// The first heartbeat.
    pub start: Timestamp,
    /// The last heartbeat; never before `start`.
    pub end: Timestamp,
    /// Who returns until then was in class all the while; never before `end`.
    bridged_until: Timestamp,
}

impl Interval {
    /// Makes the interval from `start` to `end`, which ended so.
    pub fn new(start: Timestamp, end: Timestamp, ending: Ending) -> Self {
        Self { start, end, bridged_until: end.plus(ending.bridged_for()) }
    }

    /// How long it lasts.
    pub fn length(&self) -> Duration {
        self.end.since(self.start)
    }
}

/// The same presence without overlaps: what touches or overlaps becomes one, and so does what a return bridges.
///
/// Two tabs, two devices and reloads so never count twice; the order of `intervals` means nothing. Whoever leaves with one
/// page while another one falls silent is bridged as the silent page is.
pub fn united(intervals: &[Interval]) -> Vec<Interval> {
    let mut sorted = intervals.to_vec();
    sorted.sort_unstable();
    let mut united: Vec<Interval> = Vec::new();
    for next in sorted {
        match united.last_mut() {
            Some(last) if next.start <= last.bridged_until => {
                last.end = last.end.max(next.end);
                last.bridged_until = last.bridged_until.max(next.bridged_until);
            }
            _ => united.push(next),
        }
    }
    united
}

/// The time in class.
pub fn time_in_class(intervals: &[Interval]) -> Duration {
    united(intervals).iter().map(Interval::length).sum()
}

/// Whole minutes: what pages and grades say.
pub fn minutes(time: Duration) -> u64 {
    time.as_secs() / 60
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn interval(start: i64, end: i64) -> Interval {
        Interval::new(Timestamp::from_secs(start), Timestamp::from_secs(end), Ending::Silence)
    }

    fn left(start: i64, end: i64) -> Interval {
        Interval::new(Timestamp::from_secs(start), Timestamp::from_secs(end), Ending::Leave)
    }

    #[test]
    fn two_tabs_and_a_reload_count_once() {
        let intervals = [interval(0, 600), interval(300, 900), interval(960, 1_200)];
        assert_eq!(united(&intervals), [interval(0, 1_200)]);
        assert_eq!(minutes(time_in_class(&intervals)), 20);
    }

    #[test]
    fn a_silence_longer_than_the_grace_is_absence() {
        assert_eq!(time_in_class(&[interval(0, 60), interval(151, 211)]).as_secs(), 120);
        assert_eq!(time_in_class(&[interval(0, 60), interval(150, 210)]).as_secs(), 210);
    }

    #[test]
    fn an_explicit_leave_is_an_end_and_a_silence_is_not() {
        for (intervals, seconds) in [
            // Leave, and back after 76 seconds; the same without a good-bye.
            (vec![left(0, 60), interval(136, 196)], 120),
            (vec![interval(0, 60), interval(136, 196)], 196),
            // A reload says good-bye too.
            (vec![left(0, 60), interval(70, 100)], 100),
            (vec![left(0, 60), interval(71, 100)], 89),
            // The other tab stays, then falls silent: its silence is bridged, whatever the first one said.
            (vec![left(0, 60), interval(0, 130), interval(200, 260)], 260),
            (vec![left(0, 130), interval(0, 120), interval(200, 260)], 260),
            (vec![left(0, 130), interval(0, 100), interval(200, 260)], 190),
            // Both said good-bye.
            (vec![left(0, 130), left(0, 120), interval(200, 260)], 190),
        ] {
            assert_eq!(time_in_class(&intervals).as_secs(), seconds, "{intervals:?}");
        }
    }

    fn some_intervals() -> impl Strategy<Value = Vec<Interval>> {
        let one = (0_i64..20_000, 0_i64..4_000, any::<bool>()).prop_map(|(start, length, has_left)| {
            let (start, end) = (Timestamp::from_secs(start), Timestamp::from_secs(start + length));
            Interval::new(start, end, Ending::of(has_left))
        });
        prop::collection::vec(one, 0..40)
    }

    fn all_ended(intervals: &[Interval], ending: Ending) -> Vec<Interval> {
        intervals.iter().map(|one| Interval::new(one.start, one.end, ending)).collect()
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

        #[test]
        fn a_good_bye_never_adds_time(intervals in some_intervals()) {
            let time = time_in_class(&intervals);
            prop_assert!(time_in_class(&all_ended(&intervals, Ending::Leave)) <= time);
            prop_assert!(time <= time_in_class(&all_ended(&intervals, Ending::Silence)));
        }

        #[test]
        fn who_left_and_stayed_away_for_longer_than_a_reload_was_not_there(
            intervals in some_intervals(), away in 10_001_i64..1_000_000,
        ) {
            let before = all_ended(&intervals, Ending::Leave);
            let last = before.iter().map(|one| one.end).max().unwrap_or(Timestamp::from_secs(0));
            let back = Timestamp::from_millis(last.millis() + away);
            let after = Interval::new(back, back.plus(Duration::from_secs(60)), Ending::Silence);
            let both = [before.clone(), vec![after]].concat();
            prop_assert_eq!(time_in_class(&both), time_in_class(&before) + Duration::from_secs(60));
        }

        #[test]
        fn a_reload_costs_nothing(start in 0_i64..1_000, length in 0_i64..4_000, away in 0_i64..=10) {
            let (gone, back) = (start + length, start + length + away);
            let reloaded = [left(start, gone), interval(back, back + 600)];
            prop_assert_eq!(time_in_class(&reloaded), interval(start, back + 600).length());
        }
    }
}
