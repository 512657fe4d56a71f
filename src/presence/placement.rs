//! Where an interval of heartbeats belongs among what is stored: decided from values alone.

use super::interval::{Ending, GRACE};
use super::pending::{MAX_PAGES, PendingInterval};
use crate::clock::Timestamp;
use crate::ids::MeetingId;

/// A row of a meeting page, as new heartbeats meet it.
#[derive(Clone, Debug)]
pub struct PageRow {
    /// Our identifier of the row.
    pub id: String,
    /// The meeting.
    pub meeting: MeetingId,
    /// First heartbeat.
    pub joined: Timestamp,
    /// Last heartbeat.
    pub last_seen: Timestamp,
    /// Whether the page said good-bye.
    pub has_left: bool,
}

/// What a row becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GrownInterval {
    /// First heartbeat.
    pub joined: Timestamp,
    /// Last heartbeat.
    pub last_seen: Timestamp,
    /// Whether the page said good-bye.
    pub has_left: bool,
}

impl GrownInterval {
    /// Returns a row with an interval of another page added; the later end decides how it ended.
    pub fn shared(row: &PageRow, interval: &PendingInterval) -> Self {
        let last = interval.last;
        Self {
            joined: row.joined.min(interval.first),
            last_seen: row.last_seen.max(last),
            has_left: if last >= row.last_seen { interval.has_left } else { row.has_left },
        }
    }
}

/// Where an interval belongs among the rows of its page.
#[derive(Debug, PartialEq, Eq)]
pub enum RowChoice {
    /// It says nothing new.
    Nowhere,
    /// A row grows.
    Row {
        /// Which.
        index: usize,
        /// To what.
        grown: GrownInterval,
    },
    /// It is a row of its own.
    New {
        /// The last heartbeat that counts.
        last: Timestamp,
    },
}

/// Decides where an interval belongs among the rows of its page, which come in order. What came after the page's good-bye does
/// not count, what came before it does, however late it is told.
pub fn place(interval: &PendingInterval, rows: &[PageRow]) -> RowChoice {
    let (first, last) = (interval.first, interval.last);
    let left = rows.iter().find(|row| row.has_left).map(|row| row.last_seen);
    if left.is_some_and(|left| first > left) {
        return RowChoice::Nowhere;
    }
    let until = left.map_or(last, |left| left.min(last));
    // The earliest: no other row of the page then begins where this one will.
    let touching =
        |row: &PageRow| row.last_seen.plus(GRACE) >= interval.first && row.joined <= until.plus(GRACE);
    if let Some(index) = rows.iter().position(touching) {
        let row = &rows[index];
        let has_left = row.has_left || (interval.has_left && left.is_none());
        let (joined, last_seen) = (row.joined.min(first), row.last_seen.max(until));
        return RowChoice::Row { index, grown: GrownInterval { joined, last_seen, has_left } };
    }
    if interval.is_good_bye_alone() { RowChoice::Nowhere } else { RowChoice::New { last: until } }
}

/// Returns the row that a further page of a person shares, of those seen lately, which come with the longest silent first:
/// once there are [`MAX_PAGES`], the first that bridges to the interval, so that no time is lost. Its own page then finds
/// another one. `own` are the rows of the further page itself.
pub fn shared(interval: &PendingInterval, own: &[PageRow], lately: Vec<PageRow>) -> Option<PageRow> {
    if lately.len() < MAX_PAGES {
        return None;
    }
    let is_bridged = |row: &PageRow| {
        let bridged_for = Ending::of(row.has_left).bridged_for();
        interval.first <= row.last_seen.plus(bridged_for)
    };
    // No two rows of a page may begin at once.
    let is_free =
        |row: &PageRow| own.iter().all(|one| one.joined != GrownInterval::shared(row, interval).joined);
    lately.into_iter().find(|row| is_bridged(row) && is_free(row))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(joined: i64, last_seen: i64, has_left: bool) -> PageRow {
        let id = format!("{joined}");
        PageRow {
            id,
            meeting: MeetingId::NONE,
            joined: Timestamp::from_secs(joined),
            last_seen: Timestamp::from_secs(last_seen),
            has_left,
        }
    }

    fn interval(first: i64, last: i64, has_left: bool) -> PendingInterval {
        let (first, last) = (Timestamp::from_secs(first), Timestamp::from_secs(last));
        PendingInterval { visit: "v".into(), opened: first, first, last, has_left, is_admitted: true }
    }

    fn grows(index: usize, joined: i64, last_seen: i64, has_left: bool) -> RowChoice {
        let grown = GrownInterval {
            joined: Timestamp::from_secs(joined),
            last_seen: Timestamp::from_secs(last_seen),
            has_left,
        };
        RowChoice::Row { index, grown }
    }

    fn new(last: i64) -> RowChoice {
        RowChoice::New { last: Timestamp::from_secs(last) }
    }

    #[test]
    fn an_interval_finds_its_place_in_whatever_order_it_is_told() {
        let silent = row(100, 200, false);
        for (interval, rows, expected) in [
            (interval(0, 60, false), vec![], new(60)),
            (interval(0, 60, true), vec![], new(60)),
            (interval(60, 60, true), vec![], RowChoice::Nowhere),
            (interval(290, 350, false), vec![silent.clone()], grows(0, 100, 350, false)),
            (interval(291, 350, false), vec![silent.clone()], new(350)),
            (interval(210, 210, true), vec![silent.clone()], grows(0, 100, 210, true)),
            (interval(291, 291, true), vec![silent.clone()], RowChoice::Nowhere),
            // Told later: before the row, within it, between two.
            (interval(0, 10, false), vec![silent.clone()], grows(0, 0, 200, false)),
            (interval(0, 9, false), vec![silent.clone()], new(9)),
            (interval(120, 150, false), vec![silent.clone()], grows(0, 100, 200, false)),
            (interval(230, 380, false), vec![silent, row(400, 500, false)], grows(0, 100, 380, false)),
        ] {
            assert_eq!(place(&interval, &rows), expected, "{interval:?} {rows:?}");
        }
    }

    #[test]
    fn what_comes_after_a_leave_never_reopens_and_what_came_before_counts() {
        let left = vec![row(100, 200, true)];
        for (interval, expected) in [
            (interval(201, 230, false), RowChoice::Nowhere),
            (interval(1_000, 1_030, false), RowChoice::Nowhere),
            (interval(150, 230, false), grows(0, 100, 200, true)),
            (interval(40, 90, false), grows(0, 40, 200, true)),
            (interval(0, 5, false), new(5)),
        ] {
            assert_eq!(place(&interval, &left), expected, "{interval:?}");
        }
    }

    #[test]
    fn the_twenty_first_page_shares_the_longest_silent_ones_row() {
        let mut lately: Vec<PageRow> = (0..20).map(|n| row(n, 100 + n, false)).collect();
        let heartbeat = interval(150, 150, false);
        assert_eq!(shared(&heartbeat, &[], lately[..19].to_vec()).map(|row| row.id), None);
        assert_eq!(shared(&heartbeat, &[], lately.clone()).unwrap().id, "0");
        // Not where the page has a row that begins at the same moment.
        assert_eq!(shared(&heartbeat, &[row(0, 10, false)], lately.clone()).unwrap().id, "1");
        // Nor one that ended: that would count time in which nobody was there.
        lately[0].has_left = true;
        assert_eq!(shared(&heartbeat, &[], lately.clone()).unwrap().id, "1");
        assert_eq!(shared(&interval(110, 110, false), &[], lately).unwrap().id, "0", "a reload is bridged");
    }
}
