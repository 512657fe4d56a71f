//! Decides about the roles of a platform.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use crate::admin::access::require_admin_form;
use crate::admin::audit::action::Action;
use crate::admin::audit::store::{Event, record};
use crate::admin::platforms::page::{PlatformQuery, draw, find, respond};
use crate::admin::platforms::store;
use crate::db::DbError;
use crate::http::extract::Lang;
use crate::http::failure::Failure;
use crate::http::pages::Pages;
use crate::http::redirect::redirect_to;
use crate::ids::PlatformId;
use crate::lti::launch::role_rules::{Becomes, RuleError};
use crate::state::AppState;

/// What the forms of the card send.
#[derive(Deserialize)]
pub struct RuleForm {
    csrf: String,
    act: RoleRuleAction,
    role: String,
    becomes: Option<Becomes>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum RoleRuleAction {
    Add,
    Remove,
}

/// Why a rule is not stored.
enum NotDecided {
    Rule(RuleError),
    Db(DbError),
}

impl From<DbError> for NotDecided {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

/// `POST /admin/platforms/{platform}/roles`: decides about a role, or takes that back. For administrators.
pub async fn decide(
    request: HttpRequest,
    Lang(locale): Lang,
    id: Path<PlatformId>,
    form: Form<RuleForm>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let session = require_admin_form(&app, &request, &form.csrf, Action::PlatformRoles, &id).await?;
    let platform = find(&app, *id).await?.platform;
    let becomes = form.becomes.unwrap_or(Becomes::Participant);
    let (act, role) = (form.act, form.role.clone());
    let who = session.who.clone();
    let done: Result<(), NotDecided> = app
        .db
        .try_write(move |tx| {
            let change = store::change_role_rules(tx.connection, platform.id, |rules| match act {
                RoleRuleAction::Add => rules.with(&role, becomes).map_err(NotDecided::Rule),
                RoleRuleAction::Remove => Ok(rules.without(&role)),
            })?;
            let event = Event::done(&who, Action::PlatformRoles, &platform.name);
            Ok(record(tx, &event.with(change.before.text(), change.after.text()))?)
        })
        .await;
    let error = match done {
        Ok(()) => {
            let place = format!("/admin/platforms/{id}?notice=saved#rules");
            return Ok(redirect_to(&place));
        }
        Err(NotDecided::Db(error)) => return Err(error.into()),
        Err(NotDecided::Rule(error)) => error,
    };
    let mut page = draw(&app, &session, *id, &PlatformQuery::default()).await?;
    (page.rules.input, page.rules.chosen) = (form.role.clone(), becomes.word());
    page.rules.problem = Some(error.word());
    respond(&locale, &pages, &page, StatusCode::UNPROCESSABLE_ENTITY)
}
