//! Queries on `admin_session`.

use diesel::prelude::*;

use crate::clock::Timestamp;
use crate::db::schema::admin_session;
use crate::db::{DbConnection, DbError, Tx};

/// Sessions that the page shows.
const MAX_SHOWN: i64 = 200;

/// A session that begins.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// Names it.
    pub id: String,
    /// Whose it is, in the words of the audit log.
    pub who: String,
    /// What it reaches.
    pub scope: String,
    /// When it begins.
    pub began: Timestamp,
    /// When it is over, at the latest.
    pub ends: Timestamp,
}

/// Adds a session, and forgets those that are over.
pub fn insert(connection: &mut DbConnection, new: &NewSession) -> Result<(), DbError> {
    let over = admin_session::table.filter(admin_session::ends.lt(new.began));
    diesel::delete(over).execute(connection)?;
    diesel::insert_into(admin_session::table)
        .values((
            admin_session::id.eq(&new.id),
            admin_session::who.eq(&new.who),
            admin_session::scope.eq(&new.scope),
            admin_session::began.eq(new.began),
            admin_session::last_seen.eq(new.began),
            admin_session::ends.eq(new.ends),
        ))
        .execute(connection)?;
    Ok(())
}

/// Returns when the session was last in use; `None` when it is over, or was ended.
pub fn find_last_seen(
    connection: &mut DbConnection,
    id: &str,
    now: Timestamp,
) -> Result<Option<Timestamp>, DbError> {
    let row = admin_session::table.find(id).filter(admin_session::ends.ge(now));
    let seen = row.select(admin_session::last_seen).get_result(connection).optional()?;
    Ok(seen)
}

/// Notes that the session is in use.
pub fn note_seen(tx: &mut Tx<'_>, id: &str) -> Result<(), DbError> {
    let seen = admin_session::last_seen.eq(tx.now);
    diesel::update(admin_session::table.find(id)).set(seen).execute(tx.connection)?;
    Ok(())
}

/// Ends a session; returns whose it was.
pub fn end(connection: &mut DbConnection, id: &str) -> Result<Option<String>, DbError> {
    let who: Option<String> =
        admin_session::table.find(id).select(admin_session::who).get_result(connection).optional()?;
    diesel::delete(admin_session::table.find(id)).execute(connection)?;
    Ok(who)
}

/// Ends every session of `scope` but `kept`; returns how many there were.
pub fn end_others(connection: &mut DbConnection, scope: &str, kept: &str) -> Result<usize, DbError> {
    let others = admin_session::table.filter(admin_session::scope.eq(scope).and(admin_session::id.ne(kept)));
    Ok(diesel::delete(others).execute(connection)?)
}

/// A session that is not over.
#[derive(Clone, Debug, Queryable)]
pub struct OpenSession {
    /// Names it.
    pub id: String,
    /// Whose it is.
    pub who: String,
    /// When it began.
    pub began: Timestamp,
    /// When it was last in use, within some minutes.
    pub last_seen: Timestamp,
}

/// The sessions of `scope` that are not over, newest first.
pub fn list_open(
    connection: &mut DbConnection,
    scope: &str,
    now: Timestamp,
) -> Result<Vec<OpenSession>, DbError> {
    Ok(admin_session::table
        .filter(admin_session::scope.eq(scope).and(admin_session::ends.ge(now)))
        .order((admin_session::began.desc(), admin_session::id))
        .select((admin_session::id, admin_session::who, admin_session::began, admin_session::last_seen))
        .limit(MAX_SHOWN)
        .load(connection)?)
}
