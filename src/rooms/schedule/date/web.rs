//! The page of a single date.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use crate::http::failure::Failure;
use crate::http::pages::Pages;
use crate::http::refusal_code::RefusalCode;
use crate::ids::{OccurrenceId, RoomId};
use crate::rooms::access::RoomError;
use crate::rooms::permissions::Action;
use crate::rooms::schedule::changes::{ChangeScope, Edit};
use crate::rooms::schedule::fields::{DateFields, WrongField};
use crate::rooms::schedule::store::{SavedDates, save_edit};
use crate::rooms::schedule::web::{DateLine, Found, find, wrong_edit};
use crate::rooms::session::web::{
    CarriedLine, RoomForm, RoomVisitor, action, address, carried, framing_of, see_other,
};
use crate::rooms::settings::stored::SettingsVersion;
use crate::rooms::web::{RoomLine, locale_of};
use crate::state::AppState;

#[derive(Serialize)]
struct DatePage {
    room: RoomLine,
    carried: Option<CarriedLine>,
    back_url: String,
    action: String,
    csrf: String,
    session_token: Option<String>,
    version: String,
    zone: &'static str,
    date: DateLine,
    /// How many dates come after it.
    following: usize,
    /// How many are not over.
    all: usize,
    input: DateFields,
    wrong: Option<WrongField>,
    overtaken: bool,
}

/// What the form of a date sends.
#[derive(Deserialize)]
pub struct DateInput {
    #[serde(default)]
    version: String,
    #[serde(flatten)]
    date: DateFields,
}

/// `GET /rooms/{room}/schedule/{date}`: a single date. For moderators.
pub async fn date(
    request: HttpRequest,
    visitor: RoomVisitor,
    path: Path<(RoomId, OccurrenceId)>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let visitor = visitor.require(Action::ChangeSettings)?;
    let found = find(&app, &visitor).await?;
    show_date(&request, &visitor, &found, path.1, None, &app, &pages)
}

/// `POST /rooms/{room}/schedule/{date}`: moves it, cancels it, lets it take place after all, or notes something. For
/// moderators.
pub async fn change(
    request: HttpRequest,
    path: Path<(RoomId, OccurrenceId)>,
    form: RoomForm<DateInput>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let RoomForm { visitor, input } = form;
    let visitor = visitor.require(Action::ChangeSettings)?;
    let found = find(&app, &visitor).await?;
    let id = path.1;
    let scope = ChangeScope::parse(&input.date.scope)
        .ok_or_else(|| Failure::refused(StatusCode::BAD_REQUEST, RefusalCode::FormUnreadable))?;
    let again = |wrong, overtaken| Some(DateAgain { input: input.date.clone(), wrong, overtaken });
    let again = match input.date.read() {
        Err(wrong) => again(Some(wrong), false),
        Ok(edit) => {
            let (room, version) = (found.stored.room, SettingsVersion::received(&input.version));
            match app.db.write(move |tx| save_edit(tx, room, id, scope, &edit, &version)).await? {
                SavedDates::Stored => None,
                SavedDates::Overtaken => again(None, true),
                SavedDates::Refused(error) => again(Some(wrong_edit(error)), false),
            }
        }
    };
    match again {
        None => Ok(see_other(&visitor.session, "/schedule?saved=yes")),
        Some(_) => show_date(&request, &visitor, &found, id, again, &app, &pages),
    }
}

/// A date's form that is shown again.
struct DateAgain {
    input: DateFields,
    wrong: Option<WrongField>,
    overtaken: bool,
}

fn show_date(
    request: &HttpRequest,
    visitor: &RoomVisitor,
    found: &Found,
    id: OccurrenceId,
    again: Option<DateAgain>,
    app: &AppState,
    pages: &Pages,
) -> Result<HttpResponse, Failure> {
    let RoomVisitor { session, view, .. } = visitor;
    let (now, zone) = (app.clock.now(), found.zone());
    let locale = locale_of(session, request, pages);
    let to_come = || found.stored.dates.iter().filter(|one| !one.is_over(now));
    let one = to_come().find(|one| one.id == id).ok_or(RoomError::Unknown)?;
    let unchanged =
        || DateAgain { input: DateFields::of(&Edit::of(one, zone)), wrong: None, overtaken: false };
    let DateAgain { input, wrong, overtaken } = again.unwrap_or_else(unchanged);
    let status = match (wrong, overtaken) {
        (Some(_), _) => StatusCode::UNPROCESSABLE_ENTITY,
        (None, true) => StatusCode::CONFLICT,
        (None, false) => StatusCode::OK,
    };
    let page = DatePage {
        room: RoomLine::new(view, pages, &locale),
        carried: carried(app, session),
        back_url: address(session, "/schedule"),
        action: action(session, &format!("/schedule/{id}")),
        csrf: session.csrf(&app.sealer),
        session_token: session.form_token(&app.sealer, &app.random),
        version: found.stored.version().as_str().to_owned(),
        zone: zone.name(),
        date: DateLine::of(one, zone, now),
        following: to_come().filter(|other| other.begins > one.begins).count(),
        all: to_come().count(),
        input,
        wrong,
        overtaken,
    };
    pages.respond(status, "pages/rooms/date.html", &page, &locale, &framing_of(session, view))
}
