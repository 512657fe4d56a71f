//! Queries on `occurrence`, and on what rooms and courses say about time.

use chrono_tz::Tz;
use diesel::dsl::{max, min};
use diesel::prelude::*;

use super::agenda::Agenda;
use super::changes::{ChangeScope, Edit, EditError, Replanned, edit, replan, shift_all};
use super::occurrence::{Occurrence, OccurrenceState};
use super::plan::{PlannedDate, Schedule};
use crate::clock::Timestamp;
use crate::db::schema::{context, link_copy, occurrence, room};
use crate::db::{DbConnection, DbError, Tx};
use crate::ids::{ContextId, LinkId, OccurrenceId, RoomId};
use crate::rooms::settings::stored::SettingsVersion;

/// What is stored of a room's time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSchedule {
    /// The room.
    pub room: RoomId,
    /// What was planned; `None` for a room that is always open.
    pub schedule: Option<Schedule>,
    /// Its dates, the earliest first.
    pub dates: Vec<Occurrence>,
}

impl StoredSchedule {
    /// Returns the zone of its dates.
    pub fn zone(&self) -> Tz {
        self.schedule.as_ref().map_or(Tz::UTC, |schedule| schedule.zone)
    }

    /// Names what is stored.
    pub fn version(&self) -> SettingsVersion {
        let dates = self.dates.iter().map(|one| format!("{} {}\n", one.id, one.sequence));
        let plan = format!("{:?}\n", self.schedule);
        SettingsVersion::of(&std::iter::once(plan).chain(dates).collect::<String>())
    }
}

/// What became of dates that somebody saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SavedDates {
    /// They are stored.
    Stored,
    /// Somebody else saved others since the form was made.
    Overtaken,
    /// They cannot be like this.
    Refused(EditError),
}

/// Returns what matters now of a room's dates, in the zone of its `schedule`.
pub fn find_agenda(
    connection: &mut DbConnection,
    room_id: RoomId,
    schedule: &Schedule,
    now: Timestamp,
) -> Result<Agenda, DbError> {
    let to_come = occurrence::room_id.eq(room_id).and(occurrence::ends.gt(now));
    let next: Option<Timestamp> = occurrence::table
        .filter(to_come.and(occurrence::state.eq(OccurrenceState::Planned)))
        .select(min(occurrence::begins))
        .get_result(connection)?;
    let rows: Vec<OccurrenceRow> = occurrence::table
        .filter(to_come.and(occurrence::begins.le(next.unwrap_or(Timestamp::NEVER))))
        .order((occurrence::begins, occurrence::id))
        .select(COLUMNS)
        .load(connection)?;
    Ok(Agenda::new(schedule.zone, rows.into_iter().map(OccurrenceRow::occurrence).collect()))
}

#[derive(Queryable)]
struct OccurrenceRow {
    id: OccurrenceId,
    planned: Timestamp,
    begins: Timestamp,
    ends: Timestamp,
    state: OccurrenceState,
    note: String,
    sequence: i64,
}

impl OccurrenceRow {
    fn occurrence(self) -> Occurrence {
        let Self { id, planned, begins, ends, state, note, sequence } = self;
        Occurrence { id, planned, begins, ends, state, note, sequence }
    }
}

type Columns = (
    occurrence::id,
    occurrence::planned,
    occurrence::begins,
    occurrence::ends,
    occurrence::state,
    occurrence::note,
    occurrence::sequence,
);
const COLUMNS: Columns = (
    occurrence::id,
    occurrence::planned,
    occurrence::begins,
    occurrence::ends,
    occurrence::state,
    occurrence::note,
    occurrence::sequence,
);

/// Returns all that is stored of a room's time.
pub fn find_schedule(connection: &mut DbConnection, room_id: RoomId) -> Result<StoredSchedule, DbError> {
    let stored: Option<String> = room::table.find(room_id).select(room::schedule).get_result(connection)?;
    let rows: Vec<OccurrenceRow> = occurrence::table
        .filter(occurrence::room_id.eq(room_id))
        .order((occurrence::begins, occurrence::id))
        .select(COLUMNS)
        .load(connection)?;
    let schedule = stored.map(|text| read_schedule(room_id, &text)).transpose()?;
    let dates = rows.into_iter().map(OccurrenceRow::occurrence).collect();
    Ok(StoredSchedule { room: room_id, schedule, dates })
}

/// Returns the schedule in a room's row.
pub fn read_schedule(room_id: RoomId, stored: &str) -> Result<Schedule, DbError> {
    serde_json::from_str(stored).map_err(|error| unreadable(room_id, &error))
}

fn unreadable(room_id: RoomId, error: &serde_json::Error) -> DbError {
    DbError::Inconsistent { table: "room", row: room_id.to_string(), what: format!("schedule: {error}") }
}

/// Returns the dates of rooms that are not over since `since`, the earliest first.
pub fn list_dates_of(
    connection: &mut DbConnection,
    rooms: &[RoomId],
    since: Timestamp,
) -> Result<Vec<(RoomId, Occurrence)>, DbError> {
    let rows: Vec<(RoomId, OccurrenceRow)> = occurrence::table
        .filter(occurrence::room_id.eq_any(rooms).and(occurrence::ends.gt(since)))
        .order((occurrence::begins, occurrence::id))
        .select((occurrence::room_id, COLUMNS))
        .load(connection)?;
    Ok(rows.into_iter().map(|(room, row)| (room, row.occurrence())).collect())
}

/// Returns the first begin and the last end of each room's dates that take place.
pub fn list_spans(connection: &mut DbConnection, rooms: &[RoomId]) -> Result<Vec<(RoomId, Span)>, DbError> {
    let rows: Vec<(RoomId, Option<Timestamp>, Option<Timestamp>)> = occurrence::table
        .filter(occurrence::room_id.eq_any(rooms).and(occurrence::state.eq(OccurrenceState::Planned)))
        .group_by(occurrence::room_id)
        .select((occurrence::room_id, min(occurrence::begins), max(occurrence::ends)))
        .load(connection)?;
    Ok(rows.into_iter().map(|(room, begins, ends)| (room, Span { begins, ends })).collect())
}

/// From the first begin to the last end of a room's dates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// When the first one begins.
    pub begins: Option<Timestamp>,
    /// When the last one ends.
    pub ends: Option<Timestamp>,
}

/// Returns the zone of a course; `None` until something was planned there.
pub fn find_zone(connection: &mut DbConnection, course: ContextId) -> Result<Option<Tz>, DbError> {
    let stored: Option<String> = context::table.find(course).select(context::zone).get_result(connection)?;
    Ok(stored.and_then(|name| name.parse().ok()))
}

/// Returns the room that a copied activity was copied from, if that one has dates.
pub fn find_origin(connection: &mut DbConnection, link: LinkId) -> Result<Option<StoredSchedule>, DbError> {
    let row = link_copy::table.find(link).select(link_copy::origin_room_id);
    let origin: Option<RoomId> = row.get_result(connection).optional()?;
    let Some(origin) = origin else { return Ok(None) };
    let found = find_schedule(connection, origin)?;
    Ok(Some(found).filter(|one| !one.dates.is_empty()))
}

/// Puts `schedule` with its `dates` in the place of what is stored, unless that is no longer of `version`. `None` makes the
/// room always open.
pub fn save_schedule(
    tx: &mut Tx<'_>,
    room_id: RoomId,
    course: ContextId,
    schedule: Option<&Schedule>,
    dates: &[PlannedDate],
    version: Option<&SettingsVersion>,
) -> Result<SavedDates, DbError> {
    let stored = lock(tx, room_id)?;
    if version.is_some_and(|version| *version != stored.version()) {
        return Ok(SavedDates::Overtaken);
    }
    let edition = stored.schedule.as_ref().map_or(0, |before| before.edition + 1);
    let schedule = schedule.map(|schedule| Schedule { edition, ..schedule.clone() });
    write_schedule(tx, room_id, schedule.as_ref())?;
    let Some(schedule) = schedule else {
        diesel::delete(occurrence::table.filter(occurrence::room_id.eq(room_id))).execute(tx.connection)?;
        return Ok(SavedDates::Stored);
    };
    let zone = context::zone.eq(schedule.zone.name());
    diesel::update(context::table.find(course).filter(context::zone.is_null()))
        .set(zone)
        .execute(tx.connection)?;
    let Replanned { changed, new, removed } = replan(&stored.dates, dates, tx.now);
    update(tx, &changed)?;
    diesel::delete(occurrence::table.filter(occurrence::id.eq_any(removed))).execute(tx.connection)?;
    for date in new {
        let row = (
            occurrence::id.eq(OccurrenceId::new(tx.now, tx.random)),
            occurrence::room_id.eq(room_id),
            occurrence::planned.eq(date.begins),
            occurrence::begins.eq(date.begins),
            occurrence::ends.eq(date.ends),
            occurrence::state.eq(OccurrenceState::Planned),
            occurrence::note.eq(""),
            occurrence::sequence.eq(0),
        );
        diesel::insert_into(occurrence::table).values(row).execute(tx.connection)?;
    }
    Ok(SavedDates::Stored)
}

/// Changes dates of a room, unless what is stored is no longer of `version`.
pub fn save_edit(
    tx: &mut Tx<'_>,
    room_id: RoomId,
    id: OccurrenceId,
    scope: ChangeScope,
    wanted: &Edit,
    version: &SettingsVersion,
) -> Result<SavedDates, DbError> {
    let stored = lock(tx, room_id)?;
    if *version != stored.version() {
        return Ok(SavedDates::Overtaken);
    }
    let Some(schedule) = stored.schedule else { return Ok(SavedDates::Overtaken) };
    let changed = match edit(&stored.dates, id, scope, wanted, schedule.zone, tx.now) {
        Ok(changed) => changed,
        Err(refused) => return Ok(SavedDates::Refused(refused)),
    };
    update(tx, &changed)?;
    write_schedule(tx, room_id, Some(&Schedule { edition: schedule.edition + 1, ..schedule }))?;
    Ok(SavedDates::Stored)
}

/// Moves all dates of a room that are not over by `days`, and its plan with them, unless what is stored is no longer of
/// `version`.
pub fn save_shift(
    tx: &mut Tx<'_>,
    room_id: RoomId,
    days: i64,
    version: &SettingsVersion,
) -> Result<SavedDates, DbError> {
    let stored = lock(tx, room_id)?;
    let Some(schedule) = stored.schedule.as_ref().filter(|_| *version == stored.version()) else {
        return Ok(SavedDates::Overtaken);
    };
    let shifted = match shift_all(&stored.dates, days, schedule.zone, tx.now) {
        Ok(shifted) => shifted,
        Err(refused) => return Ok(SavedDates::Refused(refused)),
    };
    update(tx, &shifted)?;
    let plan = schedule.plan.as_ref().map(|plan| plan.shifted(days));
    let edition = schedule.edition + 1;
    write_schedule(tx, room_id, Some(&Schedule { plan, edition, ..schedule.clone() }))?;
    Ok(SavedDates::Stored)
}

fn write_schedule(tx: &mut Tx<'_>, room_id: RoomId, schedule: Option<&Schedule>) -> Result<(), DbError> {
    let text =
        schedule.map(serde_json::to_string).transpose().map_err(|error| unreadable(room_id, &error))?;
    diesel::update(room::table.find(room_id)).set(room::schedule.eq(text)).execute(tx.connection)?;
    Ok(())
}

/// Reads what is stored of a room's time, and lets nobody else write it before this transaction ends.
fn lock(tx: &mut Tx<'_>, room_id: RoomId) -> Result<StoredSchedule, DbError> {
    let unchanged = room::schedule.eq(room::schedule);
    diesel::update(room::table.find(room_id)).set(unchanged).execute(tx.connection)?;
    find_schedule(tx.connection, room_id)
}

fn update(tx: &mut Tx<'_>, changed: &[Occurrence]) -> Result<(), DbError> {
    for one in changed {
        diesel::update(occurrence::table.find(one.id))
            .set((
                occurrence::planned.eq(one.planned),
                occurrence::begins.eq(one.begins),
                occurrence::ends.eq(one.ends),
                occurrence::state.eq(one.state),
                occurrence::note.eq(&one.note),
                occurrence::sequence.eq(one.sequence),
            ))
            .execute(tx.connection)?;
    }
    Ok(())
}
