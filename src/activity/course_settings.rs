//! The page of a course's defaults: what its classes begin with.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use crate::http::failure::Failure;
use crate::http::pages::Pages;
use crate::rooms::access::RoomError;
use crate::rooms::permissions::Action;
use crate::rooms::session::web::{
    CarriedLine, RoomForm, RoomVisitor, action, address, carried, framing_of, see_other,
};
use crate::rooms::settings::defaults::{DefaultsForm, SavedDefaults, find_form, save};
use crate::rooms::settings::fields::SettingFields;
use crate::rooms::settings::layers::Level;
use crate::rooms::settings::store::LayerOwner;
use crate::rooms::settings::stored::SettingsVersion;
use crate::rooms::settings::web::DefaultsLine;
use crate::rooms::web::{RoomLine, locale_of};
use crate::state::AppState;

#[derive(Serialize)]
struct CourseSettingsPage {
    room: RoomLine,
    defaults: DefaultsLine,
    back_url: String,
    action: String,
    csrf: String,
    session_token: Option<String>,
    carried: Option<CarriedLine>,
    saved: bool,
}

/// What the page was opened with.
#[derive(Deserialize)]
pub struct CourseSettingsQuery {
    saved: Option<String>,
}

/// What its form sends.
#[derive(Deserialize)]
pub struct CourseSettingsForm {
    version: String,
    #[serde(flatten)]
    fields: SettingFields,
}

/// `GET /rooms/{room}/settings/course`: what the classes of the room's course begin with. For moderators.
pub async fn course_settings(
    request: HttpRequest,
    visitor: RoomVisitor,
    query: Query<CourseSettingsQuery>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let visitor = visitor.require(Action::ChangeSettings)?;
    let form = find_form(&app.db, LayerOwner::Course(visitor.view.context)).await?;
    let form = form.ok_or(RoomError::Unknown)?;
    show(&request, &visitor, &app, &pages, &form, None, query.saved.is_some())
}

/// `POST /rooms/{room}/settings/course`: changes it. For moderators.
pub async fn save_course_settings(
    request: HttpRequest,
    form: RoomForm<CourseSettingsForm>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let RoomForm { visitor, input } = form;
    let visitor = visitor.require(Action::ChangeSettings)?;
    let owner = LayerOwner::Course(visitor.view.context);
    let version = SettingsVersion::received(&input.version);
    let fields = Arc::new(input.fields);
    let sent = Arc::clone(&fields);
    match app.db.write(move |tx| save(tx, owner, &sent, &version)).await? {
        SavedDefaults::Stored { .. } => Ok(see_other(&visitor.session, "/settings/course?saved=yes")),
        SavedDefaults::Unknown => Err(RoomError::Unknown.into()),
        SavedDefaults::ShownAgain(form) => {
            show(&request, &visitor, &app, &pages, &form, Some(&fields), false)
        }
    }
}

fn show(
    request: &HttpRequest,
    visitor: &RoomVisitor,
    app: &AppState,
    pages: &Pages,
    form: &DefaultsForm,
    fields: Option<&SettingFields>,
    saved: bool,
) -> Result<HttpResponse, Failure> {
    let RoomVisitor { session, view, .. } = visitor;
    let locale = locale_of(session, request, pages);
    let page = CourseSettingsPage {
        room: RoomLine::new(view, pages, &locale),
        defaults: DefaultsLine::new(form, Level::Course, fields, pages.texts(), &locale),
        back_url: address(session, "/settings"),
        action: action(session, "/settings/course"),
        csrf: session.csrf(&app.sealer),
        session_token: session.form_token(&app.sealer, &app.random),
        carried: carried(app, session),
        saved,
    };
    let status = match fields {
        None => StatusCode::OK,
        Some(_) if form.has_problems() => StatusCode::UNPROCESSABLE_ENTITY,
        Some(_) => StatusCode::CONFLICT,
    };
    pages.respond(status, "pages/rooms/course_settings.html", &page, &locale, &framing_of(session, view))
}
