//! `/admin/platforms/{platform}`: a platform, its deployments and its launches.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use crate::admin::access::{Admin, require_admin_form};
use crate::admin::audit::action::Action;
use crate::admin::audit::store::{Event, record};
use crate::admin::platforms::deployments::store::{approve_waiting, set_approval};
use crate::admin::platforms::deployments::web::named_in_log;
use crate::admin::platforms::store;
use crate::db::DbError;
use crate::http::admin_session::AdminSession;
use crate::http::extract::Lang;
use crate::http::failure::Failure;
use crate::http::pages::Pages;
use crate::http::redirect::redirect_to;
use crate::http::refusal_code::RefusalCode;
use crate::i18n::Locale;
use crate::ids::{DeploymentId, PlatformId};
use crate::lti;
use crate::lti::registration::check::{PlatformFinding, check_addresses, check_services};
use crate::lti::registration::platform::{Deployment, Platform, Status};
use crate::state::AppState;

use super::page::{FindingLine, PlatformQuery, draw, find, respond, try_roles};

/// `GET /admin/platforms/{platform}`. For administrators.
pub async fn platform(
    Admin(session): Admin,
    Lang(locale): Lang,
    id: Path<PlatformId>,
    query: Query<PlatformQuery>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let mut page = draw(&app, &session, *id, &query).await?;
    if let Some(roles) = query.typed_roles() {
        page.role = Some(try_roles(roles, page.rules.stored(), &pages, &locale));
        page.roles = roles.to_owned();
    }
    respond(&locale, &pages, &page, StatusCode::OK)
}

/// What the buttons of the page send.
#[derive(Deserialize)]
pub struct PlatformActionForm {
    csrf: String,
    act: PlatformAction,
    deployment: Option<String>,
    /// Whether the button is on the first page.
    back: Option<String>,
}

/// What an administrator does to a platform.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum PlatformAction {
    Enable,
    Disable,
    Approve,
    ApproveAll,
    ApproveAlways,
    AskAgain,
    Refuse,
    Admit,
    Expel,
    Rotate,
    EndSessions,
    Test,
}

impl PlatformAction {
    fn action(self) -> Action {
        match self {
            Self::Enable => Action::PlatformEnable,
            Self::Disable => Action::PlatformDisable,
            Self::Approve => Action::DeploymentApprove,
            Self::ApproveAll => Action::DeploymentApproveAll,
            Self::ApproveAlways => Action::PlatformApproveAlways,
            Self::AskAgain => Action::PlatformAskAgain,
            Self::Refuse => Action::DeploymentRefuse,
            Self::Admit => Action::DeploymentAdmit,
            Self::Expel => Action::DeploymentExpel,
            Self::Rotate => Action::PlatformRotate,
            Self::EndSessions => Action::PlatformEndSessions,
            Self::Test => Action::PlatformTest,
        }
    }

    fn notice(self) -> &'static str {
        match self {
            Self::Enable => "enabled",
            Self::Disable => "disabled",
            Self::Approve => "approved",
            Self::ApproveAll => "accepted",
            Self::ApproveAlways => "approves",
            Self::AskAgain => "asks",
            Self::Refuse => "refused",
            Self::Admit => "admitted",
            Self::Expel => "expelled",
            Self::Rotate => "rotated",
            Self::EndSessions => "ended",
            Self::Test => "",
        }
    }
}

/// `POST /admin/platforms/{platform}`: switches it or a deployment, or tests it. For administrators.
pub async fn act(
    request: HttpRequest,
    Lang(locale): Lang,
    id: Path<PlatformId>,
    form: Form<PlatformActionForm>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let session = require_admin_form(&app, &request, &form.csrf, form.act.action(), &id).await?;
    if matches!(form.act, PlatformAction::Test) {
        return test(&locale, *id, &app, &pages, &session).await;
    }
    let platform = find(&app, *id).await?.platform;
    let named = form.deployment.as_deref().and_then(|id| id.parse().ok());
    let (act, deployment) = (form.act, named.unwrap_or(DeploymentId::NONE));
    let done = app
        .db
        .write(move |tx| {
            let event = Event::done(&session.who, act.action(), &platform.name);
            let event = match act {
                PlatformAction::Approve | PlatformAction::Refuse => {
                    let status = if matches!(act, PlatformAction::Approve) {
                        Status::Active
                    } else {
                        Status::Disabled
                    };
                    let before = store::set_deployment(tx.connection, platform.id, deployment, status)?;
                    let Some(before) = before else { return Ok(false) };
                    let named = |word: &str| format!("{}: {word}", before.name);
                    event.with(named(before.status.word()), named(status.word()))
                }
                PlatformAction::ApproveAll => {
                    event.with(None, named_in_log(&approve_waiting(tx.connection, platform.id)?))
                }
                PlatformAction::ApproveAlways | PlatformAction::AskAgain => {
                    let at_once = matches!(act, PlatformAction::ApproveAlways);
                    set_approval(tx.connection, platform.id, at_once)?;
                    let names =
                        if at_once { approve_waiting(tx.connection, platform.id)? } else { Vec::new() };
                    let word = |at_once| if at_once { "at once" } else { "ask" };
                    let after = format!("{} {}", word(at_once), named_in_log(&names));
                    event.with(word(platform.approves_deployments).to_owned(), after.trim_end().to_owned())
                }
                PlatformAction::Admit | PlatformAction::Expel => {
                    let admits = matches!(act, PlatformAction::Admit);
                    let before = store::set_admission(tx.connection, platform.id, deployment, admits)?;
                    let Some(before) = before else { return Ok(false) };
                    let named = |admits: bool| format!("{}: {admits}", before.name);
                    event.with(named(before.admits), named(admits))
                }
                PlatformAction::Rotate => {
                    store::forget_keys(tx, platform.id)?;
                    event
                }
                PlatformAction::EndSessions => {
                    store::end_sessions(tx, platform.id)?;
                    event
                }
                PlatformAction::Enable | PlatformAction::Disable | PlatformAction::Test => {
                    let status =
                        if matches!(act, PlatformAction::Enable) { Status::Active } else { Status::Disabled };
                    lti::store::set_status(tx, &platform.issuer, &platform.client_id, status)?;
                    event.with(platform.status.to_string(), status.to_string())
                }
            };
            record(tx, &event)?;
            Ok(true)
        })
        .await?;
    if !done {
        return Err(Failure::refused(StatusCode::NOT_FOUND, RefusalCode::PageUnknown));
    }
    let place = match &form.back {
        Some(_) => "/admin#platforms".to_owned(),
        None => format!("/admin/platforms/{id}?notice={}", act.notice()),
    };
    Ok(redirect_to(&place))
}

/// Tries the services that launches of a deployment offered.
pub async fn test_services(
    app: &AppState,
    platform: &Platform,
    deployment: &Deployment,
) -> Result<Vec<PlatformFinding>, DbError> {
    let id = deployment.id;
    let offered = app.db.read(move |connection| store::find_offered(connection, id)).await?;
    Ok(check_services(&app.services, platform, deployment, &offered).await)
}

async fn test(
    locale: &Locale,
    id: PlatformId,
    app: &AppState,
    pages: &Pages,
    session: &AdminSession,
) -> Result<HttpResponse, Failure> {
    let store::PlatformRecord { platform, deployments, .. } = find(app, id).await?;
    let mut findings = check_addresses(&app.outbound, &platform, app.clock.now()).await;
    if let Some(deployment) = deployments.iter().find(|one| one.status == Status::Active) {
        findings.extend(test_services(app, &platform, deployment).await?);
    }
    let mut page = draw(app, session, id, &PlatformQuery::default()).await?;
    page.findings = findings.into_iter().map(FindingLine::new).collect();
    respond(locale, pages, &page, StatusCode::OK)
}
