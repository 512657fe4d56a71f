//! The activity's page, and what every page of a room begins with.

use actix_web::http::StatusCode;
use actix_web::http::header::{LOCATION, SET_COOKIE};
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use super::access::{RoomError, require, require_admission, require_group, require_unended};
use super::copy::web::CopyCard;
use super::groups::web::{group_name, groups_url};
use super::model::{Presence, Seat, initials};
use super::numbers::web::{NamelessNote, Naming};
use super::permissions::{Action, allows};
use super::store;
use crate::app::App;
use crate::clock::Timestamp;
use crate::http::failure::{Failure, note_way_back};
use crate::http::pages::{Framing, Pages};
use crate::http::security::require_same_origin;
use crate::http::session::{NoSession, Session};
use crate::i18n::{Args, Locale};
use crate::ids::is_row_id;
use crate::jitsi::display_name::display_name;
use crate::lti::roles::{Reason, Rights, Standing};
use crate::servers::Server;

/// A session in a room.
pub type RoomSession = Session<Seat>;

/// What the activity's page was opened with.
#[derive(Deserialize)]
pub struct RoomQuery {
    /// The question of a copied activity was answered.
    decided: Option<String>,
}

/// `GET /rooms/{room}`: the activity's page. For whoever launched it.
pub async fn room(
    request: HttpRequest,
    (room, query): (Path<String>, Query<RoomQuery>),
    app: Data<App>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let now = app.clock.now();
    let (session, presence, server) = enter_room(&app, &request, &room, now).await?;
    let locale = locale_of(&session, &request, &pages);
    let page = RoomPage {
        copy: CopyCard::find(&app, &session).await?.filter(CopyCard::is_open),
        decided: query.decided.is_some(),
        groups_url: groups_url(&app, &session, &presence).await?,
        ..RoomPage::new(&app, &pages, &session, &presence, (server.is_some(), &locale))
    };
    let mut framing = framing_of(&session);
    if session.rights.rights.administers {
        framing = framing.posting_to(vec![app.admin_url.origin().ascii_serialization()]);
    }
    let mut response = pages.respond(StatusCode::OK, "pages/rooms/room.html", &page, &locale, &framing)?;
    renew(&app, &session, &mut response, now);
    Ok(response)
}

/// The person's session, and what the database knows of room and person now.
pub async fn enter_room(
    app: &App,
    request: &HttpRequest,
    room: &str,
    now: Timestamp,
) -> Result<(RoomSession, Presence, Option<Server>), RoomError> {
    if !is_row_id(room) {
        return Err(RoomError::Unknown);
    }
    let session = RoomSession::from_request(request, room, &app.sealer, now)?;
    note_way_back(request, session.rights.return_url.as_deref());
    admit(app, session).await
}

/// The same for a form of one of the room's pages, which carries the session where no cookie does.
///
/// Trust: a cookie alone proves nobody's will, and neither does the field: the form must come from our own page, with the
/// mark of the same session.
/// Errors: `csrf-refused`, `session-replaced`, and those of [`enter_room`].
pub async fn enter_by_form(
    app: &App,
    request: &HttpRequest,
    (room, csrf, pass): (&str, &str, Option<&str>),
    now: Timestamp,
) -> Result<(RoomSession, Presence, Option<Server>), Failure> {
    require_same_origin(request, &app.base_url)?;
    if !is_row_id(room) {
        return Err(RoomError::Unknown.into());
    }
    let session = RoomSession::from_form(request, (room, pass), &app.sealer, now).map_err(RoomError::from)?;
    note_way_back(request, session.rights.return_url.as_deref());
    let entered = admit(app, session).await?;
    if !entered.0.is_csrf(csrf, &app.sealer) {
        return Err(RoomError::SessionReplaced.into());
    }
    Ok(entered)
}

/// What the database knows of the session's room and person now.
pub(super) async fn admit(
    app: &App,
    session: RoomSession,
) -> Result<(RoomSession, Presence, Option<Server>), RoomError> {
    let (room, link, user) = (session.room.clone(), session.rights.link.clone(), session.rights.user.clone());
    let (presence, server) = app
        .db
        .look_up(move |connection| {
            let presence =
                store::find_presence(connection, (&room, &link, &user))?.ok_or(RoomError::Unknown)?;
            let server = store::find_server(connection, presence.server_id.as_deref())?;
            Ok::<_, RoomError>((presence, server))
        })
        .await?;
    require_admission(presence.standing)?;
    require_unended(presence.standing, session.began)?;
    require_group(session.rights.rights.standing, presence.group.as_ref())?;
    require(session.rights.rights.standing, Action::SeeRoom)?;
    Ok((session, presence, server))
}

/// Where the room's settings are, for those who may change them.
pub fn settings_url(app: &App, session: &RoomSession) -> Option<String> {
    allows(session.rights.rights.standing, Action::ChangeSettings).then(|| address(app, session, "/settings"))
}

/// The address of a page of the session's room; `path` is what follows the room's own.
pub fn address(app: &App, session: &RoomSession, path: &str) -> String {
    session.address(&format!("/rooms/{}{path}", session.room), &app.sealer, &app.random)
}

/// The way from one of an activity's rooms into another one, as the same person; `path` is what follows the room's own.
pub fn enter_other_room(
    app: &App,
    session: &RoomSession,
    room: String,
    path: &str,
    now: Timestamp,
) -> HttpResponse {
    let fresh = RoomSession::begin(room, session.rights.clone(), now, &app.random);
    let entered = RoomSession { began: session.began, carrier: session.carrier, ..fresh };
    let place = address(app, &entered, path);
    let mut response = HttpResponse::SeeOther().insert_header((LOCATION, place)).finish();
    if !entered.is_in_frame() {
        for cookie in entered.cookies(&app.sealer, &app.random) {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
    }
    response
}

/// Where a page renews the addresses on it, when they hold the session.
pub fn renewal_url(app: &App, session: &RoomSession) -> Option<String> {
    session.is_in_frame().then(|| address(app, session, ""))
}

pub(super) fn renew(app: &App, session: &RoomSession, response: &mut HttpResponse, now: Timestamp) {
    for cookie in session.renewal(now).iter().flat_map(|renewed| renewed.cookies(&app.sealer, &app.random)) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}

/// Who may frame the pages of a session.
pub fn framing_of(session: &RoomSession) -> Framing {
    Framing::by(session.rights.ancestors.clone()).leading_back(session.rights.return_url.clone())
}

/// The language of the person's launch, else the browser's.
pub fn locale_of(session: &RoomSession, request: &HttpRequest, pages: &Pages) -> Locale {
    locale_of_seat(&session.rights, request, pages)
}

pub(super) fn locale_of_seat(seat: &Seat, request: &HttpRequest, pages: &Pages) -> Locale {
    match &seat.locale {
        Some(locale) => pages.texts().locale(locale),
        None => {
            let header = request.headers().get("accept-language").and_then(|value| value.to_str().ok());
            pages.texts().negotiate(header.unwrap_or_default())
        }
    }
}

pub(super) fn title_of(presence: &Presence, pages: &Pages, locale: &Locale) -> String {
    presence.title.clone().unwrap_or_else(|| pages.texts().get(locale, "room-untitled", &Args::new()))
}

pub(super) fn name_of(presence: &Presence, standing: Standing, pages: &Pages, locale: &Locale) -> String {
    let name = presence.name.as_deref().map(display_name).filter(|name| !name.is_empty());
    Naming { pages, locale }.name(name.as_deref(), presence.number, standing)
}

#[derive(Serialize)]
struct RoomPage {
    renewal_url: Option<String>,
    room: RoomLine,
    person: PersonLine,
    role: RoleLine,
    join: Option<JoinLine>,
    problem: Option<Problem>,
    copy: Option<CopyCard>,
    decided: bool,
    groups_url: Option<String>,
    attendance_url: String,
    settings_url: Option<String>,
    administer: Option<AdministerLine>,
    nameless: Option<NamelessNote>,
}

/// The way to the page of the deployment.
#[derive(Serialize)]
struct AdministerLine {
    action: String,
    csrf: String,
    pass: String,
}

/// A room in a page's words.
#[derive(Serialize)]
pub struct RoomLine {
    title: String,
    course: Option<String>,
    group: Option<String>,
    description: Option<String>,
    begins: Option<String>,
    ends: Option<String>,
}

/// A person in a page's words.
#[derive(Serialize)]
pub(super) struct PersonLine {
    name: String,
    initials: String,
}

/// A person's role in a page's words.
#[derive(Serialize)]
pub struct RoleLine {
    kind: &'static str,
    sentence: String,
}

#[derive(Serialize)]
struct JoinLine {
    action: String,
    csrf: String,
    pass: String,
    /// The window that opens may have to do without cookies too.
    cookieless: bool,
}

#[derive(Serialize)]
struct Problem {
    code: &'static str,
    title: String,
    meaning: String,
    action: String,
}

impl RoomPage {
    fn new(
        app: &App,
        pages: &Pages,
        session: &RoomSession,
        presence: &Presence,
        (has_server, locale): (bool, &Locale),
    ) -> Self {
        let join = || JoinLine {
            action: format!("/rooms/{}/meeting", session.room),
            csrf: session.csrf(&app.sealer),
            pass: session.seal(&app.sealer, &app.random),
            cookieless: session.is_in_frame(),
        };
        let administer = || AdministerLine {
            action: format!("/rooms/{}/administer", session.room),
            csrf: session.csrf(&app.sealer),
            pass: session.seal(&app.sealer, &app.random),
        };
        let problem = || {
            let text =
                |part: &str| pages.texts().get(locale, &format!("error-server-missing-{part}"), &Args::new());
            Problem {
                code: "server-missing",
                title: text("title"),
                meaning: text("meaning"),
                action: text("action"),
            }
        };
        Self {
            room: RoomLine::new(presence, pages, locale),
            person: PersonLine::new(presence, session.rights.rights.standing, pages, locale),
            role: RoleLine::new(&session.rights.rights, pages, locale),
            join: has_server.then(join),
            problem: (!has_server).then(problem),
            copy: None,
            decided: false,
            groups_url: None,
            attendance_url: address(app, session, "/attendance"),
            settings_url: settings_url(app, session),
            administer: session.rights.rights.administers.then(administer),
            nameless: presence.name.is_none().then(|| NamelessNote::of(presence)),
            renewal_url: renewal_url(app, session),
        }
    }
}

impl RoomLine {
    /// The room of this presence.
    pub fn new(presence: &Presence, pages: &Pages, locale: &Locale) -> Self {
        Self {
            title: title_of(presence, pages, locale),
            course: presence.course.clone(),
            group: presence.group.as_ref().map(|group| group_name(group, pages, locale)),
            description: presence.description.clone(),
            begins: presence.settings.begins.map(|at| Timestamp::from_millis(at).iso()),
            ends: presence.settings.ends.map(|at| Timestamp::from_millis(at).iso()),
        }
    }
}

impl PersonLine {
    pub(super) fn new(presence: &Presence, standing: Standing, pages: &Pages, locale: &Locale) -> Self {
        let name = name_of(presence, standing, pages, locale);
        Self { initials: initials(&name), name }
    }
}

impl RoleLine {
    /// "Moderator, because you are Instructor in this course", in the visitor's language.
    pub fn new(rights: &Rights, pages: &Pages, locale: &Locale) -> Self {
        let texts = pages.texts();
        let role_name = |role: &str| {
            let named = texts.find_text(locale, &format!("role-name-{role}"), &Args::new());
            named.unwrap_or_else(|| role.to_owned())
        };
        let (key, args) = match &rights.reason {
            Reason::CourseRole { role } => ("reason-course-role", Args::new().with("role", role_name(role))),
            Reason::SubRole { role, sub } => {
                ("reason-sub-role", Args::new().with("role", role_name(role)).with("sub", role_name(sub)))
            }
            Reason::Rule { role } => {
                let short = role.rsplit(['#', '/', ':']).next().unwrap_or(role);
                ("reason-rule", Args::new().with("role", role_name(short)))
            }
            Reason::SystemAdmin => ("reason-system-admin", Args::new()),
            Reason::TestUser => ("reason-test-user", Args::new()),
            Reason::Anonymous => ("reason-anonymous", Args::new()),
            Reason::LearnerInstructor => {
                ("reason-learner-instructor", Args::new().with("role", role_name("Instructor")))
            }
            Reason::NoCourseRole => ("reason-no-course-role", Args::new()),
            Reason::UnknownRole => ("reason-unknown-role", Args::new()),
            Reason::NoRole => ("reason-no-role", Args::new()),
        };
        let reason = texts.get(locale, key, &args);
        let kind = rights.standing.word();
        Self {
            kind,
            sentence: texts.get(locale, &format!("role-{kind}-because"), &Args::new().with("reason", reason)),
        }
    }
}

impl From<NoSession> for RoomError {
    fn from(reason: NoSession) -> Self {
        match reason {
            NoSession::Missing => Self::SessionMissing,
            NoSession::Expired => Self::SessionExpired,
        }
    }
}

impl From<RoomError> for Failure {
    fn from(error: RoomError) -> Self {
        let (status, code) = match error {
            RoomError::Db(error) => return error.into(),
            RoomError::Server(error) => return Self::Internal(error.into()),
            RoomError::SessionMissing => (StatusCode::UNAUTHORIZED, "session-missing"),
            RoomError::SessionExpired => (StatusCode::UNAUTHORIZED, "session-expired"),
            RoomError::SessionEnded => (StatusCode::UNAUTHORIZED, "session-ended"),
            RoomError::SessionReplaced => (StatusCode::FORBIDDEN, "session-replaced"),
            RoomError::Unknown => (StatusCode::NOT_FOUND, "room-unknown"),
            RoomError::NotAllowed(_) => (StatusCode::FORBIDDEN, "not-allowed"),
            RoomError::PlatformDisabled => (StatusCode::FORBIDDEN, "platform-disabled"),
            RoomError::DeploymentDisabled => (StatusCode::FORBIDDEN, "deployment-disabled"),
            RoomError::UserBlocked => (StatusCode::FORBIDDEN, "user-blocked"),
            RoomError::NotInGroup => (StatusCode::FORBIDDEN, "not-in-group"),
            RoomError::NoGroups => (StatusCode::NOT_FOUND, "groups-off"),
            RoomError::SharingRefused => (StatusCode::FORBIDDEN, "sharing-refused"),
            RoomError::ServerMissing => (StatusCode::SERVICE_UNAVAILABLE, "server-missing"),
        };
        Self::refused(status, code)
    }
}
