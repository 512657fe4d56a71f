//! What every page of a room begins with: the room, the person and the role, in the visitor's language.

use actix_web::HttpRequest;
use serde::Serialize;

use super::model::{RoomClaims, RoomGroup, RoomView, initials};
use super::numbers::web::Naming;
use super::schedule::occurrence::Occurrence;
use super::session::web::RoomSession;
use crate::http::pages::Pages;
use crate::i18n::{Args, Locale};
use crate::jitsi::display_name::display_name;
use crate::lti::launch::roles::{MeetingRole, Reason, Rights};

/// The language of the person's launch, else the browser's.
pub fn locale_of(session: &RoomSession, request: &HttpRequest, pages: &Pages) -> Locale {
    locale_of_claims(&session.claims, request, pages)
}

pub(crate) fn locale_of_claims(claims: &RoomClaims, request: &HttpRequest, pages: &Pages) -> Locale {
    match &claims.locale {
        Some(locale) => pages.texts().locale(locale),
        None => pages.locale_of(request),
    }
}

pub(crate) fn title_of(view: &RoomView, pages: &Pages, locale: &Locale) -> String {
    let own = Some(&view.settings.title).filter(|title| !title.is_empty());
    let title = own.or(view.title.as_ref()).cloned();
    title.unwrap_or_else(|| pages.texts().get(locale, "room-untitled", &Args::new()))
}

pub(crate) fn name_of(view: &RoomView, role: MeetingRole, pages: &Pages, locale: &Locale) -> String {
    let name = view.name.as_deref().map(display_name).filter(|name| !name.is_empty());
    Naming { pages, locale }.name(name.as_deref(), view.number, role)
}

/// A room in a page's words.
#[derive(Serialize)]
pub struct RoomLine {
    title: String,
    course: Option<String>,
    group: Option<String>,
    description: Option<String>,
    /// Advice for everybody who comes.
    help: Option<String>,
    /// When the class goes on now, or goes on next.
    begins: Option<String>,
    ends: Option<String>,
    /// What its teacher says about that date.
    note: Option<String>,
    /// The zone of the course.
    zone: Option<&'static str>,
    cancelled: Vec<CancelledLine>,
}

/// More dates that do not take place are no news.
const MAX_CANCELLED: usize = 3;

/// A date that does not take place.
#[derive(Serialize)]
struct CancelledLine {
    begins: String,
    note: Option<String>,
}

impl CancelledLine {
    fn of(one: &Occurrence) -> Self {
        Self { begins: one.begins.iso(), note: Some(one.note.clone()).filter(|note| !note.is_empty()) }
    }
}

/// A person in a page's words.
#[derive(Serialize)]
pub(crate) struct VisitorLine {
    name: String,
    initials: String,
}

/// A person's role in a page's words.
#[derive(Serialize)]
pub struct RoleLine {
    kind: &'static str,
    sentence: String,
}

/// A group's name, or a neutral one.
pub(crate) fn named_group(name: Option<&str>, number: i64, pages: &Pages, locale: &Locale) -> String {
    let neutral =
        || pages.texts().get(locale, "group-unnamed", &Args::new().with("number", number.to_string()));
    name.map_or_else(neutral, str::to_owned)
}

/// The name of the group in whose room a person is.
pub fn group_name(group: &RoomGroup, pages: &Pages, locale: &Locale) -> String {
    named_group(group.name.as_deref(), group.number, pages, locale)
}

impl RoomLine {
    /// The room of this view.
    pub fn new(view: &RoomView, pages: &Pages, locale: &Locale) -> Self {
        let next = view.agenda.as_ref().and_then(|agenda| agenda.next.as_ref());
        let cancelled = view.agenda.iter().flat_map(|agenda| &agenda.cancelled).take(MAX_CANCELLED);
        Self {
            title: title_of(view, pages, locale),
            course: view.course.clone(),
            group: view.group.as_ref().map(|group| group_name(group, pages, locale)),
            description: Some(&view.settings.description)
                .filter(|text| !text.is_empty())
                .or(view.description.as_ref())
                .cloned(),
            help: Some(view.settings.help.clone()).filter(|help| !help.is_empty()),
            begins: next.map(|one| one.begins.iso()),
            ends: next.map(|one| one.ends.iso()),
            note: next.map(|one| one.note.clone()).filter(|note| !note.is_empty()),
            zone: view.agenda.as_ref().map(|agenda| agenda.zone.name()),
            cancelled: cancelled.map(CancelledLine::of).collect(),
        }
    }
}

impl VisitorLine {
    pub(crate) fn new(view: &RoomView, role: MeetingRole, pages: &Pages, locale: &Locale) -> Self {
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
        let args = match &rights.reason {
            Reason::CourseRole { role } => Args::new().with("role", role_name(role)),
            Reason::SubRole { role, sub } => {
                Args::new().with("role", role_name(role)).with("sub", role_name(sub))
            }
            Reason::Rule { role } => {
                let short = role.rsplit(['#', '/', ':']).next().unwrap_or(role);
                Args::new().with("role", role_name(short))
            }
            Reason::LearnerInstructor => Args::new().with("role", role_name("Instructor")),
            Reason::SystemAdmin
            | Reason::TestUser
            | Reason::Anonymous
            | Reason::NoCourseRole
            | Reason::UnknownRole
            | Reason::NoRole => Args::new(),
        };
        let reason = texts.get(locale, &format!("reason-{}", rights.reason.code()), &args);
        let kind = rights.role.word();
        Self {
            kind,
            sentence: texts.get(locale, &format!("role-{kind}-because"), &Args::new().with("reason", reason)),
        }
    }
}
