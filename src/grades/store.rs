//! Queries on `score`, and on what makes a score due.

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::SCORE;
use super::line_item::store::{
    find_for_search, find_gradebook, look, note_gone, read_service, save_line_item,
};
use super::line_item::{Gradebook, LineItem, LineItemPlan, SyncState, plan};
use super::score::{LEAVING, ScoreReason, ScoreState, ScoreValue, whole_minutes};
use crate::attendance::store::list_of_person;
use crate::clock::Timestamp;
use crate::db::schema::{lti_user, person_number, presence, resource_link, score};
use crate::db::{DbConnection, DbError, Tx};
use crate::ids::{LinkId, PlatformId, RoomId, UserId, row_id};
use crate::jobs::JobRequest;
use crate::jobs::store::{enqueue, retry_now};
use crate::lti::launch::roles;
use crate::lti::services::ags::{CurrentResult, GradeService};
use crate::on_each_backend;
use crate::presence::interval::GRACE;
use crate::presence::{Leaver, PresenceListener};
use crate::rooms::rules::GradePolicy;

/// The request that a score is sent, where scores go out at all.
fn request<'a>(book: &Gradebook, score: &'a str, queue: &'a str, due: Timestamp) -> Option<JobRequest<'a>> {
    (book.sync_state() == SyncState::Ready).then_some(JobRequest { kind: SCORE, subject: score, queue, due })
}

/// Scores that the gradebook should have and does not, in the order in which everybody writes them.
fn list_unsent(connection: &mut DbConnection, book: &Gradebook) -> Result<Vec<ListedScore>, DbError> {
    let mut scores = list_scores(connection, book.link)?;
    scores.retain(|one| one.sending.is_worth_sending(book.rules.zeros));
    scores.sort_by_key(|left| left.user);
    Ok(scores)
}

/// Sends every score of an activity that the gradebook does not have and did not refuse.
pub fn send_unsent(tx: &mut Tx<'_>, book: &Gradebook) -> Result<(), DbError> {
    let Some(queue) = book.queue() else { return Ok(()) };
    for one in list_unsent(tx.connection, book)?.iter().filter(|one| one.refused.is_none()) {
        if let Some(request) = request(book, &one.id, &queue, tx.now) {
            enqueue(tx, &request)?;
        }
    }
    Ok(())
}

/// Takes in that launches of an activity offer the gradebook otherwise than `before`. The link's row is written already.
pub fn update_grade_service(tx: &mut Tx<'_>, link: LinkId, before: Option<&str>) -> Result<(), DbError> {
    let Some(book) = find_gradebook(tx.connection, link)? else { return Ok(()) };
    let before = read_service(before);
    match plan(&book.line_item, book.activity.gone.as_ref(), before.as_ref(), book.service.as_ref()) {
        LineItemPlan::Keep => Ok(()),
        LineItemPlan::Use(url) => set_line_item(tx, &book, &LineItem::Declared(url)),
        LineItemPlan::Forget => set_line_item(tx, &book, &LineItem::None),
        LineItemPlan::Look => look(tx, &book),
    }
}

/// Stores what the platform answered about the line_item that `asked` lacked. An answer to a question that nobody asks any
/// more, since a launch or the teacher said something else meanwhile, changes nothing: it is asked again.
pub fn take_answer(tx: &mut Tx<'_>, asked: &Gradebook, answer: &LineItem) -> Result<(), DbError> {
    let Some(book) = find_for_search(tx.connection, asked.link)? else { return Ok(()) };
    let is_still_asked = book.line_item.url().is_none()
        && book.service == asked.service
        && book.rules.grades == asked.rules.grades;
    match answer {
        _ if !is_still_asked => Ok(()),
        // Another activity was faster with a line item that both found.
        LineItem::Discovered(url) if book.activity.taken.contains(url) => look(tx, &book),
        _ => set_line_item(tx, &book, answer),
    }
}

/// Stores what is known of the line item. Another line item than before knows none of the scores.
fn set_line_item(tx: &mut Tx<'_>, book: &Gradebook, line_item: &LineItem) -> Result<(), DbError> {
    let known = save_line_item(tx, book.link, line_item)?;
    let Some(url) = line_item.url() else { return Ok(()) };
    if known.as_deref().is_some_and(|known| known != url.as_str()) {
        forget_sent(tx.connection, book.link)?;
    }
    let book = Gradebook { line_item: line_item.clone(), ..book.clone() };
    send_unsent(tx, &book)
}

/// Forgets what another line item than now was sent.
pub fn forget_sent(connection: &mut DbConnection, link: LinkId) -> Result<(), DbError> {
    diesel::update(score::table.filter(score::resource_link_id.eq(link)))
        .set((
            score::sent_minutes.eq(None::<i64>),
            score::sent_target.eq(None::<i64>),
            score::sent_at.eq(None::<Timestamp>),
            score::conflicts.eq(0),
            score::refused.eq(None::<String>),
            score::shown_at.eq(None::<Timestamp>),
        ))
        .execute(connection)?;
    Ok(())
}

/// Somebody whose minutes may have changed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Queryable)]
pub struct Attendee {
    /// The room.
    pub room: RoomId,
    /// The resource link that the person came through.
    pub link: LinkId,
    /// The person.
    pub user: UserId,
    /// What the person is there.
    pub role: roles::MeetingRole,
}

/// Puts the minutes of people who left, or fell silent, into their scores.
///
/// One order for all processes, so that no two wait for each other in a circle.
pub struct ScoreMinutes;

impl PresenceListener for ScoreMinutes {
    fn left(&self, tx: &mut Tx<'_>, leavers: &[Leaver], heard: Timestamp) -> Result<(), DbError> {
        let mut attendees = BTreeSet::new();
        for leaver in leavers {
            let theirs = presence::room_id.eq(&leaver.room).and(presence::user_id.eq(&leaver.user));
            let left = presence::table
                .filter(diesel::dsl::not(presence::settled).and(presence::has_left).and(theirs))
                .select((presence::room_id, presence::resource_link_id, presence::user_id, presence::role));
            attendees.extend(left.load::<Attendee>(tx.connection)?);
        }
        let due = tx.now.plus(LEAVING);
        attendees.iter().try_for_each(|attendee| finalize_one(tx, attendee, heard, due))
    }

    fn fell_silent(&self, tx: &mut Tx<'_>, heard: Timestamp) -> Result<(), DbError> {
        let silent_before = heard.minus(GRACE);
        let over = presence::table
            .filter(diesel::dsl::not(presence::settled))
            .filter(presence::has_left.or(presence::last_seen.lt(silent_before)))
            .select((presence::room_id, presence::resource_link_id, presence::user_id, presence::role));
        let attendees: BTreeSet<Attendee> = over.load(tx.connection)?.into_iter().collect();
        let due = tx.now;
        attendees.iter().try_for_each(|attendee| finalize_one(tx, attendee, heard, due))
    }
}

fn finalize_one(
    tx: &mut Tx<'_>,
    attendee: &Attendee,
    heard: Timestamp,
    due: Timestamp,
) -> Result<(), DbError> {
    let silent_before = heard.minus(GRACE);
    let theirs = presence::resource_link_id.eq(&attendee.link).and(presence::user_id.eq(&attendee.user));
    diesel::update(
        presence::table
            .filter(theirs.and(diesel::dsl::not(presence::settled)))
            .filter(presence::has_left.or(presence::last_seen.lt(silent_before))),
    )
    .set(presence::settled.eq(true))
    .execute(tx.connection)?;
    if attendee.role != roles::MeetingRole::Participant {
        return Ok(());
    }
    let Some(book) = find_gradebook(tx.connection, attendee.link)? else { return Ok(()) };
    let intervals = list_of_person(tx.connection, attendee.link, attendee.user)?;
    want(tx, &book, attendee.user, whole_minutes(&intervals), due)
}

/// Notes that a person's score should be that for `minutes`, and has it sent where it is another one than before.
fn want(
    tx: &mut Tx<'_>,
    book: &Gradebook,
    user: UserId,
    minutes: i64,
    due: Timestamp,
) -> Result<(), DbError> {
    let target = i64::from(book.rules.target_minutes);
    let mine = score::table
        .filter(score::resource_link_id.eq(&book.link).and(score::user_id.eq(user)))
        .select(StoredScore::as_select());
    let before: Option<StoredScore> = mine.get_result(tx.connection).optional()?;
    let wanted = ScoreValue::new(minutes, target);
    let is_same = before.as_ref().is_some_and(|before| before.wanted() == wanted);
    let stored = match before {
        Some(before) if before.minutes == minutes && before.target == target => before,
        _ => save_wanted(tx, book.link, user, minutes, target)?,
    };
    if !is_same {
        let another_try = (score::conflicts.eq(0), score::refused.eq(None::<String>));
        diesel::update(score::table.find(&stored.id)).set(another_try).execute(tx.connection)?;
    }
    // What was refused is refused again; what was not sent yet is wished for again, however it came to that.
    let sending = ScoreState { wanted, ..stored.sending() };
    let is_settled = !sending.is_worth_sending(book.rules.zeros) || (is_same && stored.refused.is_some());
    let Some(queue) = book.queue().filter(|_| !is_settled) else { return Ok(()) };
    match request(book, &stored.id, &queue, due) {
        Some(request) => enqueue(tx, &request),
        None => Ok(()),
    }
}

fn save_wanted(
    tx: &mut Tx<'_>,
    link: LinkId,
    user: UserId,
    minutes: i64,
    target: i64,
) -> Result<StoredScore, DbError> {
    let changing = (score::minutes.eq(minutes), score::target.eq(target), score::changed_at.eq(tx.now));
    let lasting = (
        score::id.eq(row_id(tx.now, tx.random)),
        score::resource_link_id.eq(link),
        score::user_id.eq(user),
        score::conflicts.eq(0),
    );
    Ok(on_each_backend!(tx.connection, |inner| diesel::insert_into(score::table)
        .values((lasting, changing))
        .on_conflict((score::resource_link_id, score::user_id))
        .do_update()
        .set(changing)
        .returning(StoredScore::as_returning())
        .get_result(inner))?)
}

/// Takes in that the teacher changed the settings: every score is worked out anew, and those that changed are sent.
pub fn take_settings(tx: &mut Tx<'_>, link: LinkId) -> Result<(), DbError> {
    let Some(book) = find_gradebook(tx.connection, link)? else { return Ok(()) };
    let mut scores = list_scores(tx.connection, link)?;
    scores.sort_by_key(|left| left.user);
    for one in scores {
        want(tx, &book, one.user, one.minutes, tx.now)?;
    }
    send_unsent(tx, &book)?;
    // Also while the platform is being asked: the answer may depend on what the teacher wants now.
    let wants_line_item = book.rules.grades != GradePolicy::Never && book.line_item.url().is_none();
    if wants_line_item && book.service.as_ref().is_some_and(GradeService::may_find) {
        look(tx, &book)?;
    }
    Ok(())
}

/// Sends again what the gradebook refused or waits for, of one person or of all: as if nothing had failed. Answers our
/// identifier of the platform.
pub fn send_again(
    tx: &mut Tx<'_>,
    link: LinkId,
    user: Option<UserId>,
) -> Result<Option<PlatformId>, DbError> {
    let Some(book) = find_gradebook(tx.connection, link)? else { return Ok(None) };
    let Some(queue) = book.queue() else { return Ok(None) };
    let asked = |one: &&ListedScore| user.is_none_or(|user| user == one.user);
    for one in list_unsent(tx.connection, &book)?.iter().filter(asked) {
        let another_try = (score::conflicts.eq(0), score::refused.eq(None::<String>));
        diesel::update(score::table.find(&one.id)).set(another_try).execute(tx.connection)?;
        if let Some(request) = request(&book, &one.id, &queue, tx.now) {
            retry_now(tx, &request)?;
        }
    }
    Ok(Some(book.platform))
}

/// Forgets why scores were refused, when an operator has them tried again.
pub fn forget_refusals(connection: &mut DbConnection, scores: &[String]) -> Result<(), DbError> {
    for some in scores.chunks(500) {
        diesel::update(score::table.filter(score::id.eq_any(some)))
            .set((score::conflicts.eq(0), score::refused.eq(None::<String>)))
            .execute(connection)?;
    }
    Ok(())
}

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = score)]
struct StoredScore {
    id: String,
    resource_link_id: LinkId,
    user_id: UserId,
    minutes: i64,
    target: i64,
    sent_minutes: Option<i64>,
    sent_target: Option<i64>,
    sent_at: Option<Timestamp>,
    stamp: Option<i64>,
    conflicts: i64,
    refused: Option<String>,
    shown_score: Option<f64>,
    shown_maximum: Option<f64>,
    shown_at: Option<Timestamp>,
}

impl StoredScore {
    fn wanted(&self) -> ScoreValue {
        ScoreValue::new(self.minutes, self.target)
    }

    fn sent(&self) -> Option<ScoreValue> {
        Some(ScoreValue::new(self.sent_minutes?, self.sent_target?))
    }

    fn shown(&self) -> Option<Shown> {
        let result = self.shown_score.zip(self.shown_maximum);
        let result = result.map(|(score, maximum)| CurrentResult { score, maximum });
        self.shown_at.map(|at| Shown { result, at })
    }

    fn sending(&self) -> ScoreState {
        ScoreState { wanted: self.wanted(), sent: self.sent(), stamp: self.stamp, conflicts: self.conflicts }
    }
}

/// A score that a job is about.
#[derive(Clone, Debug)]
pub struct ScoreTask {
    /// The gradebook that it goes to.
    pub book: Gradebook,
    /// Its history.
    pub sending: ScoreState,
    /// The platform's identifier of the person.
    pub sub: String,
    /// The person's language.
    pub locale: Option<String>,
    /// Whether the person is in class: then the score is not final.
    pub is_in_class: bool,
}

#[derive(Queryable)]
struct TaskRow {
    stored: StoredScore,
    sub: String,
    locale: Option<String>,
}

#[derive(Queryable)]
struct ScoreRow {
    stored: StoredScore,
    name: Option<String>,
    number: Option<i64>,
}

/// The score that a job is about.
pub fn find_task(connection: &mut DbConnection, score: &str) -> Result<Option<ScoreTask>, DbError> {
    let row: Option<TaskRow> = score::table
        .inner_join(lti_user::table)
        .filter(score::id.eq(score))
        .select((StoredScore::as_select(), lti_user::sub, lti_user::locale))
        .get_result(connection)
        .optional()?;
    let Some(TaskRow { stored, sub, locale }) = row else { return Ok(None) };
    let Some(book) = find_gradebook(connection, stored.resource_link_id)? else { return Ok(None) };
    let here = presence::table
        .filter(diesel::dsl::not(presence::settled))
        .filter(presence::resource_link_id.eq(book.link).and(presence::user_id.eq(stored.user_id)));
    let is_in_class = diesel::select(diesel::dsl::exists(here)).get_result(connection)?;
    Ok(Some(ScoreTask { sending: stored.sending(), book, sub, locale, is_in_class }))
}

/// Notes that the gradebook has a score.
pub fn note_sent(tx: &mut Tx<'_>, score: &str, sent: ScoreValue, stamp: Timestamp) -> Result<(), DbError> {
    diesel::update(score::table.find(score))
        .set((
            score::sent_minutes.eq(sent.minutes),
            score::sent_target.eq(sent.target),
            score::sent_at.eq(tx.now),
            score::stamp.eq(stamp.secs()),
            score::conflicts.eq(0),
            score::refused.eq(None::<String>),
            score::shown_at.eq(None::<Timestamp>),
        ))
        .execute(tx.connection)?;
    Ok(())
}

/// Notes that the gradebook did not take a score; no reason while that may change by itself.
pub fn record_rejection(
    tx: &mut Tx<'_>,
    score: &str,
    reason: Option<ScoreReason>,
    stamp: Timestamp,
) -> Result<(), DbError> {
    note_stamp(tx.connection, score, stamp)?;
    if let Some(reason) = reason {
        diesel::update(score::table.find(score))
            .set((score::refused.eq(reason.code()), score::refused_at.eq(tx.now)))
            .execute(tx.connection)?;
    }
    Ok(())
}

/// The gradebook may hold the newest timestamp that was ever sent, taken or not.
fn note_stamp(connection: &mut DbConnection, score: &str, stamp: Timestamp) -> Result<(), DbError> {
    let is_newest = score::stamp.is_null().or(score::stamp.lt(stamp.secs()));
    diesel::update(score::table.find(score).filter(is_newest))
        .set(score::stamp.eq(stamp.secs()))
        .execute(connection)?;
    Ok(())
}

/// Notes that the gradebook called a score old.
pub fn note_conflict(connection: &mut DbConnection, score: &str, stamp: Timestamp) -> Result<(), DbError> {
    note_stamp(connection, score, stamp)?;
    diesel::update(score::table.find(score))
        .set(score::conflicts.eq(score::conflicts + 1))
        .execute(connection)?;
    Ok(())
}

/// Notes that a line item is gone, and has the platform asked for another.
pub fn record_line_item_gone(
    tx: &mut Tx<'_>,
    score: &str,
    book: &Gradebook,
    stamp: Timestamp,
) -> Result<(), DbError> {
    record_rejection(tx, score, Some(ScoreReason::LineItemGone), stamp)?;
    note_gone(tx.connection, book)?;
    if book.service.as_ref().is_some_and(GradeService::may_find) { look(tx, book) } else { Ok(()) }
}

/// A score with its person.
#[derive(Clone, Debug)]
pub struct ListedScore {
    /// Our identifier of the score.
    pub id: String,
    /// Our identifier of the person.
    pub user: UserId,
    /// The person's name.
    pub name: Option<String>,
    /// What stands for a name that the platform does not share.
    pub number: Option<i64>,
    /// Minutes in class up to the last time that the person left.
    pub minutes: i64,
    /// Its history.
    pub sending: ScoreState,
    /// When the gradebook took it.
    pub sent_at: Option<Timestamp>,
    /// Why the gradebook did not.
    pub refused: Option<String>,
    /// What the gradebook shows, as far as it was read.
    pub shown: Option<Shown>,
}

/// What a gradebook shows for a person.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shown {
    /// The grade, where there is one.
    pub result: Option<CurrentResult>,
    /// When it was read.
    pub at: Timestamp,
}

impl ListedScore {
    /// Whether the gradebook has the score.
    pub fn is_sent(&self) -> bool {
        self.sending.sent == Some(self.sending.wanted)
    }
}

/// The scores of an activity, by name.
pub fn list_scores(connection: &mut DbConnection, link: LinkId) -> Result<Vec<ListedScore>, DbError> {
    let numbered =
        person_number::context_id.eq(resource_link::context_id).and(person_number::sub.eq(lti_user::sub));
    let rows: Vec<ScoreRow> = score::table
        .inner_join(lti_user::table)
        .inner_join(resource_link::table)
        .left_join(person_number::table.on(numbered))
        .filter(score::resource_link_id.eq(link))
        .order((lti_user::name_key, lti_user::id))
        .select((StoredScore::as_select(), lti_user::name, person_number::number.nullable()))
        .load(connection)?;
    let listed = |ScoreRow { stored, name, number }: ScoreRow| ListedScore {
        sending: stored.sending(),
        shown: stored.shown(),
        id: stored.id,
        user: stored.user_id,
        name,
        number,
        minutes: stored.minutes,
        sent_at: stored.sent_at,
        refused: stored.refused,
    };
    Ok(rows.into_iter().map(listed).collect())
}
