//! A Jitsi server without audio and video: it checks room tokens as Prosody does, speaks the IFrame API, and
//! shows who is in a room.

mod bosh;
mod class_simulator;
mod keys;
mod meeting;
mod rooms;
mod rules;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{DATE, HeaderValue, HttpDate};
use actix_web::middleware::{Next, from_fn};
use actix_web::{Error, web};
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;

use self::bosh::BoshSessions;
use self::keys::KeyFetcher;
use self::rooms::Rooms;
use self::rules::RequiredClaims;
use super::DemoError;
use super::pages::DemoPages;
use crate::clock::Clock;
use crate::ids::Random;

pub use self::class_simulator::{ClassProgress, ClassSimulator};
pub use self::keys::SimKeys;
pub use self::rooms::{LogEntry, Occupant, RoomEvent};
pub use self::rules::{TokenRefusal, VerifiedToken};

/// A self-hosted server with tokens.
#[derive(Clone, Debug)]
pub struct TokenServer {
    /// The application's name (`app_id`).
    pub app_id: String,
    /// What tokens are signed with.
    pub keys: SimKeys,
    /// Accepted audiences; `*` accepts anything.
    pub audiences: Vec<String>,
    /// Accepted issuers; `*` accepts anything.
    pub issuers: Vec<String>,
    /// The XMPP domain that `sub` must name; `None` switches the check off, as the docker images do.
    pub domain: Option<String>,
    /// Whether `*` in `room` and `sub` opens everything (it does unless `token_no_wildcard` is loaded).
    pub wildcards: bool,
    /// Whether jicofo makes the first one in the moderator, as it does by default.
    pub elects_first: bool,
    /// Whether the role in the token counts (`token_affiliation`).
    pub reads_roles: bool,
    /// Whether its web client reads the token in the address's query alone, as before May 2024.
    pub reads_query_alone: bool,
}

impl TokenServer {
    /// Returns a server as the Debian packages set it up, but with `jitsi` as the only audience.
    pub fn new(app_id: &str, keys: SimKeys, domain: &str) -> Self {
        Self {
            app_id: app_id.to_owned(),
            keys,
            audiences: vec!["jitsi".to_owned()],
            issuers: vec![app_id.to_owned()],
            domain: Some(domain.to_owned()),
            wildcards: true,
            elects_first: false,
            reads_roles: true,
            reads_query_alone: false,
        }
    }
}

/// A tenant of Jitsi as a Service.
#[derive(Clone, Debug)]
pub struct JaasTenant {
    /// `vpaas-magic-cookie-…`.
    pub app_id: String,
    /// The name of the API key: the app id, a slash, six digits.
    pub kid: String,
    /// The API key's public half.
    pub public_pem: String,
}

/// Which kind of server is simulated.
#[derive(Clone, Debug)]
pub enum SimKind {
    /// Self-hosted, with tokens.
    Token(TokenServer),
    /// Self-hosted, open to everybody; the first one in is the moderator.
    Open,
    /// Jitsi as a Service.
    Jaas(JaasTenant),
}

/// Where the simulated server is, and of which kind.
#[derive(Clone, Debug)]
pub struct JitsiSettings {
    /// Where it answers, without a slash at the end.
    pub origin: String,
    /// What it is.
    pub kind: SimKind,
}

struct Inner {
    settings: JitsiSettings,
    clock: Arc<dyn Clock>,
    random: Random,
    keys: KeyFetcher,
    rooms: Mutex<Rooms>,
    sessions: Mutex<BoshSessions>,
    simulator: OnceLock<Arc<dyn ClassSimulator>>,
    transport: OnceLock<String>,
    pages: DemoPages,
}

/// The simulated server. Clones share everything.
#[derive(Clone)]
pub struct JitsiSim(Arc<Inner>);

/// Sets the `Date` of every response to the server's own time.
async fn dated(
    sim: web::Data<JitsiSim>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let mut answer = next.call(request).await?;
    let millis = u64::try_from(sim.0.clock.now().millis()).unwrap_or(0);
    let date = HttpDate::from(UNIX_EPOCH + Duration::from_millis(millis)).to_string();
    if let Ok(date) = HeaderValue::from_str(&date) {
        answer.headers_mut().insert(DATE, date);
    }
    Ok(answer)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl JitsiSim {
    /// Makes a server with empty rooms.
    ///
    /// # Errors
    /// When the client that fetches keys cannot be built.
    pub fn new(settings: JitsiSettings, clock: Arc<dyn Clock>) -> Result<Self, DemoError> {
        Ok(Self(Arc::new(Inner {
            settings,
            clock,
            random: Random::System,
            keys: KeyFetcher::new()?,
            rooms: Mutex::default(),
            sessions: Mutex::default(),
            simulator: OnceLock::new(),
            transport: OnceLock::new(),
            pages: DemoPages::load(),
        })))
    }

    /// Mounts the server.
    pub fn routes(&self) -> impl Fn(&mut web::ServiceConfig) + Clone + Send + use<> {
        let sim = self.clone();
        move |config| {
            config.app_data(web::Data::new(sim.clone()));
            config.service(
                web::scope("").wrap(from_fn(dated)).configure(bosh::routes).configure(meeting::routes),
            );
        }
    }

    /// Lets meeting pages start simulated classes; the first simulator stays.
    pub fn enable_simulated_classes(&self, simulator: Arc<dyn ClassSimulator>) {
        // Set once, when the demo is set up.
        let _ = self.0.simulator.set(simulator);
    }

    /// Has meeting pages use this module to talk to the page around them, with the exports of Jitsi's own
    /// `@jitsi/js-utils/transport`; the first one stays.
    pub fn speak_through(&self, module: String) {
        let _ = self.0.transport.set(module);
    }

    /// Returns the settings that the server was made with.
    pub fn settings(&self) -> &JitsiSettings {
        &self.0.settings
    }

    /// Returns whether the token opens the room, given as `ROOM` or `TENANT/ROOM`: login and join together.
    ///
    /// # Errors
    /// The [`TokenRefusal`] a real server would answer with.
    pub async fn verify(&self, token: Option<&str>, room: &str) -> Result<VerifiedToken, TokenRefusal> {
        let login = self.login(token).await?;
        let Some((token, required)) = login else { return Ok(VerifiedToken::default()) };
        let (tenant, room) = match room.rsplit_once('/') {
            Some((tenant, room)) => (Some(tenant), room),
            None => (None, room),
        };
        rules::check_join(&token, &required, tenant, room)?;
        Ok(rules::granted(&token, self.0.clock.now().secs()))
    }

    /// Checks the login alone; returns `None` if no token is needed.
    async fn login(
        &self,
        token: Option<&str>,
    ) -> Result<Option<(super::jws::Parsed, RequiredClaims)>, TokenRefusal> {
        let now = self.0.clock.now().secs();
        match &self.0.settings.kind {
            SimKind::Open => Ok(None),
            SimKind::Token(server) => {
                let parsed = rules::open(token, server.keys.algorithm())?;
                self.0.keys.check(&parsed, &server.keys).await?;
                let required = RequiredClaims {
                    issuers: server.issuers.clone(),
                    audiences: server.audiences.clone(),
                    domain: server.domain.clone(),
                    wildcards: server.wildcards,
                };
                rules::check_login(&parsed, &required, now)?;
                Ok(Some((parsed, required)))
            }
            SimKind::Jaas(tenant) => {
                let parsed = rules::open(token, "RS256")?;
                check_jaas(&parsed, tenant)?;
                let required = RequiredClaims {
                    issuers: vec!["chat".to_owned()],
                    audiences: vec!["jitsi".to_owned()],
                    domain: Some(tenant.app_id.clone()),
                    wildcards: true,
                };
                rules::check_login(&parsed, &required, now)?;
                Ok(Some((parsed, required)))
            }
        }
    }

    /// Returns who is in the room, given as `ROOM` or `TENANT/ROOM`; first come, first listed.
    pub fn occupants(&self, room: &str) -> Vec<Occupant> {
        let mut rooms = lock(&self.0.rooms);
        rooms.sweep(self.0.clock.now());
        rooms.occupants(&room.to_ascii_lowercase())
    }

    /// Returns everything that happened, oldest first.
    pub fn log(&self) -> Vec<LogEntry> {
        lock(&self.0.rooms).log.clone()
    }
}

/// Checks a token as JaaS does. Quirk: JaaS requires the features object, which other servers don't.
fn check_jaas(token: &super::jws::Parsed, tenant: &JaasTenant) -> Result<(), TokenRefusal> {
    let kid = token.header_text("kid").ok_or(TokenRefusal::login("'kid' claim is missing"))?;
    let key = PKey::public_key_from_pem(tenant.public_pem.as_bytes()).ok().filter(|_| kid == tenant.kid);
    let key = key.ok_or(TokenRefusal::login("could not obtain public key"))?;
    if !token.fits_rsa(&*key, MessageDigest::sha256()) {
        return Err(TokenRefusal::login("Invalid signature"));
    }
    if !token.payload["context"]["features"].is_object() {
        return Err(TokenRefusal::login("'context.features' is missing"));
    }
    Ok(())
}
