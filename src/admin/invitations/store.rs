//! Queries on `invitation`.

use diesel::prelude::*;
use secrecy::SecretString;

use super::TTL;
use crate::admin::login_link::hash;
use crate::clock::Timestamp;
use crate::db::schema::invitation;
use crate::db::{DbConnection, DbError, Tx};
use crate::ids::{PlatformId, Random, row_id};
use crate::sealing::Sealer;

/// An invitation that may still be used.
#[derive(Clone, Debug, Queryable)]
pub struct Invitation {
    /// Our identifier.
    pub id: String,
    /// Whom it is for, in the administrator's words.
    pub note: String,
    /// Whether the platform may be in a private network.
    pub allow_private_network: bool,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// An invitation to make.
#[derive(Clone)]
pub struct NewInvitation {
    /// Our identifier.
    pub id: String,
    /// Whom it is for, in the administrator's words.
    pub note: String,
    /// Whether the platform may be in a private network.
    pub allow_private_network: bool,
    /// Who makes it.
    pub who: String,
    secret_hash: String,
    sealed_secret: String,
}

impl NewInvitation {
    /// Draws an identifier and a secret, which is kept as its hash, and sealed for those who made it.
    pub fn draw(
        note: String,
        allow_private_network: bool,
        who: &str,
        sealer: &Sealer,
        now: Timestamp,
        random: &Random,
    ) -> Self {
        let (id, secret) = (row_id(now, random), random.secret());
        Self {
            sealed_secret: sealer.seal(&purpose(&id), secret.as_bytes(), random),
            secret_hash: hash(&secret),
            who: who.to_owned(),
            note,
            allow_private_network,
            id,
        }
    }
}

/// Makes an invitation.
pub fn make(tx: &mut Tx<'_>, new: &NewInvitation) -> Result<(), DbError> {
    diesel::insert_into(invitation::table)
        .values((
            invitation::id.eq(&new.id),
            invitation::secret_hash.eq(&new.secret_hash),
            invitation::sealed_secret.eq(&new.sealed_secret),
            invitation::note.eq(&new.note),
            invitation::allow_private_network.eq(new.allow_private_network),
            invitation::made_by.eq(&new.who),
            invitation::made_at.eq(tx.now),
            invitation::expires_at.eq(tx.now.plus(TTL)),
        ))
        .execute(tx.connection)?;
    Ok(())
}

fn purpose(id: &str) -> String {
    format!("invitation:{id}")
}

/// The invitation with this secret, while it may be used.
pub fn find(
    connection: &mut DbConnection,
    secret: &str,
    now: Timestamp,
) -> Result<Option<Invitation>, DbError> {
    Ok(invitation::table
        .filter(invitation::secret_hash.eq(hash(secret)))
        .filter(invitation::used_at.is_null().and(invitation::expires_at.gt(now)))
        .select((invitation::id, invitation::note, invitation::allow_private_network, invitation::expires_at))
        .get_result(connection)
        .optional()?)
}

/// How it stands with an invitation.
#[derive(Clone, Debug, Queryable)]
pub struct InvitationState {
    /// Whom it is for.
    pub note: String,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was used or withdrawn.
    pub used_at: Option<Timestamp>,
    /// The platform that came with it.
    pub platform_id: Option<PlatformId>,
    sealed_secret: Option<String>,
}

impl InvitationState {
    /// Returns whether it can still be used.
    pub fn is_waiting(&self, now: Timestamp) -> bool {
        self.used_at.is_none() && self.expires_at > now
    }

    /// Returns the secret of an invitation that waits; `None` where it was not kept, or sealed elsewhere.
    pub fn secret(&self, id: &str, sealer: &Sealer, now: Timestamp) -> Option<SecretString> {
        let sealed = self.sealed_secret.as_deref().filter(|_| self.is_waiting(now))?;
        let bytes = sealer.open(&purpose(id), sealed).ok()?;
        Some(SecretString::from(String::from_utf8_lossy(&bytes).into_owned()))
    }
}

/// How it stands with the invitation of this identifier.
pub fn find_state(connection: &mut DbConnection, id: &str) -> Result<Option<InvitationState>, DbError> {
    Ok(invitation::table
        .find(id)
        .select((
            invitation::note,
            invitation::expires_at,
            invitation::used_at,
            invitation::platform_id,
            invitation::sealed_secret,
        ))
        .get_result(connection)
        .optional()?)
}

/// Those that wait, newest first.
pub fn list_waiting(connection: &mut DbConnection, now: Timestamp) -> Result<Vec<Invitation>, DbError> {
    Ok(invitation::table
        .filter(invitation::used_at.is_null().and(invitation::expires_at.gt(now)))
        .order(invitation::made_at.desc())
        .select((invitation::id, invitation::note, invitation::allow_private_network, invitation::expires_at))
        .limit(100)
        .load(connection)?)
}

/// Takes an invitation for one registration; answers whether it was free.
pub fn take(tx: &mut Tx<'_>, id: &str) -> Result<bool, DbError> {
    let free = invitation::table.find(id).filter(invitation::used_at.is_null());
    Ok(diesel::update(free).set(invitation::used_at.eq(tx.now)).execute(tx.connection)? == 1)
}

/// Gives it back, when the platform refused the registration.
pub fn give_back(connection: &mut DbConnection, id: &str) -> Result<(), DbError> {
    let mine = invitation::table.find(id).filter(invitation::platform_id.is_null());
    diesel::update(mine).set(invitation::used_at.eq(None::<Timestamp>)).execute(connection)?;
    Ok(())
}

/// Takes an invitation back for good; answers whether it was free.
pub fn withdraw(tx: &mut Tx<'_>, id: &str) -> Result<bool, DbError> {
    let was_free = take(tx, id)?;
    if was_free {
        diesel::update(invitation::table.find(id))
            .set(invitation::sealed_secret.eq(None::<String>))
            .execute(tx.connection)?;
    }
    Ok(was_free)
}

/// Notes which platform it registered; nobody needs its secret any more.
pub fn note_platform(connection: &mut DbConnection, id: &str, platform: PlatformId) -> Result<(), DbError> {
    let row = invitation::table.find(id);
    diesel::update(row)
        .set((invitation::platform_id.eq(platform), invitation::sealed_secret.eq(None::<String>)))
        .execute(connection)?;
    Ok(())
}
