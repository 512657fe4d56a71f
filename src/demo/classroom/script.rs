//! Who does what when in the simulated class, and the minutes that follow from it: a pure computation.

use std::collections::BTreeMap;
use std::time::Duration;

/// What a student does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// Opens the activity in the LMS, and the meeting.
    Arrive,
    /// Opens the meeting in one more page: a second tab, or the page that was reloaded.
    OpenPage,
    /// Every open page says that its person is there.
    Beat,
    /// Every open page says good-bye.
    Leave,
}

impl Act {
    /// Whether the student only comes in with it, and says nothing yet.
    pub(super) fn is_entering(self) -> bool {
        matches!(self, Self::Arrive | Self::OpenPage)
    }
}

/// What happens at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    /// How long the class has lasted.
    pub(super) at: Duration,
    /// What each student does, in this order.
    pub(super) acts: BTreeMap<usize, Vec<Act>>,
}

/// How many students there are.
pub(super) const STUDENTS: usize = 12;
/// How many minutes the class lasts.
pub(super) const MINUTES: u64 = 45;
/// The pause between two signs of life, in seconds.
const PAUSE: u64 = 30;
/// Good-byes come this many seconds after the last sign of life: a moment more or less then costs no minute.
const MARGIN: u64 = 10;
/// A silence of up to this many seconds is bridged.
const GRACE: u64 = 90;

const LATE: (usize, u64) = (7, 12 * 60);
const EARLY: (usize, u64) = (8, 30 * 60);
const RELOADS: (usize, u64, u64) = (9, 20 * 60, 20 * 60 + 6);
const TWO_TABS: usize = 10;
const BROKEN: (usize, u64, u64) = (11, 25 * 60, 30 * 60);

/// The class, moment by moment.
///
/// The first seven are there all the time; then come one who is late, one who leaves early, one who reloads the page,
/// one with two tabs, and one whose connection breaks.
pub(super) fn script() -> Vec<Moment> {
    let mut moments: BTreeMap<u64, BTreeMap<usize, Vec<Act>>> = BTreeMap::new();
    let mut plan = |second: u64, student: usize, acts: &[Act]| {
        moments.entry(second).or_default().entry(student).or_default().extend(acts);
    };
    let end = MINUTES * 60;
    for student in 0..STUDENTS {
        let (from, until) = match student {
            one if one == LATE.0 => (LATE.1, end),
            one if one == EARLY.0 => (0, EARLY.1),
            _ => (0, end),
        };
        plan(from, student, &[Act::Arrive]);
        if student == TWO_TABS {
            plan(from, student, &[Act::OpenPage]);
        }
        for second in (from..=until).step_by(usize::try_from(PAUSE).unwrap_or(1)) {
            let is_cut_off = student == BROKEN.0 && second > BROKEN.1 && second < BROKEN.2;
            if !is_cut_off {
                plan(second, student, &[Act::Beat]);
            }
        }
        plan(until + MARGIN, student, &[Act::Leave]);
    }
    plan(RELOADS.1, RELOADS.0, &[Act::Leave]);
    plan(RELOADS.2, RELOADS.0, &[Act::OpenPage, Act::Beat]);
    let moments = moments.into_iter();
    moments.map(|(second, acts)| Moment { at: Duration::from_secs(second), acts }).collect()
}

/// The whole minutes that each student was there: from sign of life to sign of life, without long silences.
pub(super) fn expected(script: &[Moment]) -> [u64; STUDENTS] {
    let mut present = [0; STUDENTS];
    let mut last: [Option<u64>; STUDENTS] = [None; STUDENTS];
    for moment in script {
        let now = moment.at.as_secs();
        for (student, acts) in &moment.acts {
            if acts.iter().all(|act| act.is_entering()) {
                continue;
            }
            if let Some(before) = last[*student].filter(|before| now - before <= GRACE) {
                present[*student] += now - before;
            }
            last[*student] = Some(now);
        }
    }
    present.map(|seconds| seconds / 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_minutes_follow_from_the_script() {
        let mut minutes = [MINUTES; STUDENTS];
        (minutes[LATE.0], minutes[EARLY.0], minutes[BROKEN.0]) = (33, 30, 40);
        assert_eq!(expected(&script()), minutes);
    }

    #[test]
    fn nobody_speaks_who_is_not_there_and_everybody_leaves() {
        let mut pages = [0; STUDENTS];
        for moment in script() {
            for (student, acts) in moment.acts {
                for act in acts {
                    match act {
                        Act::Arrive | Act::OpenPage => pages[student] += 1,
                        Act::Beat => assert!(pages[student] > 0, "{student} at {:?}", moment.at),
                        Act::Leave => pages[student] = 0,
                    }
                }
            }
        }
        assert_eq!(pages, [0; STUDENTS]);
    }
}
