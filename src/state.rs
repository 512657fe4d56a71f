//! What all handlers share.

use std::sync::Arc;

use url::Url;

use crate::admin::sign_in::ProviderCache;
use crate::clock::Clock;
use crate::config::{AdminOidc, ToolDescription};
use crate::db::Database;
use crate::ephemeral::Ephemeral;
use crate::http::readiness::Readiness;
use crate::ids::Random;
use crate::jobs::JobNotifier;
use crate::lti::jwks::JwksCache;
use crate::lti::launch::tried_states::TriedStates;
use crate::lti::launch_log::LaunchLog;
use crate::lti::services::client::Services;
use crate::outbound::Outbound;
use crate::presence::PresenceBuffer;
use crate::rooms::live::LiveRooms;
use crate::sealing::Sealer;
use crate::servers::SignerCache;
use crate::signing::KeyRing;

/// What handlers share.
pub struct AppState {
    /// The tool's public address.
    pub base_url: Url,
    /// Address of the administrator's pages.
    pub admin_url: Url,
    /// Where administrators sign in, beside one-time links.
    pub admin_oidc: Option<AdminOidc>,
    /// What the provider of their sign-in says of itself.
    pub sign_in: ProviderCache,
    /// Where platforms send launches.
    pub launch_url: Url,
    /// The lasting data.
    pub db: Database,
    /// The short-lived state.
    pub ephemeral: Arc<dyn Ephemeral>,
    /// Seals states and sessions.
    pub sealer: Sealer,
    /// Proxies whose word about https is believed.
    pub trusted_proxies: Vec<std::net::IpAddr>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// The source of randomness.
    pub random: Random,
    /// The platforms' keys.
    pub jwks: JwksCache,
    /// Our keys.
    pub keys: Arc<KeyRing>,
    /// The servers' signers.
    pub signers: SignerCache,
    /// How often login states were tried.
    pub tried: TriedStates,
    /// The administrator's log.
    pub launch_log: LaunchLog,
    /// Heartbeats of meeting pages, until they are written.
    pub presence: Arc<PresenceBuffer>,
    /// Rooms that somebody watches.
    pub live: Arc<LiveRooms>,
    /// Tells that there are jobs.
    pub notifier: JobNotifier,
    /// The platforms' services.
    pub services: Arc<Services>,
    /// Asks other servers.
    pub outbound: Outbound,
    /// Whether the parts work.
    pub readiness: Readiness,
    /// How the tool presents itself.
    pub tool: ToolDescription,
}
