//! `/admin/deployment`: from an activity to the page of its deployment.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use super::store;
use super::store::LookedAfter;
use crate::admin::access::{note, record_rejection, require_form};
use crate::admin::actor::name_of_lms_administrator;
use crate::admin::audit::NOBODY;
use crate::admin::audit::Refused;
use crate::admin::audit::action::Action;
use crate::admin::audit::store::Event;
use crate::admin::launches::store::{LaunchFilter, list_launches};
use crate::admin::launches::{LaunchLine, NEWEST};
use crate::admin::login_link::hash;
use crate::admin::platforms::page::{FindingLine, PlatformQuery, RefusalLine, try_roles};
use crate::admin::platforms::roles::RulesCard;
use crate::admin::platforms::web::test_services;
use crate::admin::sessions::session as sessions;
use crate::http::admin_session::{DeploymentSession, OneDeployment};
use crate::http::cookies::add_cookies;
use crate::http::extract::Lang;
use crate::http::failure::Failure;
use crate::http::pages::{Framing, Pages};
use crate::http::redirect::redirect_to;
use crate::http::refusal_code::RefusalCode;
use crate::http::security::require_same_origin;
use crate::i18n::Locale;
use crate::lti::launch_log::pseudonym;
use crate::lti::registration::check::check_addresses;
use crate::rooms::session::web::{RoomForm, RoomVisitor};
use crate::rooms::web::RoleLine;
use crate::state::AppState;

/// A window that opens gets so much time.
const HANDED_OVER_FOR: Duration = Duration::from_secs(60);
const PAGE: &str = "/admin/deployment";

/// What the button on the activity's page sends.
#[derive(Deserialize)]
pub struct HandOverForm {}

/// `POST /rooms/{room}/administer`: from the activity to the page of its deployment, in the window that opens. For
/// administrators of the platform, where the operator lets them in.
pub async fn hand_over(form: RoomForm<HandOverForm>, app: Data<AppState>) -> Result<HttpResponse, Failure> {
    let RoomVisitor { session, .. } = form.visitor;
    let claims = session.claims;
    let link = claims.link;
    let deployment = app.db.look_up(move |connection| store::find_deployment_of(connection, link)).await;
    let deployment = deployment?.filter(|_| claims.rights.administers).ok_or_else(missing)?;
    let scope = OneDeployment { deployment, user: claims.user };
    find_scope(&app, &scope).await?;
    let (code, text) = (app.random.secret(), serde_json::to_vec(&scope).unwrap_or_default());
    app.ephemeral.put_once(&key(&code), &text, HANDED_OVER_FOR).await?;
    let place = app.admin_url.join(&format!("admin/deployment/enter/{code}"));
    let place = place.map_err(|error| Failure::Internal(error.into()))?;
    Ok(redirect_to(place.as_str()))
}

/// `GET /admin/deployment/enter/{code}`: begins a session. For whoever was handed the code, once.
pub async fn enter(code: Path<String>, app: Data<AppState>) -> Result<HttpResponse, Failure> {
    let kept = app.ephemeral.take(&key(&code)).await?;
    let scope: Option<OneDeployment> = kept.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let Some(scope) = scope else {
        record_rejection(&app, Refused::Nobody, Event::refused(NOBODY, Action::DeploymentEnter, PAGE))
            .await?;
        return Err(missing());
    };
    let found = find_scope(&app, &scope).await?;
    let who = name_of_lms_administrator(&pseudonym(found.platform.id, &found.sub));
    note(&app, Event::done(&who, Action::DeploymentEnter, &name_of(&found))).await?;
    let session = sessions::begin(&app, who, scope).await?;
    let mut response = redirect_to(PAGE);
    add_cookies(&mut response, [session.cookie(&app.sealer, &app.random)]);
    Ok(response)
}

/// `POST /admin/deployment/leave`: ends the session.
pub async fn leave(request: HttpRequest, app: Data<AppState>) -> Result<HttpResponse, Failure> {
    require_same_origin(&request, &app.admin_url)?;
    if let Some(session) = DeploymentSession::of(&request, &app.sealer, app.clock.now()) {
        sessions::end(&app, &session).await?;
    }
    let mut response = redirect_to(PAGE);
    add_cookies(&mut response, [DeploymentSession::no_cookie()]);
    Ok(response)
}

#[derive(Serialize)]
struct DeploymentPage {
    csrf: String,
    place: &'static str,
    name: String,
    issuer: String,
    client_id: String,
    deployment_id: String,
    findings: Vec<FindingLine>,
    only_refused: bool,
    launches: Vec<LaunchLine>,
    /// Anybody can send what nobody proved: it is the operator's to look at.
    refusals: Vec<RefusalLine>,
    roles: String,
    role: Option<RoleLine>,
    rules: RulesCard,
}

/// `GET /admin/deployment`: the connection and its launches. For administrators of its platform.
pub async fn page(
    request: HttpRequest,
    Lang(locale): Lang,
    query: Query<PlatformQuery>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let session = require_session(&app, &request).await?;
    let found = find_scope(&app, &session.scope).await?;
    let mut page = draw(&app, &session, found, query.only_refused()).await?;
    if let Some(roles) = query.typed_roles() {
        page.role = Some(try_roles(roles, page.rules.stored(), &pages, &locale));
        page.roles = roles.to_owned();
    }
    respond(&locale, &pages, &page)
}

/// What the page's button sends.
#[derive(Deserialize)]
pub struct TestForm {
    csrf: String,
}

/// `POST /admin/deployment`: tests the connection. For administrators of its platform; whoever else tries is written down.
pub async fn test(
    request: HttpRequest,
    Lang(locale): Lang,
    form: Form<TestForm>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let known = require_session(&app, &request).await;
    let session = require_form(&app, &request, &form.csrf, Action::DeploymentTest, PAGE, known).await?;
    let found = find_scope(&app, &session.scope).await?;
    let mut findings = check_addresses(&app.outbound, &found.platform, app.clock.now()).await;
    findings.extend(test_services(&app, &found.platform, &found.deployment).await?);
    let mut page = draw(&app, &session, found, false).await?;
    page.findings = findings.into_iter().map(FindingLine::new).collect();
    respond(&locale, &pages, &page)
}

/// The session of an administrator of the platform; over when an operator, or somebody at the person's page, ended it.
pub(in crate::admin) async fn require_session(
    app: &AppState,
    request: &HttpRequest,
) -> Result<DeploymentSession, Failure> {
    let session = DeploymentSession::of(request, &app.sealer, app.clock.now()).ok_or_else(missing)?;
    let session = sessions::require_open(app, session).await?.ok_or_else(missing)?;
    let found = find_scope(app, &session.scope).await?;
    if session.began() < found.sessions_from { Err(missing()) } else { Ok(session) }
}

/// The deployment, when it and the person are allowed now; asked at each request.
pub(in crate::admin) async fn find_scope(
    app: &AppState,
    scope: &OneDeployment,
) -> Result<LookedAfter, Failure> {
    let OneDeployment { deployment, user } = scope.clone();
    let found = app.db.look_up(move |connection| store::find(connection, deployment, user)).await?;
    found.ok_or_else(missing)
}

fn missing() -> Failure {
    Failure::refused(StatusCode::FORBIDDEN, RefusalCode::DeploymentAdminMissing)
}

fn key(code: &str) -> String {
    format!("administer {}", hash(code))
}

fn name_of(found: &LookedAfter) -> String {
    format!("{}: {}", found.platform.name, found.deployment.deployment_id)
}

async fn draw(
    app: &AppState,
    session: &DeploymentSession,
    found: LookedAfter,
    only_refused: bool,
) -> Result<DeploymentPage, Failure> {
    let LookedAfter { platform, deployment, .. } = found;
    let of = LaunchFilter {
        deployment: Some(deployment.deployment_id.clone()),
        only_refused,
        ..LaunchFilter::of(platform.id)
    };
    let launches = app.db.read(move |connection| list_launches(connection, &of, NEWEST)).await?;
    Ok(DeploymentPage {
        csrf: session.csrf(&app.sealer),
        place: PAGE,
        name: platform.name,
        issuer: platform.issuer,
        client_id: platform.client_id,
        deployment_id: deployment.deployment_id,
        findings: Vec::new(),
        only_refused,
        launches: launches.into_iter().map(LaunchLine::new).collect(),
        refusals: Vec::new(),
        roles: String::new(),
        role: None,
        rules: RulesCard::new(platform.role_rules),
    })
}

fn respond(locale: &Locale, pages: &Pages, page: &DeploymentPage) -> Result<HttpResponse, Failure> {
    pages.respond(StatusCode::OK, "pages/admin/deployment.html", page, locale, &Framing::nobody())
}
