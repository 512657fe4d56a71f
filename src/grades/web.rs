//! Grades as teachers see them, the settings that make them, and "send again".

use std::collections::{HashMap, HashSet};

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::{Deserialize, Serialize};

use super::jobs::number;
use super::line_item::SyncState;
use super::line_item::store::{find_gradebook, look_if_old};
use super::listing::store::find_grades;
use super::listing::{GradeState, InClass, ListedGrades};
use super::results::is_as_sent;
use super::results::store::ask_if_old;
use super::score::ScoreValue;
use super::store;
use super::store::{ListedScore, Shown};
use crate::clock::Timestamp;
use crate::db::DbError;
use crate::http::failure::Failure;
use crate::ids::{LinkId, UserId};
use crate::jobs::store::QueueTrouble;
use crate::lti::launch::roles;
use crate::lti::services::ags::SCORE_MAXIMUM;
use crate::rooms::access::RoomError;
use crate::rooms::numbers::web::Naming;
use crate::rooms::permissions::Action;
use crate::rooms::session::web::{RoomForm, RoomSession, RoomVisitor, action, see_other};
use crate::state::AppState;

/// The grades of an activity, as the page shows them.
#[derive(Debug, Serialize)]
pub struct GradesSection {
    state: &'static str,
    can_make: bool,
    target: u32,
    trouble: Option<TroubleLine>,
    people: Vec<LearnerLine>,
    csrf: String,
    session_token: Option<String>,
    send_url: String,
}

#[derive(Debug, Serialize)]
struct TroubleLine {
    code: String,
    since: String,
    next: Option<String>,
}

#[derive(Debug, Serialize)]
struct LearnerLine {
    user: UserId,
    name: String,
    /// The number that the name is made of, where the platform shares none.
    #[serde(skip)]
    number: Option<i64>,
    minutes: i64,
    grade: String,
    sent_grade: Option<String>,
    sent_at: Option<String>,
    state: &'static str,
    reason: Option<String>,
    shown: Option<ShownLine>,
    next: Option<String>,
    can_resend: bool,
}

/// What the gradebook shows, as far as it was read.
#[derive(Debug, Serialize)]
struct ShownLine {
    /// The grade, on the gradebook's scale where that is another; nothing where it shows none.
    grade: Option<String>,
    at: String,
    is_as_sent: bool,
}

impl ShownLine {
    fn new(shown: Shown, sent: Option<ScoreValue>) -> Self {
        let text = |score: f64, maximum: f64| {
            let is_ours = (maximum - f64::from(SCORE_MAXIMUM)).abs() < f64::EPSILON;
            if is_ours { number(score) } else { format!("{} / {}", number(score), number(maximum)) }
        };
        Self {
            grade: shown.result.map(|result| text(result.score, result.maximum)),
            at: shown.at.iso(),
            is_as_sent: shown.result.zip(sent).is_some_and(|(result, sent)| is_as_sent(result, sent)),
        }
    }
}

impl GradesSection {
    /// Returns whether somebody on it goes by a number.
    pub fn has_nameless(&self) -> bool {
        self.people.iter().any(|one| one.number.is_some())
    }

    /// The grades of the session's activity; nothing where the activity is gone. What the platform was asked long ago it is
    /// asked anew, and nobody waits for that here.
    pub async fn find(
        app: &Data<AppState>,
        session: &RoomSession,
        naming: Naming<'_>,
        now: Timestamp,
    ) -> Result<Option<Self>, DbError> {
        let link = session.link();
        let found = app.db.read_much(move |connection| find_grades(connection, link)).await?;
        let Some(grades) = found else { return Ok(None) };
        let has_sent = grades.scores.iter().any(|score| score.sent_at.is_some() || score.refused.is_some());
        if grades.book.is_search_due(now) || (has_sent && grades.book.are_results_due(now)) {
            ask_anew(app, session.link());
        }
        Ok(Some(Self::new(&grades, app, session, naming, now)))
    }

    fn new(
        grades: &ListedGrades,
        app: &AppState,
        session: &RoomSession,
        naming: Naming<'_>,
        now: Timestamp,
    ) -> Self {
        let sync_state = grades.book.sync_state();
        let target = grades.book.rules.target_minutes;
        let here: HashMap<UserId, &InClass> = grades.in_class.iter().map(|one| (one.user, one)).collect();
        let next: HashMap<&str, Timestamp> =
            grades.next.iter().map(|next| (next.subject.as_str(), next.at)).collect();
        let scored: HashSet<UserId> = grades.scores.iter().map(|score| score.user).collect();
        let known = grades.scores.iter().map(|score| {
            let next = next.get(score.id.as_str()).copied().filter(|at| *at > now);
            LearnerLine::new(score, grades, here.get(&score.user).copied(), next, naming)
        });
        let is_new = |one: &&InClass| !scored.contains(&one.user);
        let fresh = grades.in_class.iter().filter(is_new).map(|one| LearnerLine::first(one, target, naming));
        let mut people: Vec<LearnerLine> = known.chain(fresh).collect();
        // Those without names come last, in the order of their numbers.
        people.sort_by_cached_key(|one| (one.number, one.name.to_lowercase()));
        Self {
            state: sync_state.word(),
            can_make: grades.book.may_make(),
            target,
            trouble: grades.trouble.as_ref().map(|trouble| TroubleLine::new(trouble, now)),
            people,
            csrf: session.csrf(&app.sealer),
            session_token: session.form_token(&app.sealer, &app.random),
            send_url: action(session, "/attendance/send"),
        }
    }
}

fn ask_anew(app: &Data<AppState>, link: LinkId) {
    let app = app.clone();
    actix_web::rt::spawn(async move {
        let asked = app
            .db
            .write(move |tx| {
                look_if_old(tx, link)?;
                ask_if_old(tx, link)
            })
            .await;
        match asked {
            Ok(()) => app.notifier.notify(),
            Err(error) => tracing::warn!(%error, "a gradebook cannot be asked"),
        }
    });
}

impl TroubleLine {
    fn new(trouble: &QueueTrouble, now: Timestamp) -> Self {
        Self {
            code: trouble.reason.clone().unwrap_or_else(|| "error".to_owned()),
            since: trouble.since.unwrap_or(now).iso(),
            next: (trouble.next > now).then(|| trouble.next.iso()),
        }
    }
}

impl LearnerLine {
    /// The line of a score; with what is known of its person in class, and of its next try.
    fn new(
        score: &ListedScore,
        grades: &ListedGrades,
        here: Option<&InClass>,
        next: Option<Timestamp>,
        naming: Naming<'_>,
    ) -> Self {
        let state = GradeState::of(score, here.is_some(), &grades.book);
        let minutes = here.map_or(score.minutes, |one| one.minutes);
        let is_late = next.is_some() || grades.trouble.is_some();
        let is_stuck = state == GradeState::Refused || (state == GradeState::Waiting && is_late);
        Self {
            user: score.user,
            name: naming.name(score.name.as_deref(), score.number, roles::MeetingRole::Participant),
            number: score.number.filter(|_| score.name.is_none()),
            minutes,
            grade: number(ScoreValue::new(minutes, i64::from(grades.book.rules.target_minutes)).given()),
            sent_grade: score.sending.sent.map(|grade| number(grade.given())),
            sent_at: score.sent_at.map(Timestamp::iso),
            reason: score.refused.clone().filter(|_| state == GradeState::Refused),
            shown: score.shown.map(|shown| ShownLine::new(shown, score.sending.sent)),
            next: next.map(Timestamp::iso),
            can_resend: is_stuck && grades.book.sync_state() == SyncState::Ready,
            state: state.word(),
        }
    }

    /// Somebody who is in class for the first time.
    fn first(here: &InClass, target: u32, naming: Naming<'_>) -> Self {
        Self {
            user: here.user,
            name: naming.name(here.name.as_deref(), here.number, roles::MeetingRole::Participant),
            number: here.number.filter(|_| here.name.is_none()),
            minutes: here.minutes,
            grade: number(ScoreValue::new(here.minutes, i64::from(target)).given()),
            sent_grade: None,
            sent_at: None,
            state: GradeState::InClass.word(),
            reason: None,
            shown: None,
            next: None,
            can_resend: false,
        }
    }
}

/// What "send again" sends.
#[derive(Deserialize)]
pub struct SendForm {
    /// Our identifier of one person; empty for all.
    user: String,
}

/// `POST /rooms/{room}/attendance/send`: sends grades again that did not arrive. For moderators.
pub async fn send(form: RoomForm<SendForm>, app: Data<AppState>) -> Result<HttpResponse, Failure> {
    let RoomVisitor { session, .. } = form.visitor.require(Action::SeeAttendance)?;
    let link = session.link();
    let user = match form.input.user.as_str() {
        "" => None,
        user => Some(user.parse().map_err(|_| RoomError::Unknown)?),
    };
    let sent = app.db.write(move |tx| store::send_again(tx, link, user)).await?;
    // Whatever is known of the platform's clocks may be what went wrong.
    if let Some(platform) = sent {
        app.services.forget_clocks(platform);
    }
    app.notifier.notify();
    Ok(see_other(&session, "/attendance#grades"))
}

/// The grade for `minutes` in class, of 100, as pages write it.
pub fn grade_text(minutes: u64, target: u32) -> String {
    number(ScoreValue::new(i64::try_from(minutes).unwrap_or(i64::MAX), i64::from(target)).given())
}

/// The target that a learner's own page names: where grades go to the gradebook.
pub async fn target_of(app: &AppState, session: &RoomSession) -> Result<Option<u32>, DbError> {
    let link = session.link();
    let found = app.db.look_up(move |connection| find_gradebook(connection, link)).await?;
    Ok(found.filter(|book| book.sync_state() == SyncState::Ready).map(|book| book.rules.target_minutes))
}
