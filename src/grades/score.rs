//! From minutes to scores in the platform's gradebook: the decisions, from values alone.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::codes::codes;
use crate::jobs::Disposition;
use crate::lti::services::ags::SCORE_MAXIMUM;
use crate::lti::services::failure::ServiceError;
use crate::lti::services::outcome::ScoreOutcome;
use crate::presence::interval::{Interval, minutes, time_in_class};

/// Longer than this nothing waits for a clock: what is further ahead was written by one that was wrong.
const MAX_WAIT_SECS: i64 = 120;

/// A page that says good-bye may be a reload: a score waits this long for the person to come back.
pub const LEAVING: Duration = Duration::from_secs(10);

/// Returns a person's united time in class, in whole minutes.
pub fn whole_minutes(intervals: &[Interval]) -> i64 {
    i64::try_from(minutes(time_in_class(intervals))).unwrap_or(i64::MAX)
}

/// Time in class against the time for the full score. Units: minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScoreValue {
    /// Never more than the target: a longer stay is no other score.
    pub minutes: i64,
    /// Minutes for the full score.
    pub target: i64,
}

impl ScoreValue {
    /// The score for `minutes` in class.
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
pub struct ScoreState {
    /// The score that should be there.
    pub wanted: ScoreValue,
    /// The score that was sent last.
    pub sent: Option<ScoreValue>,
    /// The last timestamp sent. Units: seconds by the platform's clock.
    pub stamp: Option<i64>,
    /// How often in a row the gradebook said that it holds something newer.
    pub conflicts: i64,
}

/// What to do about a score now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScoreStep {
    /// The gradebook has it.
    Nothing,
    /// Not before the next second: no two scores of one person in one second.
    Wait(Duration),
    /// It goes out with this timestamp, by the platform's clock.
    Send(Timestamp),
}

impl ScoreState {
    /// Whether the score should go out. Nobody gets a 0 for looking in, unless the teacher wants that (`zeros`); a score that
    /// was sent is corrected all the same.
    pub fn is_worth_sending(&self, zeros: bool) -> bool {
        self.sent != Some(self.wanted) && (zeros || self.wanted.minutes > 0 || self.sent.is_some())
    }

    /// The next step, when it is `platform_time` at the platform.
    ///
    /// A timestamp from far ahead was sent by a clock that was wrong. The present is tried first, since most gradebooks
    /// remember their own time. One that answers that it holds something newer can only mean ours: nobody else's is from
    /// the future. So the next one follows it.
    pub fn step(&self, platform_time: Timestamp) -> ScoreStep {
        if self.sent == Some(self.wanted) {
            return ScoreStep::Nothing;
        }
        let next = self.stamp.map_or(i64::MIN, |stamp| stamp.saturating_add(1));
        match next.saturating_sub(platform_time.secs()) {
            ..=0 => ScoreStep::Send(platform_time),
            ahead @ 1..=MAX_WAIT_SECS => ScoreStep::Wait(Duration::from_secs(ahead.unsigned_abs())),
            _ if self.conflicts == 0 => ScoreStep::Send(platform_time),
            _ => ScoreStep::Send(Timestamp::from_secs(next)),
        }
    }
}

codes! {
    /// Why a gradebook did not take a score: each has a sentence for teachers, `grades-reason-CODE`, and one for
    /// operators, `job-reason-CODE`.
    pub enum ScoreReason {
        NotALearner = "not-a-learner",
        NoGradableRole = "no-gradable-role",
        GradeLocked = "grade-locked",
        LineItemGone = "line-item-gone",
        NotAllowed = "not-allowed",
        Superseded = "superseded",
        AttemptsUsedUp = "attempts-used-up",
        Rejected = "rejected",
        GaveUp = "gave-up",
    }
}

/// What an answer to a score changes in the score's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScoreChange {
    /// The gradebook has it.
    Sent,
    /// The gradebook holds something newer; another try may do.
    Conflict,
    /// The gradebook holds something newer, twice: whoever reads it may want to know what.
    Superseded,
    /// The gradebook did not take it, for this reason.
    Refused(ScoreReason),
    /// The line item is gone: the platform may have another one.
    ColumnGone,
    /// Nobody knows what became of it.
    Unknown,
}

/// What an answer means for the score and for its job. `conflicts` is how often in a row it was called old before.
pub fn classify_outcome(
    outcome: ScoreOutcome,
    conflicts: i64,
    now: Timestamp,
    is_last_chance: bool,
) -> (ScoreChange, Disposition) {
    let refused =
        |reason: ScoreReason| (ScoreChange::Refused(reason), Disposition::Failed { reason: reason.code() });
    let again = |reason| Disposition::Again { reason, shared: false, after: None };
    match outcome {
        ScoreOutcome::Accepted => (ScoreChange::Sent, Disposition::Done),
        ScoreOutcome::Older if conflicts == 0 => {
            (ScoreChange::Conflict, Disposition::NotBefore(now.plus(Duration::from_secs(1))))
        }
        ScoreOutcome::Older => {
            (ScoreChange::Superseded, Disposition::Failed { reason: ScoreReason::Superseded.code() })
        }
        ScoreOutcome::NotALearner => refused(ScoreReason::NotALearner),
        ScoreOutcome::NoGradableRole => refused(ScoreReason::NoGradableRole),
        ScoreOutcome::ColumnGone => {
            (ScoreChange::ColumnGone, Disposition::Failed { reason: ScoreReason::LineItemGone.code() })
        }
        ScoreOutcome::NotAllowed => refused(ScoreReason::NotAllowed),
        ScoreOutcome::AttemptsUsedUp => refused(ScoreReason::AttemptsUsedUp),
        ScoreOutcome::Rejected => refused(ScoreReason::Rejected),
        ScoreOutcome::Locked if is_last_chance => refused(ScoreReason::GradeLocked),
        ScoreOutcome::Locked => {
            (ScoreChange::Refused(ScoreReason::GradeLocked), again(ScoreReason::GradeLocked.code()))
        }
        ScoreOutcome::Broken | ScoreOutcome::Down | ScoreOutcome::Busy | ScoreOutcome::TokenRefused
            if is_last_chance =>
        {
            refused(ScoreReason::GaveUp)
        }
        ScoreOutcome::Broken | ScoreOutcome::Down | ScoreOutcome::Busy | ScoreOutcome::TokenRefused => {
            (ScoreChange::Unknown, again(ServiceError::Error.code()))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_grade_is_the_share_of_the_target() {
        for (minutes, target, given) in [
            (0, 45, 0.0),
            (37, 45, 82.22),
            (45, 45, 100.0),
            (300, 45, 100.0),
            (1, 3, 33.33),
            (2, 3, 66.67),
            (1, 600, 0.17),
        ] {
            assert!((ScoreValue::new(minutes, target).given() - given).abs() < 1e-9, "{minutes} of {target}");
        }
        assert_eq!(ScoreValue::new(50, 45), ScoreValue::new(45, 45), "a longer stay is no other score");
    }

    proptest! {
        #[test]
        fn every_grade_is_between_none_and_all(minutes in any::<i32>(), target in any::<i16>()) {
            let given = ScoreValue::new(i64::from(minutes), i64::from(target)).given();
            prop_assert!((0.0..=100.0).contains(&given));
        }

        #[test]
        fn a_minute_more_never_lowers_a_grade(minutes in 0_i64..1_000, target in 1_i64..600) {
            prop_assert!(ScoreValue::new(minutes + 1, target).given() >= ScoreValue::new(minutes, target).given());
        }
    }

    #[test]
    fn no_two_scores_of_one_person_go_out_in_one_second() {
        let sending = |sent, stamp| ScoreState { wanted: ScoreValue::new(10, 45), sent, stamp, conflicts: 0 };
        let now = Timestamp::from_millis(100_700);
        for (sent, stamp, expected) in [
            (None, None, ScoreStep::Send(now)),
            (Some(ScoreValue::new(10, 45)), None, ScoreStep::Nothing),
            (Some(ScoreValue::new(10, 60)), Some(99), ScoreStep::Send(now)),
            (Some(ScoreValue::new(9, 45)), Some(100), ScoreStep::Wait(Duration::from_secs(1))),
            (None, Some(105), ScoreStep::Wait(Duration::from_secs(6))),
            (None, Some(219), ScoreStep::Wait(Duration::from_secs(120))),
        ] {
            assert_eq!(sending(sent, stamp).step(now), expected, "{sent:?} {stamp:?}");
        }
    }

    #[test]
    fn a_timestamp_from_a_clock_that_was_wrong_holds_up_nothing() {
        let now = Timestamp::from_millis(100_700);
        for ahead in [121, 3_600, 3_650 * 24 * 60 * 60, i64::MAX - 100] {
            let stamp = 100_i64.saturating_add(ahead);
            let after = |conflicts| ScoreState {
                wanted: ScoreValue::new(10, 45),
                sent: None,
                stamp: Some(stamp),
                conflicts,
            };
            assert_eq!(
                after(0).step(now),
                ScoreStep::Send(now),
                "{ahead}: most gradebooks remember their own time"
            );
            let next = Timestamp::from_secs(stamp.saturating_add(1));
            assert_eq!(after(1).step(now), ScoreStep::Send(next), "{ahead}: what is newer there is ours");
        }
    }

    #[test]
    fn nobody_gets_a_zero_for_looking_in() {
        let sending = |minutes, sent: Option<i64>| ScoreState {
            wanted: ScoreValue::new(minutes, 45),
            sent: sent.map(|minutes| ScoreValue::new(minutes, 45)),
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
        let soon = Disposition::NotBefore(Timestamp::from_secs(101));
        let failed = |reason| Disposition::Failed { reason };
        let again = |reason| Disposition::Again { reason, shared: false, after: None };
        for (outcome, conflicts, last, expected) in [
            (ScoreOutcome::Accepted, 0, false, (ScoreChange::Sent, Disposition::Done)),
            (ScoreOutcome::Older, 0, false, (ScoreChange::Conflict, soon)),
            (ScoreOutcome::Older, 1, false, (ScoreChange::Superseded, failed("superseded"))),
            (
                ScoreOutcome::NotALearner,
                0,
                false,
                (ScoreChange::Refused(ScoreReason::NotALearner), failed("not-a-learner")),
            ),
            (
                ScoreOutcome::NoGradableRole,
                0,
                false,
                (ScoreChange::Refused(ScoreReason::NoGradableRole), failed("no-gradable-role")),
            ),
            (
                ScoreOutcome::Locked,
                0,
                false,
                (ScoreChange::Refused(ScoreReason::GradeLocked), again("grade-locked")),
            ),
            (
                ScoreOutcome::Locked,
                0,
                true,
                (ScoreChange::Refused(ScoreReason::GradeLocked), failed("grade-locked")),
            ),
            (ScoreOutcome::ColumnGone, 0, false, (ScoreChange::ColumnGone, failed("line-item-gone"))),
            (
                ScoreOutcome::NotAllowed,
                0,
                false,
                (ScoreChange::Refused(ScoreReason::NotAllowed), failed("not-allowed")),
            ),
            (
                ScoreOutcome::AttemptsUsedUp,
                0,
                false,
                (ScoreChange::Refused(ScoreReason::AttemptsUsedUp), failed("attempts-used-up")),
            ),
            (
                ScoreOutcome::Rejected,
                0,
                false,
                (ScoreChange::Refused(ScoreReason::Rejected), failed("rejected")),
            ),
            (ScoreOutcome::Broken, 0, false, (ScoreChange::Unknown, again("error"))),
            (ScoreOutcome::Broken, 0, true, (ScoreChange::Refused(ScoreReason::GaveUp), failed("gave-up"))),
        ] {
            assert_eq!(classify_outcome(outcome, conflicts, now, last), expected, "{outcome:?}");
        }
    }
}
