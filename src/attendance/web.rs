//! Signs of life of meeting pages, and the page that shows who was there.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use super::board::TooFast;
use super::interval::{Interval, minutes, time_in_class};
use super::passback::web::{MarksSection, mark_text, target_of};
use super::report::Report;
use super::roster::RosterLine;
use super::roster::store::{Listed, Roster, ask_if_old, find_roster};
use super::store;
use super::store::StoredPresence;
use crate::app::App;
use crate::clock::Timestamp;
use crate::db::DbError;
use crate::http::failure::Failure;
use crate::http::pages::Pages;
use crate::http::security::require_same_origin;
use crate::i18n::Locale;
use crate::lti::roles::Standing;
use crate::rooms;
use crate::rooms::access::{RoomError, require_admission, require_unended};
use crate::rooms::groups::store::list_members;
use crate::rooms::meeting_pass::MeetingPass;
use crate::rooms::model::Presence;
use crate::rooms::numbers::web::{NamelessNote, Naming};
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
    let (link, user) = (pass.link.clone(), pass.user.clone());
    let found: Result<_, DbError> =
        app.db.look_up(move |connection| rooms::store::find_admission(connection, (&link, &user))).await;
    // Which room it is, the pass proves: the activity may open another one by now, and nobody's minutes are lost.
    let admission = found.map_err(PresenceError::Db)?.ok_or(PresenceError::PassInvalid)?;
    require_admission(admission)
        .and_then(|()| require_unended(admission, pass.opened))
        .map_err(PresenceError::Room)
}

#[derive(Serialize)]
struct AttendancePage {
    room: RoomLine,
    mine: Option<Mine>,
    attendance: Option<Report>,
    roster: Option<RosterLine>,
    marks: Option<MarksSection>,
    nameless: Option<NamelessNote>,
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

/// What the attendance page was opened with.
#[derive(Deserialize)]
pub struct AttendanceQuery {
    /// Our identifier of the one learner to show.
    learner: Option<String>,
}

/// `GET /rooms/{room}/attendance`: moderators see who was there; everybody else the own minutes. For whoever launched
/// the room.
pub async fn attendance(
    request: HttpRequest,
    (room, query): (Path<String>, Query<AttendanceQuery>),
    app: Data<App>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let now = app.clock.now();
    let (session, presence, _) = enter_room(&app, &request, &room, now).await?;
    let locale = locale_of(&session, &request, &pages);
    let standing = session.rights.rights.standing;
    if let Some(learner) = query.into_inner().learner {
        return review(&app, &pages, (&session, &presence), learner, &locale, now).await;
    }
    let (link, user) = (session.rights.link.clone(), session.rights.user.clone());
    let (seen, mine) = if allows(standing, Action::SeeAttendance) {
        let group = presence.group.as_ref().map(|group| group.key.clone());
        let naming = Naming { pages: &pages, locale: &locale };
        (overview(&app, (&session, group), naming, now).await?, None)
    } else {
        let found: Result<_, DbError> =
            app.db.look_up(move |connection| store::list_of_person(connection, &link, &user)).await;
        let counted = standing != Standing::Observer;
        let target = if standing == Standing::Participant { target_of(&app, &session).await? } else { None };
        (Overview::default(), Some(Mine { minutes: minutes(time_in_class(&found?)), counted, target }))
    };
    let page = AttendancePage {
        room: RoomLine::new(&presence, &pages, &locale),
        mine,
        attendance: seen.report,
        roster: seen.roster,
        marks: seen.marks,
        nameless: seen.has_nameless.then(|| NamelessNote::of(&presence)),
        settings_url: settings_url(&app, &session),
        attendance_url: address(&app, &session, "/attendance"),
        back_url: address(&app, &session, ""),
        renewal_url: renewal_url(&app, &session),
    };
    pages.respond(StatusCode::OK, "pages/rooms/attendance.html", &page, &locale, &framing_of(&session))
}

/// What moderators see.
#[derive(Default)]
struct Overview {
    /// Who was there and who was not.
    report: Option<Report>,
    /// The list of participants that tells it.
    roster: Option<RosterLine>,
    marks: Option<MarksSection>,
    /// Whether somebody goes by a number.
    has_nameless: bool,
}

async fn overview(
    app: &Data<App>,
    (session, group): (&RoomSession, Option<String>),
    naming: Naming<'_>,
    now: Timestamp,
) -> Result<Overview, DbError> {
    let (room, link) = (session.room.clone(), session.rights.link.clone());
    let of_group = group.is_some();
    let mut roster = roster_of(app, (&link, group), now).await?;
    let line = roster.as_ref().map(|roster| RosterLine { of_group, ..RosterLine::new(roster, &link, now) });
    let found: Result<_, DbError> =
        app.db.read(move |connection| store::list_meetings(connection, &room, &link)).await;
    let (meetings, mut people) = found?;
    let marks = MarksSection::find(app, session, naming, now).await?;
    let listed = roster.as_mut().map(|roster| roster.members.as_mut_slice()).unwrap_or_default();
    let has_nameless = name_people(&mut people, naming)
        | name_listed(listed, naming)
        | marks.as_ref().is_some_and(MarksSection::has_nameless);
    let report = Report::new(&meetings, &people, "", now);
    let report = match (&roster, &line) {
        (Some(roster), Some(line)) if line.is_known() => {
            report.with_absent(&meetings, &people, &roster.members)
        }
        _ => report,
    };
    Ok(Overview { report: Some(report), roster: line, marks, has_nameless })
}

/// Gives those the name made of their number whose platform tells none; answers whether there are any. Stretches of a person
/// stand together, and the last says what the person is.
fn name_people(people: &mut [StoredPresence], naming: Naming<'_>) -> bool {
    let mut has_nameless = false;
    for stretches in people.chunk_by_mut(|left, right| left.user == right.user) {
        let Some(last) = stretches.last().filter(|last| last.name.is_none()) else { continue };
        let name = naming.name(None, last.number, Standing::parse(&last.standing));
        stretches.iter_mut().for_each(|stretch| stretch.name = Some(name.clone()));
        has_nameless = true;
    }
    has_nameless
}

/// Does the same for a list of participants; those without a number stay nameless.
fn name_listed(members: &mut [Listed], naming: Naming<'_>) -> bool {
    let mut has_nameless = false;
    for member in members.iter_mut().filter(|member| member.name.is_none()) {
        let standing = if member.is_learner { Standing::Participant } else { Standing::Moderator };
        member.name = member.number.map(|number| naming.name(None, Some(number), standing));
        has_nameless |= member.is_learner;
    }
    has_nameless
}

/// The list of the course's participants. One that is old is read anew, and nobody waits for that here.
async fn roster_of(
    app: &Data<App>,
    (link, group): (&str, Option<String>),
    now: Timestamp,
) -> Result<Option<Roster>, DbError> {
    let of_link = link.to_owned();
    let found: Result<_, DbError> = app
        .db
        .read(move |connection| {
            let of_group = match group {
                Some(group) => Some(list_members(connection, &of_link, &group)?),
                None => None,
            };
            Ok(find_roster(connection, &of_link, now)?.map(|(roster, is_due)| match &of_group {
                Some(people) => (roster.of_people(people), is_due),
                None => (roster, is_due),
            }))
        })
        .await;
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

#[derive(Serialize)]
struct LearnerPage {
    room: RoomLine,
    learner: LearnerLine,
    report: Report,
    attendance_url: Option<String>,
    back_url: String,
    renewal_url: Option<String>,
}

#[derive(Serialize)]
struct LearnerLine {
    name: String,
    minutes: u64,
    /// Minutes for the full mark, where marks go to the gradebook.
    target: Option<u32>,
    mark: Option<String>,
}

/// What one learner did in the activity: for those who see everybody's attendance, and for the learner.
async fn review(
    app: &App,
    pages: &Pages,
    (session, presence): (&RoomSession, &Presence),
    learner: String,
    locale: &Locale,
    now: Timestamp,
) -> Result<HttpResponse, Failure> {
    let leads = allows(session.rights.rights.standing, Action::SeeAttendance);
    if !leads && learner != session.rights.user {
        return Err(RoomError::NotAllowed(Action::SeeAttendance).into());
    }
    let link = session.rights.link.clone();
    let found: Result<_, DbError> =
        app.db.read(move |connection| store::find_learner(connection, &link, &learner)).await;
    let mut found = found?.ok_or(RoomError::Unknown)?;
    let naming = Naming { pages, locale };
    name_people(&mut found.stretches, naming);
    let stretches: Vec<Interval> = found.stretches.iter().map(StoredPresence::interval).collect();
    let minutes = minutes(time_in_class(&stretches));
    let target = target_of(app, session).await?;
    let page = LearnerPage {
        room: RoomLine::new(presence, pages, locale),
        report: Report::new(&found.meetings, &found.stretches, "", now),
        learner: LearnerLine {
            name: naming.name(found.name.as_deref(), found.number, Standing::Participant),
            minutes,
            target,
            mark: target.map(|target| mark_text(minutes, target)),
        },
        attendance_url: leads.then(|| address(app, session, "/attendance")),
        back_url: address(app, session, ""),
        renewal_url: renewal_url(app, session),
    };
    pages.respond(StatusCode::OK, "pages/rooms/learner.html", &page, locale, &framing_of(session))
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
