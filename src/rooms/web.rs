//! The activity's pages: the room, and the meeting.

use actix_web::http::StatusCode;
use actix_web::http::header::{LOCATION, SET_COOKIE};
use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::access::{RoomError, require, require_admission};
use super::meeting_pass::MeetingPass;
use super::model::{Presence, Seat, initials};
use super::permissions::{Action, allows};
use super::store;
use crate::app::App;
use crate::clock::Timestamp;
use crate::http::assets;
use crate::http::failure::Failure;
use crate::http::pages::{Framing, Pages};
use crate::http::security::require_same_origin;
use crate::http::session::{NoSession, Session};
use crate::i18n::{Args, Locale};
use crate::ids::{is_row_id, row_id};
use crate::jitsi::embed::{Appearance, Embed, embed};
use crate::lti::roles::{Reason, Rights};
use crate::servers::Server;

/// A meeting page says this often that its person is there.
const HEARTBEAT_SECS: u32 = 30;

/// A session in a room.
pub type RoomSession = Session<Seat>;

/// What the Join button sends.
#[derive(Deserialize)]
pub struct JoinForm {
    csrf: String,
    pass: String,
}

/// `GET /rooms/{room}`: the activity's page. For whoever launched it.
pub async fn room(
    request: HttpRequest,
    room: Path<String>,
    app: Data<App>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let now = app.clock.now();
    let (session, presence, server) = enter_room(&app, &request, &room, now).await?;
    let locale = locale_of(&session, &request, &pages);
    let page = RoomPage::new(&app, &pages, &session, &presence, (server.is_some(), &locale));
    let framing = framing_of(&session);
    let mut response = pages.respond(StatusCode::OK, "pages/rooms/room.html", &page, &locale, &framing)?;
    renew(&app, &session, &mut response, now);
    Ok(response)
}

/// `POST /rooms/{room}/meeting`: Join. Makes the window that it opens in know the person, and leads to the meeting.
pub async fn join(
    request: HttpRequest,
    room: Path<String>,
    form: Form<JoinForm>,
    app: Data<App>,
) -> Result<HttpResponse, Failure> {
    require_same_origin(&request, &app.base_url)?;
    let session =
        RoomSession::from_pass(&form.pass, &room, &app.sealer, app.clock.now()).map_err(RoomError::from)?;
    if !session.is_csrf(&form.csrf, &app.sealer) {
        return Err(RoomError::SessionReplaced.into());
    }
    let mut response = HttpResponse::SeeOther()
        .insert_header((LOCATION, format!("/rooms/{}/meeting", session.room)))
        .finish();
    for cookie in session.cookies(&app.sealer, &app.random) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(response)
}

/// `GET /rooms/{room}/meeting`: the class itself. For whoever launched the room; the room token is signed here.
pub async fn meeting(
    request: HttpRequest,
    room: Path<String>,
    app: Data<App>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let now = app.clock.now();
    let (session, presence, server) = enter_room(&app, &request, &room, now).await?;
    require(session.rights.rights.standing, Action::Join)?;
    let server = server.ok_or(RoomError::ServerMissing)?;
    let locale = locale_of(&session, &request, &pages);
    let embed = open_meeting(&app, &pages, (&session, &presence), &server, &locale, now)?;
    let framing = framing_of(&session).with_server(&embed.server_origin);
    let page = MeetingPage::new(
        &pages,
        &session,
        &presence,
        (&embed, presence_config(&app, &session, now)),
        &locale,
    );
    let mut response = pages.respond(StatusCode::OK, "pages/rooms/meeting.html", &page, &locale, &framing)?;
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
    let session = RoomSession::from_cookies(request, room, &app.sealer, now)?;
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
    require(session.rights.rights.standing, Action::SeeRoom)?;
    Ok((session, presence, server))
}

fn open_meeting(
    app: &App,
    pages: &Pages,
    (session, presence): (&RoomSession, &Presence),
    server: &Server,
    locale: &Locale,
    now: Timestamp,
) -> Result<Embed, RoomError> {
    let moderator = allows(session.rights.rights.standing, Action::Moderate);
    let (title, name) = (title_of(presence, pages, locale), name_of(presence, pages, locale));
    let entrance = presence.entrance(&server.id, &name, moderator);
    let token = app.signers.room_token(server, &entrance, (&app.sealer, &app.keys), now)?;
    let lang = locale.to_string();
    let look = Appearance { title: &title, name: &name, moderator, lang: &lang };
    Ok(embed(&server.kind, &server.url, &presence.jitsi_room, token, &look))
}

/// Where the room's settings are, for those who may change them.
pub fn settings_url(session: &RoomSession) -> Option<String> {
    allows(session.rights.rights.standing, Action::ChangeSettings)
        .then(|| format!("/rooms/{}/settings", session.room))
}

/// What the meeting page needs to say that its person is there.
fn presence_config(app: &App, session: &RoomSession, now: Timestamp) -> Value {
    let pass = MeetingPass {
        visit: row_id(now, &app.random),
        room: session.room.clone(),
        link: session.rights.link.clone(),
        user: session.rights.user.clone(),
        standing: session.rights.rights.standing,
        opened: now,
    };
    json!({
        "url": format!("/rooms/{}/presence", session.room),
        "pass": pass.seal(&app.sealer, &app.random),
        "everySeconds": HEARTBEAT_SECS,
        "worker": assets::url("js/presence_worker.js"),
    })
}

fn renew(app: &App, session: &RoomSession, response: &mut HttpResponse, now: Timestamp) {
    for cookie in session.renewal(now).iter().flat_map(|renewed| renewed.cookies(&app.sealer, &app.random)) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}

/// Who may frame the pages of a session.
pub fn framing_of(session: &RoomSession) -> Framing {
    Framing::by(session.rights.ancestors.clone())
}

/// The language of the person's launch, else the browser's.
pub fn locale_of(session: &RoomSession, request: &HttpRequest, pages: &Pages) -> Locale {
    match &session.rights.locale {
        Some(locale) => pages.texts().locale(locale),
        None => {
            let header = request.headers().get("accept-language").and_then(|value| value.to_str().ok());
            pages.texts().negotiate(header.unwrap_or_default())
        }
    }
}

fn title_of(presence: &Presence, pages: &Pages, locale: &Locale) -> String {
    presence.title.clone().unwrap_or_else(|| pages.texts().get(locale, "room-untitled", &Args::new()))
}

fn name_of(presence: &Presence, pages: &Pages, locale: &Locale) -> String {
    presence.name.clone().unwrap_or_else(|| pages.texts().get(locale, "person-unnamed", &Args::new()))
}

#[derive(Serialize)]
struct RoomPage {
    room: RoomLine,
    person: PersonLine,
    role: RoleLine,
    join: Option<JoinLine>,
    problem: Option<Problem>,
    attendance_url: String,
    settings_url: Option<String>,
}

#[derive(Serialize)]
struct MeetingPage {
    room: RoomLine,
    person: PersonLine,
    role: RoleLine,
    back_url: String,
    config: String,
}

/// A room in a page's words.
#[derive(Serialize)]
pub struct RoomLine {
    title: String,
    course: Option<String>,
    description: Option<String>,
}

#[derive(Serialize)]
struct PersonLine {
    name: String,
    initials: String,
}

#[derive(Serialize)]
struct RoleLine {
    kind: &'static str,
    sentence: String,
}

#[derive(Serialize)]
struct JoinLine {
    action: String,
    csrf: String,
    pass: String,
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
            person: PersonLine::new(presence, pages, locale),
            role: RoleLine::new(&session.rights.rights, pages, locale),
            join: has_server.then(join),
            problem: (!has_server).then(problem),
            attendance_url: format!("/rooms/{}/attendance", session.room),
            settings_url: settings_url(session),
        }
    }
}

impl MeetingPage {
    fn new(
        pages: &Pages,
        session: &RoomSession,
        presence: &Presence,
        (embed, signs): (&Embed, Value),
        locale: &Locale,
    ) -> Self {
        let mut config = serde_json::to_value(embed).unwrap_or_default();
        config["presence"] = signs;
        let back_url = format!("/rooms/{}", session.room);
        config["backUrl"] = back_url.clone().into();
        Self {
            room: RoomLine::new(presence, pages, locale),
            person: PersonLine::new(presence, pages, locale),
            role: RoleLine::new(&session.rights.rights, pages, locale),
            back_url,
            // Inside a script element only "<" could end it.
            config: config.to_string().replace('<', "\\u003c"),
        }
    }
}

impl RoomLine {
    /// The room of this presence.
    pub fn new(presence: &Presence, pages: &Pages, locale: &Locale) -> Self {
        Self {
            title: title_of(presence, pages, locale),
            course: presence.course.clone(),
            description: presence.description.clone(),
        }
    }
}

impl PersonLine {
    fn new(presence: &Presence, pages: &Pages, locale: &Locale) -> Self {
        let name = name_of(presence, pages, locale);
        Self { initials: initials(&name), name }
    }
}

impl RoleLine {
    /// "Moderator, because you are Instructor in this course", in the visitor's language.
    fn new(rights: &Rights, pages: &Pages, locale: &Locale) -> Self {
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
            Reason::SystemAdmin => ("reason-system-admin", Args::new()),
            Reason::TestUser => ("reason-test-user", Args::new()),
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
            RoomError::SessionReplaced => (StatusCode::FORBIDDEN, "session-replaced"),
            RoomError::Unknown => (StatusCode::NOT_FOUND, "room-unknown"),
            RoomError::NotAllowed(_) => (StatusCode::FORBIDDEN, "not-allowed"),
            RoomError::PlatformDisabled => (StatusCode::FORBIDDEN, "platform-disabled"),
            RoomError::DeploymentDisabled => (StatusCode::FORBIDDEN, "deployment-disabled"),
            RoomError::UserBlocked => (StatusCode::FORBIDDEN, "user-blocked"),
            RoomError::ServerMissing => (StatusCode::SERVICE_UNAVAILABLE, "server-missing"),
        };
        Self::refused(status, code)
    }
}
