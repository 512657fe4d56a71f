//! `/admin/platforms/{platform}`: a platform, its deployments and its launches.

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Form, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use url::Url;

use super::Values;
use super::clocks::ClockLine;
use super::deployments::store::{approve_waiting, count_turned_away, set_approval};
use super::deployments::web::{DeploymentLine, DeploymentsCard, WAITING_IN_LIST, named_in_log};
use super::proposal::store::find_proposal;
use super::proposal::web::ProposalCard;
use super::roles::RulesCard;
use super::store;
use super::store::PlatformHealth;
use super::values::{ValuesForm, ValuesProblem};
use crate::admin::audit::store::{Event, record};
use crate::admin::invitations::web::scope_words;
use crate::admin::launches::store::{LaunchFilter, list_launches};
use crate::admin::launches::{LaunchLine, NEWEST};
use crate::admin::web::{locale_of, require_admin, require_admin_form};
use crate::clock::Timestamp;
use crate::db::DbError;
use crate::http::admin_session::AdminSession;
use crate::http::failure::Failure;
use crate::http::pages::{Framing, Pages};
use crate::i18n::Locale;
use crate::lti;
use crate::lti::families::{Family, cloud_frames};
use crate::lti::launch::role_rules::RoleRules;
use crate::lti::launch_log::store::{RefusalCount, list_refusals};
use crate::lti::registration::check::{
    PlatformFinding, PlatformVerdict, Subject, check_addresses, check_services,
};
use crate::lti::registration::platform::{Deployment, Platform, Status, frame_source};
use crate::lti::services::clock::store::list_wrong;
use crate::outbound::NetworkPolicy;
use crate::rooms::web::RoleLine;
use crate::state::AppState;

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
    proposes: bool,
    /// The first of those that wait, and how many more do.
    waiting: Vec<DeploymentLine>,
    more_waiting: usize,
    /// Whether people can come in.
    is_open: bool,
    /// The LMS it is, where that is known.
    family: Option<&'static str>,
}

impl PlatformLine {
    /// The line of a platform.
    pub fn new(health: PlatformHealth) -> Self {
        let PlatformHealth { platform, last_entered, refused, waiting, proposes, is_open } = health;
        Self {
            status: platform.status.word(),
            family: family_name(&platform),
            id: platform.id,
            name: platform.name,
            issuer: platform.issuer,
            client_id: platform.client_id,
            last_entered: last_entered.map(Timestamp::iso),
            refused,
            proposes,
            is_open,
            more_waiting: waiting.len().saturating_sub(WAITING_IN_LIST),
            waiting: waiting.into_iter().take(WAITING_IN_LIST).map(DeploymentLine::new).collect(),
        }
    }

    /// Returns whether people can come in from it.
    pub fn is_open(&self) -> bool {
        self.is_open
    }

    /// Returns whether deployments of it wait for approval.
    pub fn has_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }
}

/// Returns the name of the LMS that a platform is, where that is known.
fn family_name(platform: &Platform) -> Option<&'static str> {
    Some(Family::of(platform.family.as_deref(), platform.auth_url.as_str()))
        .filter(|family| family.is_known())
        .map(|family| family.name)
}

/// The page of a platform.
#[derive(Serialize)]
pub(super) struct PlatformPage {
    here: &'static str,
    csrf: String,
    id: String,
    heading: String,
    issuer: String,
    client_id: String,
    family: Option<&'static str>,
    status: &'static str,
    is_private: bool,
    /// When the registration last changed, as its form gives back. Units: milliseconds since the epoch.
    seen: i64,
    pub(super) values: ValuesForm,
    /// What somebody else has stored meanwhile, where this form came too late.
    pub(super) stored: Option<ValuesForm>,
    pub(super) problem: Option<ValuesProblem>,
    deployments: DeploymentsCard,
    findings: Vec<FindingLine>,
    clocks: Vec<ClockLine>,
    only_refused: bool,
    launches: Vec<LaunchLine>,
    /// What nobody proved, by code.
    refusals: Vec<RefusalLine>,
    frames: Vec<String>,
    /// Roles to try, and what somebody with them would be.
    roles: String,
    role: Option<RoleLine>,
    pub(super) rules: RulesCard,
    proposal: Option<ProposalCard>,
    /// Whether the registration or the proposal changed while somebody decided.
    pub(super) is_anew: bool,
    /// What an operator added, or input.
    pub(super) more_frames: String,
    /// The line of it that is no site.
    pub(super) bad_frame: Option<String>,
    said: Option<&'static str>,
    place: String,
}

/// What a test found.
#[derive(Serialize)]
pub struct FindingLine {
    subject: &'static str,
    verdict: &'static str,
    detail: String,
    /// What an access token lets the tool do, by the words of their texts.
    scopes: Vec<String>,
}

impl FindingLine {
    /// The line of a finding.
    pub fn new(PlatformFinding { subject, verdict, detail }: PlatformFinding) -> Self {
        let line = Self { subject: subject.word(), verdict: verdict.word(), detail, scopes: Vec::new() };
        match (subject, verdict) {
            (Subject::Token, PlatformVerdict::Good) => {
                let scopes: Vec<&str> = line.detail.split_whitespace().collect();
                Self { scopes: scope_words(&scopes), detail: String::new(), ..line }
            }
            _ => line,
        }
    }
}

/// How often launches that nobody proved were refused with one code.
#[derive(Serialize)]
pub struct RefusalLine {
    code: String,
    count: i64,
    since: String,
    last: String,
}

impl RefusalLine {
    fn new(refusal: RefusalCount) -> Self {
        let iso = |millis| Timestamp::from_millis(millis).iso();
        Self {
            since: iso(refusal.first_at),
            last: iso(refusal.last_at),
            code: refusal.outcome,
            count: refusal.count,
        }
    }
}

/// What is looked for on the page.
#[derive(Default, Deserialize)]
pub struct PlatformQuery {
    show: Option<String>,
    said: Option<String>,
    roles: Option<String>,
}

impl PlatformQuery {
    /// Whether launches that went well are left out.
    pub fn only_refused(&self) -> bool {
        self.show.as_deref() == Some("refused")
    }

    /// The roles to try, as input.
    pub fn typed_roles(&self) -> Option<&str> {
        self.roles.as_deref().filter(|roles| !roles.trim().is_empty())
    }
}

/// What somebody with these roles would be, as the person would read it. They are input or pasted: also a list of JSON.
pub fn try_roles(input: &str, rules: &RoleRules, pages: &Pages, locale: &Locale) -> RoleLine {
    let separates = [',', ' ', '\r', '\n', '"', '[', ']'];
    let uris: Vec<&str> = input.split(separates).filter(|uri| !uri.is_empty()).collect();
    RoleLine::new(&rules.rights(&uris), pages, locale)
}

/// `GET /admin/platforms/{platform}`. For administrators.
pub async fn platform(
    request: HttpRequest,
    id: Path<String>,
    look: Query<PlatformQuery>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let session = require_admin(&app, &request).await?;
    let mut page = draw(&app, &session, &id, &look).await?;
    if let Some(roles) = look.typed_roles() {
        page.role = Some(try_roles(roles, page.rules.stored(), &pages, &locale_of(&request, &pages)));
        page.roles = roles.to_owned();
    }
    respond(&request, &pages, &page, StatusCode::OK)
}

/// The page as an answer.
pub(super) fn respond(
    request: &HttpRequest,
    pages: &Pages,
    page: &PlatformPage,
    status: StatusCode,
) -> Result<HttpResponse, Failure> {
    let locale = locale_of(request, pages);
    pages.respond(status, "pages/admin/platform.html", page, &locale, &Framing::nobody())
}

pub(in crate::admin) type Found = (Platform, Timestamp, Vec<Deployment>);

/// A platform by our identifier, when it last changed, and its deployments.
pub(in crate::admin) async fn find(app: &AppState, id: &str) -> Result<Found, Failure> {
    let wanted = id.to_owned();
    let found = app.db.read(move |connection| store::find(connection, &wanted)).await?;
    found.ok_or_else(|| Failure::refused(StatusCode::NOT_FOUND, "page-unknown"))
}

/// The page, with the stored values in its forms.
pub(super) async fn draw(
    app: &AppState,
    session: &AdminSession,
    id: &str,
    look: &PlatformQuery,
) -> Result<PlatformPage, Failure> {
    let (platform, changed, deployments) = find(app, id).await?;
    let of = LaunchFilter {
        platform: id.to_owned(),
        only_refused: look.only_refused(),
        ..LaunchFilter::default()
    };
    let found = app
        .db
        .read(move |connection| {
            let launches = list_launches(connection, &of, NEWEST)?;
            let refusals = list_refusals(connection, Some(&of.platform))?;
            let clocks = list_wrong(connection, &of.platform)?;
            let turned_away = count_turned_away(connection, &of.platform)?;
            Ok((launches, refusals, find_proposal(connection, &of.platform)?, (clocks, turned_away)))
        })
        .await?;
    let (launches, refusals, proposal, (clocks, turned_away)) = found;
    let (values, family) = (Values::of(&platform), family_name(&platform));
    let issuer = Url::parse(&platform.issuer).ok();
    let urls = [issuer.as_ref(), Some(&platform.auth_url)];
    let mut frames: Vec<String> = urls.into_iter().flatten().filter_map(frame_source).collect();
    frames.extend(cloud_frames(&platform.auth_url).iter().map(|one| (*one).to_owned()));
    frames.dedup();
    Ok(PlatformPage {
        here: "platforms",
        csrf: session.csrf(&app.sealer),
        seen: changed.millis(),
        proposal: proposal.and_then(|proposal| ProposalCard::new(&proposal, &values)),
        is_anew: false,
        values: ValuesForm::of(&values),
        stored: None,
        problem: None,
        status: platform.status.word(),
        is_private: platform.policy == NetworkPolicy::Private,
        id: platform.id,
        heading: platform.name,
        issuer: platform.issuer,
        client_id: platform.client_id,
        family,
        deployments: DeploymentsCard::new(deployments, turned_away, platform.approves_deployments),
        findings: Vec::new(),
        clocks: clocks.into_iter().map(ClockLine::new).collect(),
        only_refused: look.only_refused(),
        launches: launches.into_iter().map(LaunchLine::new).collect(),
        refusals: refusals.into_iter().map(RefusalLine::new).collect(),
        frames,
        roles: String::new(),
        role: None,
        rules: RulesCard::new(platform.role_rules),
        more_frames: platform.frames.join("\n"),
        bad_frame: None,
        place: format!("/admin/platforms/{id}"),
        said: [
            "added",
            "approved",
            "accepted",
            "approves",
            "asks",
            "refused",
            "disabled",
            "enabled",
            "saved",
            "admitted",
            "expelled",
            "dismissed",
            "rotated",
            "ended",
        ]
        .into_iter()
        .find(|word| look.said.as_deref() == Some(word)),
    })
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
    fn action(self) -> &'static str {
        match self {
            Self::Enable => "platform-enable",
            Self::Disable => "platform-disable",
            Self::Approve => "deployment-approve",
            Self::ApproveAll => "deployment-approve-all",
            Self::ApproveAlways => "platform-approve-always",
            Self::AskAgain => "platform-ask-again",
            Self::Refuse => "deployment-refuse",
            Self::Admit => "deployment-admit",
            Self::Expel => "deployment-expel",
            Self::Rotate => "platform-rotate",
            Self::EndSessions => "platform-end-sessions",
            Self::Test => "platform-test",
        }
    }

    fn said(self) -> &'static str {
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
    id: Path<String>,
    form: Form<PlatformActionForm>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let session = require_admin_form(&app, &request, &form.csrf, form.act.action(), &id).await?;
    if matches!(form.act, PlatformAction::Test) {
        return test(&request, &id, &app, &pages, &session).await;
    }
    let (platform, _, _) = find(&app, &id).await?;
    let (act, deployment) = (form.act, form.deployment.clone().unwrap_or_default());
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
                    let before = store::set_deployment(tx.connection, &platform.id, &deployment, status)?;
                    let Some((before, name)) = before else { return Ok(false) };
                    let named = |word: &str| format!("{name}: {word}");
                    event.with(named(&before), named(status.word()))
                }
                PlatformAction::ApproveAll => {
                    event.with(None, named_in_log(&approve_waiting(tx.connection, &platform.id)?))
                }
                PlatformAction::ApproveAlways | PlatformAction::AskAgain => {
                    let at_once = matches!(act, PlatformAction::ApproveAlways);
                    set_approval(tx.connection, &platform.id, at_once)?;
                    let names =
                        if at_once { approve_waiting(tx.connection, &platform.id)? } else { Vec::new() };
                    let word = |at_once| if at_once { "at once" } else { "ask" };
                    let after = format!("{} {}", word(at_once), named_in_log(&names));
                    event.with(word(platform.approves_deployments).to_owned(), after.trim_end().to_owned())
                }
                PlatformAction::Admit | PlatformAction::Expel => {
                    let admits = matches!(act, PlatformAction::Admit);
                    let before = store::set_admission(tx.connection, &platform.id, &deployment, admits)?;
                    let Some((before, name)) = before else { return Ok(false) };
                    let named = |admits: bool| format!("{name}: {admits}");
                    event.with(named(before), named(admits))
                }
                PlatformAction::Rotate => {
                    store::forget_keys(tx, &platform.id)?;
                    event
                }
                PlatformAction::EndSessions => {
                    store::end_sessions(tx, &platform.id)?;
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
        return Err(Failure::refused(StatusCode::NOT_FOUND, "page-unknown"));
    }
    let place = match &form.back {
        Some(_) => "/admin#platforms".to_owned(),
        None => format!("/admin/platforms/{id}?said={}", act.said()),
    };
    Ok(HttpResponse::SeeOther().insert_header((LOCATION, place)).finish())
}

/// Tries the services that launches of a deployment offered.
pub async fn test_services(
    app: &AppState,
    platform: &Platform,
    deployment: &Deployment,
) -> Result<Vec<PlatformFinding>, DbError> {
    let id = deployment.id.clone();
    let offered = app.db.read(move |connection| store::find_offered(connection, &id)).await?;
    Ok(check_services(&app.services, platform, deployment, &offered).await)
}

async fn test(
    request: &HttpRequest,
    id: &str,
    app: &AppState,
    pages: &Pages,
    session: &AdminSession,
) -> Result<HttpResponse, Failure> {
    let (platform, _, deployments) = find(app, id).await?;
    let mut findings = check_addresses(&app.outbound, &platform, app.clock.now()).await;
    if let Some(deployment) = deployments.iter().find(|one| one.status == Status::Active) {
        findings.extend(test_services(app, &platform, deployment).await?);
    }
    let mut page = draw(app, session, id, &PlatformQuery::default()).await?;
    page.findings = findings.into_iter().map(FindingLine::new).collect();
    respond(request, pages, &page, StatusCode::OK)
}
