//! Marks as teachers see them, the settings that make them, and "send again".

use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use super::jobs::number;
use super::store::{self, InClass, ListedScore, Marks};
use super::{Mark, MarkState};
use crate::app::App;
use crate::attendance::gradebook::Standing;
use crate::attendance::gradebook::store::find_gradebook;
use crate::attendance::report::iso;
use crate::clock::Timestamp;
use crate::db::DbError;
use crate::http::failure::Failure;
use crate::jobs::store::Trouble;
use crate::lti::roles;
use crate::rooms::access::require;
use crate::rooms::model::Presence;
use crate::rooms::numbers::web::Naming;
use crate::rooms::permissions::Action;
use crate::rooms::web::{RoomSession, address, enter_by_form};

/// The marks of an activity, as the page shows them.
#[derive(Debug, Serialize)]
pub struct MarksSection {
    state: &'static str,
    can_make: bool,
    target: u32,
    trouble: Option<TroubleLine>,
    people: Vec<LearnerLine>,
    csrf: String,
    pass: Option<String>,
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
    user: String,
    name: String,
    /// The number that the name is made of, where the platform shares none.
    #[serde(skip)]
    number: Option<i64>,
    minutes: i64,
    mark: String,
    sent_mark: Option<String>,
    sent_at: Option<String>,
    state: &'static str,
    reason: Option<String>,
    held: Option<String>,
    next: Option<String>,
    can_resend: bool,
}

impl MarksSection {
    /// Returns whether somebody on it goes by a number.
    pub fn has_nameless(&self) -> bool {
        self.people.iter().any(|one| one.number.is_some())
    }

    /// The marks of the session's activity; nothing where the activity is gone.
    pub async fn find(
        app: &App,
        session: &RoomSession,
        naming: Naming<'_>,
        now: Timestamp,
    ) -> Result<Option<Self>, DbError> {
        let link = session.rights.link.clone();
        let found: Result<_, DbError> =
            app.db.read(move |connection| store::find_marks(connection, &link)).await;
        Ok(found?.map(|marks| Self::new(&marks, app, session, naming, now)))
    }

    fn new(marks: &Marks, app: &App, session: &RoomSession, naming: Naming<'_>, now: Timestamp) -> Self {
        let standing = marks.book.standing();
        let target = marks.book.settings.target_minutes;
        let known = marks.scores.iter().map(|score| LearnerLine::new(score, marks, naming, now));
        let is_new = |one: &&InClass| !marks.scores.iter().any(|score| score.user == one.user);
        let fresh = marks.in_class.iter().filter(is_new).map(|one| LearnerLine::first(one, target, naming));
        let mut people: Vec<LearnerLine> = known.chain(fresh).collect();
        // Those without names come last, in the order of their numbers.
        people.sort_by_cached_key(|one| (one.number, one.name.to_lowercase()));
        Self {
            state: standing.word(),
            can_make: marks.book.may_make(),
            target,
            trouble: marks.trouble.as_ref().map(|trouble| TroubleLine::new(trouble, now)),
            people,
            csrf: session.csrf(&app.sealer),
            pass: session.form_pass(&app.sealer, &app.random),
            send_url: format!("/rooms/{}/attendance/send", session.room),
        }
    }
}

impl TroubleLine {
    fn new(trouble: &Trouble, now: Timestamp) -> Self {
        Self {
            code: trouble.reason.clone().unwrap_or_else(|| "error".to_owned()),
            since: iso(trouble.since.unwrap_or(now.millis())),
            next: (trouble.next > now.millis()).then(|| iso(trouble.next)),
        }
    }
}

impl LearnerLine {
    fn new(score: &ListedScore, marks: &Marks, naming: Naming<'_>, now: Timestamp) -> Self {
        let here = marks.in_class.iter().find(|one| one.user == score.user);
        let state =
            MarkState::of(here.is_some(), score.is_sent(), score.refused.is_some(), marks.book.standing());
        let minutes = here.map_or(score.minutes, |one| one.minutes);
        let next = marks.next.iter().find(|(id, at)| *id == score.id && *at > now.millis());
        let is_late = next.is_some() || marks.trouble.is_some();
        let is_stuck = state == MarkState::Refused || (state == MarkState::Waiting && is_late);
        Self {
            user: score.user.clone(),
            name: naming.name(score.name.as_deref(), score.number, roles::Standing::Participant),
            number: score.number.filter(|_| score.name.is_none()),
            minutes,
            mark: number(Mark::new(minutes, i64::from(marks.book.settings.target_minutes)).given()),
            sent_mark: score.sending.sent.map(|mark| number(mark.given())),
            sent_at: score.sent_at.map(iso),
            reason: score.refused.clone().filter(|_| state == MarkState::Refused),
            held: score.held.clone().filter(|_| state == MarkState::Refused),
            next: next.map(|(_, at)| iso(*at)),
            can_resend: is_stuck && marks.book.standing() == Standing::Ready,
            state: state.word(),
        }
    }

    /// Somebody who is in class for the first time.
    fn first(here: &InClass, target: u32, naming: Naming<'_>) -> Self {
        Self {
            user: here.user.clone(),
            name: naming.name(here.name.as_deref(), here.number, roles::Standing::Participant),
            number: here.number.filter(|_| here.name.is_none()),
            minutes: here.minutes,
            mark: number(Mark::new(here.minutes, i64::from(target)).given()),
            sent_mark: None,
            sent_at: None,
            state: MarkState::InClass.word(),
            reason: None,
            held: None,
            next: None,
            can_resend: false,
        }
    }
}

/// What "send again" sends.
#[derive(Deserialize)]
pub struct SendForm {
    csrf: String,
    /// The session, where no cookie brings it.
    pass: Option<String>,
    /// Our identifier of one person; empty for all.
    user: String,
}

/// `POST /rooms/{room}/attendance/send`: sends marks again that did not arrive. For moderators.
pub async fn send(
    request: HttpRequest,
    room: Path<String>,
    form: Form<SendForm>,
    app: Data<App>,
) -> Result<HttpResponse, Failure> {
    let now = app.clock.now();
    let proof = (room.as_str(), form.csrf.as_str(), form.pass.as_deref());
    let (session, _) = require_moderator(&app, &request, proof, Action::SeeAttendance, now).await?;
    let (link, random) = (session.rights.link.clone(), app.random.clone());
    let user = Some(form.into_inner().user).filter(|user| !user.is_empty());
    let sent: Result<(), DbError> = app
        .db
        .write(move |connection| store::send_again(connection, &link, user.as_deref(), now, &random))
        .await;
    sent?;
    app.bell.ring();
    Ok(see_other(&format!("{}#marks", address(&app, &session, "/attendance"))))
}

/// The session of a moderator who sends a form of their own page.
pub async fn require_moderator(
    app: &App,
    request: &HttpRequest,
    proof: (&str, &str, Option<&str>),
    action: Action,
    now: Timestamp,
) -> Result<(RoomSession, Presence), Failure> {
    let (session, presence, _) = enter_by_form(app, request, proof, now).await?;
    require(session.rights.rights.standing, action)?;
    Ok((session, presence))
}

/// The way on after a change.
pub fn see_other(place: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, place)).finish()
}

/// The mark for `minutes` in class, of 100, as pages write it.
pub fn mark_text(minutes: u64, target: u32) -> String {
    number(Mark::new(i64::try_from(minutes).unwrap_or(i64::MAX), i64::from(target)).given())
}

/// The target that a learner's own page names: where marks go to the gradebook.
pub async fn target_of(app: &App, session: &RoomSession) -> Result<Option<u32>, DbError> {
    let link = session.rights.link.clone();
    let found: Result<_, DbError> = app.db.look_up(move |connection| find_gradebook(connection, &link)).await;
    Ok(found?.filter(|book| book.standing() == Standing::Ready).map(|book| book.settings.target_minutes))
}
