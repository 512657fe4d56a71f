//! `serve`: the tool.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpServer;
use actix_web::dev::Server;
use anyhow::Context as _;
use secrecy::SecretString;
use tokio::net::TcpSocket;
use tokio::signal::unix::{SignalKind, signal};

use super::{admin, database_at, platform};
use crate::clock::{Clock, SystemClock};
use crate::config::{Addresses, Config, ConfigError, names, without_password};
use crate::db::SoleInstance;
use crate::ephemeral::{Ephemeral, EphemeralError, MemoryEphemeral, RedisEphemeral};
use crate::http::connections;
use crate::ids::Random;
use crate::rooms::live::LiveRooms;
use crate::startup;
use crate::startup::{Parts, web_app};
use crate::telemetry;

/// Requests that are being answered when the process is told to stop have this long.
const GRACE_SECS: u64 = 10;
/// The head of a connection's first request has this long; its body as long again.
const MAX_WAIT_HEAD: Duration = Duration::from_secs(15);

const RECEIVE_BUFFER: u32 = 32 * 1024;
/// Connections that nobody has taken yet.
const BACKLOG: u32 = 1024;

/// Runs the command until SIGTERM or SIGINT.
pub async fn run(config: &Config) -> anyhow::Result<()> {
    telemetry::start(&config.log).with_context(|| format!("{} cannot be read", names::LOG))?;
    let config = &within_file_limit(config);
    let parts = prepare(config, Arc::new(SystemClock), Random::System).await?;
    let listener = listen(config.addresses.listen)
        .with_context(|| format!("cannot listen on {}", config.addresses.listen))?;
    tracing::info!(listen = %config.addresses.listen, base_url = %config.addresses.base_url, "serving");
    let app = parts.app.clone();
    admin::welcome(&app.db, &app.admin_url).await?;
    tokio::spawn(close_when_told(Arc::clone(&app.live)));
    drop(app);
    server(&parts, listener)?.await?;
    finish(parts).await;
    Ok(())
}

/// Ends what would keep connections open for long, when the process is told to stop: their pages come back to another one.
async fn close_when_told(live: Arc<LiveRooms>) {
    let Ok(mut terminated) = signal(SignalKind::terminate()) else { return };
    tokio::select! {
        _ = terminated.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    live.close();
}

/// Listens with small buffers: what a client sent waits in its own memory until it is read.
fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    socket.set_recv_buffer_size(RECEIVE_BUFFER)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)?.into_std()
}

/// Takes as many open files as the system allows, and no more connections than fit.
fn within_file_limit(config: &Config) -> Config {
    let files = rlimit::increase_nofile_limit(u64::MAX).unwrap_or(1024);
    let max_connections = connections::fitting(config.addresses.max_connections, files);
    if max_connections < config.addresses.max_connections {
        tracing::warn!(
            files,
            max_connections,
            "the system allows few open files: fewer connections than set"
        );
    }
    let addresses = Addresses { max_connections, ..config.addresses.clone() };
    Config { addresses, ..config.clone() }
}

/// Everything that serving needs: database, keys, platforms of `lti-config.json`.
pub async fn prepare(config: &Config, clock: Arc<dyn Clock>, random: Random) -> anyhow::Result<Parts> {
    let db = database_at(config, Arc::clone(&clock), random.clone())?;
    let ephemeral: Arc<dyn Ephemeral> = match &config.data.redis_url {
        Some(url) => Arc::new(redis(url, random.clone()).await?),
        None => {
            let sole = SoleInstance::acquire(&config.data.database)?;
            Arc::new(MemoryEphemeral::new(Arc::clone(&clock), &random, Some(sole)))
        }
    };
    for entry in &config.tool.platforms {
        platform::provision(&db, entry, clock.now(), &random).await?;
    }
    Ok(startup::build(config, db, ephemeral, clock, random).await?)
}

/// Redis, which answers: without it nobody could open a class.
async fn redis(url: &SecretString, random: Random) -> anyhow::Result<RedisEphemeral> {
    let redis = RedisEphemeral::new(url, random).map_err(|EphemeralError(why)| ConfigError::RedisUrl(why))?;
    redis.epoch().await.with_context(|| {
        format!(
            "Redis at {} can't be used (start it, or correct {})",
            without_password(url),
            names::REDIS_URL
        )
    })?;
    Ok(redis)
}

/// The HTTP server on `listener`.
pub fn server(parts: &Parts, listener: TcpListener) -> std::io::Result<Server> {
    let (app, pages) = (parts.app.clone(), parts.pages.clone());
    let connections = Arc::clone(&parts.connections);
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    // Beyond these the listener rests; they are seldom reached, since one that finds no room is over at once.
    let most_of_worker = (2 * connections.max()).div_ceil(workers).max(64);
    let server = HttpServer::new(move || web_app(app.clone(), pages.clone()))
        .workers(workers)
        .max_connections(most_of_worker)
        .on_connect(move |io, data| connections.welcome(io, data))
        .client_request_timeout(MAX_WAIT_HEAD)
        .shutdown_timeout(GRACE_SECS)
        .listen(listener)?;
    Ok(server.run())
}

/// Writes what still waits to be written.
pub async fn finish(parts: Parts) {
    parts.presence_writer.finish().await;
    parts.job_runner.finish().await;
    parts.key_keeper.finish().await;
    drop((parts.app, parts.pages));
    parts.log_writer.finish().await;
    tracing::info!("stopped");
}
