//! The page of a class's dates, and that of a single one.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::changes::{Edit, EditError, SHIFTS, replan, take_over};
use super::fields::{DateFields, PlanFields, WrongField};
use super::occurrence::Occurrence;
use super::plan::{PlanError, PlannedDate, Schedule, local};
use super::store::{
    SavedDates, StoredSchedule, find_origin, find_schedule, find_zone, save_schedule, save_shift,
};
use crate::clock::Timestamp;
use crate::http::failure::Failure;
use crate::http::pages::Pages;
use crate::rooms::access::RoomError;
use crate::rooms::calendar::web::CalendarCard;
use crate::rooms::permissions::{Action, allows};
use crate::rooms::session::web::{
    CarriedLine, RoomForm, RoomVisitor, action, address, carried, framing_of, see_other, settings_url,
};
use crate::rooms::settings::stored::SettingsVersion;
use crate::rooms::web::{RoomLine, locale_of, title_of};
use crate::state::AppState;

#[derive(Serialize)]
struct SchedulePage {
    room: RoomLine,
    carried: Option<CarriedLine>,
    back_url: String,
    zone: &'static str,
    to_come: Vec<DateLine>,
    past: Vec<DateLine>,
    /// For those who may change it.
    form: Option<PlanForm>,
    saved: bool,
    calendar: Option<CalendarCard>,
    /// Whether the person took a new address for the calendar.
    reset: bool,
}

#[derive(Serialize)]
struct PlanForm {
    action: String,
    csrf: String,
    session_token: Option<String>,
    version: String,
    settings_url: Option<String>,
    input: PlanFields,
    /// Nobody has planned anything in this course: a script fills in the zone of the browser.
    zone_is_guessed: bool,
    wrong: Option<WrongField>,
    overtaken: bool,
    preview: Option<Preview>,
    only_in_time: bool,
    /// How many dates the room has that this one was copied from.
    origin_dates: Option<usize>,
    days: String,
}

/// A date in a page's words; without a script its times are those of the course.
#[derive(Serialize)]
pub(super) struct DateLine {
    begins: String,
    ends: String,
    day: String,
    from: String,
    to: String,
    state: &'static str,
    now: bool,
    moved_from: Option<String>,
    moved_from_day: Option<String>,
    note: Option<String>,
    url: Option<String>,
    jumps: bool,
}

/// What a plan leads to, before it is saved.
#[derive(Serialize)]
struct Preview {
    dates: Vec<DateLine>,
    /// Dates that are there today and will not be.
    removed: usize,
    /// Names these very dates: saving asks no more once they were seen.
    seen: String,
}

impl DateLine {
    fn new(begins: Timestamp, ends: Timestamp, zone: Tz) -> Self {
        let (from, to) = (local(begins, zone), local(ends, zone));
        Self {
            begins: begins.iso(),
            ends: ends.iso(),
            day: from.date().to_string(),
            from: from.format("%H:%M").to_string(),
            to: to.format("%H:%M").to_string(),
            state: "planned",
            now: false,
            moved_from: None,
            moved_from_day: None,
            note: None,
            url: None,
            jumps: false,
        }
    }

    pub(super) fn of(one: &Occurrence, zone: Tz, now: Timestamp) -> Self {
        let moved = Some(one.planned).filter(|_| one.is_moved());
        Self {
            state: one.state.word(),
            now: one.takes_place() && one.begins <= now && !one.is_over(now),
            moved_from: moved.map(Timestamp::iso),
            moved_from_day: moved.map(|planned| local(planned, zone).format("%Y-%m-%d %H:%M").to_string()),
            note: Some(one.note.clone()).filter(|note| !note.is_empty()),
            ..Self::new(one.begins, one.ends, zone)
        }
    }

    fn planned(date: &PlannedDate, zone: Tz) -> Self {
        Self { jumps: date.jumps, ..Self::new(date.begins, date.ends, zone) }
    }
}

/// What the page was opened with.
#[derive(Deserialize)]
pub struct ScheduleQuery {
    saved: Option<String>,
    reset: Option<String>,
}

/// What the forms of the page send.
#[derive(Deserialize)]
pub struct ScheduleInput {
    /// `save`, `show`, `shift` or `take`.
    #[serde(rename = "do", default)]
    wanted: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    seen: String,
    #[serde(default)]
    days: String,
    #[serde(flatten)]
    plan: PlanFields,
}

/// What is known of a room's time, for its pages.
pub(super) struct Found {
    pub(super) stored: StoredSchedule,
    course_zone: Option<Tz>,
    origin: Option<StoredSchedule>,
}

impl Found {
    pub(super) fn zone(&self) -> Tz {
        let own = self.stored.schedule.as_ref().map(|schedule| schedule.zone);
        own.or(self.course_zone).unwrap_or(Tz::UTC)
    }
}

pub(super) async fn find(app: &AppState, visitor: &RoomVisitor) -> Result<Found, Failure> {
    let (link, course, room) = (visitor.session.link(), visitor.view.context, visitor.view.activity_room);
    let found = app.db.look_up(move |connection| {
        Ok(Found {
            stored: find_schedule(connection, room)?,
            course_zone: find_zone(connection, course)?,
            origin: find_origin(connection, link)?,
        })
    });
    Ok(found.await?)
}

/// `GET /rooms/{room}/schedule`: when the class takes place. For whoever launched the room; moderators change it here.
pub async fn schedule(
    request: HttpRequest,
    visitor: RoomVisitor,
    query: Query<ScheduleQuery>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let found = find(&app, &visitor).await?;
    let shown = Shown { saved: query.saved.is_some(), reset: query.reset.is_some(), ..Shown::default() };
    show(&request, &visitor, &found, shown, &app, &pages).await
}

/// How the page is shown again.
#[derive(Default)]
struct Shown {
    saved: bool,
    reset: bool,
    input: Option<ScheduleInput>,
    wrong: Option<WrongField>,
    overtaken: bool,
    preview: Option<Preview>,
}

/// `POST /rooms/{room}/schedule`: plans the class anew, or moves its dates. For moderators.
pub async fn save(
    request: HttpRequest,
    form: RoomForm<ScheduleInput>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let RoomForm { visitor, input } = form;
    let visitor = visitor.require(Action::ChangeSettings)?;
    let found = find(&app, &visitor).await?;
    let outcome = match input.wanted.as_str() {
        "shift" | "take" => move_dates(&app, &visitor, &found, &input).await?,
        _ => plan_anew(&app, &visitor, &found, &input).await?,
    };
    match outcome {
        None => Ok(see_other(&visitor.session, "/schedule?saved=yes")),
        Some(shown) => {
            show(&request, &visitor, &found, Shown { input: Some(input), ..shown }, &app, &pages).await
        }
    }
}

/// Saves a plan once its dates were seen, or where there is nothing to see; answers how the page is shown again otherwise.
async fn plan_anew(
    app: &AppState,
    visitor: &RoomVisitor,
    found: &Found,
    input: &ScheduleInput,
) -> Result<Option<Shown>, Failure> {
    let now = app.clock.now();
    let wrong = |wrong| Ok(Some(Shown { wrong: Some(wrong), ..Shown::default() }));
    let planned = input.plan.read().and_then(|schedule| match schedule {
        None => Ok((None, Vec::new())),
        Some(schedule) => dates_to_come(&schedule, now).map(|dates| (Some(schedule), dates)),
    });
    let (schedule, dates) = match planned {
        Ok(planned) => planned,
        Err(problem) => return wrong(problem),
    };
    let zone = schedule.as_ref().map_or(Tz::UTC, |schedule| schedule.zone);
    let preview = Preview::new(&found.stored.dates, &dates, zone, now);
    let is_plain = dates.len() <= 1 && preview.removed == 0;
    if input.wanted == "show" || !(is_plain || preview.seen == input.seen) {
        return Ok(Some(Shown { preview: Some(preview), ..Shown::default() }));
    }
    let version = SettingsVersion::received(&input.version);
    let (room, course) = (found.stored.room, visitor.view.context);
    let saved =
        app.db.write(move |tx| save_schedule(tx, room, course, schedule.as_ref(), &dates, Some(&version)));
    Ok(outcome(saved.await?, "begins"))
}

/// Returns the dates of a schedule that are not over.
fn dates_to_come(schedule: &Schedule, now: Timestamp) -> Result<Vec<PlannedDate>, WrongField> {
    let planned = schedule.plan.as_ref().map_or(Ok(Vec::new()), |plan| plan.dates(schedule.zone));
    let all = planned.map_err(|_: PlanError| WrongField { field: "begins", problem: "begins" })?;
    let dates: Vec<PlannedDate> = all.into_iter().filter(|date| date.ends > now).collect();
    match dates.is_empty() {
        true => Err(WrongField { field: "begins", problem: "past" }),
        false => Ok(dates),
    }
}

/// Moves the room's own dates, or takes over those of the room that it was copied from; answers how the page is shown again
/// where it cannot.
async fn move_dates(
    app: &AppState,
    visitor: &RoomVisitor,
    found: &Found,
    input: &ScheduleInput,
) -> Result<Option<Shown>, Failure> {
    let wrong = |problem| {
        let wrong = Some(WrongField { field: "days", problem });
        Ok(Some(Shown { wrong, ..Shown::default() }))
    };
    let days = input.days.trim().parse().ok().filter(|days| SHIFTS.contains(days));
    let Some(days) = days else { return wrong("days") };
    let version = SettingsVersion::received(&input.version);
    let (room, course) = (found.stored.room, visitor.view.context);
    if input.wanted == "shift" {
        let saved = app.db.write(move |tx| save_shift(tx, room, days, &version)).await?;
        return Ok(outcome(saved, "days"));
    }
    let origin = found.origin.as_ref().ok_or(RoomError::Unknown)?;
    let plan = origin.schedule.clone().unwrap_or(Schedule { zone: found.zone(), plan: None, edition: 0 });
    let Ok(taken) = take_over(&plan, &origin.dates, days) else { return wrong("days") };
    if !taken.dates.iter().any(|date| date.ends > app.clock.now()) {
        return wrong("past");
    }
    let saved = app.db.write(move |tx| {
        save_schedule(tx, room, course, Some(&taken.schedule), &taken.dates, Some(&version))
    });
    Ok(outcome(saved.await?, "days"))
}

fn outcome(saved: SavedDates, field: &'static str) -> Option<Shown> {
    match saved {
        SavedDates::Stored => None,
        SavedDates::Overtaken => Some(Shown { overtaken: true, ..Shown::default() }),
        SavedDates::Refused(error) => {
            let wrong = Some(WrongField { field, ..wrong_edit(error) });
            Some(Shown { wrong, ..Shown::default() })
        }
    }
}

/// Says beside which field it stands that a date cannot be so.
pub(super) fn wrong_edit(error: EditError) -> WrongField {
    let (field, problem) = match error {
        EditError::Length => ("ends", "length"),
        EditError::Overlap => ("begins", "overlap"),
        EditError::Past | EditError::Unknown => ("begins", "past"),
    };
    WrongField { field, problem }
}

impl Preview {
    fn new(existing: &[Occurrence], dates: &[PlannedDate], zone: Tz, now: Timestamp) -> Self {
        let replanned = replan(existing, dates, now);
        let text: String =
            dates.iter().map(|date| format!("{} {}\n", date.begins.millis(), date.ends.millis())).collect();
        let seen = Sha256::digest(text).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let lines = dates.iter().map(|date| DateLine::planned(date, zone)).collect();
        Self { dates: lines, removed: replanned.removed.len(), seen }
    }
}

async fn show(
    request: &HttpRequest,
    visitor: &RoomVisitor,
    found: &Found,
    shown: Shown,
    app: &AppState,
    pages: &Pages,
) -> Result<HttpResponse, Failure> {
    let RoomVisitor { session, view, .. } = visitor;
    let (now, zone) = (app.clock.now(), found.zone());
    let locale = locale_of(session, request, pages);
    let may_change = allows(session.role(), Action::ChangeSettings);
    let line = |one: &Occurrence| {
        let url = || address(session, &format!("/schedule/{}", one.id));
        let url = (may_change && !one.is_over(now)).then(url);
        DateLine { url, ..DateLine::of(one, zone, now) }
    };
    let (past, to_come): (Vec<&Occurrence>, Vec<&Occurrence>) =
        found.stored.dates.iter().partition(|one| one.is_over(now));
    let (status, saved, reset) = (shown.status(), shown.saved, shown.reset);
    let calendar = CalendarCard::find(app, session, &found.stored, &title_of(view, pages, &locale)).await?;
    let page = SchedulePage {
        room: RoomLine::new(view, pages, &locale),
        carried: carried(app, session),
        back_url: address(session, ""),
        zone: zone.name(),
        to_come: to_come.into_iter().map(line).collect(),
        past: past.into_iter().rev().map(line).collect(),
        form: may_change.then(|| PlanForm::new(visitor, found, shown, app)),
        saved,
        calendar,
        reset,
    };
    pages.respond(status, "pages/rooms/schedule.html", &page, &locale, &framing_of(session, view))
}

impl Shown {
    fn status(&self) -> StatusCode {
        match (self.wrong, self.overtaken) {
            (Some(_), _) => StatusCode::UNPROCESSABLE_ENTITY,
            (None, true) => StatusCode::CONFLICT,
            (None, false) => StatusCode::OK,
        }
    }
}

impl PlanForm {
    fn new(visitor: &RoomVisitor, found: &Found, shown: Shown, app: &AppState) -> Self {
        let session = &visitor.session;
        let schedule = found.stored.schedule.as_ref();
        let days = shown.input.as_ref().map(|input| input.days.clone()).unwrap_or_default();
        let entered = shown.input.filter(|input| !input.plan.kind.is_empty()).map(|input| input.plan);
        Self {
            action: action(session, "/schedule"),
            csrf: session.csrf(&app.sealer),
            session_token: session.form_token(&app.sealer, &app.random),
            version: found.stored.version().as_str().to_owned(),
            settings_url: settings_url(session),
            zone_is_guessed: entered.is_none() && schedule.is_none() && found.course_zone.is_none(),
            input: entered.unwrap_or_else(|| found.plan_fields()),
            wrong: shown.wrong,
            overtaken: shown.overtaken,
            preview: shown.preview,
            only_in_time: visitor.view.settings.only_in_time,
            origin_dates: found.origin.as_ref().filter(|_| schedule.is_none()).map(|one| one.dates.len()),
            days,
        }
    }
}

impl Found {
    /// The form of what is planned; of a room of which only a date is known, that date.
    fn plan_fields(&self) -> PlanFields {
        let zone = self.zone();
        let fields = PlanFields::of(self.stored.schedule.as_ref(), zone);
        let date = self.stored.dates.last().filter(|_| fields.kind == "one" && fields.begins.is_empty());
        match date.map(|one| DateFields::of(&Edit::of(one, zone))) {
            Some(DateFields { begins, ends, .. }) => PlanFields { begins, ends, ..fields },
            None => fields,
        }
    }
}
