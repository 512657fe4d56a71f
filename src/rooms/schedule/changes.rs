//! What becomes of a room's dates when its plan changes, or some of them do.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use chrono::{NaiveDateTime, TimeDelta};
use chrono_tz::Tz;

use super::occurrence::{Occurrence, OccurrenceState};
use super::plan::{MINUTES, PlanError, PlannedDate, Schedule, local, moment, planned_date, shift};
use crate::clock::Timestamp;
use crate::ids::OccurrenceId;

/// What is to be written when a plan takes the place of another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replanned {
    /// Dates that change; dates that stay as they are are not among them.
    pub changed: Vec<Occurrence>,
    /// Dates that come.
    pub new: Vec<PlannedDate>,
    /// Dates that go.
    pub removed: Vec<OccurrenceId>,
}

/// Decides what becomes of `existing` dates when a plan leads to `dates`.
///
/// What is over stays as it was. Of the rest, a date that both plans have keeps its changes and its note; the others take the
/// new dates in order, so that calendars move them instead of adding twins.
pub fn replan(existing: &[Occurrence], dates: &[PlannedDate], now: Timestamp) -> Replanned {
    let mut wanted: HashMap<Timestamp, PlannedDate> =
        dates.iter().filter(|date| date.ends > now).map(|date| (date.begins, *date)).collect();
    let mut replanned = Replanned::default();
    let mut free = VecDeque::new();
    for one in existing.iter().filter(|one| !one.is_over(now)) {
        match wanted.remove(&one.planned) {
            Some(date) if one.is_moved() || one.ends == date.ends => {}
            Some(date) => replanned.changed.push(changed(one, |one| one.ends = date.ends)),
            None => free.push_back(one),
        }
    }
    // A date that was moved to a time of the new plan is that date.
    let mut rest: Vec<PlannedDate> = wanted.into_values().collect();
    rest.sort_by_key(|date| date.begins);
    for date in rest {
        match free.pop_front() {
            Some(one) => replanned.changed.push(changed(one, |one| {
                (one.planned, one.begins, one.ends) = (date.begins, date.begins, date.ends);
                one.state = OccurrenceState::Planned;
            })),
            None => replanned.new.push(date),
        }
    }
    replanned.removed = free.into_iter().map(|one| one.id).collect();
    replanned
}

/// Which dates a change is meant for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeScope {
    /// This one alone.
    One,
    /// This one and those after it.
    Following,
    /// All that are not over.
    All,
}

impl ChangeScope {
    /// All of them, in the order of forms.
    pub const ALL: [Self; 3] = [Self::One, Self::Following, Self::All];

    /// Returns the word in forms.
    pub fn word(self) -> &'static str {
        match self {
            Self::One => "one",
            Self::Following => "following",
            Self::All => "all",
        }
    }

    /// Returns the scope that `word` means.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.word() == word)
    }
}

/// What a date shall be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// When it begins, in local time.
    pub begins: NaiveDateTime,
    /// How long it lasts.
    pub minutes: u32,
    /// Whether it takes place.
    pub state: OccurrenceState,
    /// What is said about it.
    pub note: String,
}

/// Why dates cannot be changed like this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// A length that no class has.
    #[error("not a length of a class")]
    Length,
    /// Two dates would overlap.
    #[error("two dates overlap")]
    Overlap,
    /// It would be over already.
    #[error("it would be over already")]
    Past,
    /// There is no such date, or it is over.
    #[error("no such date")]
    Unknown,
}

impl Edit {
    /// Returns what a date is now.
    pub fn of(one: &Occurrence, zone: Tz) -> Self {
        let minutes = one.ends.since(one.begins).as_secs() / 60;
        Self {
            begins: local(one.begins, zone),
            minutes: u32::try_from(minutes).unwrap_or(u32::MAX),
            state: one.state,
            note: one.note.clone(),
        }
    }
}

/// Returns the dates of `all` that change when the date `id` is edited, as they become. What the edit leaves as it was on that
/// date, it leaves on the others too; those that move do so by as many days and hours.
pub fn edit(
    all: &[Occurrence],
    id: OccurrenceId,
    scope: ChangeScope,
    edit: &Edit,
    zone: Tz,
    now: Timestamp,
) -> Result<Vec<Occurrence>, EditError> {
    let this = all.iter().find(|one| one.id == id && !one.is_over(now)).ok_or(EditError::Unknown)?;
    let before = Edit::of(this, zone);
    if !MINUTES.contains(&edit.minutes) {
        return Err(EditError::Length);
    }
    let is_meant = |one: &&Occurrence| match scope {
        ChangeScope::One => one.id == id,
        ChangeScope::Following => one.begins >= this.begins && !one.is_over(now),
        ChangeScope::All => !one.is_over(now),
    };
    let by = edit.begins.signed_duration_since(before.begins);
    let become_like = |one: &Occurrence| {
        let old = Edit::of(one, zone);
        let minutes = if edit.minutes == before.minutes { old.minutes } else { edit.minutes };
        let mut new = one.clone();
        if by != TimeDelta::zero() {
            let begins = old.begins.checked_add_signed(by).unwrap_or(old.begins);
            new.begins = planned_date(begins, minutes, zone).begins;
        }
        new.ends = new.begins.plus(Duration::from_secs(u64::from(minutes) * 60));
        if edit.state != before.state {
            new.state = edit.state;
        }
        if edit.note != before.note {
            new.note.clone_from(&edit.note);
        }
        new
    };
    let meant = all.iter().filter(is_meant);
    let edited = meant.map(|one| (one, become_like(one))).filter(|(one, new)| *one != new);
    let edited: Vec<Occurrence> =
        edited.map(|(one, new)| Occurrence { sequence: one.sequence + 1, ..new }).collect();
    if edited.iter().any(|one| one.is_over(now)) {
        return Err(EditError::Past);
    }
    if overlap(all, &edited) { Err(EditError::Overlap) } else { Ok(edited) }
}

/// Dates move by at most ten years.
pub const SHIFTS: std::ops::RangeInclusive<i64> = -3660..=3660;

/// Returns the dates that are not over, so many days later, at the same hours.
pub fn shift_all(
    all: &[Occurrence],
    days: i64,
    zone: Tz,
    now: Timestamp,
) -> Result<Vec<Occurrence>, EditError> {
    let later = |at: Timestamp| moment(shift(local(at, zone), days), zone).at;
    let moved = |one: &Occurrence| {
        let begins = later(one.begins);
        let ends = begins.plus(one.ends.since(one.begins));
        Occurrence { planned: later(one.planned), begins, ends, sequence: one.sequence + 1, ..one.clone() }
    };
    let shifted: Vec<Occurrence> = all.iter().filter(|one| !one.is_over(now)).map(moved).collect();
    if shifted.iter().any(|one| one.is_over(now)) {
        return Err(EditError::Past);
    }
    if overlap(all, &shifted) { Err(EditError::Overlap) } else { Ok(shifted) }
}

/// Returns the dates that another room's are so many days later: what was changed about single ones stays behind.
pub fn take_over(schedule: &Schedule, dates: &[Occurrence], days: i64) -> Result<Takeover, PlanError> {
    let zone = schedule.zone;
    let plan = schedule.plan.as_ref().map(|plan| plan.shifted(days));
    let dates = match &plan {
        Some(plan) => plan.dates(zone)?,
        None => dates.iter().map(|one| shifted_date(one, days, zone)).collect(),
    };
    Ok(Takeover { schedule: Schedule { zone, plan, edition: 0 }, dates })
}

/// A schedule that is taken over from another room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Takeover {
    /// What is planned.
    pub schedule: Schedule,
    /// Its dates.
    pub dates: Vec<PlannedDate>,
}

fn shifted_date(one: &Occurrence, days: i64, zone: Tz) -> PlannedDate {
    let found = moment(shift(local(one.planned, zone), days), zone);
    PlannedDate { begins: found.at, ends: found.at.plus(one.ends.since(one.begins)), jumps: found.jumps }
}

/// Returns whether two dates that take place overlap once these are `edited`.
fn overlap(all: &[Occurrence], edited: &[Occurrence]) -> bool {
    let new: HashMap<OccurrenceId, &Occurrence> = edited.iter().map(|one| (one.id, one)).collect();
    let after = all.iter().map(|one| new.get(&one.id).copied().unwrap_or(one));
    let mut spans: Vec<(Timestamp, Timestamp)> =
        after.filter(|one| one.takes_place()).map(|one| (one.begins, one.ends)).collect();
    spans.sort();
    spans.iter().zip(spans.iter().skip(1)).any(|((_, ends), (begins, _))| begins < ends)
}

fn changed(one: &Occurrence, change: impl FnOnce(&mut Occurrence)) -> Occurrence {
    let mut new = Occurrence { sequence: one.sequence + 1, ..one.clone() };
    change(&mut new);
    new
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3600;
    const DAY: i64 = 24 * HOUR;
    /// 2027-03-22T09:00:00Z: ten o'clock in Madrid, a week before its clocks change.
    const FIRST: i64 = 1_805_706_000;

    fn date(secs: i64) -> PlannedDate {
        PlannedDate {
            begins: Timestamp::from_secs(secs),
            ends: Timestamp::from_secs(secs + HOUR),
            jumps: false,
        }
    }

    fn occurrence(index: usize, secs: i64) -> Occurrence {
        let PlannedDate { begins, ends, .. } = date(secs);
        Occurrence {
            id: OccurrenceId::derived("date", index),
            planned: begins,
            begins,
            ends,
            state: OccurrenceState::Planned,
            note: String::new(),
            sequence: 0,
        }
    }

    fn weeks(count: usize) -> Vec<Occurrence> {
        (0..count).map(|week| occurrence(week, FIRST + 7 * DAY * i64::try_from(week).unwrap())).collect()
    }

    fn begin(occurrences: &[Occurrence]) -> Vec<String> {
        occurrences.iter().map(|one| one.begins.iso()).collect()
    }

    #[test]
    fn a_new_plan_leaves_the_past_and_what_it_shares_with_the_old_one() {
        let now = Timestamp::from_secs(FIRST + DAY);
        let mut old = weeks(4);
        old[1].note = "Bring a ruler.".to_owned();
        old[1].begins = old[1].begins.plus(Duration::from_secs(1800));
        let dates: Vec<PlannedDate> =
            [7 * DAY, 15 * DAY, 22 * DAY, 29 * DAY].map(|later| date(FIRST + later)).to_vec();
        let new = replan(&old, &dates, now);
        assert_eq!(new.changed.iter().map(|one| one.id).collect::<Vec<_>>(), [old[2].id, old[3].id]);
        assert!(new.changed.iter().all(|one| one.sequence == 1 && !one.is_moved()));
        assert_eq!((new.new.len(), new.removed.len()), (1, 0));
        let fewer = replan(&old, &dates[..1], now);
        assert_eq!(fewer.removed, [old[2].id, old[3].id]);
        let none = replan(&old, &[], now);
        assert_eq!(none.removed.len(), 3, "the first is over and stays");
        let same: Vec<PlannedDate> = (0..4).map(|week| date(FIRST + 7 * DAY * week)).collect();
        assert_eq!(replan(&old, &same, now), Replanned::default(), "nothing changed");
    }

    #[test]
    fn longer_classes_stay_the_same_dates() {
        let now = Timestamp::from_secs(FIRST - DAY);
        let long = PlannedDate { ends: Timestamp::from_secs(FIRST + 2 * HOUR), ..date(FIRST) };
        let new = replan(&weeks(1), &[long], now);
        assert_eq!((new.changed.len(), new.new.len()), (1, 0));
        assert_eq!((new.changed[0].ends, new.changed[0].sequence), (long.ends, 1));
    }

    #[test]
    fn this_one_this_and_following_and_all_are_meant_as_they_are_said() {
        let (zone, now) = (Tz::Europe__Madrid, Timestamp::from_secs(FIRST + DAY));
        let all = weeks(4);
        let half_past = |one: &Occurrence| {
            let was = Edit::of(one, zone);
            Edit { begins: was.begins.checked_add_signed(TimeDelta::minutes(30)).unwrap(), ..was }
        };
        let edited = |scope| edit(&all, all[2].id, scope, &half_past(&all[2]), zone, now).unwrap();
        // The clocks have changed by then.
        assert_eq!(begin(&edited(ChangeScope::One)), ["2027-04-05T09:30:00Z"].map(str::to_owned)[..]);
        assert_eq!(edited(ChangeScope::Following).len(), 2);
        let every = edited(ChangeScope::All);
        assert_eq!(every.iter().map(|one| one.id).collect::<Vec<_>>(), [all[1].id, all[2].id, all[3].id]);
        assert!(every.iter().all(|one| one.is_moved() && one.sequence == 1));
    }

    #[test]
    fn what_the_edit_leaves_stays_on_each_date() {
        let (zone, now) = (Tz::UTC, Timestamp::from_secs(FIRST - DAY));
        let mut all = weeks(3);
        all[1].note = "Room 4".to_owned();
        all[2].ends = all[2].ends.plus(Duration::from_secs(1800));
        let was = Edit::of(&all[0], zone);
        let cancelled = Edit { state: OccurrenceState::Cancelled, ..was.clone() };
        let edited = edit(&all, all[0].id, ChangeScope::All, &cancelled, zone, now).unwrap();
        assert_eq!(edited.len(), 3);
        assert_eq!((edited[1].note.as_str(), edited[2].ends), ("Room 4", all[2].ends));
        assert!(edit(&all, all[0].id, ChangeScope::All, &was, zone, now).unwrap().is_empty());
    }

    #[test]
    fn a_course_that_moves_keeps_its_hours() {
        let (zone, now) = (Tz::Europe__Madrid, Timestamp::from_secs(FIRST + DAY));
        let shifted = shift_all(&weeks(3), 350, zone, now).unwrap();
        // From summer time to the end of winter.
        assert_eq!(begin(&shifted), ["2028-03-13T10:00:00Z", "2028-03-20T10:00:00Z"].map(str::to_owned)[..]);
        assert!(shifted.iter().all(|one| !one.is_moved()));
        assert_eq!(shift_all(&weeks(3), -30, zone, now), Err(EditError::Past));
        let schedule = Schedule { zone, plan: None, edition: 0 };
        let taken = take_over(&schedule, &weeks(2), 364).unwrap();
        assert_eq!(taken.dates[1].begins.iso(), "2028-03-27T09:00:00Z");
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let (zone, now) = (Tz::UTC, Timestamp::from_secs(FIRST + DAY));
        let all = weeks(3);
        let was = Edit::of(&all[1], zone);
        let next_week = Edit { begins: was.begins + TimeDelta::days(7), ..was.clone() };
        let last_week = Edit { begins: was.begins - TimeDelta::days(8), ..was.clone() };
        let refused = |scope, wanted: &Edit| edit(&all, all[1].id, scope, wanted, zone, now).unwrap_err();
        assert_eq!(refused(ChangeScope::One, &next_week), EditError::Overlap);
        assert_eq!(refused(ChangeScope::One, &last_week), EditError::Past);
        assert_eq!(refused(ChangeScope::One, &Edit { minutes: 0, ..was.clone() }), EditError::Length);
        let of_past = edit(&all, all[0].id, ChangeScope::One, &was, zone, now);
        assert_eq!(of_past, Err(EditError::Unknown));
        assert!(edit(&all, all[1].id, ChangeScope::Following, &next_week, zone, now).is_ok());
    }
}
