//! The meeting's page, and Join, which leads to it in this window or another one.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, LOCATION};
use actix_web::web::{Data, Form, Json, Path, Query};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock::Timestamp;
use crate::db::DbError;
use crate::http::assets;
use crate::http::cookies::{CookieVariant, keep};
use crate::http::failure::Failure;
use crate::http::frame_session::{is_framed, is_in_window};
use crate::http::pages::Pages;
use crate::http::security::{require_own_script, require_same_origin};
use crate::http::session::{SessionTransport, last_use};
use crate::i18n::Locale;
use crate::ids::{RoomId, row_id};
use crate::jitsi::embed::{Appearance, Embed, embed};
use crate::lti::launch::roles::{Reason, Rights};
use crate::rooms::access::{RoomError, require};
use crate::rooms::meeting::entry::{Entry, asks, decide, decide_time};
use crate::rooms::meeting::store::{choose_server, enter, find_occupancy};
use crate::rooms::model::{RoomClaims, RoomView};
use crate::rooms::permissions::{Action, allows};
use crate::rooms::presence_token::PresenceToken;
use crate::rooms::session::web::{
    CarriedLine, RoomSession, RoomVisitor, action, address, admit, carried, framing_of, renew,
};
use crate::rooms::web::{RoleLine, RoomLine, VisitorLine, locale_of, name_of, title_of};
use crate::sealing::sealed::Sealed as _;
use crate::servers::Server;
use crate::state::AppState;

/// A meeting page says this often that its person is there.
const HEARTBEAT_SECS: u32 = 30;

/// What the Join button sends.
#[derive(Deserialize)]
pub struct JoinForm {
    csrf: String,
    /// Pages that were opened before an upgrade call it `pass`.
    #[serde(alias = "pass")]
    session_token: String,
    /// The page that sends it is one of a frame without cookies.
    cookieless: Option<String>,
    /// The person wants no video.
    audio: Option<String>,
}

/// What a meeting's page was opened with.
#[derive(Deserialize)]
pub struct MeetingQuery {
    /// The person wants no video.
    audio: Option<String>,
}

/// How somebody enters a meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Media {
    /// With sound and video, as the room has it.
    All,
    /// With sound alone: slow connections, small data plans.
    AudioOnly,
}

impl Media {
    fn asked(audio: Option<&str>) -> Self {
        if audio == Some("only") { Self::AudioOnly } else { Self::All }
    }

    /// The meeting's page, after the room's own address.
    fn path(self) -> &'static str {
        match self {
            Self::All => "/meeting",
            Self::AudioOnly => "/meeting?audio=only",
        }
    }
}

/// Whether a window was already asked for its cookies.
#[derive(Deserialize)]
pub struct JoinQuery {
    asked: Option<String>,
}

/// What is known of the window that opens when Join is pressed.
#[derive(Clone, Copy)]
struct Window {
    /// The page with the button gets no cookies.
    opener_cookieless: bool,
    framed: bool,
    /// It brought the session's cookie.
    remembers: bool,
    /// It was given that cookie before.
    asked: bool,
}

/// How a window gets to the meeting.
#[derive(Debug, PartialEq, Eq)]
enum JoinMode {
    /// By cookie, at the meeting's own address.
    Clean,
    /// It is given a cookie and asked once more: a new window may keep what the frame could not.
    AskAgain,
    /// It keeps nothing: the answer to Join is the meeting itself.
    Here,
}

fn way_in(window: Window) -> JoinMode {
    match window {
        Window { opener_cookieless: false, .. } | Window { remembers: true, .. } => JoinMode::Clean,
        Window { framed: false, asked: false, .. } => JoinMode::AskAgain,
        Window { .. } => JoinMode::Here,
    }
}

/// `POST /rooms/{room}/meeting`: Join. Makes the window that it opens in know the person, and leads to the meeting.
pub async fn join(
    request: HttpRequest,
    room: Path<RoomId>,
    query: Query<JoinQuery>,
    form: Form<JoinForm>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    require_same_origin(&request, &app.base_url)?;
    let now = app.clock.now();
    let session =
        RoomSession::from_token(&form.session_token, *room, &app.sealer, now).map_err(RoomError::from)?;
    if !session.is_csrf(&form.csrf, &app.sealer) {
        return Err(RoomError::SessionReplaced.into());
    }
    let known = RoomSession::from_cookies(&request, *room, &app.sealer, now);
    let known = known.ok().filter(|known| known.is_csrf(&form.csrf, &app.sealer));
    let window = Window {
        opener_cookieless: form.cookieless.is_some(),
        framed: is_framed(&request),
        remembers: known.is_some(),
        asked: query.asked.is_some(),
    };
    let variant = kept_in(&request, known.as_ref());
    let media = Media::asked(form.audio.as_deref());
    match way_in(window) {
        JoinMode::Clean => {
            let answer = HttpResponse::SeeOther();
            Ok(with_cookies(&app, &request, &session, variant, answer, media.path()))
        }
        JoinMode::AskAgain => {
            let answer = HttpResponse::TemporaryRedirect();
            Ok(with_cookies(&app, &request, &session, variant, answer, "/meeting?asked=yes"))
        }
        JoinMode::Here => show(&request, session.in_forms(now), media, &app, &pages, now).await,
    }
}

/// Which of the cookie pair the window keeps: what it brought; else, in a window of its own, the one that knows no
/// partitions.
fn kept_in(request: &HttpRequest, known: Option<&RoomSession>) -> CookieVariant {
    match known.map(|known| known.transport) {
        Some(SessionTransport::Cookie(variant)) => variant,
        _ if is_in_window(request) => CookieVariant::Plain,
        _ => CookieVariant::Pair,
    }
}

fn with_cookies(
    app: &AppState,
    request: &HttpRequest,
    session: &RoomSession,
    variant: CookieVariant,
    mut answer: HttpResponseBuilder,
    path: &str,
) -> HttpResponse {
    let mut response = answer.insert_header((LOCATION, action(session, path))).finish();
    let fresh = session.cookies_as(variant, &app.sealer, &app.random);
    keep(request, &mut response, fresh, |sealed| last_use(sealed, &app.sealer));
    response
}

/// `GET /rooms/{room}/meeting`: the class itself. For whoever launched the room; the room token is signed here.
pub async fn meeting(
    request: HttpRequest,
    visitor: RoomVisitor,
    query: Query<MeetingQuery>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let now = app.clock.now();
    page_of(&request, visitor, Media::asked(query.audio.as_deref()), &app, &pages, now).await
}

/// The meeting of a session that the request's form proved.
async fn show(
    request: &HttpRequest,
    session: RoomSession,
    media: Media,
    app: &AppState,
    pages: &Pages,
    now: Timestamp,
) -> Result<HttpResponse, Failure> {
    page_of(request, admit(app, session).await?, media, app, pages, now).await
}

async fn page_of(
    request: &HttpRequest,
    visitor: RoomVisitor,
    media: Media,
    app: &AppState,
    pages: &Pages,
    now: Timestamp,
) -> Result<HttpResponse, Failure> {
    let RoomVisitor { session, view, server } = visitor;
    let locale = locale_of(&session, request, pages);
    let door = come_in(app, &session, &view, now).await?;
    if door != Entry::Open {
        return wait(app, pages, &session, &view, door, media, &locale);
    }
    let server = server_of_meeting(app, &session, &view, server, now).await;
    let mut embed = open_meeting(app, pages, &session, &view, server, &locale, now)?;
    if media == Media::AudioOnly {
        embed.config_overwrite["startAudioOnly"] = true.into();
    }
    let framing = framing_of(&session, &view).with_server(&embed.server_origin);
    let config = meeting_config(app, &session, &view, &embed, now, now);
    let page = MeetingPage::new(app, pages, &session, &view, config, &locale);
    let mut response = pages.respond(StatusCode::OK, "pages/rooms/meeting.html", &page, &locale, &framing)?;
    renew(app, &session, &mut response, now);
    Ok(response)
}

/// Asks at the door of the room's meeting, and keeps a place for the person whom it lets in, where places are limited.
///
/// Quirk: a class goes on where the database can be read and not written: the worst is one person too many.
async fn come_in(
    app: &AppState,
    session: &RoomSession,
    view: &RoomView,
    now: Timestamp,
) -> Result<Entry, DbError> {
    let (room, user, role) = (session.room, session.user(), session.role());
    let door = ask(app, session, view, now).await?;
    if door != Entry::Open || !asks(role, &view.settings) || view.settings.max_people == 0 {
        return Ok(door);
    }
    let settings = view.settings.clone();
    let entered = app.db.write(move |tx| enter(tx, room, user, role, &settings)).await;
    Ok(entered.unwrap_or_else(|error| {
        tracing::warn!(%error, "a place in a meeting cannot be kept");
        door
    }))
}

/// Asks at the door without coming in.
pub async fn ask(
    app: &AppState,
    session: &RoomSession,
    view: &RoomView,
    now: Timestamp,
) -> Result<Entry, DbError> {
    let (room, user, role) = (session.room, session.user(), session.role());
    let by_time = decide_time(role, &view.settings, view.agenda.as_ref(), now);
    if by_time != Entry::Open || !asks(role, &view.settings) {
        return Ok(by_time);
    }
    let inside = app.db.look_up(move |connection| find_occupancy(connection, room, user, now)).await?;
    Ok(decide(role, &view.settings, &inside, now))
}

#[derive(Serialize)]
struct WaitingPage {
    carried: Option<CarriedLine>,
    room: RoomLine,
    state: &'static str,
    live_url: String,
    enter_url: String,
    back_url: String,
}

/// The page of somebody whom the door does not let in yet: it asks again, and goes on without a touch.
fn wait(
    app: &AppState,
    pages: &Pages,
    session: &RoomSession,
    view: &RoomView,
    door: Entry,
    media: Media,
    locale: &Locale,
) -> Result<HttpResponse, Failure> {
    let page = WaitingPage {
        carried: carried(app, session),
        room: RoomLine::new(view, pages, locale),
        state: door.word(),
        live_url: address(session, "/live"),
        enter_url: address(session, media.path()),
        back_url: address(session, ""),
    };
    let framing = framing_of(session, view);
    let mut response = pages.respond(StatusCode::OK, "pages/rooms/waiting.html", &page, locale, &framing)?;
    renew(app, session, &mut response, app.clock.now());
    Ok(response)
}

/// What a meeting page sends that wants to open its frame again.
#[derive(Deserialize)]
pub struct RejoinForm {
    /// Pages that were opened before an upgrade call it `pass`.
    #[serde(alias = "pass")]
    presence_token: String,
    lang: String,
}

/// `POST /rooms/{room}/meeting/rejoin`: makes a fresh room token and a fresh presence token for a meeting page that is open:
/// after leaving, and when the Jitsi server does not take the old token any more. For opened meeting pages alone: their
/// presence token is in the body.
pub async fn rejoin(
    request: HttpRequest,
    room: Path<RoomId>,
    form: Json<RejoinForm>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    require_own_script(&request, &app.base_url)?;
    let now = app.clock.now();
    let token = PresenceToken::open(&form.presence_token, &app.sealer, now).ok();
    let token = token.filter(|token| token.room == *room).ok_or(RoomError::SessionExpired)?;
    let RoomVisitor { session, view, server } = admit(&app, session_of(&token, &app)).await?;
    match come_in(&app, &session, &view, now).await? {
        Entry::Open => {}
        door => return Err(RoomError::NotOpen(door).into()),
    }
    let server = server_of_meeting(&app, &session, &view, server, now).await;
    let locale = pages.texts().locale(&form.lang);
    let embed = open_meeting(&app, &pages, &session, &view, server, &locale, now)?;
    let config = meeting_config(&app, &session, &view, &embed, token.opened, now);
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(config))
}

/// Makes the session that a presence token stands for: its person in its room, and nothing else from a launch.
fn session_of(token: &PresenceToken, app: &AppState) -> RoomSession {
    let rights = Rights { role: token.role, reason: Reason::NoRole, administers: false };
    let (link, user) = (token.link, token.user);
    let claims = RoomClaims { link, user, rights, locale: None, ancestors: Vec::new(), return_url: None };
    RoomSession::begin(token.room, claims, token.opened, &app.random)
}

/// Returns the server that the person meets the others on; `known` is the one that the room's record and the default name.
///
/// Quirk: a class goes on where the database can be read and not written: the worst is that it takes place on two servers
/// when the default changes just then.
async fn server_of_meeting(
    app: &AppState,
    session: &RoomSession,
    view: &RoomView,
    known: Option<Server>,
    now: Timestamp,
) -> Option<Server> {
    let is_recorded = |server: &Server| {
        view.server.as_ref().is_some_and(|recorded| recorded.id == server.id && recorded.is_recent(now))
    };
    if !allows(session.role(), Action::Join) || known.as_ref().is_some_and(is_recorded) {
        return known;
    }
    let room = session.room;
    let chosen = app.db.write(move |tx| choose_server(tx, room)).await;
    chosen.unwrap_or_else(|error| {
        tracing::warn!(%error, "the server of a meeting cannot be recorded");
        known
    })
}

fn open_meeting(
    app: &AppState,
    pages: &Pages,
    session: &RoomSession,
    view: &RoomView,
    server: Option<Server>,
    locale: &Locale,
    now: Timestamp,
) -> Result<Embed, RoomError> {
    require(session.role(), Action::Join)?;
    let server = server.ok_or(RoomError::ServerMissing)?;
    let moderator = allows(session.role(), Action::Moderate);
    let (title, name) = (title_of(view, pages, locale), name_of(view, session.role(), pages, locale));
    let participant = view.participant(server.id, &name, moderator);
    let token = app.signers.room_token(&server, &participant, &app.sealer, &app.keys, now)?;
    let lang = locale.to_string();
    let controls = view.settings.controls.of(moderator);
    let last_n = Some(view.settings.last_n).filter(|last_n| *last_n > 0);
    let look = Appearance { title: &title, name: &name, controls, last_n, lang: &lang };
    Ok(embed(&server.kind, &server.url, &view.jitsi_room, token, &look))
}

/// What the scripts of a meeting page need that was opened at `opened`: the frame, how to say that the person is there, and
/// how to come back.
fn meeting_config(
    app: &AppState,
    session: &RoomSession,
    view: &RoomView,
    embed: &Embed,
    opened: Timestamp,
    now: Timestamp,
) -> Value {
    let token = PresenceToken {
        visit: row_id(now, &app.random),
        room: session.room,
        link: session.link(),
        user: session.user(),
        role: session.role(),
        opened,
    };
    let token = token.seal(&app.sealer, &app.random);
    let mut config = serde_json::to_value(embed).unwrap_or_default();
    config["presence"] = json!({
        "url": format!("/rooms/{}/presence", session.room),
        "token": &token,
        // Scripts of pages that were opened before an upgrade read it by this name.
        "pass": &token,
        "everySeconds": HEARTBEAT_SECS,
        "worker": assets::url("js/presence_worker.js"),
    });
    config["tileView"] = view.settings.controls.of(session.rights().moderates()).has("tile_view").into();
    config["rejoinUrl"] = format!("/rooms/{}/meeting/rejoin", session.room).into();
    config["modules"] = json!({
        "frame": assets::url("js/jitsi_frame.js"),
        "problems": assets::url("js/jitsi_problems.js"),
        "presence": assets::url("js/presence.js"),
    });
    config
}

#[derive(Serialize)]
struct MeetingPage {
    carried: Option<CarriedLine>,
    room: RoomLine,
    person: VisitorLine,
    role: RoleLine,
    back_url: String,
    config: String,
}

impl MeetingPage {
    fn new(
        app: &AppState,
        pages: &Pages,
        session: &RoomSession,
        view: &RoomView,
        mut config: Value,
        locale: &Locale,
    ) -> Self {
        let back_url = address(session, "");
        config["backUrl"] = back_url.clone().into();
        Self {
            room: RoomLine::new(view, pages, locale),
            person: VisitorLine::new(view, session.role(), pages, locale),
            role: RoleLine::new(session.rights(), pages, locale),
            back_url,
            carried: carried(app, session),
            // Inside a script element only "<" could end it.
            config: config.to_string().replace('<', "\\u003c"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_gets_in_by_what_it_can_remember() {
        let rows = [
            // The opener has no cookies; a frame; it remembers; it was asked.
            ((false, false, false, false), JoinMode::Clean),
            ((false, true, false, false), JoinMode::Clean),
            ((true, true, false, false), JoinMode::Here),
            ((true, true, true, false), JoinMode::Clean),
            ((true, false, false, false), JoinMode::AskAgain),
            ((true, false, true, true), JoinMode::Clean),
            ((true, false, false, true), JoinMode::Here),
        ];
        for ((opener_cookieless, framed, remembers, asked), expected) in rows {
            let window = Window { opener_cookieless, framed, remembers, asked };
            assert_eq!(way_in(window), expected, "{opener_cookieless} {framed} {remembers} {asked}");
        }
    }
}
