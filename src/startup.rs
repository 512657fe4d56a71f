//! Puts the application together: its parts, and the web application made of them; the same for production and tests.

use std::path::PathBuf;
use std::sync::Arc;

use actix_web::ResponseError as _;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::{Next, from_fn};
use actix_web::web::Data;

use crate::admin::sign_in::ProviderCache;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::{Database, DbError};
use crate::entry::notices::jobs::AskForNotices;
use crate::ephemeral::Ephemeral;
use crate::grades::jobs::{FindLineItem, GradeSync, SendScore};
use crate::grades::results::jobs::ReadResults;
use crate::grades::store::ScoreMinutes;
use crate::http::body::{bound_body, require_unencoded};
use crate::http::connections::Connections;
use crate::http::failure_pages::render_failures;
use crate::http::pages::Pages;
use crate::http::readiness::Readiness;
use crate::http::security::{default_headers, require_https};
use crate::i18n::{Texts, TextsError};
use crate::ids::Random;
use crate::jobs::{JobNotifier, JobRunner};
use crate::lti::jobs::PlatformJobs;
use crate::lti::jwks::JwksCache;
use crate::lti::launch::tried_states::TriedStates;
use crate::lti::launch_log::{LaunchLog, LaunchLogWriter};
use crate::lti::services::access_token::ServiceTokens;
use crate::lti::services::client::Services;
use crate::memberships::jobs::ReadMemberships;
use crate::outbound::Outbound;
use crate::presence::{PresenceBuffer, PresenceWriter};
use crate::rooms::groups::jobs::ReadGroups;
use crate::rooms::live::LiveRooms;
use crate::routes;
use crate::sealing::{Sealer, SecretError};
use crate::servers;
use crate::servers::SignerCache;
use crate::signing::{KeyKeeper, KeyRing, KeyRingError, has_any_key, import_keys};
use crate::state::AppState;
use crate::telemetry::request_log;

/// Why the application cannot start: each a sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub enum StartupError {
    /// The sealing secret.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The sealing secret is gone, and what it sealed is still there.
    #[error(
        "the sealing secret {} is missing, and the database holds keys and credentials that only it opens: bring the file \
         back from a backup, or set JITSI_LTI_SECRET_KEY",
        .0.display()
    )]
    SecretLost(PathBuf),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The tool's keys.
    #[error(transparent)]
    Keys(#[from] KeyRingError),
    /// The texts.
    #[error(transparent)]
    Texts(#[from] TextsError),
    /// The thread of the jobs.
    #[error("no thread can be started: {0}")]
    Jobs(std::io::Error),
    /// The base URL.
    #[error("the base URL cannot be extended: {0}")]
    BaseUrl(#[from] url::ParseError),
}

/// The application's parts, ready to be served.
pub struct Parts {
    /// Shared by all requests.
    pub app: Data<AppState>,
    /// Templates and texts.
    pub pages: Data<Pages>,
    /// The connections of the server.
    pub connections: Arc<Connections>,
    /// Ends after the last record is written.
    pub log_writer: LaunchLogWriter,
    /// Ends after the last heartbeat is written.
    pub presence_writer: PresenceWriter,
    /// Ends after the jobs that run.
    pub job_runner: JobRunner,
    /// Ends at once.
    pub key_keeper: KeyKeeper,
}

/// Puts the parts together. The database must have been migrated.
pub async fn build(
    config: &Config,
    db: Database,
    ephemeral: Arc<dyn Ephemeral>,
    clock: Arc<dyn Clock>,
    random: Random,
) -> Result<Parts, StartupError> {
    let secret = sealer(config, &db, &random).await?;
    let texts = Arc::new(Texts::load(&config.data.folder.join("locales"))?);
    import_keys(&db, &secret, &config.keys.folder, clock.now(), &random).await?;
    let keys = Arc::new(KeyRing::load(&db, &secret, clock.now(), &random).await?);
    let key_keeper = KeyKeeper::start(
        Arc::clone(&keys),
        db.clone(),
        sealer(config, &db, &random).await?,
        config.keys.rotation,
        Arc::clone(&clock),
        random.clone(),
    );
    let (launch_log, log_writer) = LaunchLog::start(db.clone());
    let presence = Arc::new(PresenceBuffer::default());
    let presence_writer =
        PresenceWriter::start(Arc::clone(&presence), db.clone(), Arc::clone(&clock), Arc::new(ScoreMinutes));
    let live = LiveRooms::start(db.clone(), Arc::clone(&clock), config.addresses.max_connections / 2);
    let notifier = JobNotifier::default();
    let outbound = Outbound::new();
    let tokens = ServiceTokens::new(outbound.clone(), Arc::clone(&keys), Arc::clone(&clock), random.clone());
    let services = Arc::new(Services::new(outbound.clone(), tokens, Arc::clone(&clock)));
    let sync = GradeSync {
        db: db.clone(),
        services: Arc::clone(&services),
        texts: Arc::clone(&texts),
        clock: Arc::clone(&clock),
        random: random.clone(),
    };
    let reader = ReadMemberships {
        db: db.clone(),
        services: Arc::clone(&services),
        clock: Arc::clone(&clock),
        random: random.clone(),
    };
    let groups = ReadGroups { db: db.clone(), services: Arc::clone(&services), clock: Arc::clone(&clock) };
    let notices = AskForNotices {
        services: Arc::clone(&services),
        handler: config.addresses.base_url.join("lti/notices")?,
    };
    let job_runner = JobRunner::start(
        db.clone(),
        Arc::clone(&clock),
        random.clone(),
        vec![
            Arc::new(PlatformJobs::new(&db, &clock, FindLineItem(sync.clone()))),
            Arc::new(PlatformJobs::new(&db, &clock, SendScore(sync.clone()))),
            Arc::new(PlatformJobs::new(&db, &clock, ReadResults(sync))),
            Arc::new(PlatformJobs::new(&db, &clock, reader)),
            Arc::new(PlatformJobs::new(&db, &clock, groups)),
            Arc::new(PlatformJobs::new(&db, &clock, notices)),
        ],
        &notifier,
        // Without Redis no second process may serve.
        config.data.redis_url.is_none(),
    )
    .map_err(StartupError::Jobs)?;
    let app = AppState {
        services,
        notifier,
        presence,
        live,
        base_url: config.addresses.base_url.clone(),
        admin_url: config.addresses.admin_url.clone(),
        admin_oidc: config.admin_oidc.clone(),
        sign_in: ProviderCache::default(),
        launch_url: config.addresses.base_url.join("lti/launch")?,
        jwks: JwksCache::new(outbound.clone()),
        outbound,
        readiness: Readiness::default(),
        tool: config.tool.clone(),
        signers: SignerCache::default(),
        trusted_proxies: config.addresses.trusted_proxies.clone(),
        db,
        ephemeral,
        sealer: secret,
        clock,
        keys,
        tried: TriedStates::default(),
        launch_log,
        random: random.clone(),
    };
    Ok(Parts {
        app: Data::new(app),
        pages: Data::new(Pages::new(texts, random)),
        connections: Arc::new(Connections::new(
            config.addresses.max_connections,
            config.addresses.trusted_proxies.clone(),
        )),
        log_writer,
        presence_writer,
        job_runner,
        key_keeper,
    })
}

/// The sealer with the secret that the settings name, or with the one in the folder of keys; made there when it does not
/// exist and nothing was sealed yet.
///
/// Errors: [`StartupError::SecretLost`] instead of a new secret beside data that another one sealed.
pub async fn sealer(config: &Config, db: &Database, random: &Random) -> Result<Sealer, StartupError> {
    if let Some(secret) = &config.keys.secret {
        return Ok(Sealer::parse(secret)?);
    }
    if !Sealer::is_in_folder(&config.keys.folder) && is_anything_sealed(db).await? {
        return Err(StartupError::SecretLost(config.keys.folder.join("secret")));
    }
    Ok(Sealer::from_folder(&config.keys.folder, random)?)
}

/// Returns whether the database holds what only the sealing secret opens.
pub async fn is_anything_sealed(db: &Database) -> Result<bool, DbError> {
    db.read(|connection| Ok(has_any_key(connection)? || servers::store::has_credentials(connection)?)).await
}

/// The web application.
pub fn web_app(
    app: Data<AppState>,
    pages: Data<Pages>,
) -> actix_web::App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = actix_web::Error,
        InitError = (),
    >,
> {
    let headers = default_headers(&app.base_url);
    actix_web::App::new()
        .app_data(app)
        .app_data(pages)
        .configure(routes::configure)
        .wrap(from_fn(refuse_early))
        .wrap(from_fn(render_failures))
        .wrap(from_fn(bound_body))
        .wrap(headers)
        .wrap(request_log())
}

/// Refuses compressed bodies, and whoever does not come over https. Monitors may ask over plain http.
///
/// Quirk: an address that spells a probe's in another way is none here, whatever the table of URLs makes of it.
async fn refuse_early<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let is_probe = matches!(request.path(), "/healthz" | "/readyz");
    let admitted = require_unencoded(request.headers()).and_then(|()| {
        let app = request.app_data::<Data<AppState>>().filter(|_| !is_probe);
        app.map_or(Ok(()), |app| require_https(request.request(), &app.trusted_proxies))
    });
    match admitted {
        Ok(()) => Ok(next.call(request).await?.map_into_left_body()),
        Err(failure) => Ok(request.into_response(failure.error_response()).map_into_right_body()),
    }
}
