//! `/admin/platforms/{platform}`: a platform, its deployments and its launches.

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Form, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use url::Url;

use super::store::{self, Launch, PlatformHealth, Values};
use crate::admin::audit::store::{Event, record};
use crate::admin::web::{locale_of, require_admin, require_admin_form};
use crate::app::App;
use crate::clock::Timestamp;
use crate::db::DbError;
use crate::http::admin_session::AdminSession;
use crate::http::failure::Failure;
use crate::http::pages::{Framing, Pages};
use crate::lti;
use crate::lti::message::is_storable;
use crate::lti::platform::{
    Deployment, Platform, PlatformError, Status, family_frames, frame_source, read_frames,
};
use crate::lti::platform_check::{Finding, check_addresses, check_token};
use crate::outbound::Reach;

/// Launches of one platform that the page shows.
const LAUNCHES: i64 = 500;

/// A platform in the list.
#[derive(Serialize)]
pub struct PlatformLine {
    id: String,
    name: String,
    issuer: String,
    client_id: String,
    status: &'static str,
    last_entered: Option<String>,
    refused: i64,
    waiting: Vec<DeploymentLine>,
}

#[derive(Serialize)]
struct DeploymentLine {
    id: String,
    deployment_id: String,
    status: &'static str,
}

impl PlatformLine {
    /// The line of a platform.
    pub fn new(health: PlatformHealth) -> Self {
        let PlatformHealth { platform, last_entered, refused, waiting } = health;
        Self {
            status: platform.status.word(),
            id: platform.id,
            name: platform.name,
            issuer: platform.issuer,
            client_id: platform.client_id,
            last_entered: last_entered.map(Timestamp::iso),
            refused,
            waiting: waiting.into_iter().map(DeploymentLine::new).collect(),
        }
    }
}

impl DeploymentLine {
    fn new(deployment: Deployment) -> Self {
        let Deployment { id, deployment_id, status, .. } = deployment;
        Self { id, deployment_id, status: status.word() }
    }
}

#[derive(Serialize)]
struct PlatformPage {
    here: &'static str,
    csrf: String,
    id: String,
    heading: String,
    issuer: String,
    client_id: String,
    family: Option<String>,
    status: &'static str,
    is_private: bool,
    allows_anonymous: bool,
    /// When the registration last changed, as its form gives back. Units: milliseconds since the epoch.
    seen: i64,
    values: ValuesForm,
    /// What somebody else has stored meanwhile, where this form came too late.
    stored: Option<ValuesForm>,
    problem: Option<Problem>,
    deployments: Vec<DeploymentLine>,
    findings: Vec<FindingLine>,
    only_refused: bool,
    launches: Vec<LaunchLine>,
    frames: Vec<String>,
    /// What an operator added, or typed.
    more_frames: String,
    /// The line of it that is no site.
    bad_frame: Option<String>,
    said: Option<&'static str>,
}

#[derive(Serialize)]
struct FindingLine {
    subject: &'static str,
    good: bool,
    detail: String,
}

#[derive(Serialize)]
struct LaunchLine {
    at: String,
    deployment_id: Option<String>,
    pseudonym: Option<String>,
    outcome: String,
    is_fine: bool,
    passed: Vec<String>,
    detail: Option<String>,
}

impl LaunchLine {
    fn new(launch: Launch) -> Self {
        let Launch { at, deployment_id, pseudonym, outcome, passed, detail } = launch;
        let is_fine = matches!(outcome.as_str(), "entered" | "cookies-blocked");
        let passed = passed.split_whitespace().map(str::to_owned).collect();
        let at = Timestamp::from_millis(at).iso();
        Self { at, deployment_id, pseudonym, outcome, is_fine, passed, detail }
    }
}

/// What is looked for on the page.
#[derive(Default, Deserialize)]
pub struct Look {
    show: Option<String>,
    said: Option<String>,
}

/// `GET /admin/platforms/{platform}`. For administrators.
pub async fn platform(
    request: HttpRequest,
    id: Path<String>,
    look: Query<Look>,
    app: Data<App>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let session = require_admin(&app, &request)?;
    let page = draw(&app, &session, &id, &look).await?;
    respond(&request, &pages, &page, StatusCode::OK)
}

fn respond(
    request: &HttpRequest,
    pages: &Pages,
    page: &PlatformPage,
    status: StatusCode,
) -> Result<HttpResponse, Failure> {
    let locale = locale_of(request, pages);
    pages.respond(status, "pages/admin/platform.html", page, &locale, &Framing::nobody())
}

type Found = (Platform, Timestamp, Vec<Deployment>);

async fn find(app: &App, id: &str) -> Result<Found, Failure> {
    let wanted = id.to_owned();
    let found: Result<_, DbError> = app.db.read(move |connection| store::find(connection, &wanted)).await;
    found?.ok_or_else(|| Failure::refused(StatusCode::NOT_FOUND, "page-unknown"))
}

async fn draw(app: &App, session: &AdminSession, id: &str, look: &Look) -> Result<PlatformPage, Failure> {
    let (platform, changed, deployments) = find(app, id).await?;
    let (wanted, only_refused) = (id.to_owned(), look.show.as_deref() == Some("refused"));
    let launches: Result<Vec<Launch>, DbError> = app
        .db
        .read(move |connection| store::list_launches(connection, (&wanted, only_refused), LAUNCHES))
        .await;
    let issuer = Url::parse(&platform.issuer).ok();
    let urls = [issuer.as_ref(), Some(&platform.auth_url)];
    let mut frames: Vec<String> = urls.into_iter().flatten().filter_map(frame_source).collect();
    frames.extend(family_frames(&platform.auth_url).iter().map(|one| (*one).to_owned()));
    frames.dedup();
    Ok(PlatformPage {
        here: "platforms",
        csrf: session.csrf(&app.sealer),
        seen: changed.millis(),
        values: ValuesForm::of(&Values::of(&platform)),
        stored: None,
        problem: None,
        status: platform.status.word(),
        is_private: platform.reach == Reach::Private,
        allows_anonymous: platform.allows_anonymous,
        id: platform.id,
        heading: platform.name,
        issuer: platform.issuer,
        client_id: platform.client_id,
        family: platform.family,
        deployments: deployments.into_iter().map(DeploymentLine::new).collect(),
        findings: Vec::new(),
        only_refused,
        launches: launches?.into_iter().map(LaunchLine::new).collect(),
        frames,
        more_frames: platform.frames.join("\n"),
        bad_frame: None,
        said: ["added", "approved", "refused", "disabled", "enabled", "saved"]
            .into_iter()
            .find(|word| look.said.as_deref() == Some(word)),
    })
}

/// What the buttons of the page send.
#[derive(Deserialize)]
pub struct ActForm {
    csrf: String,
    act: Act,
    deployment: Option<String>,
    /// Whether the button is on the first page.
    back: Option<String>,
}

/// What an administrator does to a platform.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Act {
    Enable,
    Disable,
    Approve,
    Refuse,
    Test,
}

impl Act {
    fn action(self) -> &'static str {
        match self {
            Self::Enable => "platform-enable",
            Self::Disable => "platform-disable",
            Self::Approve => "deployment-approve",
            Self::Refuse => "deployment-refuse",
            Self::Test => "platform-test",
        }
    }

    fn said(self) -> &'static str {
        match self {
            Self::Enable => "enabled",
            Self::Disable => "disabled",
            Self::Approve => "approved",
            Self::Refuse => "refused",
            Self::Test => "",
        }
    }
}

/// `POST /admin/platforms/{platform}`: switches it or a deployment, or tests it. For administrators.
pub async fn act(
    request: HttpRequest,
    id: Path<String>,
    form: Form<ActForm>,
    app: Data<App>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let session = require_admin_form(&app, &request, &form.csrf, (form.act.action(), &id)).await?;
    if matches!(form.act, Act::Test) {
        return test(&request, &id, (&app, &pages), &session).await;
    }
    let (platform, _, _) = find(&app, &id).await?;
    let (now, random) = (app.clock.now(), app.random.clone());
    let (act, deployment) = (form.act, form.deployment.clone().unwrap_or_default());
    let done: Result<bool, DbError> = app
        .db
        .write(move |connection| {
            let event = Event::done(&session.who, act.action(), &platform.name);
            let event = match act {
                Act::Approve | Act::Refuse => {
                    let status = if matches!(act, Act::Approve) { Status::Active } else { Status::Disabled };
                    let before = store::set_deployment(connection, (&platform.id, &deployment), status)?;
                    let Some((before, name)) = before else { return Ok(false) };
                    let named = |word: &str| format!("{name}: {word}");
                    event.with(named(&before), named(status.word()))
                }
                Act::Enable | Act::Disable | Act::Test => {
                    let status = if matches!(act, Act::Enable) { Status::Active } else { Status::Disabled };
                    let named = (platform.issuer.as_str(), platform.client_id.as_str());
                    lti::store::set_status(connection, named, status, now)?;
                    event.with(platform.status.to_string(), status.to_string())
                }
            };
            record(connection, &event, now, &random)?;
            Ok(true)
        })
        .await;
    if !done? {
        return Err(Failure::refused(StatusCode::NOT_FOUND, "page-unknown"));
    }
    let place = match &form.back {
        Some(_) => "/admin#platforms".to_owned(),
        None => format!("/admin/platforms/{id}?said={}", act.said()),
    };
    Ok(HttpResponse::SeeOther().insert_header((LOCATION, place)).finish())
}

async fn test(
    request: &HttpRequest,
    id: &str,
    (app, pages): (&App, &Pages),
    session: &AdminSession,
) -> Result<HttpResponse, Failure> {
    let (platform, _, deployments) = find(app, id).await?;
    let mut findings = check_addresses(&app.outbound, &platform, app.clock.now()).await;
    if let Some(deployment) = deployments.iter().find(|one| one.status == Status::Active) {
        findings.push(check_token(&app.services, &platform, deployment).await);
    }
    let line = |Finding { subject, good, detail }| FindingLine { subject: subject.word(), good, detail };
    let mut page = draw(app, session, id, &Look::default()).await?;
    page.findings = findings.into_iter().map(line).collect();
    respond(request, pages, &page, StatusCode::OK)
}

/// The values of a registration, as typed.
#[derive(Clone, Serialize, Deserialize)]
pub struct ValuesForm {
    name: String,
    auth_url: String,
    token_url: String,
    jwks_url: String,
    token_audience: String,
}

impl ValuesForm {
    fn of(values: &Values) -> Self {
        let Values { name, auth_url, token_url, jwks_url, token_audience } = values.clone();
        Self { name, auth_url, token_url, jwks_url, token_audience: token_audience.unwrap_or_default() }
    }

    /// The values, when a launch could match them.
    fn check(&self, platform: &Platform) -> Result<Values, PlatformError> {
        let url = |what, text: &str| {
            Url::parse(text.trim()).map_err(|_: url::ParseError| PlatformError::Unreadable(what))
        };
        let name = self.name.trim().to_owned();
        if name.is_empty() || name.chars().count() > 255 || !is_storable(&name) {
            return Err(PlatformError::Length("the name"));
        }
        let audience = self.token_audience.trim();
        if audience.chars().count() > 2000 || !is_storable(audience) {
            return Err(PlatformError::Length("the audience"));
        }
        let changed = Platform {
            name,
            auth_url: url("the authentication request URL", &self.auth_url)?,
            token_url: url("the access token URL", &self.token_url)?,
            jwks_url: url("the public keyset URL", &self.jwks_url)?,
            token_audience: (!audience.is_empty()).then(|| audience.to_owned()),
            ..platform.clone()
        };
        changed.check()?;
        Ok(Values::of(&changed))
    }
}

/// Why typed values are not stored: the key of its words, and the value at fault.
#[derive(Serialize)]
pub struct Problem {
    code: &'static str,
    detail: String,
}

impl Problem {
    /// What an administrator can correct.
    ///
    /// Errors: the others, as failures.
    pub fn of(error: PlatformError) -> Result<Self, Failure> {
        let detail = error.to_string();
        let code = match error {
            PlatformError::Url { .. } => "url",
            PlatformError::Issuer(_) => "issuer",
            PlatformError::Unreadable(_) => "unreadable",
            PlatformError::Length(_) => "length",
            PlatformError::Db(error) => return Err(error.into()),
            PlatformError::Unknown { .. } => {
                return Err(Failure::refused(StatusCode::NOT_FOUND, "page-unknown"));
            }
        };
        Ok(Self { code, detail })
    }
}

/// What the form of the values sends.
#[derive(Deserialize)]
pub struct ChangeForm {
    csrf: String,
    seen: i64,
    #[serde(flatten)]
    values: ValuesForm,
}

/// `POST /admin/platforms/{platform}/values`: changes a registration, unless somebody else did so meanwhile: then both
/// are shown. For administrators.
pub async fn change(
    request: HttpRequest,
    id: Path<String>,
    form: Form<ChangeForm>,
    app: Data<App>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let session = require_admin_form(&app, &request, &form.csrf, ("platform-change", &id)).await?;
    let (platform, _, _) = find(&app, &id).await?;
    let values = match form.values.check(&platform) {
        Ok(values) => values,
        Err(error) => {
            let mut page = draw(&app, &session, &id, &Look::default()).await?;
            page.values = form.values.clone();
            page.problem = Some(Problem::of(error)?);
            return respond(&request, &pages, &page, StatusCode::UNPROCESSABLE_ENTITY);
        }
    };
    let (now, random, seen) = (app.clock.now(), app.random.clone(), Timestamp::from_millis(form.seen));
    let before = Values::of(&platform);
    let who = session.who.clone();
    let changed: Result<bool, DbError> = app
        .db
        .write(move |connection| {
            if !store::change(connection, (&platform.id, seen), &values, now)? {
                return Ok(false);
            }
            let event = Event::done(&who, "platform-change", &platform.name);
            let event = event.with(format!("{before:?}"), format!("{values:?}"));
            record(connection, &event, now, &random)?;
            Ok(true)
        })
        .await;
    if changed? {
        let place = format!("/admin/platforms/{id}?said=saved");
        return Ok(HttpResponse::SeeOther().insert_header((LOCATION, place)).finish());
    }
    let mut page = draw(&app, &session, &id, &Look::default()).await?;
    page.stored = Some(std::mem::replace(&mut page.values, form.values.clone()));
    respond(&request, &pages, &page, StatusCode::CONFLICT)
}

/// What the form of the sites sends.
#[derive(Deserialize)]
pub struct FramesForm {
    csrf: String,
    frames: String,
}

/// `POST /admin/platforms/{platform}/frames`: which sites beside the platform's own may show the tool. For administrators.
pub async fn frames(
    request: HttpRequest,
    id: Path<String>,
    form: Form<FramesForm>,
    app: Data<App>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let session = require_admin_form(&app, &request, &form.csrf, ("platform-frames", &id)).await?;
    let (platform, _, _) = find(&app, &id).await?;
    let sites = match read_frames(&form.frames) {
        Ok(sites) => sites,
        Err(line) => {
            let mut page = draw(&app, &session, &id, &Look::default()).await?;
            (page.more_frames, page.bad_frame) = (form.frames.clone(), Some(line));
            return respond(&request, &pages, &page, StatusCode::UNPROCESSABLE_ENTITY);
        }
    };
    let (now, random) = (app.clock.now(), app.random.clone());
    let done: Result<(), DbError> = app
        .db
        .write(move |connection| {
            store::set_frames(connection, &platform.id, &sites, now)?;
            let event = Event::done(&session.who, "platform-frames", &platform.name);
            let event = event.with(platform.frames.join(" "), sites.join(" "));
            record(connection, &event, now, &random)
        })
        .await;
    done?;
    let place = format!("/admin/platforms/{id}?said=saved");
    Ok(HttpResponse::SeeOther().insert_header((LOCATION, place)).finish())
}
