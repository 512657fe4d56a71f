//! Where meeting pages say that their person is in the conference.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use super::pending::reported_later;
use super::{Accepted, PresenceMessage, PresenceRefusal};
use crate::db::DbError;
use crate::http::failure::Failure;
use crate::http::refusal_code::RefusalCode;
use crate::http::security::require_same_origin;
use crate::ids::RoomId;
use crate::rooms;
use crate::rooms::access::{RoomError, require_admission, require_unended};
use crate::rooms::presence_token::PresenceToken;
use crate::sealing::sealed::Sealed as _;
use crate::state::AppState;

/// A page's heartbeat, or good-bye.
#[derive(Deserialize)]
pub struct PresenceForm {
    /// Pages that were opened before an upgrade call it `pass`.
    #[serde(alias = "pass")]
    presence_token: String,
    event: PresenceEvent,
    /// Heartbeats that failed, so many milliseconds ago each.
    #[serde(default)]
    missed: Vec<u64>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum PresenceEvent {
    Beat,
    Leave,
}

/// Why a heartbeat does not count.
enum PresenceError {
    Db(DbError),
    TokenInvalid,
    OtherRoom,
    Room(RoomError),
    PresenceRefusal(PresenceRefusal),
}

/// `POST /rooms/{room}/presence`: a meeting page says that its person is in the conference, or leaves. For opened
/// meeting pages alone: their presence token is in the body, which no other site can send from here. 204: written within a
/// second; 202: kept in memory, and the page may tell it again.
pub async fn presence(
    request: HttpRequest,
    room: Path<RoomId>,
    form: Json<PresenceForm>,
    app: Data<AppState>,
) -> Result<HttpResponse, Failure> {
    require_same_origin(&request, &app.base_url)?;
    let now = app.clock.now();
    let PresenceForm { presence_token, event, missed } = form.into_inner();
    let token =
        PresenceToken::open(&presence_token, &app.sealer, now).map_err(|_| PresenceError::TokenInvalid)?;
    if token.room != *room {
        return Err(PresenceError::OtherRoom.into());
    }
    let is_admitted = is_admitted(&app, &token).await?;
    let missed = reported_later(&missed, token.opened, now);
    let message =
        PresenceMessage { has_left: matches!(event, PresenceEvent::Leave), token, missed, is_admitted };
    match app.presence.take(message, now).map_err(PresenceError::PresenceRefusal)? {
        Accepted::Soon => Ok(HttpResponse::NoContent().finish()),
        Accepted::Waiting => Ok(HttpResponse::Accepted().finish()),
    }
}

/// Returns whether platform, deployment and person are still on: they may have been switched off since the page was
/// opened. If the database cannot be asked, the token is believed, and it is asked when the heartbeat is written.
async fn is_admitted(app: &AppState, token: &PresenceToken) -> Result<bool, PresenceError> {
    let (link, user) = (token.link, token.user);
    let found = app.db.look_up(move |connection| rooms::store::find_admission(connection, link, user)).await;
    // Which room it is, the token proves: the activity may open another one by now, and nobody's minutes are lost.
    match found {
        Ok(admission) => {
            let admission = admission.ok_or(PresenceError::TokenInvalid)?;
            require_admission(admission)
                .and_then(|()| require_unended(admission, token.opened))
                .map(|()| true)
                .map_err(PresenceError::Room)
        }
        Err(error) if error.is_outage() => Ok(false),
        Err(error) => Err(PresenceError::Db(error)),
    }
}

impl From<PresenceError> for Failure {
    fn from(error: PresenceError) -> Self {
        let (status, code) = match error {
            PresenceError::Db(error) => return error.into(),
            PresenceError::Room(error) => return error.into(),
            PresenceError::TokenInvalid => (StatusCode::UNAUTHORIZED, RefusalCode::SessionMissing),
            PresenceError::OtherRoom => (StatusCode::CONFLICT, RefusalCode::PresenceOtherRoom),
            PresenceError::PresenceRefusal(PresenceRefusal::TooFast) => {
                (StatusCode::TOO_MANY_REQUESTS, RefusalCode::TooFast)
            }
            PresenceError::PresenceRefusal(PresenceRefusal::Full) => return DbError::away().into(),
        };
        Self::refused(status, code)
    }
}
