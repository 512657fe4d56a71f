//! `/admin/platforms/{platform}/values` and `/frames`: changes of a registration.

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use url::Url;

use super::Values;
use super::store;
use super::web::{PlatformQuery, draw, find, respond};
use crate::admin::audit::store::{Event, record};
use crate::admin::web::require_admin_form;
use crate::clock::Timestamp;
use crate::http::failure::Failure;
use crate::http::pages::Pages;
use crate::lti::identifier::is_storable;
use crate::lti::registration::platform::{Platform, PlatformError, read_frames};
use crate::state::AppState;

/// The values of a registration, as input.
#[derive(Clone, Serialize, Deserialize)]
pub struct ValuesForm {
    name: String,
    auth_url: String,
    token_url: String,
    jwks_url: String,
    token_audience: String,
}

impl ValuesForm {
    /// The values as they are stored.
    pub fn of(values: &Values) -> Self {
        let Values { name, auth_url, token_url, jwks_url, token_audience } = values.clone();
        Self { name, auth_url, token_url, jwks_url, token_audience: token_audience.unwrap_or_default() }
    }

    /// The values, when a launch could match them.
    pub(in crate::admin::platforms) fn check(&self, platform: &Platform) -> Result<Values, PlatformError> {
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

/// Why input values are not stored: the key of its words, and the value at fault.
#[derive(Serialize)]
pub struct ValuesProblem {
    code: &'static str,
    detail: String,
}

impl ValuesProblem {
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
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let session = require_admin_form(&app, &request, &form.csrf, "platform-change", &id).await?;
    let (platform, _, _) = find(&app, &id).await?;
    let values = match form.values.check(&platform) {
        Ok(values) => values,
        Err(error) => {
            let mut page = draw(&app, &session, &id, &PlatformQuery::default()).await?;
            page.values = form.values.clone();
            page.problem = Some(ValuesProblem::of(error)?);
            return respond(&request, &pages, &page, StatusCode::UNPROCESSABLE_ENTITY);
        }
    };
    let seen = Timestamp::from_millis(form.seen);
    let before = Values::of(&platform);
    let who = session.who.clone();
    let changed = app
        .db
        .write(move |tx| {
            if !store::change(tx, &platform.id, seen, &values)? {
                return Ok(false);
            }
            let event = Event::done(&who, "platform-change", &platform.name);
            let event = event.with(format!("{before:?}"), format!("{values:?}"));
            record(tx, &event)?;
            Ok(true)
        })
        .await?;
    if changed {
        let place = format!("/admin/platforms/{id}?said=saved");
        return Ok(HttpResponse::SeeOther().insert_header((LOCATION, place)).finish());
    }
    let mut page = draw(&app, &session, &id, &PlatformQuery::default()).await?;
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
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let session = require_admin_form(&app, &request, &form.csrf, "platform-frames", &id).await?;
    let (platform, _, _) = find(&app, &id).await?;
    let sites = match read_frames(&form.frames) {
        Ok(sites) => sites,
        Err(line) => {
            let mut page = draw(&app, &session, &id, &PlatformQuery::default()).await?;
            (page.more_frames, page.bad_frame) = (form.frames.clone(), Some(line));
            return respond(&request, &pages, &page, StatusCode::UNPROCESSABLE_ENTITY);
        }
    };
    app.db
        .write(move |tx| {
            store::set_frames(tx, &platform.id, &sites)?;
            let event = Event::done(&session.who, "platform-frames", &platform.name);
            let event = event.with(platform.frames.join(" "), sites.join(" "));
            record(tx, &event)
        })
        .await?;
    let place = format!("/admin/platforms/{id}?said=saved");
    Ok(HttpResponse::SeeOther().insert_header((LOCATION, place)).finish())
}
