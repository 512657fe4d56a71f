//! `/admin/servers`: the Jitsi servers, and what a test of each finds.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use super::values::ServerForm;
use crate::admin::access::{Admin, require_admin_form};
use crate::admin::audit::action::Action;
use crate::admin::audit::store::{Event, record};
use crate::http::extract::Lang;
use crate::http::failure::Failure;
use crate::http::pages::{Framing, Pages};
use crate::http::redirect::redirect_to;
use crate::http::refusal_code::RefusalCode;
use crate::i18n::Locale;
use crate::ids::ServerId;
use crate::jitsi::finding::{FindingCode, ServerFinding, ServerVerdict};
use crate::jitsi::remedy::remedy;
use crate::servers::probe::ServerProbe;
use crate::servers::store::{self, ListedServer};
use crate::servers::{Server, ServerError, ServerStatus};
use crate::state::AppState;

/// The page of all servers.
#[derive(Serialize)]
pub struct ServersPage {
    here: &'static str,
    csrf: String,
    servers: Vec<ServerLine>,
    /// What was entered.
    pub input: ServerForm,
    /// The key of what is wrong with it.
    pub problem: Option<&'static str>,
}

#[derive(Serialize)]
struct ServerLine {
    id: ServerId,
    name: String,
    url: String,
    kind: &'static str,
    is_active: bool,
    is_default: bool,
}

impl ServerLine {
    fn new(server: &Server, is_default: bool) -> Self {
        Self {
            id: server.id,
            name: server.name.clone(),
            url: server.url.to_string(),
            kind: server.kind.word(),
            is_active: server.status == ServerStatus::Active,
            is_default,
        }
    }
}

/// The page of one server.
#[derive(Serialize)]
pub struct ServerPage {
    here: &'static str,
    csrf: String,
    server: ServerLine,
    /// When it last changed, as the form gives back. Units: milliseconds since the epoch.
    pub seen: i64,
    /// What was entered.
    pub input: ServerForm,
    /// What somebody else has stored meanwhile, where this form came too late.
    pub stored: Option<ServerForm>,
    /// The key of what is wrong with it.
    pub problem: Option<&'static str>,
    has_secret: bool,
    findings: Vec<ServerFindingLine>,
    notice: Option<&'static str>,
}

#[derive(Serialize)]
struct ServerFindingLine {
    code: FindingCode,
    verdict: &'static str,
    detail: String,
    has_fix: bool,
    /// Lines to paste on the server: Debian, docker.
    debian: Option<&'static str>,
    docker: Option<&'static str>,
}

impl ServerFindingLine {
    fn new(finding: ServerFinding) -> Self {
        let ServerFinding { code, detail } = finding;
        let verdict = code.verdict();
        let lines = remedy(code);
        let (debian, docker) = (lines.map(|lines| lines.debian), lines.map(|lines| lines.docker));
        Self {
            code,
            verdict: verdict.word(),
            detail,
            has_fix: verdict != ServerVerdict::Good,
            debian,
            docker,
        }
    }
}

/// What is looked for.
#[derive(Default, Deserialize)]
pub struct ServersQuery {
    notice: Option<String>,
}

/// `GET /admin/servers`. For administrators.
pub async fn servers(
    Admin(session): Admin,
    Lang(locale): Lang,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let page = draw_list(&app, session.csrf(&app.sealer)).await?;
    show_list(&locale, &pages, &page, StatusCode::OK)
}

/// The page of all servers, with an empty form.
pub async fn draw_list(app: &AppState, csrf: String) -> Result<ServersPage, Failure> {
    let found = app.db.read(store::list).await?;
    let servers = found.iter().map(|one| ServerLine::new(&one.server, one.is_default)).collect();
    Ok(ServersPage { here: "servers", csrf, servers, input: ServerForm::empty(), problem: None })
}

/// The page as an answer.
pub fn show_list(
    locale: &Locale,
    pages: &Pages,
    page: &ServersPage,
    status: StatusCode,
) -> Result<HttpResponse, Failure> {
    pages.respond(status, "pages/admin/servers.html", page, locale, &Framing::nobody())
}

/// `GET /admin/servers/{server}`. For administrators.
pub async fn server(
    Admin(session): Admin,
    Lang(locale): Lang,
    id: Path<ServerId>,
    query: Query<ServersQuery>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let ListedServer { server, is_default } = find(&app, *id).await?;
    let mut page = draw(&server, is_default, session.csrf(&app.sealer));
    page.notice = ["added", "saved", "default", "draining", "active"]
        .into_iter()
        .find(|word| query.notice.as_deref() == Some(word));
    show(&locale, &pages, &page, StatusCode::OK)
}

/// Finds a server by our identifier.
pub async fn find(app: &AppState, id: ServerId) -> Result<ListedServer, Failure> {
    let found = app.db.read(store::list).await;
    let found = found?.into_iter().find(|one| one.server.id == id);
    found.ok_or_else(|| Failure::refused(StatusCode::NOT_FOUND, RefusalCode::PageUnknown))
}

/// The page of a server, with its values in the form.
pub fn draw(server: &Server, is_default: bool, csrf: String) -> ServerPage {
    ServerPage {
        here: "servers",
        csrf,
        seen: server.updated_at.millis(),
        input: ServerForm::of(server),
        stored: None,
        problem: None,
        has_secret: server.credentials.is_some(),
        server: ServerLine::new(server, is_default),
        findings: Vec::new(),
        notice: None,
    }
}

/// The page as an answer.
pub fn show(
    locale: &Locale,
    pages: &Pages,
    page: &ServerPage,
    status: StatusCode,
) -> Result<HttpResponse, Failure> {
    pages.respond(status, "pages/admin/server.html", page, locale, &Framing::nobody())
}

/// What the buttons of the page send.
#[derive(Deserialize)]
pub struct ServerActionForm {
    csrf: String,
    act: ServerAction,
}

/// What an administrator does to a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ServerAction {
    Default,
    Drain,
    Activate,
    Test,
}

impl ServerAction {
    fn action(self) -> Action {
        match self {
            Self::Default => Action::ServerDefault,
            Self::Drain => Action::ServerDrain,
            Self::Activate => Action::ServerActivate,
            Self::Test => Action::ServerTest,
        }
    }

    fn notice(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Drain => "draining",
            Self::Activate => "active",
            Self::Test => "",
        }
    }
}

/// `POST /admin/servers/{server}`: makes it the default, lets it take rooms or no more, or tests it. For administrators.
pub async fn act(
    request: HttpRequest,
    Lang(locale): Lang,
    id: Path<ServerId>,
    form: Form<ServerActionForm>,
    app: Data<AppState>,
    pages: Data<Pages>,
) -> Result<HttpResponse, Failure> {
    let session = require_admin_form(&app, &request, &form.csrf, form.act.action(), &id).await?;
    let ListedServer { server, is_default } = find(&app, *id).await?;
    let act = form.act;
    if act == ServerAction::Test {
        let mut page = draw(&server, is_default, session.csrf(&app.sealer));
        page.findings = test(&app, &server).await?;
        return show(&locale, &pages, &page, StatusCode::OK);
    }
    let done = app
        .db
        .write(move |tx| {
            let mut status = ServerStatus::Active;
            match act {
                ServerAction::Drain if !store::drain(tx.connection, server.id)? => return Ok(false),
                ServerAction::Drain => status = ServerStatus::Disabled,
                ServerAction::Default => store::set_default(tx.connection, server.id)?,
                ServerAction::Activate | ServerAction::Test => {
                    store::set_status(tx.connection, server.id, status)?;
                }
            }
            let event = Event::done(&session.who, act.action(), &server.name);
            let event = event.with(server.status.word().to_owned(), status.word().to_owned());
            record(tx, &event)?;
            Ok(true)
        })
        .await?;
    if !done {
        return Err(Failure::refused(StatusCode::CONFLICT, RefusalCode::ServerIsDefault));
    }
    let place = format!("/admin/servers/{id}?notice={}", act.notice());
    Ok(redirect_to(&place))
}

async fn test(app: &AppState, server: &Server) -> Result<Vec<ServerFindingLine>, Failure> {
    let probe = ServerProbe {
        outbound: &app.outbound,
        signers: &app.signers,
        sealer: &app.sealer,
        keys: &app.keys,
        random: &app.random,
        now: app.clock.now(),
    };
    let findings = match probe.check(server).await {
        Ok(findings) => findings,
        Err(ServerError::Db(error)) => return Err(error.into()),
        Err(
            error @ (ServerError::Signing(_)
            | ServerError::OtherSecret(_)
            | ServerError::NoCredentials
            | ServerError::NameTaken(_)
            | ServerError::Unknown(_)),
        ) => {
            vec![ServerFinding::new(FindingCode::NoSignature, error.to_string())]
        }
    };
    Ok(findings.into_iter().map(ServerFindingLine::new).collect())
}
