//! The question that a copied activity asks its teacher, and the answer.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use super::CopyAnswer;
use super::store::{CopiedLink, find_copy, save_answer};
use crate::db::DbError;
use crate::http::failure::Failure;
use crate::http::refusal_code::RefusalCode;
use crate::ids::RoomId;
use crate::rooms::access::RoomError;
use crate::rooms::permissions::{Action, allows};
use crate::rooms::session::web::{RoomForm, RoomSession, RoomVisitor, action, enter_other_room};
use crate::state::AppState;

/// A copied activity on a page of its teacher.
#[derive(Serialize)]
pub struct CopyCard {
    action: String,
    csrf: String,
    session_token: Option<String>,
    answer: &'static str,
    same_course: bool,
    origin_course: Option<String>,
    may_share: bool,
}

impl CopyCard {
    /// The copy behind the session's link, for those who may decide about it.
    pub async fn find(app: &AppState, session: &RoomSession) -> Result<Option<Self>, DbError> {
        if !allows(session.role(), Action::ChangeSettings) {
            return Ok(None);
        }
        let claims = session.claims.clone();
        let found = app
            .db
            .look_up(move |connection| find_copy(connection, claims.link, claims.user, &claims.rights))
            .await?;
        Ok(found.map(|copy| Self::new(&copy, app, session)))
    }

    fn new(copy: &CopiedLink, app: &AppState, session: &RoomSession) -> Self {
        Self {
            action: action(session, "/copy"),
            csrf: session.csrf(&app.sealer),
            session_token: session.form_token(&app.sealer, &app.random),
            answer: copy.answer.map_or("open", CopyAnswer::word),
            same_course: copy.is_same_course,
            origin_course: copy.origin_course.clone(),
            may_share: copy.may_share,
        }
    }

    /// Whether nobody has decided yet.
    pub fn is_open(&self) -> bool {
        self.answer == "open"
    }
}

/// What the question's form sends.
#[derive(Deserialize)]
pub struct CopyForm {
    answer: String,
}

/// `POST /rooms/{room}/copy`: decides which room a copied activity opens. For moderators; the room of the other course
/// only for those who moderate there too.
pub async fn decide(
    request: HttpRequest,
    form: RoomForm<CopyForm>,
    app: Data<AppState>,
) -> Result<HttpResponse, Failure> {
    let now = app.clock.now();
    let RoomVisitor { session, .. } = form.visitor.require(Action::ChangeSettings)?;
    let answer = CopyAnswer::parse(&form.input.answer)
        .ok_or_else(|| Failure::refused(StatusCode::BAD_REQUEST, RefusalCode::FormUnreadable))?;
    let claims = session.claims.clone();
    let opened: Result<RoomId, RoomError> = app
        .db
        .try_write(move |tx| {
            let copy = find_copy(tx.connection, claims.link, claims.user, &claims.rights)?;
            let copy = copy.ok_or(RoomError::Unknown)?;
            if answer == CopyAnswer::Shared && !copy.may_share {
                return Err(RoomError::SharingRefused);
            }
            save_answer(tx, claims.link, claims.user, &copy, answer)?;
            Ok(copy.room(answer).to_owned())
        })
        .await;
    Ok(enter_other_room(&app, &request, session, opened?, "?decided=yes", now))
}
