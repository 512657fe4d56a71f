//! `/lti/config`: our values in each platform's words; `/admin/platforms/new`: the platform's values.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use super::adding;
use super::adding::{AddError, RegistrationForm};
use crate::admin::access::{Admin, require_admin_form};
use crate::admin::audit::action::Action;
use crate::admin::platforms::values::ValuesProblem;
use crate::clock::Timestamp;
use crate::config::is_loopback;
use crate::http::admin_session::AdminSession;
use crate::http::extract::Lang;
use crate::http::failure::Failure;
use crate::http::pages::{Framing, Pages};
use crate::http::redirect::redirect_to;
use crate::i18n::Locale;
use crate::ids::PlatformId;
use crate::lti::families::{self, EndpointInput, Endpoints, Entry, Family, Unusable, canvas, other};
use crate::lti::identifier::is_storable;
use crate::lti::launch::role_rules::RoleRules;
use crate::lti::registration::platform::{Platform, PlatformError, Status};
use crate::outbound::NetworkPolicy;
use crate::state::AppState;

/// Units: characters of a name or an identifier.
const MAX_LENGTH: usize = 255;

/// Which platform is meant.
#[derive(Deserialize)]
pub struct FamilyChoice {
    lms: Option<String>,
}

impl FamilyChoice {
    /// Returns the family that was chosen; at first, the first of the list.
    fn family(&self) -> &'static Family {
        self.lms.as_deref().and_then(Family::parse).unwrap_or(families::ALL[0])
    }
}

#[derive(Serialize)]
struct FamilyLink {
    word: &'static str,
    name: &'static str,
    is_here: bool,
}

fn links(here: &Family) -> Vec<FamilyLink> {
    let link = |family: &Family| FamilyLink { word: family.word, name: family.name, is_here: family == here };
    families::ALL.into_iter().map(link).collect()
}

#[derive(Serialize)]
struct ConfigPage {
    families: Vec<FamilyLink>,
    family: &'static str,
    entries: Vec<EntryLine>,
    /// Whether an administrator looks at it, in the browser where they are signed in.
    is_admin: bool,
}

#[derive(Serialize)]
struct EntryLine {
    field: &'static str,
    value: String,
}

/// `GET /lti/config`: what to enter in a platform, in its own words. For everybody: nothing of it is secret.
pub async fn config(
    request: HttpRequest,
    Lang(locale): Lang,
    choice: Query<FamilyChoice>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let family = choice.family();
    let line = |entry: Entry| EntryLine { field: entry.field, value: entry.value };
    let page = ConfigPage {
        families: links(family),
        family: family.word,
        entries: family.entries(&app.tool, &app.base_url).into_iter().map(line).collect(),
        is_admin: AdminSession::of(&request, &app.sealer, app.clock.now()).is_some(),
    };
    pages.respond(StatusCode::OK, "pages/lti/config.html", &page, &locale, &Framing::nobody())
}

/// `GET /lti/config.json`: gives Canvas the same, which reads it by itself. For everybody.
pub async fn config_json(app: Data<AppState>) -> HttpResponse {
    HttpResponse::Ok().json(canvas::config(&canvas::FAMILY.values(&app.tool, &app.base_url)))
}

/// What is entered, and shown again.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NewForm {
    #[serde(skip_serializing)]
    csrf: String,
    lms: String,
    name: String,
    site: String,
    environment: String,
    issuer: String,
    client_id: String,
    deployment_id: String,
    auth_url: String,
    token_url: String,
    jwks_url: String,
    token_audience: String,
    private: Option<String>,
}

#[derive(Serialize)]
struct NewPage {
    here: &'static str,
    csrf: String,
    families: Vec<FamilyLink>,
    family: &'static str,
    asks: Vec<&'static str>,
    /// The tool's own address: the values are shown there, also where these pages have a host of their own.
    base_url: String,
    input: NewForm,
    is_local: bool,
    /// The name of the value that is missing or cannot be read.
    unusable: Option<&'static str>,
    problem: Option<ValuesProblem>,
    /// Our identifier of the platform that is registered with these values already.
    known: Option<String>,
}

impl NewPage {
    fn new(app: &AppState, csrf: String, family: &'static Family, input: NewForm) -> Self {
        Self {
            here: "platforms",
            csrf,
            families: links(family),
            family: family.word,
            asks: family.asks.iter().map(|ask| ask.word()).collect(),
            base_url: app.base_url.to_string(),
            input,
            is_local: is_loopback(&app.base_url),
            unusable: None,
            problem: None,
            known: None,
        }
    }
}

fn show(locale: &Locale, pages: &Pages, page: &NewPage, status: StatusCode) -> Result<HttpResponse, Failure> {
    pages.respond(status, "pages/admin/platform_new.html", page, locale, &Framing::nobody())
}

/// `GET /admin/platforms/new`: asks what the chosen platform shows. For administrators.
pub async fn form(
    Admin(session): Admin,
    Lang(locale): Lang,
    choice: Query<FamilyChoice>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let input = NewForm { environment: "production".to_owned(), ..NewForm::default() };
    let page = NewPage::new(&app, session.csrf(&app.sealer), choice.family(), input);
    show(&locale, &pages, &page, StatusCode::OK)
}

impl NewForm {
    fn input(&self) -> EndpointInput<'_> {
        EndpointInput {
            site: &self.site,
            environment: &self.environment,
            issuer: &self.issuer,
            client_id: &self.client_id,
            auth_url: &self.auth_url,
            token_url: &self.token_url,
            jwks_url: &self.jwks_url,
            audience: &self.token_audience,
        }
    }

    fn platform(
        &self,
        id: PlatformId,
        family: &Family,
        endpoints: Endpoints,
        policy: NetworkPolicy,
    ) -> Platform {
        let Endpoints { issuer, auth_url, token_url, jwks_url, token_audience } = endpoints;
        let name = self.name.trim();
        Platform {
            id,
            name: if name.is_empty() { issuer.clone() } else { name.to_owned() },
            issuer,
            client_id: self.client_id.trim().to_owned(),
            auth_url,
            token_url,
            jwks_url,
            token_audience,
            policy,
            status: Status::Active,
            // Launches tell it better; until then, and where they tell nothing, it decides about the platform's manners.
            family: family.code.map(str::to_owned),
            allows_anonymous: false,
            frames: Vec::new(),
            role_rules: RoleRules::default(),
            keys_since: Timestamp::EPOCH,
            approves_deployments: false,
        }
    }
}

/// `POST /admin/platforms`: registers a platform, never over another registration. For administrators.
pub async fn add(
    request: HttpRequest,
    Lang(locale): Lang,
    form: Form<NewForm>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let session =
        require_admin_form(&app, &request, &form.csrf, Action::PlatformAdd, &form.client_id).await?;
    let family = Family::parse(&form.lms).unwrap_or(&other::FAMILY);
    let mut page = NewPage::new(&app, session.csrf(&app.sealer), family, form.clone());
    let endpoints = match family.endpoints(&form.input()) {
        Ok(endpoints) => endpoints,
        Err(Unusable(ask)) => {
            page.unusable = Some(ask.word());
            return show(&locale, &pages, &page, StatusCode::UNPROCESSABLE_ENTITY);
        }
    };
    let policy = NetworkPolicy::allowing_private(form.private.is_some() || page.is_local);
    let now = app.clock.now();
    let platform = form.platform(PlatformId::new(now, &app.random), family, endpoints, policy);
    let deployment = form.deployment_id.trim().to_owned();
    if let Err(error) = check(&platform, &deployment) {
        page.problem = Some(ValuesProblem::of(error)?);
        return show(&locale, &pages, &page, StatusCode::UNPROCESSABLE_ENTITY);
    }
    match adding::add(&app.db, RegistrationForm { platform, deployment }, session.who).await {
        Ok(id) => {
            let place = format!("/admin/platforms/{id}?notice=added");
            Ok(redirect_to(&place))
        }
        Err(AddError::Known(known)) => {
            page.known = Some(known.to_string());
            show(&locale, &pages, &page, StatusCode::CONFLICT)
        }
        Err(AddError::Db(error)) => Err(error.into()),
    }
}

/// Whether these values can be stored, and could ever launch.
fn check(platform: &Platform, deployment: &str) -> Result<(), PlatformError> {
    platform.check()?;
    let texts = [
        (platform.name.as_str(), "the name"),
        (&platform.issuer, "the issuer"),
        (&platform.client_id, "the client id"),
        (deployment, "the deployment id"),
        (platform.token_audience.as_deref().unwrap_or_default(), "the audience"),
    ];
    let fits = |text: &str| text.chars().count() <= MAX_LENGTH && is_storable(text);
    match texts.into_iter().find(|(text, _)| !fits(text)) {
        Some((_, what)) => Err(PlatformError::Length(what)),
        None => Ok(()),
    }
}
