//! `/admin/platforms/{platform}/proposal`: other values that a platform named.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use super::store::{find_proposal, forget_proposal};
use crate::admin::access::require_admin_form;
use crate::admin::audit::action::Action;
use crate::admin::audit::store::{Event, record};
use crate::admin::platforms::Values;
use crate::admin::platforms::page::{PlatformQuery, draw, find, respond};
use crate::admin::platforms::store::change;
use crate::admin::platforms::values::{ValuesForm, ValuesProblem};
use crate::clock::Timestamp;
use crate::db::DbError;
use crate::http::admin_session::AdminSession;
use crate::http::extract::Lang;
use crate::http::failure::Failure;
use crate::http::pages::Pages;
use crate::http::redirect::redirect_to;
use crate::i18n::Locale;
use crate::ids::PlatformId;
use crate::state::AppState;

/// What the card's buttons send.
#[derive(Deserialize)]
pub struct ProposalForm {
    csrf: String,
    act: ProposalAction,
    /// When the registration last changed, as the page showed it.
    seen: i64,
    /// Which proposal the page showed.
    at: Timestamp,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ProposalAction {
    Accept,
    Dismiss,
}

impl ProposalAction {
    fn action(self) -> Action {
        match self {
            Self::Accept => Action::PlatformAccept,
            Self::Dismiss => Action::PlatformDismiss,
        }
    }

    fn notice(self) -> &'static str {
        match self {
            Self::Accept => "saved",
            Self::Dismiss => "dismissed",
        }
    }
}

/// `POST /admin/platforms/{platform}/proposal`: takes over what the platform named, or leaves it. For administrators.
///
/// Quirk: only what the page showed is decided about: a registration or a proposal that changed meanwhile is shown anew.
pub async fn decide(
    request: HttpRequest,
    Lang(locale): Lang,
    id: Path<PlatformId>,
    form: Form<ProposalForm>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let session = require_admin_form(&app, &request, &form.csrf, form.act.action(), &id).await?;
    let platform = find(&app, *id).await?.platform;
    let wanted = platform.id;
    let found = app.db.read(move |connection| find_proposal(connection, wanted)).await?;
    let Some(proposal) = found.filter(|proposal| proposal.at == form.at) else {
        return shown_anew(&locale, *id, &app, &pages, &session).await;
    };
    // The name is ours, and the addresses lead nowhere that this registration does not allow.
    let values = Values { name: platform.name.clone(), ..proposal.values.clone() };
    if let (ProposalAction::Accept, Err(error)) = (form.act, ValuesForm::of(&values).check(&platform)) {
        let mut page = draw(&app, &session, *id, &PlatformQuery::default()).await?;
        page.problem = Some(ValuesProblem::of(error)?);
        return respond(&locale, &pages, &page, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let (act, seen, who) = (form.act, Timestamp::from_millis(form.seen), session.who.clone());
    let done: Result<(), NotDecided> = app
        .db
        .try_write(move |tx| {
            let is_fresh = forget_proposal(tx.connection, platform.id, &proposal)?
                && (matches!(act, ProposalAction::Dismiss) || change(tx, platform.id, seen, &values)?);
            if !is_fresh {
                return Err(NotDecided::Stale);
            }
            let event = Event::done(&who, act.action(), &platform.name);
            let event = event.with(format!("{:?}", Values::of(&platform)), format!("{values:?}"));
            Ok(record(tx, &event)?)
        })
        .await;
    match done {
        Ok(()) => {
            let place = format!("/admin/platforms/{id}?notice={}", form.act.notice());
            Ok(redirect_to(&place))
        }
        Err(NotDecided::Stale) => shown_anew(&locale, *id, &app, &pages, &session).await,
        Err(NotDecided::Db(error)) => Err(error.into()),
    }
}

/// Why nothing was decided.
enum NotDecided {
    Stale,
    Db(DbError),
}

impl From<DbError> for NotDecided {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

async fn shown_anew(
    locale: &Locale,
    id: PlatformId,
    app: &AppState,
    pages: &Pages,
    session: &AdminSession,
) -> Result<HttpResponse, Failure> {
    let mut page = draw(app, session, id, &PlatformQuery::default()).await?;
    page.is_anew = true;
    respond(locale, pages, &page, StatusCode::CONFLICT)
}
