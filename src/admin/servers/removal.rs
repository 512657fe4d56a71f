//! Removing a server that nothing needs any more.

use crate::admin::audit::action::Action;
use crate::admin::audit::store::{Event, record};
use crate::db::{DbError, Tx};
use crate::rooms::meeting::store::{count_meetings_on, forget_server};
use crate::servers::{ServerError, store};

/// Why a server stays.
#[derive(Debug, thiserror::Error)]
pub enum ServerRemovalError {
    /// There is no such server, or the database failed.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// Classes begin on it.
    #[error("classes begin on {0}: make another server the default first (jitsi-lti server default NAME)")]
    IsDefault(String),
    /// Classes take place on it now.
    #[error("{} on {name} now: remove it when they are over", classes(*.count))]
    InUse {
        /// Its name.
        name: String,
        /// How many classes.
        count: i64,
    },
}

impl From<DbError> for ServerRemovalError {
    fn from(error: DbError) -> Self {
        Self::Server(error.into())
    }
}

/// Says how many classes take place.
pub fn classes(count: i64) -> String {
    if count == 1 { "1 class takes place".to_owned() } else { format!("{count} classes take place") }
}

/// Lets no class begin on a server any more; returns how many take place on it now.
pub fn drain(tx: &mut Tx<'_>, who: &str, name: &str) -> Result<i64, ServerRemovalError> {
    let server = store::find_named(tx.connection, name)?;
    if !store::drain(tx.connection, server.id)? {
        return Err(ServerRemovalError::IsDefault(server.name));
    }
    record(tx, &Event::done(who, Action::ServerDrain, &server.name))?;
    Ok(count_meetings_on(tx.connection, server.id, tx.now)?)
}

/// Removes a server, unless classes begin or take place on it.
pub fn remove(tx: &mut Tx<'_>, who: &str, name: &str) -> Result<(), ServerRemovalError> {
    let server = store::find_named(tx.connection, name)?;
    let count = count_meetings_on(tx.connection, server.id, tx.now)?;
    if !store::remove(tx.connection, server.id)? {
        return Err(ServerRemovalError::IsDefault(server.name));
    }
    if count > 0 {
        return Err(ServerRemovalError::InUse { name: server.name, count });
    }
    forget_server(tx.connection, server.id)?;
    let event = Event::done(who, Action::ServerRemove, &server.name).with(server.url.to_string(), None);
    Ok(record(tx, &event)?)
}
