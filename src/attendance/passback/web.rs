//! Marks as teachers see them, the settings that make them, and "send again".

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Form, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use super::jobs::number;
use super::store::{self, InClass, ListedScore, Marks};
use super::{Mark, MarkState};
use crate::app::App;
use crate::attendance::gradebook::store::find_gradebook;
use crate::attendance::gradebook::{Gradebook, Standing};
use crate::attendance::report::iso;
use crate::clock::Timestamp;
use crate::db::DbError;
use crate::http::failure::Failure;
use crate::http::pages::Pages;
use crate::i18n::{Args, Locale};
use crate::jobs::store::Trouble;
use crate::rooms;
use crate::rooms::access::{RoomError, require};
use crate::rooms::model::Presence;
use crate::rooms::permissions::Action;
use crate::rooms::settings::{MarksPolicy, RoomSettings};
use crate::rooms::web::{
    RoomLine, RoomSession, address, enter_by_form, enter_room, framing_of, locale_of, renewal_url,
};

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
    /// The marks of the session's activity; nothing where the activity is gone.
    pub async fn find(
        app: &App,
        session: &RoomSession,
        unnamed: &str,
        now: Timestamp,
    ) -> Result<Option<Self>, DbError> {
        let (room, link) = (session.room.clone(), session.rights.link.clone());
        let found: Result<_, DbError> =
            app.db.read(move |connection| store::find_marks(connection, &room, &link)).await;
        Ok(found?.map(|marks| Self::new(&marks, app, session, unnamed, now)))
    }

    fn new(marks: &Marks, app: &App, session: &RoomSession, unnamed: &str, now: Timestamp) -> Self {
        let standing = marks.book.standing();
        let target = marks.book.settings.target_minutes;
        let known = marks.scores.iter().map(|score| LearnerLine::new(score, marks, unnamed, now));
        let is_new = |one: &&InClass| !marks.scores.iter().any(|score| score.user == one.user);
        let fresh = marks.in_class.iter().filter(is_new).map(|one| LearnerLine::first(one, target, unnamed));
        let mut people: Vec<LearnerLine> = known.chain(fresh).collect();
        people.sort_by_cached_key(|one| one.name.to_lowercase());
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
    fn new(score: &ListedScore, marks: &Marks, unnamed: &str, now: Timestamp) -> Self {
        let here = marks.in_class.iter().find(|one| one.user == score.user);
        let state =
            MarkState::of(here.is_some(), score.is_sent(), score.refused.is_some(), marks.book.standing());
        let minutes = here.map_or(score.minutes, |one| one.minutes);
        let next = marks.next.iter().find(|(id, at)| *id == score.id && *at > now.millis());
        let is_late = next.is_some() || marks.trouble.is_some();
        let is_stuck = state == MarkState::Refused || (state == MarkState::Waiting && is_late);
        Self {
            user: score.user.clone(),
            name: score.name.clone().unwrap_or_else(|| unnamed.to_owned()),
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
    fn first(here: &InClass, target: u32, unnamed: &str) -> Self {
        Self {
            user: here.user.clone(),
            name: here.name.clone().unwrap_or_else(|| unnamed.to_owned()),
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
async fn require_moderator(
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

fn see_other(place: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, place)).finish()
}

#[derive(Serialize)]
struct SettingsPage {
    room: RoomLine,
    back_url: String,
    attendance_url: String,
    action: String,
    csrf: String,
    pass: Option<String>,
    renewal_url: Option<String>,
    target: String,
    send: &'static str,
    state: &'static str,
    can_make: bool,
    problem: Option<&'static str>,
    saved: bool,
}

/// What the settings page was opened with.
#[derive(Deserialize)]
pub struct SettingsQuery {
    saved: Option<String>,
}

/// What the settings form sends.
#[derive(Deserialize)]
pub struct SettingsForm {
    csrf: String,
    /// The session, where no cookie brings it.
    pass: Option<String>,
    target: String,
    send: String,
}

/// `GET /rooms/{room}/settings`: what teachers decide for the room. For moderators.
pub async fn settings(
    request: HttpRequest,
    room: Path<String>,
    query: Query<SettingsQuery>,
    app: Data<App>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let (session, presence, _) = enter_room(&app, &request, &room, app.clock.now()).await?;
    require(session.rights.rights.standing, Action::ChangeSettings)?;
    show_settings(&request, (&session, &presence), (&app, &pages), None, query.saved.is_some()).await
}

/// `POST /rooms/{room}/settings`: changes them; marks follow. For moderators.
pub async fn save_settings(
    request: HttpRequest,
    room: Path<String>,
    form: Form<SettingsForm>,
    app: Data<App>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let now = app.clock.now();
    let proof = (room.as_str(), form.csrf.as_str(), form.pass.as_deref());
    let (session, presence) = require_moderator(&app, &request, proof, Action::ChangeSettings, now).await?;
    let marks = MarksPolicy::parse(&form.send)
        .ok_or_else(|| Failure::refused(StatusCode::BAD_REQUEST, "form-unreadable"))?;
    let Some(target_minutes) = RoomSettings::read_target(&form.target) else {
        let typed = Some((form.target.as_str(), marks));
        return show_settings(&request, (&session, &presence), (&app, &pages), typed, false).await;
    };
    let settings = RoomSettings { target_minutes, marks };
    let (room, link, random) = (session.room.clone(), session.rights.link.clone(), app.random.clone());
    let saved: Result<(), DbError> = app
        .db
        .write(move |connection| {
            rooms::store::save_settings(connection, &room, settings)?;
            store::take_settings(connection, &link, now, &random)
        })
        .await;
    saved?;
    app.bell.ring();
    Ok(see_other(&address(&app, &session, "/settings?saved=yes")))
}

/// The settings as stored, or as typed where that cannot be stored.
async fn show_settings(
    request: &HttpRequest,
    (session, presence): (&RoomSession, &Presence),
    (app, pages): (&App, &Pages),
    typed: Option<(&str, MarksPolicy)>,
    saved: bool,
) -> Result<HttpResponse, Failure> {
    let locale: Locale = locale_of(session, request, pages);
    let link = session.rights.link.clone();
    let book: Result<_, DbError> = app.db.look_up(move |connection| find_gradebook(connection, &link)).await;
    let book = book?.ok_or(RoomError::Unknown)?;
    let stored = book.settings;
    // What the platform offers, whatever the teacher decided.
    let offered = Gradebook { settings: RoomSettings { marks: MarksPolicy::Auto, ..stored }, ..book };
    let (target, marks) = typed
        .map_or((stored.target_minutes.to_string(), stored.marks), |(target, marks)| {
            (target.to_owned(), marks)
        });
    let page = SettingsPage {
        room: RoomLine::new(presence, pages, &locale),
        back_url: address(app, session, ""),
        attendance_url: address(app, session, "/attendance"),
        pass: session.form_pass(&app.sealer, &app.random),
        renewal_url: renewal_url(app, session),
        action: format!("/rooms/{}/settings", session.room),
        csrf: session.csrf(&app.sealer),
        target,
        send: marks.word(),
        state: offered.standing().word(),
        can_make: offered.may_make(),
        problem: typed.is_some().then_some("target"),
        saved,
    };
    let status = if typed.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    pages.respond(status, "pages/rooms/settings.html", &page, &locale, &framing_of(session))
}

/// The target that a learner's own page names: where marks go to the gradebook.
pub async fn target_of(app: &App, session: &RoomSession) -> Result<Option<u32>, DbError> {
    let link = session.rights.link.clone();
    let found: Result<_, DbError> = app.db.look_up(move |connection| find_gradebook(connection, &link)).await;
    Ok(found?.filter(|book| book.standing() == Standing::Ready).map(|book| book.settings.target_minutes))
}

/// The name of people whose platform tells none.
pub fn unnamed(pages: &Pages, locale: &Locale) -> String {
    pages.texts().get(locale, "person-unnamed", &Args::new())
}
