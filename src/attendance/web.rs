//! Signs of life of meeting pages, and the page that shows who was there.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use super::board::TooFast;
use super::interval::{minutes, time_in_class};
use super::passback::web::{MarksSection, target_of, unnamed};
use super::report::Report;
use super::roster::RosterLine;
use super::roster::store::{Roster, ask_if_old, find_roster};
use super::store;
use crate::app::App;
use crate::clock::Timestamp;
use crate::db::DbError;
use crate::http::failure::Failure;
use crate::http::pages::Pages;
use crate::http::security::require_same_origin;
use crate::lti::roles::Standing;
use crate::rooms;
use crate::rooms::access::{RoomError, require_admission};
use crate::rooms::meeting_pass::MeetingPass;
use crate::rooms::permissions::{Action, allows};
use crate::rooms::web::{
    RoomLine, RoomSession, address, enter_room, framing_of, locale_of, renewal_url, settings_url,
};

/// A page's sign of life.
#[derive(Deserialize)]
pub struct Sign {
    pass: String,
    event: Event,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Event {
    Beat,
    Leave,
}

/// Why a sign of life does not count.
enum PresenceError {
    Db(DbError),
    PassInvalid,
    OtherRoom,
    Room(RoomError),
    TooFast,
}

/// `POST /rooms/{room}/presence`: a meeting page says that its person is in the conference, or leaves. For opened
/// meeting pages alone: their pass is in the body, which no other site can send from here.
pub async fn presence(
    request: HttpRequest,
    room: Path<String>,
    sign: Json<Sign>,
    app: Data<App>,
) -> Result<HttpResponse, Failure> {
    require_same_origin(&request, &app.base_url)?;
    let pass =
        MeetingPass::open(&sign.pass, &app.sealer, app.clock.now()).ok_or(PresenceError::PassInvalid)?;
    if pass.room != *room {
        return Err(PresenceError::OtherRoom.into());
    }
    require_admitted(&app, &pass).await?;
    match sign.event {
        Event::Beat => app.board.beat(pass, app.clock.now()).map_err(|TooFast| PresenceError::TooFast)?,
        Event::Leave => app.board.leave(pass, app.clock.now()),
    }
    Ok(HttpResponse::NoContent().finish())
}

/// Platform, deployment and person may have been switched off since the page was opened.
async fn require_admitted(app: &App, pass: &MeetingPass) -> Result<(), PresenceError> {
    let (room, link, user) = (pass.room.clone(), pass.link.clone(), pass.user.clone());
    let found: Result<_, DbError> = app
        .db
        .look_up(move |connection| rooms::store::find_presence(connection, (&room, &link, &user)))
        .await;
    let presence = found.map_err(PresenceError::Db)?.ok_or(PresenceError::PassInvalid)?;
    require_admission(presence.standing).map_err(PresenceError::Room)
}

#[derive(Serialize)]
struct AttendancePage {
    room: RoomLine,
    mine: Option<Mine>,
    attendance: Option<Report>,
    roster: Option<RosterLine>,
    marks: Option<MarksSection>,
    settings_url: Option<String>,
    attendance_url: String,
    back_url: String,
    renewal_url: Option<String>,
}

#[derive(Serialize)]
struct Mine {
    minutes: u64,
    counted: bool,
    /// Minutes for the full mark, where marks go to the gradebook.
    target: Option<u32>,
}

/// `GET /rooms/{room}/attendance`: moderators see who was there; everybody else the own minutes. For whoever launched
/// the room.
pub async fn attendance(
    request: HttpRequest,
    room: Path<String>,
    app: Data<App>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let now = app.clock.now();
    let (session, presence, _) = enter_room(&app, &request, &room, now).await?;
    let locale = locale_of(&session, &request, &pages);
    let standing = session.rights.rights.standing;
    let (room, user) = (session.room.clone(), session.rights.user.clone());
    let (attendance, roster, marks, mine) = if allows(standing, Action::SeeAttendance) {
        let (report, roster, marks) = overview(&app, &session, &unnamed(&pages, &locale), now).await?;
        (Some(report), roster, marks, None)
    } else {
        let found: Result<_, DbError> =
            app.db.look_up(move |connection| store::list_of_person(connection, &room, &user)).await;
        let counted = standing != Standing::Observer;
        let target = if standing == Standing::Participant { target_of(&app, &session).await? } else { None };
        (None, None, None, Some(Mine { minutes: minutes(time_in_class(&found?)), counted, target }))
    };
    let page = AttendancePage {
        room: RoomLine::new(&presence, &pages, &locale),
        mine,
        attendance,
        roster,
        marks,
        settings_url: settings_url(&app, &session),
        attendance_url: address(&app, &session, "/attendance"),
        back_url: address(&app, &session, ""),
        renewal_url: renewal_url(&app, &session),
    };
    pages.respond(StatusCode::OK, "pages/rooms/attendance.html", &page, &locale, &framing_of(&session))
}

/// What moderators see: who was there and who was not, the list of participants that tells it, and the marks.
async fn overview(
    app: &Data<App>,
    session: &RoomSession,
    unnamed: &str,
    now: Timestamp,
) -> Result<(Report, Option<RosterLine>, Option<MarksSection>), DbError> {
    let (room, link) = (session.room.clone(), session.rights.link.clone());
    let roster = roster_of(app, &link, now).await?;
    let line = roster.as_ref().map(|roster| RosterLine::new(roster, &link, now));
    let found: Result<_, DbError> =
        app.db.read(move |connection| store::list_meetings(connection, &room, &link)).await;
    let (meetings, people) = found?;
    let marks = MarksSection::find(app, session, unnamed, now).await?;
    let report = Report::new(&meetings, &people, unnamed, now);
    let report = match (&roster, &line) {
        (Some(roster), Some(line)) if line.is_known() => {
            report.with_absent(&meetings, &people, &roster.members)
        }
        _ => report,
    };
    Ok((report, line, marks))
}

/// The list of the course's participants. One that is old is read anew, and nobody waits for that here.
async fn roster_of(app: &Data<App>, link: &str, now: Timestamp) -> Result<Option<Roster>, DbError> {
    let of_link = link.to_owned();
    let found: Result<_, DbError> =
        app.db.read(move |connection| find_roster(connection, &of_link, now)).await;
    let Some((roster, is_due)) = found? else { return Ok(None) };
    if is_due {
        let (app, link) = (app.clone(), link.to_owned());
        actix_web::rt::spawn(async move {
            let random = app.random.clone();
            let asked: Result<(), DbError> =
                app.db.write(move |connection| ask_if_old(connection, &link, now, &random)).await;
            match asked {
                Ok(()) => app.bell.ring(),
                Err(error) => tracing::warn!(%error, "a list of participants cannot be asked for"),
            }
        });
    }
    Ok(Some(roster))
}

impl From<PresenceError> for Failure {
    fn from(error: PresenceError) -> Self {
        let (status, code) = match error {
            PresenceError::Db(error) => return error.into(),
            PresenceError::Room(error) => return error.into(),
            PresenceError::PassInvalid => (StatusCode::UNAUTHORIZED, "session-missing"),
            PresenceError::OtherRoom => (StatusCode::CONFLICT, "presence-other-room"),
            PresenceError::TooFast => (StatusCode::TOO_MANY_REQUESTS, "too-fast"),
        };
        Self::refused(status, code)
    }
}
