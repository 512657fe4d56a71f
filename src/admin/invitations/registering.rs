//! Registers a platform that came with an invitation: once for each, and never over another registration.

use url::Url;

use super::store;
use crate::admin::audit::action::Action;
use crate::admin::audit::store::{Event, record};
use crate::admin::platforms::Values;
use crate::admin::platforms::proposal::store::{propose, withdraw_proposal};
use crate::clock::Timestamp;
use crate::config::ToolDescription;
use crate::db::{Database, DbError};
use crate::ids::{PlatformId, Random};
use crate::lti;
use crate::lti::launch::role_rules::RoleRules;
use crate::lti::registration::dynamic::{Granted, PlatformDescription, RegistrationError};
use crate::lti::registration::platform::{Platform, Status};
use crate::outbound::{NetworkPolicy, Outbound};

/// What registering needs.
pub struct Registrar<'a> {
    /// The lasting data.
    pub db: &'a Database,
    /// Asks the platform.
    pub outbound: &'a Outbound,
    /// How the tool presents itself.
    pub tool: &'a ToolDescription,
    /// Where the tool lives.
    pub base_url: &'a Url,
    /// The source of randomness.
    pub random: &'a Random,
    /// The present moment.
    pub now: Timestamp,
}

/// What came with an invitation.
#[derive(Clone)]
pub struct RegistrationInput {
    /// Our identifier of the invitation.
    pub invitation: String,
    /// What the platform says of itself.
    pub platform: PlatformDescription,
    /// Its registration token, where it gave one.
    pub token: Option<String>,
    /// Where its URLs may lead.
    pub policy: NetworkPolicy,
    /// Whom the invitation was for, in the operator's words: the platform's name in lists.
    pub note: String,
}

/// A registration that came about.
pub struct Registered {
    /// What the platform gave.
    pub granted: Granted,
    /// Whether we knew it before, with the same values.
    pub is_update: bool,
    /// Whether people have to wait until its deployment is approved.
    pub waits: bool,
}

/// Why no registration came about.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The platform, or what it says of itself.
    #[error(transparent)]
    Platform(#[from] RegistrationError),
    /// The invitation was used, withdrawn, or is over.
    #[error("the invitation is used up")]
    InvitationUsed,
    /// The same issuer and client id are registered with other values.
    #[error("registered already with {stored}; the platform says {received}")]
    Exists {
        /// The values here.
        stored: String,
        /// The values that the platform names.
        received: String,
    },
}

/// Why what a platform gave is not stored.
enum NotKept {
    Db(DbError),
    /// Somebody registered the same platform at this moment.
    Overtaken,
    Differs {
        known: Box<Platform>,
        received: Box<Platform>,
    },
}

impl From<DbError> for NotKept {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

/// Registers the tool at the platform, and the platform here; its deployment waits for approval. Where it is registered
/// here with other values, an operator is asked.
///
/// Quirk: the invitation is taken before the platform is asked, so that two cannot use it at once, and given back when
/// the platform refuses.
pub async fn register(
    registrar: &Registrar<'_>,
    input: RegistrationInput,
) -> Result<Registered, RegisterError> {
    let id = input.invitation.clone();
    let free = registrar.db.write(move |tx| store::take(tx, &id)).await?;
    if !free {
        return Err(RegisterError::InvitationUsed);
    }
    let asked = input
        .platform
        .register(
            registrar.outbound,
            registrar.tool,
            registrar.base_url,
            input.token.as_deref(),
            input.policy,
        )
        .await;
    let stored = match asked {
        Ok(granted) => keep(registrar, &input, &granted).await,
        Err(error) => Err(error.into()),
    };
    if stored.is_err() {
        let id = input.invitation.clone();
        registrar.db.write(move |tx| store::give_back(tx.connection, &id)).await?;
    }
    stored
}

async fn keep(
    registrar: &Registrar<'_>,
    input: &RegistrationInput,
    granted: &Granted,
) -> Result<Registered, RegisterError> {
    loop {
        match store_or_compare(registrar, input, granted).await {
            Ok(registered) => return Ok(registered),
            Err(NotKept::Overtaken) => {}
            Err(NotKept::Db(error)) => return Err(error.into()),
            Err(NotKept::Differs { known, received }) => {
                return Err(ask_operator(registrar, *known, &received).await?);
            }
        }
    }
}

/// Keeps the other values for an operator to decide; answers what the platform's administrator is told.
async fn ask_operator(
    registrar: &Registrar<'_>,
    known: Platform,
    received: &Platform,
) -> Result<RegisterError, DbError> {
    let exists = RegisterError::Exists { stored: addresses(&known), received: addresses(received) };
    let values = Values::of(received);
    let proposed = registrar
        .db
        .write(move |tx| {
            if !propose(tx, known.id, &values)? {
                return Ok(());
            }
            let event = Event::done(super::WHO, Action::PlatformPropose, &known.name);
            let event = event.with(format!("{:?}", Values::of(&known)), format!("{values:?}"));
            record(tx, &event)
        })
        .await;
    proposed.map(|()| exists)
}

async fn store_or_compare(
    registrar: &Registrar<'_>,
    input: &RegistrationInput,
    granted: &Granted,
) -> Result<Registered, NotKept> {
    let (input, granted) = (input.clone(), granted.clone());
    registrar
        .db
        .try_write(move |tx| {
            let platform = platform(&input, &granted, PlatformId::new(tx.now, tx.random));
            let known = lti::store::find(tx.connection, &platform.issuer, &platform.client_id)?;
            let is_update = known.is_some();
            let id = match known {
                Some(known) if addresses(&known) == addresses(&platform) => {
                    withdraw_proposal(tx.connection, known.id)?;
                    known.id
                }
                Some(known) => {
                    return Err(NotKept::Differs { known: Box::new(known), received: Box::new(platform) });
                }
                None => {
                    let id = lti::store::save(tx, &platform)?;
                    if id != platform.id {
                        // What was written over the other's is taken back.
                        return Err(NotKept::Overtaken);
                    }
                    id
                }
            };
            if let Some(deployment) = &granted.deployment_id {
                lti::store::note_deployment(tx, id, deployment)?;
            }
            let deployments = lti::store::list_deployments(tx.connection, id)?;
            let waits = !deployments.iter().any(|one| {
                one.status == Status::Active
                    && granted.deployment_id.as_ref().is_none_or(|id| *id == one.deployment_id)
            });
            if let Some(family) = &platform.family {
                lti::store::save_family(tx.connection, id, family)?;
            }
            store::note_platform(tx.connection, &input.invitation, id)?;
            let action = if is_update { Action::RegisterUpdate } else { Action::Register };
            let event = Event::done(super::WHO, action, &platform.issuer);
            let event =
                event.with(None, format!("client id {}: {}", granted.client_id, granted.scopes.join(" ")));
            record(tx, &event)?;
            Ok(Registered { granted, is_update, waits })
        })
        .await
}

fn platform(input: &RegistrationInput, granted: &Granted, id: PlatformId) -> Platform {
    let received = &input.platform;
    let host = || Url::parse(&received.issuer).ok().and_then(|url| url.host_str().map(str::to_owned));
    let note = Some(input.note.clone()).filter(|note| !note.is_empty());
    Platform {
        id,
        name: note.or_else(host).unwrap_or_else(|| received.issuer.clone()),
        issuer: received.issuer.clone(),
        client_id: granted.client_id.clone(),
        auth_url: received.auth_url.clone(),
        token_url: received.token_url.clone(),
        jwks_url: received.jwks_url.clone(),
        token_audience: received.token_audience.clone(),
        policy: input.policy,
        status: Status::Active,
        family: received.family.clone(),
        allows_anonymous: false,
        frames: Vec::new(),
        role_rules: RoleRules::default(),
        keys_since: Timestamp::EPOCH,
        approves_deployments: false,
    }
}

/// Where a platform answers, in a line.
fn addresses(platform: &Platform) -> String {
    let audience = platform.token_audience.as_deref().unwrap_or_default();
    format!("{} {} {} {audience}", platform.auth_url, platform.token_url, platform.jwks_url)
        .trim_end()
        .to_owned()
}
