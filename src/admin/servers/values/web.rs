//! Adds a server, and changes its values.

use super::ServerForm;
use crate::ids::ServerId;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};

use crate::admin::access::require_admin_form;
use crate::admin::audit::action::Action;
use crate::admin::audit::store::{Event, record};
use crate::admin::servers::web::{draw, draw_list, find, show, show_list};
use crate::clock::Timestamp;
use crate::http::extract::Lang;
use crate::http::failure::Failure;
use crate::http::pages::Pages;
use crate::http::redirect::redirect_to;
use crate::jitsi::kinds::ServerKind;
use crate::servers::{ServerError, store};
use crate::state::AppState;

/// How storing ended.
enum Stored {
    Done(ServerId),
    NameTaken,
    ChangedMeanwhile,
}

fn outcome(result: Result<Stored, ServerError>) -> Result<Stored, Failure> {
    match result {
        Ok(stored) => Ok(stored),
        Err(ServerError::NameTaken(_)) => Ok(Stored::NameTaken),
        Err(ServerError::Db(error)) => Err(error.into()),
        Err(
            error @ (ServerError::Signing(_)
            | ServerError::OtherSecret(_)
            | ServerError::NoCredentials
            | ServerError::Unknown(_)),
        ) => Err(Failure::Internal(error.into())),
    }
}

/// What the audit log keeps of a server: everything but its secret.
fn words(name: &str, url: &url::Url, kind: &ServerKind) -> String {
    format!("{name} {url} {}", serde_json::to_string(kind).unwrap_or_default())
}

/// `POST /admin/servers`: adds a server. For administrators.
pub async fn add(
    request: HttpRequest,
    Lang(locale): Lang,
    form: Form<ServerForm>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let session = require_admin_form(&app, &request, &form.csrf, Action::ServerAdd, &form.name).await?;
    let csrf = session.csrf(&app.sealer);
    let problem = match form.read(None) {
        Err(problem) => problem,
        Ok(new) => {
            let (who, shared) = (session.who.clone(), app.clone());
            let added: Result<Stored, ServerError> = app
                .db
                .try_write(move |tx| {
                    let id = store::insert(tx, &new, &shared.sealer)?;
                    let event = Event::done(&who, Action::ServerAdd, &new.name);
                    let event = event.with(None, words(&new.name, &new.url, &new.kind));
                    record(tx, &event)?;
                    Ok(Stored::Done(id))
                })
                .await;
            match outcome(added)? {
                Stored::Done(id) => return Ok(to_page(id, "added")),
                Stored::NameTaken | Stored::ChangedMeanwhile => "name-taken",
            }
        }
    };
    let mut page = draw_list(&app, csrf).await?;
    (page.input, page.problem) = (form.into_inner(), Some(problem));
    show_list(&locale, &pages, &page, StatusCode::UNPROCESSABLE_ENTITY)
}

/// `POST /admin/servers/{server}/values`: changes a server, unless somebody else did so meanwhile: then both are shown.
/// For administrators.
pub async fn change(
    request: HttpRequest,
    Lang(locale): Lang,
    id: Path<ServerId>,
    form: Form<ServerForm>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let session = require_admin_form(&app, &request, &form.csrf, Action::ServerChange, &id).await?;
    let store::ListedServer { server, is_default } = find(&app, *id).await?;
    let mut page = draw(&server, is_default, session.csrf(&app.sealer));
    let new = match form.read(Some(&server)) {
        Ok(new) => new,
        Err(problem) => {
            (page.input, page.problem) = (form.into_inner(), Some(problem));
            return show(&locale, &pages, &page, StatusCode::UNPROCESSABLE_ENTITY);
        }
    };
    let seen = Timestamp::from_millis(form.seen.unwrap_or_default());
    let shared = app.clone();
    let changed: Result<Stored, ServerError> = app
        .db
        .try_write(move |tx| {
            if !store::change(tx, server.id, seen, &new, &shared.sealer)? {
                return Ok(Stored::ChangedMeanwhile);
            }
            let before = words(&server.name, &server.url, &server.kind);
            let event = Event::done(&session.who, Action::ServerChange, &server.name);
            let event = event.with(before, words(&new.name, &new.url, &new.kind));
            record(tx, &event)?;
            Ok(Stored::Done(server.id))
        })
        .await;
    let input = form.into_inner();
    match outcome(changed)? {
        Stored::Done(id) => return Ok(to_page(id, "saved")),
        Stored::NameTaken => (page.input, page.problem) = (input, Some("name-taken")),
        Stored::ChangedMeanwhile => page.stored = Some(std::mem::replace(&mut page.input, input)),
    }
    show(&locale, &pages, &page, StatusCode::CONFLICT)
}

fn to_page(id: ServerId, notice: &str) -> HttpResponse {
    let place = format!("/admin/servers/{id}?notice={notice}");
    redirect_to(&place)
}
