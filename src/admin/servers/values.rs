//! The form of a server: for a new one at `/admin/servers`, for changes at `/admin/servers/{server}/values`.

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::web::{draw, draw_list, find, show, show_list};
use crate::admin::audit::store::{Event, record};
use crate::admin::web::require_admin_form;
use crate::clock::Timestamp;
use crate::http::failure::Failure;
use crate::http::pages::Pages;
use crate::jitsi::kinds::{ServerKind, ServerKindError, TokenSigning};
use crate::servers::form::{ServerField, ServerInput, ServerInputError};
use crate::servers::{NewServer, Server, ServerError, store};
use crate::state::AppState;

/// What the form sends, and shows again; never the secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ServerForm {
    #[serde(skip_serializing)]
    csrf: String,
    #[serde(skip_serializing)]
    seen: Option<i64>,
    name: String,
    kind: String,
    domain: String,
    app_id: String,
    audience: String,
    subject: String,
    public_key: Option<String>,
    key_id: String,
    #[serde(skip_serializing)]
    secret: String,
    #[serde(skip_serializing)]
    key: String,
}

impl ServerForm {
    /// Nothing input yet.
    pub fn empty() -> Self {
        Self {
            csrf: String::new(),
            seen: None,
            name: String::new(),
            kind: "self-hosted".to_owned(),
            domain: String::new(),
            app_id: String::new(),
            audience: "jitsi".to_owned(),
            subject: String::new(),
            public_key: None,
            key_id: String::new(),
            secret: String::new(),
            key: String::new(),
        }
    }

    /// The values of a server.
    pub fn of(server: &Server) -> Self {
        let plain = Self {
            name: server.name.clone(),
            kind: server.kind.word().to_owned(),
            domain: server.url.to_string(),
            ..Self::empty()
        };
        match &server.kind {
            ServerKind::Public => plain,
            ServerKind::SelfHosted(rules) => Self {
                app_id: rules.app_id.clone(),
                audience: rules.audience.clone(),
                subject: rules.subject.clone(),
                public_key: (rules.signing == TokenSigning::PublicKey).then(|| "yes".to_owned()),
                ..plain
            },
            ServerKind::Jaas { app_id, kid } => Self { app_id: app_id.clone(), key_id: kid.clone(), ..plain },
        }
    }

    fn input(&self) -> ServerInput {
        let secret = if self.kind == "jaas" { self.key.trim() } else { self.secret.trim() };
        ServerInput {
            name: self.name.clone(),
            kind: self.kind.clone(),
            domain: self.domain.trim().trim_end_matches('/').to_owned(),
            app_id: self.app_id.clone(),
            audience: self.audience.clone(),
            subject: self.subject.clone(),
            public_key: self.kind == "self-hosted" && self.public_key.is_some(),
            key_id: self.key_id.clone(),
            secret: (!secret.is_empty()).then(|| SecretString::from(secret)),
            default: false,
        }
    }

    /// The server that is meant, when its secret can sign; `known` where it is one that there is.
    ///
    /// Errors: the key of the words that say what is wrong.
    fn read(&self, known: Option<&Server>) -> Result<NewServer, &'static str> {
        let keeps =
            known.is_some_and(|server| server.credentials.is_some() && server.kind.word() == self.kind);
        let new = self.input().read(keeps).map_err(|error| problem(&error))?;
        if new.secret.is_some() || !keeps {
            new.check().map_err(|_: ServerError| "secret-unusable")?;
        }
        Ok(new)
    }
}

fn problem(error: &ServerInputError) -> &'static str {
    match error {
        ServerInputError::Missing(ServerField::Name) => "name-missing",
        ServerInputError::Missing(ServerField::Domain) => "domain-missing",
        ServerInputError::Missing(ServerField::AppId) => "app-id-missing",
        ServerInputError::Missing(ServerField::KeyId) => "key-id-missing",
        ServerInputError::Missing(ServerField::Secret) => "secret-missing",
        ServerInputError::Missing(ServerField::Key) => "key-missing",
        ServerInputError::Kind(_) => "kind-unknown",
        ServerInputError::Form(ServerKindError::Address(_)) => "domain-wrong",
        ServerInputError::Form(ServerKindError::NotHttps(_)) => "domain-not-https",
        ServerInputError::Form(ServerKindError::AppId) => "app-id-wrong",
        ServerInputError::Form(ServerKindError::KeyId) => "key-id-wrong",
        ServerInputError::TwoWays => "two-ways",
    }
}

/// How storing ended.
enum Stored {
    Done(String),
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
    form: Form<ServerForm>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let session = require_admin_form(&app, &request, &form.csrf, "server-add", &form.name).await?;
    let csrf = session.csrf(&app.sealer);
    let problem = match form.read(None) {
        Err(problem) => problem,
        Ok(new) => {
            let (who, shared) = (session.who.clone(), app.clone());
            let added: Result<Stored, ServerError> = app
                .db
                .try_write(move |tx| {
                    let id = store::insert(tx, &new, &shared.sealer)?;
                    let event = Event::done(&who, "server-add", &new.name);
                    let event = event.with(None, words(&new.name, &new.url, &new.kind));
                    record(tx, &event)?;
                    Ok(Stored::Done(id))
                })
                .await;
            match outcome(added)? {
                Stored::Done(id) => return Ok(to_page(&id, "added")),
                Stored::NameTaken | Stored::ChangedMeanwhile => "name-taken",
            }
        }
    };
    let mut page = draw_list(&app, csrf).await?;
    (page.input, page.problem) = (form.into_inner(), Some(problem));
    show_list(&request, &pages, &page, StatusCode::UNPROCESSABLE_ENTITY)
}

/// `POST /admin/servers/{server}/values`: changes a server, unless somebody else did so meanwhile: then both are shown.
/// For administrators.
pub async fn change(
    request: HttpRequest,
    id: Path<String>,
    form: Form<ServerForm>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let session = require_admin_form(&app, &request, &form.csrf, "server-change", &id).await?;
    let (server, is_default) = find(&app, &id).await?;
    let mut page = draw(&server, is_default, session.csrf(&app.sealer));
    let new = match form.read(Some(&server)) {
        Ok(new) => new,
        Err(problem) => {
            (page.input, page.problem) = (form.into_inner(), Some(problem));
            return show(&request, &pages, &page, StatusCode::UNPROCESSABLE_ENTITY);
        }
    };
    let seen = Timestamp::from_millis(form.seen.unwrap_or_default());
    let shared = app.clone();
    let changed: Result<Stored, ServerError> = app
        .db
        .try_write(move |tx| {
            if !store::change(tx, &server.id, seen, &new, &shared.sealer)? {
                return Ok(Stored::ChangedMeanwhile);
            }
            let before = words(&server.name, &server.url, &server.kind);
            let event = Event::done(&session.who, "server-change", &server.name);
            let event = event.with(before, words(&new.name, &new.url, &new.kind));
            record(tx, &event)?;
            Ok(Stored::Done(server.id.clone()))
        })
        .await;
    let input = form.into_inner();
    match outcome(changed)? {
        Stored::Done(id) => return Ok(to_page(&id, "saved")),
        Stored::NameTaken => (page.input, page.problem) = (input, Some("name-taken")),
        Stored::ChangedMeanwhile => page.stored = Some(std::mem::replace(&mut page.input, input)),
    }
    show(&request, &pages, &page, StatusCode::CONFLICT)
}

fn to_page(id: &str, said: &str) -> HttpResponse {
    let place = format!("/admin/servers/{id}?said={said}");
    HttpResponse::SeeOther().insert_header((LOCATION, place)).finish()
}
