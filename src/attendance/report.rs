//! From stored intervals to what a teacher reads: a pure computation.

use serde::Serialize;

use super::absence::Absent;
use super::store::{ListedMeeting, StoredPresence};
use crate::clock::Timestamp;
use crate::ids::MeetingId;
use crate::presence::interval::{GRACE, Interval, minutes, time_in_class};

/// A room's last meetings, newest first.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The meetings.
    pub meetings: Vec<MeetingLine>,
}

/// One meeting.
#[derive(Debug, Serialize)]
pub struct MeetingLine {
    /// Our identifier.
    pub id: MeetingId,
    /// First heartbeat, ISO 8601 in UTC.
    pub began: String,
    /// Last heartbeat; none while somebody is in class.
    pub ended: Option<String>,
    /// Whether somebody is in class.
    pub live: bool,
    /// Whether who comes now comes to this meeting.
    pub open: bool,
    /// From the first heartbeat to the last.
    pub minutes: u64,
    /// How many people were there.
    pub count: i64,
    /// How many of them the page does not show.
    pub more: i64,
    /// How many come before those that follow; none when these are the last.
    pub next: Option<i64>,
    /// Where those that follow are.
    pub next_url: Option<String>,
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
    pub kind: &'static str,
    /// Time in class, united over pages and devices.
    pub minutes: u64,
    /// First heartbeat, ISO 8601 in UTC.
    pub first: String,
    /// Last heartbeat.
    pub last: String,
    /// Whether the person is there now.
    pub here: bool,
}

impl Report {
    /// The report of these meetings; `unnamed` stands for people without a name.
    pub fn new(meetings: &[ListedMeeting], unnamed: &str, now: Timestamp) -> Self {
        Self { meetings: meetings.iter().map(|meeting| MeetingLine::new(meeting, unnamed, now)).collect() }
    }

    /// The same with the addresses of further people; `address` makes one of a path and a query.
    #[must_use]
    pub fn with_links(mut self, address: impl Fn(&str) -> String) -> Self {
        for line in &mut self.meetings {
            line.next_url = line.next.map(|from| address(&path_of(line.id, from)));
        }
        self
    }

    /// The same with the learners who were not in the newest meeting.
    #[must_use]
    pub fn with_absent(mut self, absent: Option<Absent>) -> Self {
        if let Some(newest) = self.meetings.first_mut() {
            newest.absent = absent;
        }
        self
    }
}

/// Where one meeting is shown alone, from a person on.
pub fn path_of(meeting: MeetingId, from: i64) -> String {
    format!("/attendance?meeting={meeting}&from={from}")
}

impl MeetingLine {
    fn new(listed: &ListedMeeting, unnamed: &str, now: Timestamp) -> Self {
        let ListedMeeting { meeting, count, last_seen, is_live, from, people } = listed;
        let people = persons(people, *is_live, unnamed, now);
        let shown = i64::try_from(people.len()).unwrap_or(i64::MAX);
        let next = from.saturating_add(shown);
        Self {
            id: meeting.id,
            began: meeting.began.iso(),
            ended: (!is_live).then(|| last_seen.iso()),
            live: *is_live,
            open: meeting.ended.is_none(),
            minutes: minutes(last_seen.since(meeting.began)),
            count: *count,
            more: count.saturating_sub(shown),
            next: (next < *count).then_some(next),
            next_url: None,
            people,
            absent: None,
        }
    }
}

/// Intervals come sorted by person, so each person's stand together.
fn persons(people: &[StoredPresence], live: bool, unnamed: &str, now: Timestamp) -> Vec<PersonLine> {
    people
        .chunk_by(|left, right| left.user == right.user)
        .map(|intervals| person(intervals, live, unnamed, now))
        .collect()
}

fn person(stored: &[StoredPresence], live: bool, unnamed: &str, now: Timestamp) -> PersonLine {
    let intervals: Vec<Interval> = stored.iter().map(StoredPresence::interval).collect();
    let is_here = |interval: &StoredPresence| !interval.has_left && now.since(interval.last_seen) <= GRACE;
    let first = stored.iter().map(|interval| interval.joined).min().unwrap_or(Timestamp::EPOCH);
    let last = stored.iter().map(|interval| interval.last_seen).max().unwrap_or(Timestamp::EPOCH);
    PersonLine {
        name: stored.iter().find_map(|interval| interval.name.clone()).unwrap_or_else(|| unnamed.to_owned()),
        kind: stored.last().map_or("", |interval| interval.role.word()),
        minutes: minutes(time_in_class(&intervals)),
        first: first.iso(),
        last: last.iso(),
        here: live && stored.iter().any(is_here),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attendance::store::StoredMeeting;
    use crate::ids::UserId;
    use crate::lti::launch::roles::MeetingRole;

    fn interval(user: &str, joined: i64, last_seen: i64, has_left: bool) -> StoredPresence {
        StoredPresence {
            meeting: MeetingId::NONE,
            user: UserId::derived(user, 0),
            name: Some(user.to_uppercase()),
            number: None,
            role: MeetingRole::Participant,
            joined: Timestamp::from_secs(joined),
            last_seen: Timestamp::from_secs(last_seen),
            has_left,
        }
    }

    fn listed(ended: Option<Timestamp>, is_live: bool, people: Vec<StoredPresence>) -> ListedMeeting {
        let last_seen = people.iter().map(|interval| interval.last_seen).max().unwrap();
        ListedMeeting {
            meeting: StoredMeeting { id: MeetingId::NONE, began: Timestamp::EPOCH, last_seen, ended },
            count: 2,
            last_seen,
            is_live,
            from: 0,
            people,
        }
    }

    #[test]
    fn each_person_has_one_line_with_united_minutes() {
        let people = vec![
            interval("ana", 0, 600, false),
            interval("ana", 300, 1_200, false),
            interval("ben", 0, 3_590, false),
        ];
        let report = Report::new(&[listed(None, true, people)], "?", Timestamp::from_secs(3_600));
        let lines: Vec<(&str, u64, bool)> = report.meetings[0]
            .people
            .iter()
            .map(|line| (line.name.as_str(), line.minutes, line.here))
            .collect();
        assert_eq!(lines, [("ANA", 20, false), ("BEN", 59, true)]);
        assert_eq!((report.meetings[0].minutes, report.meetings[0].more), (59, 0));
        assert_eq!(report.meetings[0].began, "1970-01-01T00:00:00Z");
    }

    #[test]
    fn a_meeting_ends_with_the_last_heartbeat_and_is_live_while_somebody_is_in_class() {
        let now = Timestamp::from_secs(110);
        let line = |ended, is_live: bool| {
            let people = vec![interval("ana", 0, 100, !is_live)];
            Report::new(&[listed(ended, is_live, people)], "?", now).meetings.remove(0)
        };
        let received = |line: MeetingLine| (line.live, line.open, line.ended);
        let ended = || Some("1970-01-01T00:01:40Z".to_owned());
        assert_eq!(received(line(None, true)), (true, true, None));
        assert_eq!(received(line(None, false)), (false, true, ended()));
        assert_eq!(received(line(Some(Timestamp::from_secs(100)), false)), (false, false, ended()));
    }

    #[test]
    fn people_whom_a_page_does_not_show_are_counted_and_come_next() {
        let people: Vec<StoredPresence> = (0..3).map(|n| interval(&format!("p{n}"), 0, 60, true)).collect();
        let of = |count, from| {
            let meeting = ListedMeeting {
                count,
                from,
                ..listed(Some(Timestamp::from_secs(60)), false, people.clone())
            };
            let line = Report::new(&[meeting], "?", Timestamp::from_secs(100)).meetings.remove(0);
            (line.more, line.next)
        };
        assert_eq!(of(3, 0), (0, None));
        assert_eq!(of(10, 0), (7, Some(3)));
        assert_eq!(of(10, 6), (7, Some(9)));
        assert_eq!(of(10, 7), (7, None));
    }

    #[test]
    fn who_said_good_bye_or_sits_in_a_meeting_that_is_over_is_not_here() {
        let now = Timestamp::from_secs(110);
        let here = |is_live, has_left| {
            let people = vec![interval("a", 0, 100, has_left)];
            Report::new(&[listed(None, is_live, people)], "?", now).meetings[0].people[0].here
        };
        assert!(here(true, false));
        assert!(!here(true, true));
        assert!(!here(false, false));
    }
}
