//! Queries on `tool_key`.

use diesel::prelude::*;

use super::KeyPurpose;
use crate::clock::Timestamp;
use crate::db::schema::tool_key;
use crate::db::{DbConnection, DbError};
use crate::on_each_backend;

/// A key pair as stored: the private key sealed, the public key as PEM.
#[derive(Clone, Queryable)]
pub struct StoredKey {
    pub id: String,
    pub kid: String,
    pub private_key: String,
    pub public_key: String,
}

/// The key pair that signs for `purpose`.
pub fn active(connection: &mut DbConnection, purpose: KeyPurpose) -> Result<Option<StoredKey>, DbError> {
    tool_key::table
        .filter(tool_key::purpose.eq(purpose.word()).and(tool_key::status.eq("active")))
        .select((tool_key::id, tool_key::kid, tool_key::private_key, tool_key::public_key))
        .get_result(connection)
        .optional()
        .map_err(DbError::from)
}

/// Stores `fresh` unless another process was faster; answers the pair that counts.
pub fn insert_or_find(
    connection: &mut DbConnection,
    purpose: KeyPurpose,
    fresh: StoredKey,
    now: Timestamp,
) -> Result<StoredKey, DbError> {
    let row = (
        tool_key::id.eq(&fresh.id),
        tool_key::purpose.eq(purpose.word()),
        tool_key::kid.eq(&fresh.kid),
        tool_key::private_key.eq(&fresh.private_key),
        tool_key::public_key.eq(&fresh.public_key),
        tool_key::status.eq("active"),
        tool_key::created_at.eq(now.millis()),
    );
    on_each_backend!(connection, |inner| diesel::insert_into(tool_key::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(inner))?;
    Ok(active(connection, purpose)?.unwrap_or(fresh))
}
