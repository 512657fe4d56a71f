//! Queries on `admin_link`.

use diesel::prelude::*;

use super::{TTL, hash};
use crate::clock::Timestamp;
use crate::db::schema::{admin_link, platform};
use crate::db::{DbConnection, DbError, Tx};
use crate::ids::row_id;

/// Links whose moment lists show.
const MAX_KNOWN: i64 = 1000;

/// Makes a link; gives its secret, which is stored nowhere.
pub fn make_link(tx: &mut Tx<'_>) -> Result<String, DbError> {
    let secret = tx.random.secret();
    diesel::insert_into(admin_link::table)
        .values((
            admin_link::id.eq(row_id(tx.now, tx.random)),
            admin_link::secret_hash.eq(hash(&secret)),
            admin_link::made_at.eq(tx.now),
            admin_link::expires_at.eq(tx.now.plus(TTL)),
        ))
        .execute(tx.connection)?;
    Ok(secret)
}

/// Uses a link up; answers its identifier. `None` when it is unknown, over or used.
pub fn use_link(tx: &mut Tx<'_>, secret: &str) -> Result<Option<String>, DbError> {
    let good = admin_link::table.filter(
        admin_link::secret_hash
            .eq(hash(secret))
            .and(admin_link::used_at.is_null())
            .and(admin_link::expires_at.gt(tx.now)),
    );
    let used = diesel::update(good).set(admin_link::used_at.eq(tx.now)).execute(tx.connection)?;
    if used == 0 {
        return Ok(None);
    }
    let row = admin_link::table.filter(admin_link::secret_hash.eq(hash(secret)));
    Ok(Some(row.select(admin_link::id).get_result(tx.connection)?))
}

/// The newest links that were made, with the moment.
pub fn list_made(connection: &mut DbConnection) -> Result<Vec<(String, Timestamp)>, DbError> {
    let rows = admin_link::table
        .order(admin_link::made_at.desc())
        .select((admin_link::id, admin_link::made_at))
        .limit(MAX_KNOWN)
        .load(connection)?;
    Ok(rows)
}

/// Whether nobody ever set anything up here: no platform, and no link that was used.
pub fn is_fresh(connection: &mut DbConnection) -> Result<bool, DbError> {
    let platforms: i64 = platform::table.count().get_result(connection)?;
    let used: i64 =
        admin_link::table.filter(admin_link::used_at.is_not_null()).count().get_result(connection)?;
    Ok(platforms == 0 && used == 0)
}
