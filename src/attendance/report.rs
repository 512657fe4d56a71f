//! From stored stretches to what a teacher reads: a pure computation.

use serde::Serialize;

use super::interval::{GRACE, Interval, minutes, time_in_class};
use super::roster::Absent;
use super::roster::store::Listed;
use super::store::{StoredMeeting, StoredPresence};
use crate::clock::Timestamp;

/// A room's last meetings, newest first.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The meetings.
    pub meetings: Vec<MeetingLine>,
}

/// One meeting.
#[derive(Debug, Serialize)]
pub struct MeetingLine {
    /// First sign of life, ISO 8601 in UTC.
    pub began: String,
    /// Last sign of life; none while it runs.
    pub ended: Option<String>,
    /// Whether it runs.
    pub live: bool,
    /// From the first sign of life to the last.
    pub minutes: u64,
    /// Who was there, by name.
    pub people: Vec<PersonLine>,
    /// Learners of the course who were not: of the newest meeting alone, since the course of earlier ones is not known.
    pub absent: Option<Absent>,
}

/// One person in one meeting.
#[derive(Debug, Serialize)]
pub struct PersonLine {
    /// The name; empty where the platform tells none.
    pub name: String,
    /// `moderator`, `participant` or `observer`.
    pub kind: String,
    /// Time in class, united over pages and devices.
    pub minutes: u64,
    /// First sign of life, ISO 8601 in UTC.
    pub first: String,
    /// Last sign of life.
    pub last: String,
    /// Whether the person is there now.
    pub here: bool,
}

impl Report {
    /// The report of these meetings; `unnamed` stands for people without a name.
    pub fn new(meetings: &[StoredMeeting], people: &[StoredPresence], unnamed: &str, now: Timestamp) -> Self {
        let line = |meeting: &StoredMeeting| MeetingLine {
            began: iso(meeting.began),
            ended: meeting.ended.map(iso),
            live: meeting.ended.is_none(),
            minutes: minutes(
                Interval {
                    start: Timestamp::from_millis(meeting.began),
                    end: Timestamp::from_millis(meeting.last_seen),
                }
                .length(),
            ),
            people: persons(meeting, people, unnamed, now),
            absent: None,
        };
        Self { meetings: meetings.iter().map(line).collect() }
    }

    /// The same with the learners among `members`, by name, who were not in the newest meeting.
    #[must_use]
    pub fn with_absent(
        mut self,
        meetings: &[StoredMeeting],
        people: &[StoredPresence],
        members: &[Listed],
    ) -> Self {
        if let (Some(line), Some(newest)) = (self.meetings.first_mut(), meetings.first()) {
            let there = people.iter().filter(|stretch| stretch.meeting == newest.id);
            line.absent = Some(Absent::new(members, &there.map(|stretch| stretch.user.as_str()).collect()));
        }
        self
    }
}

fn persons(
    meeting: &StoredMeeting,
    people: &[StoredPresence],
    unnamed: &str,
    now: Timestamp,
) -> Vec<PersonLine> {
    let here: Vec<&StoredPresence> = people.iter().filter(|stretch| stretch.meeting == meeting.id).collect();
    // Stretches come sorted by person, so each person's stand together.
    here.chunk_by(|left, right| left.user == right.user)
        .map(|stretches| person(stretches, meeting.ended.is_none(), unnamed, now))
        .collect()
}

fn person(stretches: &[&StoredPresence], live: bool, unnamed: &str, now: Timestamp) -> PersonLine {
    let intervals: Vec<Interval> = stretches.iter().map(|stretch| stretch.interval()).collect();
    let is_here = |stretch: &&StoredPresence| {
        !stretch.has_left && now.since(Timestamp::from_millis(stretch.last_seen)) <= GRACE
    };
    let first = stretches.iter().map(|stretch| stretch.joined).min().unwrap_or_default();
    let last = stretches.iter().map(|stretch| stretch.last_seen).max().unwrap_or_default();
    PersonLine {
        name: stretches.iter().find_map(|stretch| stretch.name.clone()).unwrap_or_else(|| unnamed.to_owned()),
        kind: stretches.last().map(|stretch| stretch.standing.clone()).unwrap_or_default(),
        minutes: minutes(time_in_class(&intervals)),
        first: iso(first),
        last: iso(last),
        here: live && stretches.iter().any(is_here),
    }
}

/// A moment for pages: ISO 8601 in UTC, in whole seconds.
pub fn iso(millis: i64) -> String {
    Timestamp::from_millis(millis).iso()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stretch(user: &str, joined: i64, last_seen: i64, has_left: bool) -> StoredPresence {
        StoredPresence {
            meeting: "m".into(),
            user: user.into(),
            name: Some(user.to_uppercase()),
            number: None,
            standing: "participant".into(),
            joined: joined * 1000,
            last_seen: last_seen * 1000,
            has_left,
        }
    }

    #[test]
    fn each_person_has_one_line_with_united_minutes() {
        let meeting = StoredMeeting { id: "m".into(), began: 0, last_seen: 3_600_000, ended: None };
        let people = [
            stretch("ana", 0, 600, false),
            stretch("ana", 300, 1_200, false),
            stretch("ben", 0, 3_590, false),
        ];
        let report = Report::new(&[meeting], &people, "?", Timestamp::from_secs(3_600));
        let lines: Vec<(&str, u64, bool)> = report.meetings[0]
            .people
            .iter()
            .map(|line| (line.name.as_str(), line.minutes, line.here))
            .collect();
        assert_eq!(lines, [("ANA", 20, false), ("BEN", 59, true)]);
        assert_eq!(report.meetings[0].minutes, 60);
        assert_eq!(report.meetings[0].began, "1970-01-01T00:00:00Z");
    }

    #[test]
    fn learners_are_missed_in_the_newest_meeting_alone() {
        let newest = StoredMeeting { id: "n".into(), began: 9_000_000, last_seen: 9_000_000, ended: None };
        let older = StoredMeeting { id: "m".into(), began: 0, last_seen: 3_600_000, ended: Some(3_600_000) };
        let people = [
            stretch("ana", 0, 600, false),
            StoredPresence { meeting: "n".into(), ..stretch("ben", 0, 600, false) },
        ];
        let listed = |user: &str| Listed {
            name: Some(user.to_owned()),
            number: None,
            is_learner: true,
            user: Some(user.to_owned()),
        };
        let (meetings, members) = ([newest, older], [listed("ana"), listed("ben")]);
        let now = Timestamp::from_secs(9_000);
        let report = Report::new(&meetings, &people, "?", now).with_absent(&meetings, &people, &members);
        let absent = report.meetings[0].absent.as_ref().unwrap();
        assert_eq!((absent.count, absent.people[0].name.as_str()), (1, "ana"));
        assert_eq!(report.meetings[1].absent, None);
    }

    #[test]
    fn who_said_good_bye_or_sits_in_an_ended_meeting_is_not_here() {
        let running = StoredMeeting { id: "m".into(), began: 0, last_seen: 100_000, ended: None };
        let ended = StoredMeeting { ended: Some(100_000), ..running.clone() };
        let now = Timestamp::from_secs(110);
        let here = |meeting: &StoredMeeting, has_left| {
            Report::new(std::slice::from_ref(meeting), &[stretch("a", 0, 100, has_left)], "?", now).meetings
                [0]
            .people[0]
                .here
        };
        assert!(here(&running, false));
        assert!(!here(&running, true));
        assert!(!here(&ended, false));
    }
}
