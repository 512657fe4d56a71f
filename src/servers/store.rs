//! Queries on `server` and `default_server`.

use diesel::dsl::{exists, not};
use diesel::prelude::*;
use url::Url;

use super::model::{Credentials, NewServer, Server, ServerError, ServerStatus};
use crate::clock::Timestamp;
use crate::db::schema::{default_server, server};
use crate::db::{DbConnection, DbError, Tx, is_unique_violation};
use crate::ids::ServerId;
use crate::jitsi::kinds::ServerKind;
use crate::on_each_backend;
use crate::sealing::Sealer;

#[derive(Queryable, Selectable)]
#[diesel(table_name = server)]
struct Row {
    id: ServerId,
    name: String,
    url: String,
    settings: String,
    credentials: Option<String>,
    status: ServerStatus,
    updated_at: Timestamp,
}

impl TryFrom<Row> for Server {
    type Error = DbError;

    fn try_from(row: Row) -> Result<Self, DbError> {
        let impossible =
            |what: String| DbError::Inconsistent { table: "server", row: row.id.to_string(), what };
        Ok(Self {
            url: Url::parse(&row.url).map_err(|error| impossible(error.to_string()))?,
            kind: serde_json::from_str::<ServerKind>(&row.settings)
                .map_err(|error| impossible(error.to_string()))?,
            status: row.status,
            credentials: row.credentials.clone().map(Credentials),
            updated_at: row.updated_at,
            id: row.id,
            name: row.name,
        })
    }
}

/// Adds a server; it becomes the default when asked for, or when it is the first.
///
/// Errors: [`ServerError::NameTaken`].
pub fn insert(tx: &mut Tx<'_>, new: &NewServer, sealer: &Sealer) -> Result<ServerId, ServerError> {
    let id = ServerId::new(tx.now, tx.random);
    let settings = serde_json::to_string(&new.kind).unwrap_or_default();
    let credentials = new.secret.as_ref().map(|secret| Credentials::seal(id, secret, sealer, tx.random).0);
    diesel::insert_into(server::table)
        .values((
            server::id.eq(id),
            server::name.eq(&new.name),
            server::kind.eq(new.kind.word()),
            server::url.eq(new.url.as_str()),
            server::settings.eq(settings),
            server::credentials.eq(credentials),
            server::status.eq(ServerStatus::Active),
            server::created_at.eq(tx.now),
            server::updated_at.eq(tx.now),
        ))
        .execute(tx.connection)
        .map_err(|error| match error {
            taken if is_unique_violation(&taken) => ServerError::NameTaken(new.name.clone()),
            other => ServerError::Db(other.into()),
        })?;
    if new.default || find_default(tx.connection)?.is_none() {
        set_default(tx.connection, id)?;
    }
    Ok(id)
}

/// Changes a server that nobody changed since `seen`; its secret stays where none is given. Answers whether that was so.
///
/// Errors: [`ServerError::NameTaken`].
pub fn change(
    tx: &mut Tx<'_>,
    id: ServerId,
    seen: Timestamp,
    new: &NewServer,
    sealer: &Sealer,
) -> Result<bool, ServerError> {
    // Never the same moment twice: signers are kept by it, and whoever looks at the old values is told.
    let changed = tx.now.max(seen.next());
    let unchanged = server::table.find(id).filter(server::updated_at.eq(seen));
    let rows = diesel::update(unchanged)
        .set((
            server::name.eq(&new.name),
            server::kind.eq(new.kind.word()),
            server::url.eq(new.url.as_str()),
            server::settings.eq(serde_json::to_string(&new.kind).unwrap_or_default()),
            server::updated_at.eq(changed),
        ))
        .execute(tx.connection)
        .map_err(|error| match error {
            taken if is_unique_violation(&taken) => ServerError::NameTaken(new.name.clone()),
            other => ServerError::Db(other.into()),
        })?;
    if let Some(secret) = &new.secret {
        let sealed = Credentials::seal(id, secret, sealer, tx.random).0;
        diesel::update(server::table.find(id).filter(server::updated_at.eq(changed)))
            .set(server::credentials.eq(sealed))
            .execute(tx.connection)
            .map_err(DbError::from)?;
    }
    Ok(rows == 1)
}

/// Lets a server take new meetings, or no more.
pub fn set_status(connection: &mut DbConnection, id: ServerId, status: ServerStatus) -> Result<(), DbError> {
    diesel::update(server::table.find(id)).set(server::status.eq(status)).execute(connection)?;
    Ok(())
}

/// Lets a server take no new meetings, unless classes begin on it; answers whether that was so.
///
/// Quirk: the row is written first, so that somebody who makes it the default at the same moment comes before or after.
pub fn drain(connection: &mut DbConnection, id: ServerId) -> Result<bool, DbError> {
    set_status(connection, id, ServerStatus::Disabled)?;
    let default: Option<ServerId> =
        default_server::table.select(default_server::server_id).get_result(connection).optional()?;
    let is_needed = default == Some(id);
    if is_needed {
        set_status(connection, id, ServerStatus::Active)?;
    }
    Ok(!is_needed)
}

/// Lets classes begin on the server `id`; one that took none takes them again.
pub fn set_default(connection: &mut DbConnection, id: ServerId) -> Result<(), DbError> {
    set_status(connection, id, ServerStatus::Active)?;
    let row = (default_server::one.eq(true), default_server::server_id.eq(id));
    on_each_backend!(connection, |inner| diesel::insert_into(default_server::table)
        .values(row)
        .on_conflict(default_server::one)
        .do_update()
        .set(default_server::server_id.eq(id))
        .execute(inner))?;
    Ok(())
}

/// The server that classes begin on, if there is one and it is active.
pub fn find_default(connection: &mut DbConnection) -> Result<Option<Server>, DbError> {
    let row: Option<Row> = on_each_backend!(connection, |inner| default_server::table
        .inner_join(server::table)
        .filter(server::status.eq(ServerStatus::Active))
        .select(Row::as_select())
        .get_result(inner)
        .optional())?;
    row.map(Server::try_from).transpose()
}

/// Removes a server, unless classes begin on it; answers whether that was so.
pub fn remove(connection: &mut DbConnection, id: ServerId) -> Result<bool, DbError> {
    let is_default = exists(default_server::table.filter(default_server::server_id.eq(id)));
    let removed = diesel::delete(server::table.filter(server::id.eq(id).and(not(is_default))));
    Ok(removed.execute(connection)? == 1)
}

/// Whether a server's secret or key is stored: sealed.
pub fn has_credentials(connection: &mut DbConnection) -> Result<bool, DbError> {
    let sealed = server::table.filter(server::credentials.is_not_null());
    let count: i64 = sealed.count().get_result(connection)?;
    Ok(count > 0)
}

/// The server with this identifier.
pub fn find(connection: &mut DbConnection, id: ServerId) -> Result<Option<Server>, DbError> {
    let row: Option<Row> = on_each_backend!(connection, |inner| server::table
        .find(id)
        .select(Row::as_select())
        .get_result(inner)
        .optional())?;
    row.map(Server::try_from).transpose()
}

/// The server with this name.
///
/// Errors: [`ServerError::Unknown`].
pub fn find_named(connection: &mut DbConnection, name: &str) -> Result<Server, ServerError> {
    let row: Option<Row> = server::table
        .filter(server::name.eq(name))
        .select(Row::as_select())
        .get_result(connection)
        .optional()
        .map_err(DbError::from)?;
    Ok(row.ok_or_else(|| ServerError::Unknown(name.to_owned()))?.try_into()?)
}

/// A server, and whether new classes open there.
pub struct ListedServer {
    /// The server.
    pub server: Server,
    /// Whether it is the default.
    pub is_default: bool,
}

/// Lists all servers by name.
pub fn list(connection: &mut DbConnection) -> Result<Vec<ListedServer>, DbError> {
    let rows: Vec<(Row, Option<bool>)> = server::table
        .left_join(default_server::table)
        .order(server::name)
        .select((Row::as_select(), default_server::one.nullable()))
        .load(connection)?;
    let listed = |(row, default): (Row, Option<bool>)| {
        Ok(ListedServer { server: row.try_into()?, is_default: default.unwrap_or(false) })
    };
    rows.into_iter().map(listed).collect()
}
