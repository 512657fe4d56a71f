//! When a class takes place, as its teacher plans it: in local time, and what that means in the world's.

use std::time::Duration;

use chrono::{Datelike as _, Days, NaiveDate, NaiveDateTime, NaiveTime, Offset as _, TimeZone as _, Weekday};
use chrono_tz::Tz;
use rrule::{Frequency, NWeekday, RRule, Unvalidated};
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

/// More dates than this are a slip: two years of every weekday are fewer than 600, a school year of them 200.
pub const MAX_DATES: u16 = 400;
/// A class lasts from five minutes to a day.
pub const MINUTES: std::ops::RangeInclusive<u32> = 5..=1440;
/// A pattern repeats after at most so many days, weeks or months.
pub const EVERY: std::ops::RangeInclusive<u16> = 1..=52;
/// Years in which classes are planned: what is entered elsewhere is a slip.
const YEARS: std::ops::Range<i32> = 2000..2100;

/// What a teacher planned for a room, and in which zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// The zone of the course. What a later version of this program cannot read is UTC.
    #[serde(default = "utc")]
    pub zone: Tz,
    /// The plan; `None` where only its dates are known.
    #[serde(default)]
    pub plan: Option<Plan>,
    /// Counts the changes of the schedule and its dates.
    #[serde(default)]
    pub edition: u64,
}

fn utc() -> Tz {
    Tz::UTC
}

/// A session, or a series of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// When the first one begins, in local time.
    pub begins: NaiveDateTime,
    /// How long each lasts.
    pub minutes: u32,
    /// How it is repeated; `None` for a single session.
    pub repeat: Option<Repeat>,
}

/// How a session is repeated.
///
/// Spec: RFC 5545 §3.3.10, of which this is what teachers use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repeat {
    /// On which days.
    pub pattern: Pattern,
    /// Every how many days, weeks or months.
    pub every: u16,
    /// Until when.
    pub until: Until,
}

/// The days of a series.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pattern {
    /// Days one after the other.
    Daily,
    /// These days of a week.
    Weekly(Vec<Weekday>),
    /// The first one's day of the month. Months that are too short have none.
    MonthlyOnDay,
    /// The first one's place among the same weekdays of the month: each second Tuesday.
    MonthlyOnWeekday,
}

/// The end of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Until {
    /// After so many sessions.
    Count(u16),
    /// On this day at the latest.
    Day(NaiveDate),
}

/// A date that a plan leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlannedDate {
    /// When it begins.
    pub begins: Timestamp,
    /// When it ends.
    pub ends: Timestamp,
    /// Whether the clock jumps over the planned time on that day, so that it begins as much later.
    pub jumps: bool,
}

/// Why a plan leads to no dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// A length that no class has.
    #[error("not a length of a class")]
    Length,
    /// A time that nobody plans.
    #[error("not a time of a class")]
    Begins,
    /// It has no dates at all.
    #[error("it never takes place")]
    Never,
    /// It has more than [`MAX_DATES`].
    #[error("more dates than can be planned")]
    TooMany,
    /// One begins before the one before it ends.
    #[error("two dates overlap")]
    Overlap,
    /// Something that no rule says.
    #[error("not a rule")]
    Rule,
}

impl Plan {
    /// Returns all dates, the earliest first.
    pub fn dates(&self, zone: Tz) -> Result<Vec<PlannedDate>, PlanError> {
        if !MINUTES.contains(&self.minutes) {
            return Err(PlanError::Length);
        }
        if !YEARS.contains(&self.begins.year()) {
            return Err(PlanError::Begins);
        }
        let local = match &self.repeat {
            None => vec![self.begins],
            Some(repeat) => self.local_dates(repeat)?,
        };
        let dates: Vec<PlannedDate> =
            local.into_iter().map(|begins| planned_date(begins, self.minutes, zone)).collect();
        let mut neighbours = dates.iter().zip(dates.iter().skip(1));
        match neighbours.any(|(one, next)| next.begins < one.ends) {
            true => Err(PlanError::Overlap),
            false => Ok(dates),
        }
    }

    /// Counts days as if every day had 24 hours: what a day's clock does is decided for each date alone.
    fn local_dates(&self, repeat: &Repeat) -> Result<Vec<NaiveDateTime>, PlanError> {
        if !EVERY.contains(&repeat.every) {
            return Err(PlanError::Rule);
        }
        match repeat.until {
            Until::Count(0) => return Err(PlanError::Never),
            Until::Count(count) if count > MAX_DATES => return Err(PlanError::TooMany),
            Until::Day(day) if !YEARS.contains(&day.year()) => return Err(PlanError::Rule),
            Until::Day(day) if day < self.begins.date() => return Err(PlanError::Never),
            Until::Count(_) | Until::Day(_) => {}
        }
        let set = self.rule(repeat).build(self.begins.and_utc().with_timezone(&rrule::Tz::UTC));
        let found = set.map_err(|_| PlanError::Rule)?.all(MAX_DATES + 1).dates;
        if found.len() > usize::from(MAX_DATES) {
            return Err(PlanError::TooMany);
        }
        let dates: Vec<NaiveDateTime> = found.into_iter().map(|date| date.naive_utc()).collect();
        if dates.is_empty() { Err(PlanError::Never) } else { Ok(dates) }
    }

    /// Returns the rule in the words of calendars.
    fn rule(&self, repeat: &Repeat) -> RRule<Unvalidated> {
        let day = self.begins.date();
        let on_day = || i8::try_from(day.day()).unwrap_or(1);
        let rule = match &repeat.pattern {
            Pattern::Daily => RRule::new(Frequency::Daily),
            Pattern::Weekly(days) => {
                let own = [day.weekday()];
                let days = if days.is_empty() { &own[..] } else { days };
                let days = days.iter().map(|day| NWeekday::Every(*day)).collect();
                RRule::new(Frequency::Weekly).by_weekday(days)
            }
            Pattern::MonthlyOnDay => RRule::new(Frequency::Monthly).by_month_day(vec![on_day()]),
            Pattern::MonthlyOnWeekday => {
                let place = i16::try_from(day.day0() / 7 + 1).unwrap_or(1);
                RRule::new(Frequency::Monthly).by_weekday(vec![NWeekday::Nth(place, day.weekday())])
            }
        };
        let rule = rule.interval(repeat.every);
        match repeat.until {
            Until::Count(count) => rule.count(u32::from(count)),
            Until::Day(day) => {
                let night =
                    day.and_time(NaiveTime::MIN).checked_add_days(Days::new(1)).unwrap_or(self.begins);
                let last = night.and_utc().timestamp() - 1;
                let until = chrono::DateTime::from_timestamp(last, 0).unwrap_or_default();
                rule.until(until.with_timezone(&rrule::Tz::UTC))
            }
        }
    }

    /// Returns the same plan, so many days later.
    #[must_use]
    pub fn shifted(&self, days: i64) -> Self {
        let repeat = self.repeat.clone().map(|mut repeat| {
            if let Until::Day(day) = repeat.until {
                repeat.until = Until::Day(shift(day.and_time(NaiveTime::MIN), days).date());
            }
            if let Pattern::Weekly(days_of_week) = &mut repeat.pattern {
                let turn = |day: Weekday| (0..days.rem_euclid(7)).fold(day, |day, _| day.succ());
                *days_of_week = days_of_week.iter().map(|day| turn(*day)).collect();
            }
            repeat
        });
        Self { begins: shift(self.begins, days), repeat, minutes: self.minutes }
    }
}

/// Returns the local time so many days later; a day that no calendar has moves nothing.
pub fn shift(local: NaiveDateTime, days: i64) -> NaiveDateTime {
    local.checked_add_signed(chrono::TimeDelta::try_days(days).unwrap_or_default()).unwrap_or(local)
}

/// Returns when a class takes place that begins at a local time.
pub fn planned_date(begins: NaiveDateTime, minutes: u32, zone: Tz) -> PlannedDate {
    let found = moment(begins, zone);
    PlannedDate {
        begins: found.at,
        ends: found.at.plus(Duration::from_secs(u64::from(minutes) * 60)),
        jumps: found.jumps,
    }
}

/// A moment that a clock on the wall shows, or jumps over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WallMoment {
    /// The moment.
    pub at: Timestamp,
    /// Whether clocks jump over this time on that day.
    pub jumps: bool,
}

/// Returns the moment at which clocks of the zone show a time: of two, the first.
///
/// Spec: RFC 5545 §3.3.5: a time that clocks jump over is meant by the clock of before, so it comes as much later as they
/// jump.
pub fn moment(local: NaiveDateTime, zone: Tz) -> WallMoment {
    if let Some(found) = zone.from_local_datetime(&local).earliest() {
        return WallMoment { at: Timestamp::from_millis(found.timestamp_millis()), jumps: false };
    }
    let day_before = local.checked_sub_days(Days::new(1)).unwrap_or(local);
    let offset = zone.offset_from_utc_datetime(&day_before).fix().local_minus_utc();
    let millis = local.and_utc().timestamp_millis() - i64::from(offset) * 1000;
    WallMoment { at: Timestamp::from_millis(millis), jumps: true }
}

/// Returns what clocks of the zone show at a moment.
pub fn local(at: Timestamp, zone: Tz) -> NaiveDateTime {
    let utc = chrono::DateTime::from_timestamp_millis(at.millis()).unwrap_or_default();
    utc.with_timezone(&zone).naive_local()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> NaiveDateTime {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        NaiveDate::parse_from_str(text, "%Y-%m-%d").unwrap()
    }

    fn series(begins: &str, pattern: Pattern, every: u16, until: Until) -> Plan {
        Plan { begins: at(begins), minutes: 60, repeat: Some(Repeat { pattern, every, until }) }
    }

    fn begin(plan: &Plan, zone: Tz) -> Vec<String> {
        plan.dates(zone).unwrap().into_iter().map(|date| date.begins.iso()).collect()
    }

    #[test]
    fn a_class_keeps_its_hour_when_the_clocks_change() {
        let plan = series("2027-03-22T10:00", Pattern::Weekly(Vec::new()), 1, Until::Count(3));
        assert_eq!(
            begin(&plan, Tz::Europe__Madrid),
            ["2027-03-22T09:00:00Z", "2027-03-29T08:00:00Z", "2027-04-05T08:00:00Z"]
        );
    }

    #[test]
    fn a_time_that_clocks_jump_over_comes_as_much_later() {
        let plan = series("2027-03-27T02:30", Pattern::Daily, 1, Until::Count(3));
        let dates = plan.dates(Tz::Europe__Madrid).unwrap();
        let found: Vec<(String, bool)> = dates
            .iter()
            .map(|date| (local(date.begins, Tz::Europe__Madrid).to_string(), date.jumps))
            .collect();
        let expected =
            [("2027-03-27 02:30:00", false), ("2027-03-28 03:30:00", true), ("2027-03-29 02:30:00", false)];
        assert_eq!(found, expected.map(|(text, jumps)| (text.to_owned(), jumps)));
        // Of an hour that comes twice, the first is meant.
        let twice = planned_date(at("2027-10-31T02:30"), 60, Tz::Europe__Madrid);
        assert_eq!((twice.begins.iso().as_str(), twice.jumps), ("2027-10-31T00:30:00Z", false));
    }

    #[test]
    fn every_pattern_has_the_dates_that_are_meant() {
        for (plan, expected) in [
            (
                series("2026-12-01T10:00", Pattern::Daily, 2, Until::Count(3)),
                &["12-01", "12-03", "12-05"][..],
            ),
            (
                // A Tuesday; the series is on Mondays and Thursdays.
                series(
                    "2026-12-01T10:00",
                    Pattern::Weekly(vec![Weekday::Thu, Weekday::Mon]),
                    1,
                    Until::Day(day("2026-12-10")),
                ),
                &["12-03", "12-07", "12-10"],
            ),
            (
                series("2026-12-01T10:00", Pattern::Weekly(Vec::new()), 2, Until::Count(2)),
                &["12-01", "12-15"],
            ),
            (
                series("2027-01-31T10:00", Pattern::MonthlyOnDay, 1, Until::Count(3)),
                &["01-31", "03-31", "05-31"],
            ),
            (series("2026-12-08T10:00", Pattern::MonthlyOnWeekday, 1, Until::Count(2)), &["12-08", "01-12"]),
            (Plan { begins: at("2026-12-01T10:00"), minutes: 45, repeat: None }, &["12-01"]),
        ] {
            let found: Vec<String> =
                begin(&plan, Tz::UTC).into_iter().map(|iso| iso.get(5..10).unwrap().to_owned()).collect();
            assert_eq!(found, expected, "{plan:?}");
        }
    }

    #[test]
    fn what_cannot_be_planned_is_named() {
        let weekly = |until| series("2026-12-01T10:00", Pattern::Weekly(Vec::new()), 1, until);
        let long = Plan { minutes: 1440, ..series("2026-12-01T10:00", Pattern::Daily, 1, Until::Count(2)) };
        for (plan, expected) in [
            (weekly(Until::Count(0)), PlanError::Never),
            (weekly(Until::Count(401)), PlanError::TooMany),
            (weekly(Until::Count(10_000)), PlanError::TooMany),
            (weekly(Until::Day(day("2026-11-30"))), PlanError::Never),
            (weekly(Until::Day(day("2050-01-01"))), PlanError::TooMany),
            (weekly(Until::Day(day("9999-01-01"))), PlanError::Rule),
            (
                // The fifth of December is a Saturday.
                series(
                    "2026-12-05T10:00",
                    Pattern::Weekly(vec![Weekday::Mon]),
                    1,
                    Until::Day(day("2026-12-06")),
                ),
                PlanError::Never,
            ),
            (Plan { minutes: 1441, ..weekly(Until::Count(2)) }, PlanError::Length),
            (Plan { minutes: 0, ..weekly(Until::Count(2)) }, PlanError::Length),
            (Plan { begins: at("1926-12-01T10:00"), ..weekly(Until::Count(2)) }, PlanError::Begins),
            (series("2026-12-01T10:00", Pattern::Daily, 0, Until::Count(2)), PlanError::Rule),
            (series("2026-12-01T10:00", Pattern::Daily, 53, Until::Count(2)), PlanError::Rule),
        ] {
            assert_eq!(plan.dates(Tz::UTC), Err(expected), "{plan:?}");
        }
        assert_eq!(long.dates(Tz::UTC).unwrap().len(), 2, "they touch, and do not overlap");
        // The day on which clocks jump has 23 hours.
        let days = Plan { begins: at("2027-03-27T10:00"), ..long };
        assert_eq!(days.dates(Tz::Europe__Madrid), Err(PlanError::Overlap));
    }

    #[test]
    fn a_plan_moves_by_days() {
        let plan = series(
            "2026-12-01T10:00",
            Pattern::Weekly(vec![Weekday::Tue, Weekday::Thu]),
            1,
            Until::Day(day("2026-12-17")),
        );
        let later = plan.shifted(7 * 40 + 1);
        let dates = later.dates(Tz::Europe__Madrid).unwrap();
        assert_eq!(dates.len(), plan.dates(Tz::Europe__Madrid).unwrap().len());
        assert_eq!(local(dates[0].begins, Tz::Europe__Madrid), at("2027-09-08T10:00"));
    }

    proptest! {
        #[test]
        fn no_plan_panics_and_dates_are_in_order(
            begins in 940_000_000i64..4_200_000_000,
            minutes in 0u32..2000,
            every in 0u16..60,
            count in 0u16..500,
            pattern in prop_oneof![
                Just(Pattern::Daily),
                Just(Pattern::Weekly(vec![Weekday::Mon, Weekday::Sun])),
                Just(Pattern::MonthlyOnDay),
                Just(Pattern::MonthlyOnWeekday),
            ],
            zone in prop_oneof![Just(Tz::Europe__Madrid), Just(Tz::Pacific__Apia), Just(Tz::Asia__Kathmandu)],
        ) {
            let begins = chrono::DateTime::from_timestamp(begins, 0).unwrap().naive_utc();
            let repeat = Some(Repeat { pattern, every, until: Until::Count(count) });
            if let Ok(dates) = (Plan { begins, minutes, repeat }).dates(zone) {
                prop_assert!(dates.len() <= usize::from(count));
                prop_assert!(dates.iter().zip(dates.iter().skip(1)).all(|(one, next)| one.ends <= next.begins));
                for date in dates.iter().filter(|date| !date.jumps) {
                    prop_assert_eq!(local(date.begins, zone).time(), begins.time());
                }
            }
        }
    }
}
