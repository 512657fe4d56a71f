//! `serve`: the tool.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpServer;
use actix_web::dev::Server;
use anyhow::Context as _;

use super::{admin, database, platform};
use crate::app::{App, Parts, web_app};
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::db::SoleInstance;
use crate::ephemeral::{Ephemeral, MemoryEphemeral, RedisEphemeral};
use crate::ids::Random;
use crate::telemetry;

/// Requests that are being answered when the process is told to stop have this long.
const GRACE_SECS: u64 = 10;
const SLOWEST_REQUEST: Duration = Duration::from_secs(15);

/// Runs the command until SIGTERM or SIGINT.
pub async fn run(config: &Config) -> anyhow::Result<()> {
    telemetry::start(&config.log).context("JITSI_LTI_LOG cannot be read")?;
    let parts = prepare(config, Arc::new(SystemClock), Random::System).await?;
    let listener =
        TcpListener::bind(config.listen).with_context(|| format!("cannot listen on {}", config.listen))?;
    tracing::info!(listen = %config.listen, base_url = %config.base_url, "serving");
    let app = parts.app.clone();
    admin::welcome(&app.db, &app.admin_url, app.clock.now(), &app.random).await?;
    drop(app);
    server(&parts, listener)?.await?;
    finish(parts).await;
    Ok(())
}

/// Everything that serving needs: database, keys, platforms of `lti-config.json`.
pub async fn prepare(config: &Config, clock: Arc<dyn Clock>, random: Random) -> anyhow::Result<Parts> {
    let db = database(config)?;
    let ephemeral: Arc<dyn Ephemeral> = match &config.redis_url {
        Some(url) => Arc::new(RedisEphemeral::new(url, random.clone())?),
        None => {
            let sole = SoleInstance::acquire(&config.database)?;
            Arc::new(MemoryEphemeral::new(Arc::clone(&clock), &random, Some(sole)))
        }
    };
    for entry in &config.tool.platforms {
        platform::provision(&db, entry, clock.now(), &random).await?;
    }
    Ok(App::build(config, db, ephemeral, clock, random).await?)
}

/// The HTTP server on `listener`.
pub fn server(parts: &Parts, listener: TcpListener) -> std::io::Result<Server> {
    let (app, pages) = (parts.app.clone(), parts.pages.clone());
    let server = HttpServer::new(move || web_app(app.clone(), pages.clone()))
        .client_request_timeout(SLOWEST_REQUEST)
        .shutdown_timeout(GRACE_SECS)
        .listen(listener)?;
    Ok(server.run())
}

/// Writes what still waits to be written.
pub async fn finish(parts: Parts) {
    parts.board_keeper.finish().await;
    parts.job_runner.finish().await;
    parts.key_keeper.finish().await;
    drop((parts.app, parts.pages));
    parts.log_writer.finish().await;
    tracing::info!("stopped");
}
