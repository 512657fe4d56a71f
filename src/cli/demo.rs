//! `demo`: everything on this machine. A built-in LMS, the tool and a simulated Jitsi, each on a port of its own; the
//! tool under another name than the LMS, so that browsers treat them as two sites, as in real life.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::Duration;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Server, ServerHandle, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{HOST, LOCATION};
use actix_web::middleware::{Next, from_fn};
use actix_web::web::{Data, ServiceConfig};
use actix_web::{App, Error, HttpResponse, HttpServer};
use anyhow::Context as _;
use clap::Args;
use futures::future::BoxFuture;
use secrecy::SecretString;
use url::Url;

use super::{admin, say, serve};
use crate::clock::{Clock, SkippingClock, SystemClock};
use crate::config::{
    Addresses, Config, DEFAULT_MAX_CONNECTIONS, DataPlaces, DatabaseUrl, KeySettings, PlatformEntry,
    SettingsArgs, ToolDescription, names,
};
use crate::demo::classroom::{Classroom, watch_pages};
use crate::demo::jitsi::{JitsiSettings, JitsiSim, SimKeys, SimKind, TokenServer};
use crate::demo::lms::{AdminLinks, Lms, LmsActivity, LmsSettings, Tool};
use crate::http::security::host_of;
use crate::ids::{Random, ServerId};
use crate::jitsi::kinds::{ServerKind, TokenRules, TokenSigning, parse_origin};
use crate::lti::launch::custom::VARIABLES;
use crate::servers::{NewServer, ServerError, store};
use crate::startup::{self, Parts};
use crate::state::AppState;
use crate::telemetry;

const CLIENT_ID: &str = "jitsi-lti-demo";
const DEPLOYMENT: &str = "1";
const COURSE: &str = "101";
const TEACHER: &str = "tessa";
const JITSI_APP_ID: &str = "jitsi-lti-demo";
/// A browser keeps connections open, and opens some before it has anything to ask: they may rest almost as long as the
/// tool lets any.
const MAX_IDLE: Duration = Duration::from_secs(25);

/// What the demo uses.
#[derive(Args, Clone, Debug)]
pub struct DemoArgs {
    /// Port of the built-in LMS; the next free one where it is taken
    #[arg(long, default_value_t = 8081)]
    lms_port: u16,
    /// Port of the tool
    #[arg(long, default_value_t = 8080)]
    tool_port: u16,
    /// Port of the simulated Jitsi
    #[arg(long, default_value_t = 8082)]
    jitsi_port: u16,
    /// A real Jitsi server without tokens, such as meet.jit.si, instead of the simulated one
    #[arg(long, value_name = "DOMAIN")]
    jitsi: Option<String>,
}

impl DemoArgs {
    /// Free ports and the simulated Jitsi: for tests.
    pub fn anywhere() -> Self {
        Self { lms_port: 0, tool_port: 0, jitsi_port: 0, jitsi: None }
    }
}

/// Runs the command until it is interrupted.
pub fn run(args: &DemoArgs, settings: &SettingsArgs) -> anyhow::Result<()> {
    // The log would drown the one address that counts; whoever asks for it gets it.
    let log = if settings.log() == "info" { "warn" } else { settings.log() };
    telemetry::start(log).with_context(|| format!("{} cannot be read", names::LOG))?;
    actix_web::rt::System::new().block_on(async {
        let demo = Demo::prepare(args, Arc::new(SystemClock)).await?;
        demo.announce();
        demo.run().await
    })
}

/// The demo's three sites, ready to run.
pub struct Demo {
    /// The built-in LMS.
    pub lms: Lms,
    /// The simulated Jitsi.
    pub jitsi: JitsiSim,
    /// Fills a room of the simulated Jitsi with students.
    pub classroom: Classroom,
    /// Where a visitor begins.
    pub start_url: String,
    /// The tool's address.
    pub tool_url: Url,
    /// Opens the administrator's pages, once.
    pub admin_url: Url,
    /// The tool's parts.
    pub parts: Parts,
    jitsi_name: String,
    group_work: String,
    servers: Vec<Server>,
    _folder: Folder,
}

impl Demo {
    /// Opens the ports and provisions the tool: a platform, and a Jitsi server. All three go by `clock`, and skip
    /// together when a class is simulated.
    pub async fn prepare(args: &DemoArgs, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        let skipping = Arc::new(SkippingClock::over(clock));
        let clock: Arc<dyn Clock> = skipping.clone();
        let [lms_port, tool_port, jitsi_port] =
            [listen(args.lms_port)?, listen(args.tool_port)?, listen(args.jitsi_port)?];
        let origin = |host: &str, listener: &TcpListener| {
            listener.local_addr().map(|address| format!("http://{host}:{}", address.port()))
        };
        let (lms_url, tool_url) = (origin("127.0.0.1", &lms_port)?, origin("localhost", &tool_port)?);
        let jitsi_url = origin("127.0.0.1", &jitsi_port)?;
        let folder = Folder::make()?;
        let lms = Lms::new(lms_settings(&lms_url, &tool_url), Arc::clone(&clock), Random::System)?;
        let group_work = add_groups(&lms)?;
        let config = config(&folder.0, &tool_url, &lms)?;
        let parts = serve::prepare(&config, Arc::clone(&clock), Random::System).await?;
        let secret = Random::System.secret();
        let jitsi = simulated_jitsi(&jitsi_url, &secret, clock)?;
        let classroom = Classroom::new(lms.clone(), skipping);
        if args.jitsi.is_none() {
            open_classroom(&classroom, &lms, &jitsi);
        }
        let server = jitsi_server(args.jitsi.as_deref(), &jitsi_url, &secret)?;
        let jitsi_name = server.url.to_string();
        add_server(&parts, server).await?;
        let tool_url = Url::parse(&tool_url)?;
        let app = &parts.app;
        let admin_url = admin::link(&app.db, &tool_url).await?;
        let links = LoginLinks { app: Arc::downgrade(app), tool_url: tool_url.clone() };
        lms.offer_admin_links(Arc::new(links));
        let servers = vec![
            tool_server(&parts, &classroom, tool_port)?,
            site(lms.routes(), &Url::parse(&lms_url)?, lms_port)?,
            site(jitsi.routes(), &Url::parse(&jitsi_url)?, jitsi_port)?,
        ];
        Ok(Self {
            lms,
            jitsi,
            classroom,
            start_url: format!("{lms_url}/"),
            tool_url,
            admin_url,
            parts,
            jitsi_name,
            group_work,
            servers,
            _folder: folder,
        })
    }

    /// Handles that stop the three sites.
    pub fn handles(&self) -> Vec<ServerHandle> {
        self.servers.iter().map(Server::handle).collect()
    }

    /// Serves until the process is told to stop, or the handles are.
    pub async fn run(self) -> anyhow::Result<()> {
        let (classroom, group_work) = (self.classroom.clone(), self.group_work.clone());
        actix_web::rt::spawn(async move {
            if let Err(error) = classroom.switch_group_rooms_on(TEACHER, &group_work).await {
                tracing::warn!(%error, "groups have no rooms");
            }
        });
        futures::future::try_join_all(self.servers).await?;
        serve::finish(self.parts).await;
        Ok(())
    }

    fn announce(&self) {
        say("The demo is running. Open this page in Chrome, Chromium or Edge:\n");
        say(format_args!("    {}\n", self.start_url));
        say("This one opens the tool's administrator pages, once:\n");
        say(format_args!("    {}\n", self.admin_url));
        say(format_args!("Tool {}  Jitsi {}", self.tool_url, self.jitsi_name));
        say("It listens on this machine alone, and forgets everything when you stop it with Ctrl+C.");
    }
}

/// The demo's folder, gone when the demo ends.
struct Folder(PathBuf);

impl Folder {
    fn make() -> anyhow::Result<Self> {
        let path =
            std::env::temp_dir().join(format!("jitsi-lti-demo-{}", Random::System.letters_and_digits(12)));
        std::fs::DirBuilder::new()
            .mode(0o700)
            .create(&path)
            .with_context(|| format!("{} cannot be made", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Left to the system's own cleaning where it fails.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A listener on `port`, or on any free port where that one is taken.
fn listen(port: u16) -> anyhow::Result<TcpListener> {
    let at = |port| TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    at(port).or_else(|_: std::io::Error| at(0)).context("no port is free on this machine")
}

/// Returns the tool's server; the classroom sees which meeting pages are open.
fn tool_server(parts: &Parts, classroom: &Classroom, listener: TcpListener) -> std::io::Result<Server> {
    let (app, pages) = (parts.app.clone(), parts.pages.clone());
    let open_pages = Data::new(classroom.open_pages());
    let connections = Arc::clone(&parts.connections);
    let home = Data::new(Home(app.base_url.clone()));
    let server = HttpServer::new(move || {
        let app = startup::web_app(app.clone(), pages.clone());
        let app = app.app_data(open_pages.clone()).wrap(from_fn(watch_pages));
        app.app_data(home.clone()).wrap(from_fn(lead_home))
    });
    let server = server.on_connect(move |io, data| connections.welcome(io, data)).shutdown_timeout(1);
    let server = server.keep_alive(MAX_IDLE).client_request_timeout(MAX_IDLE);
    Ok(server.listen(listener)?.run())
}

fn site<F>(routes: F, home: &Url, listener: TcpListener) -> std::io::Result<Server>
where
    F: Fn(&mut ServiceConfig) + Clone + Send + 'static,
{
    let home = Data::new(Home(home.clone()));
    let server = HttpServer::new(move || {
        App::new().configure(routes.clone()).app_data(home.clone()).wrap(from_fn(lead_home))
    });
    let server = server.workers(1).shutdown_timeout(1).keep_alive(MAX_IDLE).client_request_timeout(MAX_IDLE);
    Ok(server.listen(listener)?.run())
}

/// The address that the other sites know a site by.
struct Home(Url);

/// Leads a browser that came by another name of this machine to the site's own address: only that one may show the
/// others' pages in frames, and has their cookies.
async fn lead_home(
    home: Data<Home>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody>>, Error> {
    let came_by = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    let is_elsewhere = came_by.is_some_and(|host| host != host_of(&home.0));
    if !is_elsewhere || request.method() != Method::GET {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    let mut address = home.0.clone();
    address.set_path(request.path());
    address.set_query(request.uri().query());
    let response = HttpResponse::TemporaryRedirect().insert_header((LOCATION, address.as_str())).finish();
    Ok(request.into_response(response).map_into_right_body())
}

fn lms_settings(lms_url: &str, tool_url: &str) -> LmsSettings {
    let tool = Tool { custom: custom_parameters(), ..Tool::at(tool_url, CLIENT_ID, DEPLOYMENT) };
    LmsSettings { issuer: lms_url.to_owned(), tools: vec![tool] }
}

/// Adds an activity for groups; returns its id.
fn add_groups(lms: &Lms) -> anyhow::Result<String> {
    lms.behaviour().set_healthy(|now| now.offer_groups = true);
    let activity = LmsActivity {
        description: "Every group has a room of its own.".to_owned(),
        is_for_groups: true,
        ..LmsActivity::new(COURSE, "Group work").ungraded()
    };
    Ok(lms.add_activity(activity)?.id)
}

/// Makes links to the tool's administrator pages while the tool runs.
struct LoginLinks {
    app: Weak<AppState>,
    tool_url: Url,
}

impl AdminLinks for LoginLinks {
    fn make(&self) -> BoxFuture<'static, Result<String, String>> {
        let (app, tool_url) = (self.app.clone(), self.tool_url.clone());
        Box::pin(async move {
            let app = app.upgrade().ok_or("The tool has stopped.")?;
            admin::link(&app.db, &tool_url).await.map(String::from).map_err(|error| error.to_string())
        })
    }
}

/// What an administrator who registers the tool lets the LMS send.
fn custom_parameters() -> Vec<(String, String)> {
    VARIABLES.map(|one| (one.name.to_owned(), one.variable.to_owned())).to_vec()
}

fn config(folder: &Path, tool_url: &str, lms: &Lms) -> anyhow::Result<Config> {
    let platform = PlatformEntry {
        issuer: lms.settings().issuer.clone(),
        client_id: CLIENT_ID.to_owned(),
        auth_url: lms.auth_url().parse()?,
        token_url: lms.token_url().parse()?,
        jwks_url: lms.jwks_url().parse()?,
        token_audience: None,
        deployments: vec![DEPLOYMENT.to_owned()],
        name: Some("Riverside University".to_owned()),
        allow_private_network: true,
        allow_anonymous: false,
    };
    Ok(Config {
        addresses: Addresses {
            base_url: tool_url.parse()?,
            admin_url: tool_url.parse()?,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            trusted_proxies: Vec::new(),
            max_connections: usize::from(DEFAULT_MAX_CONNECTIONS),
        },
        admin_oidc: None,
        data: DataPlaces {
            database: DatabaseUrl::Sqlite(folder.join("demo.sqlite3")),
            folder: folder.to_owned(),
            redis_url: None,
        },
        keys: KeySettings { folder: folder.join("keys"), rotation: None, secret: None },
        log: "warn".to_owned(),
        tool: ToolDescription { platforms: vec![platform], ..ToolDescription::load(None)? },
    })
}

fn simulated_jitsi(origin: &str, secret: &str, clock: Arc<dyn Clock>) -> anyhow::Result<JitsiSim> {
    let server = TokenServer::new(JITSI_APP_ID, SimKeys::Secret(secret.to_owned()), "127.0.0.1");
    let settings = JitsiSettings { origin: origin.to_owned(), kind: SimKind::Token(server) };
    Ok(JitsiSim::new(settings, clock)?)
}

fn open_classroom(classroom: &Classroom, lms: &Lms, jitsi: &JitsiSim) {
    jitsi.enable_simulated_classes(Arc::new(classroom.clone()));
    lms.announce_classroom();
}

fn jitsi_server(real: Option<&str>, simulated: &str, secret: &str) -> anyhow::Result<NewServer> {
    let name = "demo".to_owned();
    if let Some(domain) = real {
        return Ok(NewServer {
            name,
            url: parse_origin(domain)?,
            kind: ServerKind::Public,
            secret: None,
            default: true,
        });
    }
    let rules = TokenRules {
        app_id: JITSI_APP_ID.to_owned(),
        audience: "jitsi".to_owned(),
        subject: "127.0.0.1".to_owned(),
        signing: TokenSigning::Secret,
    };
    let kind = ServerKind::SelfHosted(rules);
    Ok(NewServer {
        name,
        url: parse_origin(simulated)?,
        kind,
        secret: Some(SecretString::from(secret)),
        default: true,
    })
}

async fn add_server(parts: &Parts, server: NewServer) -> anyhow::Result<()> {
    server.check()?;
    let app = parts.app.clone();
    let db = app.db.clone();
    let added: Result<ServerId, ServerError> =
        db.try_write(move |tx| store::insert(tx, &server, &app.sealer)).await;
    added?;
    Ok(())
}
