//! Calendars as files and as feeds.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use url::Url;

use super::feed::FeedToken;
use super::ics::{CalendarEvent, calendar};
use super::store::{CalendarRoom, find_owner, list_rooms, reset};
use crate::clock::Timestamp;
use crate::db::DbError;
use crate::http::failure::Failure;
use crate::http::pages::Pages;
use crate::http::refusal_code::RefusalCode;
use crate::i18n::{Args, Locale};
use crate::lti::registration::platform::Status;
use crate::rooms::schedule::occurrence::Occurrence;
use crate::rooms::schedule::store::{StoredSchedule, find_schedule};
use crate::rooms::session::web::{RoomForm, RoomSession, RoomVisitor, action, address, see_other};
use crate::rooms::web::{locale_of, title_of};
use crate::sealing::sealed::Sealed as _;
use crate::state::AppState;

/// Ways to get a class into one's calendar, on a page.
#[derive(Serialize)]
pub struct CalendarCard {
    file_url: String,
    feed_url: String,
    reset_action: String,
    csrf: String,
    session_token: Option<String>,
    google_url: Option<String>,
    outlook_url: Option<String>,
}

impl CalendarCard {
    /// Returns the ways for the person of a session; `None` for a room without dates.
    pub async fn find(
        app: &AppState,
        session: &RoomSession,
        stored: &StoredSchedule,
        title: &str,
    ) -> Result<Option<Self>, DbError> {
        if stored.dates.is_empty() {
            return Ok(None);
        }
        let (user, now) = (session.user(), app.clock.now());
        let owner = app.db.look_up(move |connection| find_owner(connection, user)).await?;
        let Some(owner) = owner else { return Ok(None) };
        let sealed = FeedToken { user, number: owner.number }.seal(&app.sealer, &app.random);
        let next = stored.dates.iter().find(|one| one.takes_place() && !one.is_over(now));
        Ok(Some(Self {
            file_url: address(session, "/calendar.ics"),
            feed_url: format!("{}calendar/{sealed}.ics", app.base_url),
            reset_action: action(session, "/calendar"),
            csrf: session.csrf(&app.sealer),
            session_token: session.form_token(&app.sealer, &app.random),
            google_url: next.map(|one| google(one, title)),
            outlook_url: next.map(|one| outlook(one, title)),
        }))
    }
}

/// The form of Google Calendar with a date filled in.
fn google(one: &Occurrence, title: &str) -> String {
    let written = |at: Timestamp| at.iso().replace(['-', ':'], "");
    let dates = format!("{}/{}", written(one.begins), written(one.ends));
    let title = utf8_percent_encode(title, NON_ALPHANUMERIC);
    format!("https://calendar.google.com/calendar/render?action=TEMPLATE&text={title}&dates={dates}")
}

/// The form of Outlook's calendar with a date filled in.
fn outlook(one: &Occurrence, title: &str) -> String {
    let title = utf8_percent_encode(title, NON_ALPHANUMERIC);
    let (begins, ends) = (one.begins.iso(), one.ends.iso());
    format!(
        "https://outlook.office.com/calendar/0/deeplink/compose?rru=addevent&subject={title}&startdt={begins}&enddt={ends}"
    )
}

/// `GET /rooms/{room}/calendar.ics`: the dates of a room as a file. For whoever launched the room.
pub async fn file(
    request: HttpRequest,
    visitor: RoomVisitor,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let locale = locale_of(&visitor.session, &request, &pages);
    let activity_room = visitor.view.activity_room;
    let stored = app.db.read(move |connection| find_schedule(connection, activity_room)).await?;
    let room = CalendarRoom {
        room: stored.room,
        title: Some(title_of(&visitor.view, &pages, &locale)),
        course: visitor.view.course.clone(),
        zone: stored.zone(),
        dates: stored.dates,
    };
    let name = room.title.clone().unwrap_or_default();
    let events = EventWriter { base_url: &app.base_url, pages: &pages, locale: &locale }.events(&[room]);
    Ok(HttpResponse::Ok()
        .content_type("text/calendar; charset=utf-8")
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"class.ics\""))
        .insert_header((CACHE_CONTROL, "private, no-store"))
        .body(calendar(&name, &events, app.clock.now())))
}

/// `GET /calendar/{token}.ics`: the dates of all rooms that a person has opened. For whoever holds the secret address.
pub async fn feed(
    path: Path<String>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let unknown = || Failure::refused(StatusCode::NOT_FOUND, RefusalCode::CalendarUnknown);
    let token = FeedToken::open_at_any_age(&path, &app.sealer).map_err(|_| unknown())?;
    let (user, now) = (token.user, app.clock.now());
    let found = app.db.read(move |connection| {
        let Some(owner) = find_owner(connection, user)? else { return Ok(None) };
        let is_good = owner.number == token.number
            && (owner.status, owner.platform_status) == (Status::Active, Status::Active);
        let rooms = if is_good { list_rooms(connection, user, now)? } else { return Ok(None) };
        Ok(Some((owner, rooms)))
    });
    let (owner, rooms) = found.await?.ok_or_else(unknown)?;
    let locale = pages.texts().locale(owner.locale.as_deref().unwrap_or_default());
    let name = pages.texts().get(&locale, "calendar-name", &Args::new());
    let events = EventWriter { base_url: &app.base_url, pages: &pages, locale: &locale }.events(&rooms);
    Ok(HttpResponse::Ok()
        .content_type("text/calendar; charset=utf-8")
        .insert_header((CACHE_CONTROL, "private, no-store"))
        .body(calendar(&name, &events, now)))
}

/// What the form sends that asks for a new address: nothing of its own.
#[derive(Deserialize)]
pub struct ResetForm {}

/// `POST /rooms/{room}/calendar`: makes the addresses of the person's calendar worthless. For whoever launched the room.
pub async fn new_address(form: RoomForm<ResetForm>, app: Data<AppState>) -> Result<HttpResponse, Failure> {
    let RoomForm { visitor, .. } = form;
    let user = visitor.session.user();
    app.db.write(move |tx| reset(tx.connection, user)).await?;
    Ok(see_other(&visitor.session, "/schedule?reset=yes"))
}

/// Writes dates of rooms as events.
struct EventWriter<'a> {
    base_url: &'a Url,
    pages: &'a Pages,
    locale: &'a Locale,
}

impl EventWriter<'_> {
    fn events(&self, rooms: &[CalendarRoom]) -> Vec<CalendarEvent> {
        rooms.iter().flat_map(|room| room.dates.iter().map(|one| self.event(room, one))).collect()
    }

    fn event(&self, room: &CalendarRoom, one: &Occurrence) -> CalendarEvent {
        let text = |key: &str, args: &Args| self.pages.texts().get(self.locale, key, args);
        let course = room.course.clone().unwrap_or_default();
        let how = text("calendar-how", &Args::new().with("course", course));
        let note = Some(one.note.clone()).filter(|note| !note.is_empty());
        let host = self.base_url.host_str().unwrap_or("localhost");
        CalendarEvent {
            uid: format!("{}@{host}", one.id),
            title: room.title.clone().unwrap_or_else(|| text("room-untitled", &Args::new())),
            description: note.into_iter().chain([how]).collect::<Vec<_>>().join("\n"),
            url: format!("{}rooms/{}", self.base_url, room.room),
            begins: one.begins,
            ends: one.ends,
            zone: room.zone,
            sequence: one.sequence,
            is_cancelled: !one.takes_place(),
        }
    }
}
