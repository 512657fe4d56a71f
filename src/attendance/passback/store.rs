//! Queries on `score`, and on what makes a mark due.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;

use super::jobs::SCORE;
use super::{LEAVING, Mark, Sending, whole_minutes};
use crate::attendance::gradebook::store::{find_gradebook, look};
use crate::attendance::gradebook::{Gradebook, Standing};
use crate::attendance::interval::{GRACE, Interval};
use crate::attendance::store::list_of_person;
use crate::clock::Timestamp;
use crate::db::schema::{lti_user, person_number, presence, resource_link, score};
use crate::db::{DbConnection, DbError};
use crate::ids::{Random, row_id};
use crate::jobs::store::{enqueue, hurry};
use crate::jobs::{self, Wish};
use crate::lti::ags::GradeService;
use crate::lti::roles;
use crate::on_each_backend;
use crate::rooms::settings::MarksPolicy;

/// The wish that a score is sent, where scores go out at all.
fn wish<'a>(book: &Gradebook, score: &'a str, lane: &'a str, due: Timestamp) -> Option<Wish<'a>> {
    (book.standing() == Standing::Ready).then_some(Wish { kind: SCORE, subject: score, lane, due })
}

/// Scores that the gradebook does not have, in the order in which everybody writes them.
fn list_unsent(connection: &mut DbConnection, link: &str) -> Result<Vec<ListedScore>, DbError> {
    let mut scores = list_scores(connection, link)?;
    scores.retain(|one| !one.is_sent());
    scores.sort_by(|left, right| left.user.cmp(&right.user));
    Ok(scores)
}

/// Sends every score of an activity that the gradebook does not have and did not refuse.
pub fn send_unsent(
    connection: &mut DbConnection,
    book: &Gradebook,
    now: Timestamp,
    random: &Random,
) -> Result<(), DbError> {
    let Some(lane) = book.lane() else { return Ok(()) };
    for one in list_unsent(connection, &book.link)?.iter().filter(|one| one.refused.is_none()) {
        if let Some(wish) = wish(book, &one.id, &lane, now) {
            enqueue(connection, &wish, now, random)?;
        }
    }
    Ok(())
}

/// Forgets what another column than now was sent.
pub fn forget_sent(connection: &mut DbConnection, link: &str) -> Result<(), DbError> {
    diesel::update(score::table.filter(score::resource_link_id.eq(link)))
        .set((
            score::sent_minutes.eq(None::<i64>),
            score::sent_target.eq(None::<i64>),
            score::sent_at.eq(None::<i64>),
            score::conflicts.eq(0),
            score::refused.eq(None::<String>),
        ))
        .execute(connection)?;
    Ok(())
}

/// Somebody whose minutes may have changed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Queryable)]
pub struct Attendee {
    /// The room.
    pub room: String,
    /// The resource link that the person came through.
    pub link: String,
    /// The person.
    pub user: String,
    /// What the person is there.
    pub standing: String,
}

/// Puts the minutes of people whose stretch is over into their scores: those of `leavers`, and with `look` of all who
/// fell silent.
///
/// One order for all processes, so that no two wait for each other in a circle.
pub fn settle(
    connection: &mut DbConnection,
    leavers: &[(String, String)],
    look: bool,
    now: Timestamp,
    random: &Random,
) -> Result<(), DbError> {
    let mut settled = BTreeSet::new();
    for (room, user) in leavers {
        let theirs = presence::room_id.eq(room).and(presence::user_id.eq(user));
        let left = presence::table
            .filter(diesel::dsl::not(presence::settled).and(presence::has_left).and(theirs))
            .select((presence::room_id, presence::resource_link_id, presence::user_id, presence::standing));
        let found: Vec<Attendee> = left.load(connection)?;
        settled.extend(found.into_iter().map(|attendee| (attendee, now.plus(LEAVING))));
    }
    if look {
        let silent_before = now.minus(GRACE).millis();
        let over = presence::table
            .filter(diesel::dsl::not(presence::settled))
            .filter(presence::has_left.or(presence::last_seen.lt(silent_before)))
            .select((presence::room_id, presence::resource_link_id, presence::user_id, presence::standing));
        let found: Vec<Attendee> = over.load(connection)?;
        settled.extend(found.into_iter().map(|attendee| (attendee, now)));
    }
    for (attendee, due) in settled {
        settle_one(connection, &attendee, due, now, random)?;
    }
    Ok(())
}

fn settle_one(
    connection: &mut DbConnection,
    attendee: &Attendee,
    due: Timestamp,
    now: Timestamp,
    random: &Random,
) -> Result<(), DbError> {
    let silent_before = now.minus(GRACE).millis();
    let theirs = presence::resource_link_id.eq(&attendee.link).and(presence::user_id.eq(&attendee.user));
    diesel::update(
        presence::table
            .filter(theirs.and(diesel::dsl::not(presence::settled)))
            .filter(presence::has_left.or(presence::last_seen.lt(silent_before))),
    )
    .set(presence::settled.eq(true))
    .execute(connection)?;
    if attendee.standing != roles::Standing::Participant.word() {
        return Ok(());
    }
    let Some(book) = find_gradebook(connection, &attendee.link)? else { return Ok(()) };
    let stretches = list_of_person(connection, &attendee.link, &attendee.user)?;
    want(connection, (&book, &attendee.user), whole_minutes(&stretches), (due, now), random)
}

/// Notes that a person's mark should be that for `minutes`, and has it sent where it is another one than before.
fn want(
    connection: &mut DbConnection,
    (book, user): (&Gradebook, &str),
    minutes: i64,
    (due, now): (Timestamp, Timestamp),
    random: &Random,
) -> Result<(), DbError> {
    let target = i64::from(book.settings.target_minutes);
    let mine = score::table
        .filter(score::resource_link_id.eq(&book.link).and(score::user_id.eq(user)))
        .select(StoredScore::as_select());
    let before: Option<StoredScore> = mine.get_result(connection).optional()?;
    let wanted = Mark::new(minutes, target);
    let is_same = before.as_ref().is_some_and(|before| before.wanted() == wanted);
    let stored = match before {
        Some(before) if before.minutes == minutes && before.target == target => before,
        _ => save_wanted(connection, (&book.link, user), (minutes, target), now, random)?,
    };
    if !is_same {
        let another_try = (score::conflicts.eq(0), score::refused.eq(None::<String>));
        diesel::update(score::table.find(&stored.id)).set(another_try).execute(connection)?;
    }
    // What was refused is refused again; what was not sent yet is wished for again, however it came to that.
    let is_settled = stored.sent() == Some(wanted) || (is_same && stored.refused.is_some());
    let Some(lane) = book.lane().filter(|_| !is_settled) else { return Ok(()) };
    match wish(book, &stored.id, &lane, due) {
        Some(wish) => enqueue(connection, &wish, now, random),
        None => Ok(()),
    }
}

fn save_wanted(
    connection: &mut DbConnection,
    (link, user): (&str, &str),
    (minutes, target): (i64, i64),
    now: Timestamp,
    random: &Random,
) -> Result<StoredScore, DbError> {
    let changing = (score::minutes.eq(minutes), score::target.eq(target), score::changed_at.eq(now.millis()));
    let lasting = (
        score::id.eq(row_id(now, random)),
        score::resource_link_id.eq(link),
        score::user_id.eq(user),
        score::conflicts.eq(0),
    );
    Ok(on_each_backend!(connection, |inner| diesel::insert_into(score::table)
        .values((lasting, changing))
        .on_conflict((score::resource_link_id, score::user_id))
        .do_update()
        .set(changing)
        .returning(StoredScore::as_returning())
        .get_result(inner))?)
}

/// Takes in that the teacher changed the settings: every mark is worked out anew, and those that changed are sent.
pub fn take_settings(
    connection: &mut DbConnection,
    link: &str,
    now: Timestamp,
    random: &Random,
) -> Result<(), DbError> {
    let Some(book) = find_gradebook(connection, link)? else { return Ok(()) };
    let mut scores = list_scores(connection, link)?;
    scores.sort_by(|left, right| left.user.cmp(&right.user));
    for one in scores {
        want(connection, (&book, &one.user), one.minutes, (now, now), random)?;
    }
    send_unsent(connection, &book, now, random)?;
    // Also while the platform is being asked: the answer may depend on what the teacher wants now.
    let wants_column = book.settings.marks != MarksPolicy::Never && book.column.url().is_none();
    if wants_column && book.service.as_ref().is_some_and(GradeService::may_find) {
        look(connection, &book, now, random)?;
    }
    Ok(())
}

/// Sends again what the gradebook refused or waits for, of one person or of all.
pub fn send_again(
    connection: &mut DbConnection,
    link: &str,
    user: Option<&str>,
    now: Timestamp,
    random: &Random,
) -> Result<(), DbError> {
    let Some(book) = find_gradebook(connection, link)? else { return Ok(()) };
    let Some(lane) = book.lane() else { return Ok(()) };
    let asked = |one: &&ListedScore| user.is_none_or(|user| user == one.user);
    for one in list_unsent(connection, link)?.iter().filter(asked) {
        let another_try = (score::conflicts.eq(0), score::refused.eq(None::<String>));
        diesel::update(score::table.find(&one.id)).set(another_try).execute(connection)?;
        if let Some(wish) = wish(&book, &one.id, &lane, now) {
            hurry(connection, &wish, now, random)?;
        }
    }
    Ok(())
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
    resource_link_id: String,
    user_id: String,
    minutes: i64,
    target: i64,
    sent_minutes: Option<i64>,
    sent_target: Option<i64>,
    sent_at: Option<i64>,
    stamp: Option<i64>,
    conflicts: i64,
    refused: Option<String>,
    held: Option<String>,
}

impl StoredScore {
    fn wanted(&self) -> Mark {
        Mark::new(self.minutes, self.target)
    }

    fn sent(&self) -> Option<Mark> {
        Some(Mark::new(self.sent_minutes?, self.sent_target?))
    }

    fn sending(&self) -> Sending {
        Sending { wanted: self.wanted(), sent: self.sent(), stamp: self.stamp, conflicts: self.conflicts }
    }
}

/// A score that a job is about.
#[derive(Clone, Debug)]
pub struct ScoreTask {
    /// The gradebook that it goes to.
    pub book: Gradebook,
    /// Its history.
    pub sending: Sending,
    /// The platform's identifier of the person.
    pub sub: String,
    /// The person's language.
    pub locale: Option<String>,
    /// Whether the person is in class: then the mark is not final.
    pub is_in_class: bool,
}

/// The score that a job is about.
pub fn find_task(connection: &mut DbConnection, score: &str) -> Result<Option<ScoreTask>, DbError> {
    let row: Option<(StoredScore, String, Option<String>)> = score::table
        .inner_join(lti_user::table)
        .filter(score::id.eq(score))
        .select((StoredScore::as_select(), lti_user::sub, lti_user::locale))
        .get_result(connection)
        .optional()?;
    let Some((stored, sub, locale)) = row else { return Ok(None) };
    let Some(book) = find_gradebook(connection, &stored.resource_link_id)? else { return Ok(None) };
    let here = presence::table
        .filter(diesel::dsl::not(presence::settled))
        .filter(presence::resource_link_id.eq(&book.link).and(presence::user_id.eq(&stored.user_id)));
    let is_in_class = diesel::select(diesel::dsl::exists(here)).get_result(connection)?;
    Ok(Some(ScoreTask { sending: stored.sending(), book, sub, locale, is_in_class }))
}

/// Notes that the gradebook has a mark.
pub fn note_sent(
    connection: &mut DbConnection,
    score: &str,
    (mark, stamp): (Mark, Timestamp),
    now: Timestamp,
) -> Result<(), DbError> {
    diesel::update(score::table.find(score))
        .set((
            score::sent_minutes.eq(mark.minutes),
            score::sent_target.eq(mark.target),
            score::sent_at.eq(now.millis()),
            score::stamp.eq(stamp.secs()),
            score::conflicts.eq(0),
            score::refused.eq(None::<String>),
            score::held.eq(None::<String>),
        ))
        .execute(connection)?;
    Ok(())
}

/// Notes that the gradebook did not take a mark, and what it holds instead; `None` while that may change by itself.
pub fn note_refused(
    connection: &mut DbConnection,
    score: &str,
    (reason, held): (Option<&'static str>, Option<String>),
    stamp: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), DbError> {
    if let Some(stamp) = stamp {
        diesel::update(score::table.find(score)).set(score::stamp.eq(stamp.secs())).execute(connection)?;
    }
    if let Some(reason) = reason {
        diesel::update(score::table.find(score))
            .set((score::refused.eq(reason), score::refused_at.eq(now.millis()), score::held.eq(held)))
            .execute(connection)?;
    }
    Ok(())
}

/// Notes that the gradebook called a mark old.
pub fn note_conflict(connection: &mut DbConnection, score: &str, stamp: Timestamp) -> Result<(), DbError> {
    diesel::update(score::table.find(score))
        .set((score::conflicts.eq(score::conflicts + 1), score::stamp.eq(stamp.secs())))
        .execute(connection)?;
    Ok(())
}

/// Notes that a column is gone, and has the platform asked for another.
pub fn note_column_gone(
    connection: &mut DbConnection,
    (score, book): (&str, &Gradebook),
    stamp: Timestamp,
    now: Timestamp,
    random: &Random,
) -> Result<(), DbError> {
    note_refused(connection, score, (Some("column-gone"), None), Some(stamp), now)?;
    if book.service.as_ref().is_some_and(GradeService::may_find) {
        look(connection, book, now, random)
    } else {
        Ok(())
    }
}

/// A score with its person.
#[derive(Clone, Debug)]
pub struct ListedScore {
    /// Our identifier of the score.
    pub id: String,
    /// Our identifier of the person.
    pub user: String,
    /// The person's name.
    pub name: Option<String>,
    /// What stands for a name that the platform does not share.
    pub number: Option<i64>,
    /// Minutes in class up to the last time that the person left.
    pub minutes: i64,
    /// Its history.
    pub sending: Sending,
    /// When the gradebook took it. Units: milliseconds since the epoch.
    pub sent_at: Option<i64>,
    /// Why the gradebook did not.
    pub refused: Option<String>,
    /// What the gradebook holds instead.
    pub held: Option<String>,
}

impl ListedScore {
    /// Whether the gradebook has the mark.
    pub fn is_sent(&self) -> bool {
        self.sending.sent == Some(self.sending.wanted)
    }
}

/// The scores of an activity, by name.
pub fn list_scores(connection: &mut DbConnection, link: &str) -> Result<Vec<ListedScore>, DbError> {
    let numbered =
        person_number::context_id.eq(resource_link::context_id).and(person_number::sub.eq(lti_user::sub));
    let rows: Vec<(StoredScore, Option<String>, Option<i64>)> = score::table
        .inner_join(lti_user::table)
        .inner_join(resource_link::table)
        .left_join(person_number::table.on(numbered))
        .filter(score::resource_link_id.eq(link))
        .order((lti_user::name_key, lti_user::id))
        .select((StoredScore::as_select(), lti_user::name, person_number::number.nullable()))
        .load(connection)?;
    let listed = |(stored, name, number): (StoredScore, Option<String>, Option<i64>)| ListedScore {
        sending: stored.sending(),
        id: stored.id,
        user: stored.user_id,
        name,
        number,
        minutes: stored.minutes,
        sent_at: stored.sent_at,
        refused: stored.refused,
        held: stored.held,
    };
    Ok(rows.into_iter().map(listed).collect())
}

/// A participant who is in class.
#[derive(Clone, Debug)]
pub struct InClass {
    /// Our identifier of the person.
    pub user: String,
    /// The person's name.
    pub name: Option<String>,
    /// What stands for a name that the platform does not share.
    pub number: Option<i64>,
    /// Minutes in class so far.
    pub minutes: i64,
}

/// Everything that the page of marks shows.
#[derive(Clone, Debug)]
pub struct Marks {
    /// The gradebook.
    pub book: Gradebook,
    /// The scores, by name.
    pub scores: Vec<ListedScore>,
    /// Participants who are in class.
    pub in_class: Vec<InClass>,
    /// The trouble of the gradebook.
    pub trouble: Option<jobs::store::Trouble>,
    /// Scores that are tried again, and when.
    pub next: Vec<(String, i64)>,
}

/// Everything that the page of marks shows; people of the link's own activity alone.
pub fn find_marks(connection: &mut DbConnection, link: &str) -> Result<Option<Marks>, DbError> {
    let Some(book) = find_gradebook(connection, link)? else { return Ok(None) };
    let scores = list_scores(connection, link)?;
    let waiting: Vec<String> = scores.iter().filter(|one| !one.is_sent()).map(|one| one.id.clone()).collect();
    let next = jobs::store::list_next(connection, SCORE, &waiting)?;
    let trouble = match book.lane() {
        Some(lane) => jobs::store::find_trouble(connection, &lane)?,
        None => None,
    };
    let in_class = list_in_class(connection, link)?;
    Ok(Some(Marks { book, scores, in_class, trouble, next }))
}

type Called = (String, Option<String>, Option<i64>);

fn list_in_class(connection: &mut DbConnection, link: &str) -> Result<Vec<InClass>, DbError> {
    let numbered =
        person_number::context_id.eq(resource_link::context_id).and(person_number::sub.eq(lti_user::sub));
    let mut here: Vec<Called> = presence::table
        .inner_join(lti_user::table)
        .inner_join(resource_link::table)
        .left_join(person_number::table.on(numbered))
        .filter(diesel::dsl::not(presence::settled).and(presence::resource_link_id.eq(link)))
        .filter(presence::standing.eq(roles::Standing::Participant.word()))
        .order((lti_user::name_key, lti_user::id))
        .select((lti_user::id, lti_user::name, person_number::number.nullable()))
        .load(connection)?;
    here.dedup();
    let users: Vec<&str> = here.iter().map(|(user, ..)| user.as_str()).collect();
    let rows: Vec<(String, i64, i64)> = presence::table
        .filter(presence::resource_link_id.eq(link).and(presence::user_id.eq_any(users)))
        .select((presence::user_id, presence::joined, presence::last_seen))
        .load(connection)?;
    let mut stretches: HashMap<String, Vec<Interval>> = HashMap::new();
    for (user, start, end) in rows {
        let interval = Interval { start: Timestamp::from_millis(start), end: Timestamp::from_millis(end) };
        stretches.entry(user).or_default().push(interval);
    }
    let so_far = |user: &str| stretches.get(user).map_or(0, |stretches| whole_minutes(stretches));
    let in_class = |(user, name, number): Called| InClass { minutes: so_far(&user), user, name, number };
    Ok(here.into_iter().map(in_class).collect())
}
