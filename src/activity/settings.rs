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
use crate::rooms::meeting::store::is_running;
use crate::rooms::permissions::Action;
use crate::rooms::rules::{GradePolicy, RoomRules};
use crate::rooms::session::web::{
    CarriedLine, RoomForm, RoomSession, RoomVisitor, action, address, carried, framing_of, see_other,
};
use crate::rooms::settings::fields::{SettingFields, fill_in};
use crate::rooms::settings::layers::{Layers, Level};
use crate::rooms::settings::presets::{PRESETS, Preset};
use crate::rooms::settings::stored::{SettingsVersion, StoredSettings};
use crate::rooms::settings::web::{ConflictLine, SectionLine, SettingsView, differences};
use crate::rooms::store::SavedSettings;
use crate::rooms::web::{RoomLine, locale_of};
use crate::state::AppState;

#[derive(Serialize)]
struct SettingsPage {
    room: RoomLine,
    back_url: String,
    attendance_url: String,
    schedule_url: String,
    action: String,
    csrf: String,
    session_token: Option<String>,
    carried: Option<CarriedLine>,
    version: String,
    input: RulesInput,
    state: &'static str,
    can_make: bool,
    sections: Vec<SectionLine>,
    presets: Vec<&'static str>,
    /// The preset whose values are filled in, and not saved.
    filled_in: Option<&'static str>,
    /// What somebody else saved while the form was open.
    conflicts: Option<Vec<ConflictLine>>,
    /// Whether a class is going on, which some changes reach at its next start.
    running: bool,
    course_url: String,
    problem: Option<&'static str>,
    saved: bool,
    copy: Option<CopyCard>,
}

/// The rules in the form's fields.
#[derive(Clone, Serialize)]
struct RulesInput {
    target: String,
    send: &'static str,
    zeros: bool,
    group_rooms: bool,
}

/// A form that is shown again as it was entered.
struct EnteredForm {
    rules: RulesInput,
    fields: SettingFields,
    layers: Layers,
    wrong: Vec<&'static str>,
    why: ShownAgain,
}

/// Why a form is shown again.
enum ShownAgain {
    /// A value cannot be stored: the key of its words.
    Problem(&'static str),
    /// A preset's values are filled in.
    FilledIn(&'static Preset),
    /// Somebody else saved meanwhile.
    Overtaken,
}

impl RulesInput {
    fn stored(settings: RoomRules) -> Self {
        Self {
            target: settings.target_minutes.to_string(),
            send: settings.grades.word(),
            zeros: settings.zeros,
            group_rooms: settings.group_rooms,
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
    /// What the form was made from; forms of before an upgrade do not say.
    version: Option<String>,
    preset: Option<String>,
    #[serde(flatten)]
    fields: SettingFields,
}

impl SettingsForm {
    /// The rules that are meant.
    ///
    /// Errors: the value that is not right.
    fn read(&self, grades: GradePolicy) -> Result<RoomRules, &'static str> {
        let target_minutes = RoomRules::read_target(&self.target).ok_or("target")?;
        let (zeros, group_rooms) = (self.zeros.is_some(), self.group_rooms.is_some());
        Ok(RoomRules { target_minutes, grades, zeros, group_rooms })
    }

    fn input(&self, grades: GradePolicy) -> RulesInput {
        RulesInput {
            target: self.target.clone(),
            send: grades.word(),
            zeros: self.zeros.is_some(),
            group_rooms: self.group_rooms.is_some(),
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
    let visitor = visitor.require(Action::ChangeSettings)?;
    show(&request, &visitor, &app, &pages, None, query.saved.is_some()).await
}

/// `POST /rooms/{room}/settings`: changes them; grades follow. For moderators.
pub async fn save(
    request: HttpRequest,
    form: RoomForm<SettingsForm>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let RoomForm { visitor, input: form } = form;
    let visitor = visitor.require(Action::ChangeSettings)?;
    let grades = GradePolicy::parse(&form.send)
        .ok_or_else(|| Failure::refused(StatusCode::BAD_REQUEST, RefusalCode::FormUnreadable))?;
    let mut layers = visitor.view.layers.clone();
    let wrong = form.fields.read_room(&visitor.view.layers, &mut layers.room);
    let rules = form.read(grades);
    let why = match (form.preset.as_deref().map(Preset::find), rules, wrong.is_empty()) {
        (Some(None), ..) => {
            return Err(Failure::refused(StatusCode::BAD_REQUEST, RefusalCode::FormUnreadable));
        }
        (Some(Some(preset)), ..) => {
            fill_in(preset, &visitor.view.layers, &mut layers.room);
            ShownAgain::FilledIn(preset)
        }
        (None, Err(problem), _) => ShownAgain::Problem(problem),
        (None, Ok(_), false) => ShownAgain::Problem("setting"),
        (None, Ok(rules), true) => {
            let settings = StoredSettings::new(rules, layers.room.clone());
            layers.room = settings.layer.clone();
            if store(&app, &visitor, settings, form.version.as_deref()).await? {
                return Ok(see_other(&visitor.session, "/settings?saved=yes"));
            }
            ShownAgain::Overtaken
        }
    };
    let rules = form.input(grades);
    let entered = EnteredForm { rules, fields: form.fields, layers, wrong, why };
    show(&request, &visitor, &app, &pages, Some(entered), false).await
}

/// Stores settings, unless somebody else did since the form was made; answers whether it did.
async fn store(
    app: &AppState,
    visitor: &RoomVisitor,
    settings: StoredSettings,
    version: Option<&str>,
) -> Result<bool, Failure> {
    let link = visitor.session.link();
    let version = version.map(SettingsVersion::received);
    // People of the groups may have been here before the groups had rooms.
    let asks_for_groups = settings.rules.group_rooms && !visitor.view.rules.group_rooms;
    let stored = app
        .db
        .write(move |tx| {
            let saved = rooms::store::save_settings(tx.connection, link, &settings, version.as_ref())?;
            let SavedSettings::Stored(links) = saved else { return Ok(false) };
            if asks_for_groups {
                rooms::groups::store::ask_for_groups(tx, link)?;
            }
            links.iter().try_for_each(|link| take_settings(tx, *link))?;
            Ok(true)
        })
        .await?;
    app.notifier.notify();
    Ok(stored)
}

/// What the page needs to know of the activity beside the room.
struct ActivitySettings {
    book: Option<Gradebook>,
    running: bool,
}

async fn find(app: &AppState, session: &RoomSession, now: Timestamp) -> Result<ActivitySettings, Failure> {
    let (link, room) = (session.link(), session.room);
    let found = app.db.look_up(move |connection| {
        Ok(ActivitySettings {
            book: find_gradebook(connection, link)?,
            running: is_running(connection, room, now)?,
        })
    });
    Ok(found.await?)
}

/// The settings as stored, or as entered.
async fn show(
    request: &HttpRequest,
    visitor: &RoomVisitor,
    app: &AppState,
    pages: &Pages,
    entered: Option<EnteredForm>,
    saved: bool,
) -> Result<HttpResponse, Failure> {
    let RoomVisitor { session, view, server } = visitor;
    let locale: Locale = locale_of(session, request, pages);
    let ActivitySettings { book, running } = find(app, session, app.clock.now()).await?;
    let book = book.ok_or(RoomError::Unknown)?;
    let stored = view.rules;
    // What the platform offers, whatever the teacher decided.
    let offered = Gradebook { rules: RoomRules { grades: GradePolicy::Auto, ..stored }, ..book };
    let entered = entered.as_ref();
    let shown = SettingsView {
        layers: entered.map_or(&view.layers, |one| &one.layers),
        level: Level::Room,
        takes_tokens: server.as_ref().map(|server| server.kind.takes_tokens()),
        fields: entered.map(|one| &one.fields),
        wrong: entered.map_or(&[], |one| &one.wrong),
    };
    let (problem, filled_in, is_overtaken) = match entered.map(|one| &one.why) {
        None => (None, None, false),
        Some(ShownAgain::Problem(problem)) => (Some(*problem), None, false),
        Some(ShownAgain::FilledIn(preset)) => (None, Some(preset.key), false),
        Some(ShownAgain::Overtaken) => (None, None, true),
    };
    let conflicts = is_overtaken.then(|| differences(&view.layers, shown.layers, pages.texts(), &locale));
    let sections = shown.sections(pages.texts(), &locale);
    // Of the very values that the page shows: who saves meanwhile is noticed.
    let version = StoredSettings::new(view.rules, view.layers.room.clone()).version();
    let version = version.map_err(|error| Failure::Internal(error.into()))?;
    let page = SettingsPage {
        room: RoomLine::new(view, pages, &locale),
        back_url: address(session, ""),
        attendance_url: address(session, "/attendance"),
        schedule_url: address(session, "/schedule"),
        course_url: address(session, "/settings/course"),
        session_token: session.form_token(&app.sealer, &app.random),
        carried: carried(app, session),
        action: action(session, "/settings"),
        csrf: session.csrf(&app.sealer),
        version: version.as_str().to_owned(),
        input: entered.map_or_else(|| RulesInput::stored(stored), |one| one.rules.clone()),
        state: offered.sync_state().word(),
        can_make: offered.may_make(),
        sections,
        presets: PRESETS.iter().map(|preset| preset.key).collect(),
        filled_in,
        conflicts,
        running,
        problem,
        saved,
        copy: CopyCard::find(app, session).await?,
    };
    let status = match (problem, is_overtaken) {
        (Some(_), _) => StatusCode::UNPROCESSABLE_ENTITY,
        (None, true) => StatusCode::CONFLICT,
        (None, false) => StatusCode::OK,
    };
    pages.respond(status, "pages/rooms/settings.html", &page, &locale, &framing_of(session, view))
}
