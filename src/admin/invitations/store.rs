//! Queries on `invitation`.

use diesel::prelude::*;

use super::LIFE;
use crate::admin::entrance::hash;
use crate::clock::Timestamp;
use crate::db::schema::invitation;
use crate::db::{DbConnection, DbError};
use crate::ids::{Random, row_id};

/// An invitation that may still be used.
#[derive(Clone, Debug, Queryable)]
pub struct Invitation {
    /// Our identifier.
    pub id: String,
    /// Whom it is for, in the administrator's words.
    pub note: String,
    /// Whether the platform may be in a private network.
    pub allow_private_network: bool,
    /// When it ends. Units: milliseconds since the epoch.
    pub expires_at: i64,
}

/// Makes an invitation; gives its identifier and its secret, which is stored nowhere.
pub fn make(
    connection: &mut DbConnection,
    (note, allow_private_network, who): (&str, bool, &str),
    now: Timestamp,
    random: &Random,
) -> Result<(String, String), DbError> {
    let (id, secret) = (row_id(now, random), random.secret());
    diesel::insert_into(invitation::table)
        .values((
            invitation::id.eq(&id),
            invitation::secret_hash.eq(hash(&secret)),
            invitation::note.eq(note),
            invitation::allow_private_network.eq(allow_private_network),
            invitation::made_by.eq(who),
            invitation::made_at.eq(now.millis()),
            invitation::expires_at.eq(now.plus(LIFE).millis()),
        ))
        .execute(connection)?;
    Ok((id, secret))
}

/// The invitation with this secret, while it may be used.
pub fn find(
    connection: &mut DbConnection,
    secret: &str,
    now: Timestamp,
) -> Result<Option<Invitation>, DbError> {
    Ok(invitation::table
        .filter(invitation::secret_hash.eq(hash(secret)))
        .filter(invitation::used_at.is_null().and(invitation::expires_at.gt(now.millis())))
        .select((invitation::id, invitation::note, invitation::allow_private_network, invitation::expires_at))
        .get_result(connection)
        .optional()?)
}

/// How it stands with an invitation.
#[derive(Clone, Debug, Queryable)]
pub struct Standing {
    /// Whom it is for.
    pub note: String,
    /// When it ends. Units: milliseconds since the epoch.
    pub expires_at: i64,
    /// When it was used or withdrawn. Units: milliseconds since the epoch.
    pub used_at: Option<i64>,
    /// The platform that came with it.
    pub platform_id: Option<String>,
}

/// How it stands with the invitation of this identifier.
pub fn find_standing(connection: &mut DbConnection, id: &str) -> Result<Option<Standing>, DbError> {
    Ok(invitation::table
        .find(id)
        .select((invitation::note, invitation::expires_at, invitation::used_at, invitation::platform_id))
        .get_result(connection)
        .optional()?)
}

/// Those that wait, newest first.
pub fn list_waiting(connection: &mut DbConnection, now: Timestamp) -> Result<Vec<Invitation>, DbError> {
    Ok(invitation::table
        .filter(invitation::used_at.is_null().and(invitation::expires_at.gt(now.millis())))
        .order(invitation::made_at.desc())
        .select((invitation::id, invitation::note, invitation::allow_private_network, invitation::expires_at))
        .limit(100)
        .load(connection)?)
}

/// Takes an invitation for one registration; answers whether it was free.
pub fn take(connection: &mut DbConnection, id: &str, now: Timestamp) -> Result<bool, DbError> {
    let free = invitation::table.find(id).filter(invitation::used_at.is_null());
    Ok(diesel::update(free).set(invitation::used_at.eq(now.millis())).execute(connection)? == 1)
}

/// Gives it back, when the platform refused the registration.
pub fn give_back(connection: &mut DbConnection, id: &str) -> Result<(), DbError> {
    let mine = invitation::table.find(id).filter(invitation::platform_id.is_null());
    diesel::update(mine).set(invitation::used_at.eq(None::<i64>)).execute(connection)?;
    Ok(())
}

/// Notes which platform it brought.
pub fn note_platform(connection: &mut DbConnection, id: &str, platform: &str) -> Result<(), DbError> {
    let row = invitation::table.find(id);
    diesel::update(row).set(invitation::platform_id.eq(platform)).execute(connection)?;
    Ok(())
}
