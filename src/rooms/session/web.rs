//! The session of every page of a room: who asks, whether they may, and how pages lead to one another in their name.

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::LOCATION;
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::{Data, Form};
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, HttpResponse};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::http::cookies::{add_cookies, keep};
use crate::http::extract::{Extraction, shared};
use crate::http::failure::Failure;
use crate::http::failure_pages::note_way_back;
use crate::http::frame_session::{CarriedSession, opens_page};
use crate::http::pages::Framing;
use crate::http::redirect::redirect_to;
use crate::http::refusal_code::RefusalCode;
use crate::http::security::require_same_origin;
use crate::http::session::{NoSession, Session, SessionClaims, last_use, session_name};
use crate::ids::{LinkId, RoomId, UserId};
use crate::lti::launch::roles::{MeetingRole, Rights};
use crate::rooms::access::{RoomError, require, require_admission, require_group, require_unended};
use crate::rooms::meeting::entry::Entry;
use crate::rooms::meeting::store::find_server;
use crate::rooms::model::{RoomClaims, RoomView};
use crate::rooms::permissions::{Action, allows};
use crate::rooms::store;
use crate::servers::Server;
use crate::state::AppState;

/// A session in a room.
pub type RoomSession = Session<RoomClaims>;

/// Somebody who may be in a room, and what the database knows of both now.
pub struct RoomVisitor {
    /// The person's session.
    pub session: RoomSession,
    /// The room, as the person sees it.
    pub view: RoomView,
    /// The Jitsi server on which its meetings are; `None` while the installation has none.
    pub server: Option<Server>,
}

impl FromRequest for RoomVisitor {
    type Error = actix_web::Error;
    type Future = Extraction<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Ok(enter_room(&request).await?) })
    }
}

/// A form that one of the room's own pages sent, and who sent it.
pub struct RoomForm<T> {
    /// The person.
    pub visitor: RoomVisitor,
    /// The other fields.
    pub input: T,
}

impl<T: DeserializeOwned + 'static> FromRequest for RoomForm<T> {
    type Error = actix_web::Error;
    type Future = Extraction<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, fields) = (request.clone(), Form::<FormFields<T>>::from_request(request, payload));
        Box::pin(async move {
            let FormFields { csrf, session_token, input } = fields.await?.into_inner();
            let visitor = enter_by_form(&request, &csrf, session_token.as_deref()).await?;
            Ok(Self { visitor, input })
        })
    }
}

/// The fields of every form of a room's pages, and those of its own.
///
/// Quirk: beside flattened fields serde no longer knows that a form is text, so `T` takes its own fields as text and reads
/// numbers from it.
#[derive(Deserialize)]
struct FormFields<T> {
    /// The CSRF token.
    csrf: String,
    /// The session, where no cookie carries it. Pages that were opened before an upgrade call it `pass`.
    #[serde(alias = "pass")]
    session_token: Option<String>,
    #[serde(flatten)]
    input: T,
}

impl RoomVisitor {
    /// Lets the person go on with `action`.
    pub fn require(self, action: Action) -> Result<Self, RoomError> {
        require(self.session.role(), action)?;
        Ok(self)
    }
}

impl Session<RoomClaims> {
    /// Our identifier of the resource link that the person came through.
    pub fn link(&self) -> LinkId {
        self.claims.link
    }

    /// Our identifier of the person.
    pub fn user(&self) -> UserId {
        self.claims.user
    }

    /// What the person may do, and why.
    pub fn rights(&self) -> &Rights {
        &self.claims.rights
    }

    /// What the person is in the meeting.
    pub fn role(&self) -> MeetingRole {
        self.claims.rights.role
    }
}

impl SessionClaims for RoomClaims {
    fn identity(&self) -> String {
        format!("{}\n{}\n{}", self.link, self.user, self.rights.role.word())
    }

    fn is_same_person(&self, other: &Self) -> bool {
        (&self.user, self.rights.role) == (&other.user, other.rights.role)
    }
}

/// What a form that opens a page carries.
#[derive(Deserialize)]
struct OpeningForm {
    /// Pages that were opened before an upgrade call it `pass`.
    #[serde(alias = "pass")]
    session_token: String,
}

/// Before a page of a room: an address that names no session gets the name of the only one that the browser holds
/// there; a form that opens a page hands over the session that it carries.
///
/// Errors: `csrf-refused` when another site's page sent the form.
pub async fn find_session<B: MessageBody>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    if request.method() == Method::POST {
        if !opens_page(request.query_string()) {
            return Ok(next.call(request).await?.map_into_left_body());
        }
        match opening_form(&mut request).await {
            Ok(form) => request.extensions_mut().insert(CarriedSession(form.session_token)),
            // Answered here, so that the refusal gets its page.
            Err(refused) => return Ok(request.error_response(refused).map_into_right_body()),
        };
    } else if let Some(place) = named_place(request.request()) {
        let answer = redirect_to(&place);
        return Ok(request.into_response(answer).map_into_right_body());
    }
    Ok(next.call(request).await?.map_into_left_body())
}

async fn opening_form(request: &mut ServiceRequest) -> Result<OpeningForm, actix_web::Error> {
    if let Some(app) = request.app_data::<Data<AppState>>() {
        require_same_origin(request.request(), &app.base_url)?;
    }
    Ok(request.extract::<Form<OpeningForm>>().await?.into_inner())
}

/// The same place with the name of the session; `None` where the address has one, or nobody can tell which one is meant.
fn named_place(request: &HttpRequest) -> Option<String> {
    if session_name(request).is_some() {
        return None;
    }
    let app = request.app_data::<Data<AppState>>()?;
    let room = request.match_info().get("room")?.parse().ok()?;
    let session = RoomSession::from_cookies(request, room, &app.sealer, app.clock.now()).ok()?;
    let query = request.query_string();
    let path = request.path();
    Some(session.named_address(&if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }))
}

/// Lets in the person of a request's session.
async fn enter_room(request: &HttpRequest) -> Result<RoomVisitor, Failure> {
    let app = shared::<AppState>(request)?;
    let room = room_of(request)?;
    let session = RoomSession::from_request(request, room, &app.sealer, &app.random, app.clock.now())
        .map_err(RoomError::from)?;
    note_way_back(request, session.claims.return_url.as_deref());
    Ok(admit(&app, session).await?)
}

/// Lets in by a form of one of the room's pages, which carries the session where no cookie does.
///
/// Trust: a cookie alone proves nobody's will, and neither does the field: the form must come from our own page, with the
/// CSRF token of the same session.
/// Errors: `csrf-refused`, `session-replaced`, and those of [`enter_room`].
async fn enter_by_form(
    request: &HttpRequest,
    csrf: &str,
    session_token: Option<&str>,
) -> Result<RoomVisitor, Failure> {
    let app = shared::<AppState>(request)?;
    require_same_origin(request, &app.base_url)?;
    let room = room_of(request)?;
    let session = RoomSession::from_form(request, room, session_token, &app.sealer, app.clock.now())
        .map_err(RoomError::from)?;
    note_way_back(request, session.claims.return_url.as_deref());
    let entered = admit(&app, session).await?;
    if !entered.session.is_csrf(csrf, &app.sealer) {
        return Err(RoomError::SessionReplaced.into());
    }
    Ok(entered)
}

/// Returns the room that the address names.
fn room_of(request: &HttpRequest) -> Result<RoomId, RoomError> {
    request.match_info().get("room").and_then(|room| room.parse().ok()).ok_or(RoomError::Unknown)
}

/// What the database knows of the session's room and person now.
pub async fn admit(app: &AppState, session: RoomSession) -> Result<RoomVisitor, RoomError> {
    let (room, link, user) = (session.room, session.link(), session.user());
    let now = app.clock.now();
    let (view, server) = app
        .db
        .try_look_up(move |connection| {
            let view = store::find_room_view(connection, room, link, user, now)?.ok_or(RoomError::Unknown)?;
            let server = find_server(connection, room, view.server.as_ref(), now)?;
            Ok::<_, RoomError>((view, server))
        })
        .await?;
    require_admission(view.admission)?;
    require_unended(view.admission, session.began)?;
    require_group(session.role(), view.group.as_ref())?;
    require(session.role(), Action::SeeRoom)?;
    Ok(RoomVisitor { session, view, server })
}

/// Where the room's settings are, for those who may change them.
pub fn settings_url(session: &RoomSession) -> Option<String> {
    allows(session.role(), Action::ChangeSettings).then(|| address(session, "/settings"))
}

/// The address of a page of the session's room; `path` is what follows the room's own.
pub fn address(session: &RoomSession, path: &str) -> String {
    session.address(&format!("/rooms/{}{path}", session.room))
}

/// Where a form of the room's pages goes that changes something.
pub fn action(session: &RoomSession, path: &str) -> String {
    session.named_address(&format!("/rooms/{}{path}", session.room))
}

/// The way on after a form: to a page of the room. Where no cookie does it, the form goes on there with all that it
/// carries.
pub fn see_other(session: &RoomSession, path: &str) -> HttpResponse {
    let mut answer = match session.is_in_forms() {
        true => HttpResponse::TemporaryRedirect(),
        false => HttpResponse::SeeOther(),
    };
    answer.insert_header((LOCATION, address(session, path))).finish()
}

/// The way from one of an activity's rooms into another one, as the same person; `path` is what follows the room's own.
pub fn enter_other_room(
    app: &AppState,
    request: &HttpRequest,
    session: RoomSession,
    room: RoomId,
    path: &str,
    now: Timestamp,
) -> HttpResponse {
    let entered = session.into_room(room, now, &app.random);
    let mut response = see_other(&entered, path);
    keep_session(app, request, &mut response, &entered);
    response
}

/// Adds the session's cookies to an answer; the oldest ones in the browser go where they become too many.
pub fn keep_session(
    app: &AppState,
    request: &HttpRequest,
    response: &mut HttpResponse,
    session: &RoomSession,
) {
    let fresh = session.cookies(&app.sealer, &app.random);
    keep(request, response, fresh, |sealed| last_use(sealed, &app.sealer));
}

/// Renews the session that is in use.
pub fn renew(app: &AppState, session: &RoomSession, response: &mut HttpResponse, now: Timestamp) {
    if let Some(renewed) = session.renewal(now) {
        add_cookies(response, renewed.cookies(&app.sealer, &app.random));
    }
}

/// What a page carries whose browser keeps no cookies: its links are buttons of one form.
#[derive(Serialize)]
pub struct CarriedLine {
    session_token: String,
    /// Where the page gets a fresh one.
    url: String,
}

/// What a page of this session carries; nothing where a cookie does it.
pub fn carried(app: &AppState, session: &RoomSession) -> Option<CarriedLine> {
    let session_token = session.form_token(&app.sealer, &app.random)?;
    Some(CarriedLine { session_token, url: address(session, "") })
}

/// Who may frame the pages of a session.
pub fn framing_of(session: &RoomSession, view: &RoomView) -> Framing {
    let RoomClaims { ancestors, return_url, .. } = &session.claims;
    let origins = view.ancestors.iter().chain(ancestors);
    Framing::by(origins.cloned().collect()).leading_back(return_url.clone())
}

impl From<NoSession> for RoomError {
    fn from(reason: NoSession) -> Self {
        match reason {
            NoSession::Missing => Self::SessionMissing,
            NoSession::Expired => Self::SessionExpired,
            NoSession::Replaced => Self::SessionReplaced,
            NoSession::Unclear => Self::SessionUnclear,
        }
    }
}

impl From<RoomError> for Failure {
    fn from(error: RoomError) -> Self {
        let (status, code) = match error {
            RoomError::Db(error) => return error.into(),
            RoomError::Server(error) => return Self::Internal(error.into()),
            RoomError::SessionMissing => (StatusCode::UNAUTHORIZED, RefusalCode::SessionMissing),
            RoomError::SessionExpired => (StatusCode::UNAUTHORIZED, RefusalCode::SessionExpired),
            RoomError::SessionEnded => (StatusCode::UNAUTHORIZED, RefusalCode::SessionEnded),
            RoomError::SessionReplaced => (StatusCode::FORBIDDEN, RefusalCode::SessionReplaced),
            RoomError::SessionUnclear => (StatusCode::CONFLICT, RefusalCode::SessionUnclear),
            RoomError::Unknown => (StatusCode::NOT_FOUND, RefusalCode::RoomUnknown),
            RoomError::NotAllowed(_) => (StatusCode::FORBIDDEN, RefusalCode::NotAllowed),
            RoomError::PlatformDisabled => (StatusCode::FORBIDDEN, RefusalCode::PlatformDisabled),
            RoomError::DeploymentDisabled => (StatusCode::FORBIDDEN, RefusalCode::DeploymentDisabled),
            RoomError::UserBlocked => (StatusCode::FORBIDDEN, RefusalCode::UserBlocked),
            RoomError::NotInGroup => (StatusCode::FORBIDDEN, RefusalCode::NotInGroup),
            RoomError::NoGroups => (StatusCode::NOT_FOUND, RefusalCode::GroupsOff),
            RoomError::SharingRefused => (StatusCode::FORBIDDEN, RefusalCode::SharingRefused),
            RoomError::NotOpen(Entry::WaitsForModerator | Entry::Open) => {
                (StatusCode::CONFLICT, RefusalCode::ModeratorMissing)
            }
            RoomError::NotOpen(Entry::Before) => (StatusCode::CONFLICT, RefusalCode::MeetingEarly),
            RoomError::NotOpen(Entry::Over) => (StatusCode::CONFLICT, RefusalCode::MeetingOver),
            RoomError::NotOpen(Entry::Locked) => (StatusCode::CONFLICT, RefusalCode::MeetingLocked),
            RoomError::NotOpen(Entry::Full) => (StatusCode::CONFLICT, RefusalCode::MeetingFull),
            RoomError::ServerMissing => (StatusCode::SERVICE_UNAVAILABLE, RefusalCode::ServerMissing),
        };
        Self::refused(status, code)
    }
}
