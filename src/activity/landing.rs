//! The activity's page: what it is, who you are in it, and the way into the class.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::http::failure::Failure;
use crate::http::pages::Pages;
use crate::http::refusal_code::RefusalCode;
use crate::i18n::{Args, Locale};
use crate::rooms::calendar::store::{has_entry, note_entry};
use crate::rooms::copy::web::CopyCard;
use crate::rooms::groups::web::groups_url;
use crate::rooms::meeting::entry::Entry;
use crate::rooms::meeting::web::ask;
use crate::rooms::model::RoomView;
use crate::rooms::numbers::web::NamelessNote;
use crate::rooms::permissions::{Action, allows};
use crate::rooms::session::web::{
    CarriedLine, RoomSession, RoomVisitor, action, address, carried, framing_of, renew, settings_url,
};
use crate::rooms::web::{RoleLine, RoomLine, VisitorLine, locale_of};
use crate::sealing::sealed::Sealed as _;
use crate::state::AppState;

/// What the activity's page was opened with.
#[derive(Deserialize)]
pub struct RoomQuery {
    /// The question of a copied activity was answered.
    decided: Option<String>,
}

/// `GET /rooms/{room}`: the activity's page. For whoever launched it.
pub async fn room(
    request: HttpRequest,
    visitor: RoomVisitor,
    query: Query<RoomQuery>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let now = app.clock.now();
    let RoomVisitor { session, view, server } = visitor;
    let locale = locale_of(&session, &request, &pages);
    enter_in_calendar(&app, &session, &view).await?;
    let door = DoorLine::new(ask(&app, &session, &view, now).await?, &session, &view, now);
    let page = RoomPage {
        copy: CopyCard::find(&app, &session).await?.filter(CopyCard::is_open),
        decided: query.decided.is_some(),
        groups_url: groups_url(&app, &session, &view).await?,
        ..RoomPage::new(&app, &pages, &session, &view, door, server.is_some(), &locale)
    };
    let mut framing = framing_of(&session, &view).measuring_devices();
    if session.rights().administers {
        framing = framing.posting_to(vec![app.admin_url.origin().ascii_serialization()]);
    }
    let mut response = pages.respond(StatusCode::OK, "pages/rooms/room.html", &page, &locale, &framing)?;
    renew(&app, &session, &mut response, now);
    Ok(response)
}

/// Notes that the person has opened this activity, so that their calendar shows its dates.
///
/// Quirk: pages are shown where nothing can be written too.
async fn enter_in_calendar(app: &AppState, session: &RoomSession, view: &RoomView) -> Result<(), Failure> {
    let (user, link) = (session.user(), session.link());
    if view.agenda.is_none() || app.db.look_up(move |connection| has_entry(connection, user, link)).await? {
        return Ok(());
    }
    if let Err(error) = app.db.write(move |tx| note_entry(tx.connection, user, link)).await {
        tracing::warn!(%error, "an activity cannot be entered in a calendar");
    }
    Ok(())
}

#[derive(Serialize)]
struct RoomPage {
    carried: Option<CarriedLine>,
    room: RoomLine,
    person: VisitorLine,
    role: RoleLine,
    join: Option<JoinLine>,
    door: DoorLine,
    problem: Option<Problem>,
    copy: Option<CopyCard>,
    decided: bool,
    groups_url: Option<String>,
    attendance_url: String,
    settings_url: Option<String>,
    administer: Option<AdministerLine>,
    nameless: Option<NamelessNote>,
}

/// What the door of the class says now, and where to hear it anew.
#[derive(Serialize)]
struct DoorLine {
    state: &'static str,
    /// The present moment.
    now: String,
    live_url: String,
    schedule_url: String,
    /// Minutes that this person may come earlier.
    early: Option<u32>,
    /// Nothing is planned, and this person may plan it.
    may_plan: bool,
}

impl DoorLine {
    fn new(door: Entry, session: &RoomSession, view: &RoomView, now: Timestamp) -> Self {
        let leads = session.rights().moderates();
        let is_kept = view.agenda.is_some() && view.settings.only_in_time;
        Self {
            state: door.word(),
            now: now.iso(),
            live_url: address(session, "/live"),
            schedule_url: address(session, "/schedule"),
            early: Some(view.settings.early_entry).filter(|early| leads && is_kept && *early > 0),
            may_plan: view.agenda.is_none() && allows(session.role(), Action::ChangeSettings),
        }
    }
}

/// The way to the page of the deployment.
#[derive(Serialize)]
struct AdministerLine {
    action: String,
    csrf: String,
    session_token: String,
}

#[derive(Serialize)]
struct JoinLine {
    action: String,
    csrf: String,
    session_token: String,
    /// The window that opens may have to do without cookies too.
    cookieless: bool,
}

#[derive(Serialize)]
struct Problem {
    code: &'static str,
    title: String,
    meaning: String,
    action: String,
}

impl RoomPage {
    fn new(
        app: &AppState,
        pages: &Pages,
        session: &RoomSession,
        view: &RoomView,
        door: DoorLine,
        has_server: bool,
        locale: &Locale,
    ) -> Self {
        let join = || JoinLine {
            action: action(session, "/meeting"),
            csrf: session.csrf(&app.sealer),
            session_token: session.seal(&app.sealer, &app.random),
            cookieless: session.is_in_forms(),
        };
        let administer = || AdministerLine {
            action: action(session, "/administer"),
            csrf: session.csrf(&app.sealer),
            session_token: session.seal(&app.sealer, &app.random),
        };
        let problem = || {
            let code = RefusalCode::ServerMissing;
            let text = |part: &str| pages.texts().get(locale, &format!("error-{code}-{part}"), &Args::new());
            Problem {
                code: code.code(),
                title: text("title"),
                meaning: text("meaning"),
                action: text("action"),
            }
        };
        Self {
            room: RoomLine::new(view, pages, locale),
            person: VisitorLine::new(view, session.role(), pages, locale),
            role: RoleLine::new(session.rights(), pages, locale),
            join: has_server.then(join),
            door,
            problem: (!has_server).then(problem),
            copy: None,
            decided: false,
            groups_url: None,
            attendance_url: address(session, "/attendance"),
            settings_url: settings_url(session),
            administer: session.rights().administers.then(administer),
            carried: carried(app, session),
            nameless: view.name.is_none().then(|| NamelessNote::of(view)),
        }
    }
}
