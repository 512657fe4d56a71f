//! The settings page.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::grades::line_item::Gradebook;
use crate::grades::line_item::store::find_gradebook;
use crate::grades::store::take_settings;
use crate::http::failure::Failure;
use crate::http::pages::Pages;
use crate::http::refusal_code::RefusalCode;
use crate::i18n::Locale;
use crate::rooms;
use crate::rooms::access::RoomError;
use crate::rooms::copy::web::CopyCard;
use crate::rooms::model::RoomView;
use crate::rooms::permissions::Action;
use crate::rooms::session::web::{
    CarriedLine, RoomForm, RoomSession, RoomVisitor, action, address, carried, framing_of, see_other,
};
use crate::rooms::settings::{GradePolicy, RoomSettings, read_moment};
use crate::rooms::web::{RoomLine, locale_of};
use crate::state::AppState;

#[derive(Serialize)]
struct SettingsPage {
    room: RoomLine,
    back_url: String,
    attendance_url: String,
    action: String,
    csrf: String,
    session_token: Option<String>,
    carried: Option<CarriedLine>,
    input: SettingsInput,
    state: &'static str,
    can_make: bool,
    problem: Option<&'static str>,
    saved: bool,
    copy: Option<CopyCard>,
}

/// The values in the form's fields.
#[derive(Serialize)]
struct SettingsInput {
    target: String,
    send: &'static str,
    zeros: bool,
    group_rooms: bool,
    begins: FieldLine,
    ends: FieldLine,
}

/// What was entered and cannot be stored, and why: the key of its words.
struct RefusedInput {
    input: SettingsInput,
    problem: &'static str,
}

/// A moment in a form: as its field writes it, and as it is known in UTC.
#[derive(Default, Serialize)]
struct FieldLine {
    local: String,
    utc: String,
}

impl FieldLine {
    fn of(stored: Option<Timestamp>) -> Self {
        let utc = stored.map(Timestamp::iso).unwrap_or_default();
        // Without a script the field shows UTC, and says so.
        Self { local: utc.chars().take(16).collect(), utc }
    }
}

impl SettingsInput {
    fn stored(settings: RoomSettings) -> Self {
        Self {
            target: settings.target_minutes.to_string(),
            send: settings.grades.word(),
            zeros: settings.zeros,
            group_rooms: settings.group_rooms,
            begins: FieldLine::of(settings.begins),
            ends: FieldLine::of(settings.ends),
        }
    }
}

/// What the settings page was opened with.
#[derive(Deserialize)]
pub struct SettingsQuery {
    saved: Option<String>,
}

/// What the settings form sends.
#[derive(Deserialize)]
pub struct SettingsForm {
    target: String,
    send: String,
    zeros: Option<String>,
    group_rooms: Option<String>,
    begins: Option<String>,
    #[serde(rename = "begins-at")]
    begins_at: Option<String>,
    ends: Option<String>,
    #[serde(rename = "ends-at")]
    ends_at: Option<String>,
}

impl SettingsForm {
    /// The settings that are meant; a form without times leaves them as they were.
    ///
    /// Errors: the value that is not right.
    fn read(&self, grades: GradePolicy, stored: RoomSettings) -> Result<RoomSettings, &'static str> {
        let moment =
            |input: &Option<String>, received: &Option<String>, before: Option<Timestamp>| match input {
                Some(input) => read_moment(input, received.as_deref().unwrap_or_default()),
                None => Ok(before),
            };
        let target_minutes = RoomSettings::read_target(&self.target).ok_or("target")?;
        let begins = moment(&self.begins, &self.begins_at, stored.begins).map_err(|_| "times")?;
        let ends = moment(&self.ends, &self.ends_at, stored.ends).map_err(|_| "times")?;
        if let (Some(begins), Some(ends)) = (begins, ends)
            && ends <= begins
        {
            return Err("times");
        }
        Ok(RoomSettings {
            target_minutes,
            grades,
            zeros: self.zeros.is_some(),
            group_rooms: self.group_rooms.is_some(),
            begins,
            ends,
        })
    }

    fn input(self, grades: GradePolicy) -> SettingsInput {
        let field = |local: Option<String>, utc: Option<String>| FieldLine {
            local: local.unwrap_or_default(),
            utc: utc.unwrap_or_default(),
        };
        SettingsInput {
            target: self.target,
            send: grades.word(),
            zeros: self.zeros.is_some(),
            group_rooms: self.group_rooms.is_some(),
            begins: field(self.begins, self.begins_at),
            ends: field(self.ends, self.ends_at),
        }
    }
}

/// `GET /rooms/{room}/settings`: what teachers decide for the room. For moderators.
pub async fn settings(
    request: HttpRequest,
    visitor: RoomVisitor,
    query: Query<SettingsQuery>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let RoomVisitor { session, view, .. } = visitor.require(Action::ChangeSettings)?;
    show(&request, &session, &view, &app, &pages, None, query.saved.is_some()).await
}

/// `POST /rooms/{room}/settings`: changes them; grades follow. For moderators.
pub async fn save(
    request: HttpRequest,
    form: RoomForm<SettingsForm>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let RoomForm { visitor, input: form } = form;
    let RoomVisitor { session, view, .. } = visitor.require(Action::ChangeSettings)?;
    let grades = GradePolicy::parse(&form.send)
        .ok_or_else(|| Failure::refused(StatusCode::BAD_REQUEST, RefusalCode::FormUnreadable))?;
    let settings = match form.read(grades, view.settings) {
        Ok(settings) => settings,
        Err(problem) => {
            let input = Some(RefusedInput { input: form.input(grades), problem });
            return show(&request, &session, &view, &app, &pages, input, false).await;
        }
    };
    let link = session.link();
    // People of the groups may have been here before the groups had rooms.
    let asks_for_groups = settings.group_rooms && !view.settings.group_rooms;
    app.db
        .write(move |tx| {
            let links = rooms::store::save_settings(tx.connection, link, settings)?;
            if asks_for_groups {
                rooms::groups::store::ask_for_groups(tx, link)?;
            }
            links.iter().try_for_each(|link| take_settings(tx, *link))
        })
        .await?;
    app.notifier.notify();
    Ok(see_other(&session, "/settings?saved=yes"))
}

/// The settings as stored, or as entered if that cannot be stored.
async fn show(
    request: &HttpRequest,
    session: &RoomSession,
    view: &RoomView,
    app: &AppState,
    pages: &Pages,
    input: Option<RefusedInput>,
    saved: bool,
) -> Result<HttpResponse, Failure> {
    let locale: Locale = locale_of(session, request, pages);
    let link = session.link();
    let book = app.db.look_up(move |connection| find_gradebook(connection, link)).await;
    let book = book?.ok_or(RoomError::Unknown)?;
    let stored = book.settings;
    // What the platform offers, whatever the teacher decided.
    let offered = Gradebook { settings: RoomSettings { grades: GradePolicy::Auto, ..stored }, ..book };
    let (input, problem) =
        input.map_or((SettingsInput::stored(stored), None), |one| (one.input, Some(one.problem)));
    let page = SettingsPage {
        room: RoomLine::new(view, pages, &locale),
        back_url: address(session, ""),
        attendance_url: address(session, "/attendance"),
        session_token: session.form_token(&app.sealer, &app.random),
        carried: carried(app, session),
        action: action(session, "/settings"),
        csrf: session.csrf(&app.sealer),
        input,
        state: offered.sync_state().word(),
        can_make: offered.may_make(),
        problem,
        saved,
        copy: CopyCard::find(app, session).await?,
    };
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    pages.respond(status, "pages/rooms/settings.html", &page, &locale, &framing_of(session, view))
}
