//! Heartbeats of one person in one room that are not written yet: decided from values alone.

use std::time::Duration;

use super::interval::{Ending, GRACE};
use crate::clock::Timestamp;
use crate::ids::{LinkId, RoomId, UserId};
use crate::lti::launch::roles::MeetingRole;
use crate::rooms::presence_token::PresenceToken;

/// Meeting pages of one person in one room that are told apart at a time; those beyond them share the oldest one's interval.
pub const MAX_PAGES: usize = 20;
/// Failed heartbeats that a page may tell later.
pub const MAX_MISSED: usize = 240;
/// No failed heartbeat counts that is older.
pub const MAX_MISSED_AGE: Duration = Duration::from_secs(60 * 60);

/// Whose heartbeats, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttendeeKey {
    /// Our identifier of the room.
    pub room: RoomId,
    /// Our identifier of the resource link that the person came through.
    pub link: LinkId,
    /// Our identifier of the person.
    pub user: UserId,
    /// What the person is in the meeting.
    pub role: MeetingRole,
}

impl AttendeeKey {
    /// Returns whose presence token it is, and the page that holds it.
    pub fn of(token: PresenceToken) -> (Self, String) {
        let PresenceToken { visit, room, link, user, role, .. } = token;
        (Self { room, link, user, role }, visit)
    }
}

/// The heartbeats of one person in one room that are not written yet.
#[derive(Clone, Debug)]
pub struct HeartbeatBatch {
    /// Whose, and where.
    pub attendee: AttendeeKey,
    /// The earliest first.
    pub intervals: Vec<PendingInterval>,
}

/// What a page said at a moment.
#[derive(Clone, Copy, Debug)]
pub struct Heartbeat<'a> {
    /// The page.
    pub visit: &'a str,
    /// When it was opened.
    pub opened: Timestamp,
    /// When, by our clock.
    pub at: Timestamp,
    /// Whether it said good-bye.
    pub has_left: bool,
    /// Whether the database was asked if the person may be there.
    pub is_admitted: bool,
}

/// An interval of one page's heartbeats that is not written yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingInterval {
    /// The page.
    pub visit: String,
    /// When it was opened; of several, the first.
    pub opened: Timestamp,
    /// The first heartbeat.
    pub first: Timestamp,
    /// The last heartbeat.
    pub last: Timestamp,
    /// Whether the last one said good-bye.
    pub has_left: bool,
    /// Whether the database was asked at each of them if the person may be there.
    pub is_admitted: bool,
}

impl PendingInterval {
    fn new(heartbeat: Heartbeat<'_>) -> Self {
        let Heartbeat { visit, opened, at, has_left, is_admitted } = heartbeat;
        Self { visit: visit.to_owned(), opened, first: at, last: at, has_left, is_admitted }
    }

    /// Tells whether all that is known is that the page said good-bye.
    pub fn is_good_bye_alone(&self) -> bool {
        self.has_left && self.first == self.last
    }

    fn takes(&self, at: Timestamp) -> bool {
        let until = if self.has_left { self.last } else { self.last.plus(GRACE) };
        self.first.minus(GRACE) <= at && at <= until
    }

    fn bridged_until(&self) -> Timestamp {
        self.last.plus(Ending::of(self.has_left).bridged_for())
    }

    /// Takes in another interval; the later end decides how it ended.
    fn absorb(&mut self, other: Self) {
        self.first = self.first.min(other.first);
        self.opened = self.opened.min(other.opened);
        self.is_admitted &= other.is_admitted;
        if (other.last, !other.has_left) >= (self.last, !self.has_left) {
            (self.visit, self.last, self.has_left) = (other.visit, other.last, other.has_left);
        }
    }
}

/// All of one person in one room.
///
/// However often pages heartbeat, and however long nothing can be written, there is one entry for a page and for each of its
/// silences; beyond [`MAX_PAGES`] entries, those that touch become one.
#[derive(Clone, Debug, Default)]
pub struct PendingIntervals(Vec<PendingInterval>);

impl PendingIntervals {
    /// Takes a heartbeat, in any order. One that its page's good-bye overtook does not count.
    pub fn add(&mut self, heartbeat: Heartbeat<'_>) {
        let own = |one: &&mut PendingInterval| one.visit == heartbeat.visit;
        if self.0.iter_mut().filter(own).any(|one| one.has_left && heartbeat.at > one.last) {
            return;
        }
        match self.0.iter_mut().filter(own).find(|one| one.takes(heartbeat.at)) {
            Some(one) => one.absorb(PendingInterval::new(heartbeat)),
            None => self.0.push(PendingInterval::new(heartbeat)),
        }
        self.join_pages();
    }

    /// Takes back what could not be written.
    pub fn put_back(&mut self, intervals: Vec<PendingInterval>) {
        self.0.extend(intervals);
        self.join_pages();
    }

    /// Returns how many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Returns them, the earliest first.
    pub fn into_intervals(mut self) -> Vec<PendingInterval> {
        self.0.sort_by_key(|one| one.first);
        self.0
    }

    /// A heartbeat between two intervals of a page makes them one; so does any between those of many pages.
    fn join_pages(&mut self) {
        if self.0.len() < 2 {
            return;
        }
        self.0.sort_by(|left, right| (&left.visit, left.first).cmp(&(&right.visit, right.first)));
        self.join(usize::MAX, |last, next| last.visit == next.visit && last.takes(next.first));
        if let Some(beyond) = self.0.len().checked_sub(MAX_PAGES).filter(|beyond| *beyond > 0) {
            self.0.sort_by_key(|one| one.first);
            self.join(beyond, |last, next| next.first <= last.bridged_until());
        }
    }

    /// Joins neighbours for which `is_one` holds, `most` times.
    fn join(&mut self, most: usize, is_one: impl Fn(&PendingInterval, &PendingInterval) -> bool) {
        let mut joined: Vec<PendingInterval> = Vec::with_capacity(self.0.len());
        let mut left = most;
        for next in self.0.drain(..) {
            match joined.last_mut() {
                Some(last) if left > 0 && is_one(last, &next) => {
                    last.absorb(next);
                    left -= 1;
                }
                _ => joined.push(next),
            }
        }
        self.0 = joined;
    }
}

/// Returns when a page tried to say that its person is there, from what it tells later: so many milliseconds ago each.
///
/// Trust: every moment lies between the opening of the page and now, so a page that lies claims what it could have had by
/// beating. Moments further apart than [`GRACE`] are not bridged.
pub fn reported_later(ages: &[u64], opened: Timestamp, now: Timestamp) -> Vec<Timestamp> {
    let moment = |age: &u64| now.minus(Duration::from_millis(*age));
    let is_believed = |at: &Timestamp| *at >= opened && now.since(*at) <= MAX_MISSED_AGE;
    ages.iter().take(MAX_MISSED).map(moment).filter(is_believed).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::presence::interval::{Interval, time_in_class};

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_secs(secs)
    }

    fn heartbeat(visit: &str, secs: i64) -> Heartbeat<'_> {
        Heartbeat { visit, opened: at(0), at: at(secs), has_left: false, is_admitted: true }
    }

    fn good_bye(visit: &str, secs: i64) -> Heartbeat<'_> {
        Heartbeat { has_left: true, ..heartbeat(visit, secs) }
    }

    fn gathered<'a>(heartbeats: impl IntoIterator<Item = Heartbeat<'a>>) -> PendingIntervals {
        let mut pending = PendingIntervals::default();
        heartbeats.into_iter().for_each(|one| pending.add(one));
        pending
    }

    fn lines(pending: &PendingIntervals) -> Vec<(String, i64, i64, bool)> {
        let line = |one: PendingInterval| (one.visit, one.first.secs(), one.last.secs(), one.has_left);
        pending.clone().into_intervals().into_iter().map(line).collect()
    }

    fn line(visit: &str, first: i64, last: i64, has_left: bool) -> (String, i64, i64, bool) {
        (visit.to_owned(), first, last, has_left)
    }

    fn time(pending: &PendingIntervals) -> Duration {
        let interval = |one: PendingInterval| Interval::new(one.first, one.last, Ending::of(one.has_left));
        time_in_class(&pending.clone().into_intervals().into_iter().map(interval).collect::<Vec<_>>())
    }

    #[test]
    fn heartbeats_become_one_entry_and_a_silence_makes_another() {
        let pending = gathered([0, 30, 60, 151, 180].map(|secs| heartbeat("a", secs)));
        assert_eq!(lines(&pending), [line("a", 0, 60, false), line("a", 151, 180, false)]);
    }

    #[test]
    fn a_heartbeat_told_later_closes_the_gap() {
        let pending = gathered([0, 120, 60].map(|secs| heartbeat("a", secs)));
        assert_eq!(lines(&pending), [line("a", 0, 120, false)]);
    }

    #[test]
    fn a_late_heartbeat_after_a_leave_never_reopens() {
        let pending =
            gathered([heartbeat("a", 0), good_bye("a", 20), heartbeat("a", 21), heartbeat("a", 200)]);
        assert_eq!(lines(&pending), [line("a", 0, 20, true)]);
        let received =
            gathered([good_bye("a", 200), heartbeat("a", 170), heartbeat("a", 140), heartbeat("a", 201)]);
        assert_eq!(lines(&received), [line("a", 140, 200, true)]);
    }

    #[test]
    fn what_could_not_be_written_joins_what_came_meanwhile() {
        let mut pending = gathered([heartbeat("a", 60), heartbeat("b", 61)]);
        pending
            .put_back(gathered([heartbeat("a", 0), heartbeat("a", 30), good_bye("b", 20)]).into_intervals());
        let expected = [line("a", 0, 60, false), line("b", 20, 20, true), line("b", 61, 61, false)];
        assert_eq!(lines(&pending), expected);
    }

    #[test]
    fn thousands_of_pages_of_one_person_take_no_more_room_than_twenty() {
        let visits: Vec<String> = (0..3_000).map(|n| format!("v{n}")).collect();
        let mut pending = PendingIntervals::default();
        for secs in [0, 30, 60] {
            visits.iter().for_each(|visit| pending.add(heartbeat(visit, secs)));
            assert!(pending.count() <= MAX_PAGES, "{}", pending.count());
        }
        assert_eq!(time(&pending), Duration::from_secs(60));
        visits.iter().for_each(|visit| pending.add(good_bye(visit, 70)));
        assert!(pending.count() <= MAX_PAGES, "{}", pending.count());
        assert_eq!(time(&pending), Duration::from_secs(70));
    }

    #[test]
    fn what_was_not_asked_stays_to_be_asked() {
        let unasked = Heartbeat { is_admitted: false, ..heartbeat("a", 30) };
        let admitted = |pending: PendingIntervals| pending.into_intervals()[0].is_admitted;
        assert!(admitted(gathered([heartbeat("a", 0), heartbeat("a", 30)])));
        assert!(!admitted(gathered([heartbeat("a", 0), unasked, heartbeat("a", 60)])));
    }

    #[test]
    fn a_page_tells_later_what_it_could_have_said_in_time() {
        let received = |ages: &[u64]| -> Vec<i64> {
            reported_later(ages, at(1_000), at(8_000)).iter().map(|at| at.secs()).collect()
        };
        assert_eq!(received(&[90_000, 60_000, 30_000]), [7_910, 7_940, 7_970]);
        assert_eq!(received(&[3_600_000, 3_600_001, u64::MAX]), [4_400]);
        assert_eq!(
            reported_later(&[5_000, 5_001], at(95), at(100)),
            [at(95)],
            "never before the page was opened"
        );
        assert_eq!(reported_later(&[1_000; 500], at(0), at(100)).len(), MAX_MISSED);
    }

    proptest! {
        #[test]
        fn a_lying_page_claims_no_more_than_the_clock_ran(
            ages in prop::collection::vec(any::<u64>(), 0..300),
            near in prop::collection::vec(0_u64..5_000_000, 0..300),
            open_for in 0_i64..5_000,
        ) {
            let now = at(100_000);
            let opened = at(100_000 - open_for);
            let received = reported_later(&[ages, near].concat(), opened, now);
            prop_assert!(received.iter().all(|at| *at >= opened && *at <= now));
            let heartbeats = received.iter().chain([&now]).map(|at| Heartbeat { at: *at, ..heartbeat("a", 0) });
            let claimed = time(&gathered(heartbeats));
            prop_assert!(claimed <= now.since(opened));
            prop_assert!(claimed <= MAX_MISSED_AGE);
        }

        #[test]
        fn heartbeats_told_later_count_as_those_told_in_time(failed in prop::collection::vec(any::<bool>(), 1..100)) {
            // A page sends a heartbeat every 30 seconds; those that failed are told with the next one that arrives.
            let last = i64::try_from(failed.len()).unwrap() * 30;
            let moments: Vec<i64> = (0..=last / 30).map(|n| n * 30).collect();
            let mut arrived = PendingIntervals::default();
            let mut missed: Vec<i64> = Vec::new();
            for (moment, has_failed) in moments.iter().zip(failed.iter().chain([&false])) {
                if *has_failed {
                    missed.push(*moment);
                    continue;
                }
                let ages: Vec<u64> = missed.drain(..).map(|then| u64::try_from((moment - then) * 1_000).unwrap()).collect();
                for then in reported_later(&ages, at(0), at(*moment)) {
                    arrived.add(Heartbeat { at: then, ..heartbeat("a", 0) });
                }
                arrived.add(heartbeat("a", *moment));
            }
            prop_assert_eq!(lines(&arrived), [line("a", 0, last, false)]);
        }

        #[test]
        fn the_order_in_which_heartbeats_arrive_means_nothing(
            mut moments in prop::collection::vec(0_i64..2_000, 1..40), turn in any::<usize>(),
        ) {
            let before = lines(&gathered(moments.iter().map(|secs| heartbeat("a", *secs))));
            let length = moments.len();
            moments.rotate_left(turn % length);
            moments.reverse();
            prop_assert_eq!(lines(&gathered(moments.iter().map(|secs| heartbeat("a", *secs)))), before);
        }

        #[test]
        fn more_pages_than_twenty_never_lose_time_nor_gain_any(
            heartbeats in prop::collection::vec((0_usize..60, 0_i64..600), 1..300),
        ) {
            let names: Vec<String> = (0..60).map(|n| format!("v{n}")).collect();
            let pending = gathered(heartbeats.iter().map(|(visit, secs)| heartbeat(&names[*visit], *secs)));
            let each: Vec<Interval> =
                heartbeats.iter().map(|(_, secs)| Interval::new(at(*secs), at(*secs), Ending::Silence)).collect();
            prop_assert_eq!(time(&pending), time_in_class(&each));
        }
    }
}
