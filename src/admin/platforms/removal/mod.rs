//! Removing a platform, with all that came with it.

pub mod store;
pub mod web;

use crate::admin::audit::action::Action;
use crate::admin::audit::store::{Event, record};
use crate::db::{DbError, Tx};
use crate::ids::PlatformId;

/// Deletes a platform with all that came with it, and writes down what that was.
pub fn delete(tx: &mut Tx<'_>, who: &str, id: PlatformId, name: &str) -> Result<(), DbError> {
    let before = format!("{:?}", store::count(tx.connection, id)?);
    store::remove(tx.connection, id)?;
    record(tx, &Event::done(who, Action::PlatformDelete, name).with(before, None))
}
