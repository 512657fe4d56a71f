//! The tool as `serve` puts it together, with a clock that the story moves.

use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use actix_web::dev::ServerHandle;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use jitsi_lti::cli::serve;
use jitsi_lti::clock::{Clock as _, FakeClock, Timestamp};
use jitsi_lti::config::{
    Addresses, AdminOidc, Config, DEFAULT_MAX_CONNECTIONS, DataPlaces, KeySettings, PlatformEntry,
    ToolDescription,
};
use jitsi_lti::db::{Database, DbConnection, DbError, Tx};
use jitsi_lti::demo::jitsi::{JitsiSettings, JitsiSim, SimKeys, SimKind, TokenServer};
use jitsi_lti::demo::jws::KeyPair;
use jitsi_lti::demo::lms;
use jitsi_lti::demo::lms::{Lms, LmsSettings};
use jitsi_lti::ids::Random;
use jitsi_lti::jitsi::kinds::{ServerKind, TokenRules, TokenSigning};
use jitsi_lti::lti::launch::custom::VARIABLES;
use jitsi_lti::lti::launch_log::store::{LoggedLaunch, list_launches};
use jitsi_lti::servers;
use jitsi_lti::servers::NewServer;
use jitsi_lti::startup::sealer;
use secrecy::SecretString;
use serde_json::Value;

use super::leftovers::jobs_left;
use super::{Backend, Background, Browser, PATIENCE, PAUSE, Site, Storage, eventually, redis_url};

/// Our name at the platform.
pub const CLIENT_ID: &str = "class-tool";
/// Our deployment there.
pub const DEPLOYMENT: &str = "1";
/// When every story begins. Units: seconds since 1970.
pub const NOW: i64 = 1_795_341_697;
/// What seals in every story.
pub const SECRET: &str = "1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
const JITSI_SECRET: &str = "the secret of the campus's own Jitsi";

/// What differs from the usual installation.
pub struct Setup {
    backend: Backend,
    jwks_url: Option<String>,
    auth_query: &'static str,
    redis_url: Option<String>,
    with_server: bool,
    with_platform: bool,
    with_admin_host: bool,
    admin_oidc: Option<AdminOidc>,
    token_audience: Option<String>,
    storage: Option<Storage>,
}

impl Setup {
    pub fn new(backend: Backend) -> Self {
        Self {
            backend,
            jwks_url: None,
            auth_query: "",
            redis_url: None,
            with_server: true,
            with_platform: true,
            with_admin_host: false,
            admin_oidc: None,
            token_audience: None,
            storage: None,
        }
    }

    /// The platform's keys are fetched from here.
    #[must_use]
    pub fn keys_at(mut self, url: &str) -> Self {
        self.jwks_url = Some(url.to_owned());
        self
    }

    /// The platform's authentication URL has this query.
    #[must_use]
    pub fn auth_query(mut self, query: &'static str) -> Self {
        self.auth_query = query;
        self
    }

    /// Short-lived state lives in this Redis.
    #[must_use]
    pub fn redis_at(mut self, url: &str) -> Self {
        self.redis_url = Some(url.to_owned());
        self
    }

    /// Over what is stored already.
    #[must_use]
    pub fn over(mut self, storage: Storage) -> Self {
        self.storage = Some(storage);
        self
    }

    /// Token requests name this audience.
    #[must_use]
    pub fn token_audience(mut self, audience: &str) -> Self {
        self.token_audience = Some(audience.to_owned());
        self
    }

    /// No Jitsi server is set up.
    #[must_use]
    pub fn without_server(mut self) -> Self {
        self.with_server = false;
        self
    }

    /// The administrator's pages have a host of their own.
    #[must_use]
    pub fn with_admin_host(mut self) -> Self {
        self.with_admin_host = true;
        self
    }

    /// Administrators sign in there.
    #[must_use]
    pub fn signing_in_at(mut self, provider: AdminOidc) -> Self {
        self.admin_oidc = Some(provider);
        self
    }

    /// Platform and tool do not know each other yet.
    #[must_use]
    pub fn without_platform(mut self) -> Self {
        self.with_platform = false;
        self
    }

    /// Starts platform and tool.
    pub async fn start(mut self) -> TestTool {
        let clock = Arc::new(FakeClock::new(Timestamp::from_secs(NOW)));
        let storage = self.storage.take().unwrap_or_else(|| Storage::new(self.backend));
        let (lms_place, issuer) = Site::place();
        let (tool_place, _) = Site::place();
        let address = tool_place.local_addr().unwrap();
        let origin = format!("http://localhost:{}", address.port());
        let settings = match self.with_platform {
            true => lms_settings(&issuer, &origin),
            false => LmsSettings { issuer, tools: Vec::new() },
        };
        let lms = Lms::with_key(settings, lms_key(), clock.clone(), Random::System).unwrap();
        let lms_site = Site::serve(lms_place, lms.routes());
        let config = self.config(&storage, &lms, address);
        let jitsi_settings = JitsiSettings {
            origin: "https://meet.campus.example".to_owned(),
            kind: SimKind::Token(TokenServer::new(
                "campus",
                SimKeys::Secret(JITSI_SECRET.to_owned()),
                "meet.campus.example",
            )),
        };
        let jitsi = JitsiSim::new(jitsi_settings, clock.clone()).unwrap();
        let running = Running::start(&config, &clock, tool_place);
        let db = Database::new(&config.data.database, clock.clone(), Random::System).unwrap();
        let tool = TestTool {
            lms,
            clock,
            jitsi,
            db,
            origin,
            config,
            running: Some(running),
            may_leave_jobs: AtomicBool::new(false),
            _lms_site: lms_site,
            storage,
        };
        if self.with_server {
            tool.adds_server(campus_server()).await;
        }
        tool
    }

    fn config(&self, storage: &Storage, lms: &Lms, listen: SocketAddr) -> Config {
        let platform = PlatformEntry {
            issuer: lms.settings().issuer.clone(),
            client_id: CLIENT_ID.to_owned(),
            auth_url: format!("{}{}", lms.auth_url(), self.auth_query).parse().unwrap(),
            token_url: lms.token_url().parse().unwrap(),
            jwks_url: self.jwks_url.clone().unwrap_or(lms.jwks_url()).parse().unwrap(),
            token_audience: self.token_audience.clone(),
            deployments: vec![DEPLOYMENT.to_owned()],
            name: Some("Riverside University".to_owned()),
            allow_private_network: true,
            allow_anonymous: false,
        };
        let redis = self.redis_url.clone().or_else(|| (self.backend == Backend::Postgres).then(redis_url));
        let admin_host = if self.with_admin_host { "127.0.0.1" } else { "localhost" };
        Config {
            addresses: Addresses {
                base_url: format!("http://localhost:{}", listen.port()).parse().unwrap(),
                admin_url: format!("http://{admin_host}:{}", listen.port()).parse().unwrap(),
                listen,
                trusted_proxies: Vec::new(),
                max_connections: usize::from(DEFAULT_MAX_CONNECTIONS),
            },
            admin_oidc: self.admin_oidc.clone(),
            data: DataPlaces {
                database: storage.database(),
                folder: storage.folder(),
                redis_url: redis.map(SecretString::from),
            },
            keys: KeySettings {
                folder: storage.folder().join("keys"),
                rotation: Some(Duration::from_secs(90 * 24 * 60 * 60)),
                secret: Some(SecretString::from(SECRET)),
            },
            log: "warn".to_owned(),
            tool: ToolDescription {
                platforms: self.with_platform.then_some(platform).into_iter().collect(),
                ..ToolDescription::load(None).unwrap()
            },
        }
    }
}

/// The key of every story's first platform: making one takes long.
fn lms_key() -> KeyPair {
    static KEY: LazyLock<KeyPair> = LazyLock::new(|| KeyPair::generate().unwrap());
    KEY.clone()
}

/// What a platform is told of a tool at `tool`.
pub fn lms_settings(issuer: &str, tool: &str) -> LmsSettings {
    let tool = lms::Tool { custom: custom_parameters(), ..lms::Tool::at(tool, CLIENT_ID, DEPLOYMENT) };
    LmsSettings { issuer: issuer.to_owned(), tools: vec![tool] }
}

/// What an administrator who registers the tool lets the platform send.
fn custom_parameters() -> Vec<(String, String)> {
    VARIABLES.map(|one| (one.name.to_owned(), one.variable.to_owned())).to_vec()
}

fn campus_server() -> NewServer {
    at_jitsi(TokenSigning::Secret, Some(JITSI_SECRET))
}

/// The campus's own Jitsi server, with tokens that are signed so.
pub fn at_jitsi(signing: TokenSigning, secret: Option<&str>) -> NewServer {
    NewServer {
        name: format!("campus {}", Random::System.letters_and_digits(6)),
        url: "https://meet.campus.example".parse().unwrap(),
        kind: ServerKind::SelfHosted(TokenRules {
            app_id: "campus".to_owned(),
            audience: "jitsi".to_owned(),
            subject: "meet.campus.example".to_owned(),
            signing,
        }),
        secret: secret.map(SecretString::from),
        default: true,
    }
}

/// The tool, its platform, and a Jitsi server that checks room tokens.
pub struct TestTool {
    pub lms: Lms,
    pub clock: Arc<FakeClock>,
    pub jitsi: JitsiSim,
    pub db: Database,
    pub origin: String,
    pub config: Config,
    pub storage: Storage,
    running: Option<Running>,
    pub(super) may_leave_jobs: AtomicBool,
    _lms_site: Site,
}

struct Running {
    handle: ServerHandle,
    thread: JoinHandle<()>,
    background: Background,
}

impl Running {
    fn start(config: &Config, clock: &Arc<FakeClock>, place: TcpListener) -> Self {
        let (config, clock) = (config.clone(), clock.clone());
        let (tell, told) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let parts = serve::prepare(&config, clock, Random::System).await.unwrap();
                let server = serve::server(&parts, place).unwrap();
                tell.send((server.handle(), Background::of(&parts))).unwrap();
                let _ = server.await;
                serve::finish(parts).await;
            });
        });
        let (handle, background) = told.recv().expect("the tool does not start");
        Self { handle, thread, background }
    }
}

/// A number that a query calls `value`.
#[derive(QueryableByName)]
pub struct Number {
    #[diesel(sql_type = BigInt)]
    pub value: i64,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    value: String,
}

impl TestTool {
    /// The usual installation.
    pub async fn start(backend: Backend) -> Self {
        Setup::new(backend).start().await
    }

    /// A fresh browser.
    pub fn browser(&self) -> Browser {
        Browser::new(&self.origin, self.lms.clone())
    }

    /// Stops the process and starts it again over the same database, with the same secret.
    pub async fn restarts(&mut self) {
        self.stops().await;
        self.starts();
    }

    /// Stops the process.
    pub async fn stops(&mut self) {
        let Running { handle, thread, background } = self.running.take().unwrap();
        handle.stop(false).await;
        drop(background);
        thread.join().unwrap();
    }

    /// Starts it again.
    pub fn starts(&mut self) {
        let place = TcpListener::bind(self.config.addresses.listen).unwrap();
        self.running = Some(Running::start(&self.config, &self.clock, place));
    }

    pub fn later(&self, span: Duration) {
        self.clock.advance(span);
    }

    fn background(&self) -> &Background {
        &self.running.as_ref().expect("the tool runs").background
    }

    /// Writes what waits in memory: heartbeats, what follows from silences, and the launch log.
    pub async fn written(&self) {
        self.background().written().await;
    }

    /// Lets the jobs run that are due, until nothing is due and nothing runs.
    pub async fn jobs_rest(&self) {
        eventually("no job is due", async || {
            self.background().jobs_done().await;
            let now = self.clock.now().millis();
            let due = format!(
                "SELECT COUNT(*) AS value FROM job JOIN job_queue ON job_queue.queue = job.queue \
                 WHERE (due_at <= {now} AND paused_until <= {now}) OR lease IS NOT NULL"
            );
            self.number(due).await == 0
        })
        .await;
    }

    /// Waits until something becomes true, and has the tool do at once what it does from time to time.
    pub async fn eventually(&self, what: &str, is_true: impl AsyncFn() -> bool) {
        let begun = Instant::now();
        while !is_true().await {
            assert!(begun.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}");
            self.hastens().await;
        }
    }

    /// Has the tool do what it does from time to time. Who waits for it looks in between: a job may take long on purpose.
    pub async fn hastens(&self) {
        if let Some(running) = &self.running {
            running.background.hastens().await;
        }
        tokio::time::sleep(PAUSE).await;
    }

    /// Lets the keeper of the keys do what is due.
    pub async fn keys_are_kept(&self) {
        self.background().keys_kept().await;
    }

    /// Adds a Jitsi server.
    pub async fn adds_server(&self, server: NewServer) {
        server.check().unwrap();
        let sealer = sealer(&self.config, &self.db, &Random::System).await.unwrap();
        let work = move |tx: &mut Tx<'_>| servers::store::insert(tx, &server, &sealer);
        self.db.try_write(work).await.unwrap();
    }

    /// Does what a database that was away a moment ago may refuse once more.
    pub(super) async fn patiently<T>(&self, attempt: impl AsyncFn() -> Result<T, DbError>) -> T {
        for _ in 0..50 {
            match attempt().await {
                Err(error) if error.is_outage() => tokio::time::sleep(Duration::from_millis(200)).await,
                done => return done.unwrap(),
            }
        }
        attempt().await.unwrap()
    }

    /// Changes rows.
    pub async fn sql(&self, statement: &'static str) {
        let work = move |tx: &mut Tx<'_>| Ok(diesel::sql_query(statement).execute(tx.connection)?);
        self.patiently(async || self.db.write(work).await).await;
    }

    /// How many rows a table has.
    pub async fn count(&self, table: &str) -> i64 {
        self.number(format!("SELECT COUNT(*) AS value FROM {table}")).await
    }

    /// A number that a query calls `value`.
    pub async fn number(&self, query: String) -> i64 {
        let work = move |connection: &mut DbConnection| {
            Ok(diesel::sql_query(query).get_result::<Number>(connection)?.value)
        };
        self.patiently(async || self.db.read(work.clone()).await).await
    }

    /// Texts that a query calls `value`.
    pub async fn texts(&self, query: &'static str) -> Vec<String> {
        let work =
            move |connection: &mut DbConnection| Ok(diesel::sql_query(query).load::<Line>(connection)?);
        let lines = self.db.read(work).await.unwrap();
        lines.into_iter().map(|line| line.value).collect()
    }

    /// The launch log once it has `count` records, oldest first.
    pub async fn launch_log(&self, count: usize) -> Vec<LoggedLaunch> {
        let begun = Instant::now();
        loop {
            self.written().await;
            let mut records: Vec<LoggedLaunch> =
                self.db.read(|connection| list_launches(connection, 1000)).await.unwrap();
            if records.len() >= count {
                records.reverse();
                return records;
            }
            assert!(begun.elapsed() < PATIENCE, "the launch log has no {count} records: {records:?}");
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// The claims of a room token, once the Jitsi server let its bearer into the room that the page names.
    pub async fn token_of(&self, meeting: &super::Page) -> jitsi_lti::demo::jitsi::VerifiedToken {
        let config = meeting.meeting_config();
        self.jitsi.verify(config["jwt"].as_str(), config["roomName"].as_str().unwrap()).await.unwrap()
    }
}

impl Drop for TestTool {
    /// Ends the tool. A story that did well so far fails now if it leaves jobs without saying so.
    fn drop(&mut self) {
        let is_free = std::thread::panicking() || self.may_leave_jobs.load(Ordering::SeqCst);
        let background = self.running.as_ref().map(|running| &running.background);
        let left = if is_free { Vec::new() } else { jobs_left(&self.storage, self.clock.now(), background) };
        if let Some(running) = &self.running {
            drop(running.handle.stop(false));
        }
        assert!(left.is_empty(), "jobs are left that `leaves_jobs` does not announce:\n{}", left.join("\n"));
    }
}

/// A second platform of the same tool.
pub struct OtherPlatform {
    pub lms: Lms,
    pub(super) _site: Site,
}

impl OtherPlatform {
    /// A fresh browser of one of its people.
    pub fn browser(&self, tool: &TestTool) -> Browser {
        Browser::new(&tool.origin, self.lms.clone())
    }
}

/// The keys that a platform publishes now, as text.
pub async fn keys_of(lms: &Lms) -> String {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = http.get(lms.jwks_url()).send().await.unwrap().json::<Value>().await.unwrap();
    answer.to_string()
}
