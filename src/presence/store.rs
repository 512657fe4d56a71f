//! Writes heartbeats into `meeting` and `presence`.

use std::collections::BTreeMap;

use diesel::dsl::{case_when, exists, not};
use diesel::prelude::*;

use super::interval::GRACE;
use super::pending::{AttendeeKey, HeartbeatBatch, PendingInterval};
use super::placement::{GrownInterval, PageRow, RowChoice, place, shared};
use crate::clock::Timestamp;
use crate::db::schema::{lti_user, meeting, presence, resource_link, room};
use crate::db::{DbConnection, DbError, Tx};
use crate::ids::{MeetingId, RoomId, row_id};
use crate::on_each_backend;
use crate::rooms::access::{require_admission, require_unended};
use crate::rooms::meeting::SILENCE;
use crate::rooms::model::Admission;
use crate::rooms::store::find_admission;

const HEARTBEAT: &str = "heartbeat";

/// An interval to be written, and whose.
#[derive(Clone, Copy)]
struct Page<'a> {
    attendee: &'a AttendeeKey,
    interval: &'a PendingInterval,
}

/// When heartbeats kept a meeting alive.
#[derive(Clone, Copy)]
struct Span {
    first: Timestamp,
    last: Timestamp,
}

/// Meetings that heartbeats keep alive.
type Alive = BTreeMap<MeetingId, Span>;

/// Writes heartbeats, and keeps their meetings alive: each meeting once, in one order for all processes.
///
/// Heartbeats at which the database could not be asked if the person may be there count only where the answer is yes now.
pub fn record_all(tx: &mut Tx<'_>, batches: &[HeartbeatBatch]) -> Result<(), DbError> {
    let mut alive = Alive::new();
    for HeartbeatBatch { attendee, intervals } in batches {
        let must_ask = intervals.iter().any(|interval| !interval.is_admitted);
        let admission =
            if must_ask { find_admission(tx.connection, attendee.link, attendee.user)? } else { None };
        for interval in intervals.iter().filter(|interval| counts(interval, admission)) {
            let page = Page { attendee, interval };
            if let Some(meeting) = record(tx, page)? {
                let span =
                    alive.entry(meeting).or_insert(Span { first: interval.first, last: interval.last });
                *span = Span { first: interval.first.min(span.first), last: interval.last.max(span.last) };
            }
        }
    }
    alive.iter().try_for_each(|(meeting, span)| see_alive(tx, *meeting, span.first, span.last))
}

/// Tells whether the person may be there, by what is known now where it was not asked before.
fn counts(interval: &PendingInterval, admission: Option<Admission>) -> bool {
    let is_let_in = |admission: Admission| {
        require_admission(admission).is_ok() && require_unended(admission, interval.opened).is_ok()
    };
    interval.is_admitted || admission.is_some_and(is_let_in)
}

/// Writes a page's interval into its room's meeting; begins the meeting when there is none. Answers which meeting it
/// keeps alive.
///
/// A good-bye alone begins nothing, and a page that said it is over: a heartbeat that the good-bye overtook does not count.
fn record(tx: &mut Tx<'_>, page: Page<'_>) -> Result<Option<MeetingId>, DbError> {
    if let Some(meeting) = extend(tx.connection, page.interval)? {
        return Ok(Some(meeting));
    }
    let rows = list_of_page(tx.connection, &page.interval.visit)?;
    match place(page.interval, &rows) {
        RowChoice::Nowhere => Ok(None),
        RowChoice::Row { index, grown } => {
            grow(tx.connection, &rows[index], &page.interval.visit, grown).map(Some)
        }
        RowChoice::New { last } => {
            if !is_known(tx.connection, page.attendee)? {
                return Ok(None);
            }
            let interval = PendingInterval { last, ..page.interval.clone() };
            let page = Page { interval: &interval, ..page };
            if let Some(row) = find_shared(tx.connection, page, &rows)? {
                let grown = GrownInterval::shared(&row, &interval);
                return grow(tx.connection, &row, &interval.visit, grown).map(Some);
            }
            let meeting = meeting_of(tx, page)?;
            begin_interval(tx, page, meeting)?;
            Ok(Some(meeting))
        }
    }
}

/// Tells whether a page's room, activity and person are still there: their platform may have been deleted since it spoke.
fn is_known(connection: &mut DbConnection, attendee: &AttendeeKey) -> Result<bool, DbError> {
    let (room, link) = (room::table.find(attendee.room), resource_link::table.find(attendee.link));
    let person = lti_user::table.find(attendee.user);
    Ok(diesel::select(exists(room).and(exists(link)).and(exists(person))).get_result(connection)?)
}

/// Makes the page's running interval longer, in one statement, as nearly all heartbeats do; `None` when there is none to
/// which these belong, or they begin before it.
fn extend(connection: &mut DbConnection, interval: &PendingInterval) -> Result<Option<MeetingId>, DbError> {
    let oldest = interval.first.minus(GRACE);
    let running = presence::table
        .filter(presence::visit.eq(&interval.visit).and(not(presence::has_left)))
        .filter(presence::last_seen.ge(oldest).and(presence::joined.le(interval.first)));
    // Another process, whose clock is a little ahead, may have heard the page later.
    let last = interval.last;
    let later = case_when(presence::last_seen.gt(last), presence::last_seen).otherwise(last);
    let grown = (
        presence::last_seen.eq(later),
        presence::has_left.eq(interval.has_left),
        presence::settled.eq(false),
    );
    Ok(on_each_backend!(connection, |inner| diesel::update(running)
        .set(grown)
        .returning(presence::meeting_id)
        .get_result(inner))
    .optional()?)
}

#[derive(Queryable)]
struct StoredRow {
    id: String,
    meeting: MeetingId,
    joined: Timestamp,
    last_seen: Timestamp,
    has_left: bool,
}

impl From<StoredRow> for PageRow {
    fn from(StoredRow { id, meeting, joined, last_seen, has_left }: StoredRow) -> Self {
        Self { id, meeting, joined, last_seen, has_left }
    }
}

const STORED_ROW: (
    presence::id,
    presence::meeting_id,
    presence::joined,
    presence::last_seen,
    presence::has_left,
) = (presence::id, presence::meeting_id, presence::joined, presence::last_seen, presence::has_left);

/// The rows of a page, in order.
fn list_of_page(connection: &mut DbConnection, visit: &str) -> Result<Vec<PageRow>, DbError> {
    let own = presence::table.filter(presence::visit.eq(visit)).order(presence::joined).select(STORED_ROW);
    let rows: Vec<StoredRow> = own.load(connection)?;
    Ok(rows.into_iter().map(PageRow::from).collect())
}

/// The row that a further page of a person shares who has too many already.
fn find_shared(
    connection: &mut DbConnection,
    Page { attendee, interval }: Page<'_>,
    own: &[PageRow],
) -> Result<Option<PageRow>, DbError> {
    let lately = presence::table
        .filter(presence::room_id.eq(attendee.room).and(presence::user_id.eq(attendee.user)))
        .filter(presence::resource_link_id.eq(attendee.link))
        .filter(presence::role.eq(attendee.role))
        .filter(presence::last_seen.ge(interval.first.minus(GRACE)))
        .filter(presence::joined.le(interval.last.plus(GRACE)))
        .order((presence::last_seen, presence::joined))
        .select(STORED_ROW);
    let rows: Vec<StoredRow> = lately.load(connection)?;
    Ok(shared(interval, own, rows.into_iter().map(PageRow::from).collect()))
}

fn grow(
    connection: &mut DbConnection,
    row: &PageRow,
    visit: &str,
    grown: GrownInterval,
) -> Result<MeetingId, DbError> {
    diesel::update(presence::table.find(&row.id))
        .set((
            presence::visit.eq(visit),
            presence::joined.eq(grown.joined),
            presence::last_seen.eq(grown.last_seen),
            presence::has_left.eq(grown.has_left),
            presence::settled.eq(false),
        ))
        .execute(connection)?;
    Ok(row.meeting)
}

fn begin_interval(
    tx: &mut Tx<'_>,
    Page { attendee, interval }: Page<'_>,
    meeting: MeetingId,
) -> Result<(), DbError> {
    let row = (
        presence::id.eq(row_id(tx.now, tx.random)),
        presence::meeting_id.eq(meeting),
        presence::room_id.eq(attendee.room),
        presence::resource_link_id.eq(attendee.link),
        presence::user_id.eq(attendee.user),
        presence::role.eq(attendee.role),
        presence::source.eq(HEARTBEAT),
        presence::visit.eq(&interval.visit),
        presence::joined.eq(interval.first),
        presence::last_seen.eq(interval.last),
        presence::has_left.eq(interval.has_left),
        presence::settled.eq(false),
    );
    on_each_backend!(tx.connection, |inner| diesel::insert_into(presence::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(inner))?;
    Ok(())
}

/// The meeting that an interval belongs to: the newest one that it lies within [`SILENCE`] of, running or not, since
/// heartbeats may be told later; else a new one.
fn meeting_of(tx: &mut Tx<'_>, Page { attendee, interval }: Page<'_>) -> Result<MeetingId, DbError> {
    let (first, last) = (interval.first, interval.last);
    let near = meeting::table
        .filter(meeting::room_id.eq(attendee.room).and(meeting::began.le(last.plus(SILENCE))))
        .filter(meeting::last_seen.ge(first.minus(SILENCE)))
        .order(meeting::began.desc())
        .select(meeting::id);
    if let Some(id) = near.first(tx.connection).optional()? {
        return Ok(id);
    }
    let running = meeting::room_id.eq(attendee.room).and(meeting::ended.is_null());
    let silent = meeting::table.filter(running.and(meeting::last_seen.lt(first.minus(SILENCE))));
    diesel::update(silent).set(meeting::ended.eq(meeting::last_seen.nullable())).execute(tx.connection)?;
    let id = MeetingId::new(tx.now, tx.random);
    let is_over = tx.now.since(last) > SILENCE;
    let row = (
        meeting::id.eq(id),
        meeting::room_id.eq(attendee.room),
        meeting::began.eq(first),
        meeting::last_seen.eq(last),
        meeting::ended.eq(is_over.then_some(last)),
    );
    let begun = on_each_backend!(tx.connection, |inner| diesel::insert_into(meeting::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(inner))?;
    if begun == 1 {
        return Ok(id);
    }
    let found = meeting::table.filter(running).select(meeting::id).get_result(tx.connection).optional()?;
    found.ok_or(DbError::Inconsistent { table: "meeting", row: id.to_string(), what: "vanished".to_owned() })
}

/// Notes heartbeats in a meeting. One that was ended because they came late goes on, or ended later.
fn see_alive(tx: &mut Tx<'_>, id: MeetingId, first: Timestamp, last: Timestamp) -> Result<(), DbError> {
    let changed = meeting::last_seen.lt(last).or(meeting::began.gt(first));
    let span = (
        meeting::last_seen.eq(case_when(meeting::last_seen.gt(last), meeting::last_seen).otherwise(last)),
        meeting::began.eq(case_when(meeting::began.lt(first), meeting::began).otherwise(first)),
    );
    let seen: Option<(RoomId, Option<Timestamp>)> =
        on_each_backend!(tx.connection, |inner| diesel::update(meeting::table.find(id).filter(changed))
            .set(span)
            .returning((meeting::room_id, meeting::ended))
            .get_result(inner))
        .optional()?;
    let Some((room, Some(ended))) = seen else { return Ok(()) };
    if ended >= last {
        return Ok(());
    }
    let running = meeting::table.filter(meeting::room_id.eq(room).and(meeting::ended.is_null()));
    let has_other: bool = diesel::select(exists(running)).get_result(tx.connection)?;
    let goes_on = !has_other && tx.now.since(last) <= SILENCE;
    // Two processes that both let one go on meet at the constraint; one of them writes again.
    diesel::update(meeting::table.find(id))
        .set(meeting::ended.eq((!goes_on).then_some(last)))
        .execute(tx.connection)?;
    Ok(())
}

/// Ends the meetings in which nobody was seen for [`SILENCE`] before `heard`, the moment up to which heartbeats are written.
pub fn end_silent_meetings(tx: &mut Tx<'_>, heard: Timestamp) -> Result<(), DbError> {
    let silent =
        meeting::table.filter(meeting::ended.is_null().and(meeting::last_seen.lt(heard.minus(SILENCE))));
    diesel::update(silent).set(meeting::ended.eq(meeting::last_seen.nullable())).execute(tx.connection)?;
    Ok(())
}
