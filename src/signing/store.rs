//! Queries on `tool_key`.

use diesel::prelude::*;

use super::KeyPurpose;
use crate::clock::Timestamp;
use crate::db::schema::tool_key;
use crate::db::{DbConnection, DbError};
use crate::on_each_backend;

const ACTIVE: &str = "active";
const RETIRED: &str = "retired";

/// A key pair as stored: the private key sealed, the public key as PEM.
#[derive(Clone, Queryable, Selectable)]
#[diesel(table_name = tool_key)]
pub struct StoredKey {
    pub id: String,
    pub kid: String,
    pub private_key: String,
    pub public_key: String,
    pub created_at: Timestamp,
    pub signs_from: Timestamp,
    pub generation: i64,
}

impl StoredKey {
    /// When it begins to sign.
    pub fn begins(&self) -> Timestamp {
        self.signs_from
    }
}

/// The key pairs for `purpose` that are not retired, oldest first.
pub fn list(connection: &mut DbConnection, purpose: KeyPurpose) -> Result<Vec<StoredKey>, DbError> {
    Ok(tool_key::table
        .filter(tool_key::purpose.eq(purpose).and(tool_key::status.eq(ACTIVE)))
        .order(tool_key::generation)
        .select(StoredKey::as_select())
        .load(connection)?)
}

/// The number of the last key pair for `purpose`, then those that are not retired. A key pair that is decided upon from
/// them gets the next number, so that of many who decide at once one makes it.
///
/// Quirk: the number comes first. Who reads it before another makes a key pair, and the list after, finds the number taken.
pub fn list_keys(
    connection: &mut DbConnection,
    purpose: KeyPurpose,
) -> Result<(i64, Vec<StoredKey>), DbError> {
    Ok((last_generation(connection, purpose)?, list(connection, purpose)?))
}

/// Whether a key pair of this name was ever here.
pub fn is_known(connection: &mut DbConnection, kid: &str) -> Result<bool, DbError> {
    let found = tool_key::table.filter(tool_key::kid.eq(kid));
    Ok(diesel::select(diesel::dsl::exists(found)).get_result(connection)?)
}

/// Whether a key pair was ever stored: sealed, so that nobody reads it without the secret of this installation.
pub fn has_any(connection: &mut DbConnection) -> Result<bool, DbError> {
    let stored: i64 = tool_key::table.count().get_result(connection)?;
    Ok(stored > 0)
}

/// The number of the last key pair for `purpose`; zero where none was ever made.
pub fn last_generation(connection: &mut DbConnection, purpose: KeyPurpose) -> Result<i64, DbError> {
    let last: Option<i64> = tool_key::table
        .filter(tool_key::purpose.eq(purpose))
        .select(diesel::dsl::max(tool_key::generation))
        .get_result(connection)?;
    Ok(last.unwrap_or(0))
}

/// Stores `fresh` unless another process was faster with the same generation or the same key; tells whether it did.
pub fn insert(
    connection: &mut DbConnection,
    purpose: KeyPurpose,
    fresh: &StoredKey,
) -> Result<bool, DbError> {
    let row = (
        tool_key::id.eq(&fresh.id),
        tool_key::purpose.eq(purpose),
        tool_key::kid.eq(&fresh.kid),
        tool_key::private_key.eq(&fresh.private_key),
        tool_key::public_key.eq(&fresh.public_key),
        tool_key::status.eq(ACTIVE),
        tool_key::created_at.eq(fresh.created_at),
        tool_key::signs_from.eq(fresh.signs_from),
        tool_key::generation.eq(fresh.generation),
    );
    let stored = on_each_backend!(connection, |inner| diesel::insert_into(tool_key::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(inner))?;
    Ok(stored > 0)
}

/// Retires key pairs: their private halves are gone.
pub fn retire(connection: &mut DbConnection, ids: &[String]) -> Result<(), DbError> {
    diesel::update(tool_key::table.filter(tool_key::id.eq_any(ids)))
        .set((tool_key::status.eq(RETIRED), tool_key::private_key.eq("")))
        .execute(connection)?;
    Ok(())
}

/// Retires every other key pair for `purpose` than the one with this id.
pub fn retire_others(connection: &mut DbConnection, purpose: KeyPurpose, id: &str) -> Result<(), DbError> {
    let others: Vec<String> =
        list(connection, purpose)?.into_iter().map(|key| key.id).filter(|other| other != id).collect();
    retire(connection, &others)
}
