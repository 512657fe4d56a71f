//! The activity's page, and what every page of a room begins with.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use super::copy::web::CopyCard;
use super::groups::web::{group_name, groups_url};
use super::model::{RoomClaims, RoomView, initials};
use super::numbers::web::{NamelessNote, Naming};
use super::session::web::{
    CarriedLine, RoomSession, action, address, carried, enter_room, framing_of, renew, settings_url,
};
use crate::clock::Timestamp;
use crate::http::failure::Failure;
use crate::http::pages::Pages;
use crate::i18n::{Args, Locale};
use crate::jitsi::display_name::display_name;
use crate::lti::launch::roles::{MeetingRole, Reason, Rights};
use crate::state::AppState;

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
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let now = app.clock.now();
    let (session, view, server) = enter_room(&app, &request, &room, now).await?;
    let locale = locale_of(&session, &request, &pages);
    let page = RoomPage {
        copy: CopyCard::find(&app, &session).await?.filter(CopyCard::is_open),
        decided: query.decided.is_some(),
        groups_url: groups_url(&app, &session, &view).await?,
        ..RoomPage::new(&app, &pages, &session, &view, (server.is_some(), &locale))
    };
    let mut framing = framing_of(&session, &view).measuring_devices();
    if session.rights().administers {
        framing = framing.posting_to(vec![app.admin_url.origin().ascii_serialization()]);
    }
    let mut response = pages.respond(StatusCode::OK, "pages/rooms/room.html", &page, &locale, &framing)?;
    renew(&app, &session, &mut response, now);
    Ok(response)
}

/// The language of the person's launch, else the browser's.
pub fn locale_of(session: &RoomSession, request: &HttpRequest, pages: &Pages) -> Locale {
    locale_of_claims(&session.claims, request, pages)
}

pub(super) fn locale_of_claims(claims: &RoomClaims, request: &HttpRequest, pages: &Pages) -> Locale {
    match &claims.locale {
        Some(locale) => pages.texts().locale(locale),
        None => {
            let header = request.headers().get("accept-language").and_then(|value| value.to_str().ok());
            pages.texts().negotiate(header.unwrap_or_default())
        }
    }
}

pub(super) fn title_of(view: &RoomView, pages: &Pages, locale: &Locale) -> String {
    view.title.clone().unwrap_or_else(|| pages.texts().get(locale, "room-untitled", &Args::new()))
}

pub(super) fn name_of(view: &RoomView, role: MeetingRole, pages: &Pages, locale: &Locale) -> String {
    let name = view.name.as_deref().map(display_name).filter(|name| !name.is_empty());
    Naming { pages, locale }.name(name.as_deref(), view.number, role)
}

#[derive(Serialize)]
struct RoomPage {
    carried: Option<CarriedLine>,
    room: RoomLine,
    person: VisitorLine,
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
pub(super) struct VisitorLine {
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
        app: &AppState,
        pages: &Pages,
        session: &RoomSession,
        view: &RoomView,
        (has_server, locale): (bool, &Locale),
    ) -> Self {
        let join = || JoinLine {
            action: action(session, "/meeting"),
            csrf: session.csrf(&app.sealer),
            pass: session.seal(&app.sealer, &app.random),
            cookieless: session.is_in_forms(),
        };
        let administer = || AdministerLine {
            action: action(session, "/administer"),
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
            room: RoomLine::new(view, pages, locale),
            person: VisitorLine::new(view, session.role(), pages, locale),
            role: RoleLine::new(&session.rights(), pages, locale),
            join: has_server.then(join),
            problem: (!has_server).then(problem),
            copy: None,
            decided: false,
            groups_url: None,
            attendance_url: address(session, "/attendance"),
            settings_url: settings_url(session),
            administer: session.rights().administers.then(administer),
            carried: carried(app, session),
            nameless: view.name.is_none().then(|| NamelessNote::of(view)),
        }
    }
}

impl RoomLine {
    /// The room of this view.
    pub fn new(view: &RoomView, pages: &Pages, locale: &Locale) -> Self {
        Self {
            title: title_of(view, pages, locale),
            course: view.course.clone(),
            group: view.group.as_ref().map(|group| group_name(group, pages, locale)),
            description: view.description.clone(),
            begins: view.settings.begins.map(|at| Timestamp::from_millis(at).iso()),
            ends: view.settings.ends.map(|at| Timestamp::from_millis(at).iso()),
        }
    }
}

impl VisitorLine {
    pub(super) fn new(view: &RoomView, role: MeetingRole, pages: &Pages, locale: &Locale) -> Self {
        let name = name_of(view, role, pages, locale);
        Self { initials: initials(&name), name }
    }
}

impl RoleLine {
    /// "Moderator, because your role in this course is Instructor", in the visitor's language.
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
        let kind = rights.role.word();
        Self {
            kind,
            sentence: texts.get(locale, &format!("role-{kind}-because"), &Args::new().with("reason", reason)),
        }
    }
}
