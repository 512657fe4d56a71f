//! `/admin/settings` and `/admin/platforms/{platform}/settings`: what rooms begin with, here or for one platform.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use super::access::{Admin, require_admin_form};
use super::audit::store::{Event, record};
use crate::admin::audit::action::Action;
use crate::admin::platforms::page::find;
use crate::http::admin_session::AdminSession;
use crate::http::extract::Lang;
use crate::http::failure::Failure;
use crate::http::pages::{Framing, Pages};
use crate::http::redirect::redirect_to;
use crate::http::refusal_code::RefusalCode;
use crate::i18n::Locale;
use crate::ids::PlatformId;
use crate::rooms::settings::defaults::{DefaultsForm, SavedDefaults, find_form, save};
use crate::rooms::settings::fields::SettingFields;
use crate::rooms::settings::store::LayerOwner;
use crate::rooms::settings::stored::SettingsVersion;
use crate::rooms::settings::web::DefaultsLine;
use crate::state::AppState;

#[derive(Serialize)]
struct DefaultsPage {
    here: &'static str,
    csrf: String,
    action: String,
    /// The platform that it is about.
    platform: Option<PlatformLine>,
    defaults: DefaultsLine,
    saved: bool,
}

#[derive(Serialize)]
struct PlatformLine {
    id: PlatformId,
    name: String,
}

/// Whose defaults a page is about.
struct Owner {
    layer: LayerOwner,
    platform: Option<PlatformLine>,
}

impl Owner {
    fn address(&self) -> String {
        match &self.platform {
            None => "/admin/settings".to_owned(),
            Some(platform) => format!("/admin/platforms/{}/settings", platform.id),
        }
    }

    fn name(&self) -> String {
        self.platform.as_ref().map_or_else(|| "site".to_owned(), |platform| platform.name.clone())
    }
}

/// What the page was opened with.
#[derive(Deserialize)]
pub struct DefaultsQuery {
    saved: Option<String>,
}

/// What its form sends.
#[derive(Deserialize)]
pub struct DefaultsInput {
    csrf: String,
    version: String,
    #[serde(flatten)]
    fields: SettingFields,
}

/// `GET /admin/settings`: what rooms begin with everywhere. For administrators.
pub async fn site(
    Admin(session): Admin,
    Lang(locale): Lang,
    query: Query<DefaultsQuery>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let owner = Owner { layer: LayerOwner::Site, platform: None };
    open(&app, &pages, &session, owner, &locale, query.saved.is_some()).await
}

/// `POST /admin/settings`: changes it. For administrators.
pub async fn save_site(
    request: HttpRequest,
    Lang(locale): Lang,
    form: Form<DefaultsInput>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let session = require_admin_form(&app, &request, &form.csrf, Action::SiteSettings, "site").await?;
    let owner = Owner { layer: LayerOwner::Site, platform: None };
    store(&app, &pages, &session, owner, form.into_inner(), &locale).await
}

/// `GET /admin/platforms/{platform}/settings`: what rooms of a platform begin with. For administrators.
pub async fn platform(
    Admin(session): Admin,
    Lang(locale): Lang,
    id: Path<PlatformId>,
    query: Query<DefaultsQuery>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let owner = platform_owner(&app, *id).await?;
    open(&app, &pages, &session, owner, &locale, query.saved.is_some()).await
}

/// `POST /admin/platforms/{platform}/settings`: changes it. For administrators.
pub async fn save_platform(
    request: HttpRequest,
    Lang(locale): Lang,
    id: Path<PlatformId>,
    form: Form<DefaultsInput>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let session = require_admin_form(&app, &request, &form.csrf, Action::PlatformSettings, &id).await?;
    let owner = platform_owner(&app, *id).await?;
    store(&app, &pages, &session, owner, form.into_inner(), &locale).await
}

async fn platform_owner(app: &AppState, id: PlatformId) -> Result<Owner, Failure> {
    let found = find(app, id).await?.platform;
    Ok(Owner { layer: LayerOwner::Platform(id), platform: Some(PlatformLine { id, name: found.name }) })
}

fn unknown() -> Failure {
    Failure::refused(StatusCode::NOT_FOUND, RefusalCode::PageUnknown)
}

async fn open(
    app: &AppState,
    pages: &Pages,
    session: &AdminSession,
    owner: Owner,
    locale: &Locale,
    saved: bool,
) -> Result<HttpResponse, Failure> {
    let form = find_form(&app.db, owner.layer).await?.ok_or_else(unknown)?;
    let page = page(app, pages, session, owner, &form, None, locale);
    respond(&DefaultsPage { saved, ..page }, StatusCode::OK, pages, locale)
}

async fn store(
    app: &AppState,
    pages: &Pages,
    session: &AdminSession,
    owner: Owner,
    input: DefaultsInput,
    locale: &Locale,
) -> Result<HttpResponse, Failure> {
    let (layer, name, who) = (owner.layer, owner.name(), session.who.clone());
    let action = match layer {
        LayerOwner::Platform(_) => Action::PlatformSettings,
        LayerOwner::Site | LayerOwner::Course(_) => Action::SiteSettings,
    };
    let version = SettingsVersion::received(&input.version);
    let fields = Arc::new(input.fields);
    let sent = Arc::clone(&fields);
    let saved = app.db.write(move |tx| {
        let saved = save(tx, layer, &sent, &version)?;
        if let SavedDefaults::Stored { before, after } = &saved {
            record(tx, &Event::done(&who, action, &name).with(before.clone(), after.clone()))?;
        }
        Ok(saved)
    });
    let form = match saved.await? {
        SavedDefaults::Stored { .. } => return Ok(redirect_to(&format!("{}?saved=yes", owner.address()))),
        SavedDefaults::Unknown => return Err(unknown()),
        SavedDefaults::ShownAgain(form) => form,
    };
    let status = match form.has_problems() {
        true => StatusCode::UNPROCESSABLE_ENTITY,
        false => StatusCode::CONFLICT,
    };
    respond(&page(app, pages, session, owner, &form, Some(&fields), locale), status, pages, locale)
}

fn page(
    app: &AppState,
    pages: &Pages,
    session: &AdminSession,
    owner: Owner,
    form: &DefaultsForm,
    fields: Option<&SettingFields>,
    locale: &Locale,
) -> DefaultsPage {
    DefaultsPage {
        here: if owner.platform.is_some() { "platforms" } else { "settings" },
        csrf: session.csrf(&app.sealer),
        action: owner.address(),
        defaults: DefaultsLine::new(form, owner.layer.level(), fields, pages.texts(), locale),
        platform: owner.platform,
        saved: false,
    }
}

fn respond(
    page: &DefaultsPage,
    status: StatusCode,
    pages: &Pages,
    locale: &Locale,
) -> Result<HttpResponse, Failure> {
    pages.respond(status, "pages/admin/defaults.html", page, locale, &Framing::nobody())
}
