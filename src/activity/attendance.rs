//! The page that shows who was there.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use crate::attendance::absence::Absent;
use crate::attendance::absence::store::{ListQuestion, find_membership_list};
use crate::attendance::participants::{MembershipList, ParticipantsLine};
use crate::attendance::report::{Report, path_of};
use crate::attendance::store;
use crate::attendance::store::{ListedMeeting, MeetingWindow, StoredPresence};
use crate::clock::Timestamp;
use crate::db::DbError;
use crate::grades::web::{GradesSection, grade_text, target_of};
use crate::http::failure::Failure;
use crate::http::pages::Pages;
use crate::i18n::Locale;
use crate::ids::{LinkId, UserId};
use crate::lti::launch::roles::MeetingRole;
use crate::memberships::store::ask_if_old;
use crate::presence::interval::{Interval, minutes, time_in_class};
use crate::rooms::access::RoomError;
use crate::rooms::groups::store::list_members;
use crate::rooms::model::RoomView;
use crate::rooms::numbers::web::{NamelessNote, Naming};
use crate::rooms::permissions::{Action, allows};
use crate::rooms::session::web::{
    CarriedLine, RoomSession, RoomVisitor, address, carried, framing_of, settings_url,
};
use crate::rooms::web::{RoomLine, locale_of};
use crate::state::AppState;

#[derive(Serialize)]
struct AttendancePage {
    room: RoomLine,
    mine: Option<Mine>,
    attendance: Option<Report>,
    participants: Option<ParticipantsLine>,
    grades: Option<GradesSection>,
    nameless: Option<NamelessNote>,
    settings_url: Option<String>,
    attendance_url: String,
    back_url: String,
    carried: Option<CarriedLine>,
}

#[derive(Serialize)]
struct Mine {
    minutes: u64,
    counted: bool,
    /// Minutes for the full grade, where grades go to the gradebook.
    target: Option<u32>,
}

/// What the attendance page was opened with.
#[derive(Deserialize)]
pub struct AttendanceQuery {
    /// Our identifier of the one learner to show.
    learner: Option<String>,
    /// Our identifier of the one meeting to show.
    meeting: Option<String>,
    /// How many of its people come before.
    from: Option<u32>,
}

/// `GET /rooms/{room}/attendance`: moderators see who was there; everybody else the own minutes. For whoever launched
/// the room.
pub async fn attendance(
    request: HttpRequest,
    visitor: RoomVisitor,
    query: Query<AttendanceQuery>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let now = app.clock.now();
    let RoomVisitor { session, view, .. } = visitor;
    let locale = locale_of(&session, &request, &pages);
    let role = session.role();
    let AttendanceQuery { learner, meeting, from } = query.into_inner();
    let window =
        MeetingWindow { meeting: meeting.and_then(|id| id.parse().ok()), from: from.map_or(0, i64::from) };
    let path = window.meeting.map_or("/attendance".to_owned(), |id| path_of(id, window.from));
    if let Some(learner) = learner {
        let learner = learner.parse().map_err(|_| RoomError::Unknown)?;
        return review(&app, &pages, &session, &view, learner, &locale, now).await;
    }
    let (link, user) = (session.link(), session.user());
    let (seen, mine) = if allows(role, Action::SeeAttendance) {
        let group = view.group.as_ref().map(|group| group.key.clone());
        let naming = Naming { pages: &pages, locale: &locale };
        (overview(&app, &session, group, window, naming, now).await?, None)
    } else {
        let found = app.db.look_up(move |connection| store::list_of_person(connection, link, user)).await?;
        let counted = role != MeetingRole::Observer;
        let target = if role == MeetingRole::Participant { target_of(&app, &session).await? } else { None };
        (Overview::default(), Some(Mine { minutes: minutes(time_in_class(&found)), counted, target }))
    };
    let page = AttendancePage {
        room: RoomLine::new(&view, &pages, &locale),
        mine,
        attendance: seen.report,
        participants: seen.participants,
        grades: seen.grades,
        nameless: seen.has_nameless.then(|| NamelessNote::of(&view)),
        settings_url: settings_url(&session),
        attendance_url: address(&session, &path),
        back_url: address(&session, ""),
        carried: carried(&app, &session),
    };
    pages.respond(StatusCode::OK, "pages/rooms/attendance.html", &page, &locale, &framing_of(&session, &view))
}

/// What moderators see.
#[derive(Default)]
struct Overview {
    /// Who was there and who was not.
    report: Option<Report>,
    /// The list of participants that tells it.
    participants: Option<ParticipantsLine>,
    grades: Option<GradesSection>,
    /// Whether somebody goes by a number.
    has_nameless: bool,
}

async fn overview(
    app: &Data<AppState>,
    session: &RoomSession,
    group: Option<String>,
    window: MeetingWindow,
    naming: Naming<'_>,
    now: Timestamp,
) -> Result<Overview, DbError> {
    let (room, link) = (session.room, session.link());
    let of_group = group.is_some();
    let found = app
        .db
        .read_much(move |connection| {
            let meetings = store::list_meetings(connection, room, link, &window, now)?;
            // Of one meeting alone it is not known whether it is the newest.
            let newest = meetings.first().filter(|_| window.meeting.is_none());
            let meeting = newest.map(|listed| listed.meeting.id);
            let people = group.map(|group| list_members(connection, link, &group)).transpose()?;
            let list = find_membership_list(connection, &ListQuestion { link, people, meeting }, now)?;
            Ok((meetings, list))
        })
        .await?;
    let (mut meetings, list): (Vec<ListedMeeting>, Option<MembershipList>) = found;
    let grades = GradesSection::find(app, session, naming, now).await?;
    let mut has_nameless =
        name_meetings(&mut meetings, naming) | grades.as_ref().is_some_and(GradesSection::has_nameless);
    let report = Report::new(&meetings, "", now).with_links(|path| address(session, path));
    let Some(mut list) = list else {
        return Ok(Overview { report: Some(report), participants: None, grades, has_nameless });
    };
    let link = session.link();
    if list.is_due {
        ask_anew(app, link);
    }
    let mut absent = list.absent.take();
    has_nameless |= absent.as_mut().is_some_and(|absent| name_absent(absent, naming));
    let line = ParticipantsLine { of_group, ..ParticipantsLine::new(&list, link, now) };
    Ok(Overview { report: Some(report.with_absent(absent)), participants: Some(line), grades, has_nameless })
}

/// Names the people of meetings; answers whether some go by a number.
fn name_meetings(meetings: &mut [ListedMeeting], naming: Naming<'_>) -> bool {
    meetings.iter_mut().fold(false, |has, meeting| name_people(&mut meeting.people, naming) | has)
}

/// Gives those the name made of their number whose platform tells none; answers whether there are any. Intervals of a person
/// stand together, and the last says what the person is.
fn name_people(people: &mut [StoredPresence], naming: Naming<'_>) -> bool {
    let mut has_nameless = false;
    for intervals in people.chunk_by_mut(|left, right| left.user == right.user) {
        let Some(last) = intervals.last().filter(|last| last.name.is_none()) else { continue };
        let name = naming.name(None, last.number, last.role);
        intervals.iter_mut().for_each(|interval| interval.name = Some(name.clone()));
        has_nameless = true;
    }
    has_nameless
}

/// Does the same for learners who were not there.
fn name_absent(absent: &mut Absent, naming: Naming<'_>) -> bool {
    let mut has_nameless = absent.nameless > 0;
    for person in absent.people.iter_mut().filter(|person| person.name.is_empty()) {
        person.name = naming.name(None, person.number, MeetingRole::Participant);
        has_nameless = true;
    }
    has_nameless
}

/// Has an old list read anew; nobody waits for that.
fn ask_anew(app: &Data<AppState>, link: LinkId) {
    let app = app.clone();
    actix_web::rt::spawn(async move {
        let asked = app.db.write(move |tx| ask_if_old(tx, link)).await;
        match asked {
            Ok(()) => app.notifier.notify(),
            Err(error) => tracing::warn!(%error, "a list of participants cannot be asked for"),
        }
    });
}

#[derive(Serialize)]
struct LearnerPage {
    room: RoomLine,
    learner: LearnerLine,
    report: Report,
    attendance_url: Option<String>,
    back_url: String,
    carried: Option<CarriedLine>,
}

#[derive(Serialize)]
struct LearnerLine {
    name: String,
    minutes: u64,
    /// Minutes for the full grade, where grades go to the gradebook.
    target: Option<u32>,
    grade: Option<String>,
}

/// What one learner did in the activity: for those who see everybody's attendance, and for the learner.
async fn review(
    app: &AppState,
    pages: &Pages,
    session: &RoomSession,
    view: &RoomView,
    learner: UserId,
    locale: &Locale,
    now: Timestamp,
) -> Result<HttpResponse, Failure> {
    let leads = allows(session.role(), Action::SeeAttendance);
    if !leads && learner != session.user() {
        return Err(RoomError::NotAllowed(Action::SeeAttendance).into());
    }
    let link = session.link();
    let found = app.db.read_much(move |connection| store::find_learner(connection, link, learner, now)).await;
    let mut found = found?.ok_or(RoomError::Unknown)?;
    let naming = Naming { pages, locale };
    name_meetings(&mut found.meetings, naming);
    let all = found.meetings.iter().flat_map(|meeting| &meeting.people);
    let intervals: Vec<Interval> = all.map(StoredPresence::interval).collect();
    let minutes = minutes(time_in_class(&intervals));
    let target = target_of(app, session).await?;
    let page = LearnerPage {
        room: RoomLine::new(view, pages, locale),
        report: Report::new(&found.meetings, "", now),
        learner: LearnerLine {
            name: naming.name(found.name.as_deref(), found.number, MeetingRole::Participant),
            minutes,
            target,
            grade: target.map(|target| grade_text(minutes, target)),
        },
        attendance_url: leads.then(|| address(session, "/attendance")),
        back_url: address(session, ""),
        carried: carried(app, session),
    };
    pages.respond(StatusCode::OK, "pages/rooms/learner.html", &page, locale, &framing_of(session, view))
}
