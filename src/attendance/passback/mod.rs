//! From minutes to marks in the platform's gradebook: the decisions, from values alone.

pub mod jobs;
pub mod store;
pub mod web;

use std::time::Duration;

use crate::attendance::gradebook::Standing;
use crate::attendance::interval::{Interval, minutes, time_in_class};
use crate::clock::Timestamp;
use crate::jobs::Fate;
use crate::lti::ags::SCORE_MAXIMUM;
use crate::lti::profile::Meaning;

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
    /// The next step, when it is `platform_time` at the platform.
    pub fn step(&self, platform_time: Timestamp) -> Step {
        if self.sent == Some(self.wanted) {
            return Step::Nothing;
        }
        match self.stamp.map(|stamp| stamp + 1 - platform_time.secs()).filter(|ahead| *ahead > 0) {
            Some(ahead) => Step::Wait(Duration::from_secs(ahead.unsigned_abs())),
            None => Step::Send(platform_time),
        }
    }
}

/// What a teacher reads of a mark, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkState {
    /// The person is in class: the mark goes out when they leave.
    InClass,
    /// It is on its way.
    Waiting,
    /// The gradebook has it.
    Sent,
    /// The gradebook did not take it.
    Refused,
    /// It does not go there.
    NotSent,
}

impl MarkState {
    /// The state of a mark of somebody who is in class or not.
    pub fn of(is_in_class: bool, is_sent: bool, is_refused: bool, gradebook: Standing) -> Self {
        match (gradebook, is_refused) {
            _ if is_in_class => Self::InClass,
            _ if is_sent => Self::Sent,
            (Standing::Ready | Standing::Looking, true) => Self::Refused,
            (Standing::Ready | Standing::Looking, false) => Self::Waiting,
            (Standing::Off | Standing::NotGraded | Standing::NotOffered, _) => Self::NotSent,
        }
    }

    /// The word in pages.
    pub fn word(self) -> &'static str {
        match self {
            Self::InClass => "in-class",
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Refused => "refused",
            Self::NotSent => "not-sent",
        }
    }
}

/// Why a gradebook did not take a mark: each has a sentence for teachers.
pub const REASONS: [&str; 8] = [
    "not-a-learner",
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
        ] {
            assert_eq!(sending(sent, stamp).step(now), expected, "{sent:?} {stamp:?}");
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
