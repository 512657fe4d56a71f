//! What forms say about time.

use chrono::{NaiveDate, NaiveDateTime, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::changes::Edit;
use super::occurrence::{MAX_NOTE, OccurrenceState};
use super::plan::{Pattern, Plan, PlanError, Repeat, Schedule, Until};
use crate::clock::Timestamp;

/// Not a moment that anybody could mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotATime;

/// Reads the moment that was entered; `None` where nothing was. A script tells it in UTC; without one, what was entered is
/// UTC.
pub fn read_moment(input: &str, received: &str) -> Result<Option<Timestamp>, NotATime> {
    let input = input.trim();
    if input.is_empty() {
        return Ok(None);
    }
    let received =
        chrono::DateTime::parse_from_rfc3339(received.trim()).ok().map(|moment| moment.timestamp_millis());
    let as_utc = || read_local(input).map(|moment| moment.and_utc().timestamp_millis());
    let millis = received.or_else(as_utc).ok_or(NotATime)?;
    // From 2000 to 2100: what is entered elsewhere is a slip.
    let is_sensible = (946_684_800_000..4_102_444_800_000).contains(&millis);
    if is_sensible { Ok(Some(Timestamp::from_millis(millis))) } else { Err(NotATime) }
}

/// Reads what a field for local time holds.
fn read_local(input: &str) -> Option<NaiveDateTime> {
    let formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"];
    formats.iter().find_map(|form| NaiveDateTime::parse_from_str(input.trim(), form).ok())
}

/// Writes a local time as fields for it hold it.
pub fn write_local(local: NaiveDateTime) -> String {
    local.format("%Y-%m-%dT%H:%M").to_string()
}

/// The form of a room's plan, as entered.
///
/// Quirk: beside flattened fields serde knows text alone, so numbers are read later.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PlanFields {
    /// `open`, `one` or `series`.
    pub kind: String,
    /// The zone's name.
    pub zone: String,
    /// When the first session begins, in that zone.
    pub begins: String,
    /// When it ends.
    pub ends: String,
    /// `daily`, `weekly`, `monthly` or `monthly-weekday`.
    pub pattern: String,
    /// Every how many.
    pub every: String,
    /// The days of the week, from Monday on: what a ticked box sends.
    pub mon: Option<String>,
    /// Tuesday.
    pub tue: Option<String>,
    /// Wednesday.
    pub wed: Option<String>,
    /// Thursday.
    pub thu: Option<String>,
    /// Friday.
    pub fri: Option<String>,
    /// Saturday.
    pub sat: Option<String>,
    /// Sunday.
    pub sun: Option<String>,
    /// `count` or `day`.
    pub until: String,
    /// How many sessions.
    pub count: String,
    /// The last day.
    pub last_day: String,
}

/// A field whose value cannot be, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct WrongField {
    /// The field.
    pub field: &'static str,
    /// What is wrong, as a key of its words.
    pub problem: &'static str,
}

const fn wrong(field: &'static str, problem: &'static str) -> WrongField {
    WrongField { field, problem }
}

impl PlanFields {
    /// Returns the form of what is planned, with a zone for what is not.
    pub fn of(schedule: Option<&Schedule>, zone: Tz) -> Self {
        let blank = Self {
            kind: "open".to_owned(),
            zone: zone.name().to_owned(),
            pattern: "weekly".to_owned(),
            every: "1".to_owned(),
            until: "count".to_owned(),
            count: "10".to_owned(),
            ..Self::default()
        };
        let Some(schedule) = schedule else { return blank };
        let planned = Self { kind: "one".to_owned(), zone: schedule.zone.name().to_owned(), ..blank };
        let Some(plan) = &schedule.plan else { return planned };
        let minutes = chrono::TimeDelta::minutes(i64::from(plan.minutes));
        let ends = plan.begins.checked_add_signed(minutes).unwrap_or(plan.begins);
        let session = Self { begins: write_local(plan.begins), ends: write_local(ends), ..planned };
        match &plan.repeat {
            None => session,
            Some(repeat) => session.repeated(repeat),
        }
    }

    fn repeated(self, repeat: &Repeat) -> Self {
        let (pattern, days) = match &repeat.pattern {
            Pattern::Daily => ("daily", &[][..]),
            Pattern::Weekly(days) => ("weekly", &days[..]),
            Pattern::MonthlyOnDay => ("monthly", &[][..]),
            Pattern::MonthlyOnWeekday => ("monthly-weekday", &[][..]),
        };
        let on = |day: Weekday| days.contains(&day).then(|| "yes".to_owned());
        let (until, count, last_day) = match repeat.until {
            Until::Count(count) => ("count", count.to_string(), String::new()),
            Until::Day(day) => ("day", self.count.clone(), day.to_string()),
        };
        Self {
            kind: "series".to_owned(),
            pattern: pattern.to_owned(),
            every: repeat.every.to_string(),
            mon: on(Weekday::Mon),
            tue: on(Weekday::Tue),
            wed: on(Weekday::Wed),
            thu: on(Weekday::Thu),
            fri: on(Weekday::Fri),
            sat: on(Weekday::Sat),
            sun: on(Weekday::Sun),
            until: until.to_owned(),
            count,
            last_day,
            ..self
        }
    }

    /// Reads the schedule that is meant; `None` for a room that is always open.
    ///
    /// Errors: the first field that is wrong.
    pub fn read(&self) -> Result<Option<Schedule>, WrongField> {
        let repeats = match self.kind.as_str() {
            "open" => return Ok(None),
            "one" => false,
            "series" => true,
            _ => return Err(wrong("kind", "kind")),
        };
        let zone: Tz = self.zone.trim().parse().map_err(|_| wrong("zone", "zone"))?;
        let Span { begins, minutes } = read_span(&self.begins, &self.ends)?;
        let repeat = if repeats { Some(self.read_repeat()?) } else { None };
        let plan = Plan { begins, minutes, repeat };
        plan.dates(zone).map_err(wrong_plan)?;
        Ok(Some(Schedule { zone, plan: Some(plan), edition: 0 }))
    }

    fn read_repeat(&self) -> Result<Repeat, WrongField> {
        let pattern = match self.pattern.as_str() {
            "daily" => Pattern::Daily,
            "weekly" => Pattern::Weekly(self.weekdays()),
            "monthly" => Pattern::MonthlyOnDay,
            "monthly-weekday" => Pattern::MonthlyOnWeekday,
            _ => return Err(wrong("pattern", "pattern")),
        };
        let every = self.every.trim().parse().map_err(|_| wrong("every", "every"))?;
        let until = match self.until.as_str() {
            "count" => Until::Count(self.count.trim().parse().map_err(|_| wrong("count", "count"))?),
            "day" => {
                let day = NaiveDate::parse_from_str(self.last_day.trim(), "%Y-%m-%d");
                Until::Day(day.map_err(|_| wrong("last_day", "last-day"))?)
            }
            _ => return Err(wrong("until", "until")),
        };
        Ok(Repeat { pattern, every, until })
    }

    fn weekdays(&self) -> Vec<Weekday> {
        let days = [
            (&self.mon, Weekday::Mon),
            (&self.tue, Weekday::Tue),
            (&self.wed, Weekday::Wed),
            (&self.thu, Weekday::Thu),
            (&self.fri, Weekday::Fri),
            (&self.sat, Weekday::Sat),
            (&self.sun, Weekday::Sun),
        ];
        days.into_iter().filter(|(on, _)| on.is_some()).map(|(_, day)| day).collect()
    }
}

/// Says beside which field it stands that a plan leads nowhere.
fn wrong_plan(error: PlanError) -> WrongField {
    match error {
        PlanError::Length => wrong("ends", "length"),
        PlanError::Begins => wrong("begins", "begins"),
        PlanError::Never => wrong("until", "never"),
        PlanError::TooMany => wrong("until", "too-many"),
        PlanError::Overlap => wrong("ends", "overlap"),
        PlanError::Rule => wrong("every", "every"),
    }
}

/// From when to when, in local time.
struct Span {
    begins: NaiveDateTime,
    minutes: u32,
}

fn read_span(begins: &str, ends: &str) -> Result<Span, WrongField> {
    let begins = read_local(begins).ok_or(wrong("begins", "begins"))?;
    let ends = read_local(ends).ok_or(wrong("ends", "ends"))?;
    if ends <= begins {
        return Err(wrong("ends", "order"));
    }
    let minutes = u32::try_from(ends.signed_duration_since(begins).num_minutes());
    Ok(Span { begins, minutes: minutes.map_err(|_| wrong("ends", "length"))? })
}

/// The form of one date, as entered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DateFields {
    /// When it begins, in the course's zone.
    pub begins: String,
    /// When it ends.
    pub ends: String,
    /// What is said about it.
    pub note: String,
    /// Whether it does not take place.
    pub cancelled: Option<String>,
    /// Which dates are meant.
    pub scope: String,
}

impl DateFields {
    /// Returns the form of a date as it is.
    pub fn of(edit: &Edit) -> Self {
        let minutes = chrono::TimeDelta::minutes(i64::from(edit.minutes));
        let ends = edit.begins.checked_add_signed(minutes).unwrap_or(edit.begins);
        Self {
            begins: write_local(edit.begins),
            ends: write_local(ends),
            note: edit.note.clone(),
            cancelled: (edit.state == OccurrenceState::Cancelled).then(|| "yes".to_owned()),
            scope: "one".to_owned(),
        }
    }

    /// Reads what the date shall be.
    ///
    /// Errors: the first field that is wrong.
    pub fn read(&self) -> Result<Edit, WrongField> {
        let Span { begins, minutes } = read_span(&self.begins, &self.ends)?;
        let note: String = self.note.trim().chars().filter(|c| !c.is_control()).collect();
        if note.chars().count() > MAX_NOTE {
            return Err(wrong("note", "note"));
        }
        let state = match self.cancelled {
            Some(_) => OccurrenceState::Cancelled,
            None => OccurrenceState::Planned,
        };
        Ok(Edit { begins, minutes, state, note })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(kind: &str) -> PlanFields {
        PlanFields {
            kind: kind.to_owned(),
            zone: "Europe/Madrid".to_owned(),
            begins: "2026-12-01T10:00".to_owned(),
            ends: "2026-12-01T11:30".to_owned(),
            ..PlanFields::of(None, Tz::UTC)
        }
    }

    #[test]
    fn what_a_form_means_fills_in_the_same_form() {
        let text = |text: &str| text.to_owned();
        for fields in [
            PlanFields::of(None, Tz::Asia__Tokyo),
            form("one"),
            PlanFields { tue: Some(text("yes")), fri: Some(text("yes")), ..form("series") },
            PlanFields { pattern: text("daily"), every: text("2"), count: text("3"), ..form("series") },
            PlanFields { until: text("day"), last_day: text("2027-01-31"), ..form("series") },
            PlanFields { pattern: text("monthly-weekday"), ..form("series") },
        ] {
            let read = fields.read().unwrap();
            assert_eq!(PlanFields::of(read.as_ref(), Tz::Asia__Tokyo), fields);
            if let Some(schedule) = read {
                let stored = serde_json::to_string(&schedule).unwrap();
                assert_eq!(serde_json::from_str::<Schedule>(&stored).unwrap(), schedule);
            }
        }
    }

    #[test]
    fn each_slip_is_named_beside_its_field() {
        let text = |text: &str| text.to_owned();
        for (fields, field, problem) in [
            (PlanFields { kind: text("sometimes"), ..form("one") }, "kind", "kind"),
            (PlanFields { zone: text("Mars/Olympus"), ..form("one") }, "zone", "zone"),
            (PlanFields { begins: text("soon"), ..form("one") }, "begins", "begins"),
            (PlanFields { begins: text("0026-12-01T10:00"), ..form("one") }, "ends", "length"),
            (PlanFields { ends: text(""), ..form("one") }, "ends", "ends"),
            (PlanFields { ends: text("2026-12-01T10:00"), ..form("one") }, "ends", "order"),
            (PlanFields { ends: text("2026-12-01T10:04"), ..form("one") }, "ends", "length"),
            (PlanFields { ends: text("2026-12-02T10:01"), ..form("one") }, "ends", "length"),
            (PlanFields { every: text("x"), ..form("series") }, "every", "every"),
            (PlanFields { every: text("0"), ..form("series") }, "every", "every"),
            (PlanFields { count: text("-1"), ..form("series") }, "count", "count"),
            (PlanFields { count: text("10000"), ..form("series") }, "until", "too-many"),
            (PlanFields { count: text("0"), ..form("series") }, "until", "never"),
            (
                PlanFields { until: text("day"), last_day: text("2026-11-30"), ..form("series") },
                "until",
                "never",
            ),
            (
                PlanFields { until: text("day"), last_day: text("x"), ..form("series") },
                "last_day",
                "last-day",
            ),
            (PlanFields { pattern: text("yearly"), ..form("series") }, "pattern", "pattern"),
        ] {
            assert_eq!(fields.read(), Err(wrong(field, problem)), "{fields:?}");
        }
    }

    #[test]
    fn a_date_is_read_as_it_is_written() {
        let fields = DateFields {
            begins: "2026-12-01T10:00".to_owned(),
            ends: "2026-12-01T11:30".to_owned(),
            note: " Ana’s “exam” 🎉\u{7} ".to_owned(),
            cancelled: Some("yes".to_owned()),
            scope: "one".to_owned(),
        };
        let edit = fields.read().unwrap();
        assert_eq!((edit.note.as_str(), edit.minutes), ("Ana’s “exam” 🎉", 90));
        assert_eq!(DateFields { note: edit.note.clone(), ..fields.clone() }, DateFields::of(&edit));
        let long = DateFields { note: "x".repeat(MAX_NOTE + 1), ..fields };
        assert_eq!(long.read(), Err(wrong("note", "note")));
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_readers_panic(input in ".{0,40}", received in ".{0,40}") {
            let _ = read_moment(&input, &received);
            let fields = PlanFields { begins: input.clone(), ends: received, every: input.clone(), count: input, ..form("series") };
            let _ = fields.read();
        }
    }
}
