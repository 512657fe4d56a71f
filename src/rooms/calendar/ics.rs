//! Dates in the words of calendar programs.
//!
//! Spec: RFC 5545. Each date is an event of its own, so that programs follow one that is moved or cancelled.

use std::fmt::Write as _;
use std::time::Duration;

use chrono::{NaiveDateTime, Offset as _, TimeZone as _};
use chrono_tz::{OffsetComponents as _, OffsetName as _, Tz};

use crate::clock::Timestamp;
use crate::rooms::schedule::plan::local;

/// Spec: RFC 5545 §3.1: octets of a line.
const MAX_LINE: usize = 75;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Programs remind of a class this long before it.
const ALARM: &str = "-PT10M";
/// Programs that subscribe ask again after this long.
const REFRESH: &str = "PT1H";

/// A date in a calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarEvent {
    /// Names the date in every calendar, whatever becomes of it.
    pub uid: String,
    /// What the class is called.
    pub title: String,
    /// What it is about, and how to get there.
    pub description: String,
    /// Where the class is.
    pub url: String,
    /// When it begins.
    pub begins: Timestamp,
    /// When it ends.
    pub ends: Timestamp,
    /// The zone in which it was planned.
    pub zone: Tz,
    /// How often it was changed.
    pub sequence: i64,
    /// Whether it does not take place.
    pub is_cancelled: bool,
}

/// Returns a calendar of this name.
pub fn calendar(name: &str, events: &[CalendarEvent], now: Timestamp) -> String {
    let mut out = Writer::default();
    out.raw("BEGIN:VCALENDAR");
    out.raw("VERSION:2.0");
    out.raw("PRODID:-//jitsi-lti//classes//EN");
    out.raw("CALSCALE:GREGORIAN");
    out.text("X-WR-CALNAME", name);
    out.raw(&format!("REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}"));
    out.raw(&format!("X-PUBLISHED-TTL:{REFRESH}"));
    let mut zones: Vec<Tz> = events.iter().map(|event| event.zone).filter(|zone| *zone != Tz::UTC).collect();
    zones.sort_by_key(|zone| zone.name());
    zones.dedup();
    for zone in zones {
        out.zone(zone, events);
    }
    for event in events {
        out.event(event, now);
    }
    out.raw("END:VCALENDAR");
    out.0
}

#[derive(Default)]
struct Writer(String);

impl Writer {
    /// Writes a line, folded where it is too long: never inside a character.
    fn raw(&mut self, line: &str) {
        let mut length = 0;
        for character in line.chars() {
            if length + character.len_utf8() > MAX_LINE {
                self.0.push_str("\r\n ");
                length = 1;
            }
            self.0.push(character);
            length += character.len_utf8();
        }
        self.0.push_str("\r\n");
    }

    /// Writes a property that is a text.
    ///
    /// Spec: RFC 5545 §3.3.11.
    fn text(&mut self, name: &str, value: &str) {
        let mut line = format!("{name}:");
        for character in value.chars() {
            match character {
                '\\' | ';' | ',' => line.extend(['\\', character]),
                '\n' => line.push_str("\\n"),
                other if other.is_control() => {}
                other => line.push(other),
            }
        }
        self.raw(&line);
    }

    fn moment(&mut self, name: &str, at: Timestamp, zone: Tz) {
        let local = written(local(at, zone));
        self.raw(&match zone {
            Tz::UTC => format!("{name}:{local}Z"),
            _ => format!("{name};TZID={}:{local}", zone.name()),
        });
    }

    fn event(&mut self, event: &CalendarEvent, now: Timestamp) {
        self.raw("BEGIN:VEVENT");
        self.text("UID", &event.uid);
        self.moment("DTSTAMP", now, Tz::UTC);
        self.moment("DTSTART", event.begins, event.zone);
        self.moment("DTEND", event.ends, event.zone);
        self.raw(&format!("SEQUENCE:{}", event.sequence));
        self.raw(if event.is_cancelled { "STATUS:CANCELLED" } else { "STATUS:CONFIRMED" });
        self.text("SUMMARY", &event.title);
        self.text("DESCRIPTION", &event.description);
        self.raw(&format!("URL:{}", event.url));
        if !event.is_cancelled {
            self.raw("BEGIN:VALARM");
            self.raw("ACTION:DISPLAY");
            self.text("DESCRIPTION", &event.title);
            self.raw(&format!("TRIGGER:{ALARM}"));
            self.raw("END:VALARM");
        }
        self.raw("END:VEVENT");
    }

    /// Writes what clocks of a zone do around the events: each change of theirs once, since no rule lasts for ever.
    fn zone(&mut self, zone: Tz, events: &[CalendarEvent]) {
        let own = || events.iter().filter(|event| event.zone == zone);
        let (Some(first), Some(last)) =
            (own().map(|event| event.begins).min(), own().map(|event| event.ends).max())
        else {
            return;
        };
        self.raw("BEGIN:VTIMEZONE");
        self.raw(&format!("TZID:{}", zone.name()));
        let begins = first.minus(DAY);
        let before = clock_at(begins, zone);
        self.clock(&before, before.offset, NaiveDateTime::default());
        for change in changes(zone, begins, last.plus(DAY)) {
            self.clock(&change.to, change.from.offset, change.shown);
        }
        self.raw("END:VTIMEZONE");
    }

    /// Writes from when on clocks show another time.
    fn clock(&mut self, clock: &Clock, from: i32, since: NaiveDateTime) {
        let kind = if clock.is_summer { "DAYLIGHT" } else { "STANDARD" };
        self.raw(&format!("BEGIN:{kind}"));
        self.raw(&format!("DTSTART:{}", written(since)));
        self.raw(&format!("TZOFFSETFROM:{}", offset(from)));
        self.raw(&format!("TZOFFSETTO:{}", offset(clock.offset)));
        self.text("TZNAME", &clock.name);
        self.raw(&format!("END:{kind}"));
    }
}

/// What clocks of a zone show at some time.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Clock {
    /// Seconds ahead of UTC.
    offset: i32,
    is_summer: bool,
    name: String,
}

fn clock_at(at: Timestamp, zone: Tz) -> Clock {
    let utc = chrono::DateTime::from_timestamp_millis(at.millis()).unwrap_or_default().naive_utc();
    let found = zone.offset_from_utc_datetime(&utc);
    Clock {
        offset: found.fix().local_minus_utc(),
        is_summer: !found.dst_offset().is_zero(),
        name: found.abbreviation().unwrap_or("LMT").to_owned(),
    }
}

/// A change of the clocks.
struct ClockChange {
    from: Clock,
    to: Clock,
    /// What they show just then, before it.
    shown: NaiveDateTime,
}

fn changes(zone: Tz, begins: Timestamp, until: Timestamp) -> Vec<ClockChange> {
    let mut found = Vec::new();
    let (mut at, mut before) = (begins, clock_at(begins, zone));
    while at < until {
        let next = at.plus(DAY);
        let after = clock_at(next, zone);
        if after != before {
            let change = first_moment(zone, at, next, &before);
            let shown = local(change.minus(Duration::from_secs(1)), zone);
            let shown = shown.checked_add_signed(chrono::TimeDelta::seconds(1)).unwrap_or(shown);
            found.push(ClockChange { from: before, to: after.clone(), shown });
        }
        (at, before) = (next, after);
    }
    found
}

/// Returns the first second between the two from which on clocks show something else than `before`.
fn first_moment(zone: Tz, begins: Timestamp, until: Timestamp, before: &Clock) -> Timestamp {
    let (mut low, mut high) = (begins.secs(), until.secs());
    while high - low > 1 {
        let middle = i64::midpoint(low, high);
        let is_before = clock_at(Timestamp::from_secs(middle), zone) == *before;
        if is_before { low = middle } else { high = middle }
    }
    Timestamp::from_secs(high)
}

fn written(local: NaiveDateTime) -> String {
    local.format("%Y%m%dT%H%M%S").to_string()
}

/// Spec: RFC 5545 §3.3.14.
fn offset(seconds: i32) -> String {
    let (sign, left) = (if seconds < 0 { '-' } else { '+' }, seconds.unsigned_abs());
    let mut text = format!("{sign}{:02}{:02}", left / 3600, left / 60 % 60);
    if left % 60 != 0 {
        // Writing to a text cannot fail.
        let _ = write!(text, "{:02}", left % 60);
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn event(begins: &str, zone: Tz) -> CalendarEvent {
        let begins = chrono::DateTime::parse_from_rfc3339(begins).unwrap().timestamp_millis();
        let begins = Timestamp::from_millis(begins);
        CalendarEvent {
            uid: "one@tool.example".to_owned(),
            title: "Algebra; for you, too".to_owned(),
            description: "Back\\slash\nand more".to_owned(),
            url: "https://tool.example/rooms/r".to_owned(),
            begins,
            ends: begins.plus(Duration::from_secs(5400)),
            zone,
            sequence: 2,
            is_cancelled: false,
        }
    }

    fn unfolded(calendar: &str) -> Vec<String> {
        calendar.replace("\r\n ", "").split("\r\n").map(str::to_owned).collect()
    }

    #[test]
    fn a_calendar_says_when_where_and_what() {
        let mut cancelled = event("2027-03-29T08:00:00Z", Tz::Europe__Madrid);
        cancelled.is_cancelled = true;
        let text = calendar(
            "Classes",
            &[event("2027-03-22T09:00:00Z", Tz::Europe__Madrid), cancelled],
            Timestamp::EPOCH,
        );
        let lines = unfolded(&text);
        for line in [
            "DTSTART;TZID=Europe/Madrid:20270322T100000",
            "DTEND;TZID=Europe/Madrid:20270322T113000",
            "DTSTART;TZID=Europe/Madrid:20270329T100000",
            "SUMMARY:Algebra\\; for you\\, too",
            "DESCRIPTION:Back\\\\slash\\nand more",
            "STATUS:CANCELLED",
            "SEQUENCE:2",
            "TZOFFSETFROM:+0100",
            "TZOFFSETTO:+0200",
            "DTSTART:20270328T020000",
            "TZNAME:CEST",
        ] {
            assert!(lines.iter().any(|found| found == line), "{line} is not in {text}");
        }
        assert_eq!(lines.iter().filter(|line| *line == "BEGIN:VALARM").count(), 1);
    }

    #[test]
    fn zones_without_a_change_and_with_odd_offsets_are_said() {
        let text = calendar("", &[event("2027-03-22T09:00:00Z", Tz::Asia__Kathmandu)], Timestamp::EPOCH);
        assert!(text.contains("TZOFFSETTO:+0545") && !text.contains("DAYLIGHT"), "{text}");
        let text = calendar("", &[event("2027-03-22T09:00:00Z", Tz::UTC)], Timestamp::EPOCH);
        assert!(text.contains("DTSTART:20270322T090000Z") && !text.contains("VTIMEZONE"), "{text}");
    }

    proptest! {
        #[test]
        fn no_text_breaks_out_of_its_line(title in any::<String>()) {
            let one = CalendarEvent { title: title.clone(), ..event("2027-03-22T09:00:00Z", Tz::UTC) };
            let text = calendar(&title, &[one], Timestamp::EPOCH);
            for line in text.split("\r\n") {
                prop_assert!(line.len() <= MAX_LINE);
                prop_assert!(!line.chars().any(char::is_control));
            }
            let begun = unfolded(&text).iter().filter(|line| line.starts_with("BEGIN:")).count();
            prop_assert_eq!(begun, 3, "the calendar, its event, the event's alarm");
        }
    }
}
