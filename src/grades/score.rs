//! From minutes to marks in the platform's gradebook: the decisions, from values alone.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::jobs::Fate;
use crate::lti::families::profile::Meaning;
use crate::lti::services::ags::SCORE_MAXIMUM;
use crate::presence::interval::{Interval, minutes, time_in_class};

/// Longer than this nothing waits for a clock: what is further ahead was written by one that was wrong.
const MAX_WAIT_SECS: i64 = 120;

/// A page that says good-bye may be a reload: a mark waits this long for the person to come back.
pub const LEAVING: Duration = Duration::from_secs(10);

/// Returns a person's united time in class, in whole minutes.
pub fn whole_minutes(stretches: &[Interval]) -> i64 {
    i64::try_from(minutes(time_in_class(stretches))).unwrap_or(i64::MAX)
}

/// Time in class against the time for the full mark. Units: minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Never more than the target: a longer stay is no other mark.
    pub minutes: i64,
    /// Minutes for the full mark.
    pub target: i64,
}

impl Mark {
    /// The mark for `minutes` in class.
    pub fn new(minutes: i64, target: i64) -> Self {
        Self { minutes: minutes.clamp(0, target.max(1)), target: target.max(1) }
    }

    /// The score, of [`SCORE_MAXIMUM`], with two decimals.
    pub fn given(self) -> f64 {
        let hundredths = (self.minutes * i64::from(SCORE_MAXIMUM) * 100 + self.target / 2) / self.target;
        f64::from(i32::try_from(hundredths).unwrap_or(i32::MAX)) / 100.0
    }
}

/// A score's history with the gradebook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sending {
    /// The mark that should be there.
    pub wanted: Mark,
    /// The mark that was sent last.
    pub sent: Option<Mark>,
    /// The last timestamp sent. Units: seconds by the platform's clock.
    pub stamp: Option<i64>,
    /// How often in a row the gradebook said that it holds something newer.
    pub conflicts: i64,
}

/// What to do about a score now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The gradebook has it.
    Nothing,
    /// Not before the next second: no two scores of one person in one second.
    Wait(Duration),
    /// It goes out with this timestamp, by the platform's clock.
    Send(Timestamp),
}

impl Sending {
    /// Whether the mark should go out. Nobody gets a 0 for looking in, unless the teacher wants that (`zeros`); a mark that
    /// was sent is corrected all the same.
    pub fn is_worth_sending(&self, zeros: bool) -> bool {
        self.sent != Some(self.wanted) && (zeros || self.wanted.minutes > 0 || self.sent.is_some())
    }

    /// The next step, when it is `platform_time` at the platform.
    ///
    /// A timestamp from far ahead was sent by a clock that was wrong. The present is tried first, since most gradebooks
    /// remember their own time. One that answers that it holds something newer can only mean ours: nobody else's is from
    /// the future. So the next one follows it.
    pub fn step(&self, platform_time: Timestamp) -> Step {
        if self.sent == Some(self.wanted) {
            return Step::Nothing;
        }
        let next = self.stamp.map_or(i64::MIN, |stamp| stamp.saturating_add(1));
        match next.saturating_sub(platform_time.secs()) {
            ..=0 => Step::Send(platform_time),
            ahead @ 1..=MAX_WAIT_SECS => Step::Wait(Duration::from_secs(ahead.unsigned_abs())),
            _ if self.conflicts == 0 => Step::Send(platform_time),
            _ => Step::Send(Timestamp::from_secs(next)),
        }
    }
}

/// Why a gradebook did not take a mark: each has a sentence for teachers.
pub const REASONS: [&str; 9] = [
    "not-a-learner",
    "no-gradable-role",
    "grade-locked",
    "column-gone",
    "not-allowed",
    "superseded",
    "attempts-used-up",
    "rejected",
    "gave-up",
];

/// What an answer to a score changes in the score's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The gradebook has it.
    Sent,
    /// The gradebook holds something newer; another try may do.
    Conflict,
    /// The gradebook holds something newer, twice: whoever reads it may want to know what.
    Superseded,
    /// The gradebook did not take it, for this reason.
    Refused(&'static str),
    /// The column is gone: the platform may have another one.
    ColumnGone,
    /// Nobody knows what became of it.
    Unknown,
}

/// What an answer means for the score and for its job. `conflicts` is how often in a row it was called old before.
pub fn judge(meaning: Meaning, conflicts: i64, (now, is_last_chance): (Timestamp, bool)) -> (Change, Fate) {
    let refused = |reason| (Change::Refused(reason), Fate::Failed { reason });
    let again = |reason| Fate::Again { reason, shared: false, after: None };
    match meaning {
        Meaning::Accepted => (Change::Sent, Fate::Done),
        Meaning::Older if conflicts == 0 => {
            (Change::Conflict, Fate::NotBefore(now.plus(Duration::from_secs(1))))
        }
        Meaning::Older => (Change::Superseded, Fate::Failed { reason: "superseded" }),
        Meaning::NotALearner => refused("not-a-learner"),
        Meaning::NoGradableRole => refused("no-gradable-role"),
        Meaning::ColumnGone => (Change::ColumnGone, Fate::Failed { reason: "column-gone" }),
        Meaning::NotAllowed => refused("not-allowed"),
        Meaning::AttemptsUsedUp => refused("attempts-used-up"),
        Meaning::Rejected => refused("rejected"),
        Meaning::Locked if is_last_chance => refused("grade-locked"),
        Meaning::Locked => (Change::Refused("grade-locked"), again("grade-locked")),
        Meaning::Broken | Meaning::Down | Meaning::Busy | Meaning::TokenRefused if is_last_chance => {
            refused("gave-up")
        }
        Meaning::Broken | Meaning::Down | Meaning::Busy | Meaning::TokenRefused => {
            (Change::Unknown, again("error"))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_mark_is_the_share_of_the_target() {
        for (minutes, target, given) in [
            (0, 45, 0.0),
            (37, 45, 82.22),
            (45, 45, 100.0),
            (300, 45, 100.0),
            (1, 3, 33.33),
            (2, 3, 66.67),
            (1, 600, 0.17),
        ] {
            assert!((Mark::new(minutes, target).given() - given).abs() < 1e-9, "{minutes} of {target}");
        }
        assert_eq!(Mark::new(50, 45), Mark::new(45, 45), "a longer stay is no other mark");
    }

    proptest! {
        #[test]
        fn every_mark_is_between_none_and_all(minutes in any::<i32>(), target in any::<i16>()) {
            let given = Mark::new(i64::from(minutes), i64::from(target)).given();
            prop_assert!((0.0..=100.0).contains(&given));
        }

        #[test]
        fn a_minute_more_never_lowers_a_mark(minutes in 0_i64..1_000, target in 1_i64..600) {
            prop_assert!(Mark::new(minutes + 1, target).given() >= Mark::new(minutes, target).given());
        }
    }

    #[test]
    fn no_two_scores_of_one_person_go_out_in_one_second() {
        let sending = |sent, stamp| Sending { wanted: Mark::new(10, 45), sent, stamp, conflicts: 0 };
        let now = Timestamp::from_millis(100_700);
        for (sent, stamp, expected) in [
            (None, None, Step::Send(now)),
            (Some(Mark::new(10, 45)), None, Step::Nothing),
            (Some(Mark::new(10, 60)), Some(99), Step::Send(now)),
            (Some(Mark::new(9, 45)), Some(100), Step::Wait(Duration::from_secs(1))),
            (None, Some(105), Step::Wait(Duration::from_secs(6))),
            (None, Some(219), Step::Wait(Duration::from_secs(120))),
        ] {
            assert_eq!(sending(sent, stamp).step(now), expected, "{sent:?} {stamp:?}");
        }
    }

    #[test]
    fn a_timestamp_from_a_clock_that_was_wrong_holds_up_nothing() {
        let now = Timestamp::from_millis(100_700);
        for ahead in [121, 3_600, 3_650 * 24 * 60 * 60, i64::MAX - 100] {
            let stamp = 100_i64.saturating_add(ahead);
            let after =
                |conflicts| Sending { wanted: Mark::new(10, 45), sent: None, stamp: Some(stamp), conflicts };
            assert_eq!(
                after(0).step(now),
                Step::Send(now),
                "{ahead}: most gradebooks remember their own time"
            );
            let next = Timestamp::from_secs(stamp.saturating_add(1));
            assert_eq!(after(1).step(now), Step::Send(next), "{ahead}: what is newer there is ours");
        }
    }

    #[test]
    fn nobody_gets_a_zero_for_looking_in() {
        let sending = |minutes, sent: Option<i64>| Sending {
            wanted: Mark::new(minutes, 45),
            sent: sent.map(|minutes| Mark::new(minutes, 45)),
            stamp: None,
            conflicts: 0,
        };
        for (minutes, sent, zeros, expected) in [
            (0, None, false, false),
            (0, None, true, true),
            (1, None, false, true),
            (0, Some(3), false, true),
            (0, Some(0), true, false),
            (3, Some(3), true, false),
        ] {
            assert_eq!(
                sending(minutes, sent).is_worth_sending(zeros),
                expected,
                "{minutes} {sent:?} {zeros}"
            );
        }
    }

    #[test]
    fn each_answer_has_its_consequence() {
        let now = Timestamp::from_secs(100);
        let soon = Fate::NotBefore(Timestamp::from_secs(101));
        let failed = |reason| Fate::Failed { reason };
        let again = |reason| Fate::Again { reason, shared: false, after: None };
        for (meaning, conflicts, last, expected) in [
            (Meaning::Accepted, 0, false, (Change::Sent, Fate::Done)),
            (Meaning::Older, 0, false, (Change::Conflict, soon)),
            (Meaning::Older, 1, false, (Change::Superseded, failed("superseded"))),
            (Meaning::NotALearner, 0, false, (Change::Refused("not-a-learner"), failed("not-a-learner"))),
            (
                Meaning::NoGradableRole,
                0,
                false,
                (Change::Refused("no-gradable-role"), failed("no-gradable-role")),
            ),
            (Meaning::Locked, 0, false, (Change::Refused("grade-locked"), again("grade-locked"))),
            (Meaning::Locked, 0, true, (Change::Refused("grade-locked"), failed("grade-locked"))),
            (Meaning::ColumnGone, 0, false, (Change::ColumnGone, failed("column-gone"))),
            (Meaning::NotAllowed, 0, false, (Change::Refused("not-allowed"), failed("not-allowed"))),
            (
                Meaning::AttemptsUsedUp,
                0,
                false,
                (Change::Refused("attempts-used-up"), failed("attempts-used-up")),
            ),
            (Meaning::Rejected, 0, false, (Change::Refused("rejected"), failed("rejected"))),
            (Meaning::Broken, 0, false, (Change::Unknown, again("error"))),
            (Meaning::Broken, 0, true, (Change::Refused("gave-up"), failed("gave-up"))),
        ] {
            assert_eq!(judge(meaning, conflicts, (now, last)), expected, "{meaning:?}");
            if let (_, Fate::Failed { reason }) = expected {
                assert!(REASONS.contains(&reason), "{reason}");
            }
        }
    }
}
