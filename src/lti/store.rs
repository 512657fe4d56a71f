//! Queries on `platform` and `deployment`.

use diesel::prelude::*;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::launch::role_rules::RoleRules;
use super::registration::platform::{Deployment, Platform, Status};
use crate::clock::Timestamp;
use crate::db::schema::{deployment, platform};
use crate::db::{DbConnection, DbError, Tx};
use crate::ids::{DeploymentId, PlatformId, Random};
use crate::on_each_backend;
use crate::outbound::NetworkPolicy;
use crate::sealing::Sealer;

/// Deployments of one platform that may wait for approval.
pub const MAX_WAITING: i64 = 500;
/// Deployments of one platform up to which new ones are approved at once, where its operator chose so.
const MAX_APPROVED: i64 = 10_000;

#[derive(Queryable, Selectable)]
#[diesel(table_name = platform)]
struct PlatformRow {
    id: PlatformId,
    issuer: String,
    client_id: String,
    name: String,
    auth_url: String,
    token_url: String,
    jwks_url: String,
    token_audience: Option<String>,
    allow_private_network: bool,
    status: Status,
    family: Option<String>,
    allows_anonymous: bool,
    frames: String,
    role_rules: String,
    keys_since: Timestamp,
    approves_deployments: bool,
}

impl TryFrom<PlatformRow> for Platform {
    type Error = DbError;

    fn try_from(row: PlatformRow) -> Result<Self, DbError> {
        let impossible =
            |what: String| DbError::Inconsistent { table: "platform", row: row.id.to_string(), what };
        let url = |text: &str| Url::parse(text).map_err(|error| impossible(error.to_string()));
        Ok(Self {
            auth_url: url(&row.auth_url)?,
            token_url: url(&row.token_url)?,
            jwks_url: url(&row.jwks_url)?,
            status: row.status,
            policy: NetworkPolicy::allowing_private(row.allow_private_network),
            role_rules: RoleRules::parse(&row.role_rules)
                .ok_or_else(|| impossible("rules of roles".to_owned()))?,
            keys_since: row.keys_since,
            approves_deployments: row.approves_deployments,
            id: row.id,
            name: row.name,
            issuer: row.issuer,
            client_id: row.client_id,
            token_audience: row.token_audience,
            family: row.family,
            allows_anonymous: row.allows_anonymous,
            frames: row.frames.lines().map(str::to_owned).collect(),
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = deployment)]
struct DeploymentRow {
    id: DeploymentId,
    deployment_id: String,
    status: Status,
    notice_service: Option<String>,
    admits_administrators: bool,
}

impl From<DeploymentRow> for Deployment {
    fn from(row: DeploymentRow) -> Self {
        Self {
            id: row.id,
            deployment_id: row.deployment_id,
            status: row.status,
            notice_service: row.notice_service,
            admits_administrators: row.admits_administrators,
        }
    }
}

/// The registration with this issuer and client id.
pub fn find(
    connection: &mut DbConnection,
    issuer: &str,
    client_id: &str,
) -> Result<Option<Platform>, DbError> {
    let row: Option<PlatformRow> = on_each_backend!(connection, |inner| platform::table
        .filter(platform::issuer.eq(issuer).and(platform::client_id.eq(client_id)))
        .select(PlatformRow::as_select())
        .get_result(inner)
        .optional())?;
    row.map(Platform::try_from).transpose()
}

/// Registrations with this issuer, two at most: enough to know whether there is exactly one.
pub fn list_of_issuer(connection: &mut DbConnection, issuer: &str) -> Result<Vec<Platform>, DbError> {
    let query = platform::table.filter(platform::issuer.eq(issuer)).select(PlatformRow::as_select());
    let rows: Vec<PlatformRow> = query.limit(2).load(connection)?;
    rows.into_iter().map(Platform::try_from).collect()
}

/// The platform with our identifier `id`, and its deployment called `deployment_id` where it has one.
pub fn find_for_launch(
    connection: &mut DbConnection,
    id: PlatformId,
    deployment_id: &str,
) -> Result<Option<(Platform, Option<Deployment>)>, DbError> {
    let row: Option<(PlatformRow, Option<DeploymentRow>)> =
        on_each_backend!(connection, |inner| platform::table
            .left_join(deployment::table.on(
                deployment::platform_id.eq(platform::id).and(deployment::deployment_id.eq(deployment_id)),
            ))
            .filter(platform::id.eq(id))
            .select((PlatformRow::as_select(), Option::<DeploymentRow>::as_select()))
            .get_result(inner)
            .optional())?;
    row.map(|(platform, deployment)| Ok((platform.try_into()?, deployment.map(Deployment::from)))).transpose()
}

/// A deployment by our identifier, with its platform.
pub fn find_deployment(
    connection: &mut DbConnection,
    id: DeploymentId,
) -> Result<Option<(Platform, Deployment)>, DbError> {
    let row: Option<(PlatformRow, DeploymentRow)> = platform::table
        .inner_join(deployment::table)
        .filter(deployment::id.eq(id))
        .select((PlatformRow::as_select(), DeploymentRow::as_select()))
        .get_result(connection)
        .optional()?;
    row.map(|(platform, deployment)| Ok((platform.try_into()?, deployment.into()))).transpose()
}

/// What the operator decided about the roles of a platform.
pub fn find_role_rules(connection: &mut DbConnection, platform_id: PlatformId) -> Result<RoleRules, DbError> {
    let row = platform::table.find(platform_id).select(platform::role_rules);
    let stored: String = row.get_result(connection)?;
    RoleRules::parse(&stored).ok_or_else(|| DbError::Inconsistent {
        table: "platform",
        row: platform_id.to_string(),
        what: "rules of roles".to_owned(),
    })
}

/// Notes what a platform calls itself.
pub fn save_family(
    connection: &mut DbConnection,
    platform_id: PlatformId,
    family: &str,
) -> Result<(), DbError> {
    diesel::update(platform::table.find(platform_id)).set(platform::family.eq(family)).execute(connection)?;
    Ok(())
}

#[derive(Queryable)]
struct LegacyRow {
    key: Option<String>,
    secret: Option<String>,
}

/// An old key and secret, the secret sealed.
pub struct SealedLegacy {
    /// The consumer key.
    pub key: String,
    sealed: String,
    platform: PlatformId,
}

impl SealedLegacy {
    /// The secret.
    ///
    /// Errors: [`DbError::Inconsistent`] when it was sealed elsewhere.
    pub fn open(&self, sealer: &Sealer) -> Result<SecretString, DbError> {
        let bytes = sealer.open(&legacy_purpose(self.platform), &self.sealed);
        let bytes = bytes.map_err(|error| DbError::Inconsistent {
            table: "platform",
            row: self.platform.to_string(),
            what: error.to_string(),
        })?;
        Ok(SecretString::from(String::from_utf8_lossy(&bytes).into_owned()))
    }
}

/// The key and the secret with which a platform proves its identifiers of LTI 1.1, where its migration is switched on.
pub fn find_legacy(
    connection: &mut DbConnection,
    platform_id: PlatformId,
) -> Result<Option<SealedLegacy>, DbError> {
    let stored: LegacyRow = platform::table
        .find(platform_id)
        .select((platform::legacy_key, platform::legacy_secret))
        .get_result(connection)?;
    let sealed = |(key, sealed)| SealedLegacy { key, sealed, platform: platform_id };
    Ok(stored.key.zip(stored.secret).map(sealed))
}

/// An old key and secret of LTI 1.1.
pub struct LegacyKey {
    /// The consumer key.
    pub key: String,
    /// The secret.
    pub secret: SecretString,
}

/// Switches a platform's migration from LTI 1.1 on, with its old key and secret, or off.
pub fn save_legacy_secret(
    connection: &mut DbConnection,
    platform_id: PlatformId,
    legacy: Option<&LegacyKey>,
    sealer: &Sealer,
    random: &Random,
) -> Result<(), DbError> {
    let purpose = legacy_purpose(platform_id);
    let sealed = legacy.map(|one| sealer.seal(&purpose, one.secret.expose_secret().as_bytes(), random));
    diesel::update(platform::table.find(platform_id))
        .set((platform::legacy_key.eq(legacy.map(|one| &one.key)), platform::legacy_secret.eq(sealed)))
        .execute(connection)?;
    Ok(())
}

fn legacy_purpose(platform_id: PlatformId) -> String {
    format!("platform:{platform_id}")
}

/// Notes where the platform of a deployment is asked for notices.
pub fn save_notice_service(
    connection: &mut DbConnection,
    deployment_id: DeploymentId,
    handlers: &str,
) -> Result<(), DbError> {
    let row = deployment::table.find(deployment_id);
    diesel::update(row).set(deployment::notice_service.eq(handlers)).execute(connection)?;
    Ok(())
}

/// All platforms by name.
pub fn list(connection: &mut DbConnection) -> Result<Vec<Platform>, DbError> {
    let rows: Vec<PlatformRow> = platform::table
        .order((platform::name, platform::issuer))
        .select(PlatformRow::as_select())
        .load(connection)?;
    rows.into_iter().map(Platform::try_from).collect()
}

/// The deployments of a platform.
pub fn list_deployments(
    connection: &mut DbConnection,
    platform_id: PlatformId,
) -> Result<Vec<Deployment>, DbError> {
    let rows: Vec<DeploymentRow> = deployment::table
        .filter(deployment::platform_id.eq(platform_id))
        .order(deployment::deployment_id)
        .select(DeploymentRow::as_select())
        .load(connection)?;
    Ok(rows.into_iter().map(Deployment::from).collect())
}

/// Stores a registration under its issuer and client id: a new one, or new values for the one that exists.
///
/// Quirk: our identifier of an existing registration stays, so that its courses and rooms stay too.
pub fn save(tx: &mut Tx<'_>, new: &Platform) -> Result<PlatformId, DbError> {
    let changing = (
        platform::name.eq(&new.name),
        platform::auth_url.eq(new.auth_url.as_str()),
        platform::token_url.eq(new.token_url.as_str()),
        platform::jwks_url.eq(new.jwks_url.as_str()),
        platform::token_audience.eq(&new.token_audience),
        platform::allow_private_network.eq(new.policy == NetworkPolicy::Private),
        platform::allows_anonymous.eq(new.allows_anonymous),
        platform::status.eq(new.status),
        platform::updated_at.eq(tx.now),
    );
    let lasting = (
        platform::id.eq(new.id),
        platform::issuer.eq(&new.issuer),
        platform::client_id.eq(&new.client_id),
        platform::created_at.eq(tx.now),
    );
    let id: PlatformId = on_each_backend!(tx.connection, |inner| diesel::insert_into(platform::table)
        .values((lasting, changing))
        .on_conflict((platform::issuer, platform::client_id))
        .do_update()
        .set(changing)
        .returning(platform::id)
        .get_result(inner))?;
    Ok(id)
}

/// Lets the deployment called `deployment_id` launch; one that was switched off stays so.
pub fn add_deployment(tx: &mut Tx<'_>, platform_id: PlatformId, deployment_id: &str) -> Result<(), DbError> {
    insert_deployment(tx, platform_id, deployment_id, Status::Active)?;
    let waiting = deployment::table
        .filter(deployment::platform_id.eq(platform_id).and(deployment::deployment_id.eq(deployment_id)))
        .filter(deployment::status.eq(Status::Pending));
    diesel::update(waiting).set(deployment::status.eq(Status::Active)).execute(tx.connection)?;
    Ok(())
}

/// Notes a deployment that wants to launch, for the administrator to approve; one that exists is left as it is.
///
/// Quirk: so many may wait at a time; launches of more are counted, so that none is lost in silence.
pub fn note_deployment(tx: &mut Tx<'_>, platform_id: PlatformId, deployment_id: &str) -> Result<(), DbError> {
    let of_platform = || deployment::table.filter(deployment::platform_id.eq(platform_id));
    let named = of_platform().filter(deployment::deployment_id.eq(deployment_id)).count();
    if named.get_result::<i64>(tx.connection)? > 0 {
        return Ok(());
    }
    let waiting = of_platform().filter(deployment::status.eq(Status::Pending)).count();
    if waiting.get_result::<i64>(tx.connection)? >= MAX_WAITING {
        diesel::update(platform::table.find(platform_id))
            .set(platform::turned_away.eq(platform::turned_away + 1))
            .execute(tx.connection)?;
        return Ok(());
    }
    insert_deployment(tx, platform_id, deployment_id, Status::Pending)
}

/// Approves the deployment that a launch names, where the operator chose that for the platform; answers it. One that was
/// switched off stays so.
pub fn approve_named(
    tx: &mut Tx<'_>,
    platform_id: PlatformId,
    deployment_id: &str,
) -> Result<Option<Deployment>, DbError> {
    let chosen = platform::table.find(platform_id).select(platform::approves_deployments);
    let known = deployment::table.filter(deployment::platform_id.eq(platform_id)).count();
    if !chosen.get_result::<bool>(tx.connection)? || known.get_result::<i64>(tx.connection)? >= MAX_APPROVED {
        return Ok(None);
    }
    add_deployment(tx, platform_id, deployment_id)?;
    let row: DeploymentRow = deployment::table
        .filter(deployment::platform_id.eq(platform_id).and(deployment::deployment_id.eq(deployment_id)))
        .select(DeploymentRow::as_select())
        .get_result(tx.connection)?;
    Ok(Some(Deployment::from(row)))
}

fn insert_deployment(
    tx: &mut Tx<'_>,
    platform_id: PlatformId,
    deployment_id: &str,
    status: Status,
) -> Result<(), DbError> {
    let row = (
        deployment::id.eq(DeploymentId::new(tx.now, tx.random)),
        deployment::platform_id.eq(platform_id),
        deployment::deployment_id.eq(deployment_id),
        deployment::status.eq(status),
        deployment::created_at.eq(tx.now),
    );
    on_each_backend!(tx.connection, |inner| diesel::insert_into(deployment::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(inner))?;
    Ok(())
}

/// Lets a platform launch, or forbids it; answers whether there is such a platform.
pub fn set_status(tx: &mut Tx<'_>, issuer: &str, client_id: &str, status: Status) -> Result<bool, DbError> {
    let target = platform::table.filter(platform::issuer.eq(issuer).and(platform::client_id.eq(client_id)));
    let changed = diesel::update(target)
        .set((platform::status.eq(status), platform::updated_at.eq(tx.now)))
        .execute(tx.connection)?;
    Ok(changed == 1)
}
