//! Who does what when in the simulated class, and the minutes that follow from it: a pure computation.

use std::collections::BTreeMap;
use std::time::Duration;

/// What a student does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StudentAction {
    /// Opens the activity in the LMS, and the meeting.
    Arrive,
    /// Opens the meeting in one more page: a second tab, or the page that was reloaded.
    OpenPage,
    /// Every open page sends a heartbeat.
    Heartbeat,
    /// Every open page sends a leave.
    Leave,
}

impl StudentAction {
    /// Returns whether the student arrives with it, before any heartbeat.
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
    pub(super) actions: BTreeMap<usize, Vec<StudentAction>>,
}

/// How many students there are.
pub(super) const STUDENTS: usize = 12;
/// How many minutes the class lasts.
pub(super) const MINUTES: u64 = 45;
/// The pause between two heartbeats, in seconds.
const HEARTBEAT_SECS: u64 = 30;
/// Pages leave this many seconds after the last heartbeat: a moment more or less then costs no minute.
const LEAVE_AFTER_SECS: u64 = 10;
/// A silence of up to this many seconds is bridged.
const GRACE_SECS: u64 = 90;

/// A student who is away for a part of the class, in seconds from its beginning.
struct Absentee {
    student: usize,
    from: u64,
    until: u64,
}

const LATE: Absentee = Absentee { student: 7, from: 0, until: 12 * 60 };
const EARLY: Absentee = Absentee { student: 8, from: 30 * 60, until: MINUTES * 60 };
const RELOADS: Absentee = Absentee { student: 9, from: 20 * 60, until: 20 * 60 + 6 };
const TWO_TABS: usize = 10;
const BROKEN: Absentee = Absentee { student: 11, from: 25 * 60, until: 30 * 60 };

/// Returns the class, moment by moment.
///
/// The first seven are there all the time; then come one who is late, one who leaves early, one who reloads the page,
/// one with two tabs, and one whose connection breaks.
pub(super) fn script() -> Vec<Moment> {
    let mut moments: BTreeMap<u64, BTreeMap<usize, Vec<StudentAction>>> = BTreeMap::new();
    let mut plan = |second: u64, student: usize, actions: &[StudentAction]| {
        moments.entry(second).or_default().entry(student).or_default().extend(actions);
    };
    let end = MINUTES * 60;
    for student in 0..STUDENTS {
        let (from, until) = match student {
            one if one == LATE.student => (LATE.until, end),
            one if one == EARLY.student => (0, EARLY.from),
            _ => (0, end),
        };
        plan(from, student, &[StudentAction::Arrive]);
        if student == TWO_TABS {
            plan(from, student, &[StudentAction::OpenPage]);
        }
        for second in (from..=until).step_by(usize::try_from(HEARTBEAT_SECS).unwrap_or(1)) {
            let is_cut_off = student == BROKEN.student && second > BROKEN.from && second < BROKEN.until;
            if !is_cut_off {
                plan(second, student, &[StudentAction::Heartbeat]);
            }
        }
        plan(until + LEAVE_AFTER_SECS, student, &[StudentAction::Leave]);
    }
    plan(RELOADS.from, RELOADS.student, &[StudentAction::Leave]);
    plan(RELOADS.until, RELOADS.student, &[StudentAction::OpenPage, StudentAction::Heartbeat]);
    let moments = moments.into_iter();
    moments.map(|(second, actions)| Moment { at: Duration::from_secs(second), actions }).collect()
}

/// Returns the whole minutes that each student was there: from heartbeat to heartbeat, without long silences.
pub(super) fn expected(script: &[Moment]) -> [u64; STUDENTS] {
    let mut present = [0; STUDENTS];
    let mut last: [Option<u64>; STUDENTS] = [None; STUDENTS];
    for moment in script {
        let now = moment.at.as_secs();
        for (student, actions) in &moment.actions {
            if actions.iter().all(|action| action.is_entering()) {
                continue;
            }
            if let Some(before) = last[*student].filter(|before| now - before <= GRACE_SECS) {
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
        (minutes[LATE.student], minutes[EARLY.student], minutes[BROKEN.student]) = (33, 30, 40);
        assert_eq!(expected(&script()), minutes);
    }

    #[test]
    fn only_open_pages_send_heartbeats_and_everybody_leaves() {
        let mut pages = [0; STUDENTS];
        for moment in script() {
            for (student, actions) in moment.actions {
                for action in actions {
                    match action {
                        StudentAction::Arrive | StudentAction::OpenPage => pages[student] += 1,
                        StudentAction::Heartbeat => {
                            assert!(pages[student] > 0, "{student} at {:?}", moment.at)
                        }
                        StudentAction::Leave => pages[student] = 0,
                    }
                }
            }
        }
        assert_eq!(pages, [0; STUDENTS]);
    }
}
