//! The page of a platform, as its forms show it again.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::admin::launches::store::{LaunchFilter, list_launches};
use crate::admin::launches::{LaunchLine, NEWEST};
use crate::admin::platforms::Values;
use crate::admin::platforms::clocks::ClockLine;
use crate::admin::platforms::deployments::store::count_turned_away;
use crate::admin::platforms::deployments::web::DeploymentsCard;
use crate::admin::platforms::proposal::card::ProposalCard;
use crate::admin::platforms::proposal::store::find_proposal;
use crate::admin::platforms::roles::RulesCard;
use crate::admin::platforms::store::{self, PlatformRecord};
use crate::admin::platforms::values::{ValuesForm, ValuesProblem};
use crate::http::admin_session::AdminSession;
use crate::http::failure::Failure;
use crate::http::pages::{Framing, Pages};
use crate::http::refusal_code::RefusalCode;
use crate::i18n::Locale;
use crate::ids::PlatformId;
use crate::lti::families::cloud_frames;
use crate::lti::launch::role_rules::RoleRules;
use crate::lti::launch_log::store::{RefusalCount, list_refusals};
use crate::lti::registration::check::{PlatformFinding, PlatformVerdict, Subject};
use crate::lti::registration::platform::frame_source;
use crate::lti::services::clock::store::list_wrong;
use crate::outbound::NetworkPolicy;
use crate::rooms::web::RoleLine;
use crate::state::AppState;

use super::line::{family_name, scope_words};

/// The page of a platform.
#[derive(Serialize)]
pub(super) struct PlatformPage {
    pub(super) here: &'static str,
    pub(super) csrf: String,
    pub(super) id: PlatformId,
    pub(super) heading: String,
    pub(super) issuer: String,
    pub(super) client_id: String,
    pub(super) family: Option<&'static str>,
    pub(super) status: &'static str,
    pub(super) is_private: bool,
    /// When the registration last changed, as its form gives back. Units: milliseconds since the epoch.
    pub(super) seen: i64,
    pub(super) values: ValuesForm,
    /// What somebody else has stored meanwhile, where this form came too late.
    pub(super) stored: Option<ValuesForm>,
    pub(super) problem: Option<ValuesProblem>,
    pub(super) deployments: DeploymentsCard,
    pub(super) findings: Vec<FindingLine>,
    pub(super) clocks: Vec<ClockLine>,
    pub(super) only_refused: bool,
    pub(super) launches: Vec<LaunchLine>,
    /// What nobody proved, by code.
    pub(super) refusals: Vec<RefusalLine>,
    pub(super) frames: Vec<String>,
    /// Roles to try, and what somebody with them would be.
    pub(super) roles: String,
    pub(super) role: Option<RoleLine>,
    pub(super) rules: RulesCard,
    pub(super) proposal: Option<ProposalCard>,
    /// Whether the registration or the proposal changed while somebody decided.
    pub(super) is_anew: bool,
    /// What an operator added.
    pub(super) more_frames: String,
    /// The line of it that is no site.
    pub(super) bad_frame: Option<String>,
    pub(super) notice: Option<&'static str>,
    pub(super) place: String,
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
        Self {
            since: refusal.first_at.iso(),
            last: refusal.last_at.iso(),
            code: refusal.outcome,
            count: refusal.count,
        }
    }
}

/// What is looked for on the page.
#[derive(Default, Deserialize)]
pub struct PlatformQuery {
    show: Option<String>,
    notice: Option<String>,
    roles: Option<String>,
}

impl PlatformQuery {
    /// Whether launches that went well are left out.
    pub fn only_refused(&self) -> bool {
        self.show.as_deref() == Some("refused")
    }

    /// The roles to try, as the form has them.
    pub fn typed_roles(&self) -> Option<&str> {
        self.roles.as_deref().filter(|roles| !roles.trim().is_empty())
    }
}

/// What somebody with these roles would be, as the person would read it. They are typed or pasted: also a list of JSON.
pub fn try_roles(input: &str, rules: &RoleRules, pages: &Pages, locale: &Locale) -> RoleLine {
    let separates = [',', ' ', '\r', '\n', '"', '[', ']'];
    let uris: Vec<&str> = input.split(separates).filter(|uri| !uri.is_empty()).collect();
    RoleLine::new(&rules.rights(&uris), pages, locale)
}

/// The page as an answer.
pub(super) fn respond(
    locale: &Locale,
    pages: &Pages,
    page: &PlatformPage,
    status: StatusCode,
) -> Result<HttpResponse, Failure> {
    pages.respond(status, "pages/admin/platform.html", page, locale, &Framing::nobody())
}

/// Finds a platform by our identifier.
pub(in crate::admin) async fn find(app: &AppState, id: PlatformId) -> Result<PlatformRecord, Failure> {
    let found = app.db.read(move |connection| store::find(connection, id)).await?;
    found.ok_or_else(|| Failure::refused(StatusCode::NOT_FOUND, RefusalCode::PageUnknown))
}

/// The page, with the stored values in its forms.
pub(super) async fn draw(
    app: &AppState,
    session: &AdminSession,
    id: PlatformId,
    query: &PlatformQuery,
) -> Result<PlatformPage, Failure> {
    let PlatformRecord { platform, changed, deployments } = find(app, id).await?;
    let of = LaunchFilter { only_refused: query.only_refused(), ..LaunchFilter::of(id) };
    let found = app
        .db
        .read(move |connection| {
            let launches = list_launches(connection, &of, NEWEST)?;
            let refusals = list_refusals(connection, Some(of.platform))?;
            let clocks = list_wrong(connection, of.platform)?;
            let turned_away = count_turned_away(connection, of.platform)?;
            Ok((launches, refusals, find_proposal(connection, of.platform)?, (clocks, turned_away)))
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
        only_refused: query.only_refused(),
        launches: launches.into_iter().map(LaunchLine::new).collect(),
        refusals: refusals.into_iter().map(RefusalLine::new).collect(),
        frames,
        roles: String::new(),
        role: None,
        rules: RulesCard::new(platform.role_rules),
        more_frames: platform.frames.join("\n"),
        bad_frame: None,
        place: format!("/admin/platforms/{id}"),
        notice: [
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
        .find(|word| query.notice.as_deref() == Some(word)),
    })
}
