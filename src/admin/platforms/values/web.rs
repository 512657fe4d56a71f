//! Changes the values of a registration, and the sites that may show the tool.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use crate::admin::access::require_admin_form;
use crate::admin::audit::action::Action;
use crate::admin::audit::store::{Event, record};
use crate::admin::platforms::Values;
use crate::admin::platforms::page::{PlatformQuery, draw, find, respond};
use crate::admin::platforms::store;
use crate::clock::Timestamp;
use crate::http::extract::Lang;
use crate::http::failure::Failure;
use crate::http::pages::Pages;
use crate::http::redirect::redirect_to;
use crate::ids::PlatformId;
use crate::lti::registration::platform::read_frames;
use crate::state::AppState;

use super::{ValuesForm, ValuesProblem};

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
    Lang(locale): Lang,
    id: Path<PlatformId>,
    form: Form<ChangeForm>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let session = require_admin_form(&app, &request, &form.csrf, Action::PlatformChange, &id).await?;
    let platform = find(&app, *id).await?.platform;
    let values = match form.values.check(&platform) {
        Ok(values) => values,
        Err(error) => {
            let mut page = draw(&app, &session, *id, &PlatformQuery::default()).await?;
            page.values = form.values.clone();
            page.problem = Some(ValuesProblem::of(error)?);
            return respond(&locale, &pages, &page, StatusCode::UNPROCESSABLE_ENTITY);
        }
    };
    let seen = Timestamp::from_millis(form.seen);
    let before = Values::of(&platform);
    let who = session.who.clone();
    let changed = app
        .db
        .write(move |tx| {
            if !store::change(tx, platform.id, seen, &values)? {
                return Ok(false);
            }
            let event = Event::done(&who, Action::PlatformChange, &platform.name);
            let event = event.with(format!("{before:?}"), format!("{values:?}"));
            record(tx, &event)?;
            Ok(true)
        })
        .await?;
    if changed {
        let place = format!("/admin/platforms/{id}?notice=saved");
        return Ok(redirect_to(&place));
    }
    let mut page = draw(&app, &session, *id, &PlatformQuery::default()).await?;
    page.stored = Some(std::mem::replace(&mut page.values, form.values.clone()));
    respond(&locale, &pages, &page, StatusCode::CONFLICT)
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
    Lang(locale): Lang,
    id: Path<PlatformId>,
    form: Form<FramesForm>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let session = require_admin_form(&app, &request, &form.csrf, Action::PlatformFrames, &id).await?;
    let platform = find(&app, *id).await?.platform;
    let sites = match read_frames(&form.frames) {
        Ok(sites) => sites,
        Err(line) => {
            let mut page = draw(&app, &session, *id, &PlatformQuery::default()).await?;
            (page.more_frames, page.bad_frame) = (form.frames.clone(), Some(line));
            return respond(&locale, &pages, &page, StatusCode::UNPROCESSABLE_ENTITY);
        }
    };
    app.db
        .write(move |tx| {
            store::set_frames(tx, platform.id, &sites)?;
            let event = Event::done(&session.who, Action::PlatformFrames, &platform.name);
            let event = event.with(platform.frames.join(" "), sites.join(" "));
            record(tx, &event)
        })
        .await?;
    let place = format!("/admin/platforms/{id}?notice=saved");
    Ok(redirect_to(&place))
}
