//! The people of a platform (`/admin/platforms/{platform}/people`, for operators), and those of a deployment
//! (`/admin/deployment/people`, for administrators of its platform).

use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use super::store;
use super::store::{MAX_FOUND, PersonCourse, Record};
use super::{Control, Domain, Person, control};
use crate::admin::access::{Admin, require_admin_form, require_form};
use crate::admin::audit::action::Action;
use crate::admin::audit::store::{Event, record};
use crate::admin::deployment::web::{find_scope, require_session};
use crate::admin::platforms::page::find as find_platform;
use crate::clock::Timestamp;
use crate::http::admin_session::AdminSession;
use crate::http::extract::Lang;
use crate::http::failure::Failure;
use crate::http::pages::{Framing, Pages};
use crate::http::redirect::redirect_to;
use crate::http::refusal_code::RefusalCode;
use crate::i18n::Locale;
use crate::ids::{PlatformId, UserId};
use crate::lti::launch_log::pseudonym;
use crate::lti::registration::platform::Status;
use crate::state::AppState;

/// Who looks at people, whose they are, and what the pages need of that.
struct Viewer {
    who: String,
    csrf: String,
    domain: Domain,
    /// The platform's name.
    platform: String,
    /// Where these people's pages are.
    place: String,
    /// Our identifier of the administrator who came by a launch.
    user: Option<UserId>,
}

/// The operator who looks at a platform's people.
async fn operator(app: &AppState, session: AdminSession, platform: PlatformId) -> Result<Viewer, Failure> {
    let found = find_platform(app, platform).await?.platform;
    Ok(Viewer {
        csrf: session.csrf(&app.sealer),
        who: session.who,
        place: format!("/admin/platforms/{}/people", found.id),
        domain: Domain { platform: found.id, deployment: None },
        platform: found.name,
        user: None,
    })
}

/// The administrator of a platform who looks at the people of their deployment.
async fn administrator(app: &AppState, request: &HttpRequest) -> Result<Viewer, Failure> {
    let session = require_session(app, request).await?;
    let csrf = session.csrf(&app.sealer);
    let found = find_scope(app, &session.scope).await?;
    Ok(Viewer {
        who: session.who,
        csrf,
        place: "/admin/deployment/people".to_owned(),
        domain: Domain { platform: found.platform.id, deployment: Some(session.scope.deployment) },
        platform: found.platform.name,
        user: Some(session.scope.user),
    })
}

/// What is searched for.
#[derive(Deserialize)]
pub struct Search {
    q: Option<String>,
}

#[derive(Serialize)]
struct PeoplePage {
    here: &'static str,
    csrf: String,
    place: String,
    platform: String,
    wanted: String,
    people: Vec<FoundPersonLine>,
    has_more: bool,
    is_deployment: bool,
}

#[derive(Serialize)]
struct FoundPersonLine {
    id: UserId,
    name: Option<String>,
    sub: String,
    pseudonym: String,
    status: &'static str,
    since: String,
    has_picture: bool,
    locale: Option<String>,
}

impl FoundPersonLine {
    fn new(person: Person, platform: PlatformId) -> Self {
        Self {
            pseudonym: pseudonym(platform, &person.sub),
            id: person.id,
            name: person.name,
            sub: person.sub,
            status: person.status.word(),
            since: person.created_at.iso(),
            has_picture: person.has_picture,
            locale: person.locale,
        }
    }
}

async fn list(
    locale: &Locale,
    viewer: Viewer,
    search: &Search,
    app: &AppState,
    pages: &Pages,
) -> Result<HttpResponse, Failure> {
    let wanted: String =
        search.q.as_deref().unwrap_or_default().trim().chars().filter(|c| *c != '\0').take(200).collect();
    let (domain, text) = (viewer.domain.clone(), wanted.clone());
    let found = app.db.read(move |connection| store::search(connection, &domain, &text)).await?;
    let mut people: Vec<FoundPersonLine> =
        found.into_iter().map(|person| FoundPersonLine::new(person, viewer.domain.platform)).collect();
    let shown = usize::try_from(MAX_FOUND).unwrap_or(usize::MAX);
    let has_more = people.len() > shown;
    people.truncate(shown);
    let page = PeoplePage {
        here: "platforms",
        is_deployment: viewer.domain.deployment.is_some(),
        csrf: viewer.csrf,
        place: viewer.place,
        platform: viewer.platform,
        wanted,
        people,
        has_more,
    };
    pages.respond(StatusCode::OK, "pages/admin/people.html", &page, locale, &Framing::nobody())
}

/// `GET /admin/platforms/{platform}/people`. For operators.
pub async fn people(
    Admin(session): Admin,
    Lang(locale): Lang,
    platform: Path<PlatformId>,
    search: Query<Search>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let viewer = operator(&app, session, *platform).await?;
    list(&locale, viewer, &search, &app, &pages).await
}

/// `GET /admin/deployment/people`. For administrators of the platform.
pub async fn deployment_people(
    request: HttpRequest,
    Lang(locale): Lang,
    search: Query<Search>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let viewer = administrator(&app, &request).await?;
    list(&locale, viewer, &search, &app, &pages).await
}

#[derive(Serialize)]
struct PersonPage {
    here: &'static str,
    csrf: String,
    place: String,
    platform: String,
    is_deployment: bool,
    person: FoundPersonLine,
    courses: Vec<CourseLine>,
    intervals: i64,
    first_seen: Option<String>,
    last_seen: Option<String>,
    scores: i64,
    sessions_from: Option<String>,
    /// `full`, `own` or `shared`.
    control: &'static str,
    notice: Option<&'static str>,
}

#[derive(Serialize)]
struct CourseLine {
    title: Option<String>,
    roles: Vec<String>,
    at: String,
}

impl CourseLine {
    fn new(course: PersonCourse) -> Self {
        let roles: Vec<String> = serde_json::from_str(&course.roles).unwrap_or_default();
        let short = |role: &String| role.rsplit(['#', '/']).next().unwrap_or(role).to_owned();
        Self {
            title: course.title.or(course.label),
            roles: roles.iter().map(short).collect(),
            at: course.told_at.iso(),
        }
    }
}

/// What was done before.
#[derive(Deserialize)]
pub struct PeopleQuery {
    notice: Option<String>,
}

async fn find(app: &AppState, viewer: &Viewer, id: UserId) -> Result<(Record, Control), Failure> {
    let domain = viewer.domain.clone();
    let found = app.db.read(move |connection| store::find(connection, &domain, id)).await;
    let found = found?.ok_or_else(|| Failure::refused(StatusCode::NOT_FOUND, RefusalCode::PageUnknown))?;
    let may = control(&viewer.domain, found.person.id, viewer.user, found.is_elsewhere);
    Ok((found, may))
}

async fn show(
    locale: &Locale,
    viewer: Viewer,
    id: UserId,
    query: &PeopleQuery,
    app: &AppState,
    pages: &Pages,
) -> Result<HttpResponse, Failure> {
    let (found, may) = find(app, &viewer, id).await?;
    let ended = found.person.sessions_from;
    let page = PersonPage {
        here: "platforms",
        csrf: viewer.csrf,
        place: viewer.place,
        platform: viewer.platform,
        is_deployment: viewer.domain.deployment.is_some(),
        person: FoundPersonLine::new(found.person, viewer.domain.platform),
        courses: found.courses.into_iter().map(CourseLine::new).collect(),
        intervals: found.intervals,
        first_seen: found.first_seen.map(Timestamp::iso),
        last_seen: found.last_seen.map(Timestamp::iso),
        scores: found.scores,
        sessions_from: (ended.millis() > 0).then(|| ended.iso()),
        control: match may {
            Control::Full => "full",
            Control::Own => "own",
            Control::Shared => "shared",
        },
        notice: ["blocked", "unblocked", "ended"]
            .into_iter()
            .find(|word| query.notice.as_deref() == Some(word)),
    };
    pages.respond(StatusCode::OK, "pages/admin/person.html", &page, locale, &Framing::nobody())
}

/// `GET /admin/platforms/{platform}/people/{person}`. For operators.
pub async fn person(
    Admin(session): Admin,
    Lang(locale): Lang,
    path: Path<(PlatformId, UserId)>,
    query: Query<PeopleQuery>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let (platform, id) = path.into_inner();
    let viewer = operator(&app, session, platform).await?;
    show(&locale, viewer, id, &query, &app, &pages).await
}

/// `GET /admin/deployment/people/{person}`. For administrators of the platform.
pub async fn deployment_person(
    request: HttpRequest,
    Lang(locale): Lang,
    id: Path<UserId>,
    query: Query<PeopleQuery>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let viewer = administrator(&app, &request).await?;
    show(&locale, viewer, *id, &query, &app, &pages).await
}

/// What the buttons send.
#[derive(Deserialize)]
pub struct PersonActionForm {
    csrf: String,
    act: PersonAction,
}

/// What is done about a person.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum PersonAction {
    Block,
    Unblock,
    EndSessions,
}

impl PersonAction {
    fn action(self) -> Action {
        match self {
            Self::Block => Action::PersonBlock,
            Self::Unblock => Action::PersonUnblock,
            Self::EndSessions => Action::PersonEndSessions,
        }
    }

    fn notice(self) -> &'static str {
        match self {
            Self::Block => "blocked",
            Self::Unblock => "unblocked",
            Self::EndSessions => "ended",
        }
    }
}

async fn perform(
    app: &AppState,
    viewer: Viewer,
    id: UserId,
    act: PersonAction,
) -> Result<HttpResponse, Failure> {
    let (found, may) = find(app, &viewer, id).await?;
    if may != Control::Full {
        return Err(Failure::refused(StatusCode::FORBIDDEN, RefusalCode::PersonNotYours));
    }
    let place = format!("{}/{}?notice={}", viewer.place, found.person.id, act.notice());
    let subject = format!("{} {}", viewer.platform, pseudonym(viewer.domain.platform, &found.person.sub));
    let event = Event::done(&viewer.who, act.action(), &subject);
    let id = found.person.id;
    app.db
        .write(move |tx| {
            match act {
                PersonAction::Block => store::set_status(tx, id, Status::Disabled).map(drop)?,
                PersonAction::Unblock => store::set_status(tx, id, Status::Active).map(drop)?,
                PersonAction::EndSessions => store::end_sessions(tx, id)?,
            }
            record(tx, &event)
        })
        .await?;
    Ok(redirect_to(&place))
}

/// `POST /admin/platforms/{platform}/people/{person}`: blocks, unblocks, or ends sessions. For operators.
pub async fn act(
    request: HttpRequest,
    path: Path<(PlatformId, UserId)>,
    form: Form<PersonActionForm>,
    app: Data<AppState>,
) -> Result<HttpResponse, Failure> {
    let (platform, id) = path.into_inner();
    let session = require_admin_form(&app, &request, &form.csrf, form.act.action(), id).await?;
    let viewer = operator(&app, session, platform).await?;
    perform(&app, viewer, id, form.act).await
}

/// `POST /admin/deployment/people/{person}`: the same. For administrators of the platform.
pub async fn deployment_act(
    request: HttpRequest,
    id: Path<UserId>,
    form: Form<PersonActionForm>,
    app: Data<AppState>,
) -> Result<HttpResponse, Failure> {
    let known = require_session(&app, &request).await;
    require_form(&app, &request, &form.csrf, form.act.action(), &id, known).await?;
    let viewer = administrator(&app, &request).await?;
    perform(&app, viewer, *id, form.act).await
}
