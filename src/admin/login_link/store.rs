//! Queries on `admin_link`.

use diesel::prelude::*;

use super::{TTL, hash};
use crate::clock::Timestamp;
use crate::db::schema::{admin_link, platform};
use crate::db::{DbConnection, DbError};
use crate::ids::{Random, row_id};

/// Makes a link; gives its secret, which is stored nowhere.
pub fn make_link(connection: &mut DbConnection, now: Timestamp, random: &Random) -> Result<String, DbError> {
    let secret = random.secret();
    diesel::insert_into(admin_link::table)
        .values((
            admin_link::id.eq(row_id(now, random)),
            admin_link::secret_hash.eq(hash(&secret)),
            admin_link::made_at.eq(now.millis()),
            admin_link::expires_at.eq(now.plus(TTL).millis()),
        ))
        .execute(connection)?;
    Ok(secret)
}

/// Uses a link up; answers its identifier. `None` when it is unknown, over or used.
pub fn use_link(
    connection: &mut DbConnection,
    secret: &str,
    now: Timestamp,
) -> Result<Option<String>, DbError> {
    let good = admin_link::table.filter(
        admin_link::secret_hash
            .eq(hash(secret))
            .and(admin_link::used_at.is_null())
            .and(admin_link::expires_at.gt(now.millis())),
    );
    let used = diesel::update(good).set(admin_link::used_at.eq(now.millis())).execute(connection)?;
    if used == 0 {
        return Ok(None);
    }
    let row = admin_link::table.filter(admin_link::secret_hash.eq(hash(secret)));
    Ok(Some(row.select(admin_link::id).get_result(connection)?))
}

/// Whether nobody ever set anything up here: no platform, and no link that was used.
pub fn is_fresh(connection: &mut DbConnection) -> Result<bool, DbError> {
    let platforms: i64 = platform::table.count().get_result(connection)?;
    let used: i64 =
        admin_link::table.filter(admin_link::used_at.is_not_null()).count().get_result(connection)?;
    Ok(platforms == 0 && used == 0)
}
