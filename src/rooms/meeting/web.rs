//! The meeting's page, and Join, which leads to it in this window or another one.

use actix_web::http::StatusCode;
use actix_web::http::header::{LOCATION, SET_COOKIE};
use actix_web::web::{Data, Form, Path, Query};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::app::App;
use crate::clock::Timestamp;
use crate::http::assets;
use crate::http::failure::Failure;
use crate::http::frame_session::is_framed;
use crate::http::pages::Pages;
use crate::http::security::require_same_origin;
use crate::i18n::Locale;
use crate::ids::row_id;
use crate::jitsi::embed::{Appearance, Embed, embed};
use crate::rooms::access::{RoomError, require};
use crate::rooms::meeting_pass::MeetingPass;
use crate::rooms::model::Presence;
use crate::rooms::permissions::{Action, allows};
use crate::rooms::web::{
    PersonLine, RoleLine, RoomLine, RoomSession, address, admit, enter_room, framing_of, locale_of, name_of,
    renew, renewal_url, title_of,
};
use crate::servers::Server;

/// A meeting page says this often that its person is there.
const HEARTBEAT_SECS: u32 = 30;

/// What the Join button sends.
#[derive(Deserialize)]
pub struct JoinForm {
    csrf: String,
    pass: String,
    /// The page that sends it is one of a frame without cookies.
    cookieless: Option<String>,
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
enum WayIn {
    /// By cookie, at the clean address.
    Clean,
    /// By the address of a frame's own page.
    Framed,
    /// It is given a cookie and asked once more: a new window may keep what the frame could not.
    AskAgain,
    /// It keeps nothing: the answer to Join is the meeting itself.
    Here,
}

fn way_in(window: Window) -> WayIn {
    match window {
        Window { opener_cookieless: false, .. } | Window { remembers: true, .. } => WayIn::Clean,
        Window { framed: true, .. } => WayIn::Framed,
        Window { asked: false, .. } => WayIn::AskAgain,
        Window { .. } => WayIn::Here,
    }
}

/// `POST /rooms/{room}/meeting`: Join. Makes the window that it opens in know the person, and leads to the meeting.
pub async fn join(
    request: HttpRequest,
    (room, query): (Path<String>, Query<JoinQuery>),
    form: Form<JoinForm>,
    app: Data<App>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    require_same_origin(&request, &app.base_url)?;
    let now = app.clock.now();
    let session = RoomSession::from_pass(&form.pass, &room, &app.sealer, now).map_err(RoomError::from)?;
    if !session.is_csrf(&form.csrf, &app.sealer) {
        return Err(RoomError::SessionReplaced.into());
    }
    let known = RoomSession::from_cookies(&request, &room, &app.sealer, now);
    let window = Window {
        opener_cookieless: form.cookieless.is_some(),
        framed: is_framed(&request),
        remembers: known.is_ok_and(|known| known.is_csrf(&form.csrf, &app.sealer)),
        asked: query.asked.is_some(),
    };
    let place = format!("/rooms/{}/meeting", session.room);
    match way_in(window) {
        WayIn::Clean => Ok(with_cookies(&app, &session, HttpResponse::SeeOther(), &place)),
        WayIn::AskAgain => {
            let again = format!("{place}?asked=yes");
            Ok(with_cookies(&app, &session, HttpResponse::TemporaryRedirect(), &again))
        }
        WayIn::Framed => {
            let place = address(&app, &session.in_frame(now), "/meeting");
            Ok(HttpResponse::SeeOther().insert_header((LOCATION, place)).finish())
        }
        WayIn::Here => show(&request, session, (&app, &pages), now).await,
    }
}

fn with_cookies(
    app: &App,
    session: &RoomSession,
    mut answer: HttpResponseBuilder,
    place: &str,
) -> HttpResponse {
    let mut response = answer.insert_header((LOCATION, place)).finish();
    for cookie in session.cookies(&app.sealer, &app.random) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// `GET /rooms/{room}/meeting`: the class itself. For whoever launched the room; the room token is signed here.
pub async fn meeting(
    request: HttpRequest,
    room: Path<String>,
    app: Data<App>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let now = app.clock.now();
    let entered = enter_room(&app, &request, &room, now).await?;
    page_of(&request, entered, (&app, &pages), now)
}

/// The meeting of a session that the request's form proved.
async fn show(
    request: &HttpRequest,
    session: RoomSession,
    (app, pages): (&App, &Pages),
    now: Timestamp,
) -> Result<HttpResponse, Failure> {
    page_of(request, admit(app, session).await?, (app, pages), now)
}

fn page_of(
    request: &HttpRequest,
    (session, presence, server): (RoomSession, Presence, Option<Server>),
    (app, pages): (&App, &Pages),
    now: Timestamp,
) -> Result<HttpResponse, Failure> {
    require(session.rights.rights.standing, Action::Join)?;
    let server = server.ok_or(RoomError::ServerMissing)?;
    let locale = locale_of(&session, request, pages);
    let embed = open_meeting(app, pages, (&session, &presence), &server, &locale, now)?;
    let framing = framing_of(&session).with_server(&embed.server_origin);
    let signs = presence_config(app, &session, now);
    let page = MeetingPage::new((app, pages), &session, &presence, (&embed, signs), &locale);
    let mut response = pages.respond(StatusCode::OK, "pages/rooms/meeting.html", &page, &locale, &framing)?;
    renew(app, &session, &mut response, now);
    Ok(response)
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

#[derive(Serialize)]
struct MeetingPage {
    renewal_url: Option<String>,
    room: RoomLine,
    person: PersonLine,
    role: RoleLine,
    back_url: String,
    config: String,
}

impl MeetingPage {
    fn new(
        (app, pages): (&App, &Pages),
        session: &RoomSession,
        presence: &Presence,
        (embed, signs): (&Embed, Value),
        locale: &Locale,
    ) -> Self {
        let mut config = serde_json::to_value(embed).unwrap_or_default();
        config["presence"] = signs;
        let back_url = address(app, session, "");
        config["backUrl"] = back_url.clone().into();
        Self {
            room: RoomLine::new(presence, pages, locale),
            person: PersonLine::new(presence, pages, locale),
            role: RoleLine::new(&session.rights.rights, pages, locale),
            back_url,
            renewal_url: renewal_url(app, session),
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
            ((false, false, false, false), WayIn::Clean),
            ((false, true, false, false), WayIn::Clean),
            ((true, true, false, false), WayIn::Framed),
            ((true, true, true, false), WayIn::Clean),
            ((true, false, false, false), WayIn::AskAgain),
            ((true, false, true, true), WayIn::Clean),
            ((true, false, false, true), WayIn::Here),
        ];
        for ((opener_cookieless, framed, remembers, asked), expected) in rows {
            let window = Window { opener_cookieless, framed, remembers, asked };
            assert_eq!(way_in(window), expected, "{opener_cookieless} {framed} {remembers} {asked}");
        }
    }
}
